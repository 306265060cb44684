"""Chemical potential and mobility of the guest in its host, without stress.

Potentials are divided by R T. The diffusivity of a card is the Fick (chemical) one: without
stress the flux is -D grad c whatever the open-circuit voltage, because the mobility is D divided
by the thermodynamic factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import ufl
from ufl.core.expr import Expr

from anodefem.laws.elasticity import Modulus

#: Outside [EDGE, 1 - EDGE] the potential is continued by its tangent; 1e-3 stalls delithiation.
EDGE = 1e-4


class Potential(Protocol):
    """A stress-free chemical potential mu(x) / (R T), relative to the alkali metal."""

    def value(self, x: Expr) -> Expr:
        """Mu / (R T) inside (0, 1) [-]."""


@dataclass(frozen=True, slots=True)
class IdealSolution:
    """mu/(RT) = ln(x/(1-x)) - F U0/(RT).

    Attributes:
        reference: F U0 / (R T) [-].
    """

    reference: float

    def value(self, x: Expr) -> Expr:
        """See `Potential`."""
        return ufl.ln(x / (1 - x)) - self.reference


@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """mu/(RT) = -F U(x)/(RT) from an open-circuit voltage.

    Attributes:
        voltage: U(x) times F / (R T) [-], falling with the lithium fraction.
    """

    voltage: Modulus

    def value(self, x: Expr) -> Expr:
        """See `Potential`."""
        return -self.voltage(x)


def clamp(x: Expr) -> Expr:
    """Lithium fraction held in [EDGE, 1 - EDGE]."""
    return ufl.max_value(ufl.min_value(x, 1 - EDGE), EDGE)


def potential(law: Potential, x: Expr) -> Expr:
    """mu/(RT) for any real ``x``: continued by its tangent outside [EDGE, 1 - EDGE]."""
    inside = ufl.variable(clamp(x))
    value = law.value(inside)
    return value + ufl.diff(value, inside) * (x - inside)


def mobility(law: Potential, diffusivity: float, x: Expr) -> Expr:
    """M = D / (d mu/dx) [um^2/s], so that J = -c_max M C^-1 grad(mu/RT) is Fick's law at rest.

    Args:
        law: Stress-free potential; must rise with x.
        diffusivity: Fick diffusivity D [um^2/s].
        x: Lithium fraction [-].
    """
    inside = ufl.variable(clamp(x))
    return diffusivity / ufl.diff(law.value(inside), inside)
