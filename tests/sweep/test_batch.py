"""Several cases in one go. Programs stand in for the solver and for the comparison."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from anodefem import batch, growing, launch
from anodefem.errors import ConvergenceError, InputError
from tests.sweep.test_running import CASE

#: Goes half of its way, waits, and ends as the name of its folder says.
SOLVER = """
import json, pathlib, sys, time
folder, case = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
(folder / "ran").open("a").write("x")
(folder / "metrics.csv").write_text("t [s],soc [-]\\n0,0.02\\n1,0.46\\n")
time.sleep({"slow": 1.5, "slower": 4.0}.get(folder.name, 0.0))
print("what it said last")
if folder.name == "lost":
    sys.exit(3)
record = {"status": "completed", "case": case, "wall_time_s": 2.0}
(folder / "run.json").write_text(json.dumps(record))
"""


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], bool]]:
    """Replace solver and comparison; returns what would be compared."""
    made: list[tuple[list[str], bool]] = []

    def command(job: launch.Job) -> list[str]:
        (task,) = batch.plan([job.case], job.folder.parent, {})
        return [sys.executable, "-c", SOLVER, str(job.folder), json.dumps(task.resolved)]

    def make(self: object, runs: Sequence[Path]) -> None:
        made.append(([run.name for run in runs], False))

    def complete(self: object, runs: Sequence[Path]) -> None:
        made.append(([run.name for run in runs], True))

    monkeypatch.setattr(launch, "command", command)
    monkeypatch.setattr(batch.GrowingPage, "make", make)
    monkeypatch.setattr(batch.GrowingPage, "complete", complete)
    return made


def _cases(folder: Path, *names: str) -> list[Path]:
    paths = [folder / "cases" / name / "run.toml" for name in names]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text(CASE.replace("Bare", f"Case {path.parent.name}"))
    return paths


def _run(
    paths: list[Path], folder: Path, at_once: int = 1
) -> tuple[list[str], list[batch.Progress]]:
    said: list[str] = []
    shown: list[batch.Progress] = []
    tasks = batch.plan(paths, folder, {})
    batch.run(tasks, folder, at_once=at_once, say=said.append, show=shown.append)
    return said, shown


def test_each_finished_case_is_compared_at_once(
    tmp_path: Path, compared: list[tuple[list[str], bool]]
) -> None:
    paths = _cases(tmp_path, "one", "slow", "last")
    said, shown = _run(paths, tmp_path / "out")
    assert compared == [
        ([], False),
        (["one"], False),
        (["one", "slow"], False),
        (["one", "slow", "last"], True),
    ]
    assert said[0] == "case 1 of 3: Case one, 2 s"
    (middle,) = shown[-1].underway
    assert (middle.number, middle.part) == (2, pytest.approx(0.5))
    assert str(shown[-1]).startswith("case 2 of 3: Case slow, 50 %, ")


def test_the_longest_of_several_at_a_time_begins_first(
    tmp_path: Path, compared: list[tuple[list[str], bool]]
) -> None:
    paths = _cases(tmp_path, "one", "slow", "two")
    for path, took in zip(paths, (10.0, 40.0, 20.0), strict=True):
        study = {"members": [{"wall_time_s": took}]}
        (path.parent / "convergence.json").write_text(json.dumps(study))
    _, shown = _run(paths, tmp_path / "out", at_once=2)
    assert compared[-1] == (["one", "slow", "two"], True)
    assert compared[-2] == (["one", "two"], False)  # the slow one was underway all the time
    assert [one.task.folder.name for one in shown[-1].underway] == ["slow"]


def test_a_case_on_several_ranks_begins_when_the_first_core_is_free(
    tmp_path: Path, compared: list[tuple[list[str], bool]]
) -> None:
    paths = _cases(tmp_path, "wide", "slower", "one")
    tasks = batch.plan(paths, tmp_path / "out", {"wide": 2})
    shown: list[batch.Progress] = []
    # its programs run beside each other, as its command knows nothing of ranks here
    batch.run(tasks, tmp_path / "out", at_once=2, ranks=2, say=print, show=shown.append)
    assert compared[1:-1] == [(["one"], False), (["wide", "one"], False)]
    assert [one.task.folder.name for one in shown[-1].underway] == ["slower"]


def test_programs_beyond_the_ranks_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "command", lambda job: ["sleep", "0.4"])
    jobs = [launch.Job(case=tmp_path, folder=tmp_path / str(n), ranks=n) for n in (2, 1, 1)]
    began = time.monotonic()
    assert len(list(launch.run(jobs, at_once=3, ranks=2))) == 3
    assert time.monotonic() - began >= 0.8


def test_a_page_rests_and_those_after_the_first_give_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, given, made = [0.0], list[int](), tmp_path / "made"
    words = [sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write('x')", str(made)]
    monkeypatch.setattr(growing, "command", lambda runs, folder: words)
    monkeypatch.setattr(growing.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(growing.os, "setpriority", lambda which, who, nice: given.append(nice))
    page = growing.GrowingPage(tmp_path, print)

    def at(time: float, *, runs: int = 0) -> str:
        now[0] = time
        if runs:
            page.make([tmp_path] * runs)
        page.go_on()
        if page._process is not None:
            page._process.wait()
        return made.read_text()

    assert at(0.0, runs=1) == "x"
    assert at(2.0, runs=2) == at(7.9, runs=3) == "x"  # it took 2 s, and rests for 6 s
    assert given == []
    assert at(8.0) == "xx"
    assert given == [growing.NICE]
    page.complete([tmp_path])
    assert made.read_text() == "xxx"
    assert given == [growing.NICE]


def _sleeps(runs: Sequence[Path], folder: Path) -> list[str]:
    return ["sh", "-c", "sleep 0" if len(runs) > 1 else "exec sleep 99", str(folder)]


def test_the_last_page_does_not_wait_for_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "command", _sleeps)
    said: list[str] = []
    page, began = growing.GrowingPage(tmp_path, said.append), time.monotonic()
    page.make([tmp_path])
    page.complete([tmp_path, tmp_path])
    assert time.monotonic() - began < 50.0
    assert [line.partition(":")[0] for line in said] == [
        "a page that grows with the cases",
        "all cases compared",
    ]


def test_what_is_finished_is_kept_unless_the_case_changed(
    tmp_path: Path, compared: list[tuple[list[str], bool]]
) -> None:
    paths = _cases(tmp_path, "one", "two")
    _run(paths, tmp_path / "out")
    paths[1].write_text(paths[1].read_text().replace("0.9", "0.8"))
    said, _ = _run(paths, tmp_path / "out")
    assert said[0] == "1 of 2 cases are there already"
    assert [len((tmp_path / "out" / name / "ran").read_text()) for name in ("one", "two")] == [1, 1]
    assert compared[-1] == (["one", "two"], True)


def test_a_case_that_is_lost_does_not_stop_the_others(
    tmp_path: Path, compared: list[tuple[list[str], bool]]
) -> None:
    paths = _cases(tmp_path, "lost", "one")
    with pytest.raises(ConvergenceError, match="1 of 2 cases did not come to their end: Case lost"):
        _run(paths, tmp_path / "out")
    assert compared[-1] == (["one"], True)


def test_time_left_follows_what_the_cases_once_took(tmp_path: Path) -> None:
    paths = _cases(tmp_path, "one", "two", "three")
    for path, took in zip(paths, (10.0, 20.0, 40.0), strict=True):
        study = {"members": [{"wall_time_s": took}]}
        (path.parent / "convergence.json").write_text(json.dumps(study))
    one, two, three = batch.plan(paths, tmp_path / "out", {"two": 2})
    assert (one.ranks, two.ranks, two.known) == (1, 2, 20.0)
    one.folder.mkdir(parents=True)
    (one.folder / "run.json").write_text(json.dumps({"wall_time_s": 15.0}))
    # today is slower by half
    begun = batch.Underway(number=2, count=3, task=two, part=0.0, elapsed=5.0)
    assert batch._left([begun], [three], [one], 1) == pytest.approx(1.5 * 20 - 5 + 1.5 * 40)
    halfway = dataclasses.replace(begun, part=0.5, elapsed=8.0)
    assert batch._left([halfway], [three], [one], 1) == pytest.approx(8 + 1.5 * 40)
    assert batch._left([halfway], [three], [one], 2) == pytest.approx(1.5 * 40)


@pytest.mark.parametrize(
    ("ranks", "said"), [({"other": 2}, "no such case; there are one"), ({}, "both go into")]
)
def test_what_cannot_be_is_refused(tmp_path: Path, ranks: dict[str, int], said: str) -> None:
    paths = _cases(tmp_path, "one")
    with pytest.raises(InputError, match=said):
        batch.plan(paths if ranks else paths * 2, tmp_path, ranks)


def test_times_are_for_readers() -> None:
    assert [batch.duration(t) for t in (3.2, 89.0, 300.0, 9000.0)] == [
        "3 s",
        "89 s",
        "5 min",
        "2.5 h",
    ]
