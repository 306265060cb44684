"""``anodefem sweep`` from the command line, with the solver."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from anodefem.cli import app

CASE = """
title = "Bare"
[geometry]
plugin = "bare_particle"
refinement = 0.3
[materials]
particle = "silicon-amorphous"
[sei]
recipe = "ec-dmc"
[protocol]
steps = ["lithiate at C/10 until soc = 0.05"]
"""


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case file in a folder of its own, which is where the command runs."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bare" / "run.toml"
    path.parent.mkdir()
    path.write_text(CASE)
    return path


def _sweep(case: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, ["sweep", str(case), *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give either --over or --sensitivity"),
        (["--over", "sei.recipe=fec", "--sensitivity", "sei"], "give either --over or"),
        (["--sensitivity", "sei", "--samples", "3"], "--samples: belongs to --over"),
        (["--over", "sei.recipe=fec,vc", "--task", "3"], "--task 3: there are 2 points"),
        (["--over", "sei.recipe=fec,vcc"], "[point 2: recipe = vcc]"),
        (["--over", "geometry.refinement=1:2:999999999999"], "at most 10000 values"),
        (
            ["--over", "geometry.refinement=1:2:500", "--over", "sei.young=1 GPa:2 GPa:500"],
            "makes 250000 points",
        ),
        (["--over", "sei.yuong=1 GPa,2 GPa"], "Did you mean 'young'?"),
    ],
)
def test_bad_input_starts_nothing(case: Path, arguments: list[str], told: str) -> None:
    result = _sweep(case, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not Path("out").exists()


def test_points_are_listed(case: Path) -> None:
    result = _sweep(case, "--over", "sei.recipe=fec,vc", "--list")
    assert result.exit_code == 0
    assert [line.split(maxsplit=1) for line in result.stdout.splitlines()] == [
        ["1", "recipe = fec"],
        ["2", "recipe = vc"],
    ]
    assert not Path("out").exists()


@pytest.mark.slow
@pytest.mark.serial
def test_a_sweep_from_tasks_to_table(case: Path) -> None:
    pytest.importorskip("dolfinx")
    pytest.importorskip("pyvista")
    # the second point asks for more than floating point has
    over = ["--over", "solver.newton_tolerance=1e-8,1e-40", "-o", "study"]
    first = _sweep(case, *over, "--task", "1")
    assert first.exit_code == 0, first.stderr
    assert not Path("study/sweep.csv").exists()
    before = Path("study/points/0001/run.json").stat().st_mtime_ns
    result = _sweep(case, *over, "--set", "title=Other")
    assert result.exit_code == 2
    assert "study holds another sweep" in result.stderr

    result = _sweep(case, *over)
    assert result.exit_code == 3
    assert "1 of 2 points completed" in result.stdout
    assert Path("study/points/0001/run.json").stat().st_mtime_ns == before
    assert json.loads(Path("study/points/0001/run.json").read_text())["title"].startswith("Bare: ")
    header, good, bad = Path("study/sweep.csv").read_text().splitlines()
    assert header.startswith("point,solver.newton_tolerance [-],status,reason,sei_strain_max [-]")
    assert good.startswith("1,1e-08,completed,,0.0")
    assert bad.startswith("2,1e-40,failed,")
