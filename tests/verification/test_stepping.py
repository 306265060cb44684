"""Steps that are taken back, surfaces that fill, and runs that cannot go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from anodefem import protocols
from anodefem.errors import ConvergenceError
from anodefem.model.regions import Region
from anodefem.solve.stepping import StepLimits, TimeLoop
from anodefem.verify.bodies import Layer, ball, read
from anodefem.verify.simulation import Numbers, Simulation, diffusing_guest, solid
from anodefem.verify.runs import Result, case_file, run_case

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


def test_a_step_taken_back_leaves_no_trace(tmp_path: Path) -> None:
    body = ball(Layer("core", 1.0, 6), sectors=4)
    numbers = Numbers(read(body, tmp_path))
    law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.75, yield_stress=200.0)
    guest = diffusing_guest(numbers, 1e-4)
    simulation = Simulation(numbers, [Region("core", law, guest)])
    limits = StepLimits(
        soc=0.05, fraction=0.05, initial=0.05, smallest=0.01, full=0.995, empty=0.005, count=100
    )
    rows: list[dict[str, float]] = []
    loop = TimeLoop(
        simulation.problem,
        simulation.updates,
        simulation.newton,
        simulation.metrics(),
        limits,
        lambda row, end: rows.append(row),
    )
    loop.initialise(0.3, 0.0)
    loop.run([protocols.parse("lithiate at 1C until soc = 0.31")])
    assert simulation.state.alpha.x.array.max() > 0.0
    before, clock = simulation.state.snapshot(), (loop.clock.t, loop.clock.soc, loop.clock.steps)
    # a step of 0.01 would fill the surface too far
    fast = protocols.parse("lithiate at 1000000C until soc = 0.5")
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
