"""One step in time: predicted, solved, judged, and taken back or accepted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from math import inf

from mpi4py import MPI

from anodefem.errors import ConvergenceError
from anodefem.fem.fields import Array
from anodefem.fem.model import Updates
from anodefem.interruption import Interrupted
from anodefem.solve.clock import Clock, Rejection, StepLimits, bdf_weight
from anodefem.solve.error import TimeError
from anodefem.solve.locating import RootSearch
from anodefem.solve.newton import VOLUME_KEPT, Outcome
from anodefem.solve.staggered import Solver

LOG = logging.getLogger("anodefem.solve.control")

#: Shares of the extrapolated step that the predictor tries, one after the other.
PREDICTED_SHARES = (1.0, 0.5, 0.25, 0.0)
#: Factor of the length of a step that is taken back.
CUT = 0.5
#: Largest step over the one before; the second-order formula is stable below 2.4.
LARGEST_RATIO = 2.0
#: An error that stays above this part of what it was in a step at least twice as long is no error
#: of the formula.
SMOOTH = 0.7


class StepFailed(ConvergenceError):
    """No step above the smallest one succeeds.

    Attributes:
        kind: Of the last reason; see `Rejection`.
    """

    def __init__(self, message: str, kind: str) -> None:
        """Say why.

        Args:
            message: For the user.
            kind: Of the last reason.
        """
        super().__init__(message)
        self.kind = kind


class Stepper:
    """Takes steps in time; every method is collective."""

    def __init__(
        self, updates: Updates, solver: Solver, limits: StepLimits, interrupted: Callable[[], int]
    ) -> None:
        """Prepare.

        Args:
            updates: Histories of the model that is solved.
            solver: Its solver.
            limits: Step control.
            interrupted: See `anodefem.solve.control.TimeLoop`.
        """
        self.model, self.updates = updates.model, updates
        self._solver, self._limits, self._interrupted = solver, limits, interrupted
        self._error = TimeError(self.model)

    def fill(self, soc_before: float, soc: float, *, damped: bool = False) -> str | None:
        """Fill the hosts further, at rest, and return why that failed, or None.

        Args:
            soc_before: State of charge now [-].
            soc: State of charge that is wanted [-].
            damped: See `anodefem.solve.newton.Newton.solve`.
        """
        state, before = self.model.state, self.model.state.snapshot()
        state.soc.value, state.dt.value, state.charging.value = soc, 1.0, 0.0
        state.bdf_weight.value = 0.0  # nothing flows: what is evenly filled stays so
        self.updates.fill(soc_before, soc)
        fault = self._fault(self._solver.solve(damped=damped), 0.0)
        if fault is None:
            self.updates.accept()
            return None
        state.restore(before)
        return fault.reason

    def advance(
        self, clock: Clock, dt: float, rate: float, search: RootSearch
    ) -> tuple[float, int]:
        """Take one step of at most ``dt`` [s] and set the clock.

        Args:
            clock: Where the run stands.
            dt: Step [s].
            rate: Change of the state of charge per second.
            search: For the moment at which the step of the protocol ends within it.

        Returns:
            The length of the step and its Newton iterations.

        Raises:
            StepFailed: No step above the smallest one succeeds.
            Interrupted: The run was ordered to end; the state is that of the start.
        """
        limits, state, before = self._limits, self.model.state, self.model.state.snapshot()
        smallest = limits.smallest * clock.scale
        former, longest = inf, dt
        while True:
            self._set(clock, dt, rate)
            self._predict(clock, dt)
            outcome = self._solver.solve(damped=clock.damped)
            self.obey(clock, before)
            change = self.model.domain.comm.allreduce(state.change(), op=MPI.MAX)
            error, factor, found = 0.0, CUT, self._fault(outcome, change)
            if found is None:
                error = self._error.largest(clock.dt_prev, clock.dt_earlier)
                factor = limits.step_for_error(error, clock.order)
                # where shorter steps do not lessen it, the solution itself jumps
                jumps = error > SMOOTH * former or factor * dt < smallest
                if error > limits.error and not jumps:
                    found, former = Rejection("error", f"error in time of {error:.2g}"), error
            if found is not None:
                self._take_back(clock, before, dt, outcome, found)
                dt *= min(factor, CUT)
                if dt < smallest and found.kind == "solver" and not clock.damped:
                    LOG.info("t = %.4g s: steps of Newton's method are damped from here", clock.t)
                    clock.damped, dt = True, longest
                clock.dt_next = dt
                search.restart()
                if dt < smallest:
                    raise StepFailed(
                        f"stopped at t = {clock.t:.6g} s, soc = {clock.soc:.4f}: the step fell "
                        f"below {dt:.3g} s ({found.reason}). Refine thin layers, or charge slower.",
                        found.kind,
                    )
                continue
            shorter = search.shorter(dt)
            if shorter is None:
                break
            beyond = Rejection("located", "it goes beyond what ends it")
            self._take_back(clock, before, dt, outcome, beyond)
            dt = shorter
        search.accepted()
        self._accept(clock, dt, rate, outcome, change=change, error=error, factor=factor)
        return dt, outcome.iterations

    def _accept(
        self,
        clock: Clock,
        dt: float,
        rate: float,
        outcome: Outcome,
        *,
        change: float,
        error: float,
        factor: float,
    ) -> None:
        """Accept the step that has been solved, and choose the length of the next one.

        Args:
            clock: Where the run stands.
            dt: Length of the step [s].
            rate: Change of the state of charge per second.
            outcome: How the solve went.
            change: Largest change of the fraction [-].
            error: Local error [-].
            factor: Of the length at which the error would be what it may be.
        """
        limits = self._limits
        self.updates.accumulate()
        self.model.state.find_rates(clock.dt_prev)
        caution = self.updates.caution()
        self.updates.accept()
        jumped = error > limits.error
        clock.beyond += jumped
        clock.dt_next = min(
            limits.soc * clock.scale,
            limits.growth(outcome.iterations, change) * caution * max(dt, clock.dt_next),
            dt if jumped else min(factor, LARGEST_RATIO) * dt,
        )
        clock.advance(dt, rate, outcome.iterations, error)
        if jumped:
            clock.restart()

    def obey(self, clock: Clock, before: Mapping[str, Array] | None = None) -> None:
        """Give up, by raising `Interrupted`, if any rank was ordered to.

        Args:
            clock: Where the run stands.
            before: Snapshot of the fields to which a step under way is taken back.
        """
        number = self._interrupted()
        if number and before is not None:
            self._restore(clock, before)
        if number:
            raise Interrupted(number, f"at t = {clock.t:.6g} s, soc = {clock.soc:.4f}")

    def _set(self, clock: Clock, dt: float, rate: float) -> None:
        """Set the constants of a step.

        Args:
            clock: Where the run stands.
            dt: Length of the step [s].
            rate: Change of the state of charge per second.
        """
        state, last = self.model.state, clock.dt_prev
        state.dt.value, state.charging.value = dt, rate
        state.bdf_weight.value = bdf_weight(dt / last) if last else 1.0
        state.soc.value = clock.soc + rate * dt

    def _predict(self, clock: Clock, dt: float) -> None:
        """Extrapolate the last steps, less far where that would crush the medium.

        Args:
            clock: Where the run stands.
            dt: Length of the step [s].
        """
        if not clock.dt_prev:
            return
        volume = self.updates.volume_ratio().copy()
        for share in PREDICTED_SHARES:
            self.model.state.predict(share * dt, clock.dt_prev)
            ratio = float((self.updates.volume_ratio() / volume).min(initial=1.0))
            if self.model.domain.comm.allreduce(ratio, op=MPI.MIN) > VOLUME_KEPT:
                return

    def _fault(self, outcome: Outcome, change: float) -> Rejection | None:
        """Why the step cannot be accepted, its error aside, or None.

        Args:
            outcome: How the solve went.
            change: Largest change of the fraction [-].
        """
        if not outcome.converged:
            return Rejection("solver", outcome.reason)
        if fault := self.updates.fault():
            return Rejection("state", fault)
        if change > 2 * self._limits.fraction:
            return Rejection("change", f"lithium fraction changed by {change:.3f}")
        return None

    def _take_back(
        self,
        clock: Clock,
        before: Mapping[str, Array],
        dt: float,
        outcome: Outcome,
        why: Rejection,
    ) -> None:
        """Go back to the start of the step, and say so.

        Args:
            clock: Where the run stands; counts the step.
            before: Snapshot of the fields then.
            dt: Length of the step [s].
            outcome: How the solve went.
            why: What is wrong with it.
        """
        clock.reject(why.kind)
        self._restore(clock, before)
        LOG.info(
            "t = %.4g s: step of %.4g s taken back (%s) after %d iterations, residuals %s",
            clock.t,
            dt,
            why.reason,
            outcome.iterations,
            " ".join(f"{norm:.1e}" for norm in outcome.residuals),
        )

    def _restore(self, clock: Clock, before: Mapping[str, Array]) -> None:
        self.model.state.restore(before)
        self.model.state.soc.value = clock.soc
        self.updates.rejected()
