"""Section [geometry]: which geometry, and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Annotated, Any, Literal

from pydantic import Field

from anodefem import contract
from anodefem.cases.collecting import Reading, given
from anodefem.geometry import MAX_CELLS, Geometry, Roles, Sides, find, written
from anodefem.registry import suggest
from anodefem.units import quantity, within
from anodefem.validation import Integer, Real, Strict

StackPressure = Annotated[float, quantity("MPa"), Field(ge=0.0), within(1e-6, 1e4, "MPa")]


class GeometryTable(Strict):
    """Keys of the section beside the parameters of the geometry."""

    plugin: Annotated[str, Field(description="name of a geometry")]
    kinematics: Annotated[
        Literal["axisymmetric", "plane_strain", "3d"] | None,
        Field(description="which of those the geometry offers; default: its first"),
    ] = None
    order: Annotated[
        Integer, Field(ge=1, le=2, description="1 for straight, 2 for curved cells")
    ] = 1
    refinement: Annotated[
        Real,
        Field(ge=1e-3, le=1e3, description="every edge of the mesh is divided by it"),
    ] = 1.0
    max_cells: Annotated[
        Integer, Field(gt=0, description="a mesh of more cells, roughly, is refused")
    ] = MAX_CELLS
    axial: Annotated[
        Literal["fixed", "free"],
        Field(
            description="in plane strain: `free` lets the body stretch by one mean axial strain "
            "until no axial force is left (generalised plane strain)"
        ),
    ] = "fixed"
    stack_pressure: Annotated[
        StackPressure | None,
        Field(
            description="the plate of the geometry rises as the body swells, flat, against this "
            "pressure of the cell stack; left out: the plate is held"
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryChoice:
    """A geometry plugin with its parameters.

    Attributes:
        plugin: What draws it.
        kinematics: "axisymmetric", "plane_strain" or "3d".
        order: Order of the cells' shape, 1 or 2.
        parameters: Instance of ``plugin.parameters``; lengths in um.
        roles: What the named groups are for.
        regions: Names that have a material.
        exact: Measures of groups in um, um^2, um^3 (see `anodefem.geometry.Geometry`).
        sides: What the surfaces touch, or empty (see `anodefem.geometry.Geometry`).
        refinement: Every edge that gmsh makes is divided by it; 1 where the plugin itself has a
            parameter of that name.
        max_cells: A mesh of more cells is refused before it is made.
        axial: Whether a body in plane strain keeps its length ("fixed"), or is "free" to stretch by
            one mean axial strain until no axial force is left (generalised plane strain).
        stack_pressure: Of the cell stack on the plate of the geometry, which rises against it
            [MPa]; None: the plate is held, or there is none.
    """

    plugin: Geometry
    kinematics: str
    order: int
    parameters: Any
    roles: Roles
    regions: tuple[str, ...]
    exact: Mapping[str, float]
    sides: Sides
    refinement: float = 1.0
    max_cells: int = MAX_CELLS
    axial: Literal["fixed", "free"] = "fixed"
    stack_pressure: float | None = None

    @property
    def name(self) -> str:
        """Name of the plugin."""
        return self.plugin.name

    @property
    def solids(self) -> tuple[str, ...]:
        """Regions that are cell groups, membranes left out."""
        return tuple(name for name in self.regions if name not in self.roles.membrane)

    @property
    def surfaces(self) -> set[str]:
        """Names of the facet groups that are known without a mesh."""
        roles = self.roles
        cells = {*self.regions, *roles.medium}
        measured = set(self.exact) - {"hull", "envelope"}
        return (measured | {*roles.surfaces, *roles.cuts}) - cells - {*roles.membrane}

    @property
    def given_refinement(self) -> float:
        """``geometry.refinement`` of the case, whether it is the plugin's own or for gmsh."""
        return float(self.resolved()["refinement"])

    def radius(self, *surfaces: str) -> float:
        """Radius of the ball, or cylinder, with the hull's volume over the area of surfaces [um].

        Infinite if the area is not known.
        """
        area = sum(self.exact.get(name, 0.0) for name in surfaces)
        power = 2 if self.kinematics == "plane_strain" else 3
        return power * self.exact["hull"] / area if area else inf

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        chosen = {
            "plugin": self.name,
            "kinematics": self.kinematics,
            "order": self.order,
            "refinement": self.refinement,
        }
        if self.max_cells != MAX_CELLS:
            chosen["max_cells"] = self.max_cells
        if self.axial != "fixed":
            chosen["axial"] = self.axial
        if self.stack_pressure is not None:
            chosen["stack_pressure"] = f"{self.stack_pressure!r} MPa"
        return chosen | {
            key: value for key, value in written(self.parameters).items() if value is not None
        }


def read(reading: Reading, raw: object) -> GeometryChoice | None:
    """Return the geometry that a section describes, or ``None`` if something is wrong.

    Args:
        reading: Notes what is wrong.
        raw: The section.
    """
    if raw is not None and not isinstance(raw, dict):
        reading.refuse(f"geometry{given(raw)}: must be a table.")
        return None
    if not raw or "plugin" not in raw:
        reading.refuse("geometry.plugin: missing; name a geometry ('anodefem list').")
        return None
    name = raw["plugin"]
    if not isinstance(name, str):
        reading.refuse(
            f"geometry.plugin{given(name)}: must be the name of a geometry in quotes "
            "('anodefem list')."
        )
        return None
    plugin = reading.attempt("geometry.plugin: ", lambda: find(name))
    if plugin is None:
        return None
    own = set(GeometryTable.model_fields) - plugin.parameter_names
    values = {key: value for key, value in raw.items() if key not in own}
    p = reading.attempt("", lambda: plugin.read(values, near=reading.near))
    kinematics = raw.get("kinematics", plugin.kinematics[0])
    offered = kinematics in plugin.kinematics
    if not offered:
        hint = suggest(kinematics, plugin.kinematics)
        reading.refuse(f"geometry.kinematics{given(kinematics)}: not offered here.{hint}")
    order = raw.get("order", 1)
    if type(order) is not int or order not in (1, 2):
        reading.refuse(f"geometry.order{given(order)}: must be 1 or 2.")
        return None
    refinement = _refinement(reading, raw, plugin) if "refinement" in own else 1.0
    max_cells = raw.get("max_cells", MAX_CELLS)
    if type(max_cells) is not int or max_cells <= 0:
        reading.refuse(f"geometry.max_cells{given(max_cells)}: must be a whole number above 0.")
        return None
    axial = raw.get("axial", "fixed") if "axial" in own else "fixed"
    if axial not in ("fixed", "free") or (axial == "free" and kinematics != "plane_strain"):
        reading.refuse(
            f"geometry.axial{given(axial)}: must be 'fixed', or 'free' in plane strain, which then "
            "is a generalised one: no force along the axis."
        )
        return None
    if p is None or not offered or refinement is None:
        return None
    # What a file holds is known only once it is read.
    stated = reading.attempt("", lambda: contract.checked(plugin, p, kinematics))
    if stated is None:
        return None
    return GeometryChoice(
        plugin=plugin,
        kinematics=kinematics,
        order=order,
        parameters=p,
        roles=stated.roles,
        regions=stated.regions,
        exact=stated.exact,
        sides=stated.sides,
        refinement=refinement,
        max_cells=max_cells,
        axial="free" if axial == "free" else "fixed",
        stack_pressure=_stack_pressure(reading, raw, stated.roles)
        if "stack_pressure" in own
        else None,
    )


def _stack_pressure(reading: Reading, raw: Mapping[str, Any], roles: Roles) -> float | None:
    """Return the pressure on the plate [MPa], or ``None`` if it is held or none can be given.

    Args:
        reading: Notes what is wrong.
        raw: The section.
        roles: Of the geometry.
    """
    if "stack_pressure" not in raw:
        return None
    if not roles.plate:
        reading.refuse(
            f"geometry.stack_pressure: geometry '{raw['plugin']}' has no plate to press on; leave "
            "it out."
        )
        return None
    given = {"plugin": raw["plugin"], "stack_pressure": raw["stack_pressure"]}
    table = reading.table(GeometryTable, given, "geometry")
    return table.stack_pressure if table else None


def _refinement(reading: Reading, raw: Mapping[str, Any], plugin: Geometry) -> float | None:
    """Return by how much gmsh refines what a plugin draws that leaves this to the mesher."""
    value = raw.get("refinement", 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        reading.refuse(f"geometry.refinement{given(value)}: must be a number above 0.")
        return None
    if not 1e-3 <= value <= 1e3:
        reading.refuse(f"geometry.refinement = {value:g}: must be between 0.001 and 1000.")
        return None
    if value != 1.0 and plugin.build is None:
        reading.refuse(
            f"geometry.refinement = {value:g}: geometry '{plugin.name}' is made without gmsh "
            "and has no parameter of that name, so it cannot be refined; leave it out."
        )
        return None
    return float(value)
