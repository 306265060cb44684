"""Bodies that move: one mesh per architecture, and the fields of every state on it.

The undeformed body is built and cut once. Every vertex of it is an image of a point of the
symmetry cell, and the points of the cell carry displacement and fields of all states; that is
small, and a page can move the body by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyvista as pv

from anodefem.compare.body import Cell
from anodefem.compare.load import Run
from anodefem.compare.report import timeline
from anodefem.compare.report.samples import Nodes, Piece, Samples, Volume, line
from anodefem.compare.report.symmetry import to_cell
from anodefem.compare.scene import undeformed

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

#: Angle between the meridians of revolved bodies on the page [rad].
STEP = np.pi / 48
#: Triangles of one surface of a 3D cell on the page.
TRIANGLES = 9000
#: Stored states of a cycle on the page, and of all cycles together.
STATES, MOST_STATES = 26, 104


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One architecture.

    Attributes:
        run: Where it comes from.
        hosts: Regions whose stress and lithium are drawn.
        known: Names of the fields that it has.
        states: Numbers of the stored states that are on the page.
        nodes: Tables of nodes.
        pieces: What to draw.
        maps: Images of the symmetry cell, shape (copies, 3, 4).
        volume: The mesh inside; ``None`` if it is too large for a page.
        profile: Number of the table of nodes along a line from the middle of the hosts outwards.
        distance: Of these nodes from the first one [um].
        line: What line that is, in words.
        outline: Segments of the outline before lithiation [um], shape (n, 2, 3).
        view: Unit vector to the reader, shape (3,).
        focus: Middle of the body [um], shape (3,).
        half: Half of the width and height that hold every state, seen from there [um]; shape (2,).
        radius: Half of the diagonal of the box that does [um].
    """

    run: Run
    hosts: Sequence[str]
    known: Sequence[str]
    states: Sequence[int]
    nodes: Sequence[Nodes]
    pieces: Sequence[Piece]
    maps: Floats
    volume: Volume | None
    profile: int
    distance: Floats
    line: str
    outline: Floats
    view: Floats
    focus: Floats
    half: Floats
    radius: float

    @property
    def units(self) -> Mapping[str, str]:
        """Units of the run's fields by name, as far as it tells them."""
        return self.run.info.get("fields") or {}


def body(run: Run, hosts: Sequence[str], soc: float) -> Body:
    """Return the moving body of a run; ``soc`` decides which outlines are worth drawing.

    Args:
        run: The run.
        hosts: Regions that swell.
        soc: State of charge that decides which outlines are worth drawing.
    """
    scene = undeformed(run, soc, hosts, thin=_thin, step=STEP)
    layers = [layer for layer in scene.layers if layer.kind != "outline"]
    outlines = [layer.mesh for layer in scene.layers if layer.kind == "outline"]
    states = chosen(run)
    samples = Samples(run, hosts, states)

    meshes = [_simple(layer.mesh) for layer in layers]
    points = np.concatenate([np.asarray(mesh.points, dtype=float) for mesh in meshes])
    images = to_cell(run, points)
    starts = np.cumsum([0, *(mesh.n_points for mesh in meshes)])
    sources: dict[tuple[str, str], list[int]] = {}
    for number, layer in enumerate(layers):
        source = ("facets", "") if layer.kind == "sei" else ("region", layer.region)
        sources.setdefault(source, []).append(number)
    tables, pieces = [], []
    for (what, region), members in sources.items():
        rows = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in members])
        within, node = _unique(images.points[rows])
        tables.append(samples.facets(within) if what == "facets" else samples.cells(region, within))
        place = np.full(len(points), -1)
        place[rows] = node
        for i in members:
            vertices = slice(starts[i], starts[i + 1])
            piece = Piece(
                kind=layers[i].kind,
                region=region,
                lid=layers[i].lid,
                side=layers[i].side,
                nodes=len(tables) - 1,
                node=place[vertices],
                copy=images.copy[vertices],
                cells=_cells(meshes[i]),
            )
            pieces += samples.by_region(piece, within) if what == "facets" else [piece]
    volume = samples.volume(len(tables), scene.points())
    if volume is not None:
        tables.append(volume[0])
    at, words = line(run, samples)
    tables.append(samples.along(at))
    across = _across(scene.view)
    low, high = _bounds(tables, pieces, images.maps, across)
    return Body(
        run=run,
        hosts=hosts,
        known=samples.known,
        states=states,
        nodes=tables,
        pieces=pieces,
        maps=images.maps,
        volume=None if volume is None else volume[1],
        profile=len(tables) - 1,
        distance=np.linalg.norm(at - at[0], axis=1),
        line=words,
        outline=np.concatenate([np.empty((0, 2, 3)), *map(_segments, outlines)]),
        view=scene.view,
        focus=across.T @ ((low + high) / 2),
        half=(high - low)[:2] / 2,
        radius=float(np.linalg.norm(high - low)) / 2,
    )


def chosen(run: Run) -> list[int]:
    """Return the stored states on the page: all, or evenly spaced ones and those at turns."""
    count, cycles = len(run.states), timeline.stretches(run)
    wanted = min(MOST_STATES, STATES * max(cycle for cycle, _ in cycles))
    if count <= wanted:
        return list(range(count))
    times = np.array([time for time, _ in run.states])
    turns = [float(run.column("t")[rows.stop - 1]) for rows in cycles.values()]
    turning = {int(np.abs(times - turn).argmin()) for turn in turns}
    spaced = np.linspace(0, count - 1, max(2, wanted - len(turning))).round().astype(int).tolist()
    return sorted({*spaced, *turning})


def _thin(cell: Cell) -> Cell:
    """Make the surfaces of a 3D cell coarse enough for a page; borders stay where they are."""

    def coarse(mesh: pv.PolyData) -> pv.PolyData:
        if mesh.n_cells <= TRIANGLES or mesh.n_lines:
            return mesh
        return mesh.decimate_pro(
            1 - TRIANGLES / mesh.n_cells, preserve_topology=True, boundary_vertex_deletion=False
        )

    return replace(
        cell,
        sei=coarse(cell.sei),
        skins={name: coarse(mesh) for name, mesh in cell.skins.items()},
        beneath={name: coarse(mesh) for name, mesh in cell.beneath.items()},
        membranes={name: (coarse(mesh), sei) for name, (mesh, sei) in cell.membranes.items()},
        faces={
            plane: {name: coarse(mesh) for name, mesh in parts.items()}
            for plane, parts in cell.faces.items()
        },
    )


def _unique(points: Floats) -> tuple[Floats, Indices]:
    grain = 1e-6 * max(float(np.ptp(points, axis=0).max()), 1e-12)
    _, first, node = np.unique(
        np.round(points / grain).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return points[first], node.ravel()


def _simple(mesh: pv.PolyData) -> pv.PolyData:
    return mesh if mesh.n_lines else mesh.triangulate()


def _cells(mesh: pv.PolyData) -> Indices:
    if not mesh.n_lines:
        return np.asarray(mesh.regular_faces, dtype=np.int64)
    flat, pairs, start = np.asarray(mesh.lines), [], 0
    while start < len(flat):
        row = flat[start + 1 : start + 1 + flat[start]]
        pairs.append(np.column_stack([row[:-1], row[1:]]))
        start += int(flat[start]) + 1
    return np.concatenate(pairs).astype(np.int64)


def _segments(mesh: pv.PolyData) -> Floats:
    return np.asarray(mesh.points, dtype=float)[_cells(mesh)]


def _across(view: Floats) -> Floats:
    """Return the directions to the right, up and to the reader as rows, shape (3, 3)."""
    right = np.array([-view[1], view[0], 0.0]) / np.hypot(view[0], view[1])
    return np.stack([right, np.cross(view, right), view])


def _bounds(
    tables: Sequence[Nodes], pieces: Sequence[Piece], maps: Floats, across: Floats
) -> tuple[Floats, Floats]:
    """Return the corners, along the rows of ``across``, of the box that holds every state.

    Args:
        tables: Tables of nodes.
        pieces: What is drawn.
        maps: Images of the symmetry cell, shape (copies, 3, 4).
        across: Directions to the right, up and to the reader as rows, shape (3, 3).
    """
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for piece in pieces:
        table = tables[piece.nodes]
        turned, shift = maps[piece.copy, :, :3], maps[piece.copy, :, 3]
        for moves in table.moves:
            points = np.einsum("nij,nj->ni", turned, (table.points + moves)[piece.node]) + shift
            points = points @ across.T
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
    return low, high
