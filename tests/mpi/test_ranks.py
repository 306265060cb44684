"""The same case on this number of ranks and on one: metrics and fields agree.

The reference is run by rank 0 alone while the others wait.
"""

from __future__ import annotations

from pathlib import Path

from mpi4py import MPI

import meshio
import numpy as np
import pytest

from anodefem.cases import load
from anodefem.errors import ConvergenceError, InputError
from anodefem.solve.run import run
from anodefem.verify.runs import Array, Result, case_file, run_case

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD

BARE = """
title = "Bare particle"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.5

[materials]
particle = "silicon-amorphous"

[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at 1C until soc = 0.2", "rest 10 min", "delithiate at 1C until soc = 0.15"]

[solver]
linear = "direct"
"""

CAGED = """
title = "Particle that meets its cage"

[geometry]
plugin = "graphene_cage"
kinematics = "axisymmetric"
gap_ratio = 1.15
refinement = 0.4

[materials]
particle = "silicon-amorphous"
cage = "graphene-multilayer"

[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at C/10 until soc = 0.25", "delithiate at C/10 until soc = 0.15"]

[solver]
linear = "direct"
"""

COATED = """
title = "Particle in a coat that relaxes, breaks and heals"

[geometry]
plugin = "binder_particle"
kinematics = "axisymmetric"
refinement = 0.4

[materials]
particle = "silicon-amorphous"
coat = { card = "shp", healing.energy = "2 kJ/m^3" }

[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at 1C until soc = 0.15", "delithiate at 1C until soc = 0.12"]

[solver]
linear = "direct"
"""

SOLID = """
title = "Bare particle in 3D"

[geometry]
plugin = "bare_particle"
kinematics = "3d"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[sei]
recipe = "ec-dmc"

[protocol]
steps = ["lithiate at 1C until soc = 0.1"]
flux_area = "current"

[solver]
linear = "direct"
"""


def both(folder: Path, text: str) -> tuple[Result, Result]:
    """Result on all ranks and on one, known to every rank."""
    alone, together = folder / "alone", folder / "together"
    if COMM.rank == 0:
        for each in (alone, together):
            each.mkdir()
        run_case(alone, text)
    COMM.Barrier()
    result = run_case(together, text, COMM)
    return Result.read(alone / "out"), result


def assert_alike(one: Array, many: Array, *, scale: float, what: str) -> None:
    """Compare to 1e-8 of ``scale``, NaN at the same places; 1e-12 where all is round-off."""
    np.testing.assert_array_equal(np.isnan(one), np.isnan(many), err_msg=what)
    largest = np.nanmax(np.abs(one - many))
    assert largest <= max(1e-8 * scale, 1e-12), f"{what}: {largest:g} of {scale:g}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BARE, id="bare", marks=pytest.mark.slow),
        pytest.param(CAGED, id="caged"),
        pytest.param(COATED, id="coated", marks=pytest.mark.slow),
        pytest.param(SOLID, id="3d"),
    ],
)
def test_metrics_and_fields_do_not_depend_on_ranks(shared_tmp_path: Path, text: str) -> None:
    alone, together = both(shared_tmp_path, text)
    assert alone.record["ranks"] == 1
    assert together.record["ranks"] == COMM.size
    for key in ("mesh_hash", "status", "steps", "rejected_steps", "cells", "unknowns"):
        assert alone.record[key] == together.record[key], key
    assert list(alone.metrics) == list(together.metrics)
    for name, values in alone.metrics.items():
        if name == "lithium_balance_error":  # round-off, and different on every run
            assert np.abs(together[name]).max() < 1e-10
        elif name == "newton_iterations":
            # Points right at yield begin a step as elastic or as plastic, as round-off will have
            # it; the way to the solution may be one iteration longer, the solution is the same.
            assert np.abs(together[name] - values).max() <= 1
        else:
            assert_alike(values, together[name], scale=float(np.abs(values).max()), what=name)
    assert_fields_alike(alone.folder, together.folder)


def assert_fields_alike(alone: Path, together: Path) -> None:
    """Compare every field file of two runs, point by point and cell by cell."""
    names = sorted(path.name for path in (alone / "fields").iterdir())
    assert names == sorted(path.name for path in (together / "fields").iterdir())
    last = meshio.read(alone / "fields" / names[-1])
    for name in names:
        one, many = (meshio.read(folder / "fields" / name) for folder in (alone, together))
        np.testing.assert_array_equal(one.points, many.points)
        np.testing.assert_array_equal(one.cells[0].data, many.cells[0].data)
        for key, values in one.point_data.items():
            scale = float(np.nanmax(np.abs(last.point_data[key])))
            assert_alike(values, many.point_data[key], scale=scale, what=f"{name} {key}")
        for key, (cell_values,) in one.cell_data.items():
            scale = float(np.nanmax(np.abs(last.cell_data[key][0])))
            assert_alike(cell_values, many.cell_data[key][0], scale=scale, what=f"{name} {key}")


def test_a_folder_that_holds_a_run_is_refused_by_all_ranks(shared_tmp_path: Path) -> None:
    case, output = load(case_file(shared_tmp_path, BARE, COMM)), shared_tmp_path / "out"
    if COMM.rank == 0:
        output.mkdir()
        (output / "run.json").write_text("{}")
    COMM.Barrier()
    with pytest.raises(InputError, match="holds another run"):
        run(case, output, COMM)
    assert (output / "run.json").read_text() == "{}"


def test_a_folder_that_cannot_be_written_is_refused_by_all_ranks(shared_tmp_path: Path) -> None:
    case = load(case_file(shared_tmp_path, BARE, COMM))
    # a folder inside a file: refused to root, too
    with pytest.raises(InputError, match="cannot be written"):
        run(case, case.path / "out", COMM)


def test_a_run_that_cannot_go_on_ends_on_all_ranks(shared_tmp_path: Path) -> None:
    path, output = case_file(shared_tmp_path, BARE, COMM), shared_tmp_path / "out"
    with pytest.raises(ConvergenceError, match="gave up after 3 steps"):
        run(load(path, ["solver.max_steps=3"]), output, COMM)
    COMM.Barrier()
    result = Result.read(output)
    assert result.record["status"] == "failed"
    assert len(result["t"]) == 4
