"""A run that was stopped goes on where its checkpoint left it, on any number of ranks."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pandas as pd
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.errors import AlreadyCompleted, ConvergenceError, InputError  # noqa: E402
from anodefem.fem import checkpoint  # noqa: E402
from anodefem.fem.domain import Domain  # noqa: E402
from anodefem.files import DiskError  # noqa: E402
from anodefem.meshing import mesh_choice  # noqa: E402
from anodefem.results.record import Record  # noqa: E402
from anodefem.solve import reporter  # noqa: E402
from anodefem.solve.build import build  # noqa: E402
from anodefem.solve.control import TimeLoop  # noqa: E402
from anodefem.solve.run import run  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "runs" / "graphene-cage" / "run.toml"
COARSE = [
    "geometry.refinement=0.4",
    'materials.particle="silicon-bower-guduru"',
    'protocol.steps=["lithiate at 1C until soc = 0.08", "delithiate at 1C until soc = 0.05"]',
    "output.fields_every=0.01",
    "solver.initial_step=0.004",
    "solver.max_soc_step=0.004",  # so that an odd Newton iteration cannot change a step
    "solver.step_tolerance=0.002",  # needs the rates and the lengths of the steps before
]

COATED = ROOT / "runs" / "binder-pr-paa" / "run.toml"
#: A coat with two branches, whose bonds break from the first steps on.
SOFT = [
    *COARSE,
    "materials.coat=shp",
    "materials.coat.healing.energy=500 J/m^3",
    "solver.step_tolerance=0.1",
]

pytestmark = [pytest.mark.mpi]


def stopped(folder: Path, case: Path, settings: list[str]) -> tuple[Path, Path]:
    """A run in one go on one rank, and the same run stopped after eight steps."""
    whole, parts = folder / "whole", folder / "parts"
    if MPI.COMM_WORLD.rank == 0:
        run(load(case, settings), whole, MPI.COMM_SELF)
        with pytest.raises(ConvergenceError, match="after 8 steps"):
            run(load(case, [*settings, "solver.max_steps=8"]), parts, MPI.COMM_SELF)
    MPI.COMM_WORLD.Barrier()
    return whole, parts


@pytest.fixture
def runs(shared_tmp_path: Path) -> tuple[Path, Path]:
    """A particle in a cage, in one go and stopped."""
    return stopped(shared_tmp_path, CASE, COARSE)


@pytest.mark.parametrize(("case", "settings"), [(CASE, COARSE), (COATED, SOFT)])
def test_a_resumed_run_equals_one_in_one_go(
    shared_tmp_path: Path, case: Path, settings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if case == COATED:  # a checkpoint of every step: it goes on from the very last one
        monkeypatch.setattr(reporter, "CHECKPOINT_AGE", 0.0)
    monkeypatch.setattr(checkpoint, "SLICE", 100)  # a table is read in several slices
    runs = stopped(shared_tmp_path, case, settings)
    parts = runs[1]
    run(load(case, settings), parts, resume=True)
    tables = [pd.read_csv(folder / "metrics.csv") for folder in runs]
    if case == COATED:
        assert 0.01 < tables[0]["damage_max_coat [-]"][8] < 0.99
        assert tables[0]["viscous_work [J/m^3]"].is_monotonic_increasing
    # 1e-8 of each column's largest value; strains and pressures start at zero
    scale = tables[0].abs().max()
    balance = scale.index == "lithium_balance_error [-]"
    difference = ((tables[0] - tables[1]).abs().max() / scale.where(scale > 0, 1.0))[~balance]
    assert len(tables[0]) == len(tables[1])
    assert difference.max() < 1e-8, difference.idxmax()
    records = [json.loads((folder / "run.json").read_text()) for folder in runs]
    assert records[1]["status"] == "completed"
    assert records[1]["steps"] == records[0]["steps"]
    messages = [[event["message"] for event in record["events"]] for record in records]
    assert messages[0] == messages[1]
    if case == COATED:
        assert records[1]["resumed"][0]["after_step"] == 8
    assert records[1]["resumed"][0]["ranks"] == MPI.COMM_WORLD.size
    listed = [(folder / "fields.pvd").read_text().count("<DataSet") for folder in runs]
    assert listed[0] == listed[1] == len(list((parts / "fields").glob("*.vtu")))


def test_only_the_same_unfinished_case_is_resumed(runs: tuple[Path, Path]) -> None:
    whole, parts = runs
    other = load(CASE, [*COARSE, 'sei.thickness="10 nm"'])
    with pytest.raises(InputError, match=r"another case: \[sei\] differs"):
        run(other, parts, resume=True)
    with pytest.raises(AlreadyCompleted, match="nothing to resume") as done:
        run(load(CASE, COARSE), whole, resume=True)
    assert done.value.exit_code == 0  # a job that a scheduler starts once more has not failed
    with pytest.raises(InputError, match=r"another case: \[sei\] differs"):
        run(other, whole, resume=True)
    with pytest.raises(InputError, match="holds no run to resume"):
        run(load(CASE, COARSE), whole.parent / "absent", resume=True)


def test_an_unexpected_error_is_noted_without_waiting_for_other_ranks(
    shared_tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(TimeLoop, "run", fail)
    monkeypatch.setattr(Record, "finish", fail)  # collective: must not be called
    if MPI.COMM_WORLD.rank == 0:
        with pytest.raises(RuntimeError, match="a bug"):
            run(load(CASE, COARSE), shared_tmp_path / "broken", MPI.COMM_SELF)
        record = json.loads((shared_tmp_path / "broken" / "run.json").read_text())
        assert (record["status"], "a bug" in record["reason"]) == ("failed", True)
    MPI.COMM_WORLD.Barrier()


def test_every_rank_hears_that_there_is_no_room(
    shared_tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranks that send what rank 0 cannot write do not wait; with room all goes on."""
    monkeypatch.setattr(checkpoint, "SLICE", 100)
    case = load(CASE, COARSE)
    if MPI.COMM_WORLD.rank == 0:
        mesh_choice(case.geometry, shared_tmp_path / "mesh")
    MPI.COMM_WORLD.Barrier()
    domain = Domain.read(shared_tmp_path / "mesh", MPI.COMM_WORLD)
    model, _ = build(case, domain)
    kept = checkpoint.Checkpoint(domain, model.state, shared_tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(DiskError, match="make room"):
            kept.save({})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list((shared_tmp_path / "checkpoint").iterdir())
    MPI.COMM_WORLD.Barrier()
    kept.save({"clock": 1.0})
    assert kept.load() == {"clock": 1.0}
