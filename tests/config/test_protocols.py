"""Protocols: sentences become steps, and a protocol that cannot end is refused."""

from __future__ import annotations

import re

import pytest

from anodefem import protocols
from anodefem.protocols import Step


@pytest.mark.parametrize(
    ("text", "kind", "c_rate", "until_soc", "duration"),
    [
        ("lithiate at C/10 until soc = 0.9", "lithiate", 0.1, 0.9, None),
        ("delithiate at 2C until soc = 0.05", "delithiate", 2.0, 0.05, None),
        ("lithiate at C until soc=.5", "lithiate", 1.0, 0.5, None),
        ("lithiate at 0.5C for 30 min", "lithiate", 0.5, None, 1800.0),
        ("  delithiate  at C / 3   for 2 h ", "delithiate", 1 / 3, None, 7200.0),
        ("lithiate at 1e-1C for 1 s", "lithiate", 0.1, None, 1.0),
        ("rest 10 min", "rest", 0.0, None, 600.0),
        ("rest for 2 h", "rest", 0.0, None, 7200.0),
    ],
)
def test_a_sentence_becomes_a_step(
    text: str, kind: str, c_rate: float, until_soc: float | None, duration: float | None
) -> None:
    step = protocols.parse(text)
    assert (step.kind, step.until_soc, step.duration) == (kind, until_soc, duration)
    assert step.c_rate == pytest.approx(c_rate)


@pytest.mark.parametrize("text", protocols.FORMS)
def test_every_form_that_is_shown_can_be_read(text: str) -> None:
    assert protocols.parse(text).text == text


def test_a_rate_of_1c_fills_the_electrode_in_an_hour() -> None:
    assert protocols.parse("lithiate at 1C until soc = 0.9").soc_rate * 3600.0 == 1.0
    assert protocols.parse("delithiate at C/2 for 1 h").soc_rate * 3600.0 == -0.5
    assert protocols.parse("rest 1 h").soc_rate == 0.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("charge at C/10 until soc = 0.9", "cannot be read as a step"),
        ("lithiate at C/10", "cannot be read as a step"),
        ("lithiate until soc = 0.9", "cannot be read as a step"),
        ("lithiate at C/10 until voltage = 0.1", "cannot be read as a step"),
        ("lithiate at -1C until soc = 0.9", "cannot be read as a step"),
        ("rest", "cannot be read as a step"),
        ("", "cannot be read as a step"),
        ("rest 10", "has no unit"),
        ("rest 10 um", "cannot be read as s"),
        ("rest 0 s", "above zero"),
        ("lithiate at C/10 for -2 h", "above zero"),
        ("lithiate at 0C until soc = 0.9", "rate of zero never ends"),
        ("lithiate at C/0 until soc = 0.9", "C/0 is no rate"),
        ("lithiate at C/10 until soc = 1.2", "not between 0 and 1"),
        ("lithiate at C/10 until soc = 1", "not between 0 and 1"),
        ("delithiate at C/10 until soc = 0", "not between 0 and 1"),
        ("delithiate at C/10 until soc = -0.1", "not between 0 and 1"),
    ],
)
def test_a_sentence_that_makes_no_step_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        protocols.parse(text)


def _steps(*texts: str) -> list[Step]:
    return [protocols.parse(text) for text in texts]


def test_a_cycle_can_end() -> None:
    cycle = _steps(
        "lithiate at C/10 until soc = 0.9",
        "rest 10 min",
        "delithiate at C/10 until soc = 0.05",
        "lithiate at 1C for 6 min",
    )
    assert protocols.check(cycle, initial_soc=0.02) == []


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("lithiate at C/10 until soc = 0.01",), "step 1 .* can never end: .* soc = 0.02"),
        (("lithiate at C until soc = 0.9", "lithiate at C until soc = 0.9"), "step 2 .* soc = 0.9"),
        (("delithiate at C/10 until soc = 0.5",), "step 1 .* which is not above 0.5"),
        (("rest 1 h", "lithiate at 1C for 1 h"), "step 2 .* would reach soc = 1.02"),
        (("delithiate at 1C for 1 h",), "step 1 .* would reach soc = -0.98"),
    ],
)
def test_a_protocol_that_can_never_end_is_told_by_step(texts: tuple[str, ...], told: str) -> None:
    (sentence,) = protocols.check(_steps(*texts), initial_soc=0.02)
    assert re.search(told, sentence)


def test_a_target_beyond_what_a_surface_holds_is_told() -> None:
    steps = _steps("lithiate at C/10 until soc = 0.999")
    (sentence,) = protocols.check(steps, initial_soc=0.02, lowest=0.005, highest=0.995)
    assert "must stay between 0.005 and 0.995" in sentence
