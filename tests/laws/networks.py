"""What tests of branches and of their bonds share."""

from __future__ import annotations

import numpy as np
import pytest

from tests.laws import states
from tests.laws.point import Array

G, TAU = 3.0, 20.0
EYE = np.eye(3)
START = states.metrics(20, size=0.3)
F = states.deformations(20, size=0.4)
STEPS = pytest.mark.parametrize("dt", [1e-3, 1.0, 20.0, 1e3, 1e6])
BREAKS, HEALS = 40.0, 18000.0  # times of damage and of healing [s]


def stretched(stretch: float) -> Array:
    """Uniaxial, isochoric."""
    return np.diag([stretch, stretch**-0.5, stretch**-0.5])


def order(errors: list[float]) -> float:
    """Order of the last halving."""
    return float(np.log2(abs(errors[-2] / errors[-1])))
