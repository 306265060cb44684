"""The iterative linear solver: FGMRES with a block Gauss-Seidel preconditioner.

Chemistry by LU where it is small, else see `anodefem.solve.potentials`, then displacement by one
cycle of a two-level method, quadratic over linear elements; beside voids, see
`anodefem.solve.schwarz`. Its iteration count does not depend on the size of the problem; algebraic
multigrid straight on quadratic elements is what fails.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Sequence
from typing import ClassVar

from petsc4py import PETSc

import numpy as np
from dolfinx import fem
from dolfinx.fem.petsc import assemble_matrix, create_matrix, interpolation_matrix

from anodefem.compilation import compile_form
from anodefem.fem.model import Model
from anodefem.fem.periodic import Ties
from anodefem.solve.direct import Lagged, lu
from anodefem.solve.potentials import Potentials
from anodefem.solve.schwarz import VoidSchwarz, cycle
from anodefem.solve.tied import Led, Tied

LOG = logging.getLogger("anodefem")

#: Coarse unknowns up to which LU serves there. Beyond, cycles of algebraic multigrid are cheaper,
#: which go on until the coarse residual has fallen to this part of itself: two to four in a ball,
#: three to eight on the thin ligaments of a sponge, where two alone stall.
COARSE_DIRECT, COARSE_REDUCTION, COARSE_CYCLES = 15_000, 0.1, 30
COARSE_OPTIONS = {
    "pc_gamg_threshold": 0.02,
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_ksp_max_it": 2,
    "mg_levels_pc_type": "pbjacobi",
}
#: Fractions and potentials up to which LU is no dearer than multigrid, for which PETSc needs hypre.
CHEMISTRY_DIRECT = 4_000
HAS_HYPRE = PETSc.Sys.hasExternalPackage("hypre")
#: Reduction with which a solution is taken where iterations stall; Newton's method then needs some
#: iterations more.
USABLE_RESIDUAL = 1e-2
#: Solves after which, and Krylov iterations from which on, the preconditioner is built anew.
SOLVES_PER_PRECONDITIONER, KRYLOV_ITERATIONS_ALLOWED = 12, 20
#: Krylov iterations after which the iterative solver has stalled, and solves for which the direct
#: one then takes over, twice as many at every stall: Jacobians of a step that comes to nothing can
#: be bad for a while, and those after it good.
KRYLOV_LIMIT, SOLVES_AFTER_STALL = 100, 4


class TwoLevel:
    """The iterative solver; owns the coarse level and decides when to rebuild it.

    Where it stalls, the direct one takes over, with a warning.
    """

    joined: ClassVar[bool] = False

    def __init__(self, model: Model, matrix: PETSc.Mat, solver: PETSc.KSP) -> None:
        """Configure ``solver`` for ``matrix``.

        Args:
            model: Supplies spaces, coarse form and supports.
            matrix: Nest of the blocks, or the displacement block alone.
            solver: Linear solver of the Newton method.
        """
        self._model, self._matrix = model, matrix
        form, self._supports = model.coarse
        (self._space, _) = (a.ufl_function_space() for a in form.arguments())
        # linear displacements on periodic sides
        self._led: Led | None = None
        self._tied: Tied | None = None
        if model.domain.periodic:
            first, _ = self._space.dofmap.index_map.local_range
            first *= self._space.dofmap.index_map_bs
            self._led = Led(*Ties(model.domain, self._space).numbers(first))
        self._voids: VoidSchwarz | None = None
        self._potentials: Potentials | None = None
        if not model.domain.manifest.roles.medium:
            self._form = compile_form(form)
            self._coarse = self._whole = create_matrix(self._form)
            self._assemble()
            if self._led:
                self._tied = Tied(self._whole, self._led, self._led)
                self._coarse = self._tied.matrix
        self._uses, self._fresh = 0, True
        self._takes_over, self._direct_left = SOLVES_AFTER_STALL, 0
        self._outer = weakref.proxy(solver)  # which holds this object, beyond Python's sight
        self._direct: Lagged | None = None
        self._joined = PETSc.Mat()
        self._solver = PETSc.KSP().create(matrix.getComm())
        self._solver.setOperators(matrix)
        self._solver.setType(PETSc.KSP.Type.FGMRES)
        if matrix.getType() == PETSc.Mat.Type.NEST:
            self._split(matrix, model.blocks)
        else:
            self._displacement(self._solver.getPC(), matrix)
        solver.setType(PETSc.KSP.Type.PREONLY)
        solver.getPC().setType(PETSc.PC.Type.PYTHON)
        solver.getPC().setPythonContext(self)

    def _split(self, matrix: PETSc.Mat, blocks: Sequence[str]) -> None:
        """Block Gauss-Seidel: the displacement last, all else before it, by LU if it is small."""
        rows = dict(zip(blocks, matrix.getNestISs()[0], strict=True))
        order = [*(name for name in blocks if name != "u"), "u"]
        preconditioner = self._solver.getPC()
        preconditioner.setType(PETSc.PC.Type.FIELDSPLIT)
        preconditioner.setFieldSplitType(PETSc.PC.CompositeType.MULTIPLICATIVE)
        preconditioner.setFieldSplitIS(*((name, rows[name]) for name in order))
        preconditioner.setUp()
        for name, solver in zip(order, preconditioner.getFieldSplitSubKSP(), strict=True):
            solver.setType(PETSc.KSP.Type.PREONLY)
            place = blocks.index(name)
            own = matrix.getNestSubMatrix(place, place)
            if name == "u":
                self._displacement(solver.getPC(), own)
            elif self._large(name, own):
                self._potentials = Potentials(own, own.getBlockSize())
                solver.getPC().setType(PETSc.PC.Type.PYTHON)
                solver.getPC().setPythonContext(self._potentials)
            else:
                lu(solver.getPC())

    def _large(self, name: str, own: PETSc.Mat) -> bool:
        """Whether a block is for multigrid, which knows nothing of unknowns that follow others."""
        large = name == "c" and own.getSize()[0] > CHEMISTRY_DIRECT
        return large and HAS_HYPRE and not self._led

    def _displacement(self, preconditioner: PETSc.PC, fine: PETSc.Mat) -> None:
        """One cycle; where there are voids, on the solids alone.

        Args:
            preconditioner: Of the displacement block.
            fine: This block.
        """
        if self._model.domain.manifest.roles.medium:
            self._voids = VoidSchwarz(self._model, fine, self._prolongation())
            preconditioner.setType(PETSc.PC.Type.PYTHON)
            preconditioner.setPythonContext(self._voids)
            return
        coarse = cycle(preconditioner, fine, self._prolongation(), self._coarse)
        if self._coarse.getSize()[0] > COARSE_DIRECT:
            self._attach_rigid_modes()
            _aggregation(coarse)

    def prepare(self, *, anew: bool) -> None:
        """Decide whether the next solve reuses what is costly; call when blocks change.

        Args:
            anew: Reuse nothing, and forget that iterations have stalled; see `LinearSolver`.
        """
        if anew:
            self._direct, self._takes_over = None, SOLVES_AFTER_STALL
            if self._potentials:
                self._potentials.begin()
        if self._direct:
            self._matrix.convert("aij", out=self._joined)
            self._direct.prepare(anew=False)
            return
        stale = anew or self._uses >= SOLVES_PER_PRECONDITIONER
        stale |= self._solver.getIterationNumber() >= KRYLOV_ITERATIONS_ALLOWED
        if stale:
            self._rebuild()
        self._uses += 1

    def _rebuild(self) -> None:
        self._uses, self._fresh = 0, True
        if self._voids:
            self._voids.stale = True
        else:
            self._assemble()

    def _iterate(self, b: PETSc.Vec, x: PETSc.Vec) -> int:
        """Solve, with what is costly built anew where its former state does not do.

        Args:
            b: Right-hand side.
            x: Solution.

        Returns:
            PETSc's reason why it has ended.
        """
        fresh = self._fresh
        reduction, _, _, _ = self._outer.getTolerances()
        limit = KRYLOV_LIMIT if fresh else KRYLOV_ITERATIONS_ALLOWED
        self._solver.setTolerances(rtol=reduction, max_it=limit)
        self._solver.solve(b, x)
        self._fresh = False
        reason = int(self._solver.getConvergedReason())
        if reason != PETSc.KSP.ConvergedReason.DIVERGED_MAX_IT or fresh:
            return reason
        self._rebuild()
        return self._iterate(b, x)

    def apply(self, preconditioner: PETSc.PC, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """Solve; directly where iterations stall.

        Args:
            preconditioner: That of the Newton method.
            b: Right-hand side.
            x: Solution.
        """
        if self._direct is None:
            reason = self._iterate(b, x)
            if reason == PETSc.KSP.ConvergedReason.DIVERGED_NANORINF:
                x.set(np.nan)
            if reason > 0 or reason == PETSc.KSP.ConvergedReason.DIVERGED_NANORINF:
                return
            if self._solver.getResidualNorm() <= USABLE_RESIDUAL * b.norm():
                return  # less exact than asked for, but Newton's method does not need more
            LOG.warning(
                "warning: the iterative solver stalled after %d iterations; a factorisation takes "
                "over for %d solves. It needs more memory: solver.linear = 'direct' takes it from "
                "the start.",
                self._solver.getIterationNumber(),
                self._takes_over,
            )
            self._direct_left = self._takes_over
            self._takes_over *= 2
            self._matrix.convert("aij", out=self._joined)
            self._direct = Lagged(self._joined)
        self._direct.apply(preconditioner, b, x)
        self._direct_left -= 1
        if self._direct_left == 0:
            self._direct = None

    def _assemble(self) -> None:
        self._whole.zeroEntries()
        assemble_matrix(self._whole, self._form, bcs=self._supports)
        self._whole.assemble()
        if self._tied:
            self._tied.update()

    def _prolongation(self) -> PETSc.Mat:
        """Linear to quadratic displacements; zero in rows and columns of supported unknowns.

        And of those that follow others, whose columns are added to those of the others.
        """
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
        if self._led:
            start, end = fine.getOwnershipRange()
            follows, _ = self._model.ties["u"].numbers(start)
            fine.array_w[follows[(start <= follows) & (follows < end)] - start] = 0.0
        matrix.diagonalScale(fine, coarse)
        return matrix.matMult(_leading(self._led, coarse)) if self._led else matrix

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


def _leading(led: Led, vector: PETSc.Vec) -> PETSc.Mat:
    """Matrix that gives every unknown the value of the one that it follows, or its own.

    Args:
        led: Which follow which.
        vector: Of the unknowns.
    """
    start, end = vector.getOwnershipRange()
    columns = led(np.arange(start, end))
    offsets = np.arange(len(columns) + 1)
    csr = (offsets.astype(PETSc.IntType), columns.astype(PETSc.IntType), np.ones(len(columns)))
    return PETSc.Mat().createAIJ((vector.getSizes(),) * 2, csr=csr, comm=vector.getComm())


def _aggregation(coarse: PETSc.KSP) -> None:
    """Configure cycles of algebraic multigrid for the coarse level.

    Args:
        coarse: Its solver.
    """
    coarse.setType(PETSc.KSP.Type.FGMRES)
    coarse.setTolerances(rtol=COARSE_REDUCTION, max_it=COARSE_CYCLES)
    coarse.setOptionsPrefix("anodefem_coarse_")
    options = PETSc.Options("anodefem_coarse_")
    for name, value in COARSE_OPTIONS.items():
        options[name] = value
    coarse.getPC().setType(PETSc.PC.Type.GAMG)
    coarse.setFromOptions()


def _orthonormalise(vectors: list[PETSc.Vec]) -> None:
    """Gram-Schmidt, in place."""
    for i, vector in enumerate(vectors):
        for former in vectors[:i]:
            vector.axpy(-vector.dot(former), former)
        vector.normalize()
