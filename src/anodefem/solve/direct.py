"""The direct linear solver: LU by MUMPS.

A factorisation serves as long as FGMRES with it needs few iterations: it costs as much as ten
solutions or more.
"""

from __future__ import annotations

from typing import ClassVar

from petsc4py import PETSc

import numpy as np

from anodefem.fem.model import Model

#: Reduction of the residual by FGMRES with a former factorisation, iterations after which the next
#: Jacobian is factorised, and those after which the present one is.
LAGGED_RESIDUAL, LAGGED_ITERATIONS, LAGGED_LIMIT = 1e-8, 6, 15
#: Outcomes of FGMRES with the factorisation of the matrix itself whose solution can be taken.
USABLE = (
    PETSc.KSP.ConvergedReason.CONVERGED_RTOL,
    PETSc.KSP.ConvergedReason.CONVERGED_ATOL,
    PETSc.KSP.ConvergedReason.CONVERGED_HAPPY_BREAKDOWN,
    PETSc.KSP.ConvergedReason.DIVERGED_MAX_IT,
)


class Direct:
    """LU by MUMPS, kept from Jacobian to Jacobian while it is a good preconditioner."""

    joined: ClassVar[bool] = True

    def __init__(self, model: Model, matrix: PETSc.Mat, solver: PETSc.KSP) -> None:
        """Configure ``solver`` for ``matrix``.

        Args:
            model: What is solved.
            matrix: The blocks in one matrix.
            solver: Linear solver of the Newton method.
        """
        self._lagged = Lagged(matrix)
        solver.setType(PETSc.KSP.Type.PREONLY)
        solver.getPC().setType(PETSc.PC.Type.PYTHON)
        solver.getPC().setPythonContext(self._lagged)

    def prepare(self, *, anew: bool) -> None:
        """Factorise before the next solve if the last one was slow.

        Args:
            anew: Factorise in any case; see `LinearSolver`.
        """
        self._lagged.prepare(anew=anew)


class Lagged:
    """Solves with a matrix by FGMRES and the factorisation of a former one.

    A preconditioner in Python, as SNES tells those of PETSc to be built anew at every Jacobian.
    """

    def __init__(self, matrix: PETSc.Mat) -> None:
        """Allocate; the first solve factorises.

        Args:
            matrix: Is solved with as it is at the time of a solve.
        """
        self._solver = PETSc.KSP().create(matrix.getComm())
        self._solver.setOperators(matrix)
        self._solver.setType(PETSc.KSP.Type.FGMRES)
        self._solver.setTolerances(rtol=LAGGED_RESIDUAL, atol=0.0, max_it=LAGGED_LIMIT)
        lu(self._solver.getPC())
        self._stale = True

    def prepare(self, *, anew: bool) -> None:
        """The matrix has changed.

        Args:
            anew: Factorise in any case.
        """
        if anew or self._solver.getIterationNumber() > LAGGED_ITERATIONS:
            self._stale = True

    def apply(self, preconditioner: PETSc.PC, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """Solve; what cannot be solved with is not a number.

        Args:
            preconditioner: That of the Newton method.
            b: Right-hand side.
            x: Solution.
        """
        fresh = self._stale
        self._solve(b, x)
        if self._solver.getConvergedReason() <= 0 and not fresh:
            self._stale = True
            self._solve(b, x)
        if self._solver.getConvergedReason() not in USABLE:
            x.set(np.nan)

    def _solve(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        self._solver.getPC().setReusePreconditioner(not self._stale)
        self._solver.solve(b, x)
        self._stale = False


def lu(preconditioner: PETSc.PC) -> None:
    """Configure LU by MUMPS."""
    preconditioner.setType(PETSc.PC.Type.LU)
    preconditioner.setFactorSolverType(PETSc.Mat.SolverType.MUMPS)


def direct(solver: PETSc.KSP) -> None:
    """Configure LU by MUMPS."""
    solver.setType(PETSc.KSP.Type.PREONLY)
    lu(solver.getPC())
