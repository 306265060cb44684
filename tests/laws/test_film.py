"""The SEI at a point: compressible, elastic-plastic and in plane stress, whatever the stretch."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem import cards
from anodefem.laws.film import PerfectPlasticity
from anodefem.model import regions
from tests.laws import states
from tests.laws.films import (
    FLAT,
    LARGE,
    POISSON,
    YIELD,
    YOUNG,
    F,
    N,
    Point,
    Q,
    Z,
    elastic,
    every,
    films,
    formed,
    stretched,
)
from tests.laws.point import Array, compiled, numerical_derivative, symbol
from tests.laws.test_membrane import INVERSE, NORMAL, plane, principal, stress_free, tangents


def energy(F: Array, N: Array, A: Array) -> Array:
    """Hencky's energy of plane stress by numpy's eigenvalues [MPa]."""
    e1, e2 = np.moveaxis(principal(F, N, A), -1, 0)
    return np.asarray(YOUNG / (2 * (1 - POISSON**2)) * (e1**2 + e2**2 + 2 * POISSON * e1 * e2))


# --- elasticity -----------------------------------------------------------------------------------


def test_the_work_of_an_elastic_film_is_the_derivative_of_its_energy() -> None:
    A = stress_free(N)
    variation = np.random.default_rng(6).normal(size=(20, 3, 3))
    for at in (F, LARGE):
        slope = numerical_derivative(lambda f: energy(f, N, A), at, rank=2)
        expected = np.sum(slope * variation, axis=(1, 2))
        np.testing.assert_allclose(elastic.work(at, N, A, variation), expected, atol=1e-8 * YOUNG)


def test_young_and_poisson_are_exact_at_any_strain() -> None:
    for strain in (1e-6, -1e-6, 0.05, -0.05, 0.35, 0.8):
        e = np.array(strain)
        uniaxial = elastic.kirchhoff(stretched(e, -POISSON * e), Z, FLAT)
        np.testing.assert_allclose(uniaxial, np.diag([YOUNG * e, 0, 0]), atol=1e-10 * YOUNG)
        biaxial = elastic.kirchhoff(stretched(e, e), Z, FLAT)
        expected = YOUNG / (1 - POISSON) * e
        np.testing.assert_allclose(biaxial, np.diag([expected, expected, 0]), atol=1e-10 * YOUNG)
        plane_strain = elastic.kirchhoff(stretched(e, 0.0), Z, FLAT)
        expected = YOUNG / (1 - POISSON**2) * e
        np.testing.assert_allclose(
            plane_strain, np.diag([expected, POISSON * expected, 0]), atol=1e-10 * YOUNG
        )


def test_shear_has_the_shear_modulus() -> None:
    def stress(angle: Array) -> Array:
        sheared = np.tile(np.eye(3), (*angle.shape, 1, 1))
        sheared[..., 0, 1] = angle
        return elastic.kirchhoff(sheared, Z, FLAT)[..., 0, 1]

    slope = numerical_derivative(stress, np.array(0.0), rank=0, step=1e-4)
    np.testing.assert_allclose(slope, YOUNG / (2 * (1 + POISSON)), rtol=1e-7)


def test_the_force_of_a_stretched_film_grows_up_to_a_strain_of_one() -> None:
    e = np.linspace(0.0, 1.0, 41)
    force = elastic("stress", stretched(e, -POISSON * e), Z, FLAT)[:, 0, 0] * np.exp(e)
    assert (np.diff(force) > 0.0).all()


@every
def test_a_film_is_without_stress_where_it_forms(film: Point) -> None:
    A = formed(film, F, N)
    np.testing.assert_allclose(film.kirchhoff(F, N, A), 0.0, atol=1e-11 * YOUNG)
    assert (film("dissipation", F, N, A) <= 1e-11 * YOUNG).all()
    assert np.isfinite(film.tangent(F, N, A, np.eye(3))).all()


def test_a_film_that_forms_stretched_is_pressed_alike_in_all_directions() -> None:
    stress = elastic.kirchhoff(F, N, formed(elastic, F, N, strain=0.02))
    expected = -YOUNG / (1 - POISSON) * np.log(1.02)
    np.testing.assert_allclose(stress, expected * plane(NORMAL(F, N)), atol=1e-11 * YOUNG)


def test_the_stress_free_volume_is_that_of_the_film_at_formation() -> None:
    thickness, strain = 0.03, 0.02
    law = elastic.law
    metric = symbol(3, 3)
    volume = compiled(law.volume(metric, ufl.as_ufl(thickness), strain), metric)
    found = volume(formed(elastic, F, N, strain=strain))
    area = 1 / np.sqrt(np.linalg.det(INVERSE(F, N) + N[:, :, None] * N[:, None, :]))
    # elastic volume ratio of equal biaxial stress
    swollen = np.exp(-2 * np.log(1 + strain) * (1 - 2 * POISSON) / (1 - POISSON))
    np.testing.assert_allclose(found, thickness * area / swollen, rtol=1e-12)


# --- what holds for every flow --------------------------------------------------------------------


@every
def test_stress_is_symmetric_and_lies_in_the_surface(film: Point) -> None:
    stress, n = film.kirchhoff(F, N, stress_free(N)), NORMAL(F, N)
    np.testing.assert_allclose(stress, states.transpose(stress), atol=1e-11 * YOUNG)
    np.testing.assert_allclose(np.einsum("pij,pj->pi", stress, n), 0.0, atol=1e-11 * YOUNG)


@every
def test_a_film_that_is_rotated_feels_the_same(film: Point) -> None:
    A = stress_free(N)
    for name in ("stress", "stress_free"):
        np.testing.assert_allclose(film(name, Q @ F, N, A), film(name, F, N, A), atol=1e-10 * YOUNG)


@every
def test_a_film_does_no_work_when_its_surface_is_carried_along(film: Point) -> None:
    spin = np.random.default_rng(8).normal(size=(20, 3, 3))
    variation = (spin - states.transpose(spin)) @ F
    across = states.normals(seed=9)[:, :, None] * N[:, None, :]
    for nothing in (variation, across):
        np.testing.assert_allclose(
            film.work(F, N, stress_free(N), nothing), 0.0, atol=1e-11 * YOUNG
        )


@every
def test_the_tangent_of_a_film_is_the_derivative_of_its_work(film: Point) -> None:
    A = stress_free(N)
    variation = np.random.default_rng(6).normal(size=(20, 3, 3))
    for at in (F, LARGE):
        expected = numerical_derivative(
            lambda f: film.work(f, N, A, variation), at, rank=2, step=2e-4
        )
        tangent = film.tangent(at, N, A, variation)
        np.testing.assert_allclose(tangent, expected, atol=1e-7 * np.abs(expected).max())


@every
def test_the_strain_that_is_left_makes_the_stress_and_flow_keeps_the_volume(film: Point) -> None:
    A = stress_free(N)
    after = film("stress_free", F, N, A)
    # without a step in time nothing flows again
    left = film.kirchhoff(F, N, after, dt=1e-12)
    np.testing.assert_allclose(left, film.kirchhoff(F, N, A), atol=1e-8 * YOUNG)
    # plane stress: the plastic strain along the surface is that of the deviator of tau
    before, now = (principal(F, N, a) for a in (A, after))
    stress = film.kirchhoff(F, N, A)
    basis = np.stack(tangents(NORMAL(F, N)), axis=-1)
    tau = np.linalg.eigvalsh(states.transpose(basis) @ stress @ basis)
    flow = 1.5 * (film("k", F, N, A) / YOUNG)[:, None] * (tau - tau.sum(axis=1)[:, None] / 3)
    np.testing.assert_allclose(before - now, flow, atol=1e-10)


@every
def test_plastic_work_is_never_negative_and_that_of_stress_on_plastic_strain(film: Point) -> None:
    A = stress_free(N)
    work = film("dissipation", F, N, A)
    assert (work >= 0.0).all()
    stress = film.kirchhoff(F, N, A)
    trace = np.trace(stress, axis1=1, axis2=2)
    s = stress - trace[:, None, None] / 3 * np.eye(3)
    scale = film("k", F, N, A) / YOUNG
    np.testing.assert_allclose(work, 1.5 * scale * np.sum(s * s, axis=(1, 2)), rtol=1e-9)
    np.testing.assert_allclose(
        film("equivalent", F, N, A), np.sqrt(1.5 * np.sum(s * s, axis=(1, 2))), rtol=1e-9
    )


@every
def test_a_step_of_no_length_after_a_step_changes_nothing(film: Point) -> None:
    A = stress_free(N)
    after = film("stress_free", F, N, A)
    zero = film._compiled["k"](F, N, after, np.array(0.0), np.array(0.0))
    np.testing.assert_allclose(zero, 0.0, atol=1e-10)


# --- rate-independent -----------------------------------------------------------------------------


def test_any_stretch_however_large_ends_on_the_yield_surface() -> None:
    film = films["yield"]
    e = np.random.default_rng(3).uniform(-1.5, 1.5, (400, 2))
    equivalent = film("equivalent", stretched(*e.T), Z, FLAT)
    trial = elastic("equivalent", stretched(*e.T), Z, FLAT)
    np.testing.assert_allclose(equivalent, np.minimum(trial, YIELD), rtol=1e-11)


def test_in_one_direction_a_film_yields_at_its_yield_stress_and_keeps_its_volume() -> None:
    # e2 = -nu e_elastic - e_plastic/2 is uniaxial tension
    plastic = np.array([0.01, 0.2, 1.0])
    onset = YIELD / YOUNG
    stretch = stretched(onset + plastic, -POISSON * onset - plastic / 2)
    stress = films["yield"].kirchhoff(stretch, Z, FLAT)
    np.testing.assert_allclose(stress[:, 0, 0], YIELD, rtol=1e-11)
    np.testing.assert_allclose(stress[:, 1, 1], 0.0, atol=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
def test_in_all_directions_a_film_yields_at_the_exact_strain(sign: int) -> None:
    onset, film = YIELD * (1 - POISSON) / YOUNG, films["yield"]
    for strain in (0.999 * onset, 1.001 * onset, 0.6):
        stretch = stretched(sign * strain, sign * strain)
        stress = sign * min(YOUNG / (1 - POISSON) * strain, YIELD)
        found = film.kirchhoff(stretch, Z, FLAT)
        np.testing.assert_allclose(found, np.diag([stress, stress, 0.0]), atol=1e-9)
        assert (film("k", stretch, Z, FLAT) > 0.0) == (strain > onset)
    np.testing.assert_allclose(film("principal", stretch, Z, FLAT), sign * YIELD, rtol=1e-9)


def test_path_in_steps_ends_where_one_step_does_if_it_is_straight() -> None:
    A, film = FLAT, films["yield"]
    for part in np.linspace(0.0, 1.0, 11)[1:]:
        before, at = A, stretched(0.5 * part, 0.5 * part)
        A = film("stress_free", at, Z, A)
    np.testing.assert_allclose(
        film.kirchhoff(at, Z, before), film.kirchhoff(at, Z, FLAT), atol=1e-8
    )


def test_a_recipe_with_the_largest_elastic_range_yields_where_it_should() -> None:
    card = cards.sei("egdee")
    law = regions.film(card)
    film = Point(law.flow, young=law.young, poisson=law.poisson)
    onset = card.yield_stress / card.young
    np.testing.assert_allclose(onset, 0.35, rtol=1e-12)
    for strain in (0.9 * onset, 1.1 * onset):
        stretch = stretched(
            np.array(strain), -law.poisson * min(strain, onset) - 0.5 * max(strain - onset, 0.0)
        )
        stress = film.kirchhoff(stretch, Z, FLAT)
        expected = 1e-6 * card.young * min(strain, onset)
        np.testing.assert_allclose(stress, np.diag([expected, 0, 0]), atol=1e-8)


# --- cards ----------------------------------------------------------------------------------------


def test_a_card_makes_the_film_of_its_numbers() -> None:
    card = cards.sei("ec-dmc")
    law = regions.film(card)
    np.testing.assert_allclose([law.young, law.poisson], [1e-6 * card.young, card.poisson])
    assert law.flow == PerfectPlasticity(pytest.approx(1e-6 * card.yield_stress))


# --- balloons -------------------------------------------------------------------------------------


@pytest.mark.verification
def test_a_spherical_film_is_a_balloon() -> None:
    # 4 pi R^2 h dW = p d(4/3 pi R^3 a^3)
    a = np.linspace(1.0, 1.4, 9)
    growth = np.diag([1.0, 1.0, 0.0])
    pressure = elastic.work(stretched(np.log(a), np.log(a)), Z, FLAT, growth) / a**2
    exact = 2 * YOUNG / (1 - POISSON) * np.log(a) / a**3
    np.testing.assert_allclose(pressure, exact, atol=1e-11 * YOUNG)
