"""Bridges of binder between round bodies: what a hollow curve, a meniscus, leaves between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array

#: A meniscus reaches this share of its radius into the bodies, so that the two cross at an angle.
_DEEP = 0.02


@dataclass(frozen=True, slots=True)
class Bridge:
    """What joins two equal discs or balls; in 3D it is round about the line of their centres.

    Attributes:
        one: Centre of one body in um.
        other: Centre of the other.
        radius: Of both, in um.
        meniscus: Radius of the hollow curve in um.
    """

    one: Array
    other: Array
    radius: float
    meniscus: float

    @property
    def length(self) -> float:
        """Distance of the centres."""
        return float(np.linalg.norm(self.other - self.one))

    @property
    def offset(self) -> float:
        """Distance of the centre of the curve from the middle between the bodies."""
        reach = self.radius + (1.0 - _DEEP) * self.meniscus
        return float(np.sqrt(reach**2 - self.length**2 / 4.0))

    @property
    def ends(self) -> tuple[Array, Array]:
        """Centres of the two curves that bound it; in the plane."""
        along = self.other - self.one
        aside = self.offset * np.array([-along[1], along[0]]) / self.length
        middle = (self.one + self.other) / 2.0
        return middle + aside, middle - aside

    @property
    def corners(self) -> Array:
        """Where the curves cross the bodies, in um, shape ``(8, 2)``; in the plane.

        Each curve crosses each body twice: once at the bridge, once within it.
        """
        found = []
        for centre in (self.one, self.other):
            for end in self.ends:
                away = end - centre
                far = float(np.linalg.norm(away))
                along = (far**2 + self.radius**2 - self.meniscus**2) / (2.0 * far)
                across = np.sqrt(self.radius**2 - along**2) * np.array([-away[1], away[0]]) / far
                found += [centre + along * away / far + sign * across for sign in (1.0, -1.0)]
        return np.array(found)

    @property
    def rims(self) -> Array:
        """Ends along each axis of the circles where it meets the bodies, in um; in 3D.

        Shape ``(4, 3)``: each coordinate is the least or the largest on a circle, so that these
        are no points of the circles.
        """
        line = (self.other - self.one) / self.length
        half, reach = self.length / 2.0, self.radius + (1.0 - _DEEP) * self.meniscus
        # where both circles of the plane cross: seen from the centre of the body
        along = (reach**2 + self.radius**2 - self.meniscus**2) / (2.0 * reach)
        across = float(np.sqrt(self.radius**2 - along**2))
        tip = np.array([half, self.offset]) / reach
        place = along * tip + across * np.array([tip[1], -tip[0]])
        wide = place[1] * np.sqrt(np.maximum(1.0 - line**2, 0.0))
        middles = self.one + place[0] * line, self.other - place[0] * line
        return np.array([middle + sign * wide for middle in middles for sign in (-1.0, 1.0)])

    @property
    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner of a box that holds it."""
        ends = np.array([self.one, self.other])
        return ends.min(axis=0) - self.offset, ends.max(axis=0) + self.offset

    def holds(self, points: Array) -> npt.NDArray[np.bool_]:
        """Whether points are within it.

        Args:
            points: In um, shape ``(..., dim)``.
        """
        half, away = self.length / 2.0, points - self.one
        along = away @ (self.other - self.one) / self.length
        aside = np.sqrt(np.maximum((away**2).sum(axis=-1) - along**2, 0.0))
        between = aside <= self.offset * (1.0 - np.abs(along / half - 1.0))
        outside = (along - half) ** 2 + (aside - self.offset) ** 2 >= self.meniscus**2
        return np.asarray(between & outside)

    def draw(self, occ: Any) -> list[tuple[int, int]]:
        """Draw it, and return what has been drawn.

        Args:
            occ: ``gmsh.model.occ``.
        """
        return self._flat(occ) if len(self.one) == 2 else self._round(occ)

    def _flat(self, occ: Any) -> list[tuple[int, int]]:
        ends = self.ends
        corners = np.array([self.one, ends[0], self.other, ends[1]])
        return self._hollowed(occ, corners, [*ends])

    def _round(self, occ: Any) -> list[tuple[int, int]]:
        """Its half in a plane, turned around the line between the centres."""
        length, tip = self.length, np.array([self.length / 2.0, self.offset])
        half = self._hollowed(occ, np.array([[0.0, 0.0], [length, 0.0], tip]), [tip])
        turned = occ.revolve(half, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0 * np.pi)
        found = [each for each in turned if each[0] == 3]
        # Half a turn around what is halfway between the axis x and its own takes one to the other.
        axis = (self.other - self.one) / length + np.array([1.0, 0.0, 0.0])
        if np.linalg.norm(axis) < 1e-6:
            axis = np.array([0.0, 0.0, 1.0])
        occ.rotate(found, 0.0, 0.0, 0.0, *map(float, axis), np.pi)
        occ.translate(found, *map(float, self.one))
        return found

    def _hollowed(self, occ: Any, corners: Array, centres: list[Array]) -> list[tuple[int, int]]:
        """A polygon without the discs of the curve.

        Args:
            occ: ``gmsh.model.occ``.
            corners: Of the polygon in um, shape ``(n, 2)``.
            centres: Of the discs in um.
        """
        radius = self.meniscus
        discs = [(2, occ.addDisk(*map(float, at), 0.0, radius, radius)) for at in centres]
        points = [occ.addPoint(*map(float, corner), 0.0) for corner in corners]
        pairs = zip(points, [*points[1:], points[0]], strict=True)
        loop = occ.addCurveLoop([occ.addLine(a, b) for a, b in pairs])
        return list(occ.cut([(2, occ.addPlaneSurface([loop]))], discs)[0])
