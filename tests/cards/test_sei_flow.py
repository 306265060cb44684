"""Flow laws of SEI recipes: read with units, complete, and turned into laws."""

from __future__ import annotations

from pathlib import Path

import pytest

from anodefem import cards
from anodefem.errors import InputError
from anodefem.laws.film import Garofalo, PerfectPlasticity, Perzyna
from anodefem.model import regions

SHIPPED = cards.paths("sei")["ec-dmc"]
NUMBER = '\n[{name}]\nvalue = {value}\nunit = "{unit}"\ntag = "assumed"\nsource = "a test"\n'
VISCOSITY = NUMBER.format(name="viscosity", value=0.3, unit="TPa*s")
RATE = NUMBER.format(name="rate", value=1e-6, unit="1/s")
REFERENCE = NUMBER.format(name="reference_stress", value=5.0, unit="MPa")


def recipe(folder: Path, flow: str | None, extra: str = "", *, yields: bool = True) -> Path:
    """Shipped recipe with another flow law."""
    text = SHIPPED.read_text(encoding="utf-8")
    if not yields:
        start = text.index("[yield_stress]")
        text = text[:start] + text[text.index("[", start + 1) :]
    if flow:
        text = text.replace("carriers =", f'flow = "{flow}"\ncarriers =')
    path = folder / "recipe.toml"
    path.write_text(text + extra, encoding="utf-8")
    return path


def test_a_recipe_flows_as_its_card_says(tmp_path: Path) -> None:
    def flow(*arguments: str | None, yields: bool = True) -> object:
        card = cards.sei(str(recipe(tmp_path, *arguments, yields=yields)))  # type: ignore[arg-type]
        return regions.film(card).flow

    assert flow(None) == flow("rate-independent") == PerfectPlasticity(pytest.approx(30.0))
    assert flow("perzyna", VISCOSITY) == Perzyna(pytest.approx(30.0), pytest.approx(3e5))
    assert flow("garofalo", RATE + REFERENCE, yields=False) == Garofalo(
        pytest.approx(1e-6), pytest.approx(5.0)
    )


@pytest.mark.parametrize(
    ("flow", "extra", "yields", "told"),
    [
        ("perzyna", "", True, "viscosity is missing: flow = 'perzyna' takes yield_stress and"),
        ("rate-independent", VISCOSITY, True, "viscosity is of no use: flow = 'rate-independent'"),
        ("garofalo", RATE + REFERENCE, True, "yield_stress is of no use: flow = 'garofalo' takes"),
        ("garofalo", RATE, False, "reference_stress is missing"),
        ("rate-independent", "", False, "yield_stress is missing"),
        ("perzyna", VISCOSITY.replace("TPa*s", "GPa"), True, "viscosity"),
        ("perzyna", VISCOSITY.replace("0.3", "-1"), True, "viscosity"),
        ("creep", "", True, "flow"),
    ],
)
def test_a_flow_law_with_wrong_numbers_is_refused(
    tmp_path: Path, flow: str, extra: str, yields: bool, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        cards.sei(str(recipe(tmp_path, flow, extra, yields=yields)))
