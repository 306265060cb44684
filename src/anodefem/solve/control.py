"""Time stepping: how long a step is, when it is taken back, and when a protocol step ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from math import inf

from mpi4py import MPI

from anodefem.errors import ConvergenceError
from anodefem.fem.fields import Array
from anodefem.fem.model import Updates
from anodefem.interruption import Interrupted
from anodefem.protocols import Step
from anodefem.results.metrics import Metrics
from anodefem.solve.clock import GROWTH, Clock, StepLimits, bdf_weight
from anodefem.solve.error import TimeError
from anodefem.solve.events import EventLog
from anodefem.solve.newton import VOLUME_KEPT
from anodefem.solve.staggered import Solver

LOG = logging.getLogger(__name__)

#: Empty hosts are filled to the initial state of charge in steps of this size.
FILLING_STEP = 0.01
#: Shares of the extrapolated step that the predictor tries, one after the other.
PREDICTED_SHARES = (1.0, 0.5, 0.25, 0.0)

#: Largest step over the one before; the second-order formula is stable below 2.4.
LARGEST_RATIO = 2.0
#: An error that stays above this part of what it was in a step at least twice as long is no error
#: of the formula.
SMOOTH = 0.7

CHANGED = "lithium fraction changed by"

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
        """
        self.model, self.updates, self.solver = updates.model, updates, solver
        self.metrics, self.limits, self.accepted = metrics, limits, accepted
        self._interrupted = interrupted
        self._error = TimeError(self.model)
        self.log = EventLog(self.model, Clock())

    @property
    def clock(self) -> Clock:
        """Where the run stands."""
        return self.log.clock

    def initialise(self, soc: float) -> None:
        """Fill the empty hosts evenly to ``soc``, let what forms then form, and report.

        Args:
            soc: Initial state of charge [-].

        Raises:
            ConvergenceError: The body cannot be filled so far.
        """
        state = self.model.state
        state.charging.value = 0.0
        filled, part = 0.0, FILLING_STEP
        while filled < soc:
            before = state.snapshot()
            target = min(soc, filled + part)
            state.soc.value, state.dt.value = target, 1.0
            self.updates.fill(target - filled)
            outcome = self.solver.solve()
            self._obey()
            fault = self._fault(outcome.converged, outcome.reason, 0.0)
            if fault is None:
                self.updates.accept()
                filled, part = target, min(FILLING_STEP, GROWTH * part)
                continue
            LOG.info("initial state at soc = %.3g taken back (%s)", target, fault)
            state.restore(before)
            part /= 2
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
                self._begin(number, step)
            if number == self.clock.step and self.clock.end is not None:
                self._carry_out(step)

    def _begin(self, number: int, step: Step) -> None:
        """Set the clock for a protocol step."""
        clock, limits, rate = self.clock, self.limits, step.soc_rate
        # the current jumps: rates of the step before say nothing of what comes
        clock.step = number
        clock.restart()
        self.updates.protocol_step()
        clock.duration = step.lasts(clock.soc)
        first = min(limits.initial, limits.soc)
        clock.dt_next = first * (1 / abs(rate) if rate else clock.duration)
        clock.end = clock.t + clock.duration
        if clock.duration <= 0:
            clock.end = None
            message = f"'{step.text}' skipped: soc = {clock.soc:.4f} is beyond its end"
            self.log.note("skipped", message)

    def _carry_out(self, step: Step) -> None:
        """Go to the end of the protocol step, or to the event that ends it."""
        clock, rate = self.clock, step.soc_rate
        while clock.end is not None:
            left, dt = clock.end - clock.t, clock.dt_next
            # two steps of like length rather than a long and a tiny one
            now = left if left <= dt else (left / 2 if left < 2 * dt else dt)
            taken, iterations = self._advance(now, rate)
            self._report(taken, iterations, step)

    def _advance(self, dt: float, rate: float) -> tuple[float, int]:
        """Take one step of at most ``dt`` [s] and set the clock.

        Args:
            dt: Step [s].
            rate: Change of the state of charge per second.

        Returns:
            The length of the step and its Newton iterations.

        Raises:
            ConvergenceError: No step above the smallest one succeeds, or there were too many.
        """
        clock, limits = self.clock, self.limits
        scale = 1 / abs(rate) if rate else clock.duration
        state, before = self.model.state, self.model.state.snapshot()
        if clock.steps >= limits.count:
            raise ConvergenceError(
                f"gave up after {clock.steps} steps at t = {clock.t:.6g} s, soc = {clock.soc:.4f}; "
                "raise solver.max_steps if the run was going well."
            )
        former = inf
        while True:
            self._set(dt, rate)
            self._predict(dt)
            outcome = self.solver.solve()
            if self._interrupted():
                self._take_back(before)
                self._obey()
            change = self.model.domain.comm.allreduce(state.change(), op=MPI.MAX)
            fault, factor = self._fault(outcome.converged, outcome.reason, change), 0.5
            kind, error = _kind(outcome.converged, fault), 0.0
            if fault is None:
                error = self._error.largest(clock.dt_prev, clock.dt_earlier)
                factor = limits.step_for_error(error, self._order)
                # where shorter steps do not lessen it, the solution itself jumps
                jumps = error > SMOOTH * former or factor * dt < limits.smallest * scale
                if error <= limits.error or jumps:
                    break
                fault, former = f"error in time of {error:.2g}", error
            clock.reject(kind)
            self._take_back(before)
            LOG.info(
                "t = %.4g s: step of %.4g s taken back (%s) after %d iterations, residuals %s",
                clock.t,
                dt,
                fault,
                outcome.iterations,
                " ".join(f"{norm:.1e}" for norm in outcome.residuals),
            )
            dt *= min(factor, 0.5)
            clock.dt_next = dt
            if dt < limits.smallest * scale:
                raise ConvergenceError(
                    f"stopped at t = {clock.t:.6g} s, soc = {clock.soc:.4f}: the step fell below "
                    f"{dt:.3g} s ({fault}). Refine thin layers, or charge slower."
                )
        self.updates.accumulate()
        state.find_rates(clock.dt_prev)
        caution = self.updates.caution()
        self.updates.accept()
        clock.dt_next = min(
            limits.soc * scale,
            limits.growth(outcome.iterations, change) * caution * max(dt, clock.dt_next),
            min(factor, LARGEST_RATIO) * dt if error <= limits.error else dt,
        )
        clock.advance(dt, rate, outcome.iterations, error)
        if error > limits.error:
            clock.restart()
        return dt, outcome.iterations

    def _set(self, dt: float, rate: float) -> None:
        """Set the constants of a step.

        Args:
            dt: Its length [s].
            rate: Change of the state of charge per second.
        """
        state, last = self.model.state, self.clock.dt_prev
        state.dt.value, state.charging.value = dt, rate
        state.bdf_weight.value = bdf_weight(dt / last) if last else 1.0
        state.soc.value = self.clock.soc + rate * dt

    def _take_back(self, before: Mapping[str, Array]) -> None:
        """Go back to the start of the step.

        Args:
            before: Snapshot of the fields then.
        """
        self.model.state.restore(before)
        self.model.state.soc.value = self.clock.soc
        self.updates.rejected()

    @property
    def _order(self) -> int:
        """Power of the length of a step with which its estimated error grows."""
        return 1 + bool(self.clock.dt_prev) + bool(self.clock.dt_earlier)

    def _obey(self) -> None:
        """Give up, by raising `Interrupted`, if any rank was ordered to; collective."""
        if number := self._interrupted():
            raise Interrupted(number, f"at t = {self.clock.t:.6g} s, soc = {self.clock.soc:.4f}")

    def _predict(self, dt: float) -> None:
        """Extrapolate the last step, less far where that would crush the medium."""
        before = self.clock.dt_prev
        if not before:
            return
        volume = self.updates.volume_ratio().copy()
        for share in PREDICTED_SHARES:
            self.model.state.predict(share * dt, before)
            ratio = float((self.updates.volume_ratio() / volume).min(initial=1.0))
            if self.model.domain.comm.allreduce(ratio, op=MPI.MIN) > VOLUME_KEPT:
                return

    def _fault(self, converged: bool, reason: str, change: float) -> str | None:
        """Why the step cannot be accepted, or None; the one place where steps are judged."""
        if not converged:
            return reason
        if fault := self.updates.fault():
            return fault
        if change > 2 * self.limits.fraction:
            return f"{CHANGED} {change:.3f}"
        return None

    def _report(self, dt: float, iterations: int, step: Step | None = None) -> None:
        """Read the metrics, look for events, and pass the row on.

        Args:
            dt: Length of the time step [s].
            iterations: Newton iterations that it took.
            step: Protocol step that is under way; None for the initial state.
        """
        clock = self.clock
        row = {
            "t [s]": clock.t,
            "dt [s]": dt,
            "step [-]": float(clock.step),
            "newton_iterations [-]": float(iterations),
        }
        row |= self.metrics.row()
        if step is not None:
            self.log.look_for_the_end(row, step)
        self.log.look(row)
        self.accepted(row, clock.end is None)


def _kind(converged: bool, fault: str | None) -> str:
    """What is wrong with a step that is taken back; see `Clock.rejections`.

    Args:
        converged: It has been solved.
        fault: Why it cannot be accepted all the same, or None if its error is too large.
    """
    if not converged:
        return "solver"
    if fault is None:
        return "error"
    return "change" if fault.startswith(CHANGED) else "state"
