"""Many cycles: nothing drifts where nothing is lost, and what is lost is accounted for."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from anodefem import cards, cases
from anodefem.solve.run import run

pytestmark = [pytest.mark.thorough, pytest.mark.serial]

CYCLES = 100
CASE = f"""
title = "Many cycles"
[geometry]
plugin = "bare_particle"
particle_radius = "100 nm"
refinement = 0.2
[materials]
particle = "silicon-amorphous"
[solver]
initial_step = 0.01
max_soc_step = 0.1
max_concentration_step = 0.1
step_tolerance = 0.01
[output]
fields_every = 1.0
cycles_every = {CYCLES}
[protocol]
"""
HALF = '"lithiate at 1C until 0.1 V", "hold at 0.1 V until C/5", "delithiate at 1C until 0.5 V"'
FULL = '"charge at 1C until 3.9 V", "hold at 3.9 V until C/5", "discharge at 1C until 3.0 V"'
MORE = """
[sei]
recipe = "soluble.toml"
grow = true
slide = true
[cathode]
card = "nmc811"
np_ratio = 1.25
"""
#: It dissolves; as it thickens beyond 10 nm its bond yields before it does.
MORE_OF_THE_RECIPE = """
[shear_strength]
value = 5.0
unit = "MPa"
tag = "assumed"
source = "a test"

[fragment_length]
value = 0.36
unit = "um"
tag = "assumed"
source = "a test"

[growth.dissolution]
value = 1e-13
unit = "m/s"
tag = "assumed"
source = "a test"
"""


def _run(folder: Path, steps: str, more: str = "") -> Path:
    path = folder / "run.toml"
    protocol = f"steps = [{{repeat = {CYCLES}, steps = [{steps}]}}]\n"
    path.write_text(CASE + protocol + more, encoding="utf-8")
    run(cases.load(path), folder / "out")
    return folder / "out"


def _columns(path: Path) -> dict[str, np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def test_without_growth_the_last_cycle_is_the_second(tmp_path: Path) -> None:
    cycles = _columns(_run(tmp_path, HALF) / "cycles.csv")
    for name in ("delithiated [mAh/g]", "mean_voltage_delithiation [V]"):
        values = cycles[name]
        assert len(values) == CYCLES
        assert values[2:] == pytest.approx(values[1], rel=1e-6), name
    assert cycles["coulombic_efficiency [-]"][2:] == pytest.approx(1.0, abs=1e-6)


def test_growth_gaps_sliding_and_dissolution_leave_the_inventory_closed(tmp_path: Path) -> None:
    text = cards.paths("sei")["ec-dmc"].read_text(encoding="utf-8")
    (tmp_path / "soluble.toml").write_text(text + MORE_OF_THE_RECIPE, encoding="utf-8")
    out = _run(tmp_path, FULL, MORE)
    rows, cycles = _columns(out / "metrics.csv"), _columns(out / "cycles.csv")
    for name in ("inventory_error [-]", "charge_balance_error [-]", "sei_balance_error [-]"):
        assert np.abs(rows[name]).max() < 1e-10, name
    # the SEI broke, slid and grew in its gaps, something has dissolved, and every cycle has less
    assert rows["sei_strain_max [-]"].max() > cards.sei("ec-dmc").fracture_strain
    assert rows["sei_slid_area [um^2]"][-1] > 0.0
    assert rows["sei_dissolved [C/m^2]"][-1] > 0.0
    assert np.all(np.diff(cycles["cyclable_lithium [-]"]) < 0.0)
    assert np.all(np.diff(cycles["delithiated [mAh/g]"][1:]) < 0.0)
