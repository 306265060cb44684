"""From points of a body back to its symmetry cell: the inverse of what `revolve` does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anodefem.compare.body import frame_planes, to_frame
from anodefem.compare.extension import COPIES
from anodefem.compare.load import Run

Floats = npt.NDArray[np.float64]

#: Angles and depths that differ by less are the same copy [rad, um].
SAME = 1e-5
#: Sectors of a revolved body whose cut is moved.
SECTORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Points of a body as images of points of its symmetry cell.

    Attributes:
        points: The points in the cell, in the drawing frame [um]; shape (n, 3).
        copy: Which image of the cell each point belongs to; shape (n,).
        maps: Rotation or reflection, and shift, that makes the image; shape (copies, 3, 4).
    """

    points: Floats
    copy: npt.NDArray[np.int64]
    maps: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """How the symmetry cell fills a body.

    Attributes:
        maps: Rotation or reflection, and shift, of each image; shape (images, 3, 4).
        pairs: Images between which a plane cell is swept, shape (n, 2); of a solid cell the image
            alone, shape (n, 1).
    """

    maps: Floats
    pairs: npt.NDArray[np.int64]


def sweep(run: Run, body: Floats) -> Sweep:
    """Return the images of the symmetry cell that fill the undeformed body.

    Args:
        run: The run.
        body: Points of the body, shape (n, 3); they say how far it reaches.
    """
    planes = frame_planes(run)
    mirrored = [(np.ones(3), np.zeros(3))]
    for axis, at in planes.items():
        for sign, shift in list(mirrored):
            flipped, moved = sign.copy(), shift.copy()
            flipped[axis], moved[axis] = -1.0, 2 * at[0]
            mirrored.append((flipped, moved))
    straight = np.zeros(1)
    if run.kinematics == "3d":
        maps = [_map(sign, shift, straight) for sign, shift in mirrored]
        return Sweep(maps=np.array(maps), pairs=np.arange(len(maps))[:, None])
    if run.kinematics == "axisymmetric":
        angles = np.linspace(0.0, 2 * np.pi, SECTORS + 1)
        rows = [
            [_map(sign, shift, np.array([angle])) for angle in angles] for sign, shift in mirrored
        ]
    else:
        beside = planes.get(0, ())
        period = 2 * (beside[-1] - beside[0]) if len(beside) > 1 else 0.0
        ends = body[:, 1].min(), body[:, 1].max()
        rows = [
            [_map(sign, shift + np.array([number * period, y, 0.0]), straight) for y in ends]
            for sign, shift in mirrored
            for number in range(COPIES if period else 1)
        ]
    each = len(rows[0])
    start = each * np.arange(len(rows))[:, None] + np.arange(each - 1)
    pairs = np.stack([start.ravel(), start.ravel() + 1], axis=1)
    return Sweep(maps=np.concatenate(rows), pairs=pairs)


def to_cell(run: Run, points: Floats) -> Images:
    """Bring points of the undeformed body, shape (n, 3) [um], back into the run's symmetry cell.

    Args:
        run: The run.
        points: Points of the undeformed body, shape (n, 3) [um].
    """
    cell = to_frame(run, run.initial)
    within = np.array(points, dtype=float)
    # reflections per axis, shifts along x and y, and the angle about z, each point its own
    sign = np.ones_like(within)
    shift = np.zeros_like(within)
    angle: Floats = np.zeros(len(within))
    planes = frame_planes(run)
    if run.kinematics == "axisymmetric":
        radius = np.hypot(within[:, 0], within[:, 1])
        on_axis = radius < 1e-9 * float(np.ptp(cell))
        angle = np.where(on_axis, 0.0, np.arctan2(within[:, 1], within[:, 0]))
        within[:, 0], within[:, 1] = radius, 0.0
    elif run.kinematics == "plane_strain":
        shift[:, 1], within[:, 1] = within[:, 1], 0.0
        beside = planes.get(0, ())
        if len(beside) > 1:
            low, period = 2 * beside[0] - beside[-1], 2 * (beside[-1] - beside[0])
            number = np.maximum(np.floor((within[:, 0] - low) / period + 1e-9), 0.0)
            shift[:, 0] = number * period
            within[:, 0] -= shift[:, 0]
    for axis, at in planes.items():
        side = 1.0 if cell[:, axis].mean() > at[0] else -1.0
        mirrored = side * (within[:, axis] - at[0]) < 0
        sign[mirrored, axis] = -1.0
        shift[mirrored, axis] += 2 * at[0]
        within[mirrored, axis] = 2 * at[0] - within[mirrored, axis]

    what = np.column_stack([sign, shift, angle])
    _, first, copy = np.unique(
        np.round(what / SAME).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    maps = np.array([_map(*np.split(what[row], [3, 6])) for row in first]).reshape(-1, 3, 4)
    return Images(points=within, copy=copy.ravel(), maps=maps)


def _map(sign: Floats, shift: Floats, angle: Floats) -> Floats:
    c, s = float(np.cos(angle[0])), float(np.sin(angle[0]))
    turned = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.diag(sign)
    return np.column_stack([turned, shift])
