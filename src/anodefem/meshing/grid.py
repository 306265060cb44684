"""Meshes of boxes on a grid, without gmsh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from math import factorial, prod

import numpy as np

from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing import limits
from anodefem.meshing.simplices import compact, oriented


def graded(start: float, end: float, *, first: float, last: float) -> Array:
    """Return coordinates from ``start`` to ``end`` with steps of constant ratio.

    Args:
        start: First coordinate.
        end: Last coordinate.
        first: Step at the start, roughly; less than the length, or equal to ``last``.
        last: Step at the end, roughly; less than the length, or equal to ``first``.
    """
    length = end - start
    if abs(last - first) < 1e-3 * first:
        count = length / first
    else:
        count = 1.0 + np.log(last / first) / np.log((length - first) / (length - last))
    steps: Array = np.geomspace(first, last, max(1, round(count)))
    return np.append(start, start + np.cumsum(steps) * (length / steps.sum()))


def joined(*pieces: Array) -> Array:
    """Return coordinates of adjoining pieces in one array, each shared end once."""
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def on_grid(
    lines: Sequence[Array], groups: Sequence[str], choose: Callable[[Array], Indices]
) -> SimplexMesh:
    """Return the boxes of a grid as triangles or tetrahedra; their facets have no group yet.

    Args:
        lines: Coordinates along each axis, in um.
        groups: Names of the cell groups.
        choose: Maps the middles of boxes, shape ``(m, dim)``, to the index of each box's group;
            -1 leaves the box out.
    """
    dim = len(lines)
    limits.check(factorial(dim) * prod(len(line) - 1 for line in lines))
    shape = tuple(len(line) for line in lines)
    points = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, dim)
    number = np.arange(len(points)).reshape(shape)
    middles = [(line[1:] + line[:-1]) / 2.0 for line in lines]
    chosen = choose(np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, dim))

    # One simplex per way from the lowest to the highest corner of a box: all boxes alike, so that
    # the cuts of neighbouring boxes agree.
    ways = []
    for way in permutations(range(dim)):
        corner = np.zeros(dim, dtype=np.int64)
        columns = []
        for axis in (None, *way):
            if axis is not None:
                corner[axis] = 1
            window = tuple(slice(c, n - 1 + c) for c, n in zip(corner, shape, strict=True))
            columns.append(number[window].ravel())
        ways.append(np.stack(columns, axis=1)[chosen >= 0])
    return compact(
        oriented(
            SimplexMesh(
                points=points,
                cells=np.concatenate(ways),
                cell_groups=np.tile(chosen[chosen >= 0], len(ways)),
                cell_names=tuple(groups),
                facets=np.empty((0, dim), dtype=np.int64),
                facet_groups=np.empty(0, dtype=np.int64),
                facet_names=(),
            )
        )
    )
