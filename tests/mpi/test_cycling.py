"""A full cell whose SEI grows: its ledger, and runs that stop and go on, on any number of ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem import cards  # noqa: E402
from anodefem.cases import load  # noqa: E402
from anodefem.errors import ConvergenceError  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402

pytestmark = [pytest.mark.mpi, pytest.mark.slow]
COMM = MPI.COMM_WORLD

TEXT = """
title = "A full cell whose SEI grows"

[geometry]
plugin = "bare_particle"
particle_radius = "100 nm"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[sei]
recipe = "soluble.toml"
grow = true

[cathode]
card = "nmc811"
np_ratio = 1.25

[protocol]
steps = [
    "charge at 2C until 3.25 V",
    "hold at 3.25 V for 20 s",
    "discharge at 2C until 3.2 V",
]

[solver]
initial_step = 0.01
max_soc_step = 0.02
"""
DISSOLUTION = """
[growth.dissolution]
value = 1e-13
unit = "m/s"
tag = "assumed"
source = "a test"
"""
#: The run is stopped after so many steps in time.
STOP = 3


def _same(again: Result, whole: Result, tolerance: float) -> None:
    """Compare all columns.

    Args:
        again: Of the run that was stopped, or of other ranks.
        whole: Of the run that was not.
        tolerance: Over the largest value of a column.
    """
    for name in whole.units:
        if name.endswith("_error") or name == "newton_iterations":
            continue
        # a column that is round-off itself, such as a ratio of 1e-14, has no scale
        scale = max(float(np.abs(whole[name]).max()), 1e-6)
        np.testing.assert_allclose(
            again[name], whole[name], rtol=0.0, atol=tolerance * scale, err_msg=name
        )


def test_a_full_cell_goes_on_where_it_was_stopped(shared_tmp_path: Path) -> None:
    if COMM.rank == 0:
        text = cards.paths("sei")["ec-dmc"].read_text(encoding="utf-8")
        (shared_tmp_path / "soluble.toml").write_text(text + DISSOLUTION, encoding="utf-8")
    path = case_file(shared_tmp_path, TEXT, COMM)
    folders = ("alone", "parts", "more", "fewer")
    alone, parts, more, fewer = (shared_tmp_path / name for name in folders)
    few = COMM.Split(0 if COMM.rank < max(COMM.size - 1, 1) else 1)
    stopped = [f"solver.max_steps={STOP}"]
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
        with pytest.raises(ConvergenceError, match=f"after {STOP} steps"):
            run(load(path, stopped), parts, MPI.COMM_SELF)
        run(load(path), parts, MPI.COMM_SELF, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    assert np.abs(whole["inventory_error"]).max() < 1e-12
    assert whole["cyclable_lithium"][-1] < 1.0 and np.all(np.diff(whole["sei_lithium"]) > 0.0)
    ends = [whole["cell_voltage"][whole["step"] == step][-1] for step in (1, 2, 3)]
    assert ends == pytest.approx([3.25, 3.25, 3.2], abs=1.01e-5)
    assert whole["sei_dissolved"][-1] > 0.0
    # what has left the cathode is in the host and in the SEI, or has dissolved
    taken = whole["soc"] - whole["soc"][0] + whole["sei_lithium"]
    given = (0.9084 - whole["cathode_fraction"]) / (1.25 * (0.9084 - 0.27))
    np.testing.assert_allclose(taken, given, atol=1e-12)
    _same(Result.read(parts), whole, 1e-12)
    if COMM.size == 1:
        return
    # one rank less at first, and then all; all at first, and then one
    if COMM.rank < few.size:
        with pytest.raises(ConvergenceError, match=f"after {STOP} steps"):
            run(load(path, stopped), more, few)
    COMM.Barrier()
    run(load(path), more, COMM, resume=True)
    with pytest.raises(ConvergenceError, match=f"after {STOP} steps"):
        run(load(path, stopped), fewer, COMM)
    COMM.Barrier()
    if COMM.rank == 0:
        run(load(path), fewer, MPI.COMM_SELF, resume=True)
    COMM.Barrier()
    for folder in (more, fewer):
        _same(Result.read(folder), whole, 1e-8)
