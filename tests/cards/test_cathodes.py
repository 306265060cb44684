"""Cathodes: shipped cards, what is refused, and what a capacity ratio means."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from anodefem import cards
from anodefem.cards.curves import samples
from anodefem.cases.cathode import CathodeChoice
from anodefem.errors import InputError

CATHODES = sorted(cards.paths("cathodes"))


@pytest.mark.parametrize("name", CATHODES)
def test_a_shipped_cathode_falls_and_has_sources(name: str) -> None:
    card = cards.cathode(name)
    assert np.all(np.diff(samples(card.ocv)) < 0.0)
    assert 2.5 < card.ocv(card.as_made) < card.ocv(card.charged) < 4.5
    for _, number in card.numbers():
        key = re.match(r"[a-z]+[a-z0-9-]*(?=,)", number.source)
        assert number.tag != "source" or (key and key[0] in cards.references())


def test_nmc811_is_the_curve_of_its_source() -> None:
    y = np.linspace(0.27, 0.9084, 50)
    fit = (
        -0.8090 * y
        + 4.4875
        - 0.0428 * np.tanh(18.5138 * (y - 0.5542))
        - 17.7326 * np.tanh(15.7890 * (y - 0.3117))
        + 17.5842 * np.tanh(15.9308 * (y - 0.3120))
    )
    assert np.abs(cards.cathode("nmc811").ocv(y) - fit).max() < 2e-3


def test_a_cathode_gives_its_capacity_over_the_ratio() -> None:
    choice = CathodeChoice(card=cards.cathode("nmc811"), np_ratio=1.25, changes={})
    assert choice.fraction(0.0) == choice.card.as_made
    assert choice.fraction(1 / 1.25) == pytest.approx(choice.card.charged, abs=1e-12)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("value = 0.27", "value = 0.95", "charged is not below as_made"),
        ('form = "table"', 'form = "ideal"\nreference = 4.0', "x: unknown key"),
        ("4.6785", "4.5", "must fall with x"),
        ('carrier = "Li"', 'carrier = "Mg"', "carrier"),
    ],
)
def test_a_wrong_cathode_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    text = cards.paths("cathodes")["nmc811"].read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=why):
        cards.cathode(str(path))
