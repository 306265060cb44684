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
from anodefem.compilation import compile_expression
from anodefem.laws.film import Film, PlaneStress
from anodefem.laws.plasticity import ROOT23, Elastic, ViscoplasticPowerLaw
from anodefem.model.domain import MEDIUM_DEGREE, SOLID_DEGREE
from anodefem.model.facets import FacetMeans, FacetNodes
from anodefem.model.film_cracks import CrackHistory
from anodefem.model.problem import BOND, FILM, FILM_DEGREE, Problem
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
        compiled = compile_expression(expression, points)
        self._parts.append((compiled, cells))

    def evaluate(self) -> fem.Function:
        """Evaluate every part and return the target; no communication."""
        for expression, cells in self._parts:
            self.values.interpolate(expression, cells0=cells)
        return self.values


class BondHistory:
    """Damage of the interfaces, one value for each facet and node."""

    def __init__(self, problem: Problem) -> None:
        """Compile the updates; does not change the state."""
        self._state = problem.state
        self._ends = [
            FacetNodes(problem, response.damage, BOND + place)
            for place, response in enumerate(problem.bond_responses)
        ]

    def accept(self) -> None:
        """Move the damage to the end of the step; collective."""
        if (damage := self._state.bond_damage) is None:
            return
        for end in self._ends:
            damage.x.array[end.cells] = end.evaluate()[:, 0]
        damage.x.scatter_forward()


class FilmHistory:
    """The stress-free shape of an SEI, one value per facet."""

    def __init__(self, problem: Problem, law: Film) -> None:
        """Compile the updates; does not change the state."""
        self._problem, self._law = problem, law
        components = problem.domain.kinematics.components
        response = problem.film_response
        formed = law.formed(problem.film_kinematics, problem.formation_strain)
        trial = ufl.as_vector([response.trial.mean, response.trial.shear_square])
        self._end = FacetMeans(problem, components(response.stress_free), FILM, FILM_DEGREE)
        self._formed = FacetMeans(problem, components(formed), FILM, FILM_DEGREE)
        self._trial = FacetMeans(problem, trial, FILM, FILM_DEGREE)
        self._cracks = CrackHistory(problem) if problem.film_strength else None

    def local_solve(self) -> None:
        """Bring the local solution of the flow law up to the present fields; no communication."""
        state, law = self._problem.state, self._law
        mean, shear_square = self._trial.evaluate().T
        trial = PlaneStress(mean, shear_square, float(law.young), float(law.poisson))
        state.film_guess.x.array[self._trial.cells] = law.flow.solve(trial, float(state.dt.value))

    def accept(self) -> None:
        """Move the stress-free shape to the end of the step; collective."""
        state = self._problem.state
        if self._cracks:
            self._cracks.accept()
        self._end.store(state.film_plastic, self._end.evaluate())
        state.film_guess.x.array[:] = 0.0

    def form(self, thickness: float) -> None:
        """Let an SEI of ``thickness`` [um] form on the present surface; collective."""
        state = self._problem.state
        self._formed.store(state.film_formation, self._formed.evaluate())
        state.film_plastic.x.array[:] = state.film_formation.x.array
        state.film_thickness.value = thickness
        if self._cracks:
            self._cracks.start()


class SolidHistory:
    """The end-of-step value of a history field at the quadrature points of a region."""

    def __init__(self, field: fem.Function, expression: Expr, cells: npt.NDArray[np.int32]) -> None:
        """Compile ``expression``, the value of ``field`` at the end of a step on these cells."""
        self._field, self._end = field, PointValues(field.function_space)
        self._end.add(expression, cells)
        self._blocks = field.function_space.dofmap.list[cells].ravel()

    def evaluate(self) -> None:
        """Find the values at the end of the step; no communication."""
        self._end.evaluate()

    def store(self) -> None:
        """Make them those of the start of the next step; no communication."""
        size = self._field.function_space.dofmap.index_map_bs
        rows, end = (field.x.array.reshape(-1, size) for field in (self._field, self._end.values))
        rows[self._blocks] = end[self._blocks]


def _histories(problem: Problem, region: Region) -> Iterator[SolidHistory]:
    """Compile what the laws of a region remember."""
    state, kinematics = problem.state, problem.domain.kinematics
    response, cells = problem.responses[region.name], problem.domain.cells(region.name)
    if not isinstance(region.solid.flow, Elastic):
        alpha = state.alpha + ROOT23 * response.return_mapping.multiplier
        yield SolidHistory(state.plastic, kinematics.components(response.plastic), cells)
        yield SolidHistory(state.alpha, alpha, cells)
        if state.worked is not None and problem.breaks(region.name):
            worked = state.worked + response.undegraded_plastic_work
            yield SolidHistory(state.worked, worked, cells)
    network = response.network
    if network.branches and state.viscous is not None:
        ends = [kinematics.components(branch.flow) for branch in network.branches]
        size = kinematics.symmetric_size
        flat = [end[i] for end in ends for i in range(size)]
        # a region with fewer branches than another leaves the rest as it is
        flat += [state.viscous[i] for i in range(len(flat), state.viscous.ufl_shape[0])]
        yield SolidHistory(state.viscous, ufl.as_vector(flat), cells)
    if region.solid.network.healing and state.damage is not None:
        yield SolidHistory(state.damage, ufl.as_ufl(network.damage), cells)


class Updates:
    """Compiled history updates of a problem."""

    def __init__(self, problem: Problem) -> None:
        """Compile the updates; does not change the state."""
        self.problem = problem
        domain = problem.domain
        self._flowing = [r for r in problem.regions if not isinstance(r.solid.flow, Elastic)]
        self._solids = [history for r in problem.regions for history in _histories(problem, r)]
        self._local = [
            (flow, *self._local_terms(region)) for region, flow in self._rate_dependent()
        ]
        element = basix.ufl.quadrature_element(domain.mesh.basix_cell(), degree=MEDIUM_DEGREE)
        self._jacobian = PointValues(fem.functionspace(domain.mesh, element))
        count = domain.mesh.topology.index_map(domain.dim)
        every = np.arange(count.size_local + count.num_ghosts, dtype=np.int32)
        self._jacobian.add(ufl.det(problem.deformation_gradient), every)
        self._film = FilmHistory(problem, problem.film_law) if problem.film_law else None
        self._bonds = BondHistory(problem)

    def _rate_dependent(self) -> Iterator[tuple[Region, ViscoplasticPowerLaw]]:
        for region in self._flowing:
            if isinstance(region.solid.flow, ViscoplasticPowerLaw):
                yield region, region.solid.flow

    def _local_terms(self, region: Region) -> tuple[PointValues, npt.NDArray[np.int32]]:
        """Coefficients of the local equation at the points of a region, and these points."""
        problem, state = self.problem, self.problem.state
        terms = region.solid.local_terms(
            problem.deformation_gradient_in(region.name),
            problem.fraction(region),
            problem.history(region),
        )
        element = basix.ufl.quadrature_element(
            problem.domain.mesh.basix_cell(), value_shape=terms.ufl_shape, degree=SOLID_DEGREE
        )
        values = PointValues(fem.functionspace(problem.domain.mesh, element))
        cells = problem.domain.cells(region.name)
        values.add(terms, cells)
        blocks = state.guess.function_space.dofmap.list[cells].ravel()
        return values, blocks

    def local_solve(self) -> None:
        """Bring what is not in the forms up to the present fields; collective.

        These are the local solutions of rate laws, the jumps of which bonds know the damage, and
        the area that shares out the current.
        """
        state = self.problem.state
        if state.jump is not None and state.jump_guess is not None:
            state.jump_guess.x.array[:] = state.jump.x.array
        for flow, values, blocks in self._local:
            norm, slope, threshold, resistance = values.evaluate().x.array.reshape(-1, 4)[blocks].T
            dt = float(state.dt.value)
            state.guess.x.array[blocks] = flow.local_solve(norm, slope, threshold, resistance, dt)
        if self._film:
            self._film.local_solve()
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
        # every history depends on the others at the start of the step
        for history in self._solids:
            history.evaluate()
        if self._film:
            self._film.accept()
        self._bonds.accept()
        for history in self._solids:
            history.store()
        state.begin()
        state.dt.value = 0.0
        if self.problem.wetted:
            self.problem.update_flux_area()

    def form_film(self, thickness: float) -> None:
        """Let an SEI of ``thickness`` [um] form on the present surface."""
        if self._film:
            self._film.form(thickness)
