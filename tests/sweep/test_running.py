"""Running a sweep: what is run, resumed, kept and refused. Programs stand in for the solver."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anodefem import launch, sweep
from anodefem.errors import InputError
from anodefem.sweep.run import Fate, Sweep

CASE = """
title = "Bare"
[geometry]
plugin = "bare_particle"
[materials]
particle = "silicon-amorphous"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""

# Notes that it ran, and ends as the title of its point says.
SOLVER = """
import json, pathlib, sys, time
folder, title, resume = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "True"
(folder / "ran").open("a").write("resumed " if resume else "fresh ")
print("a word")
if "0.31" in title:
    (folder / "run.json").write_text(json.dumps({"status": "failed", "reason": "diverged"}))
    sys.exit(3)
if "0.32" in title:
    print("no mesh")
    sys.exit(2)
if "0.33" in title and not resume:
    (folder / "run.json").write_text(json.dumps({"status": "running"}))
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "state.npz").write_text("")
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
(folder / "run.json").write_text(json.dumps({"status": "completed"}))
"""


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the solver."""

    def command(job: launch.Job) -> list[str]:
        return [sys.executable, "-c", SOLVER, str(job.folder), job.settings[-1], str(job.resume)]

    monkeypatch.setattr(launch, "command", command)


def _study(folder: Path, *values: str) -> Sweep:
    case = folder / "run.toml"
    case.write_text(CASE)
    plan = sweep.sweep(case, (), ["geometry.refinement=" + ",".join(values)])
    return Sweep(plan=plan, cases=sweep.check(plan), folder=folder / "out")


def _run(study: Sweep, *, at_once: int = 2) -> dict[int, Fate]:
    study.prepare()
    return study.run(study.plan.points, at_once=at_once, ranks=1, tell=lambda point, fate: None)


def _ran(study: Sweep) -> list[str]:
    files = [study.place(point) / "ran" for point in study.plan.points]
    return [file.read_text() if file.exists() else "" for file in files]


def test_every_point_is_run_once(tmp_path: Path, solver: None) -> None:
    study = _study(tmp_path, "0.3", "0.4", "0.5")
    assert {fate.status for fate in _run(study).values()} == {"completed"}
    assert {fate.status for fate in _run(study).values()} == {"completed"}
    assert _ran(study) == ["fresh "] * 3


def test_a_failed_point_stops_nobody(tmp_path: Path, solver: None) -> None:
    study = _study(tmp_path, "0.31", "0.32", "0.4")
    fates = _run(study, at_once=1)
    assert fates[1] == Fate(status="failed", reason="diverged")
    assert fates[2] == Fate(status="failed", reason="no mesh")
    assert fates[3] == Fate(status="completed")
    assert _run(study)[1] == Fate(status="failed", reason="diverged")
    assert _ran(study)[0] == "fresh "  # what failed once fails again


def test_an_interrupted_point_goes_on(tmp_path: Path, solver: None) -> None:
    study = _study(tmp_path, "0.33", "0.4")
    assert _run(study)[1] == Fate(status="interrupted", reason="ended by signal 9")
    assert _run(study)[1] == Fate(status="completed")
    assert _ran(study) == ["fresh resumed ", "fresh "]


def test_a_point_without_a_checkpoint_starts_anew(tmp_path: Path, solver: None) -> None:
    study = _study(tmp_path, "0.4", "0.5")
    study.prepare()
    place = study.place(study.plan.points[0])
    place.mkdir(parents=True)
    (place / "run.json").write_text(json.dumps({"status": "running"}))
    (place / "stale").write_text("")
    assert _run(study)[1] == Fate(status="completed")
    assert _ran(study)[0] == "fresh "
    assert not (place / "stale").exists()


def test_a_point_that_another_process_runs_is_left_alone(tmp_path: Path, solver: None) -> None:
    study = _study(tmp_path, "0.4", "0.5")
    study.prepare()
    taken = study.place(study.plan.points[0]).with_suffix(".lock")
    taken.parent.mkdir()
    with taken.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert _run(study)[1] == Fate(status="elsewhere")
    assert _ran(study) == ["", "fresh "]


@pytest.mark.parametrize("change", ["values", "case"])
def test_the_folder_of_another_sweep_is_refused(tmp_path: Path, solver: None, change: str) -> None:
    _run(_study(tmp_path, "0.4", "0.5"))
    study = _study(tmp_path, "0.4", "0.6" if change == "values" else "0.5")
    if change == "case":
        study.plan.case.write_text(CASE.replace("0.9", "0.8"))
        study = Sweep(plan=study.plan, cases=sweep.check(study.plan), folder=study.folder)
    with pytest.raises(InputError, match="out holds another sweep: its points differ"):
        study.prepare()


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    study = _study(tmp_path, "0.4", "0.5")
    study.folder.mkdir()
    (study.folder / "thesis.tex").write_text("")
    with pytest.raises(InputError, match=r"holds thesis\.tex and no sweep; name another folder"):
        study.prepare()
    study = Sweep(plan=study.plan, cases=study.cases, folder=study.folder / "thesis.tex")
    with pytest.raises(InputError, match="is not a folder"):
        study.prepare()


def test_jobs_run_side_by_side_and_not_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "command", lambda job: ["sleep", "0.4"])
    jobs = [launch.Job(case=tmp_path, folder=tmp_path / str(i)) for i in range(4)]
    began = time.monotonic()
    assert [code for _, code in launch.run(jobs, at_once=2)] == [0] * 4
    assert 0.8 <= time.monotonic() - began < 1.6


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGHUP])
def test_programs_end_when_nobody_waits_for_them(
    order: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "command", lambda job: ["sleep", "60"])
    monkeypatch.setattr(launch, "_PATIENCE", 2.0)
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def note(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **kwargs))  # type: ignore[call-overload]
        if len(started) == 2:
            os.kill(os.getpid(), order)  # of the batch system, or of a terminal that closes
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", note)
    jobs = [launch.Job(case=tmp_path, folder=tmp_path / str(i)) for i in range(2)]
    handler = signal.getsignal(order)
    with pytest.raises(SystemExit):
        list(launch.run(jobs, at_once=2))
    assert [process.returncode for process in started] == [-signal.SIGTERM] * 2
    assert signal.getsignal(order) == handler


def test_a_command_has_all_that_the_run_needs(tmp_path: Path) -> None:
    job = launch.Job(
        case=Path("run.toml"), folder=tmp_path, settings=("a=1", "b=2"), ranks=3, resume=True
    )
    words = launch.command(job)
    assert words[:3] == ["mpirun", "-n", "3"]
    assert words[6:] == [
        "run", "run.toml", "--set", "a=1", "--set", "b=2", "-o", str(tmp_path), "--resume"
    ]  # fmt: skip


@pytest.mark.parametrize(("variable", "told"), [("OMPI_COMM_WORLD_SIZE", "starts ranks itself")])
def test_ranks_are_not_started_by_ranks(
    monkeypatch: pytest.MonkeyPatch, variable: str, told: str
) -> None:
    monkeypatch.setenv(variable, "2")
    with pytest.raises(InputError, match=told):
        launch.require_launcher(1)


def test_ranks_need_mpirun(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", "")
    launch.require_launcher(1)
    with pytest.raises(InputError, match="there is no mpirun here"):
        launch.require_launcher(2)
