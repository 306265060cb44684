"""Fields of all states of a run, sampled anywhere in its undeformed symmetry cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyvista as pv

from anodefem.compare.body import at_points, covered, frame_planes, painted, to_frame
from anodefem.compare.fields import on_surfaces, scalars
from anodefem.compare.load import Run, simplices
from anodefem.compare.report.symmetry import Sweep, sweep

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

#: Cells of a mesh above which it is not on the page, so that cuts cannot be moved.
MOST_CELLS = 60_000
#: Points of the line along which a page draws profiles.
PROFILE = 81


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Points of a symmetry cell with what is known there at every state.

    Attributes:
        points: Undeformed, in the drawing frame [um]; shape (n, 3).
        moves: Displacements [um]; shape (states, n, 3).
        fields: Those that exist here by name; shape (states, n), NaN where undefined.
    """

    points: Floats
    moves: Floats
    fields: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Triangles or line segments of one look.

    Attributes:
        kind: As in `anodefem.compare.scene.Layer`.
        region: Region it belongs to; for SEI the region beneath.
        lid: Whether the cuts take it away.
        side: Whether it is a face on which the body ends, wherever it is cut open.
        nodes: Number of the table of nodes it refers to.
        node: Row of that table for each vertex; shape (vertices,).
        copy: Image of the cell for each vertex; shape (vertices,).
        cells: Vertices of each triangle or segment; shape (cells, 3 or 2).
    """

    kind: str
    region: str
    lid: bool
    side: bool
    nodes: int
    node: Indices
    copy: Indices
    cells: Indices


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """The symmetry cell's mesh of what is not void, for cuts anywhere.

    Attributes:
        nodes: Number of its table of nodes.
        cells: Nodes of each simplex in ascending order, shape (cells, 3 or 4).
        region: Number of the region of each cell, shape (cells,).
        regions: Names of the regions.
        images: How the cell becomes a body.
    """

    nodes: int
    cells: Indices
    region: Indices
    regions: Sequence[str]
    images: Sweep


class Samples:
    """Fields of the chosen states, read once, sampled anywhere in the undeformed cell."""

    def __init__(self, run: Run, hosts: Sequence[str], states: Sequence[int]) -> None:
        first = run.state(states[0])
        self._run, self._hosts = run, hosts
        self._points = to_frame(run, run.initial)
        self._cells = simplices(first)
        self._tags = np.asarray(first.cell_data["region"])
        self._sei, self._beneath = covered(run, run.state(states[-1]), hosts)
        moves: list[Floats] = []
        values: dict[str, list[Floats]] = {}
        #: Names of the fields that the run has.
        self.known = scalars(first)
        painted_cells = {
            name: np.isin(self._tags, [run.solids[region] for region in painted(run, hosts, name)])
            for name in self.known
        }
        for index in states:
            grid = run.state(index)
            moves.append(to_frame(run, np.asarray(grid.point_data["displacement"], dtype=float)))
            for name in self.known:
                if on_surfaces(name):
                    found = np.asarray(grid.point_data[name], dtype=float)
                else:
                    found = at_points(grid, self._cells, painted_cells[name], name)
                values.setdefault(name, []).append(found)
        self._moves = np.array(moves)
        self._fields = {name: np.array(many) for name, many in values.items()}

    def facets(self, within: Floats) -> Nodes:
        """Sample on the surfaces with SEI, at points of shape (n, 3)."""
        return self._at(within, self._sei, self.known)

    def cells(self, region: str, within: Floats) -> Nodes:
        """Sample in a region, or on a membrane of that name.

        Args:
            region: Its name.
            within: Points in the symmetry cell, shape (n, 3).
        """
        names = [name for name in self.known if not on_surfaces(name)]
        drawn = [name for name in names if region in painted(self._run, self._hosts, name)]
        return self._at(within, self._part(region), drawn)

    def volume(self, number: int, body: Floats) -> tuple[Nodes, Volume] | None:
        """Return the mesh of what is not void, with its nodes; ``None`` if it is too large.

        Args:
            number: That its table of nodes will have.
            body: Points of the undeformed body, shape (n, 3).
        """
        names = list(self._run.solids)
        solid = np.isin(self._tags, [self._run.solids[name] for name in names])
        if solid.sum() > MOST_CELLS:
            return None
        used, local = np.unique(self._cells[solid], return_inverse=True)
        order = {self._run.solids[name]: i for i, name in enumerate(names)}
        nodes = Nodes(
            points=self._points[used],
            moves=self._moves[:, used],
            fields={
                name: self._fields[name][:, used] for name in self.known if not on_surfaces(name)
            },
        )
        return nodes, Volume(
            nodes=number,
            cells=np.sort(local.reshape(-1, self._cells.shape[1]), axis=1),
            region=np.array([order[tag] for tag in self._tags[solid]]),
            regions=names,
            images=sweep(self._run, body),
        )

    def along(self, at: Floats) -> Nodes:
        """Sample fields inside at points of the symmetry cell; NaN where there is none.

        Args:
            at: Points, shape (n, 3).
        """
        solid = self._cells[np.isin(self._tags, [*self._run.solids.values()])]
        names = [name for name in self.known if not on_surfaces(name)]
        nearest, _ = _closest(self._points, solid, at)
        found = self._at(at, solid, names)
        middle = self._points[solid[nearest]].mean(axis=1)
        size = np.linalg.norm(np.ptp(self._points[solid[nearest]], axis=1), axis=1)
        empty = np.linalg.norm(at - middle, axis=1) > size
        fields = {name: np.where(empty, np.nan, values) for name, values in found.fields.items()}
        return Nodes(points=at, moves=found.moves, fields=fields)

    @property
    def core(self) -> Floats:
        """Points of the hosts' cells, shape (n, 3)."""
        tags = [self._run.solids[name] for name in self._hosts]
        return self._points[np.unique(self._cells[np.isin(self._tags, tags)])]

    def by_region(self, piece: Piece, within: Floats) -> list[Piece]:
        """Split a piece of SEI by the region beneath.

        Args:
            piece: The piece.
            within: Points of its table of nodes, shape (n, 3).
        """
        middles = within[piece.node[piece.cells]].mean(axis=1)
        nearest, _ = _closest(self._points, self._sei, middles)
        beneath = self._beneath[nearest]
        return [
            _only(replace(piece, region=str(name)), beneath == name) for name in np.unique(beneath)
        ]

    def _part(self, region: str) -> Indices:
        if region in self._run.solids:
            return self._cells[self._tags == self._run.solids[region]]
        return self._run.facets[self._run.manifest["roles"]["membrane"][region]]

    def _at(self, within: Floats, cells: Indices, fields: Sequence[str]) -> Nodes:
        nearest, weights = _closest(self._points, cells, within)
        corners = cells[nearest]
        moves = np.einsum("snkd,nk->snd", self._moves[:, corners], weights)
        sampled = {
            name: np.einsum("snk,nk->sn", self._fields[name][:, corners], weights)
            for name in fields
        }
        known = {name: values for name, values in sampled.items() if np.isfinite(values).any()}
        return Nodes(points=within, moves=moves, fields=known)


def line(run: Run, samples: Samples) -> tuple[Floats, str]:
    """Return points from the middle of the hosts outwards, shape (n, 3), and what line that is.

    Args:
        run: The run.
        samples: Its fields.
    """
    core = samples.core
    low, high = core.min(axis=0), core.max(axis=0)
    planes = frame_planes(run)
    # a symmetric body is cut in its middle already
    first = np.array([planes[a][0] if a in planes else (low[a] + high[a]) / 2 for a in range(3)])
    if run.kinematics == "axisymmetric":
        first[0] = 0.0
    axis = 2 if run.kinematics == "plane_strain" else 0
    if run.kinematics == "plane_strain":
        first[2] = low[2]
    last = first.copy()
    last[axis] = high[axis]
    # a hair inside, so that points on a boundary find the cells they belong to
    share = np.linspace(1e-4, 1 - 1e-4, PROFILE)[:, None]
    words = "upwards, in the middle of the hosts" if axis == 2 else "from the middle outwards"
    return first + share * (last - first), words


def _closest(points: Floats, cells: Indices, at: Floats) -> tuple[Indices, Floats]:
    """Return the nearest cell to each point, and the weights of its corners.

    Args:
        points: Points of the mesh, shape (n, 3).
        cells: Corners of each cell, shape (cells, corners).
        at: Where to look, shape (m, 3).
    """
    kinds = {2: pv.CellType.LINE, 3: pv.CellType.TRIANGLE, 4: pv.CellType.TETRA}
    used, local = np.unique(cells, return_inverse=True)
    grid = pv.UnstructuredGrid({kinds[cells.shape[1]]: local.reshape(cells.shape)}, points[used])
    found, nearest = grid.find_closest_cell(at, return_closest_point=True)
    index = np.atleast_1d(np.asarray(found, dtype=np.int64))
    corners = points[cells[index]]
    edges = corners[:, 1:] - corners[:, :1]
    offset = np.asarray(nearest, dtype=float).reshape(-1, 3) - corners[:, 0]
    # a cell without extent has no weights of its own: the smallest solution will do
    gram = np.linalg.pinv(edges @ np.swapaxes(edges, 1, 2), hermitian=True)
    inner = np.einsum("nij,njd,nd->ni", gram, edges, offset)
    weights = np.clip(np.column_stack([1 - inner.sum(axis=1), inner]), 0.0, None)
    return index, weights / weights.sum(axis=1, keepdims=True)


def _only(piece: Piece, keep: npt.NDArray[np.bool_]) -> Piece:
    used, cells = np.unique(piece.cells[keep], return_inverse=True)
    return replace(
        piece,
        node=piece.node[used],
        copy=piece.copy[used],
        cells=cells.reshape(-1, piece.cells.shape[1]),
    )
