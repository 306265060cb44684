"""Newton's method for the block system, on PETSc's SNES.

Unknowns with one value for the whole body are bordered rows (see `anodefem.solve.system`). Steps
are full (line search "basic"), but one is halved until no point loses more than 80 % of its volume.
Where that fails at every length of a time step a solve can be damped: steps are halved until the
residual falls. A body that flows everywhere without hardening wants that: full steps go to and fro
between points that flow and points that do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from anodefem.fem.model import Model, Updates
from anodefem.solve import linear
from anodefem.solve.calls import weakly
from anodefem.solve.direct import Direct
from anodefem.solve.system import Border, System

#: Smallest ratio of J after to J before an iteration.
VOLUME_KEPT = 0.2
HALVINGS = 8
#: Share of the growth of damage of interfaces that enters the tangent, after this many iterations
#: with all of it and for so many: bonds at the peak of their law go to and fro between its branches
#: else.
TANGENT_FRACTION, FULL_TANGENTS, REDUCED_TANGENTS = 0.9, 4, 5
#: The Jacobian of an iteration serves for the next one, too, where increments fall at least so
#: much: the next increment is the same to first order then, and what it misses falls as much again.
FALL_TO_REUSE = 5e-3
#: Where linear solves are iterations themselves, and cost more than all else: increments may end a
#: solve from so many tolerances on, where the next one, by how they fell and by what the linear
#: solve left, is below this share of the tolerance;
NEAR, NEXT = 100.0, 0.01
#: a linear solve leaves this part of that share, but reduces the residual by so much at least;
LEFT, ROUGHEST = 0.3, 3e-3
#: and the first Jacobian serves twice where the residual fell so much. Soft parts hide in it.
RESIDUAL_TO_REUSE = 5e-4
#: They stall at Jacobians of a solve that diverges: it is given up after so many iterations, when
#: an increment is so many times the first.
ITERATIONS_TO_DIVERGE, DIVERGED = 5, 10.0
#: Fall of the residual that a damped step must bring, over that of its linear model (Armijo).
SUFFICIENT = 1e-4
#: Factor of the number of iterations in a damped solve.
DAMPED_ITERATIONS = 2


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
        model: Model,
        updates: Updates,
        *,
        tolerance: float = 1e-8,
        iterations: int = 15,
        solver: type[linear.LinearSolver] = Direct,
        interrupted: Callable[[], int] = lambda: 0,
    ) -> None:
        """Compile forms and allocate.

        Args:
            model: What to solve.
            updates: Local solves and the volume guard.
            tolerance: Largest last increment of an unknown over its scale.
            iterations: Newton iterations after which a step counts as failed.
            solver: Of the linear systems.
            interrupted: Number of a signal by which the run is to end, or 0; collective. The solve
                is given up.
        """
        self._interrupted, self._iterative = interrupted, not solver.joined
        self.model, self.updates = model, updates
        self.comm = model.domain.comm
        self._tolerance, self._iterations = tolerance, iterations
        self._system = System(model, joined=solver.joined)
        self.snes = self._create_snes()
        self._ksp = self.snes.getKSP()
        self._border = Border(model, self._system, self._ksp)
        self._trial = self._system.r.duplicate()
        self._linear = solver(model, self._system.matrix, self._ksp)

    def _create_snes(self) -> PETSc.SNES:
        snes = PETSc.SNES().create(self.comm)
        snes.setOptionsPrefix("anodefem_")
        PETSc.Options().setValue("anodefem_snes_linesearch_type", "basic")
        snes.setType(PETSc.SNES.Type.NEWTONLS)
        snes.setFunction(weakly(self._evaluate), self._system.r)
        snes.setJacobian(weakly(self._differentiate), self._system.matrix)
        snes.setConvergenceTest(weakly(self._test))
        snes.setLineSearchPreCheck(weakly(self._guard))
        # Newer PETSc takes a failed step for converged where the fields' part of it is small beside
        # this share of them, and knows nothing of borders.
        snes.setTolerances(stol=0.0, max_it=self._iterations)
        snes.setFromOptions()
        return snes

    def solve(self, *, rough: float = 1.0, anew: bool = True, damped: bool = False) -> Outcome:
        """Solve from the fields' present values, which it overwrites.

        Args:
            rough: Factor of the tolerance, for a solution that will be improved.
            anew: A step begins: the linear solver reuses nothing of former ones.
            damped: Halve increments until the residual falls, in more iterations.
        """
        self._rough, self._anew, self._damped = rough, anew, damped
        self.snes.setTolerances(max_it=self._iterations * (DAMPED_ITERATIONS if damped else 1))
        # PETSc asks for no test where the very first residual is not finite
        self._norms: tuple[float, ...] = ()
        self._ksp.setTolerances(rtol=linear.RESIDUAL)
        self._increments: list[float] = []
        self._fall = 1.0
        self._halved = False
        x = self._system.x
        self._system.gather(x)
        self._volume = self.updates.volume_ratio().copy()
        self.snes.solve(None, x)
        self._system.spread(x)
        # each rank drops parallel objects when it likes; PETSc keeps them until all are here
        PETSc.garbage_cleanup(self.comm)
        reason = self.snes.getConvergedReason()
        return Outcome(
            reason > 0,
            self.snes.getIterationNumber(),
            REASONS.get(reason, str(reason)),
            self._norms,
        )

    def _evaluate(self, snes: PETSc.SNES, x: PETSc.Vec, r: PETSc.Vec) -> None:
        self._system.spread(x)
        self.updates.local_solve()
        self._system.evaluate(r)

    def _differentiate(self, snes: PETSc.SNES, x: PETSc.Vec, J: PETSc.Mat, P: PETSc.Mat) -> None:
        cycle = FULL_TANGENTS + REDUCED_TANGENTS
        reduced = snes.getIterationNumber() % cycle >= FULL_TANGENTS
        if not reduced and self._falling():
            return
        self.model.state.tangent_fraction.value = TANGENT_FRACTION if reduced else 1.0
        self._system.assemble()
        self._linear.prepare(anew=self._anew)
        self._anew = False

    def _falling(self) -> bool:
        """Whether the last Jacobian serves once more, as increments or the residual have fallen."""
        if len(self._increments) < 2:
            return self._iterative and self._fall <= RESIDUAL_TO_REUSE
        before, last = self._increments[-2:]
        return last <= FALL_TO_REUSE * before

    def _test(self, snes: PETSc.SNES, iteration: int, norms: Any) -> int:
        """Converged when increments are small; a non-finite residual fails at once."""
        squares, before = self._system.squares(snes.getFunction()[0]), self._norms
        self._norms = (*np.sqrt(squares).tolist(), *self._border.residuals)
        if self._interrupted():
            return PETSc.SNES.ConvergedReason.DIVERGED_MAX_IT
        if not np.all(np.isfinite(self._norms)):
            return PETSc.SNES.ConvergedReason.DIVERGED_FNORM_NAN
        if iteration == 0:
            return PETSc.SNES.ConvergedReason.ITERATING
        largest = self._system.largest(snes.getSolutionUpdate())
        # what is not a number must not count as small: max() would pass over it
        self._increments.append(float(np.maximum(largest, self._border.largest)))
        # an increment that was halved is small for another reason
        if not self._halved and self._is_last():
            return PETSc.SNES.ConvergedReason.CONVERGED_SNORM_RELATIVE
        if self._iterative:
            first, last = self._increments[0], self._increments[-1]
            if len(self._increments) > ITERATIONS_TO_DIVERGE and last > DIVERGED * first:
                return PETSc.SNES.ConvergedReason.DIVERGED_DTOL
            self._relax(before)
        return PETSc.SNES.ConvergedReason.ITERATING

    def _is_last(self) -> bool:
        """Whether the last increments are small, or near it and the next ones much smaller."""
        limit, last = self._rough * self._tolerance, self._increments[-1]
        if last <= limit or not self._iterative or len(self._increments) < 2:
            return last <= limit
        left, _, _, _ = self._ksp.getTolerances()
        fall = max(last / self._increments[-2], left)
        return last <= NEAR * limit and fall * last <= NEXT * limit

    def _relax(self, before: tuple[float, ...]) -> None:
        """Ask the next linear solve for no more than what ends the iterations.

        Args:
            before: Norm of each block's residual at the last iterate.
        """
        falls = [now / then for now, then in zip(self._norms, before, strict=True) if then > 0.0]
        self._fall = max(falls, default=1.0)
        increment = self._fall * self._increments[-1]
        wanted = LEFT * NEXT * self._rough * self._tolerance / max(increment, 1e-300)
        rtol = min(max(wanted, linear.RESIDUAL), ROUGHEST)
        self._ksp.setTolerances(rtol=rtol)

    def _guard(self, x: PETSc.Vec, y: PETSc.Vec) -> bool:
        """Complete the increment ``y`` of ``x - y`` by the borders, and on periodic sides.

        Then it is halved until volumes stay above `VOLUME_KEPT`.
        """
        changed, self._halved = self._border.solve(y), False
        changed |= self._system.complete(y)
        if not np.isfinite(y.norm()):
            return changed
        before = self._volume
        for _ in range(HALVINGS):
            self._border.move()
            self._system.spread(x - y)
            after = self.updates.volume_ratio()
            kept = self.comm.allreduce(float((after / before).min(initial=1.0)), op=MPI.MIN)
            if kept > VOLUME_KEPT:
                break
            self._halve(y)
        if self._damped and self._system.largest(y) > self._rough * self._tolerance:
            self._damp(x, y)
        if self._halved:
            self._increments.clear()  # how these fall says nothing of the next
            after = self.updates.volume_ratio()
        self._volume = after.copy()
        return changed or self._halved

    def _halve(self, y: PETSc.Vec) -> None:
        """Halve the increment ``y``, borders and all."""
        y.scale(0.5)
        self._border.halve()
        self._halved = True

    def _damp(self, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Halve the increment ``y`` of ``x - y`` until the residual falls."""
        fields = self._norms[: len(self.model.blocks)]
        before, share = float(np.linalg.norm((*fields, *self._border.residuals))), 1.0
        for _ in range(HALVINGS):
            self._border.move()
            self._evaluate(self.snes, x - y, self._trial)
            squares = self._system.squares(self._trial)
            after = float(np.sqrt(squares.sum() + np.square(self._border.evaluate()).sum()))
            if after <= (1 - SUFFICIENT * share) * before:
                return
            share /= 2
            self._halve(y)
        self._border.move()
        self._system.spread(x - y)


REASONS = {
    value: name.lower().replace("_", " ")
    for name, value in vars(PETSc.SNES.ConvergedReason).items()
    if isinstance(value, int)
}
