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


def alike(mesh: SimplexMesh, pairs: Pairs) -> SimplexMesh:
    """Return the mesh with the sides alike to the last bit, where gmsh misses that by a little.

    Args:
        mesh: A mesh; each side is in a plane x = constant already.
        pairs: Facet groups; the second follows the first.
    """
    points = mesh.points.copy()
    for one, other in pairs:
        first, second = (np.unique(mesh.facets_of(name)) for name in (one, other))
        found = partners(points[first], points[second], near=MISSED)
        if found is not None:  # else the mesh is refused, see `mismatches`
            points[second, 1:] = points[first[found], 1:]
    return replace(mesh, points=points)


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
        number = np.full(len(mesh.points), -1, dtype=np.int64)
        number[second] = first[found]
        if not np.array_equal(_beside(mesh, sides[0]), _beside(mesh, sides[1], number)):
            yield f"the sides '{one}' and '{other}' do not match: facets or regions differ"
        elif not np.array_equal(_around(mesh, first)[:, found], _around(mesh, second)):
            # a region that meets a side in a point only
            yield f"the sides '{one}' and '{other}' do not match: regions at a vertex differ"


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
