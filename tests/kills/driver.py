"""Runs that are killed at random moments, on random ranks, and carried on until they are done."""

from __future__ import annotations

import csv
import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from anodefem.fem.checkpoint import checkpoints

LOG = logging.getLogger(__name__)
CASE = Path(__file__).with_name("short.toml")
SETTINGS = ("output.fields_every=0.002",)
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGKILL)
#: When a program is ended: at any time from its start on, some time after it saved a checkpoint,
#: or while it writes a file. Most of a short run is spent on its start.
MOMENTS = ("any", "stepping", "writing")
#: Ends of the names of files, at the writing of which programs are ended.
WRITTEN = (".npz", ".vtu", "fields.pvd", "metrics.csv", "run.json")
#: Exit codes of a program that has obeyed a signal, or was not yet listening. mpirun, which hears
#: of it too, ends its ranks in its own way: with 1.
CODES = {
    signal.SIGTERM: (143, 1, -signal.SIGTERM),
    signal.SIGINT: (130, 1, -signal.SIGINT),
    signal.SIGUSR1: (143, 138, -signal.SIGUSR1),
    signal.SIGKILL: (-signal.SIGKILL,),
}
#: Rows of runs on other ranks differ by round-off, over the largest magnitude of the column.
OTHER_RANKS = 1e-8
#: Columns that are nowhere larger are round-off themselves.
ROUND_OFF = 1e-12

Table = dict[str, npt.NDArray[np.float64]]


@dataclass
class Report:
    """What became of the trials.

    Attributes:
        trials: How many runs were carried to their end.
        kills: How many programs were ended, by the name of the signal.
        moments: The same by `MOMENTS`.
        resumed: How often a run went on from a checkpoint.
        slowest: Longest time from a signal (but SIGKILL) to the end of the program [s].
        faults: What went wrong.
    """

    trials: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)

    def blame(self, fault: str) -> None:
        """Note what went wrong, and say it at once."""
        self.faults.append(fault)
        LOG.warning("%s", fault)

    def __str__(self) -> str:
        kills, moments = (
            ", ".join(f"{count} {name}" for name, count in sorted(each.items())) or "nothing"
            for each in (self.kills, self.moments)
        )
        return (
            f"{self.trials} runs, killed by {kills} ({moments}); resumed {self.resumed} times; "
            f"slowest answer to a signal {self.slowest:.1f} s; {len(self.faults)} faults"
        )


def table(folder: Path) -> Table:
    """Columns of a run, shape (rows,) each."""
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def completed(folder: Path) -> bool:
    """Whether a run has come to its end, even if its program was killed after that."""
    record = folder / "run.json"
    return record.exists() and json.loads(record.read_text())["status"] == "completed"


def started(
    folder: Path, ranks: int, *, resume: bool, case: Path = CASE
) -> subprocess.Popen[bytes]:
    """Start the case in a process group of its own.

    Args:
        folder: Run folder.
        ranks: Number of MPI ranks.
        resume: Go on from what is in it.
        case: What is run.
    """
    launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    program = [sys.executable, "-m", "anodefem", "run", str(case), *settings, "-o", str(folder)]
    with (folder.parent / f"{folder.name}.txt").open("ab") as said:
        return subprocess.Popen(
            [*launcher, *program, *(["--resume"] if resume else [])],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def difference(reference: Table, found: Table) -> tuple[float, str]:
    """Largest difference over the largest magnitude of a column, and which one.

    Infinite if there are other rows.
    """
    rows = {name: len(column) for name, column in reference.items()}
    if rows != {name: len(column) for name, column in found.items()}:
        return float("inf"), "number of rows"
    worst = 0.0, ""
    for name, column in reference.items():
        if name.endswith("balance_error [-]") or name == "inventory_error [-]":  # round-off
            continue
        scale = float(np.abs(column).max())
        scale = scale if scale > ROUND_OFF else 1.0
        if name == "newton_iterations [-]" and float(np.abs(found[name] - column).max()) <= 1.0:
            continue  # round-off decides on the last one
        worst = max(worst, (float(np.abs(found[name] - column).max()) / scale, name))
    return worst


def trials(
    count: int, seed: int, folder: Path, *, most_ranks: int = 3, case: Path = CASE
) -> Report:
    """Carry ``count`` runs to their end through kills, and compare them with undisturbed ones.

    Args:
        count: Number of runs.
        seed: Of moments, signals and ranks.
        folder: Where runs go; removed by the caller.
        most_ranks: Runs have up to so many ranks.
        case: What is run.
    """
    draw, report = random.Random(seed), Report()
    references: dict[int, Table] = {}
    durations: dict[int, float] = {}
    for ranks in range(1, most_ranks + 1):
        place = folder / f"undisturbed-{ranks}"
        began = time.monotonic()
        if started(place, ranks, resume=False, case=case).wait() != 0:
            report.blame(f"undisturbed on {ranks} ranks: did not complete")
            return report
        durations[ranks] = time.monotonic() - began
        references[ranks] = table(place)
    for number in range(count):
        place, used = folder / f"{number:04d}", list[int]()
        for attempt in range(6):
            counts = range(1, most_ranks + 1)
            ranks = draw.choices(counts, weights=[1.0 / count for count in counts])[0]
            resume = (place / "run.json").exists()
            used = [*used, ranks] if resume else [ranks]
            report.resumed += resume
            process = started(place, ranks, resume=resume, case=case)
            kill = attempt < 1 + draw.randint(0, 2)
            fault = _killed(process, place, durations[ranks], draw, report) if kill else None
            code = process.wait()
            if fault:
                report.blame(f"run {number}, attempt {attempt}: {fault}")
            if code == 0 or completed(place):
                break
            if not kill:
                said = (folder / f"{place.name}.txt").read_text(errors="replace")[-500:]
                report.blame(f"run {number}, attempt {attempt}: exit code {code}\n{said}")
                break
        else:
            report.blame(f"run {number}: never completed")
        report.trials += 1
        if completed(place):
            off, column = difference(references[used[0]], table(place))
            # a factorisation on several ranks is not the same to the bit from one run to the next
            if off > (0.0 if set(used) == {1} else OTHER_RANKS):
                report.blame(f"run {number} on ranks {used}: off by {off:.1e} in {column}")
        LOG.info("%d on ranks %s: %s", number, used, report)
    return report


def _killed(
    process: subprocess.Popen[bytes],
    place: Path,
    duration: float,
    draw: random.Random,
    report: Report,
) -> str | None:
    """Send a random signal at a random moment, and return what is wrong with the answer.

    Args:
        process: Leads its own process group.
        place: Its run folder.
        duration: Of an undisturbed run [s].
        draw: Moment and signal.
        report: Takes what was done.
    """
    moment, number, share = draw.choice(MOMENTS), draw.choice(SIGNALS), draw.random()
    wait = draw.random() < 0.7 and moment != "any"
    written = draw.choice(WRITTEN)
    former = checkpoints(place)[:1]
    if wait:
        _until(process, lambda: checkpoints(place)[:1] not in ([], former))
        share *= 0.3
    if moment == "writing":
        _until(process, lambda: any(place.rglob(f".*{written}.part")))
        share = 0.0
    try:
        process.wait(timeout=share * duration)
    except subprocess.TimeoutExpired:
        pass
    else:
        return None
    report.kills[number.name] += 1
    report.moments[moment] += 1
    sent = time.monotonic()
    os.killpg(process.pid, number)
    try:
        code = process.wait(timeout=60.0)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return f"{number.name}: no answer within 60 s"
    if number != signal.SIGKILL:
        report.slowest = max(report.slowest, time.monotonic() - sent)
    if code not in (0, *CODES[number]):
        return f"{number.name}: exit code {code}"
    return None


def _until(process: subprocess.Popen[bytes], seen: Callable[[], bool]) -> None:
    """Wait until something is seen or the program has ended.

    Args:
        process: Program.
        seen: Whether it is.
    """
    while process.poll() is None:
        with suppress(OSError):  # files come and go
            if seen():
                return
        time.sleep(1e-3)
