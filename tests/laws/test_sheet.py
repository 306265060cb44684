"""Graphene-like sheet: the stiffness of a plate in its plane, whatever the frame."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem import cards
from anodefem.cards import NeoHookean
from anodefem.laws.membrane import WRINKLED_STIFFNESS, GrapheneMembrane, Surface
from anodefem.model import regions
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

YOUNG, POISSON, THICKNESS = 1e6, 0.165, 0.010  # MPa, -, um: ten nanometres of graphene
STIFFNESS = YOUNG * THICKNESS
SHEET = GrapheneMembrane(YOUNG, POISSON, THICKNESS)
Z = np.array([0.0, 0.0, 1.0])

_F, _N = symbol(3, 3), symbol(3)
energy = compiled(SHEET.energy(Surface(_F, _N)), _F, _N)
_variable = ufl.variable(_F)
_piola = ufl.diff(SHEET.energy(Surface(_variable, _N)), _variable)
_tangent = ufl.diff(_piola, _variable)
PIOLA = compiled(_piola, _F, _N)
F, N, Q = states.deformations(), states.normals(), states.rotations()


def stretched(stretches: Array) -> Array:
    """Stretches along x and y, shape (..., 2), as deformation gradients."""
    deformation = np.zeros((*stretches.shape[:-1], 3, 3))
    deformation[..., 0, 0], deformation[..., 1, 1] = stretches[..., 0], stretches[..., 1]
    deformation[..., 2, 2] = 0.7  # across the sheet: does not matter
    return deformation


def forces(e1: Array, e2: Array) -> Array:
    """Kirchhoff forces per length along x and y at these logarithmic strains [MPa um]."""
    deformation = stretched(np.exp(np.stack(np.broadcast_arrays(e1, e2), axis=-1)))
    tau = PIOLA(deformation, Z) @ states.transpose(deformation)
    return np.stack([tau[..., 0, 0], tau[..., 1, 1]], axis=-1)


def test_a_sheet_that_is_not_stretched_has_no_energy_and_no_stress() -> None:
    np.testing.assert_allclose(energy(Q, N), 0.0, atol=1e-14 * STIFFNESS)
    np.testing.assert_allclose(PIOLA(Q, N), 0.0, atol=1e-9 * STIFFNESS)
    assert (energy(F, N) > 0.0).all()
    tangent = compiled(_tangent, _F, _N)(Q, N)
    assert np.isfinite(tangent).all()


def test_energy_does_not_depend_on_the_frame_or_on_what_happens_across() -> None:
    np.testing.assert_allclose(energy(Q @ F, N), energy(F, N), rtol=1e-10)
    below = F + 0.3 * states.normals(seed=9)[:, :, None] * N[:, None, :]
    np.testing.assert_allclose(energy(below, N), energy(F, N), rtol=1e-10)


def test_a_sheet_is_alike_in_all_its_directions() -> None:
    angle = np.linspace(0.0, np.pi, 7)
    c, s, zero, one = np.cos(angle), np.sin(angle), 0 * angle, 1 + 0 * angle
    turn = np.array([[c, -s, zero], [s, c, zero], [zero, zero, one]]).transpose(2, 0, 1)
    stretch = stretched(np.array([1.2, 0.9]))
    np.testing.assert_allclose(energy(stretch @ turn, Z), energy(stretch, Z), rtol=1e-12)


def test_a_taut_sheet_has_young_and_poisson_at_any_strain() -> None:
    e = np.array([1e-5, 0.01, 0.1, 0.25])
    biaxial = STIFFNESS / (1 - POISSON) * e
    np.testing.assert_allclose(forces(e, e), np.stack([biaxial, biaxial], axis=1), rtol=1e-7)
    clamped = STIFFNESS / (1 - POISSON**2) * e
    np.testing.assert_allclose(forces(e, 0 * e)[:, 0], clamped, rtol=1e-7)
    np.testing.assert_allclose(forces(e, 0 * e)[:, 1], POISSON * clamped, rtol=1e-7)
    uniaxial = forces(e, -POISSON * e)
    np.testing.assert_allclose(uniaxial[:, 0], STIFFNESS * e, rtol=1e-7)
    np.testing.assert_allclose(uniaxial[:, 1], 0.0, atol=1e-7 * STIFFNESS * e.max())


def test_a_wrinkled_sheet_carries_uniaxial_tension_and_no_compression() -> None:
    e = np.array([0.01, 0.05, 0.2])
    for narrower in (0.02, 0.1, 0.5):  # beyond the contraction that tension brings
        along, across = forces(e, -POISSON * e - narrower).T
        full = STIFFNESS / (1 - POISSON**2) * narrower
        np.testing.assert_allclose(across, -WRINKLED_STIFFNESS * full, rtol=1e-6)
        np.testing.assert_allclose(
            along, STIFFNESS * e - WRINKLED_STIFFNESS * POISSON * full, rtol=1e-6
        )


def test_a_slack_sheet_carries_nothing() -> None:
    e = -np.array([0.01, 0.1, 0.3])
    found = forces(e, e)
    np.testing.assert_allclose(
        found, (WRINKLED_STIFFNESS * STIFFNESS / (1 - POISSON) * e)[:, None] * [1, 1], rtol=1e-5
    )
    found = forces(e, 2 * e)
    assert (np.abs(found) <= 3 * WRINKLED_STIFFNESS * STIFFNESS * np.abs(e)[:, None]).all()


def test_the_energy_is_smooth_where_wrinkles_begin() -> None:
    e = 0.05
    for side in (-1e-9, 1e-9):
        along, across = forces(np.array(e), np.array(-POISSON * e + side))
        np.testing.assert_allclose([along, across], [STIFFNESS * e, 0.0], atol=1e-7 * STIFFNESS)


def test_the_tangent_of_a_sheet_is_the_derivative_of_its_force() -> None:
    tangent = compiled(_tangent, _F, _N)
    states_of_sheet = stretched(np.array([[1.1, 1.1], [1.2, 1.05], [1.2, 0.8], [0.9, 0.7]]))
    expected = numerical_derivative(lambda at: PIOLA(at, Z), states_of_sheet, rank=2, step=1e-4)
    np.testing.assert_allclose(tangent(states_of_sheet, Z), expected, atol=1e-6 * STIFFNESS)
    # equal strains, where the directions of tension are any
    equal = tangent(stretched(np.array([0.9, 0.9])), Z)
    assert np.abs(equal).max() < 3 * WRINKLED_STIFFNESS * STIFFNESS


def test_shear_stiffness_of_a_taut_sheet_is_the_shear_modulus_times_thickness() -> None:
    def sheared(angle: Array) -> Array:
        deformation = np.tile(1.05 * np.eye(3), (*angle.shape, 1, 1))
        deformation[..., 0, 1] = 1.05 * angle
        return energy(deformation, Z)

    def force(angle: Array) -> Array:
        return numerical_derivative(sheared, angle, rank=0)

    stiffness = numerical_derivative(force, np.array(0.0), rank=0)
    np.testing.assert_allclose(stiffness, STIFFNESS / (2 * (1 + POISSON)), rtol=1e-6)


def cage_pressure(strain: float, radius: float) -> float:
    """Pressure that stretches a spherical cage of a reference radius [um] by ``strain`` [MPa].

    By virtual work: 4 pi R^2 d psi = p d(4/3 pi R^3 a^3), a = 1 + strain.
    """
    a = np.array(1 + strain)
    force = PIOLA(stretched(np.stack([a, a])), Z)
    return float((force[0, 0] + force[1, 1]) / (radius * a**2))


@pytest.mark.verification
def test_a_graphene_cage_stretched_by_one_percent_presses_with_150_megapascals() -> None:
    radius, strain = 1.5538, 0.01
    linear = 2 * STIFFNESS * strain / ((1 - POISSON) * radius)
    np.testing.assert_allclose(linear, 154.152, atol=5e-4)
    # to first order in the strain; exactly 2 E h/(1 - nu) ln(a)/(a^3 R)
    pressure = cage_pressure(strain, radius)
    np.testing.assert_allclose(pressure, linear, rtol=4 * strain)
    finite = np.log(1 + strain) / strain / (1 + strain) ** 3
    np.testing.assert_allclose(pressure, linear * finite, rtol=1e-8)
    tiny = 1e-5
    np.testing.assert_allclose(cage_pressure(tiny, radius) / tiny, linear / strain, rtol=4e-5)


def test_the_force_of_the_form_is_the_derivative_of_the_energy() -> None:
    expected = numerical_derivative(lambda at: energy(at, N), F, rank=2, step=1e-4)
    np.testing.assert_allclose(PIOLA(F, N), expected, atol=1e-7 * np.abs(expected).max())


def test_a_card_makes_a_sheet_of_its_moduli() -> None:
    card = cards.material("graphene-multilayer")
    law = regions.sheet(card, thickness=0.01)
    assert isinstance(card.elastic, NeoHookean)
    sliding = card.properties["sliding_efficiency"].si
    assert 0.0 < sliding < 1.0
    full = 1e-6 * float(card.elastic.young(0.0))
    np.testing.assert_allclose(law.young, sliding * full, rtol=1e-14)
    monolayer = regions.sheet(cards.material("graphene-monolayer"), thickness=0.01)
    np.testing.assert_allclose(monolayer.young, full, rtol=1e-14)
    np.testing.assert_allclose(law.poisson, float(card.elastic.poisson(0.0)), rtol=1e-14)
    assert law.thickness == 0.01
