"""Time stepping: how long a step is, when it is taken back, and when a protocol step ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from math import isfinite

from anodefem.controls import GROWTH
from anodefem.errors import ConvergenceError
from anodefem.fem.model import Updates
from anodefem.protocols import Step
from anodefem.protocols.step import SLOWEST
from anodefem.results.metrics import Metrics
from anodefem.solve.clock import Clock, StepLimits
from anodefem.solve.ends import RATE, End, ends, time_to_soc
from anodefem.solve.events import EventLog
from anodefem.solve.locating import RootSearch, Termination
from anodefem.solve.pace import Pace
from anodefem.solve.staggered import Solver
from anodefem.solve.stepping import StepFailed, Stepper

LOG = logging.getLogger(__name__)

#: Empty hosts are filled to the initial state of charge in steps of this size.
FILLING_STEP = 0.01
Accepted = Callable[[dict[str, float], bool], None]


class TimeLoop:
    """Runs a protocol; every method is collective.

    Attributes:
        log: What has happened so far.
    """

    def __init__(
        self,
        updates: Updates,
        solver: Solver,
        metrics: Metrics,
        limits: StepLimits,
        accepted: Accepted,
        *,
        interrupted: Callable[[], int] = lambda: 0,
        enough: Callable[[], str] = lambda: "",
    ) -> None:
        """Start at time zero with the state as it is.

        Args:
            updates: Histories of the model that is solved.
            solver: Its solver.
            metrics: Its metrics.
            limits: Step control.
            accepted: Called with the row of metrics after every accepted step; the second argument
                is true at the end of a protocol step.
            interrupted: Number of a signal by which the run is to end, or 0; collective. The step
                under way is given up.
            enough: Why the run is to end with the cycle that is over, or "".
        """
        self.model, self.updates = updates.model, updates
        self.metrics, self.limits, self.accepted = metrics, limits, accepted
        self._enough = enough
        self._stepper = Stepper(updates, solver, limits, interrupted)
        self.log = EventLog(self.model, Clock())

    @property
    def clock(self) -> Clock:
        """Where the run stands."""
        return self.log.clock

    def initialise(self, soc: float) -> None:
        """Fill the empty hosts at rest to ``soc``, let what forms then form, and report.

        Args:
            soc: Initial state of charge [-].

        Raises:
            ConvergenceError: The body cannot be filled so far.
        """
        filled, part = 0.0, FILLING_STEP
        while filled < soc:
            target = min(soc, filled + part)
            fault = self._stepper.fill(filled, target, damped=self.clock.damped)
            self._stepper.obey(self.clock)
            if fault is None:
                filled, part = target, min(FILLING_STEP, GROWTH * part)
                continue
            LOG.info("initial state at soc = %.3g taken back (%s)", target, fault)
            part /= 2
            if part < self.limits.smallest and not self.clock.damped:
                self.clock.damped, part = True, FILLING_STEP
            if part < self.limits.smallest:
                raise ConvergenceError(
                    f"the initial state was not found: stuck at soc = {filled:g} ({fault}); "
                    "lower protocol.initial_soc or refine the mesh."
                )
        self.clock.soc = soc
        self.updates.initialised()
        self.updates.started()
        self._report(0.0, 0)

    def run(self, protocol: Sequence[Step]) -> None:
        """Carry out the steps that are left.

        Args:
            protocol: All steps, in order.

        Raises:
            ConvergenceError: A step became too short, or there were too many.
        """
        for number, step in enumerate(protocol, start=1):
            if number > self.clock.step:
                over = number > 1 and step.cycle > protocol[number - 2].cycle
                if over and (why := self._enough()):
                    self.log.note("enough", why)
                    return
                self._begin(number, step)
            elif number == self.clock.step:
                self.model.control(step.control)
            if number == self.clock.step and self.clock.end is not None:
                self._carry_out(step)

    def _begin(self, number: int, step: Step) -> None:
        """Set the clock for a protocol step."""
        clock, limits = self.clock, self.limits
        # the current jumps: rates of the step before say nothing of what comes
        clock.step, clock.cycle = number, step.cycle
        clock.restart()
        clock.damped = False
        self.updates.protocol_step()
        self.model.control(step.control)
        clock.soc_before, clock.duration = clock.soc, step.lasts()
        if not self._potential:
            clock.duration = min(clock.duration, step.lacks(clock.soc))
        clock.end = clock.t + clock.duration
        met = [end for end in self._ends(step) if end.met(self.metrics.value(end.head))]
        if clock.duration <= 0 or met:
            clock.end = None
            why = f"soc = {clock.soc:.4f} is at or beyond its end"
            if met:
                head = met[0].head
                why = met[0].reason or (
                    f"{head.partition(' ')[0]} = {self.metrics.value(head)[head]:.4g} is at or "
                    "beyond its end"
                )
            self.log.note("skipped", f"'{step.text}' skipped: {why}")
            return
        clock.scale = self._scale(step)
        clock.dt_next = min(limits.initial, limits.soc) * clock.scale

    @property
    def _potential(self) -> bool:
        """The electrode has a potential: soc and voltage follow from the state, not from time."""
        return "potential" in self.model.state

    def _ends(self, step: Step) -> list[End]:
        """What ends a protocol step beside its time; with a uniform flux nothing does.

        Args:
            step: The protocol step.
        """
        return ends(step, self.clock.soc_before) if self._potential else []

    def _scale(self, step: Step) -> float:
        """Time in which the present current passes the charge of full hosts [s]; see `Clock`.

        Args:
            step: The protocol step.
        """
        if step.kind == "rest":
            return self.clock.duration
        if step.c_rate:
            return 3600.0 / step.c_rate
        return 3600.0 / max(abs(self.metrics.value(RATE)[RATE]), SLOWEST)

    def _carry_out(self, step: Step) -> None:
        """Go to the end of the protocol step, or to the event that ends it."""
        clock, rate, pace = self.clock, step.soc_rate, Pace(self.limits.count)
        found = self._ends(step)
        terminations = [end.termination(self.metrics.value) for end in found]
        search = RootSearch([*self._terminations(step), *terminations])
        while clock.end is not None:
            if clock.steps >= self.limits.count:
                raise ConvergenceError(
                    f"gave up after {clock.steps} steps at t = {clock.t:.6g} s, "
                    f"soc = {clock.soc:.4f}; raise solver.max_steps if the run was going well."
                )
            left, dt = clock.end - clock.t, clock.dt_next
            if self._potential:
                left = min(left, time_to_soc(step, clock.soc, clock.scale))
            # two steps of like length rather than a long and a tiny one
            now = left if left <= dt else (left / 2 if left < 2 * dt else dt)
            try:
                taken, iterations = self._stepper.advance(clock, now, rate, search)
            except StepFailed as error:
                if not self._stuck(step, error):
                    raise
                return
            self._report(taken, iterations, step, found)
            if self.clock.end is None:
                return
            # where something else may end the step, its time says nothing of what is left
            timed = isfinite(clock.end) and not found
            if timed and (why := pace.hopeless(clock.t, clock.end, clock.steps)):
                raise ConvergenceError(
                    f"stopped at t = {clock.t:.6g} s, soc = {clock.soc:.4f}: {why}, beyond "
                    f"solver.max_steps = {self.limits.count}. Refine thin layers, charge slower, "
                    "or raise it."
                )
            if not step.c_rate:
                clock.scale = self._scale(step)

    def _stuck(self, step: Step, error: StepFailed) -> bool:
        """End a protocol step that cannot go on where it is the protocol that asks too much.

        That is so where a surface was full, or empty, before it began, and where it asks for a
        power and no state gives it: the most that an electrode gives is no level that could be
        located.

        Args:
            step: The protocol step.
            error: Why no time step succeeds.
        """
        before = self.log.before
        passed = [event for event in self.log.events if event.ends_step and event.level(before) > 0]
        if not (passed or (step.power and error.kind == "solver")):
            return False
        self.clock.end = None
        if passed:
            self.log.note(passed[0].kind, passed[0].message(before))
        else:
            message = f"'{step.text}' ended: no current gives that power any more ({error})"
            self.log.note("unreachable", message)
        return True

    def _terminations(self, step: Step) -> list[Termination]:
        """What may end a protocol step within a time step, other than its time.

        Args:
            step: The protocol step.
        """
        found = [
            Termination(level=event.now, tolerance=event.tolerance)
            for event in self.log.events
            if event.ends_step and event.now
        ]
        if type(step).passed is not Step.passed:
            found.append(
                Termination(level=lambda: step.passed(self._row()), tolerance=step.tolerance)
            )
        return found

    def _row(self) -> dict[str, float]:
        """Metrics of the step that has been solved; sums are those of its start."""
        dt = float(self.model.state.dt.value)
        return self._labels(self.clock.t + dt, dt, 0) | self.metrics.row()

    def _labels(self, t: float, dt: float, iterations: int) -> dict[str, float]:
        return {
            "t [s]": t,
            "dt [s]": dt,
            "cycle [-]": float(self.clock.cycle),
            "step [-]": float(self.clock.step),
            "newton_iterations [-]": float(iterations),
        }

    def _report(
        self, dt: float, iterations: int, step: Step | None = None, found: Sequence[End] = ()
    ) -> None:
        """Read the metrics, look for events, and pass the row on.

        Args:
            dt: Length of the time step [s].
            iterations: Newton iterations that it took.
            step: Protocol step that is under way; None for the initial state.
            found: What ends it beside its time.
        """
        clock = self.clock
        row = self._labels(clock.t, dt, iterations) | self.metrics.row()
        if self._potential:
            # what flows may follow from a voltage, or be taken by side reactions
            clock.soc = row["soc [-]"]
        if step is not None:
            self.log.look_for_the_end(row, step, found)
        self.log.look(row)
        self.accepted(row, clock.end is None)
