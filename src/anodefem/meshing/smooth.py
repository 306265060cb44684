"""Moving vertices of tetrahedra to make the worst cells better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array, Indices
from anodefem.meshing.simplices import edges_of, quality


def smoothed(
    points: Array,
    cells: Indices,
    keep: Callable[[Array, Indices], Array],
    *,
    goal: float = 0.45,
    sweeps: int = 12,
) -> Array:
    """Return points such that cells below ``goal`` are better; no move makes a worst cell worse.

    Vertices that share no edge move together. Each tries a few places: towards the middle of its
    neighbours, and along the slope of the quality of its worst cell.

    Args:
        points: Shape ``(n, 3)``.
        cells: Positively oriented tetrahedra, shape ``(m, 4)``.
        keep: Maps wanted places ``(k, 3)`` and vertex numbers ``(k,)`` to allowed places.
        goal: Mean ratio above which a cell is left alone.
        sweeps: Number of times every vertex is considered.
    """
    points = points.copy()
    edges = edges_of(cells)
    colour = _colours(len(points), edges)
    around = _Around(cells, len(points))
    near = _Around(edges, len(points))
    length = np.linalg.norm(points[edges[:, 1]] - points[edges[:, 0]], axis=1)
    reach = np.full(len(points), np.inf)
    np.minimum.at(reach, edges[:, 0], length)
    np.minimum.at(reach, edges[:, 1], length)

    for _ in range(sweeps):
        bad = np.zeros(len(points), dtype=bool)
        bad[cells[quality(points, cells) < goal]] = True
        if not bad.any():
            break
        for shade in range(int(colour.max()) + 1):
            chosen = np.flatnonzero(bad & (colour == shade))
            if len(chosen):
                _move(points, cells, edges, chosen, around, near, reach, keep)
    return points


class _Around:
    """Simplices around each vertex, in one flat list."""

    def __init__(self, simplices: Indices, count: int) -> None:
        flat = simplices.ravel()
        self._order = np.argsort(flat, kind="stable") // simplices.shape[1]
        self._start = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=count))])

    def __call__(self, vertices: Indices) -> tuple[Indices, Indices]:
        """Simplices around the vertices, and where each vertex's begin in that list."""
        low, high = self._start[vertices], self._start[vertices + 1]
        counts = high - low
        begin = np.concatenate([[0], np.cumsum(counts)[:-1]])
        offset = np.arange(counts.sum()) - np.repeat(begin, counts)
        return self._order[np.repeat(low, counts) + offset], begin


def _move(
    points: Array,
    cells: Indices,
    edges: Indices,
    chosen: Indices,
    around: _Around,
    near: _Around,
    reach: Array,
    keep: Callable[[Array, Indices], Array],
) -> None:
    """Put each of the chosen vertices where its worst cell is best."""
    mine, begin = around(chosen)
    counts = np.diff(np.append(begin, len(mine)))
    owner = np.repeat(np.arange(len(chosen)), counts)
    corners = points[cells[mine]]
    place = cells[mine] == chosen[owner][:, None]

    def worst(where: Array) -> Array:
        moved = corners.copy()
        moved[place] = where[owner]
        # Numbering the corners afresh lets the quality of moved cells be asked for at once.
        value = quality(moved.reshape(-1, 3), np.arange(4 * len(moved)).reshape(-1, 4))
        return np.minimum.reduceat(value, begin)

    here = points[chosen]
    best, value = here.copy(), worst(here)
    linked, first = near(chosen)
    sizes = np.diff(np.append(first, len(linked)))
    total = np.add.reduceat(points[edges[linked]].sum(axis=1), first)
    average = (total - sizes[:, None] * here) / sizes[:, None]

    step = 1e-3 * reach[chosen]
    slope = np.empty_like(here)
    for axis in range(3):
        shift = np.zeros(3)
        shift[axis] = 1.0
        ahead = worst(here + step[:, None] * shift)
        behind = worst(here - step[:, None] * shift)
        slope[:, axis] = ahead - behind
    slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-300)
    slope *= reach[chosen][:, None]
    wanted = [here + share * (average - here) for share in (1.0, 0.5, 0.2)]
    wanted += [here + share * slope for share in (0.4, 0.2, 0.1, 0.05, 0.02)]
    for place_ in wanted:
        allowed = keep(place_, chosen)
        there = worst(allowed)
        better = there > value + 1e-9
        best[better], value[better] = allowed[better], there[better]
    points[chosen] = best


def _colours(count: int, edges: Indices) -> npt.NDArray[np.int64]:
    """Number the vertices so that the ends of every edge differ, smallest free number first."""
    colour = np.full(count, -1, dtype=np.int64)
    # A fixed scramble of the numbers breaks long chains of vertices that wait for each other.
    rank = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    both = np.concatenate([edges, edges[:, ::-1]])
    while (colour < 0).any():
        waiting = colour < 0
        rival = both[waiting[both[:, 0]] & waiting[both[:, 1]]]
        beaten = np.zeros(count, dtype=bool)
        lower = (rank[rival[:, 0]] > rank[rival[:, 1]]) | (
            (rank[rival[:, 0]] == rank[rival[:, 1]]) & (rival[:, 0] > rival[:, 1])
        )
        beaten[rival[lower, 0]] = True
        ready = waiting & ~beaten
        used = both[ready[both[:, 0]] & (colour[both[:, 1]] >= 0)]
        taken = np.zeros((count, 64), dtype=bool)
        taken[used[:, 0], colour[used[:, 1]]] = True
        colour[ready] = (~taken[ready]).argmax(axis=1)
    return colour
