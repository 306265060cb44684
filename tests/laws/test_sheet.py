"""Graphene-like sheet: the stiffness of a plate in its plane, whatever the frame."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem import library
from anodefem.cards import NeoHookean
from anodefem.laws.membrane import ElasticSheet, Surface
from anodefem.model import regions
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

YOUNG, POISSON, THICKNESS = 1e6, 0.165, 0.010  # MPa, -, um: ten nanometres of graphene
STIFFNESS = YOUNG * THICKNESS
SHEET = ElasticSheet(YOUNG, POISSON, THICKNESS)
Z = np.array([0.0, 0.0, 1.0])

_F, _N = symbol(3, 3), symbol(3)
energy = compiled(SHEET.energy(Surface(_F, _N)), _F, _N)
F, N, Q = states.deformations(), states.normals(), states.rotations()


def stretched(stretches: Array) -> Array:
    """Stretches along x and y, shape (..., 2), as deformation gradients."""
    deformation = np.zeros((*stretches.shape[:-1], 3, 3))
    deformation[..., 0, 0], deformation[..., 1, 1] = stretches[..., 0], stretches[..., 1]
    deformation[..., 2, 2] = 0.7  # across the sheet: does not matter
    return deformation


def stiffness_at_rest() -> Array:
    """Second derivatives of the energy with respect to the two stretches."""

    def slope(stretches: Array) -> Array:
        return numerical_derivative(lambda a: energy(stretched(a), Z), stretches, rank=1)

    return numerical_derivative(slope, np.ones(2), rank=1)


def test_a_sheet_that_is_not_stretched_has_no_energy_and_no_stress() -> None:
    np.testing.assert_allclose(energy(Q, N), 0.0, atol=1e-14 * STIFFNESS)
    slope = numerical_derivative(lambda at: energy(at, N), Q, rank=2)
    np.testing.assert_allclose(slope, 0.0, atol=1e-9 * STIFFNESS)
    assert (energy(F, N) > 0.0).all()


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


def test_uniaxial_stiffness_and_contraction_are_young_and_poisson() -> None:
    C = stiffness_at_rest()
    np.testing.assert_allclose(C[0, 0] - C[0, 1] * C[1, 0] / C[1, 1], STIFFNESS, rtol=1e-6)
    np.testing.assert_allclose(C[0, 1] / C[1, 1], POISSON, rtol=1e-6)


def test_equibiaxial_stiffness_is_that_of_plane_stress() -> None:
    C = stiffness_at_rest()
    np.testing.assert_allclose(C[0, 0] + C[0, 1], STIFFNESS / (1 - POISSON), rtol=1e-6)


def test_shear_stiffness_is_the_shear_modulus_times_thickness() -> None:
    def sheared(angle: Array) -> Array:
        deformation = np.tile(np.eye(3), (*angle.shape, 1, 1))
        deformation[..., 0, 1] = angle
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
    slope = numerical_derivative(
        lambda b: energy(stretched(np.stack([b, b], axis=-1)), Z), a, rank=0
    )
    return float(slope / (radius * a**2))


@pytest.mark.verification
def test_a_graphene_cage_stretched_by_one_percent_presses_with_150_megapascals() -> None:
    radius, strain = 1.5538, 0.01
    linear = 2 * STIFFNESS * strain / ((1 - POISSON) * radius)
    np.testing.assert_allclose(linear, 154.152, atol=5e-4)
    # To first order in the strain; exactly (a^2 - 1)/(2 strain a), half a percent less.
    pressure = cage_pressure(strain, radius)
    np.testing.assert_allclose(pressure, linear, rtol=strain)
    np.testing.assert_allclose(pressure, linear * (1 + strain / 2) / (1 + strain), rtol=1e-8)
    tiny = 1e-5
    np.testing.assert_allclose(cage_pressure(tiny, radius) / tiny, linear / strain, rtol=1e-5)


def test_the_force_of_the_form_is_the_derivative_of_the_energy() -> None:
    variable = ufl.variable(_F)
    slope = compiled(ufl.diff(SHEET.energy(Surface(variable, _N)), variable), _F, _N)
    expected = numerical_derivative(lambda at: energy(at, N), F, rank=2)
    np.testing.assert_allclose(slope(F, N), expected, atol=1e-9 * np.abs(expected).max())


def test_a_card_makes_a_sheet_of_its_moduli() -> None:
    card = library.material("graphene-multilayer")
    law = regions.sheet(card, thickness=0.01)
    assert isinstance(card.elastic, NeoHookean)
    np.testing.assert_allclose(law.young, 1e-6 * float(card.elastic.young(0.0)), rtol=1e-14)
    np.testing.assert_allclose(law.poisson, float(card.elastic.poisson(0.0)), rtol=1e-14)
    assert law.thickness == 0.01
