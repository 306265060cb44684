"""What a protocol will take, told before it is run."""

from __future__ import annotations

import pytest

from anodefem import protocols
from anodefem.protocols import Estimate

THERE = "lithiate at C until 300 mV"


def _estimate(*raw: object, spacing: float = 0.1, cycles_every: int = 1) -> Estimate:
    entries, wrong = protocols.read(raw, "protocol.steps", None)
    assert not wrong
    return protocols.estimate(
        protocols.expand(entries),
        initial_soc=0.1,
        lowest=0.005,
        highest=0.995,
        largest_step=0.05,
        first_step=1e-3,
        spacing=spacing,
        cycles_every=cycles_every,
        rest_potential=lambda soc: 0.5 - 0.4 * soc,
    )


@pytest.mark.parametrize(
    ("steps", "hours"),
    [
        (["lithiate at C/10 until soc = 0.9"], 8.0),
        (["lithiate at C/10 until soc = 0.9 or for 2 h"], 2.0),
        (["rest 30 min", "lithiate at 1C for 6 min", "delithiate at C/2 until soc = 0.1"], 0.8),
        (["lithiate at C/10 until 300 mV"], 4.0),
        (["lithiate at C/10 until 1 mV"], 8.95),
        (["lithiate at C/10 until 300 mV or soc = 0.3"], 2.0),
        ([{"repeat": 3, "steps": [THERE, "delithiate at C until soc = 0.1"]}], 2.4),
    ],
)  # fmt: skip
def test_time_follows_from_charge_and_rest_potential(steps: list[object], hours: float) -> None:
    found = _estimate(*steps)
    assert found.duration / 3600 == pytest.approx(hours, rel=1e-6)
    assert found.complete
    assert "holds" not in str(found)


def test_a_hold_is_told_as_not_counted() -> None:
    found = _estimate("lithiate at C/10 until 300 mV", "hold at 300 mV until C/50")
    assert not found.complete
    assert "about 4 h without its holds" in str(found)


def test_steps_and_states_are_counted() -> None:
    one = _estimate("lithiate at C/10 until soc = 0.9")
    # 0.001 (1.5^n - 1) / 0.5 up to steps of 0.05, then 0.05 each
    assert one.steps == 10 + 14
    assert one.states == 1 + 9
    assert _estimate("lithiate at C/10 until soc = 0.9", spacing=0.0).states == 1 + one.steps
    cycle = {
        "repeat": 9,
        "steps": ["lithiate at C until soc = 0.5", "delithiate at C until soc = 0.1"],
    }
    every, fifth = _estimate(cycle), _estimate(cycle, cycles_every=5)
    assert (every.cycles, every.steps) == (fifth.cycles, fifth.steps)
    assert every.cycles == 9
    assert fifth.states - 1 == (every.states - 1) * 3 / 9
    assert str(every).startswith("the protocol lasts about 7.2 h for 9 cycles; ")
