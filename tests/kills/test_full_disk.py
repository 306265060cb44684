"""A disk that is full ends a run with one message, and the run goes on when there is room."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from tests.kills.driver import difference, table

pytestmark = [pytest.mark.serial]

CASE = """
title = "Small"
[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.2
[materials]
particle = "silicon-amorphous"
[protocol]
steps = ["lithiate at 1C until soc = 0.03"]
[solver]
step_tolerance = 0.01
[output]
fields_every = 0.0
"""
#: Runs the command line where no file may be larger than so many bytes; MPI has begun without.
PROGRAM = """
import resource, sys
from mpi4py import MPI
from anodefem.cli import main
largest = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
main()
"""


def _run(folder: Path, *words: str, largest: int = resource.RLIM_INFINITY) -> tuple[int, str]:
    """Return the exit code and what was said.

    Args:
        folder: Takes the run.
        words: Further options.
        largest: No file may be larger [bytes].
    """
    case = folder / "run.toml"
    case.write_text(CASE)
    command = ["run", str(case), "-o", str(folder / "out"), *words]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(largest), *command],
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stderr


def test_a_run_that_finds_no_room_goes_on_when_there_is(tmp_path: Path) -> None:
    whole, other = tmp_path / "whole", tmp_path / "other"
    for folder in (whole, other):
        folder.mkdir()
    assert _run(whole)[0] == 0
    code, said = _run(other, largest=60_000)  # a checkpoint takes more
    assert code == 3
    assert said.count("cannot be written (File too large); make room, and go on with") == 1
    assert "Traceback" not in said
    assert json.loads((other / "out" / "run.json").read_text())["status"] == "failed"
    code, said = _run(other, "--resume")
    assert code == 0, said
    assert difference(table(whole / "out"), table(other / "out"))[0] == 0.0


def test_a_mesh_that_finds_no_room_is_refused(tmp_path: Path) -> None:
    code, said = _run(tmp_path, largest=16_000)
    assert code == 2
    assert "mesh: cannot be written" in said and "Traceback" not in said
