"""Cases run by programs of their own, several at a time; ranks and the program that starts them."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from types import FrameType

from anodefem import registry
from anodefem.errors import InputError

#: Ctrl-C, the end of a job, and the warning that a scheduler sends before that.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
#: What a program said, in the folder of its run.
SAID = "output.txt"
_PATIENCE = 20.0  # for a program to end by itself when it is ordered to [s]
_SECOND = 1.0
_GLANCE = 0.05  # between two looks at the programs [s]

#: The process that started this one, noted before MPI is loaded, which takes a while.
_PARENT = os.getppid()
#: Number of the call of Linux that asks for a signal when the parent process dies.
_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of `anodefem run`.

    Attributes:
        case: Case file.
        folder: Run folder; made if missing.
        settings: Changes to the case, as after ``--set``.
        ranks: Started by mpirun if more than one.
        resume: Go on from the last checkpoint in ``folder``.
        holds: File descriptors that stay open in the program for as long as it lives.
        time_limit: Time on the clock after which it is ordered to end [s]; None for none.
    """

    case: Path
    folder: Path
    settings: tuple[str, ...] = ()
    ranks: int = 1
    resume: bool = False
    holds: tuple[int, ...] = ()
    time_limit: float | None = None


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ranks_started() -> int:
    """Return how many ranks the launcher says it has started; 1 without a launcher.

    Raises:
        InputError: The variable in which it says so holds no number of ranks.
    """
    for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"):
        if said := os.environ.get(name):
            if not re.fullmatch("[1-9][0-9]{0,8}", said):
                raise InputError(
                    f"{name} = {said!r}: is no number of ranks; mpirun sets it, so start ranks by "
                    "mpirun, or unset it."
                )
            return int(said)
    return 1


def speaks() -> bool:
    """Whether this rank is the one that reports, by what the launcher says; MPI is not asked."""
    return (os.environ.get("OMPI_COMM_WORLD_RANK") or os.environ.get("PMI_RANK") or "0") == "0"


def require_ranks(found: int) -> None:
    """Refuse to run when the ranks do not know of each other: each would run the case alone.

    Args:
        found: Number of ranks that MPI shows.

    Raises:
        InputError: It is not the number that the launcher has started.
    """
    if ranks_started() > 1 and found == 1:
        raise InputError(
            f"mpirun has started {ranks_started()} ranks, but this one sees no other: mpirun is of "
            "another MPI library than mpi4py, or has ended. Use the mpirun of this environment."
        )


def end_with_launcher() -> None:
    """Let the kernel end this rank when its launcher dies; does nothing but on Linux.

    Nobody else would: a rank that waits for another inside PETSc, or in `MPI_Abort` for its
    launcher, hears of no signal.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != _PARENT:  # it has died already
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def ending_at_once() -> Iterator[Callable[[], None]]:
    """Let this program end at once when it is ordered to, and say so: nothing is lost yet.

    Without it a signal ends a program in silence, and SIGUSR1 with another code than later on.

    Yields:
        Listens once more, after a library has taken a signal for itself.
    """

    def listen() -> None:
        for number in SIGNALS:
            signal.signal(number, _leave)
        signal.signal(signal.SIGHUP, _leave if closing() else signal.SIG_IGN)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # Python delivers signals to its main thread only
        return
    former = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGHUP)}
    listen()
    try:
        yield listen
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> None:
    if speaks():
        sys.stderr.write(f"interrupted by {signal.Signals(number).name}\n")
        sys.stderr.flush()
    os._exit(interrupted_code(number))  # an exception might be caught on its way


def interrupted_code(number: int) -> int:
    """Return the exit code after a signal: 130 after Ctrl-C, else 143, as shells have it.

    Args:
        number: Of the signal.
    """
    return 130 if number == signal.SIGINT else 143


def closing() -> tuple[signal.Signals, ...]:
    """Return what a terminal sends that closes: SIGHUP; nothing under nohup, which ignores it."""
    return () if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else (signal.SIGHUP,)


def require_launcher(ranks: int) -> None:
    """Raise `InputError` if runs on ``ranks`` ranks cannot be started from here."""
    if ranks_started() > 1:
        raise InputError("this command starts ranks itself: leave out mpirun, and use --ranks.")
    if ranks > 1 and shutil.which("mpirun") is None:
        raise InputError(f"--ranks {ranks}: there is no mpirun here; leave out --ranks.")


def command(job: Job) -> list[str]:
    """Return the command that does a job."""
    ranks = ["mpirun", "-n", str(job.ranks)] if job.ranks > 1 else []
    plugins = [word for folder in registry.user_folders() for word in ("--plugins", str(folder))]
    settings = [word for setting in job.settings for word in ("--set", setting)]
    resume = ["--resume"] if job.resume else []
    program = [sys.executable, "-m", "anodefem", *plugins]
    return [*ranks, *program, "run", str(job.case), *settings, "-o", str(job.folder), *resume]


def run(
    jobs: Iterable[Job],
    *,
    at_once: int,
    ranks: float = inf,
    meanwhile: Callable[[], None] | None = None,
) -> Generator[tuple[Job, int]]:
    """Do jobs, several at a time, and yield each with its exit code as it ends.

    What a program says goes to `SAID` in its folder. When this generator is closed, or the process
    is ordered to end, the programs end first.

    Args:
        jobs: One is taken only when it can start.
        at_once: How many run at a time.
        ranks: Another one begins only while those that run have fewer ranks than this together: it
            may have more than are left, so that no core waits for the others.
        meanwhile: Called about once a second while programs run.
    """
    running: dict[subprocess.Popen[bytes], Job] = {}
    begun: dict[subprocess.Popen[bytes], float] = {}
    waiting = iter(jobs)
    called = 0.0
    received: list[int] = []  # noted only: the handler may come while a program is being started
    former = {
        order: signal.signal(order, lambda number, frame: received.append(number))
        for order in (signal.SIGTERM, *closing())
    }
    try:
        while True:
            if received:
                raise SystemExit(128 + received[0])
            while (
                len(running) < at_once
                and sum(job.ranks for job in running.values()) < ranks
                and (job := next(waiting, None)) is not None
            ):
                process = _start(job)
                running[process], begun[process] = job, time.monotonic()
            if not running:
                return
            ended = [process for process in running if process.poll() is not None]
            for process in ended:
                yield running.pop(process), process.returncode
            _stop(
                process
                for process, job in running.items()
                if job.time_limit and time.monotonic() - begun[process] > job.time_limit
            )
            if not ended:
                if meanwhile is not None and time.monotonic() - called > _SECOND:
                    meanwhile()
                    called = time.monotonic()
                time.sleep(_GLANCE)
    finally:
        _stop(running)
        for order, handler in former.items():
            signal.signal(order, handler)


def has_checkpoint(folder: Path) -> bool:
    """Whether a run folder holds something to go on from.

    Args:
        folder: Run folder.
    """
    return any((folder / "checkpoint").glob("*.npz"))


def last_words(folder: Path) -> str:
    """Return the last line that a program said in its run folder; "" if it said nothing."""
    try:
        text = (folder / SAID).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _start(job: Job) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own: Ctrl-C is ours to pass on."""
    job.folder.mkdir(parents=True, exist_ok=True)
    with (job.folder / SAID).open("ab" if job.resume else "wb") as said:
        return subprocess.Popen(
            command(job),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={"OMP_NUM_THREADS": "1", **os.environ},
            start_new_session=True,
            pass_fds=job.holds,
        )


def _stop(running: Iterable[subprocess.Popen[bytes]]) -> None:
    processes = list(running)
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    for process in processes:
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)
