"""Laws that cards can name: shipped, of the user's folders, and of installed packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anodefem import cards, registry
from anodefem.cards.records import attributes, entries
from anodefem.errors import InputError
from anodefem.laws import catalogue

LAW = '''
"""A law of the user."""

from dataclasses import dataclass
from typing import Annotated

from anodefem.cards import Law, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Something soft.

    Attributes:
        shear: Shear modulus [Pa].
        limit: Largest stretch.
    """

    shear: Annotated[float, Number("Pa", gt=0.0)]
    limit: Annotated[float, Number(gt=1.0)] = 2.0


LAW = Law(
    name="mine", kind="elastic", record=Numbers, formula="W = 0", build=lambda n, t: ("built", n)
)
'''
CARD = """
title = "Soft"
kind = "polymer"
[elastic]
law = "mine"
shear = { value = 2.0, unit = "MPa", tag = "assumed", source = "test" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of plug-ins with a law and a card that names it."""
    for name, text in (("laws/mine.py", LAW), ("materials/soft.toml", CARD)):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    registry.use_folders([tmp_path])
    yield tmp_path
    registry.use_folders([])


def test_a_law_of_the_user_reads_its_numbers(folder: Path) -> None:
    card = cards.material("soft")
    law = cards.laws("elastic")["mine"]
    assert isinstance(card.elastic, law.record)
    assert (card.elastic.shear, card.elastic.limit) == (2e6, 2.0)
    assert card.sources["elastic.shear"].unit == "MPa"
    assert law.built(card.elastic, 300.0) == ("built", card.elastic)
    assert "mine" in {entry.name for entry in catalogue()}


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ("value = 2.0", "value = -2.0", "elastic.shear: -2e+06 Pa: must be above 0 Pa"),
        ('unit = "MPa"', 'unit = "s"', "elastic.shear: unit 's' cannot be read as Pa"),
        ("shear =", "sheer =", "elastic.sheer: unknown key. Did you mean 'shear'?"),
        ('law = "mine"', 'law = "yours"', "one of neo-hookean, hencky, arruda-boyce, mine"),
    ],
)
def test_wrong_numbers_of_such_a_law_are_refused(
    folder: Path, old: str, new: str, answer: str
) -> None:
    path = folder / "materials" / "soft.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError) as caught:
        cards.material("soft")
    assert answer in str(caught.value)


@pytest.mark.parametrize("text", ["raise ValueError('x')", "LAW = 3", "x ="])
def test_a_law_that_cannot_be_loaded_is_one_message(folder: Path, text: str) -> None:
    (folder / "laws" / "broken.py").write_text(text)
    with pytest.raises(InputError, match=r"law .*broken\.py (cannot be loaded|must define LAW)"):
        cards.material("soft")


def test_an_installed_package_brings_a_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    (site / "softlaws-1.0.dist-info").mkdir(parents=True)
    (site / "softlaws.py").write_text(LAW)
    information = site / "softlaws-1.0.dist-info"
    information.joinpath("METADATA").write_text("Name: softlaws\nVersion: 1\n")
    information.joinpath("entry_points.txt").write_text("[anodefem.laws]\nmine = softlaws\n")
    monkeypatch.syspath_prepend(str(site))
    path = tmp_path / "soft.toml"
    path.write_text(CARD)
    assert cards.material(str(path)).elastic.shear == 2e6  # type: ignore[attr-defined]


def test_every_number_of_a_law_has_a_meaning() -> None:
    for entry in catalogue():
        assert entry.formula
        for number in entries(entry.record) if entry.record else ():
            assert number.meaning, f"{entry.name}: {number.name}"
            assert number.unit or number.kind


def test_meanings_come_from_docstrings_over_lines_and_base_classes() -> None:
    found = attributes(cards.PowerLaw)
    assert found["hardening"] == "Its increase per equivalent plastic strain [Pa]."
    assert found["flow_resistance"].startswith("Stress beyond the threshold at the reference rate")


def test_the_list_of_laws_knows_what_breaks() -> None:
    names = {entry.name for entry in catalogue()}
    assert {"phase-field fracture", "cohesive interface", "sei failure: channel crack"} <= names
