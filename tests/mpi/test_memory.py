"""What a run has held is free after it, so that many can follow each other in one process."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.fem.symbols import Symbols  # noqa: E402
from anodefem.solve.run import run  # noqa: E402

CASE = Path(__file__).resolve().parents[2] / "runs" / "bare-particle" / "run.toml"
BRIEF = ["geometry.refinement=0.3", 'protocol.steps=["lithiate at 1C until soc = 0.022"]']

pytestmark = [pytest.mark.mpi, pytest.mark.slow]


@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_a_run_leaves_no_model_behind(shared_tmp_path: Path, linear: str) -> None:
    for number in range(2):
        run(load(CASE, [*BRIEF, f'solver.linear="{linear}"']), shared_tmp_path / str(number))
    gc.collect()
    alive = [each for each in gc.get_objects() if isinstance(each, Symbols)]
    assert len(alive) <= 1  # the last one may wait for its turn
