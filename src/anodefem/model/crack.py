"""Cracks smeared out over a length: which regions can break, and what their cracks cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.laws.fracture import CrackModel, degradation
from anodefem.laws.scatter import GaussianField, lognormal
from anodefem.laws.solid import Response
from anodefem.model.domain import SOLID_DEGREE, Domain


@dataclass(frozen=True)
class Fracture:
    """Regions that can break; one crack field runs through all of them.

    Attributes:
        law: Kind and length of the smearing.
        toughness: Region -> Gc [MPa um = J/m^2], per reference area.
    """

    law: CrackModel
    toughness: Mapping[str, Expr]

    def energy(self, domain: Domain, d: Expr, responses: Mapping[str, Response]) -> ufl.Form:
        """Int g(d) psi+ + Gc gamma(d) dX [MPa um^3], with psi+ of the present state."""
        kinematics = domain.kinematics
        gradient = kinematics.scalar_gradient(d)
        parts = [
            (degradation(d) * responses[name].driving + toughness * self.law.density(d, gradient))
            * kinematics.weight
            * domain.dx(name, degree=SOLID_DEGREE)
            for name, toughness in self.toughness.items()
        ]
        return sum(parts[1:], parts[0])

    def area(self, domain: Domain, d: Expr, name: str) -> ufl.Form:
        """Area of the cracks of a region [um^2], reference configuration."""
        density = self.law.density(d, domain.kinematics.scalar_gradient(d))
        return density * domain.kinematics.weight * domain.dx(name, degree=SOLID_DEGREE)

    def work(self, domain: Domain, d: Expr, name: str) -> ufl.Form:
        """Energy of the cracks of a region [MPa um^3]."""
        density = self.law.density(d, domain.kinematics.scalar_gradient(d))
        weight = self.toughness[name] * domain.kinematics.weight
        return weight * density * domain.dx(name, degree=SOLID_DEGREE)


def scattered(domain: Domain, *, spread: float, correlation: float, seed: int) -> fem.Function:
    """Factor of toughness with mean 1, lognormal: one field in space, whatever the mesh; P1.

    Args:
        domain: Supplies the mesh.
        spread: Standard deviation of the logarithm [-].
        correlation: Distance at which the correlation of the logarithm has fallen to 1/e [um].
        seed: Of the draw.
    """
    drawn = GaussianField.draw(correlation=correlation, seed=seed)
    factor = fem.Function(fem.functionspace(domain.mesh, ("Lagrange", 1)))
    factor.interpolate(lambda x: lognormal(drawn, x.T, spread=spread))
    return factor
