"""What happens in a run: events of the physics, and ends of protocol steps."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from math import inf, isfinite

from anodefem.fem.contract import Event
from anodefem.fem.model import Model
from anodefem.protocols import Step
from anodefem.solve.clock import Clock, Occurrence
from anodefem.solve.ends import End

LOG = logging.getLogger("anodefem.solve.control")


class EventLog:
    """Looks for events at the end of every accepted step, and keeps what has happened.

    Attributes:
        clock: Where the run stands.
        events: Of all physics.
        occurrences: What has happened so far.
        before: Metrics by head at the end of the last step; empty before the first.
    """

    def __init__(self, model: Model, clock: Clock) -> None:
        """Prepare the events of all physics.

        Args:
            model: What is solved.
            clock: Where the run stands.
        """
        self.clock = clock
        self.occurrences: list[Occurrence] = []
        self.before: Mapping[str, float] = {}
        self.events = [e for physics in model.physics for e in physics.events(model.symbols)]

    def note(self, kind: str, message: str, at: Mapping[str, float] | None = None) -> None:
        """Keep and report what has happened.

        Args:
            kind: Of the event.
            message: One sentence.
            at: Row of metrics with time and state of charge of the moment; None for now.
        """
        t, soc = (at["t [s]"], at["soc [-]"]) if at else (self.clock.t, self.clock.soc)
        self.occurrences.append(Occurrence(t, soc, self.clock.step, kind, message))
        LOG.info("step %d: %s", self.clock.step, message)

    def look(self, row: Mapping[str, float]) -> None:
        """Note what happens for the first time, other than ends of protocol steps.

        Args:
            row: Metrics by head of column.
        """
        known = {each.kind for each in self.occurrences}
        for event in self.events:
            if not event.ends_step and event.kind not in known and event.level(row) > 0.0:
                at = self._located(event, row)
                self.note(event.kind, event.message(at), at)
        self.before = row

    def _located(self, event: Event, row: Mapping[str, float]) -> Mapping[str, float]:
        """Row with time and state of charge of the moment at which an event happened.

        Args:
            event: Has happened by the end of the step.
            row: Metrics then.
        """
        level = event.level(self.before) if self.before else 0.0
        if not -inf < level < 0.0:
            return row
        share = level / (level - event.level(row))
        moment = {
            head: self.before[head] + share * (row[head] - self.before[head])
            for head in ("t [s]", "soc [-]")
        }
        return {**row, **moment}

    def look_for_the_end(
        self, row: Mapping[str, float], step: Step, ends: Sequence[End] = ()
    ) -> None:
        """End the protocol step if an event or its own condition does, or its time is over.

        Args:
            row: Metrics by head of column.
            step: The protocol step.
            ends: What ends it beside its time.
        """
        clock = self.clock
        for event in self.events:
            if event.ends_step and event.level(row) > 0.0:
                clock.end = None
                self.note(event.kind, event.message(row))
                return
        if clock.end is None:
            return
        met = [end for end in ends if end.met(row)]
        # the last bit of a duration can be lost to round-off
        over = isfinite(clock.end) and clock.end - clock.t <= 1e-9 * clock.duration
        if met or over or step.passed(row) > 0.0:
            clock.end = None
            if met and met[0].reason:
                self.note("unreachable", f"'{step.text}' ended: {met[0].reason}")
            else:
                self.note("completed", f"'{step.text}' completed")
