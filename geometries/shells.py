"""A round host, solid or hollow, in any number of shells: coats, voids, cages, skins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.layers import grown
from anodefem.meshing.simplices import name_exterior
from anodefem.units import Length, LengthOrZero, Ratio
from anodefem.validation import Strict

_HOST, _SEED = "particle", "seed"
_THINNEST = 1e-3  # [um]; thinner than an atom's neighbours are apart, or than any surface is rough
_ACROSS = {"axisymmetric": 60.0, "plane_strain": 60.0, "3d": 14.0}  # edges along one radius


class Layer(Strict):
    """One shell; it begins where the one before it ends."""

    name: Annotated[str, "region, as in [materials]"]
    thickness: Annotated[Length, "thickness"]
    kind: Annotated[
        Literal["solid", "void", "membrane"],
        "void: empty; membrane: the outermost shell without cells, for skins of some nanometres",
    ] = "solid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shells:
    """Parameters; lengths in um. A ball, or in plane strain a wire, with the host inmost."""

    particle_radius: Annotated[Length, "outer radius of the host"] = 1.0
    hollow_radius: Annotated[LengthOrZero, "radius of the hollow in the host; 0 for none"] = 0.0
    layers: Annotated[
        tuple[Layer, ...],
        Field(max_length=20),
        'shells from inside out: [{ name = "carbon", thickness = "20 nm" }, ...]; kind = "void" '
        'or "membrane" where it is no solid',
    ] = ()
    refinement: Annotated[Ratio, "2 halves every edge; a void keeps its one layer"] = 1.0

    def __post_init__(self) -> None:
        """Refuse shells that touch nothing, that are too thin, or that cannot be told apart."""
        if self.hollow_radius and self.particle_radius - self.hollow_radius < _THINNEST:
            raise ValueError(
                f"hollow_radius = {self.hollow_radius:g} um must be at least 1 nm below "
                f"particle_radius = {self.particle_radius:g} um"
            )
        names = [layer.name for layer in self.layers]
        for number, layer in enumerate(self.layers, start=1):
            where = f"layers.{number}"
            if not layer.name.isidentifier() or layer.name.startswith(("symmetry", "axis")):
                raise ValueError(f"{where}.name = '{layer.name}' must be made of letters and '_'")
            if layer.name in (_HOST, _SEED, "hull", "envelope") or names.count(layer.name) > 1:
                raise ValueError(
                    f"{where}.name = '{layer.name}' is taken; every shell has a name of its own"
                )
            if layer.thickness < _THINNEST:
                raise ValueError(
                    f"{where}.thickness = {layer.thickness:g} um must be at least 1 nm"
                )
            last = number == len(self.layers)
            if layer.kind == "membrane" and (not last or layer.thickness > 0.1 * self.radii[-1]):
                raise ValueError(
                    f"{where}: a membrane is the outermost shell, at most a tenth of its radius "
                    f"thick; make '{layer.name}' a solid"
                )
            beside = self.layers[number].kind if not last else "void"
            if layer.kind == "void" and beside == "void":
                raise ValueError(f"{where}: a void needs a solid shell or a membrane around it")

    @property
    def radii(self) -> tuple[float, ...]:
        """Outer radius of the host and of every layer that has cells."""
        found = [self.particle_radius]
        for layer in self.layers:
            if layer.kind != "membrane":
                found.append(found[-1] + layer.thickness)
        return tuple(found)

    @property
    def shells(self) -> tuple[Layer, ...]:
        """The host and every layer that has cells, from inside out."""
        thickness = self.particle_radius - self.hollow_radius
        host = Layer.model_construct(name=_HOST, thickness=thickness, kind="solid")
        return (host, *(layer for layer in self.layers if layer.kind != "membrane"))

    @property
    def membrane(self) -> Layer | None:
        """The layer that is a membrane."""
        return self.layers[-1] if self.layers and self.layers[-1].kind == "membrane" else None

    @property
    def tops(self) -> tuple[str, ...]:
        """Facet group at the outer end of each of `shells`."""
        found = []
        for shell, after in zip(self.shells, (*self.shells[1:], None), strict=True):
            if shell.kind == "solid":
                found.append(f"{shell.name}_surface")
            else:  # where a void ends is the inside of what is around it
                found.append(f"{after.name}_inner" if after else f"{self.layers[-1].name}_surface")
        return tuple(found)


def build(model: Any, p: Shells, kinematics: str) -> None:
    """Draw the host, or the hollow in it; `finish` grows everything else from its surface.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    flat = kinematics != "3d"
    radius = p.hollow_radius or p.particle_radius
    body, top = (_SEED, "hollow_surface") if p.hollow_radius else (_HOST, p.tops[0])
    drawing.ball(model, radius, kinematics)
    drawing.name(model, 2 if flat else 3, body, drawing.PLANES[kinematics], rest=top)
    surface = radius / _ACROSS[kinematics] / p.refinement
    centre = radius / (17.0 if flat else 5.0) / p.refinement
    drawing.grade(
        model,
        radius,
        surface=surface,
        centre=5.0 * surface if p.hollow_radius else centre,
        axis="y" if flat else "z",
    )


def finish(mesh: SimplexMesh, p: Shells, kinematics: str) -> SimplexMesh:
    """Grow the shells: a void in one layer, a solid in two or more.

    One structured layer of second-order elements is what lets a void collapse to nothing.

    Args:
        mesh: What gmsh made of `build`.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    below = "hollow_surface" if p.hollow_radius else p.tops[0]
    inner = p.hollow_radius or p.particle_radius
    start = 0 if p.hollow_radius else 1
    for shell, outer, top in list(zip(p.shells, p.radii, p.tops, strict=True))[start:]:
        count = 1 if shell.kind == "void" else _count(p, shell, outer, kinematics)
        through = [partial(_onto, radius) for radius in np.linspace(inner, outer, count + 1)[1:]]
        mesh = grown(mesh, over=below, through=through, cells=shell.name, top=top)
        below, inner = top, outer
    if p.hollow_radius:
        mesh = _without(mesh, _SEED)
    planes = drawing.PLANES[kinematics]
    return name_exterior(mesh, {name: (axis, 0.0) for name, axis in planes.items()})


def _count(p: Shells, shell: Layer, outer: float, kinematics: str) -> int:
    """How many layers of cells, up to 1.5 edges thick, are across a solid shell."""
    edge = 1.5 * outer / _ACROSS[kinematics]
    least = 3 if shell.name == _HOST else 2
    return max(1, round(p.refinement * max(least, shell.thickness / edge)))


def _onto(radius: float, points: Array) -> Array:
    return np.asarray(points * (radius / np.linalg.norm(points, axis=1, keepdims=True)))


def _without(mesh: SimplexMesh, name: str) -> SimplexMesh:
    """Return the mesh without the cells of its first group, from whose surface others grew."""
    kept = mesh.cell_groups != mesh.cell_names.index(name)
    names = tuple(other for other in mesh.cell_names if other != name)
    place = np.array([names.index(other) if other != name else -1 for other in mesh.cell_names])
    return replace(
        mesh,
        cells=mesh.cells[kept],
        cell_groups=place[mesh.cell_groups[kept]],
        cell_names=names,
    )


def exact(p: Shells, kinematics: str) -> dict[str, float]:
    """Volumes and surfaces of the modelled half (axisymmetric), eighth (3D) or quarter (wire).

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    part = {"axisymmetric": 0.5, "plane_strain": 0.25, "3d": 0.125}[kinematics]
    solid = kinematics != "plane_strain"
    power = 3 if solid else 2
    ball = part * np.pi * (4.0 / 3.0 if solid else 1.0)
    radii = (p.hollow_radius, *p.radii)
    found = {
        shell.name: ball * (outer**power - inner**power)
        for shell, (inner, outer) in zip(p.shells, pairwise(radii), strict=True)
    }
    surfaces = dict(zip(p.tops, p.radii, strict=True))
    if p.hollow_radius:
        surfaces["hollow_surface"] = p.hollow_radius
    found |= {name: power * ball * radius ** (power - 1) for name, radius in surfaces.items()}
    return found | {"hull": ball * radii[-1] ** power}


def roles(p: Shells, kinematics: str) -> Roles:
    """The species enters the host through all shells; the SEI is on the outermost.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    outermost, membrane = p.tops[-1], p.membrane
    voids = [number for number, shell in enumerate(p.shells) if shell.kind == "void"]
    return Roles(
        flux=(p.tops[0],),
        sei=(outermost,),
        hull=(outermost,),
        symmetry=drawing.PLANES[kinematics],
        medium=tuple(p.shells[number].name for number in voids),
        contact=tuple(p.tops[number - 1] for number in voids),
        membrane={membrane.name: outermost} if membrane else {},
        membrane_thickness={membrane.name: membrane.thickness} if membrane else {},
    )


def sides(p: Shells, kinematics: str) -> Sides:
    """Each surface lies between a shell and the next one.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return dict(_sides(p))


def _sides(p: Shells) -> Iterator[tuple[str, tuple[tuple[str, ...]]]]:
    if p.hollow_radius:
        yield "hollow_surface", ((_HOST,),)
    solids = [shell.name if shell.kind == "solid" else "" for shell in p.shells]
    for top, (inner, outer) in zip(p.tops, pairwise((*solids, "")), strict=True):
        yield top, (tuple(name for name in (inner, outer) if name),)


def regions(p: Shells, kinematics: str) -> tuple[str, ...]:
    """The host and all layers that are not empty.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return (_HOST, *(layer.name for layer in p.layers if layer.kind != "void"))


GEOMETRY = Geometry(
    name="shells",
    title="Ball or wire, solid or hollow, in any number of shells with voids between them",
    kinematics=("axisymmetric", "plane_strain", "3d"),
    parameters=Shells,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=regions,
)
