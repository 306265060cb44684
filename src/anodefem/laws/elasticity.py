"""Elastic energies of the isochoric elastic left Cauchy-Green tensor and the elastic volume ratio.

Energies are per volume of the swollen, stress-free ("intermediate") configuration [MPa]. With
be = Je^(-2/3) Fe Fe^T, an energy W(be) + K/2 (ln Je)^2 gives the Kirchhoff stress per intermediate
volume, tau = s + K ln Je I with s the deviator of 2 be dW/dbe.

Every law works with a strain of its own, a function of be in which W and s are short: be itself, or
its logarithm. What has been measured once is not measured again after plastic flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import IDENTITY, deviator
from anodefem.laws.tensors import exponential, logarithm, unimodular_trace

Composition: TypeAlias = Expr | float


class Modulus(Protocol):
    """A scalar function of the lithium fraction."""

    def __call__(self, x: Composition) -> Expr:
        """Value at ``x``."""


class Elasticity(Protocol):
    """Isotropic elasticity split into a distortional and a volumetric part."""

    def strain(self, b: Expr) -> Expr:
        """Strain of this law from be, det = 1; shape (3, 3)."""

    def left_cauchy_green(self, strain: Expr) -> Expr:
        """Inverse of `strain`: be, det = 1, shape (3, 3)."""

    def energy(self, strain: Expr, x: Composition) -> Expr:
        """W [MPa], zero without strain; ``x`` is the lithium fraction."""

    def deviator(self, strain: Expr, x: Composition) -> Expr:
        """Deviatoric Kirchhoff stress s per intermediate volume [MPa], shape (3, 3)."""

    def shear(self, x: Composition) -> Expr:
        """Shear modulus G at rest [MPa]."""

    def bulk(self, x: Composition) -> Expr:
        """Bulk modulus K [MPa]."""


@runtime_checkable
class Yielding(Elasticity, Protocol):
    """Elasticity that can be combined with plastic flow along s."""

    def algorithmic_shear_modulus(self, strain: Expr, s: Expr, norm: Expr, x: Composition) -> Expr:
        """Fall of |s| per unit of plastic multiplier [MPa].

        Args:
            strain: Strain of the elastic predictor.
            s: Its stress deviator [MPa].
            norm: |s| [MPa], kept away from zero.
            x: Lithium fraction [-].
        """

    def strain_from_deviator(self, s: Expr, start: Expr, x: Composition) -> Expr:
        """Strain that carries the deviator ``s``; inverse of `deviator`.

        Args:
            s: Stress deviator [MPa].
            start: Strain of the elastic predictor, for laws that need a start.
            x: Lithium fraction [-].
        """


@dataclass(frozen=True, slots=True)
class _YoungPoisson:
    """Moduli at rest from Young's modulus and Poisson's ratio over composition.

    Attributes:
        young: Young's modulus [MPa] as a function of the lithium fraction.
        poisson: Poisson's ratio likewise.
    """

    young: Modulus
    poisson: Modulus

    def shear(self, x: Composition) -> Expr:
        """G = E / (2 (1 + nu)) [MPa]."""
        return self.young(x) / (2 * (1 + self.poisson(x)))

    def bulk(self, x: Composition) -> Expr:
        """K = E / (3 (1 - 2 nu)) [MPa]."""
        return self.young(x) / (3 * (1 - 2 * self.poisson(x)))


@dataclass(frozen=True, slots=True)
class NeoHookean(_YoungPoisson):
    """W = G/2 (tr be - 3), with Young's modulus and Poisson's ratio given over composition."""

    def strain(self, b: Expr) -> Expr:
        """The tensor be itself."""
        return b

    def left_cauchy_green(self, strain: Expr) -> Expr:
        """See `Elasticity`."""
        return strain

    def energy(self, strain: Expr, x: Composition) -> Expr:
        """See `Elasticity`."""
        return self.shear(x) / 2 * (ufl.tr(strain) - 3)

    def deviator(self, strain: Expr, x: Composition) -> Expr:
        """G dev be [MPa]."""
        return self.shear(x) * deviator(strain)

    def algorithmic_shear_modulus(self, strain: Expr, s: Expr, norm: Expr, x: Composition) -> Expr:
        """2 G tr(be)/3 + 6 det(s)/|s|^2 [MPa], as be = exp(2 e) and e changes along s.

        The second term is |s|/G relative to the first; without it plastic work in biaxial stress
        is off by 2 % for silicon.
        """
        return 2 * self.shear(x) * ufl.tr(strain) / 3 + 6 * ufl.det(s) / norm**2

    def strain_from_deviator(self, s: Expr, start: Expr, x: Composition) -> Expr:
        """See `Yielding`; det = 1."""
        a = s / self.shear(x)
        return a + unimodular_trace(a, ufl.tr(start) / 3) * IDENTITY


@dataclass(frozen=True, slots=True)
class Hencky(_YoungPoisson):
    """W = G |e|^2 with the logarithmic strain e = 1/2 ln be; s = 2 G e.

    Plastic flow is exactly radial: |s| falls by 2 G per unit of multiplier, and strains add up.
    (Hencky 1928; Weber and Anand 1990 for the exponential map.) The strain is exact to 1e-13 up
    to principal values of 0.3, see `anodefem.laws.tensors.logarithm`.
    """

    def strain(self, b: Expr) -> Expr:
        """Half the logarithm of be."""
        return logarithm(b) / 2

    def left_cauchy_green(self, strain: Expr) -> Expr:
        """See `Elasticity`."""
        return exponential(2 * strain)

    def energy(self, strain: Expr, x: Composition) -> Expr:
        """See `Elasticity`."""
        return self.shear(x) * ufl.inner(strain, strain)

    def deviator(self, strain: Expr, x: Composition) -> Expr:
        """2 G e [MPa]."""
        return 2 * self.shear(x) * strain

    def algorithmic_shear_modulus(self, strain: Expr, s: Expr, norm: Expr, x: Composition) -> Expr:
        """2 G [MPa]."""
        return 2 * self.shear(x)

    def strain_from_deviator(self, s: Expr, start: Expr, x: Composition) -> Expr:
        """See `Yielding`."""
        return s / (2 * self.shear(x))


@dataclass(frozen=True, slots=True)
class ArrudaBoyce:
    """Eight-chain rubber with Cohen's Pade form of the inverse Langevin function.

    W = mu L^2/2 (t - 2 ln(1 - t)) + const with t = tr be / (3 L^2); the locking stretch is L.
    (Arruda and Boyce 1993; Cohen 1991.)

    Attributes:
        modulus: Rubber modulus mu [MPa].
        locking_stretch: Chain stretch L at which the stress diverges [-].
        bulk_modulus: K [MPa].
    """

    modulus: float
    locking_stretch: float
    bulk_modulus: float

    def strain(self, b: Expr) -> Expr:
        """The tensor be itself."""
        return b

    def left_cauchy_green(self, strain: Expr) -> Expr:
        """See `Elasticity`."""
        return strain

    def energy(self, strain: Expr, x: Composition) -> Expr:
        """See `Elasticity`."""
        square = self.locking_stretch**2
        t, t0 = ufl.tr(strain) / (3 * square), 1 / square
        return self.modulus * square / 2 * (t - t0 - 2 * ufl.ln((1 - t) / (1 - t0)))

    def deviator(self, strain: Expr, x: Composition) -> Expr:
        """Mu/3 (3 - t)/(1 - t) dev be [MPa]."""
        return self._chains(ufl.tr(strain)) * deviator(strain)

    def shear(self, x: Composition) -> Expr:
        """Shear modulus at rest [MPa]."""
        return ufl.as_ufl(self._chains(3.0))

    def bulk(self, x: Composition) -> Expr:
        """K [MPa]."""
        return ufl.as_ufl(self.bulk_modulus)

    def _chains(self, trace: Expr | float) -> Expr:
        """2 dW/d(tr be) [MPa]."""
        t = trace / (3 * self.locking_stretch**2)
        return self.modulus / 3 * (3 - t) / (1 - t)
