"""Orders to end that arrive as signals, obeyed by all ranks together.

A signal reaches one rank, or each at another moment; a rank that left at once would leave the
others waiting in the next collective. So a signal is only noted, and the ranks ask each other at
points that all of them reach.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Self

from mpi4py import MPI

from anodefem.errors import AnodefemError

#: Ctrl-C, the end of a job, and the warning that a scheduler sends before that.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)

#: How long a rank goes on after its launcher has gone, to end in order [s].
GRACE = 5.0


class Interrupted(AnodefemError):
    """The run was ordered to end; it can be resumed.

    Attributes:
        exit_code: 130 after Ctrl-C, else 143, as shells report SIGINT and SIGTERM.
    """

    def __init__(self, number: int, message: str) -> None:
        """Note the signal.

        Args:
            number: Of the signal.
            message: What the user reads.
        """
        super().__init__(message)
        self.number = number
        self.exit_code = 130 if number == signal.SIGINT else 143


class Orders:
    """Notes `SIGNALS` while it is entered, and lets all ranks obey at one point.

    Before `defer` there is nothing to lose: a signal ends the program at once. After it the signal
    is kept until `pending` is asked; a second Ctrl-C does not wait for that.
    """

    def __init__(self, comm: MPI.Comm) -> None:
        """Install nothing yet.

        Args:
            comm: Ranks that end together.
        """
        self._comm, self._received, self._deferred = comm, 0, False
        self._former: dict[int, object] = {}
        self._over = threading.Event()

    def __enter__(self) -> Self:
        # Python delivers signals to its main thread only, and lets only that one listen
        if threading.current_thread() is threading.main_thread():
            self._former = {number: signal.signal(number, self._note) for number in SIGNALS}
        if self._comm.size > 1:
            threading.Thread(target=self._watch, args=(os.getppid(),), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for number, handler in self._former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._former = {}

    def defer(self) -> None:
        """From here on keep signals until all ranks can obey."""
        self._deferred = True

    def pending(self) -> int:
        """Return the number of a signal that any rank has received, or 0; collective."""
        return int(self._comm.allreduce(self._received, op=MPI.MAX))

    def _note(self, number: int, frame: FrameType | None) -> None:
        again = number == signal.SIGINT and self._received == signal.SIGINT
        self._received = number
        if not self._deferred or again:
            self._leave(number)

    def _watch(self, launcher: int) -> None:
        """End this rank when its launcher is gone: nobody would end one that waits for another.

        Args:
            launcher: Process that started the ranks.
        """
        while not self._over.wait(1.0):
            if os.getppid() != launcher:
                if not self._over.wait(GRACE):
                    os._exit(143)
                return

    def _leave(self, number: int) -> None:
        """End this program at once, and with it the other ranks, wherever they are."""
        error = Interrupted(number, f"interrupted by {signal.Signals(number).name}")
        if self._comm.size == 1:
            raise error
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        self._comm.Abort(error.exit_code)
        os._exit(error.exit_code)
