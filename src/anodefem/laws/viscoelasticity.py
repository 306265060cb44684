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
    """Bonds that break under load and close again: damage d of the whole distortional network.

    The stress and the energy W of the undamaged network are multiplied by 1 - d; the volume keeps
    its stiffness. Broken bonds hold psi_c d, so that the free energy is (1 - d) W + psi_c d, and

        d d/dt = <z> (1 - d) / tau_d - <-z> d / tau_h,   z = W/psi_c - 1,

    which loses psi_c z d' >= 0: bonds break where that sets energy free and close where it does,
    too. An unloaded body (z = -1) heals as exp(-t/tau_h). The step is backward Euler in closed
    form: 0 <= d < 1 and a loss that is not negative for any dt, order 1.

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
            energy: Distortional energy W of the undamaged network at its end [MPa].
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
        energy: Free energy of the branches and of broken bonds; that of the equilibrium network
            counts 1 - d times besides.
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
        healing: Damage of all of it, or None.
    """

    branches: tuple[Branch, ...] = ()
    healing: Healing | None = None

    def respond(
        self, F: Expr, s: Expr, energy: Expr, history: NetworkHistory, dt: Expr
    ) -> NetworkResponse:
        """Advance the network over a step of length ``dt`` [s] to deformation ``F``.

        Args:
            F: Deformation gradient, shape (3, 3).
            s: Deviatoric stress of the equilibrium network at the end of the step [MPa].
            energy: Its distortional energy [MPa].
            history: State at the start of the step.
            dt: Length of the step [s].
        """
        parts = tuple(
            branch.respond(F, flow, dt)
            for branch, flow in zip(self.branches, history.flows, strict=True)
        )
        s = sum((part.s for part in parts), s)
        stored: Scalar = sum(part.energy for part in parts)
        loss: Scalar = sum(part.dissipation for part in parts)
        if self.healing is None:
            return NetworkResponse(parts, 0.0, s, stored, loss)
        whole, bonds = energy + stored, self.healing.energy
        d = self.healing.damage(whole, history.damage, dt)
        loss = (1 - d) * loss + (whole - bonds) * (d - history.damage)
        return NetworkResponse(parts, d, (1 - d) * s, (1 - d) * stored + bonds * d, loss)
