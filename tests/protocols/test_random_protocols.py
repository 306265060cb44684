"""Random protocols from sentences to their ends, on an electrode of three numbers."""

from __future__ import annotations

from random import Random

import pytest

from anodefem import protocols
from anodefem.protocols import Loading, Step
from anodefem.solve.ends import ends
from tests.protocols.electrode import carry_out, rest_potential

LOADING = Loading(charge_per_mass=1e7, charge_per_area=10.0)
#: What an end may be missed by, as it is promised.
SOC, VOLTAGE = 1e-6, 1e-5


def sentence(random: Random) -> str:
    """Return a step that can be read, whether or not it makes sense."""
    ends = {
        "soc": lambda: f"soc = {random.uniform(0.02, 0.98):.4f}",
        "voltage": lambda: f"{random.choice([5, 10, 50, 200, 400, 800, 1000])} mV",
        "capacity": lambda: f"{random.uniform(20, 2500):.0f} mAh/g",
        "time": lambda: f"for {random.choice(['3 min', '40 min', '5 h', '30 h'])}",
    }
    verb = random.choice(["lithiate", "delithiate", "lithiate", "delithiate", "hold", "rest"])
    if verb == "rest":
        return f"rest {random.choice(['5 min', '2 h'])}"
    control = random.choice(["C/20", "C/5", "1C", "2C", "120 mA/g", "40 mW/g", "400 mW/g"])
    if verb == "hold":
        control = ends.pop("voltage")()
    if verb == "hold" or "W" in control:
        ends["rate"] = lambda: f"C/{random.choice([50, 100, 500])}"
    chosen = random.sample(list(ends), random.choice([1, 1, 2, 3]))
    first, *others = [ends[each]() for each in chosen]
    until = "" if first.startswith("for") else "until "
    return " or ".join([f"{verb} at {control} {until}{first}", *others])


def program(random: Random) -> tuple[Step, ...]:
    """Return the steps of a random protocol, tables carried out."""
    raw: list[object] = [sentence(random) for _ in range(random.randint(1, 4))]
    inside = [sentence(random) for _ in range(random.randint(1, 3))]
    raw.insert(random.randint(0, len(raw)), {"repeat": random.randint(1, 3), "steps": inside})
    entries, wrong = protocols.read(raw, "protocol.steps", LOADING)
    assert not wrong
    return protocols.expand(entries)


def passed(step: Step, row: dict[str, float], before: float) -> dict[str, float]:
    """Return how far every end has been passed at a row, over what it may be missed by.

    Args:
        step: Of the protocol.
        row: Metrics at its end.
        before: State of charge at its start.
    """
    found: dict[str, float] = {}
    soc, voltage, rate = row["soc [-]"], row["voltage [V]"], abs(row["c_rate [1/h]"])
    if step.until_soc is not None:
        way = step.direction or (1.0 if step.until_soc > before else -1.0)
        found["soc"] = way * (soc - step.until_soc) / SOC
    if step.until_voltage is not None:
        found["voltage"] = step.direction * (step.until_voltage - voltage) / VOLTAGE
    if step.until_rate is not None:
        found["rate"] = (step.until_rate - rate) / (1e-4 * step.until_rate)
    if step.until_capacity is not None:
        found["capacity"] = (abs(soc - before) - step.until_capacity) / SOC
    return found


@pytest.mark.parametrize("seed", range(200))
def test_ends_are_met_and_none_is_passed(seed: int) -> None:
    random = Random(seed)
    steps, soc = program(random), random.uniform(0.1, 0.9)
    rows, occurrences = carry_out(steps, soc)
    # every step of the protocol ends, in order, and says how
    assert [each.step for each in occurrences] == list(range(1, len(steps) + 1))
    for number, (step, found) in enumerate(zip(steps, occurrences, strict=True), start=1):
        own = [row for row in rows if row["step [-]"] == number]
        before = [row for row in rows if row["step [-]"] < number][-1:]
        start = before[0]["soc [-]"] if before else soc
        if not own:
            assert found.kind != "completed"
            assert found.kind != "skipped" or ends(step, start)
            continue
        if found.kind == "unreachable" and step.power:
            assert "no current gives that power" in found.message or "fallen to 0" in found.message
            continue
        levels = passed(step, own[-1], start)
        duration = own[-1]["t [s]"] - (before[0]["t [s]"] if before else 0.0)
        over = step.duration is not None and duration == pytest.approx(step.duration, rel=1e-9)
        round_off = 1e-6
        for row in own:
            assert all(level <= round_off for level in passed(step, row, start).values())
        for row in own[:-1]:
            assert all(level < -1.0 for level in passed(step, row, start).values())
        if found.kind == "completed":
            assert over or any(-1.0 - round_off <= level for level in levels.values())
        else:
            # what the sentence asks for cannot be had, and the run says why
            assert found.kind in ("saturated", "unreachable")
            assert "full or empty" in found.message or "ended: " in found.message
        if step.duration is not None:
            assert duration <= step.duration * (1 + 1e-9)


def test_random_protocols_meet_every_kind_of_end() -> None:
    kinds = set()
    for seed in range(60):
        random = Random(seed)
        steps, soc = program(random), random.uniform(0.1, 0.9)
        kinds |= {each.kind for each in carry_out(steps, soc)[1]}
    assert kinds == {"completed", "skipped", "saturated", "unreachable"}


def test_a_step_that_is_there_already_is_skipped_with_a_note() -> None:
    steps = [protocols.parse(text) for text in ("lithiate at C/5 until 300 mV", "rest 1 min")]
    rows, (skipped, _) = carry_out(steps, 0.5)
    assert rest_potential(0.5) < 0.3
    assert skipped.kind == "skipped"
    assert "'lithiate at C/5 until 300 mV' skipped" in skipped.message
    assert {row["step [-]"] for row in rows} == {2.0}


def test_a_hold_goes_on_where_the_current_left_off() -> None:
    text = ("lithiate at C/2 until 50 mV", "hold at 50 mV until C/50", "rest 1 h")
    rows, occurrences = carry_out([protocols.parse(each) for each in text], 0.1)
    assert [each.kind for each in occurrences] == ["completed"] * 3
    held = [row for row in rows if row["step [-]"] == 2.0]
    assert all(abs(row["voltage [V]"] - 0.05) < 1e-12 for row in held)
    rates = [row["c_rate [1/h]"] for row in held]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] < 0.5
    assert 0.02 <= rates[-1] < 0.02 * (1 + 1e-4)
