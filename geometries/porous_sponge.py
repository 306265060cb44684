"""An eighth of a cube of sponge, as dealloying leaves it, or a gyroid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Indices, Roles, Sides, SimplexMesh
from anodefem.meshing.fields import Sampled, Waves, gyroid_waves, random_waves, sampled
from anodefem.meshing.levelset import CutLattice, cut_box, on_level
from anodefem.meshing.simplices import (
    compact,
    components,
    interfaces,
    name_exterior,
    neighbours,
    oriented,
    unpinched,
    volumes,
    with_facets,
)
from anodefem.meshing.smooth import smoothed
from anodefem.meshing.validity import COARSEST
from anodefem.units import Fraction, Length, Ratio

_LETTERS = "xyz"
# Primes: a grid in step with a periodic structure sees the same few points of it again and again.
_GRIDS = (67, 101, 139)


@dataclass(frozen=True, slots=True, kw_only=True)
class PorousSponge:
    """Parameters of a sponge; lengths in um."""

    edge: Annotated[Length, "edge of the cube of which an eighth is modelled"] = 4.0
    wavelength: Annotated[Length, "distance from one ligament to the next"] = 1.0
    porosity: Annotated[Fraction, "share of the volume that is pore"] = 0.6
    structure: Annotated[Literal["random", "gyroid"], "random: isotropic, bicontinuous"] = "random"
    seed: Annotated[int, Field(ge=0), "another number, another random sponge"] = 7
    phases: Annotated[Literal["solid", "both"], "both: the pores are meshed too"] = "solid"
    confinement: Annotated[Literal["free", "rigid"], "rigid: the outer faces keep their planes"] = (
        "free"
    )
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse sponges that fall apart or have nothing in them."""
        if not 0.2 <= self.porosity <= 0.85:
            raise ValueError(
                f"porosity = {self.porosity:g} must be between 0.2 and 0.85: below, the pores are "
                "closed bubbles; above, the solid falls apart"
            )
        if not 1.0 <= self.half / self.wavelength <= 8.0:
            raise ValueError(
                f"wavelength = {self.wavelength:g} um must be between a sixteenth and a half of "
                f"edge = {self.edge:g} um"
            )

    @property
    def half(self) -> float:
        """Edge of the modelled part."""
        return self.edge / 2.0

    @property
    def count(self) -> int:
        """Lattice cubes along an edge of the modelled part; more where a phase is thin."""
        # A ligament's or pore's width goes with the root of its share.
        rarer = min(self.porosity, 1.0 - self.porosity)
        finer = 8.0 * max(1.0, float(np.sqrt(0.4 / rarer)))
        return max(4, round(self.refinement * max(12.0, finer * self.half / self.wavelength)))


@cache
def _field(p: PorousSponge) -> Sampled:
    size = p.half
    if p.structure == "gyroid":
        waves = gyroid_waves(p.wavelength)
    else:
        waves = random_waves(size, p.wavelength, p.seed)
    fine = 24.0 * size / p.wavelength
    field = sampled(waves, size, 1.0 - p.porosity, next(n for n in _GRIDS if n > min(fine, 138.0)))
    if field.lost > 0.1 or abs(field.share + p.porosity - 1.0) > 0.02 * field.share:
        raise InputError(
            f"geometry 'porous_sponge': at porosity = {p.porosity:g} and seed = {p.seed} the solid "
            f"falls apart: {field.lost:.0%} of it is not connected to the rest; "
            "lower porosity, or try another seed."
        )
    reached = [field.face(axis) / size**2 for axis in range(3)]
    found = [min(share, 1.0 - share) > 0.02 for share in reached]
    # A patch of a few facets is too rough, or lost with the crumbs of the lattice.
    if all(found) and min(reached) < (3.0 / p.count) ** 2:
        covered = _faces(p, *_cut(p, field.waves))
        found = [abs(a - b) < COARSEST * b for a, b in zip(covered, reached, strict=True)]
    for axis, letter in enumerate(_LETTERS):
        if field.grazing(axis) > 0.02 * field.face(axis):
            raise InputError(
                f"geometry 'porous_sponge': at edge = {p.edge:g} um the outer face across {letter} "
                "only grazes some of the solid; change edge or porosity a little."
            )
        short = "" if found[axis] else "solid" if reached[axis] < 0.5 else "pore"
        if short == "solid" or (short and p.phases == "both"):
            raise InputError(
                f"geometry 'porous_sponge': at porosity = {p.porosity:g} and seed = {p.seed} the "
                f"{short} hardly reaches the outer face across {letter}; enlarge edge, change "
                "porosity, raise refinement, or try another seed."
            )
    hanging = field.hanging(size / p.count / 4.0)
    if hanging > 0.02:
        raise InputError(
            f"geometry 'porous_sponge': at porosity = {p.porosity:g} and seed = {p.seed} "
            f"{hanging:.0%} of the solid hangs on necks thinner than edges of the mesh; lower "
            "porosity, raise refinement, or try another seed."
        )
    return field


def discretise(p: PorousSponge, kinematics: str) -> SimplexMesh:
    """Cut a lattice along the level set, keep the largest solid, smooth.

    Cells keep straight sides in a second-order mesh as well.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    field = _field(p)
    lattice, solid = _cut(p, field.waves)
    cells = lattice.cells if p.phases == "both" else lattice.cells[solid]
    mesh = oriented(
        SimplexMesh(
            points=lattice.points,
            cells=cells,
            cell_groups=np.where(solid, 0, 1) if p.phases == "both" else np.zeros(len(cells), int),
            cell_names=("solid", "pore")[: 2 if p.phases == "both" else 1],
            facets=np.empty((0, 3), dtype=np.int64),
            facet_groups=np.empty(0, dtype=np.int64),
            facet_names=(),
        )
    )

    def keep(places: Array, vertices: Indices) -> Array:
        fixed = lattice.on_plane[vertices]
        places = np.where(fixed, lattice.points[vertices], places)
        bound = lattice.on_surface[vertices]
        places[bound] = on_level(field.waves, places[bound], fixed[bound], steps=2)
        return places

    mesh = compact(replace(mesh, points=smoothed(mesh.points, mesh.cells, keep)))
    # Ligaments that touch in a point do not hold together; among pores the medium sees to them.
    return _named(mesh if p.phases == "both" else unpinched(mesh), p)


def _cut(p: PorousSponge, waves: Waves) -> tuple[CutLattice, npt.NDArray[np.bool_]]:
    """The lattice, cut along the level set, and which of its cells are the largest solid."""
    lattice = cut_box(waves, (p.half,) * 3, (p.count,) * 3)
    return lattice, _largest(lattice.cells, lattice.inside, len(lattice.points))


def _faces(p: PorousSponge, lattice: CutLattice, solid: npt.NDArray[np.bool_]) -> list[float]:
    """Share of the outer face across each axis that facets of the solid cover."""
    found = []
    for axis in range(3):
        cells = lattice.cells[solid]
        outside = np.isclose(lattice.points[cells, axis], p.half)
        facets = cells[outside.sum(axis=1) == 3][outside[outside.sum(axis=1) == 3]]
        flat = np.delete(lattice.points, axis, axis=1)
        found.append(float(np.abs(volumes(flat, facets.reshape(-1, 3))).sum()) / p.half**2)
    return found


def _largest(cells: Indices, inside: npt.NDArray[np.bool_], points: int) -> npt.NDArray[np.bool_]:
    """Which cells belong to the largest connected part of those inside."""
    numbers = np.flatnonzero(inside)
    label = components(len(numbers), neighbours(cells[numbers], points))
    kept = np.zeros(len(cells), dtype=bool)
    kept[numbers[label == np.bincount(label).argmax()]] = True
    return kept


def _named(mesh: SimplexMesh, p: PorousSponge) -> SimplexMesh:
    inner = {f"symmetry_{letter}": (axis, 0.0) for axis, letter in enumerate(_LETTERS)}
    outer = {f"outer_{letter}": (axis, p.half) for axis, letter in enumerate(_LETTERS)}
    mesh = name_exterior(mesh, inner)
    mesh = name_exterior(mesh, outer, of="solid")
    if p.phases == "solid":
        return name_exterior(mesh, {}, rest="pore_surface")
    mesh = name_exterior(mesh, {f"pore_{name}": plane for name, plane in outer.items()})
    surface = interfaces(mesh)
    return with_facets(mesh, surface, ["pore_surface"] * len(surface))


def exact(p: PorousSponge, kinematics: str) -> dict[str, float]:
    """Measures of the level set on a fine grid, without what is not connected.

    The level is chosen such that the solid fills 1 - porosity to 1e-3; the mesh of the default size
    meets its volume to 5e-3 and its surface, which is known to 1e-2, to 2e-2.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return dict(_exact(p))


@cache
def _exact(p: PorousSponge) -> dict[str, float]:
    field = _field(p)
    faces = {f"outer_{letter}": field.face(axis) for axis, letter in enumerate(_LETTERS)}
    found = {
        "solid": field.share * p.half**3,
        "pore_surface": field.surface(),
        "hull": p.half * sum(faces.values()) / 3.0,
        "envelope": p.half**3,
        **faces,
    }
    if p.phases == "both":
        found["pore"] = p.half**3 - found["solid"]
    return found


def roles(p: PorousSponge, kinematics: str) -> Roles:
    """Electrolyte fills the pores; the hull is the solid's share of the outer faces.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    outer = tuple(f"outer_{letter}" for letter in _LETTERS)
    held = {f"symmetry_{letter}": axis for axis, letter in enumerate(_LETTERS)}
    wet: tuple[str, ...] = ("pore_surface", *outer)
    both = p.phases == "both"
    if p.confinement == "rigid":
        # The outer faces touch the next sponge: nothing comes through them.
        wet = ("pore_surface",)
        names = [*outer, *(f"pore_{name}" for name in outer if both)]
        held |= {name: _LETTERS.index(name[-1]) for name in names}
    return Roles(
        flux=wet,
        sei=wet,
        hull=outer,
        symmetry=held,
        medium=("pore",) if both else (),
        contact=("pore_surface",) if both else (),
    )


def sides(p: PorousSponge, kinematics: str) -> Sides:
    """Every face of the solid is its own."""
    return {name: (("solid",),) for name in ("pore_surface", "outer_x", "outer_y", "outer_z")}


GEOMETRY = Geometry(
    name="porous_sponge",
    title="Porous sponge: random bicontinuous, or gyroid",
    kinematics=("3d",),
    parameters=PorousSponge,
    discretise=discretise,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: ("solid",),
)
