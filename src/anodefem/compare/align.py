"""States of charge that several runs share, and values at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from anodefem.compare.load import Run

Floats = npt.NDArray[np.float64]

#: States of charge that differ by less are the same: ends of a protocol are met within it.
SAME = 1e-6


def peak(run: Run) -> int:
    """Return the row at which the first lithiation ends: the first way up to the highest charge.

    Cycles that end at the same charge reach it within `SAME`, some above those before.
    """
    soc = run.column("soc")
    row = int(np.argmax(soc >= soc.max() - SAME))
    while row + 1 < soc.size and soc[row + 1] > soc[row]:
        row += 1
    return row


def rising(run: Run) -> npt.NDArray[np.intp]:
    """Return the rows that reach a new highest state of charge: the first lithiation."""
    soc = run.column("soc")
    before = np.concatenate([[-np.inf], np.maximum.accumulate(soc)[:-1]])
    rows = np.flatnonzero(soc > before)
    return rows[rows <= peak(run)]


def at_soc(run: Run, values: Floats, soc: float) -> float:
    """Interpolate ``values``, shape (steps,), linearly at ``soc`` of the first lithiation.

    NaN outside of the states of charge that were reached, within `SAME`.

    Args:
        run: The run.
        values: A metric at every step, shape (steps,).
        soc: State of charge at which the value is wanted.
    """
    rows = rising(run)
    reached = run.column("soc")[rows]
    if not reached[0] - SAME <= soc <= reached[-1] + SAME:
        return float("nan")
    return float(np.interp(soc, reached, values[rows]))


def at_time(run: Run, values: Floats, time: float) -> float:
    """Interpolate ``values``, shape (steps,), linearly at a time [s].

    Args:
        run: The run.
        values: A metric at every step, shape (steps,).
        time: In s.
    """
    return float(np.interp(time, run.column("t"), values))


def crossing(run: Run, values: Floats, threshold: float) -> tuple[float, float]:
    """Return time [s] and state of charge at which ``values`` first exceeds a threshold.

    Interpolated linearly between steps, over the whole run; NaN if it never does.

    Args:
        run: The run.
        values: A metric at every step, shape (steps,).
        threshold: In the metric's unit; NaN is never exceeded.
    """
    t, soc = run.column("t"), run.column("soc")
    above = np.flatnonzero(values > threshold)
    if not above.size:
        return float("nan"), float("nan")
    row = int(above[0])
    if row == 0 or not np.isfinite(values[row - 1]):
        return float(t[row]), float(soc[row])
    weight = (threshold - values[row - 1]) / (values[row] - values[row - 1])
    return (
        float(t[row - 1] + weight * (t[row] - t[row - 1])),
        float(soc[row - 1] + weight * (soc[row] - soc[row - 1])),
    )


def first_above(run: Run, values: Floats, threshold: float) -> float:
    """Return the state of charge at which ``values`` first exceeds a threshold; else NaN.

    Args:
        run: The run.
        values: A metric at every step, shape (steps,).
        threshold: In the metric's unit.
    """
    return crossing(run, values, threshold)[1]


def sei_first(run: Run, name: str) -> tuple[float, float, float]:
    """Return time [s], state of charge and strain where the SEI first reaches a limit, else NaN.

    Args:
        run: The run.
        name: "yield", where the energy it is asked for is above its largest elastic one, or
            "fracture", where its strain is above that of the recipe.
    """
    strain = run.column("sei_strain_max")
    if name == "yield":
        time, soc = crossing(run, run.column("sei_energy_ratio_max"), 1.0)
    else:
        time, soc = crossing(run, strain, run.sei("fracture_strain"))
    return time, soc, float(np.interp(time, run.column("t"), strain))


def rise_from_zero(run: Run, values: Floats, threshold: float) -> float:
    """Return the state of charge from which ``values`` rises, seen from above ``threshold``.

    The line through the first two steps above the threshold is drawn back to zero; NaN if fewer
    than two steps in a row are above it.

    Args:
        run: The run.
        values: A metric at every step, shape (steps,).
        threshold: In the metric's unit; what is below it is not looked at.
    """
    soc = run.column("soc")
    above = np.flatnonzero(values > threshold)
    if not above.size or above[0] + 1 >= len(values) or values[above[0] + 1] <= values[above[0]]:
        return float("nan")
    row = int(above[0])
    slope = (values[row + 1] - values[row]) / (soc[row + 1] - soc[row])
    return float(soc[row] - values[row] / slope)


def common_soc(runs: Sequence[Run]) -> float:
    """Return the highest state of charge that every run reached in its first lithiation."""
    return min(float(run.column("soc")[peak(run)]) for run in runs)


def nearest_state(run: Run, soc: float) -> tuple[int, float]:
    """Return the stored state of the first lithiation nearest to ``soc``, and its own soc.

    Args:
        run: The run.
        soc: State of charge that is looked for.
    """
    t, charge = run.column("t"), run.column("soc")
    times = np.array([time for time, _ in run.states])
    stored = np.interp(times, t, charge)
    # states after the peak belong to delithiation, where the same charge looks different
    lithiation = np.flatnonzero(times <= t[peak(run)] * (1 + 1e-9))
    candidates = lithiation if lithiation.size else np.arange(times.size)
    index = int(candidates[np.argmin(np.abs(stored[candidates] - soc))])
    return index, float(stored[index])


def branches(run: Run) -> Iterator[tuple[bool, slice]]:
    """Yield (lithiating, rows) of each stretch of the run; rests belong to what went before."""
    step = np.sign(np.diff(run.column("soc")))
    for i in range(1, step.size):
        if step[i] == 0:
            step[i] = step[i - 1]
    start = 0
    for i in range(1, step.size + 1):
        if i == step.size or step[i] != step[start]:
            yield bool(step[start] >= 0), slice(start, i + 1)
            start = i
