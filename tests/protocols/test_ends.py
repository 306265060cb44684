"""Ends of protocol steps: met within what is allowed, never passed."""

from __future__ import annotations

from math import inf

import pytest

from anodefem import protocols
from anodefem.protocols import Loading
from anodefem.solve.ends import ends

LOADING = Loading(charge_per_mass=2000.0 * 3600.0, charge_per_area=None)


def _row(**values: float) -> dict[str, float]:
    heads = {"soc": "soc [-]", "voltage": "voltage [V]", "c_rate": "c_rate [1/h]"}
    row = {"soc": 0.5, "voltage": 0.2, "c_rate": 0.05} | values
    return {heads[name]: value for name, value in row.items()}


def _level(text: str, loading: Loading | None = None, **values: float) -> float:
    found = ends(protocols.parse(text, loading), 0.5)
    return max((end.level(_row(**values)) for end in found), default=-inf)


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
        ("hold at 5 mV until 200 mAh/g", {"soc": 0.5999995}, {}, {"soc": 0.61}),
        ("hold at 1 V until 200 mAh/g", {"soc": 0.4000005}, {}, {"soc": 0.39}),
    ],
)
def test_levels_of_what_can_end_a_step(
    text: str, met: dict[str, float], far: dict[str, float], passed: dict[str, float]
) -> None:
    assert -1.0 <= _level(text, LOADING, **met) <= 0.0
    assert _level(text, LOADING, **far) < -1.0
    assert _level(text, LOADING, **passed) > 0.0


def test_the_first_of_several_ends_counts() -> None:
    text = "lithiate at C/20 until 5 mV or soc = 0.9"
    assert _level(text, voltage=0.1, soc=0.8) < -1.0
    assert _level(text, voltage=0.1, soc=0.91) > 0.0
    assert _level(text, voltage=0.001, soc=0.8) > 0.0


@pytest.mark.parametrize(
    "text", ["rest 1 h", "lithiate at C/20 for 1 h", "lithiate at C/20 until 200 mAh/g"]
)
def test_what_ends_by_time_has_no_level(text: str) -> None:
    assert _level(text, LOADING) == -inf


def test_what_cannot_be_reached_ends_with_a_reason() -> None:
    (_, end) = ends(protocols.parse("hold at 5 mV until soc = 0.9"), 0.5)
    assert end.met(_row(c_rate=9.9e-6))
    assert "its end would not come" in end.reason
    (_, end) = ends(protocols.parse("lithiate at 20 mW/g until soc = 0.9", LOADING), 0.5)
    assert end.met(_row(voltage=0.0))
    assert "no current gives that power" in end.reason


def test_a_step_is_shortened_to_the_band_before_the_end() -> None:
    (end,) = ends(protocols.parse("lithiate at C/20 until 5 mV"), 0.5)
    found = end.termination(lambda head: _row(voltage=0.005005))
    assert 0.0 < found.level() <= found.tolerance
    assert end.termination(lambda head: _row(voltage=0.00499)).level() > found.tolerance
