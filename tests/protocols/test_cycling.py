"""Protocols on a particle: ends are met, and a run that is resumed is the run that was not."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from anodefem import cases
from anodefem.cases import CheckedCase
from anodefem.errors import ConvergenceError
from anodefem.solve.run import run

pytestmark = [pytest.mark.slow, pytest.mark.serial]

CASE = """
title = "Tiny cycling"
[geometry]
plugin = "bare_particle"
particle_radius = "100 nm"
refinement = 0.3
[materials]
particle = "silicon-amorphous"
[protocol]
steps = [
  {formation = 1, steps = ["lithiate at C/5 until 100 mV", "delithiate at C/5 until 0.6 V"]},
  {repeat = 2, steps = [
    "lithiate at 1C until 100 mV or soc = 0.99",
    "hold at 100 mV until C/5",
    "rest 5 min",
    "delithiate at 1500 mW/g until 0.5 V",
    "hold at 0.5 V for 2 min or until C/50",
  ]},
  "lithiate at 2000 mA/g until 400 mAh/g",
  "lithiate at C/2 until soc = 0.3 or for 3 min",
  "delithiate at 2C until 0.5 V or soc = 0.1",
]
[output]
fields_every = 0.0
cycles_every = 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cycling")


def _case(folder: Path, *settings: str) -> CheckedCase:
    path = folder / "run.toml"
    path.write_text(CASE, encoding="utf-8")
    return cases.load(path, settings)


def _rows(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    run(_case(folder), folder / "whole")
    return folder / "whole"


def test_ends_are_met_and_not_passed(whole: Path) -> None:
    steps = _case(whole.parent).protocol.steps
    rows = _rows(whole / "metrics.csv")
    events = json.loads((whole / "run.json").read_text())["events"]
    assert [event["kind"] for event in events] == ["completed"] * len(steps)
    before = rows[0]
    for number, step in enumerate(steps, start=1):
        own = [row for row in rows if row["step [-]"] == number]
        assert {row["cycle [-]"] for row in own} == {step.cycle}
        for row in own:
            left = []  # below -1 before the end, from there to 0 at it
            if step.until_voltage is not None:
                left.append(step.direction * (step.until_voltage - row["voltage [V]"]) / 1e-5)
            if step.until_soc is not None:
                left.append(step.direction * (row["soc [-]"] - step.until_soc) / 1e-6)
            if step.until_rate is not None:
                rate = abs(row["c_rate [1/h]"])
                left.append((step.until_rate - rate) / (1e-4 * step.until_rate))
            if (end := step.lasts()) < np.inf:
                left.append((row["t [s]"] - before["t [s]"] - end) / (1e-9 * end))
            if row is own[-1]:
                assert -1.0 <= max(left) <= 1e-3
            else:
                assert max(left) < -1.0
            if step.voltage is not None:
                assert row["voltage [V]"] == pytest.approx(step.voltage, abs=1e-12)
            if step.power:
                power = row["voltage [V]"] * abs(row["c_rate [1/h]"])
                assert power == pytest.approx(step.power, rel=1e-9)
        before = own[-1]


def test_cycles_are_summed_up(whole: Path) -> None:
    rows, cycles = _rows(whole / "metrics.csv"), _rows(whole / "cycles.csv")
    assert [cycle["cycle [-]"] for cycle in cycles] == [1.0, 2.0, 3.0, 4.0]
    assert [cycle["formation [-]"] for cycle in cycles] == [1.0, 0.0, 0.0, 0.0]
    charge = np.array([row["charge_passed [mAh/g]"] for row in rows])
    number = np.array([row["cycle [-]"] for row in rows])
    for cycle in cycles:
        steps = np.diff(charge)[number[1:] == cycle["cycle [-]"]]
        assert cycle["lithiated [mAh/g]"] == pytest.approx(steps[steps > 0].sum(), rel=1e-12)
        assert cycle["delithiated [mAh/g]"] == pytest.approx(-steps[steps < 0].sum(), rel=1e-12)
    second = cycles[1]
    ratio = second["delithiated [mAh/g]"] / second["lithiated [mAh/g]"]
    assert second["coulombic_efficiency [-]"] == pytest.approx(ratio, rel=1e-12)
    assert second["retention [-]"] == 1.0
    # nothing is lost, and cycles alike are alike
    assert cycles[2]["retention [-]"] == pytest.approx(1.0, abs=1e-3)
    assert cycles[2]["coulombic_efficiency [-]"] == pytest.approx(1.0, abs=1e-3)
    assert second["mean_voltage_lithiation [V]"] < second["mean_voltage_delithiation [V]"]
    assert second["energy_efficiency [-]"] < 1.0


def test_fields_are_written_in_the_cycles_that_are_asked_for(whole: Path) -> None:
    rows = _rows(whole / "metrics.csv")
    wanted = [row["t [s]"] for row in rows if row["cycle [-]"] in (0, 1, 3, 4)]
    text = (whole / "fields.pvd").read_text()
    assert text.count("<DataSet") == len(wanted)


@pytest.mark.parametrize("share", [0.42, pytest.param(0.5, marks=pytest.mark.thorough)])
def test_a_run_that_is_resumed_is_the_same(whole: Path, share: float) -> None:
    rows = _rows(whole / "metrics.csv")
    # 0.42: in the middle of a hold; 0.5: anywhere
    held = [i for i, row in enumerate(rows) if row["step [-]"] == 4]
    stop = held[len(held) // 2] if share < 0.5 else len(rows) // 2
    folder = whole.parent / f"resumed-{stop}"
    with pytest.raises(ConvergenceError, match="gave up after"):
        run(_case(whole.parent, f"solver.max_steps={stop}"), folder)
    assert len(_rows(folder / "metrics.csv")) == stop + 1
    run(_case(whole.parent), folder, resume=True)
    again = _rows(folder / "metrics.csv")
    assert len(again) == len(rows)
    for name in rows[0]:
        wanted, found = (np.array([row[name] for row in each]) for each in (rows, again))
        size = max(float(np.abs(wanted).max()), 1e-3)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-11 * size, err_msg=name)
    former, latter = (_rows(each / "cycles.csv") for each in (whole, folder))
    assert [
        {k: pytest.approx(v, rel=1e-9, nan_ok=True) for k, v in row.items()} for row in former
    ] == latter
