"""A solid at a point: swelling, elasticity and flow together, and the potential they imply.

F = Fe Fp Fc with isotropic Fc = Jc(x)^(1/3) I. Free energy per reference volume

    psi = Jc(x) [ W(tr b; x) + K(x)/2 (ln(J/Jc))^2 ],

and what a viscoelastic network adds to W (see `anodefem.laws.viscoelasticity`).

"Per intermediate volume" means per volume of the swollen, stress-free body, so moduli measured on
lithiated material are used as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

from anodefem.laws.elasticity import Composition, Elasticity, Modulus
from anodefem.laws.kinematics import IDENTITY
from anodefem.laws.plasticity import Flow, Return, return_map
from anodefem.laws.viscoelasticity import Network, NetworkHistory, NetworkResponse


@dataclass(frozen=True, slots=True)
class History:
    """State at the start of a step.

    Attributes:
        plastic: Inverse plastic right Cauchy-Green tensor Cp^-1, det = 1, shape (3, 3).
        alpha: Equivalent plastic strain [-].
        guess: Local solution for flow laws that need one [-].
        network: State of the viscoelastic network.
    """

    plastic: Expr
    alpha: Expr
    guess: Expr
    network: NetworkHistory = NetworkHistory()


@dataclass(frozen=True, slots=True)
class Response:
    """State at the end of a step; stresses in MPa.

    Attributes:
        F: Deformation gradient.
        swelling: Jc.
        Je: Elastic volume ratio.
        tau: Kirchhoff stress per intermediate volume, shape (3, 3).
        returned: Outcome of the return map.
        network: State of the viscoelastic network.
        mechanical: d psi / dx at fixed F, b and network [MPa]: the stress part of the potential, per
            reference volume; divide by c_max to get J/mol.
    """

    F: Expr
    swelling: Expr
    Je: Expr
    tau: Expr
    returned: Return
    network: NetworkResponse
    mechanical: Expr

    @property
    def piola(self) -> Expr:
        """First Piola-Kirchhoff stress P = Jc tau F^-T [MPa], per reference area."""
        return self.swelling * ufl.dot(self.tau, ufl.inv(self.F).T)

    @property
    def cauchy(self) -> Expr:
        """Cauchy stress tau / Je [MPa]."""
        return self.tau / self.Je

    @property
    def plastic(self) -> Expr:
        """Cp^-1 at the end of the step, det = 1."""
        inverse = ufl.det(self.F) ** (1 / 3) * ufl.inv(self.F)
        return ufl.dot(ufl.dot(inverse, self.returned.b), inverse.T)

    @property
    def dissipation(self) -> Expr:
        """Plastic work of the step per reference volume [MPa], never negative."""
        s = self.returned.s
        return self.swelling * ufl.sqrt(ufl.inner(s, s)) * self.returned.multiplier

    @property
    def viscous_dissipation(self) -> Expr:
        """Loss of the step in the network per reference volume [MPa], never negative."""
        return self.swelling * self.network.dissipation


@dataclass(frozen=True, slots=True)
class Solid:
    """Constitutive law of a solid region.

    Attributes:
        elasticity: Elastic energy.
        flow: Flow law.
        expansion: Swelling ratio Jc(x) [-]; returns 1 for a solid that takes up nothing.
        network: Viscoelastic branches and damage beside elasticity; empty for most.
    """

    elasticity: Elasticity
    flow: Flow
    expansion: Modulus
    network: Network = Network()

    def respond(self, F: Expr, x: Composition, history: History, dt: Expr) -> Response:
        """Advance the point over a step of length ``dt`` [s] to deformation ``F`` and ``x``."""
        trial = self.trial(F, history.plastic)
        G = self.elasticity.shear(ufl.tr(trial), x)
        back = return_map(self.flow, G, trial, x, history.alpha, dt, history.guess)
        y = ufl.variable(ufl.as_ufl(x))
        swelling = self.expansion(y)
        Je = ufl.det(F) / swelling
        bulk = self.elasticity.bulk(y)
        distortional = self.elasticity.distortional_energy
        network = self.network.respond(
            F, back.s, distortional(ufl.tr(back.b), x), history.network, dt
        )
        energy = swelling * (
            (1 - network.damage) * distortional(ufl.tr(back.b), y)
            + network.energy
            + bulk / 2 * ufl.ln(Je) ** 2
        )
        tau = network.s + bulk * ufl.ln(Je) * IDENTITY
        return Response(F, swelling, Je, tau, back, network, ufl.diff(energy, y))

    def trial(self, F: Expr, plastic: Expr) -> Expr:
        """Isochoric elastic predictor J^(-2/3) F Cp_n^-1 F^T."""
        return ufl.det(F) ** (-2 / 3) * ufl.dot(ufl.dot(F, plastic), F.T)
