"""Fields by which toughness varies from place to place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from dolfinx import fem

from anodefem.fem.domain import Domain
from anodefem.laws.scatter import GaussianField, lognormal


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
