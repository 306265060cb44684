"""Cases that are run from Python, on any number of ranks."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from mpi4py import MPI

from anodefem import Case, InputError, Result

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD
BALL = {
    "title": "Ball",
    "geometry": {"plugin": "bare_particle", "particle_radius": "1 um", "refinement": 0.3},
    "materials": {"particle": {"card": "silicon-amorphous", "transport": "uniform"}},
    "sei": {"recipe": "ec-dmc"},
    "protocol": {"steps": ["lithiate at C/10 until soc = 0.1"]},
    "output": {"fields_every": 0.02},
}


def test_every_rank_gets_the_result_and_a_finished_run_is_used_again(shared_tmp_path: Path) -> None:
    case = Case(BALL)
    folder = shared_tmp_path / "run"
    result = case.run(folder)
    assert result.status == "completed" and result.record["ranks"] == COMM.size
    assert result["soc"][-1] == pytest.approx(0.1)
    assert result.case == case
    assert result.events["kind"].iloc[-1] == "completed"
    assert result["hull_volume_ratio"][-1] > 1.2
    assert "step 1  t" in (folder / "log.txt").read_text(encoding="utf-8")

    written = (folder / "run.json").stat().st_mtime_ns
    assert case.run(folder, reuse=True)["soc"].tolist() == result["soc"].tolist()
    COMM.Barrier()
    assert (folder / "run.json").stat().st_mtime_ns == written
    with pytest.raises(InputError, match="holds another run"):
        case.run(folder)
    with pytest.raises(InputError, match="holds another run"):
        case.changed({"output.fields_every": 0.05}).run(folder, reuse=True)
    assert Result.read(folder).title == "Ball"
