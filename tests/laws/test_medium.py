"""Third media: stress from an energy, no stress at rest, and what squeezing them costs."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem.laws.medium import (
    BARRIER,
    CLOSING,
    DRAG,
    FOLDING,
    LOOSE_FOLDING,
    ONSET,
    PENALTY,
    SHUT,
    VISCOSITY,
    PenaltyMedium,
    ThirdMedium,
)
from tests.laws import states
from tests.laws.point import Array, compiled, symbol

STIFFNESS = 0.08
_F = symbol(3, 3)
_variable = ufl.variable(_F)


class Compiled:
    """A law with its tangent, as functions of deformation gradients."""

    def __init__(self, law: ThirdMedium | PenaltyMedium) -> None:
        """Compile."""
        self.piola = compiled(law.piola(_F), _F)
        self.tangent = compiled(ufl.diff(law.piola(_variable), _variable), _F)


LAYER, LOOSE = (Compiled(law(STIFFNESS)) for law in (ThirdMedium, PenaltyMedium))
#: Largest stress of round-off at rest, over the stiffness; a penalty of 26 is taken off there.
ROUND_OFF = {LAYER: 1e-14, LOOSE: 1e-13}
both = pytest.mark.parametrize("law", [LAYER, LOOSE], ids=["third", "penalty"])
piola, tangent = LAYER.piola, LAYER.tangent


def pressure_of(J: Array) -> Array:
    """r(J)/J of the law, over its stiffness."""
    return (1 + CLOSING) / (J + CLOSING) * (1 - np.log(J)) + BARRIER * (1 / J**2 - 1)


def squeezed(stretches: Array) -> Array:
    """Gap closed along the first axis, nothing moving aside."""
    F = np.tile(np.eye(3), (len(stretches), 1, 1))
    F[:, 0, 0] = stretches
    return F


@both
def test_the_stress_has_an_energy(law: Compiled) -> None:
    found = law.tangent(states.deformations())
    np.testing.assert_allclose(found, found.transpose(0, 3, 4, 1, 2), atol=1e-12 * STIFFNESS)


@both
def test_at_rest_there_is_no_stress_in_any_frame(law: Compiled) -> None:
    found = law.piola(states.rotations()) / STIFFNESS
    np.testing.assert_allclose(found, 0.0, atol=ROUND_OFF[law])


@both
def test_a_medium_that_is_rotated_feels_the_same_stress(law: Compiled) -> None:
    F, Q = states.deformations(), states.rotations()
    np.testing.assert_allclose(law.piola(Q @ F), Q @ law.piola(F), atol=1e-13)


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


def penalty(J: Array) -> Array:
    """1 + q(J) of the medium between loose bodies, over its stiffness."""
    onset = [(over + np.sqrt(over**2 + ONSET**2)) / 2 for over in (SHUT - J, SHUT - 1)]
    logarithm = np.log(np.maximum(J, SHUT)) - np.maximum(SHUT - J, 0.0) / SHUT
    return 1 - logarithm + PENALTY * (onset[0] - onset[1])


def test_between_loose_bodies_contact_goes_on_inside_out() -> None:
    gaps = np.array([1.5, 0.5, 2 * SHUT, SHUT, 0.6 * SHUT, 0.1 * SHUT, 0.0, -SHUT, -3 * SHUT])
    pressure = -LOOSE.piola(squeezed(gaps))[:, 0, 0] / STIFFNESS
    np.testing.assert_allclose(pressure, penalty(gaps) - gaps, rtol=1e-11)
    assert (np.diff(pressure) > 0.0).all()


def test_its_stress_and_its_stiffness_are_continuous_where_it_is_shut() -> None:
    near = squeezed(SHUT + 1e-9 * np.array([-1.0, 1.0]))
    for function in (LOOSE.piola, LOOSE.tangent):
        below, above = function(near)
        np.testing.assert_allclose(below, above, atol=1e-6 * PENALTY * STIFFNESS)


def test_until_most_of_the_gap_is_closed_it_is_soft_and_then_carries_contact() -> None:
    # 10 MPa, 100 MPa and 1 GPa with the default stiffness on silicon, 8 kPa
    gaps = np.array([0.25, 7e-2, 4e-2, -7.5e-2])
    pressure = -LOOSE.piola(squeezed(gaps))[:, 0, 0] / STIFFNESS
    assert pressure[0] < 150.0
    assert pressure[1:] == pytest.approx([1.2e3, 1.2e4, 1.2e5], rel=0.1)


def test_changes_within_a_step_are_resisted_and_nothing_is_at_rest() -> None:
    change, moved = symbol(3, 3), symbol()
    gradient = np.random.default_rng(1).standard_normal((3, 3))
    for law, factor in ((ThirdMedium, lambda q: (DRAG / q) ** 2), (PenaltyMedium, viscous)):
        drag = compiled(law(STIFFNESS).drag(change, moved), change, moved)
        for charge in (1e-2, 1e-4):
            expected = STIFFNESS * factor(charge) * gradient
            np.testing.assert_allclose(drag(gradient, charge), expected, rtol=1e-6)
        np.testing.assert_allclose(drag(gradient, 0.0), 0.0)


def viscous(charge: float) -> float:
    """Factor of the change of a viscous medium in a step that moves so much charge."""
    return VISCOSITY / charge


@pytest.mark.parametrize(
    ("law", "factor"), [(ThirdMedium, FOLDING), (PenaltyMedium, LOOSE_FOLDING)]
)
def test_folds_cost_energy_in_any_frame_and_more_in_large_cells(law: type, factor: float) -> None:
    fold = symbol(3, 3, 3)
    energies = [compiled(law(STIFFNESS).fold_energy(fold, size), fold) for size in (0.1, 0.2)]
    H = np.random.default_rng(1).standard_normal((3, 3, 3))
    turned = np.einsum("ai,ijk->ajk", states.rotations()[0], H)
    small, large = (energy(H) for energy in energies)
    np.testing.assert_allclose(small, STIFFNESS * factor / 2 * 0.1**2 * (H**2).sum())
    np.testing.assert_allclose([energies[0](turned), large / 4], small)
    np.testing.assert_allclose(energies[0](0.0 * H), 0.0)
