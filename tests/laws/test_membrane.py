"""Surfaces that stretch with the body below, and the logarithmic strain along them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from anodefem.laws.membrane import Surface, SurfaceStrain, atanh_ratio, plane_determinant
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

_F, _N, _A = symbol(3, 3), symbol(3), symbol(3, 3)
F, N, Q = states.deformations(), states.normals(), states.rotations()


def surface(quantity: str) -> Callable[..., Array]:
    """Attribute of `Surface` as a function of (F, N)."""
    return compiled(getattr(Surface(_F, _N), quantity), _F, _N)


AREA, NORMAL = surface("area_ratio"), surface("normal")
METRIC, INVERSE = surface("metric"), surface("inverse_metric")
_STRAIN = SurfaceStrain(Surface(_F, _N), _A)
LARGEST, MEAN = (compiled(each, _F, _N, _A) for each in (_STRAIN.largest, _STRAIN.mean))
DIFFERENCE = compiled(_STRAIN.difference, _F, _N, _A)


def plane(N: Array) -> Array:
    """I - N N."""
    return np.asarray(np.eye(3) - N[..., :, None] * N[..., None, :])


def stress_free(N: Array, *, seed: int = 7) -> Array:
    """Inverse stress-free metrics in the planes of these normals."""
    a = states.deformations(len(N), seed=seed)
    return np.asarray(plane(N) @ a @ states.transpose(a) @ plane(N))


def principal(F: Array, N: Array, A: Array) -> Array:
    """Principal logarithmic strains along the surface by numpy, small one first, shape (n, 2)."""
    F, N, A = np.broadcast_arrays(F, N[..., :, None], A)
    N = N[..., 0]
    a, b = tangents(N)
    basis = np.stack([a, b], axis=-1)
    root = np.linalg.cholesky(states.transpose(basis) @ A @ basis)
    stretch = np.linalg.svd(F @ basis @ root, compute_uv=False)
    return np.asarray(np.log(stretch[..., ::-1]))


# --- surfaces -------------------------------------------------------------------------------------


def tangents(N: Array) -> tuple[Array, Array]:
    """Two unit vectors that make a right-handed basis with N."""
    a = np.cross(N, [0.3, -0.5, 0.8])
    a /= np.linalg.norm(a, axis=-1, keepdims=True)
    return a, np.cross(N, a)


def test_area_ratio_and_normal_are_those_of_the_tangents_that_move_with_the_body() -> None:
    a, b = (np.einsum("pij,pj->pi", F, t) for t in tangents(N))
    area = np.cross(a, b)
    np.testing.assert_allclose(AREA(F, N), np.linalg.norm(area, axis=1), rtol=1e-12)
    unit = area / np.linalg.norm(area, axis=1, keepdims=True)
    np.testing.assert_allclose(NORMAL(F, N), unit, atol=1e-13)


def test_a_surface_that_is_rotated_keeps_its_area_and_turns_its_normal() -> None:
    np.testing.assert_allclose(AREA(Q @ F, N), AREA(F, N), rtol=1e-12)
    turned = np.einsum("pij,pj->pi", Q, NORMAL(F, N))
    np.testing.assert_allclose(NORMAL(Q @ F, N), turned, atol=1e-13)


def test_the_metric_is_that_of_the_tangents_and_has_an_inverse_in_the_plane() -> None:
    metric, inverse = METRIC(F, N), INVERSE(F, N)
    for s in tangents(N):
        for t in tangents(N):
            moved = np.einsum("pij,pj,pik,pk->p", F, s, F, t)
            np.testing.assert_allclose(np.einsum("pi,pij,pj->p", s, metric, t), moved, atol=1e-12)
    for tensor in (metric, inverse):
        np.testing.assert_allclose(np.einsum("pij,pj->pi", tensor, N), 0.0, atol=1e-12)
    np.testing.assert_allclose(metric @ inverse, plane(N), atol=1e-12)
    determinant = compiled(plane_determinant(_A), _A)
    np.testing.assert_allclose(determinant(metric), AREA(F, N) ** 2, rtol=1e-12)


def test_nothing_depends_on_what_happens_across_the_surface_or_on_a_rotation() -> None:
    below = F + 0.3 * states.normals(seed=9)[:, :, None] * N[:, None, :]
    assert (np.linalg.det(below) > 0.0).all()
    for quantity in (AREA, NORMAL, METRIC):
        np.testing.assert_allclose(quantity(below, N), quantity(F, N), atol=1e-12)
    np.testing.assert_allclose(METRIC(Q @ F, N), METRIC(F, N), atol=1e-12)


# --- logarithmic strain ---------------------------------------------------------------------------


def test_atanh_ratio_is_smooth_and_right_to_round_off() -> None:
    z = symbol()
    ratio = compiled(atanh_ratio(z), z)
    q = np.concatenate([np.logspace(-9, -1e-6, 200), [0.03161, 0.03163, 0.9999]])
    np.testing.assert_allclose(ratio(q**2), np.arctanh(q) / q, rtol=1e-14)
    np.testing.assert_allclose(ratio(np.array([0.0, -1e-17])), 1.0, rtol=1e-15)
    slope = numerical_derivative(ratio, np.array([0.0, 1e-3]), rank=0, step=1e-4)
    np.testing.assert_allclose(slope[0], 1 / 3, rtol=1e-9)


def test_the_strain_of_a_surface_has_the_logarithms_of_its_stretches() -> None:
    for scale in (1.0, 3.0):  # large anisotropy, too
        at = np.linalg.matrix_power(F, int(scale))
        A = stress_free(N)
        low, high = principal(at, N, A).T
        np.testing.assert_allclose(MEAN(at, N, A), (low + high) / 2, atol=1e-11)
        np.testing.assert_allclose(LARGEST(at, N, A), high, atol=1e-11)
        q = np.tanh(high - low)
        np.testing.assert_allclose(DIFFERENCE(at, N, A), q**2, rtol=1e-10)


def test_nearly_equal_stretches_are_told_apart_to_round_off() -> None:
    apart = 10.0 ** np.arange(-12, -1)
    at = np.zeros((len(apart), 3, 3))
    at[:, 0, 0], at[:, 1, 1], at[:, 2, 2] = 1.3 * np.exp(apart), 1.3 * np.exp(-apart), 0.7
    z = np.array([0.0, 0.0, 1.0])
    found = np.sqrt(DIFFERENCE(at, z, plane(z)))
    np.testing.assert_allclose(found, np.tanh(2 * apart), rtol=1e-9, atol=1e-15)
