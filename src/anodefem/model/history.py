"""Updates of the history fields, outside the Newton iteration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem._dolfinx import element_points
from anodefem.laws.kinematics import IDENTITY
from anodefem.laws.plasticity import ROOT23, NoFlow, Overstress, return_stiffness
from anodefem.model.domain import MEDIUM_DEGREE, SOLID_DEGREE
from anodefem.model.problem import FILM, FILM_DEGREE, JIT, Problem, compile_form
from anodefem.model.regions import Region


class PointValues:
    """An expression evaluated at the interpolation points of cells of one or more regions.

    Attributes:
        values: The function that holds the result.
    """

    def __init__(self, space: Any) -> None:
        """Make an empty target in ``space``."""
        self.values = fem.Function(space)
        self._parts: list[tuple[Any, npt.NDArray[np.int32]]] = []

    def add(self, expression: Expr, cells: npt.NDArray[np.int32]) -> None:
        """Evaluate ``expression`` on these cells; compiles."""
        points = element_points(self.values.function_space)
        compiled = fem.Expression(expression, points, jit_options=JIT)
        self._parts.append((compiled, cells))

    def evaluate(self) -> fem.Function:
        """Evaluate every part and return the target; no communication."""
        for expression, cells in self._parts:
            self.values.interpolate(expression, cells0=cells)
        return self.values


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
        grid = problem.domain.mesh
        self._space = fem.functionspace(grid, ("DG", 0, expression.ufl_shape))
        scalar = fem.functionspace(grid, ("DG", 0))
        ds = problem.surface(number, degree)
        weight = problem.domain.kinematics.weight
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


class Updates:
    """Compiled history updates of a problem."""

    def __init__(self, problem: Problem) -> None:
        """Compile the updates; does not change the state."""
        self.problem = problem
        state, domain = problem.state, problem.domain
        self._flowing = [r for r in problem.regions if not isinstance(r.solid.flow, NoFlow)]
        tensor, scalar = state.plastic.function_space, state.alpha.function_space
        self._plastic, self._alpha = PointValues(tensor), PointValues(scalar)
        components = domain.kinematics.components
        for region in self._flowing:
            response = problem.responses[region.name]
            cells = domain.cells(region.name)
            self._plastic.add(components(response.plastic), cells)
            self._alpha.add(state.alpha + ROOT23 * response.returned.multiplier, cells)
        self._overstress = [
            (flow, *self._local_terms(region, flow)) for region, flow in self._rate_dependent()
        ]
        element = basix.ufl.quadrature_element(domain.mesh.basix_cell(), degree=MEDIUM_DEGREE)
        self._jacobian = PointValues(fem.functionspace(domain.mesh, element))
        count = domain.mesh.topology.index_map(domain.dim)
        every = np.arange(count.size_local + count.num_ghosts, dtype=np.int32)
        self._jacobian.add(ufl.det(problem.deformation_gradient), every)
        self._film_means: tuple[FacetMeans, FacetMeans] | None = None
        if problem.film_law:
            film = problem.film_response
            self._film_means = (
                FacetMeans(problem, components(film.plastic), FILM, FILM_DEGREE),
                FacetMeans(problem, components(self._stress_free()), FILM, FILM_DEGREE),
            )

    def _rate_dependent(self) -> Iterator[tuple[Region, Overstress]]:
        for region in self._flowing:
            if isinstance(region.solid.flow, Overstress):
                yield region, region.solid.flow

    def _local_terms(
        self, region: Region, flow: Overstress
    ) -> tuple[PointValues, npt.NDArray[np.int32]]:
        """Norm, stiffness and threshold of the local equation at the points of a region."""
        problem, state = self.problem, self.problem.state
        x = problem.fraction(region)
        plastic = problem.domain.kinematics.symmetric(state.plastic)
        trial = region.solid.trial(problem.deformation_gradient, plastic)
        G = region.solid.elasticity.shear(ufl.tr(trial), x)
        _, norm, stiffness = return_stiffness(G, trial)
        terms = ufl.as_vector([norm, stiffness, flow.threshold(x, state.alpha)])
        element = basix.ufl.quadrature_element(
            problem.domain.mesh.basix_cell(), value_shape=(3,), degree=SOLID_DEGREE
        )
        values = PointValues(fem.functionspace(problem.domain.mesh, element))
        cells = problem.domain.cells(region.name)
        values.add(terms, cells)
        blocks = state.guess.function_space.dofmap.list[cells].ravel()
        return values, blocks

    def _stress_free(self) -> Expr:
        """Cp^-1 of a film that forms on the present surface.

        Its elastic stretch is 1/(1 + formation strain) along the surface.
        """
        surface, stretch = self.problem.surface_kinematics, 1 + self.problem.formation_strain
        across = ufl.outer(surface.normal, surface.normal)
        b = stretch**-2 * (IDENTITY - across) + stretch**4 * across
        inverse = ufl.inv(surface.isochoric)
        return ufl.dot(ufl.dot(inverse, b), inverse.T)

    def local_solve(self) -> None:
        """Bring what is not in the forms up to the present fields; collective.

        These are the local solutions of rate laws, and the area that shares out the current.
        """
        state = self.problem.state
        for flow, values, blocks in self._overstress:
            norm, stiffness, threshold = values.evaluate().x.array.reshape(-1, 3)[blocks].T
            solution = flow.local_solve(norm, stiffness, threshold, float(state.dt.value))
            state.guess.x.array[blocks] = solution
        if self.problem.current_area:
            self.problem.update_flux_area()

    def jacobian_determinant(self) -> npt.NDArray[np.float64]:
        """J at the points of every cell this rank sees; no communication."""
        return self._jacobian.evaluate().x.array

    def accept(self) -> None:
        """Move the histories and the start-of-step fields to the end of the step.

        The step is over, so its length becomes zero: a rate law that is evaluated again (by
        metrics, say) would otherwise flow once more.
        """
        state = self.problem.state
        plastic, alpha = self._plastic.evaluate(), self._alpha.evaluate()
        if self._film_means:
            self._store_film(state.film_plastic, self._film_means[0])
        for region in self._flowing:
            cells = self.problem.domain.cells(region.name)
            blocks = state.alpha.function_space.dofmap.list[cells].ravel()
            state.alpha.x.array[blocks] = alpha.x.array[blocks]
            size = self.problem.domain.kinematics.symmetric_size
            state.plastic.x.array.reshape(-1, size)[blocks] = plastic.x.array.reshape(-1, size)[
                blocks
            ]
        state.u_n.x.array[:] = state.u.x.array
        state.c_n.x.array[:] = state.c.x.array
        state.dt.value = 0.0

    def form_film(self, thickness: float) -> None:
        """Let an SEI of ``thickness`` [um] form on the present surface."""
        state = self.problem.state
        if self._film_means:
            self._store_film(state.film_formation, self._film_means[1])
            state.film_plastic.x.array[:] = state.film_formation.x.array
            state.film_thickness.value = thickness

    def _store_film(self, target: fem.Function, means: FacetMeans) -> None:
        """Write facet means, scaled to determinant 1, and send them to ghosts."""
        values = means.evaluate()
        a = values.T
        if len(a) == 6:
            det = (
                a[0] * a[1] * a[2]
                + 2 * a[3] * a[4] * a[5]
                - a[0] * a[5] ** 2
                - a[1] * a[4] ** 2
                - a[2] * a[3] ** 2
            )
        else:
            det = (a[0] * a[1] - a[3] ** 2) * a[2]
        rows = target.x.array.reshape(-1, len(a))
        rows[means.cells] = values / np.cbrt(det)[:, None]
        target.x.scatter_forward()
