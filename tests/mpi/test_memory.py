"""What a step has held is free after it, and what a run has held after that."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.fem.symbols import Symbols  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.solve.schwarz import VoidSchwarz  # noqa: E402

RUNS = Path(__file__).resolve().parents[2] / "runs"
CASE, CAGE = RUNS / "bare-particle" / "run.toml", RUNS / "graphene-cage" / "run.toml"
BRIEF = ["geometry.refinement=0.3", 'protocol.steps=["lithiate at 1C until soc = 0.022"]']

pytestmark = [pytest.mark.mpi, pytest.mark.slow]


@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_a_run_leaves_no_model_behind(shared_tmp_path: Path, linear: str) -> None:
    for number in range(2):
        run(load(CASE, [*BRIEF, f'solver.linear="{linear}"']), shared_tmp_path / str(number))
    gc.collect()
    alive = [each for each in gc.get_objects() if isinstance(each, Symbols)]
    assert len(alive) <= 1  # the last one may wait for its turn


def _resident() -> float:
    """Memory of this process that is in use [MB]."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_steps_leave_no_matrices_behind(
    shared_tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a void's factors in three dimensions; 3 MB a time were left here on two ranks."""
    found, build = list[float](), VoidSchwarz._build

    def watched(self: VoidSchwarz) -> None:
        build(self)
        found.append(_resident())

    monkeypatch.setattr(VoidSchwarz, "_build", watched)
    changes = [
        "geometry.refinement=0.5",
        'geometry.kinematics="3d"',
        'solver.linear="iterative"',
        'protocol.steps=["lithiate at C/10 until soc = 0.04"]',
    ]
    run(load(CAGE, changes), shared_tmp_path / "cage")
    assert len(found) >= 12
    assert found[-1] - found[5] < len(found) - 6
