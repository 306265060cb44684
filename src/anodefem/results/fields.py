"""Fields of a run, gathered in the numbering of the mesh file.

Every rank sends what it owns to rank 0, which writes. The files do not depend on the number of
ranks, so runs can be compared point by point and groups of the mesh file apply to them. Where an
interface can debond, its points are there twice: the copies, which belong to one of its sides,
come after those of the mesh file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from anodefem._dolfinx import element_points
from anodefem.compilation import compile_expression
from anodefem.fem.contract import ANYWHERE, Nodes
from anodefem.fem.model import Model
from anodefem.parallel import rows_on_first_rank
from anodefem.physics import PHYSICS, installed
from anodefem.results.writers import Frame, Writer, find


def field_units() -> dict[str, str]:
    """Return the unit of every field that a run can write, as run.json lists them."""
    units = {"displacement": "um", "region": "-"}
    for physics in (*PHYSICS, *installed()):
        units |= physics.field_units
    return units


class FieldWriter:
    """Writes the fields of a run, collectively."""

    def __init__(
        self,
        model: Model,
        folder: Path,
        formats: Sequence[str] = ("vtu",),
        *,
        detailed: bool = False,
    ) -> None:
        """Prepare the gathering; rank 0 reads the mesh file.

        Args:
            model: Supplies the fields.
            folder: Run folder; holds ``mesh/mesh.xdmf``.
            formats: Names of writers.
            detailed: Write detailed fields, too.

        Raises:
            InputError: There is no such format.
        """
        kinds = [find(name) for name in formats]
        self._model, self._domain = model, model.domain
        self._outputs = [
            output
            for physics in model.physics
            for output in physics.outputs(model.symbols)
            if detailed or not output.detailed
        ]
        grid = self._domain.mesh
        self._nodes = Nodes(self._domain)
        degree, space = grid.geometry.cmap.degree, self._nodes.space
        self._vector = fem.Function(
            fem.functionspace(grid, ("Lagrange", degree, (grid.geometry.dim,)))
        )
        self._carried = self._carried_along()
        count = space.dofmap.index_map
        self._node_of_block = np.empty(count.size_local + count.num_ghosts, dtype=np.int64)
        self._node_of_block[space.dofmap.list] = grid.geometry.input_global_indices[
            grid.geometry.dofmap
        ]
        self._owned = count.size_local
        self._interfaces = list(model.symbols.offered("interface").values())
        self._enriched = model.symbols.offered("enriched")
        self._double = np.empty(0, dtype=np.int64)
        #: On rank 0, which writes.
        self._writers: list[Writer] = []
        if self._domain.comm.rank == 0:
            self._writers = [kind(folder) for kind in kinds]
            self._mesh = meshio.read(folder / "mesh" / "mesh.xdmf")
            if self._interfaces:
                self._part_interfaces()

    def _carried_along(self) -> Any:
        """What unknowns with one value for the whole body move its points by, or None."""
        s = self._model.symbols
        parts = [
            motion.displacement(s.state[motion.unknown], ANYWHERE)
            for motion in s.motions
            if s.state.unknowns[motion.unknown].is_global
        ]
        found = [part for part in parts if part is not None]
        points = element_points(self._vector.function_space)
        return compile_expression(sum(found[1:], found[0]), points) if found else None

    def _part_interfaces(self) -> None:
        """Give the cells that hold jumps points of their own at interfaces; on rank 0."""
        (block,) = self._mesh.cells
        region = np.asarray(self._mesh.cell_data["cell_tags"][0])
        tags = self._domain.manifest.cells
        both = [
            np.intersect1d(*(block.data[region == tags[side]] for side in (b.inside, b.outside)))
            for b in self._interfaces
        ]
        #: Points of the mesh file that have a copy, in the order of the copies.
        self._double = np.unique(np.concatenate(both))
        count = len(self._mesh.points)
        copy = np.arange(count)
        copy[self._double] = count + np.arange(len(self._double))
        own = np.isin(region, [tags[name] for name in self._enriched])
        cells = np.where(own[:, None], copy[block.data], block.data)
        points = np.concatenate([self._mesh.points, self._mesh.points[self._double]])
        self._mesh = meshio.Mesh(points, [(block.type, cells)])

    def resume(self, time: float) -> None:
        """Keep what a former run in the same folder wrote up to ``time`` [s]."""
        for writer in self._writers:
            writer.resume(time)

    def write(self, time: float) -> None:
        """Write the present state and list it under ``time`` [s]; collective."""
        cells = self._domain.owned_cells
        points = {"displacement": self._displacement()}
        tags = np.zeros(cells, dtype=np.int32)
        own = self._domain.cell_tags.indices < cells
        tags[self._domain.cell_tags.indices[own]] = self._domain.cell_tags.values[own]
        names: list[str] = ["region"]
        columns: list[npt.NDArray[Any]] = [tags]
        for output in self._outputs:
            if output.at_points:
                for name, values in zip(output.units, output.at_points(self._nodes), strict=True):
                    points[name] = self._doubled(self._nodal_scalar(values))
            if output.in_cells:
                names += output.units
                columns += output.in_cells()
        numbers = self._domain.mesh.topology.original_cell_index[:cells]
        table = rows_on_first_rank(self._domain.comm, numbers, np.column_stack(columns))
        widths = [1 if each.ndim == 1 else each.shape[1] for each in columns]
        if table is not None:
            (block,), position = self._mesh.cells, self._mesh.points
            frame = Frame(
                time=time,
                points=np.pad(position, ((0, 0), (0, 3 - position.shape[1]))),
                cells=(block.type, block.data),
                at_points={n: values for n, values in points.items() if values is not None},
                in_cells={
                    name: part[:, 0] if part.shape[1] == 1 else part
                    for name, part in zip(
                        names, np.split(table, np.cumsum(widths)[:-1], axis=1), strict=True
                    )
                },
            )
            for writer in self._writers:
                writer.write(frame)
        self._domain.comm.Barrier()

    def _displacement(self) -> npt.NDArray[np.float64] | None:
        """Displacement of the points of the files, on rank 0."""
        state = self._model.state
        self._vector.interpolate(state["u"])
        if self._carried is not None:
            own = self._vector.x.array.copy()
            self._vector.interpolate(self._carried)
            self._vector.x.array[:] += own
        displacement = self._nodal(self._vector)
        if not self._interfaces:
            return displacement
        self._vector.interpolate(state["jump"])
        return self._doubled(displacement, self._nodal(self._vector))

    def _doubled(
        self,
        values: npt.NDArray[np.float64] | None,
        jump: npt.NDArray[np.float64] | None = None,
    ) -> npt.NDArray[np.float64] | None:
        """Add the copies of points at interfaces to a nodal table; on rank 0, else None.

        Args:
            values: By point of the mesh file.
            jump: What a copy has in addition, likewise.
        """
        if values is None:
            return None
        copies = values[self._double]
        if jump is not None:
            copies = copies + jump[self._double]
        return np.concatenate([values, copies])

    def _nodal_scalar(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
        nodes = self._node_of_block[: self._owned]
        table = rows_on_first_rank(self._domain.comm, nodes, values[: self._owned, None])
        return None if table is None else table[:, 0]

    def _nodal(self, field: fem.Function) -> npt.NDArray[np.float64] | None:
        """Nodal values of a vector field by mesh node on rank 0, padded to three components."""
        dim = self._domain.mesh.geometry.dim
        values = field.x.array.reshape(-1, dim)[: self._owned]
        table = rows_on_first_rank(self._domain.comm, self._node_of_block[: self._owned], values)
        return None if table is None else np.pad(table, ((0, 0), (0, 3 - dim)))
