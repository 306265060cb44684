"""The third medium: stress from an energy, no stress at rest, and no end to squeezing it."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem.laws.medium import BARRIER, CLOSING, FOLDING, ThirdMedium
from tests.laws import states
from tests.laws.point import Array, compiled, symbol

STIFFNESS = 0.08
_F = symbol(3, 3)
_variable = ufl.variable(_F)
piola = compiled(ThirdMedium(STIFFNESS).piola(_F), _F)
tangent = compiled(ufl.diff(ThirdMedium(STIFFNESS).piola(_variable), _variable), _F)


def pressure_of(J: Array) -> Array:
    """r(J)/J of the law, over its stiffness."""
    return (1 + CLOSING) / (J + CLOSING) * (1 - np.log(J)) + BARRIER * (1 / J**2 - 1)


def squeezed(stretches: Array) -> Array:
    """Gap closed along the first axis, nothing moving aside."""
    F = np.tile(np.eye(3), (len(stretches), 1, 1))
    F[:, 0, 0] = stretches
    return F


def test_the_stress_has_an_energy() -> None:
    found = tangent(states.deformations())
    np.testing.assert_allclose(found, found.transpose(0, 3, 4, 1, 2), atol=1e-12 * STIFFNESS)


def test_at_rest_there_is_no_stress_in_any_frame() -> None:
    np.testing.assert_allclose(piola(states.rotations()), 0.0, atol=1e-15)


def test_a_medium_that_is_rotated_feels_the_same_stress() -> None:
    F, Q = states.deformations(), states.rotations()
    np.testing.assert_allclose(piola(Q @ F), Q @ piola(F), atol=1e-13)


def test_small_strains_meet_equal_lame_constants() -> None:
    one = np.eye(3)
    identity = np.einsum("ik,jl->ijkl", one, one) + np.einsum("il,jk->ijkl", one, one)
    expected = STIFFNESS * (identity + np.einsum("ij,kl->ijkl", one, one))
    # it begins to get softer at rest, which takes so much of lambda
    less = CLOSING / (1 + CLOSING) - 2 * BARRIER
    expected -= STIFFNESS * less * np.einsum("ij,kl->ijkl", one, one)
    np.testing.assert_allclose(tangent(one), expected, atol=1e-15)


def test_it_stiffens_without_bound_when_it_is_squeezed() -> None:
    gaps = np.logspace(-1, -9, 9)
    pressure = -piola(squeezed(gaps))[:, 0, 0]
    stiffness = tangent(squeezed(gaps))[:, 0, 0, 0, 0]
    assert (np.diff(pressure) > 0.0).all()
    np.testing.assert_allclose(pressure, STIFFNESS * (pressure_of(gaps) - gaps))
    assert (stiffness > 0.0).all() and (stiffness[4:] > 90 * stiffness[3:-1]).all()


def test_little_is_left_of_a_gap_at_a_low_pressure_and_not_much_less_at_a_high_one() -> None:
    gaps = np.array([1.3e-4, 8e-6])
    pressure = -piola(squeezed(gaps))[:, 0, 0] / STIFFNESS
    # 10 MPa and 2 GPa with the default stiffness on silicon, 6 kPa
    assert pressure == pytest.approx([1.4e3, 3.1e5], rel=0.05)
    assert (1 - np.log(gaps[0])) / gaps[0] > 50 * pressure[0]  # the neo-Hookean solid


def test_an_open_gap_feels_next_to_nothing() -> None:
    # until three quarters of the gap are closed: within ten times the stiffness
    gaps = np.linspace(0.25, 2.0, 50)
    assert (np.abs(piola(squeezed(gaps))) < 10 * STIFFNESS).all()


def test_folds_cost_energy_in_any_frame_and_more_in_large_cells() -> None:
    fold = symbol(3, 3, 3)
    energies = [
        compiled(ThirdMedium(STIFFNESS).fold_energy(fold, size), fold) for size in (0.1, 0.2)
    ]
    H = np.random.default_rng(1).standard_normal((3, 3, 3))
    turned = np.einsum("ai,ijk->ajk", states.rotations()[0], H)
    small, large = (energy(H) for energy in energies)
    np.testing.assert_allclose(small, STIFFNESS * FOLDING / 2 * 0.1**2 * (H**2).sum())
    np.testing.assert_allclose([energies[0](turned), large / 4], small)
    np.testing.assert_allclose(energies[0](0.0 * H), 0.0)
