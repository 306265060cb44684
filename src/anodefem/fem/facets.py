"""Values on the facets of a surface, kept on the cells that they belong to."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.domain import Domain


class FacetMeans:
    """Means over the facets of a measure, or over the nodes of facets, stored on their cells.

    Attributes:
        cells: Cells (blocks of the discontinuous space) that have a value, on this rank.
        areas: Reference area [um^2] that each of them stands for, with the kinematics' weight.
    """

    def __init__(
        self, domain: Domain, expression: Expr, ds: ufl.Measure, *, degree: int = 0
    ) -> None:
        """Compile the means of an expression; collective.

        Args:
            domain: Mesh.
            expression: Scalar or vector on facets, as UFL.
            ds: One-sided measure with its quadrature.
            degree: 0 for one value per facet. Above it, ``ds`` has its points at the nodes of a
                discontinuous space of this degree, and there is one value per facet and node; a
                node at the axis stands for no area and is left out.
        """
        grid, weight = domain.mesh, domain.kinematics.weight
        self._space = fem.functionspace(grid, ("DG", degree, expression.ufl_shape))
        scalar = fem.functionspace(grid, ("DG", degree))
        test = ufl.TestFunction(self._space)
        self._sum = compile_form(ufl.inner(expression, test) * weight * ds)
        area = fem.assemble_vector(compile_form(ufl.TestFunction(scalar) * weight * ds)).array
        self.cells = np.flatnonzero(area > 0.0).astype(np.int32)
        self.areas = area[self.cells]
        self._work = fem.Function(self._space)
        self._comm = domain.comm

    def evaluate(self) -> npt.NDArray[np.float64]:
        """Means on this rank's facets, shape (facets, components); no communication."""
        work = self._work.x.array
        work[:] = 0.0
        fem.assemble_vector(work, self._sum)
        components = self._space.dofmap.index_map_bs
        return work.reshape(-1, components)[self.cells] / self.areas[:, None]

    def store(self, target: fem.Function, values: npt.NDArray[np.float64]) -> None:
        """Write values of this rank's facets to a field; collective.

        Args:
            target: One value per cell (and node).
            values: In the order of `cells`, shape (facets, components).
        """
        target.x.array.reshape(-1, values.shape[1])[self.cells] = values
        target.x.scatter_forward()

    def anywhere(self, field: fem.Function) -> bool:
        """Whether a field is not zero on some facet of some rank; collective.

        A rank may have no facet of the surface, and still has to take part in `store`.

        Args:
            field: One value per cell (and node).
        """
        return bool(self._comm.allreduce(bool(np.any(self.own(field))), op=MPI.LOR))

    def own(self, field: fem.Function) -> npt.NDArray[np.float64]:
        """Return the values of a field on this rank's facets, shape (facets, components).

        Args:
            field: One value per cell (and node).
        """
        size = field.function_space.dofmap.index_map_bs
        return np.asarray(field.x.array.reshape(-1, size)[self.cells])
