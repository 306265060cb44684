"""Surfaces that stretch with the body below, and the elastic-plastic film on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import ufl

from anodefem import library
from anodefem.laws.membrane import ElasticPlasticFilm, Surface, largest_along
from anodefem.laws.plasticity import ROOT23
from anodefem.model import regions
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

SHEAR, YIELD = 250.0, 30.0
ELASTIC = ElasticPlasticFilm(SHEAR, 1e9)
FILM = ElasticPlasticFilm(SHEAR, YIELD)
Z = np.array([0.0, 0.0, 1.0])

_F, _N, _plastic, _variation = symbol(3, 3), symbol(3), symbol(3, 3), symbol(3, 3)
F, N, Q = states.deformations(), states.normals(), states.rotations()


def surface(quantity: str) -> Callable[..., Array]:
    """Attribute of `Surface` as a function of (F, N)."""
    return compiled(getattr(Surface(_F, _N), quantity), _F, _N)


AREA, NORMAL = surface("area_ratio"), surface("normal")
TANGENTIAL, ISOCHORIC = surface("tangential"), surface("isochoric")


class Film:
    """Film as numpy functions of (F, N, Cp^-1)."""

    def __init__(self, law: ElasticPlasticFilm) -> None:
        response = law.respond(Surface(_F, _N), _plastic)
        arguments = (_F, _N, _plastic)
        self.tension = compiled(response.tension, *arguments)
        self.principal = compiled(response.principal, *arguments)
        self.multiplier = compiled(response.multiplier, *arguments)
        self.b = compiled(response.b, *arguments)
        self.plastic = compiled(response.plastic, *arguments)
        self.work = compiled(law.virtual_work(response, _variation), *arguments, _variation)


elastic, film = Film(ELASTIC), Film(FILM)


def stretched(*stretches: float | Array) -> Array:
    """Stretches along x and y; what happens across the film does not matter."""
    a, b = np.broadcast_arrays(*stretches)
    deformation = np.zeros((*a.shape, 3, 3))
    deformation[..., 0, 0], deformation[..., 1, 1], deformation[..., 2, 2] = a, b, 0.7
    return deformation


def formation(F: Array, N: Array, *, stretch: float = 1.0) -> Array:
    """Cp^-1 of a film that forms on a deformed surface, stretched by ``stretch`` beyond it."""
    n = NORMAL(F, N)
    across = n[..., :, None] * n[..., None, :]
    b = stretch**-2 * (np.eye(3) - across) + stretch**4 * across
    inverse = np.linalg.inv(ISOCHORIC(F, N))
    return inverse @ b @ states.transpose(inverse)


def metrics(N: Array, *, seed: int = 7) -> Array:
    """Tensors of determinant 1 with eigenvector N, as a film's Cp^-1 has."""
    return formation(states.deformations(len(N), seed=seed), N, stretch=1.1)


# --- surfaces -------------------------------------------------------------------------------------


def _tangents(N: Array) -> tuple[Array, Array]:
    """Two unit vectors that make a right-handed basis with N."""
    a = np.cross(N, [0.3, -0.5, 0.8])
    a /= np.linalg.norm(a, axis=-1, keepdims=True)
    return a, np.cross(N, a)


def test_area_ratio_and_normal_are_those_of_the_tangents_that_move_with_the_body() -> None:
    a, b = (np.einsum("pij,pj->pi", F, t) for t in _tangents(N))
    area = np.cross(a, b)
    np.testing.assert_allclose(AREA(F, N), np.linalg.norm(area, axis=1), rtol=1e-12)
    unit = area / np.linalg.norm(area, axis=1, keepdims=True)
    np.testing.assert_allclose(NORMAL(F, N), unit, atol=1e-13)


def test_a_membrane_keeps_its_volume_and_follows_the_surface() -> None:
    Fm = ISOCHORIC(F, N)
    np.testing.assert_allclose(np.linalg.det(Fm), 1.0, rtol=1e-12)
    for t in _tangents(N):
        along = np.einsum("pij,pj->pi", F, t)
        np.testing.assert_allclose(np.einsum("pij,pj->pi", Fm, t), along, atol=1e-13)
        np.testing.assert_allclose(np.einsum("pij,pj->pi", TANGENTIAL(F, N), t), along, atol=1e-13)
    across = np.einsum("pij,pj->pi", Fm, N)
    np.testing.assert_allclose(across, NORMAL(F, N) / AREA(F, N)[:, None], atol=1e-13)
    np.testing.assert_allclose(np.einsum("pij,pj->pi", TANGENTIAL(F, N), N), 0.0, atol=1e-14)


def test_a_membrane_does_not_feel_what_happens_across_it() -> None:
    below = F + 0.3 * states.normals(seed=9)[:, :, None] * N[:, None, :]
    assert (np.linalg.det(below) > 0.0).all()
    for quantity in (AREA, NORMAL, TANGENTIAL, ISOCHORIC):
        np.testing.assert_allclose(quantity(below, N), quantity(F, N), atol=1e-12)


def test_a_surface_that_is_rotated_keeps_its_area_and_turns_its_normal() -> None:
    np.testing.assert_allclose(AREA(Q @ F, N), AREA(F, N), rtol=1e-12)
    turned = np.einsum("pij,pj->pi", Q, NORMAL(F, N))
    np.testing.assert_allclose(NORMAL(Q @ F, N), turned, atol=1e-13)


def test_the_largest_value_along_a_plane_is_an_eigenvalue_there() -> None:
    t, n = symbol(3, 3), symbol(3)
    largest = compiled(largest_along(t, n), t, n)
    values = np.random.default_rng(5).normal(size=(20, 3))
    values[:3, 0] = values[:3, 1]  # equal ones
    values[:, 2] = 10.0  # across, and larger
    a, b = _tangents(N)
    basis = np.stack([a, b, N], axis=-1)
    tensor = basis @ (values[:, :, None] * states.transpose(basis))
    np.testing.assert_allclose(largest(tensor, N), values[:, :2].max(axis=1), atol=1e-13)


# --- film -----------------------------------------------------------------------------------------


def energy(F: Array, N: Array, plastic: Array) -> Array:
    """G/2 (tr b - 3) per volume of the elastic film."""
    Fm = ISOCHORIC(F, N)
    b = Fm @ plastic @ states.transpose(Fm)
    return SHEAR / 2 * (np.trace(b, axis1=-2, axis2=-1) - 3)


@pytest.mark.parametrize("kind", [elastic, film], ids=["elastic", "plastic"])
def test_a_film_is_without_stress_where_it_forms(kind: Film) -> None:
    np.testing.assert_allclose(kind.tension(F, N, formation(F, N)), 0.0, atol=1e-11 * SHEAR)
    np.testing.assert_array_equal(kind.multiplier(F, N, formation(F, N)), 0.0)


def test_a_film_that_forms_stretched_is_pressed_alike_in_all_directions() -> None:
    tension = elastic.tension(F, N, formation(F, N, stretch=1.05))
    n = NORMAL(F, N)
    plane = np.eye(3) - n[:, :, None] * n[:, None, :]
    expected = SHEAR * (1.05**-2 - 1.05**4)
    np.testing.assert_allclose(tension, expected * plane, atol=1e-11 * SHEAR)


def test_the_work_of_a_film_is_the_derivative_of_its_energy() -> None:
    plastic = metrics(N)
    slope = numerical_derivative(lambda at: energy(at, N, plastic), F, rank=2)
    variation = np.random.default_rng(6).normal(size=(20, 3, 3))
    expected = np.sum(slope * variation, axis=(1, 2))
    np.testing.assert_allclose(elastic.work(F, N, plastic, variation), expected, atol=1e-9 * SHEAR)


@pytest.mark.parametrize("kind", [elastic, film], ids=["elastic", "plastic"])
def test_tension_is_symmetric_and_lies_in_the_current_surface(kind: Film) -> None:
    tension, n = kind.tension(F, N, metrics(N)), NORMAL(F, N)
    np.testing.assert_allclose(tension, states.transpose(tension), atol=1e-12 * SHEAR)
    np.testing.assert_allclose(np.einsum("pij,pj->pi", tension, n), 0.0, atol=1e-12 * SHEAR)


@pytest.mark.parametrize("kind", [elastic, film], ids=["elastic", "plastic"])
def test_a_film_that_is_rotated_feels_the_same_tension(kind: Film) -> None:
    plastic = metrics(N)
    turned = Q @ kind.tension(F, N, plastic) @ states.transpose(Q)
    np.testing.assert_allclose(kind.tension(Q @ F, N, plastic), turned, atol=1e-12 * SHEAR)
    kept = kind.plastic(Q @ F, N, plastic)
    np.testing.assert_allclose(kept, kind.plastic(F, N, plastic), atol=1e-12)


def test_a_film_does_no_work_when_its_surface_is_carried_along() -> None:
    spin = np.random.default_rng(8).normal(size=(20, 3, 3))
    variation = (spin - states.transpose(spin)) @ F  # of the deformation, by a rotation
    across = states.normals(seed=9)[:, :, None] * N[:, None, :]
    for nothing in (variation, across):
        work = film.work(F, N, metrics(N), nothing)
        np.testing.assert_allclose(work, 0.0, atol=1e-11 * SHEAR)


def test_equibiaxial_stiffness_is_that_of_the_compressible_film_of_the_card() -> None:
    card = library.sei("ec-dmc")
    law = Film(regions.film(card))

    def tension(strain: Array) -> Array:
        return law.tension(stretched(1 + strain, 1 + strain), Z, np.eye(3))[..., 0, 0]

    stiffness = numerical_derivative(tension, np.array(0.0), rank=0, step=1e-5)
    np.testing.assert_allclose(stiffness, 1e-6 * card.young / (1 - card.poisson), rtol=1e-6)


def test_tension_of_a_stretched_film_is_that_of_rubber() -> None:
    a, b = np.array([1.1, 1.4, 0.9, 2.0]), np.array([1.0, 1.4, 1.2, 0.8])
    tension = elastic.tension(stretched(a, b), Z, np.eye(3))
    np.testing.assert_allclose(tension[:, 0, 0], SHEAR * (a**2 - (a * b) ** -2.0), rtol=1e-12)
    np.testing.assert_allclose(tension[:, 1, 1], SHEAR * (b**2 - (a * b) ** -2.0), rtol=1e-12)
    largest = elastic.principal(stretched(a, b), Z, np.eye(3))
    np.testing.assert_allclose(largest, np.maximum(tension[:, 0, 0], tension[:, 1, 1]), rtol=1e-12)


def test_in_equibiaxial_tension_a_film_yields_at_its_yield_stress() -> None:
    onset = YIELD / (6 * SHEAR)
    for strain, flows in ((0.97 * onset, False), (1.05 * onset, True), (0.5, True)):
        F = stretched(1 + strain, 1 + strain)
        assert (film.multiplier(F, Z, np.eye(3)) > 0.0) == flows
    tension = film.tension(F, Z, np.eye(3))
    np.testing.assert_allclose(tension, np.diag([YIELD, YIELD, 0.0]), atol=1e-9)
    np.testing.assert_allclose(film.principal(F, Z, np.eye(3)), YIELD, rtol=1e-9)


def test_in_equibiaxial_compression_too() -> None:
    tension = film.tension(stretched(0.8, 0.8), Z, np.eye(3))
    np.testing.assert_allclose(tension, np.diag([-YIELD, -YIELD, 0.0]), atol=1e-9)


def test_in_uniaxial_tension_a_film_yields_at_its_yield_stress() -> None:
    for stretch in (1.1, 1.5):
        low, high = 0.5, 1.5  # of the width
        for _ in range(60):
            width = (low + high) / 2
            aside = film.tension(stretched(stretch, width), Z, np.eye(3))[1, 1]
            low, high = (low, width) if aside > 0.0 else (width, high)
        F = stretched(stretch, low)
        assert film.multiplier(F, Z, np.eye(3)) > 0.0
        tension = film.tension(F, Z, np.eye(3))
        np.testing.assert_allclose(tension, np.diag([YIELD, 0.0, 0.0]), atol=1e-9)


def test_a_film_ends_on_the_yield_surface_and_keeps_its_volume() -> None:
    plastic = metrics(N)
    b = film.b(F, N, plastic)
    assert (film.multiplier(F, N, plastic) > 0.0).all()
    np.testing.assert_allclose(states.norm(SHEAR * states.deviator(b)), ROOT23 * YIELD, rtol=1e-10)
    small = stretched(np.linspace(1.02, 1.15, 8), np.linspace(1.1, 0.95, 8))
    for determinant in (
        np.linalg.det(film.b(small, Z, np.eye(3))),
        np.linalg.det(film.plastic(small, Z, np.eye(3))),
    ):
        np.testing.assert_allclose(determinant, 1.0, rtol=1e-12)


def test_a_second_step_without_strain_changes_nothing() -> None:
    small = stretched(np.linspace(1.05, 1.15, 8), np.linspace(1.1, 0.95, 8))
    plastic = film.plastic(small, Z, np.eye(3))
    np.testing.assert_allclose(film.multiplier(small, Z, plastic), 0.0, atol=1e-12)
    before, after = film.tension(small, Z, np.eye(3)), film.tension(small, Z, plastic)
    np.testing.assert_allclose(after, before, atol=1e-9)


def test_the_tangent_of_a_film_is_the_derivative_of_its_work() -> None:
    variable = ufl.variable(_F)
    response = FILM.respond(Surface(variable, _N), _plastic)
    work = ufl.diff(FILM.virtual_work(response, _variation), variable)
    plastic = metrics(N)
    variation = np.random.default_rng(6).normal(size=(20, 3, 3))
    expected = numerical_derivative(
        lambda at: film.work(at, N, plastic, variation), F, rank=2, step=2e-4
    )
    tangent = compiled(work, _F, _N, _plastic, _variation)(F, N, plastic, variation)
    np.testing.assert_allclose(tangent, expected, atol=1e-8 * np.abs(expected).max())


# --- balloons -------------------------------------------------------------------------------------


def balloon(stretch: Array) -> Array:
    """Pressure that holds a spherical film at ``stretch``, times radius over thickness [MPa].

    All directions in the surface grow alike, and the film's work is the pressure's:
    4 pi R^2 h dW = p d(4/3 pi R^3 stretch^3).
    """
    growth = np.diag([1.0, 1.0, 0.0])
    return elastic.work(stretched(stretch, stretch), Z, np.eye(3), growth) / stretch**2


def thick_shell(inner: float, thickness: float) -> float:
    """Pressure in a neo-Hookean shell of radius 1, over its shear modulus, at its inner stretch."""
    outer = np.cbrt(1 + (inner**3 - 1) / (1 + thickness) ** 3)

    def g(a: float) -> float:
        return 2 / a + 1 / (2 * a**4)

    return float(g(outer) - g(inner))


def test_a_spherical_film_is_a_balloon_of_rubber() -> None:
    a = np.linspace(1.0, 4.0, 31)
    np.testing.assert_allclose(balloon(a), 2 * SHEAR * (1 / a - a**-7.0), atol=1e-11 * SHEAR)
    softest = a[np.argmax(balloon(a))]
    np.testing.assert_allclose(softest, 7 ** (1 / 6), atol=0.1)


@pytest.mark.verification
def test_a_film_is_the_limit_of_a_thin_shell() -> None:
    np.testing.assert_allclose(thick_shell(1.3, 0.1), 0.114013, atol=5e-7)
    for thickness in (1e-2, 1e-3, 1e-4):
        shell = thick_shell(1.3, thickness) / thickness
        np.testing.assert_allclose(balloon(np.array(1.3)) / SHEAR, shell, rtol=2 * thickness)
