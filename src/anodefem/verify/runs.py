"""Cases written by a problem and run as a user would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy.typing as npt

from anodefem.workbench.case import Case
from anodefem.workbench.result import Result

__all__ = ["Array", "Result", "case_file", "run_case"]

Array = npt.NDArray[Any]


def case_file(folder: Path, text: str, comm: MPI.Comm = MPI.COMM_SELF) -> Path:
    """Write a case into a folder, for all ranks to read, and return its path.

    Args:
        folder: The same on all ranks.
        text: TOML of the case.
        comm: Ranks that wait until it is there.
    """
    path = folder / "run.toml"
    if comm.rank == 0:
        path.write_text(text, encoding="utf-8")
    comm.Barrier()
    return path


def run_case(folder: Path, text: str, comm: MPI.Comm = MPI.COMM_SELF) -> Result:
    """Run the case of a TOML text in ``out`` of a folder and return its result.

    Args:
        folder: The same on all ranks.
        text: TOML of the case.
        comm: Ranks that run it together.
    """
    return Case.from_file(case_file(folder, text, comm)).run(folder / "out", comm=comm)
