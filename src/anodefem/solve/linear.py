"""Linear solvers for the block system: "direct" and "iterative", and those of other packages.

A solver of one's own is a module with a class ``SOLVER`` that fulfils `LinearSolver`, offered by an
installed package under the entry-point group "anodefem.linear_solvers"; the entry point's name is
that of ``solver.linear``.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from petsc4py import PETSc

from anodefem import registry
from anodefem.cases.solver import LINEAR_ENTRY_POINTS
from anodefem.fem.model import Model
from anodefem.solve.direct import Direct
from anodefem.solve.two_level import TwoLevel

#: Reduction of the residual in one linear solve; four digits cost no more Newton iterations.
RESIDUAL = 1e-4


class LinearSolver(Protocol):
    """Solves with the Jacobian of the blocks.

    Attributes:
        joined: The blocks are to be joined to one matrix; else it gets a nest of them.
    """

    joined: ClassVar[bool]

    def __init__(self, model: Model, matrix: PETSc.Mat, solver: PETSc.KSP) -> None:
        """Configure ``solver`` for ``matrix``."""

    def prepare(self, *, anew: bool) -> None:
        """The matrix has changed.

        Args:
            anew: It is the first of a step. Nothing may remain of what served in former steps, as
                a run that goes on from a checkpoint has none of it, and would differ.
        """


def find(name: str) -> type[LinearSolver]:
    """Return a linear solver.

    Args:
        name: "direct", "iterative" or that of an entry point.

    Raises:
        InputError: A package offers something that cannot be imported.
    """
    known: dict[str, type[LinearSolver]] = {"direct": Direct, "iterative": TwoLevel}
    if name in known:
        return known[name]
    solver: type[LinearSolver] = registry.installed(LINEAR_ENTRY_POINTS)[name].SOLVER
    return solver
