"""Linear solvers for the block system."""

from __future__ import annotations

from petsc4py import PETSc


def direct(solver: PETSc.KSP) -> None:
    """Configure LU by MUMPS."""
    solver.setType(PETSc.KSP.Type.PREONLY)
    preconditioner = solver.getPC()
    preconditioner.setType(PETSc.PC.Type.LU)
    preconditioner.setFactorSolverType(PETSc.Mat.SolverType.MUMPS)
