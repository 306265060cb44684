"""Time stepping: how long a step is, when it is taken back, and when a protocol step ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from anodefem.errors import ConvergenceError
from anodefem.model.history import Updates
from anodefem.model.problem import Problem
from anodefem.protocols import Step
from anodefem.results.definitions import FAILURES
from anodefem.results.metrics import Metrics
from anodefem.solve.fracture import Staggered
from anodefem.solve.newton import VOLUME_KEPT, Newton

LOG = logging.getLogger(__name__)

GROWTH, EASY, HARD = 1.5, 5, 8
#: Empty hosts are filled to the initial state of charge in steps of this size.
RAMP = 0.01
#: Growth of the crack field in a step above which the next step is shorter.
CRACK_GROWTH = 0.2
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
        kind: "completed", "saturated", "depleted" or "skipped"; "cracked" when the first crack
            opens; "sei-" with the name of one of `FAILURES` when the SEI first fails in that way.
        message: One sentence.
    """

    t: float
    step: int
    kind: str
    message: str


@dataclass(slots=True)
class Clock:
    """Where a run stands.

    Attributes:
        t: Time [s].
        soc: State of charge [-].
        number: Protocol step that is under way or was the last, from 1; 0 before the first.
        end: Time at which that step ends [s]; None when it has ended.
        span: Length of that step [s].
        wanted: Length of the next time step [s].
        moving: The rates of the state can be used to predict the next step.
        last: Length of the last step [s]; 0 before the first of a protocol step.
        steps, iterations, rejected: Accepted steps, their Newton iterations, steps taken back.
    """

    t: float = 0.0
    soc: float = 0.0
    number: int = 0
    end: float | None = None
    span: float = 0.0
    wanted: float = 0.0
    moving: bool = False
    last: float = 0.0
    steps: int = 0
    iterations: int = 0
    rejected: int = 0


Accepted = Callable[[dict[str, float], bool], None]


def end_share(ratio: float) -> float:
    """Weight of the rate at the end of a step in the second-order formula for variable steps.

    The other part is the mean rate of the step before (see `residuals.lithium`). Stable while steps
    grow by less than 2.4 at a time (Grigorieff 1983); `GROWTH` is less.

    Args:
        ratio: Length of the step over that of the one before.
    """
    return (1 + ratio) / (1 + 2 * ratio)


class TimeLoop:
    """Runs a protocol; every method is collective."""

    def __init__(
        self,
        problem: Problem,
        updates: Updates,
        newton: Newton | Staggered,
        metrics: Metrics,
        limits: StepLimits,
        accepted: Accepted,
        *,
        second_order: bool = False,
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
            second_order: Lithium's balance by the second-order backward differentiation formula;
                else, and always in the first step of a protocol step, by backward Euler.
        """
        self.problem, self.updates, self.newton = problem, updates, newton
        self.metrics, self.limits, self.accepted = metrics, limits, accepted
        self.second_order = second_order
        self.clock = Clock()
        self.events: list[Event] = []

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
            LOG.info("initial state at soc = %.3g taken back (%s)", target, fault)
            state.restore(before)
            part /= 2
            if part < self.limits.smallest:
                raise ConvergenceError(
                    f"the initial state was not found: stuck at soc = {filled:g} ({fault}); "
                    "lower protocol.initial_soc or refine the mesh."
                )
        self.clock.soc = soc
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
            if number > self.clock.number:
                self._begin(number, step)
            if number == self.clock.number and self.clock.end is not None:
                self._carry_out(step)

    def _begin(self, number: int, step: Step) -> None:
        """Set the clock for a protocol step."""
        clock, limits, rate = self.clock, self.limits, step.soc_rate
        clock.number, clock.moving, clock.last = number, False, 0.0
        self.metrics.begin()
        clock.span = (
            step.duration
            if step.duration is not None
            else (float(step.until_soc or 0.0) - clock.soc) / rate
        )
        clock.wanted = min(limits.initial, limits.soc) * (1 / abs(rate) if rate else clock.span)
        clock.end = clock.t + clock.span
        if clock.span <= 0:
            clock.end = None
            self._tell("skipped", f"'{step.text}' skipped: soc = {clock.soc:.4f} is beyond its end")

    def _tell(self, kind: str, message: str) -> None:
        self.events.append(Event(self.clock.t, self.clock.number, kind, message))
        LOG.info("step %d: %s", self.clock.number, message)

    def _carry_out(self, step: Step) -> None:
        """Go to the end of the protocol step, or to the event that ends it."""
        clock, rate = self.clock, step.soc_rate
        while clock.end is not None:
            left, dt = clock.end - clock.t, clock.wanted
            # two steps of like length rather than a long and a tiny one
            now = left if left <= dt else (left / 2 if left < 2 * dt else dt)
            taken, iterations = self._advance(now, rate)
            end = self._saturation(rate)
            # the last bit of a span can be lost to round-off
            if end is None and clock.end - clock.t <= 1e-9 * clock.span:
                end = ("completed", f"'{step.text}' completed")
            if end is not None:
                clock.end = None
                self._tell(*end)
            self._report(taken, iterations, end=end is not None)

    def _saturation(self, rate: float) -> tuple[str, str] | None:
        """Kind and message if the surface is full or empty before the step has ended."""
        if not self.problem.diffusing:
            return None
        low, high = self.metrics.fraction_range()
        limits = self.limits
        if rate > 0 and high > limits.full:
            return (
                "saturated",
                f"lithiation ended at soc = {self.clock.soc:.4f}: the surface is full "
                f"(fraction {high:.4f} > {limits.full:g}); charge slower to go further",
            )
        if rate < 0 and low < limits.empty:
            return (
                "depleted",
                f"delithiation ended at soc = {self.clock.soc:.4f}: the surface is empty "
                f"(fraction {low:.4f} < {limits.empty:g}); discharge slower to go further",
            )
        return None

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
        scale = 1 / abs(rate) if rate else clock.span
        state, before = self.problem.state, self.problem.state.snapshot()
        if clock.steps >= limits.count:
            raise ConvergenceError(
                f"gave up after {clock.steps} steps at t = {clock.t:.6g} s, soc = {clock.soc:.4f}; "
                "raise solver.max_steps if the run was going well."
            )
        while True:
            state.dt.value, state.flux.value = dt, rate
            state.end_share.value = self._end_share(dt)
            state.soc.value = clock.soc + rate * dt
            self._predict(dt)
            outcome = self.newton.solve()
            if outcome.converged and not isinstance(self.newton, Staggered):
                self.metrics.loaded()
            change = self._change()
            problem = self._fault(outcome.converged, outcome.reason, change)
            if problem is None:
                break
            clock.rejected += 1
            state.restore(before)
            self.metrics.rewind()
            LOG.info(
                "t = %.4g s: step of %.4g s taken back (%s) after %d iterations, residuals %s",
                clock.t,
                dt,
                problem,
                outcome.iterations,
                " ".join(f"{norm:.1e}" for norm in outcome.residuals),
            )
            dt /= 2
            clock.wanted = dt
            if dt < limits.smallest * scale:
                state.soc.value = clock.soc
                raise ConvergenceError(
                    f"stopped at t = {clock.t:.6g} s, soc = {clock.soc:.4f}: the step fell below "
                    f"{dt:.3g} s ({problem}). Refine thin layers, or charge slower."
                )
        self.metrics.accumulate()
        for field, start, rates in self._moving_fields():
            rates.x.array[:] = (field.x.array - start.x.array) / dt
        caution = self._caution()
        self.updates.accept()
        factor = GROWTH if outcome.iterations <= EASY else 1.0
        if outcome.iterations > HARD:
            factor = 0.7
        if change > 0:
            factor = min(factor, 0.9 * limits.fraction / change)
        factor *= caution
        clock.wanted = min(limits.soc * scale, factor * max(dt, clock.wanted))
        clock.t += dt
        clock.soc += rate * dt
        clock.steps += 1
        clock.iterations += outcome.iterations
        clock.moving, clock.last = True, dt
        return dt, outcome.iterations

    def _end_share(self, dt: float) -> float:
        """Weight of the fluxes at the end of a step of ``dt`` [s]."""
        last = self.clock.last
        return end_share(dt / last) if self.second_order and last else 1.0

    def _moving_fields(self) -> list[tuple[fem.Function, fem.Function, fem.Function]]:
        """Unknown fields with their values at the start of the step and their rates."""
        state = self.problem.state
        moving = [(state.u, state.u_n, state.u_rate)]
        if self.problem.diffusing:
            moving.append((state.c, state.c_n, state.c_rate))
        if state.jump is not None and state.jump_n is not None and state.jump_rate is not None:
            moving.append((state.jump, state.jump_n, state.jump_rate))
        return moving

    def _predict(self, dt: float) -> None:
        """Extrapolate the last step, less far where that would crush the medium."""
        if not self.clock.moving:
            return
        volume = self.updates.jacobian_determinant().copy()
        for share in (1.0, 0.5, 0.25, 0.0):
            for field, start, rates in self._moving_fields():
                field.x.array[:] = start.x.array + share * dt * rates.x.array
            ratio = float((self.updates.jacobian_determinant() / volume).min(initial=1.0))
            if self.problem.domain.comm.allreduce(ratio, op=MPI.MIN) > VOLUME_KEPT:
                return

    def _change(self) -> float:
        """Largest change of the lithium fraction in the step."""
        if not self.problem.diffusing:
            return 0.0
        state = self.problem.state
        change = (state.c.x.array - state.c_n.x.array)[::2]
        local = float(np.abs(change).max(initial=0.0))
        return float(self.problem.domain.comm.allreduce(local, op=MPI.MAX))

    def _caution(self) -> float:
        """Factor of the next step: short ones while cracks run."""
        state = self.problem.state
        if state.crack is None or state.crack_n is None:
            return 1.0
        grown = float(np.abs(state.crack.x.array - state.crack_n.x.array).max(initial=0.0))
        largest = float(self.problem.domain.comm.allreduce(grown, op=MPI.MAX))
        return min(1.0, CRACK_GROWTH / largest) if largest > 0 else 1.0

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
            "t [s]": self.clock.t,
            "dt [s]": dt,
            "step [-]": float(self.clock.number),
            "newton_iterations [-]": float(iterations),
        }
        row |= self.metrics.row()
        self._tell_failures(row)
        self.accepted(row, end)

    def _tell_failures(self, row: dict[str, float]) -> None:
        """Tell of the first crack, and of each way in which the SEI fails for the first time."""
        told = {event.kind for event in self.events}
        if self.metrics.cracked and "cracked" not in told:
            self._tell("cracked", f"the first crack opened by soc = {self.clock.soc:.4f}")
        for failure in FAILURES:
            kind, share = f"sei-{failure.name}", row.get(failure.column, 0.0)
            if share > 0.0 and kind not in told:
                self._tell(
                    kind,
                    f"the SEI {failure.told} at soc = {self.clock.soc:.4f}, on "
                    f"{100 * share:.3g} % of its area",
                )
