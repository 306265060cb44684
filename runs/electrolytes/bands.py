"""Efficiencies and SEI of two particles over recipes, with bands from the cards.

    python3 runs/electrolytes/bands.py OUT

The uncertainty of growth is that of the thickness that the card gives for the recipe: an SEI that
diffusion limits grows as the root of its constant, so the constant goes with the square of the
thickness. Runs that are there already are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from anodefem import Case, cards

HERE = Path(__file__).parent
RECIPES = {
    "lithium-silicon": ("ec-dmc", "fec", "lhce", "lif-rich-thf", "ionic-liquid"),
    "sodium-tin": ("diglyme-nabf4", "ec-dmc-nabf4", "diglyme-napf6"),
}
#: Recipes that are run at the ends of their range, too.
BANDS = ("ec-dmc", "fec")
FORMS = (".2f", ".2f", ".1f", ".1f")
#: Recipes with a shear strength and a length of fragments.
SLIDING = ("lif-rich-thf",)


def numbers(base: str, recipe: str, factor: float, out: Path) -> tuple[float, ...]:
    """Return initial efficiency, that of cycle 10, thickness [nm] and charge [C/m^2] at the end.

    The initial one is that of a host that ends as empty as it began: 1 - charge of the SEI over
    charge in. What is left in the host at 0.8 V, or was there at first, is no loss.

    Args:
        base: Name of the case file.
        recipe: Of the SEI.
        factor: Of the growth constant.
        out: Folder of all runs.
    """
    changes: dict[str, object] = {"sei.recipe": recipe, "title": f"{base}, {recipe}"}
    if recipe in SLIDING:
        changes["sei.slide"] = True
    if factor != 1.0:
        constant = cards.sei(recipe).sources["growth.diffusivity"].si
        changes["sei.growth.diffusivity"] = f"{factor * constant:.6g} m^2/s"
    case = Case.from_file(HERE / f"{base}.toml", changes)
    cycles = case.run(out / f"{base}-{recipe}-{factor:.3g}", reuse=True).cycles
    first, last = cycles.iloc[0], cycles.iloc[-1]
    return (
        100 * (1 - float(first["side_charge"] / first["lithiated"])),
        100 * float(last["coulombic_efficiency"]),
        float(last["sei_thickness_mean"]),
        float(last["sei_charge"]),
    )


def factors(recipe: str) -> list[float]:
    """What the growth constant is multiplied by at the ends of the card's range of the thickness.

    Args:
        recipe: Of the SEI; none where it is not in `BANDS`.
    """
    if recipe not in BANDS:
        return []
    thickness = cards.sei(recipe).sources["thickness"]
    return [(end / thickness.si) ** 2 for end in thickness.range or ()]


def cell(form: str, card: float, *ends: float) -> str:
    """Return a number with its band.

    Args:
        form: How it is written.
        card: The number by the card.
        ends: The same at the ends of the card's range, if it has one.
    """
    band = f" ({min(ends):{form}} to {max(ends):{form}})" if ends else ""
    return f"{card:{form}}{band}"


def main() -> None:
    """Print a table of each particle."""
    out = Path(sys.argv[1])
    head = "initial efficiency [%] | at cycle 10 [%] | SEI [nm] | SEI charge [C/m²]"
    for base, recipes in RECIPES.items():
        print(f"\n| {base} | {head} |\n|---|---:|---:|---:|---:|", flush=True)
        for recipe in recipes:
            found = [numbers(base, recipe, each, out) for each in (1.0, *factors(recipe))]
            cells = map(cell, FORMS, *found)
            print(f"| `{recipe}` | {' | '.join(cells)} |", flush=True)


main()
