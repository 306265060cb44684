"""Ends of a protocol step: how far each has been passed, and the step in time that meets it.

A level is the distance beyond an end in units of what it may be missed by: below -1 the end is
still to come, between -1 and 0 it is met, and above 0 it has been passed: no step that goes so far
is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from anodefem.protocols import Step
from anodefem.protocols.step import SLOWEST

#: By what ends may be missed: state of charge and charge [-], voltage [V], part of a C-rate.
CLOSE_SOC, CLOSE_VOLTAGE, CLOSE_RATE = 1e-6, 1e-5, 1e-4
#: Solutions of one step in time after which its last point before the end is good enough.
TRIES = 40
#: Every so many tries the bracket is halved, which bounds their number for levels with a kink.
HALVED = 3
#: A try stays inside this part of the bracket, however the line between its ends runs.
INSIDE = 0.05
#: Level at which a search aims, and largest size of one, so that lines have a slope.
AIM, LARGEST = -0.5, 1e12

SOC, VOLTAGE, RATE = "soc [-]", "voltage [V]", "c_rate [1/h]"
_PASSED, _STORED = "charge_passed [mAh/g]", "specific_capacity [mAh/g]"
#: Heads of the metrics that levels are read from.
HEADS = (SOC, VOLTAGE, RATE, _PASSED, _STORED)

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a protocol step.

    Attributes:
        level: From metrics by head, how far it has been passed.
        reason: Why the step ends, where that is no end that was asked for; "" if it is.
    """

    level: Callable[[Row], float]
    reason: str = ""


class Ends:
    """The ends of a protocol step that depend on the state of the electrode."""

    def __init__(self, step: Step, start: Row) -> None:
        """Take what the step says.

        Args:
            step: Of the protocol.
            start: Metrics by head at its start, of the control before it.
        """
        self._ends = [*_asked(step, start), *_out_of_reach(step)]

    def level(self, row: Row) -> float:
        """Level of the end that is passed farthest; minus infinity if there is none.

        Args:
            row: Metrics by head.
        """
        return max((end.level(row) for end in self._ends), default=-inf)

    def met(self, row: Row) -> bool:
        """Whether an end is met or passed.

        Args:
            row: Metrics by head.
        """
        return self.level(row) >= -1.0

    def reason(self, row: Row) -> str:
        """Why the step ends here, where that is not as asked for; else "".

        Args:
            row: Metrics by head, with which it ends.
        """
        reached = [end for end in self._ends if end.level(row) >= -1.0]
        return reached[0].reason if reached else ""


def _asked(step: Step, start: Row) -> list[End]:
    """Return the ends that a sentence names.

    Args:
        step: Of the protocol.
        start: Metrics by head at its start.
    """
    found: list[End] = []
    if (soc := step.until_soc) is not None:
        way = step.direction or (1.0 if soc > start[SOC] else -1.0)
        found.append(End(lambda row: way * (row[SOC] - soc) / CLOSE_SOC))
    if (voltage := step.until_voltage) is not None:
        # the voltage falls as the host fills
        found.append(End(lambda row: step.direction * (voltage - row[VOLTAGE]) / CLOSE_VOLTAGE))
    if (rate := step.until_rate) is not None:
        found.append(End(lambda row: (rate - abs(row[RATE])) / (CLOSE_RATE * rate)))
    if (charge := step.until_capacity) is not None:
        before = _charge(start)
        found.append(End(lambda row: (abs(_charge(row) - before) - charge) / CLOSE_SOC))
    return found


def _out_of_reach(step: Step) -> list[End]:
    """Return the ends of a step that would not come to the end that it names.

    Args:
        step: Of the protocol.
    """
    found = []
    if step.voltage is not None and step.until_rate is None:
        found.append(
            End(
                lambda row: (SLOWEST - abs(row[RATE])) / (CLOSE_RATE * SLOWEST),
                f"the current has fallen below {SLOWEST:g}C, and its end will not come",
            )
        )
    if step.power and step.direction > 0.0:
        found.append(
            End(
                lambda row: -row[VOLTAGE] / CLOSE_VOLTAGE,
                "the voltage has fallen to 0, and no current gives the power any more",
            )
        )
    return found


def _charge(row: Row) -> float:
    """Charge that has passed over that of full hosts; what is stored if the former is not known."""
    if _PASSED not in row or not row[_STORED] > 0.0:
        return row[SOC]
    return row[_PASSED] / row[_STORED] * row[SOC]


class Search:
    """Finds the length of a step in time at whose end a level is met: regula falsi (Illinois)."""

    def __init__(self, level: float) -> None:
        """Start.

        Args:
            level: At the start of the step in time; below -1.
        """
        #: Longest length that falls short and shortest that goes too far, with level - AIM.
        self._short, self._long = (0.0, max(level, -LARGEST) - AIM), (inf, inf)
        self._side, self._tries = 0, 0

    def judge(self, dt: float, level: float) -> float | None:
        """Return the length to try next, or None if the step can be accepted.

        Args:
            dt: Length of the step that was solved [s].
            level: At its end.
        """
        self._tries += 1
        if level <= 0.0 and (level >= -1.0 or self._long[0] == inf or self._tries > TRIES):
            return None
        (low, below), (high, above) = self._short, self._long
        # where one end of the bracket stays, its value is halved: the line comes closer to it
        if level > 0.0:
            self._long = (dt, min(level, LARGEST) - AIM)
            self._short = (low, below / 2 if self._side > 0 else below)
            self._side = 1
        else:
            self._short = (dt, level - AIM)
            self._long = (high, above / 2 if self._side < 0 else above)
            self._side = -1
        (low, below), (high, above) = self._short, self._long
        if self._tries >= TRIES:
            return low or INSIDE * high
        share = 0.5 if self._tries % HALVED == 0 else below / (below - above)
        return low + (high - low) * min(max(share, INSIDE), 1 - INSIDE)
