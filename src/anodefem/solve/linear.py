"""Linear solvers for the block system.

"direct" is LU by MUMPS. "iterative" is FGMRES with a block Gauss-Seidel preconditioner: chemistry
by LU (it is small), then displacement by one cycle of a two-level method, quadratic over linear
elements. Its iteration count does not depend on the size of the problem; algebraic multigrid
straight on quadratic elements is what fails.

A solver of one's own is a module with a class ``SOLVER`` that fulfils `LinearSolver`, offered by an
installed package under the entry-point group "anodefem.linear_solvers"; the entry point's name is
that of ``solver.linear``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.petsc import assemble_matrix, create_matrix, interpolation_matrix

from anodefem import registry
from anodefem.cases.solver import LINEAR_ENTRY_POINTS
from anodefem.compilation import compile_form
from anodefem.fem.model import Model

#: Coarse unknowns up to which LU is cheaper than algebraic multigrid.
COARSE_DIRECT = 60_000
#: Reduction of the residual in one linear solve; four digits cost no more Newton iterations.
RESIDUAL = 1e-4
#: Solves after which, and Krylov iterations from which on, the preconditioner is built anew.
SOLVES_PER_PRECONDITIONER, KRYLOV_ITERATIONS_ALLOWED = 12, 20


class LinearSolver(Protocol):
    """Solves with the Jacobian of the blocks.

    Attributes:
        joined: The blocks are to be joined to one matrix; else it gets a nest of them.
    """

    joined: ClassVar[bool]

    def __init__(self, model: Model, matrix: PETSc.Mat, solver: PETSc.KSP) -> None:
        """Configure ``solver`` for ``matrix``."""

    def prepare(self) -> None:
        """The matrix has changed."""


class Direct:
    """LU by MUMPS."""

    joined: ClassVar[bool] = True

    def __init__(self, model: Model, matrix: PETSc.Mat, solver: PETSc.KSP) -> None:
        """Configure ``solver`` for ``matrix``.

        Args:
            model: What is solved.
            matrix: The blocks in one matrix.
            solver: Linear solver of the Newton method.
        """
        direct(solver)

    def prepare(self) -> None:
        """Nothing to do: every matrix is factorised anew."""


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


def direct(solver: PETSc.KSP) -> None:
    """Configure LU by MUMPS."""
    solver.setType(PETSc.KSP.Type.PREONLY)
    _factorise(solver.getPC())


def _factorise(preconditioner: PETSc.PC) -> None:
    preconditioner.setType(PETSc.PC.Type.LU)
    preconditioner.setFactorSolverType(PETSc.Mat.SolverType.MUMPS)


class TwoLevel:
    """The iterative solver; owns the coarse level and decides when to rebuild it."""

    joined: ClassVar[bool] = False

    def __init__(self, model: Model, matrix: PETSc.Mat, solver: PETSc.KSP) -> None:
        """Configure ``solver`` for ``matrix``.

        Args:
            model: Supplies spaces, coarse form and supports.
            matrix: Nest of the blocks, or the displacement block alone.
            solver: Linear solver of the Newton method.
        """
        self._model, self._solver = model, solver
        form, self._supports = model.coarse
        self._form = compile_form(form)
        self._coarse = create_matrix(self._form)
        (self._space, _) = (a.ufl_function_space() for a in form.arguments())
        self._assemble()
        self._uses = 0
        solver.setType(PETSc.KSP.Type.FGMRES)
        solver.setTolerances(rtol=RESIDUAL, max_it=100)
        solver.setOperators(matrix)
        if matrix.getType() == PETSc.Mat.Type.NEST:
            self._split(matrix, model.blocks)
        else:
            self._two_level(solver.getPC(), matrix)

    def _split(self, matrix: PETSc.Mat, blocks: Sequence[str]) -> None:
        """Block Gauss-Seidel: the displacement last, all else by LU before it."""
        rows = dict(zip(blocks, matrix.getNestISs()[0], strict=True))
        order = [*(name for name in blocks if name != "u"), "u"]
        preconditioner = self._solver.getPC()
        preconditioner.setType(PETSc.PC.Type.FIELDSPLIT)
        preconditioner.setFieldSplitType(PETSc.PC.CompositeType.MULTIPLICATIVE)
        preconditioner.setFieldSplitIS(*((name, rows[name]) for name in order))
        preconditioner.setUp()
        for name, solver in zip(order, preconditioner.getFieldSplitSubKSP(), strict=True):
            solver.setType(PETSc.KSP.Type.PREONLY)
            if name != "u":
                _factorise(solver.getPC())
                continue
            place = blocks.index(name)
            self._two_level(solver.getPC(), matrix.getNestSubMatrix(place, place))

    def _two_level(self, preconditioner: PETSc.PC, fine: PETSc.Mat) -> None:
        """Multigrid of two levels with three Chebyshev sweeps on the fine one."""
        preconditioner.setOperators(fine)
        preconditioner.setType(PETSc.PC.Type.MG)
        preconditioner.setMGLevels(2)
        preconditioner.setMGInterpolation(1, self._prolongation())
        smoother = preconditioner.getMGSmoother(1)
        smoother.setType(PETSc.KSP.Type.CHEBYSHEV)
        smoother.setOperators(fine)
        smoother.setTolerances(max_it=3)
        smoother.getPC().setType(PETSc.PC.Type.PBJACOBI)
        coarse = preconditioner.getMGCoarseSolve()
        coarse.setType(PETSc.KSP.Type.PREONLY)
        coarse.setOperators(self._coarse)
        if self._coarse.getSize()[0] <= COARSE_DIRECT:
            _factorise(coarse.getPC())
        else:
            self._attach_rigid_modes()
            coarse.getPC().setType(PETSc.PC.Type.GAMG)

    def prepare(self) -> None:
        """Decide whether the next solve reuses the preconditioner; call when blocks change."""
        stale = self._uses >= SOLVES_PER_PRECONDITIONER
        stale |= self._solver.getIterationNumber() >= KRYLOV_ITERATIONS_ALLOWED
        if stale or self._uses == 0:
            self._assemble()
            self._uses = 0
        self._solver.getPC().setReusePreconditioner(self._uses > 0)
        self._uses += 1

    def _assemble(self) -> None:
        self._coarse.zeroEntries()
        assemble_matrix(self._coarse, self._form, bcs=self._supports)
        self._coarse.assemble()

    def _prolongation(self) -> PETSc.Mat:
        """Linear to quadratic displacements; zero in rows and columns of supported unknowns."""
        grid = self._model.domain.mesh
        size = grid.geometry.dim
        scalar = interpolation_matrix(
            fem.functionspace(grid, ("Lagrange", 1)), fem.functionspace(grid, ("Lagrange", 2))
        )
        scalar.assemble()
        offsets, columns, values = scalar.getValuesCSR()
        counts = np.repeat(np.diff(offsets), size)
        # row i of the scalar matrix becomes rows size i + k with columns size j + k
        parts = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        order = np.argsort(
            (parts[None, :] * size + np.arange(size)[:, None]).ravel(), kind="stable"
        )
        wide = (columns[None, :] * size + np.arange(size)[:, None]).ravel()[order]
        data = np.tile(values, size)[order]
        (rows, _), (cols, _) = scalar.getSizes()
        layout = ((rows * size, PETSc.DETERMINE), (cols * size, PETSc.DETERMINE))
        starts = np.concatenate([[0], np.cumsum(counts)])
        csr = (starts.astype(PETSc.IntType), wide.astype(PETSc.IntType), data)
        matrix = PETSc.Mat().createAIJ(layout, csr=csr, comm=self._model.domain.comm)
        scalar.destroy()
        coarse, fine = matrix.createVecs()
        for vector, supports in ((fine, self._model.constraints["u"]), (coarse, self._supports)):
            vector.set(1.0)
            for support in supports:
                dofs, owned = support.dof_indices()
                vector.array_w[dofs[:owned]] = 0.0
        matrix.diagonalScale(fine, coarse)
        return matrix

    def _attach_rigid_modes(self) -> None:
        """Tell algebraic multigrid about translations and rotations; three dimensions only."""
        points = self._space.tabulate_dof_coordinates()
        owned = self._space.dofmap.index_map.size_local
        points = points[:owned]
        axes = np.eye(3)
        modes = [np.tile(axis, (owned, 1)) for axis in axes]
        modes += [np.cross(axis, points) for axis in axes]
        vectors = [self._coarse.createVecLeft() for _ in modes]
        for vector, mode in zip(vectors, modes, strict=True):
            vector.array_w[:] = mode.ravel()
        _orthonormalise(vectors)
        self._coarse.setNearNullSpace(PETSc.NullSpace().create(vectors=vectors))


def _orthonormalise(vectors: list[PETSc.Vec]) -> None:
    """Gram-Schmidt, in place."""
    for i, vector in enumerate(vectors):
        for former in vectors[:i]:
            vector.axpy(-vector.dot(former), former)
        vector.normalize()
