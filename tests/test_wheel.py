"""A wheel that is installed elsewhere is whole: command, geometries and cards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [pytest.mark.serial, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which the project's wheel has been installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    build = ["wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("anodefem-*.whl")
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def anodefem(site: Path, *arguments: str) -> str:
    """Run the installed command away from the source tree and return what it prints."""
    done = subprocess.run(
        [str(site / "bin" / "anodefem"), *arguments],
        env=os.environ | {"PYTHONPATH": str(site)},
        cwd=site,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_command_is_the_installed_package(site: Path) -> None:
    code = "import anodefem; print(anodefem.__file__)"
    environment = os.environ | {"PYTHONPATH": str(site)}
    printed = subprocess.check_output(
        [sys.executable, "-c", code], env=environment, cwd=site, text=True
    )
    assert Path(printed.strip()).is_relative_to(site)


def test_it_finds_every_geometry(site: Path) -> None:
    printed = anodefem(site, "list", "geometries")
    for plugin in (ROOT / "geometries").glob("*.py"):
        assert plugin.stem in printed


def test_it_reads_every_case_with_its_cards(site: Path) -> None:
    cases = sorted(map(str, (ROOT / "runs").glob("*/run.toml")))
    assert cases
    anodefem(site, "check", *cases)
