"""What a protocol will take, before anything is solved: time, steps in time, states of fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log

from anodefem.controls import GROWTH
from anodefem.protocols.step import Step

#: Steps in time that a hold or a rest takes at least, as runs show.
_SETTLING = 15
_BISECTIONS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a protocol will take.

    Attributes:
        duration: Of what is done at a given current or time [s]; holds without a time not counted.
        complete: Everything is counted: no hold, no power.
        steps: Steps in time, at least.
        states: States of fields that are written.
        cycles: How many.
    """

    duration: float
    complete: bool
    steps: int
    states: int
    cycles: int

    def __str__(self) -> str:
        """One sentence."""
        hours = self.duration / 3600.0
        took = f"{hours:.3g} h" if hours >= 1.0 else f"{self.duration / 60.0:.3g} min"
        if not self.complete:
            took += " without its holds"
        cycles = f" for {self.cycles} cycles" if self.cycles > 1 else ""
        return (
            f"the protocol lasts about {took}{cycles}; {self.steps} or more steps in time, about "
            f"{self.states} states of fields"
        )


def estimate(
    steps: Sequence[Step],
    *,
    initial_soc: float,
    lowest: float,
    highest: float,
    largest_step: float,
    first_step: float,
    spacing: float,
    cycles_every: int = 1,
    rest_potential: Callable[[float], float] | None = None,
) -> Estimate:
    """Return what a protocol will take.

    A voltage is taken to be reached where the hosts have it at rest: at most the time that it
    takes, since what drives the current comes on top.

    Args:
        steps: The steps, in order, repeats carried out.
        initial_soc: State of charge before the first step.
        lowest: Surfaces are empty below this state of charge.
        highest: Surfaces are full above this state of charge.
        largest_step: Largest step in time, in charge.
        first_step: First step in time after a change of current, in charge.
        spacing: Distance in soc between two states of fields; 0 for every step in time.
        cycles_every: Fields are written in the first cycle, every so many from it, and the last.
        rest_potential: Voltage of the hosts at rest over the state of charge, or None.
    """
    soc, duration, complete, count, states = initial_soc, 0.0, True, 0, 1
    cycles = max((step.cycle for step in steps), default=1)
    for step in steps:
        before, span = soc, step.lasts()
        if step.direction:
            soc = _end(step, soc, lowest, highest, rest_potential)
        if step.c_rate:
            span = min(span, abs(soc - before) / abs(step.soc_rate))
            soc = before + step.soc_rate * span
        elif step.kind != "rest":
            complete, span = False, step.duration or 0.0
        duration += span
        own = _steps(abs(soc - before), first_step, largest_step) if step.direction else _SETTLING
        count += own
        if (step.cycle - 1) % cycles_every == 0 or step.cycle == cycles:
            states += own if not spacing else int(abs(soc - before) / spacing) + 1
    return Estimate(duration=duration, complete=complete, steps=count, states=states, cycles=cycles)


def _end(
    step: Step,
    soc: float,
    lowest: float,
    highest: float,
    rest_potential: Callable[[float], float] | None,
) -> float:
    """State of charge to which a step leads, its time aside.

    Args:
        step: Lithiates or delithiates.
        soc: State of charge at its start.
        lowest: Surfaces are empty below it.
        highest: Surfaces are full above it.
        rest_potential: Voltage of the hosts at rest over the state of charge, or None.
    """
    far = highest if step.direction > 0 else lowest
    ends = [far, *([] if step.until_soc is None else [step.until_soc])]
    if step.until_capacity is not None:
        ends.append(soc + step.direction * step.until_capacity)
    if step.until_voltage is not None and rest_potential:
        low, high = lowest, highest
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            # it falls as the host fills, that of a full cell rises
            before = (rest_potential(middle) > step.until_voltage) != step.full_cell
            low, high = (middle, high) if before else (low, middle)
        ends.append((low + high) / 2)
    nearest = min(ends, key=lambda end: end * step.direction)
    return nearest if (nearest - soc) * step.direction > 0 else soc


def _steps(charge: float, first: float, largest: float) -> int:
    """Steps in time that pass a charge, growing from the first one to the largest.

    Args:
        charge: To be passed, over that of full hosts.
        first: First step.
        largest: Largest step.
    """
    if charge <= 0.0:
        return 0
    growing = ceil(log(max(largest / first, 1.0)) / log(GROWTH))
    passed = first * (GROWTH**growing - 1) / (GROWTH - 1)
    if passed >= charge:
        return ceil(log(1 + charge * (GROWTH - 1) / first) / log(GROWTH))
    return growing + ceil((charge - passed) / largest)
