"""Opposite sides of a body that goes on periodically: their meshes are alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import KDTree

from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing.simplices import keys, match

Pairs = Sequence[tuple[str, str]]

#: Distance over the size of the sides by which points that belong together may differ, and by which
#: gmsh may miss the place of one.
EXACT, MISSED = 1e-9, 1e-5


def partners(one: Array, other: Array, *, near: float = EXACT) -> Indices | None:
    """Return which point of a side each point of the opposite one is; None if they do not match.

    Args:
        one: Points of a side, shape ``(n, dim)``.
        other: Points of the side opposite, shape ``(n, dim)``; the first ones moved alike.
        near: Distance over the size of the sides up to which points are the same.
    """
    if len(one) != len(other):
        return None
    if not len(one):
        return np.empty(0, dtype=np.int64)
    move = other.min(axis=0) - one.min(axis=0)
    size = float(np.ptp(one, axis=0).max()) + float(np.linalg.norm(move))
    distance, found = KDTree(one + move).query(other)
    if distance.max() > near * size or len(np.unique(found)) != len(found):
        return None
    return np.asarray(found, dtype=np.int64)


def across(points: Array) -> int:
    """Return the axis along which the body goes on beyond a side: the side is flat along it.

    Args:
        points: Of the side, shape ``(n, dim)``.
    """
    return int(np.ptp(points, axis=0).argmin())


def alike(mesh: SimplexMesh, pairs: Pairs) -> SimplexMesh:
    """Return the mesh with the sides alike to the last bit, where gmsh misses that by a little.

    Args:
        mesh: A mesh; each side is in a plane across an axis already.
        pairs: Facet groups; the second follows the first.
    """
    points, edges, middles = mesh.points.copy(), mesh.curved_edges, mesh.curved_middles
    for one, other in pairs:
        first, second = (np.unique(mesh.facets_of(name)) for name in (one, other))
        found = partners(points[first], points[second], near=MISSED)
        if found is None:
            continue  # the mesh is refused, see `mismatches`
        axis = across(points[first])
        rest = np.arange(mesh.dim) != axis
        points[np.ix_(second, rest)] = points[np.ix_(first[found], rest)]
        number = _numbers(len(points), first[found], second)
        own = (number[edges] >= 0).all(axis=1)
        kept = ~np.isin(edges, second).all(axis=1)
        if not own.any():
            continue
        middles = middles.copy()
        middles[own, axis] = points[first[0], axis]
        moved = middles[own]
        moved[:, axis] = points[second[0], axis]
        edges = np.concatenate([edges[kept], np.sort(number[edges[own]], axis=1)])
        middles = np.concatenate([middles[kept], moved])
    return replace(mesh, points=points, curved_edges=edges, curved_middles=middles)


def curved_partners(mesh: SimplexMesh, pairs: Pairs) -> Indices:
    """Return which curved edges on sides are the same edge, shape ``(n, 2)``.

    Args:
        mesh: A mesh whose sides match.
        pairs: Facet groups on opposite sides.
    """
    count, found = len(mesh.points), [np.empty((0, 2), dtype=np.int64)]
    if not len(mesh.curved_edges):
        return found[0]
    every = keys(mesh.curved_edges, count)
    order = np.argsort(every)
    for one, other in pairs:
        first, second = (np.unique(mesh.facets_of(name)) for name in (one, other))
        match_ = partners(mesh.points[first], mesh.points[second])
        if match_ is None:
            continue
        number = _numbers(count, first[match_], second)
        own = np.flatnonzero((number[mesh.curved_edges] >= 0).all(axis=1))
        wanted = keys(number[mesh.curved_edges[own]], count)
        place = order[np.searchsorted(every, wanted, sorter=order).clip(max=len(every) - 1)]
        there = every[place] == wanted
        found.append(np.stack([own[there], place[there]], axis=1))
    return np.concatenate(found)


def mismatches(mesh: SimplexMesh, pairs: Pairs) -> Iterator[str]:
    """Yield what is different on opposite sides.

    Args:
        mesh: A mesh.
        pairs: Facet groups on opposite sides.
    """
    for one, other in pairs:
        if not {one, other} <= {*mesh.facet_names}:
            continue  # said elsewhere
        sides = [mesh.facets_of(name) for name in (one, other)]
        first, second = (np.unique(side) for side in sides)
        found = partners(mesh.points[first], mesh.points[second])
        if found is None:
            yield f"the sides '{one}' and '{other}' do not match: their vertices differ"
            continue
        number = _numbers(len(mesh.points), second, first[found])
        if not np.array_equal(_beside(mesh, sides[0]), _beside(mesh, sides[1], number)):
            yield f"the sides '{one}' and '{other}' do not match: facets or regions differ"
        elif not np.array_equal(_around(mesh, first)[:, found], _around(mesh, second)):
            # a region that meets a side in a point only
            yield f"the sides '{one}' and '{other}' do not match: regions at a vertex differ"


def _numbers(count: int, of: Indices, are: Indices) -> Indices:
    """For each of ``count`` vertices the one that it is on another side; -1 for all others."""
    number = np.full(count, -1, dtype=np.int64)
    number[of] = are
    return number


def _beside(mesh: SimplexMesh, facets: Indices, number: Indices | None = None) -> Indices:
    """Facets, by `keys`, with the cell group beside each, sorted; vertices renumbered if wanted."""
    groups = mesh.cell_groups[match(mesh.cells, facets, len(mesh.points))[:, 0]]
    named = keys(facets if number is None else number[facets], len(mesh.points))
    order = np.argsort(named)
    return np.stack([named[order], groups[order]])


def _around(mesh: SimplexMesh, vertices: Indices) -> Indices:
    """Whether cells of each group touch each of some vertices, shape (groups, vertices)."""
    touched = np.zeros((len(mesh.cell_names), len(mesh.points)), dtype=np.int64)
    for group in range(len(mesh.cell_names)):
        touched[group, mesh.cells[mesh.cell_groups == group]] = 1
    return touched[:, vertices]
