"""The contract of a physics: what it may bring to a problem. Everything else is assembled from it.

A physics lives in one file of `anodefem.physics`, or in a plug-in outside the package. It meets
others only through `Symbols`: it offers quantities by region, moves the body by `Motion`, and asks
for what others offer. Every member of `Physics` may stay as it is here: empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.controls import Control
from anodefem.fem.columns import Table, declared
from anodefem.fem.domain import Domain
from anodefem.fem.fields import Memory, Unknown
from anodefem.fem.updates import Update

if TYPE_CHECKING:
    from anodefem.fem.symbols import Symbols

#: In the place of a region: an expression that is right in any cell, and on facets in the cell from
#: which they are seen.
ANYWHERE = "*"

Offered = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """How an unknown moves the body; linear in the unknown.

    Forms in virtual work are written for every motion, so an unknown that moves the body gets the
    balance that belongs to it.

    Attributes:
        unknown: Its name.
        displacement: From the unknown (or a variation of it) and a region (or `ANYWHERE`), the
            displacement [um] it makes there; None if none.
        gradient: Likewise what it adds to the displacement gradient, shape (3, 3), beside the
            gradient of that displacement; None if nothing.
    """

    unknown: str
    displacement: Callable[[Expr, str], Expr | None] = lambda w, region: None
    gradient: Callable[[Expr, str], Expr | None] = lambda w, region: None


class Rule(Enum):
    """How a sum over the accepted steps follows from a form."""

    #: The form is what the step adds.
    INCREMENT = auto()
    #: The form is a rate at the end of the step; its mean over the step counts: second order.
    TRAPEZOID = auto()
    #: The form is what the step adds if the rate at its end holds all through it; weighted like the
    #: storage of a conserved quantity (see `anodefem.physics.diffusion`), so that balances close.
    BALANCE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Integral:
    """What is summed over the accepted steps of a run.

    Attributes:
        name: Key of the sum in `Symbols.sums`.
        form: Of the step under way: histories are those of its start.
        rule: How a step adds to the sum.
        lost: It is mechanical energy that is lost, which the balance of energy asks for; by
            increments.
    """

    name: str
    form: ufl.Form
    rule: Rule = Rule.INCREMENT
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that is reported when it happens, and may end a step of the protocol.

    Attributes:
        kind: Key in run.json.
        level: From the row of metrics by head, how far the event has been passed: above 0 it has
            happened. One that was below 0 is located between the two rows, by a straight line; one
            that was 0 is a switch, and happens at the end of the step.
        message: One sentence, from the row.
        ends_step: It ends the step of the protocol, and may come again; else it is reported once.
        now: The same level, read from a step that has been solved and is not accepted yet: unknowns
            are those of its end, memories those of its start. With it an event that ends a step is
            located: the step is shortened until the level is between 0 and ``tolerance``.
            Collective, the same on every rank.
        tolerance: Largest level at which a located event may be met, in its unit.
    """

    kind: str
    level: Callable[[Mapping[str, float]], float]
    message: Callable[[Mapping[str, float]], str]
    ends_step: bool = False
    now: Callable[[], float] | None = None
    tolerance: float = 1e-6


class Nodes:
    """Nodes of the mesh file, at which point fields are written.

    Attributes:
        space: Scalar Lagrange space of the degree of the cells' shape.
    """

    def __init__(self, domain: Domain) -> None:
        """Make the spaces.

        Args:
            domain: Mesh.
        """
        grid = domain.mesh
        degree = grid.geometry.cmap.degree
        self.space = fem.functionspace(grid, ("Lagrange", degree))
        self._scalar = fem.Function(self.space)

    def values(self, field: fem.Function) -> npt.NDArray[np.float64]:
        """Values of a scalar field at the nodes of this rank, ghosts included."""
        self._scalar.interpolate(field)
        return self._scalar.x.array.copy()

    def zeros(self) -> npt.NDArray[np.float64]:
        """Zero at the nodes of this rank, ghosts included."""
        return np.zeros_like(self._scalar.x.array)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOutput:
    """Fields of the output files.

    Attributes:
        units: Unit of each by name, in the order of the values.
        at_points: Values at the nodes of this rank, shape (names, nodes), NaN where there are none.
        in_cells: Values in the cells of this rank, by name: shape (owned cells,), or
            (owned cells, 6) for a symmetric tensor (xx, yy, zz, xy, yz, xz).
        detailed: Only written when all fields are asked for.
    """

    units: Mapping[str, str]
    at_points: Callable[[Nodes], Sequence[npt.NDArray[np.float64]]] | None = None
    in_cells: Callable[[], Sequence[npt.NDArray[np.float64]]] | None = None
    detailed: bool = False


class Physics:
    """One physics of a problem.

    Attributes:
        name: In messages and in the order of columns.
        field_units: Unit of every output field of this physics, for run.json.
    """

    name: str = ""
    field_units: Mapping[str, str] = {}

    @classmethod
    def of_case(cls, case: Any, domain: Domain) -> Self | None:
        """Return this physics for a case, or None if the case does not have it.

        Asked of what installed packages bring under the entry-point group "anodefem.physics", each
        by a module whose ``PHYSICS`` names the classes.

        Args:
            case: See `anodefem.cases.CheckedCase`.
            domain: Its mesh.
        """
        return cls()

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """Unknowns with their elements and scales."""
        return ()

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Fields that the laws remember from step to step."""
        return ()

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Surfaces by name, as (cell, local facet) pairs of owned cells (see `Domain`)."""
        return {}

    def motions(self, s: Symbols) -> Sequence[Motion]:
        """How its unknowns move the body."""
        return ()

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Offered]]:
        """What it gives to others: quantity -> function that returns its values by region."""
        return {}

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Residual by unknown: linear in its test function, or a number for a global unknown."""
        return {}

    def constraints(self, s: Symbols) -> Mapping[str, Sequence[fem.DirichletBC]]:
        """Unknowns that keep the value they have, by name."""
        return {}

    def updates(self, s: Symbols) -> Sequence[Update]:
        """What it does beside the forms as a run goes on; compiles."""
        return ()

    def energies(self, s: Symbols) -> Iterable[ufl.Form]:
        """Elastic energy that is stored [MPa um^3]."""
        return ()

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """What is summed over the accepted steps."""
        return ()

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Fields of the output files; compiles."""
        return ()

    def events(self, s: Symbols) -> Sequence[Event]:
        """Events that are looked for at the end of every accepted step."""
        return ()

    def fill(self, s: Symbols, before: float, soc: float) -> None:
        """Raise what hosts hold at rest, at the start and at the end of the step.

        Args:
            s: Symbols of the problem.
            before: State of charge now [-].
            soc: State of charge that is wanted [-].
        """

    def control(self, s: Symbols, control: Control) -> None:
        """Impose something else on the electrode from the present moment on; collective.

        Args:
            s: Symbols of the problem.
            control: What is imposed.

        Raises:
            ValueError: It cannot be imposed.
        """

    def faults(self, s: Symbols) -> str | None:
        """Why a step that has been solved cannot be accepted, or None; collective."""
        return None

    def caution(self, s: Symbols) -> float:
        """Factor of the length of the next step, at most 1; collective, before acceptance."""
        return 1.0

    def tables(self, s: Symbols) -> list[Table]:
        """Columns of metrics.csv, from the methods marked by `columns`; compiles."""
        return [Table(found, getattr(self, name)(s)) for name, found in declared(type(self))]
