"""Orders of recipes and binders, from cards alone."""

from __future__ import annotations

from dataclasses import replace
from math import expm1, log

import pytest
from typer.testing import CliRunner

from anodefem import cards
from anodefem.cards.ranking import by_breaking_strain, by_elastic_energy, surface_strain
from anodefem.cli import app

pytestmark = pytest.mark.serial


def test_the_strain_is_a_third_of_the_volume() -> None:
    tin = cards.material("tin-sodium")
    assert surface_strain(tin, 1.0) == pytest.approx(log(5.242) / 3, rel=1e-3)
    assert surface_strain(tin, 0.0) == 0.0
    with pytest.raises(ValueError, match="'paa' stores nothing"):
        surface_strain(cards.material("paa"), 1.0)


def test_recipes_are_in_the_order_of_their_elastic_energy() -> None:
    recipes = [cards.sei(name) for name in ("ec-dmc-nabf4", "diglyme-nabf4", "pc-fec-napf6")]
    found = by_elastic_energy(recipes, 0.5)
    assert [each.card.name for each in found] == ["diglyme-nabf4", "ec-dmc-nabf4", "pc-fec-napf6"]
    first = found[0]
    assert first.value == pytest.approx(0.5 * 0.355e9 * 0.5822**2)
    # a film that is asked for just what it can take is asked for U_max
    at_yield = by_elastic_energy(recipes[1:2], recipes[1].yield_stretch)[0]
    assert at_yield.asked == pytest.approx(at_yield.value)
    assert at_yield.enough is True
    assert by_elastic_energy(recipes[1:2], 1.01 * recipes[1].yield_stretch)[0].enough is False


def test_bands_that_overlap_share_their_places() -> None:
    binders = [cards.material(name) for name in ("paa", "pr-paa", "pvdf", "ptfe")]
    found = {each.card.name: each for each in by_breaking_strain(binders, log(1.5))}
    assert list(found) == ["pr-paa", "ptfe", "pvdf", "paa"]
    assert [each.places for each in found.values()] == [(1, 2), (1, 2), (3, 3), (4, 4)]
    assert found["pvdf"].asked == pytest.approx(expm1(log(1.5)))
    # it breaks at 10 to 100 %
    assert [each.enough for each in found.values()] == [True, True, None, False]


def test_binders_that_do_not_know_are_left_out() -> None:
    card = cards.material("paa")
    assert by_breaking_strain([replace(card, properties={})], 0.1) == []


def test_the_command_says_what_the_order_rests_on() -> None:
    ran = CliRunner().invoke(app, ["advise", "sei", "--host", "tin-sodium"])
    assert ran.exit_code == 0
    assert "diglyme-nabf4" in ran.output and "ec-dmc " not in ran.output
    assert "yield_strain" in ran.output and "swells freely" in ran.output
    wrong = CliRunner().invoke(app, ["advise", "binder", "--host", "paa"])
    assert wrong.exit_code == 2 and "'paa' stores nothing" in wrong.output
