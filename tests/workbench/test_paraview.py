"""The script that opens a run in ParaView, with ParaView itself where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import MagicMock

import pytest

from anodefem import InputError, Result
from anodefem.workbench.paraview import write
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A ball that swells freely."""
    path = tmp_path_factory.mktemp("paraview") / "ball"
    fields = {"displacement": "um", "lithium_fraction": "-", "von_mises": "GPa"}
    synthetic.free(path, shapes.sphere(), title='A "ball"', fields=fields)
    return Result.read(path)


def test_the_script_shows_the_deformed_solids(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(result, tmp_path / "look.py", field="von_mises")
    simple = MagicMock()
    simple.PVDReader.return_value.TimestepValues = [0.0, 1.0]
    paraview = ModuleType("paraview")
    paraview.simple = simple  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "paraview", paraview)
    monkeypatch.setattr(sys, "argv", ["look.py", "picture.png"])
    exec((tmp_path / "look.py").read_text(), {})
    assert simple.PVDReader.call_args.kwargs["FileName"] == str(result.folder / "fields.pvd")
    drawn = {call.kwargs["registrationName"] for call in simple.Threshold.call_args_list}
    assert drawn == set(result.record["regions"]) - set(result.record["media"])
    assert simple.GetScalarBar.return_value.Title == "von mises [GPa]"
    assert simple.SaveScreenshot.call_args.args[0] == "picture.png"


def test_a_field_that_is_not_there_is_refused(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'von_mises'"):
        write(result, tmp_path / "look.py", field="von_misses")


@pytest.mark.skipif(not shutil.which("pvpython"), reason="ParaView is not installed")
def test_paraview_draws_it(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "look.py", field="von_mises")
    subprocess.run(["pvpython", "look.py", "picture.png"], cwd=tmp_path, check=True)
    assert (tmp_path / "picture.png").stat().st_size > 10_000
