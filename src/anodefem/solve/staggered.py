"""Cracks: the crack field between its bounds, and the sweeps that bring it and the rest together.

A crack never heals: its field stays between that at the start of the step and 1. PETSc's
reduced-space Newton method for variational inequalities finds it at fixed displacement; sweeps
alternate it with Newton's method for everything else (Bourdin, Francfort and Marigo 2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import numpy.typing as npt
from dolfinx import la
from dolfinx.fem import assemble_vector
from dolfinx.fem.petsc import assemble_matrix, create_matrix

from anodefem.compilation import compile_form
from anodefem.fem.model import Model
from anodefem.parallel import reduce
from anodefem.solve.calls import weakly
from anodefem.solve.direct import direct
from anodefem.solve.newton import Newton, Outcome
from anodefem.solve.system import held_dofs

#: Tolerance of Newton's method while cracks run, over that at the end.
TOLERANCE_FACTOR = 1e4
#: Largest factor of an extrapolated change of the crack field.
LARGEST_FACTOR = 8.0


class CrackField:
    """Solves for the crack field at fixed displacement and chemistry."""

    def __init__(self, model: Model, name: str = "crack") -> None:
        """Compile and allocate.

        Args:
            model: What is solved.
            name: Of the crack field among its unknowns.
        """
        self._field, self._start = model.state[name], model.state.start(name)
        self._comm = model.domain.comm
        space = self._field.function_space
        self._owned = space.dofmap.index_map.size_local
        self._supports = model.constraints[name]
        self._held = held_dofs(model, name)
        self._residual = compile_form(model.residual[name])
        self._jacobian = compile_form(model.derivative(name, name))
        self._matrix = create_matrix(self._jacobian)
        self._vector = la.vector(space.dofmap.index_map, 1)
        self._x, self._r = self._matrix.createVecs()
        self._low, self._high = self._x.duplicate(), self._x.duplicate()
        self._snes = self._create_snes()
        self._before = np.zeros(self._owned)
        self._change: npt.NDArray[np.float64] | None = None
        self._residual_before: npt.NDArray[np.float64] | None = None
        self._factor = 1.0

    def _create_snes(self) -> PETSc.SNES:
        snes = PETSc.SNES().create(self._comm)
        snes.setOptionsPrefix("anodefem_crack_")
        PETSc.Options().setValue("anodefem_crack_snes_linesearch_type", "basic")
        snes.setType(PETSc.SNES.Type.VINEWTONRSLS)
        snes.setFunction(weakly(self._evaluate), self._r)
        snes.setJacobian(weakly(self._differentiate), self._matrix)
        snes.setTolerances(rtol=1e-9, atol=1e-12, stol=1e-10, max_it=50)
        direct(snes.getKSP())
        snes.setFromOptions()
        return snes

    def solve(self) -> float | None:
        """Bring the crack field up to the present displacement.

        Returns:
            Largest change anywhere, or None if the solver gave up.
        """
        self._residual_before = self._change
        before = self._field.x.array[: self._owned].copy()
        self._x.array[:] = before
        self._low.array[:] = self._start.x.array[: self._owned]
        self._high.array[:] = 1.0
        self._high.array[self._held] = 0.0
        self._snes.setVariableBounds(self._low, self._high)
        self._snes.solve(None, self._x)
        if self._snes.getConvergedReason() <= 0:
            return None
        self._spread(self._x)
        self._before, self._change = before, self._field.x.array[: self._owned] - before
        largest = np.abs(self._change).max(initial=0.0)
        return float(reduce(self._comm, np.array([largest]), MPI.MAX)[0])

    def restart(self) -> None:
        """Forget what `extrapolate` has learnt: another step begins."""
        self._factor, self._change = 1.0, None

    def extrapolate(self) -> None:
        """Go further along the last change, by Aitken's factor from the last two.

        Alternating solutions creep towards their limit by a constant ratio while cracks run; this
        sums the series. Bounds hold.
        """
        now, before = self._change, self._residual_before
        if now is None or before is None:
            return
        difference = now - before
        sums = np.array([np.dot(before, difference), np.dot(difference, difference)])
        overlap, square = reduce(self._comm, sums, MPI.SUM)
        if square > 0.0:
            self._factor = float(np.clip(-self._factor * overlap / square, 1.0, LARGEST_FACTOR))
        target = self._before + self._factor * now
        self._field.x.array[: self._owned] = np.clip(target, self._low.array_r, self._high.array_r)
        self._field.x.scatter_forward()

    def _spread(self, x: PETSc.Vec) -> None:
        self._field.x.array[: self._owned] = np.clip(
            x.array_r, self._low.array_r, self._high.array_r
        )
        self._field.x.scatter_forward()

    def _evaluate(self, snes: PETSc.SNES, x: PETSc.Vec, r: PETSc.Vec) -> None:
        self._spread(x)
        self._vector.array[:] = 0.0
        assemble_vector(self._vector.array, self._residual)
        self._vector.scatter_reverse(la.InsertMode.add)
        self._vector.array[self._held] = 0.0
        r.array_w[:] = self._vector.array[: self._owned]

    def _differentiate(self, snes: PETSc.SNES, x: PETSc.Vec, J: PETSc.Mat, P: PETSc.Mat) -> None:
        self._matrix.zeroEntries()
        assemble_matrix(self._matrix, self._jacobian, bcs=self._supports)
        self._matrix.assemble()


class Solver(Protocol):
    """Finds the end of a step."""

    def solve(self, *, damped: bool = False) -> Outcome:
        """Solve from the fields' present values, which it overwrites.

        Args:
            damped: See `Newton.solve`.
        """


class Monolithic:
    """Newton's method for everything at once."""

    def __init__(self, newton: Newton, *, loaded: Callable[[], None]) -> None:
        """Take a solver.

        Args:
            newton: For all unknowns.
            loaded: Called when a step has been solved.
        """
        self._newton, self._loaded = newton, loaded

    def solve(self, *, damped: bool = False) -> Outcome:
        """Solve from the fields' present values, which it overwrites.

        Args:
            damped: See `Newton.solve`.
        """
        outcome = self._newton.solve(damped=damped)
        if outcome.converged:
            self._loaded()
        return outcome


class Staggered:
    """Newton's method for displacement and chemistry, alternating with the crack field.

    Attributes:
        sweeps: Of the last call.
    """

    def __init__(
        self,
        newton: Newton,
        crack: CrackField,
        *,
        tolerance: float,
        sweeps: int,
        loaded: Callable[[], None],
    ) -> None:
        """Combine two solvers.

        Args:
            newton: For everything but the crack field.
            crack: For the crack field.
            tolerance: Change of the crack field in a sweep below which a step has converged.
            sweeps: After so many a step counts as failed.
            loaded: Called when a step has been solved with the cracks as they were before it.
        """
        self._newton, self._crack = newton, crack
        self._tolerance, self._limit, self._loaded = tolerance, sweeps, loaded
        self.sweeps = 0

    def solve(self, *, damped: bool = False) -> Outcome:
        """Solve from the fields' present values, which it overwrites.

        The iterations reported are those of the first sweep, which say how hard the step is; those
        of the others are few.

        Args:
            damped: See `Newton.solve`.
        """
        first: Outcome | None = None
        rough = 1.0
        self._crack.restart()
        for self.sweeps in range(1, self._limit + 1):
            outcome = self._newton.solve(rough=rough, anew=first is None, damped=damped)
            if not outcome.converged:
                return outcome
            if first is None:
                first = outcome
                self._loaded()
            change = self._crack.solve()
            if change is None:
                return replace(outcome, converged=False, reason="the crack field was not found")
            if change <= self._tolerance and rough == 1.0:
                return replace(outcome, iterations=first.iterations)
            # while cracks run, one iteration a sweep is enough
            rough = TOLERANCE_FACTOR if change > self._tolerance else 1.0
            if change > self._tolerance:
                self._crack.extrapolate()
        return replace(
            outcome, converged=False, reason=f"cracks still grow after {self._limit} sweeps"
        )
