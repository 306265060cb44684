"""gmsh, in a process of its own.

gmsh keeps global state, may run for ever and ignores SIGTERM while it meshes. A child process can
be killed, leaves nothing behind in the solver, and gives the same mesh whatever ran before.
"""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from anodefem import geometry as plugins
from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Indices, SimplexMesh
from anodefem.meshing import child, limits

# gmsh's numbers of element types: line, triangle, tetrahedron and their second-order forms.
_FIRST_ORDER = {1: 1, 2: 2, 3: 4}
_SECOND_ORDER = {1: 8, 2: 9, 3: 11}
_FACET_EDGES = {1: ((0, 1),), 2: ((0, 1), (1, 2), (2, 0))}

_OPTIONS = {
    "General.Terminal": 0,
    "General.NumThreads": 1,  # two threads do not give the same mesh twice
    "Mesh.Algorithm": 6,  # Frontal-Delaunay
    "Mesh.Algorithm3D": 10,  # HXT: an order of magnitude better worst cell than Delaunay here
    "Mesh.RandomSeed": 1,
    "Mesh.MeshSizeFromPoints": 1,
    "Mesh.MeshSizeFromCurvature": 0,
    "Mesh.Optimize": 1,
    "Mesh.OptimizeNetgen": 0,
    "Mesh.SecondOrderLinear": 0,
    "Mesh.HighOrderOptimize": 0,
}


def drawn(
    geometry: Geometry,
    p: Any,
    *,
    kinematics: str,
    order: int,
    refinement: float = 1.0,
    time_limit: float,
) -> tuple[SimplexMesh, str]:
    """Return what gmsh makes of a geometry, and what it logged.

    Args:
        geometry: A geometry with ``build``.
        p: Its parameters.
        kinematics: One of the geometry's.
        order: 2 adds the middles of curved edges.
        refinement: Every size that the geometry asks for is divided by it.
        time_limit: Seconds after which gmsh is killed.

    Raises:
        InputError: gmsh is missing, failed, crashed or did not end, or cells are not named.
    """
    job = {
        "origin": geometry.origin,
        "kinematics": kinematics,
        "order": order,
        "refinement": refinement,
        "max_cells": limits.largest(),
    }
    where = f"geometry '{geometry.name}'"
    with tempfile.TemporaryDirectory(prefix="anodefem-") as name:
        folder = Path(name)
        # Parameters may hold dataclasses of the plugin's own; JSON would not give them back.
        (folder / "parameters").write_bytes(pickle.dumps(p))
        try:
            child.run(__name__, job, folder, time_limit=time_limit)
        except child.TookTooLong as error:
            raise InputError(
                f"{where}: gmsh did not finish within {time_limit:g} s and was stopped; "
                "lower 'refinement', or check that no two surfaces nearly touch."
            ) from error
        except child.Crashed as error:
            raise InputError(f"{where}: gmsh ended with {error}") from error
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        return _read(folder), (folder / "gmsh.log").read_text(encoding="utf-8")


def _read(folder: Path) -> SimplexMesh:
    names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
    with np.load(folder / "mesh.npz") as arrays:
        return SimplexMesh(
            cell_names=tuple(names["cells"]), facet_names=tuple(names["facets"]), **arrays
        )


def _work(job: Mapping[str, Any], folder: Path) -> None:
    """Draw and mesh, and leave the mesh in the folder."""
    try:
        import gmsh
    except (ImportError, OSError) as error:  # OSError: a library that the wheel links is missing
        raise InputError(
            f"gmsh cannot be imported ({error}); install the Python package gmsh, or use the "
            "environment that container/run builds."
        ) from error
    geometry = plugins.load(job["origin"])
    if geometry.build is None:
        raise InputError("it has nothing to draw.")
    p = pickle.loads((folder / "parameters").read_bytes())
    dim = 3 if job["kinematics"] == "3d" else 2

    gmsh.initialize(readConfigFiles=False, interruptible=False)
    gmsh.logger.start()
    stage = "drawing"
    try:
        for option, value in _OPTIONS.items():
            gmsh.option.setNumber(option, value)
        gmsh.option.setNumber("Mesh.MeshSizeFactor", 1.0 / job["refinement"])
        gmsh.model.add(geometry.name)
        # Sizes are those before gmsh divides them by the refinement.
        with limits.at_most(job["max_cells"] / job["refinement"] ** dim):
            geometry.build(gmsh.model, p, job["kinematics"])
        # Sizes given at points must spread inwards; a size field already covers the inside.
        fields = len(gmsh.model.mesh.field.list())
        gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 0 if fields else 1)
        stage = "meshing"
        gmsh.model.mesh.generate(dim)
        if job["order"] == 2:
            gmsh.model.mesh.setOrder(2)
        stage = "naming"
        _write(gmsh.model, dim, job["order"], folder)
    except InputError:
        raise
    except Exception as error:  # gmsh raises plain Exception for everything
        raise InputError(f"gmsh failed while {stage}: {error}") from error
    finally:
        (folder / "gmsh.log").write_text("\n".join(gmsh.logger.get()), encoding="utf-8")
        gmsh.logger.stop()
        gmsh.finalize()


def _write(model: Any, dim: int, order: int, folder: Path) -> None:
    tags, coordinates, _ = model.mesh.getNodes()
    if not model.getEntities(dim) or not len(tags):
        raise InputError(f"it drew nothing of dimension {dim} that could be meshed.")
    points = np.asarray(coordinates).reshape(-1, 3)[:, :dim]
    # Sines and splines leave 1e-17 where the axis and the planes of symmetry must be met.
    points[np.abs(points) < 1e-12 * np.abs(points).max()] = 0.0
    number = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    number[tags.astype(np.int64)] = np.arange(len(tags))

    cells, cell_groups, cell_names = _groups(model, dim, order, number, complete=True)
    facets, facet_groups, facet_names = _groups(model, dim - 1, order, number, complete=False)
    if order == 2:
        edges, middles = _curved(model, dim - 1, number, points)
    else:
        edges, middles = np.empty((0, 2), dtype=np.int64), np.empty((0, dim))

    # Middles of edges become points again when the mesh is promoted: keep the vertices only.
    used = np.zeros(len(points), dtype=bool)
    used[cells] = True
    vertex = np.cumsum(used) - 1
    names = {"cells": cell_names, "facets": facet_names}
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    np.savez(
        folder / "mesh.npz",
        points=points[used],
        cells=vertex[cells],
        cell_groups=cell_groups,
        facets=vertex[facets],
        facet_groups=facet_groups,
        curved_edges=vertex[edges],
        curved_middles=middles,
    )


def _elements(model: Any, dim: int, order: int, entity: int, number: Indices) -> Indices:
    kind = (_FIRST_ORDER if order == 1 else _SECOND_ORDER)[dim]
    _, nodes = model.mesh.getElementsByType(kind, entity)
    columns = model.mesh.getElementProperties(kind)[3]
    return number[np.asarray(nodes, dtype=np.int64)].reshape(-1, columns)


def _groups(
    model: Any, dim: int, order: int, number: Indices, *, complete: bool
) -> tuple[Indices, Indices, list[str]]:
    """Vertices and group of every grouped element of one dimension, and the names of the groups."""
    names = sorted({model.getPhysicalName(dim, tag) for _, tag in model.getPhysicalGroups(dim)})
    elements: list[Indices] = [np.empty((0, dim + 1), dtype=np.int64)]
    groups: list[Indices] = [np.empty(0, dtype=np.int64)]
    for _, entity in model.getEntities(dim):
        tags = model.getPhysicalGroupsForEntity(dim, entity)
        found = [model.getPhysicalName(dim, tag) for tag in tags]
        if "" in found or len(found) > 1 or (complete and not found):
            raise InputError(
                f"entity {entity} of dimension {dim} is in {len(found)} named groups {found}; "
                "put every cell into exactly one named physical group, a facet into one at most."
            )
        if found:
            nodes = _elements(model, dim, order, entity, number)[:, : dim + 1]
            elements.append(nodes)
            groups.append(np.full(len(nodes), names.index(found[0]), dtype=np.int64))
    return np.concatenate(elements), np.concatenate(groups), names


def _curved(model: Any, dim: int, number: Indices, points: Array) -> tuple[Indices, Array]:
    """Edges of facets whose middle gmsh put elsewhere than halfway, and where."""
    edges, middles = [], []
    for _, entity in model.getEntities(dim):
        nodes = _elements(model, dim, 2, entity, number)
        for column, (i, j) in enumerate(_FACET_EDGES[dim], start=dim + 1):
            edges.append(nodes[:, (i, j)])
            middles.append(points[nodes[:, column]])
    every, first = np.unique(np.sort(np.concatenate(edges), axis=1), axis=0, return_index=True)
    middle = np.concatenate(middles)[first]
    ends = points[every]
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    bent = np.linalg.norm(middle - ends.mean(axis=1), axis=1) > 1e-9 * length
    return every[bent], middle[bent]


if __name__ == "__main__":
    child.serve(_work)
