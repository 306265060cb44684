"""The weak forms, one function per equation.

Each returns a UFL form per reference configuration, um and MPa, divided by a reference stress so
that mechanics and chemistry are of like size.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

from anodefem.laws.chemistry import mobility, potential
from anodefem.laws.cohesive import CohesiveResponse
from anodefem.laws.film import Film, FilmResponse
from anodefem.laws.kinematics import Kinematics
from anodefem.laws.medium import ThirdMedium
from anodefem.laws.membrane import GrapheneMembrane, Surface
from anodefem.laws.solid import Response
from anodefem.model.regions import Guest


@dataclass(frozen=True, slots=True)
class Unknowns:
    """Symbols of one step.

    Attributes:
        u: Displacement [um].
        c: (lithium fraction, mu/(RT)).
        c_n: The same at the start of the step.
        c_rate: Their rates over the step before [1/s].
        v: Virtual displacement [um].
        q: Test functions of the lithium balance and of the potential.
    """

    u: Expr
    c: Expr
    c_n: Expr
    c_rate: Expr
    v: Expr
    q: Expr


def momentum(
    v: Expr, kinematics: Kinematics, response: Response, dx: ufl.Measure, *, stress: float
) -> ufl.Form:
    """Int P : grad v dX of a solid."""
    work = ufl.inner(response.piola, kinematics.gradient(v))
    return work / stress * kinematics.weight * dx


def medium(
    w: Unknowns, kinematics: Kinematics, law: ThirdMedium, dx: ufl.Measure, *, stress: float
) -> ufl.Form:
    """Int P : grad v dX of a void filled with a third medium."""
    piola = law.piola(kinematics.deformation_gradient(w.u))
    return ufl.inner(piola, kinematics.gradient(w.v)) / stress * kinematics.weight * dx


def film(
    v: Expr,
    kinematics: Kinematics,
    law: Film,
    response: FilmResponse,
    volume: Expr,
    tangent: Expr,
    ds: ufl.Measure,
    *,
    stress: float,
) -> ufl.Form:
    """Int volume (membrane work) dA of an SEI with this volume per reference area [um]."""
    work = volume * law.virtual_work(response, kinematics.facet_gradient(v, tangent))
    return work / stress * kinematics.weight * ds


def bond(
    v: Expr,
    kinematics: Kinematics,
    response: CohesiveResponse,
    nodes: ufl.Measure,
    *,
    stress: float,
) -> ufl.Form:
    """Int t . v dA of an interface that can come apart, v being the virtual jump.

    Lumped: every node has its own bond, so tractions do not oscillate however stiff bonds are
    (Schellekens and de Borst 1993).
    """
    work = ufl.dot(response.traction, kinematics.vector(v))
    return work / stress * kinematics.weight * nodes


def sheet(
    w: Unknowns,
    kinematics: Kinematics,
    law: GrapheneMembrane,
    N: Expr,
    ds: ufl.Measure,
    *,
    stress: float,
) -> ufl.Form:
    """First variation of a membrane cage's energy."""
    surface = Surface(kinematics.deformation_gradient(w.u), N)
    energy = law.energy(surface) / stress * kinematics.weight * ds
    return ufl.derivative(energy, w.u, w.v)


def lithium(
    w: Unknowns,
    kinematics: Kinematics,
    guest: Guest,
    response: Response,
    dt: Expr,
    end_share: Expr,
    dx: ufl.Measure,
    lumped: tuple[ufl.Measure, Expr | float],
    *,
    energy: float,
) -> ufl.Form:
    """Int (x - x_n - (1 - w) dt x_rate) q dX + w dt int M C^-1 grad mu . grad q dX, times c_max.

    With w = 1 this is backward Euler. With w = (1 + r)/(1 + 2 r), r the step over the one before
    and x_rate the mean rate of that one, it is the second-order backward differentiation formula
    for variable steps (Gear; Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I,
    III.5), solved for x - x_n; then lithium is balanced while the current does not change.

    The storage term is lumped: with the consistent one the fraction overshoots 1 at the surface.
    """
    x, mu, q = w.c[0], w.c[1], w.q[0]
    dx_lumped, weight = lumped
    C = ufl.dot(response.F.T, response.F)
    M = mobility(guest.potential, guest.diffusivity, x)
    drive = ufl.dot(ufl.inv(C), kinematics.scalar_gradient(mu))
    transport = end_share * dt * M * ufl.dot(drive, kinematics.scalar_gradient(q))
    share = guest.energy / energy
    gain = x - w.c_n[0] - (1 - end_share) * dt * w.c_rate[0]
    return share * (gain * q * weight * dx_lumped + transport * kinematics.weight * dx)


def insertion(w: Unknowns, amount: Expr, measure: ufl.Measure) -> ufl.Form:
    """- int (amount in a step) q dA or dX: lithium entering, weighted for the kinematics."""
    return -amount * w.q[0] * measure


def equilibrium(
    w: Unknowns,
    kinematics: Kinematics,
    guest: Guest,
    response: Response,
    dx: ufl.Measure,
    lumped: tuple[ufl.Measure, Expr | float],
    *,
    energy: float,
) -> ufl.Form:
    """Int (mu - mu_chem(x) - d psi/dx / (RT c_max)) q - kappa grad x . grad q / (RT c_max) dX.

    Weighted by c_max; the local part is lumped. At surfaces grad x . N = 0: they prefer neither
    phase.
    """
    x, mu, q = w.c[0], w.c[1], w.q[1]
    dx_lumped, weight = lumped
    local = guest.energy * (mu - potential(guest.potential, x)) * q * weight * dx_lumped
    stress = response.dpsi_dx * q * kinematics.weight * dx
    slopes = ufl.dot(kinematics.scalar_gradient(x), kinematics.scalar_gradient(q))
    gradient = ufl.as_ufl(guest.gradient) * slopes * kinematics.weight * dx
    return (1 / energy) * (local - stress - gradient)
