"""A curve is the same function in a form as in numpy, and so is its derivative."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem import cards
from anodefem.cards.curves import Constant, Curve, Linear, Rational, Saturating, Table
from anodefem.laws.composition import over_composition
from tests.laws.point import compiled, numerical_derivative, symbol
from tests.laws.solids import name

CURVES: list[Curve] = [
    Constant(3.0),
    Linear(57.9, 19.7),
    Saturating(1.6, 0.49, 0.04),
    Rational((-0.2453, -0.00527, 0.2477, 0.006457), (1.0, 0.002493)),
    Table((0.0, 1.0), (0.8, 0.1)),
    Table((0.0, 0.1, 0.4, 1.0), (0.8, 0.5, 0.45, 0.1)),
]
FORMS = pytest.mark.parametrize("curve", CURVES, ids=lambda c: f"{name(c)}-{len(repr(c))}")
X = np.linspace(0.0, 1.0, 201)


@FORMS
def test_a_curve_is_the_same_in_a_form(curve: Curve) -> None:
    x = symbol()
    found = compiled(over_composition(curve)(x), x)(X)
    np.testing.assert_allclose(found + 0.0 * X, curve(X), rtol=1e-14)


@FORMS
def test_a_curve_has_the_same_slope_in_a_form(curve: Curve) -> None:
    x = symbol()
    variable = ufl.variable(x)
    slope = compiled(ufl.diff(ufl.as_ufl(over_composition(curve)(variable)), variable), x)
    inside = np.linspace(0.013, 0.987, 90)  # not at the points of the tables
    expected = numerical_derivative(curve, inside, rank=0, step=1e-4)
    np.testing.assert_allclose(slope(inside), expected, rtol=1e-8, atol=1e-9)


def test_a_table_has_no_kinks_in_a_form() -> None:
    curve = CURVES[-1]
    x = symbol()
    variable = ufl.variable(x)
    slope = compiled(ufl.diff(over_composition(curve)(variable), variable), x)
    for point in (0.1, 0.4):
        np.testing.assert_allclose(slope(point - 1e-12), slope(point + 1e-12), rtol=1e-8)


def test_a_scale_changes_the_unit() -> None:
    x = symbol()
    for curve in CURVES:
        found = compiled(over_composition(curve, scale=1e-6)(x), x)(X)
        np.testing.assert_allclose(found + 0.0 * X, 1e-6 * curve(X), rtol=1e-12)


@pytest.mark.parametrize("material", sorted(cards.paths("materials")))
def test_every_curve_of_a_card_is_the_same_in_a_form(material: str) -> None:
    x = symbol()
    curves = [q.si for _, q in cards.material(material).numbers() if isinstance(q.si, Curve)]
    assert curves or cards.material(material).elastic is not None
    for curve in curves:
        found = compiled(over_composition(curve)(x), x)(X)
        np.testing.assert_allclose(found + 0.0 * X, curve(X), rtol=1e-13)
