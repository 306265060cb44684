"""Diffusion of the species in the hosts: mass balance and chemical potential.

Fluxes follow grad mu, and mu holds the stress that the fraction makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import ufl
from dolfinx import fem, la
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Integral, Physics, Rule
from anodefem.fem.domain import Domain
from anodefem.fem.forms import added
from anodefem.fem.symbols import Symbols
from anodefem.laws.building import MPA
from anodefem.laws.chemistry import mobility, potential, wall
from anodefem.model.regions import Species
from anodefem.physics.hosts import balance_test, mu


class Diffusion(Physics):
    """Equations of the unknown c in the hosts in which the species diffuses (see `hosts`)."""

    name = "diffusion"

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Mass balance and chemical potential."""
        parts, own = [], s.offered("fraction_component")
        for region in s.diffusing:
            if region.species:
                q, i = s.test("c"), own[region.name]
                dx = s.domain.dx(region.name, degree=s.domain.solid_degree)
                lumped = lumped_weight(s.domain, region.name), s.domain.dx_lumped(region.name)
                parts.append(_mass_balance(s, region.name, region.species, i, dx, lumped))
                parts.append(_chemical_potential(s, region.name, region.species, q[i], dx, lumped))
        return {"c": added(parts)} if parts else {}

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Dissipation of diffusion."""
        losses = []
        for region in s.diffusing:
            if region.species:
                gradient = s.kinematics.scalar_gradient(mu(s))
                F = s.response(region.name).F
                x = s.fraction(region.name)
                M = mobility(region.species.potential, region.species.diffusivity, x)
                loss = ufl.inner(gradient, ufl.dot(ufl.inv(ufl.dot(F.T, F)), gradient))
                dx = s.domain.dx(region.name, degree=s.domain.solid_degree)
                losses.append(region.species.RT_c_max * M * loss * s.kinematics.weight * dx)
        name, rule = "diffusion_dissipation", Rule.TRAPEZOID
        return [Integral(name=name, form=added(losses), rule=rule)] if losses else []

    @columns(
        Column(
            "diffusion_dissipation",
            "J/m^3",
            "free energy lost in diffusion so far over the hosts' reference volume",
        ),
    )
    def dissipation(self, s: Symbols) -> Evaluate:
        """Loss of the run."""

        def evaluate() -> dict[str, float]:
            lost = s.sums.get("diffusion_dissipation", 0.0)
            return {"diffusion_dissipation": lost / (MPA * s.host_volume)}

        return evaluate


def lumped_weight(domain: Domain, name: str) -> fem.Function:
    """Return the factor that turns the vertex rule of a region into row sums of the quadrature's.

    Curved cells and those at the axis, where r = 0 at some vertices, need it: only row sums keep
    every bit of the species and give every node its mass.

    Args:
        domain: Mesh.
        name: Region.
    """
    sums = []
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    test = ufl.TestFunction(space)
    for form in (
        test * domain.kinematics.weight * domain.dx(name, degree=domain.solid_degree),
        test * domain.dx_lumped(name),
    ):
        vector = fem.assemble_vector(compile_form(form))
        vector.scatter_reverse(la.InsertMode.add)
        vector.scatter_forward()
        sums.append(vector.array)
    ratio = fem.Function(space)
    np.divide(sums[0], sums[1], out=ratio.x.array, where=sums[1] > 0.0)
    return ratio


def _mass_balance(
    s: Symbols,
    name: str,
    species: Species,
    component: int,
    dx: ufl.Measure,
    lumped: tuple[Any, ufl.Measure],
) -> ufl.Form:
    """Int (x - x_n - (1 - w) dt x_rate) q dX + w dt int M C^-1 grad mu . grad q dX, times c_max.

    With w = 1 this is backward Euler. With w = (1 + r)/(1 + 2 r), r the step over the one before
    and x_rate the mean rate of that one, it is the second-order backward differentiation formula
    for variable steps (Gear; Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I,
    III.5), solved for x - x_n; then the species is balanced while the current does not change.

    The storage term is lumped: with the consistent one the fraction overshoots 1 at the surface.
    """
    x, q = s.fraction(name), balance_test(s)
    weight, dx_lumped = lumped
    F = s.response(name).F
    C = ufl.dot(F.T, F)
    M = mobility(species.potential, species.diffusivity, x)
    drive = ufl.dot(ufl.inv(C), s.kinematics.scalar_gradient(mu(s)))
    w, dt = s.state.bdf_weight, s.state.dt
    transport = w * dt * M * ufl.dot(drive, s.kinematics.scalar_gradient(q))
    share = species.RT_c_max / s.stress_scale
    gain = x - s.state.start("c")[component] - (1 - w) * dt * s.state.rate("c")[component]
    return share * (gain * q * weight * dx_lumped + transport * s.kinematics.weight * dx)


def _chemical_potential(
    s: Symbols,
    name: str,
    species: Species,
    q: Expr,
    dx: ufl.Measure,
    lumped: tuple[Any, ufl.Measure],
) -> ufl.Form:
    """Int (mu - mu_chem(x) - d psi/dx / (RT c_max)) q - kappa grad x . grad q / (RT c_max) dX.

    Weighted by c_max. All terms have the same quadrature: row sums of the first two would take
    them at the nodes but the stress at the centroids of the shape functions, a third of a cell
    below a surface. At surfaces grad x . N = 0: they prefer neither phase.

    Points of quadrature may lie in [0, 1] while a node of their cell does not. Nodes outside have a
    potential of their own (see `wall`), with row sums; it is zero inside.
    """
    x = s.fraction(name)
    local = species.RT_c_max * (mu(s) - potential(species.potential, x))
    stress = s.response(name).dpsi_dx
    slopes = ufl.dot(s.kinematics.scalar_gradient(x), s.kinematics.scalar_gradient(q))
    gradient = ufl.as_ufl(species.gradient) * slopes
    weight, dx_lumped = lumped
    held = species.RT_c_max * wall(x) * q * weight * dx_lumped
    bulk = ((local - stress) * q - gradient) * s.kinematics.weight * dx
    return (1 / s.stress_scale) * (bulk - held)
