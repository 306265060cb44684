"""One way through the states of charge that all architectures are led along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anodefem.compare import align
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import DELITHIATED

#: States of charge between two stops, or less so that the way up has the least number of steps.
SPACING, STEPS = 0.02, 30
#: States of charge that count as the same.
NEAR = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop: the first lithiation up, then the delithiation after it down."""

    soc: float
    lithiating: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One run's part of the way.

    Attributes:
        time: Time of the run at each stop [s], shape (stops,).
        held: Whether the run did not get to that stop and is shown where it stayed.
    """

    time: npt.NDArray[np.float64]
    held: npt.NDArray[np.bool_]


def stops(runs: Sequence[Run]) -> list[Stop]:
    """Return the stops of the way; the common state of charge is one of them."""
    low = min(float(run.column("soc")[0]) for run in runs)
    high = max(float(run.column("soc").max()) for run in runs)
    spacing = min(SPACING, (high - low) / STEPS) or SPACING
    count = max(2, round((high - low) / spacing) + 1)
    up = np.unique([*np.linspace(low, high, count), align.common_soc(runs)])
    way = [Stop(soc=float(soc), lithiating=True) for soc in up]
    ends = [float(run.column("soc")[_falling(run)][-1]) for run in runs]
    if high - min(ends) > DELITHIATED:
        count = max(2, round((high - min(ends)) / spacing) + 1)
        down = np.linspace(high, min(ends), count)[1:]
        way += [Stop(soc=float(soc), lithiating=False) for soc in down]
    return way


def way(run: Run, along: Sequence[Stop]) -> Way:
    """Return when a run passes each stop."""
    t, soc = run.column("t"), run.column("soc")
    up, down = align.rising(run), _falling(run)
    time, held = [], []
    for stop in along:
        if stop.lithiating:
            time.append(np.interp(stop.soc, soc[up], t[up]))
            held.append(not soc[up[0]] - NEAR <= stop.soc <= soc[up[-1]] + NEAR)
        else:
            time.append(np.interp(-stop.soc, -soc[down], t[down]))
            held.append(not soc[down[-1]] - NEAR <= stop.soc <= soc[down[0]] + NEAR)
    return Way(time=np.array(time), held=np.array(held))


def _falling(run: Run) -> npt.NDArray[np.intp]:
    """Return the rows of the first delithiation: each lower than all since the peak."""
    soc, top = run.column("soc"), align.peak(run)
    rows = [top]
    for row in range(top + 1, len(soc)):
        if soc[row] > soc[rows[-1]] + DELITHIATED:
            break
        if soc[row] < soc[rows[-1]]:
            rows.append(row)
    return np.array(rows)
