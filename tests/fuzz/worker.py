"""Runs command lines one after the other in one process: to start it takes as long as two steps.

As a program it reads one command line a line, as JSON, and answers with one `Answer` each.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from tests.fuzz.limits import TooLong, limited

RUNS = 25  # of one process, after which another one starts
MODULE = "tests.fuzz.worker"


class Answer(NamedTuple):
    """How a command line ended.

    Attributes:
        code: Exit code; None if it raised, or took too long.
        said: All that it printed, or the traceback.
        seconds: Of computing.
    """

    code: int | None
    said: str
    seconds: float


class Worker:
    """A process that runs command lines, and another one when it has died or run many."""

    def __init__(self, longest: float) -> None:
        """Start nothing yet.

        Args:
            longest: Seconds of computing for one command line.
        """
        self._longest, self._runs = longest, 0
        self._process: subprocess.Popen[str] | None = None

    def run(self, words: list[str]) -> Answer:
        """Run a command line.

        Args:
            words: Arguments after the program's name.
        """
        if self._process is None or self._runs == RUNS:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(self._longest)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._runs += 1
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if answer:
            return Answer(*json.loads(answer))
        said, code = self._process.stderr.read(), self._process.wait()
        self._process = None
        return Answer(code, said, 0.0)

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
        self._process, self._runs = None, 0


def _answer(words: list[str], longest: float) -> Answer:
    """Run a command line in this process.

    Args:
        words: Arguments.
        longest: Seconds of computing.
    """
    from anodefem import cli

    sys.argv = ["anodefem", *words]
    said, start = io.StringIO(), time.process_time()
    code: int | None = 0
    with redirect_stdout(said), redirect_stderr(said):
        try:
            with limited(longest):
                cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except TooLong:
            code = None
            said.write(f"took more than {longest:g} s")
        except BaseException:
            code = None
            traceback.print_exc(file=said)
    log = logging.getLogger("anodefem")
    for handler in list(log.handlers):
        log.removeHandler(handler)
    return Answer(code, said.getvalue(), time.process_time() - start)


def _main() -> None:
    longest = float(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), longest)), flush=True)


if __name__ == "__main__":
    _main()
