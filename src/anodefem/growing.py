"""A comparison that grows with every run that is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from anodefem.errors import ConvergenceError

#: A page rests for so many times what it took before it is made again, so that runs have the cores.
REST = 3.0
#: Priority of pages beside runs, but of the first, which is waited for: they take what runs leave.
NICE = 10


class GrowingPage:
    """Page of the runs that are done, made by a program beside those that go on, one at a time."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Nothing is made yet.

        Args:
            folder: Where it goes.
            say: Told where it is, and what went wrong.
        """
        self._folder, self._say = folder, say
        self._process: subprocess.Popen[str] | None = None
        self._next: list[Path] = []
        self._begun = self._rested = 0.0
        self._said = False

    def make(self, runs: Sequence[Path]) -> None:
        """Begin a comparison that will grow; when the last one is done and has rested, if there is.

        Args:
            runs: Folders of finished runs.
        """
        self._next = list(runs)
        self.go_on()

    def go_on(self) -> None:
        """Begin the comparison that waits, if the one before is done and has rested."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._wait()
            now = time.monotonic()
            self._rested = now + REST * (now - self._begun)
        if not self._next or time.monotonic() < self._rested:
            return
        runs, self._next = self._next, []
        process = self._start(runs, "--growing")
        if self._said:
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
            return
        self._said = True
        self._say(
            f"a page that grows with the cases: {self._folder / 'report.html'} (open it in a "
            "browser; it loads itself again)"
        )

    def complete(self, runs: Sequence[Path]) -> None:
        """Make the comparison of all cases; its page does not load itself again.

        One that is being made beside the last runs is given up.

        Args:
            runs: Folders of finished runs; without any there is none.

        Raises:
            ConvergenceError: It could not be made.
        """
        if self._process is not None:
            # it clears up behind it
            self._process.send_signal(signal.SIGINT)
            self._process.communicate()
            self._process = None
        if not runs:
            return
        self._start(runs)
        if (said := self._wait()) is not None:
            raise ConvergenceError(f"the comparison could not be made: {said}")
        self._say(f"all cases compared: {self._folder / 'report.html'}")

    def _start(self, runs: Sequence[Path], *options: str) -> subprocess.Popen[str]:
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            [*command(runs, self._folder), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self._process

    def _wait(self) -> str | None:
        """Wait for the program; return what it said if it failed."""
        if self._process is None:
            return None
        _, said = self._process.communicate()
        failed, self._process = self._process.returncode != 0, None
        if not failed:
            return None
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "no reason")
        self._say(f"comparison: {last}")
        return last

    def close(self) -> None:
        """End the program if it still runs."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


def command(runs: Sequence[Path], folder: Path) -> list[str]:
    """Return the command that compares runs.

    Args:
        runs: Their folders.
        folder: Where the comparison goes.
    """
    return [sys.executable, "-m", "anodefem", "compare", *map(str, runs), "-o", str(folder)]
