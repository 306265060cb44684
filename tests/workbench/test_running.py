"""Cases that are run from Python, on any number of ranks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from mpi4py import MPI

import ufl
from dolfinx import fem

from anodefem import Case, InputError, Result
from anodefem.fem.contract import Physics

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


@pytest.mark.serial
def test_ctrl_c_while_libraries_load_spoils_no_later_run(tmp_path: Path) -> None:
    program = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in ("numpy.linalg", "pandas._libs.tslib") and name not in rung:
            rung.append(name)
            os.kill(os.getpid(), signal.SIGINT)

rung = []
from anodefem import Case
case = Case.from_file(sys.argv[1])
sys.meta_path.insert(0, Finder())
for _ in range(2):
    try:
        case.run("run")
    except KeyboardInterrupt:
        break
else:
    sys.exit("not interrupted")
case.changed({"solver.max_steps": 1}).run("other")
"""
    case = Path(__file__).resolve().parents[1] / "gold" / "bare.toml"
    words = [sys.executable, "-c", program, str(case)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    # one step is not enough, but the run has begun
    assert "ConvergenceError" in done.stderr and "max_steps" in done.stderr, done.stderr[-2000:]


class Bed(Physics):
    """Springs on the surface that push back along the displacement: k u per reference area."""

    def __init__(self, stiffness: float) -> None:
        self.stiffness = stiffness  # MPa/um

    def energies(self, s):
        """Of the springs [MPa um^3]."""
        u = s.displacement()
        yield self.stiffness / 2 * ufl.dot(u, u) * s.kinematics.weight * s.ds("flux")

    def forms(self, s):
        """Derivative of the energy."""
        (energy,) = self.energies(s)
        return {"u": s.derivative(1 / s.stress_scale * energy, "u")}


class Wall(Physics):
    """The surface stays where it is."""

    def constraints(self, s):
        """Displacement of the surface."""
        space, domain = s.state["u"].function_space, s.domain
        facets = domain.facets("particle_surface")
        held = fem.locate_dofs_topological(space, domain.dim - 1, facets)
        return {"u": [fem.dirichletbc(s.state["u"], held)]}


def test_a_term_and_a_boundary_condition_of_ones_own(shared_tmp_path: Path) -> None:
    case = Case(BALL).changed(
        {
            "geometry.order": 2,
            "sei.recipe": "none",
            "protocol.steps": ["lithiate at C/10 until soc = 0.03"],
        }
    )
    free = case.run(shared_tmp_path / "free")
    bed = case.run(shared_tmp_path / "bed", more=[Bed(1e3)])
    wall = case.run(shared_tmp_path / "wall", more=[Wall()])
    assert bed.record["more_physics"] == [f"{Bed.__module__}.Bed"]
    assert free.record["more_physics"] == []
    # springs press by k u per reference area of a surface that has moved to r = R + u
    u = bed["hull_volume_ratio"][-1] ** (1 / 3) - 1.0
    pressure = 1e-3 * 1e3 * u / (1.0 + u) ** 2
    assert bed["hydrostatic_min_particle"][-1] == pytest.approx(-pressure, rel=1e-2)
    assert bed["hull_volume_ratio"][-1] < free["hull_volume_ratio"][-1]
    assert wall["hull_volume_ratio"][-1] == pytest.approx(1.0, abs=1e-9)
    with pytest.raises(InputError, match="not together with more"):
        case.run(shared_tmp_path / "bed", more=[Bed(1e3)], reuse=True)
    with pytest.raises(InputError, match="holds another run"):
        case.run(shared_tmp_path / "bed", reuse=True)
