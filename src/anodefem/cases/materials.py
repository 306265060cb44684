"""Section [materials]: a card for every region of the geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from anodefem import cards
from anodefem.cards import Material
from anodefem.cases.collecting import Reading, given, parted
from anodefem.cases.geometry import GeometryChoice
from anodefem.registry import suggest
from anodefem.validation import Strict, named

Transport = Literal["diffusion", "uniform"]
Frame = Literal["cartesian", "radial"]


class MaterialTable(Strict):
    """Keys of a region; any number of its card that does not depend on x may stand beside them."""

    card: Annotated[
        str, Field(description="name of a card, or path of a TOML file relative to the case")
    ]
    transport: Annotated[
        Transport | None,
        Field(
            description="`diffusion`, or `uniform` where the species spreads much faster than it "
            "enters; default `diffusion`"
        ),
    ] = None
    frame: Annotated[
        Frame | None,
        Field(
            description="axes of a material that swells differently along them: `cartesian` "
            "(x, y, z) or `radial` (the first along the position vector); required for such a card"
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialChoice:
    """The material of a region.

    Attributes:
        card: The material.
        transport: "diffusion", or "uniform" where the species spreads much faster than it enters.
        frame: Where the axes of the material lie if it swells differently along them: "cartesian"
            for x, y, z, or "radial" for the first along the position vector from the origin and the
            other two mixed; else ``None``.
        changes: Dotted key of a number of the card -> what the case says instead.
    """

    card: Material
    transport: Transport
    frame: Frame | None
    changes: Mapping[str, object]

    def resolved(self) -> str | dict[str, Any]:
        """Return the entry of a case file that gives this choice."""
        if not self.card.storage and not self.changes:
            return self.card.name
        written: dict[str, Any] = {"card": self.card.name}
        if self.card.storage:
            written["transport"] = self.transport
        if self.frame:
            written["frame"] = self.frame
        for key, value in self.changes.items():
            *parents, last = key.split(".")
            table = written
            for part in parents:
                table = table.setdefault(part, {})
            table[last] = value
        return written


def read(
    reading: Reading, raw: object, geometry: GeometryChoice | None
) -> dict[str, MaterialChoice] | None:
    """Return region -> material, or ``None`` if there is no such section.

    Args:
        reading: Notes what is wrong.
        raw: The section.
        geometry: Whose regions these are, or ``None`` if it is wrong.
    """
    if raw is not None and not isinstance(raw, dict):
        reading.refuse(f"materials{given(raw)}: must be a table.")
        return None
    if not raw:
        reading.refuse("materials: missing; name a card for every region of the geometry.")
        return None
    found = {}
    for region, value in raw.items():
        key = f"materials.{named(region)}"
        if geometry and region not in geometry.regions:
            hint = suggest(region, geometry.regions)
            reading.refuse(f"{key}: geometry '{geometry.name}' has no such region.{hint}")
        if not isinstance(value, str | dict):
            reading.refuse(f"{key}{given(value)}: must be the name of a card, or a table.")
            continue
        entry = {"card": value} if isinstance(value, str) else value
        own, changes = parted(entry, MaterialTable)
        table = reading.table(MaterialTable, own, key)
        if table and (choice := _material(reading, table, changes, key)):
            _check_frame(reading, f"{key}.frame", choice, geometry, placed="frame" in entry)
            found[region] = choice
    for region in geometry.regions if geometry else ():
        if region not in raw:
            reading.refuse(
                f"materials.{region}: missing; every region needs a card, see "
                "'anodefem list materials'."
            )
    _check_together(reading, found, complete=len(found) == len(raw))
    return found


def species(materials: Mapping[str, MaterialChoice] | None) -> set[str]:
    """Return what the materials store: Li, Na, K."""
    cards = [choice.card for choice in (materials or {}).values()]
    return {card.storage.carrier for card in cards if card.storage}


def _check_together(
    reading: Reading, found: Mapping[str, MaterialChoice], *, complete: bool
) -> None:
    """Refuse cards that do not make a case together.

    Args:
        reading: Notes what is wrong.
        found: Region -> material.
        complete: All regions that are given could be read.
    """
    stored = species(found)
    if complete and not stored:
        reading.refuse("materials: none of these cards stores lithium, sodium or potassium.")
    if len(stored) > 1:
        reading.refuse(f"materials: one case has one species, not {' and '.join(sorted(stored))}.")
    for region, choice in found.items():
        others = [other.card.name for key, other in found.items() if key != region]
        if choice.changes and choice.card.name in others:
            reading.refuse(
                f"materials.{region}: '{choice.card.name}' is the card of another region too; "
                "change its numbers in a copy of the card."
            )


def _material(
    reading: Reading, table: MaterialTable, changes: Mapping[str, object], key: str
) -> MaterialChoice | None:
    near = reading.near
    card = reading.attempt(f"{key}: ", lambda: cards.material(table.card, near=near))
    if card and changes and reading.known(key, changes, card.sources, MaterialTable):
        card = reading.attempt(
            f"{key}.", lambda: cards.material(table.card, near=near, changes=changes)
        )
    if card is None:
        return None
    if table.transport and not card.storage:
        reading.refuse(f"{key}.transport: '{card.name}' does not store anything; leave it out.")
    transport = table.transport or "diffusion"
    return MaterialChoice(card=card, transport=transport, frame=table.frame, changes=changes)


def _check_frame(
    reading: Reading,
    key: str,
    choice: MaterialChoice,
    geometry: GeometryChoice | None,
    *,
    placed: bool,
) -> None:
    """Refuse axes for a material that has none, none for one that has, and impossible ones.

    Args:
        reading: Notes what is wrong.
        key: Of the frame in the case file.
        choice: Material and frame.
        geometry: The body, or ``None`` if it is wrong.
        placed: The case gives a frame, if only a wrong one.
    """
    card, frame = choice.card, choice.frame
    exponents = card.storage.swelling_exponents if card.storage else None
    if exponents is None:
        if frame:
            reading.refuse(f"{key}: '{card.name}' swells alike in all directions; leave it out.")
        return
    if not placed:
        reading.refuse(
            f"{key}: missing; '{card.name}' swells differently along its axes. Write "
            "'cartesian' for axes along x, y, z, or 'radial' for the first along the position "
            "vector."
        )
    round_body = geometry is not None and geometry.kinematics == "axisymmetric"
    if round_body and frame == "cartesian" and exponents[0] != exponents[1]:
        reading.refuse(
            f"{key} = 'cartesian': an axisymmetric body swells alike along x and y, but "
            f"'{card.name}' has the exponents {exponents[0]:g} and {exponents[1]:g}; take "
            "frame = 'radial', or kinematics = '3d' if the geometry has it."
        )
