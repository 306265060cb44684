"""One symmetry cell of a run at one state: its parts, deformed, ready to be extended to a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyvista as pv

from anodefem.compare import fields, revolve
from anodefem.compare.load import Run, simplices

#: A region is a host if it grows by at least this part of what the most swelling region does.
HOST_SHARE = 0.4
_STRAIN = "sei_strain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which fields a body is coloured by.

    Attributes:
        inside: On what swells (cracks: on what can break), where it is cut open and where it has
            no SEI.
        surface: On surfaces with SEI.
    """

    inside: str = "von_mises"
    surface: str = _STRAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Parts of one symmetry cell in the drawing frame [um].

    Attributes:
        solids: Region name -> its cells (a surface in 2D, a grid of tetrahedra in 3D), with
            ``shown.inside`` at the points.
        sei: Facets with SEI, with ``shown.surface`` at the points (empty without SEI).
        skins: Region name -> its other outer facets; of a shell only those in the hull.
        shells: Names of regions that wrap the host and have no SEI outside: drawn so as to be seen
            through.
        beneath: Host -> its facets where a shell is bonded to it, without those with SEI.
        membranes: Name -> facets of a membrane without thickness, and whether SEI covers them.
        hull: Facets of the outer hull.
        host: Facets around the host regions.
        middle: Middle of the host's bounding box, shape (3,).
        faces: (axis, position) of a symmetry plane, or of a side beyond which the body goes on
            periodically -> region name -> its facets there.
    """

    solids: Mapping[str, pv.PolyData | pv.UnstructuredGrid]
    sei: pv.PolyData
    skins: Mapping[str, pv.PolyData]
    shells: frozenset[str]
    beneath: Mapping[str, pv.PolyData]
    membranes: Mapping[str, tuple[pv.PolyData, bool]]
    hull: pv.PolyData
    host: pv.PolyData
    middle: npt.NDArray[np.float64]
    faces: Mapping[tuple[int, float], Mapping[str, pv.PolyData]]


def painted(run: Run, hosts: Sequence[str], field: str) -> Sequence[str]:
    """Return the regions in which a field inside is drawn: hosts, or for cracks what can break.

    Args:
        run: The run.
        hosts: Its regions that swell.
        field: Name of the field.
    """
    if fields.of(field).place != "fragile":
        return hosts
    case = run.info.get("case") or {}
    return tuple((case.get("fracture") or {}).get("regions", ()))


def to_frame(run: Run, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bring coordinates or displacements, shape (n, 3), into the drawing frame.

    Args:
        run: The run.
        points: Coordinates or displacements in the frame of the mesh, shape (n, 3).
    """
    if run.kinematics == "3d":
        return points
    return np.column_stack([points[:, 0], np.zeros(len(points)), points[:, 1]])


def frame_planes(run: Run) -> dict[int, tuple[float, ...]]:
    """Return the symmetry planes by axis of the drawing frame."""
    return _in_frame(run, run.planes)


def _in_frame(run: Run, positions: Mapping[int, tuple[float, ...]]) -> dict[int, tuple[float, ...]]:
    axes = {0: 0, 1: 1, 2: 2} if run.kinematics == "3d" else {0: 0, 1: 2}
    return {axes[component]: at for component, at in positions.items()}


def _measures(
    run: Run, points: npt.NDArray[np.float64], cells: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Volumes of cells in the drawing frame, up to a constant factor, shape (cells,).

    Args:
        run: The run.
        points: Points in the drawing frame, shape (n, 3).
        cells: Their corners, shape (cells, 3 or 4).
    """
    corner = points[cells]
    edges = corner[:, 1:] - corner[:, :1]
    if cells.shape[1] == 4:
        return np.abs(np.linalg.det(edges))
    area = np.abs(edges[:, 0, 0] * edges[:, 1, 2] - edges[:, 0, 2] * edges[:, 1, 0])
    return area * corner[:, :, 0].mean(axis=1) if run.kinematics == "axisymmetric" else area


def hosts(run: Run, grid: pv.UnstructuredGrid) -> list[str]:
    """Return the regions that swell most in a stored state, in the mesh's order.

    Of those that store lithium, if the run names them: carbon does too, but hardly swells.

    Args:
        run: The run.
        grid: Stored state in which they have swollen.
    """
    storing = run.info.get("hosts") or list(run.solids)
    cells = simplices(grid)
    before = to_frame(run, np.asarray(grid.points, dtype=float))
    after = before + to_frame(run, np.asarray(grid.point_data["displacement"], dtype=float))
    tags = np.asarray(grid.cell_data["region"])
    growth = {}
    for name, tag in run.solids.items():
        own = cells[tags == tag]
        if name in storing and len(own):
            ratio = _measures(run, after, own).sum() / _measures(run, before, own).sum()
            growth[name] = ratio - 1.0
    # a host that shrinks, while it gives lithium back, is one too
    most = max(map(abs, growth.values()), default=0.0)
    return [name for name, value in growth.items() if abs(value) >= HOST_SHARE * most]


def _outer(cells: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return facets that belong to one cell only, and that cell's number."""
    corners = cells.shape[1]
    faces = np.concatenate([np.delete(cells, i, axis=1) for i in range(corners)])
    owner = np.tile(np.arange(len(cells)), corners)
    _, first, count = np.unique(
        np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True
    )
    single = first[count == 1]
    return faces[single], owner[single]


def _wraps(
    outer: npt.NDArray[np.float64], inner: npt.NDArray[np.float64], axes: Sequence[int]
) -> bool:
    """Whether points reach beyond others along every axis, but for sides that are symmetric.

    Args:
        outer: Points that may reach around, shape (n, 3).
        inner: Points that may be wrapped, shape (m, 3).
        axes: Axes along which it must.
    """
    reach = 1e-6 * float(np.ptp(inner))
    for axis in axes:
        low = inner[:, axis].min() - outer[:, axis].min()
        high = outer[:, axis].max() - inner[:, axis].max()
        free = [side for side in (low, high) if abs(side) > reach]
        if not free or min(free) < 0:
            return False
    return True


def at_points(
    grid: pv.UnstructuredGrid,
    cells: npt.NDArray[np.int64],
    own: npt.NDArray[np.bool_],
    name: str = Shown().inside,
) -> npt.NDArray[np.float64]:
    """Return a field at the points of one region; shape (points,), NaN elsewhere.

    Values of cells are averaged.

    Args:
        grid: Fields of a stored state on the undeformed mesh.
        cells: Corners of all cells, shape (cells, 3 or 4).
        own: Which cells belong to the region, shape (cells,).
        name: Name of the field.
    """
    if name in grid.point_data:
        there = np.full(grid.n_points, np.nan)
        there[cells[own]] = np.asarray(grid.point_data[name], dtype=float)[cells[own]]
        return there
    if name not in grid.cell_data:
        return np.full(grid.n_points, np.nan)
    corners = cells[own].ravel()
    values = np.repeat(np.asarray(grid.cell_data[name], dtype=float)[own], cells.shape[1])
    count = np.bincount(corners, minlength=grid.n_points)
    total = np.bincount(corners, weights=values, minlength=grid.n_points)
    with np.errstate(invalid="ignore"):
        return total / count


def _sei(run: Run, grid: pv.UnstructuredGrid) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return the facet groups that carry SEI, and its strain at the points (else NaN).

    Args:
        run: The run.
        grid: Fields of a stored state on the undeformed mesh.
    """
    if _STRAIN not in grid.point_data:
        return [], np.full(grid.n_points, np.nan)
    strain = np.asarray(grid.point_data[_STRAIN], dtype=float)
    roles = run.manifest["roles"]
    structural = {*roles["symmetry"], *chain(*roles.get("periodic", ()))}
    groups = [
        name
        for name, facets in run.facets.items()
        if name not in structural and len(facets) and np.isfinite(strain[facets]).all()
    ]
    return groups, strain


def covered(
    run: Run, grid: pv.UnstructuredGrid, hosts: Sequence[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.str_]]:
    """Return the facets with SEI, shape (n, 2 or 3), and the name of the region beneath each.

    Between a host and something else that is the host; the name is empty if both sides are void.

    Args:
        run: The run.
        grid: Fields of a stored state on the undeformed mesh.
        hosts: Regions that swell.
    """
    groups, _ = _sei(run, grid)
    cells = simplices(grid)
    facets = _facets(run, groups, cells.shape[1] - 1)
    tags = np.asarray(grid.cell_data["region"])
    names = np.full(len(facets), "", dtype=f"<U{max(map(len, run.solids), default=1)}")
    for name in sorted(run.solids, key=lambda name: name in hosts):
        around, _ = _outer(cells[tags == run.solids[name]])
        names[_among(facets, around)] = name
    return facets, names


def _facets(run: Run, groups: Iterable[str], nodes: int) -> npt.NDArray[np.int64]:
    found = [run.facets[name] for name in groups]
    return np.concatenate(found) if found else np.empty((0, nodes), dtype=np.int64)


def cell(
    run: Run,
    grid: pv.UnstructuredGrid,
    host: Sequence[str],
    *,
    deformed: bool = True,
    shown: Shown | None = None,
) -> Cell:
    """Return the parts of a stored state, in the deformed or the initial configuration.

    Args:
        run: The run.
        grid: Fields of a stored state on the undeformed mesh.
        host: Regions that swell.
        deformed: Whether points stand where they have moved to.
        shown: Fields that are taken along; the usual ones if left out.
    """
    shown = shown or Shown()
    initial = to_frame(run, np.asarray(grid.points, dtype=float))
    points = initial
    if deformed:
        points = initial + to_frame(run, np.asarray(grid.point_data["displacement"], dtype=float))
    cells = simplices(grid)
    nodes = cells.shape[1] - 1
    tags = np.asarray(grid.cell_data["region"])
    solids = {name: tags == tag for name, tag in run.solids.items() if (tags == tag).any()}
    values = {name: at_points(grid, cells, own, shown.inside) for name, own in solids.items()}
    groups, film = _sei(run, grid)
    if groups and shown.surface in grid.point_data:
        film = np.asarray(grid.point_data[shown.surface], dtype=float)

    number = np.full(len(cells), -1)
    for i, own in enumerate(solids.values()):
        number[own] = i
    solid = np.flatnonzero(number >= 0)
    outer, owner = _outer(cells[solid])
    owner = number[solid][owner]

    def by_region(chosen: npt.NDArray[np.bool_]) -> dict[str, pv.PolyData]:
        return {
            name: revolve.surface(
                points, outer[chosen & (owner == i)], **{shown.inside: values[name]}
            )
            for i, name in enumerate(solids)
        }

    tolerance = 1e-6 * float(np.ptp(initial))
    flat = (frame_planes(run), _in_frame(run, run.sides))
    planes = [(axis, at) for each in flat for axis, many in each.items() for at in many]
    axis_of_revolution = [(0, 0.0)] if run.kinematics == "axisymmetric" else []

    def within(
        facets: npt.NDArray[np.int64], flat: Iterable[tuple[int, float]]
    ) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(facets), dtype=bool)
        for axis, at in flat:
            found |= (np.abs(initial[facets, axis] - at) < tolerance).all(axis=1)
        return found

    covered = _facets(run, groups, nodes)
    under_sei = _among(outer, covered)
    skin = ~under_sei
    skin &= ~within(outer, [*planes, *axis_of_revolution])
    membranes = {
        name: _facets(run, [group], nodes)
        for name, group in (run.manifest["roles"].get("membrane") or {}).items()
    }
    hull = _facets(run, run.manifest["roles"]["hull"], nodes)
    swelling = np.any([solids[name] for name in host], axis=0)
    inner = cells[swelling]
    core = np.unique(inner)
    around, within_host = _outer(inner)
    axes = (0, 1, 2) if run.kinematics == "3d" else (0, 2)
    shells = set()
    for i, (name, own) in enumerate(solids.items()):
        outside = (owner == i) & _among(outer, hull)
        # SEI on the outside hides the host, so that there is nothing to be seen through
        if name in host or (outside & under_sei).any():
            continue
        if _wraps(initial[np.unique(cells[own])], initial[core], axes):
            shells.add(name)
            if outside.any():
                skin &= outside | (owner != i)
    shell = np.isin(number, [i for i, name in enumerate(solids) if name in shells])
    bonded = _among(around, _outer(cells[shell])[0]) & ~_among(around, covered)
    region = number[swelling][within_host]
    return Cell(
        solids={
            name: _solid(points, cells[own], shown.inside, values[name])
            for name, own in solids.items()
        },
        sei=revolve.surface(points, covered, **{shown.surface: film}),
        skins=by_region(skin),
        shells=frozenset(shells),
        beneath={
            name: revolve.surface(
                points, around[bonded & (region == i)], **{shown.inside: values[name]}
            )
            for i, name in enumerate(solids)
            if name in host
        },
        membranes={
            name: (revolve.surface(points, facets), bool(_among(facets, covered).any()))
            for name, facets in membranes.items()
        },
        hull=revolve.surface(points, hull),
        host=revolve.surface(points, around[~within(around, [*planes, *axis_of_revolution])]),
        middle=(points[core].min(axis=0) + points[core].max(axis=0)) / 2,
        faces={plane: by_region(within(outer, [plane])) for plane in planes},
    )


def _among(facets: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each facet is one of ``others``, whatever the order of its points.

    Args:
        facets: Corner points, shape (n, corners).
        others: The same of others, shape (m, corners).
    """
    both = np.sort(np.concatenate([facets, others]), axis=1)
    _, key = np.unique(both, axis=0, return_inverse=True)
    key = key.ravel()
    return np.isin(key[: len(facets)], key[len(facets) :])


def _solid(
    points: npt.NDArray[np.float64],
    cells: npt.NDArray[np.int64],
    name: str,
    values: npt.NDArray[np.float64],
) -> pv.PolyData | pv.UnstructuredGrid:
    if cells.shape[1] == 3:
        return revolve.surface(points, cells, **{name: values})
    used, local = np.unique(cells, return_inverse=True)
    mesh = pv.UnstructuredGrid({pv.CellType.TETRA: local.reshape(cells.shape)}, points[used])
    mesh.point_data[name] = values[used]
    return mesh
