"""Packing of balls or discs: random, without overlap, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from anodefem.geometry import Array

_ROUNDS = 20_000
#: Share of a wanted distance by which two balls may stay too close.
_CLOSE = 1e-3


def packed(
    start: Array,
    distance: float,
    within: Callable[[Array], Array],
    *,
    period: Array | None = None,
    rounds: int = _ROUNDS,
) -> Array | None:
    """Return centres that are a distance apart, or ``None`` if they do not fit.

    Centres that are too close push each other away, and are pushed back into their container; that
    packs discs to about 0.7 and balls to about 0.5 of the room.

    Args:
        start: Centres in um, shape ``(n, dim)``.
        distance: From each to each, in um.
        within: Maps centres to the nearest allowed ones.
        period: Of each coordinate in um, shape ``(dim,)``; infinite where it does not go on. The
            nearest image of each centre counts.
        rounds: After which centres that still are too close do not fit.
    """
    centres = within(start)
    first, second = np.triu_indices(len(centres), k=1)
    for _ in range(rounds):
        apart = centres[second] - centres[first]
        if period is not None:
            along = np.isfinite(period)
            apart[:, along] -= period[along] * np.round(apart[:, along] / period[along])
        length = np.linalg.norm(apart, axis=1)
        short = np.flatnonzero(length < (1.0 - _CLOSE) * distance)
        if not len(short):
            return centres
        length = np.maximum(length[short], 1e-12 * distance)
        push = 0.3 * (apart[short] / length[:, None]) * (distance - length)[:, None]
        moved = centres.copy()
        np.add.at(moved, second[short], push)
        np.subtract.at(moved, first[short], push)
        centres = within(moved)
    return None


def scattered(count: int, low: Array, high: Array, seed: int) -> Array:
    """Return random places in a box, shape ``(count, dim)``.

    Args:
        count: How many.
        low: Lowest corner in um, shape ``(dim,)``.
        high: Highest corner in um.
        seed: Of the draw.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    return np.asarray(low + (high - low) * random.random((count, len(low))))
