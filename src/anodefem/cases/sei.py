"""Section [sei]: a solid electrolyte interphase and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from anodefem import cards, units
from anodefem.cards import Sei
from anodefem.cases import transport
from anodefem.cases.collecting import FilmThickness, Names, Reading, parted
from anodefem.cases.geometry import GeometryChoice
from anodefem.validation import Flag, Real, Strict

#: Half the width of strips of SEI that do not adhere, over its thickness: assumed.
BLISTER = 10.0


class SeiTable(Strict):
    """Keys of the section; any number of the recipe may stand beside them."""

    recipe: Annotated[str, Field(description="name of a recipe, path of a TOML file, or `none`")]
    surfaces: Annotated[
        Names | None,
        Field(description="facet groups that carry it; default: those the geometry names"),
    ] = None
    thickness: Annotated[
        FilmThickness | None,
        Field(
            description="length with unit, at formation; default: the recipe's, or where it grows "
            "the recipe's growth.initial_thickness"
        ),
    ] = None
    grow: Annotated[
        Flag, Field(description="it grows, by the law of the recipe's table [growth]")
    ] = False
    slide: Annotated[
        Flag,
        Field(
            description="its bond yields, by the recipe's shear_strength and fragment_length: it "
            "slides on its surface in pieces, and comes off in wrinkles where it has an adhesion"
        ),
    ] = False
    formation_strain: Annotated[
        Annotated[Real, Field(gt=-0.5, lt=0.5)] | None,
        Field(
            description="by how much it would be longer than the surface it forms on; positive "
            "is compression; default: the recipe's"
        ),
    ] = None
    blister: Annotated[
        FilmThickness | None,
        Field(
            description="length with unit: half the width of strips of it that do not adhere to "
            "the surface; default: 10 times its thickness (assumed)"
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeiChoice:
    """An SEI on named surfaces.

    Attributes:
        recipe: The card.
        surfaces: Facet groups that carry it.
        thickness: At formation [m]; the recipe's unless the case says otherwise.
        formation_strain: The recipe's unless the case says otherwise.
        blister: Half the width of strips that do not adhere to the surface [m].
        grow: It grows.
        slide: Its bond yields.
        changes: Key of another number of the recipe -> what the case says instead.
    """

    recipe: Sei
    surfaces: tuple[str, ...]
    thickness: float
    formation_strain: float
    blister: float
    grow: bool
    slide: bool
    changes: Mapping[str, object]

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        return {
            "recipe": self.recipe.name,
            "surfaces": list(self.surfaces),
            "thickness": f"{self.thickness:.12g} m",
            "formation_strain": self.formation_strain,
            "blister": f"{self.blister:.12g} m",
            "grow": self.grow,
            "slide": self.slide,
            **self.changes,
        }


def read(
    reading: Reading, raw: object, geometry: GeometryChoice | None, species: set[str]
) -> SeiChoice | None:
    """Return the SEI that a section describes, or ``None`` if there is none.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        geometry: The body, or ``None`` if it is wrong.
        species: What the materials store.
    """
    own, changes = parted(raw, SeiTable)
    table = None if raw is None else reading.table(SeiTable, own, "sei")
    if table is None or table.recipe == "none":
        return None
    near = reading.near
    recipe = reading.attempt("sei.recipe: ", lambda: cards.sei(table.recipe, near=near))
    if recipe and changes and reading.known("sei", changes, recipe.sources, SeiTable):
        recipe = reading.attempt(
            "sei.", lambda: cards.sei(table.recipe, near=near, changes=changes)
        )
    if recipe:
        _check_species(reading, recipe, species)
    default = geometry.roles.sei if geometry else ()
    known = geometry.surfaces - {*geometry.roles.cuts} if geometry else ()
    surfaces = transport.surfaces(reading, "sei.surfaces", table.surfaces, default, known, geometry)
    if recipe is None or geometry is None:
        return None
    idle = [key for key in changes if key.startswith("growth.")]
    if idle and not table.grow:
        reading.refuse(f"sei.{idle[0]}: of no use without sei.grow = true.")
    growth = recipe.growth if table.grow else None
    if table.grow and growth is None:
        reading.refuse(
            f"sei.grow = true: the recipe '{recipe.name}' has no table [growth]; write one in a "
            "copy of it, or take another recipe, such as ec-dmc."
        )
    _check_sliding(reading, table, recipe, changes)
    strain = table.formation_strain
    thickness = table.thickness or (growth.initial_thickness if growth else recipe.thickness)
    choice = SeiChoice(
        recipe=recipe,
        surfaces=surfaces,
        thickness=thickness,
        formation_strain=recipe.formation_strain if strain is None else strain,
        blister=table.blister or BLISTER * thickness,
        grow=table.grow,
        slide=table.slide,
        changes=changes,
    )
    _check_thickness(reading, choice, geometry)
    return choice


def _check_species(reading: Reading, recipe: Sei, species: set[str]) -> None:
    """Refuse a recipe of lithium cells on a host of sodium, and so on."""
    if len(species) != 1 or species <= {*recipe.carriers}:
        return
    (stored,) = species
    fitting = [name for name in cards.paths("sei") if stored in cards.sei(name).carriers]
    reading.refuse(
        f"sei.recipe = '{recipe.name}': was made for {' and '.join(recipe.carriers)} cells, and "
        f"the materials store {stored}. Recipes for {stored}: {', '.join(fitting)}."
    )


def _check_sliding(
    reading: Reading, table: SeiTable, recipe: Sei, changes: Mapping[str, object]
) -> None:
    """Refuse a film that is to slide without numbers for it, and such numbers without use."""
    if table.slide and recipe.shear_strength is None:
        known = [name for name in cards.paths("sei") if cards.sei(name).shear_strength]
        reading.refuse(
            f"sei.slide = true: the recipe '{recipe.name}' has no shear_strength and "
            "fragment_length; write them in a copy of it, or take another recipe: "
            f"{', '.join(known)}."
        )
    idle = [key for key in ("shear_strength", "fragment_length") if key in changes]
    if idle and not table.slide:
        reading.refuse(f"sei.{idle[0]}: of no use without sei.slide = true.")


def _check_thickness(reading: Reading, sei: SeiChoice, geometry: GeometryChoice) -> None:
    """Refuse a film thicker than volume over area of the body (a third of a ball's radius)."""
    exact = geometry.exact
    area = sum(exact.get(name, 0.0) for name in sei.surfaces)
    volume = sum(exact.get(name, 0.0) for name in geometry.regions)
    thickness = units.factor("m", "um") * sei.thickness
    if area and thickness >= volume / area:
        reading.refuse(
            f"sei.thickness = {thickness:g} um: must be below the volume over the area of what "
            f"it covers, {volume / area:.4g} um; a film is thinner than the body under it."
        )
