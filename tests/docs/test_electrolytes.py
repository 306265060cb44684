"""The page on electrolytes shows what the cards and laws give."""

from __future__ import annotations

import pytest

from anodefem import cards
from tests.docs.electrolytes import PAGE, Film, written


@pytest.mark.slow
def test_the_tables_are_those_of_the_cards() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page


def test_a_film_exposes_what_its_surface_grows_beyond_the_area_at_which_it_broke() -> None:
    recipe, full = cards.sei("ec-dmc"), 0.2
    breaks = 2 * recipe.fracture_strain
    expected = pytest.approx(2.718281828459045 ** (2 * full) - 2.718281828459045**breaks, rel=1e-4)
    assert Film(recipe, slides=False).exposed(full) == [expected, expected]
