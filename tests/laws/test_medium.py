"""The third medium: stress from an energy, no stress at rest, and no end to squeezing it."""

from __future__ import annotations

import numpy as np
import ufl

from anodefem.laws.medium import ThirdMedium
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

STIFFNESS = 0.08
_F = symbol(3, 3)
_variable = ufl.variable(_F)
piola = compiled(ThirdMedium(STIFFNESS).piola(_F), _F)
tangent = compiled(ufl.diff(ThirdMedium(STIFFNESS).piola(_variable), _variable), _F)


def energy(F: Array) -> Array:
    """mu/2 (tr C - 3 - 2 ln J) + lambda/2 (ln J)^2."""
    log = np.log(np.linalg.det(F))
    return STIFFNESS / 2 * (np.sum(F * F, axis=(-2, -1)) - 3 - 2 * log + log**2)


def squeezed(stretches: Array) -> Array:
    """Gap closed along the first axis, nothing moving aside."""
    F = np.tile(np.eye(3), (len(stretches), 1, 1))
    F[:, 0, 0] = stretches
    return F


def test_the_stress_is_the_derivative_of_the_energy() -> None:
    F = states.deformations()
    expected = numerical_derivative(energy, F, rank=2)
    np.testing.assert_allclose(piola(F), expected, atol=1e-9 * STIFFNESS)


def test_at_rest_there_is_no_stress_in_any_frame() -> None:
    np.testing.assert_allclose(piola(states.rotations()), 0.0, atol=1e-15)


def test_a_medium_that_is_rotated_feels_the_same_stress() -> None:
    F, Q = states.deformations(), states.rotations()
    np.testing.assert_allclose(piola(Q @ F), Q @ piola(F), atol=1e-13)


def test_small_strains_meet_equal_lame_constants() -> None:
    one = np.eye(3)
    identity = np.einsum("ik,jl->ijkl", one, one) + np.einsum("il,jk->ijkl", one, one)
    expected = STIFFNESS * (identity + np.einsum("ij,kl->ijkl", one, one))
    np.testing.assert_allclose(tangent(one), expected, atol=1e-15)


def test_it_stiffens_without_bound_when_it_is_squeezed() -> None:
    gaps = np.logspace(-1, -9, 9)
    pressure = -piola(squeezed(gaps))[:, 0, 0]
    stiffness = tangent(squeezed(gaps))[:, 0, 0, 0, 0]
    assert (np.diff(pressure) > 0.0).all()
    # (1 - ln g)/g: seven decades softer than its neighbour it holds a gap of 1e-7 open
    np.testing.assert_allclose(pressure, STIFFNESS * (1 / gaps - gaps - np.log(gaps) / gaps))
    assert (stiffness[1:] > 90 * stiffness[:-1]).all()


def test_an_open_gap_feels_next_to_nothing() -> None:
    # until three quarters of the gap are closed: within ten times the stiffness
    gaps = np.linspace(0.25, 2.0, 50)
    assert (np.abs(piola(squeezed(gaps))) < 10 * STIFFNESS).all()
