"""A slice of an electrode: particles in binder that bridges them, pores, collector and a plate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.packing import packed, scattered
from anodefem.meshing.simplices import flattened, oriented
from anodefem.units import Fraction, Length, Ratio

_GRID = 1500  # points along the width on which the binder is counted
#: A meniscus reaches this share of its radius into the coat, so that the two cross at an angle.
_DEEP = 0.02

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrode:
    """Parameters; lengths in um. Both sides are planes of symmetry, the collector is at y < 0."""

    particle_radius: Annotated[Length, "radius of the particles"] = 1.0
    particles: Annotated[int, Field(ge=1, le=40), "how many are in the slice"] = 4
    width: Annotated[Length, "width of the slice"] = 5.0
    fill: Annotated[Fraction, "share of the coating that particles take; 0.2 to 0.45"] = 0.3
    coat_thickness: Annotated[Length, "thickness of the binder on each particle"] = 0.1
    gap: Annotated[Length, "least distance between the surfaces of two particles"] = 0.3
    bridge: Annotated[Length, "coats that are closer than this are bridged"] = 0.3
    meniscus: Annotated[Length, "radius of the hollow curve of a bridge"] = 0.3
    collector_thickness: Annotated[Length, "part of the collector that is modelled"] = 1.0
    seed: Annotated[int, Field(ge=0), "another number, another packing"] = 1
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse slices that cannot be packed or meshed."""
        if not 0.03 <= self.coat_thickness / self.particle_radius <= 0.5:
            raise ValueError(
                f"coat_thickness = {self.coat_thickness:g} um must be between 0.03 and 0.5 of "
                f"particle_radius = {self.particle_radius:g} um"
            )
        for name in ("gap", "meniscus"):
            if not 0.5 * self.coat_thickness <= getattr(self, name) <= 3.0 * self.particle_radius:
                raise ValueError(
                    f"{name} = {getattr(self, name):g} um must be between half of coat_thickness = "
                    f"{self.coat_thickness:g} um and three radii"
                )
        if self.bridge > 1.5 * self.meniscus:
            raise ValueError(
                f"bridge = {self.bridge:g} um must be at most 1.5 times meniscus = "
                f"{self.meniscus:g} um, or the curves of a bridge meet"
            )
        if not 0.02 <= self.collector_thickness / self.width <= 2.0:
            raise ValueError(
                f"collector_thickness = {self.collector_thickness:g} um must be between a 50th of "
                f"width = {self.width:g} um and twice that"
            )
        if min(self.width, self.height) < 2.2 * (self.coat_radius + 0.5 * self.coat_thickness):
            raise ValueError(
                f"width = {self.width:g} um and the height that follows from fill, "
                f"{self.height:.3g} um, must hold a coated particle, {2 * self.coat_radius:g} um"
            )

    @property
    def coat_radius(self) -> float:
        """Radius of a particle with its coat."""
        return self.particle_radius + self.coat_thickness

    @property
    def height(self) -> float:
        """Height of the coating."""
        return float(self.particles * np.pi * self.particle_radius**2 / self.fill / self.width)


@cache
def _centres(p: Electrode) -> Array:
    """Centres of the particles, each whole and with its coat within the slice."""
    # As far from its mirror image beyond a side as from any other particle.
    room = p.coat_radius + 0.5 * p.coat_thickness
    aside = max(room, p.particle_radius + 0.5 * p.gap)
    low = np.array([aside, room])
    high = np.array([p.width, p.height]) - low
    found = packed(
        scattered(p.particles, low, high, p.seed),
        2.0 * p.particle_radius + p.gap,
        lambda points: np.clip(points, low, high),
    )
    if found is None:
        raise InputError(
            f"geometry 'electrode': {p.particles} particles do not fit at fill = {p.fill:g} and "
            f"gap = {p.gap:g} um; lower fill or gap, change width, or try another seed."
        )
    return found


def _bridges(p: Electrode) -> Iterator[Array]:
    """Corners of each bridge: centre, centre of one curve, other centre, centre of other curve."""
    centres = _centres(p)
    # A particle is bridged to the collector and to the next slice as to its own mirror image.
    flip = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, 1.0]])
    shift = np.array([[0.0, 0.0], [0.0, 0.0], [2.0 * p.width, 0.0]])
    pairs = [(a, b) for i, a in enumerate(centres) for b in centres[:i]]
    pairs += [(a, a * f + s) for a in centres for f, s in zip(flip, shift, strict=True)]
    reach = p.coat_radius + (1.0 - _DEEP) * p.meniscus
    for one, other in pairs:
        along = other - one
        length = float(np.linalg.norm(along))
        if length - 2.0 * p.coat_radius < p.bridge:
            aside = np.array([-along[1], along[0]]) / length
            offset = np.sqrt(reach**2 - length**2 / 4.0) * aside
            middle = (one + other) / 2.0
            yield np.array([one, middle + offset, other, middle - offset])


def build(model: Any, p: Electrode, kinematics: str) -> None:
    """Draw particles, binder, pores and collector.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    occ = model.occ

    def disc(place: Array, radius: float) -> tuple[int, int]:
        return 2, occ.addDisk(float(place[0]), float(place[1]), 0.0, radius, radius)

    def polygon(corners: Array) -> tuple[int, int]:
        points = [occ.addPoint(*map(float, corner), 0.0) for corner in corners]
        pairs = zip(points, [*points[1:], points[0]], strict=True)
        return 2, occ.addPlaneSurface([occ.addCurveLoop([occ.addLine(a, b) for a, b in pairs])])

    pieces = [disc(place, p.coat_radius) for place in _centres(p)]
    for corners in _bridges(p):
        curves = [disc(corners[1], p.meniscus), disc(corners[3], p.meniscus)]
        pieces += occ.cut([polygon(corners)], curves)[0]
    binder = occ.fuse(pieces[:1], pieces[1:])[0] if len(pieces) > 1 else pieces
    frame = (2, occ.addRectangle(0.0, 0.0, 0.0, p.width, p.height))
    binder = occ.intersect(binder, [frame], removeTool=False)[0]
    particles = [disc(place, p.particle_radius) for place in _centres(p)]
    deep = p.collector_thickness
    base = (2, occ.addRectangle(0.0, -deep, 0.0, p.width, deep))
    _, parts = occ.fragment([frame], [base, *particles, *binder])
    occ.synchronize()
    count = len(particles)
    groups = {
        "collector": {*parts[1]},
        "particle": {entity for part in parts[2 : 2 + count] for entity in part},
    }
    every = {entity for part in parts[2 + count :] for entity in part}
    groups["binder"] = every - groups["particle"]
    groups["void"] = {*parts[0]} - groups["particle"] - groups["binder"]
    for name, entities in groups.items():
        model.addPhysicalGroup(2, sorted(tag for _, tag in entities), name=name)
    rims = {name: drawing.rim(model, entities) for name, entities in groups.items()}
    faces = {
        "particle_surface": rims["particle"] & rims["binder"],
        "binder_surface": rims["binder"] & rims["void"],
        "collector_surface": rims["collector"] & rims["void"],
    }

    def planes(tag: int) -> dict[str, tuple[int, float]]:
        return {
            "symmetry_x": (0, 0.0),
            "collector_side" if tag in rims["collector"] else "side": (0, p.width),
            "collector_bottom": (1, -deep),
            "plate": (1, p.height),
        }

    for name, tags in (faces | drawing.outside(model, planes, "rest")).items():
        model.addPhysicalGroup(1, sorted(tags), name=name)
    edge = min(p.particle_radius / 8.0, p.coat_thickness / 1.3) / p.refinement
    start = 1.2 * p.coat_thickness
    drawing.coarsen(
        model,
        sorted(rims["particle"]),
        edge=edge,
        most=3.0 * edge,
        start=start,
        reach=start + 8.0 * edge,
    )


def finish(mesh: SimplexMesh, p: Electrode, kinematics: str) -> SimplexMesh:
    """Turn all cells alike, and put what is held into its plane to the last bit.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    planes = {
        "side": (0, p.width),
        "collector_side": (0, p.width),
        "collector_bottom": (1, -p.collector_thickness),
        "plate": (1, p.height),
    }
    return oriented(flattened(mesh, planes))


def exact(p: Electrode, kinematics: str) -> dict[str, float]:
    """Areas and lengths per um of depth; that of the binder is counted on a fine grid.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return dict(_exact(p))


@cache
def _exact(p: Electrode) -> dict[str, float]:
    particle = p.particles * np.pi * p.particle_radius**2
    coating = p.width * p.height
    step = p.width / _GRID
    lines = [(np.arange(int(end / step)) + 0.5) * step for end in (p.width, p.height)]
    inside = np.zeros([len(line) for line in lines], dtype=bool)

    def add(low: Array, high: Array, within: Callable[[Array], Mask]) -> None:
        """Count what is within a shape that lies in a box."""
        part = tuple(
            slice(*np.searchsorted(line, (a, b)))
            for line, a, b in zip(lines, low, high, strict=True)
        )
        near = [line[cut] for line, cut in zip(lines, part, strict=True)]
        inside[part] |= within(np.stack(np.meshgrid(*near, indexing="ij"), axis=-1))

    for place in _centres(p):
        add(place - p.coat_radius, place + p.coat_radius, partial(_in_disc, place, p.coat_radius))
    for corners in _bridges(p):
        add(corners.min(axis=0), corners.max(axis=0), partial(_in_bridge, corners, p.meniscus))
    binder = inside.mean() * coating - particle
    found = {
        "particle": particle,
        "binder": binder,
        "void": coating - particle - binder,
        "collector": p.width * p.collector_thickness,
        "particle_surface": 2.0 * particle / p.particle_radius,
        "plate": p.width,
        "collector_bottom": p.width,
        "hull": coating,
    }
    return {name: float(value) for name, value in found.items()}


def _in_disc(place: Array, radius: float, points: Array) -> Mask:
    return np.asarray(((points - place) ** 2).sum(axis=-1) < radius**2)


def _in_bridge(corners: Array, meniscus: float, points: Array) -> Mask:
    within = ~_in_disc(corners[1], meniscus, points) & ~_in_disc(corners[3], meniscus, points)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        across = (b - a)[0] * (points - a)[..., 1] - (b - a)[1] * (points - a)[..., 0]
        within &= across <= 0.0
    return within


def roles(p: Electrode, kinematics: str) -> Roles:
    """The species passes the binder freely; the SEI grows under it; pores may close.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    held = {"symmetry_x": 0, "side": 0, "collector_side": 0, "collector_bottom": 1, "plate": 1}
    return Roles(
        flux=("particle_surface",),
        sei=("particle_surface",),
        hull=("plate", "side"),
        symmetry=held,
        medium=("void",),
        unstructured=("void",),
        contact=("binder_surface",),
        collector=("collector",),
        plate=("plate",),
    )


def sides(p: Electrode, kinematics: str) -> Sides:
    """Every particle is in binder.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return {
        "particle_surface": (("particle", "binder"),),
        "binder_surface": (("binder",),),
        "collector_surface": (("collector",),),
        "collector_bottom": (("collector",),),
        "plate": ((),),
    }


GEOMETRY = Geometry(
    name="electrode",
    title="Slice of an electrode: particles, binder that bridges them, pores, collector, plate",
    kinematics=("plane_strain",),
    parameters=Electrode,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: ("particle", "binder", "collector"),
)
