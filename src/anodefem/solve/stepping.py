"""Time stepping: how long a step is, when it is taken back, and when a protocol step ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from anodefem.errors import ConvergenceError
from anodefem.model.history import Updates
from anodefem.model.problem import Problem
from anodefem.protocols import Step
from anodefem.results.metrics import Metrics
from anodefem.solve.newton import VOLUME_KEPT, Newton

LOG = logging.getLogger(__name__)

GROWTH, EASY, HARD = 1.5, 5, 8
#: Empty hosts are filled to the initial state of charge in steps of this size.
RAMP = 0.01
#: Lithium fractions a step may end with; more is a failed step.
FRACTION_BOUNDS = (-1e-3, 1.001)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLimits:
    """What a step may do.

    Attributes:
        soc: Largest change of the state of charge, or share of a rest [-].
        fraction: Largest change of the lithium fraction anywhere [-].
        initial: First step after a change of current, in the measure of ``soc``.
        smallest: Step below which the run gives up, likewise.
        full, empty: Surface fractions at which lithiation and delithiation end early.
        count: Steps after which the run gives up.
    """

    soc: float
    fraction: float
    initial: float
    smallest: float
    full: float
    empty: float
    count: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth telling about a protocol step.

    Attributes:
        t: Time [s].
        step: Number of the protocol step, from 1.
        kind: "saturated", "depleted" or "completed".
        message: One sentence.
    """

    t: float
    step: int
    kind: str
    message: str


Accepted = Callable[[dict[str, float], bool], None]


class TimeLoop:
    """Runs a protocol; every method is collective."""

    def __init__(
        self,
        problem: Problem,
        updates: Updates,
        newton: Newton,
        metrics: Metrics,
        limits: StepLimits,
        accepted: Accepted,
    ) -> None:
        """Start at time zero with the state as it is.

        Args:
            problem: What is solved.
            updates: Its history.
            newton: Its solver.
            metrics: Its metrics.
            limits: Step control.
            accepted: Called with the row of metrics after every accepted step; the second argument
                is true at the end of a protocol step.
        """
        self.problem, self.updates, self.newton = problem, updates, newton
        self.metrics, self.limits, self.accepted = metrics, limits, accepted
        self.t, self.soc, self.number = 0.0, 0.0, 0
        self.steps = self.iterations = self.rejected = 0
        self.events: list[Event] = []
        self._speed: list[npt.NDArray[np.float64]] | None = None

    def initialise(self, soc: float, film_thickness: float) -> None:
        """Fill the empty hosts evenly to ``soc``, let the SEI form there, and report.

        Args:
            soc: Initial state of charge [-].
            film_thickness: SEI thickness [um].

        Raises:
            ConvergenceError: The body cannot be filled so far.
        """
        state = self.problem.state
        state.flux.value = 0.0
        self._start_potential()
        filled, part = 0.0, RAMP
        while filled < soc:
            before = state.snapshot()
            target = min(soc, filled + part)
            state.soc.value, state.dt.value = target, 1.0
            for function in (state.c, state.c_n):
                function.x.array.reshape(-1, 2)[:, 0] += target - filled
            outcome = self.newton.solve()
            fault = self._fault(outcome.converged, outcome.reason, 0.0)
            if fault is None:
                self.updates.accept()
                filled, part = target, min(RAMP, GROWTH * part)
                continue
            state.restore(before)
            part /= 2
            if part < self.limits.smallest:
                raise ConvergenceError(
                    f"the initial state was not found: stuck at soc = {filled:g} ({fault}); "
                    "lower protocol.initial_soc or refine the mesh."
                )
        self.soc = soc
        self.updates.form_film(film_thickness)
        self.metrics.start()
        self._report(0.0, 0, end=True)

    def _start_potential(self) -> None:
        """Begin Newton's iteration for mu at a finite value; the equation sets it at once."""
        state = self.problem.state
        state.c.x.array.reshape(-1, 2)[:, 1] = 0.0
        state.c_n.x.array[:] = state.c.x.array

    def run(self, protocol: Sequence[Step]) -> None:
        """Carry out the steps that are left.

        Raises:
            ConvergenceError: A step became too short, or there were too many.
        """
        for number, step in enumerate(protocol, start=1):
            if number > self.number:
                self.number = number
                self._carry_out(step)

    def _carry_out(self, step: Step) -> None:
        rate, limits = step.soc_rate, self.limits
        span = (
            step.duration
            if step.duration is not None
            else (float(step.until_soc or 0.0) - self.soc) / rate
        )
        end = self.t + span
        scale = 1 / abs(rate) if rate else span
        dt = min(limits.initial, limits.soc) * scale
        self._speed = None
        # the last bit of a span can be lost to round-off
        while end - self.t > 1e-9 * span:
            left = end - self.t
            # two steps of like length rather than a long and a tiny one
            now = left if left <= dt else (left / 2 if left < 2 * dt else dt)
            dt = self._advance(now, rate, scale, wanted=dt)
            event = self._saturation(rate)
            finished = event is not None or end - self.t <= 1e-9 * span
            if finished and event is None:
                event = Event(self.t, self.number, "completed", f"'{step.text}' completed")
            self._report(self._taken, self._iterations, end=finished)
            if event:
                self.events.append(event)
                LOG.info("step %d: %s", self.number, event.message)
                return

    def _saturation(self, rate: float) -> Event | None:
        """Event when the surface is full or empty before the protocol step has ended."""
        if not self.problem.diffusing:
            return None
        low, high = self.metrics.fraction_range()
        limits = self.limits
        if rate > 0 and high > limits.full:
            return Event(
                self.t,
                self.number,
                "saturated",
                f"lithiation ended at soc = {self.soc:.4f}: the surface is full "
                f"(fraction {high:.4f} > {limits.full:g}); charge slower to go further",
            )
        if rate < 0 and low < limits.empty:
            return Event(
                self.t,
                self.number,
                "depleted",
                f"delithiation ended at soc = {self.soc:.4f}: the surface is empty "
                f"(fraction {low:.4f} < {limits.empty:g}); discharge slower to go further",
            )
        return None

    def _advance(self, dt: float, rate: float, scale: float, *, wanted: float) -> float:
        """Take one step of at most ``dt`` and return the length to try next.

        Args:
            dt: Step [s].
            rate: Change of the state of charge per second.
            scale: Seconds per unit of the step limits.
            wanted: Step that would be taken if the protocol step did not end [s].

        Raises:
            ConvergenceError: No step above the smallest one succeeds.
        """
        state, before = self.problem.state, self.problem.state.snapshot()
        if self.steps >= self.limits.count:
            raise ConvergenceError(
                f"gave up after {self.steps} steps at t = {self.t:.6g} s, soc = {self.soc:.4f}; "
                "raise solver.maximum_steps if the run was going well."
            )
        while True:
            state.dt.value, state.flux.value = dt, rate
            state.soc.value = self.soc + rate * dt
            self._predict(dt)
            outcome = self.newton.solve()
            change = self._change()
            problem = self._fault(outcome.converged, outcome.reason, change)
            if problem is None:
                break
            self.rejected += 1
            state.restore(before)
            LOG.info(
                "t = %.4g s: step of %.4g s taken back (%s) after %d iterations",
                self.t,
                dt,
                problem,
                outcome.iterations,
            )
            dt /= 2
            wanted = dt
            if dt < self.limits.smallest * scale:
                state.soc.value = self.soc
                raise ConvergenceError(
                    f"stopped at t = {self.t:.6g} s, soc = {self.soc:.4f}: the step fell below "
                    f"{dt:.3g} s ({problem}). Refine thin layers, or charge slower."
                )
        self.metrics.accumulate()
        self._speed = [
            (field.x.array - start.x.array) / dt
            for field, start in zip(self.problem.fields, (state.u_n, state.c_n), strict=False)
        ]
        self.updates.accept()
        self.t += dt
        self.soc += rate * dt
        self.steps += 1
        self.iterations += outcome.iterations
        self._taken, self._iterations = dt, outcome.iterations
        factor = GROWTH if outcome.iterations <= EASY else 1.0
        if outcome.iterations > HARD:
            factor = 0.7
        if change > 0:
            factor = min(factor, 0.9 * self.limits.fraction / change)
        return min(self.limits.soc * scale, factor * max(dt, wanted))

    def _predict(self, dt: float) -> None:
        """Extrapolate the last step, less far where that would crush the medium."""
        if self._speed is None:
            return
        fields = self.problem.fields
        start = [field.x.array.copy() for field in fields]
        volume = self.updates.jacobian_determinant().copy()
        for share in (1.0, 0.5, 0.25):
            for field, array, speed in zip(fields, start, self._speed, strict=True):
                field.x.array[:] = array + share * dt * speed
            ratio = float((self.updates.jacobian_determinant() / volume).min(initial=1.0))
            if self.problem.domain.comm.allreduce(ratio, op=MPI.MIN) > VOLUME_KEPT:
                return
        for field, array in zip(fields, start, strict=True):
            field.x.array[:] = array

    def _change(self) -> float:
        """Largest change of the lithium fraction in the step."""
        if not self.problem.diffusing:
            return 0.0
        state = self.problem.state
        change = (state.c.x.array - state.c_n.x.array)[::2]
        local = float(np.abs(change).max(initial=0.0))
        return float(self.problem.domain.comm.allreduce(local, op=MPI.MAX))

    def _fault(self, converged: bool, reason: str, change: float) -> str | None:
        """Why the step cannot be accepted, or None; the one place where steps are judged."""
        if not converged:
            return reason
        smallest = float(self.updates.jacobian_determinant().min(initial=np.inf))
        if self.problem.domain.comm.allreduce(smallest, op=MPI.MIN) <= 0:
            return "an element turned inside out"
        if not self.problem.diffusing:
            return None
        low, high = self.metrics.fraction_range()
        if not FRACTION_BOUNDS[0] <= low <= high <= FRACTION_BOUNDS[1]:
            return f"lithium fraction {low:.4f} to {high:.4f} left [0, 1]"
        if change > 2 * self.limits.fraction:
            return f"lithium fraction changed by {change:.3f}"
        return None

    def _report(self, dt: float, iterations: int, *, end: bool) -> None:
        row = {
            "t [s]": self.t,
            "dt [s]": dt,
            "step [-]": float(self.number),
            "newton_iterations [-]": float(iterations),
        }
        self.accepted(row | self.metrics.row(), end)
