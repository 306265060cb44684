"""What coats bear: against closed forms, on any number of ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cards import material  # noqa: E402
from anodefem.verify.runs import run_case  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

#: Coats of a hundredth of the radius, far softer than the host: they follow, and restrain nothing.
TEXT = """
title = "Ball in two soft coats"

[geometry]
plugin = "shells"
particle_radius = "1 um"
layers = [{ name = "carbon", thickness = "10 nm" }, { name = "binder", thickness = "10 nm" }]
refinement = 0.3

[materials]
particle = { card = "silicon-amorphous", transport = "uniform" }
carbon = { card = "carbon-shell", elastic.young = "1 MPa", elastic.poisson = 0.25 }
binder = { card = "paa", elastic.young = "1 MPa", plastic.yield_stress = "1 GPa" }

[protocol]
initial_soc = 0.006
steps = ["lithiate at C/10 until soc = 0.02"]
"""


def test_ratios_are_those_of_a_coat_that_follows_a_ball(shared_tmp_path: Path) -> None:
    found = run_case(shared_tmp_path, TEXT, COMM)
    storage = material("silicon-amorphous").storage
    assert storage is not None
    stretch = np.array([storage.volume_ratio(x) for x in found["soc"]]) ** (1 / 3)
    # where both meet the ball, whose outer radius is not yet the binder's: 1 % of it
    breaks = material("paa").properties["breaking_strain"].si
    assert found["strain_ratio_binder"] * breaks == pytest.approx(stretch - 1, rel=0.04)
    strength = material("carbon-shell").properties["strength"].si
    stress = 1e6 / (1 - 0.25) * (stretch - 1)  # biaxial, to first order of the strain
    assert found["stress_ratio_carbon"] * strength == pytest.approx(stress, rel=0.05)
    assert "stress_ratio_particle" not in found.run.metrics
    assert "strain_ratio_carbon" not in found.run.metrics
