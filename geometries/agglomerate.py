"""Particles, or wires seen along their axes, packed in a shell: pomegranates and wool balls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.layers import grown
from anodefem.meshing.packing import packed, scattered
from anodefem.meshing.simplices import name_exterior
from anodefem.units import Fraction, Length, LengthOrZero, Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Agglomerate:
    """Parameters; lengths in um. A quarter of a bundle of wires, or an eighth of a round heap."""

    particle_radius: Annotated[Length, "radius of each particle or wire"] = 0.1
    particles: Annotated[int, Field(ge=1, le=60), "how many are in the modelled part"] = 6
    gap: Annotated[Ratio, "least distance between two surfaces over particle_radius"] = 0.1
    coat_thickness: Annotated[LengthOrZero, "thickness of a coat on each of them; 0: none"] = 0.0
    fill: Annotated[Fraction, "share of the room in the shell that particles and coats take"] = 0.25
    matrix: Annotated[
        Literal["void", "solid"], "what is between them: nothing, or the region 'matrix'"
    ] = "void"
    shell_thickness: Annotated[Length, "thickness of the shell around them"] = 0.02
    seed: Annotated[int, Field(ge=0), "another number, another packing"] = 1
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse coats and shells that no mesh of reasonable size resolves."""
        if self.coat_thickness and not 0.05 <= self.coat_thickness / self.particle_radius <= 1.0:
            raise ValueError(
                f"coat_thickness = {self.coat_thickness:g} um must be between a 20th of "
                f"particle_radius = {self.particle_radius:g} um and the radius"
            )
        if not 0.01 <= self.shell_thickness / self.particle_radius <= 5.0:
            raise ValueError(
                f"shell_thickness = {self.shell_thickness:g} um must be between a 100th of "
                f"particle_radius = {self.particle_radius:g} um and five times that"
            )

    @property
    def outer(self) -> float:
        """Radius of a particle with its coat."""
        return self.particle_radius + self.coat_thickness

    @property
    def least(self) -> float:
        """Least distance between two surfaces."""
        return self.gap * self.particle_radius

    def room(self, dim: int) -> float:
        """Inner radius of the shell: a disc or ball of it is filled to the wanted share."""
        return float(self.outer * (2**dim * self.particles / self.fill) ** (1.0 / dim))


@cache
def _centres(p: Agglomerate, dim: int) -> Array:
    """Centres of the particles, none of which reaches a plane of symmetry or the shell."""
    near = p.outer + p.least / 2.0
    far = p.room(dim) - p.outer - p.least

    def within(points: Array) -> Array:
        for _ in range(30):  # between the planes and the shell, until it is within both
            points = np.maximum(points, near)
            length = np.linalg.norm(points, axis=1, keepdims=True)
            points = points * np.minimum(1.0, far / length)
        return np.maximum(points, near)

    low, high = np.full(dim, near), np.full(dim, far)
    found = packed(scattered(p.particles, low, high, p.seed), 2.0 * p.outer + p.least, within)
    if found is None or (np.linalg.norm(found, axis=1) > (1.0 + 1e-3) * far).any():
        raise InputError(
            f"geometry 'agglomerate': {p.particles} particles do not fit at fill = {p.fill:g} and "
            f"gap = {p.gap:g}; lower fill or gap, or try another seed."
        )
    return found


def build(model: Any, p: Agglomerate, kinematics: str) -> None:
    """Draw particles, coats and what is between them; `finish` grows the shell.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    occ = model.occ
    dim = 3 if kinematics == "3d" else 2
    centres, room = _centres(p, dim), p.room(dim)

    def bodies(radius: float) -> list[tuple[int, int]]:
        if dim == 3:
            return [(3, occ.addSphere(*place, radius)) for place in centres]
        return [(2, occ.addDisk(*place, 0.0, radius, radius)) for place in centres]

    drawing.ball(model, room, kinematics)
    whole = model.getEntities(dim)
    inner = bodies(p.particle_radius)
    outer = bodies(p.outer) if p.coat_thickness else []
    _, parts = occ.fragment(whole, [*inner, *outer])
    occ.synchronize()
    particle = {tag for part in parts[1 : 1 + len(inner)] for tag in part}
    coat = {tag for part in parts[1 + len(inner) :] for tag in part} - particle
    between = "void" if p.matrix == "void" else "matrix"
    groups = {"particle": particle, "coat": coat, between: {*parts[0]} - particle - coat}
    for name, entities in groups.items():
        if entities:
            model.addPhysicalGroup(dim, sorted(tag for _, tag in entities), name=name)

    if dim == 2 and between == "void":
        drawing.span(model, groups["void"])

    rims = {name: drawing.rim(model, entities) for name, entities in groups.items() if entities}
    faces = {"particle_surface": rims["particle"]}
    if p.coat_thickness:
        faces["coat_surface"] = rims["coat"] - rims["particle"]
    near = sorted(tag for tags in faces.values() for tag in tags)
    flat = {name: (axis, 0.0) for name, axis in drawing.PLANES[kinematics].items()}
    for name, tags in (faces | drawing.outside(model, lambda tag: flat, "shell_inner")).items():
        model.addPhysicalGroup(dim - 1, sorted(tags), name=name)
    edge = p.particle_radius / (8.0 if dim == 2 else 4.5)
    if p.coat_thickness:
        edge = min(edge, p.coat_thickness * (1.0 if dim == 2 else 2.0))
    # Coarser, flat facets would take more than 4 % of a ball.
    edge = min(edge / p.refinement, p.particle_radius / 3.5)
    drawing.coarsen(model, near, edge=edge, most=2.0 * edge, start=0.0, reach=3.0 * edge)


def finish(mesh: SimplexMesh, p: Agglomerate, kinematics: str) -> SimplexMesh:
    """Grow the shell in two layers.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    room = p.room(mesh.dim)

    def onto(radius: float, points: Array) -> Array:
        return np.asarray(points * (radius / np.linalg.norm(points, axis=1, keepdims=True)))

    count = max(2, round(2.0 * p.refinement))
    radii = np.linspace(room, room + p.shell_thickness, count + 1)[1:]
    through = [partial(onto, radius) for radius in radii]
    mesh = grown(mesh, over="shell_inner", through=through, cells="shell", top="shell_surface")
    planes = drawing.PLANES[kinematics]
    return name_exterior(mesh, {name: (axis, 0.0) for name, axis in planes.items()})


def exact(p: Agglomerate, kinematics: str) -> dict[str, float]:
    """Volumes and surfaces of the modelled quarter or eighth; per um of depth in plane strain.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    dim = 3 if kinematics == "3d" else 2
    _centres(p, dim)  # refuse what does not fit before gmsh is started
    ball = 4.0 / 3.0 * np.pi if dim == 3 else np.pi
    room = p.room(dim)
    shell = room + p.shell_thickness
    part = ball / 2**dim
    found = {
        "particle": p.particles * ball * p.particle_radius**dim,
        "particle_surface": p.particles * dim * ball * p.particle_radius ** (dim - 1),
        "void" if p.matrix == "void" else "matrix": part * room**dim
        - p.particles * ball * p.outer**dim,
        "shell": part * (shell**dim - room**dim),
        "shell_inner": dim * part * room ** (dim - 1),
        "shell_surface": dim * part * shell ** (dim - 1),
        "hull": part * shell**dim,
    }
    if p.coat_thickness:
        found["coat"] = p.particles * ball * (p.outer**dim - p.particle_radius**dim)
        found["coat_surface"] = p.particles * dim * ball * p.outer ** (dim - 1)
    return {name: float(value) for name, value in found.items()}


def roles(p: Agglomerate, kinematics: str) -> Roles:
    """The species enters the particles through everything else; the SEI is on the shell.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    empty = p.matrix == "void"
    touching = "coat_surface" if p.coat_thickness else "particle_surface"
    return Roles(
        flux=("particle_surface",),
        sei=("shell_surface",),
        hull=("shell_surface",),
        symmetry=drawing.PLANES[kinematics],
        medium=("void",) if empty else (),
        unstructured=("void",) if empty else (),
        loose=("void",) if empty else (),
        contact=(touching,) if empty else (),
    )


def sides(p: Agglomerate, kinematics: str) -> Sides:
    """Particles touch their coat, or what is between them.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    filler = () if p.matrix == "void" else ("matrix",)
    found: dict[str, tuple[tuple[str, ...], ...]] = {
        "shell_surface": (("shell",),),
        "shell_inner": ((*filler, "shell"),),
    }
    if not p.coat_thickness:
        return found | {"particle_surface": (("particle", *filler),)}
    return found | {
        "particle_surface": (("particle", "coat"),),
        "coat_surface": (("coat", *filler),),
    }


def regions(p: Agglomerate, kinematics: str) -> tuple[str, ...]:
    """Everything that is not empty.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    coat = ("coat",) if p.coat_thickness else ()
    return ("particle", *coat, *(("matrix",) if p.matrix == "solid" else ()), "shell")


GEOMETRY = Geometry(
    name="agglomerate",
    title="Particles or wires packed in a shell, with voids or a matrix between them",
    kinematics=("plane_strain", "3d"),
    parameters=Agglomerate,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=regions,
)
