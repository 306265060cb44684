"""Refuses protocols that contradict themselves, as far as that is seen before a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from anodefem.protocols.step import Step


def check(
    steps: Iterable[Step],
    *,
    initial_soc: float,
    lowest: float = 0.0,
    highest: float = 1.0,
    rest_potential: Callable[[float], float] | None = None,
) -> list[str]:
    """Return a sentence for every step that can never end, in the order of the steps.

    Where a voltage ends a step, the state of charge behind it is not known, and what depends on it
    is left to the run.

    Args:
        steps: The steps, in order, repeats carried out.
        initial_soc: State of charge before the first step.
        lowest: Surfaces are empty below this state of charge.
        highest: Surfaces are full above this state of charge.
        rest_potential: Voltage at rest, without stress, over the state of charge; None if it is
            not known.
    """
    sentences: dict[str, str] = {}
    soc: float | None = initial_soc
    moved = False
    for number, step in enumerate(steps, start=1):
        place = step.place or str(number)
        told = [*_met_before(step, soc), *_beyond(step, soc, lowest, highest)]
        if rest_potential and soc is not None and not moved:
            told += _wrong_side(step, rest_potential(soc))
        if told:
            # once, though the rounds of a table may all have it
            sentences.setdefault(place, f"step {place} '{step.text}' {told[0]}")
        soc, moved = _after(step, soc, lowest, highest), moved or step.kind != "rest"
    return [*sentences.values()]


def _met_before(step: Step, soc: float | None) -> Iterator[str]:
    """Yield why a state of charge that ends a step lies behind its start.

    Args:
        step: Of the protocol.
        soc: State of charge at its start, if that is known.
    """
    end = step.until_soc
    if soc is None or end is None or not step.direction:
        return
    if (end - soc) * step.direction <= 0.0:
        side = "below" if step.kind == "lithiate" else "above"
        yield f"can never end: it starts at soc = {soc:g}, which is not {side} {end:g}"


def _wrong_side(step: Step, voltage: float) -> Iterator[str]:
    """Yield why a voltage that ends a step lies on the other side of the voltage at rest.

    Args:
        step: First step of the protocol that moves anything.
        voltage: At rest, at its start [V].
    """
    end = step.until_voltage
    if end is not None and step.direction and (end - voltage) * step.voltage_direction <= 0.0:
        side, other = ("above", "falls") if step.voltage_direction < 0 else ("below", "rises")
        yield (
            f"can never end at {end:g} V: the voltage at rest is {voltage:.4g} V at its start, "
            f"which is not {side} that, and {other} from there"
        )


def _beyond(step: Step, soc: float | None, lowest: float, highest: float) -> Iterator[str]:
    """Yield why a step would leave what the surfaces can hold.

    Args:
        step: Of the protocol.
        soc: State of charge at its start, if that is known.
        lowest: Surfaces are empty below it.
        highest: Surfaces are full above it.
    """
    end = step.until_soc
    if end is None and step.direction and not step.needs_voltage and soc is not None:
        end = _passes(step, soc)
    if end is not None and not lowest < end < highest:
        yield f"would reach soc = {end:g}; it must stay between {lowest:g} and {highest:g}"


def _passes(step: Step, soc: float) -> float | None:
    """Return the state of charge to which time and capacity lead a step; None if neither does.

    Args:
        step: Of the protocol.
        soc: State of charge at its start.
    """
    passed = [] if step.until_capacity is None else [step.until_capacity]
    if step.duration is not None and step.c_rate:
        passed.append(step.c_rate * step.duration / 3600.0)
    return soc + step.direction * min(passed) if passed else None


def _after(step: Step, soc: float | None, lowest: float, highest: float) -> float | None:
    """Return the state of charge after a step; None if it is not known.

    Args:
        step: Of the protocol.
        soc: State of charge at its start, if that is known.
        lowest: Surfaces are empty below it.
        highest: Surfaces are full above it.
    """
    if step.kind == "rest":
        return soc
    if step.kind == "hold" or step.needs_voltage:
        return None
    by_charge = None if soc is None else _passes(step, soc)
    ends = [end for end in (step.until_soc, by_charge) if end is not None]
    if not ends or (soc is None and (step.duration or step.until_capacity)):
        return None
    return min(max(min(ends, key=lambda end: end * step.direction), lowest), highest)
