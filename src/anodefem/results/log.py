"""What a run says, in ``log.txt``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mpi4py import MPI

LOG = logging.getLogger("anodefem")


class _File(logging.FileHandler):
    """Goes without what the disk has no room for; the run learns of it from its other files."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing of a line that could not be written."""
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        """Close the file, written to its end or not."""
        with suppress(OSError):
            super().close()


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
        file = _File(output / "log.txt", encoding="utf-8")
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
