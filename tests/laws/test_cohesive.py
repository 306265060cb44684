"""Cohesive interfaces: strength, energy, damage that stays, pressure that does none."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem.laws.cohesive import Cohesive, CohesiveResponse
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

STIFFNESS, SIGMA, TAU, OPENING, SLIP, ETA = 1e4, 50.0, 80.0, 1.0, 3.0, 2.0
UP = np.array([0.0, 0.0, 1.0])
ALONG = np.array([1.0, 0.0, 0.0])


class Bond:
    """A bond as functions of (jump, normal, damage at the start, dt)."""

    def __init__(self, *, viscous_time: float = 1e-9) -> None:
        law = Cohesive(STIFFNESS, SIGMA, TAU, OPENING, SLIP, ETA, viscous_time)
        self._symbols = symbol(3), symbol(3), symbol(), symbol()
        self._response: CohesiveResponse = law.respond(*self._symbols)

    def __call__(
        self, quantity: str, jump: Array, damage: float | Array = 0.0, *, dt: float = 1.0
    ) -> Array:
        """Value of an attribute of `CohesiveResponse`, with the normal along z."""
        value = getattr(self._response, quantity)
        return compiled(value, *self._symbols)(jump, UP, damage, dt)


def path(angle: float, count: int = 20001, end: float = 0.09) -> tuple[Array, Array]:
    """Separations, and jumps that grow at an angle from the normal [degrees]."""
    separation = np.linspace(0.0, end, count)
    direction = np.cos(np.radians(angle)) * UP + np.sin(np.radians(angle)) * ALONG
    return separation, separation[:, None] * direction


ANGLES = pytest.mark.parametrize("angle", [0.0, 20.0, 45.0, 70.0, 90.0])


@ANGLES
def test_a_bond_spends_the_toughness_of_its_mixture(angle: float) -> None:
    separation, jump = path(angle)
    pull = np.einsum("ij,ij->i", Bond()("traction", jump), jump) / np.maximum(separation, 1e-30)
    mixity = np.sin(np.radians(angle)) ** 2
    energy = OPENING + (SLIP - OPENING) * mixity**ETA
    assert np.trapezoid(pull, separation) == pytest.approx(energy, rel=1e-5)
    # and says so, at one go as well as bit by bit
    bond, last = Bond(), jump[-1]
    assert bond("work", last) == pytest.approx(energy, rel=1e-6)
    damage = bond("damage", jump)
    bits = bond("work", jump[1:], damage[:-1])
    assert (bits >= 0.0).all() and bits.sum() == pytest.approx(energy, rel=1e-3)
    strength = np.sqrt(SIGMA**2 + (TAU**2 - SIGMA**2) * mixity**ETA)
    assert pull.max() == pytest.approx(strength, rel=1e-3)


@ANGLES
def test_what_is_spent_is_the_work_that_does_not_come_back(angle: float) -> None:
    separation, jump = path(angle, end=0.03)
    bond = Bond()
    pull = np.einsum("ij,ij->i", bond("traction", jump), jump) / np.maximum(separation, 1e-30)
    mixity = np.sin(np.radians(angle)) ** 2
    toughness = OPENING + (SLIP - OPENING) * mixity**ETA
    lost = np.trapezoid(pull, separation) - bond("energy", jump[-1:])[0]
    share = bond("spent", jump[-1:])[0]
    assert share == pytest.approx(lost / toughness, rel=1e-3)
    assert bond("damage", jump[-1:])[0] > 1.2 * share  # the stiffness goes first


def test_both_modes_have_spent_a_share_at_the_damage_of_the_slower() -> None:
    law = Cohesive(STIFFNESS, SIGMA, TAU, OPENING, SLIP, ETA, 1.0)
    limit = law.damage_at(0.95)
    ratios = (2 * g * STIFFNESS / t**2 for g, t in ((OPENING, SIGMA), (SLIP, TAU)))
    shares = [limit / (r - limit * (r - 1)) for r in ratios]
    assert min(shares) == pytest.approx(0.95)


@ANGLES
def test_damage_is_that_of_the_bilinear_law(angle: float) -> None:
    separation, jump = path(angle, 200)
    mixity = np.sin(np.radians(angle)) ** 2
    onset = np.sqrt(SIGMA**2 + (TAU**2 - SIGMA**2) * mixity**ETA) / STIFFNESS
    end = 2 * (OPENING + (SLIP - OPENING) * mixity**ETA) / (STIFFNESS * onset)
    s = np.maximum(separation, 1e-30)
    expected = np.clip(end * (s - onset) / (s * (end - onset)), 0.0, 1.0)
    np.testing.assert_allclose(Bond()("damage", jump), expected, atol=1e-6)


def test_damage_does_not_heal() -> None:
    _, jump = path(30.0, 50)
    assert (Bond()("damage", jump, 0.6) >= 0.6).all()


def test_pressure_does_no_damage_and_meets_the_whole_stiffness() -> None:
    jump = -0.003 * UP
    for damage in (0.0, 0.5, 1.0):
        traction = Bond()("traction", jump, damage)
        np.testing.assert_allclose(traction, -0.003 * STIFFNESS * UP, rtol=1e-12)
        assert Bond()("damage", jump, damage) == damage


def test_broken_faces_slip_under_pressure_without_friction() -> None:
    jump = 0.05 * ALONG - 0.003 * UP
    traction = Bond()("traction", jump, 1.0)
    np.testing.assert_allclose(traction, -0.003 * STIFFNESS * UP, rtol=1e-6, atol=1e-4)


def test_below_its_onset_the_traction_is_the_derivative_of_the_energy() -> None:
    jump = 1e-3 * np.random.default_rng(3).standard_normal((40, 3))
    bond = Bond()
    assert (bond("damage", jump) == 0.0).all()
    slope = numerical_derivative(lambda j: bond("energy", j), jump, rank=1, step=1e-6)
    np.testing.assert_allclose(bond("traction", jump), slope, rtol=1e-5, atol=1e-5)


def test_a_turned_bond_pulls_in_the_turned_direction() -> None:
    rotation = states.rotations(10)
    jump = np.tile(0.01 * UP + 0.02 * ALONG, (10, 1))
    law = Cohesive(STIFFNESS, SIGMA, TAU, OPENING, SLIP, ETA, 1e-9)
    symbols = symbol(3), symbol(3), symbol(), symbol()
    traction = compiled(law.respond(*symbols).traction, *symbols)
    still = traction(jump, UP, 0.0, 1.0)
    turned = traction(
        np.einsum("nij,nj->ni", rotation, jump), rotation @ UP, np.zeros(10), np.ones(10)
    )
    np.testing.assert_allclose(turned, np.einsum("nij,nj->ni", rotation, still), rtol=1e-9)


def test_damage_lags_by_the_viscous_time() -> None:
    jump = 0.02 * UP
    at_once = Bond()("damage", jump)
    slow = Bond(viscous_time=3.0)
    assert slow("damage", jump, dt=1.0) == pytest.approx(at_once / 4)
    assert slow("damage", jump, dt=0.0) == 0.0
    assert slow("damage", jump, 0.1, dt=1e9) == pytest.approx(at_once)


def test_trust_changes_derivatives_but_no_values() -> None:
    law = Cohesive(STIFFNESS, SIGMA, TAU, OPENING, SLIP, ETA, 1e-9)
    jump, frozen_jump, normal, tangent_fraction = symbol(3), symbol(3), symbol(3), symbol()
    zero, one = ufl.as_ufl(0.0), ufl.as_ufl(1.0)
    variable = ufl.variable(jump)
    traction = law.respond(variable, normal, zero, one, frozen_jump, tangent_fraction).traction
    plain = law.respond(variable, normal, zero, one).traction
    at = 0.012 * UP + 0.01 * ALONG
    symbols = jump, frozen_jump, normal, tangent_fraction

    def slope(expression: ufl.core.expr.Expr, share: float) -> Array:
        return compiled(ufl.diff(expression, variable), *symbols)(at, at, UP, share)

    for share in (0.0, 0.5, 1.0):
        value = compiled(traction, *symbols)(at, at, UP, share)
        np.testing.assert_allclose(value, compiled(plain, jump, normal)(at, UP), rtol=1e-12)
    np.testing.assert_allclose(slope(traction, 1.0), slope(plain, 1.0), rtol=1e-12, atol=1e-9)
    damage = compiled(law.respond(jump, normal, zero, one).damage, jump, normal)(at, UP)
    secant = (1 - (1 - 1e-8) * damage) * STIFFNESS * np.eye(3)
    np.testing.assert_allclose(slope(traction, 0.0), secant, rtol=1e-9, atol=1e-6)
