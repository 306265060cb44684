"""Alternating Schwarz method for displacements where a soft medium fills voids.

The medium is 10^7 times softer than its neighbours until it is squeezed, and multigrid fails on it.
So one cycle of the two-level method runs on the solids alone, with the unknowns inside voids held,
and the voids with one layer of cells around them, whose unknowns are a surface-like number, are
solved by LU before and after it (alternating Schwarz with overlap; Smith, Bjorstad, Gropp 1996).
"""

from __future__ import annotations

from collections.abc import Sequence

from petsc4py import PETSc

import numpy as np
import numpy.typing as npt
from dolfinx import fem, la

from anodefem.fem.domain import Domain
from anodefem.fem.model import Model
from anodefem.fem.periodic import Ties
from anodefem.fem.supports import touched
from anodefem.solve.direct import lu

Blocks = npt.NDArray[np.int32]


class VoidSchwarz:
    """Preconditioner in Python for the displacement block: void, solids, void.

    Attributes:
        stale: It is built anew at its next use.
    """

    def __init__(self, model: Model, matrix: PETSc.Mat, prolongation: PETSc.Mat) -> None:
        """Find the two parts of the body.

        Args:
            model: What is solved.
            matrix: Displacement block.
            prolongation: From linear to quadratic displacements, zero where they are held.
        """
        self.stale = True
        space = model.state["u"].function_space
        linear = fem.functionspace(
            model.domain.mesh, ("Lagrange", 1, (model.domain.mesh.geometry.dim,))
        )
        solids = tuple(region.name for region in model.symbols.regions)
        self._matrix = matrix
        self._near = _numbers(space, around_voids(model))
        self._solid = _numbers(space, _touched(model.domain, space, solids))
        coarse = _numbers(linear, _touched(model.domain, linear, solids))
        self._prolongation = prolongation.createSubMatrix(self._solid, coarse)
        self._near_solver = PETSc.KSP().create(model.domain.comm)
        self._near_solver.setType(PETSc.KSP.Type.PREONLY)
        self._solid_solver = PETSc.KSP().create(model.domain.comm)
        self._solid_solver.setType(PETSc.KSP.Type.PREONLY)
        self._near_matrix: PETSc.Mat | None = None
        self._solid_matrix: PETSc.Mat | None = None

    def _build(self) -> None:
        """Factorise around the voids, and set up the cycle of the solids."""
        whole, former = self._matrix, (self._near_matrix, self._solid_matrix)
        if converted := whole.getType() != PETSc.Mat.Type.SEQAIJ:
            whole = whole.convert("aij", out=PETSc.Mat())
        self._near_matrix = whole.createSubMatrix(self._near, self._near)
        self._solid_matrix = whole.createSubMatrix(self._solid, self._solid)
        if converted:
            # what is dropped on several ranks would stay until the end of the solve
            whole.destroy()
        self._near_solver.setOperators(self._near_matrix)
        lu(self._near_solver.getPC())
        self._near_solver.setUp()
        self._solid_solver.setOperators(self._solid_matrix)
        cycle(
            self._solid_solver.getPC(),
            self._solid_matrix,
            self._prolongation,
            regular(self._solid_matrix.ptap(self._prolongation)),
        )
        self._solid_solver.setUp()
        for matrix in former:
            if matrix:
                matrix.destroy()
        self.stale = False

    def apply(self, preconditioner: PETSc.PC, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """Solve roughly.

        Args:
            preconditioner: Of the displacement block.
            b: Right-hand side.
            x: Solution.
        """
        if self.stale:
            self._build()
        x.set(0.0)
        rest = b.copy()
        parts = (
            (self._near, self._near_solver),
            (self._solid, self._solid_solver),
            (self._near, self._near_solver),
        )
        for place, (where, solver) in enumerate(parts):
            if place:
                self._matrix.mult(x, rest)
                rest.aypx(-1.0, b)
            given = rest.getSubVector(where)
            found = given.duplicate()
            solver.solve(given, found)
            rest.restoreSubVector(where, given)
            own = x.getSubVector(where)
            own.axpy(1.0, found)
            x.restoreSubVector(where, own)
            found.destroy()
        rest.destroy()


def cycle(
    preconditioner: PETSc.PC, fine: PETSc.Mat, prolongation: PETSc.Mat, coarse: PETSc.Mat
) -> PETSc.KSP:
    """Configure one cycle of two levels with three Chebyshev sweeps on the fine one.

    Args:
        preconditioner: To be configured.
        fine: Displacement block.
        prolongation: From coarse to fine displacements.
        coarse: Coarse operator.

    Returns:
        Solver of the coarse level: LU, unless the caller chooses otherwise.
    """
    preconditioner.setOperators(fine)
    preconditioner.setType(PETSc.PC.Type.MG)
    preconditioner.setMGLevels(2)
    preconditioner.setMGInterpolation(1, prolongation)
    smoother = preconditioner.getMGSmoother(1)
    smoother.setType(PETSc.KSP.Type.CHEBYSHEV)
    smoother.setOperators(fine)
    smoother.setTolerances(max_it=3)
    smoother.getPC().setType(PETSc.PC.Type.PBJACOBI)
    solver = preconditioner.getMGCoarseSolve()
    solver.setType(PETSc.KSP.Type.PREONLY)
    solver.setOperators(coarse)
    lu(solver.getPC())
    return solver


def regular(matrix: PETSc.Mat) -> PETSc.Mat:
    """The same matrix with 1 on the diagonal of rows that are zero (held unknowns)."""
    diagonal = matrix.getDiagonal()
    diagonal.array_w[:] = np.where(diagonal.array_r == 0.0, 1.0, diagonal.array_r)
    matrix.setOption(PETSc.Mat.Option.NEW_NONZERO_LOCATION_ERR, False)
    matrix.setDiagonal(diagonal)
    matrix.assemble()
    return matrix


def around_voids(model: Model) -> Blocks:
    """Return the owned blocks of displacements in voids, at their faces, and one layer beyond.

    Args:
        model: What is solved.
    """
    domain, space = model.domain, model.state["u"].function_space
    cells = domain.cells(*domain.manifest.roles.medium)
    for _ in range(2):
        marks = fem.Function(space)
        size = space.dofmap.index_map_bs
        owned = cells[cells < domain.owned_cells]
        marks.x.array.reshape(-1, size)[np.unique(space.dofmap.list[owned])] = 1.0
        marks.x.scatter_reverse(la.InsertMode.add)
        model.ties["u"].unite(marks.x.array)
        marks.x.scatter_forward()
        marked = marks.x.array.reshape(-1, size)[:, 0] > 0.0
        cells = np.flatnonzero(marked[space.dofmap.list].any(axis=1)).astype(np.int32)
    return np.flatnonzero(marked[: space.dofmap.index_map.size_local]).astype(np.int32)


def _touched(domain: Domain, space: fem.FunctionSpace, names: Sequence[str]) -> Blocks:
    """Owned blocks of a space that a cell of some regions touches, on either periodic side."""
    count = space.dofmap.index_map.size_local
    marks = np.repeat(touched(domain, space, names).astype(np.float64), space.dofmap.index_map_bs)
    Ties(domain, space).unite(marks)
    marked = marks.reshape(-1, space.dofmap.index_map_bs)[:count, 0] > 0.0
    return np.flatnonzero(marked).astype(np.int32)


def _numbers(space: fem.FunctionSpace, blocks: Blocks) -> PETSc.IS:
    """Global numbers of owned blocks, as a set that keeps blocks together."""
    first = space.dofmap.index_map.local_range[0]
    size = space.dofmap.index_map_bs
    return PETSc.IS().createBlock(
        size, (blocks + first).astype(PETSc.IntType), comm=space.mesh.comm
    )
