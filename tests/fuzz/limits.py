"""A time of computing that a call may take."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TooLong(BaseException):
    """A call took more than its time; nothing may catch it on the way."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in the body after some seconds of computing, on any machine."""

    def ring(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
