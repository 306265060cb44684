"""An error that one rank alone raises somewhere, and how long the others take to end.

As a program, under mpirun, it runs a case in which one rank fails:
``python3 -m tests.kills.injection KIND RANK PLACE FOLDER``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from anodefem.errors import ConvergenceError, InputError
from tests.gold.tables import FOLDER

CASE = FOLDER / "bare.toml"
KINDS: dict[str, type[BaseException]] = {
    each.__name__: each
    for each in (InputError, ConvergenceError, SystemExit, KeyboardInterrupt, MemoryError)
}
#: Where it is raised: the second time that the program comes by.
PLACES = (
    "reading",
    "meshing",
    "solving",
    "writing fields",
    "writing metrics",
    "writing the record",
    "checkpoint",
)
SAID = "injected"
#: Longest time from the error to the end of all ranks [s], and that for the whole program.
ANSWER, LIMIT = 5.0, 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a run ended in which one rank failed.

    Attributes:
        code: Exit code; None if it had to be killed.
        seconds: From the error to the end; infinite if the place was not reached.
        said: Output of all ranks.
    """

    code: int | None
    seconds: float
    said: str

    @property
    def fault(self) -> str:
        """What is wrong with it, or ""."""
        if self.code is None:
            return "deadlock"
        if self.code == 0:
            return "exit code 0"
        if SAID not in self.said:
            return "not said"
        return f"took {self.seconds:.1f} s" if self.seconds > ANSWER else ""


def injected(kind: str, rank: int, place: str, folder: Path, *, ranks: int = 2) -> Answer:
    """Run a case in which one rank raises an error.

    Args:
        kind: One of `KINDS`.
        rank: Which one.
        place: One of `PLACES`.
        folder: Empty; takes the run.
        ranks: Number of ranks.
    """
    words = (sys.executable, "-m", "tests.kills.injection", kind, str(rank), place, str(folder))
    said = folder / "said.txt"
    with said.open("w") as file:
        process = subprocess.Popen(
            ["mpirun", "-n", str(ranks), *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[2],
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = None
    ended, mark = time.time(), folder / "raised"
    seconds = ended - mark.stat().st_mtime if mark.exists() else float("inf")
    return Answer(code=code, seconds=seconds, said=said.read_text(errors="replace"))


def _main(kind: str, rank: int, place: str, folder: Path) -> None:
    """Run the case on this rank, which may be the one that fails."""
    from mpi4py import MPI

    from anodefem import cases, cli
    from anodefem.fem.checkpoint import Checkpoint
    from anodefem.fem.domain import Domain
    from anodefem.results.fields import FieldWriter
    from anodefem.results.record import Record
    from anodefem.solve.newton import Newton

    sites: dict[str, tuple[Any, str, int]] = {
        "reading": (cases, "load", 1),
        "meshing": (Domain, "read", 1),
        "solving": (Newton, "solve", 4),
        "writing fields": (FieldWriter, "write", 1),
        "writing metrics": (Record, "add", 2),
        "writing the record": (Record, "save", 1),
        "checkpoint": (Checkpoint, "save", 1),
    }
    if rank == MPI.COMM_WORLD.rank:
        owner, name, turn = sites[place]
        setattr(owner, name, _failing(getattr(owner, name), KINDS[kind], turn, folder / "raised"))
    settings = ("output.fields_every=0", "solver.linear=direct")
    sys.argv = ["anodefem", "run", str(CASE), "-o", str(folder / "out")]
    for setting in settings:
        sys.argv += ["--set", setting]
    sys.exit(cli.main())


def _failing(
    work: Callable[..., Any], kind: type[BaseException], turn: int, mark: Path
) -> Callable[..., Any]:
    """Return ``work`` that fails when it is done for the ``turn``-th time.

    Args:
        work: What is replaced.
        kind: Of the error.
        turn: From 1.
        mark: File that is made then.
    """
    calls = 0

    def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == turn:
            mark.touch()
            _raise(kind)
        return work(*args, **kwargs)

    return failing


def _raise(kind: type[BaseException]) -> NoReturn:
    raise kind(SAID)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
