"""Where a run stands, and what it may do in a step."""

from __future__ import annotations

from dataclasses import dataclass

#: Largest growth of a step over the one before, and factor after a step that was hard to solve.
GROWTH, CUT = 1.5, 0.7
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
    """

    soc: float
    fraction: float
    initial: float
    smallest: float
    count: int

    def growth(self, iterations: int, change: float) -> float:
        """Factor of the length of the next step.

        Args:
            iterations: Newton iterations of the last one.
            change: Largest change of the fraction in it [-].
        """
        factor = GROWTH if iterations <= ITERATIONS_TO_GROW else 1.0
        if iterations > ITERATIONS_TO_CUT:
            factor = CUT
        return min(factor, 0.9 * self.fraction / change) if change > 0 else factor


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened in a run.

    Attributes:
        t: Time [s].
        soc: State of charge [-].
        step: Number of the protocol step, from 1.
        kind: "completed" or "skipped", or that of an event of a physics.
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
        end: Time at which that step ends [s]; None when it has ended.
        duration: Length of that step [s].
        dt_next: Length of the next time step [s].
        moving: The rates of the state can be used to predict the next step.
        dt_prev: Length of the last step [s]; 0 before the first of a protocol step.
        steps, iterations, rejected: Accepted steps, their Newton iterations, steps taken back.
    """

    t: float = 0.0
    soc: float = 0.0
    step: int = 0
    end: float | None = None
    duration: float = 0.0
    dt_next: float = 0.0
    moving: bool = False
    dt_prev: float = 0.0
    steps: int = 0
    iterations: int = 0
    rejected: int = 0


def bdf_weight(ratio: float) -> float:
    """Weight of the rate at the end of a step in the second-order formula for variable steps.

    The other part is the mean rate of the step before (see `anodefem.physics.diffusion`). Stable
    while steps grow by less than 2.4 at a time (Grigorieff 1983).

    Args:
        ratio: Length of the step over that of the one before.
    """
    return (1 + ratio) / (1 + 2 * ratio)
