"""What is imposed on the electrode, step of the protocol by step, and how steps in time grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Largest growth of a step in time over the one before.
GROWTH = 1.5

Mode = Literal["current", "voltage", "power", "rest"]


@dataclass(frozen=True, slots=True)
class Control:
    """What is imposed from now on.

    Attributes:
        mode: What is given; at rest no current flows.
        target: For "current", the charging rate: current over the charge of full hosts [1/s],
            positive when they fill. For "voltage", the potential of the electrode against the
            metal of the species [V]. For "power", voltage times charging rate [V/s]. At rest it
            is not asked for.
    """

    mode: Mode
    target: float = 0.0

    @property
    def charging(self) -> float:
        """Charging rate that is imposed [1/s]; 0 where the current follows from something else."""
        return self.target if self.mode == "current" else 0.0
