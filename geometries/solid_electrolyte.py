"""A porous layer of host between a solid electrolyte and a collector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from anodefem.errors import InputError
from anodefem.geometry import Array, Geometry, Roles, Sides, SimplexMesh
from anodefem.meshing import drawing
from anodefem.meshing.packing import packed, scattered
from anodefem.meshing.simplices import flattened, oriented
from anodefem.units import Fraction, Length, Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class SolidElectrolyte:
    """Parameters; lengths in um. Both sides are planes of symmetry, the collector is at y < 0."""

    width: Annotated[Length, "width of the slice"] = 3.0
    pore_radius: Annotated[Length, "radius of the round pores in the layer"] = 0.25
    pores: Annotated[int, Field(ge=1, le=60), "how many are in the slice"] = 8
    porosity: Annotated[Fraction, "share of the layer that is pore"] = 0.2
    gap: Annotated[
        Ratio,
        "least distance between two pores over pore_radius; half of it, and at least 0.2, "
        "to what bounds the layer",
    ] = 0.2
    electrolyte_thickness: Annotated[Length, "part of the electrolyte that is modelled"] = 2.0
    collector_thickness: Annotated[Length, "part of the collector that is modelled"] = 1.0
    seed: Annotated[int, Field(ge=0), "another number, other pores"] = 1
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse layers that cannot be meshed."""
        if self.porosity > 0.5:
            raise ValueError(f"porosity = {self.porosity:g} must be at most 0.5 for round pores")
        least = 2.0 * self.margin + 0.2
        if min(self.width, self.thickness) < least * self.pore_radius:
            raise ValueError(
                f"width = {self.width:g} um and the thickness of the layer that follows from "
                f"porosity, {self.thickness:.3g} um, must be at least {least:.3g} times "
                f"pore_radius = {self.pore_radius:g} um"
            )
        for name in ("electrolyte_thickness", "collector_thickness"):
            if not 0.02 <= getattr(self, name) / self.width <= 20.0:
                raise ValueError(
                    f"{name} = {getattr(self, name):g} um must be between a 50th of width = "
                    f"{self.width:g} um and 20 times that"
                )

    @property
    def margin(self) -> float:
        """Distance of a centre from what bounds the layer, over pore_radius."""
        return 1.0 + max(self.gap / 2.0, 0.2)

    @property
    def thickness(self) -> float:
        """Thickness of the porous layer."""
        return float(self.pores * np.pi * self.pore_radius**2 / self.porosity / self.width)


@cache
def _centres(p: SolidElectrolyte) -> Array:
    room = p.margin * p.pore_radius
    low, high = np.full(2, room), np.array([p.width, p.thickness]) - room
    found = packed(
        scattered(p.pores, low, high, p.seed),
        (2.0 + p.gap) * p.pore_radius,
        lambda points: np.clip(points, low, high),
    )
    if found is None:
        raise InputError(
            f"geometry 'solid_electrolyte': {p.pores} pores do not fit at porosity = "
            f"{p.porosity:g} and gap = {p.gap:g}; lower one of them, change width, or try another "
            "seed."
        )
    return found


def build(model: Any, p: SolidElectrolyte, kinematics: str) -> None:
    """Draw collector, layer with pores, and electrolyte.

    Args:
        model: ``gmsh.model``, with a model of its own.
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    occ = model.occ
    heights = {
        "collector": (-p.collector_thickness, 0.0),
        "host": (0.0, p.thickness),
        "electrolyte": (p.thickness, p.thickness + p.electrolyte_thickness),
    }
    boxes = [
        (2, occ.addRectangle(0.0, low, 0.0, p.width, high - low)) for low, high in heights.values()
    ]
    radius = p.pore_radius
    discs = [(2, occ.addDisk(*map(float, c), 0.0, radius, radius)) for c in _centres(p)]
    _, parts = occ.fragment(boxes, discs)
    occ.synchronize()
    groups = {name: {*part} for name, part in zip(heights, parts[:3], strict=True)}
    groups["void"] = {entity for part in parts[3:] for entity in part}
    groups["host"] -= groups["void"]
    for name, entities in groups.items():
        model.addPhysicalGroup(2, sorted(tag for _, tag in entities), name=name)

    rims = {name: drawing.rim(model, entities) for name, entities in groups.items()}
    faces = {"pore_surface": rims["void"], "interface": rims["host"] & rims["electrolyte"]}

    def planes(tag: int) -> dict[str, tuple[int, float]]:
        return {
            "symmetry_x": (0, 0.0),
            "collector_side" if tag in rims["collector"] else "side": (0, p.width),
            "collector_bottom": (1, -p.collector_thickness),
            "plate": (1, heights["electrolyte"][1]),
        }

    for name, tags in (faces | drawing.outside(model, planes, "rest")).items():
        model.addPhysicalGroup(1, sorted(tags), name=name)
    edge = min(p.pore_radius / 5.0, p.width / 20.0) / p.refinement
    near = sorted(faces["pore_surface"] | faces["interface"])
    drawing.coarsen(model, near, edge=edge, most=4.0 * edge, start=edge, reach=10.0 * edge)


def finish(mesh: SimplexMesh, p: SolidElectrolyte, kinematics: str) -> SimplexMesh:
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
        "plate": (1, p.thickness + p.electrolyte_thickness),
    }
    return oriented(flattened(mesh, planes))


def exact(p: SolidElectrolyte, kinematics: str) -> dict[str, float]:
    """Areas and lengths per um of depth.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    _centres(p)  # refuse what does not fit before gmsh is started
    void = p.pores * np.pi * p.pore_radius**2
    found = {
        "collector": p.width * p.collector_thickness,
        "host": p.width * p.thickness - void,
        "void": void,
        "electrolyte": p.width * p.electrolyte_thickness,
        "pore_surface": 2.0 * void / p.pore_radius,
        "interface": p.width,
        "plate": p.width,
        "collector_bottom": p.width,
        "hull": p.width * (p.thickness + p.electrolyte_thickness),
    }
    return {name: float(value) for name, value in found.items()}


def roles(p: SolidElectrolyte, kinematics: str) -> Roles:
    """The species comes from the electrolyte, where the interphase is; pores may close.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    held = {"symmetry_x": 0, "side": 0, "collector_side": 0, "collector_bottom": 1, "plate": 1}
    return Roles(
        flux=("interface",),
        sei=("interface",),
        hull=("plate", "side"),
        symmetry=held,
        medium=("void",),
        unstructured=("void",),
        contact=("pore_surface",),
        collector=("collector",),
        plate=("plate",),
    )


def sides(p: SolidElectrolyte, kinematics: str) -> Sides:
    """The layer lies between electrolyte and collector.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return {
        "interface": (("host", "electrolyte"),),
        "bottom": (("host", "collector"),),
        "pore_surface": (("host",),),
        "plate": (("electrolyte",),),
        "collector_bottom": (("collector",),),
    }


GEOMETRY = Geometry(
    name="solid_electrolyte",
    title="Porous layer of host between a solid electrolyte and a collector",
    kinematics=("plane_strain",),
    parameters=SolidElectrolyte,
    build=build,
    finish=finish,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: ("collector", "host", "electrolyte"),
)
