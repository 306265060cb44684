"""Fields on disk: VTU files in the numbering of the mesh file, listed by time in a PVD file.

Every rank sends what it owns to rank 0, which writes. The files do not depend on the number of
ranks, so runs can be compared point by point and groups of the mesh file apply to them. Where an
interface can come apart, its points are there twice: the copies, which belong to one of its sides,
come after those of the mesh file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import meshio
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, la

from anodefem.model.domain import Domain
from anodefem.model.problem import FILM, FILM_DEGREE, Problem, compile_form
from anodefem.results.metrics import GPA, Metrics

#: Fields and their units, as run.json lists them.
FIELDS = {
    "displacement": "um",
    "lithium_fraction": "-",
    "crack": "-",
    "sei_strain": "-",
    "sei_stress": "GPa",
    "sei_channel_ratio": "-",
    "sei_cracked": "-",
    "region": "-",
    "von_mises": "GPa",
    "hydrostatic_stress": "GPa",
    "equivalent_plastic_strain": "-",
}


class FieldWriter:
    """Writes the fields of a run, collectively."""

    def __init__(self, problem: Problem, metrics: Metrics, folder: Path) -> None:
        """Prepare the gathering; rank 0 reads the mesh file.

        Args:
            problem: What is solved.
            metrics: Supplies stresses and film means.
            folder: Run folder; holds ``mesh/mesh.xdmf``.
        """
        self.problem, self.metrics, self.folder = problem, metrics, folder
        self._domain: Domain = problem.domain
        grid = self._domain.mesh
        degree = grid.geometry.cmap.degree
        nodes = fem.functionspace(grid, ("Lagrange", degree))
        self._vector = fem.Function(
            fem.functionspace(grid, ("Lagrange", degree, (grid.geometry.dim,)))
        )
        self._scalar = fem.Function(nodes)
        self._node_of_block = np.empty(
            nodes.dofmap.index_map.size_local + nodes.dofmap.index_map.num_ghosts, dtype=np.int64
        )
        self._node_of_block[nodes.dofmap.list] = grid.geometry.input_global_indices[
            grid.geometry.dofmap
        ]
        self._owned = nodes.dofmap.index_map.size_local
        self._times: list[tuple[float, str]] = []
        if problem.film_law:
            self._compile_film()
        self._double = np.empty(0, dtype=np.int64)
        if self._domain.comm.rank == 0:
            self._mesh = meshio.read(folder / "mesh" / "mesh.xdmf")
            if problem.bonds:
                self._part_interfaces()

    def _part_interfaces(self) -> None:
        """Give the cells that hold jumps points of their own at interfaces; on rank 0."""
        (block,) = self._mesh.cells
        region = np.asarray(self._mesh.cell_data["cell_tags"][0])
        tags = self._domain.manifest.cells
        both = [
            np.intersect1d(*(block.data[region == tags[side]] for side in (b.inside, b.outside)))
            for b in self.problem.bonds
        ]
        #: Points of the mesh file that have a copy, in the order of the copies.
        self._double = np.unique(np.concatenate(both))
        count = len(self._mesh.points)
        copy = np.arange(count)
        copy[self._double] = count + np.arange(len(self._double))
        own = np.isin(region, [tags[name] for name in self.problem.shifted])
        cells = np.where(own[:, None], copy[block.data], block.data)
        points = np.concatenate([self._mesh.points, self._mesh.points[self._double]])
        self._mesh = meshio.Mesh(points, [(block.type, cells)])

    def resume(self, time: float) -> None:
        """Keep the files up to ``time`` [s] of a former run in the same folder."""
        if self._domain.comm.rank == 0:
            listed = ET.parse(self.folder / "fields.pvd").iter("DataSet")
            entries = [(float(item.attrib["timestep"]), item.attrib["file"]) for item in listed]
            self._times = [entry for entry in entries if entry[0] <= time]

    def _compile_film(self) -> None:
        """Nodal means of facet values: int q phi dA / int phi dA over the facets at a node."""
        grid = self._domain.mesh
        count = 4 if self.metrics.failure else 2
        self._facet = fem.Function(fem.functionspace(grid, ("DG", 0, (count,))))
        linear = fem.functionspace(grid, ("Lagrange", 1))
        test = ufl.TestFunction(linear)
        ds = self.problem.surface(FILM, FILM_DEGREE)
        self._film_sum = [compile_form(self._facet[i] * test * ds) for i in range(count)]
        self._film_area = compile_form(test * ds)
        self._linear = fem.Function(linear)

    def write(self, time: float) -> None:
        """Write the present state and list it under ``time`` [s]; collective."""
        state, cells = self.problem.state, self._domain.owned_cells
        self._vector.interpolate(state.u)
        displacement = self._nodal(self._vector)
        if state.jump is not None:
            self._vector.interpolate(state.jump)
            displacement = self._doubled(displacement, self._nodal(self._vector))
        points = {"displacement": displacement}
        points["lithium_fraction"] = self._nodal_scalar(self._fraction())
        if state.crack is not None:
            self._scalar.interpolate(state.crack)
            points["crack"] = self._nodal_scalar(self._scalar.x.array)
        if self.problem.film_law:
            points |= self._film()
        stress = self.metrics.stress.evaluate()
        means = stress.x.array.reshape(-1, 2)[stress.function_space.dofmap.list[:cells]].mean(1)
        alpha = state.alpha.x.array[state.alpha.function_space.dofmap.list[:cells]].mean(1)
        tags = np.zeros(cells, dtype=np.int32)
        own = self._domain.cell_tags.indices < cells
        tags[self._domain.cell_tags.indices[own]] = self._domain.cell_tags.values[own]
        values = np.column_stack([tags, GPA * means, alpha])
        table = self._gather(self._domain.mesh.topology.original_cell_index[:cells], values)
        if self._domain.comm.rank == 0 and table is not None:
            for name in points.keys() - {"displacement"}:
                points[name] = self._doubled(points[name])
            names = ("region", "von_mises", "hydrostatic_stress", "equivalent_plastic_strain")
            self._save(time, points, dict(zip(names, table.T, strict=True)))
        self._domain.comm.Barrier()

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

    def _fraction(self) -> npt.NDArray[np.float64]:
        """Lithium fraction at the blocks of the scalar space; NaN outside the hosts."""
        state, blocks = self.problem.state, self._scalar.function_space.dofmap.list
        self._scalar.interpolate(state.c.sub(0))
        values = np.full_like(self._scalar.x.array, np.nan)
        for region in self.problem.storing:
            own = np.unique(blocks[self._domain.cells(region.name)])
            values[own] = self._scalar.x.array[own] if region.diffuses else state.soc.value
        return values

    def _film(self) -> dict[str, npt.NDArray[np.float64] | None]:
        """Values of the SEI by mesh node on rank 0; NaN away from the film."""
        if self.metrics.film is None:
            raise TypeError("no surface carries an SEI")
        names = ["sei_strain", "sei_stress"]
        rows = self._facet.x.array.reshape(-1, len(self._film_sum))
        rows[self.metrics.film.cells, :2] = self.metrics.film.evaluate() * [1.0, GPA]
        if failure := self.metrics.failure:
            names += ["sei_channel_ratio", "sei_cracked"]
            rows[failure.cells, 2:] = failure.maps()
        area = self._assembled(self._film_area)
        found = {}
        for name, form in zip(names, self._film_sum, strict=True):
            total = self._assembled(form)
            mean = np.full_like(area, np.nan)
            np.divide(total, area, out=mean, where=area > 0.0)
            found[name] = self._nodal_scalar(mean)
        return found

    def _assembled(self, form: Any) -> npt.NDArray[np.float64]:
        """Assemble a P1 linear form over all ranks and evaluate it at the nodes."""
        array = self._linear.x.array
        array[:] = 0.0
        fem.assemble_vector(array, form)
        self._linear.x.scatter_reverse(la.InsertMode.add)
        self._linear.x.scatter_forward()
        self._scalar.interpolate(self._linear)
        return self._scalar.x.array.copy()

    def _nodal_scalar(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
        nodes = self._node_of_block[: self._owned]
        table = self._gather(nodes, values[: self._owned, None])
        return None if table is None else table[:, 0]

    def _nodal(self, field: fem.Function) -> npt.NDArray[np.float64] | None:
        """Nodal values of a vector field by mesh node on rank 0, padded to three components."""
        dim = self._domain.mesh.geometry.dim
        values = field.x.array.reshape(-1, dim)[: self._owned]
        table = self._gather(self._node_of_block[: self._owned], values)
        return None if table is None else np.pad(table, ((0, 0), (0, 3 - dim)))

    def _gather(
        self, rows: npt.NDArray[np.int64], values: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64] | None:
        """Bring rows of a table from all ranks into their places on rank 0."""
        parts = self._domain.comm.gather((rows, values), root=0)
        if parts is None:
            return None
        table = np.empty((sum(len(r) for r, _ in parts), values.shape[1]))
        for index, part in parts:
            table[index] = part
        return table

    def _save(
        self,
        time: float,
        points: dict[str, Any],
        cells: dict[str, npt.NDArray[np.float64]],
    ) -> None:
        """Write one VTU and the list of all; runs on rank 0 only."""
        name = f"fields/{len(self._times):04d}.vtu"
        (self.folder / "fields").mkdir(exist_ok=True)
        position = self._mesh.points
        padded = np.pad(position, ((0, 0), (0, 3 - position.shape[1])))
        data = {key: [values] for key, values in cells.items()}
        data["region"] = [cells["region"].astype(np.int32)]
        mesh = meshio.Mesh(padded, self._mesh.cells, point_data=points, cell_data=data)
        meshio.write(self.folder / name, mesh, file_format="vtu")
        self._times.append((time, name))
        root = ET.Element("VTKFile", type="Collection", version="0.1")
        collection = ET.SubElement(root, "Collection")
        for instant, file in self._times:
            ET.SubElement(collection, "DataSet", timestep=repr(instant), part="0", file=file)
        ET.ElementTree(root).write(self.folder / "fields.pvd", xml_declaration=True)
