"""One path through all cycles that all architectures are led along.

Charge and discharge alternate; runs are at the same stop when they are in the same stretch of the
path and at the same state of charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anodefem.compare import align
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import DELITHIATED

#: States of charge between two stops, or less so that the first stretch has the least number of
#: steps, or more so that all stretches together have no more stops than a page can hold.
SPACING, STEPS, MOST = 0.02, 30, 1500
#: States of charge that count as the same.
NEAR = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of the path.

    Attributes:
        soc: State of charge.
        lithiating: Whether the stretch it belongs to is a lithiation.
        cycle: Number of the lithiation, or of the one before this delithiation, from 1.
    """

    soc: float
    lithiating: bool
    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One run's part of the path.

    Attributes:
        time: Time of the run at each stop [s], shape (stops,).
        held: Whether the run did not get to that stop and is shown where it stayed.
    """

    time: npt.NDArray[np.float64]
    held: npt.NDArray[np.bool_]


def stretches(run: Run) -> dict[tuple[int, bool], slice]:
    """Return the rows of each lithiation and delithiation, by cycle and whether it is the first.

    Turns of less than `DELITHIATED` in state of charge make no stretch of their own.
    """
    soc = run.column("soc")
    turns = [0]
    up = True
    for row in range(1, len(soc)):
        best = turns[-1]
        if (soc[row] > soc[best]) == up and soc[row] != soc[best]:
            turns[-1] = row
        elif abs(soc[row] - soc[best]) > DELITHIATED:
            turns.append(row)
            up = not up
    # turns[i] is the row at which stretch i ends; stretch 0 is a lithiation, empty if the run
    # begins with a delithiation
    found, start = {}, 0
    for number, end in enumerate(turns):
        if end > start or (number == 0 and len(turns) == 1):
            found[number // 2 + 1, number % 2 == 0] = slice(start, end + 1)
        start = end
    return found


def stops(runs: Sequence[Run]) -> list[Stop]:
    """Return the stops of the path; the common state of charge is one of them."""
    every = [stretches(run) for run in runs]
    order = sorted({key for one in every for key in one}, key=lambda key: (key[0], not key[1]))
    spans = {}
    for key in order:
        rows = [
            run.column("soc")[one[key]] for run, one in zip(runs, every, strict=True) if key in one
        ]
        spans[key] = (min(map(np.min, rows)), max(map(np.max, rows)))
    wide = [high - low for low, high in spans.values()]
    spacing = max(min(SPACING, wide[0] / STEPS) or SPACING, sum(wide) / MOST)
    common, path = align.common_soc(runs), list[Stop]()
    placed = False
    for (cycle, lithiating), (low, high) in spans.items():
        count = max(2, round((high - low) / spacing) + 1)
        charges = np.linspace(low, high, count)
        if lithiating and not placed and low <= common <= high:
            charges, placed = np.unique([*charges, common]), True
        if not lithiating:
            charges = charges[::-1]
        # the turn belongs to the stretch before it
        first = 1 if path and abs(charges[0] - path[-1].soc) < NEAR else 0
        path += [
            Stop(soc=float(soc), lithiating=lithiating, cycle=cycle) for soc in charges[first:]
        ]
    return path


def passage(run: Run, along: Sequence[Stop]) -> Passage:
    """Return when a run passes each stop.

    Args:
        run: The run.
        along: Result of `stops` for this run and others.
    """
    t, soc = run.column("t"), run.column("soc")
    own = stretches(run)
    time, held = np.empty(len(along)), np.ones(len(along), dtype=np.bool_)
    for number, stop in enumerate(along):
        rows = own.get((stop.cycle, stop.lithiating))
        if rows is None:  # where the stretch before it ended
            time[number] = time[number - 1] if number else t[0]
            continue
        sign = 1.0 if stop.lithiating else -1.0
        within = _advancing(sign * soc[rows]) + rows.start
        at = sign * soc[within]
        time[number] = np.interp(sign * stop.soc, at, t[within])
        held[number] = not at[0] - NEAR <= sign * stop.soc <= at[-1] + NEAR
    return Passage(time=time, held=held)


def start(runs: Sequence[Run], along: Sequence[Stop]) -> int:
    """Return the number of the first stop at the state of charge that all runs reached.

    Args:
        runs: The runs.
        along: Result of `stops` for them.
    """
    common = align.common_soc(runs)
    # a lithiation if there is one
    away = [abs(stop.soc - common) + (not stop.lithiating) for stop in along]
    return int(np.argmin(away))


def place(at: Passage, time: float) -> float | None:
    """Return where on the path a run is at a time, as a number between stops.

    Args:
        at: Passage of the run.
        time: In s; None is returned for a time that is not finite.
    """
    return float(np.interp(time, at.time, np.arange(len(at.time)))) if np.isfinite(time) else None


def _advancing(values: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return the rows that exceed all before them, the first included."""
    before = np.concatenate([[-np.inf], np.maximum.accumulate(values)[:-1]])
    return np.flatnonzero(values > before)
