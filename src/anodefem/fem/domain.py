"""The mesh with its named groups, and the measures that integrate over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, io, mesh
from scipy.spatial import KDTree

from anodefem.laws.kinematics import Kind, Kinematics
from anodefem.meshing import Manifest

#: Quadrature that is exact for P2 strains, with positive weights on triangles and tetrahedra.
SOLID_DEGREE = 2
#: Where a hole in a solid that flows shrinks: with degree 2 its surface folds twice as much at
#: planes of symmetry, and the folds grow.
HOLE_DEGREE = 4
#: A squeezed medium needs more points: with degree 2 it gets stuck.
MEDIUM_DEGREE = 4


@dataclass(frozen=True)
class Domain:
    """A distributed mesh, its groups by name, and their integrals.

    Lengths are in um, reference configuration.

    Attributes:
        mesh: The dolfinx mesh.
        manifest: What the mesher wrote beside it.
        cell_tags: Region tag of every cell.
        facet_tags: Group tag of every named facet.
        kinematics: Padding and weights.
        solid_degree: Degree of the quadrature in solids.
    """

    mesh: mesh.Mesh
    manifest: Manifest
    cell_tags: mesh.MeshTags
    facet_tags: mesh.MeshTags
    kinematics: Kinematics
    solid_degree: int = SOLID_DEGREE

    @classmethod
    def read(cls, folder: Path, comm: MPI.Comm) -> Domain:
        """Read a mesh with its groups, collectively.

        Args:
            folder: Holds ``mesh.xdmf``, ``facets.xdmf`` and ``manifest.json``.
            comm: Ranks among which the cells are distributed.
        """
        manifest = Manifest.load(folder)
        with io.XDMFFile(comm, str(folder / "mesh.xdmf"), "r") as file:
            grid = file.read_mesh(name="Grid")
            tdim = grid.topology.dim
            grid.topology.create_connectivity(tdim - 1, tdim)
            grid.topology.create_connectivity(tdim, tdim - 1)
            cell_tags = file.read_meshtags(grid, name="Grid")
        with io.XDMFFile(comm, str(folder / "facets.xdmf"), "r") as file:
            facet_tags = file.read_meshtags(grid, name="Grid")
        kind = cast("Kind", manifest.kinematics)
        kinematics = Kinematics(kind, ufl.SpatialCoordinate(grid))
        return cls(grid, manifest, cell_tags, facet_tags, kinematics)

    @property
    def comm(self) -> MPI.Comm:
        """Communicator of the mesh."""
        return self.mesh.comm

    @property
    def dim(self) -> int:
        """Topological dimension."""
        return int(self.mesh.topology.dim)

    @property
    def periodic(self) -> bool:
        """Whether the body goes on periodically beyond some of its sides."""
        return bool(self.manifest.roles.periodic)

    @property
    def owned_cells(self) -> int:
        """Number of cells this rank owns; they come first in every cell array."""
        return int(self.mesh.topology.index_map(self.dim).size_local)

    @cached_property
    def size(self) -> float:
        """Largest coordinate of the body [um], as a measure of its size; collective."""
        local = float(np.abs(self.mesh.geometry.x).max(initial=0.0))
        return float(self.comm.allreduce(local, op=MPI.MAX))

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the cell groups."""
        return tuple(self.manifest.cells)

    def cells(self, *names: str) -> npt.NDArray[np.int32]:
        """Owned and ghost cells of some regions, sorted."""
        found = [self.cell_tags.find(self.manifest.cells[name]) for name in names]
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int32)

    def facets(self, name: str) -> npt.NDArray[np.int32]:
        """Facets of a group that this rank sees, ghosts included."""
        return self.facet_tags.find(self.manifest.facets[name])

    def oriented_facets(
        self, names: Iterable[str], prefer: Sequence[Sequence[str]]
    ) -> npt.NDArray[np.int32]:
        """Facets of some groups seen from one side.

        Args:
            names: Facet groups.
            prefer: Lists of regions; the side lies in the first list that has a cell there.

        Returns:
            (cell, local facet) pairs of cells this rank owns, flattened, shape (2 n,).
        """
        facets = [self.facets(name) for name in names]
        selected = np.concatenate(facets) if facets else np.empty(0, dtype=np.int32)
        return self.one_sided(selected, prefer)

    def interface_facets(self, one: str, other: str) -> npt.NDArray[np.int32]:
        """Facets with a cell of one region on one side and of another on the other, sorted.

        Those that this rank sees with both cells: every facet that it owns is among them.

        Args:
            one: Region on the one side.
            other: Region on the other side.
        """
        topology = self.mesh.topology
        to_cells = topology.connectivity(self.dim - 1, self.dim)
        inner = np.flatnonzero(np.diff(to_cells.offsets) == 2)
        first = to_cells.offsets[inner]
        sides = self.region_of_cells[to_cells.array[np.stack([first, first + 1])]]
        a, b = self.manifest.cells[one], self.manifest.cells[other]
        found = (sides == [[a], [b]]).all(axis=0) | (sides == [[b], [a]]).all(axis=0)
        return inner[found].astype(np.int32)

    def facets_on_holes(self, *names: str) -> npt.NDArray[np.int32]:
        """Facets of regions on nothing that no role mentions: see the how-to on hollow bodies.

        Those of cells that this rank owns.

        Args:
            names: Regions.
        """
        roles, topology = self.manifest.roles, self.mesh.topology
        outside = mesh.exterior_facet_indices(topology)
        for group in (*roles.hull, *roles.cuts, *roles.flux, *roles.sei, *roles.plate):
            outside = np.setdiff1d(outside, self.facets(group))
        to_cells = topology.connectivity(self.dim - 1, self.dim)
        cells = to_cells.array[to_cells.offsets[outside]]
        return outside[np.isin(cells, self.cells(*names))]

    @property
    def region_of_cells(self) -> npt.NDArray[np.int32]:
        """Region tag by cell, ghosts included."""
        count = self.mesh.topology.index_map(self.dim)
        tags = np.zeros(count.size_local + count.num_ghosts, dtype=np.int32)
        tags[self.cell_tags.indices] = self.cell_tags.values
        return tags

    def one_sided(
        self, selected: npt.NDArray[np.int32], prefer: Sequence[Sequence[str]]
    ) -> npt.NDArray[np.int32]:
        """Facets seen from one side, as (cell, local facet) pairs; see `oriented_facets`.

        Args:
            selected: Local numbers of facets.
            prefer: Lists of regions; the side lies in the first list that has a cell there.
        """
        topology = self.mesh.topology
        choice = np.full(max(self.manifest.cells.values()) + 1, len(prefer))
        for place, regions in reversed(list(enumerate(prefer))):
            choice[[self.manifest.cells[region] for region in regions]] = place
        tag_of = self.region_of_cells
        to_cells = topology.connectivity(self.dim - 1, self.dim)
        to_facets = topology.connectivity(self.dim, self.dim - 1)
        if not len(selected):
            return np.empty(0, dtype=np.int32)
        offsets, array = to_cells.offsets, to_cells.array
        first = array[offsets[selected]]
        last = array[offsets[selected + 1] - 1]
        cell = np.where(choice[tag_of[last]] < choice[tag_of[first]], last, first)
        inside = (cell < self.owned_cells) & (choice[tag_of[cell]] < len(prefer))
        cell, selected = cell[inside], selected[inside]
        width = self.dim + 1
        local = to_facets.array.reshape(-1, width)[cell] == selected[:, None]
        order = np.argsort(cell, kind="stable")
        pairs = np.stack([cell, np.argmax(local, axis=1)], axis=1)[order]
        return np.ascontiguousarray(pairs, dtype=np.int32).ravel()

    def dx(self, *names: str, degree: int) -> ufl.Measure:
        """Volume measure of some regions with a quadrature degree."""
        return self._dx(names, {"quadrature_degree": degree})

    def dx_lumped(self, *names: str) -> ufl.Measure:
        """Volume measure with points at the vertices only, for lumping P1 terms."""
        return self._dx(names, {"quadrature_rule": "vertex", "quadrature_degree": 1})

    def _dx(self, names: Iterable[str], metadata: dict[str, Any]) -> ufl.Measure:
        tags = tuple(self.manifest.cells[name] for name in names)
        return ufl.Measure(
            "dx",
            domain=self.mesh,
            subdomain_data=self.cell_tags,
            subdomain_id=tags,
            metadata=metadata,
        )

    def distance(self, facets: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Distance of the middle of every cell from the vertices of facets [um]; collective.

        Args:
            facets: Those that this rank sees.

        Returns:
            One value for every cell that this rank sees; infinite if there are no such facets.
        """
        count = self.mesh.topology.index_map(self.dim)
        cells = np.arange(count.size_local + count.num_ghosts, dtype=np.int32)
        nodes = mesh.entities_to_geometry(self.mesh, self.dim - 1, facets, False)
        points = self.mesh.geometry.x[np.unique(nodes)]
        everywhere = np.concatenate(self.comm.allgather(points))
        if not len(everywhere):
            return np.full(len(cells), np.inf)
        middles = mesh.compute_midpoints(self.mesh, self.dim, cells)
        return np.asarray(KDTree(everywhere).query(middles)[0])

    def surface_measure(self, pairs: Mapping[int, npt.NDArray[np.int32]]) -> ufl.Measure:
        """One-sided surface measure from (cell, local facet) pairs by id; exterior or interior."""
        return ufl.Measure("ds", domain=self.mesh, subdomain_data=list(pairs.items()))

    def largest_cell(self, *names: str) -> float:
        """Longest edge of any cell of some regions [um]; collective."""
        cells = self.cells(*names)
        local = float(self.mesh.h(self.dim, cells).max(initial=0.0))
        return float(self.comm.allreduce(local, op=MPI.MAX))

    def total(self, form: Any) -> float:
        """Sum of a compiled scalar form over all ranks."""
        return float(self.comm.allreduce(fem.assemble_scalar(form), op=MPI.SUM))
