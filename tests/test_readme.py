"""What the README shows works as it stands there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"

CASE = """
title = "Wire"
[geometry]
plugin = "elliptic_wire"
[materials]
wire = "germanium-lithium"
[sei]
recipe = "ec-dmc"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""


@pytest.mark.serial
def test_the_plugin_of_the_readme_meshes(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "elliptic_wire.py").write_text(code, encoding="utf-8")
    (tmp_path / "wire.toml").write_text(CASE, encoding="utf-8")
    command = [sys.executable, "-m", "anodefem", "--plugins", str(tmp_path), "mesh"]
    output = tmp_path / "out"
    made = subprocess.run(
        [*command, str(tmp_path / "wire.toml"), "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    manifest = json.loads((output / "manifest.json").read_text())
    assert set(manifest["facets"]) == {"surface", "symmetry_x", "symmetry_y"}
    # first-order edges cut the corners of the ellipse
    assert manifest["measures"]["wire"] == pytest.approx(manifest["exact"]["wire"], rel=3e-3)


@pytest.mark.serial
def test_the_case_of_the_readme_is_good(tmp_path: Path) -> None:
    (case,) = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "run.toml").write_text(case, encoding="utf-8")
    command = [sys.executable, "-m", "anodefem", "check", str(tmp_path / "run.toml")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
