"""Meshes that others made: read with meshio, put into regions, and refused where they would fail.

A message says what is wrong with the file and what to do about it: no parameter can mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing import curved
from anodefem.meshing.simplices import (
    components,
    exterior,
    facets_of_cells,
    folded,
    keys,
    match,
    name_exterior,
    neighbours,
    oriented,
    quality,
)

#: Smallest and largest size of a body in um: an electrode's grains and blocks are between.
SMALLEST, LARGEST = 1e-3, 1e3
#: Mean ratio below which a cell is flat; the solver's matrices go with its inverse.
FLATTEST = 1e-3
_CORNERS = {"line": 2, "triangle": 3, "tetra": 4, "line3": 2, "triangle6": 3, "tetra10": 4}
_IGNORED = ("vertex", "line", "line3")
_KNOWN_LABELS = ("gmsh:physical", "medit:ref", "cell_tags")
_AXES = "xyz"

Label = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a mesh file holds, in its own unit.

    Attributes:
        path: The file.
        points: Shape ``(n, 3)``.
        blocks: Type of cell, node numbers ``(m, nodes)`` and label of each cell (0 where it has
            none) or ``None`` for every block.
        names: (dimension, label) -> name that the file gives to it.
    """

    path: Path
    points: Array
    blocks: Sequence[tuple[str, Indices, Indices | None]]
    names: Mapping[tuple[int, int], str]

    def counts(self) -> dict[str, int]:
        """Return how many cells of each type there are."""
        found: dict[str, int] = {}
        for kind, nodes, _ in self.blocks:
            found[kind] = found.get(kind, 0) + len(nodes)
        return found

    def of(self, kinds: Iterable[str]) -> tuple[Indices, Indices | None]:
        """Return nodes and labels of all cells of some types that have the same nodes."""
        chosen = [(nodes, labels) for kind, nodes, labels in self.blocks if kind in kinds]
        nodes = np.concatenate([nodes for nodes, _ in chosen])
        if all(labels is None for _, labels in chosen):
            return nodes, None
        filled = [np.zeros(len(n), dtype=np.int64) if v is None else v for n, v in chosen]
        return nodes, np.concatenate(filled)


def load(path: Path, labels: str | None) -> Content:
    """Read a file.

    Args:
        path: Any format of meshio's.
        labels: Cell data that tells regions apart; found if ``None``.

    Raises:
        InputError: It cannot be read, is empty, or the labels cannot be found.
    """
    import meshio

    try:
        mesh = meshio.read(path)
    except (Exception, SystemExit) as error:  # meshio leaves by sys.exit on some files
        raise InputError(
            f"{path}: cannot be read as a mesh ({type(error).__name__}: {error}); give a file that "
            "meshio reads (.msh, .vtu, .vtk, .xdmf, .inp, .med, .stl, ...) or a voxel image (.npy, "
            ".npz)."
        ) from error
    points = np.asarray(mesh.points, dtype=np.float64)
    if not len(points) or not mesh.cells:
        raise InputError(f"{path}: holds no cells; give a mesh of triangles or tetrahedra.")
    if not np.isfinite(points).all():
        raise InputError(f"{path}: has coordinates that are not numbers; write the mesh again.")
    points = np.pad(points, ((0, 0), (0, 3 - points.shape[1])))
    found, names = _labels(path, mesh, labels)
    return Content(
        path=path,
        points=points,
        blocks=[
            (block.type, np.asarray(block.data, dtype=np.int64), values)
            for block, values in zip(mesh.cells, found, strict=True)
        ],
        names=names,
    )


def _labels(
    path: Path, mesh: Any, wanted: str | None
) -> tuple[list[Indices | None], dict[tuple[int, int], str]]:
    """Return the labels of each block's cells, and names of labels by (dimension, label)."""
    data = {
        name: [np.asarray(values).ravel() for values in blocks]
        for name, blocks in mesh.cell_data.items()
        if all(_whole(values) for values in blocks)
    }
    names = {(int(dim), int(tag)): str(name) for name, (tag, dim) in mesh.field_data.items()}
    if wanted is not None and wanted not in data:
        listed = ", ".join(f"'{name}'" for name in sorted(data)) or "none"
        raise InputError(
            f"{path}: has no cell data of integers called labels = '{wanted}'; it has: {listed}."
        )
    choices = [name for name in data if name != "gmsh:geometrical"]
    known = [name for name in _KNOWN_LABELS if name in data]
    if wanted is None and not known and len(choices) > 1:
        listed = ", ".join(f"'{name}'" for name in sorted(choices))
        raise InputError(
            f"{path}: has several cell data that may tell regions apart ({listed}); choose one: "
            'labels = "NAME".'
        )
    chosen = wanted or (known or choices or [""])[0]
    if chosen:
        return [values.astype(np.int64) for values in data[chosen]], names
    sets = {name: one for name, one in mesh.cell_sets.items() if not name.startswith("gmsh:")}
    if not sets:
        return [None] * len(mesh.cells), {}
    found = [np.zeros(len(block.data), dtype=np.int64) for block in mesh.cells]
    for number, (name, blocks) in enumerate(sets.items(), start=1):
        for values, block, chosen_cells in zip(found, mesh.cells, blocks, strict=True):
            if chosen_cells is not None and len(chosen_cells):
                values[chosen_cells] = number
                names[int(block.dim), number] = str(name)
    return list(found), names


def _whole(values: Any) -> bool:
    array = np.asarray(values)
    if array.size != len(array) or not np.issubdtype(array.dtype, np.number):
        return False
    return bool(np.isfinite(array).all() and (array == np.round(array)).all())


def kind_of(content: Content, dim: int) -> str:
    """Return the one type of cell of dimension ``dim`` that the file has.

    Raises:
        InputError: Other cells, several types, or none of that dimension.
    """
    counts = content.counts()
    allowed = {2: ("triangle", "triangle6"), 3: ("tetra", "tetra10")}[dim]
    kinds = [kind for kind in allowed if kind in counts]
    sides = {3: ("triangle", "triangle6", *_IGNORED), 2: _IGNORED}[dim]
    others = [kind for kind in counts if kind not in (*allowed, *sides)]
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    word = {2: "triangles", 3: "tetrahedra"}[dim]
    if others or len(kinds) > 1:
        raise InputError(
            f"{content.path}: holds {told}; all cells must be {word} of one order (first or "
            "second). Mesh the body again without recombining, or split the other cells."
        )
    if not kinds:
        raise InputError(
            f"{content.path}: holds {told}, no {word}; choose the kinematics that fit the mesh, or "
            "mesh the inside of the body."
        )
    return kinds[0]


def simplex_mesh(
    content: Content, *, unit: float, regions: Mapping[str, Label], dim: int
) -> SimplexMesh:
    """Return the cells of a file in regions, with the facets that the file names.

    Args:
        content: The file.
        unit: Length of one unit of its coordinates in um.
        regions: Region -> label, or name of the label in the file; empty for the file's names.
        dim: 2 or 3.

    Raises:
        InputError: Everything that is wrong with the mesh.
    """
    path = content.path
    kind = kind_of(content, dim)
    nodes, labels = content.of([kind])
    points = content.points * unit
    if dim == 2:
        used = points[np.unique(nodes)]
        height = float(np.ptp(used[:, 2]))
        if height > 1e-9 * float(np.ptp(used, axis=0).max()):
            raise InputError(
                f"{path}: its triangles do not lie in the plane of x and y (z differs by "
                f"{height:.3g} um); turn the section into that plane, or use kinematics 3d for a "
                "closed surface."
            )
        points = points[:, :2]
    check_size(path, points[np.unique(nodes)], unit)
    groups, names = _regions(content, labels, regions, dim)
    corners = nodes[:, : dim + 1]
    edges, middles = _bent(points, nodes, dim)
    facets, facet_groups, facet_names = _facets(content, corners, dim, names)
    mesh = SimplexMesh(
        points=points,
        cells=corners,
        cell_groups=groups,
        cell_names=names,
        facets=facets,
        facet_groups=facet_groups,
        facet_names=facet_names,
        curved_edges=edges,
        curved_middles=middles,
    )
    told = [*_faults(mesh)]
    if told:
        raise InputError("\n".join(f"{path}: {sentence}" for sentence in told))
    return mesh


def check_size(path: Path, points: Array, unit: float) -> None:
    """Raise `InputError` if a body is not of the size of an electrode's parts."""
    size = float(np.ptp(points, axis=0).max())
    if SMALLEST <= size <= LARGEST:
        return
    plain = size / unit
    fits = [
        name
        for name, length in (("m", 1e6), ("mm", 1e3), ("um", 1.0), ("nm", 1e-3))
        if SMALLEST <= plain * length <= LARGEST
    ]
    hint = " or ".join(f'unit = "1 {name}"' for name in fits) or "scale it"
    raise InputError(
        f"{path}: is {plain:.4g} units of the file across, {size:.4g} um with unit = "
        f'"{unit:g} um"; a body is between 1 nm and 1 mm. If the unit is wrong, write {hint}.'
    )


def _regions(
    content: Content, labels: Indices | None, regions: Mapping[str, Label], dim: int
) -> tuple[Indices, tuple[str, ...]]:
    """Return the region of each cell as an index into the names of the regions."""
    path = content.path
    count = len(content.of([kind_of(content, dim)])[0])
    values = np.zeros(count, dtype=np.int64) if labels is None else labels
    present = [int(value) for value in np.unique(values)]
    named = {name: tag for (of, tag), name in content.names.items() if of == dim}
    told = {tag: f"{tag} ('{name}')" for name, tag in named.items()}
    inventory = ", ".join(
        f"{told.get(tag, tag)}: {int((values == tag).sum())} cells" for tag in present
    )
    if not regions:
        if len(present) == 1 and present[0] not in named.values():
            return np.zeros(count, dtype=np.int64), ("particle",)
        regions = {name: name for name, tag in named.items() if tag in present}
    wanted: dict[int, str] = {}
    for region, label in regions.items():
        tag = named.get(label) if isinstance(label, str) else label
        if tag not in present:
            raise InputError(
                f"{path}: no cell has the label {label!r} of region '{region}'; the labels of its "
                f"cells are {inventory}."
            )
        wanted[int(tag)] = region
    left = [tag for tag in present if tag not in wanted]
    if left:
        some = int(np.isin(values, left).sum())
        raise InputError(
            f"{path}: {some} cells are in no region (labels {inventory}); give every label one, "
            f"regions = {{ NAME = {left[0]}, ... }}, or put the cells into a physical group, or "
            "leave them out of the file."
        )
    names = tuple(dict.fromkeys(wanted.values()))
    place = {tag: names.index(region) for tag, region in wanted.items()}
    return np.array([place[int(value)] for value in present])[
        np.searchsorted(present, values)
    ], names


def _bent(points: Array, nodes: Indices, dim: int) -> tuple[Indices, Array]:
    """Return edges of second-order cells whose middle is not halfway, and where it is."""
    pairs = curved.EDGES[dim + 1]
    if nodes.shape[1] == dim + 1:
        return np.empty((0, 2), dtype=np.int64), np.empty((0, dim))
    edges = np.sort(np.concatenate([nodes[:, pair] for pair in pairs]), axis=1)
    middles = np.concatenate([nodes[:, dim + 1 + i] for i in range(len(pairs))])
    _, first = np.unique(keys(edges, len(points)), return_index=True)
    edges, places = edges[first], points[middles[first]]
    ends = points[edges]
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    bent = np.linalg.norm(places - ends.mean(axis=1), axis=1) > 1e-9 * length
    return edges[bent], places[bent]


def _facets(
    content: Content, cells: Indices, dim: int, regions: Sequence[str]
) -> tuple[Indices, Indices, tuple[str, ...]]:
    """Return the facets that have a label in the file; labels without a name get "surface_N"."""
    kinds = {3: ("triangle", "triangle6"), 2: ("line", "line3")}[dim]
    chosen = [kind for kind in kinds if kind in content.counts()]
    empty = np.empty((0, dim), dtype=np.int64), np.empty(0, dtype=np.int64), ()
    if not chosen:
        return empty
    parts = [content.of([kind]) for kind in chosen]
    facets = np.concatenate([nodes[:, :dim] for nodes, _ in parts])
    labels = np.concatenate(
        [np.zeros(len(n), dtype=np.int64) if v is None else v for n, v in parts]
    )
    points = len(content.points)
    _, first = np.unique(keys(facets, points), return_index=True)
    facets, labels = facets[first], labels[first]
    kept = (labels != 0) & (match(cells, facets, points)[:, 0] >= 0)
    facets, labels = facets[kept], labels[kept]
    present = np.unique(labels)
    names = [content.names.get((dim - 1, int(tag)), f"surface_{tag}") for tag in present]
    twice = sorted({*names} & {*regions})
    if twice:
        raise InputError(
            f"{content.path}: '{twice[0]}' is the name of a region and of a surface; call the "
            f'region otherwise: regions = {{ NAME = "{twice[0]}" }}.'
        )
    order = sorted(set(names))
    place = np.array([order.index(name) for name in names], dtype=np.int64)
    return facets, place[np.searchsorted(present, labels)], tuple(order)


def _faults(mesh: SimplexMesh) -> Iterator[str]:
    """Yield what is wrong with cells and how they hang together."""
    count = len(mesh.points)
    good = oriented(mesh)
    flat = quality(good.points, good.cells) < FLATTEST
    if flat.any():
        yield (
            f"{int(flat.sum())} of {len(flat)} cells are degenerate (flat, or with coinciding "
            f"points), the first {_near(good, np.flatnonzero(flat))}; improve the mesh in the "
            "program that made it, or remove them."
        )
        return
    facets = facets_of_cells(good.cells).reshape(-1, mesh.dim)
    if (np.unique(keys(facets, count), return_counts=True)[1] > 2).any():
        yield "three cells share a facet: cells are there twice, or overlap; remove the surplus."
        return
    over = folded(good.cells, count)
    if len(over):
        yield (
            f"{len(over)} facets have both their cells on one side: cells are inverted and overlap "
            f"their neighbours, the first {_near(good, over[:, 0])}; mesh the body again, or undo "
            "the last smoothing or morphing."
        )
    pieces = _pieces(good.cells, count)
    if len(pieces) > 1:
        _, same = np.unique(np.round(mesh.points / (1e-9 * np.ptp(mesh.points)), 0), axis=0,
                            return_inverse=True)  # fmt: skip
        whole = len(_pieces(same.ravel()[good.cells], count)) == 1
        yield (
            f"falls into {len(pieces)} pieces ({', '.join(map(str, pieces[:5]))} cells) that share "
            "no facet; "
            + (
                "points at the same place are there twice: merge them (gmsh: coherence mesh)."
                if whole
                else "a run holds one connected body: keep one piece, or mesh what joins them."
            )
        )


def _pieces(cells: Indices, points: int) -> list[int]:
    label = components(len(cells), neighbours(cells, points))
    return sorted(map(int, np.unique(label, return_counts=True)[1]), reverse=True)


def _near(mesh: SimplexMesh, cells: Indices) -> str:
    place = mesh.points[mesh.cells[cells[0]]].mean(axis=0)
    return f"at ({', '.join(f'{value:.4g}' for value in place)}) um"


def with_surfaces(
    mesh: SimplexMesh, *, where: object, symmetry: Sequence[str], kinematics: str
) -> SimplexMesh:
    """Return the mesh moved to its planes of symmetry, with every facet of its boundary named.

    Facets of the planes are called "symmetry_x" and so on (on the axis of revolution "axis"),
    whatever the file calls them; what has no name yet is called "REGION_surface".

    Args:
        mesh: A mesh in um.
        where: The file, for messages.
        symmetry: Such as ``("x_min", "z_max")``: the body ends there in a plane of symmetry.
        kinematics: One of `anodefem.geometry.KINEMATICS`.

    Raises:
        InputError: The body is not flat there, or reaches across the axis of revolution.
    """
    size = float(np.ptp(mesh.points, axis=0).max())
    planes: dict[str, tuple[int, float]] = {}
    shift = np.zeros(mesh.dim)
    used = mesh.points[np.unique(mesh.cells)]
    for entry in symmetry:
        axis = _AXES.index(entry[0])
        if axis >= mesh.dim or (kinematics == "axisymmetric" and axis == 0):
            raise InputError(f"{where}: symmetry = '{entry}' has no meaning for {kinematics}.")
        shift[axis] = -float(used[:, axis].min() if entry.endswith("min") else used[:, axis].max())
        planes[f"symmetry_{entry[0]}"] = (axis, 0.0)
    if kinematics == "axisymmetric":
        inner = float(used[:, 0].min())
        if inner < -1e-6 * size:
            raise InputError(
                f"{where}: reaches across the axis of revolution, to x = {inner:.4g} um; keep the "
                "half with x >= 0, where x is the radius and y the height."
            )
        if inner < 1e-6 * size:
            planes["axis"] = (0, 0.0)

    def moved(points: Array) -> Array:
        there = points + shift
        for axis, _ in planes.values():
            there[np.abs(there[:, axis]) < 1e-6 * size, axis] = 0.0
        return there

    mesh = mesh.moved(moved)
    flat = np.zeros(len(mesh.facets), dtype=bool)
    for axis, _ in planes.values():
        flat |= (mesh.points[mesh.facets, axis] == 0.0).all(axis=1)
    mesh = replace(mesh, facets=mesh.facets[~flat], facet_groups=mesh.facet_groups[~flat])
    mesh = name_exterior(mesh, planes)
    for name, (axis, _) in planes.items():
        if name not in mesh.facet_names and name != "axis":
            entry = next(entry for entry in symmetry if entry[0] == _AXES[axis])
            raise InputError(
                f"{where}: symmetry = '{entry}', but no facet lies in a plane there; leave it out, "
                "or cut the body flat."
            )
    for region in mesh.cell_names:
        mesh = name_exterior(mesh, {}, of=region, rest=f"{region}_surface")
    return without_empty(mesh)


def without_empty(mesh: SimplexMesh) -> SimplexMesh:
    """Return the mesh without facet groups that have no facet."""
    present = np.unique(mesh.facet_groups)
    return replace(
        mesh,
        facet_groups=np.searchsorted(present, mesh.facet_groups),
        facet_names=tuple(mesh.facet_names[index] for index in present),
    )


def outer_surfaces(mesh: SimplexMesh, *, where: object, held: Iterable[str]) -> tuple[str, ...]:
    """Return the facet groups that make the outside, without those that are ``held``.

    Raises:
        InputError: A group lies partly inside the body.
    """
    count = len(mesh.points)
    outside = np.isin(keys(mesh.facets, count), keys(exterior(mesh.cells, count), count))
    found = []
    for number, name in enumerate(mesh.facet_names):
        mine = outside[mesh.facet_groups == number]
        if mine.any() and not mine.all():
            raise InputError(
                f"{where}: {int((~mine).sum())} of {len(mine)} facets of surface '{name}' lie "
                "inside the body; give what is inside and what is outside different names."
            )
        if mine.all() and name not in held:
            found.append(name)
    return tuple(found)
