"""From a geometry to mesh files that can be trusted."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from anodefem.cases.geometry import GeometryChoice
from anodefem.errors import InputError
from anodefem.files import folder_error
from anodefem.geometry import MAX_CELLS, Array, Geometry, Indices, Roles, SimplexMesh, portable
from anodefem.meshing import curved, limits, session, validity
from anodefem.meshing.anchors import anchors
from anodefem.meshing.manifest import Manifest
from anodefem.meshing.simplices import compact, match, oriented, quality, volumes
from anodefem.meshing.split import split_at_surfaces
from anodefem.meshing.write import fingerprint, write

__all__ = ["Manifest", "make_mesh", "mesh_choice"]


def mesh_choice(choice: GeometryChoice, folder: Path) -> Manifest:
    """Mesh the geometry of a case; see `make_mesh`.

    Args:
        choice: Of the case.
        folder: Where the files of the mesh go.

    Raises:
        InputError: The geometry cannot be meshed so, or the folder cannot be written.
    """
    return make_mesh(
        choice.plugin,
        choice.parameters,
        kinematics=choice.kinematics,
        order=choice.order,
        refinement=choice.refinement,
        max_cells=choice.max_cells,
        folder=folder,
    )


def make_mesh(
    geometry: Geometry,
    p: Any,
    *,
    kinematics: str,
    order: int = 1,
    refinement: float = 1.0,
    max_cells: int = MAX_CELLS,
    folder: Path,
    time_limit: float = 300.0,
) -> Manifest:
    """Mesh a geometry, check the mesh, and write it; on one process only.

    Args:
        geometry: What to mesh.
        p: Its parameters.
        kinematics: One of the geometry's.
        order: 1 for straight cells, 2 for second-order cells on curved surfaces.
        refinement: Every edge that gmsh makes is divided by it.
        max_cells: More cells than that, roughly, are refused before they are made.
        folder: Where ``mesh.xdmf``, ``facets.xdmf``, ``mesh.msh``, ``gmsh.log`` and, last of all,
            ``manifest.json`` go; made if it does not exist.
        time_limit: Seconds after which gmsh is stopped.

    Raises:
        InputError: The geometry cannot be meshed so, or the folder cannot be written.
    """
    geometry.check_kinematics(kinematics)
    if order not in (1, 2):
        raise InputError(f"mesh order {order}: must be 1 (straight cells) or 2 (curved cells).")
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gmsh.log").write_text("", encoding="utf-8")
    except OSError as error:
        raise folder_error(folder, error) from error

    roles, exact = geometry.roles(p, kinematics), geometry.exact(p, kinematics)
    with limits.at_most(max_cells):
        mesh, log = _made(
            geometry,
            p,
            kinematics=kinematics,
            order=order,
            refinement=refinement,
            time_limit=time_limit,
        )
    orientation = _orientation(mesh)
    mesh = compact(oriented(mesh))
    # A case may put flux or SEI on any surface but where the body goes on.
    others = [name for name in mesh.facet_names if name not in roles.cuts]
    mesh = split_at_surfaces(mesh, [*roles.surfaces, *others])
    roles = replace(roles, anchor=anchors(mesh, roles, kinematics))
    validity.check(mesh, geometry, roles)
    if order == 2:
        mesh, straighter = curved.unfolded(mesh, roles.periodic)
        if straighter:
            log += f"\n{straighter} edges are less curved than the body: cells would fold over\n"
    points, cells, facets = (
        (mesh.points, mesh.cells, mesh.facets) if order == 1 else curved.promoted(mesh)
    )
    folded = (curved.smallest_jacobian(points, cells, mesh.dim) <= 0).sum()
    if folded:
        raise InputError(
            f"geometry '{geometry.name}': {folded} second-order cells fold over; "
            "raise 'refinement' or use order 1."
        )
    measures = _measures(mesh, points, cells, facets, roles, kinematics)
    validity.check_measures(measures, exact, geometry)

    manifest = Manifest(
        geometry=geometry.name,
        kinematics=kinematics,
        order=order,
        unit="um",
        parameters=portable(p),
        cells={name: tag for tag, name in enumerate(mesh.cell_names, start=1)},
        facets={name: tag for tag, name in enumerate(mesh.facet_names, start=1)},
        roles=roles,
        counts=_counts(mesh, points),
        measures=measures,
        exact=exact,
        quality=_quality(mesh),
        hash=fingerprint(points, cells, mesh.cell_groups, facets, mesh.facet_groups),
        versions={name: _version(name) for name in ("gmsh", "meshio", "numpy")},
        orientation=orientation,
    )
    try:
        (folder / "gmsh.log").write_text(log, encoding="utf-8")
        write(
            folder,
            points,
            (cells, mesh.cell_groups + 1, mesh.cell_names),
            (facets, mesh.facet_groups + 1, mesh.facet_names),
        )
        manifest.save(folder)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error}).") from error
    return manifest


def _made(
    geometry: Geometry,
    p: Any,
    *,
    kinematics: str,
    order: int,
    refinement: float,
    time_limit: float,
) -> tuple[SimplexMesh, str]:
    mesh = None if geometry.discretise is None else geometry.discretise(p, kinematics)
    log = "made without gmsh\n"
    if mesh is None:
        mesh, log = session.drawn(
            geometry,
            p,
            kinematics=kinematics,
            order=order,
            refinement=refinement,
            time_limit=time_limit,
        )
    return (mesh if geometry.finish is None else geometry.finish(mesh, p, kinematics)), log


def _orientation(mesh: SimplexMesh) -> str:
    positive = volumes(mesh.points, mesh.cells) > 0
    return "positive" if positive.all() else "mixed" if positive.any() else "negative"


def _measures(
    mesh: SimplexMesh, points: Array, cells: Indices, facets: Indices, roles: Roles, kinematics: str
) -> dict[str, float]:
    found: dict[str, float] = {}
    for dim, names, simplices, groups in (
        (mesh.dim, mesh.cell_names, cells, mesh.cell_groups),
        (mesh.dim - 1, mesh.facet_names, facets, mesh.facet_groups),
    ):
        sizes = curved.measures(points, simplices, dim, kinematics)
        total = np.bincount(groups, weights=sizes, minlength=len(names))
        found |= {name: float(value) for name, value in zip(names, total, strict=True)}
    hull = np.isin(mesh.facet_groups, [mesh.facet_names.index(name) for name in roles.hull])
    owner = match(mesh.cells, mesh.facets[hull], len(mesh.points))[:, 0]
    inside = mesh.points[mesh.cells[owner]].mean(axis=1)
    found["hull"] = curved.enclosed_volume(points, facets[hull], inside, kinematics)
    return found


def _counts(mesh: SimplexMesh, points: Array) -> dict[str, int]:
    counts = {"points": len(points), "cells": len(mesh.cells), "facets": len(mesh.facets)}
    for names, groups in (
        (mesh.cell_names, mesh.cell_groups),
        (mesh.facet_names, mesh.facet_groups),
    ):
        found = np.bincount(groups, minlength=len(names))
        counts |= {name: int(count) for name, count in zip(names, found, strict=True)}
    return counts


def _quality(mesh: SimplexMesh) -> dict[str, dict[str, float]]:
    values = quality(mesh.points, mesh.cells)
    found = {}
    for index, name in enumerate(mesh.cell_names):
        low, one_percent, half = np.quantile(values[mesh.cell_groups == index], (0.0, 0.01, 0.5))
        found[name] = {"min": float(low), "p01": float(one_percent), "p50": float(half)}
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
