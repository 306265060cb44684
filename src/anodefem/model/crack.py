"""Cracks smeared out over a length: which regions can break, and what their cracks cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.laws.fracture import CrackModel, crack_surface_density, degradation
from anodefem.laws.scatter import GaussianField, lognormal
from anodefem.laws.solid import Response
from anodefem.model.domain import SOLID_DEGREE, Domain


@dataclass(frozen=True)
class Fracture:
    """Regions that can break; one crack field runs through all of them.

    Attributes:
        law: Kind and length of the smearing.
        toughness: Region -> Gc [MPa um = J/m^2], per reference area.
        wetted: Lithium enters through the faces of cracks, too.
        plastic_share: Share of the plastic work that drives cracks, beside psi+ [-].
    """

    law: CrackModel
    toughness: Mapping[str, Expr]
    plastic_share: Expr | float = 0.0
    wetted: bool = False

    @property
    def ductile(self) -> bool:
        """Plastic work drives cracks."""
        return float(self.plastic_share) > 0.0

    def driving(self, response: Response, worked: Expr | None) -> Expr:
        """What drives a crack at a point [MPa]: psi+, and a share of the plastic work so far.

        With that share (Ambati, Gerasimov and De Lorenzis 2015; Borden et al. 2016) crack and
        stress no longer follow from one energy: what is dissipated twice is not accounted for.

        Args:
            response: State of the point.
            worked: Plastic work at the start of the step as if there were no crack [MPa]; needed
                if there is a share.
        """
        if worked is None:
            return response.crack_driving_energy
        return response.crack_driving_energy + self.plastic_share * (
            worked + response.undegraded_plastic_work
        )

    def energy(
        self, domain: Domain, d: Expr, responses: Mapping[str, Response], worked: Expr | None
    ) -> ufl.Form:
        """Int g(d) drive + Gc gamma(d) dX [MPa um^3], with `driving` of the present state."""
        kinematics = domain.kinematics
        gradient = kinematics.scalar_gradient(d)
        parts = [
            (
                degradation(d) * self.driving(responses[name], worked)
                + toughness * self.law.density(d, gradient)
            )
            * kinematics.weight
            * domain.dx(name, degree=SOLID_DEGREE)
            for name, toughness in self.toughness.items()
        ]
        return sum(parts[1:], parts[0])

    def area(self, domain: Domain, d: Expr, name: str) -> ufl.Form:
        """Area of the cracks of a region [um^2], reference configuration."""
        density = self.law.density(d, domain.kinematics.scalar_gradient(d))
        return density * domain.kinematics.weight * domain.dx(name, degree=SOLID_DEGREE)

    def faces(self, domain: Domain, d: Expr, names: Iterable[str], factor: Expr) -> ufl.Form:
        """Integral of a factor over the faces of cracks, where the named regions can break [um^2].

        Args:
            domain: Mesh.
            d: Crack field.
            names: Regions.
            factor: What is integrated.
        """
        density = (
            crack_surface_density(d, domain.kinematics.scalar_gradient(d))
            * domain.kinematics.weight
        )
        wet = [name for name in names if name in self.toughness]
        return factor * density * domain.dx(*wet, degree=SOLID_DEGREE)

    def work(self, domain: Domain, d: Expr, name: str) -> ufl.Form:
        """Energy of the cracks of a region [MPa um^3]."""
        density = self.law.density(d, domain.kinematics.scalar_gradient(d))
        weight = self.toughness[name] * domain.kinematics.weight
        return weight * density * domain.dx(name, degree=SOLID_DEGREE)


def banded(
    domain: Domain, facets: npt.NDArray[np.int32], *, width: float, ratio: float
) -> fem.Function:
    """Factor of toughness that is another one near an interface, one value a cell; collective.

    Args:
        domain: Mesh.
        facets: The interface, as this rank sees it.
        width: Distance from it up to which the factor holds [um].
        ratio: The factor there; 1 elsewhere.
    """
    factor = fem.Function(fem.functionspace(domain.mesh, ("DG", 0)))
    dofs = factor.function_space.dofmap.list.ravel()
    factor.x.array[dofs] = np.where(domain.distance(facets) <= width, ratio, 1.0)
    return factor


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
