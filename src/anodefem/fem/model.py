"""The discrete problem of one step, assembled from the physics that a case has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from mpi4py import MPI

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.controls import Control
from anodefem.fem.contract import Physics, Rule
from anodefem.fem.domain import MEDIUM_DEGREE, Domain
from anodefem.fem.fields import State
from anodefem.fem.forms import added
from anodefem.fem.periodic import Ties
from anodefem.fem.points import PointValues
from anodefem.fem.supports import supports, untouched
from anodefem.fem.symbols import Symbols
from anodefem.model.regions import Region


class Model:
    """What is solved in every step.

    Attributes:
        symbols: What crosses the physics.
    """

    def __init__(
        self, domain: Domain, regions: Sequence[Region], physics: Sequence[Physics]
    ) -> None:
        """Put physics on a mesh; forms are made when they are asked for.

        Args:
            domain: Mesh.
            regions: Solids with their laws.
            physics: All physics; the order is that of blocks, hooks and columns.
        """
        self.symbols = Symbols(domain, regions, physics)

    @property
    def domain(self) -> Domain:
        """Mesh and groups."""
        return self.symbols.domain

    @property
    def state(self) -> State:
        """Fields and step constants."""
        return self.symbols.state

    @property
    def physics(self) -> tuple[Physics, ...]:
        """All physics."""
        return self.symbols.physics

    def control(self, control: Control) -> None:
        """Impose something else on the electrode from the present moment on; collective.

        Unknowns that jump with it (the potential of the electrode does) take the values that belong
        to the present fields: a step that follows starts from there.

        Args:
            control: What is imposed.

        Raises:
            ValueError: It cannot be imposed: the flux is uniform, and only a current can be given.
        """
        for physics in self.physics:
            physics.control(self.symbols, control)

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """Fields of Newton's system."""
        known = self.state.unknowns.items()
        return tuple(n for n, each in known if each.monolithic and not each.is_global)

    @cached_property
    def borders(self) -> tuple[str, ...]:
        """Unknowns with one value for the whole body: rows and columns around the blocks."""
        return tuple(name for name, each in self.state.unknowns.items() if each.is_global)

    @cached_property
    def residual(self) -> Mapping[str, ufl.Form]:
        """Residual by unknown: linear in its test function, or a number.

        Raises:
            ValueError: An unknown has no equation, or an equation no unknown.
        """
        found: dict[str, list[ufl.Form]] = {}
        for physics in self.physics:
            for block, form in physics.forms(self.symbols).items():
                found.setdefault(block, []).append(form)
        if unmatched := found.keys() ^ self.state.unknowns.keys():
            raise ValueError(f"unknowns and equations do not match: {', '.join(sorted(unmatched))}")
        for name, unknown in self.state.unknowns.items():
            regions = unknown.regions or self.domain.regions
            others = [each for each in self.domain.regions if each not in regions]
            if others:
                # gives every constrained unknown a diagonal entry in the sparsity pattern
                zero = self.symbols.zero * ufl.inner(self.state[name], self.symbols.test(name))
                found[name].append(zero * self.domain.dx_lumped(*others))
        return {name: added(parts) for name, parts in found.items()}

    def derivative(self, row: str, column: str) -> ufl.Form:
        """Derivative of the residual of an unknown by another one.

        For one of the `borders` the row or the column is a number; a form of zeros where the
        residual does not depend on the unknown.

        Args:
            row: Whose residual.
            column: By which unknown.
        """
        form, field = self.residual[row], self.state[column]
        bordered = self.state.unknowns[column].is_global
        if field in form.coefficients():
            return (
                ufl.derivative(form, field, ufl.as_ufl(1.0))
                if bordered
                else (ufl.derivative(form, field))
            )
        factors = [_first(argument) for argument in form.arguments()]
        if not bordered:
            # the number of a trial function is above that of the test function, if there is one
            space = field.function_space
            factors.append(_first(ufl.Argument(space, len(factors))))
        product: Expr = self.symbols.zero
        for factor in factors:
            product = product * factor
        return product * self.domain.dx(self.domain.regions[0], degree=0)

    @cached_property
    def constraints(self) -> dict[str, list[fem.DirichletBC]]:
        """Unknowns that keep the value they have, by name; homogeneous for increments."""
        found: dict[str, list[fem.DirichletBC]] = {name: [] for name in self.state.unknowns}
        for physics in self.physics:
            for held, conditions in physics.constraints(self.symbols).items():
                found[held] += conditions
        for name, unknown in self.state.unknowns.items():
            if unknown.regions is not None:
                found[name].append(fem.dirichletbc(self.state[name], self.inactive_dofs(name)))
        for name, tied in self.ties.items():
            found[name] += tied.held(self.state[name], found[name])
        return found

    @cached_property
    def ties(self) -> dict[str, Ties]:
        """What is the same on periodic sides, by field of Newton's system; collective.

        Raises:
            ValueError: A field has a solver of its own, which knows nothing of them.
        """
        others = {*self.state.unknowns} - {*self.blocks, *self.borders}
        if others and self.domain.periodic:
            raise ValueError(f"not with periodic sides: {', '.join(sorted(others))}")
        return {name: Ties(self.domain, self.state[name].function_space) for name in self.blocks}

    def inactive_dofs(self, name: str) -> npt.NDArray[np.int32]:
        """Blocks of an unknown that no cell of its regions touches, ghosts included."""
        regions = self.state.unknowns[name].regions
        space = self.state[name].function_space
        return untouched(self.domain, space, self.domain.regions if regions is None else regions)

    @cached_property
    def coarse(self) -> tuple[ufl.Form, list[fem.DirichletBC]]:
        """Stiffness between P1 displacements, and their supports: a coarse level for "u"."""
        grid = self.domain.mesh
        space = fem.functionspace(grid, ("Lagrange", 1, (grid.geometry.dim,)))
        residual = self.residual["u"]
        (test,) = residual.arguments()
        linear = ufl.replace(residual, {test: ufl.TestFunction(space)})
        stiffness = ufl.derivative(linear, self.state["u"], ufl.TrialFunction(space))
        held = supports(self.domain, space)
        held += Ties(self.domain, space).held(fem.Function(space), held)
        return stiffness, held


def _first(argument: Expr) -> Expr:
    return argument[0] if argument.ufl_shape else argument


def _rate(name: str) -> str:
    """Key of the rate of a sum at the end of the last step, or in that step."""
    return f"{name}_rate"


class Updates:
    """Everything that a step does beside the forms, for all physics; every method is collective."""

    def __init__(self, model: Model) -> None:
        """Compile.

        Args:
            model: What is solved.
        """
        self.model, s = model, model.symbols
        self._updates = [each for physics in model.physics for each in physics.updates(s)]
        self._integrals = [
            (integral.name, integral.rule, compile_form(integral.form))
            for physics in model.physics
            for integral in physics.integrals(s)
        ]
        for name, _, _ in self._integrals:
            s.sums.setdefault(name, 0.0)
            s.sums.setdefault(_rate(name), 0.0)
        cell = model.domain.mesh.basix_cell()
        element = basix.ufl.quadrature_element(cell, degree=MEDIUM_DEGREE)
        self._volume_ratio = PointValues(fem.functionspace(model.domain.mesh, element))
        # a medium between loose bodies is defined for cells that contact turns inside out, too
        names = [
            name for name in model.domain.regions if name not in model.domain.manifest.roles.loose
        ]
        cells = [model.domain.cells(name) for name in names]
        self._volume_ratio.add(ufl.det(s.F()), np.concatenate(cells))
        points = self._volume_ratio.values.function_space.dofmap.list
        self._points = {name: points[own].ravel() for name, own in zip(names, cells, strict=True)}
        self._every_point = np.concatenate([*self._points.values()])

    def fill(self, before: float, soc: float) -> None:
        """Raise what hosts hold at rest, at the start and at the end of the step.

        Args:
            before: State of charge now [-].
            soc: State of charge that is wanted [-].
        """
        for physics in self.model.physics:
            physics.fill(self.model.symbols, before, soc)

    def initialised(self) -> None:
        """The hosts have been filled to the initial state of charge."""
        for update in self._updates:
            update.initialised()

    def started(self) -> None:
        """The run begins, or goes on after a restart, from the present state."""
        for update in self._updates:
            update.started()

    def protocol_step(self) -> None:
        """A step of the protocol begins."""
        for update in self._updates:
            update.protocol_step()

    def local_solve(self) -> None:
        """Bring what is not in the forms up to the present fields."""
        for update in self._updates:
            update.local_solve()

    def loaded(self) -> None:
        """The step has been solved with staggered unknowns held as at its start."""
        for update in self._updates:
            update.loaded()

    def rejected(self) -> None:
        """The step is taken back."""
        for update in self._updates:
            update.rejected()

    def accumulate(self) -> None:
        """Add what the step just solved has spent and let in; call before `accept`."""
        for update in self._updates:
            update.solved()
        sums, state = self.model.symbols.sums, self.model.state
        dt, weight = float(state.dt.value), float(state.bdf_weight.value)
        for name, rule, form in self._integrals:
            found, before = self.model.domain.total(form), sums[_rate(name)]
            if rule is Rule.TRAPEZOID:
                sums[name] += dt * (before + found) / 2
                sums[_rate(name)] = found
                continue
            if rule is Rule.BALANCE:
                found = weight * found + (1 - weight) * dt * before
            sums[name] += found
            sums[_rate(name)] = found / dt if dt else 0.0

    def accept(self) -> None:
        """Move the histories and the start-of-step fields to the end of the step.

        The step is over, so its length becomes zero: a rate law that is evaluated again (by
        metrics, say) would otherwise flow once more.
        """
        for update in self._updates:
            update.evaluate()
        for update in self._updates:
            update.store()
        self.model.state.begin()
        self.model.state.dt.value = 0.0
        for update in self._updates:
            update.accepted()

    def volume_ratio(self) -> npt.NDArray[np.float64]:
        """J at points of the cells this rank sees, where it must be positive; no communication.

        Everywhere but in voids between loose bodies.
        """
        values: npt.NDArray[np.float64] = self._volume_ratio.evaluate().x.array
        return values[self._every_point]

    def fault(self) -> str | None:
        """Why a step that has been solved cannot be accepted, or None."""
        ratio, comm = self._volume_ratio.evaluate().x.array, self.model.domain.comm
        least = np.array([ratio[points].min(initial=np.inf) for points in self._points.values()])
        comm.Allreduce(MPI.IN_PLACE, least, op=MPI.MIN)
        for name, smallest in zip(self._points, least, strict=True):
            if smallest <= 0:
                return f"an element of '{name}' turned inside out"
        faults = (physics.faults(self.model.symbols) for physics in self.model.physics)
        return next((fault for fault in faults if fault), None)

    def caution(self) -> float:
        """Factor of the length of the next step, at most 1; call before `accept`."""
        return min(physics.caution(self.model.symbols) for physics in self.model.physics)
