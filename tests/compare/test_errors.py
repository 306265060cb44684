"""Error bars that a study left beside a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anodefem.compare import errors, tables
from anodefem.compare.load import Run, load
from anodefem.errors import InputError

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


def write(folder: Path, **changes: Any) -> None:
    """Put a study into a run folder."""
    study = {"status": "completed", "case": CASE, "metrics": METRICS} | changes
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
    text = tables.markdown(frame, runs)
    strain = tables.cell(frame["sei_strain_p99 [-]"][0])
    assert f"| {strain} ± 0.012 |" in text
    assert "(does not converge) |" in text
    assert errors.MEANING in text
    # the other run has none
    assert f"| {tables.cell(frame['sei_strain_p99 [-]'][1])} |" in text


def test_without_a_study_nothing_is_said_of_errors(runs: dict[str, Path]) -> None:
    found = load([runs["sphere"], runs["cage"]])
    frame = tables.table(found, HOSTS)
    assert not tables.has_errors(frame)
    assert "±" not in tables.markdown(frame, found)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "running", "metrics": []},
        {"case": CASE | {"solver": {"max_soc_step": 0.01}}},
        {"case": CASE | {"geometry": {"gap": 1.4}}},
    ],
)
def test_the_errors_of_another_case_are_not_shown(
    studied: list[Path], changes: dict[str, Any]
) -> None:
    write(studied[0], **changes)
    assert errors.errors(_first(studied)) == {}


@pytest.mark.parametrize("content", ["", "[]", '{"status": "completed"}'])
def test_a_study_that_cannot_be_read_is_told_of(studied: list[Path], content: str) -> None:
    (studied[0] / errors.FILE).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"convergence\.json: cannot be read"):
        errors.errors(_first(studied))


def _first(folders: list[Path]) -> Run:
    return load(folders)[0]
