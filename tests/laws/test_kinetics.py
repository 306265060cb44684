"""The reaction at a surface behind a film: local current, its derivative, exchange current."""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from scipy.optimize import brentq

from anodefem.laws.kinetics import FLOOR, ExchangeCurrent, activation
from tests.laws.point import compiled, symbol

Y, RHO = symbol(), symbol()
ACTIVATION = compiled(activation(Y, RHO), Y, RHO)
_DRIVE = ufl.variable(Y)
SLOPE = compiled(ufl.diff(activation(_DRIVE, RHO), _DRIVE), Y, RHO)


@pytest.mark.parametrize("rho", [1e-28, 1e-12, 1e-3, 0.4568, 1.0, 30.0, 1e6])
@pytest.mark.parametrize("y", [-40.0, -2.33, -1e-6, 0.0, 1e-9, 0.7, 10.7, 200.0])
def test_the_current_behind_a_film_is_exact(y: float, rho: float) -> None:
    wanted = 0.0
    if y:
        high = 1.01 * min(abs(y), float(np.arcsinh(abs(y) / rho)))
        wanted = brentq(lambda z: z + rho * np.sinh(z) - abs(y), 0.0, high, xtol=1e-300, rtol=1e-15)
    assert float(ACTIVATION(y, rho)) == pytest.approx(np.sign(y) * wanted, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("rho", [1e-3, 0.5, 30.0])
@pytest.mark.parametrize("y", [-12.0, 0.3, 6.0])
def test_its_derivative_is_that_of_the_eliminated_current(y: float, rho: float) -> None:
    """1/(1 + rho cosh z), by the implicit function."""
    wanted = 1 / (1 + rho * np.cosh(float(ACTIVATION(y, rho))))
    assert float(SLOPE(y, rho)) == pytest.approx(wanted, rel=1e-9)


def test_without_a_film_all_of_the_drive_is_the_reactions() -> None:
    assert activation(Y) is Y
    assert float(ACTIVATION(12.0, 0.0)) == 12.0


def test_the_exchange_current_never_vanishes() -> None:
    exchange = compiled(ExchangeCurrent(3.0)(Y), Y)
    assert float(exchange(0.5)) == pytest.approx(3.0)
    for x in (-0.1, 0.0, 1.0, 1.2):
        assert float(exchange(x)) == pytest.approx(6.0 * np.sqrt(FLOOR * (1 - FLOOR)))
