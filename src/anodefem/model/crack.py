"""Cracks smeared out over a length: which regions can break, and what their cracks cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.laws.fracture import CrackModel, degradation
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


def scattered(domain: Domain, *, spread: float, seed: int) -> fem.Function:
    """Factor of toughness with mean 1, one value a cell: lognormal, the same on any ranks.

    Args:
        domain: Supplies the mesh.
        spread: Standard deviation of the logarithm [-].
        seed: Of the generator; every cell takes its number in the mesh file.
    """
    grid = domain.mesh
    field = fem.Function(fem.functionspace(grid, ("DG", 0)))
    count = grid.topology.index_map(domain.dim)
    normal = np.random.default_rng(seed).standard_normal(count.size_global)
    cells = np.arange(count.size_local + count.num_ghosts)
    drawn = normal[grid.topology.original_cell_index[: len(cells)]]
    dofs = field.function_space.dofmap.list[cells].ravel()
    field.x.array[dofs] = np.exp(spread * drawn - spread**2 / 2)
    return field
