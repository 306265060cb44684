"""Bodies from files go through a whole run, and what holds them does not stress them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import meshio
import numpy as np
import pandas as pd
import pytest

from anodefem import cases
from anodefem.solve.run import run
from tests.meshes import shapes

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.verification]

CASE = """
title = "A body of one's own"
[geometry]
plugin = "user_mesh"
path = "{path}"
{settings}
[materials]
particle = {{ card = "silicon-amorphous", transport = "uniform" }}
[protocol]
steps = ["lithiate at C/10 until soc = 0.2"]
[solver]
initial_step = 0.1
max_soc_step = 0.1
max_concentration_step = 0.1
linear = "{linear}"
[output]
fields_every = 0.0
"""


def _stl(folder: Path) -> str:
    points, triangles = shapes.grain()
    meshio.write(folder / "grain.stl", meshio.Mesh(points, [("triangle", triangles)]), binary=True)
    return 'unit = "1 um"'


def _voxels(folder: Path) -> str:
    # Two balls that overlap: a concave body without any symmetry.
    first = shapes.ball(16, 4.7, at=(5.5, 7.0, 6.0))
    np.save(folder / "grain.npy", first | shapes.ball(16, 4.0, at=(10.0, 9.5, 10.5)))
    return 'unit = "50 nm"'


def _vtu(folder: Path) -> str:
    points, cells = shapes.block(8, 6, 5)
    shapes.save(folder / "grain.vtu", points, cells, np.full(len(cells), 3))
    return 'unit = "100 nm"\nregions = { particle = 3 }'


@pytest.mark.parametrize(
    ("path", "write", "linear"),
    [
        ("grain.stl", _stl, "iterative"),
        ("grain.npy", _voxels, "direct"),
        ("grain.vtu", _vtu, "iterative"),
    ],
)
def test_a_body_from_a_file_swells_without_stress(
    tmp_path: Path, path: str, write: Callable[[Path], str], linear: str
) -> None:
    """A host of uniform fraction has nothing to be stressed by but its supports."""
    settings = write(tmp_path)
    (tmp_path / "run.toml").write_text(CASE.format(path=path, settings=settings, linear=linear))
    case = cases.load(tmp_path / "run.toml")
    run(case, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert told["status"] == "completed"
    table = pd.read_csv(tmp_path / "out" / "metrics.csv")
    card = case.materials["particle"].card
    assert card.storage is not None
    grown = float(card.storage.volume_ratio(0.2))
    assert table["hull_volume_ratio [-]"].iloc[-1] == pytest.approx(grown, rel=1e-6)
    assert table["von_mises_max_particle [GPa]"].max() < 1e-6
