"""`anodefem verify`, as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anodefem.verify.problem import Check, at_most, problem

pytestmark = pytest.mark.serial


def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "anodefem", "verify", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_a_problem_is_solved_and_written(tmp_path: Path) -> None:
    rows_file, folder = tmp_path / "v.json", tmp_path / "results"
    done = verify("rigid-confinement", "--json", str(rows_file), "-o", str(folder))
    assert done.returncode == 0, done.stderr
    assert "1 problems, 2 checks, 0 failed" in done.stdout
    rows = json.loads(rows_file.read_text())
    assert [row["pass"] for row in rows] == [True, True]
    assert {"id", "quantity", "exact", "computed", "error", "tolerance", "pass"} <= set(rows[0])
    result = json.loads((folder / "rigid-confinement.json").read_text())
    assert result["failure"] == "" and result["versions"]["python"] and result["question"]


def test_an_unknown_problem_is_refused_with_the_nearest_name() -> None:
    done = verify("rigid-confinment")
    assert done.returncode == 2
    assert "Did you mean 'rigid-confinement'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_check_needs_numbers_and_a_tolerance() -> None:
    with pytest.raises(ValueError, match="against"):
        at_most("stress [MPa]", float("nan"), 1.0, reason="")
    with pytest.raises(ValueError, match="positive"):
        Check(quantity="a [-]", exact=1.0, computed=1.0, tolerance=0.0, reason="")
    with pytest.raises(ValueError, match="relative to zero"):
        Check(quantity="a [-]", exact=0.0, computed=1.0, tolerance=1.0, reason="")


def test_errors_are_relative_unless_said_otherwise() -> None:
    off = Check(quantity="a [-]", exact=2.0, computed=2.2, tolerance=0.11, reason="")
    assert off.error == pytest.approx(0.1) and off.passed
    assert not Check(
        quantity="a [-]", exact=2.0, computed=2.2, tolerance=0.11, reason="", absolute=True
    ).passed
    assert at_most("a [-]", -3.0, 1e-9, reason="").error == 0.0


def test_validation_says_whether_anything_was_fitted() -> None:
    with pytest.raises(ValueError, match="blind"):
        problem("x", title="", group="Contact", question="", exact="", status="blind")
