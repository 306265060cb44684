"""Smooth fields given by numbers at the voxels of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anodefem.geometry import Array


@dataclass(frozen=True)
class Blurred:
    """A field given by numbers at voxels, between them by the cubic B-spline.

    Attributes:
        numbers: At the middles of voxels, shape ``(nx, ny, nz)``.
        corner: Lowest corner of the first voxel in um, shape ``(3,)``.
        voxel: Edge of a voxel in um.
        level: Subtracted from the spline.
    """

    numbers: Array
    corner: Array
    voxel: float
    level: float = 0.0

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Values ``(n,)`` and gradients ``(n, 3)`` at points ``(n, 3)``."""
        pieces = np.array_split(points, max(1, len(points) // 50_000))
        found = [self._at(piece) for piece in pieces]
        return np.concatenate([v for v, _ in found]), np.concatenate([g for _, g in found])

    def _at(self, points: Array) -> tuple[Array, Array]:
        place = (points - self.corner) / self.voxel - 0.5
        low = np.floor(place).astype(np.int64)
        part = place - low
        weights, slopes = _spline(part), _spline_slope(part)
        steps = np.arange(-1, 3)
        index = [
            np.clip(low[:, axis, None] + steps, 0, self.numbers.shape[axis] - 1)
            for axis in range(3)
        ]
        near = self.numbers[
            index[0][:, :, None, None], index[1][:, None, :, None], index[2][:, None, None, :]
        ]
        wx, wy, wz = weights[:, 0], weights[:, 1], weights[:, 2]
        alongz = (near @ wz[:, None, :, None])[..., 0]
        alongy = (alongz @ wy[:, :, None])[..., 0]
        value = (alongy * wx).sum(axis=1) - self.level
        gradient = np.stack(
            [
                (alongy * slopes[:, 0]).sum(axis=1),
                ((alongz @ slopes[:, 1][:, :, None])[..., 0] * wx).sum(axis=1),
                (((near @ slopes[:, 2][:, None, :, None])[..., 0] @ wy[:, :, None])[..., 0] * wx)
                .sum(axis=1),
            ],
            axis=1,
        )  # fmt: skip
        return value, gradient / self.voxel

    @property
    def middles(self) -> Array:
        """Values, and slopes along each axis per voxel, at the middles of voxels without ``level``.

        Shape ``(4, nx, ny, nz)``.
        """
        here, across = (1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0), (-0.5, 0.0, 0.5)
        slopes = [
            convolved(self.numbers, *(across if other == axis else here for other in range(3)))
            for axis in range(3)
        ]
        return np.stack([convolved(self.numbers, here, here, here), *slopes])


def parted(field: Array, whole: Array, wanted: float) -> tuple[float, Array]:
    """Return the level above which a field at voxels fills as many of them as wanted.

    Args:
        field: Value and slopes at the middles of voxels; its level set is taken as flat within one.
        whole: Share of each voxel that can be filled.
        wanted: Number of voxels.

    Returns:
        The level, and the share of each voxel above it.
    """
    value, change = field[0], np.maximum(np.abs(field[1:]).sum(axis=0), 1e-12)
    low, high = float(value.min()), float(value.max())
    for _ in range(40):
        level = (low + high) / 2.0
        share = whole * np.clip(0.5 + (value - level) / change, 0.0, 1.0)
        low, high = (level, high) if share.sum() > wanted else (low, level)
    return level, share


def _spline(t: Array) -> Array:
    """Weights of the four nearest numbers, shape ``(n, 3, 4)``."""
    return np.stack(
        [
            (1.0 - t) ** 3 / 6.0,
            (3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0,
            (-3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0) / 6.0,
            t**3 / 6.0,
        ],
        axis=-1,
    )


def _spline_slope(t: Array) -> Array:
    return np.stack(
        [
            -((1.0 - t) ** 2) / 2.0,
            (3.0 * t**2 - 4.0 * t) / 2.0,
            (-3.0 * t**2 + 2.0 * t + 1.0) / 2.0,
            t**2 / 2.0,
        ],
        axis=-1,
    )


def convolved(values: Array, *kernels: Sequence[float]) -> Array:
    """Apply a kernel of three numbers along each axis; the ends are repeated."""
    for axis, kernel in enumerate(kernels):
        padded = np.pad(values, [(1, 1) if other == axis else (0, 0) for other in range(3)], "edge")
        moved = np.moveaxis(padded, axis, 0)
        values = np.moveaxis(
            kernel[0] * moved[:-2] + kernel[1] * moved[1:-1] + kernel[2] * moved[2:], 0, axis
        )
    return np.asarray(values)
