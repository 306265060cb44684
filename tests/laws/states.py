"""Tensors to try laws on, the same at every run."""

from __future__ import annotations

import numpy as np

from tests.laws.point import Array


def deformations(count: int = 20, *, size: float = 0.3, seed: int = 1) -> Array:
    """Deformation gradients with entries within ``size`` of the identity's, shape (count, 3, 3)."""
    random = np.random.default_rng(seed)
    found: list[Array] = []
    while len(found) < count:
        F = np.eye(3) + random.uniform(-size, size, (3, 3))
        if np.linalg.det(F) > 0.3:
            found.append(F)
    return np.array(found)


def isochoric(F: Array) -> Array:
    """Scale to determinant 1."""
    return F / np.cbrt(np.linalg.det(F))[..., None, None]


def rotations(count: int = 20, *, seed: int = 2) -> Array:
    """Rotations, shape (count, 3, 3)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(count, 3, 3)))
    q *= np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]
    return q * np.linalg.det(q)[:, None, None]


def metrics(count: int = 20, *, size: float = 0.2, seed: int = 3) -> Array:
    """Symmetric positive tensors with determinant 1, as Cp^-1 is, shape (count, 3, 3)."""
    F = isochoric(deformations(count, size=size, seed=seed))
    return F @ np.swapaxes(F, 1, 2)


def normals(count: int = 20, *, seed: int = 4) -> Array:
    """Unit vectors, shape (count, 3)."""
    N = np.random.default_rng(seed).normal(size=(count, 3))
    return N / np.linalg.norm(N, axis=1, keepdims=True)


def transpose(t: Array) -> Array:
    """Transpose of the last two axes."""
    return np.swapaxes(t, -1, -2)


def deviator(t: Array) -> Array:
    """Deviatoric part of the last two axes."""
    return t - np.trace(t, axis1=-2, axis2=-1)[..., None, None] / 3 * np.eye(3)


def norm(t: Array) -> Array:
    """Frobenius norm of the last two axes."""
    return np.asarray(np.linalg.norm(t, axis=(-2, -1)))
