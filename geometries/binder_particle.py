"""A particle or wire in a coat of binder; alone, or bridged to its mirror image by a neck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np

from anodefem.geometry import Array, Geometry, Roles, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.layers import grown
from anodefem.meshing.simplices import name_exterior
from anodefem.units import Length, Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class BinderParticle:
    """Parameters of a coated particle, or wire in plane strain; lengths in um.

    Of two particles the upper one is modelled, above the plane z = 0 halfway between them.
    """

    particle_radius: Annotated[Length, "radius of the particle or wire"] = 1.0
    coat_thickness: Annotated[Length, "thickness of the binder, usually 50 to 300 nm"] = 0.1
    particles: Annotated[Literal[1, 2], "1: alone; 2: two equal ones bridged by a neck"] = 1
    particle_gap: Annotated[Length, "distance between the surfaces of two particles"] = 0.1
    neck_radius: Annotated[Length, "radius of the neck of binder between two particles"] = 0.5
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse a coat that is no coat, and a neck that its coats do not leave room for."""
        if self.coat_thickness > self.particle_radius:
            raise ValueError(
                f"coat_thickness = {self.coat_thickness:g} um must be at most particle_radius = "
                f"{self.particle_radius:g} um"
            )
        if self.coat_thickness < 1e-3:
            raise ValueError(
                f"coat_thickness = {self.coat_thickness * 1e3:g} nm must be at least 1 nm"
            )
        if self.particles == 1:
            return
        if self.coat_thickness < 0.01 * self.particle_radius:
            raise ValueError(
                f"coat_thickness = {self.coat_thickness:g} um must be at least a 100th of "
                f"particle_radius = {self.particle_radius:g} um for its neck to be meshed"
            )
        if self.particle_gap > 4.0 * self.coat_thickness:
            raise ValueError(
                f"particle_gap = {self.particle_gap:g} um must be at most four times "
                f"coat_thickness = {self.coat_thickness:g} um for a neck to bridge it"
            )
        widest = 0.9 * self.particle_radius
        # Coats that overlap meet in a circle; the neck must fill the notch around it.
        notch = np.sqrt(max(self.coat_radius**2 - self.height**2, 0.0))
        narrowest = max(1.05 * notch, 0.05 * self.particle_radius)
        if not narrowest <= self.neck_radius <= widest:
            raise ValueError(
                f"neck_radius = {self.neck_radius:g} um must be between {narrowest:.3g} and "
                f"{widest:.3g} um for this radius, coat and gap"
            )

    @property
    def coat_radius(self) -> float:
        """Outer radius of the coat."""
        return self.particle_radius + self.coat_thickness

    @property
    def height(self) -> float:
        """Height of the particle's centre: 0 if alone."""
        return self.particle_radius + self.particle_gap / 2.0 if self.particles == 2 else 0.0

    @property
    def fillet(self) -> tuple[float, float]:
        """Radius of the circle that rounds the neck, and its centre's distance from the axis."""
        excess = self.neck_radius**2 + self.height**2 - self.coat_radius**2
        radius = excess / (2.0 * (self.coat_radius - self.neck_radius))
        return radius, self.neck_radius + radius

    @property
    def rim(self) -> float:
        """Angle at the particle's centre, from straight down, to the narrowest part of the neck."""
        return float(np.arctan2(self.neck_radius, self.height))

    @property
    def tangent(self) -> float:
        """The same angle to where the neck ends and the round coat begins."""
        return float(np.arctan2(self.fillet[1], self.height))

    def reach(self, angle: Array) -> Array:
        """Distance from the particle's centre to the end of the coat.

        Args:
            angle: Angle from straight down, shape ``(n,)``.
        """
        if self.particles == 1:
            return np.full_like(angle, self.coat_radius)
        radius, middle = self.fillet
        along = middle * np.sin(angle) + self.height * np.cos(angle)
        inside = np.maximum(along**2 - middle**2 - self.height**2 + radius**2, 0.0)
        plane = self.height / np.maximum(np.cos(angle), 1e-3)
        neck = along - np.sqrt(inside)
        coat = np.where(angle < self.tangent, neck, self.coat_radius)
        return np.where(angle < self.rim, plane, coat)


def build(model: Any, p: BinderParticle, kinematics: str) -> None:
    """Draw the particle; `finish` grows the coat from its surface.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    flat = kinematics != "3d"
    radius = p.particle_radius
    pair = p.particles == 2
    # Edges follow the two circles where the outer surface of the coat changes its shape.
    seams = [angle - np.pi / 2.0 for angle in (p.rim, p.tangent)] if pair else []
    drawing.ball(model, radius, kinematics, height=p.height if pair else None, seams=seams)
    planes = _planes(kinematics)
    if pair:
        planes.popitem()  # the coat ends there, the particle does not
    drawing.name(model, 2 if flat else 3, "particle", planes, rest="particle_surface")
    surface, centre = (radius / 60.0, radius / 17.0) if flat else (radius / 11.0, radius / 5.0)
    ring = None
    if pair:
        middle = (p.rim + p.tangent) / 2.0
        strip = radius * (p.tangent - p.rim)
        size = min(strip / (5.0 if flat else 2.0), surface)
        # A coarser mesh may not lose the neck: the volume of a thin coat hangs on it.
        size /= max(p.refinement, 1.0)
        ring = (radius * np.sin(middle), p.height - radius * np.cos(middle), size)
    surface = surface / p.refinement
    if pair:
        # Edges may not sag by more than a quarter of the coat: it would be pierced at the neck.
        surface = min(surface, float(np.sqrt(2.0 * radius * p.coat_thickness)))
    drawing.grade(
        model,
        radius,
        surface=surface,
        centre=centre / p.refinement,
        height=p.height,
        axis="y" if flat else "z",
        ring=ring,
    )


def finish(mesh: SimplexMesh, p: BinderParticle, kinematics: str) -> SimplexMesh:
    """Grow the coat along straight lines from the particle's centre, in layers of equal share.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    centre = np.zeros(mesh.dim)
    centre[-1] = p.height

    def out_to(share: float, points: Array) -> Array:
        direction = (points - centre) / p.particle_radius
        angle = np.arctan2(np.linalg.norm(direction[:, :-1], axis=1), -direction[:, -1])
        thickness = p.reach(angle) - p.particle_radius
        moved = points + share * thickness[:, None] * direction
        if share == 1.0 and p.particles == 2:
            # To the last bit, so that these facets are found in the plane.
            moved[angle < p.rim * (1.0 + 1e-9), -1] = 0.0
        return np.asarray(moved)

    layers = max(1, round((3 if kinematics == "3d" else 4) * p.refinement))
    through = [partial(out_to, (layer + 1) / layers) for layer in range(layers)]
    mesh = grown(mesh, over="particle_surface", through=through, cells="coat")
    planes = {name: (axis, 0.0) for name, axis in _planes(kinematics).items()}
    return name_exterior(mesh, planes, rest="coat_surface")


def _planes(kinematics: str) -> dict[str, int]:
    return dict(drawing.PLANES[kinematics])


def exact(p: BinderParticle, kinematics: str) -> dict[str, float]:
    """Volumes and surfaces of the modelled part; per um of depth in plane strain.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    if kinematics == "plane_strain":
        return _wire_exact(p)
    part = 1.0 if kinematics == "axisymmetric" else 0.25
    radius, outer = p.particle_radius, p.coat_radius
    if p.particles == 1:
        ball, sphere = 2.0 / 3.0 * np.pi, 2.0 * np.pi
        found = {
            "particle": ball * radius**3,
            "coat": ball * (outer**3 - radius**3),
            "particle_surface": sphere * radius**2,
            "coat_surface": sphere * outer**2,
            "hull": ball * outer**3,
        }
    else:
        hull = _around(p, lambda angle: 2.0 / 3.0 * np.pi * p.reach(angle) ** 3 * np.sin(angle))
        fillet, middle = p.fillet
        turn = np.pi / 2.0 - p.tangent  # of the fillet, from the neck's narrowest point
        neck = 2.0 * np.pi * fillet * (middle * turn - fillet * np.sin(turn))
        particle = 4.0 / 3.0 * np.pi * radius**3
        found = {
            "particle": particle,
            "coat": hull - particle,
            "particle_surface": 4.0 * np.pi * radius**2,
            "coat_surface": 2.0 * np.pi * outer**2 * (1.0 + np.cos(p.tangent)) + neck,
            "hull": hull,
        }
    return {name: part * float(value) for name, value in found.items()}


def _around(p: BinderParticle, value: Callable[[Array], Array]) -> float:
    """Integral over the angle from straight down to straight up, of two particles."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for low, high in pairwise((0.0, p.rim, p.tangent, np.pi)):
        half = (high - low) / 2.0
        total += half * float(weights @ value((low + high) / 2.0 + half * nodes))
    return total


def _wire_exact(p: BinderParticle) -> dict[str, float]:
    """A quarter of one wire, or half of the upper one of two."""
    radius, outer = p.particle_radius, p.coat_radius
    if p.particles == 1:
        turn = np.pi / 2.0
        hull, surface = turn / 2.0 * outer**2, turn * outer
    else:
        turn = np.pi
        hull = _around(p, lambda angle: p.reach(angle) ** 2 / 2.0)
        surface = outer * (np.pi - p.tangent) + p.fillet[0] * (np.pi / 2.0 - p.tangent)
    particle = turn / 2.0 * radius**2
    found = {
        "particle": particle,
        "coat": hull - particle,
        "particle_surface": turn * radius,
        "coat_surface": surface,
        "hull": hull,
    }
    return {name: float(value) for name, value in found.items()}


def roles(p: BinderParticle, kinematics: str) -> Roles:
    """The species passes the coat freely; the SEI grows on the particle, under the coat.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return Roles(
        flux=("particle_surface",),
        sei=("particle_surface",),
        hull=("coat_surface",),
        symmetry=_planes(kinematics),
    )


GEOMETRY = Geometry(
    name="binder_particle",
    title="Particle or wire in a coat of binder, alone or bridged to another",
    kinematics=("axisymmetric", "plane_strain", "3d"),
    parameters=BinderParticle,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=lambda p, kinematics: {
        "particle_surface": (("particle", "coat"),),
        "coat_surface": (("coat",),),
    },
    regions=lambda p, kinematics: ("particle", "coat"),
)
