"""Ends of protocol steps: met within what is allowed, never passed."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log

import numpy as np
import pytest

from anodefem import protocols
from anodefem.solve.ends import TRIES, Ends, Search


def _found(level: Callable[[float], float], dt: float) -> tuple[float, int]:
    """Length of the step that is accepted, and how many were tried."""
    search, tries = Search(level(0.0)), 1
    while (shorter := search.judge(dt, level(dt))) is not None:
        assert 0.0 < shorter
        dt, tries = shorter, tries + 1
        assert tries < 3 * TRIES
    return dt, tries


@pytest.mark.parametrize("scale", [1e2, 1e5, 1e8])
@pytest.mark.parametrize(
    "shape",
    [
        lambda t: t - 0.37,
        lambda t: t**3 - 0.37**3,
        lambda t: exp(8 * t) - exp(8 * 0.37),
        lambda t: log((t + 1e-3) / 0.371),
        lambda t: min(t - 0.37, 1e-3),
        lambda t: max(t - 0.37, -1e-3),
        lambda t: np.sqrt(t) - np.sqrt(0.37),
    ],
)
def test_a_level_is_met_and_not_passed(shape: Callable[[float], float], scale: float) -> None:
    dt, tries = _found(lambda t: scale * shape(t), 1.0)
    assert -1.0 <= scale * shape(dt) <= 0.0
    assert tries <= TRIES


def test_a_step_before_the_end_is_left_alone() -> None:
    assert Search(-1e5).judge(3.0, -1e3) is None
    assert Search(-1e5).judge(3.0, -inf) is None


def test_a_level_that_jumps_is_not_passed_either() -> None:
    level = lambda t: -1e4 if t < 0.37 else 1e4  # noqa: E731
    dt, _ = _found(level, 1.0)
    assert level(dt) < 0.0
    assert dt == pytest.approx(0.37, rel=0.05)


def _row(**values: float) -> dict[str, float]:
    heads = {"soc": "-", "voltage": "V", "c_rate": "1/h", "charge_passed": "mAh/g"}
    heads["specific_capacity"] = "mAh/g"
    row = {"soc": 0.5, "voltage": 0.2, "c_rate": 0.05, "charge_passed": 100.0}
    row["specific_capacity"] = 1000.0
    return {f"{name} [{heads[name]}]": value for name, value in (row | values).items()}


@pytest.mark.parametrize(
    ("text", "met", "far", "passed"),
    [
        ("lithiate at C/20 until 5 mV", {"voltage": 0.005005}, {"voltage": 0.2}, {"voltage": 0.0}),
        ("delithiate at C/20 until 1 V", {"voltage": 0.999995}, {}, {"voltage": 1.1}),
        ("lithiate at C/20 until soc = 0.9", {"soc": 0.8999995}, {}, {"soc": 0.91}),
        ("delithiate at C/20 until soc = 0.1", {"soc": 0.1000005}, {}, {"soc": 0.09}),
        ("hold at 5 mV until C/50", {"c_rate": 0.020001}, {"c_rate": 0.05}, {"c_rate": 0.019}),
        ("hold at 1 V until C/50", {"c_rate": -0.020001}, {"c_rate": -0.05}, {"c_rate": -0.019}),
        ("hold at 5 mV until soc = 0.9", {"soc": 0.8999995}, {}, {"soc": 0.91}),
        ("hold at 1 V until soc = 0.1", {"soc": 0.1000005}, {}, {"soc": 0.09}),
        (
            "hold at 5 mV until 200 mAh/g",
            {"charge_passed": 299.9999, "specific_capacity": 1199.9999, "soc": 0.59999995},
            {},
            {"charge_passed": 301.0, "specific_capacity": 1201.0, "soc": 0.6005},
        ),
    ],
)
def test_levels_of_what_can_end_a_step(
    text: str, met: dict[str, float], far: dict[str, float], passed: dict[str, float]
) -> None:
    loading = protocols.Loading(charge_per_mass=2000.0 * 3600.0, charge_per_area=None)
    ends = Ends(protocols.parse(text, loading), _row())
    assert ends.met(_row(**met))
    assert ends.level(_row(**met)) <= 0.0
    assert not ends.met(_row(**far))
    assert ends.level(_row(**passed)) > 0.0
    assert ends.reason(_row(**met)) == ""


def test_the_first_of_several_ends_counts() -> None:
    ends = Ends(protocols.parse("lithiate at C/20 until 5 mV or soc = 0.9"), _row())
    assert ends.level(_row(voltage=0.1, soc=0.8)) < -1.0
    assert ends.level(_row(voltage=0.1, soc=0.91)) > 0.0
    assert ends.level(_row(voltage=0.001, soc=0.8)) > 0.0


def test_a_step_by_time_alone_has_no_level() -> None:
    assert Ends(protocols.parse("lithiate at C/20 for 1 h"), _row()).level(_row()) == -inf
    assert not Ends(protocols.parse("rest 1 h"), _row()).met(_row())


def test_what_cannot_be_reached_ends_with_a_reason() -> None:
    ends = Ends(protocols.parse("hold at 5 mV until soc = 0.9"), _row())
    assert "its end will not come" in ends.reason(_row(c_rate=9e-6))
    loading = protocols.Loading(charge_per_mass=2000.0 * 3600.0, charge_per_area=None)
    ends = Ends(protocols.parse("lithiate at 20 mW/g until soc = 0.9", loading), _row())
    assert "no current gives the power" in ends.reason(_row(voltage=0.0))
