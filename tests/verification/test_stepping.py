"""Steps that are taken back, surfaces that fill, and runs that cannot go on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest

from anodefem import cards, protocols
from anodefem.errors import ConvergenceError
from anodefem.model.regions import Region
from anodefem.solve.clock import StepLimits, bdf_weight
from anodefem.solve.control import TimeLoop
from anodefem.verify.runs import Result, case_file, run_case
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Simulation

pytestmark = pytest.mark.serial

CASE = """
title = "Particle charged too fast"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.4

[materials]
particle = "silicon-amorphous"

[protocol]
steps = {steps}

[output]
fields_every = 1.0
"""


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 1.5, 2.0])
def test_the_second_order_formula_is_exact_for_parabolas(ratio: float) -> None:
    """x(t) = a + b t + c t^2 after two steps of lengths 1 and ``ratio``."""
    t = np.array([0.0, 1.0, 1.0 + ratio])
    x, slope = 0.3 - 0.7 * t + 0.2 * t**2, -0.7 + 0.4 * t
    share = bdf_weight(ratio)
    gain = ratio * ((1 - share) * (x[1] - x[0]) + share * slope[2])
    assert gain == pytest.approx(x[2] - x[1], rel=1e-13)


def test_every_protocol_step_starts_with_backward_euler(tmp_path: Path) -> None:
    numbers = Numbers(read(ball(Layer("core", 1.0, 6), sectors=4), tmp_path))
    law = solid(numbers, "core", young=60e3, poisson=0.22)
    simulation = Simulation(numbers, [Region("core", law, diffusing_species(numbers, 1e-3))])
    limits = StepLimits(soc=0.01, fraction=0.05, initial=0.002, smallest=1e-6, count=200)
    shares: dict[int, list[float]] = {}
    balance: list[float] = []

    def note(row: dict[str, float], end: bool) -> None:
        share = float(simulation.state.bdf_weight.value)
        shares.setdefault(int(row["step [-]"]), []).append(share)
        balance.append(abs(row["lithium_balance_error [-]"]))

    loop = TimeLoop(
        simulation.updates,
        simulation.newton,
        simulation.metrics(),
        limits,
        note,
    )
    loop.initialise(0.3)
    steps = ("lithiate at 1C until soc = 0.33", "rest 1 min", "delithiate at 3C until soc = 0.31")
    loop.run([protocols.parse(text) for text in steps])
    assert list(shares) == [0, 1, 2, 3]
    for number in (1, 2, 3):
        first, *others = shares[number]
        assert first == 1.0
        assert len(others) > 3
        assert all(0.6 < share < 0.8 for share in others)
    assert max(balance) < 1e-12


def test_hosts_are_filled_evenly_where_the_fill_causes_stress(tmp_path: Path) -> None:
    """A stiff core holds the host around it, which flows: most where it touches the core."""
    body = ball(Layer("core", 0.5, 2), Layer("host", 1.0, 5), sectors=4)
    numbers = Numbers(read(body, tmp_path))
    core = solid(numbers, "core", young=500e3, poisson=0.22)
    host = solid(numbers, "host", young=60e3, poisson=0.22, full=3.75, yield_stress=500.0)
    species = diffusing_species(numbers, 1e-2)
    simulation = Simulation(numbers, [Region("core", core, None), Region("host", host, species)])
    limits = StepLimits(soc=0.01, fraction=0.05, initial=0.002, smallest=1e-6, count=200)
    rows: list[dict[str, float]] = []
    loop = TimeLoop(
        simulation.updates,
        simulation.newton,
        simulation.metrics(),
        limits,
        lambda row, end: rows.append(row),
    )
    loop.initialise(0.05)
    assert simulation.state["alpha"].x.array.max() > 0.01
    assert rows[0]["lithium_fraction_min [-]"] == pytest.approx(0.05, abs=1e-9)
    assert rows[0]["lithium_fraction_max [-]"] == pytest.approx(0.05, abs=1e-9)
    # what was even then diffuses at once
    loop.run([protocols.parse("rest 1 min")])
    assert rows[-1]["lithium_fraction_max [-]"] - rows[-1]["lithium_fraction_min [-]"] > 1e-5


@pytest.mark.parametrize("error", [inf, 1e-2])
def test_a_step_taken_back_leaves_no_trace(tmp_path: Path, error: float) -> None:
    body = ball(Layer("core", 1.0, 6), sectors=4)
    numbers = Numbers(read(body, tmp_path))
    law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.75, yield_stress=200.0)
    species = diffusing_species(numbers, 1e-4)
    simulation = Simulation(numbers, [Region("core", law, species)])
    limits = StepLimits(
        soc=0.05, fraction=0.05, initial=0.05, smallest=0.01, count=100, error=error
    )
    rows: list[dict[str, float]] = []
    loop = TimeLoop(
        simulation.updates,
        simulation.newton,
        simulation.metrics(),
        limits,
        lambda row, end: rows.append(row),
    )
    loop.initialise(0.3)
    loop.run([protocols.parse("lithiate at 1C until soc = 0.31")])
    assert simulation.state["alpha"].x.array.max() > 0.0
    before, clock = simulation.state.snapshot(), (loop.clock.t, loop.clock.soc, loop.clock.steps)
    # a step of 0.01 would fill the surface too far
    fast = replace(protocols.parse("lithiate at 1C until soc = 0.5"), c_rate=1e6)
    with pytest.raises(ConvergenceError, match="step fell below"):
        loop.run([fast, fast])
    assert loop.clock.rejected > 1
    assert (loop.clock.t, loop.clock.soc, loop.clock.steps) == clock
    after = simulation.state.snapshot()
    assert list(after) == list(before)
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values, err_msg=name)
    assert float(simulation.state.soc.value) == clock[1]


def test_a_full_surface_ends_the_step_and_not_the_run(tmp_path: Path) -> None:
    steps = ["lithiate at 4C until soc = 0.9", "rest 2 min", "delithiate at 4C until soc = 0.05"]
    result = run_case(tmp_path, CASE.format(steps=steps))
    assert result.record["status"] == "completed"
    kinds = [event["kind"] for event in result.record["events"]]
    assert kinds == ["saturated", "completed", "depleted"]
    assert "charge slower" in result.record["events"][0]["message"]
    assert 0.1 < result["soc"].max() < 0.9
    assert result["lithium_fraction_max"].max() <= 1.001
    assert result["lithium_fraction_min"].min() >= -1e-3
    assert list(np.unique(result["step"])) == [0, 1, 2, 3]


def test_a_run_that_cannot_go_on_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = case_file(tmp_path, CASE.format(steps=["lithiate at 1C until soc = 0.5"]))
    command = [sys.executable, "-m", "anodefem", "run", str(path), "-o", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--set", "solver.max_steps=3"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "gave up after 3 steps" in done.stderr
    assert "Traceback" not in done.stderr
    result = Result.read(tmp_path / "out")
    assert result.record["status"] == "failed"
    assert "gave up after 3 steps" in result.record["reason"]
    assert result.record["steps"] == 3
    assert len(result["t"]) == 4


TWO_PHASES = """
title = "Two-phase particle"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
particle_radius = "100 nm"
refinement = 0.4

[materials]
particle = "two-phase.toml"

[protocol]
initial_soc = 0.03
steps = ["lithiate at 1C until soc = 0.04"]
"""


@pytest.mark.parametrize(("gradient", "resolved"), [(2e-6, True), (2e-9, False)])
def test_an_interface_narrower_than_four_cells_is_told(
    tmp_path: Path, gradient: float, resolved: bool
) -> None:
    shipped = (
        Path(cards.__file__).parents[1] / "parameters" / "materials" / "silicon-amorphous.toml"
    )
    text, start, end = shipped.read_text(), "[storage.ocv]", "[properties.toughness]"
    head, tail = text[: text.index(start)], text[text.index(end) :]
    told = 'tag = "assumed"\nsource = "a test"\n'
    ocv = f'{start}\nform = "regular-solution"\nreference = 0.1\nchi = 3.0\nunit = "V"\n{told}'
    kappa = f'[storage.gradient_energy]\nvalue = {gradient}\nunit = "J/m"\n{told}'
    (tmp_path / "two-phase.toml").write_text(f"{head}{ocv}\n{kappa}\n{tail}")
    result = run_case(tmp_path, TWO_PHASES)
    warnings = result.record["warnings"]
    log = (result.folder / "log.txt").read_text()
    if resolved:
        assert warnings == []
        assert "warning" not in log
        return
    assert len(warnings) == 1
    assert "region 'particle': the interface between its phases (chi = 3)" in warnings[0]
    # 1.7887 sqrt(2e-9 J/m / (R T c_max))
    assert "is 0.00288" in warnings[0]
    assert f"warning: {warnings[0]}" in log
