"""Finite viscoelasticity: Maxwell branches beside an equilibrium network, and damage that heals.

A branch stores G/2 (tr b - 3) per volume of the swollen, stress-free body [MPa], where
b = Fbar Cv^-1 Fbar^T, Fbar = J^(-1/3) F, and Cv with det Cv = 1 is its flow:

    d Cv / dt = (Cbar - tr(Cbar Cv^-1)/3 Cv) / tau,   Cbar = Fbar^T Fbar.

(Reese and Govindjee 1998, with viscosity G tau.) For small strains this is the Maxwell element
with relaxation time tau. With p = tr(Cbar Cv^-1)/3 as it is at the start of a step of length dt,
and Cbar between its values there and at the end, the equation is linear up to a factor, which
det Cv = 1 fixes; exp(-p dt/tau) being replaced by 1/(1 + h + h^2/2), h = p dt/tau,

    Cv = k (Cv_n + dt/(2 tau) [Cbar_n + (1 + h) Cbar]),   k such that det Cv = 1.

(Shutov, Landgraf and Ihlemann 2013 have the like of it for backward Euler.) It is of second order
in dt, and exact in these: Cv stays positive with determinant 1, a step of no time is elastic, one
of all time leaves no stress, and at held deformation the energy falls in every step, whatever its
length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import IDENTITY, deviator

Scalar: TypeAlias = Expr | float


def isochoric_stretch(F: Expr) -> Expr:
    """Return Cbar = J^(-2/3) F^T F, det = 1, of a deformation gradient, shapes (3, 3)."""
    return ufl.det(F) ** (-2 / 3) * ufl.dot(F.T, F)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A Maxwell branch at the end of a step.

    Attributes:
        flow: Cv, det = 1, shape (3, 3).
        b: Elastic left Cauchy-Green tensor of the branch, det = 1, shape (3, 3).
        s: Kirchhoff stress per intermediate volume [MPa], deviatoric, shape (3, 3).
        energy: Free energy per intermediate volume [MPa].
        former_energy: Free energy per intermediate volume at the start of the step [MPa].
        dissipation: Energy lost in the step per intermediate volume [MPa], never negative: what the
            growth of Cv takes from the energy at the mean of Cbar. Of second order in dt; at held
            deformation all that the energy falls by.
    """

    flow: Expr
    b: Expr
    s: Expr
    energy: Expr
    former_energy: Expr
    dissipation: Expr


@dataclass(frozen=True, slots=True)
class Branch:
    """A spring and a dashpot in a row.

    Attributes:
        shear: Shear modulus G of the spring [MPa].
        relaxation_time: tau [s].
    """

    shear: Scalar
    relaxation_time: Scalar

    def respond(self, F: Expr, start: Expr, former: Expr, dt: Expr) -> Relaxed:
        """Advance the branch over a step of length ``dt`` [s] to deformation ``F``.

        Args:
            F: Deformation gradient, shape (3, 3).
            start: Cv at the start of the step, shape (3, 3).
            former: Cbar at the start of the step, shape (3, 3).
            dt: Length of the step [s].
        """
        Cbar = isochoric_stretch(F)
        time = dt / self.relaxation_time
        excess = ufl.inner(former, ufl.inv(start)) / 3
        sum_ = start + time / 2 * (former + (1 + excess * time) * Cbar)
        root = ufl.det(sum_) ** (1 / 3)
        inverse = root * ufl.inv(sum_)
        b = ufl.det(F) ** (-2 / 3) * ufl.dot(ufl.dot(F, inverse), F.T)
        growth = ufl.inner((former + Cbar) / 2, ufl.inv(start) - inverse)
        return Relaxed(
            flow=sum_ / root,
            b=b,
            s=self.shear * deviator(b),
            energy=self.shear / 2 * (ufl.tr(b) - 3),
            former_energy=3 * self.shear / 2 * (excess - 1),
            dissipation=self.shear / 2 * ufl.max_value(growth, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Healing:
    """Bonds that break under load and close again: damage d of all Maxwell branches.

    Stress and energy of the branches, W in all if nothing were damaged, count 1 - d times; the
    equilibrium network and the volume keep their stiffness. Broken bonds hold psi_c d, so that the
    free energy of the branches is (1 - d) W + psi_c d, and

        d d/dt = <z> (1 - d) / tau_d - <-z> d / tau_h,   z = W/psi_c - 1,

    which loses psi_c z times that, never less than nothing: bonds break and close only where it
    sets energy free. A body whose branches carry no load (z = -1) heals as exp(-t/tau_h). A step is
    linear in d, with the exponential replaced as in the branches: of second order, and 0 <= d < 1
    for any dt.

    Attributes:
        energy: psi_c, energy of the bonds per intermediate volume [MPa].
        damage_time: tau_d [s].
        healing_time: tau_h [s].
    """

    energy: Scalar
    damage_time: Scalar
    healing_time: Scalar

    def damage(self, energy: Expr, former: Expr, start: Scalar, dt: Expr) -> Expr:
        """Damage at the end of a step [-].

        Args:
            energy: Energy W of the branches at its end, without damage [MPa].
            former: The same at its start [MPa].
            start: Damage at its start [-].
            dt: Length of the step [s].
        """
        breaking, all_ = self._rates(energy)
        breaking_before, all_before = self._rates(former)
        broken = dt * ((breaking_before + breaking) / 2 + dt * all_ * breaking / 2)
        changed = dt * ((all_before + all_) / 2 + dt * all_**2 / 2)
        return (start + broken) / (1 + changed)

    def _rates(self, energy: Expr) -> tuple[Expr, Expr]:
        """Rate at which bonds break, and that plus the one at which they close [1/s].

        Args:
            energy: Energy W of the branches, without damage [MPa].
        """
        load = energy / self.energy - 1
        breaking = ufl.max_value(load, 0.0) / self.damage_time
        return breaking, breaking + ufl.max_value(-load, 0.0) / self.healing_time


@dataclass(frozen=True, slots=True)
class NetworkHistory:
    """State of a network at the start of a step.

    Attributes:
        flows: Cv of every branch, det = 1, shape (3, 3).
        stretch: Cbar, det = 1, shape (3, 3); read only with branches.
        damage: d [-]; read only with `Healing`.
    """

    flows: tuple[Expr, ...] = ()
    stretch: Expr = IDENTITY
    damage: Scalar = 0.0


@dataclass(frozen=True, slots=True)
class NetworkResponse:
    """State of a network at the end of a step; densities per intermediate volume [MPa].

    Attributes:
        branches: Branches, as if nothing were damaged.
        stretch: Cbar, det = 1, shape (3, 3).
        damage: d [-].
        s: Kirchhoff stress of branches and equilibrium network, deviatoric, shape (3, 3).
        energy: Free energy of the branches and of broken bonds.
        dissipation: Loss of the step in branches and damage, never negative.
    """

    branches: tuple[Relaxed, ...]
    stretch: Expr
    damage: Scalar
    s: Expr
    energy: Scalar
    dissipation: Scalar


@dataclass(frozen=True, slots=True)
class Network:
    """What a polymer adds to its elasticity.

    Attributes:
        branches: Maxwell branches beside the equilibrium network.
        healing: Damage of the branches, or None.
    """

    branches: tuple[Branch, ...] = ()
    healing: Healing | None = None

    def respond(self, F: Expr, s: Expr, history: NetworkHistory, dt: Expr) -> NetworkResponse:
        """Advance the network over a step of length ``dt`` [s] to deformation ``F``.

        Args:
            F: Deformation gradient, shape (3, 3).
            s: Deviatoric stress of the equilibrium network at the end of the step [MPa].
            history: State at the start of the step.
            dt: Length of the step [s].
        """
        parts = tuple(
            branch.respond(F, flow, history.stretch, dt)
            for branch, flow in zip(self.branches, history.flows, strict=True)
        )
        energy: Scalar = sum(part.energy for part in parts)
        loss: Scalar = sum(part.dissipation for part in parts)
        damage: Scalar = 0.0
        if self.healing is not None:
            bonds, before = self.healing.energy, history.damage
            former: Scalar = sum(part.former_energy for part in parts)
            damage = self.healing.damage(ufl.as_ufl(energy), ufl.as_ufl(former), before, dt)
            bonds_set_free = ((former + energy) / 2 - bonds) * (damage - before)
            loss = (1 - (before + damage) / 2) * loss + ufl.max_value(bonds_set_free, 0.0)
            energy = (1 - damage) * energy + bonds * damage
        s = sum(((1 - damage) * part.s for part in parts), s)
        return NetworkResponse(parts, isochoric_stretch(F), damage, s, energy, loss)
