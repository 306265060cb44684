"""A block that comes off its collector: on any number of ranks, in one go or in two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

import meshio  # noqa: E402

from anodefem.cases import load  # noqa: E402
from anodefem.errors import ConvergenceError, InputError  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402
from tests.mpi.test_cracks import assert_alike  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

TEXT = """
title = "A block that comes off"

[geometry]
plugin = "multilayer"
kinematics = "plane_strain"
bilayers = 1
silicon_thickness = "0.2 um"
carbon_thickness = "0.05 um"
collector_thickness = "0.5 um"
refinement = 0.5

[materials]
silicon = { card = "silicon-amorphous", transport = "uniform" }
carbon = { card = "carbon-amorphous", transport = "uniform" }
collector = "copper"

[interfaces.foot]
between = ["silicon", "collector"]
strength = "200 MPa"
toughness = "0.5 J/m^2"

[protocol]
initial_soc = 0.006
steps = ["lithiate at C/10 until soc = 0.03"]

# Steps of one length, so short that none is taken back or cut: points right at yield begin a step
# as elastic or as plastic as round-off will have it, and with the iterations lengths would differ.
[solver]
initial_step = 0.0003
max_soc_step = 0.0003
step_tolerance = 0.1

[output]
fields_every = 0.01
"""


@pytest.mark.slow
def test_a_block_that_comes_off_depends_neither_on_ranks_nor_on_a_stop(
    shared_tmp_path: Path,
) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together, parts = (shared_tmp_path / name for name in ("alone", "together", "parts"))
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
        with pytest.raises(ConvergenceError, match="after 30 steps"):
            run(load(path, ["solver.max_steps=30"]), parts, MPI.COMM_SELF)
    COMM.Barrier()
    if COMM.size > 1:
        run(load(path), together, COMM)
    run(load(path), parts, COMM, resume=True)
    COMM.Barrier()
    whole = Result.read(alone)
    share, work = whole["debonded_share_foot"], whole["bond_work"]
    assert share[0] == 0.0 and share[-1] > 0.5
    assert (np.diff(share) >= 0.0).all() and (np.diff(work) >= 0.0).all()
    assert whole["fragments"][0] == 1.0
    assert_alike(whole, Result.read(parts), tolerance=1e-6)
    if COMM.size > 1:
        assert_alike(whole, Result.read(together), tolerance=1e-6)
    if COMM.rank == 0:
        _assert_the_block_has_slid(alone)


def _assert_the_block_has_slid(folder: Path) -> None:
    """At the foot of the block some points are there twice, and have parted."""
    mesh = meshio.read(folder / "mesh" / "mesh.xdmf")
    last = meshio.read(sorted((folder / "fields").glob("*.vtu"))[-1])
    copies = len(last.points) - len(mesh.points)
    assert copies > 5
    assert len(np.unique(last.points, axis=0)) == len(mesh.points)
    assert (np.abs(last.points[-copies:, 1]) < 1e-12).all()
    at = {tuple(point): place for place, point in enumerate(last.points[:-copies])}
    originals = [at[tuple(point)] for point in last.points[-copies:]]
    moved = last.point_data["displacement"]
    parted = np.linalg.norm(moved[-copies:] - moved[originals], axis=1)
    assert parted.max() > 1e-3


def test_interfaces_that_are_none_are_refused(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    settings = ["interfaces.foot.between=['carbon', 'collector']"]
    with pytest.raises(InputError, match="'carbon' and 'collector' do not touch in this mesh"):
        run(load(path, settings), shared_tmp_path / "apart", COMM)
    settings = ["interfaces.foot.strength=5 GPa"]
    with pytest.raises(InputError, match=r"facets of .* um are longer than the zone of .* um"):
        run(load(path, settings), shared_tmp_path / "brittle", COMM)


def test_cracks_beside_an_interface_of_which_nothing_is_said_are_refused(
    shared_tmp_path: Path,
) -> None:
    text = TEXT + '\n[fracture]\nregions = "silicon"\nlength = "200 nm"\n'
    path = case_file(shared_tmp_path, text, COMM)
    with pytest.raises(InputError, match="'silicon' can break and touches 'carbon', and nothing"):
        run(load(path), shared_tmp_path / "unsaid", COMM)
