"""A run that breaks a law that it must keep ends there, and says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from mpi4py import MPI

import ufl

from anodefem.cases import load
from anodefem.errors import InputError, InvariantError
from anodefem.fem.contract import Physics
from anodefem.fem.domain import SOLID_DEGREE
from anodefem.fem.symbols import Symbols
from anodefem.physics.hosts import balance_test
from anodefem.solve.run import run
from tests.gold.tables import FOLDER

pytestmark = pytest.mark.serial


class Leak(Physics):
    """Takes some of the species away."""

    name = "leak"

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """A sink in the particle that no balance knows of."""
        dx = s.domain.dx("particle", degree=SOLID_DEGREE)
        return {"c": 2e-9 * s.state.dt * balance_test(s) * s.kinematics.weight * dx}


def test_a_run_that_loses_lithium_fails(tmp_path: Path) -> None:
    with pytest.raises(InvariantError, match=r"lithium_balance_error = -\S+ is beyond 1e-08"):
        run(load(FOLDER / "bare.toml"), tmp_path / "run", MPI.COMM_SELF, more=[Leak()])
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["status"] == "failed"
    assert "lithium_balance_error" in record["reason"]
    rows = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert len(rows) < 8  # the row that shows it is the last one
    with pytest.raises(InputError, match=r"test_invariants\.Leak beside those of its case"):
        run(load(FOLDER / "bare.toml"), tmp_path / "run", MPI.COMM_SELF, resume=True)
    # it was not kept in a checkpoint, so going on leads to the same end
    with pytest.raises(InvariantError, match="lithium_balance_error"):
        run(load(FOLDER / "bare.toml"), tmp_path / "run", MPI.COMM_SELF, more=[Leak()], resume=True)
