"""One particle or wire without anything around it: round, spheroid, rough or faceted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np

from anodefem.geometry import Array, Geometry, Indices, Roles, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.simplices import oriented
from anodefem.meshing.smooth import smoothed
from anodefem.units import FractionOrZero, Length, Ratio

Shape = Literal["sphere", "spheroid", "rough", "faceted"]

# Bumps of the rough shape: each row is a direction of a standing wave that is even in every
# coordinate, so that the symmetry planes stay symmetry planes.
_WAVES_3D = np.array([(3, 1, 2), (1, 2, 3), (2, 3, 1), (2, 2, 2), (1, 3, 0), (0, 1, 3)])
_WAVES_2D = np.array([(3, 1), (1, 3), (2, 2)])
_OCTAGON = np.pi / 8.0  # the meridian of the faceted shape starts with half a side


@dataclass(frozen=True, slots=True, kw_only=True)
class BareParticle:
    """Parameters of a bare particle, or wire in plane strain; lengths in um.

    A wire has the cross section that a particle has in its meridian plane.
    """

    particle_radius: Annotated[
        Length, "radius; of the equator of a spheroid, of the corners of a faceted particle"
    ] = 1.0
    shape: Annotated[Shape, "sphere, spheroid, rough or faceted"] = "sphere"
    aspect: Annotated[Ratio, "height over width of a spheroid"] = 1.0
    roughness: Annotated[FractionOrZero, "amplitude of the bumps over the radius"] = 0.0
    roughness_wavelength: Annotated[Length, "distance between bumps"] = 0.5
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse shapes that cannot be meshed, and settings that would be ignored."""
        if self.shape != "spheroid" and self.aspect != 1.0:
            raise ValueError(
                f"aspect = {self.aspect:g} has no meaning for shape '{self.shape}'; "
                "set shape = 'spheroid' or leave aspect out"
            )
        if not 0.2 <= self.aspect <= 5.0:
            raise ValueError(f"aspect = {self.aspect:g} must be between 0.2 and 5")
        if (self.shape == "rough") != (self.roughness > 0.0):
            raise ValueError(
                f"roughness = {self.roughness:g} does not fit shape '{self.shape}'; "
                "a rough particle needs 0 < roughness <= 0.2, every other shape 0"
            )
        if self.roughness > 0.2:
            raise ValueError(f"roughness = {self.roughness:g} must be at most 0.2 of the radius")
        if self.shape == "rough" and not 0.25 <= self.roughness_wavelength / self.particle_radius:
            raise ValueError(
                f"roughness_wavelength = {self.roughness_wavelength:g} um must be at least a "
                f"quarter of particle_radius = {self.particle_radius:g} um to be resolved"
            )


def build(model: Any, p: BareParticle, kinematics: str) -> None:
    """Draw a quarter disc or an eighth of a ball, or the polygon or polyhedron inscribed in it.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    flat = kinematics != "3d"
    radius = p.particle_radius
    if p.shape != "faceted":
        drawing.ball(model, radius, kinematics)
    elif flat:
        _octagon(model, radius)
    else:
        _truncated_octahedron(model, radius)
    planes = drawing.PLANES[kinematics]
    drawing.name(model, 2 if flat else 3, "particle", planes, rest="particle_surface")
    surface, centre = (radius / 62.0, radius / 18.0) if flat else (radius / 16.0, radius / 6.0)
    if p.shape == "rough":
        # Eight edges along a bump.
        surface = min(surface, p.roughness_wavelength / 8.0)
    drawing.grade(model, radius, surface=surface / p.refinement, centre=centre / p.refinement)


def _octagon(model: Any, radius: float) -> None:
    angles = [_OCTAGON, 3.0 * _OCTAGON]
    corners = [(radius * np.cos(a), radius * np.sin(a)) for a in angles]
    corners = [(0.0, 0.0), (corners[0][0], 0.0), *corners, (0.0, corners[1][1])]
    points = [model.geo.addPoint(x, y, 0.0) for x, y in corners]
    lines = [model.geo.addLine(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    model.geo.addPlaneSurface([model.geo.addCurveLoop(lines)])
    model.geo.synchronize()


def _truncated_octahedron(model: Any, radius: float) -> None:
    step = radius / np.sqrt(5.0)
    hexagon = [(2, 1, 0), (1, 2, 0), (0, 2, 1), (0, 1, 2), (1, 0, 2), (2, 0, 1)]
    poles = [(2, 0, 0), (0, 2, 0), (0, 0, 2)]
    points = {
        corner: model.geo.addPoint(*(step * coordinate for coordinate in corner))
        for corner in [(0, 0, 0), *hexagon, *poles]
    }
    faces = [
        hexagon,
        *[[poles[i], *[c for c in hexagon if c[i] == 2]] for i in range(3)],
        [(0, 0, 0), (0, 2, 0), (0, 2, 1), (0, 1, 2), (0, 0, 2)],
        [(0, 0, 0), (2, 0, 0), (2, 0, 1), (1, 0, 2), (0, 0, 2)],
        [(0, 0, 0), (2, 0, 0), (2, 1, 0), (1, 2, 0), (0, 2, 0)],
    ]
    lines: dict[tuple[Any, Any], int] = {}
    surfaces = []
    for face in faces:
        loop = []
        for a, b in zip(face, [*face[1:], face[0]], strict=True):
            if (b, a) in lines:
                loop.append(-lines[b, a])
            else:
                lines.setdefault((a, b), 0)
                lines[a, b] = lines[a, b] or model.geo.addLine(points[a], points[b])
                loop.append(lines[a, b])
        surfaces.append(model.geo.addPlaneSurface([model.geo.addCurveLoop(loop)]))
    model.geo.addVolume([model.geo.addSurfaceLoop(surfaces)])
    model.geo.synchronize()


def finish(mesh: SimplexMesh, p: BareParticle, kinematics: str) -> SimplexMesh:
    """Stretch the ball into a spheroid, or push its surface in and out.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    if p.shape == "spheroid":
        stretch = np.ones(mesh.dim)
        stretch[-1] = p.aspect
        return mesh.moved(lambda points: points * stretch)
    if p.shape == "rough":
        rough = oriented(mesh).moved(lambda points: _roughened(points, p))
        return _untangled(rough) if mesh.dim == 3 else rough
    return mesh


def _untangled(mesh: SimplexMesh) -> SimplexMesh:
    """Return the mesh with inner vertices moved where steep bumps fold or squeeze cells."""
    surface = np.zeros(len(mesh.points), dtype=bool)
    surface[mesh.facets_of("particle_surface")] = True

    def keep(places: Array, vertices: Indices) -> Array:
        here = mesh.points[vertices]
        fixed = surface[vertices][:, None] | (here == 0.0)  # what is in a plane stays in it
        return np.where(fixed, here, places)

    return replace(mesh, points=smoothed(mesh.points, mesh.cells, keep, goal=0.3, sweeps=40))


def _roughened(points: Array, p: BareParticle) -> Array:
    distance = np.linalg.norm(points, axis=1, keepdims=True)
    direction = points / np.maximum(distance, 1e-12 * p.particle_radius)
    # Squared, so that the map is smooth at the centre.
    fade = (distance / p.particle_radius) ** 2
    return points * (1.0 + fade * p.roughness * _bumps(direction, p)[0][:, None])


def _bumps(direction: Array, p: BareParticle) -> tuple[Array, Array]:
    """Height of the bumps and its gradient at unit vectors, shapes ``(n,)`` and ``(n, d)``.

    The height keeps within [-1, 1] and nearly reaches one of the two.
    """
    number = 2.0 * np.pi * p.particle_radius / p.roughness_wavelength
    height, gradient = _waves(direction, number)
    largest = _largest_wave(direction.shape[1], number)
    return np.asarray(height / largest), np.asarray(gradient / largest)


@cache
def _largest_wave(dim: int, number: float) -> float:
    """Largest height over all directions; the sample is fixed, so that meshes are repeatable."""
    cosine = (np.arange(20000) + 0.5) / 20000
    sine = np.sqrt(1.0 - cosine**2)
    turn = np.arange(20000) * np.pi * (3.0 - np.sqrt(5.0))  # golden angle: evenly spread points
    columns = [sine, cosine] if dim == 2 else [sine * np.cos(turn), sine * np.sin(turn), cosine]
    return float(np.abs(_waves(np.stack(columns, axis=1), number)[0]).max())


def _waves(direction: Array, number: float) -> tuple[Array, Array]:
    waves = _WAVES_2D if direction.shape[1] == 2 else _WAVES_3D
    numbers = number * waves / np.linalg.norm(waves, axis=1, keepdims=True)
    phase = direction[:, None, :] * numbers
    cosines = np.cos(phase)
    gradient = np.empty_like(direction)
    for axis in range(direction.shape[1]):
        others = np.delete(cosines, axis, axis=2).prod(axis=2)
        gradient[:, axis] = (-numbers[:, axis] * np.sin(phase[..., axis]) * others).mean(axis=1)
    return cosines.prod(axis=2).mean(axis=1), gradient


def exact(p: BareParticle, kinematics: str) -> dict[str, float]:
    """Volume and surface of the modelled half (axisymmetric), eighth (3D) or quarter (wire).

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    part = {"axisymmetric": 0.5, "plane_strain": 0.25, "3d": 0.125}[kinematics]
    radius = p.particle_radius
    if kinematics == "plane_strain":
        volume, area = _wire_exact(p)
    elif p.shape == "faceted":
        volume, area = _faceted_exact(radius, kinematics)
    elif p.shape == "rough":
        volume, area = _rough_exact(p, kinematics)
    else:
        volume = 4.0 / 3.0 * np.pi * radius**3 * p.aspect
        area = 2.0 * np.pi * radius**2 * (1.0 + _polar(p.aspect))
    found = {"particle": volume, "hull": volume, "particle_surface": area}
    return {name: float(part * value) for name, value in found.items()}


def _wire_exact(p: BareParticle) -> tuple[float, float]:
    """Area and perimeter of the whole cross section."""
    radius = p.particle_radius
    if p.shape == "faceted":
        return float(np.sqrt(8.0)) * radius**2, float(16.0 * radius * np.sin(_OCTAGON))
    turn = np.arange(4000) * np.pi / 2000
    sine, cosine = np.sin(turn), np.cos(turn)
    height, gradient = _bumps(np.stack([cosine, sine], axis=1), p)  # of no amplitude if smooth
    distance = radius * (1.0 + p.roughness * height)
    slope = radius * p.roughness * (gradient[:, 1] * cosine - gradient[:, 0] * sine)
    x, y = slope * cosine - distance * sine, p.aspect * (slope * sine + distance * cosine)
    # The mean over a period converges faster than any power.
    area = np.pi * p.aspect * (distance**2).mean()
    return float(area), float(2.0 * np.pi * np.hypot(x, y).mean())


def _polar(aspect: float) -> float:
    """Area of a spheroid beyond that of its two equatorial discs, in equatorial discs / 2."""
    if abs(aspect - 1.0) < 1e-9:
        return 1.0
    eccentricity = np.sqrt(abs(1.0 - min(aspect, 1.0 / aspect) ** 2))
    if aspect < 1.0:
        return float(aspect**2 * np.arctanh(eccentricity) / eccentricity)
    return float(aspect * np.arcsin(eccentricity) / eccentricity)


def _faceted_exact(radius: float, kinematics: str) -> tuple[float, float]:
    if kinematics == "3d":
        step = radius / np.sqrt(5.0)
        return 32.0 * step**3, 2.0 * (6.0 + 12.0 * np.sqrt(3.0)) * step**2
    wide, narrow = radius * np.cos(_OCTAGON), radius * np.sin(_OCTAGON)
    slant = np.sqrt(2.0) * (wide - narrow)
    frustum = np.pi / 3.0 * (wide - narrow) * (wide**2 + wide * narrow + narrow**2)
    volume = 2.0 * (np.pi * wide**2 * narrow + frustum)
    area = 2.0 * np.pi * (2.0 * wide * narrow + (wide + narrow) * slant + narrow**2)
    return volume, area


def _rough_exact(p: BareParticle, kinematics: str) -> tuple[float, float]:
    """Integrals over all directions of R^3/3 and of R sqrt(R^2 + |grad R|^2)."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    turns = 1 if kinematics == "axisymmetric" else 400
    cosine = np.repeat(nodes, turns)  # of the polar angle
    sine = np.sqrt(1.0 - cosine**2)
    weight = np.repeat(weights, turns) * 2.0 * np.pi / turns
    turn = np.tile(np.arange(turns) * 2.0 * np.pi / turns, len(nodes))
    if turns == 1:
        direction = np.stack([sine, cosine], axis=1)
    else:
        direction = np.stack([sine * np.cos(turn), sine * np.sin(turn), cosine], axis=1)
    height, gradient = _bumps(direction, p)
    distance = p.particle_radius * (1.0 + p.roughness * height)
    along = np.einsum("nd,nd->n", gradient, direction)
    slope = p.particle_radius * p.roughness * (gradient - along[:, None] * direction)
    area = distance * np.sqrt(distance**2 + (slope**2).sum(axis=1))
    return float(weight @ distance**3) / 3.0, float(weight @ area)


def roles(p: BareParticle, kinematics: str) -> Roles:
    """Everything happens on the surface.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    surface = ("particle_surface",)
    return Roles(
        flux=surface,
        sei=surface,
        hull=surface,
        symmetry=drawing.PLANES[kinematics],
    )


GEOMETRY = Geometry(
    name="bare_particle",
    title="Bare particle or wire: round, spheroid, rough or faceted",
    kinematics=("axisymmetric", "plane_strain", "3d"),
    parameters=BareParticle,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=lambda p, kinematics: {"particle_surface": (("particle",),)},
    regions=lambda p, kinematics: ("particle",),
)
