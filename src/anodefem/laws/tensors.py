"""Functions of symmetric 3 x 3 tensors without eigenvalues: smooth where these coincide.

By the theorem of Cayley and Hamilton they are quadratic in the tensor, with coefficients that are
functions of its invariants; only these scalars are summed.
"""

from __future__ import annotations

import numpy as np
import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import IDENTITY, deviator

#: Points of the Gauss rule of `logarithm`. n points err by 2 pi tanh(e/2)^(2 n + 1) at a principal
#: logarithmic strain e: 6e-14 at 0.3, where few solids are still elastic; 4e-10 at 0.5.
LOGARITHM_POINTS = 8
#: Terms of the series of `exponential`: the first left out is 4e-16 at principal values of 0.6.
EXPONENTIAL_TERMS = 15


def logarithm(b: Expr) -> Expr:
    """Logarithm of a positive symmetric tensor with det b = 1; traceless.

    ln(I + X) = int_0^1 X (I + t X)^-1 dt by the Gauss rule, which is the diagonal Pade form of the
    logarithm and treats b and b^-1 alike.
    """
    X = b - IDENTITY
    square = ufl.dot(X, X)
    first, third = ufl.tr(X), ufl.det(X)
    second = (first**2 - ufl.tr(square)) / 2
    points, weights = np.polynomial.legendre.leggauss(LOGARITHM_POINTS)
    linear = quadratic = ufl.as_ufl(0.0)
    for t, w in zip((points + 1) / 2, weights / 2, strict=True):
        share = float(w) / (1 + float(t) * (first + float(t) * (second + float(t) * third)))
        linear += share * (1 + float(t) * first)
        quadratic -= float(t) * share
    # the part along I is what makes the trace vanish
    return deviator(linear * X + quadratic * square)


def exponential(a: Expr) -> Expr:
    """Exponential of a traceless symmetric tensor; det = 1 to round-off."""
    second, third = ufl.inner(a, a) / 2, ufl.det(a)
    # a^k = p I + q a + r a^2 and a^3 = second a + third I
    p, q, r = ufl.as_ufl(1.0), ufl.as_ufl(0.0), ufl.as_ufl(0.0)
    sums = [p, q, r]
    factorial = 1.0
    for k in range(1, EXPONENTIAL_TERMS):
        p, q, r = third * r, p + second * r, q
        factorial *= k
        sums = [total + term / factorial for total, term in zip(sums, (p, q, r), strict=True)]
    value = sums[0] * IDENTITY + sums[1] * a + sums[2] * ufl.dot(a, a)
    return value / ufl.det(value) ** (1 / 3)


def unimodular_trace(a: Expr, start: Expr) -> Expr:
    """Scalar I with det(a + I 1) = 1 for a traceless symmetric ``a``, near ``start``.

    Three Newton steps on I^3 - (a:a)/2 I + det a - 1 = 0, whose error falls from 1e-2 to 1e-15
    for elastic strains below 10 %.
    """
    half, det = ufl.inner(a, a) / 2, ufl.det(a)
    i = start
    for _ in range(3):
        i = i - (i**3 - half * i + det - 1) / (3 * i**2 - half)
    return i
