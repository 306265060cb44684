"""A coat that cracks: on any number of ranks, in one go or in two, and after a refused step."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.checksums import sealed  # noqa: E402
from anodefem.errors import ConvergenceError, InputError  # noqa: E402
from anodefem.solve.clock import Clock, Rejection  # noqa: E402
from anodefem.solve.newton import Outcome  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.solve.stepping import Stepper  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

TEXT = """
title = "A coat that cracks"

[geometry]
plugin = "binder_particle"
kinematics = "axisymmetric"
particle_radius = "1 um"
coat_thickness = "200 nm"
refinement = 0.7

[materials]
particle = { card = "silicon-amorphous", transport = "uniform" }
coat = "al2o3"

[fracture]
regions = "coat"
length = "180 nm"
toughness = { coat = "5 J/m^2" }
scatter = 0.1

[interfaces.coat]
between = ["particle", "coat"]
law = "bonded"

[protocol]
initial_soc = 0.006
steps = ["lithiate at C/10 until soc = 0.0135"]

[solver]
linear = "direct"
max_soc_step = 0.0015
step_tolerance = 0.1

[output]
fields_every = 0.001
"""


def assert_alike(one: Result, other: Result, *, tolerance: float) -> None:
    """Compare every metric, relative to its largest value."""
    assert list(one.metrics) == list(other.metrics)
    for name, values in one.metrics.items():
        if name in ("lithium_balance_error", "newton_iterations"):
            continue
        # the error of a balance is already relative
        scale = 1.0 if name.endswith("_error") else max(float(np.abs(values).max()), 1e-12)
        assert np.abs(other[name] - values).max() <= tolerance * scale, name


@pytest.mark.slow
def test_a_crack_depends_neither_on_ranks_nor_on_a_stop(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
        # sweeps say how the case is solved, so they may change when it goes on
        with pytest.raises(ConvergenceError, match="after 6 steps"):
            run(load(path, ["solver.max_steps=6", "fracture.sweeps=400"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    stopped = Result.read(parts)
    assert 0.2 < stopped["crack_max"][-1] <= 1.0
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    assert whole["crack_max"][-1] > 0.99
    assert whole["crack_area_coat"][-1] > stopped["crack_area_coat"][-1]
    assert (np.diff(whole["crack_area_coat"]) >= 0.0).all()
    # the energy balance closes through the jump, and cracks set energy free
    assert np.abs(whole["energy_balance_error"]).max() < 0.02
    assert (np.diff(whole["crack_release"]) >= 0.0).all() and whole["crack_release"][-1] > 0.0
    assert (whole["fragments"] == 1.0).all() and (whole["isolated_volume"] == 0.0).all()
    pieces = whole["fragments_coat"]
    assert pieces[0] == 1.0 and (np.diff(pieces) >= 0.0).all() and pieces[-1] > 1.0
    told = [event for event in whole.record["events"] if event["kind"] == "cracked"]
    first = whole["soc"][np.argmax(whole["crack_max"] >= 0.95)]
    assert [event["message"] for event in told] == [f"the first crack opened by soc = {first:.4f}"]
    if COMM.size > 1:
        # the step in which a crack runs magnifies round-off: 3e-8 in the length of a step
        assert_alike(whole, Result.read(together), tolerance=1e-6)
    # on one rank a resumed run repeats the same arithmetic
    assert_alike(whole, Result.read(parts), tolerance=1e-8 if COMM.size == 1 else 1e-6)
    with pytest.raises(InputError, match=r"another case: \[fracture\] differs"):
        _stop_again(parts)
        run(load(path, ["fracture.scatter=0.2"]), parts, COMM, resume=True)


YIELDING = [
    "materials.coat=pvdf",
    "protocol.initial_soc=0.02",
    'protocol.steps=["lithiate at C/10 until soc = 0.08"]',
    "solver.max_soc_step=0.01",
    "fracture.toughness.coat=0.2 J/m^2",
    "fracture.scatter=0",
    "fracture.plastic_share=0.5",
]


def test_plastic_work_that_drives_a_crack_outlives_a_stop(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, parts = shared_tmp_path / "alone", shared_tmp_path / "parts"
    if COMM.rank == 0:
        run(load(path, YIELDING), alone, MPI.COMM_SELF)
        with pytest.raises(ConvergenceError, match="after 8 steps"):
            run(load(path, [*YIELDING, "solver.max_steps=8"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    stopped = Result.read(parts)
    assert stopped["crack_max"][-1] > 0.1
    run(load(path, YIELDING), parts, COMM, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    assert whole["crack_max"][-1] > stopped["crack_max"][-1] + 0.05
    assert_alike(whole, Result.read(parts), tolerance=1e-8)


def _stop_again(folder: Path) -> None:
    """Let a completed run look like one that failed."""
    record = folder / "run.json"
    if COMM.rank == 0:
        content = json.loads(record.read_text()) | {"status": "failed"}
        record.write_text(json.dumps(sealed(content)))
    COMM.Barrier()


def test_a_refused_step_gives_the_crack_back(
    shared_tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cracks: dict[int, list[np.ndarray]] = {}
    refused: list[np.ndarray] = []
    steps = [0]
    predict, fault = Stepper._predict, Stepper._fault

    def begin(self: Stepper, clock: Clock, dt: float) -> None:
        state = self.model.state
        np.testing.assert_array_equal(state["crack"].x.array, state.start("crack").x.array)
        cracks.setdefault(clock.steps, []).append(state["crack"].x.array.copy())
        steps[0] = clock.steps
        predict(self, clock, dt)

    def refuse(self: Stepper, outcome: Outcome, change: float) -> Rejection | None:
        crack = self.model.state["crack"]
        if steps[0] == 5 and not refused:
            refused.append(crack.x.array.copy())
            return Rejection("state", "refused by the test")
        return fault(self, outcome, change)

    monkeypatch.setattr(Stepper, "_predict", begin)
    monkeypatch.setattr(Stepper, "_fault", refuse)
    path = case_file(shared_tmp_path, TEXT, COMM)
    with pytest.raises(ConvergenceError, match="after 6 steps"):
        run(load(path, ["solver.max_steps=6"]), shared_tmp_path / "out", COMM)
    first, again = cracks[5]
    np.testing.assert_array_equal(first, again)
    grown = COMM.allreduce(float(np.abs(refused[0] - first).max(initial=0.0)), op=MPI.MAX)
    assert grown > 0.01


@pytest.mark.parametrize("finer", [False, True])
def test_a_length_below_the_mesh_is_refused_before_the_first_step(
    shared_tmp_path: Path, finer: bool
) -> None:
    path, output = case_file(shared_tmp_path, TEXT, COMM), shared_tmp_path / "out"
    length = "40 nm" if finer else "1 nm"
    with pytest.raises(InputError, match="needs a length of at least 2 cells") as caught:
        run(load(path, [f"fracture.length={length}"]), output, COMM)
    assert caught.value.exit_code == 2
    assert not (output / "run.json").exists()
