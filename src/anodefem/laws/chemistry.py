"""Chemical potential and mobility of the species in its host, without stress.

Potentials are divided by R T. The mobility is M = D / (d mu_0/dx): one for all that drives the
species, or it would not be at rest where its potential is uniform. Where the species mixes at every
fraction, mu_0 is the whole potential and D the Fick (chemical) diffusivity, as it is measured:
without stress the flux is -D grad c whatever the open-circuit voltage. The tracer diffusivity D* =
M / (x (1 - x)) follows from the slope of the voltage; it is finite at both ends, because every
potential becomes that of a dilute solution there. In a regular solution, whose potential falls
where the species separates, mu_0 is the part of an ideal solution and D the tracer diffusivity:
M = D x (1 - x), and without stress or gradient energy the flux is -D (1 - 2 chi x (1 - x)) grad c.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import ufl
from ufl.core.expr import Expr

from anodefem.laws.elasticity import Modulus

#: Outside [EDGE, 1 - EDGE] the potential is continued by its tangent; 1e-3 stalls delithiation.
EDGE = 1e-4
#: Fraction of the species, or of empty sites, below which an open-circuit voltage becomes that of a
#: dilute solution. Measured curves end before; with a finite slope at the ends stress would drive
#: the species out of an empty host, and into a full one.
DILUTE = 1e-2
#: Slope of the potential mu/(R T) of nodes whose fraction is outside [0, 1].
WALL = 1e5


class Potential(Protocol):
    """A stress-free chemical potential mu(x) / (R T), relative to the alkali metal."""

    def value(self, x: Expr) -> Expr:
        """Mu / (R T) inside (0, 1) [-]."""

    def mixing(self, x: Expr) -> Expr:
        """Part mu_0 of it [-], rising with x, whose slope turns a diffusivity to a mobility."""


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

    def mixing(self, x: Expr) -> Expr:
        """See `Potential`: all of it."""
        return self.value(x)


@dataclass(frozen=True, slots=True)
class RegularSolution:
    """mu/(RT) = ln(x/(1-x)) + chi (1 - 2x) - F U0/(RT); separates into two phases if chi > 2.

    Attributes:
        reference: F U0 / (R T) [-].
        interaction: chi [-].
    """

    reference: float
    interaction: float

    def value(self, x: Expr) -> Expr:
        """See `Potential`."""
        return ufl.ln(x / (1 - x)) + self.interaction * (1 - 2 * x) - self.reference

    def mixing(self, x: Expr) -> Expr:
        """See `Potential`: the part of an ideal solution."""
        return ufl.ln(x / (1 - x))


@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """mu/(RT) = -F U(x)/(RT) + d(x) - d(1 - x) from an open-circuit voltage.

    d(y) = ln(y/DILUTE) + 1 - y/DILUTE up to `DILUTE`, and 0 beyond, with its slope: at the ends
    d mu/dx goes as 1/x and 1/(1 - x), so that M is D x and D (1 - x). The voltage is off by 5 mV at
    half of DILUTE, by 93 mV at `EDGE`.

    Attributes:
        voltage: U(x) times F / (R T) [-], falling with the lithium fraction.
    """

    voltage: Modulus

    def value(self, x: Expr) -> Expr:
        """See `Potential`."""
        return _dilute(x) - _dilute(1 - x) - self.voltage(x)

    def mixing(self, x: Expr) -> Expr:
        """See `Potential`: all of it."""
        return self.value(x)


def _dilute(y: Expr) -> Expr:
    """Return d(y) of `OpenCircuit`."""
    share = ufl.min_value(y / DILUTE, 1.0)
    return ufl.ln(share) + 1 - share


@dataclass(frozen=True, slots=True)
class PhaseInterface:
    """Flat interface between the two phases of a regular solution at rest, without stress.

    With the energy R T c_max f(x) + kappa/2 |grad x|^2, f the free energy of mixing, the profile
    obeys kappa/2 (dx/ds)^2 = R T c_max (f(x) - f(poor)) (Cahn and Hilliard 1958).

    Attributes:
        poor, rich: Fractions of the two phases (the binodal) [-].
        width: (rich - poor) over the steepest slope, in units of sqrt(kappa / (R T c_max)).
    """

    poor: float
    rich: float
    width: float


#: Closer to the critical chi the phases differ by less than 1 % and no interface is worth drawing.
CRITICAL = 2.0 + 1e-5


def phase_interface(chi: float) -> PhaseInterface | None:
    """Return the interface of a regular solution, or None where it does not separate.

    Args:
        chi: Interaction parameter [-].
    """
    if chi <= CRITICAL:
        return None
    # y = 1 - 2x on the binodal: y = tanh(chi y/2); Newton falls from y = 1 to the root
    y, last = 1.0, 2.0
    while y < last:
        t = math.tanh(chi * y / 2)
        y, last = y - (y - t) / (1 - chi / 2 * (1 - t**2)), y
    # f(1/2) - f(poor), with the logarithms of the binodal put in
    hill = -math.log1p(-(last**2)) / 2 - chi * last**2 / 4
    return PhaseInterface((1 - last) / 2, (1 + last) / 2, last / math.sqrt(2 * hill))


def clamp(x: Expr) -> Expr:
    """Lithium fraction held in [EDGE, 1 - EDGE]."""
    return ufl.max_value(ufl.min_value(x, 1 - EDGE), EDGE)


def potential(law: Potential, x: Expr) -> Expr:
    """mu/(RT) for any real ``x``: continued by its tangent outside [EDGE, 1 - EDGE]."""
    inside = ufl.variable(clamp(x))
    value = law.value(inside)
    return value + ufl.diff(value, inside) * (x - inside)


def wall(x: Expr) -> Expr:
    """mu/(RT) that holds a node in [0, 1]: `WALL` times as far as ``x`` is outside; 0 inside."""
    return WALL * (x - ufl.max_value(ufl.min_value(x, 1.0), 0.0))


def mobility(law: Potential, diffusivity: Modulus, x: Expr) -> Expr:
    """M = D(x) / (d mu_0/dx) [um^2/s], for the flux J = -c_max M C^-1 grad(mu/RT).

    Args:
        law: Stress-free potential.
        diffusivity: D(x) [um^2/s], positive in [EDGE, 1 - EDGE] and constant beyond.
        x: Lithium fraction [-].
    """
    inside = ufl.variable(clamp(x))
    return diffusivity(inside) / ufl.diff(law.mixing(inside), inside)
