"""Sums of waves whose sign tells solid from pore, and what they measure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array
from anodefem.meshing.simplices import components

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """Sum of products of cosines along the three axes; positive in the solid.

    Attributes:
        numbers: Wave numbers along any axis, shape ``(w,)``.
        phases: Their phases, shape ``(w,)``.
        weights: Of the products, shape ``(w, w, w)``.
        level: Subtracted from the sum.
    """

    numbers: Array
    phases: Array
    weights: Array
    level: float = 0.0

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Values ``(n,)`` and gradients ``(n, 3)`` at points ``(n, 3)``."""
        angle = points[..., None] * self.numbers + self.phases
        wave, slope = np.cos(angle), -self.numbers * np.sin(angle)
        value = self._value(wave)
        along = [
            self._sum(*[(slope if other == axis else wave)[:, other] for other in range(3)])
            for axis in range(3)
        ]
        return value, np.stack(along, axis=1)

    def values(self, points: Array) -> Array:
        """Values ``(n,)`` alone, at points ``(n, 3)``."""
        return self._value(np.cos(points[..., None] * self.numbers + self.phases))

    def _value(self, wave: Array) -> Array:
        return self._sum(wave[:, 0], wave[:, 1], wave[:, 2]) - self.level

    def _sum(self, x: Array, y: Array, z: Array) -> Array:
        count = len(self.numbers)
        rest = (x @ self.weights.reshape(count, -1)).reshape(-1, count, count)
        return np.asarray(np.einsum("ny,ny->n", (rest @ z[:, :, None])[:, :, 0], y))

    def on_grid(self, x: Array, y: Array, z: Array) -> Array:
        """Values on a grid, shape ``(len(x), len(y), len(z))``.

        Args:
            x: Coordinates along x in um.
            y: Coordinates along y in um.
            z: Coordinates along z in um.
        """
        waves = [np.cos(np.outer(line, self.numbers) + self.phases) for line in (x, y, z)]
        return self._product(*waves) - self.level

    def gradient_on_grid(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        """Derivatives along x, y and z on a grid, shape ``(len(x), len(y), len(z))`` each.

        Args:
            x: Coordinates along x in um.
            y: Coordinates along y in um.
            z: Coordinates along z in um.
        """
        angles = [np.outer(line, self.numbers) + self.phases for line in (x, y, z)]
        (a, b, c), (da, db, dc) = (
            [np.cos(angle) for angle in angles],
            [-self.numbers * np.sin(angle) for angle in angles],
        )
        return self._product(da, b, c), self._product(a, db, c), self._product(a, b, dc)

    def _product(self, x: Array, y: Array, z: Array) -> Array:
        return np.asarray(np.einsum("xi,yj,zk,ijk->xyz", x, y, z, self.weights, optimize=True))


def random_waves(size: float, wavelength: float, seed: int) -> Waves:
    """Return waves of one length in all directions, mirrored at the faces of the cube.

    A wave with a random phase, added to its mirror images in the faces, is a product of cosines
    whose weight is the cosine of the phase.

    Args:
        size: Edge of the cube [0, size]^3 in um.
        wavelength: In um.
        seed: Of the phases.
    """
    length = 2.0 * size / wavelength
    count = int(length + 1.6)
    index: Array = np.arange(count, dtype=np.float64)
    distance = np.sqrt(sum(np.square(each) for each in np.meshgrid(index, index, index)))
    shell = np.abs(distance - length) < 0.6
    phase = 2.0 * np.pi * np.random.Generator(np.random.PCG64(seed)).random(shell.shape)
    weights = np.where(shell, np.cos(phase), 0.0)
    return Waves(
        numbers=index * (np.pi / size),
        phases=np.zeros(count),
        weights=weights / np.sqrt((weights**2).sum()),
    )


def gyroid_waves(wavelength: float) -> Waves:
    """Return sin x cos y + sin y cos z + sin z cos x, with one period per ``wavelength``."""
    number = 2.0 * np.pi / wavelength
    weights = np.zeros((3, 3, 3))
    sine, cosine, one = range(3)
    weights[sine, cosine, one] = weights[one, sine, cosine] = weights[cosine, one, sine] = 1.0
    return Waves(
        numbers=np.array([number, number, 0.0]),
        phases=np.array([-np.pi / 2.0, 0.0, 0.0]),
        weights=weights,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A field on the middles of small cubes.

    Attributes:
        waves: The field.
        size: Edge of the sampled cube [0, size]^3 in um.
        kept: The largest connected part where the field is positive, shape ``(n, n, n)``.
        lost: Share of the positive part that is not connected to it.
    """

    waves: Waves
    size: float
    kept: Mask
    lost: float

    @property
    def share(self) -> float:
        """Share of the cube that is kept."""
        return float(self.kept.mean())

    def hanging(self, depth: float) -> float:
        """Share of the kept part that comes off when its surface is taken off to a depth in um."""
        core = self.kept
        for _ in range(round(depth * len(core) / self.size)):
            core = ~_widened(~core)
        return 1.0 - float(_largest(core).sum() / core.sum()) if core.any() else 1.0

    def surface(self) -> float:
        """Area of the level set around the kept part, in um^2."""
        line, spacing = _middles(self.size, len(self.kept))
        # The level set stays close to the kept part: elsewhere it bounds what was dropped.
        near = self.kept
        for _ in range(7):  # steps along the axes, to reach 4 spacings across a diagonal
            near = _widened(near)
        slopes = [each[near] for each in self.waves.gradient_on_grid(line, line, line)]
        value = self.waves.on_grid(line, line, line)[near]
        distance = value / np.sqrt(sum(np.square(slope) for slope in slopes))

        def within(width: float) -> float:
            close = np.abs(distance) < width
            bump = (1.0 + np.cos(np.pi * distance[close] / width)) / (2.0 * width)
            return float(bump.sum() * spacing**3)

        # Curvature makes both err with the square of their width.
        return (4.0 * within(2.0 * spacing) - within(4.0 * spacing)) / 3.0

    def face(self, axis: int) -> float:
        """Area of the kept part on the face of the cube at ``size``, in um^2."""
        area, sure = self._patches(axis)
        return float(area[sure > 0.0].sum())

    def grazing(self, axis: int) -> float:
        """Area on that face of patches of which it is unsure whether they are kept, in um^2.

        The level set is almost parallel to the face there, and leaves a thin wedge of solid.
        """
        area, sure = self._patches(axis)
        return float(area[(sure > 0.0) & (sure < 0.9)].sum())

    def _patches(self, axis: int) -> tuple[Array, Array]:
        """Area of each patch of solid on a face, and its share beside what is kept."""
        finer = 5
        line, spacing = _middles(self.size, finer * len(self.kept))
        lines = [line, line, line]
        lines[axis] = np.array([self.size])
        cut = self.waves.on_grid(*lines).squeeze(axis) > 0.0
        beside = _widened(self.kept).take(-1, axis=axis).repeat(finer, 0).repeat(finer, 1)
        patch = np.unique(parts(cut), return_inverse=True)[1]
        count = np.bincount(patch)
        sure = np.bincount(patch, weights=beside[cut]) / np.maximum(count, 1)
        return count * spacing**2, sure


def sampled(
    waves: Waves, size: float, share: float, count: int, *, radius: float | None = None
) -> Sampled:
    """Return the field with the level at which its largest connected part fills ``share``.

    Args:
        waves: The field; its level is replaced.
        size: Edge of the cube in um.
        share: Wanted share of the cube.
        count: Small cubes along an edge.
        radius: Only the eighth of a ball around the origin is a body, in um; ``share`` is of that.
    """
    line, _ = _middles(size, count)
    value = replace(waves, level=0.0).on_grid(line, line, line)
    within = np.ones(value.shape, dtype=bool)
    if radius is not None:
        square = line**2
        within = square[:, None, None] + square[:, None] + square < radius**2
    # What is not connected is dropped, so a little more than the share must be positive.
    low, high, guess = share, min(1.5 * share, 0.999), share
    for _ in range(12):
        level = float(np.quantile(value[within], 1.0 - guess))
        positive = (value > level) & within
        kept = _largest(positive)
        found = float(kept[within].mean())
        if abs(found - share) < 1e-3 * share:
            break
        low, high = (guess, high) if found < share else (low, guess)
        scaled = guess * share / found
        guess = scaled if low < scaled < high else (low + high) / 2.0
    lost = 1.0 - float(kept.sum() / positive.sum())
    return Sampled(waves=replace(waves, level=level), size=size, kept=kept, lost=lost)


def _middles(size: float, count: int) -> tuple[Array, float]:
    spacing = size / count
    return (np.arange(count) + 0.5) * spacing, spacing


def _largest(mask: Mask) -> Mask:
    label = parts(mask)
    kept = np.zeros_like(mask)
    kept[mask] = label == np.bincount(label).argmax()
    return kept


def parts(mask: Mask) -> npt.NDArray[np.int64]:
    """One number per connected part, for each place where the mask is set, in its order."""
    number = np.full(mask.shape, -1, dtype=np.int64)
    number[mask] = np.arange(mask.sum())
    pairs = []
    for axis in range(mask.ndim):
        moved = np.moveaxis(number, axis, 0)
        pair = np.stack([moved[:-1].ravel(), moved[1:].ravel()], axis=1)
        pairs.append(pair[(pair >= 0).all(axis=1)])
    return components(int(mask.sum()), np.concatenate(pairs))


def _widened(mask: Mask) -> Mask:
    wide = mask.copy()
    for axis in range(3):
        source, target = np.moveaxis(mask, axis, 0), np.moveaxis(wide, axis, 0)
        target[1:] |= source[:-1]
        target[:-1] |= source[1:]
    return wide
