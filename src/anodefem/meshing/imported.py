"""Meshes that others made: put into regions, and refused where they would fail.

A message says what is wrong with the file and what to do about it: no parameter can mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing import curved
from anodefem.meshing.foreign import Content, kind_of
from anodefem.meshing.simplices import (
    components,
    facets_of_cells,
    folded,
    keys,
    match,
    neighbours,
    oriented,
    quality,
)

#: Smallest and largest size of a body in um: an electrode's grains and blocks are between.
SMALLEST, LARGEST = 1e-3, 1e3
#: Mean ratio below which a cell is flat; the solver's matrices go with its inverse.
FLATTEST = 1e-3
_AXES = "xyz"

Label = int | str
#: Names of a mesh's measures and counts that no region can have.
_TAKEN = ("hull", "axis", "points", "cells", "facets")
Mask = npt.NDArray[np.bool_]


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
    sentences = [*_faults(mesh)]
    if sentences:
        raise InputError("\n".join(f"{path}: {sentence}" for sentence in sentences))
    return mesh


def check_size(path: Path, points: Array, unit: float) -> None:
    """Raise `InputError` if a body is not of the size of an electrode's parts.

    Args:
        path: The file, for the message.
        points: Corners or nodes of the body in um, shape ``(n, d)``.
        unit: Length of one unit of the file in um, for the message.
    """
    size = float(np.ptp(points, axis=0).max())
    if SMALLEST <= size <= LARGEST:
        return
    plain = size / unit
    fits = [
        name
        for name, length in (("m", 1e6), ("mm", 1e3), ("um", 1.0), ("nm", 1e-3))
        if SMALLEST <= plain * length <= LARGEST
    ]
    hint = "write " + " or ".join(f'unit = "1 {name}"' for name in fits) if fits else "scale it"
    raise InputError(
        f"{path}: is {plain:.4g} units of the file across, {size:.4g} um with unit = "
        f'"{unit:g} um"; a body is between 1 nm and 1 mm. If the unit is wrong, {hint}.'
    )


def check_names(regions: Iterable[str]) -> None:
    """Refuse names of regions that cannot stand in a case, or are those of something else.

    Raises:
        ValueError: A name is no plain word, or what facets or a count are called.
    """
    names = [*regions]
    of_facets = {f"{name}_{part}" for name in names for part in ("surface", "cavity")}
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"region '{name}' must be made of letters, digits and '_'")
        if name in of_facets or name in _TAKEN or name.startswith("symmetry_"):
            raise ValueError(f"region '{name}' has the name of something else that is measured")


def _regions(
    content: Content, labels: Indices | None, regions: Mapping[str, Label], dim: int
) -> tuple[Indices, tuple[str, ...]]:
    """Return the region of each cell as an index into the names of the regions."""
    path = content.path
    count = len(content.of([kind_of(content, dim)])[0])
    values = np.zeros(count, dtype=np.int64) if labels is None else labels
    present = [int(value) for value in np.unique(values)]
    if regions and present == [0]:
        raise InputError(
            f"{path}: has no groups, no sets of cells and no cell data of integers that would tell "
            "regions apart; leave out regions, or write it with them."
        )
    named = {name: tag for (of, tag), name in content.names.items() if of == dim}
    shown = {tag: f"{tag} ('{name}')" for name, tag in named.items()}
    inventory = ", ".join(
        f"{shown.get(tag, tag)}: {int((values == tag).sum())} cells" for tag in present
    )
    if not regions:
        if len(present) == 1 and present[0] not in named.values():
            return np.zeros(count, dtype=np.int64), ("particle",)
        regions = {name: name for name, tag in named.items() if tag in present}
        try:
            check_names(regions)
        except ValueError as error:
            raise InputError(
                f'{path}: {error}; call it otherwise: regions = {{ NAME = "...", ... }}.'
            ) from error
    wanted: dict[int, str] = {}
    for region, label in regions.items():
        tag = named.get(label) if isinstance(label, str) else label
        if tag not in present:
            raise InputError(
                f"{path}: no cell has the label {label!r} of region '{region}'; the labels of its "
                f"cells are {inventory}."
            )
        if int(tag) in wanted:
            raise InputError(
                f"{path}: '{wanted[int(tag)]}' and '{region}' have the same label, {label!r}; a "
                "cell is in one region."
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
