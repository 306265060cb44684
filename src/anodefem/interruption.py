"""Orders to end that arrive as signals, obeyed by all ranks together.

A signal reaches one rank, or each at another moment; a rank that left at once would leave the
others waiting in the next collective. So a signal is only noted, and the ranks ask each other at
points that all of them reach.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Self

from mpi4py import MPI

from anodefem.errors import AnodefemError
from anodefem.launch import SIGNALS, closing, end_with_launcher, interrupted_code
from anodefem.parallel import abort


class Interrupted(AnodefemError):
    """The run was ordered to end; it can be resumed.

    Attributes:
        exit_code: 130 after Ctrl-C, else 143, as shells report SIGINT and SIGTERM.
    """

    def __init__(self, number: int, where: str = "") -> None:
        """Note the signal.

        Args:
            number: Of the signal.
            where: What the run had reached, if it can go on from there.
        """
        going_on = f" {where}; go on with --resume." if where else ""
        super().__init__(f"interrupted by {signal.Signals(number).name}{going_on}")
        self.number = number
        self.exit_code = interrupted_code(number)
        self._where = where

    def __reduce__(self) -> tuple[type[Self], tuple[int, str]]:
        """Let it go from rank to rank, which asks for what it is made of."""
        return type(self), (self.number, self._where)


class Orders:
    """Notes `SIGNALS`, or a terminal that closes, and lets all ranks obey at one point.

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

    def __enter__(self) -> Self:
        if self._comm.size > 1:
            end_with_launcher()
        # Python delivers signals to its main thread only, and lets only that one listen
        if threading.current_thread() is threading.main_thread():
            self._former = {
                number: signal.signal(number, self._note) for number in (*SIGNALS, *closing())
            }
        return self

    def __exit__(self, *_: object) -> None:
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

    def _leave(self, number: int) -> None:
        """End this program at once, and with it the other ranks, wherever they are."""
        error = Interrupted(number)
        if self._comm.size == 1:
            raise error
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        abort(self._comm, error.exit_code)
