"""Tetrahedra on both sides of a level set in a box, on a body-centred lattice, without gmsh.

The lattice is the best tetrahedral mesh there is of a box of cubes. Vertices close to the level set
are moved onto it; edges that still cross it are cut in two where they do. What is left of bad cells
is smoothed away (`anodefem.meshing.smooth`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array, Indices
from anodefem.meshing import limits
from anodefem.meshing.simplices import edges_of, keys, volumes

# Share of an edge from its end within which a crossing moves the end instead of cutting the edge.
# Less leaves slivers along the cut; more flattens cells with all their corners on the level set.
_SNAP = 0.25
_PAIRS = np.array(list(combinations(range(4), 2)))

Field = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLattice:
    """Tetrahedra that the level set does not cross.

    Attributes:
        points: Shape ``(n, 3)``.
        cells: Vertex numbers, shape ``(m, 4)``.
        inside: Whether the field is positive in each cell, shape ``(m,)``.
        on_surface: Whether each point is on the level set, shape ``(n,)``.
        on_plane: Whether each point is on a face of the box across each axis, shape ``(n, 3)``.
    """

    points: Array
    cells: Indices
    inside: npt.NDArray[np.bool_]
    on_surface: npt.NDArray[np.bool_]
    on_plane: npt.NDArray[np.bool_]


def cut_box(field: Field, size: Sequence[float], counts: Sequence[int]) -> CutLattice:
    """Return the lattice in the box from the origin to ``size``, cut along the zero of ``field``.

    Args:
        field: Maps points ``(n, 3)`` to values ``(n,)`` and gradients ``(n, 3)``.
        size: Edges of the box.
        counts: Lattice cubes along each of them, so that they are cubes.
    """
    limits.check(12 * prod(counts))  # four tetrahedra around the middle of each face of a cube
    points, cells = _lattice(size, counts)
    on_plane = (points == 0.0) | (points == np.array(size))
    value, gradient = field(points)
    spacing = size[0] / counts[0]
    points, value = _snapped(field, points, cells, value, gradient, on_plane, spacing)
    edges = edges_of(cells)
    crossed: Indices = edges[value[edges[:, 0]] * value[edges[:, 1]] < 0]
    points, cells, parents = _cut(field, points, cells, crossed)
    value = np.concatenate([value, np.zeros(len(parents))])
    on_plane = np.concatenate([on_plane, on_plane[parents].all(axis=1)])
    return CutLattice(
        points=points,
        cells=cells,
        inside=_side(field, points, cells, value) > 0,
        on_surface=value == 0.0,
        on_plane=on_plane,
    )


def cut_between(
    field: Field, points: Array, cells: Indices, active: npt.NDArray[np.bool_]
) -> tuple[Array, Indices, Indices, npt.NDArray[np.bool_]]:
    """Cut some cells of a mesh along the zero of a field; no vertex is moved.

    Args:
        field: As in `cut_box`.
        points: Shape ``(n, 3)``.
        cells: Shape ``(m, 4)``.
        active: The cells to cut, shape ``(m,)``; others are cut where they share a cut edge.

    Returns:
        Points, cells, the cell that each cell was part of, and whether the field is positive in it.
    """
    value = field(points)[0]
    edges = edges_of(cells[active])
    ends = value[edges]
    low = np.abs(ends).min(axis=1) / np.maximum(np.abs(ends).sum(axis=1), 1e-300)
    # A crossing next to a vertex counts as at the vertex: no cell gets thinner than that.
    value[edges[low < _SNAP, np.abs(ends[low < _SNAP]).argmin(axis=1)]] = 0.0
    crossed = edges[value[edges[:, 0]] * value[edges[:, 1]] < 0]
    numbered = np.column_stack([cells, np.arange(len(cells))])
    points, parts, parents = _cut(field, points, numbered, crossed)
    value = np.concatenate([value, np.zeros(len(parents))])
    return points, parts[:, :4], parts[:, 4], _side(field, points, parts[:, :4], value) > 0


def _side(field: Field, points: Array, cells: Indices, value: Array) -> Array:
    """Positive for cells where the field is positive, from values at vertices that are not cut."""
    side = np.sign(value[cells]).sum(axis=1)
    # A cell with all its vertices on the level set: ask its middle.
    flat = side == 0
    side[flat] = field(points[cells[flat]].mean(axis=1))[0]
    return np.asarray(side)


def _lattice(size: Sequence[float], counts: Sequence[int]) -> tuple[Array, Indices]:
    """Corners and middles of cubes, four tetrahedra around the middle of each of their faces."""
    lines = [np.linspace(0.0, edge, count + 1) for edge, count in zip(size, counts, strict=True)]
    middle = [(line[1:] + line[:-1]) / 2.0 for line in lines]
    corners = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)
    centres = np.stack(np.meshgrid(*middle, indexing="ij"), axis=-1).reshape(-1, 3)
    corner = np.arange(len(corners)).reshape([count + 1 for count in counts])
    centre = len(corners) + np.arange(len(centres)).reshape(counts)
    points: list[Array] = [corners, centres]
    cells: list[Indices] = []
    total = len(corners) + len(centres)
    for axis in range(3):
        across, middles = np.moveaxis(corner, axis, 0), np.moveaxis(centre, axis, 0)
        a, b = across[:, :-1, :-1], across[:, 1:, :-1]
        c, d = across[:, 1:, 1:], across[:, :-1, 1:]
        # On the faces of the box the middle of the face stands for the centre beyond it.
        sides = [other for other in range(3) if other != axis]
        ends = []
        for value in (lines[axis][0], lines[axis][-1]):
            grid = np.meshgrid(*(middle[side] for side in sides), indexing="ij")
            face = np.stack(grid, axis=-1).reshape(-1, 2)
            points.append(np.insert(face, axis, value, axis=1))
            shape = [1, *(counts[side] for side in sides)]
            ends.append(total + np.arange(len(face)).reshape(shape))
            total += len(face)
        below = np.concatenate([ends[0], middles])
        above = np.concatenate([middles, ends[1]])
        for first, second in ((a, b), (b, c), (c, d), (d, a)):
            cells.append(np.stack([below, above, first, second], axis=-1).reshape(-1, 4))
    return np.concatenate(points), np.concatenate(cells)


def _snapped(
    field: Field,
    points: Array,
    cells: Indices,
    value: Array,
    gradient: Array,
    on_plane: npt.NDArray[np.bool_],
    spacing: float,
) -> tuple[Array, Array]:
    """Move vertices close to the level set onto it, within the faces of the cube they are on."""
    edges = edges_of(cells)
    ends = value[edges]
    edges = edges[ends[:, 0] * ends[:, 1] < 0]
    ends = np.abs(value[edges])
    share = ends / ends.sum(axis=1, keepdims=True)
    near = np.unique(edges[share < _SNAP])
    moved = on_level(field, points[near], on_plane[near], steps=4)
    length = np.linalg.norm(moved - points[near], axis=1)
    left = np.abs(field(moved)[0])
    # The slope of the field tells a distance from a value.
    steepness = np.linalg.norm(gradient[near], axis=1)
    reached = (left < 1e-6 * spacing * steepness) & (length < 0.4 * spacing)
    snapped = points.copy()
    snapped[near[reached]] = moved[reached]
    stays = _inverting(points, snapped, cells)
    snapped[stays] = points[stays]
    at_level = np.setdiff1d(near[reached], stays)
    value = value.copy()
    value[at_level] = 0.0
    return snapped, value


def _inverting(points: Array, moved: Array, cells: Indices) -> Indices:
    """Return vertices that have to stay where they are, or cells turn inside out.

    Two corners of a cell that both move far can do that, where the level set is a thin tube. Of the
    corners of such a cell, the one that moves farthest stays.

    Args:
        points: Vertices of the lattice, shape ``(n, 3)``.
        moved: The same after the move.
        cells: Vertex numbers, shape ``(m, 4)``.
    """
    moved = moved.copy()
    distance = np.linalg.norm(moved - points, axis=1)
    before = volumes(points, cells)
    stays: list[Indices] = [cells[:0, 0]]
    while (inverted := volumes(moved, cells) * before <= 0.0).any():
        corners = cells[inverted]
        farthest = distance[corners].argmax(axis=1)
        stays.append(np.unique(corners[np.arange(len(corners)), farthest]))
        moved[stays[-1]] = points[stays[-1]]
        distance[stays[-1]] = 0.0
    return np.concatenate(stays)


def on_level(field: Field, points: Array, fixed: npt.NDArray[np.bool_], *, steps: int) -> Array:
    """Move points along the gradient onto the level set by Newton's method.

    Args:
        field: As in `cut_box`.
        points: Shape ``(n, 3)``.
        fixed: Coordinates that must not change, shape ``(n, 3)``.
        steps: Number of steps.
    """
    for _ in range(steps):
        value, gradient = field(points)
        gradient = np.where(fixed, 0.0, gradient)
        square = np.einsum("nx,nx->n", gradient, gradient)
        points = points - (value / np.maximum(square, 1e-300))[:, None] * gradient
    return points


def _cut(
    field: Field, points: Array, cells: Indices, edges: Indices
) -> tuple[Array, Indices, Indices]:
    """Bisect cells at the crossings of edges until none is left; longest edges first.

    Every cell goes through its crossed edges in the same order of all edges, so that two cells
    that share a face cut it alike.

    Args:
        field: Changes its sign along each of the edges.
        points: Shape ``(n, 3)``.
        cells: Vertex numbers, shape ``(m, 4 or more)``; further columns are handed on to the parts.
        edges: The edges to cut, smaller vertex first, shape ``(k, 2)``.

    Returns:
        Points with the crossings behind them, cells, and the cut edges in the crossings' order.
    """
    if not len(edges):
        return points, cells, edges
    length = np.linalg.norm(points[edges[:, 1]] - points[edges[:, 0]], axis=1)
    # Lengths that differ by rounding only must not decide.
    order = np.lexsort((edges[:, 1], edges[:, 0], -np.round(length / length.max(), 6)))
    edges = edges[order]
    count = len(points)
    ranked = keys(edges, count)
    by_key = np.argsort(ranked)
    ranked = ranked[by_key]
    points = np.concatenate([points, _crossing(field, points[edges[:, 0]], points[edges[:, 1]])])

    done = [cells[:0]]
    while len(cells):
        pairs = cells[:, :4][:, _PAIRS]
        inside = np.all(pairs < count, axis=2)  # what is cut already is not cut again
        wanted = keys(np.where(inside[..., None], pairs, 0).reshape(-1, 2), count)
        position = np.minimum(np.searchsorted(ranked, wanted), len(ranked) - 1)
        crossed = (inside.ravel() & (ranked[position] == wanted)).reshape(-1, 6)
        whole = ~crossed.any(axis=1)
        done.append(cells[whole])
        cells, crossed = cells[~whole], crossed[~whole]
        if not len(cells):
            break
        rank = np.where(crossed, by_key[position.reshape(-1, 6)[~whole]], len(ranked))
        chosen = rank.argmin(axis=1)
        rows = np.arange(len(cells))
        halves = [cells.copy(), cells.copy()]
        for half, end in zip(halves, _PAIRS[chosen].T, strict=True):
            half[rows, end] = count + rank[rows, chosen]
        cells = np.concatenate(halves)
    return points, np.concatenate(done), edges


def _crossing(field: Field, low: Array, high: Array) -> Array:
    """Points where straight lines cross the level set, by bisection on the sign."""
    start = field(low)[0]
    left: Array = np.zeros(len(low))
    right: Array = np.ones(len(low))
    for _ in range(30):
        middle = (left + right) / 2.0
        same = field(low + middle[:, None] * (high - low))[0] * start > 0
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return np.asarray(low + ((left + right) / 2.0)[:, None] * (high - low))
