"""What a run says, in ``log.txt``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpi4py import MPI

LOG = logging.getLogger("anodefem")


@contextmanager
def log_file(output: Path, comm: MPI.Comm) -> Iterator[None]:
    """Keep what rank 0 says in ``log.txt``; the other ranks say nothing.

    Args:
        output: Run folder.
        comm: Ranks of the run.
    """
    if comm.rank != 0:
        handlers: list[logging.Handler] = [logging.NullHandler()]
    else:
        file = logging.FileHandler(output / "log.txt", encoding="utf-8")
        file.setFormatter(logging.Formatter("%(message)s"))
        handlers = [file]
        if not LOG.hasHandlers() and logging.lastResort:
            # Python prints warnings where nobody asked for messages, but not beside a handler
            handlers.append(logging.lastResort)
    for handler in handlers:
        LOG.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            LOG.removeHandler(handler)
            if handler is not logging.lastResort:
                handler.close()
