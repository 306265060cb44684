"""Slices of an electrode: where particles are, between which binder bridges, and what one sees.

A slice lies between planes of symmetry, or goes on beyond a side as it begins at that opposite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from anodefem.geometry import Array
from anodefem.meshing.bridges import Bridge
from anodefem.meshing.packing import packed, scattered

#: Where between two turns a slice may be cut.
_SHARES = np.array([[0.25], [0.5], [0.75]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Coated particles of one size on a collector; lengths in um.

    The collector ends at zero of the last axis. In 3D the slice is as deep as wide.

    Attributes:
        dim: 2 or 3.
        width: From side to side.
        height: From the collector to the plate.
        periodic: Sides are periodic; else they are planes of symmetry.
        particles: How many.
        particle_radius: Of every particle.
        coat_thickness: Of its coat.
        gap: Least distance between the surfaces of two particles.
        bridge: Coats that are closer than this are bridged.
        meniscus: Radius of the hollow curve of a bridge.
        seed: Of the packing.
    """

    dim: int
    width: float
    height: float
    periodic: bool
    particles: int
    particle_radius: float
    coat_thickness: float
    gap: float
    bridge: float
    meniscus: float
    seed: int

    @property
    def coat_radius(self) -> float:
        """Radius of a particle with its coat."""
        return self.particle_radius + self.coat_thickness

    @property
    def distance(self) -> float:
        """Least distance of the centres of two particles."""
        return 2.0 * self.particle_radius + self.gap

    @property
    def centres(self) -> Array:
        """Centres of the particles, shape ``(particles, dim)``.

        Between planes of symmetry each particle is in the slice with its coat; if sides are
        periodic its centre is.

        Raises:
            ValueError: They do not fit.
        """
        return _centres(self)

    def seen(self, radius: float) -> Array:
        """Centres of all balls of a radius of which a part is in the slice."""
        found = self._images(self.centres)
        across = found[:, :-1]
        return found[((across > -radius) & (across < self.width + radius)).all(axis=1)]

    def bridges(self) -> Iterator[Bridge]:
        """Bridges of which a part is in the slice; see `between`."""
        return self.between(self.centres)

    def between(self, centres: Array) -> Iterator[Bridge]:
        """Bridges between particles; to the collector and beyond planes of symmetry as to an image.

        Args:
            centres: Of the particles, shape ``(n, dim)``.
        """
        every, up = self._images(centres), self.dim - 1
        pairs = [(a, b) for i, a in enumerate(every) for b in every[:i]]
        mirrors = [(up, 0.0)]
        if not self.periodic:
            mirrors += [(axis, at) for axis in range(up) for at in (0.0, self.width)]
        for one in every:
            for axis, place in mirrors:
                other = one.copy()
                other[axis] = 2.0 * place - one[axis]
                pairs.append((one, other))
        for one, other in pairs:
            bridge = Bridge(one, other, self.coat_radius, self.meniscus)
            if bridge.length - 2.0 * self.coat_radius < self.bridge:
                low, high = bridge.box
                if (low[:up] < self.width).all() and (high[:up] > 0.0).all():
                    yield bridge

    def _images(self, centres: Array) -> Array:
        """Centres with those of the next slices, if the sides are periodic."""
        if not self.periodic:
            return centres
        moves = product((-self.width, 0.0, self.width), repeat=self.dim - 1)
        return np.concatenate([centres + np.array([*move, 0.0]) for move in moves])


@cache
def _centres(part: Slice) -> Array:
    """See `Slice.centres`."""
    room = part.coat_radius + 0.5 * part.coat_thickness
    found = _periodic(part, room) if part.periodic else _mirrored(part, room)
    if found is None:
        raise ValueError(f"{part.particles} particles do not fit")
    return found


def _mirrored(part: Slice, room: float) -> Array | None:
    """Centres between planes of symmetry.

    Args:
        part: The slice.
        room: Least distance of a centre from collector and plate in um.
    """
    # As far from its mirror image beyond a side as from any other particle.
    aside = max(room, part.particle_radius + 0.5 * part.gap)
    low = np.array([*[aside] * (part.dim - 1), room])
    high = np.array([*[part.width] * (part.dim - 1), part.height]) - low
    start = scattered(part.particles, low, high, part.seed)
    return packed(start, part.distance, lambda points: np.clip(points, low, high))


def _periodic(part: Slice, room: float) -> Array | None:
    """Centres of particles that may cross the sides, each with its centre within the slice.

    Args:
        part: The slice.
        room: Least distance of a centre from collector and plate in um.
    """
    up = part.dim - 1
    low, high = np.array([*[0.0] * up, room]), np.array([*[part.width] * up, part.height - room])

    def within(points: Array) -> Array:
        return np.column_stack(
            [points[:, :up] % part.width, np.clip(points[:, up], low[up], high[up])]
        )

    start = scattered(part.particles, low, high, part.seed)
    period = np.array([*[part.width] * up, np.inf])
    found = packed(start, part.distance, within, period=period)
    if found is not None:
        found[:, :up] = (found[:, :up] - _cut(part, found)) % part.width
    return found


def _cut(part: Slice, centres: Array) -> Array:
    """Where a periodic slice begins: as far as may be from where a curve ends or turns.

    No side then touches a surface, nor passes close by a corner or, in 3D, a pole; and no edge
    between two sides does.

    Args:
        part: The slice.
        centres: Of the particles in um, shape ``(n, dim)``.

    Returns:
        Place along each axis across in um, shape ``(dim - 1,)``.
    """
    radii, up = [part.particle_radius, part.coat_radius], part.dim - 1
    if up > 1:
        radii.append(0.0)  # above and below a centre are the poles of a ball that gmsh draws
    turns: list[Array] = [centres[:, :up] + sign * r for r in radii for sign in (-1, 1)]
    turns += [_turns(bridge, part.meniscus) for bridge in part.between(centres)]
    places, free = [], []
    for along in np.sort(np.concatenate(turns) % part.width, axis=0).T:
        gaps = np.diff(along, append=along[0] + part.width)
        places.append((along + _SHARES * gaps).ravel())
        free.append((np.minimum(_SHARES, 1.0 - _SHARES) * gaps).ravel())
    every = np.stack(np.meshgrid(*places, indexing="ij"), axis=-1)
    room = np.stack(np.meshgrid(*free, indexing="ij"), axis=-1).min(axis=-1)
    if up > 1:
        for centre in centres[:, :up]:
            apart = every - centre
            away = np.linalg.norm(apart - part.width * np.round(apart / part.width), axis=-1)
            room = np.minimum(room, np.abs(np.subtract.outer(radii, away)).min(axis=0))
    return np.asarray(every.reshape(-1, up)[room.argmax()])


def _turns(bridge: Bridge, meniscus: float) -> Array:
    """Places across where the outline of a bridge ends or turns, shape ``(n, dim - 1)``."""
    if len(bridge.one) > 2:
        return bridge.rims[:, :-1]
    found = [bridge.corners]
    for end in bridge.ends:
        turns = end + meniscus * np.array([[1.001, 0.0], [-1.001, 0.0]])
        found.append(turns[bridge.holds(turns)])
    return np.concatenate(found)[:, :1]
