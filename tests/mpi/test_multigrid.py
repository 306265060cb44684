"""Multigrid on coarse levels and on potentials gives what factorisations give, on all ranks."""

from __future__ import annotations

from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest

from anodefem.solve import two_level
from anodefem.verify.runs import run_case

pytestmark = [pytest.mark.mpi, pytest.mark.slow]
COMM = MPI.COMM_WORLD

BALL = """
plugin = "bare_particle"
kinematics = "3d"
refinement = 0.25

[materials]
particle = "silicon-amorphous"
"""
#: Thin ligaments, on which single cycles do little.
SPONGE = """
plugin = "porous_sponge"
kinematics = "3d"
structure = "random"
porosity = 0.6
edge = "2 um"
wavelength = "1 um"
refinement = 0.4

[materials]
solid = { card = "tin-lithium", transport = "uniform" }
"""
CASE = """
title = "A body in 3D"

[geometry]
{body}
[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at 1C until soc = 0.022", "rest 5 s"]

[solver]
linear = "{linear}"
newton_tolerance = 1e-10
"""


@pytest.mark.parametrize("body", [BALL, SPONGE], ids=["ball", "sponge"])
def test_a_run_is_that_of_the_direct_solver(
    body: str, shared_tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterations = list[int]()
    iterate = two_level.TwoLevel._iterate

    def watched(self: two_level.TwoLevel, b: object, x: object) -> int:
        reason = iterate(self, b, x)
        iterations.append(self._solver.getIterationNumber())
        return reason

    monkeypatch.setattr(two_level, "COARSE_DIRECT", 0)
    monkeypatch.setattr(two_level, "CHEMISTRY_DIRECT", 0)
    monkeypatch.setattr(two_level.TwoLevel, "_iterate", watched)
    found = {}
    for solver in ("direct", "iterative"):
        folder = shared_tmp_path / solver
        if COMM.rank == 0:
            folder.mkdir()
        COMM.Barrier()
        found[solver] = run_case(folder, CASE.format(body=body, linear=solver), COMM)
    direct, iterative = found["direct"], found["iterative"]
    assert max(iterations) <= 20
    for name, values in direct.metrics.items():
        # an SEI that is stretched everywhere buckles by round-off alone
        if name in {"newton_iterations", "lithium_balance_error"} or "buckling" in name:
            continue
        scale = max(float(np.nanmax(np.abs(values))), 1e-12)
        np.testing.assert_allclose(
            iterative[name], values, rtol=0.0, atol=1e-7 * scale, err_msg=name
        )
    assert np.abs(iterative["lithium_balance_error"]).max() < 1e-10
