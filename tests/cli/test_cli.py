"""The command line: what it prints, its exit codes, and that nothing is overwritten."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from anodefem import __version__, registry
from anodefem.cli import app
from anodefem.cli.common import together
from anodefem.errors import InputError

CASE = """
title = "Bare"
[geometry]
plugin = "bare_particle"
refinement = 0.3
[materials]
particle = "silicon-amorphous"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""

PLUGIN = '''
from dataclasses import dataclass
from typing import Annotated

from anodefem.geometry import Geometry, Roles
from anodefem.units import Length


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box."""

    edge: Annotated[Length, "edge of the box"] = 1.0


GEOMETRY = Geometry(
    name="box",
    title="A box of the user's",
    kinematics=("3d",),
    parameters=Box,
    exact=lambda p, kinematics: {"particle": p.edge**3, "hull": p.edge**3},
    roles=lambda p, kinematics: Roles(flux=("top",), sei=("top",), hull=("top",), symmetry={}),
    regions=lambda p, kinematics: ("particle",),
    build=lambda model, p, kinematics: None,
)
'''


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case file in a folder of its own, which is where the command runs."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bare" / "run.toml"
    path.parent.mkdir()
    path.write_text(CASE)
    return path


def _run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    registry.use_folders([])
    return result


def test_the_version_is_printed() -> None:
    result = _run("--version")
    assert (result.exit_code, result.stdout.strip()) == (0, __version__)


@pytest.mark.parametrize("command", [(), ("list",), ("check",), ("mesh",), ("run",), ("compare",)])
def test_help_is_there(command: tuple[str, ...]) -> None:
    result = _run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_an_unknown_command_is_bad_input() -> None:
    assert _run("rum").exit_code == 2


@pytest.mark.parametrize(
    ("topic", "known"),
    [
        ("geometries", "bare_particle"),
        ("materials", "silicon-amorphous"),
        ("sei", "ec-dmc"),
        ("laws", "neo-hookean"),
        ("protocols", "rest 10 min"),
    ],
)
def test_a_list_names_what_is_known(topic: str, known: str) -> None:
    result = _run("list", topic)
    assert result.exit_code == 0
    assert known in result.stdout


def test_metrics_are_listed_where_the_solver_is() -> None:
    pytest.importorskip("dolfinx")
    assert "sei_strain_max" in _run("list", "metrics").stdout


def test_a_card_is_listed_with_its_sources() -> None:
    result = _run("list", "materials", "silicon-amorphous")
    assert "storage.diffusivity" in result.stdout
    assert "literature-unchecked" in result.stdout
    assert "pharr2013" in result.stdout


def test_a_geometry_is_listed_with_its_parameters() -> None:
    assert "gap_ratio" in _run("list", "geometries", "graphene_cage").stdout


def test_what_cannot_be_listed_is_bad_input() -> None:
    assert _run("list", "cards").exit_code == 2
    result = _run("list", "sei", "ec-dcm")
    assert result.exit_code == 2
    assert "Did you mean 'ec-dmc'?" in result.stderr


def test_a_good_case_is_checked(case: Path) -> None:
    result = _run("check", case)
    assert result.exit_code == 0
    assert "silicon-amorphous" in result.stdout


def test_every_case_is_checked_before_any_is_refused(case: Path) -> None:
    worse = case.with_name("worse.toml")
    worse.write_text(CASE.replace("title", "titel") + "[solvr]\n")
    result = _run("check", worse, case, worse.with_name("none.toml"))
    assert result.exit_code == 2
    assert "good" in result.stdout
    told = result.stderr.splitlines()
    assert len(told) == 4  # two unknown keys, no title, no such file
    assert "Traceback" not in result.stderr


def test_a_length_of_cracks_that_the_mesh_cannot_resolve_is_refused(case: Path) -> None:
    fracture = ["--set", "fracture.regions=['particle']", "--set", "geometry.refinement=0.5"]
    result = _run("check", case, *fracture, "--set", "fracture.length=10 nm")
    assert result.exit_code == 2
    assert "fracture.length = 0.01 um: the largest cell of particle measures" in result.stderr
    assert _run("check", case, *fracture, "--set", "fracture.length=900 nm").exit_code == 0


def test_a_setting_reaches_the_case(case: Path) -> None:
    result = _run("check", case, "--set", "geometry.particle_radius=-1 um")
    assert result.exit_code == 2
    assert "particle_radius = '-1 um': must be greater than 0" in result.stderr


def test_a_folder_of_plugins_is_searched(case: Path, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "box.py").write_text(PLUGIN)
    assert "A box of the user's" in _run("--plugins", "plugins", "list", "geometries").stdout
    case.write_text(CASE.replace("refinement = 0.3", ""))
    settings = ("--set", "geometry.plugin=box", "--set", "title=Box")
    assert _run("--plugins", "plugins", "check", case, *settings).exit_code == 0
    assert _run("check", case, *settings).exit_code == 2
    assert "is not a folder" in _run("--plugins", "nowhere", "list", "sei").stderr


def test_a_mesh_is_made_and_told(case: Path) -> None:
    pytest.importorskip("gmsh")
    result = _run("mesh", case)
    assert result.exit_code == 0, result.stderr
    assert "particle_surface" in result.stdout
    assert json.loads(Path("out/meshes/bare/manifest.json").read_text())["kinematics"]


@pytest.mark.parametrize("command", ["mesh", "run", "batch"])
def test_a_folder_that_holds_a_run_is_left_alone(case: Path, command: str) -> None:
    if command == "run":
        pytest.importorskip("dolfinx")
    Path("old").mkdir()
    Path("old/run.json").write_text("{}")
    result = _run(command, case, "-o", "old")
    assert result.exit_code == 2
    assert "old holds another run; name another folder with -o" in result.stderr
    assert [path.name for path in Path("old").iterdir()] == ["run.json"]
    Path("old/log.txt").write_text("")
    result = _run(command, case, "-o", "old/mesh/new")
    assert result.exit_code == 2
    assert "old/mesh/new is within the run" in result.stderr
    assert sorted(path.name for path in Path("old").iterdir()) == ["log.txt", "run.json"]


def test_the_mesh_of_a_run_is_left_alone(case: Path) -> None:
    Path("old").mkdir()
    Path("old/run.json").write_text("{}")
    assert _run("mesh", case, "-o", "old/mesh").exit_code == 2
    assert not Path("old/mesh").exists()


@pytest.mark.parametrize("command", ["batch", "catalogue"])
def test_a_link_to_nothing_is_no_folder(case: Path, command: str) -> None:
    pytest.importorskip("dolfinx")
    row = Path(__file__).parents[2] / "runs" / "catalogue" / "27-doped-silicon"
    Path("link").symlink_to("nothing")
    result = _run(command, row if command == "catalogue" else case, "-o", "link")
    assert result.exit_code == 2
    assert "it is no folder" in result.stderr and "link" in result.stderr


@pytest.mark.parametrize("command", ["mesh", "run"])
def test_a_folder_that_cannot_be_written_is_told(case: Path, command: str) -> None:
    if command == "run":
        pytest.importorskip("dolfinx")
    Path("file").write_text("")  # not even root can make a folder in it
    Path("link").symlink_to("nothing")
    for folder, reason in (("file/out", "Not a directory"), ("link", "it is no folder")):
        result = _run(command, case, "-o", folder)
        assert result.exit_code == 2
        assert f"{folder}: cannot be written ({reason})" in result.stderr


def test_bad_input_of_a_run_is_one_message(case: Path) -> None:
    pytest.importorskip("dolfinx")
    result = _run("run", case, "--set", "materials.particle=silicon")
    assert result.exit_code == 2
    assert "no material card 'silicon'" in result.stderr
    assert not Path("out").exists()


@pytest.mark.mpi
def test_an_error_of_one_rank_is_an_error_of_all() -> None:
    world = pytest.importorskip("mpi4py.MPI").COMM_WORLD

    def work() -> int:
        if world.rank == world.size - 1:
            raise InputError("only here")
        return world.rank

    with pytest.raises(InputError, match="only here"):
        together(world, work)
    assert together(world, lambda: 3) == 3


def test_an_unsupported_dolfinx_is_one_message(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dolfinx")
    from anodefem import _dolfinx

    monkeypatch.setattr(_dolfinx, "VERSION", (0, 8))
    result = _run("run", case)
    assert result.exit_code == 2
    assert "is not supported" in result.stderr
    assert not Path("out").exists()


def test_a_missing_library_is_one_message(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    result = _run("run", case)
    assert result.exit_code == 2
    assert "needs the solver, dolfinx" in result.stderr


def test_a_comparison_of_nothing_is_bad_input(case: Path) -> None:
    pytest.importorskip("pyvista")
    result = _run("compare", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


def test_a_case_is_measured_and_drawn(case: Path) -> None:
    pytest.importorskip("pyvista")
    done = _run("check", case, "--picture", "body.png")
    assert done.exit_code == 0, done.stderr
    found = re.search(r"(\d+) cells, (\d+) unknowns; a run takes about", done.stdout)
    assert found and int(found[2]) > 4 * int(found[1])
    assert Path("body.png").stat().st_size > 10_000
    assert _run("check", case, "--mesh").stdout == done.stdout


@pytest.mark.parametrize("name", ["body.jpg2", "missing/body.png"])
def test_a_picture_that_cannot_be_written_is_refused(case: Path, name: str) -> None:
    assert _run("check", case, "--picture", name).exit_code == 2
    assert _run("check", case, case, "--picture", "body.png").exit_code == 2
