"""How the symmetry cell of a run becomes a body that is cut open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyvista as pv

from anodefem.compare import revolve
from anodefem.compare.body import Cell, frame_planes
from anodefem.compare.load import Run

#: Bodies flatter than this (height over width) lose a quarter to the reader, others an octant.
FLAT = 0.6
#: Extruded depth of plane-strain bodies over their width.
DEPTH = 0.45
#: Repeated cells shown of a periodic plane-strain body.
COPIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """How the symmetry cell of a run becomes a body.

    Attributes:
        surface: Makes the body's surface of the cell's facets.
        faces: Region name and cut face, wherever the body is cut open.
        sides: Region name and face, whole, where the body ends although what it is part of goes on.
        centre: Axis -> position of the cuts; empty if the body is not opened.
        front: Axis -> position of the planes on which outlines are drawn.
    """

    surface: Callable[[pv.PolyData], pv.PolyData]
    faces: Sequence[tuple[str, pv.PolyData]]
    sides: Sequence[tuple[str, pv.PolyData]] = ()
    centre: Mapping[int, float]
    front: Mapping[int, float]

    def opened(self, mesh: pv.PolyData, *, shell: bool = False, lid: bool = False) -> pv.PolyData:
        """Return the body's surface of the cell's facets with normals, cut open; or its lid.

        Args:
            mesh: Facets of the cell.
            shell: Whether normals are to point outwards.
            lid: Whether the part that the cut takes away is wanted.
        """
        # normals before the cut, which would bend them
        body = revolve.shaded(self.surface(mesh), outward=shell)
        if lid:
            return revolve.inside(body, self.centre) if self.centre else pv.PolyData()
        return revolve.outside(body, self.centre) if self.centre else body

    def trace(self, body: pv.PolyData) -> pv.PolyData:
        """Return the curves in which a surface of the body meets the cuts."""
        curves = []
        for axis, at in self.front.items():
            others = {other: where for other, where in self.centre.items() if other != axis}
            curves.append(revolve.inside(revolve.slice_at(body, axis, at), others))
        return revolve.join(curves)


def _revolved(run: Run, now: Cell, step: float) -> Extension:
    planes = {axis: at[0] for axis, at in frame_planes(run).items()}
    sections = {name: revolve.unfold(mesh, planes) for name, mesh in now.solids.items()}
    points = np.concatenate([mesh.points for mesh in sections.values()])
    centre = {0: 0.0, 1: 0.0}
    if np.ptp(points[:, 2]) > FLAT * 2 * points[:, 0].max():
        centre[2] = planes.get(2, now.middle[2])
    vertical = {axis: at for axis, at in centre.items() if axis == 2}
    faces = []
    for name, mesh in sections.items():
        upper = revolve.inside(mesh, vertical)
        turned = upper.copy()
        turned.points = revolve.turn(np.asarray(upper.points, dtype=float), -np.pi / 2)
        faces += [(name, upper), (name, turned)]
        if vertical:
            level = (
                now.faces[2, planes[2]][name]
                if 2 in planes
                else revolve.slice_at(mesh, 2, centre[2])
            )
            turned = revolve.revolve(level, start=-np.pi / 2, sweep=np.pi / 2, step=step)
            faces.append((name, turned))
    return Extension(
        surface=lambda mesh: revolve.revolve(revolve.unfold(mesh, planes), step=step),
        faces=faces,
        centre=centre,
        front=centre,
    )


def _mirrored(run: Run, now: Cell, step: float) -> Extension:
    planes = {axis: at[0] for axis, at in frame_planes(run).items()}
    centre = {axis: planes.get(axis, now.middle[axis]) for axis in (0, 1, 2)}
    size = [
        np.ptp([grid.bounds[2 * axis : 2 * axis + 2] for grid in now.solids.values()])
        * (2 if axis in planes else 1)
        for axis in (0, 1, 2)
    ]
    if size[2] < FLAT * max(size[:2]):
        del centre[2]
    faces = []
    for axis, at in centre.items():
        others = {other: where for other, where in planes.items() if other != axis}
        cuts = {other: where for other, where in centre.items() if other != axis}
        for name, grid in now.solids.items():
            level = (
                now.faces[axis, at][name] if axis in planes else revolve.slice_at(grid, axis, at)
            )
            faces.append((name, revolve.inside(revolve.unfold(level, others), cuts)))
    sides = [
        (name, revolve.unfold(mesh, planes))
        for (axis, at), parts in now.faces.items()
        if at != planes.get(axis)  # no mirror but a far side
        for name, mesh in parts.items()
    ]
    return Extension(
        surface=lambda mesh: revolve.unfold(mesh, planes),
        faces=faces,
        sides=sides,
        centre=centre,
        front=centre,
    )


def _extruded(run: Run, now: Cell, step: float) -> Extension:
    positions = frame_planes(run)
    planes = {axis: at[0] for axis, at in positions.items()}
    beside = positions.get(0, ())
    period = 2 * (beside[-1] - beside[0]) if len(beside) > 1 else 0.0

    def whole(mesh: pv.PolyData) -> pv.PolyData:
        body = revolve.unfold(mesh, planes)
        return revolve.repeat(body, 0, period, COPIES) if period else body

    sections = [(name, whole(mesh)) for name, mesh in now.solids.items()]
    left = min(mesh.bounds[0] for _, mesh in sections)
    right = max(mesh.bounds[1] for _, mesh in sections)
    depth = DEPTH * (right - left)
    ends = [
        (name, revolve.extrude(whole(mesh), depth))
        for (axis, at), parts in now.faces.items()
        if axis == 0 and at != planes.get(0)
        for name, mesh in parts.items()
    ]
    return Extension(
        surface=lambda mesh: revolve.extrude(whole(mesh), depth),
        faces=sections,
        sides=ends,
        centre={},
        front={1: 0.0},
    )


#: By the kinematics of a run.
EXTENSIONS = {"axisymmetric": _revolved, "3d": _mirrored, "plane_strain": _extruded}
