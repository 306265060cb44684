"""An SEI that slides, comes off and grows in its gaps: on any ranks, in one go or in two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.errors import ConvergenceError  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402

pytestmark = [pytest.mark.mpi, pytest.mark.slow]
COMM = MPI.COMM_WORLD

# It slides on the way up, what grew in its gaps is left to it as the current turns, and it is
# pressed on the way down until it comes off.
TEXT = """
title = "An SEI that slides"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[sei]
recipe = "lif-rich-thf"
adhesion = "0.005 J/m^2"
slide = true
grow = true

[protocol]
steps = ["lithiate at 1C until soc = 0.1", "delithiate at 1C until soc = 0.05"]

[solver]
initial_step = 0.025
max_soc_step = 0.025
"""


def test_sliding_depends_neither_on_ranks_nor_on_a_stop(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
    COMM.Barrier()
    whole = Result.read(alone)
    turn = int(np.flatnonzero(whole["step"] == 2.0)[0])
    if COMM.rank == 0:
        # just after the current has turned: its gaps have just been filled
        with pytest.raises(ConvergenceError, match=f"after {turn} steps"):
            run(load(path, [f"solver.max_steps={turn}"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    assert whole["sei_gap_share"].max() > 0.05
    assert whole["sei_gap_share"][-1] == 0.0
    assert whole["sei_wrinkled_share"][-1] > 0.01
    assert np.abs(whole["sei_balance_error"]).max() < 1e-10
    for other in (together, parts) if COMM.size > 1 else (parts,):
        for column in ("sei_slid_ratio", "sei_wrinkled_share", "sei_slip_work", "sei_charge"):
            found, expected = Result.read(other)[column], whole[column]
            np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12)
