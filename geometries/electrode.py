"""A slice of an electrode: particles in binder that bridges them, pores, collector and a plate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.periodic import alike
from anodefem.meshing.simplices import flattened, oriented
from anodefem.meshing.slices import Slice
from anodefem.units import Fraction, Length, Ratio

_GRID = {2: 1500, 3: 160}  # points along the width on which the binder is counted, by dimension
#: Size of the unit ball, by dimension.
_BALL = {2: np.pi, 3: 4.0 / 3.0 * np.pi}
#: Sides beyond which a periodic slice goes on as it begins at the other, by axis.
_PERIODIC = ("left", "right"), ("front", "back")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrode:
    """Parameters; lengths in um. The collector is below zero.

    In 3D the slice is as deep as wide.
    """

    particle_radius: Annotated[Length, "radius of the particles"] = 1.0
    particles: Annotated[int, Field(ge=1, le=40), "how many are in the slice"] = 4
    width: Annotated[Length, "from side to side"] = 5.0
    sides: Annotated[
        Literal["mirror", "periodic"],
        "planes of symmetry, or periodic: particles cross them",
    ] = "mirror"
    fill: Annotated[Fraction, "share of the coating that particles take; 0.2 to 0.45"] = 0.2
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
        if self.width < self.least:
            raise ValueError(
                f"width = {self.width:g} um must hold a coated particle, at least {self.least:g} um"
            )

    @property
    def coat_radius(self) -> float:
        """Radius of a particle with its coat."""
        return self.particle_radius + self.coat_thickness

    @property
    def least(self) -> float:
        """Least width and height."""
        return 2.2 * (self.coat_radius + 0.5 * self.coat_thickness)

    def height(self, dim: int) -> float:
        """Height of the coating."""
        size = self.particles * _BALL[dim] * self.particle_radius**dim
        return float(size / self.fill / self.width ** (dim - 1))


@cache
def _slice(p: Electrode, dim: int) -> Slice:
    """Where particles and bridges are.

    Raises:
        InputError: They cannot be anywhere.
    """
    periodic, height = p.sides == "periodic", p.height(dim)
    part = Slice(
        dim=dim,
        width=p.width,
        height=height,
        periodic=periodic,
        particles=p.particles,
        particle_radius=p.particle_radius,
        coat_thickness=p.coat_thickness,
        gap=p.gap,
        bridge=p.bridge,
        meniscus=p.meniscus,
        seed=p.seed,
    )
    if height < p.least:
        raise InputError(
            f"geometry 'electrode': the height that follows from fill = {p.fill:g}, "
            f"{height:.3g} um, must hold a coated particle, at least {p.least:.3g} um; lower "
            "fill or width, or take more particles."
        )
    if dim == 3 and p.gap < 1.05 * p.coat_thickness:
        raise InputError(
            f"geometry 'electrode': gap = {p.gap:g} um must be at least 1.05 times coat_thickness "
            f"= {p.coat_thickness:g} um in 3D, or the coat of one particle is cut by the next."
        )
    if periodic and p.width < part.distance:
        raise InputError(
            f"geometry 'electrode': width = {p.width:g} um must be at least {part.distance:g} um, "
            "or a particle is closer than gap to itself in the next slice."
        )
    try:
        bridged = any(bridge.other[dim - 1] > 0.0 for bridge in part.bridges())
    except ValueError as error:
        raise InputError(
            f"geometry 'electrode': {error} at fill = {p.fill:g} and gap = {p.gap:g} um; lower "
            "fill or gap, change width, or try another seed."
        ) from error
    if dim == 3 and periodic and bridged:
        # OpenCASCADE does not cut what is fused of several coats alike on opposite sides
        raise InputError(
            f"geometry 'electrode': coats touch or are bridged, which periodic sides in 3D do not "
            f"allow; raise gap = {p.gap:g} um above twice coat_thickness = {p.coat_thickness:g} um "
            f"and bridge = {p.bridge:g} um, or lower bridge."
        )
    return part


def _pairs(p: Electrode, dim: int) -> tuple[tuple[str, str], ...]:
    """Pairs of facet groups of periodic sides; those of the coating first."""
    if p.sides != "periodic":
        return ()
    pairs = _PERIODIC[: dim - 1]
    return (*pairs, *((f"collector_{one}", f"collector_{other}") for one, other in pairs))


def _planes(p: Electrode, dim: int) -> dict[str, tuple[int, float]]:
    """Outer planes, but for `_symmetry`: facet group -> axis and coordinate in um."""
    if p.sides == "periodic":
        pairs = [*enumerate(_PERIODIC[: dim - 1])]
        sides = {one: (axis, 0.0) for axis, (one, _) in pairs}
        sides |= {other: (axis, p.width) for axis, (_, other) in pairs}
    else:
        names = ("side", "side_y")[: dim - 1]
        sides = {name: (axis, p.width) for axis, name in enumerate(names)}
    return {
        **sides,
        **{f"collector_{name}": plane for name, plane in sides.items()},
        "collector_bottom": (dim - 1, -p.collector_thickness),
        "plate": (dim - 1, p.height(dim)),
    }


def _symmetry(p: Electrode, dim: int) -> dict[str, int]:
    """Planes of symmetry through the origin: facet group -> axis."""
    if p.sides == "periodic":
        return {}
    return {"symmetry_x": 0, "symmetry_y": 1} if dim == 3 else {"symmetry_x": 0}


def build(model: Any, p: Electrode, kinematics: str) -> None:
    """Draw particles, binder, pores and collector.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    occ, dim = model.occ, _dim(kinematics)

    def balls(radius: float) -> list[tuple[int, int]]:
        centres = _slice(p, dim).seen(radius)
        if dim == 3:
            return [(3, occ.addSphere(*map(float, at), radius)) for at in centres]
        return [(2, occ.addDisk(*map(float, at), 0.0, radius, radius)) for at in centres]

    def box(low: float, high: float) -> tuple[int, int]:
        if dim == 3:
            return 3, occ.addBox(0.0, 0.0, low, p.width, p.width, high - low)
        return 2, occ.addRectangle(0.0, low, 0.0, p.width, high - low)

    pieces = balls(p.coat_radius)
    for bridge in _slice(p, dim).bridges():
        pieces += bridge.draw(occ)
    binder = occ.fuse(pieces[:1], pieces[1:])[0] if len(pieces) > 1 else pieces
    frame = box(0.0, p.height(dim))
    binder = occ.intersect(binder, [frame], removeTool=False)[0]
    particles = balls(p.particle_radius)
    if p.sides == "periodic":
        particles = occ.intersect(particles, [frame], removeTool=False)[0]
    base = box(-p.collector_thickness, 0.0)
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
        model.addPhysicalGroup(dim, sorted(tag for _, tag in entities), name=name)
    rims = {name: drawing.rim(model, entities) for name, entities in groups.items()}
    faces = {
        "particle_surface": rims["particle"] & rims["binder"],
        "binder_surface": rims["binder"] & rims["void"],
        "collector_surface": rims["collector"] & rims["void"],
    }

    def planes(tag: int) -> Mapping[str, tuple[int, float]]:
        held = {name: (axis, 0.0) for name, axis in _symmetry(p, dim).items()}
        below = tag in rims["collector"]
        for name, plane in _planes(p, dim).items():
            if name == "plate" or name.startswith("collector") == below:
                held[name] = plane
        return held

    faces |= drawing.outside(model, planes, "rest")
    for name, tags in faces.items():
        model.addPhysicalGroup(dim - 1, sorted(tags), name=name)
    drawing.periodic(model, [(faces[one], faces[other]) for one, other in _pairs(p, dim)])
    edge, start = _edge(p, dim), (1.2 if dim == 2 else 0.0) * p.coat_thickness
    drawing.coarsen(
        model,
        sorted(rims["particle"]),
        edge=edge,
        most=(3.0 if dim == 2 else 2.0) * edge,
        start=start,
        reach=start + (8.0 if dim == 2 else 3.0) * edge,
    )


def _dim(kinematics: str) -> int:
    return 3 if kinematics == "3d" else 2


def _edge(p: Electrode, dim: int) -> float:
    """Length of edges at the surfaces of the particles in um."""
    if dim == 2:
        return min(p.particle_radius / 8.0, p.coat_thickness / 1.3) / p.refinement
    # Coarser, flat facets would take more than 6 % of a ball.
    finest = min(p.particle_radius / 4.5, 2.0 * p.coat_thickness)
    return min(finest / p.refinement, p.particle_radius / 2.8)


def finish(mesh: SimplexMesh, p: Electrode, kinematics: str) -> SimplexMesh:
    """Turn all cells alike, and put what is held into its plane, and sides alike, to the last bit.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    flat = flattened(mesh, _planes(p, mesh.dim))
    return oriented(alike(flat, _pairs(p, mesh.dim)))


def exact(p: Electrode, kinematics: str) -> dict[str, float]:
    """Sizes, per um of depth in plane strain; that of the binder is counted on a fine grid.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return dict(_exact(p, _dim(kinematics)))


@cache
def _exact(p: Electrode, dim: int) -> dict[str, float]:
    height, area = p.height(dim), p.width ** (dim - 1)
    particle = p.particles * _BALL[dim] * p.particle_radius**dim
    coating = area * height
    step = p.width / _GRID[dim]
    ends = [*[p.width] * (dim - 1), height]
    lines = [(np.arange(int(end / step)) + 0.5) * step for end in ends]
    inside = np.zeros([len(line) for line in lines], dtype=bool)

    def add(low: Array, high: Array, within: Callable[[Array], Mask]) -> None:
        """Count what is within a shape that lies in a box."""
        part = tuple(
            slice(*np.searchsorted(line, (a, b)))
            for line, a, b in zip(lines, low, high, strict=True)
        )
        near = [line[cut] for line, cut in zip(lines, part, strict=True)]
        inside[part] |= within(np.stack(np.meshgrid(*near, indexing="ij"), axis=-1))

    for place in _slice(p, dim).seen(p.coat_radius):
        add(place - p.coat_radius, place + p.coat_radius, partial(_in_ball, place, p.coat_radius))
    for bridge in _slice(p, dim).bridges():
        add(*bridge.box, bridge.holds)
    binder = inside.mean() * coating - particle
    found = {
        "particle": particle,
        "binder": binder,
        "void": coating - particle - binder,
        "collector": area * p.collector_thickness,
        "particle_surface": dim * particle / p.particle_radius,
        "plate": area,
        "collector_bottom": area,
        "hull": coating,
    }
    return {name: float(value) for name, value in found.items()}


def _in_ball(place: Array, radius: float, points: Array) -> Mask:
    return np.asarray(((points - place) ** 2).sum(axis=-1) < radius**2)


def roles(p: Electrode, kinematics: str) -> Roles:
    """The species passes the binder freely; the SEI grows under it; pores may close.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    dim = _dim(kinematics)
    periodic = _pairs(p, dim)
    open_ = [name for pair in periodic for name in pair]
    corner = (*[0.0] * (dim - 1), -p.collector_thickness)
    planes = {name: axis for name, (axis, _) in _planes(p, dim).items() if name not in open_}
    return Roles(
        flux=("particle_surface",),
        sei=("particle_surface",),
        hull=("plate", *open_[: 2 * dim - 2]) if periodic else ("plate", "side", "side_y")[:dim],
        symmetry=_symmetry(p, dim) | planes,
        periodic=periodic,
        medium=("void",),
        unstructured=("void",),
        contact=("binder_surface",),
        collector=("collector",),
        plate=("plate",),
        anchor=tuple((corner, axis) for axis in range(dim - 1)) if periodic else (),
    )


def sides(p: Electrode, kinematics: str) -> Sides:
    """Every particle is in binder, which may stand on the collector.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    dim = _dim(kinematics)
    stands = any(bridge.other[dim - 1] < 0.0 for bridge in _slice(p, dim).bridges())
    feet: Sides = {"feet": (("binder", "collector"),)} if stands else {}
    return {
        **feet,
        "particle_surface": (("particle", "binder"),),
        "binder_surface": (("binder",),),
        "collector_surface": (("collector",),),
        "collector_bottom": (("collector",),),
        "plate": ((),),
    }


GEOMETRY = Geometry(
    name="electrode",
    title="Slice of an electrode: particles, binder that bridges them, pores, collector, plate",
    kinematics=("plane_strain", "3d"),
    parameters=Electrode,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: ("particle", "binder", "collector"),
)
