"""Ranks that fail, speak and write together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


def on_first_rank(comm: MPI.Comm, work: Callable[[], T]) -> T:
    """Do ``work`` on rank 0 and return its result, or raise its error, on every rank.

    A rank that raises alone leaves the others waiting in the next collective.
    """
    result: T | None = None
    error: Exception | None = None
    if comm.rank == 0:
        try:
            result = work()
        except Exception as caught:  # whatever it is, all ranks must hear of it
            error = caught
    result, error = comm.bcast((result, error), root=0)
    if error is not None:
        raise error
    return cast("T", result)


def reduce(comm: MPI.Comm, values: npt.ArrayLike, op: MPI.Op) -> npt.NDArray[np.float64]:
    """Combine an array over all ranks element by element; the result has at least one axis."""
    local = np.atleast_1d(np.asarray(values, dtype=np.float64)).copy()
    result = np.empty_like(local)
    comm.Allreduce(local, result, op=op)
    return result
