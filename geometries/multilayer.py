"""Alternating silicon and carbon films on a collector: one continuous stack, or blocks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from anodefem.geometry import Array, Geometry, Indices, Roles, Sides, SimplexMesh
from anodefem.meshing.grid import graded, joined, on_grid
from anodefem.meshing.simplices import name_exterior
from anodefem.units import Length, Ratio

_REGIONS = ("silicon", "carbon", "collector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Multilayer:
    """Parameters of a stack of films; lengths in um."""

    silicon_thickness: Annotated[Length, "thickness of each silicon film"] = 0.1
    carbon_thickness: Annotated[Length, "thickness of each carbon film"] = 0.02
    lowest: Annotated[Literal["silicon", "carbon"], "film on the collector"] = "silicon"
    bilayers: Annotated[int, Field(ge=1, le=50), "number of pairs of films"] = 3
    collector_thickness: Annotated[Length, "part of the collector that is modelled"] = 1.0
    form: Annotated[Literal["blocks", "film"], "blocks with gaps, or one film"] = "blocks"
    block_width: Annotated[Length, "width of a block, or of the part of a film"] = 1.0
    gap_width: Annotated[Length, "width of the gap between blocks; not used for a film"] = 0.5
    longest_cell: Annotated[Length, "longest edge along one film; not used for blocks"] = 10.0
    refinement: Annotated[Ratio, "2 halves every edge"] = 1.0

    def __post_init__(self) -> None:
        """Refuse proportions that no mesh of reasonable size resolves."""
        thin, thick = sorted((self.silicon_thickness, self.carbon_thickness))
        if thick > 100.0 * thin:
            raise ValueError(
                f"silicon_thickness = {self.silicon_thickness:g} um and carbon_thickness = "
                f"{self.carbon_thickness:g} um must be within a factor of 100 of each other"
            )
        for name in ("block_width", "gap_width", "collector_thickness"):
            if not 0.01 <= getattr(self, name) / self.height <= 100.0:
                raise ValueError(
                    f"{name} = {getattr(self, name):g} um must be between a hundredth and a "
                    f"hundred times the height of the stack, {self.height:g} um"
                )

    @property
    def thicknesses(self) -> tuple[float, float]:
        """Thickness of a silicon and of a carbon film."""
        return self.silicon_thickness, self.carbon_thickness

    @property
    def height(self) -> float:
        """Height of the stack of films."""
        return self.bilayers * (self.silicon_thickness + self.carbon_thickness)

    @property
    def edge(self) -> float:
        """Half the width of a block, where its free side is."""
        return self.block_width / 2.0

    @property
    def side(self) -> float:
        """Half the period: where the modelled part ends."""
        return self.edge + (self.gap_width / 2.0 if self.form == "blocks" else 0.0)


def discretise(p: Multilayer, kinematics: str) -> SimplexMesh:
    """Boxes in rows along the films, finer towards the free edge and the interfaces.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    solid = kinematics == "3d"
    across = _across(p, coarse=2.2 if solid else 1.0)
    upwards = _upwards(p, rows=3, deep=3) if solid else _upwards(p, rows=6, deep=5)
    lines = [across, across, upwards] if solid else [across, upwards]

    def choose(middles: Array) -> Indices:
        height = middles[:, -1]
        in_block = (middles[:, :-1] < p.edge).all(axis=1)
        pair = p.silicon_thickness + p.carbon_thickness
        lower, upper = (0, 1) if p.lowest == "silicon" else (1, 0)
        films = np.where(np.mod(height, pair) < p.thicknesses[lower], lower, upper)
        return np.where(height < 0.0, 2, np.where(in_block, films, -1))

    mesh = on_grid(lines, _REGIONS, choose)
    bottom = {"collector_bottom": (mesh.dim - 1, -p.collector_thickness)}
    top = {"collector_surface": (mesh.dim - 1, 0.0)} if p.form == "blocks" else {}
    names = _sides(kinematics)
    mesh = name_exterior(mesh, bottom | top | {inner: (axis, 0.0) for axis, inner, _, _ in names})
    outer = {name: (axis, p.side) for axis, _, name, _ in names}
    mesh = name_exterior(mesh, outer, of="collector")
    if p.form == "film":
        mesh = name_exterior(mesh, {name: (axis, p.side) for axis, _, _, name in names})
    return name_exterior(mesh, {}, rest="film_surface")


def _sides(kinematics: str) -> list[tuple[int, str, str, str]]:
    """Axis, and names of the middle plane, of the collector's side and of a film's side."""
    if kinematics == "axisymmetric":
        return [(0, "axis", "symmetry_x", "film_side_x")]
    return [
        (axis, f"symmetry_{letter}", f"symmetry_{letter}", f"film_side_{letter}")
        for axis, letter in enumerate("xy" if kinematics == "3d" else "x")
    ]


def _across(p: Multilayer, *, coarse: float) -> Array:
    """Coordinates along the films, finest at the free side of a block."""
    unit = coarse / p.refinement
    if p.form == "film":
        wide = min(0.15 * max(p.height, p.edge / 12.0) * unit, p.edge / 2.0)
        wide = min(wide, p.longest_cell / p.refinement)
        return graded(0.0, p.edge, first=wide, last=wide)
    gap = p.gap_width / 2.0
    fine = min(0.03 * p.height, p.edge / 20.0, gap / 5.0) * unit
    far = min(p.edge / 7.0, p.height) * unit
    inside = graded(0.0, p.edge, first=min(far, p.edge / 2.0), last=min(fine, p.edge / 3.0))
    outside = graded(p.edge, p.side, first=min(fine, gap / 3.0), last=gap * min(unit / 4.0, 0.5))
    return joined(inside, outside)


def _upwards(p: Multilayer, *, rows: int, deep: int) -> Array:
    """Coordinates across the films, finer at the interfaces, and down into the collector.

    Args:
        p: Parameters.
        rows: Boxes across a silicon film.
        deep: How often the lowest box of the collector would fit into it.
    """
    rows = max(3, round(rows * p.refinement))
    carbon_rows = max(3, round(3 * p.refinement))
    silicon = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, rows + 1))
    silicon = 0.5 * (silicon + np.linspace(0.0, 1.0, rows + 1)) * p.silicon_thickness
    carbon = np.linspace(0.0, p.carbon_thickness, carbon_rows + 1)
    lower, upper = (silicon, carbon) if p.lowest == "silicon" else (carbon, silicon)
    pair = joined(lower, upper + lower[-1])
    # Whole films are stacked by adding, so that equal films have equal rows to the last bit.
    films = [pair + number * pair[-1] for number in range(p.bilayers)]
    last = p.collector_thickness * min(1.0 / deep / p.refinement, 0.5)
    first = min(float(lower[1]) * 5.0 / deep, last)
    below = graded(-p.collector_thickness, 0.0, first=last, last=first)
    below[-1] = 0.0
    return joined(below, *films)


def exact(p: Multilayer, kinematics: str) -> dict[str, float]:
    """Volumes and surfaces of the modelled half or quarter; per um of depth in plane strain.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    if kinematics == "plane_strain":
        area, all_area, rim = p.edge, p.side, 1.0
    elif kinematics == "axisymmetric":
        area, all_area, rim = np.pi * p.edge**2, np.pi * p.side**2, 2.0 * np.pi * p.edge
    else:
        area, all_area, rim = p.edge**2, p.side**2, 2.0 * p.edge
    found = {
        "silicon": p.bilayers * p.silicon_thickness * area,
        "carbon": p.bilayers * p.carbon_thickness * area,
        "collector": p.collector_thickness * all_area,
        "collector_bottom": all_area,
        "film_surface": area + (rim * p.height if p.form == "blocks" else 0.0),
        "hull": p.height * area,
    }
    if p.form == "blocks":
        found["collector_surface"] = all_area - area
    return found


def roles(p: Multilayer, kinematics: str) -> Roles:
    """The species comes through the free surface of the films; the collector is held at its bottom.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    names = _sides(kinematics)
    held = {name: axis for axis, inner, outer, _ in names for name in (inner, outer)}
    sides: dict[str, int] = {}
    if p.form == "film":
        # The sides of a film do not contain the origin: they are part of the hull.
        sides = {name: axis for axis, _, _, name in names}
    vertical = 2 if kinematics == "3d" else 1
    return Roles(
        flux=("film_surface",),
        sei=("film_surface",),
        hull=("film_surface", *sides),
        symmetry=held | sides | {"collector_bottom": vertical},
        collector=("collector",),
    )


def sides(p: Multilayer, kinematics: str) -> Sides:
    """Blocks are open at their sides, films at their top."""
    lowest, other = p.lowest, "carbon" if p.lowest == "silicon" else "silicon"
    return {
        "film_surface": ((other,),) if p.form == "film" else (("silicon",), ("carbon",)),
        "films": (("silicon", "carbon"),),
        "collector_top": ((lowest, "collector"),),
        "collector_bottom": (("collector",),),
        "collector_surface": (("collector",),),
    }


GEOMETRY = Geometry(
    name="multilayer",
    title="Silicon and carbon films on a collector, continuous or in blocks",
    kinematics=("plane_strain", "axisymmetric", "3d"),
    parameters=Multilayer,
    discretise=discretise,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: _REGIONS,
)
