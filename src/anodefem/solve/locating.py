"""Locating: the moment within a step at which a step of the protocol ends.

What may end it is a `Termination`: a level that is read from a step that has been solved and is not
accepted yet. A step in which a level rises beyond its tolerance is taken back and comes again with
the length that a root search proposes, until the level lies within the tolerance: the end is met,
not overshot.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

LOG = logging.getLogger("anodefem.solve.control")

#: Part of the bracket that a proposal keeps away from its ends.
MARGIN = 0.05
#: Tries after which the step is taken as it is.
TRIES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """Something that ends a step of the protocol.

    Attributes:
        level: How far it has been passed, in any unit: below 0 before, above 0 after; -inf where it
            cannot happen. Asked when a step has been solved and is not accepted yet: unknowns are
            those of its end, memories those of its start. Collective, the same on every rank.
        tolerance: Largest level at which the step may end, in that unit.
    """

    level: Callable[[], float]
    tolerance: float


class RootSearch:
    """Length of a step at which the first of several levels lies between 0 and its tolerance.

    Regula falsi in the Illinois form (Dowell and Jarratt 1971), on the middle of that band.
    """

    def __init__(self, terminations: Sequence[Termination]) -> None:
        """Read the levels at the start of the first step; collective.

        Args:
            terminations: What may end a step; none is fine.
        """
        self._all = tuple(terminations)
        self._start = self._found = self._read()
        self.restart()

    def _read(self) -> list[float]:
        return [each.level() for each in self._all]

    def restart(self) -> None:
        """Forget all tries: the step was taken back for another reason."""
        self._low, self._high = 0.0, 0.0
        self._below, self._above = self._start, self._start
        self._tries, self._last, self._width = 0, "", 0.0

    def accepted(self) -> None:
        """The step has been accepted as it is: the next one starts from there."""
        self._start = self._found
        self.restart()

    def shorter(self, dt: float) -> float | None:
        """Return the length that is to be tried next, or None if the step is right; collective.

        What was above 0 at the start of the step already is not searched for.

        Args:
            dt: Length of the step that has been solved [s].
        """
        self._found = levels = self._read()
        searched = [i for i, level in enumerate(self._start) if level <= 0.0]
        passed = [i for i in searched if levels[i] > self._all[i].tolerance]
        met = any(0.0 < levels[i] <= self._all[i].tolerance for i in searched)
        self._tries += 1
        self._width = self._width or dt
        if not passed and (met or not self._high):
            return None
        if passed:
            self._replace_high(dt, levels)
            if self._tries > TRIES:
                LOG.warning(
                    "warning: what ends the step was passed by %.2g of %.2g after %d tries",
                    max(levels[i] for i in passed),
                    self._all[passed[0]].tolerance,
                    TRIES,
                )
                return None
        else:
            self._replace_low(dt, levels)
        width = self._high - self._low
        share = min(self._share(i) for i in searched if self._above[i] > 0.0)
        if self._tries % 3 == 0:
            # at a kink both ends creep
            share = 0.5 if width > self._width / 4 else share
            self._width = width
        return self._low + min(max(share, MARGIN), 1 - MARGIN) * width

    def _share(self, i: int) -> float:
        """Where in the bracket a level would be in the middle of its band."""
        wanted = self._all[i].tolerance / 2
        below, above = self._below[i] - wanted, self._above[i] - wanted
        return below / (below - above) if isfinite(below) and above > below else 0.5

    def _replace_high(self, dt: float, levels: list[float]) -> None:
        self._high, self._above = dt, levels
        if self._last == "high":
            self._below = [level / 2 for level in self._below]
        self._last = "high"

    def _replace_low(self, dt: float, levels: list[float]) -> None:
        self._low, self._below = dt, levels
        if self._last == "low":
            self._above = [level / 2 for level in self._above]
        self._last = "low"
