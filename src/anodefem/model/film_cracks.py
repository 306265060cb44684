"""Failure of the SEI facet by facet: its load over its strength, and the history of its cracks."""

from __future__ import annotations

from dataclasses import dataclass

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.laws.film_cracks import ExposedSurface, FilmLoad, FilmRatios, FilmStrength, compare
from anodefem.laws.membrane import SurfaceStrain
from anodefem.model.facets import FacetMeans
from anodefem.model.problem import FILM, FILM_DEGREE, Problem
from anodefem.parallel import reduce

Array = npt.NDArray[np.float64]

#: What can break the film for good; the order of the components of the state's fields.
BREAKING = ("strain", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmState:
    """The film on this rank's facets.

    Attributes:
        ratios: Load over strength.
        stretch: Js, current over reference area.
    """

    ratios: FilmRatios
    stretch: Array

    @property
    def breaking(self) -> Array:
        """Loads of `BREAKING`, shape (facets, 2)."""
        return np.stack([self.ratios.strain, self.ratios.channel], axis=1)


class FilmCriteria:
    """Load of the film over what it bears, in the middle of every facet.

    The substrate is what lies below the facet, at its composition there, as if it were thick; below
    a membrane cage, the material of the cage.
    """

    def __init__(self, problem: Problem) -> None:
        """Compile; collective.

        Args:
            problem: Has a film, and its strength.

        Raises:
            TypeError: It has not.
        """
        if problem.film_law is None or problem.film_strength is None:
            raise TypeError("no surface carries an SEI of known strength")
        self._law, self._strength = problem.film_law, problem.film_strength
        response = problem.film_response
        strain = SurfaceStrain(problem.film_kinematics, problem.film_formation).largest
        values = [
            strain,
            *response.mean_and_half_difference,
            problem.film_kinematics.area_ratio,
            problem.film_volume,
        ]
        self.means = FacetMeans(problem, ufl.as_vector(values), FILM, FILM_DEGREE)
        modulus = ufl.as_vector([_substrate(problem, self.means.cells)])
        self._substrate = FacetMeans(problem, modulus, FILM, FILM_DEGREE)

    @property
    def strength(self) -> FilmStrength:
        """What the film bears."""
        return self._strength

    def evaluate(self) -> FilmState:
        """Compare on this rank's facets; no communication."""
        law = self._law
        strain, mean, half_difference, stretch, volume = self.means.evaluate().T
        # the sum of the elastic strains along the surface, by which it shrinks when cut free
        elastic = np.exp(2 * mean * (1 - law.poisson) / law.young)
        load = FilmLoad(
            mean=mean,
            half_difference=half_difference,
            thickness=volume * elastic / stretch,
            young=law.young,
            poisson=law.poisson,
            substrate=self._substrate.evaluate()[:, 0],
        )
        return FilmState(ratios=compare(load, strain, self._strength), stretch=stretch)


def _substrate(problem: Problem, cells: npt.NDArray[np.int32]) -> Expr:
    """E' below the film [MPa], as UFL on `FILM` facets.

    Args:
        problem: Supplies regions and composition.
        cells: Those that have such a facet, on this rank.
    """
    domain = problem.domain
    space = fem.functionspace(domain.mesh, ("DG", 0))
    own = [np.intersect1d(cells, domain.cells(region.name)) for region in problem.regions]
    touched = reduce(domain.comm, [float(len(each)) for each in own], MPI.SUM)
    rest = fem.Function(space)
    rest.x.array[cells] = 1.0
    modulus: Expr = ufl.as_ufl(0.0)
    for region, below, count in zip(problem.regions, own, touched, strict=True):
        if count == 0.0:
            continue
        here = fem.Function(space)
        here.x.array[below], rest.x.array[below] = 1.0, 0.0
        x, elasticity = problem.fraction(region), region.solid.elasticity
        shear, bulk = elasticity.shear(x), elasticity.bulk(x)
        modulus += here * 4 * shear * (3 * bulk + shear) / (3 * bulk + 4 * shear)
    if sheet := problem.sheet_law:
        modulus += rest * sheet.young / (1 - sheet.poisson**2)
    return modulus


class CrackHistory:
    """Where the film has broken, and what its cracks have laid bare; see `ExposedSurface`."""

    def __init__(self, problem: Problem) -> None:
        """Compile; does not change the state."""
        self._state, self._criteria = problem.state, FilmCriteria(problem)

    def start(self) -> None:
        """Begin with a whole film in its present state; collective."""
        state, film = self._state, self._criteria.evaluate()
        for field in (state.film_broken, state.film_bared):
            field.x.array[:] = 0.0
        self._remember(film)

    def accept(self) -> None:
        """Move on to the end of the step, while that is under way still; collective."""
        state = self._state
        if float(state.film_thickness.value) == 0.0:  # none has formed yet
            return
        film, means = self._criteria.evaluate(), self._criteria.means
        *loads, stretch = self._own(state.film_reached).T
        past = zip(self._own(state.film_broken).T, self._own(state.film_bared).T, strict=True)
        after = [
            ExposedSurface(broken_at=broken_at, area=area).after(
                load=(before, now), stretch=(stretch, film.stretch)
            )
            for (broken_at, area), before, now in zip(past, loads, film.breaking.T, strict=True)
        ]
        means.store(state.film_broken, np.stack([each.broken_at for each in after], axis=1))
        means.store(state.film_bared, np.stack([each.area for each in after], axis=1))
        self._remember(film)

    def _remember(self, film: FilmState) -> None:
        reached = np.column_stack([film.breaking, film.stretch])
        self._criteria.means.store(self._state.film_reached, reached)

    def _own(self, field: fem.Function) -> Array:
        """Values of this rank's facets, shape (facets, components)."""
        size = field.function_space.dofmap.index_map_bs
        return np.asarray(field.x.array.reshape(-1, size)[self._criteria.means.cells])
