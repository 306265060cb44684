"""Finite viscoelasticity: Maxwell branches beside an equilibrium network, and damage that heals.

A branch stores G/2 (tr b - 3) per volume of the swollen, stress-free body [MPa], where
b = Fbar Cv^-1 Fbar^T, Fbar = J^(-1/3) F, and Cv with det Cv = 1 is its flow:

    d Cv / dt = (Cbar - tr(Cbar Cv^-1)/3 Cv) / tau,   Cbar = Fbar^T Fbar.

(Reese and Govindjee 1998, with viscosity G tau.) For small strains this is the Maxwell element
with relaxation time tau. A step of length dt is the closed form of backward Euler,

    Cv = k (Cv_n + dt/tau Cbar),   k such that det Cv = 1

(Shutov, Landgraf and Ihlemann 2013). It is of first order in dt, and exact in these: Cv stays
positive with determinant 1, a step of no time is elastic, one of all time leaves no stress, and at
held deformation the energy falls in every step, whatever its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import deviator

Scalar: TypeAlias = Expr | float


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A Maxwell branch at the end of a step.

    Attributes:
        flow: Cv, det = 1, shape (3, 3).
        b: Elastic left Cauchy-Green tensor of the branch, det = 1, shape (3, 3).
        s: Kirchhoff stress per intermediate volume [MPa], deviatoric, shape (3, 3).
        energy: Free energy per intermediate volume [MPa].
        dissipation: Energy lost in the step per intermediate volume [MPa], never negative:
            dt |s|^2 / (2 G tau) with the stress at the end of the step. Exact in steady flow, of
            first order in dt otherwise.
    """

    flow: Expr
    b: Expr
    s: Expr
    energy: Expr
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

    def respond(self, F: Expr, start: Expr, dt: Expr) -> Relaxed:
        """Advance the branch over a step of length ``dt`` [s] to deformation ``F``.

        Args:
            F: Deformation gradient, shape (3, 3).
            start: Cv at the start of the step, shape (3, 3).
            dt: Length of the step [s].
        """
        Fbar = ufl.det(F) ** (-1 / 3) * F
        sum_ = start + dt / self.relaxation_time * ufl.dot(Fbar.T, Fbar)
        root = ufl.det(sum_) ** (1 / 3)
        b = root * ufl.dot(ufl.dot(Fbar, ufl.inv(sum_)), Fbar.T)
        s = self.shear * deviator(b)
        return Relaxed(
            flow=sum_ / root,
            b=b,
            s=s,
            energy=self.shear / 2 * (ufl.tr(b) - 3),
            dissipation=dt * ufl.inner(s, s) / (2 * self.shear * self.relaxation_time),
        )


@dataclass(frozen=True, slots=True)
class Healing:
    """Bonds that break under load and close again: damage d of all Maxwell branches.

    Stress and energy of the branches, W in all if nothing were damaged, count 1 - d times; the
    equilibrium network and the volume keep their stiffness. Broken bonds hold psi_c d, so that the
    free energy of the branches is (1 - d) W + psi_c d, and

        d d/dt = <z> (1 - d) / tau_d - <-z> d / tau_h,   z = W/psi_c - 1,

    which loses psi_c z times that, never less than nothing: bonds break and close only where it
    sets energy free. A body whose branches carry no load (z = -1) heals as exp(-t/tau_h). The step
    is backward Euler in closed form: 0 <= d < 1 and no gain of energy for any dt, order 1.

    Attributes:
        energy: psi_c, energy of the bonds per intermediate volume [MPa].
        damage_time: tau_d [s].
        healing_time: tau_h [s].
    """

    energy: Scalar
    damage_time: Scalar
    healing_time: Scalar

    def damage(self, energy: Expr, start: Scalar, dt: Expr) -> Expr:
        """Damage at the end of a step [-].

        Args:
            energy: Energy W of the branches at its end, without damage [MPa].
            start: Damage at its start [-].
            dt: Length of the step [s].
        """
        load = energy / self.energy - 1
        breaking = dt / self.damage_time * ufl.max_value(load, 0.0)
        closing = dt / self.healing_time * ufl.max_value(-load, 0.0)
        return (start + breaking) / (1 + breaking + closing)


@dataclass(frozen=True, slots=True)
class NetworkHistory:
    """State of a network at the start of a step.

    Attributes:
        flows: Cv of every branch, det = 1, shape (3, 3).
        damage: d [-]; read only with `Healing`.
    """

    flows: tuple[Expr, ...] = ()
    damage: Scalar = 0.0


@dataclass(frozen=True, slots=True)
class NetworkResponse:
    """State of a network at the end of a step; densities per intermediate volume [MPa].

    Attributes:
        branches: Branches, as if nothing were damaged.
        damage: d [-].
        s: Kirchhoff stress of branches and equilibrium network, deviatoric, shape (3, 3).
        energy: Free energy of the branches and of broken bonds.
        dissipation: Loss of the step in branches and damage, never negative.
    """

    branches: tuple[Relaxed, ...]
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
            branch.respond(F, flow, dt)
            for branch, flow in zip(self.branches, history.flows, strict=True)
        )
        energy: Scalar = sum(part.energy for part in parts)
        loss: Scalar = sum(part.dissipation for part in parts)
        damage: Scalar = 0.0
        if self.healing is not None:
            bonds = self.healing.energy
            damage = self.healing.damage(ufl.as_ufl(energy), history.damage, dt)
            loss = (1 - damage) * loss + (energy - bonds) * (damage - history.damage)
            energy = (1 - damage) * energy + bonds * damage
        s = sum(((1 - damage) * part.s for part in parts), s)
        return NetworkResponse(parts, damage, s, energy, loss)
