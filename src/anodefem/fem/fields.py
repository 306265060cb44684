"""Everything that changes during a run, as named fields with flags.

An unknown stands for its value at the end of the step; its value at the start of the step and the
memories change only when a step is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem

from anodefem.fem.domain import Domain

#: Element of a quantity with one value for the whole body. It is kept as one and the same value in
#: every cell, so that forms, checkpoint and predictor treat it as they treat a field.
GLOBAL = ("DG", 0)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A field, or one number for the whole body, that an equation determines.

    Attributes:
        name: Key in `State`, of its block of equations, and in checkpoints.
        element: What `dolfinx.fem.functionspace` takes; or `GLOBAL`.
        scales: Size of an increment that counts as 1 in Newton's test of convergence, by component;
            infinite for a component whose increments say nothing.
        step_weights: Weights of the change of each component over a step in the control of the
            length of steps; 0 for those that are not asked.
        error_weights: Weights of the error in time of each component in that control; 0 for those
            that have no rate of their own, such as potentials. Only unknowns that are predicted
            can have them.
        regions: Where its equation holds; elsewhere it keeps its value. None for everywhere.
        predicted: It is extrapolated from its rate at the start of a step.
        monolithic: It belongs to Newton's system; else a solver of its own alternates with that.
    """

    name: str
    element: Any
    scales: tuple[float, ...]
    step_weights: tuple[float, ...] = ()
    error_weights: tuple[float, ...] = ()
    regions: tuple[str, ...] | None = None
    predicted: bool = True
    monolithic: bool = True

    @property
    def is_global(self) -> bool:
        """One number for the whole body."""
        return self.element is GLOBAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A field that the laws remember from step to step.

    Attributes:
        name: Key in `State` and in checkpoints.
        element: What `dolfinx.fem.functionspace` takes.
        initial: Value at the start of a run, by component, repeated as often as it fits.
        carried: A rejected step gives it back.
        stored: A run can only go on with it: it is part of checkpoints.
    """

    name: str
    element: Any
    initial: tuple[float, ...] = (0.0,)
    carried: bool = True
    stored: bool = True


def at_points(domain: Domain, *shape: int) -> Any:
    """Return the element of values at the quadrature points of solids.

    Args:
        domain: Mesh.
        shape: Of one value.
    """
    cell = domain.mesh.basix_cell()
    if not shape:
        return basix.ufl.quadrature_element(cell, degree=domain.solid_degree)
    return basix.ufl.quadrature_element(cell, value_shape=shape, degree=domain.solid_degree)


class State:
    """Unknowns, memories and the constants of a step.

    Attributes:
        unknowns: By name, in the order of the blocks.
        dt: Length of the step [s].
        soc: State of charge at the end of the step [-]: the fraction of uniform hosts.
        charging: Charging rate of the diffusing hosts [1/s], positive when lithiating.
        bdf_weight: Part of the change of a conserved quantity over the step that follows from the
            fluxes at its end; the rest follows from its rate over the step before. 1 is backward
            Euler.
        tangent_fraction: Share of the growth of damage of interfaces that enters the tangent (see
            `anodefem.laws.cohesive`).
    """

    def __init__(
        self, domain: Domain, unknowns: Iterable[Unknown], memories: Iterable[Memory]
    ) -> None:
        """Make all fields, with the unknowns zero and the memories as they begin.

        Args:
            domain: Mesh.
            unknowns: Of all physics.
            memories: Of all physics.
        """
        grid = domain.mesh
        self.unknowns: Mapping[str, Unknown] = {each.name: each for each in unknowns}
        self._memories = {each.name: each for each in memories}
        self._now: dict[str, fem.Function] = {}
        self._start: dict[str, fem.Function] = {}
        self._rate: dict[str, fem.Function] = {}
        self._bend: dict[str, fem.Function] = {}
        for name, unknown in self.unknowns.items():
            space = fem.functionspace(grid, unknown.element)
            self._now[name], self._start[name] = fem.Function(space), fem.Function(space)
            if unknown.predicted:
                self._rate[name], self._bend[name] = fem.Function(space), fem.Function(space)
        for name, memory in self._memories.items():
            field = fem.Function(fem.functionspace(grid, memory.element))
            field.x.array[:] = np.resize(memory.initial, field.x.array.size)
            self._now[name] = field

        def number(value: float) -> fem.Constant:
            return fem.Constant(grid, default_scalar_type(value))

        self.dt, self.soc, self.charging = number(0.0), number(0.0), number(0.0)
        self.bdf_weight, self.tangent_fraction = number(1.0), number(1.0)

    def __getitem__(self, name: str) -> fem.Function:
        """An unknown at the end of the step, or a memory."""
        return self._now[name]

    def __contains__(self, name: str) -> bool:
        """Whether there is such a field."""
        return name in self._now

    def start(self, name: str) -> fem.Function:
        """An unknown at the start of the step."""
        return self._start[name]

    def rate(self, name: str) -> fem.Function:
        """Mean rate of a predicted unknown over the last accepted step [1/s]."""
        return self._rate[name]

    def value(self, name: str) -> float:
        """Value of a quantity with one value for the whole body, as this rank sees it.

        On a rank without cells it is 0 and means nothing; see `Symbols.value`.
        """
        return float(self._now[name].x.array[:1].sum())

    def set_value(self, name: str, value: float) -> None:
        """Set a quantity that has one value for the whole body.

        Args:
            name: Of the field.
            value: On every rank.
        """
        self._now[name].x.array[:] = value

    def stored(self) -> dict[str, fem.Function]:
        """Fields from which a run can go on, by name."""
        kept = {n: self._now[n] for n in self.unknowns}
        kept |= {n: self._now[n] for n, memory in self._memories.items() if memory.stored}
        kept |= {f"{name}_rate": rate for name, rate in self._rate.items()}
        return kept | {f"{name}_bend": bend for name, bend in self._bend.items()}

    def snapshot(self) -> dict[str, Array]:
        """Copy of the fields that a rejected step gives back, this rank's part with ghosts."""
        carried = [n for n, memory in self._memories.items() if memory.carried]
        return {name: self._now[name].x.array.copy() for name in (*self.unknowns, *carried)}

    def restore(self, values: Mapping[str, Array]) -> None:
        """Undo everything since a `snapshot`."""
        for name, array in values.items():
            self._now[name].x.array[:] = array
        self.begin()

    def begin(self) -> None:
        """Let the next step start from the present unknowns."""
        for name, start in self._start.items():
            start.x.array[:] = self._now[name].x.array

    def predict(self, time: float, before: float = 0.0) -> None:
        """Extrapolate unknowns from the start of the step; see `departure`.

        Args:
            time: How far [s].
            before: Length of the step before [s]; 0 to go straight on.
        """
        for name, rate in self._rate.items():
            self._now[name].x.array[:] = self._start[name].x.array + time * rate.x.array
            if before:
                self._now[name].x.array[:] += time * (time + before) * self._bend[name].x.array

    def departure(self, name: str, before: float) -> Array:
        """By how much an unknown at the end of the step differs from its extrapolation.

        That is the parabola through its last three values, by Newton's divided differences.

        Args:
            name: Of an unknown that is predicted.
            before: Length of the step before [s].
        """
        dt = float(self.dt.value)
        gone = dt * self._rate[name].x.array + dt * (dt + before) * self._bend[name].x.array
        change: Array = self._now[name].x.array - self._start[name].x.array - gone
        return change

    def find_rates(self, before: float) -> None:
        """Set rates, and how they change, from the step that is solved and not accepted yet.

        Args:
            before: Length of the step before [s]; 0 if rates jump between the two.
        """
        dt = float(self.dt.value)
        for name, rate in self._rate.items():
            new = (self._now[name].x.array - self._start[name].x.array) / dt
            bend = self._bend[name].x.array
            bend[:] = (new - rate.x.array) / (dt + before) if before else 0.0
            rate.x.array[:] = new

    def change(self) -> float:
        """Largest weighted change of unknowns in the step on this rank; no communication."""
        largest = 0.0
        for name, unknown in self.unknowns.items():
            if any(unknown.step_weights):
                change = self._now[name].x.array - self._start[name].x.array
                parts = np.abs(change.reshape(-1, len(unknown.step_weights)))
                largest = max(largest, float((parts * unknown.step_weights).max(initial=0.0)))
        return largest
