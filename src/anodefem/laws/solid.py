"""A solid at a point: swelling, elasticity and flow together, and the potential they imply.

F = Fe Fp Fc with Fc = Jc(x)^(1/3) I, or with a texture that swells differently along its axes (see
`anodefem.laws.swelling`). Free energy per reference volume

    psi = Jc(x) [ W(b; x) + K(x)/2 (ln(J/Jc))^2 ],   b = M Cp^-1 M^T,

with M the isochoric part of F Fc^-1, and what a viscoelastic network adds to W (see
`anodefem.laws.viscoelasticity`). The plastic tensor Cp lives between Fp and Fc. Where a crack is
smeared out (`anodefem.laws.fracture`), the distortional energy and that of expansion are degraded;
flow goes on as in the whole material.

"Per intermediate volume" means per volume of the swollen, stress-free body, so moduli measured on
lithiated material are used as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import ufl
from ufl.core.expr import Expr

from anodefem.laws.elasticity import Composition, Elasticity, Modulus
from anodefem.laws.fracture import degradation
from anodefem.laws.kinematics import IDENTITY
from anodefem.laws.plasticity import Flow, RateLaw, Return, predict, return_map, yielding
from anodefem.laws.swelling import Texture
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
    network: NetworkHistory = field(default_factory=NetworkHistory)


@dataclass(frozen=True, slots=True)
class Response:
    """State at the end of a step; stresses in MPa.

    Attributes:
        F: Deformation gradient.
        distortion: F Fc^-1 up to a factor: F itself if swelling is isotropic.
        swelling: Jc.
        Je: Elastic volume ratio.
        tau: Kirchhoff stress per intermediate volume, shape (3, 3).
        returned: Outcome of the return map.
        network: State of the viscoelastic network.
        left: Share of the stress that a crack leaves [-]; 1 without one.
        energy: Free energy psi per reference volume [MPa].
        driving: The part of it that a crack would set free, as if there were none [MPa].
        mechanical: d psi / dx at fixed F, Cp and network [MPa]: the stress part of the potential,
            per reference volume; divide by c_max to get J/mol.
    """

    F: Expr
    distortion: Expr
    swelling: Expr
    Je: Expr
    tau: Expr
    returned: Return
    network: NetworkResponse
    left: Expr
    energy: Expr
    driving: Expr
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
        inverse = ufl.det(self.distortion) ** (1 / 3) * ufl.inv(self.distortion)
        return ufl.dot(ufl.dot(inverse, self.returned.b), inverse.T)

    @property
    def whole_dissipation(self) -> Expr:
        """Plastic work of the step per reference volume [MPa], as if there were no crack."""
        s = self.returned.s
        return self.swelling * ufl.sqrt(ufl.inner(s, s)) * self.returned.multiplier

    @property
    def dissipation(self) -> Expr:
        """Plastic work of the step per reference volume [MPa], never negative."""
        return self.left * self.whole_dissipation

    @property
    def viscous_dissipation(self) -> Expr:
        """Loss of the step in the network per reference volume [MPa], never negative."""
        return self.left * self.swelling * self.network.dissipation


@dataclass(frozen=True, slots=True)
class Solid:
    """Constitutive law of a solid region.

    Attributes:
        elasticity: Elastic energy.
        flow: Flow law.
        expansion: Swelling ratio Jc(x) [-]; returns 1 for a solid that takes up nothing.
        network: Viscoelastic branches and damage beside elasticity; empty for most.
        texture: How swelling is shared out among directions; None if alike in all.
    """

    elasticity: Elasticity
    flow: Flow
    expansion: Modulus
    network: Network = field(default_factory=Network)
    texture: Texture | None = None

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
        distortion = self._distortion(F, x)
        trial = _carried(distortion, history.plastic)
        back = return_map(self.flow, self.elasticity, trial, x, history.alpha, dt, history.guess)
        y = ufl.variable(ufl.as_ufl(x))
        swelling = self.expansion(y)
        Je = ufl.det(F) / swelling
        bulk = self.elasticity.bulk(y)
        network = self.network.respond(distortion, back.s, history.network, dt)
        volumetric = ufl.ln(Je)
        shape = self.elasticity.energy(back.strain, y) + network.energy
        if crack is None:
            left, s, pressure = ufl.as_ufl(1.0), network.s, bulk * volumetric
            energy = driving = swelling * (shape + bulk / 2 * volumetric**2)
        else:
            left = degradation(crack)
            opening, closing = ufl.max_value(volumetric, 0.0), ufl.min_value(volumetric, 0.0)
            s, pressure = left * network.s, bulk * (left * opening + closing)
            driving = swelling * (shape + bulk / 2 * opening**2)
            energy = left * driving + swelling * bulk / 2 * closing**2
        tau = s + pressure * IDENTITY
        mechanical = ufl.diff(energy, y)
        if self.texture:
            # so far b was held; with Cp and the network held instead, swelling distorts it too
            mechanical -= ufl.diff(swelling, y) * self.texture.power(s, F)
        return Response(
            F, distortion, swelling, Je, tau, back, network, left, energy, driving, mechanical
        )

    def local_terms(self, F: Expr, x: Composition, history: History) -> Expr:
        """Norm, slope, threshold and resistance of the equation of a `RateLaw`, shape (4,).

        Raises:
            TypeError: The flow law needs no local solution.
        """
        if not isinstance(self.flow, RateLaw):
            raise TypeError(f"{type(self.flow).__name__} needs no local solution")
        trial = _carried(self._distortion(F, x), history.plastic)
        start = predict(yielding(self.elasticity), trial, x)
        bounds = (law(x, history.alpha) for law in (self.flow.threshold, self.flow.resistance))
        return ufl.as_vector([start.norm, start.slope, *bounds])

    def _distortion(self, F: Expr, x: Composition) -> Expr:
        """See `Response.distortion`."""
        if self.texture is None:
            return F
        return ufl.dot(F, self.texture.inverse(self.expansion(x)))


def _carried(distortion: Expr, plastic: Expr) -> Expr:
    """Isochoric elastic predictor M Cp_n^-1 M^T, with M the isochoric part of ``distortion``."""
    M = distortion
    return ufl.det(M) ** (-2 / 3) * ufl.dot(ufl.dot(M, plastic), M.T)
