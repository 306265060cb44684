"""Rows of the catalogue, and the page of one."""

from __future__ import annotations

import json
import re
import sys
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from anodefem import catalogue, launch
from anodefem.cards import references
from anodefem.catalogue import results
from anodefem.catalogue.results import VERDICTS, Ended, Outcome
from anodefem.catalogue.row import Entry, Row, Value
from anodefem.cli import app
from anodefem.compare import cycles
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import SUMMARY_METRICS
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from anodefem.results.record import commit
from tests.catalogue.readme import FOLDERS, README, ROOT, expected
from tests.compare import shapes, synthetic

_ROW = """
title = "Bare silicon"
reference = "daali2024, 4"
published = "Swells"

[variants]
small = []
large = ['geometry.particle_radius="2 um"']

[[values]]
quantity = "volume"
published = [1.5, 1.6]
kind = "blind"
metric = "hull_volume_ratio"
soc = 0.2

[[values]]
quantity = "the same over that of the other"
published = 2.0
kind = "blind"
metric = "hull_volume_ratio_max"
variant = "large"
over = "small"
"""
_CASE = """
title = "Bare silicon"
[geometry]
plugin = "bare_particle"
[materials]
particle = { card = "silicon-amorphous", transport = "uniform" }
[protocol]
steps = ["lithiate at C/10 until soc = 0.21"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "05-bare"
    folder.mkdir()
    (folder / "row.toml").write_text(_ROW)
    (folder / "run.toml").write_text(_CASE)
    return folder


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_row_is_good_and_so_are_its_cases(folder: Path) -> None:
    (row,) = catalogue.rows([folder])
    tasks = catalogue.plan([row], Path("out"), coarse=True)
    assert [task.variant for task in tasks] == (list(row.variants) if row.case else [])
    assert re.match(r"\d", row.numbers)
    assert row.entry.reference.partition(",")[0] in references()
    summary = {item.name for item in (*SUMMARY_METRICS, *cycles.METRICS)}
    for value in row.entry.values:
        assert not value.metric or value.take or value.soc is not None or value.metric in summary


def test_the_readme_has_every_row() -> None:
    assert README.read_text(encoding="utf-8") == expected(), "python3 -m tests.catalogue.readme"
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} == {f.name for f in FOLDERS}


def test_a_wrong_row_is_refused_with_everything_that_is_wrong(folder: Path) -> None:
    text = _ROW.replace('kind = "blind"', 'kind = "blnd"', 1).replace('over = "small"', 'ovr = ""')
    (folder / "row.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        catalogue.rows([folder])
    assert "'blind'" in str(caught.value) and "Did you mean 'over'" in str(caught.value)
    (folder / "row.toml").write_text(_ROW.replace('over = "small"', 'over = "smal"'))
    with pytest.raises(InputError, match=r"'smal' is no variant\. Did you mean 'small'"):
        catalogue.rows([folder])
    (folder / "run.toml").unlink()
    (folder / "row.toml").write_text(_ROW)
    with pytest.raises(InputError, match="say what the model lacks"):
        catalogue.rows([folder])


@pytest.mark.parametrize(
    ("published", "number", "verdict"),
    [
        (1.0, 1.09, "agrees"),
        (1.0, 1.11, "differs"),
        ((1.0, 2.0), 2.1, "agrees"),
        ((1.0, 2.0), 0.89, "differs"),
        ((1.0, inf), 1e12, "agrees"),
        ((1.0, inf), 0.89, "differs"),
        (-1.0, -1.09, "agrees"),
        (None, 3.0, "no number"),
        (1.0, np.nan, "not run"),
    ],
)
def test_verdicts(
    monkeypatch: pytest.MonkeyPatch,
    published: float | tuple[float, float] | None,
    number: float,
    verdict: str,
) -> None:
    value = Value(quantity="q", kind="blind", metric="m", take="max", published=published)
    entry = Entry(title="t", reference="r", published="p", values=(value,))
    outcome = Outcome(row=Row(folder=Path("1-x"), entry=entry), ended={})
    assert outcome.verdict(value) == "not run"
    monkeypatch.setattr(Outcome, "number", lambda self, value: number)
    assert outcome.verdict(value) == verdict
    assert verdict in VERDICTS


def test_a_range_without_an_upper_end_says_so() -> None:
    shared = {"quantity": "q", "kind": "blind", "metric": "m", "take": "max"}
    given = (2.0, (0.0, 1.0), (1.0, inf), (-inf, 1.0))
    values = [Value.model_validate({"published": each, **shared}) for each in given]
    assert [results.published(each) for each in values] == ["2", "0 to 1", "1 or more", "1 or less"]
    assert [each.interval for each in values[2:]] == [(0.9, inf), (-inf, 1.1)]


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ("nan", "must be"),
        ("[1.0, nan]", "or inf where"),
        ("inf", "finite"),
        ("[2, 1]", "lower end"),
    ],
)
def test_a_range_needs_its_ends(folder: Path, published: str, said: str) -> None:
    text = _ROW.replace("published = [1.5, 1.6]", f"published = {published}")
    (folder / "row.toml").write_text(text)
    with pytest.raises(InputError, match=said):
        catalogue.rows([folder])


def test_numbers_are_read_from_runs_and_stand_on_the_page(folder: Path, tmp_path: Path) -> None:
    (row,) = catalogue.rows([folder])
    run = synthetic.free(tmp_path / "run", shapes.sphere(), title="small")
    ended = {
        "small": Ended(variant="small", folder=run, status="completed", reason=""),
        "large": Ended(variant="large", folder=tmp_path / "none", status="failed", reason="<no>"),
    }
    outcome = Outcome(row=row, ended=ended)
    first, second = row.entry.values
    metrics = pd.read_csv(run / "metrics.csv")
    want = np.interp(0.2, metrics["soc [-]"][:10], metrics["hull_volume_ratio [-]"][:10])
    assert outcome.number(first) == pytest.approx(want)
    assert outcome.verdict(second) == "not reached"
    page = catalogue.page([outcome], theme=Theme(dpi=60))
    assert "data:image/png;base64," in page and "&lt;no&gt;" in page and "http" not in page


def _outcome(folder: Path, run: Path) -> Outcome:
    """What came out of the row of a folder, whose small variant is a run."""
    (row,) = catalogue.rows([folder])
    ended = {"small": Ended(variant="small", folder=run, status="completed", reason="")}
    return Outcome(row=row, ended=ended)


@pytest.mark.parametrize(("moved", "known"), [(0.0, True), (1e-5, True), (0.01, False)])
def test_an_error_counts_while_the_number_is_the_same(
    folder: Path, tmp_path: Path, moved: float, *, known: bool
) -> None:
    run = synthetic.free(tmp_path / "run", shapes.sphere(), title="small")
    outcome = _outcome(folder, run)
    first, second = outcome.row.entry.values
    assert np.isnan(outcome.error(first))
    studied = outcome.number(first) + moved
    kept = {"quantity": first.quantity, "value": studied, "error": 0.0123}
    (folder / "errors.json").write_text(json.dumps({"numbers": [kept]}))
    outcome = _outcome(folder, run)
    assert (
        outcome.error(first) == pytest.approx(0.0123) if known else np.isnan(outcome.error(first))
    )
    assert np.isnan(outcome.error(second))
    shown = f"{outcome.number(first):.4g} ± 0.012"
    assert (shown in catalogue.page([outcome], theme=Theme(dpi=60))) == known
    assert (results.table([outcome])["error"][0] == 0.0123) == known


def test_a_damaged_file_of_errors_is_refused(folder: Path, tmp_path: Path) -> None:
    run = synthetic.free(tmp_path / "run", shapes.sphere(), title="small")
    (folder / "errors.json").write_text('{"numbers": [{}]}')
    with pytest.raises(InputError, match=r"errors\.json: cannot be read"):
        results.table([_outcome(folder, run)])


def test_two_values_of_one_name_are_refused(folder: Path) -> None:
    (folder / "row.toml").write_text(_ROW.replace("the same over that of the other", "volume"))
    with pytest.raises(InputError, match="two values have the quantity 'volume'"):
        catalogue.rows([folder])


@pytest.mark.slow
def test_errors_are_those_of_the_numbers_that_are_compared(folder: Path, tmp_path: Path) -> None:
    step = "\"protocol.steps=['lithiate at C/2 until soc = 0.21']\""
    quick = f"coarse = ['geometry.refinement=0.4', {step}]"
    alone = _ROW.replace("large = ['geometry.particle_radius=\"2 um\"']\n", "")
    alone = alone.replace('"large"', '"small"').replace("[variants]", f"{quick}\n[variants]")
    (folder / "row.toml").write_text(alone)
    out = tmp_path / "out"
    words = ["catalogue", str(folder), "--errors", "-o", str(out), "-j", "1"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    # the run of the row is one of five
    assert "1 of 1: 05-bare, done" in done.stderr
    assert "4 of 4: 05-bare, small, steps-0.5x, done" in done.stderr
    assert not (out / "errors" / "05-bare" / "small" / "case").exists()
    first, second = json.loads((folder / "errors.json").read_text())["numbers"]
    # a ball that swells evenly does so on any mesh and with any steps
    assert first["error"] < 1e-4 and second["error"] == 0.0
    assert second["value"] == pytest.approx(1.0)
    assert [len(first[part]["values"]) for part in ("mesh", "steps")] == [3, 3]
    assert pd.read_csv(out / "catalogue.csv")["error"].notna().all()
    # without one of the runs a number has no error, and that is said; nor has it one with the run
    # of the row that another program has made
    (out / "errors" / "05-bare" / "small" / "mesh-1.4x" / "run.json").unlink()
    for program, lost in ((commit(), "mesh-1.4x"), ("another", "case")):
        tasks = catalogue.plan(catalogue.rows([folder]), out, coarse=True, commit=program)
        said: list[str] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(launch, "run", lambda jobs, at_once: (job for job in ()))
            found = catalogue.studies(tasks, out / "errors")
            catalogue.study(found, at_once=1, time_limit=1.0, say=said.append)
        told = [line.partition("': ") for line in said]
        assert [quantity for quantity, _, _ in told] == [
            "05-bare: no error of 'volume",
            "05-bare: no error of 'the same over that of the other",
        ]
        assert {why for _, _, why in told} == {f"run '{lost}' did not come to it."}


def test_a_damaged_run_has_no_picture_and_the_page_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state(run: Run, index: int) -> None:
        raise InputError(f"{run.folder}: fields {index} are <damaged>")

    monkeypatch.setattr(Run, "state", state)
    (row,) = catalogue.rows([folder])
    run = synthetic.free(tmp_path / "run", shapes.sphere(), title="small")
    ended = {"small": Ended(variant="small", folder=run, status="completed", reason="")}
    page = catalogue.page([Outcome(row=row, ended=ended)], theme=Theme(dpi=60))
    assert "No picture: " in page and "&lt;damaged&gt;" in page and "data:image/png" not in page


@pytest.mark.parametrize("take", ["max", "min", "end"])
def test_what_an_unfinished_run_did_not_come_to_is_not_read(take: str, tmp_path: Path) -> None:
    value = Value(
        quantity="q", kind="blind", metric="sei_strain_max", take=take, published=(0.0, 9.0)
    )
    entry = Entry(title="t", reference="r", published="p", values=(value,))
    row = Row(folder=Path("1-x"), entry=entry)
    for status, verdict in (("failed", "not reached"), ("completed", "agrees")):
        run = synthetic.free(tmp_path / status, shapes.sphere(), title=status, status=status)
        variant = row.variant(value)
        ended = Ended(variant=variant, folder=run, status=status, reason="")
        assert Outcome(row=row, ended={variant: ended}).verdict(value) == verdict


def test_a_run_that_takes_too_long_is_ended_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def command(job: launch.Job) -> list[str]:
        return [sys.executable, "-c", f"import time; time.sleep({job.settings[0]})"]

    monkeypatch.setattr(launch, "command", command)
    jobs = [
        launch.Job(case=Path("x"), folder=tmp_path / wait, settings=(wait,), time_limit=limit)
        for wait, limit in (("60", 0.3), ("1", 20.0))
    ]
    ended = {job.folder.name: code for job, code in launch.run(jobs, at_once=2)}
    assert ended == {"60": -15, "1": 0}


@pytest.mark.parametrize(
    ("status", "program", "ended", "resumes"),
    [
        ("completed", "old", True, True),
        ("failed", "new", True, False),
        ("failed", "old", False, False),
        ("interrupted", "old", False, True),
    ],
)
def test_what_another_program_failed_in_begins_anew(
    folder: Path, tmp_path: Path, status: str, program: str, *, ended: bool, resumes: bool
) -> None:
    task = catalogue.plan(catalogue.rows([folder]), tmp_path, coarse=True, commit="new")[0]
    (task.folder / "checkpoint").mkdir(parents=True)
    (task.folder / "checkpoint" / "1.npz").touch()
    said = {"status": status, "git_commit": program, "case": task.resolved}
    (task.folder / "run.json").write_text(json.dumps(said))
    assert (task.ended(), task.resumes()) == (ended, resumes)
    (task.folder / "run.json").write_text(json.dumps(said | {"case": {}}))
    assert not task.ended() and not task.resumes()


@pytest.mark.slow
def test_one_row_is_run_compared_and_kept(folder: Path, tmp_path: Path) -> None:
    alone = _ROW.replace("large = ['geometry.particle_radius=\"2 um\"']\n", "")
    (folder / "row.toml").write_text(alone.replace('"large"', '"small"'))
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["catalogue", str(folder), "-o", str(out)])
    assert done.exit_code == 0, done.stderr
    table = pd.read_csv(out / "catalogue.csv")
    assert list(table["verdict"]) == ["agrees", "differs"]
    assert table["computed"][1] == pytest.approx(1.0)
    assert "data:image/png" in (out / "catalogue.html").read_text(encoding="utf-8")
    again = CliRunner().invoke(app, ["catalogue", str(folder), "-o", str(out)])
    assert "1 of 1 runs are there already" in again.stderr
