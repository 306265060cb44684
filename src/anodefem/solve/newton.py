"""Newton's method for the block system, on PETSc's SNES.

One vector holds, on each rank, the owned unknowns of every block one after the other. Line search
is "basic" (full steps), because the blocks differ too much in scale for a merit function; instead a
step is halved until no point loses more than 80 % of its volume.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import numpy.typing as npt
from dolfinx import la
from dolfinx.fem import assemble_vector
from dolfinx.fem.petsc import assemble_matrix, create_matrix

from anodefem.model.history import Updates
from anodefem.model.problem import Problem, compile_form
from anodefem.parallel import reduce
from anodefem.solve import linear

#: Smallest ratio of J after to J before an iteration.
VOLUME_KEPT = 0.2
HALVINGS = 8
#: Share of the growth of damage of interfaces that enters the tangent, and from which iteration on:
#: bonds at the peak of their law go to and fro between its branches else.
TRUST, PATIENCE, WARY = 0.9, 4, 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a solve went.

    Attributes:
        converged: All increments fell below the tolerance.
        iterations: Newton iterations.
        reason: PETSc's reason, in words.
        residuals: Norm of each block's residual at the end.
    """

    converged: bool
    iterations: int
    reason: str
    residuals: tuple[float, ...]


class Newton:
    """Solves for the end of a step; keeps matrices and factorisation between calls."""

    def __init__(
        self,
        problem: Problem,
        updates: Updates,
        *,
        tolerance: float = 1e-8,
        iterations: int = 15,
        iterative: bool = False,
    ) -> None:
        """Compile forms and allocate.

        Args:
            problem: What to solve.
            updates: Local solves and the volume guard.
            tolerance: Largest last increment: of the displacement relative to the size of the
                body, of the lithium fraction absolute.
            iterations: Newton iterations after which a step counts as failed.
            iterative: Use `linear.TwoLevel` instead of a factorisation.
        """
        self.problem, self.updates = problem, updates
        self.comm = problem.domain.comm
        self._residual = [compile_form(form) for form in problem.residual]
        self._jacobian = [[compile_form(form) for form in row] for row in problem.jacobian]
        maps = [f.function_space.dofmap for f in problem.fields]
        self._sizes = [m.index_map.size_local * m.index_map_bs for m in maps]
        self._vectors = [la.vector(m.index_map, m.index_map_bs) for m in maps]
        offsets = np.concatenate([[0], np.cumsum(self._sizes)])
        self._slices = [slice(a, b) for a, b in pairwise(offsets)]
        self._held = self._held_dofs()
        self._tolerance = tolerance
        x = problem.domain.mesh.geometry.x
        size = self.comm.allreduce(float(np.abs(x).max(initial=0.0)), op=MPI.MAX)
        #: Largest increment over the tolerance, by block.
        self._scales = [size] + [1.0] * bool(problem.diffusing)
        if problem.state.jump is not None:
            self._scales.append(min(size, problem.smallest_opening))
        self._blocks = [[create_matrix(a) for a in row] for row in self._jacobian]
        if iterative:
            # products with 3 x 3 blocks are two to four times faster
            self._blocks[0][0] = create_matrix(self._jacobian[0][0], "baij")
        self._nest = PETSc.Mat().createNest(self._blocks, comm=self.comm)
        self._x, self._r = self._nest.createVecs()
        self._assemble_blocks()
        self._matrix = self._blocks[0][0] if len(self._blocks) == 1 else self._nest
        self._whole = not iterative and len(self._blocks) > 1
        if self._whole:
            self._matrix = PETSc.Mat()
            self._nest.convert("aij", out=self._matrix)
        self.snes = self._create_snes(iterations)
        self._two_level: linear.TwoLevel | None = None
        if iterative:
            self._two_level = linear.TwoLevel(problem, self._matrix, self.snes.getKSP())
        else:
            linear.direct(self.snes.getKSP())

    def _held_dofs(self) -> list[npt.NDArray[np.int32]]:
        """Owned constrained unknowns of each block."""
        held = []
        for conditions in self.problem.constraints:
            parts = [np.empty(0, dtype=np.int32)]
            for condition in conditions:
                dofs, owned = condition.dof_indices()
                parts.append(dofs[:owned])
            held.append(np.unique(np.concatenate(parts)))
        return held

    def _create_snes(self, iterations: int) -> PETSc.SNES:
        snes = PETSc.SNES().create(self.comm)
        snes.setOptionsPrefix("anodefem_")
        PETSc.Options().setValue("anodefem_snes_linesearch_type", "basic")
        snes.setType(PETSc.SNES.Type.NEWTONLS)
        snes.setFunction(self._evaluate, self._r)
        snes.setJacobian(self._differentiate, self._matrix)
        snes.setConvergenceTest(self._test)
        snes.setLineSearchPreCheck(self._guard)
        snes.setTolerances(max_it=iterations)
        snes.setFromOptions()
        return snes

    def solve(self, *, rough: float = 1.0) -> Outcome:
        """Solve from the fields' present values, which it overwrites.

        Args:
            rough: Factor of the tolerance, for a solution that will be improved.
        """
        self._rough = rough
        for field, part in zip(self.problem.fields, self._slices, strict=True):
            self._x.array[part] = field.x.array[: part.stop - part.start]
        self._volume = self.updates.jacobian_determinant().copy()
        self.snes.solve(None, self._x)
        self._spread(self._x)
        reason = self.snes.getConvergedReason()
        return Outcome(
            reason > 0,
            self.snes.getIterationNumber(),
            REASONS.get(reason, str(reason)),
            self._norms,
        )

    def _spread(self, x: PETSc.Vec) -> None:
        """Copy a solution vector into the fields, ghosts included."""
        for field, part in zip(self.problem.fields, self._slices, strict=True):
            field.x.array[: part.stop - part.start] = x.array_r[part]
            field.x.scatter_forward()

    def _evaluate(self, snes: PETSc.SNES, x: PETSc.Vec, r: PETSc.Vec) -> None:
        self._spread(x)
        self.updates.local_solve()
        values = r.array_w
        for form, vector, part, held in zip(
            self._residual, self._vectors, self._slices, self._held, strict=True
        ):
            vector.array[:] = 0.0
            assemble_vector(vector.array, form)
            vector.scatter_reverse(la.InsertMode.add)
            vector.array[held] = 0.0
            values[part] = vector.array[: part.stop - part.start]

    def _assemble_blocks(self) -> None:
        bcs = [bc for conditions in self.problem.constraints for bc in conditions]
        for row, forms in zip(self._blocks, self._jacobian, strict=True):
            for matrix, form in zip(row, forms, strict=True):
                matrix.zeroEntries()
                assemble_matrix(matrix, form, bcs=bcs)
                matrix.assemble()
        self._nest.assemble()

    def _differentiate(self, snes: PETSc.SNES, x: PETSc.Vec, J: PETSc.Mat, P: PETSc.Mat) -> None:
        wary = snes.getIterationNumber() % (PATIENCE + WARY) >= PATIENCE
        self.problem.state.trust.value = TRUST if wary else 1.0
        self._assemble_blocks()
        if self._whole:
            self._nest.convert("aij", out=self._matrix)
        if self._two_level:
            self._two_level.prepare()

    def _test(self, snes: PETSc.SNES, iteration: int, norms: Any) -> int:
        """Converged when the last increments are small; a non-finite residual fails at once."""
        residual = snes.getFunction()[0].array_r
        squares = np.array([np.dot(residual[p], residual[p]) for p in self._slices])
        self._norms = tuple(np.sqrt(reduce(self.comm, squares, MPI.SUM)).tolist())
        if not np.all(np.isfinite(self._norms)):
            return PETSc.SNES.ConvergedReason.DIVERGED_FNORM_NAN
        if iteration == 0:
            return PETSc.SNES.ConvergedReason.ITERATING
        step = snes.getSolutionUpdate().array_r
        largest = np.array([np.abs(step[p]).max(initial=0.0) for p in self._slices])
        if self.problem.diffusing:
            # increments of mu say nothing that those of the fraction do not
            largest[1] = np.abs(step[self._slices[1]][::2]).max(initial=0.0)
        largest = reduce(self.comm, largest, MPI.MAX)
        allowed = self._rough * self._tolerance * np.array(self._scales)
        if np.all(largest <= allowed):
            return PETSc.SNES.ConvergedReason.CONVERGED_SNORM_RELATIVE
        return PETSc.SNES.ConvergedReason.ITERATING

    def _guard(self, x: PETSc.Vec, y: PETSc.Vec) -> bool:
        """Halve the increment ``y`` of ``x - y`` until volumes stay above `VOLUME_KEPT`."""
        if not np.isfinite(y.norm()):
            return False
        before = self._volume
        changed = False
        for _ in range(HALVINGS):
            self._spread(x - y)
            after = self.updates.jacobian_determinant()
            kept = self.comm.allreduce(float((after / before).min(initial=1.0)), op=MPI.MIN)
            if kept > VOLUME_KEPT:
                break
            y.scale(0.5)
            changed = True
        self._volume = after.copy()
        return changed


REASONS = {
    value: name.lower().replace("_", " ")
    for name, value in vars(PETSc.SNES.ConvergedReason).items()
    if isinstance(value, int)
}
