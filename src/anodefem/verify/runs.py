"""Cases written by a problem, run as a user would, and what they left behind."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from anodefem.cases import load
from anodefem.solve.run import run

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Result:
    """A run that has ended.

    Attributes:
        folder: Where it is.
        record: Content of ``run.json``.
        metrics: Columns of ``metrics.csv`` by name without unit.
    """

    folder: Path
    record: Mapping[str, Any]
    metrics: Mapping[str, Array]

    @classmethod
    def read(cls, folder: Path) -> Result:
        """Read a run folder."""
        with (folder / "metrics.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        metrics = {
            column.partition(" [")[0]: np.array([float(row[column]) for row in rows])
            for column in rows[0]
        }
        return cls(folder, json.loads((folder / "run.json").read_text()), metrics)

    def __getitem__(self, name: str) -> Array:
        """Column of a metric, one value per accepted step."""
        return self.metrics[name]


def case_file(folder: Path, text: str, comm: MPI.Comm = MPI.COMM_SELF) -> Path:
    """Write a case into a folder, for all ranks to read."""
    path = folder / "run.toml"
    if comm.rank == 0:
        path.write_text(text, encoding="utf-8")
    comm.Barrier()
    return path


def run_case(folder: Path, text: str, comm: MPI.Comm = MPI.COMM_SELF) -> Result:
    """Run the case of a TOML text in a folder and return what it left."""
    run(load(case_file(folder, text, comm)), folder / "out", comm)
    comm.Barrier()
    return Result.read(folder / "out")
