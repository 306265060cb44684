"""Where a run stands, and what it may do in a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from anodefem.controls import GROWTH

#: Factor of the length of a step after one that was hard to solve.
CUT = 0.7
#: Part of the length at which the estimated error would be as large as it may, and the smallest
#: factor of a step for its error alone.
SAFETY, LARGEST_CUT = 0.9, 0.2
#: Newton iterations up to which steps may grow, and beyond which they are cut.
ITERATIONS_TO_GROW, ITERATIONS_TO_CUT = 5, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLimits:
    """What a step may do.

    Attributes:
        soc: Largest change of the state of charge, or share of a rest [-].
        fraction: Largest change of the lithium fraction anywhere [-].
        initial: First step after a change of current, in the measure of ``soc``.
        smallest: Step below which the run gives up, likewise.
        count: Steps after which the run gives up.
        error: Largest local error in time (see `anodefem.solve.error`) [-].
    """

    soc: float
    fraction: float
    initial: float
    smallest: float
    count: int
    error: float = inf

    def growth(self, iterations: int, change: float) -> float:
        """Factor of the length of the next step, its error aside.

        Args:
            iterations: Newton iterations of the last one.
            change: Largest change of the fraction in it [-].
        """
        factor = GROWTH if iterations <= ITERATIONS_TO_GROW else 1.0
        if iterations > ITERATIONS_TO_CUT:
            factor = CUT
        return min(factor, 0.9 * self.fraction / change) if change > 0 else factor

    def step_for_error(self, error: float, order: int) -> float:
        """Factor of the length of a step at which its error would be what it may be.

        In hundredths, so that round-off does not change the length of steps.

        Args:
            error: Local error of the step [-].
            order: Power of the length with which that grows.
        """
        if error <= 0.0:
            return inf
        return max(round(SAFETY * (self.error / error) ** (1 / order), 2), LARGEST_CUT)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a step is taken back.

    Attributes:
        kind: "solver" (it was not solved), "state" (what was found cannot be accepted), "change"
            (of the fraction, too large), "error" (in time, too large), "located" (it goes beyond
            what ends the step of the protocol).
        reason: In words.
    """

    kind: str
    reason: str


#: What the time loop itself notes at the end of a protocol step: it was completed, its end was met
#: before it began, it has no end that could be met, the cycles are enough.
STEP_ENDS = ("completed", "skipped", "unreachable", "enough")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened in a run.

    Attributes:
        t: Time [s].
        soc: State of charge [-].
        step: Number of the protocol step, from 1.
        kind: One of `STEP_ENDS`, or that of an event of a physics.
        message: One sentence.
    """

    t: float
    soc: float
    step: int
    kind: str
    message: str


@dataclass(slots=True)
class Clock:
    """Where a run stands.

    Attributes:
        t: Time [s].
        soc: State of charge [-].
        step: Protocol step that is under way or was the last, from 1; 0 before the first.
        cycle: Cycle to which it belongs, from 1; 0 before the first.
        end: Time at which that step ends [s]; None when it has ended.
        duration: Length of that step [s]; infinite where it does not end by time.
        soc_before: State of charge at its start [-].
        scale: Time in which the present current passes the charge of full hosts; at rest the length
            of the rest [s].
        dt_next: Length of the next time step [s].
        dt_prev: Length of the last step [s]; 0 before the first of a protocol step, and after a
            jump of the state.
        dt_earlier: Length of the step before it [s], likewise; 0 before the second.
        steps, iterations: Accepted steps, and their Newton iterations.
        rejections: Number of steps taken back by kind; see `Rejection`.
        dt_smallest, dt_largest: Of all accepted steps [s].
        error_largest: Largest estimate of the local error of an accepted step [-].
        damped: Solves of this protocol step are damped, since full steps of Newton's method failed
            at every length of a time step (see `anodefem.solve.newton`).
        beyond: Steps that were accepted with an error beyond the tolerance, since shorter ones did
            not lessen it.
    """

    t: float = 0.0
    soc: float = 0.0
    step: int = 0
    cycle: int = 0
    end: float | None = None
    duration: float = 0.0
    soc_before: float = 0.0
    scale: float = 0.0
    dt_next: float = 0.0
    dt_prev: float = 0.0
    dt_earlier: float = 0.0
    steps: int = 0
    iterations: int = 0
    rejections: dict[str, int] = field(default_factory=dict)
    dt_smallest: float = inf
    dt_largest: float = 0.0
    error_largest: float = 0.0
    damped: bool = False
    beyond: int = 0

    @property
    def rejected(self) -> int:
        """Number of steps taken back."""
        return sum(self.rejections.values())

    @property
    def order(self) -> int:
        """Power of the length of the next step with which its estimated error grows."""
        return 1 + bool(self.dt_prev) + bool(self.dt_earlier)

    def reject(self, kind: str) -> None:
        """Count a step that is taken back.

        Args:
            kind: See `Rejection`.
        """
        self.rejections[kind] = self.rejections.get(kind, 0) + 1

    def restart(self) -> None:
        """The next step begins with backward Euler: rates have jumped, or the state has."""
        self.dt_prev = self.dt_earlier = 0.0

    def advance(self, dt: float, rate: float, iterations: int, error: float) -> None:
        """Count an accepted step.

        Args:
            dt: Its length [s].
            rate: Change of the state of charge per second.
            iterations: Newton iterations.
            error: Estimate of its local error [-].
        """
        self.t += dt
        self.soc += rate * dt
        self.steps += 1
        self.iterations += iterations
        self.dt_earlier, self.dt_prev = self.dt_prev, dt
        self.dt_smallest = min(self.dt_smallest, dt)
        self.dt_largest = max(self.dt_largest, dt)
        self.error_largest = max(self.error_largest, error)

    @property
    def statistics(self) -> Mapping[str, Any]:
        """What run.json says of the steps."""
        return {
            "accepted": self.steps,
            "rejected": dict(sorted(self.rejections.items())),
            "smallest_s": self.dt_smallest if self.steps else None,
            "largest_s": self.dt_largest if self.steps else None,
            "largest_error": self.error_largest,
            "beyond_tolerance": self.beyond,
            "newton_iterations": self.iterations,
        }


def bdf_weight(ratio: float) -> float:
    """Weight of the rate at the end of a step in the second-order formula for variable steps.

    The other part is the mean rate of the step before (see `anodefem.physics.diffusion`). Stable
    while steps grow by less than 2.4 at a time (Grigorieff 1983).

    Args:
        ratio: Length of the step over that of the one before.
    """
    return (1 + ratio) / (1 + 2 * ratio)
