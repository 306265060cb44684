"""From one symmetry cell to the whole body: revolve, extrude, mirror, cut open.

Everything works in the drawing frame: z points up, bodies of revolution turn about z, plane-strain
bodies extend along y.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyvista as pv

#: Angle between the meridians of a revolved body [rad]; divides a right angle.
STEP = np.pi / 120
#: Signs of the removed octant: towards a reader in front (-y), to the right (+x), above (+z).
OCTANT = (1.0, -1.0, 1.0)


def surface(
    points: npt.NDArray[np.float64],
    facets: npt.NDArray[np.int64],
    **data: npt.NDArray[np.float64],
) -> pv.PolyData:
    """Return facets as a surface of their own points only.

    Args:
        points: Shape (n, 3).
        facets: Corner points, shape (m, 2) for lines or (m, 3) for triangles.
        **data: Values at ``points``, shape (n,).
    """
    used, local = np.unique(facets, return_inverse=True)
    local = local.reshape(facets.shape)
    cells = np.column_stack([np.full(len(local), local.shape[1]), local]).ravel()
    kind = "lines" if facets.shape[1] == 2 else "faces"
    mesh = pv.PolyData(points[used], **{kind: cells}) if len(facets) else pv.PolyData()
    for name, values in data.items():
        if len(facets):
            mesh.point_data[name] = values[used]
    return mesh


def join(meshes: Sequence[pv.PolyData], *, merge: bool = True) -> pv.PolyData:
    """Return the meshes as one; ``merge`` makes points at the same place one.

    Args:
        meshes: Surfaces; empty ones are left out.
        merge: Whether points at the same place become one.
    """
    filled = [mesh for mesh in meshes if mesh.n_cells]
    if not filled:
        return pv.PolyData()
    whole = filled[0].append_polydata(*filled[1:])
    if not merge:
        return whole
    # a surface that is flat but for round-off takes VTK's point locator seconds
    points = whole.points
    flat = np.ptp(points, axis=0) < 1e-9 * whole.length
    points[:, flat] = points[0, flat]
    return whole.clean(tolerance=1e-9)


def shaded(mesh: pv.PolyData, *, outward: bool = False) -> pv.PolyData:
    """Return a surface with normals at its points, its sharp edges kept sharp.

    ``outward`` turns them away from the body that the surface encloses.

    Args:
        mesh: A surface.
        outward: Whether normals point away from the body that the surface encloses.
    """
    if not mesh.n_cells:
        return mesh
    return mesh.compute_normals(
        cell_normals=False,
        split_vertices=True,
        feature_angle=35.0,
        consistent_normals=True,
        auto_orient_normals=outward,
    )


def _lines(mesh: pv.PolyData) -> npt.NDArray[np.int64]:
    return np.asarray(mesh.lines).reshape(-1, 3)[:, 1:].astype(np.int64)


def _sweep(mesh: pv.PolyData, stations: Sequence[npt.NDArray[np.float64]]) -> pv.PolyData:
    """Join copies of a set of lines, one per station of shape (n, 3), by quadrilaterals.

    Args:
        mesh: A set of lines.
        stations: Where its points stand in each copy, each of shape (n, 3).
    """
    lines = _lines(mesh)
    n = mesh.n_points
    start = np.arange(len(stations) - 1)[:, None] * n
    a, b = start + lines[:, 0], start + lines[:, 1]
    quads = np.stack([np.full_like(a, 4), a, b, b + n, a + n], axis=-1)
    swept = pv.PolyData(np.concatenate(stations), faces=quads.ravel())
    for name in mesh.point_data:
        swept.point_data[name] = np.tile(np.asarray(mesh.point_data[name]), len(stations))
    return swept


def turn(points: npt.NDArray[np.float64], angle: float) -> npt.NDArray[np.float64]:
    """Turn points of the half plane y = 0, shape (n, 3), about z by ``angle`` [rad].

    Args:
        points: Points of the half plane y = 0, shape (n, 3).
        angle: Angle about z [rad].
    """
    r = points[:, 0]
    return np.column_stack([r * np.cos(angle), r * np.sin(angle), points[:, 2]])


def revolve(
    mesh: pv.PolyData, *, start: float = 0.0, sweep: float = 2 * np.pi, step: float = STEP
) -> pv.PolyData:
    """Revolve lines of the half plane y = 0 about z into a surface [angles in rad].

    Args:
        mesh: Lines in the half plane y = 0.
        start: First angle [rad].
        sweep: Angle that is swept [rad].
        step: Angle between two meridians [rad].
    """
    if not mesh.n_cells:
        return pv.PolyData()
    angles = start + np.linspace(0.0, sweep, max(2, round(sweep / step) + 1))
    points = np.asarray(mesh.points, dtype=float)
    return _sweep(mesh, [turn(points, angle) for angle in angles])


def extrude(mesh: pv.PolyData, depth: float) -> pv.PolyData:
    """Extrude lines of the plane y = 0 along y into a surface.

    Args:
        mesh: Lines in the plane y = 0.
        depth: Along y [um].
    """
    if not mesh.n_cells:
        return pv.PolyData()
    points = np.asarray(mesh.points, dtype=float)
    return _sweep(mesh, [points, points + np.array([0.0, depth, 0.0])])


def mirror(mesh: pv.PolyData, axis: int, at: float) -> pv.PolyData:
    """Return the mirror image in the plane at position ``at`` of ``axis``.

    Args:
        mesh: A surface.
        axis: Axis of the drawing frame: 0, 1 or 2.
        at: Position of the plane along the axis [um].
    """
    image = mesh.copy()
    image.points[:, axis] = 2 * at - image.points[:, axis]
    return image


def unfold(mesh: pv.PolyData, planes: Mapping[int, float]) -> pv.PolyData:
    """Return the surface with its mirror images in all the symmetry planes (axis -> position).

    Args:
        mesh: Surface of the symmetry cell.
        planes: Axis -> position of its symmetry plane.
    """
    for axis, at in planes.items():
        mesh = join([mesh, mirror(mesh, axis, at)])
    return mesh


def repeat(mesh: pv.PolyData, axis: int, period: float, copies: int) -> pv.PolyData:
    """Return ``copies`` of the surface in a row.

    Args:
        mesh: A surface.
        axis: Axis of the drawing frame: 0, 1 or 2.
        period: Distance of one copy from the next [um].
        copies: How many there are in the end.
    """
    shift = np.zeros(3)
    row = []
    for number in range(copies):
        shift[axis] = number * period
        row.append(mesh.translate(shift, inplace=False))
    return join(row)


def slice_at(mesh: pv.DataSet, axis: int, at: float) -> pv.PolyData:
    """Return where a mesh meets the plane at position ``at`` of ``axis``.

    Args:
        mesh: Any mesh.
        axis: Axis of the drawing frame: 0, 1 or 2.
        at: Position of the plane along the axis [um].
    """
    if not mesh.n_cells:
        return pv.PolyData()
    normal, origin = np.zeros(3), np.zeros(3)
    normal[axis] = 1.0
    # a hair beside the plane: points exactly in it make cells meet it in points only
    origin[axis] = at - OCTANT[axis] * 1e-5 * mesh.length
    return mesh.slice(normal=normal, origin=origin)


def half(mesh: pv.PolyData, axis: int, at: float, sign: float) -> pv.PolyData:
    """Keep the side of a plane where ``sign * (x - at)`` is positive.

    Points at the same place stay apart, so that sharp edges stay sharp.

    Args:
        mesh: Any surface, or lines.
        axis: Axis of the drawing frame: 0, 1 or 2.
        at: Position of the plane along the axis [um].
        sign: 1 to keep what is above the position, -1 to keep what is below.
    """
    if not mesh.n_cells:
        return mesh
    side = sign * (np.asarray(mesh.points)[:, axis] - at)
    if (side >= 0).all():
        return mesh
    if (side <= 0).all():
        return pv.PolyData()
    normal = np.zeros(3)
    normal[axis] = sign
    origin = np.zeros(3)
    origin[axis] = at
    # as cells of a grid: VTK clips surfaces so that points at the same place become one
    clipped = mesh.cast_to_unstructured_grid().clip(normal=normal, origin=origin, invert=False)
    if not clipped.n_cells:
        return pv.PolyData()
    kind = "lines" if mesh.n_lines else "faces"
    kept = pv.PolyData(clipped.points, **{kind: clipped.cells})
    kept.GetPointData().ShallowCopy(clipped.GetPointData())  # normals stay what light falls on
    return kept


def outside(mesh: pv.PolyData, centre: Mapping[int, float], *, merge: bool = False) -> pv.PolyData:
    """Remove the reader's octant (or quarter) of a surface.

    Args:
        mesh: The surface.
        centre: Axis -> position where the body is cut; with axes 0 and 1 a quarter is removed,
            with 0, 1 and 2 an octant.
        merge: Make points at the same place one. Not for surfaces with normals: their points at
            sharp edges are double on purpose.
    """
    kept = []
    for axis, at in centre.items():
        kept.append(half(mesh, axis, at, -OCTANT[axis]))
        mesh = half(mesh, axis, at, OCTANT[axis])
    return join(kept, merge=merge)


def inside(mesh: pv.PolyData, centre: Mapping[int, float]) -> pv.PolyData:
    """Keep only the reader's octant (or quarter) of a surface.

    Args:
        mesh: The surface.
        centre: Axis -> position where the body is cut.
    """
    for axis, at in centre.items():
        mesh = half(mesh, axis, at, OCTANT[axis])
    return mesh
