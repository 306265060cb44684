"""The linearised system of a step: named blocks of fields, bordered by numbers.

One vector holds, on each rank, the owned unknowns of every block one after the other. An unknown s
with one value for the whole body is a border: with the residual r of the blocks and its own, g,

    J dx + b ds = -r,    b = dr/ds,
    c dx + d ds = -g,    c = dg/dx,  d = dg/ds,

is solved with whatever solves J: z = J^-1 b, y = J^-1 r, (d - c z) ds = -(g - c y), dx = -y - z ds.

On periodic sides unknowns follow others (see `anodefem.fem.periodic`): J is that of the others,
with 1 on the diagonal of those that follow, whose rows of r, b and c are zero.
"""

from __future__ import annotations

from itertools import pairwise

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import numpy.typing as npt
from dolfinx import fem, la
from dolfinx.fem.petsc import assemble_matrix, create_matrix

from anodefem.compilation import compile_form
from anodefem.fem.model import Model
from anodefem.parallel import reduce
from anodefem.solve.tied import Led, Tied

Array = npt.NDArray[np.float64]


class System:
    """Residual and Jacobian of the fields of Newton's method, block by block.

    Attributes:
        blocks: Names of the fields.
        matrix: What is solved with.
        x, r: Vectors of unknowns and residuals.
    """

    def __init__(self, model: Model, *, joined: bool) -> None:
        """Compile and allocate.

        Args:
            model: What to solve.
            joined: Join the blocks to one matrix, as a factorisation needs them.
        """
        self.blocks, self._model, self._comm = model.blocks, model, model.domain.comm
        names = self.blocks
        self._fields = {name: model.state[name] for name in names}
        self._forms = {name: compile_form(model.residual[name]) for name in names}
        self._derivatives = {
            (row, column): compile_form(model.derivative(row, column))
            for row in names
            for column in names
        }
        maps = [field.function_space.dofmap for field in self._fields.values()]
        sizes = [each.index_map.size_local * each.index_map_bs for each in maps]
        self._vectors = {
            name: la.vector(each.index_map, each.index_map_bs)
            for name, each in zip(names, maps, strict=True)
        }
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        self._slices = dict(zip(names, (slice(a, b) for a, b in pairwise(offsets)), strict=True))
        self._held = {name: held_dofs(model, name) for name in names}
        self._bcs = [bc for name in names for bc in model.constraints[name]]
        self._matrices = {key: create_matrix(form) for key, form in self._derivatives.items()}
        if not joined:
            # products with 3 x 3 blocks are two to four times faster
            self._matrices["u", "u"] = create_matrix(self._derivatives["u", "u"], "baij")
        rows = [[self._matrices[row, column] for column in names] for row in names]
        self._nest = PETSc.Mat().createNest(rows, comm=self._comm)
        self.x, self.r = self._nest.createVecs()
        self._joined = joined and len(names) > 1
        self.matrix = self._nest if len(names) > 1 else rows[0][0]
        if self._joined:
            self.matrix = PETSc.Mat()
        self._ties, self._periodic = model.ties, model.domain.periodic
        self._whole = self.matrix
        self._tied: list[Tied] = []
        self.assemble()
        if self._periodic and joined:
            self._tied = [self._tie()]
            self.matrix = self._tied[0].matrix
        elif self._periodic:
            self.matrix = self._tie_blocks()

    def assemble(self) -> None:
        """Assemble the Jacobian at the present fields."""
        for key, matrix in self._matrices.items():
            matrix.zeroEntries()
            assemble_matrix(matrix, self._derivatives[key], bcs=self._bcs)
            matrix.assemble()
        self._nest.assemble()
        if self._joined:
            self._nest.convert("aij", out=self._whole)
        for tied in self._tied:
            tied.update()

    def _tie(self) -> Tied:
        """The matrix of all blocks, tied."""
        start, _ = self.x.getOwnershipRange()
        found = [tie.numbers(start + self._slices[name].start) for name, tie in self._ties.items()]
        led = Led(*(np.concatenate(each) for each in zip(*found, strict=True)))
        return Tied(self._whole, led, led)

    def _tie_blocks(self) -> PETSc.Mat:
        """Every block, tied, and what they make together."""
        led = {}
        for name, tie in self._ties.items():
            start, _ = self._matrices[name, name].getOwnershipRange()
            led[name] = Led(*tie.numbers(start))
        tied = {
            (row, column): Tied(matrix, led[row], led[column])
            for (row, column), matrix in self._matrices.items()
        }
        self._tied = [*tied.values()]
        if len(self.blocks) == 1:
            return self._tied[0].matrix
        rows = [[tied[row, column].matrix for column in self.blocks] for row in self.blocks]
        return PETSc.Mat().createNest(rows, comm=self._comm)

    def complete(self, y: PETSc.Vec) -> bool:
        """Give unknowns on periodic sides that follow others the increments of these.

        Args:
            y: Increments.

        Returns:
            Whether there are such.
        """
        for name, tie in self._ties.items():
            tie.complete(y.array_w[self._slices[name]])
        return self._periodic

    def evaluate(self, r: PETSc.Vec) -> None:
        """Assemble the residual at the present fields."""
        for name in self.blocks:
            self.assemble_rows(r, name, self._forms[name])

    def assemble_rows(self, target: PETSc.Vec, name: str, form: fem.Form) -> None:
        """Assemble a linear form into the rows of a block; zero where unknowns are held or follow.

        Args:
            target: Vector of the system.
            name: Block.
            form: Compiled.
        """
        vector, part = self._vectors[name], self._slices[name]
        self._ties[name].assemble(vector, form)
        vector.array[self._held[name]] = 0.0  # what is tied to it is held, too
        target.array_w[part] = vector.array[: part.stop - part.start]

    def gather(self, x: PETSc.Vec) -> None:
        """Copy the fields into a vector."""
        for name, part in self._slices.items():
            x.array_w[part] = self._fields[name].x.array[: part.stop - part.start]

    def spread(self, x: PETSc.Vec) -> None:
        """Copy a vector into the fields, ghosts included."""
        for name, part in self._slices.items():
            field = self._fields[name]
            field.x.array[: part.stop - part.start] = x.array_r[part]
            field.x.scatter_forward()

    def squares(self, r: PETSc.Vec) -> Array:
        """Sum of squares by block, over all ranks."""
        values = r.array_r
        local = [np.dot(values[part], values[part]) for part in self._slices.values()]
        return reduce(self._comm, np.array(local), MPI.SUM)

    def largest(self, y: PETSc.Vec) -> float:
        """Largest entry over the scale of its unknown, over all ranks."""
        values, local = y.array_r, 0.0
        for name, part in self._slices.items():
            scales = self._model.state.unknowns[name].scales
            rows = np.abs(values[part]).reshape(-1, len(scales)) / scales
            local = max(local, float(rows.max(initial=0.0)))
        return float(self._comm.allreduce(local, op=MPI.MAX))


def held_dofs(model: Model, name: str) -> npt.NDArray[np.int32]:
    """Return the owned constrained unknowns of a field.

    Args:
        model: Has the constraints.
        name: Of the field.
    """
    parts = [np.empty(0, dtype=np.int32)]
    for condition in model.constraints[name]:
        dofs, owned = condition.dof_indices()
        parts.append(dofs[:owned])
    return np.unique(np.concatenate(parts))


class Border:
    """Rows and columns of the unknowns that have one value for the whole body.

    Attributes:
        increments: Of the last iteration, by unknown.
        residuals: Then.
    """

    def __init__(self, model: Model, system: System, solver: PETSc.KSP) -> None:
        """Compile and allocate.

        Args:
            model: What to solve.
            system: Its blocks.
            solver: Solves with their Jacobian.
        """
        self._model, self._system, self._solver = model, system, solver
        self.names, blocks = model.borders, system.blocks
        self._own = {name: compile_form(model.residual[name]) for name in self.names}
        self._corner = {
            (row, column): compile_form(model.derivative(row, column))
            for row in self.names
            for column in self.names
        }
        self._columns = {
            (block, name): compile_form(model.derivative(block, name))
            for name in self.names
            for block in blocks
        }
        self._rows = {
            (name, block): compile_form(model.derivative(name, block))
            for name in self.names
            for block in blocks
        }
        self._b, self._z, self._c = (
            {name: system.x.duplicate() for name in self.names} for _ in range(3)
        )
        count = len(self.names)
        self.residuals: tuple[float, ...] = (0.0,) * count
        self.increments: Array = np.zeros(count)
        self._before: Array = np.zeros(count)

    @property
    def largest(self) -> float:
        """Largest of the last increments over its scale."""
        unknowns = self._model.state.unknowns
        scales = [unknowns[name].scales[0] for name in self.names]
        return float(np.max(np.abs(self.increments) / scales, initial=0.0))

    def solve(self, y: PETSc.Vec) -> bool:
        """Find the increments at the present fields, and complete that of the fields.

        Args:
            y: J^-1 r, by which the solver is about to move the fields back.

        Returns:
            Whether ``y`` has changed.
        """
        if not self.names:
            return False
        total, blocks = self._model.domain.total, self._system.blocks
        for name in self.names:
            for block in blocks:
                self._system.assemble_rows(self._b[name], block, self._columns[block, name])
                self._system.assemble_rows(self._c[name], block, self._rows[name, block])
            self._solver.solve(self._b[name], self._z[name])
        g = self.evaluate()
        d = np.array([[total(self._corner[r, c]) for c in self.names] for r in self.names])
        cz = np.array([[self._c[r].dot(self._z[c]) for c in self.names] for r in self.names])
        cy = np.array([self._c[name].dot(y) for name in self.names])
        self.residuals = tuple(float(abs(each)) for each in g)
        try:
            self.increments = np.linalg.solve(d - cz, cy - g)
        except np.linalg.LinAlgError:
            # at a wild iterate nothing may give way: no increment, and the step is taken back
            self.increments = np.full(len(self.names), np.nan)
        for name, increment in zip(self.names, self.increments, strict=True):
            y.axpy(increment, self._z[name])
        self._before = np.array([self._model.state.value(name) for name in self.names])
        return True

    def evaluate(self) -> Array:
        """Return their residuals at the present fields, in the order of their names."""
        found: Array = np.array([self._model.domain.total(self._own[name]) for name in self.names])
        return found

    def move(self) -> None:
        """Set the unknowns to where the increments lead."""
        for name, value in zip(self.names, self._before + self.increments, strict=True):
            self._model.state.set_value(name, value)

    def halve(self) -> None:
        """Halve the increments."""
        self.increments = self.increments / 2
