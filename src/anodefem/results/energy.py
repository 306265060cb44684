"""Where the energy goes: what swelling supplies, what is stored, spent, and set free by cracks.

Swelling does the work int (d psi/dx) dx dX on the body. Over a step with the cracks as they were at
its start, it must be what is stored in addition and what is lost in flow; the rest is the error of
the balance, of second order in the step. Then cracks grow at a fixed load: what that takes from the
store beyond the toughness of the cracks is set free. Statics cannot say where it goes (in truth to
sound and heat); it is never negative, and vanishes with the step where cracks grow steadily.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import basix.ufl
import ufl
from dolfinx import fem

from anodefem.model.domain import SOLID_DEGREE
from anodefem.model.history import PointValues
from anodefem.model.problem import BOND, FILM, FILM_DEGREE, SHEET, Problem, compile_form


@dataclass(frozen=True, slots=True)
class _State:
    """Energies [MPa um^3] at one moment of a step.

    Attributes:
        stored: Elastic energy of solids, interfaces, SEI and sheet; that of voids is left out.
        lost: In flow, relaxation and interfaces since the start of the step.
        cracks: Toughness times area of all cracks.
        work: Done by swelling since the moment before.
    """

    stored: float
    lost: float
    cracks: float
    work: float


class EnergyBalance:
    """Follows the energy of a problem through its steps; every method is collective."""

    def __init__(self, problem: Problem, lost: Iterable[Any]) -> None:
        """Compile.

        Args:
            problem: What is solved.
            lost: Compiled forms of what a step loses.
        """
        self._problem, self._lost = problem, tuple(lost)
        self._stored = compile_form(sum(_stored(problem)))
        fracture, crack = problem.fracture, problem.state.crack
        self._cracks = []
        if fracture and crack is not None:
            self._cracks = [
                compile_form(fracture.work(problem.domain, crack, name))
                for name in fracture.toughness
            ]
        self._hosts = problem.storing
        grid = problem.domain.mesh
        element = basix.ufl.quadrature_element(grid.basix_cell(), degree=SOLID_DEGREE)
        space = fem.functionspace(grid, element)
        self._push, self._push_before = PointValues(space), fem.Function(space)
        self._fraction_before = fem.Function(problem.state.c.function_space)
        self._soc_before = fem.Constant(grid, 0.0)
        for region in self._hosts:
            force = problem.responses[region.name].dpsi_dx
            self._push.add(force, problem.domain.cells(region.name))
        self._work = compile_form(sum(self._supplied()))
        self._start = self._loaded = _State(0.0, 0.0, 0.0, 0.0)
        self._keep()

    @property
    def stored(self) -> float:
        """Elastic energy at the start of the step that begins [MPa um^3]."""
        return self._start.stored

    @property
    def cracks(self) -> float:
        """Toughness times area of all cracks then [MPa um^3]."""
        return self._start.cracks

    def _supplied(self) -> Iterable[ufl.Form]:
        """Int mean(d psi/dx) (x - x_before) dX of every host."""
        problem = self._problem
        for region in self._hosts:
            before = self._fraction_before[0] if region.diffuses else self._soc_before
            mean = (problem.responses[region.name].dpsi_dx + self._push_before) / 2
            change = problem.fraction(region) - before
            dx = problem.domain.dx(region.name, degree=SOLID_DEGREE)
            yield mean * change * problem.domain.kinematics.weight * dx

    def _measure(self) -> _State:
        """Read the present state, and let the next work count from it."""
        total, state = self._problem.domain.total, self._problem.state
        now = _State(
            stored=total(self._stored),
            lost=sum(map(total, self._lost)),
            cracks=sum(map(total, self._cracks)),
            work=total(self._work),
        )
        self._push_before.x.array[:] = self._push.evaluate().x.array
        self._fraction_before.x.array[:] = state.c.x.array
        self._soc_before.value = state.soc.value
        return now

    def _keep(self) -> None:
        """Remember from where the work of the step that begins counts."""
        fields = self._push_before, self._fraction_before
        self._kept = [field.x.array.copy() for field in fields], float(self._soc_before.value)

    def start(self) -> None:
        """A step begins from the present state; call when a run begins or goes on."""
        self._start = self._measure()
        self._keep()

    def loaded(self) -> None:
        """The step has been solved with the cracks as they were at its start."""
        self._loaded = self._measure()

    def rewind(self) -> None:
        """The step is taken back; no communication."""
        (push, fraction), self._soc_before.value = self._kept
        self._push_before.x.array[:], self._fraction_before.x.array[:] = push, fraction

    def settle(self) -> tuple[float, float, float]:
        """The step has been solved; call before the state is accepted.

        Returns:
            Work of swelling, error of the balance while the load grew, and what cracks set free
            [MPa um^3].
        """
        start, loaded, end = self._start, self._loaded, self._measure()
        error = loaded.work - (loaded.stored - start.stored) - loaded.lost
        self._keep()
        kept = (end.stored + end.lost + end.cracks) - (loaded.stored + loaded.lost + loaded.cracks)
        self._start = _State(end.stored, 0.0, end.cracks, 0.0)
        return loaded.work + end.work, error, end.work - kept


def _stored(problem: Problem) -> Iterable[ufl.Form]:
    """Elastic energy by part, as forms."""
    weight = problem.domain.kinematics.weight
    for region in problem.regions:
        dx = problem.domain.dx(region.name, degree=SOLID_DEGREE)
        yield problem.responses[region.name].energy * weight * dx
    for place, bond in enumerate(problem.bond_responses):
        yield bond.energy * weight * problem.nodes(BOND + place)
    if problem.film_law:
        energy = problem.film_volume * problem.film_response.energy
        yield energy * weight * problem.surface(FILM, FILM_DEGREE)
    if problem.sheet_law:
        energy = problem.sheet_law.energy(problem.surface_kinematics)
        yield energy * weight * problem.surface(SHEET)
