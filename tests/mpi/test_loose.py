"""Loose bodies in a void: a run goes on after they have met, alike on one rank and on several."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.mpi.test_ranks import both

pytestmark = pytest.mark.mpi

# With the third medium of other voids it ended at 0.085, soon after its wires had met.
BALL = """
title = "Wires packed in a shell"

[geometry]
plugin = "agglomerate"
kinematics = "plane_strain"
particle_radius = "40 nm"
particles = 3
fill = 0.55
shell_thickness = "20 nm"
refinement = 0.5

[materials]
particle = { card = "silicon-amorphous", transport = "uniform" }
shell = "carbon-shell"

[sei]
recipe = "ec-dmc"
thickness = "3 nm"

[protocol]
steps = ["lithiate at C/10 until soc = 0.1"]

[solver]
newton_tolerance = 1e-10 # a packing that gives way is sensitive to what is left
"""


def test_wires_that_have_met_go_on_and_do_not_depend_on_ranks(shared_tmp_path: Path) -> None:
    alone, together = both(shared_tmp_path, BALL)
    for result in (alone, together):
        assert result.record["status"] == "completed"
        assert np.abs(result["lithium_balance_error"]).max() < 1e-10
        assert result["contact_pressure_max"].max() > 0.1  # GPa
    for name in ("hull_volume_ratio", "contact_pressure_mean", "sei_strain_max"):
        np.testing.assert_allclose(together[name], alone[name], rtol=1e-5, atol=1e-9)
