"""J2 plasticity at finite strain with a return map in closed form.

The elastic predictor is the isochoric trial tensor b = M Cp_n^-1 M^T with M the isochoric part of
F Fc^-1 (of F itself if swelling is isotropic). Stresses are Kirchhoff stresses per intermediate
volume [MPa]. (Simo and Hughes 1998, box 9.1, with det b kept at 1: without that the volume of b
drifts by 9 % over one lithiation of a constrained film.)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import ufl
from ufl.core.expr import Expr

from anodefem.laws.elasticity import Composition, Elasticity, Modulus, Yielding
from anodefem.laws.kinematics import smooth_norm

ROOT23 = (2 / 3) ** 0.5
#: Added to the norm of the deviator [MPa]: nine orders below any stress of interest.
STRESS_FLOOR = 1e-8


@dataclass(frozen=True, slots=True)
class Predictor:
    """Elastic trial state of a solid that can flow.

    Attributes:
        strain: Strain of its elasticity.
        s: Trial deviator of the Kirchhoff stress per intermediate volume [MPa], shape (3, 3).
        norm: |s| [MPa], kept away from zero.
        stiffness: Fall of |s| per unit of plastic multiplier [MPa].
    """

    strain: Expr
    s: Expr
    norm: Expr
    stiffness: Expr


@dataclass(frozen=True, slots=True)
class Return:
    """Outcome of a return map.

    Attributes:
        s: Deviatoric Kirchhoff stress per intermediate volume [MPa], shape (3, 3).
        strain: Strain of the elasticity that carries it.
        b: Isochoric elastic left Cauchy-Green tensor with det b = 1, shape (3, 3).
        multiplier: Plastic multiplier of the step [-]; the equivalent plastic strain grows by
            sqrt(2/3) times it.
    """

    s: Expr
    strain: Expr
    b: Expr
    multiplier: Expr


class FlowRule(Protocol):
    """When and how fast a solid flows."""

    def threshold(self, x: Composition, alpha: Expr) -> Expr:
        """Norm of the deviator at which flow begins [MPa].

        Args:
            x: Lithium fraction [-].
            alpha: Equivalent plastic strain [-].
        """

    def multiplier(
        self,
        norm: Expr,
        stiffness: Expr,
        x: Composition,
        alpha: Expr,
        dt: Expr,
        local_solution: Expr,
    ) -> Expr:
        """Plastic multiplier of the step [-].

        Args:
            norm: Norm of the trial deviator [MPa].
            stiffness: Fall of the norm per unit of multiplier [MPa]; see `Predictor`.
            x: Lithium fraction at the end of the step [-].
            alpha: Equivalent plastic strain at its start [-].
            dt: Length of the step [s].
            local_solution: Result of `local_solve` for laws that need one, else ignored.
        """


@dataclass(frozen=True, slots=True)
class Elastic:
    """Elastic at any stress."""

    def threshold(self, x: Composition, alpha: Expr) -> Expr:
        """Zero: there is no flow that it could begin."""
        return ufl.as_ufl(0.0)

    def multiplier(
        self,
        norm: Expr,
        stiffness: Expr,
        x: Composition,
        alpha: Expr,
        dt: Expr,
        local_solution: Expr,
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

    def threshold(self, x: Composition, alpha: Expr) -> Expr:
        """sqrt(2/3) (sigma_y + H alpha) [MPa]."""
        return ROOT23 * (self.yield_stress(x) + self.hardening * alpha)

    def multiplier(
        self,
        norm: Expr,
        stiffness: Expr,
        x: Composition,
        alpha: Expr,
        dt: Expr,
        local_solution: Expr,
    ) -> Expr:
        """See `FlowRule`."""
        excess = norm - self.threshold(x, alpha)
        return ufl.max_value(excess, 0.0) / (stiffness + 2 / 3 * self.hardening)


@dataclass(frozen=True, slots=True)
class Perzyna:
    """Linear viscous flow: rate of plastic strain = <sigma_eq - sigma_y - H alpha> / viscosity.

    Beyond its threshold the solid is a Newtonian fluid with a third of that viscosity in shear.
    (Perzyna 1966, with a linear function of the overstress.) A step of backward Euler has a closed
    form.

    Attributes:
        yield_stress: Threshold sigma_y [MPa] over the lithium fraction.
        viscosity: Uniaxial stress beyond the threshold over strain rate [MPa s].
        hardening: H [MPa].
    """

    yield_stress: Modulus
    viscosity: float
    hardening: float = 0.0

    def threshold(self, x: Composition, alpha: Expr) -> Expr:
        """sqrt(2/3) (sigma_y + H alpha) [MPa]."""
        return ROOT23 * (self.yield_stress(x) + self.hardening * alpha)

    def multiplier(
        self,
        norm: Expr,
        stiffness: Expr,
        x: Composition,
        alpha: Expr,
        dt: Expr,
        local_solution: Expr,
    ) -> Expr:
        """See `FlowRule`."""
        excess = norm - self.threshold(x, alpha)
        slope = 2 / 3 * self.viscosity + dt * (stiffness + 2 / 3 * self.hardening)
        return dt * ufl.max_value(excess, 0.0) / slope


@dataclass(frozen=True, slots=True)
class ViscoplasticPowerLaw(ABC):
    """Flow at a power of the stress beyond a threshold; needs a local solution.

    Rate of plastic strain = rate w^exponent with w = <sigma_eq - sigma_y> / (flow resistance). With
    y and z the threshold and the resistance as norms of the deviator, w solves
    norm - stiffness sqrt(3/2) dt rate w^m - y - z w = 0, which is decreasing and concave in w.
    `local_solve` finds it in numpy; `multiplier` adds one Newton step in UFL, which makes the value
    exact and its derivative the consistent tangent.

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

    @abstractmethod
    def resistance(self, x: Composition, alpha: Expr) -> Expr:
        """sqrt(2/3) times the flow resistance: norm beyond `threshold` at ``rate`` [MPa]."""

    def multiplier(
        self,
        norm: Expr,
        stiffness: Expr,
        x: Composition,
        alpha: Expr,
        dt: Expr,
        local_solution: Expr,
    ) -> Expr:
        """See `FlowRule`; ``local_solution`` is w."""
        y, z, m = self.threshold(x, alpha), self.resistance(x, alpha), self.exponent
        scale = dt * self.rate / ROOT23
        residual = norm - stiffness * scale * local_solution**m - y - z * local_solution
        slope = stiffness * scale * m * local_solution ** (m - 1) + z
        w = ufl.max_value(local_solution + residual / slope, 0.0)
        return ufl.conditional(ufl.gt(norm, y), scale * w**m, 0.0)

    def local_solve(
        self,
        norm: npt.NDArray[np.float64],
        stiffness: npt.NDArray[np.float64],
        threshold: npt.NDArray[np.float64],
        resistance: npt.NDArray[np.float64],
        dt: float,
    ) -> npt.NDArray[np.float64]:
        """Find w >= 0 at points, to relative precision 1e-13; arrays of one shape."""
        m, scale = self.exponent, dt * self.rate / ROOT23
        excess = np.maximum(norm - threshold, 0.0)
        # both bounds lie right of the root, from where Newton falls monotonically
        w = np.minimum(excess / resistance, (excess / (stiffness * scale)) ** (1 / m))
        for _ in range(60):
            residual = excess - stiffness * scale * w**m - resistance * w
            step = residual / (stiffness * scale * m * w ** (m - 1) + resistance)
            w = np.maximum(w + step, 0.0)
            if np.all(np.abs(step) <= 1e-13 * (1 + w)):
                return w
        return w


@dataclass(frozen=True, slots=True)
class Overstress(ViscoplasticPowerLaw):
    """Rate of plastic strain = rate <sigma_eq / sigma_y - 1>^exponent.

    The flow resistance is the threshold. (Bower, Guduru and Sethuraman 2011.)
    """

    def resistance(self, x: Composition, alpha: Expr) -> Expr:
        """See `ViscoplasticPowerLaw`."""
        return self.threshold(x, alpha)


@dataclass(frozen=True, slots=True)
class PowerLaw(ViscoplasticPowerLaw):
    """Rate of plastic strain = rate (<sigma_eq - sigma_y> / Y*)^exponent.

    Published with the rate sensitivity, 1 / exponent. (Di Leo, Rejovitzky and Anand 2015.)

    Attributes:
        flow_resistance: Y* [MPa] over the lithium fraction.
    """

    flow_resistance: Modulus = field(kw_only=True)

    def resistance(self, x: Composition, alpha: Expr) -> Expr:
        """See `ViscoplasticPowerLaw`."""
        return ROOT23 * self.flow_resistance(x)


def yielding(elasticity: Elasticity) -> Yielding:
    """Return an elasticity that can be combined with plastic flow.

    Raises:
        TypeError: This one cannot.
    """
    if not isinstance(elasticity, Yielding):
        raise TypeError(f"{type(elasticity).__name__} elasticity has no plastic flow")
    return elasticity


def predict(elasticity: Yielding, trial: Expr, x: Composition) -> Predictor:
    """Elastic trial state of the isochoric trial tensor ``trial``, shape (3, 3)."""
    strain = elasticity.strain(trial)
    s = elasticity.deviator(strain, x)
    norm = smooth_norm(s, floor=STRESS_FLOOR)
    return Predictor(strain, s, norm, elasticity.algorithmic_shear_modulus(strain, s, norm, x))


def return_map(
    flow: FlowRule,
    elasticity: Elasticity,
    trial: Expr,
    x: Composition,
    alpha: Expr,
    dt: Expr,
    local_solution: Expr,
) -> Return:
    """Map the trial tensor back to the yield surface.

    Args:
        flow: Flow law.
        elasticity: Elastic law; must be `Yielding` unless the flow law is `Elastic`.
        trial: Isochoric trial tensor, det = 1, shape (3, 3).
        x: Lithium fraction at the end of the step [-].
        alpha: Equivalent plastic strain at its start [-].
        dt: Length of the step [s].
        local_solution: See `FlowRule.multiplier`.

    Raises:
        TypeError: This elasticity cannot be combined with plastic flow.
    """
    if isinstance(flow, Elastic):
        strain = elasticity.strain(trial)
        return Return(elasticity.deviator(strain, x), strain, trial, ufl.as_ufl(0.0))
    law = yielding(elasticity)
    start = predict(law, trial, x)
    multiplier = flow.multiplier(start.norm, start.stiffness, x, alpha, dt, local_solution)
    s = (1 - start.stiffness * multiplier / start.norm) * start.s
    strain = law.strain_from_deviator(s, start.strain, x)
    return Return(s, strain, law.left_cauchy_green(strain), multiplier)
