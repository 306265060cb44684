"""Preconditioner of fractions and potentials whose cost is in proportion to their number.

The equation of a fraction is A x + B mu = f with weighted mass matrices A and B, and the balance
C x + K mu = g with transport in a step as K. Some sweeps solve with A. In

    (K - C A^-1 B) mu = g - C A^-1 f,    x = A^-1 (f - B mu),

the product A^-1 B is nearly a number at each node, the ratio of the row sums of B and A. So what is
left is a diffusion equation with the pattern of K, for algebraic multigrid, and a few iterations of
FGMRES repair what the ratio misses. Where two phases part, A is no mass matrix and the equation
none of diffusion: a factorisation takes over where iterations do not converge.
"""

from __future__ import annotations

import logging

from petsc4py import PETSc

from anodefem.solve.direct import lu

LOG = logging.getLogger("anodefem")

#: Reduction of the residual; more of it saves no iteration of the solver around it.
REDUCTION = 1e-2
#: What keeps the levels of BoomerAMG sparse in three dimensions. Aggregation, PETSc's GAMG, takes
#: four to six times the iterations where a step is long.
COARSENING = {"coarsen_type": "HMIS", "interp_type": "ext+i", "P_max": 4}
#: Bounds of the eigenvalues of a mass matrix over its diagonal on triangles and tetrahedra, 1/2 and
#: 5/2 (Wathen, IMA Journal of Numerical Analysis 7 (1987) 449), and sweeps that leave 4 %.
MASS_BOUNDS, MASS_SWEEPS = "0.45,2.6", 4
#: Iterations after which a factorisation is the better one.
LIMIT = 30


class Potentials:
    """Preconditioner in Python for the block of fractions and potentials.

    Attributes:
        iterations: Of the last solve by iterations.
    """

    def __init__(self, matrix: PETSc.Mat, components: int) -> None:
        """Allocate.

        Args:
            matrix: Fractions and the potential of every node, the potential last.
            components: Their number.
        """
        self._told = self._direct = False
        self.iterations = 0
        self._eliminated = _Eliminated(matrix, components)
        self._iterations = PETSc.KSP().create(matrix.getComm())
        self._iterations.setOperators(matrix)
        self._iterations.setType(PETSc.KSP.Type.FGMRES)
        self._iterations.setTolerances(rtol=REDUCTION, atol=0.0, max_it=LIMIT)
        self._iterations.getPC().setType(PETSc.PC.Type.PYTHON)
        self._iterations.getPC().setPythonContext(self._eliminated)
        self._factorised = PETSc.KSP().create(matrix.getComm())
        self._factorised.setOperators(matrix)
        self._factorised.setType(PETSc.KSP.Type.PREONLY)
        lu(self._factorised.getPC())

    def begin(self) -> None:
        """Forget that iterations did not converge: a step begins."""
        self._direct = False

    def apply(self, preconditioner: PETSc.PC, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """Solve roughly; exactly where that does not converge.

        Args:
            preconditioner: Of the block.
            b: Right-hand side.
            x: Solution.
        """
        if not self._direct:
            self._iterations.solve(b, x)
            self.iterations = self._iterations.getIterationNumber()
            if self._iterations.getConvergedReason() > 0:
                return
            self._direct = True
            if not self._told:
                self._told = True
                LOG.info(
                    "multigrid on potentials does not converge; a factorisation takes over in "
                    "steps where it does not."
                )
        self._factorised.solve(b, x)


class _Eliminated:
    """Preconditioner in Python: fractions eliminated, multigrid on what is left."""

    def __init__(self, matrix: PETSc.Mat, components: int) -> None:
        """Find the rows.

        Args:
            matrix: See `Potentials`.
            components: See `Potentials`.
        """
        first, last = matrix.getOwnershipRange()
        count, comm = (last - first) // components, matrix.getComm()
        *fractions, potential = (
            PETSc.IS().createStride(count, first + i, components, comm=comm)
            for i in range(components)
        )
        self._matrix, self._fractions, self._potential = matrix, fractions, potential
        self._solver = PETSc.KSP().create(comm)
        self._solver.setType(PETSc.KSP.Type.PREONLY)
        self._solver.setOptionsPrefix("anodefem_potentials_")
        options = PETSc.Options("anodefem_potentials_pc_hypre_boomeramg_")
        for name, value in COARSENING.items():
            options[name] = value
        self._blocks: list[tuple[PETSc.KSP, PETSc.Mat, PETSc.Mat]] = []

    def setUp(self, preconditioner: PETSc.PC) -> None:
        """The matrix has changed.

        Args:
            preconditioner: Of the iterations around it.
        """
        whole, mu = self._matrix, self._potential
        left = whole.createSubMatrix(mu, mu)
        self._blocks = []
        for rows in self._fractions:
            own, to, back = (
                whole.createSubMatrix(*places) for places in ((rows, rows), (rows, mu), (mu, rows))
            )
            sums, ratio = own.createVecLeft(), own.createVecLeft()
            own.getRowSum(sums)
            to.getRowSum(ratio)
            ratio.pointwiseDivide(ratio, sums)
            slope = back.copy()
            slope.diagonalScale(None, ratio)
            left.axpy(-1.0, slope, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
            slope.destroy()
            self._blocks.append((_mass(own), to, back))
        self._solver.setOperators(left)
        self._solver.getPC().setType(PETSc.PC.Type.HYPRE)
        self._solver.getPC().setHYPREType("boomeramg")
        self._solver.setFromOptions()
        self._solver.setUp()

    def apply(self, preconditioner: PETSc.PC, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """Solve roughly.

        Args:
            preconditioner: Of the iterations around it.
            b: Right-hand side.
            x: Solution.
        """
        given = b.getSubVector(self._potential)
        balance, mu = given.copy(), given.duplicate()
        b.restoreSubVector(self._potential, given)
        parts = []
        for rows, (mass, _, back) in zip(self._fractions, self._blocks, strict=True):
            part = b.getSubVector(rows)
            own, found = part.copy(), part.duplicate()
            b.restoreSubVector(rows, part)
            mass.solve(own, found)
            back.mult(found, mu)
            balance.axpy(-1.0, mu)
            parts.append(own)
        self._solver.solve(balance, mu)
        place = x.getSubVector(self._potential)
        mu.copy(place)
        x.restoreSubVector(self._potential, place)
        for rows, own, (mass, to, _) in zip(self._fractions, parts, self._blocks, strict=True):
            rest = own.duplicate()
            to.mult(mu, rest)
            rest.aypx(-1.0, own)
            place = x.getSubVector(rows)
            mass.solve(rest, place)
            x.restoreSubVector(rows, place)


def _mass(matrix: PETSc.Mat) -> PETSc.KSP:
    """Return what solves roughly with a weighted mass matrix.

    Args:
        matrix: Of linear elements.
    """
    solver = PETSc.KSP().create(matrix.getComm())
    solver.setOptionsPrefix("anodefem_mass_")
    PETSc.Options("anodefem_mass_")["ksp_chebyshev_eigenvalues"] = MASS_BOUNDS
    solver.setOperators(matrix)
    solver.setType(PETSc.KSP.Type.CHEBYSHEV)
    solver.setFromOptions()
    solver.setNormType(PETSc.KSP.NormType.NONE)
    solver.setTolerances(max_it=MASS_SWEEPS)
    solver.getPC().setType(PETSc.PC.Type.JACOBI)
    return solver
