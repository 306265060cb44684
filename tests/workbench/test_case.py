"""Cases in Python: the same as from a file, with the same checks, and without the solver."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anodefem import Case, InputError, Mesh, cases
from anodefem.workbench.tables import plain, to_toml

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(ROOT.glob("runs/*/run.toml"))
BALL: dict[str, Any] = {
    "title": "Ball",
    "geometry": {"plugin": "bare_particle", "particle_radius": "1 um", "refinement": 0.2},
    "materials": {"particle": {"card": "silicon-amorphous", "transport": "uniform"}},
    "protocol": {"steps": ["lithiate at C/10 until soc = 0.3"]},
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_case_is_the_same_from_a_file_from_tables_and_saved_again(
    path: Path, tmp_path: Path
) -> None:
    case = Case.from_file(path)
    assert case.resolved == cases.load(path).resolved()
    assert case.tables == tomllib.loads(path.read_text(encoding="utf-8"))
    beside = shutil.copytree(path.parent, tmp_path / "beside")  # cards lie beside the file
    assert Case.from_file(case.save(beside / "again.toml")).resolved == case.resolved


def test_sections_by_name_are_tables() -> None:
    assert Case(**BALL) == Case(BALL)
    assert Case(BALL, title="Other").title == "Other"
    assert Case(BALL, title="Other") != Case(BALL)


def test_a_resolved_case_gives_itself() -> None:
    case = Case(BALL, sei={"recipe": "ec-dmc"})
    tables = {key: value for key, value in case.resolved.items() if key != "cards"}
    assert Case(tables).resolved == case.resolved


def test_mistakes_are_told_together_and_in_the_words_of_a_case_file(tmp_path: Path) -> None:
    wrong = {
        **BALL,
        "geometry": {"plugin": "bare_particle", "particle_radius": "1 s"},
        "materials": {"particle": "silicon-amorfous"},
        "solvr": {},
    }
    with pytest.raises(InputError) as built:
        Case(wrong)
    path = tmp_path / "wrong.toml"
    path.write_text(to_toml(wrong), encoding="utf-8")
    with pytest.raises(InputError) as read:
        cases.load(path)
    lines = str(built.value).splitlines()
    assert len(lines) == 3
    assert [line.removeprefix("case: ") for line in lines] == [
        line.removeprefix(f"{path}: ") for line in str(read.value).splitlines()
    ]


def test_changes_leave_the_case_as_it_is_and_are_checked() -> None:
    case = Case({**BALL, "materials": {"particle": "silicon-amorphous"}})
    changed = case.changed(
        {"geometry.particle_radius": "2 um", "materials.particle.elastic.poisson": 0.3}
    )
    assert changed.resolved["geometry"]["particle_radius"] == "2.0 um"
    assert changed.resolved["materials"]["particle"]["elastic"] == {"poisson": 0.3}
    assert case.resolved["geometry"]["particle_radius"] == "1.0 um"
    assert case.tables["materials"] == {"particle": "silicon-amorphous"}
    with pytest.raises(InputError, match="particle_radius"):
        case.changed({"geometry.particle_radius": "-2 um"})
    with pytest.raises(InputError, match="'title' is a value, not a table"):
        case.changed({"title.sub": 1})


def test_what_is_given_is_not_touched_and_cannot_be_changed_behind_the_case() -> None:
    given = {**BALL, "output": {"fields_every": np.float64(0.1)}}
    case = Case(given)
    assert type(given["output"]["fields_every"]) is np.float64
    case.tables["title"] = "Other"
    assert case.title == "Ball" and case.tables["title"] == "Ball"


def test_values_of_python_become_those_of_a_case_file() -> None:
    given = {"a": (1, np.int64(2)), "b": np.array([1.0, 2.5]), "c": Path("x/y"), "d": np.True_}
    assert plain(given) == {"a": [1, 2], "b": [1.0, 2.5], "c": "x/y", "d": True}
    with pytest.raises(InputError, match=r"geometry.particle_radius = None: a case holds"):
        Case(BALL, geometry={"plugin": "bare_particle", "particle_radius": None})
    with pytest.raises(InputError, match="the key 1 is not a string"):
        plain({"geometry": {1: "a"}})


def test_tables_survive_toml() -> None:
    tables = {
        "text": 'quo"te \\ back\nline é',
        "numbers": [1, 2.5, 1e-12, -3],
        "odd key.": True,
        "table": {"inner": {"x": 1}, "list of tables": [{"a": "b", "c": [1.0]}, {}], "y": "z"},
        "empty": {},
    }
    assert tomllib.loads(to_toml(tables)) == tables


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    case = Case(BALL)
    path = case.save(tmp_path / "new" / "case.toml")
    with pytest.raises(InputError, match="exists"):
        case.save(path)


def test_a_mesh_tells_its_sizes_and_cells(tmp_path: Path) -> None:
    mesh = Case(BALL).mesh(tmp_path / "mesh")
    assert mesh.manifest == Mesh.read(tmp_path / "mesh").manifest
    assert mesh.grid.n_cells == mesh.manifest["counts"]["cells"]
    assert set(mesh.grid.cell_data["region"]) == {mesh.regions["particle"]}
    assert abs(mesh.sizes.loc["particle", "error"]) < 0.01
    assert (mesh.quality["min"] > 0.3).all()
    with pytest.raises(InputError, match="holds no mesh"):
        Mesh.read(tmp_path)


def test_a_case_is_built_and_meshed_without_the_solver(tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["dolfinx"] = sys.modules["mpi4py"] = None  # importing them raises ImportError
from anodefem import Case, InputError, Result
case = Case({BALL!r})
case.mesh({str(tmp_path / "mesh")!r}).grid
try:
    case.run({str(tmp_path / "run")!r})
except InputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "a run needs 'mpi4py'" in done.stdout
    assert not (tmp_path / "run").exists()
