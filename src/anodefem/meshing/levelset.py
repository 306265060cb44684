"""Tetrahedra on both sides of a level set in a cube, on a body-centred lattice, without gmsh.

The lattice is the best tetrahedral mesh there is of a cube. Vertices close to the level set are
moved onto it; edges that still cross it are cut in two where they do. What is left of bad cells is
smoothed away (`anodefem.meshing.smooth`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array, Indices
from anodefem.meshing.simplices import edges_of, keys

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
        on_plane: Whether each point is on a face of the cube across each axis, shape ``(n, 3)``.
    """

    points: Array
    cells: Indices
    inside: npt.NDArray[np.bool_]
    on_surface: npt.NDArray[np.bool_]
    on_plane: npt.NDArray[np.bool_]


def cut_cube(field: Field, size: float, count: int) -> CutLattice:
    """Return the lattice in the cube [0, size]^3, cut along the zero of ``field``.

    Args:
        field: Maps points ``(n, 3)`` to values ``(n,)`` and gradients ``(n, 3)``.
        size: Edge of the cube.
        count: Lattice cubes along an edge.
    """
    points, cells = _lattice(size, count)
    on_plane = (points == 0.0) | (points == size)
    value, gradient = field(points)
    points, value = _snapped(field, points, cells, value, gradient, on_plane, size / count)
    points, cells, value, on_plane = _cut(field, points, cells, value, on_plane)
    side = np.sign(value[cells]).sum(axis=1)
    # A cell with all its vertices on the level set: ask its middle.
    flat = side == 0
    side[flat] = field(points[cells[flat]].mean(axis=1))[0]
    return CutLattice(
        points=points, cells=cells, inside=side > 0, on_surface=value == 0.0, on_plane=on_plane
    )


def _lattice(size: float, count: int) -> tuple[Array, Indices]:
    """Corners and middles of cubes, four tetrahedra around the middle of each of their faces."""
    line = np.linspace(0.0, size, count + 1)
    middle = (line[1:] + line[:-1]) / 2.0
    corners = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    centres = np.stack(np.meshgrid(middle, middle, middle, indexing="ij"), axis=-1).reshape(-1, 3)
    corner = np.arange(len(corners)).reshape((count + 1,) * 3)
    centre = len(corners) + np.arange(len(centres)).reshape((count,) * 3)
    points: list[Array] = [corners, centres]
    cells: list[Indices] = []
    total = len(corners) + len(centres)
    for axis in range(3):
        across, middles = np.moveaxis(corner, axis, 0), np.moveaxis(centre, axis, 0)
        a, b = across[:, :-1, :-1], across[:, 1:, :-1]
        c, d = across[:, 1:, 1:], across[:, :-1, 1:]
        # On the faces of the cube the middle of the face stands for the centre beyond it.
        ends = []
        for value in (line[0], line[-1]):
            face = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1).reshape(-1, 2)
            points.append(np.insert(face, axis, value, axis=1))
            ends.append(total + np.arange(len(face)).reshape(1, count, count))
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
    points, value = points.copy(), value.copy()
    points[near[reached]] = moved[reached]
    value[near[reached]] = 0.0
    return points, value


def on_level(field: Field, points: Array, fixed: npt.NDArray[np.bool_], *, steps: int) -> Array:
    """Move points along the gradient onto the level set by Newton's method.

    Args:
        field: As in `cut_cube`.
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
    field: Field, points: Array, cells: Indices, value: Array, on_plane: npt.NDArray[np.bool_]
) -> tuple[Array, Indices, Array, npt.NDArray[np.bool_]]:
    """Bisect cells at the crossings until none is left; longest edges first.

    Every cell goes through its crossed edges in the same order of all edges, so that two cells
    that share a face cut it alike.
    """
    edges = edges_of(cells)
    edges = edges[value[edges[:, 0]] * value[edges[:, 1]] < 0]
    length = np.linalg.norm(points[edges[:, 1]] - points[edges[:, 0]], axis=1)
    # Lengths that differ by rounding only must not decide.
    order = np.lexsort((edges[:, 1], edges[:, 0], -np.round(length / length.max(), 6)))
    edges = edges[order]
    count = len(points)
    ranked = keys(edges, count)
    by_key = np.argsort(ranked)
    ranked = ranked[by_key]

    crossing = _crossing(field, points[edges[:, 0]], points[edges[:, 1]])
    points = np.concatenate([points, crossing])
    value = np.concatenate([value, np.zeros(len(edges))])
    on_plane = np.concatenate([on_plane, on_plane[edges[:, 0]] & on_plane[edges[:, 1]]])

    done = []
    while len(cells):
        corner = value[cells]
        crossed = corner[:, _PAIRS[:, 0]] * corner[:, _PAIRS[:, 1]] < 0
        whole = ~crossed.any(axis=1)
        done.append(cells[whole])
        cells, crossed = cells[~whole], crossed[~whole]
        if not len(cells):
            break
        pairs = cells[:, _PAIRS]
        position = np.searchsorted(ranked, keys(pairs.reshape(-1, 2), count)).reshape(-1, 6)
        rank = np.where(crossed, by_key[np.minimum(position, len(ranked) - 1)], len(ranked))
        chosen = rank.argmin(axis=1)
        rows = np.arange(len(cells))
        halves = [cells.copy(), cells.copy()]
        for half, end in zip(halves, _PAIRS[chosen].T, strict=True):
            half[rows, end] = count + rank[rows, chosen]
        cells = np.concatenate(halves)
    return points, np.concatenate(done), value, on_plane


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
