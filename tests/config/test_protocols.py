"""Protocols: sentences become steps, and a protocol that cannot end is refused."""

from __future__ import annotations

import re

import pytest

from anodefem import protocols
from anodefem.protocols import Loading, Step

#: 2778 mAh/g, 2.778 mAh/cm2.
LOADING = Loading(charge_per_mass=1e7, charge_per_area=1e5)


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
    assert protocols.parse(text, LOADING).text == text


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("lithiate at C/20 until 5 mV", {"c_rate": 0.05, "until_voltage": 0.005}),
        (
            "delithiate at C/10 until 1.0 V or for 12 h",
            {"c_rate": 0.1, "until_voltage": 1.0, "duration": 43200.0},
        ),
        (
            "Delithiate at C/10 for 12 h or until 1000mV or soc = 5 %",
            {"c_rate": 0.1, "until_voltage": 1.0, "duration": 43200.0, "until_soc": 0.05},
        ),
        ("hold at 5 mV until C/50", {"voltage": 0.005, "until_rate": 0.02}),
        (
            "hold at 5 mV until 5 mA/g or for 3 h",
            {"voltage": 0.005, "until_rate": 0.0018, "duration": 10800.0},
        ),
        ("sodiate at 0.5C until 10 mV", {"c_rate": 0.5, "until_voltage": 0.01, "carrier": "Na"}),
        ("depotassiate at 1C until 1 V", {"c_rate": 1.0, "until_voltage": 1.0, "carrier": "K"}),
        (
            "lithiate at 50 mA/g until 1200 mAh/g",
            {"c_rate": 0.018, "until_capacity": 0.432},
        ),
        (
            "lithiate at 1.2 mA/cm2 until 2 mAh/cm^2",
            {"c_rate": 0.432, "until_capacity": 0.72},
        ),
        ("delithiate at 2 W/m2 until 1 V", {"power": 0.072, "until_voltage": 1.0}),
        (
            "lithiate at 20 mW/g until 10 mV or C/100",
            {"power": 0.0072, "until_voltage": 0.01, "until_rate": 0.01},
        ),
    ],
)
def test_controls_and_ends_are_read(text: str, given: dict[str, object]) -> None:
    step = protocols.parse(text, LOADING)
    plain = Step(kind=step.kind, text=step.text)
    found = {
        name: getattr(step, name)
        for name in Step.__dataclass_fields__
        if getattr(step, name) != getattr(plain, name)
    }
    assert found == {k: v if isinstance(v, str) else pytest.approx(v) for k, v in given.items()}
    assert step.needs_voltage == (not {"until_capacity"} & {*given} or step.power > 0.0)


def test_a_rate_of_1c_fills_the_electrode_in_an_hour() -> None:
    assert protocols.parse("lithiate at 1C until soc = 0.9").soc_rate * 3600.0 == 1.0
    assert protocols.parse("delithiate at C/2 for 1 h").soc_rate * 3600.0 == -0.5
    assert protocols.parse("rest 1 h").soc_rate == 0.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("charge at C/10 until soc = 0.9", "cannot be read as a step: 'charge' is ambiguous"),
        ("discharge at C/10 until 1 V", "'discharge' is ambiguous, it empties the host in a full"),
        ("lithiate at C/10 untill 5 mV", "'untill' is not understood .did you mean 'until'"),
        ("lithiat at C/10 until 5 mV", "'lithiat' is not understood .did you mean 'lithiate'"),
        ("lithiate to 5 mV", "'to' is not understood .it stands where 'at' belongs"),
        ("lithiate at C/10 until 5 mv", "'mv' is not a unit; did you mean 'mV'"),
        ("lithiate at C/10 until 5", "'5' has no unit"),
        ("lithiate at C/10 until 5 mV and soc = 0.5", "'and' is not understood"),
        ("lithiate at C/10 until 5 mV soc = 0.5", "'soc' is not understood"),
        ("lithiate at C/10 until soc", "a number is missing after"),
        ("lithiate at C/10 until 5 mV/", "the name of a unit is missing"),
        ("lithiate at C/10 until 12 h", "'12 h' is a time, which stands after 'for'"),
        ("lithiate at C/10 for 5 mV", "cannot be read as s"),
        ("lithiate at C/10 until 5 um", "'5 um' ends nothing"),
        ("lithiate at 5 mV until C/50", "a voltage is held: 'hold at 5 mV until C/50'"),
        ("hold at C/5 until C/50", "'C/5' is no voltage"),
        ("hold at 5 mV", "'until' or 'for' is missing after 'hold at 5 mV'"),
        ("lithiate at C/10 at 45 degC until 5 mV", "'45 degC' cannot change from step to step"),
        ("lithiate at C/10, 2 MPa until 5 mV", "'2 MPa' cannot change from step to step"),
        ("lithiate at C/-10 until 5 mV", "'-10' is not understood .a rate has no sign"),
        ("lithiate at 1 A until 5 mV", "'1 A' is for a whole cell"),
        ("lithiate at 50 mA/g until 5 mV", "needs the charge per mass of an electrode"),
        ("rest until 5 mV", "'until' is not understood"),
        ("rest 1 h 30 min", "'30' is not understood .a rest ends by its time"),
        ("hold at -5 mV until C/50", "'-5 mV' is below 0 V, where metal is plated"),
        ("delithiate at C/5 until 12 V", "'12 V' must be between 0 and 5 V"),
        ("lithiate at C/5 until 5 mV or 10 mV", "ends twice by voltage, '5 mV' and '10 mV'"),
        ("lithiate at C/5 until 5 mV or until 5 mV", "ends twice by voltage"),
        ("lithiate at C/5 for 1 h or for 2 h", "ends twice by time"),
        ("lithiate at C/5 until soc = 0.5 or soc = 0.6", "ends twice by soc"),
        ("lithiate at C/10 until C/50", "'C/50' never ends it: the rate is kept at 'C/10'"),
        ("hold at 5 mV until 10 mV", "'10 mV' never ends it: the voltage is kept at '5 mV'"),
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lithiate at 0 mW/g until 5 mV", "a power of '0 mW/g' never ends"),
        ("lithiate at C/5 until 0 mAh/g", "'0 mAh/g' ends at once"),
        ("lithiate at 9 kA/g until 5 mV", "the rate 9 kA/g must be between"),
        ("lithiate at 3 C/g until 5 mV", "'3 C/g' is neither a current nor a power"),
    ],
)
def test_amounts_per_mass_that_make_no_step_are_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        protocols.parse(text, LOADING)


def test_an_area_that_is_not_known_is_told() -> None:
    loading = Loading(charge_per_mass=1e7, charge_per_area=None)
    with pytest.raises(ValueError, match="the area of this geometry is not known"):
        protocols.parse("lithiate at 1 mA/cm2 until 5 mV", loading)


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


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("lithiate at C/20 until 0.5 V",), "step 1 .* the voltage at rest is 0.38 V .* not above"),
        (("rest 1 h", "delithiate at C/20 until 0.3 V"), "step 2 .* is 0.38 V .* not below"),
    ],
)
def test_a_voltage_on_the_wrong_side_is_told(texts: tuple[str, ...], told: str) -> None:
    (sentence,) = protocols.check(
        _steps(*texts), initial_soc=0.02, rest_potential=lambda soc: 0.4 - soc
    )
    assert re.search(told, sentence)


def test_behind_a_voltage_the_state_of_charge_is_not_known() -> None:
    steps = _steps(
        "lithiate at C/20 until 5 mV",
        "delithiate at C/20 until soc = 0.5",
        "delithiate at C/20 until soc = 0.5",
    )
    (sentence,) = protocols.check(steps, initial_soc=0.02, rest_potential=lambda soc: 0.4)
    assert sentence.startswith("step 3 ")


def test_a_capacity_beyond_the_hosts_is_told() -> None:
    step = protocols.parse("lithiate at C/5 until 2750 mAh/g", LOADING)
    (sentence,) = protocols.check([step], initial_soc=0.02)
    assert "would reach soc = 1.01" in sentence


# --- tables ---------------------------------------------------------------------------------------

CYCLE = ["lithiate at C/20 until 5 mV", "hold at 5 mV until C/50", "delithiate at C/20 until 1 V"]


def _expanded(*raw: object) -> tuple[Step, ...]:
    entries, wrong = protocols.read(raw, "protocol.steps", None)
    assert not wrong
    assert protocols.written(entries) == [*raw]
    return protocols.expand(entries)


def test_tables_repeat_and_count_cycles() -> None:
    steps = _expanded(
        {"formation": 2, "steps": CYCLE}, "rest 1 h", {"repeat": 3, "steps": [*CYCLE, "rest 1 h"]}
    )
    assert len(steps) == 2 * 3 + 1 + 3 * 4
    assert [step.cycle for step in steps] == [1] * 3 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4
    assert [step.formation for step in steps] == [True] * 6 + [False] * 13
    assert [step.place for step in steps[:5]] == ["1.1", "1.2", "1.3", "1.1", "1.2"]
    assert steps[6].place == "2"


@pytest.mark.parametrize(
    ("raw", "cycles"),
    [
        (["lithiate at C for 1 h", "rest 1 h", "delithiate at C for 1 h"], [1, 1, 1]),
        (["lithiate at C for 1 h", "delithiate at C for 1 h"] * 2, [1, 1, 2, 2]),
        (["delithiate at C for 1 h", "lithiate at C for 1 h"] * 2, [1, 1, 2, 2]),
        ([{"repeat": 3, "steps": ["lithiate at C for 1 min", "rest 1 h"]}], [1] * 6),
        (
            ["rest 1 h", {"repeat": 2, "steps": ["rest 1 h", *CYCLE]}],
            [1, 1, 1, 1, 1, 2, 2, 2, 2],
        ),
        (
            ["lithiate at C for 1 h", {"repeat": 2, "steps": [CYCLE[2], CYCLE[0]]}],
            [1, 2, 2, 3, 3],
        ),
        (
            [{"repeat": 2, "steps": [{"repeat": 2, "steps": CYCLE}, *CYCLE]}],
            [n for n in range(1, 7) for _ in range(3)],
        ),
    ],
)
def test_a_cycle_is_one_way_and_back(raw: list[object], cycles: list[int]) -> None:
    assert [step.cycle for step in _expanded(*raw)] == cycles


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"steps": CYCLE}, "protocol.steps.1: a table of steps has 'repeat' or 'formation'"),
        ({"repeat": 2, "formation": 1, "steps": CYCLE}, "has 'repeat' or 'formation'"),
        ({"repeat": 0, "steps": CYCLE}, "protocol.steps.1.repeat = 0: must be a whole number from"),
        ({"repeat": 1.5, "steps": CYCLE}, "protocol.steps.1.repeat = 1.5: must be a whole number"),
        ({"repeat": True, "steps": CYCLE}, "repeat = true: must be a whole number"),
        ({"repeat": 3}, "protocol.steps.1.steps: must be a list of steps"),
        ({"repeat": 3, "steps": []}, "protocol.steps.1.steps: must be a list of steps"),
        ({"repeat": 3, "step": CYCLE, "steps": CYCLE}, "protocol.steps.1.step: unknown key"),
        (
            {"repeat": 3, "Steps": CYCLE},
            "protocol.steps.1.Steps: unknown key. Did you mean 'steps'?",
        ),
        (
            {"Repeat": 3, "steps": CYCLE},
            "protocol.steps.1.Repeat: unknown key. Did you mean 'repeat'?",
        ),
        ({"repeat": 3, "steps": ["charge"]}, "protocol.steps.1.steps.1 = 'charge': cannot be read"),
        ({"repeat": 9999, "steps": [{"repeat": 20, "steps": CYCLE}]}, "more than 100000"),
        (3, "protocol.steps.1 = 3: cannot be read as a step"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(raw: object, told: str) -> None:
    _, wrong = protocols.read([raw], "protocol.steps", None)
    assert len(wrong) == 1
    assert told in wrong[0]


def test_what_is_wrong_in_every_round_is_told_once() -> None:
    steps = _expanded({"repeat": 9, "steps": ["lithiate at C until soc = 0.9"]})
    (sentence,) = protocols.check(steps, initial_soc=0.02)
    assert sentence.startswith("step 1.1 ")
