"""Elastic energies of the isochoric elastic left Cauchy-Green tensor and the elastic volume ratio.

Energies are per volume of the swollen, stress-free ("intermediate") configuration [MPa]. With
be = Je^(-2/3) Fe Fe^T, an energy W(tr be) + K/2 (ln Je)^2 gives the Kirchhoff stress per
intermediate volume, tau = 2 W' dev be + K ln Je I.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import ufl
from ufl.core.expr import Expr

Composition: TypeAlias = Expr | float


class Elasticity(Protocol):
    """Isotropic elasticity split into a distortional and a volumetric part."""

    def distortional_energy(self, trace: Expr, x: Composition) -> Expr:
        """W(tr be) [MPa], zero at tr be = 3; ``x`` is the lithium fraction."""

    def shear(self, trace: Expr, x: Composition) -> Expr:
        """2 dW/d(tr be) [MPa]: the factor of dev be in the stress."""

    def bulk(self, x: Composition) -> Expr:
        """Bulk modulus K [MPa]."""


class Modulus(Protocol):
    """A scalar function of the lithium fraction."""

    def __call__(self, x: Composition) -> Expr:
        """Value at ``x``."""


@dataclass(frozen=True, slots=True)
class NeoHookean:
    """W = G/2 (tr be - 3), with Young's modulus and Poisson's ratio given over composition.

    Attributes:
        young: Young's modulus [MPa] as a function of the lithium fraction.
        poisson: Poisson's ratio likewise.
    """

    young: Modulus
    poisson: Modulus

    def distortional_energy(self, trace: Expr, x: Composition) -> Expr:
        """See `Elasticity`."""
        return self.shear(trace, x) / 2 * (trace - 3)

    def shear(self, trace: Expr, x: Composition) -> Expr:
        """Shear modulus G = E / (2 (1 + nu)) [MPa]; does not depend on ``trace``."""
        return self.young(x) / (2 * (1 + self.poisson(x)))

    def bulk(self, x: Composition) -> Expr:
        """K = E / (3 (1 - 2 nu)) [MPa]."""
        return self.young(x) / (3 * (1 - 2 * self.poisson(x)))


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

    def distortional_energy(self, trace: Expr, x: Composition) -> Expr:
        """See `Elasticity`."""
        square = self.locking_stretch**2
        t, t0 = trace / (3 * square), 1 / square
        return self.modulus * square / 2 * (t - t0 - 2 * ufl.ln((1 - t) / (1 - t0)))

    def shear(self, trace: Expr, x: Composition) -> Expr:
        """Mu/3 (3 - t)/(1 - t) [MPa]."""
        t = trace / (3 * self.locking_stretch**2)
        return self.modulus / 3 * (3 - t) / (1 - t)

    def bulk(self, x: Composition) -> Expr:
        """K [MPa]."""
        return ufl.as_ufl(self.bulk_modulus)
