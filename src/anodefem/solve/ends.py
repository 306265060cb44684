"""Ends of a protocol step that depend on the state of the electrode: how far each has been passed.

A level is the distance beyond an end in units of what it may be missed by: below -1 the end is
still to come, between -1 and 0 it is met, and above 0 it has been passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from anodefem.protocols import Step
from anodefem.protocols.step import SLOWEST
from anodefem.solve.locating import Termination

#: By what ends may be missed: state of charge [-], voltage [V], part of a C-rate.
CLOSE_SOC, CLOSE_VOLTAGE, CLOSE_RATE = 1e-6, 1e-5, 1e-4

#: Metrics that levels are read from.
SOC, VOLTAGE, CELL_VOLTAGE = "soc [-]", "voltage [V]", "cell_voltage [V]"
RATE = "c_rate [1/h]"

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a protocol step.

    Attributes:
        head: Metric that decides.
        passed: From its value, how far the end has been passed, in its unit.
        close: By what the end may be missed, likewise.
        reason: Why the step ends, where that is no end that was asked for; "" if it is.
    """

    head: str
    passed: Callable[[float], float]
    close: float
    reason: str = ""

    def level(self, row: Row) -> float:
        """How far it has been passed.

        Args:
            row: Metrics by head.
        """
        return self.passed(row[self.head]) / self.close

    def met(self, row: Row) -> bool:
        """Whether it is met, or has been passed.

        Args:
            row: Metrics by head.
        """
        return self.level(row) >= -1.0

    def termination(self, read: Callable[[str], Row]) -> Termination:
        """What a time step is shortened for, so that it meets the end without passing it.

        Args:
            read: From the head of a metric to its value, when a step has been solved; collective.
        """
        return Termination(level=lambda: self.level(read(self.head)) + 1.0, tolerance=1.0)


def ends(step: Step, soc: float) -> list[End]:
    """Return what may end a step, other than time.

    Args:
        step: Of the protocol.
        soc: State of charge at its start.
    """
    return [*_asked(step, soc), *_out_of_reach(step)]


def time_to_soc(step: Step, soc: float, scale: float) -> float:
    """Time in which the given current leads to just before the soc that ends a step [s].

    Infinite if there is no such end. Side reactions may take a part of the current, so that it is
    not reached by then.

    Args:
        step: Of the protocol.
        soc: State of charge now.
        scale: Time in which the current passes the charge of full hosts [s].
    """
    return max(step.lacks(soc) - CLOSE_SOC / 2 * scale, CLOSE_SOC / 4 * scale)


def _asked(step: Step, start: float) -> list[End]:
    """Return the ends that a sentence names.

    Args:
        step: Of the protocol.
        start: State of charge at its start.
    """
    found: list[End] = []
    if (soc := step.until_soc) is not None:
        way = step.direction or (1.0 if soc > start else -1.0)
        found.append(End(SOC, lambda value: way * (value - soc), CLOSE_SOC))
    if (voltage := step.until_voltage) is not None:
        way_of_voltage = step.voltage_direction
        head = _voltage_head(step)
        found.append(End(head, lambda value: way_of_voltage * (value - voltage), CLOSE_VOLTAGE))
    if (rate := step.until_rate) is not None:
        found.append(End(RATE, lambda value: rate - abs(value), CLOSE_RATE * rate))
    if (charge := step.until_capacity) is not None and not step.c_rate:
        found.append(End(SOC, lambda value: abs(value - start) - charge, CLOSE_SOC))
    return found


def _out_of_reach(step: Step) -> list[End]:
    """Return the ends of a step that would not come to the end that it names.

    Args:
        step: Of the protocol.
    """
    found = []
    if step.voltage is not None and step.until_rate is None:
        why = f"the current has fallen below {SLOWEST:g}C, so that its end would not come"
        found.append(End(RATE, lambda value: SLOWEST - abs(value), CLOSE_RATE * SLOWEST, why))
    if step.power and step.voltage_direction < 0.0:
        why = "the voltage has fallen to 0, where no current gives that power"
        found.append(End(_voltage_head(step), lambda value: -value, CLOSE_VOLTAGE, why))
    return found


def _voltage_head(step: Step) -> str:
    """Return the metric that a voltage of a step speaks of.

    Args:
        step: Of the protocol.
    """
    return CELL_VOLTAGE if step.full_cell else VOLTAGE
