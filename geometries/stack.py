"""Sheets on top of each other, with voids between them that are closed at their rim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from anodefem.geometry import Array, Geometry, Indices, Roles, Sides, SimplexMesh
from anodefem.meshing.grid import graded, joined, on_grid
from anodefem.meshing.simplices import interfaces, match, name_exterior, with_facets
from anodefem.units import Fraction, Length, Ratio
from anodefem.validation import Strict

_THINNEST = 3e-4  # [um]; one sheet of graphene


class Sheet(Strict):
    """One sheet of the pattern."""

    name: Annotated[str, "region, as in [materials]; several sheets may share one"]
    thickness: Annotated[Length, "thickness"]
    kind: Annotated[Literal["solid", "void"], "void: empty, up to the bridge at its rim"] = "solid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Parameters; lengths in um. The upper half of a stack that is its own mirror image."""

    sheets: Annotated[
        tuple[Sheet, ...],
        Field(min_length=1, max_length=20),
        'pattern from the middle upwards: [{ name = "silicon", thickness = "50 nm" }, ...]',
    ] = (
        Sheet(name="silicon", thickness="50 nm"),
        Sheet(name="carbon", thickness="15 nm"),
    )
    repeats: Annotated[int, Field(ge=1, le=50), "how often the pattern is there"] = 3
    width: Annotated[Length, "width of the stack, or of the part of a sheet"] = 1.0
    form: Annotated[Literal["block", "sheet"], "block: free sides; sheet: goes on"] = "block"
    bridge: Annotated[
        Fraction, "share of the half width over which the sheets beside a void are joined"
    ] = 0.1
    refinement: Annotated[Ratio, "2 halves every edge; a void keeps its one row"] = 1.0

    def __post_init__(self) -> None:
        """Refuse stacks that no mesh of reasonable size resolves, and names of two kinds."""
        kinds = {(sheet.name, sheet.kind) for sheet in self.sheets}
        for number, sheet in enumerate(self.sheets, start=1):
            where = f"sheets.{number}"
            if not sheet.name.isidentifier() or sheet.name in ("hull", "axis"):
                raise ValueError(f"{where}.name = '{sheet.name}' must be made of letters and '_'")
            if sum(name == sheet.name for name, _ in kinds) > 1:
                raise ValueError(f"{where}: '{sheet.name}' is a solid and a void")
            if sheet.thickness < _THINNEST:
                raise ValueError(f"{where}.thickness = {sheet.thickness:g} um: at least 0.3 nm")
        if self.sheets[0].kind == "void":
            raise ValueError("sheets.1: begin with a solid; a void lies on the sheet before it")
        if any(a.kind == b.kind == "void" for a, b in pairwise(self.sheets)):
            raise ValueError("sheets: two voids in a row; make one of them")
        thin = min(sheet.thickness for sheet in self.sheets)
        if max(sheet.thickness for sheet in self.sheets) > 300.0 * thin:
            raise ValueError("sheets: thicknesses must be within a factor of 300 of each other")
        if not 0.02 <= self.width / self.height <= 200.0:
            raise ValueError(
                f"width = {self.width:g} um must be between a 50th and 200 times the height, "
                f"{self.height:g} um"
            )

    @property
    def pile(self) -> tuple[Sheet, ...]:
        """All sheets of the modelled half from the middle upwards; a void on top is left out."""
        found = self.sheets * self.repeats
        return found[:-1] if found[-1].kind == "void" else found

    @property
    def height(self) -> float:
        """Height of the modelled half."""
        return sum(sheet.thickness for sheet in self.pile)

    @property
    def half(self) -> float:
        """Half of the width."""
        return self.width / 2.0

    @property
    def inner(self) -> float:
        """Half of the width of voids."""
        return (1.0 - self.bridge) * self.half

    @property
    def voids(self) -> tuple[str, ...]:
        """Names of voids."""
        names = (sheet.name for sheet in self.pile if sheet.kind == "void")
        return tuple(dict.fromkeys(names))

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of solids."""
        names = (sheet.name for sheet in self.pile if sheet.kind == "solid")
        return tuple(dict.fromkeys(names))


def discretise(p: Stack, kinematics: str) -> SimplexMesh:
    """Boxes in rows along the sheets, finer towards free sides; a void is one row.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    solid = kinematics == "3d"
    across = _across(p, coarse=2.2 if solid else 1.0)
    upwards, sheet_of = _upwards(p, rows=2 if solid else 3)
    names = (*p.regions, *p.voids)
    # Beside a void, the sheet below it goes on.
    index = np.array([names.index(sheet.name) for sheet in p.pile])
    below = np.maximum(np.arange(len(index)) - np.isin(index, _numbers(names, p.voids)), 0)

    def choose(middles: Array) -> Indices:
        sheet = sheet_of[np.searchsorted(upwards, middles[:, -1]) - 1]
        rim = (middles[:, :-1] > p.inner).any(axis=1)
        return np.where(rim, index[below[sheet]], index[sheet])

    mesh = on_grid([*[across] * (2 if solid else 1), upwards], names, choose)
    planes = _planes(kinematics)
    mesh = name_exterior(mesh, {name: (axis, 0.0) for name, axis in planes.items()})
    if p.form == "sheet":
        mesh = name_exterior(mesh, {n: (axis, p.half) for n, axis in _ends(kinematics).items()})
    mesh = name_exterior(mesh, {}, rest="stack_surface")
    if not p.voids:
        return mesh
    walls = interfaces(mesh)
    beside = mesh.cell_groups[match(mesh.cells, walls, len(mesh.points))]
    walls = walls[np.isin(beside, _numbers(names, p.voids)).any(axis=1)]
    return with_facets(mesh, walls, ["void_surface"] * len(walls))


def _numbers(names: tuple[str, ...], chosen: tuple[str, ...]) -> list[int]:
    return [names.index(name) for name in chosen]


def _planes(kinematics: str) -> dict[str, int]:
    if kinematics == "axisymmetric":
        return {"axis": 0, "symmetry_z": 1}
    letters = "xyz" if kinematics == "3d" else "xy"
    return {f"symmetry_{letter}": axis for axis, letter in enumerate(letters)}


def _ends(kinematics: str) -> dict[str, int]:
    return {
        f"side_{letter}": axis for axis, letter in enumerate("xy"[: 2 if kinematics == "3d" else 1])
    }


def _across(p: Stack, *, coarse: float) -> Array:
    """Coordinates along the sheets, with a line where the voids end."""
    unit = coarse / p.refinement
    far = min(p.half / 8.0, p.height) * unit
    near = min(far, 0.1 * p.height * unit, p.half / 12.0)
    if p.form == "sheet":
        near = far
    pieces = [(0.0, p.inner), (p.inner, p.half)] if p.voids else [(0.0, p.half)]
    lines = []
    for start, end in pieces:
        length = end - start
        first = far if start == 0.0 else near
        lines.append(
            graded(start, end, first=min(first, length / 2.0), last=min(near, length / 2.0))
        )
    return joined(*lines)


def _upwards(p: Stack, *, rows: int) -> tuple[Array, Indices]:
    """Coordinates across the sheets, and the sheet of each row."""
    lines: list[Array] = [np.zeros(1)]
    owner: list[int] = []
    height = 0.0
    for number, sheet in enumerate(p.pile):
        count = 1 if sheet.kind == "void" else max(2, round(rows * p.refinement))
        lines.append(height + sheet.thickness * (np.arange(count) + 1.0) / count)
        height += sheet.thickness
        owner += [number] * count
    return np.concatenate(lines), np.array(owner, dtype=np.int64)


def _area(width: float, kinematics: str) -> tuple[float, float]:
    """Area of a modelled sheet, and length of its rim, of half a width."""
    if kinematics == "plane_strain":
        return width, 1.0
    return (
        (np.pi * width**2, 2.0 * np.pi * width)
        if kinematics == "axisymmetric"
        else (width**2, 2.0 * width)
    )


def exact(p: Stack, kinematics: str) -> dict[str, float]:
    """Volumes and surfaces of the modelled half or eighth; per um of depth in plane strain.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    (area, rim), (open_, wall) = _area(p.half, kinematics), _area(p.inner, kinematics)
    found = dict.fromkeys((*p.regions, *p.voids), 0.0)
    surface = 0.0
    for below, sheet in zip((p.pile[0], *p.pile), p.pile, strict=False):
        if sheet.kind == "void":
            found[sheet.name] += open_ * sheet.thickness
            found[below.name] += (area - open_) * sheet.thickness
            surface += 2.0 * open_ + wall * sheet.thickness
        else:
            found[sheet.name] += area * sheet.thickness
    found["stack_surface"] = area + (rim * p.height if p.form == "block" else 0.0)
    if p.voids:
        found["void_surface"] = surface
    return found | {"hull": area * p.height}


def roles(p: Stack, kinematics: str) -> Roles:
    """Everything happens on the outside; of a sheet that goes on, on its top.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    ends = _ends(kinematics) if p.form == "sheet" else {}
    return Roles(
        flux=("stack_surface",),
        sei=("stack_surface",),
        hull=("stack_surface", *ends),
        symmetry=_planes(kinematics) | ends,
        medium=p.voids,
        contact=("void_surface",) if p.voids else (),
    )


def sides(p: Stack, kinematics: str) -> Sides:
    """All solids reach the sides of a block; a sheet that goes on is open at its top.

    Args:
        p: Parameters.
        kinematics: One of those that the geometry offers.
    """
    return dict(_sides(p))


def _sides(p: Stack) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    outer = (p.pile[-1].name,) if p.form == "sheet" else p.regions
    yield "stack_surface", tuple((name,) for name in dict.fromkeys(outer))
    if p.voids:
        yield "void_surface", tuple((name,) for name in p.regions)
    solids = [sheet.name for sheet in p.pile if sheet.kind == "solid"]
    for number, pair in enumerate(pairwise(solids)):
        if pair[0] != pair[1]:
            yield f"between_{number}", (pair,)


GEOMETRY = Geometry(
    name="stack",
    title="Stack of sheets with voids between them, as a block or going on",
    kinematics=("plane_strain", "axisymmetric", "3d"),
    parameters=Stack,
    discretise=discretise,
    exact=exact,
    roles=roles,
    sides=sides,
    regions=lambda p, kinematics: p.regions,
)
