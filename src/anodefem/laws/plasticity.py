"""J2 plasticity at finite strain with a return map in closed form.

The elastic predictor is the isochoric trial tensor b = J^(-2/3) F Cp_n^-1 F^T; isotropic swelling
changes volume only and does not enter it. Stresses are Kirchhoff stresses per intermediate volume
[MPa]. (Simo and Hughes 1998, box 9.1, with det b kept at 1: without that the volume of b drifts by
9 % over one lithiation of a constrained film.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import ufl
from ufl.core.expr import Expr

from anodefem.laws.elasticity import Composition, Modulus
from anodefem.laws.kinematics import IDENTITY, deviator, smooth_norm

ROOT23 = (2 / 3) ** 0.5
#: Added to the norm of the deviator [MPa]: nine orders below any stress of interest.
STRESS_FLOOR = 1e-8


@dataclass(frozen=True, slots=True)
class Return:
    """Outcome of a return map.

    Attributes:
        s: Deviatoric Kirchhoff stress per intermediate volume [MPa], shape (3, 3).
        b: Isochoric elastic left Cauchy-Green tensor with det b = 1, shape (3, 3).
        multiplier: Plastic multiplier of the step [-]; the equivalent plastic strain grows by
            sqrt(2/3) times it.
    """

    s: Expr
    b: Expr
    multiplier: Expr


class Flow(Protocol):
    """When and how fast a solid flows."""

    def multiplier(
        self, norm: Expr, stiffness: Expr, x: Composition, alpha: Expr, dt: Expr, guess: Expr
    ) -> Expr:
        """Plastic multiplier of the step [-].

        Args:
            norm: Norm of the trial deviator [MPa].
            stiffness: Fall of the norm per unit of multiplier [MPa]; see `return_stiffness`.
            x: Lithium fraction at the end of the step [-].
            alpha: Equivalent plastic strain at its start [-].
            dt: Length of the step [s].
            guess: Result of `local_solve` for laws that need one, else ignored.
        """


@dataclass(frozen=True, slots=True)
class NoFlow:
    """Elastic at any stress."""

    def multiplier(
        self, norm: Expr, stiffness: Expr, x: Composition, alpha: Expr, dt: Expr, guess: Expr
    ) -> Expr:
        """Zero."""
        return ufl.as_ufl(0.0)


@dataclass(frozen=True, slots=True)
class RateIndependent:
    """Yield at sigma_y(x) + H alpha, no rate effect.

    Attributes:
        yield_stress: Uniaxial yield stress [MPa] over the lithium fraction.
        hardening: Linear isotropic hardening modulus H [MPa].
    """

    yield_stress: Modulus
    hardening: float = 0.0

    def multiplier(
        self, norm: Expr, stiffness: Expr, x: Composition, alpha: Expr, dt: Expr, guess: Expr
    ) -> Expr:
        """See `Flow`."""
        excess = norm - ROOT23 * (self.yield_stress(x) + self.hardening * alpha)
        return ufl.max_value(excess, 0.0) / (stiffness + 2 / 3 * self.hardening)


@dataclass(frozen=True, slots=True)
class Overstress:
    """Power-law overstress: rate of plastic strain = rate <sigma_eq / sigma_y - 1>^exponent.

    (Bower, Guduru and Sethuraman 2011.) The overstress w = sigma_eq/sigma_y - 1 solves
    norm - stiffness sqrt(3/2) dt rate w^m - sqrt(2/3) Y (1 + w) = 0, which is decreasing and
    concave in w. `local_solve` finds it in numpy; `multiplier` adds one Newton step in UFL, which
    makes the value exact and its derivative the consistent tangent.

    Attributes:
        yield_stress: Threshold sigma_y [MPa] over the lithium fraction.
        rate: Reference rate [1/s].
        exponent: m >= 1 [-].
        hardening: H [MPa], at the plastic strain of the step's start.
    """

    yield_stress: Modulus
    rate: float
    exponent: float
    hardening: float = 0.0

    def threshold(self, x: Composition, alpha: Expr) -> Expr:
        """sqrt(2/3) (sigma_y + H alpha): norm of the deviator at first flow [MPa]."""
        return ROOT23 * (self.yield_stress(x) + self.hardening * alpha)

    def multiplier(
        self, norm: Expr, stiffness: Expr, x: Composition, alpha: Expr, dt: Expr, guess: Expr
    ) -> Expr:
        """See `Flow`; ``guess`` is the overstress w."""
        y, m = self.threshold(x, alpha), self.exponent
        scale = dt * self.rate / ROOT23
        residual = norm - stiffness * scale * guess**m - y * (1 + guess)
        slope = stiffness * scale * m * guess ** (m - 1) + y
        w = ufl.max_value(guess + residual / slope, 0.0)
        return ufl.conditional(ufl.gt(norm, y), scale * w**m, 0.0)

    def local_solve(
        self,
        norm: npt.NDArray[np.float64],
        stiffness: npt.NDArray[np.float64],
        threshold: npt.NDArray[np.float64],
        dt: float,
    ) -> npt.NDArray[np.float64]:
        """Overstress w >= 0 at points, to relative precision 1e-13; arrays of one shape."""
        m, scale = self.exponent, dt * self.rate / ROOT23
        excess = np.maximum(norm - threshold, 0.0)
        # both bounds lie right of the root, from where Newton falls monotonically
        w = np.minimum(excess / threshold, (excess / (stiffness * scale)) ** (1 / m))
        for _ in range(60):
            residual = excess - stiffness * scale * w**m - threshold * w
            step = residual / (stiffness * scale * m * w ** (m - 1) + threshold)
            w = np.maximum(w + step, 0.0)
            if np.all(np.abs(step) <= 1e-13 * (1 + w)):
                return w
        return w


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


def return_stiffness(G: Expr, trial: Expr) -> tuple[Expr, Expr, Expr]:
    """Trial deviator [MPa], its norm, and how fast the norm falls per unit of multiplier.

    The fall of |s| along the flow direction, with s = G dev b and b = exp(2 e), is
    2 G tr(b)/3 + 6 det(s)/|s|^2. The second term is |s|/G relative to the first; without it plastic
    work in biaxial stress is off by 2 % for silicon.
    """
    s = G * deviator(trial)
    norm = smooth_norm(s, floor=STRESS_FLOOR)
    return s, norm, 2 * G * ufl.tr(trial) / 3 + 6 * ufl.det(s) / norm**2


def return_map(
    flow: Flow, G: Expr, trial: Expr, x: Composition, alpha: Expr, dt: Expr, guess: Expr
) -> Return:
    """Map the trial tensor back to the yield surface.

    Args:
        flow: Flow law.
        G: Shear modulus [MPa].
        trial: Isochoric trial tensor J^(-2/3) F Cp_n^-1 F^T, shape (3, 3).
        x: Lithium fraction at the end of the step [-].
        alpha: Equivalent plastic strain at its start [-].
        dt: Length of the step [s].
        guess: See `Flow.multiplier`.
    """
    if isinstance(flow, NoFlow):
        return Return(G * deviator(trial), trial, ufl.as_ufl(0.0))
    s, norm, stiffness = return_stiffness(G, trial)
    multiplier = flow.multiplier(norm, stiffness, x, alpha, dt, guess)
    s = (1 - stiffness * multiplier / norm) * s
    return Return(s, s / G + unimodular_trace(s / G, ufl.tr(trial) / 3) * IDENTITY, multiplier)
