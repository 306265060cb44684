"""Functions of symmetric tensors against eigenvalues, which they do without."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem.laws.tensors import exponential, logarithm
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol

A = symbol(3, 3)
LOGARITHM, EXPONENTIAL = compiled(logarithm(A), A), compiled(exponential(A), A)


def strains(size: float) -> tuple[Array, Array]:
    """Principal values, traceless, the largest of magnitude ``size``; and their axes.

    The first have two equal values, almost equal ones and none.
    """
    random = np.random.default_rng(7)
    values = random.uniform(-1.0, 1.0, (60, 3))
    values[:10, 1] = values[:10, 0]
    values[10:20, 1] = values[10:20, 0] + np.logspace(-15, -6, 10)
    values -= values.mean(axis=1, keepdims=True)
    values *= size / np.abs(values).max(axis=1, keepdims=True)
    values[20] = 0.0
    return values, states.rotations(60)


def tensor(values: Array, axes: Array) -> Array:
    """Symmetric tensors with given principal values and axes."""
    return axes * values[:, None, :] @ states.transpose(axes)


@pytest.mark.parametrize(
    ("size", "error"), [(1e-8, 1e-15), (0.05, 1e-15), (0.2, 2e-15), (0.3, 1e-13), (0.5, 1e-9)]
)
def test_the_logarithm_is_that_of_the_principal_stretches(size: float, error: float) -> None:
    values, axes = strains(size)
    found = LOGARITHM(tensor(np.exp(2 * values), axes)) / 2
    np.testing.assert_allclose(found, tensor(values, axes), atol=error)


@pytest.mark.parametrize(
    ("size", "error"), [(1e-8, 1e-15), (0.2, 3e-15), (0.3, 3e-15), (0.5, 1e-11)]
)
def test_the_exponential_is_that_of_the_principal_strains(size: float, error: float) -> None:
    values, axes = strains(size)
    found = EXPONENTIAL(tensor(2 * values, axes))
    np.testing.assert_allclose(found, tensor(np.exp(2 * values), axes), atol=error)


@pytest.mark.parametrize("size", [0.1, 0.5, 1.0])
def test_the_exponential_has_determinant_one_at_any_strain(size: float) -> None:
    found = EXPONENTIAL(tensor(*strains(size)))
    np.testing.assert_allclose(np.linalg.det(found), 1.0, rtol=1e-14)


@pytest.mark.parametrize("size", [1e-6, 0.1, 0.3])
def test_the_slope_of_the_logarithm_is_smooth_where_stretches_coincide(size: float) -> None:
    variable = ufl.variable(A)
    slope = compiled(ufl.diff(logarithm(variable), variable), A)
    values, axes = strains(size)
    b = tensor(np.exp(2 * values), axes)
    expected = numerical_derivative(LOGARITHM, b, rank=2, step=1e-3)
    np.testing.assert_allclose(slope(b), expected, atol=1e-9)
    # and it is that of eigenvalues: divided differences of ln, or 1/stretch where these meet
    squares = np.exp(2 * values)
    p, q = squares[:, :, None], squares[:, None, :]
    near = np.abs(p - q) < 1e-4
    mean = (p + q) / 2
    quotient = np.where(
        near, 1 / mean * (1 + ((p - q) / mean) ** 2 / 12), np.log(p / q) / np.where(near, 1, p - q)
    )
    inner = np.array([[0.3, -0.7, 0.2], [-0.7, 0.1, 0.5], [0.2, 0.5, -0.4]])
    rotated = states.transpose(axes) @ inner @ axes
    moved = states.deviator(axes @ (quotient * rotated) @ states.transpose(axes))
    np.testing.assert_allclose(np.einsum("nijkl,kl->nij", slope(b), inner), moved, atol=1e-9)
