"""Curves: one code for floats, arrays and symbols; tables that stay between their points."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
import pytest

from anodefem.cards.curves import Constant, Curve, Linear, Rational, Saturating, Table, samples

CURVES = [
    Constant(3.0),
    Linear(57.9, 19.7),
    Saturating(1.6, 0.49, 0.04),
    Rational((-0.2453, -0.00527, 0.2477, 0.006457), (1.0, 0.002493)),
    Table((0.0, 0.1, 0.4, 1.0), (0.8, 0.5, 0.45, 0.1)),
]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: type(curve).__name__)
def test_floats_and_arrays_give_the_same(curve: Curve) -> None:
    x = np.linspace(0.0, 1.0, 11)
    np.testing.assert_array_equal(curve(x), [float(curve(float(each))) for each in x])


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: type(curve).__name__)
def test_scaling_changes_the_unit_of_the_value(curve: Curve) -> None:
    np.testing.assert_allclose(samples(curve.scaled(1e-6)), samples(curve) * 1e-6, rtol=1e-12)


@dataclass(frozen=True)
class _Lazy:
    """Operations that are not numpy's, as a symbolic package would bring them."""

    exp = staticmethod(lambda x: np.e**x)
    lt = staticmethod(operator.lt)
    where = staticmethod(lambda condition, a, b: a if condition else b)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: type(curve).__name__)
def test_other_operations_give_the_same(curve: Curve) -> None:
    for x in (0.0, 0.1, 0.25, 0.7, 1.0):
        assert curve(x, _Lazy()) == pytest.approx(float(curve(x)), rel=1e-14)


def test_a_table_is_the_pchip_of_its_points() -> None:
    interpolate = pytest.importorskip("scipy.interpolate")
    x = (0.0, 0.02, 0.12, 0.15, 0.25, 0.6, 1.0)
    y = (0.6, 0.43, 0.41, 0.41, 0.5, 0.07, 0.03)
    dense = np.linspace(0.0, 1.0, 501)
    expected = interpolate.PchipInterpolator(x, y)(dense)
    np.testing.assert_allclose(Table(x, y)(dense), expected, atol=1e-14)


def test_a_falling_table_gives_a_falling_curve() -> None:
    table = Table((0.0, 0.01, 0.02, 0.9, 1.0), (1.0, 0.5, 0.49, 0.48, 0.0))
    assert (np.diff(samples(table, 2001)) < 0.0).all()


def test_two_points_make_a_straight_line() -> None:
    np.testing.assert_allclose(
        samples(Table((0.0, 1.0), (1.0, 3.0))), samples(Linear(1.0, 3.0)), rtol=1e-14
    )


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        ((0.0,), (1.0,), "two or more"),
        ((0.0, 1.0), (1.0,), "2 x and 1 y"),
        ((0.0, 0.5, 0.5), (1.0, 2.0, 3.0), "must increase"),
    ],
)
def test_a_table_refuses_points_that_make_no_curve(
    x: tuple[float, ...], y: tuple[float, ...], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        Table(x, y)
