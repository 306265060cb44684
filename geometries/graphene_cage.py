"""A particle loose in a thin graphene cage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np

from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.layers import grown
from anodefem.meshing.simplices import name_exterior
from anodefem.units import FractionOrZero, Length, Ratio

_NARROWEST = 1e-3  # [um]; a thinner gap is closed by the roughness of any real surface


@dataclass(frozen=True, slots=True, kw_only=True)
class GrapheneCage:
    """Parameters of a caged particle; lengths in um."""

    particle_radius: Annotated[Length, "radius of the particle"] = 1.0
    gap_ratio: Annotated[Ratio, "inner radius of the cage over the particle's radius"] = 1.5
    cage_thickness: Annotated[Length, "thickness of the cage; of the membrane in 3D"] = 0.01
    eccentricity: Annotated[
        FractionOrZero, "distance of the particle from the middle along z, over the gap"
    ] = 0.0
    refinement: Annotated[Ratio, "2 halves every edge; the void keeps its one layer"] = 1.0

    def __post_init__(self) -> None:
        """Refuse a cage that does not hold its particle, or touches it."""
        if self.gap_ratio <= 1.0:
            raise ValueError(
                f"gap_ratio = {self.gap_ratio:g}: the cage is smaller than its particle; "
                "give a ratio above 1"
            )
        narrow = self.gap * (1.0 - self.eccentricity)
        if narrow < _NARROWEST:
            raise ValueError(
                f"the void is {narrow * 1e3:.3g} nm thin where it is narrowest, at gap_ratio = "
                f"{self.gap_ratio:g} and eccentricity = {self.eccentricity:g}; it must be at least "
                f"{_NARROWEST * 1e3:g} nm: raise gap_ratio, lower eccentricity, "
                "or use a geometry without a void"
            )
        if self.cage_thickness > 0.2 * self.cage_radius:
            raise ValueError(
                f"cage_thickness = {self.cage_thickness:g} um must be at most a fifth of the "
                f"cage's inner radius, {self.cage_radius:g} um"
            )

    @property
    def cage_radius(self) -> float:
        """Inner radius of the cage."""
        return self.gap_ratio * self.particle_radius

    @property
    def gap(self) -> float:
        """Width of the void around a particle in the middle."""
        return self.cage_radius - self.particle_radius

    @property
    def height(self) -> float:
        """Height of the particle's centre above that of the cage."""
        return self.eccentricity * self.gap


def build(model: Any, p: GrapheneCage, kinematics: str) -> None:
    """Draw the particle; `finish` grows void and cage from its surface.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    flat = kinematics == "axisymmetric"
    radius = p.particle_radius
    drawing.ball(model, radius, kinematics, height=p.height or None)
    drawing.name(
        model, 2 if flat else 3, "particle", _planes(p, kinematics), rest="particle_surface"
    )
    surface, centre = (radius / 60.0, radius / 17.0) if flat else (radius / 14.0, radius / 5.0)
    drawing.grade(
        model,
        radius,
        surface=surface / p.refinement,
        centre=centre / p.refinement,
        height=p.height,
        axis="y" if flat else "z",
    )


def finish(mesh: SimplexMesh, p: GrapheneCage, kinematics: str) -> SimplexMesh:
    """Grow one layer across the void and, where the cage is resolved, two or more across it.

    One structured layer of second-order elements is what lets the void collapse to nothing: finer
    or unstructured meshes of it tangle.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    centre = np.zeros(mesh.dim)
    centre[-1] = p.height

    def cage(points: Array) -> Array:
        return (points - centre) * p.gap_ratio

    def out_to(share: float, points: Array) -> Array:
        return points * (1.0 + share * p.cage_thickness / p.cage_radius)

    flat = kinematics == "axisymmetric"
    inner = "cage_inner" if flat else "cage_outer"
    mesh = grown(mesh, over="particle_surface", through=[cage], cells="void", top=inner)
    if flat:
        count = max(1, round(2.0 * p.refinement))
        levels = [partial(out_to, (layer + 1) / count) for layer in range(count)]
        mesh = grown(mesh, over="cage_inner", through=levels, cells="cage", top="cage_outer")
    planes = _planes(p, kinematics)
    return name_exterior(mesh, {name: (axis, 0.0) for name, axis in planes.items()})


def _planes(p: GrapheneCage, kinematics: str) -> dict[str, int]:
    planes = dict(drawing.PLANES[kinematics])
    if p.eccentricity > 0.0:
        del planes["symmetry_z"]
    return planes


def exact(p: GrapheneCage, kinematics: str) -> dict[str, float]:
    """Volumes and surfaces of the modelled part: all or half, a quarter or an eighth.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    part = (1.0 if kinematics == "axisymmetric" else 0.25) * (1.0 if p.eccentricity > 0.0 else 0.5)
    ball, sphere = part * 4.0 / 3.0 * np.pi, part * 4.0 * np.pi
    particle, inner, outer = p.particle_radius, p.cage_radius, p.cage_radius + p.cage_thickness
    found = {
        "particle": ball * particle**3,
        "void": ball * (inner**3 - particle**3),
        "particle_surface": sphere * particle**2,
    }
    if kinematics == "3d":
        return found | {"cage_outer": sphere * inner**2, "hull": ball * inner**3}
    return found | {
        "cage": ball * (outer**3 - inner**3),
        "cage_inner": sphere * inner**2,
        "cage_outer": sphere * outer**2,
        "hull": ball * outer**3,
    }


def roles(p: GrapheneCage, kinematics: str) -> Roles:
    """The species enters the particle, the SEI sits on the cage.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    flat = kinematics == "axisymmetric"
    pole = p.cage_radius + (p.cage_thickness if flat else 0.0)
    anchor = ((0.0, pole), 1) if flat else ((0.0, 0.0, pole), 2)
    return Roles(
        flux=("particle_surface",),
        sei=("cage_outer",),
        hull=("cage_outer",),
        symmetry=_planes(p, kinematics),
        medium=("void",),
        contact=("particle_surface",),
        membrane={} if flat else {"cage": "cage_outer"},
        membrane_thickness={} if flat else {"cage": p.cage_thickness},
        anchor=(anchor,) if p.eccentricity > 0.0 else (),
    )


def sides(p: GrapheneCage, kinematics: str) -> Sides:
    """The void lies between particle and cage."""
    if kinematics == "3d":
        return {"particle_surface": (("particle",),), "cage_outer": ((),)}
    return {
        "particle_surface": (("particle",),),
        "cage_inner": (("cage",),),
        "cage_outer": (("cage",),),
    }


GEOMETRY = Geometry(
    name="graphene_cage",
    title="Particle in a thin graphene cage, with a void between them",
    kinematics=("axisymmetric", "3d"),
    parameters=GrapheneCage,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: ("particle", "cage"),
)
