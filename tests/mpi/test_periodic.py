"""Periodic sides on this number of ranks and on one: all agree, and what is tied is the same."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np
import pytest

from anodefem.fem.domain import Domain
from anodefem.meshing.periodic import partners
from anodefem.workbench.bodies import read
from tests.mpi.test_ranks import COMM, assert_alike, assert_fields_alike, both
from tests.rooms.test_periodic import block_of, swollen

pytestmark = pytest.mark.mpi

SLICE = """
title = "Slice whose particle crosses its sides"

[geometry]
plugin = "electrode"
particles = 1
width = "2.8 um"
fill = 0.4
sides = "periodic"
collector_thickness = "0.3 um"
refinement = 0.4
stack_pressure = "0.1 MPa"

[materials]
particle = "aluminium-lithium"
binder = "pr-paa"
collector = "copper"

[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at C/10 until soc = 0.022", "delithiate at C/10 until soc = 0.021"]

[solver]
medium_stiffness = 1e-5
newton_tolerance = 1e-10 # stresses of the thin coat are 1e-8 of themselves then
"""


@pytest.mark.slow
def test_a_periodic_slice_does_not_depend_on_ranks(shared_tmp_path: Path) -> None:
    alone, together = both(shared_tmp_path, SLICE)
    for key in ("mesh_hash", "status", "steps", "rejected_steps", "cells", "unknowns"):
        assert alone.record[key] == together.record[key], key
    for name, values in alone.metrics.items():
        if name == "lithium_balance_error":
            assert np.abs(together[name]).max() < 1e-10
        elif name == "newton_iterations":
            assert np.abs(together[name] - values).max() <= 1
        else:
            assert_alike(values, together[name], scale=float(np.abs(values).max()), what=name)
    assert_fields_alike(alone.folder, together.folder)
    last = meshio.read(sorted((together.folder / "fields").iterdir())[-1])
    points, moved = last.points[:, :2], last.point_data["displacement"]
    left, right = (np.flatnonzero(points[:, 0] == x) for x in (0.0, 2.8))
    found = partners(points[left], points[right])
    assert found is not None
    assert len(found) > 10
    np.testing.assert_allclose(moved[right], moved[left][found], rtol=0.0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_a_block_that_goes_on_along_two_axes_does_not_depend_on_ranks(
    shared_tmp_path: Path, linear: str
) -> None:
    row = None
    if COMM.rank == 0:
        _, row = swollen(read(block_of((2, 4)), shared_tmp_path, order=1), linear)
    alone = COMM.bcast(row)
    _, together = swollen(Domain.read(shared_tmp_path, COMM), linear)
    assert {*alone} == {*together}
    for name, value in alone.items():
        if name != "newton_iterations [-]":
            assert together[name] == pytest.approx(value, rel=1e-7, abs=1e-9), name
