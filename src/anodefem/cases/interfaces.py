"""Section [interfaces]: how two regions hold together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from anodefem.cases.collecting import Reading, Strength, Time, Toughness
from anodefem.cases.fracture import FractureChoice
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.materials import MaterialChoice
from anodefem.registry import suggest
from anodefem.validation import Real, Strict, named


class InterfaceTable(Strict):
    """Keys of an interface."""

    between: Annotated[
        tuple[str, ...], Field(min_length=2, max_length=2, description="the two regions")
    ]
    law: Annotated[
        Literal["cohesive", "smeared", "bonded"],
        Field(
            description="`cohesive`: debonds; `smeared`: cracks along it have its toughness; "
            "`bonded`: neither, as where no interface is named"
        ),
    ] = "cohesive"
    toughness: Annotated[
        Toughness | None,
        Field(
            description="energy per area with unit; default: the smaller adhesion of the two cards"
        ),
    ] = None
    strength: Annotated[
        Strength | None, Field(description="largest traction with unit; required if cohesive")
    ] = None
    shear_toughness: Annotated[
        Toughness | None, Field(description="energy of slip; default: `toughness`")
    ] = None
    shear_strength: Annotated[
        Strength | None, Field(description="largest traction of slip; default: `strength`")
    ] = None
    mixity_exponent: Annotated[
        Real,
        Field(
            ge=1.0,
            le=5.0,
            description="how toughness goes from opening to slip (Benzeggagh and Kenane)",
        ),
    ] = 2.0
    viscous_time: Annotated[Time, Field(description="time with unit by which damage lags")] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceChoice:
    """How two regions hold together.

    Attributes:
        between: The two regions.
        law: "cohesive", debonds by a traction-separation law; "smeared", cracks of the crack
            field run along it at its own toughness; "bonded", neither.
        toughness: Energy to open it [J/m^2]; 0 if bonded.
        strength: Largest traction in opening [MPa]; 0 unless cohesive.
        shear_toughness, shear_strength: The same for slip.
        mixity_exponent: How toughness goes from opening to slip (Benzeggagh and Kenane).
        viscous_time: By which damage lags behind [s] (see `anodefem.laws.cohesive`).
    """

    between: tuple[str, str]
    law: Literal["cohesive", "smeared", "bonded"]
    toughness: float
    strength: float
    shear_toughness: float
    shear_strength: float
    mixity_exponent: float
    viscous_time: float

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        written: dict[str, Any] = {"between": list(self.between), "law": self.law}
        if self.law != "bonded":
            written["toughness"] = f"{self.toughness!r} J/m^2"
        if self.law == "cohesive":
            written |= {
                "strength": f"{self.strength!r} MPa",
                "shear_toughness": f"{self.shear_toughness!r} J/m^2",
                "shear_strength": f"{self.shear_strength!r} MPa",
                "mixity_exponent": self.mixity_exponent,
                "viscous_time": f"{self.viscous_time!r} s",
            }
        return written


def read(
    reading: Reading,
    raw: object,
    geometry: GeometryChoice | None,
    materials: Mapping[str, MaterialChoice] | None,
    fracture: FractureChoice | None,
) -> dict[str, InterfaceChoice]:
    """Return name -> interface.

    Args:
        reading: Notes what is wrong.
        raw: The section; an empty table if there is none.
        geometry: The body, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
        fracture: What can break, or ``None``.
    """
    if not isinstance(raw, dict):
        reading.refuse("interfaces: write a table [interfaces.NAME] for each of them.")
        return {}
    found: dict[str, InterfaceChoice] = {}
    pairs: dict[frozenset[str], str] = {}
    for name, given in raw.items():
        key = f"interfaces.{named(name)}"
        if not re.fullmatch(r"[\w-]+", name):
            reading.refuse(f"{key}: its name heads columns; take letters, digits, _ and - only.")
        table = reading.table(InterfaceTable, given, key)
        if table is None or geometry is None or materials is None:
            continue
        before = len(reading.problems)
        pair = frozenset(table.between)
        solids = [region for region in geometry.solids if region in materials]
        for region in table.between:
            if region not in solids:
                hint = suggest(region, solids)
                reading.refuse(f"{key}.between: '{region}' is no solid region here.{hint}")
        if len(pair) < 2:
            reading.refuse(f"{key}.between: name two different regions.")
        elif pair in pairs:
            reading.refuse(f"{key}.between: these regions are those of '{pairs[pair]}' too.")
        pairs[pair] = name
        if len(reading.problems) == before and (
            choice := _interface(reading, key, table, materials, fracture)
        ):
            found[name] = choice
    return found


def _interface(
    reading: Reading,
    key: str,
    table: InterfaceTable,
    materials: Mapping[str, MaterialChoice],
    fracture: FractureChoice | None,
) -> InterfaceChoice | None:
    """Return what a table says of two regions, with what their cards know of adhesion.

    Args:
        reading: Notes what is wrong.
        key: Dotted key of the interface.
        table: Of the case file.
        materials: Region -> material.
        fracture: What can break, or ``None``.
    """
    before = len(reading.problems)
    a, b = table.between
    numbers = ("toughness", "strength", "shear_toughness", "shear_strength")
    asked = {"bonded": (), "smeared": ("toughness",), "cohesive": numbers}[table.law]
    for name in numbers:
        if getattr(table, name) is not None and name not in asked:
            reading.refuse(f"{key}.{name}: means nothing with law = '{table.law}'.")
    cards = [materials[region].card for region in (a, b)]
    known = [c.properties["adhesion"].si for c in cards if "adhesion" in c.properties]
    toughness = table.toughness or min(known, default=0.0)
    if asked and not toughness:
        reading.refuse(
            f"{key}.toughness: missing; neither '{cards[0].name}' nor '{cards[1].name}' has an "
            "adhesion. Give one such as '1 J/m^2', or law = 'bonded' if it never fails."
        )
    if "strength" in asked and not table.strength:
        reading.refuse(
            f"{key}.strength: missing; give the largest traction, such as '20 MPa'. With its "
            "toughness it sets how far the faces separate before nothing holds them."
        )
    if table.law == "smeared" and not (fracture and {a, b} & set(fracture.toughness)):
        reading.refuse(
            f"{key}.law = 'smeared': cracks of the crack field run neither in '{a}' nor in "
            f"'{b}'; name one of them in fracture.regions, or take law = 'cohesive'."
        )
    if len(reading.problems) > before:
        return None
    strength = table.strength or 0.0
    return InterfaceChoice(
        between=(a, b),
        law=table.law,
        toughness=toughness if asked else 0.0,
        strength=strength,
        shear_toughness=table.shear_toughness or (toughness if asked else 0.0),
        shear_strength=table.shear_strength or strength,
        mixity_exponent=table.mixity_exponent,
        viscous_time=table.viscous_time,
    )


def debonds(interfaces: Mapping[str, InterfaceChoice]) -> bool:
    """Whether any of the interfaces is cohesive."""
    return any(choice.law == "cohesive" for choice in interfaces.values())
