"""Hosts that share one electrode potential: on any number of ranks, and after a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.errors import ConvergenceError  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

TEXT = """
title = "Particle under Butler and Volmer's law"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[electrochemistry]
resistance = "0.02 ohm*m^2"

[protocol]
steps = ["lithiate at 1C until soc = 0.06", "rest 1 min"]

[solver]
initial_step = 0.02
max_soc_step = 0.02
"""

NAMES = ("voltage", "kinetic_overpotential", "film_overpotential", "soc", "charge_passed")


def test_the_potential_depends_neither_on_ranks_nor_on_a_stop(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
        with pytest.raises(ConvergenceError, match="after 3 steps"):
            run(load(path, ["solver.max_steps=3"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    assert np.abs(whole["charge_balance_error"]).max() < 1e-12
    assert whole["kinetic_overpotential"][-1] == pytest.approx(0.0, abs=1.0)
    for other in (parts, together) if COMM.size > 1 else (parts,):
        again = Result.read(other)
        for name in NAMES:
            scale = float(np.abs(whole[name]).max())
            np.testing.assert_allclose(again[name], whole[name], atol=1e-8 * scale, err_msg=name)
