"""An SEI that grows: on any ranks, in one go or in two; its lithium and its charge."""

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

# It breaks on the way up, grows in the gaps, which close on the way down, and dissolves.
TEXT = """
title = "An SEI that grows"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[sei]
recipe = "ec-dmc"
grow = true

[protocol]
steps = ["lithiate at 1C until soc = 0.1", "delithiate at 1C until soc = 0.05"]

[solver]
initial_step = 0.025
max_soc_step = 0.025
"""
#: A recipe that dissolves: at 2 nm an hour.
DISSOLUTION = """

[growth.dissolution]
value = 5e-13
unit = "m/s"
tag = "assumed"
source = "a test"
"""


def soluble(folder: Path) -> Path:
    """Write the case, and the default recipe with a solubility; collective."""
    if COMM.rank == 0:
        text = cards.paths("sei")["ec-dmc"].read_text(encoding="utf-8")
        (folder / "soluble.toml").write_text(text + DISSOLUTION, encoding="utf-8")
    return case_file(folder, TEXT.replace('"ec-dmc"', '"soluble.toml"'), COMM)


def test_growth_depends_neither_on_ranks_nor_on_a_stop(shared_tmp_path: Path) -> None:
    path = soluble(shared_tmp_path)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
    COMM.Barrier()
    whole = Result.read(alone)
    turn = int(np.flatnonzero(whole["step"] == 2.0)[0])
    if COMM.rank == 0:
        # just after the current has turned: broken, its gaps open
        with pytest.raises(ConvergenceError, match=f"after {turn} steps"):
            run(load(path, [f"solver.max_steps={turn}"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    assert whole["sei_area_cracked"][-1] == 1.0
    assert np.abs(whole["sei_balance_error"]).max() < 1e-15
    assert (np.diff(whole["sei_charge"]) > 0.0).all()
    assert (np.diff(whole["sei_dissolved"]) > 0.0).all()
    for other in ([together] if COMM.size > 1 else []) + [parts]:
        result = Result.read(other)
        for name, values in whole.metrics.items():
            if name.startswith("sei_") and not name.startswith("sei_balance"):
                scale = max(float(np.abs(values).max()), 1e-12)
                assert np.abs(result[name] - values).max() <= 1e-8 * scale, name


def test_an_sei_thins_on_what_swells_and_a_case_without_growth_keeps_it(
    shared_tmp_path: Path,
) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    still = shared_tmp_path / "still"
    fast = ["sei.growth.diffusivity=0 m^2/s", "sei.fracture_strain=1.0", "sei.thickness=30 nm"]
    run(load(path, fast), still, COMM)
    plain = shared_tmp_path / "plain"
    run(load(path, ["sei.grow=false", "sei.fracture_strain=1.0"]), plain, COMM)
    one, other = Result.read(still), Result.read(plain)
    assert np.abs(one["sei_charge"]).max() == 0.0
    ratio = one["sei_thickness_mean"] / one["sei_thickness_mean"][0]
    assert ratio.min() < 0.9
    # volume is kept: thickness times area
    assert one["sei_thickness_min"].min() == pytest.approx(
        30.0 * np.exp(-2 * one["sei_strain_mean"].max()), rel=0.02
    )
    for name, values in other.metrics.items():
        scale = max(float(np.abs(values).max()), 1e-12)
        if "error" not in name and "iterations" not in name:
            assert np.abs(one[name] - values).max() <= 1e-8 * scale, name
