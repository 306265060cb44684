"""Elastic laws: stress derives from an energy and vanishes in a body free to swell."""

from __future__ import annotations

import numpy as np
import pytest

from anodefem import cards
from anodefem.cards import ArrudaBoyce as ArrudaBoyceCard
from anodefem.laws.elasticity import ArrudaBoyce, Elasticity
from anodefem.model import regions
from tests.laws import states
from tests.laws.point import Array, numerical_derivative
from tests.laws.solids import ARRUDA_BOYCE, ELASTICITIES, Point, name, uniform

LAWS = pytest.mark.parametrize("law", ELASTICITIES, ids=name)
COMPOSITIONS = pytest.mark.parametrize("x", [0.0, 0.4, 1.0])


@LAWS
@COMPOSITIONS
def test_the_stress_is_the_derivative_of_the_energy(law: Elasticity, x: float) -> None:
    point, F = Point(law), states.deformations()
    expected = numerical_derivative(lambda f: point.energy(f, x), F, rank=2)
    np.testing.assert_allclose(
        point("piola", F, x), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max()
    )


@LAWS
@COMPOSITIONS
def test_the_tangent_is_the_derivative_of_the_stress(law: Elasticity, x: float) -> None:
    point, F = Point(law), states.deformations()
    expected = numerical_derivative(lambda f: point("piola", f, x), F, rank=2)
    np.testing.assert_allclose(
        point("tangent", F, x), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max()
    )


@LAWS
@COMPOSITIONS
def test_a_body_that_is_rotated_feels_the_same_stress(law: Elasticity, x: float) -> None:
    point, F, Q = Point(law), states.deformations(), states.rotations()
    stress = point("piola", F, x)
    np.testing.assert_allclose(
        point("piola", Q @ F, x), Q @ stress, rtol=1e-11, atol=1e-11 * np.abs(stress).max()
    )


@LAWS
def test_the_cauchy_stress_is_symmetric_and_the_force_over_the_current_area(
    law: Elasticity,
) -> None:
    point, F = Point(law), states.deformations()
    cauchy = point("cauchy", F, 0.4)
    np.testing.assert_allclose(cauchy, states.transpose(cauchy), atol=1e-12 * np.abs(cauchy).max())
    per_area = np.linalg.det(F)[:, None, None] * cauchy @ np.linalg.inv(states.transpose(F))
    stress = point("piola", F, 0.4)
    np.testing.assert_allclose(stress, per_area, atol=1e-12 * np.abs(stress).max())


@LAWS
def test_small_strains_meet_the_shear_and_bulk_moduli(law: Elasticity) -> None:
    point, one = Point(law), np.eye(3)
    G, K = (float(point.value(each, 0.0)) for each in (law.shear, law.bulk))
    identity = np.einsum("ik,jl->ijkl", one, one)
    symmetric = (identity + np.einsum("il,jk->ijkl", one, one)) / 2
    volumetric = np.einsum("ij,kl->ijkl", one, one)
    expected = 2 * G * (symmetric - volumetric / 3) + K * volumetric
    np.testing.assert_allclose(point("tangent", one), expected, atol=1e-12 * K)


def test_shear_and_bulk_moduli_are_those_of_young_and_poisson() -> None:
    law = uniform(80e3, 0.22)
    tangent = Point(law)("tangent", np.eye(3))
    compliance = np.linalg.inv(np.einsum("iijj->ij", tangent))
    np.testing.assert_allclose(1 / compliance[0, 0], 80e3, rtol=1e-12)
    np.testing.assert_allclose(-compliance[1, 0] / compliance[0, 0], 0.22, rtol=1e-12)


@LAWS
@COMPOSITIONS
def test_energy_and_stress_vanish_in_a_body_free_to_swell(law: Elasticity, x: float) -> None:
    point = Point(law)
    Jc = point.value(point.solid.expansion, x)
    F = states.rotations() * np.cbrt(Jc)
    stiffness = float(point.value(law.bulk, 0.0))
    np.testing.assert_allclose(point("cauchy", F, x), 0.0, atol=1e-13 * stiffness)
    np.testing.assert_allclose(point.energy(F, x), 0.0, atol=1e-14 * stiffness)
    np.testing.assert_allclose(point("dpsi_dx", F, x), 0.0, atol=1e-12 * stiffness)


@LAWS
def test_the_energy_is_least_at_rest(law: Elasticity) -> None:
    assert (Point(law).energy(states.deformations()) > 0.0).all()


def _stretched(stretches: Array) -> Array:
    """Isochoric uniaxial deformation."""
    F = np.zeros((*stretches.shape, 3, 3))
    F[..., 0, 0], F[..., 1, 1] = stretches, stretches**-0.5
    F[..., 2, 2] = stretches**-0.5
    return F


def test_a_rubber_that_never_locks_is_neo_hookean() -> None:
    G, K = 1.0, 200.0
    young, poisson = 9 * K * G / (3 * K + G), (3 * K - 2 * G) / (2 * (3 * K + G))
    neo, rubber = Point(uniform(young, poisson)), Point(ArrudaBoyce(G, 1e4, K))
    F = states.deformations()
    np.testing.assert_allclose(rubber("piola", F), neo("piola", F), atol=1e-6 * K)
    np.testing.assert_allclose(rubber.energy(F), neo.energy(F), atol=1e-6 * K)


def test_a_rubber_stiffens_without_bound_towards_its_locking_stretch() -> None:
    point = Point(ARRUDA_BOYCE)
    # the stretch at which the chains of the eight-chain cell are fully extended
    locking = max(np.roots([1.0, 0.0, -3 * ARRUDA_BOYCE.locking_stretch**2, 2.0]).real)
    stress = point("tau", _stretched(locking * (1 - np.array([1e-1, 1e-2, 1e-3, 1e-4]))))
    tension = stress[:, 0, 0] - stress[:, 1, 1]
    assert (np.diff(tension) > 0.0).all()
    # (3 - t)/(1 - t) is 2/(1 - t) there, and 1 - t twice the distance
    np.testing.assert_allclose(tension[-1] / tension[-2], 10.0, rtol=1e-2)


def _inverse_langevin(y: Array) -> Array:
    """Solve coth(z) - 1/z = y by bisection."""
    low, high = np.full_like(y, 1e-3), np.full_like(y, 1e3)
    for _ in range(80):
        z = (low + high) / 2
        below = 1 / np.tanh(z) - 1 / z < y
        low, high = np.where(below, z, low), np.where(below, high, z)
    return low


def test_a_rubber_is_the_eight_chain_network_within_the_five_percent_of_the_pade_form() -> None:
    L = ARRUDA_BOYCE.locking_stretch
    stretches = np.linspace(1.05, 8.0, 40)
    chain = np.sqrt((stretches**2 + 2 / stretches) / 3)
    factor = ARRUDA_BOYCE.modulus / 3 * L / chain * _inverse_langevin(chain / L)
    stress = Point(ARRUDA_BOYCE)("tau", _stretched(stretches))
    tension = stress[:, 0, 0] - stress[:, 1, 1]
    np.testing.assert_allclose(tension, factor * (stretches**2 - 1 / stretches), rtol=0.05)


def test_the_shear_modulus_of_a_rubber_card_is_that_at_rest() -> None:
    card = cards.material("pr-paa")
    law = regions.region("coat", card, transport="uniform", temperature=298.15).solid.elasticity
    assert isinstance(law, ArrudaBoyce) and isinstance(card.elastic, ArrudaBoyceCard)
    shear = Point(law).value(law.shear, 0.0)
    np.testing.assert_allclose(shear, card.elastic.shear * 1e-6, rtol=1e-14)
