"""A study of a small case, from the command line."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from anodefem.cli import app
from anodefem.compare import tables
from anodefem.compare.load import load
from anodefem.converge import FILES, MARKERS

pytestmark = pytest.mark.serial

# Coarse, and over soon: a run takes two or three seconds.
CASE = """
title = "Small"
[geometry]
plugin = "bare_particle"
refinement = 0.3
[materials]
particle = { card = "silicon-amorphous", transport = "uniform" }
[sei]
recipe = "ec-dmc"
[protocol]
steps = ["lithiate at C/10 until soc = 0.1"]
"""
README = f"# Small\n\nBefore.\n\n{MARKERS[0]}\nnothing yet\n{MARKERS[1]}\n\nAfter.\n"
MEMBERS = ("case", "mesh-1.6x", "mesh-2.56x", "steps-1.6x", "steps-2.56x")


def invoke(*words: object) -> Result:
    """Run `anodefem converge`."""
    return CliRunner().invoke(
        app, ["converge", *map(str, words), "--ratio", "1.6", "--step-ratio", "1.6"]
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with case, README and a published study."""
    folder = tmp_path_factory.mktemp("converge")
    (folder / "run.toml").write_text(CASE, encoding="utf-8")
    (folder / "README.md").write_text(README, encoding="utf-8")
    result = invoke(folder / "run.toml", "-o", folder / "out", "--publish")
    assert result.exit_code == 0, result.output
    assert " metrics, " in result.output.splitlines()[-1]
    assert "5/5 " in result.output
    return folder


@pytest.fixture
def record(study: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((study / "out" / "convergence.json").read_text())
    return content


def metric(record: dict[str, Any], name: str) -> dict[str, Any]:
    """One metric of the whole run."""
    (found,) = (m for m in record["metrics"] if m["name"] == name and m["soc"] is None)
    return dict(found)


def test_every_file_and_every_run_is_there(study: Path) -> None:
    assert all((study / "out" / name).stat().st_size for name in FILES)
    for name in MEMBERS:
        run = json.loads((study / "out" / name / "run.json").read_text())
        assert run["status"] == "completed"


def test_meshes_and_steps_get_finer_each_alone(record: dict[str, Any]) -> None:
    members = {member["name"]: member for member in record["members"]}
    assert tuple(sorted(members)) == MEMBERS
    case, *_ = members.values()
    for half, counted, other in (("mesh", "cells", "steps"), ("steps", "steps", "cells")):
        more = [members[f"{half}-{factor}x"] for factor in ("1.6", "2.56")]
        assert case[counted] < more[0][counted] < more[1][counted]
        if half == "steps":
            assert {member[other] for member in more} == {case[other]}
            continue
        for factor, member in zip((1.6, 2.56), more, strict=True):
            # from the refinement of the case on, which its geometry has a parameter for
            assert member["cells"] / case["cells"] == pytest.approx(factor**2, rel=0.25)


def test_uniform_swelling_has_the_volume_of_the_card_on_any_mesh(record: dict[str, Any]) -> None:
    # J = 1 + 2.751 soc against its value when the film formed; polygons swell alike
    hull = metric(record, "hull_volume_ratio_max")
    assert hull["error"] < 1e-3
    assert hull["mesh"]["values"][0] == hull["value"]


def test_the_strain_of_a_sphere_converges_to_that_of_its_stretch(record: dict[str, Any]) -> None:
    strain = metric(record, "sei_strain_p99")
    exact = metric(record, "hull_volume_ratio_max")["value"]
    assert strain["error"] is not None
    assert strain["error"] < 0.02 * strain["value"]
    assert exact > 1.0


def test_the_table_of_errors_says_the_same_for_programs(
    study: Path, record: dict[str, Any]
) -> None:
    with (study / "out" / "convergence.csv").open(newline="") as file:
        rows = {(row["metric"], row["soc"] == ""): row for row in csv.DictReader(file)}
    strain = metric(record, "sei_strain_max")
    assert float(rows["sei_strain_max", True]["value"]) == strain["value"]
    assert float(rows["sei_strain_max", True]["error"]) == pytest.approx(
        strain["error"] if strain["error"] is not None else float("inf")
    )
    assert ("voltage", False) in rows


def test_values_at_a_state_of_charge_are_at_one_that_all_runs_reached(
    record: dict[str, Any],
) -> None:
    found = {m["soc"] for m in record["metrics"] if m["soc"] is not None}
    assert list(found) == [pytest.approx(0.1)]


def test_the_readme_has_the_table_and_keeps_its_text(study: Path) -> None:
    text = (study / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# Small\n\nBefore.\n\n{MARKERS[0]}\n")
    assert text.endswith(f"{MARKERS[1]}\n\nAfter.\n")
    assert "| sei_strain_max | " in text
    assert "nothing yet" not in text


def test_what_is_there_is_not_run_again(study: Path) -> None:
    before = {name: (study / "out" / name / "run.json").stat().st_mtime_ns for name in MEMBERS}
    result = invoke(study / "run.toml", "-o", study / "out")
    assert result.exit_code == 0, result.output
    assert "5 of 5 runs are there already" in result.output
    after = {name: (study / "out" / name / "run.json").stat().st_mtime_ns for name in MEMBERS}
    assert after == before


def test_a_comparison_shows_the_errors_of_the_case(study: Path) -> None:
    runs = load([study / "out" / "case"])
    hosts = {"Small": ["particle"]}
    frame = tables.table(runs, hosts)
    strain = metric(json.loads((study / "convergence.json").read_text()), "sei_strain_p99")
    assert frame["sei_strain_p99 error [-]"][0] == pytest.approx(strain["error"])
    assert f"± {strain['error']:.2g}" in tables.markdown(frame, runs, hosts)


def test_a_later_run_takes_the_errors_along(study: Path, tmp_path: Path) -> None:
    words = ["run", str(study / "run.toml"), "-o", str(tmp_path / "later")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    (run,) = load([tmp_path / "later"])
    assert "sei_strain_p99 error [-]" in tables.table([run], {"Small": ["particle"]})


def test_a_case_that_cannot_be_read_is_told_of_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(
        CASE.replace("bare_particle", "bare_particel"), encoding="utf-8"
    )
    result = invoke(tmp_path / "run.toml", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "Did you mean 'bare_particle'?" in result.output
    assert not (tmp_path / "out").exists()


def test_a_run_that_does_not_come_to_its_end_ends_the_study(study: Path, tmp_path: Path) -> None:
    result = invoke(
        study / "run.toml", "-o", tmp_path / "out", "--set", "solver.max_steps=3", "-j", "1"
    )
    assert result.exit_code == 3
    assert "run 'case' of the study ended with code 3: " in result.output
    assert "raise solver.max_steps" in result.output


def test_steps_too_large_to_be_shares_are_told_with_the_run_they_are_of(
    study: Path, tmp_path: Path
) -> None:
    words = ("--finer", "0", "--set", "solver.max_soc_step=0.9")
    result = invoke(study / "run.toml", "-o", tmp_path / "out", *words)
    assert result.exit_code == 2
    assert "run 'steps-0.391x' of the study" in result.output
    assert "max_soc_step" in result.output


@pytest.mark.parametrize("name", ["notes.txt", "run.json", "convergence.json"])
def test_a_folder_of_something_else_is_left_alone(study: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}", encoding="utf-8")
    result = invoke(study / "run.toml", "-o", tmp_path)
    assert result.exit_code == 2
    said = "holds another run" if name == "run.json" else "holds something else"
    assert said in result.output.replace("\n", " ")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_study_of_another_case_is_left_alone(study: Path) -> None:
    result = invoke(study / "run.toml", "-o", study / "out", "--set", "sei.recipe=none")
    assert result.exit_code == 2
    assert "holds a study of another case" in result.output


def test_a_readme_without_markers_is_told_of_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(CASE, encoding="utf-8")
    (tmp_path / "README.md").write_text("# Small\n", encoding="utf-8")
    result = invoke(tmp_path / "run.toml", "-o", tmp_path / "out", "--publish")
    assert result.exit_code == 2
    assert "must hold the lines" in result.output
    assert not (tmp_path / "out").exists()


def test_a_ratio_that_refines_nothing_is_refused(study: Path, tmp_path: Path) -> None:
    words = ["converge", str(study / "run.toml"), "-o", str(tmp_path / "out")]
    for option in ("--ratio", "--step-ratio"):
        result = CliRunner().invoke(app, [*words, option, "1"])
        assert result.exit_code == 2
        assert f"{option} 1: must be above 1" in result.output


def test_two_studies_do_not_share_a_folder(study: Path) -> None:
    import fcntl

    with (study / "out" / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        result = invoke(study / "run.toml", "-o", study / "out")
    assert result.exit_code == 2
    assert "another study is under way there" in result.output


def test_under_mpirun_it_says_that_it_starts_ranks_itself(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "OMPI_COMM_WORLD_SIZE", "2")
    result = invoke(study / "run.toml", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "leave out mpirun, and use --ranks" in result.output
