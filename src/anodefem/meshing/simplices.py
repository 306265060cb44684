"""Counting, orienting and judging simplices with numpy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from anodefem.geometry import Array, Indices, Sides, SimplexMesh


def keys(simplices: Indices, points: int) -> Indices:
    """Return one integer per row that depends only on the set of its vertices.

    Args:
        simplices: Vertex numbers, shape ``(n, k)`` with k <= 3.
        points: Number of points; its k-th power must fit 63 bits (2 million points for k = 3).
    """
    rows = np.sort(simplices, axis=1)
    key = rows[:, 0].astype(np.int64)
    for column in range(1, rows.shape[1]):
        key = key * points + rows[:, column]
    return key


def facets_of_cells(cells: Indices) -> Indices:
    """Return the facets of every cell, shape ``(m, dim + 1, dim)``; facet i faces vertex i."""
    corners = cells.shape[1]
    order = [[j for j in range(corners) if j != i] for i in range(corners)]
    return cells[:, np.array(order)]


def edges_of(simplices: Indices) -> Indices:
    """Return the distinct edges, smaller vertex first, shape ``(e, 2)``."""
    pairs = combinations(range(simplices.shape[1]), 2)
    edges = np.sort(np.concatenate([simplices[:, pair] for pair in pairs]), axis=1)
    # One number per edge sorts ten times faster than rows do.
    points = int(simplices.max(initial=0)) + 1
    return np.stack(np.divmod(np.unique(edges[:, 0] * points + edges[:, 1]), points), axis=1)


def match(cells: Indices, facets: Indices, points: int) -> Indices:
    """Return the cells on both sides of each facet, shape ``(k, 2)``; -1 where there is none.

    Args:
        cells: Vertex numbers, shape ``(m, dim + 1)``.
        facets: Vertex numbers, shape ``(k, dim)``.
        points: Number of points.
    """
    per_cell = cells.shape[1]
    all_keys = keys(facets_of_cells(cells).reshape(-1, per_cell - 1), points)
    order = np.argsort(all_keys, kind="stable")
    ranked = all_keys[order]
    wanted = keys(facets, points)
    first = np.searchsorted(ranked, wanted, side="left")
    count = np.searchsorted(ranked, wanted, side="right") - first
    sides = np.full((len(facets), 2), -1, dtype=np.int64)
    for side in range(2):
        there = count > side
        sides[there, side] = order[first[there] + side] // per_cell
    return sides


def exterior(cells: Indices, points: int) -> Indices:
    """Return the facets that belong to one cell only, shape ``(b, dim)``, in order of the cells.

    Args:
        cells: Vertex numbers, shape ``(m, dim + 1)``.
        points: Number of points.
    """
    facets = facets_of_cells(cells).reshape(-1, cells.shape[1] - 1)
    _, first, counts = np.unique(keys(facets, points), return_index=True, return_counts=True)
    return facets[np.sort(first[counts == 1])]


def components(size: int, pairs: Indices) -> Indices:
    """Return for each of ``size`` items the smallest item it is connected to, shape ``(size,)``.

    Args:
        size: Number of items.
        pairs: Connected items, shape ``(n, 2)``.
    """
    label: Indices = np.arange(size, dtype=np.int64)
    while True:
        lower = np.minimum(label[pairs[:, 0]], label[pairs[:, 1]])
        before = label.copy()
        np.minimum.at(label, label[pairs[:, 0]], lower)
        np.minimum.at(label, label[pairs[:, 1]], lower)
        label = label[label]
        if np.array_equal(label, before):
            return label


def neighbours(cells: Indices, points: int) -> Indices:
    """Return pairs of cells that share a facet, shape ``(n, 2)``.

    Args:
        cells: Vertex numbers, shape ``(m, dim + 1)``.
        points: Number of points.
    """
    per_cell = cells.shape[1]
    all_keys = keys(facets_of_cells(cells).reshape(-1, per_cell - 1), points)
    order = np.argsort(all_keys, kind="stable")
    same = np.flatnonzero(np.diff(all_keys[order]) == 0)
    return np.stack([order[same], order[same + 1]], axis=1) // per_cell


def fans(cells: Indices, points: int) -> Indices:
    """Return for each corner of each cell the number of its fan, in the shape of ``cells``.

    A fan is the cells around a vertex that hang together by facets; a sound mesh has one fan at
    each vertex.

    Args:
        cells: Vertex numbers, shape ``(m, dim + 1)``.
        points: Number of points.
    """
    corner = np.arange(cells.size).reshape(cells.shape)
    first, second = neighbours(cells, points).T
    same = cells[first][:, :, None] == cells[second][:, None, :]
    pair, i, j = np.nonzero(same)
    links = np.stack([corner[first[pair], i], corner[second[pair], j]], axis=1)
    label = components(cells.size, links)
    return np.unique(label, return_inverse=True)[1].reshape(cells.shape)


def unpinched(mesh: SimplexMesh) -> SimplexMesh:
    """Return the mesh with a vertex for each fan, so that nothing hangs together at a point."""
    fan = fans(mesh.cells, len(mesh.points))
    owner = np.zeros(fan.max() + 1, dtype=np.int64)
    owner[fan] = mesh.cells
    # The first fan keeps the vertex, further ones get copies behind all others.
    _, first = np.unique(owner, return_index=True)
    number = np.full(len(owner), -1, dtype=np.int64)
    number[first] = owner[first]
    extra = number < 0
    number[extra] = len(mesh.points) + np.arange(extra.sum())
    return replace(
        mesh,
        points=np.concatenate([mesh.points, mesh.points[owner[extra]]]),
        cells=number[fan],
    )


def interfaces(mesh: SimplexMesh) -> Indices:
    """Return the facets between different cell groups, shape ``(k, dim)``."""
    every = facets_of_cells(mesh.cells).reshape(-1, mesh.dim)
    _, first = np.unique(keys(every, len(mesh.points)), return_index=True)
    facets = every[np.sort(first)]
    sides = match(mesh.cells, facets, len(mesh.points))
    groups = mesh.cell_groups[sides]
    return facets[(sides[:, 1] >= 0) & (groups[:, 0] != groups[:, 1])]


def touching(mesh: SimplexMesh) -> Sides:
    """Return the cell groups that every facet group touches, part by part.

    Faces between regions that have no group of their own are under the name "interfaces".
    """

    def parts(facets: Indices) -> tuple[tuple[str, ...], ...]:
        cells = match(mesh.cells, facets, len(mesh.points))
        groups = np.where(cells >= 0, mesh.cell_groups[cells], -1)
        pairs = np.unique(np.sort(groups, axis=1), axis=0)
        return tuple(
            tuple(mesh.cell_names[group] for group in sorted(set(pair) - {-1}))
            for pair in pairs.tolist()
        )

    named = {name: parts(mesh.facets_of(name)) for name in mesh.facet_names}
    return named | {"interfaces": parts(interfaces(mesh))}


def volumes(points: Array, cells: Indices) -> Array:
    """Return the signed area or volume of straight simplices, shape ``(m,)``.

    Args:
        points: Coordinates, shape ``(n, dim)``.
        cells: Vertex numbers, shape ``(m, dim + 1)``.
    """
    corner = points[cells]
    edges = corner[:, 1:] - corner[:, :1]
    return np.asarray(np.linalg.det(edges) / (2.0 if cells.shape[1] == 3 else 6.0))


def quality(points: Array, cells: Indices) -> Array:
    """Return the mean ratio of straight simplices: 1 if regular, 0 if flat, shape ``(m,)``.

    Args:
        points: Coordinates, shape ``(n, dim)``.
        cells: Vertex numbers, shape ``(m, dim + 1)``.
    """
    corner = points[cells]
    pairs = combinations(range(cells.shape[1]), 2)
    squares = sum(((corner[:, i] - corner[:, j]) ** 2).sum(axis=1) for i, j in pairs)
    volume = volumes(points, cells)
    if cells.shape[1] == 3:
        return np.asarray(4.0 * np.sqrt(3.0) * volume / squares)
    return np.asarray(12.0 * np.cbrt(3.0 * volume) * np.abs(np.cbrt(3.0 * volume)) / squares)


def oriented(mesh: SimplexMesh) -> SimplexMesh:
    """Return the mesh with the vertices of every cell in positive order."""
    cells = mesh.cells.copy()
    wrong = volumes(mesh.points, cells) < 0
    cells[wrong, -2:] = cells[wrong, -2:][:, ::-1]
    return replace(mesh, cells=cells)


def flattened(mesh: SimplexMesh, planes: Mapping[str, tuple[int, float]]) -> SimplexMesh:
    """Return the mesh with the vertices of facet groups exactly in planes that they miss by a bit.

    Args:
        mesh: A mesh.
        planes: Facet group -> (axis, coordinate in um) of its plane.
    """
    points = mesh.points.copy()
    for name, (axis, value) in planes.items():
        points[mesh.facets_of(name), axis] = value
    return replace(mesh, points=points)


def folded(cells: Indices, points: int) -> Indices:
    """Return pairs of cells on the same side of the facet they share, shape ``(n, 2)``.

    Args:
        cells: Cells of positive volume, shape ``(m, dim + 1)``.
        points: Number of points.
    """
    corners = cells.shape[1]
    facets = facets_of_cells(cells)
    side = np.broadcast_to((-1) ** np.arange(corners), facets.shape[:2]).copy()
    for i, j in combinations(range(corners - 1), 2):
        side *= np.sign(facets[:, :, j] - facets[:, :, i])
    key = keys(facets.reshape(-1, corners - 1), points)
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(np.diff(key[order]) == 0)
    first, second = order[same], order[same + 1]
    wrong = side.ravel()[first] == side.ravel()[second]
    return np.stack([first[wrong], second[wrong]], axis=1) // corners


def compact(mesh: SimplexMesh) -> SimplexMesh:
    """Return the mesh without unused points, and without facets and edges that lost their cells."""
    count = len(mesh.points)
    used = np.zeros(count, dtype=bool)
    used[mesh.cells] = True
    number = np.cumsum(used) - 1
    attached = match(mesh.cells, mesh.facets, count)[:, 0] >= 0
    present = np.isin(keys(mesh.curved_edges, count), keys(edges_of(mesh.cells), count))
    return replace(
        mesh,
        points=mesh.points[used],
        cells=number[mesh.cells],
        facets=number[mesh.facets[attached]],
        facet_groups=mesh.facet_groups[attached],
        curved_edges=number[mesh.curved_edges[present]],
        curved_middles=mesh.curved_middles[present],
    )


def with_facets(mesh: SimplexMesh, facets: Indices, names: Sequence[str]) -> SimplexMesh:
    """Return the mesh with more grouped facets.

    Args:
        mesh: A mesh.
        facets: Vertex numbers, shape ``(k, dim)``.
        names: Group of each of them.
    """
    known = (*mesh.facet_names, *sorted(set(names) - set(mesh.facet_names)))
    groups = np.array([known.index(name) for name in names], dtype=np.int64)
    return replace(
        mesh,
        facets=np.concatenate([mesh.facets, facets]),
        facet_groups=np.concatenate([mesh.facet_groups, groups]),
        facet_names=known,
    )


def name_exterior(
    mesh: SimplexMesh,
    planes: Mapping[str, tuple[int, float]],
    *,
    of: str | None = None,
    rest: str | None = None,
) -> SimplexMesh:
    """Return the mesh with every exterior facet that had no group put into one.

    Args:
        mesh: A mesh.
        planes: Group -> (axis, coordinate in um) of the plane in which its facets lie.
        of: Only facets of this cell group.
        rest: Group of the facets that lie in none of the planes; without it they stay as they are.
    """
    boundary = exterior(mesh.cells, len(mesh.points))
    taken = keys(mesh.facets, len(mesh.points))
    boundary = boundary[~np.isin(keys(boundary, len(mesh.points)), taken)]
    if of is not None:
        owner = match(mesh.cells, boundary, len(mesh.points))[:, 0]
        boundary = boundary[mesh.cell_groups[owner] == mesh.cell_names.index(of)]
    tolerance = 1e-9 * float(np.ptp(mesh.points, axis=0).max())
    found: Indices = np.zeros(len(boundary), dtype=np.int64)
    for number, (axis, value) in enumerate(planes.values(), start=1):
        flat = (np.abs(mesh.points[boundary, axis] - value) < tolerance).all(axis=1)
        found[flat] = number
    if rest is None:
        boundary, found = boundary[found > 0], found[found > 0]
    names = [rest or "", *planes]
    return with_facets(mesh, boundary, [names[number] for number in found])


def longest_edge(mesh: SimplexMesh, names: Collection[str]) -> float:
    """Return the length of the longest edge of any cell of some groups [um].

    Args:
        mesh: A mesh.
        names: Cell groups, at least one of which has a cell.
    """
    wanted = [number for number, name in enumerate(mesh.cell_names) if name in names]
    edges = edges_of(mesh.cells[np.isin(mesh.cell_groups, wanted)])
    ends = mesh.points[edges]
    return float(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).max())
