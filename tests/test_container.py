"""The environment: its lists agree, its messages are clear, and its MPI runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import anodefem

ROOT = Path(__file__).resolve().parents[1]
RUN = ROOT / "container" / "run"


def requirements() -> list[str]:
    """Return what pyproject.toml requires, with all extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    users = ("notebook", "parquet")  # what these need is the user's own
    own = [names for extra, names in extras.items() if extra not in users]
    return [*project["dependencies"], *(name for names in own for name in names)]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``container/run`` from inside the environment, where it has nothing to build."""
    environment = os.environ | variables
    return subprocess.run(
        [str(RUN), *command], env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.serial
def test_the_requirements_that_get_installed_are_those_of_pyproject() -> None:
    assert run("--requirements").stdout.split() == requirements()


def test_the_conda_environment_holds_every_requirement() -> None:
    listed = (ROOT / "container" / "environment.yml").read_text(encoding="utf-8")
    renamed = {"matplotlib": "matplotlib-base"}
    for requirement in requirements():
        name, bound = re.fullmatch(r"([\w.-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
        assert f"  - {renamed.get(name, name)}{bound}\n" in listed


@pytest.mark.serial
def test_the_exit_code_and_the_arguments_pass_through() -> None:
    done = run("sh", "-c", 'echo "$1"; exit 7', "sh", "two words")
    assert (done.returncode, done.stdout) == (7, "two words\n")


@pytest.mark.serial
def test_the_source_tree_is_importable_from_anywhere(tmp_path: Path) -> None:
    code = "import anodefem; print(anodefem.__file__)"
    done = subprocess.run(
        [str(RUN), "python3", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(ROOT / "src" / "anodefem" / "__init__.py")


@pytest.mark.serial
@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        ("0.8.0", False),
        ("0.9.0", True),
        ("0.10.0.post5", True),
        ("0.11.2", True),
        ("0.12.0", False),
        ("0.12.0.dev0", False),
        ("1.0", False),
    ],
)
def test_an_unsupported_dolfinx_is_refused_in_one_message(
    tmp_path: Path, version: str, accepted: bool
) -> None:
    (tmp_path / "dolfinx").mkdir()
    (tmp_path / "dolfinx" / "__init__.py").touch()
    info = tmp_path / f"fenics_dolfinx-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: fenics-dolfinx\nVersion: {version}\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("true", PYTHONPATH=path)
    if accepted:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == 2
        assert f"dolfinx {version}; supported is >=0.9,<0.12" in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.serial
def test_an_unknown_lane_is_refused() -> None:
    done = run("true", LANE="newest")
    assert done.returncode == 2
    assert "allowed are: default, latest" in done.stderr


@pytest.mark.serial
def test_everything_lives_in_one_process() -> None:
    done = run(sys.executable, str(ROOT / "container" / "versions.py"))
    assert done.returncode == 0, done.stderr
    assert "dolfinx" in done.stdout


@pytest.mark.mpi
def test_ranks_talk_and_share_a_folder(shared_tmp_path: Path) -> None:
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    assert comm.allreduce(comm.rank) == comm.size * (comm.size - 1) // 2
    (shared_tmp_path / str(comm.rank)).touch()
    comm.Barrier()
    assert len(list(shared_tmp_path.iterdir())) == comm.size


def test_the_conda_recipe_is_that_of_this_version() -> None:
    recipe = (ROOT / "container" / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    assert f'  version: "{anodefem.__version__}"\n' in recipe
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    renamed = {"matplotlib": "matplotlib-base", "gmsh": "python-gmsh"}
    for requirement in [*project["dependencies"], *extras["mesh"], *extras["compare"]]:
        name, bound = re.fullmatch(r"([\w.-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
        assert f"    - {renamed.get(name, name)} {bound}".rstrip() + "\n" in recipe
