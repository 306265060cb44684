"""Ranks that fail, speak and write together."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar, cast

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from anodefem.errors import AnodefemError

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
    result, sent = comm.bcast((result, None if error is None else _portable(error)), root=0)
    if sent is not None:
        raise error or sent
    return cast("T", result)


def _portable(error: Exception) -> Exception:
    """Return an error that can be sent to other ranks: not all can be made anew from a copy."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


#: How long a rank that has failed waits for the others [s]; a run that fails asks twice.
ARRIVAL_WAIT = 2.0
_ARRIVED = 12_011  # tag of its messages


def all_arrive(comm: MPI.Comm) -> bool:
    """Whether every rank calls this within `ARRIVAL_WAIT`; the others may wait elsewhere.

    Args:
        comm: Ranks that are asked.
    """
    # Messages of its own, not a barrier: on the ranks that wait elsewhere a barrier would be taken
    # for their part of another collective, and break that instead of waiting.
    others = [rank for rank in range(comm.size) if rank != comm.rank]
    nothing = [bytearray(0), MPI.BYTE]
    requests = [comm.Isend(nothing, rank, _ARRIVED) for rank in others]
    requests += [comm.Irecv(nothing, rank, _ARRIVED) for rank in others]
    deadline = time.monotonic() + ARRIVAL_WAIT
    while not MPI.Request.Testall(requests):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


#: How long `MPI_Abort` may take to hear from the launcher [s].
_ABORT_WAIT = 3


def abort(comm: MPI.Comm, code: int) -> NoReturn:
    """End all ranks at once, wherever they are.

    Args:
        comm: Ranks to end.
        code: Exit code of the program.
    """
    # a launcher that is ending, too, may never answer: then the kernel ends this rank
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_ABORT_WAIT)
    comm.Abort(code)
    os._exit(code)


@contextmanager
def ending_together(comm: MPI.Comm) -> Iterator[None]:
    """Let an error of any kind on any rank end all ranks.

    An error that all ranks raise is passed on. A rank that is alone with its error says it and ends
    the program: the others wait for it in a collective to which it will not come.

    Args:
        comm: Ranks that end together.
    """
    try:
        yield
    except BaseException as error:
        # the others may be in a collective of `comm` itself
        if comm.size > 1 and not all_arrive(comm):
            code = error.exit_code if isinstance(error, AnodefemError) else 1
            said = str(error) if isinstance(error, AnodefemError) else traceback.format_exc()
            sys.stderr.write(f"rank {comm.rank}: {said}\n")
            sys.stderr.flush()
            abort(comm, code)
        raise


def rows_on_first_rank(
    comm: MPI.Comm, places: npt.NDArray[np.int64], rows: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    """Put the rows of all ranks in their places in a table; None but on rank 0.

    Args:
        comm: Ranks that have rows.
        places: Row of the table for each of this rank's rows; all ranks together fill it.
        rows: This rank's rows, shape (n, width).
    """
    parts = comm.gather((places, rows), root=0)
    if parts is None:
        return None
    table = np.empty((sum(len(part) for _, part in parts), rows.shape[1]))
    for index, part in parts:
        table[index] = part
    return table


def reduce(comm: MPI.Comm, values: npt.ArrayLike, op: MPI.Op) -> npt.NDArray[np.float64]:
    """Combine an array over all ranks element by element; the result has at least one axis."""
    local = np.atleast_1d(np.asarray(values, dtype=np.float64)).copy()
    result = np.empty_like(local)
    comm.Allreduce(local, result, op=op)
    return result
