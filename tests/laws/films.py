"""Films at a point that tests of elasticity, flow and rates share."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from anodefem.laws.film import Film, FilmFlowRule, Garofalo, PerfectPlasticity, Perzyna, PlaneStress
from anodefem.laws.membrane import Surface
from tests.laws import states
from tests.laws.point import Array, compiled, symbol
from tests.laws.test_membrane import plane

YOUNG, POISSON, YIELD = 1000.0, 0.3, 30.0  # MPa: the default recipe
NEVER = 1e9
VISCOSITY = 3e5  # MPa s
RATE, REFERENCE = 1e-6, 5.0  # 1/s, MPa
DT = 50.0  # s
Z = np.array([0.0, 0.0, 1.0])
FLAT = plane(Z)

_F, _N, _A, _variation = symbol(3, 3), symbol(3), symbol(3, 3), symbol(3, 3)
_dt, _local_solution = symbol(), symbol()
F, N, Q = states.deformations(), states.normals(), states.rotations()
#: Elastic strains as large as those of the most yielding recipe, 0.35.
LARGE = states.deformations(size=0.2, seed=11)


class Point:
    """A film as numpy functions of (F, N, A, dt): the local solution is found on the way."""

    def __init__(
        self, flow: FilmFlowRule, *, young: float = YOUNG, poisson: float = POISSON
    ) -> None:
        """Compile."""
        self.law = law = Film(young, poisson, flow)
        response = law.respond(Surface(_F, _N), _A, _dt, _local_solution)
        self._trial = compiled(
            ufl.as_vector([response.trial.mean, response.trial.shear_square]), _F, _N, _A
        )
        self._compiled = {
            name: compiled(getattr(response, name), _F, _N, _A, _dt, _local_solution)
            for name in ("stress", "stress_free", "principal", "equivalent", "dissipation", "k")
        }
        work = law.virtual_work(response, _variation)
        self._work = compiled(work, _F, _N, _A, _dt, _local_solution, _variation)
        variable = ufl.variable(_F)
        response = law.respond(Surface(variable, _N), _A, _dt, _local_solution)
        tangent = ufl.diff(law.virtual_work(response, _variation), variable)
        self._tangent = compiled(tangent, _F, _N, _A, _dt, _local_solution, _variation)

    def local_solution(self, F: Array, N: Array, A: Array, dt: float = DT) -> Array:
        """Local solution."""
        trial = self._trial(F, N, A)
        state = PlaneStress(trial[..., 0], trial[..., 1], self.law.young, self.law.poisson)
        return self.law.flow.solve(state, dt)

    def __call__(self, name: str, F: Array, N: Array, A: Array, dt: float = DT) -> Array:
        """Value of an attribute of the response."""
        return self._compiled[name](F, N, A, np.array(dt), self.local_solution(F, N, A, dt))

    def kirchhoff(self, F: Array, N: Array, A: Array, dt: float = DT) -> Array:
        """Kirchhoff stress [MPa]."""
        F = np.asarray(F)
        return np.asarray(F @ self("stress", F, N, A, dt) @ states.transpose(F))

    def work(self, F: Array, N: Array, A: Array, variation: Array, dt: float = DT) -> Array:
        """Virtual work."""
        return self._work(F, N, A, np.array(dt), self.local_solution(F, N, A, dt), variation)

    def tangent(self, F: Array, N: Array, A: Array, variation: Array, dt: float = DT) -> Array:
        """Its derivative by F."""
        return self._tangent(F, N, A, np.array(dt), self.local_solution(F, N, A, dt), variation)


elastic = Point(PerfectPlasticity(NEVER))
films = {
    "yield": Point(PerfectPlasticity(YIELD)),
    "perzyna": Point(Perzyna(YIELD, VISCOSITY)),
    "garofalo": Point(Garofalo(RATE, REFERENCE)),
}
every = pytest.mark.parametrize("film", films.values(), ids=films.keys())


def stretched(*strains: float | Array) -> Array:
    """Logarithmic strains along x and y; what happens across the film does not matter."""
    a, b = np.broadcast_arrays(*strains)
    deformation = np.zeros((*a.shape, 3, 3))
    deformation[..., 0, 0], deformation[..., 1, 1] = np.exp(a), np.exp(b)
    deformation[..., 2, 2] = 0.7
    return deformation


def formed(film: Point, F: Array, N: Array, strain: float = 0.0) -> Array:
    """Stress-free metric of a film that forms there."""
    return compiled(film.law.formed(Surface(_F, _N), strain), _F, _N)(F, N)
