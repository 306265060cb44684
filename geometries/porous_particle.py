"""An eighth of a porous ball: random pores or a gyroid, bare or in a skin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from scipy import ndimage

from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.fields import Sampled, gyroid_waves, random_waves, sampled
from anodefem.meshing.labels import tidied
from anodefem.meshing.levelset import cut_between, cut_box
from anodefem.meshing.simplices import (
    compact,
    components,
    exterior,
    interfaces,
    keys,
    name_exterior,
    neighbours,
    oriented,
    unpinched,
    with_facets,
)
from anodefem.units import Fraction, Length, LengthOrZero, Ratio

_GRID = 101  # cubes along the radius on which volumes are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PorousParticle:
    """Parameters of a porous ball; lengths in um.

    Bare, its pores are open and electrolyte fills them. In a skin they are empty, and meshed, so
    that they can close; the skin is a membrane around solid and pores.
    """

    particle_radius: Annotated[Length, "radius of the ball"] = 2.0
    wavelength: Annotated[Length, "distance from one ligament to the next"] = 1.0
    porosity: Annotated[Fraction, "share of the ball that is pore"] = 0.5
    structure: Annotated[Literal["random", "gyroid"], "random: isotropic, bicontinuous"] = "random"
    seed: Annotated[int, Field(ge=0), "another number, another random ball"] = 7
    skin_thickness: Annotated[LengthOrZero, "thickness of the skin around it; 0 for none"] = 0.0
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse balls that fall apart or have nothing in them."""
        if not 0.2 <= self.porosity <= 0.8:
            raise ValueError(
                f"porosity = {self.porosity:g} must be between 0.2 and 0.8: below, the pores are "
                "closed bubbles; above, the solid falls apart"
            )
        if not 1.0 <= self.particle_radius / self.wavelength <= 6.0:
            raise ValueError(
                f"wavelength = {self.wavelength:g} um must be between a sixth of particle_radius = "
                f"{self.particle_radius:g} um and the radius; of finer pores mesh a part, with "
                "'porous_sponge'"
            )
        if self.skin_thickness > 0.1 * self.particle_radius:
            raise ValueError(
                f"skin_thickness = {self.skin_thickness:g} um must be at most a tenth of "
                f"particle_radius = {self.particle_radius:g} um"
            )

    @property
    def count(self) -> int:
        """Lattice cubes along the radius; more where a phase is thin."""
        rarer = min(self.porosity, 1.0 - self.porosity)
        finer = 8.0 * max(1.0, float(np.sqrt(0.4 / rarer)))
        return max(6, round(self.refinement * finer * self.particle_radius / self.wavelength))


@cache
def _field(p: PorousParticle) -> Sampled:
    radius = p.particle_radius
    if p.structure == "gyroid":
        waves = gyroid_waves(p.wavelength)
    else:
        waves = random_waves(radius, p.wavelength, p.seed)
    field = sampled(waves, radius, 1.0 - p.porosity, _GRID, radius=radius)
    hanging = field.hanging(radius / p.count / 4.0)
    if field.lost > 0.1 or hanging > 0.02:
        raise InputError(
            f"geometry 'porous_particle': at porosity = {p.porosity:g} and seed = {p.seed} the "
            f"solid falls apart: {max(field.lost, hanging):.0%} of it hangs on thin necks or on "
            "nothing; lower porosity, raise refinement, or try another seed."
        )
    return field


def discretise(p: PorousParticle, kinematics: str) -> SimplexMesh:
    """Cut a lattice along the ball, the ball along the pores, and smooth.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    field, radius = _field(p), p.particle_radius

    def ball(points: Array) -> tuple[Array, Array]:
        square = (points**2).sum(axis=1)
        return (radius**2 - square) / (2.0 * radius), -points / radius

    size = radius * (1.0 + 1.0 / p.count)
    lattice = cut_box(ball, (size,) * 3, (p.count + 1,) * 3)
    points, cells = lattice.points, lattice.cells[lattice.inside]
    everywhere = np.ones(len(cells), dtype=bool)
    points, cells, _, solid = cut_between(field.waves, points, cells, everywhere)
    kept = np.flatnonzero(solid)
    part = components(len(kept), neighbours(cells[kept], len(points)))
    solid[kept[part != np.bincount(part).argmax()]] = False  # crumbs count as pore
    mesh = compact(
        oriented(
            SimplexMesh(
                points=points,
                cells=cells,
                cell_groups=np.where(solid, 0, 1),
                cell_names=("solid", "pore"),
                facets=np.empty((0, 3), dtype=np.int64),
                facet_groups=np.empty(0, dtype=np.int64),
                facet_names=(),
            )
        )
    )
    mesh = oriented(tidied(mesh, ball, [field.waves], [0, 1, 2]))
    planes = {name: (axis, 0.0) for name, axis in drawing.OCTANT.items()}
    if p.skin_thickness:
        mesh = name_exterior(mesh, planes, rest="skin_surface")
        walls = interfaces(mesh)
        return with_facets(mesh, walls, ["pore_surface"] * len(walls))
    return _bare(mesh, planes)


def _bare(mesh: SimplexMesh, planes: dict[str, tuple[int, float]]) -> SimplexMesh:
    """Return the solid alone, its boundary named by where it was in the mesh of both."""
    count = len(mesh.points)
    outside = exterior(mesh.cells, count)
    flat = (mesh.points[outside] == 0.0).all(axis=1).any(axis=1)
    solid = mesh.cells[mesh.cell_groups == 0]
    # Ligaments that touch in a point do not hold together.
    alone = unpinched(
        replace(
            mesh, cells=solid, cell_groups=np.zeros(len(solid), dtype=int), cell_names=("solid",)
        )
    )
    origin = np.arange(len(alone.points))
    origin[alone.cells] = solid
    shell = exterior(alone.cells, len(alone.points))
    round_ = np.isin(keys(origin[shell], count), keys(outside[~flat], count))
    named = with_facets(alone, shell[round_], ["outer_surface"] * int(round_.sum()))
    return compact(name_exterior(named, planes, rest="pore_surface"))


def exact(p: PorousParticle, kinematics: str) -> dict[str, float]:
    """Volumes of the modelled eighth, counted on a fine grid; the skin's area.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return dict(_exact(p))


@cache
def _exact(p: PorousParticle) -> dict[str, float]:
    radius, field = p.particle_radius, _field(p)
    ball, sphere = np.pi / 6.0 * radius**3, np.pi / 2.0 * radius**2
    middle = (np.arange(_GRID) + 0.5) / _GRID
    square = middle**2
    within = square[:, None, None] + square[:, None] + square < 1.0
    solid = ball * float(field.kept[within].mean())
    if p.skin_thickness:
        return {"solid": solid, "pore": ball - solid, "skin_surface": sphere, "hull": ball}
    # Evenly spread directions; what is solid there is the outside of the body.
    cosine, turn = (np.arange(200_000) + 0.5) / 200_000, np.arange(200_000) * np.pi * (3.0 - 5**0.5)
    turn = np.mod(turn, np.pi / 2.0)
    sine = np.sqrt(1.0 - cosine**2)
    points = radius * np.stack([sine * np.cos(turn), sine * np.sin(turn), cosine], axis=1)
    # A cube deeper there must be what is kept, or what is outside hangs on nothing.
    below = tuple((points * ((_GRID - 1.0) / _GRID / radius) * _GRID).astype(int).T)
    attached = ndimage.binary_dilation(field.kept)[below]
    outer = sphere * float(((field.waves.values(points) > 0.0) & attached).mean())
    return {"solid": solid, "hull": radius * outer / 3.0, "envelope": ball}


def roles(p: PorousParticle, kinematics: str) -> Roles:
    """Bare, everything is wet; in a skin the species enters from the pores, the SEI is outside.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    wet = ("pore_surface", "outer_surface")
    if not p.skin_thickness:
        return Roles(flux=wet, sei=wet, hull=("outer_surface",), symmetry=drawing.OCTANT)
    return Roles(
        flux=("pore_surface",),
        sei=("skin_surface",),
        hull=("skin_surface",),
        symmetry=drawing.OCTANT,
        medium=("pore",),
        unstructured=("pore",),
        contact=("pore_surface",),
        membrane={"skin": "skin_surface"},
        membrane_thickness={"skin": p.skin_thickness},
    )


def sides(p: PorousParticle, kinematics: str) -> Sides:
    """The skin lies on the solid and on empty pores.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    solid = {"pore_surface": (("solid",),)}
    return solid | (
        {"skin_surface": (("solid",), ())} if p.skin_thickness else {"outer_surface": (("solid",),)}
    )


GEOMETRY = Geometry(
    name="porous_particle",
    title="Porous ball: random or gyroid, bare or in a skin",
    kinematics=("3d",),
    parameters=PorousParticle,
    discretise=discretise,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: ("solid", "skin") if p.skin_thickness else ("solid",),
)
