"""Error bars that a study left beside a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anodefem.compare import align, compare, errors, tables
from anodefem.compare.load import Run, load
from anodefem.compare.summary_metrics import ALIGNED, SUMMARY_METRICS
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from tests.compare.test_report import Page

pytestmark = pytest.mark.serial

CASE: dict[str, Any] = {"title": "Any", "solver": {"max_soc_step": 0.05}, "geometry": {"gap": 1.5}}
METRICS = [
    {"name": "sei_strain_max", "soc": None, "error": None},
    {"name": "sei_strain_p99", "soc": None, "error": 0.0123},
    {"name": "hull_volume_ratio", "soc": 0.95, "error": 0.5},
    {"name": "von_mises_max", "soc": 0.5, "error": 0.5},
]
HOSTS = {"Bare sphere": ["particle"], "Sphere in a cage": ["particle"]}


@pytest.fixture
def studied(runs: dict[str, Path], tmp_path: Path) -> list[Path]:
    """Two runs, the first of them with a study beside it."""
    folder = tmp_path / "sphere"
    shutil.copytree(runs["sphere"], folder)
    info = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(info | {"case": CASE}), encoding="utf-8")
    write(folder, case=CASE | {"title": "another title"})
    return [folder, runs["cage"]]


def write(folder: Path, *, moved: float = 0.0, **changes: Any) -> None:
    """Put a study into a run folder, whose values are those of the run times ``1 + moved``."""
    (run,) = load([folder])
    values = {
        None: {item.name: item.value(run, ["particle"]) for item in SUMMARY_METRICS},
        **{
            soc: {
                name: align.at_soc(run, of(run, ["particle"]), soc)
                for name, (_, of) in ALIGNED.items()
            }
            for soc in (0.5, 0.95)
        },
    }
    metrics = [row | {"value": values[row["soc"]][row["name"]] * (1.0 + moved)} for row in METRICS]
    study = {"status": "completed", "case": CASE, "metrics": metrics} | changes
    (folder / errors.FILE).write_text(json.dumps(study), encoding="utf-8")


def test_the_table_has_them_beside_the_numbers(studied: list[Path]) -> None:
    frame = tables.table(load(studied), HOSTS)
    assert frame["sei_strain_p99 error [-]"][0] == 0.0123
    assert np.isnan(frame["sei_strain_p99 error [-]"][1])
    assert np.isinf(frame["sei_strain_max error [-]"][0])
    assert frame["hull_volume_ratio at soc 0.950 error [-]"][0] == 0.5
    # studied at another state of charge
    assert "von_mises_max at soc 0.950 error [GPa]" not in frame
    columns = list(frame)
    at = columns.index("sei_strain_p99 [-]")
    assert columns[at + 1] == "sei_strain_p99 error [-]"


def test_readers_see_them_behind_the_numbers(studied: list[Path]) -> None:
    runs = load(studied)
    frame = tables.table(runs, HOSTS)
    text = tables.markdown(frame, runs, HOSTS)
    strain = tables.cell(frame["sei_strain_p99 [-]"][0])
    assert f"| {strain} ± 0.012 |" in text
    assert "(does not converge) |" in text
    assert errors.MEANING in text
    # the other run has none
    assert f"| {tables.cell(frame['sei_strain_p99 [-]'][1])} |" in text


def test_the_page_has_them_where_it_says_since_when(studied: list[Path], tmp_path: Path) -> None:
    rows = [{"name": "sei_fracture_soc", "soc": None, "error": 0.004, "value": np.nan}]
    (run,) = load(studied[:1])
    rows[0]["value"] = next(
        item.value(run, ["particle"]) for item in SUMMARY_METRICS if item.name == rows[0]["name"]
    )
    study = {"status": "completed", "case": CASE, "metrics": rows}
    (studied[0] / errors.FILE).write_text(json.dumps(study), encoding="utf-8")
    compare([studied[0]], tmp_path / "out", theme=Theme(dpi=60))
    header = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8")).header
    assert header["runs"][0]["bars"] == {"yield": None, "fracture": 0.004}


def test_without_a_study_nothing_is_said_of_errors(runs: dict[str, Path]) -> None:
    found = load([runs["sphere"], runs["cage"]])
    frame = tables.table(found, HOSTS)
    assert not tables.has_errors(frame)
    assert "±" not in tables.markdown(frame, found, HOSTS)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "running", "metrics": []}, "did not come to its end"),
        ({"case": CASE | {"solver": {"max_soc_step": 0.01}}}, "max_soc_step: 0.05, studied 0.01"),
        ({"case": CASE | {"geometry": {"gap": 1.4}}}, "geometry.gap: 1.5, studied 1.4"),
        ({"case": CASE | {"fracture": {"regions": ["cage"]}}}, "fracture: no longer there"),
        ({"moved": 1e-3}, "sei_strain_max: "),
    ],
)
def test_a_study_that_does_not_match_is_reported(
    studied: list[Path], changes: dict[str, Any], reason: str
) -> None:
    write(studied[0], **changes)
    runs = load(studied)
    found = errors.error_bars(runs[0], ["particle"])
    assert found.bars == {}
    assert reason in found.refusal
    assert not tables.has_errors(tables.table(runs, HOSTS))
    (note,) = (note for note in tables.notes(runs, HOSTS) if "error bars" in note)
    assert note == f"Bare sphere: no error bars are shown, because {found.refusal}"


def test_a_key_learnt_since_counts_by_what_it_changes(studied: list[Path]) -> None:
    known = {"solver": {}, "geometry": {"gap": 1.5}}
    write(studied[0], case=known)
    assert errors.error_bars(_first(studied), ["particle"]).bars
    write(studied[0], case=known, moved=1e-5)
    found = errors.error_bars(_first(studied), ["particle"])
    # by less than a hundredth of its error bar, but sei_strain_max has none
    assert "sei_strain_max" in found.refusal and "sei_strain_p99" not in found.refusal


def test_sources_of_numbers_are_no_part_of_a_case() -> None:
    cards = {"cards": {"paper": {"properties.strength": "1 Pa  [assumed] thin"}}}
    named = {"cards": {"paper": {"properties.strength": "1 Pa  [source] someone2020, table 1"}}}
    other = {"cards": {"paper": {"properties.strength": "2 Pa  [assumed] thin"}}}
    assert errors.changes(cards, named) == []
    assert errors.changes(cards, other) == ["cards.paper.properties.strength: 2 Pa, studied 1 Pa"]


@pytest.mark.parametrize("content", ["", "[]", '{"status": "completed"}'])
def test_a_study_that_cannot_be_read_is_reported(studied: list[Path], content: str) -> None:
    (studied[0] / errors.FILE).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"convergence\.json: cannot be read"):
        errors.error_bars(_first(studied), ["particle"])


def _first(folders: list[Path]) -> Run:
    return load(folders)[0]
