"""A solid at a point: swelling, elasticity and flow together, and the potential they imply.

F = Fe Fp Fc with Fc = Jc(x)^(1/3) I, or swelling differently along the axes of the material (see
`anodefem.laws.swelling`). Free energy per reference volume

    psi = Jc(x) [ W(b; x) + K(x)/2 (ln(J/Jc))^2 ],   b = M Cp^-1 M^T,

with M the isochoric part of F Fc^-1, and what a viscoelastic network adds to W (see
`anodefem.laws.viscoelasticity`). The plastic tensor Cp lives between Fp and Fc. Where a crack is
smeared out (`anodefem.laws.fracture`), the distortional energy and that of expansion are degraded;
flow goes on as in the intact material.

"Per intermediate volume" means per volume of the swollen, stress-free body, so moduli measured on
lithiated material are used as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import ufl
from ufl.core.expr import Expr

from anodefem.laws import fracture
from anodefem.laws.elasticity import Composition, Elasticity, Modulus
from anodefem.laws.kinematics import IDENTITY
from anodefem.laws.plasticity import (
    ROOT23,
    FlowRule,
    Return,
    ViscoplasticPowerLaw,
    predict,
    return_map,
    yielding,
)
from anodefem.laws.swelling import AnisotropicSwelling
from anodefem.laws.viscoelasticity import Network, NetworkHistory, NetworkResponse


@dataclass(frozen=True, slots=True)
class History:
    """State at the start of a step.

    Attributes:
        plastic: Inverse plastic right Cauchy-Green tensor Cp^-1, det = 1, shape (3, 3).
        alpha: Equivalent plastic strain [-].
        local_solution: Local solution for flow laws that need one [-].
        network: State of the viscoelastic network.
        flow_force: See `Response` [MPa]; None or 0 if it is not known: then that at the end counts.
    """

    plastic: Expr
    alpha: Expr
    local_solution: Expr
    network: NetworkHistory = field(default_factory=NetworkHistory)
    flow_force: Expr | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """State at the end of a step; stresses in MPa.

    Attributes:
        F: Deformation gradient.
        F_ep: F Fc^-1 up to a factor: F itself if swelling is isotropic.
        swelling: Jc.
        Je: Elastic volume ratio.
        tau: Kirchhoff stress per intermediate volume, shape (3, 3).
        return_mapping: Outcome of the return map.
        flow_force: What flow works against: Jc |s| per unit of the plastic multiplier [MPa]. Below
            the threshold of flow, where the solid is elastic, Jc times the threshold: what it will
            work against where it begins.
        mean_flow_force: Mean of `flow_force` over the step [MPa].
        network: State of the viscoelastic network.
        degradation: Share of the stress that a crack leaves [-]; 1 without one.
        energy: Free energy psi per reference volume [MPa].
        crack_driving_energy: The part of it that a crack would set free, as if there were no
            crack [MPa].
        dpsi_dx: d psi / dx at fixed F, Cp and network [MPa]: the stress part of the potential,
            per reference volume; divide by c_max to get J/mol.
    """

    F: Expr
    F_ep: Expr
    swelling: Expr
    Je: Expr
    tau: Expr
    return_mapping: Return
    flow_force: Expr
    mean_flow_force: Expr
    network: NetworkResponse
    degradation: Expr
    energy: Expr
    crack_driving_energy: Expr
    dpsi_dx: Expr

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
        inverse = ufl.det(self.F_ep) ** (1 / 3) * ufl.inv(self.F_ep)
        return ufl.dot(ufl.dot(inverse, self.return_mapping.b), inverse.T)

    @property
    def undegraded_plastic_work(self) -> Expr:
        """Plastic work of the step per reference volume [MPa], as if there were no crack.

        By the trapezoidal rule: of second order in the step, also in that in which flow begins.
        """
        return self.mean_flow_force * self.return_mapping.multiplier

    @property
    def dissipation(self) -> Expr:
        """Plastic work of the step per reference volume [MPa], never negative."""
        return self.degradation * self.undegraded_plastic_work

    @property
    def viscous_dissipation(self) -> Expr:
        """Loss of the step in the network per reference volume [MPa], never negative."""
        return self.degradation * self.swelling * self.network.dissipation


@dataclass(frozen=True, slots=True)
class Solid:
    """Constitutive law of a solid region.

    Attributes:
        elasticity: Elastic energy.
        flow: Flow law.
        expansion: Swelling ratio Jc(x) [-]; returns 1 for a solid that takes up nothing.
        network: Viscoelastic branches and damage beside elasticity; empty for most.
        anisotropy: Directions in which it swells differently; None if alike in all.
    """

    elasticity: Elasticity
    flow: FlowRule
    expansion: Modulus
    network: Network = field(default_factory=Network)
    anisotropy: AnisotropicSwelling | None = None

    def respond(
        self, F: Expr, x: Composition, history: History, dt: Expr, crack: Expr | None = None
    ) -> Response:
        """Advance the point over a step.

        Args:
            F: Deformation gradient at its end.
            x: Lithium fraction at its end.
            history: State at its start.
            dt: Its length [s].
            crack: Crack field at its end, for a solid that can break.
        """
        F_ep = self._elastoplastic_gradient(F, x)
        trial = _carried(F_ep, history.plastic)
        back = return_map(
            self.flow, self.elasticity, trial, x, history.alpha, dt, history.local_solution
        )
        y = ufl.variable(ufl.as_ufl(x))
        swelling = self.expansion(y)
        Je = ufl.det(F) / swelling
        bulk = self.elasticity.bulk(y)
        network = self.network.respond(F_ep, back.s, history.network, dt)
        volumetric = ufl.ln(Je)
        shape = self.elasticity.energy(back.strain, y) + network.energy
        if crack is None:
            degradation, s, pressure = ufl.as_ufl(1.0), network.s, bulk * volumetric
            energy = crack_driving_energy = swelling * (shape + bulk / 2 * volumetric**2)
        else:
            degradation = fracture.degradation(crack)
            opening, closing = ufl.max_value(volumetric, 0.0), ufl.min_value(volumetric, 0.0)
            s, pressure = degradation * network.s, bulk * (degradation * opening + closing)
            crack_driving_energy = swelling * (shape + bulk / 2 * opening**2)
            energy = degradation * crack_driving_energy + swelling * bulk / 2 * closing**2
        tau = s + pressure * IDENTITY
        dpsi_dx = ufl.diff(energy, y)
        if self.anisotropy:
            # so far b was held; with Cp and the network held instead, swelling distorts it too
            dpsi_dx -= ufl.diff(swelling, y) * self.anisotropy.deviatoric_work(s, F)
        force = self._flow_force(swelling, back, x, history.alpha)
        mean, start = force, history.flow_force
        if start is not None:
            mean = ufl.conditional(ufl.gt(start, 0.0), (start + force) / 2, force)
        return Response(
            F,
            F_ep,
            swelling,
            Je,
            tau,
            back,
            force,
            mean,
            network,
            degradation,
            energy,
            crack_driving_energy,
            dpsi_dx,
        )

    def local_terms(self, F: Expr, x: Composition, history: History) -> Expr:
        """Norm, stiffness, threshold and resistance of the local equation, shape (4,).

        See `ViscoplasticPowerLaw`.

        Raises:
            TypeError: The flow law needs no local solution.
        """
        if not isinstance(self.flow, ViscoplasticPowerLaw):
            raise TypeError(f"{type(self.flow).__name__} needs no local solution")
        trial = _carried(self._elastoplastic_gradient(F, x), history.plastic)
        start = predict(yielding(self.elasticity), trial, x)
        bounds = (law(x, history.alpha) for law in (self.flow.threshold, self.flow.resistance))
        return ufl.as_vector([start.norm, start.stiffness, *bounds])

    def _elastoplastic_gradient(self, F: Expr, x: Composition) -> Expr:
        """See `Response.F_ep`."""
        if self.anisotropy is None:
            return F
        return ufl.dot(F, self.anisotropy.inverse(self.expansion(x)))

    def _flow_force(self, swelling: Expr, back: Return, x: Composition, alpha: Expr) -> Expr:
        """See `Response.flow_force`; alpha is that at the start of the step."""
        threshold = self.flow.threshold(x, alpha + ROOT23 * back.multiplier)
        return swelling * ufl.max_value(ufl.sqrt(ufl.inner(back.s, back.s)), threshold)


def _carried(F_ep: Expr, plastic: Expr) -> Expr:
    """Isochoric elastic predictor M Cp_n^-1 M^T, with M the isochoric part of ``F_ep``."""
    M = F_ep
    return ufl.det(M) ** (-2 / 3) * ufl.dot(ufl.dot(M, plastic), M.T)
