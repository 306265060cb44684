"""Values on the facets of a surface, kept on the cells that they belong to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.model.problem import Problem, compile_form
from anodefem.model.state import jump_degree


class FacetMeans:
    """Means of a tensor over facets that carry a surface id, stored on the cell they belong to."""

    def __init__(self, problem: Problem, expression: Expr, number: int, degree: int) -> None:
        """Compile the means of ``expression`` over the facets of an id.

        Args:
            problem: Supplies mesh and measures.
            expression: Scalar or vector on facets.
            number: Surface id of `anodefem.model.problem`.
            degree: Quadrature degree.
        """
        self._compile(problem, expression, problem.surface(number, degree), 0)

    def _compile(self, problem: Problem, expression: Expr, ds: ufl.Measure, order: int) -> None:
        grid, weight = problem.domain.mesh, problem.domain.kinematics.weight
        self._space = fem.functionspace(grid, ("DG", order, expression.ufl_shape))
        scalar = fem.functionspace(grid, ("DG", order))
        test = ufl.TestFunction(self._space)
        self._sum = compile_form(ufl.inner(expression, test) * weight * ds)
        area = fem.assemble_vector(compile_form(ufl.TestFunction(scalar) * weight * ds)).array
        self.cells = np.flatnonzero(area > 0.0).astype(np.int32)
        #: Reference area of the facet of each of `cells`, with the weight of the kinematics.
        self.areas = area[self.cells]
        self._work = fem.Function(self._space)

    def evaluate(self) -> npt.NDArray[np.float64]:
        """Means on this rank's facets, shape (facets, components); no communication."""
        work = self._work.x.array
        work[:] = 0.0
        fem.assemble_vector(work, self._sum)
        components = self._space.dofmap.index_map_bs
        return work.reshape(-1, components)[self.cells] / self.areas[:, None]

    def store(self, target: fem.Function, values: npt.NDArray[np.float64]) -> None:
        """Write values of this rank's facets, shape (facets, components), to a field; collective.

        Args:
            target: One value per cell.
            values: In the order of `cells`.
        """
        target.x.array.reshape(-1, values.shape[1])[self.cells] = values
        target.x.scatter_forward()


class FacetNodes(FacetMeans):
    """Values at the nodes of facets of a surface id, one for each facet and node.

    They are kept as a discontinuous field on the cells that the facets belong to; ``cells`` are its
    blocks and ``areas`` what a node has of the reference area of a facet. A node at the axis has
    nothing, and is left out.
    """

    def __init__(self, problem: Problem, expression: Expr, number: int) -> None:
        """Compile the values of ``expression``.

        Args:
            problem: Supplies mesh and measures.
            expression: Scalar or vector on facets.
            number: Surface id of `anodefem.model.problem`.
        """
        self._compile(problem, expression, problem.nodes(number), jump_degree(problem.domain))
