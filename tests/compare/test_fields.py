"""Colour scales: broken at a limit, common or own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import pyvista as pv

from anodefem.compare import body, compare, fields, fields_inside, figures
from anodefem.compare.load import load
from anodefem.compare.scene import build
from anodefem.compare.theme import Theme
from tests.compare.test_report import Page

pytestmark = pytest.mark.serial

STRAIN, STRESS = fields.BY_NAME["sei_strain"], fields.BY_NAME["von_mises"]


def test_a_broken_scale_shows_its_limit() -> None:
    scale = fields.scale(STRAIN, [np.linspace(0, 2.8, 500)], limits=[0.05, float("nan"), 0.08])
    assert (scale.limit, scale.high) == (0.05, 3.0)
    assert scale.unit([0.0, 0.025, 0.05, 3.0]) == pytest.approx([0, 0.2, 0.4, 1.0])
    places = scale.unit(np.geomspace(0.05, 3.0, 20))
    assert np.allclose(np.diff(places), np.diff(places)[0])
    ticks = scale.ticks()
    assert ticks[:2] == [0.0, 0.05] and ticks == sorted(ticks) and ticks[-1] <= 3.0
    assert np.diff(scale.unit(ticks)).min() > 0.08


def test_strain_far_below_the_limit_stays_on_a_linear_scale_that_holds_it() -> None:
    scale = fields.scale(STRAIN, [np.linspace(0, 0.008, 50)], limits=[0.05])
    assert (scale.low, scale.high, scale.limit) == (0.0, 0.05, None)


def test_round_off_has_no_colours() -> None:
    assert fields.scale(STRESS, [np.full(9, 3e-14)]).high == 1.0


def test_fields_with_two_signs_have_a_symmetric_scale() -> None:
    scale = fields.scale(fields.BY_NAME["hydrostatic_stress"], [np.array([-0.7, 0.2])])
    assert (scale.low, scale.high) == (-0.8, 0.8)


def test_bodies_that_would_be_pale_get_scales_of_their_own(runs: dict[str, Path]) -> None:
    several = load([runs["sphere"], runs["films"]])
    scenes = [build(run, 0.5, body.hosts(run, run.state(5))) for run in several]
    for number, factor in enumerate((1.0, 20.0)):
        for layer in scenes[number].layers:
            if "von_mises" in layer.mesh.point_data:
                layer.mesh.point_data["von_mises"] = np.full(layer.mesh.n_points, 0.1 * factor)
    auto, common = figures.scales_of(scenes), figures.scales_of(scenes, spread="common")
    assert [auto.inside[run.title].high for run in several] == [0.1, 2.0]
    assert not auto.common and common.common
    assert {scale.high for scale in common.inside.values()} == {2.0}
    alike = figures.scales_of(scenes[:1])
    assert alike.common


def test_a_field_that_is_not_known_by_name_is_offered_too(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(runs["sphere"], tmp_path / "run"))
    for path in (folder / "fields").glob("*.vtu"):
        grid = pv.read(path)
        grid.point_data["electrolyte_potential"] = np.linspace(0.0, 0.3, grid.n_points)
        grid.cell_data["cauchy_stress"] = np.ones((grid.n_cells, 6))  # no scalar
        grid.save(path)
    info = json.loads((folder / "run.json").read_text())
    info["fields"] = {"electrolyte_potential": "V"}
    (folder / "run.json").write_text(json.dumps(info))
    assert "electrolyte_potential" in fields_inside(load([folder]))
    compare([folder], tmp_path / "out", field="electrolyte_potential", theme=Theme(dpi=60))
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    (found,) = (one for one in page.header["fields"] if one["name"] == "electrolyte_potential")
    assert (found["label"], found["unit"], found["common"]["high"]) == (
        "electrolyte potential",
        "V",
        0.3,
    )
    assert not any(one["name"] == "cauchy_stress" for one in page.header["fields"])
