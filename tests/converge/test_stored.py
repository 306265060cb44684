"""Studies that are kept beside their cases still belong to them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from anodefem import cases
from anodefem.cli import app
from anodefem.compare import hosts_of
from anodefem.compare.errors import FILE, changes, error_bars, new_keys
from anodefem.compare.load import load_run

RUNS = Path(__file__).resolve().parents[2] / "runs"
STUDIES = sorted(RUNS.glob(f"*/{FILE}"))

pytestmark = pytest.mark.serial


def test_there_are_studies() -> None:
    assert len(STUDIES) >= 6


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_a_stored_study_matches_its_case(path: Path) -> None:
    """It knows every key that the case sets itself; keys it does not know are at their defaults.

    Whether these defaults change a number is what `anodefem compare` finds out.
    """
    case_file = path.parent / "run.toml"
    record = json.loads(path.read_text(encoding="utf-8"))
    case = json.loads(json.dumps(cases.load(case_file, ()).resolved()))
    again = f"run 'anodefem converge {case_file.relative_to(RUNS.parent)} --publish' again"
    assert record["status"] == "completed", again
    different = changes(record["case"], case)
    assert different == [], again
    written = tomllib.loads(case_file.read_text(encoding="utf-8"))
    set_here = [key for key in new_keys(record["case"], case) if _has(written, key)]
    assert set_here == [], again


@pytest.mark.thorough
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_a_stored_study_has_the_numbers_of_its_case(path: Path, tmp_path: Path) -> None:
    words = ["run", str(path.parent / "run.toml"), "-o", str(tmp_path / "run")]
    assert CliRunner().invoke(app, words).exit_code == 0
    run = load_run(tmp_path / "run")
    found = error_bars(run, hosts_of([run])[run.title])
    assert found.refusal == "" and found.bars


def _has(content: dict[str, Any], key: str) -> bool:
    name, _, rest = key.partition(".")
    if name not in content:
        return False
    return not rest or (isinstance(content[name], dict) and _has(content[name], rest))
