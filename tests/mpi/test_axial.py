"""A wire that may stretch along its axis: on any number of ranks, and after a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.errors import ConvergenceError, InputError  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

TEXT = """
title = "Wire with an SEI that may stretch"

[geometry]
plugin = "film_on_wire"
kinematics = "plane_strain"
radius = "0.5 um"
film_thickness = "100 nm"
cell = "25 nm"
refinement = 1.0
axial = "free"

[materials]
core = { card = "silicon-amorphous", transport = "uniform" }
interlayer = "al2o3"
film = "al2o3"

[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at 1C until soc = 0.08"]

[solver]
initial_step = 0.02
max_soc_step = 0.02
"""


def test_a_free_wire_depends_neither_on_ranks_nor_on_a_stop(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
        with pytest.raises(ConvergenceError, match="after 2 steps"):
            run(load(path, ["solver.max_steps=2"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    elongation = whole["axial_strain"]
    assert (np.diff(elongation) > 0.0).all()
    # less than that of free swelling, since the film holds it, and more than nothing
    free = whole["hull_volume_ratio"] ** (1 / 3) - 1
    assert 0.2 * free[-1] < elongation[-1] < 1.2 * free[-1]
    for other in (parts, together) if COMM.size > 1 else (parts,):
        again = Result.read(other)
        for name in ("axial_strain", "hull_volume_ratio", "sei_strain_max", "voltage"):
            scale = float(np.abs(whole[name]).max())
            np.testing.assert_allclose(again[name], whole[name], atol=1e-8 * scale, err_msg=name)


def test_only_a_body_in_plane_strain_can_be_free_along_its_axis(shared_tmp_path: Path) -> None:
    text = TEXT.replace('"film_on_wire"', '"bare_particle"').replace("plane_strain", "axisymmetric")
    text = text.replace('radius = "0.5 um"\nfilm_thickness = "100 nm"\ncell = "25 nm"\n', "")
    text = text.replace('interlayer = "al2o3"\nfilm = "al2o3"\n', "")
    path = case_file(shared_tmp_path, text.replace("core =", "particle ="), COMM)
    with pytest.raises(InputError, match=r"geometry.axial = 'free': must be 'fixed'"):
        load(path)
