"""Colour scales: broken at a limit, common or own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem.compare import body, fields, figures
from anodefem.compare.load import load
from anodefem.compare.scene import build

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
