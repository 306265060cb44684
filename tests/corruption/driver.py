"""Damages files of runs, then reads them or goes on from them."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.fem.checkpoint import KEPT, checkpoints
from anodefem.workbench.result import Result
from tests.fuzz.limits import limited
from tests.gold.tables import FOLDER

LOG = logging.getLogger(__name__)
CASE = FOLDER / "caged.toml"
SETTINGS = ("output.fields_every=0.015",)
HALFWAY = 6  # steps of the run that is not finished, in each of its two goes
LIMIT = 120.0  # seconds for reading or going on
DAMAGES = ("one bit", "twenty bits", "truncated", "emptied", "removed")
#: What a message that is made for readers does not hold.
TRACEBACK = "Traceback (most recent call last)"

Numbers = dict[str, npt.NDArray[np.float64]]


@dataclass
class Report:
    """What became of the trials.

    Attributes:
        counts: How many ended how.
        faults: What went wrong.
    """

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{number} {what}" for what, number in sorted(self.counts.items()))
        return f"{self.counts.total()} damaged runs: {told}; {len(self.faults)} faults"


class Runs:
    """One run that has ended and one that was ended on its way.

    Attributes:
        finished, unfinished: Their folders.
        numbers: All that is to be read from the finished one.
    """

    def __init__(self, folder: Path) -> None:
        """Run them.

        Args:
            folder: Where they go.
        """
        self.finished, self.unfinished = folder / "finished", folder / "unfinished"
        _run(self.finished)
        _run(self.unfinished, f"solver.max_steps={HALFWAY}")
        # in two goes, so that there is a checkpoint to fall back to
        _run(self.unfinished, f"solver.max_steps={2 * HALFWAY}", resume=True)
        if len(checkpoints(self.unfinished)) != KEPT:
            raise RuntimeError("the unfinished run has not the checkpoints that trials are about")
        self.numbers = numbers(self.finished)


def _run(folder: Path, *settings: str, resume: bool = False) -> tuple[int, str]:
    """Run the case; returns the exit code and what was said.

    Args:
        folder: Run folder.
        settings: Beside those of all runs.
        resume: Go on from what is in the folder.
    """
    command = [sys.executable, "-m", "anodefem", "run", str(CASE), "-o", str(folder)]
    for setting in (*SETTINGS, *settings):
        command += ["--set", setting]
    command += ["--resume"] if resume else []
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return -1, f"took more than {LIMIT:g} s"
    return done.returncode, done.stderr


def numbers(folder: Path) -> Numbers:
    """Read everything that a run folder holds for its readers.

    Args:
        folder: Run folder.
    """
    result = Result.read(folder)
    found = {f"metric {name}": result[name] for name in result.metrics}
    found |= {f"cycles {name}": result.cycles[name].to_numpy() for name in result.cycles}
    for name, summary in result.record["metrics"].items():
        found[f"record {name}"] = np.array([summary[key] for key in ("final", "min", "max")])
    run = result.run
    found |= {f"facets {name}": facets.astype(float) for name, facets in run.facets.items()}
    for number, (time, _) in enumerate(run.states):
        grid = run.state(number)
        found[f"state {number}"] = np.array([time])
        found[f"points {number}"] = np.asarray(grid.points, dtype=float)
        for data in (grid.point_data, grid.cell_data):
            found |= {f"{n} {number}": np.asarray(data[n], dtype=float) for n in data.keys()}
    return found


def differs(wanted: Numbers, found: Numbers) -> str:
    """Return the name of what is not the same to the last bit, or "".

    Args:
        wanted: Of an intact run.
        found: Of another one.
    """
    if wanted.keys() != found.keys():
        return "names"
    return next(
        (n for n, each in wanted.items() if not np.array_equal(each, found[n], equal_nan=True)), ""
    )


def damage(path: Path, kind: str, random: Random) -> None:
    """Damage a file.

    Args:
        path: File.
        kind: One of `DAMAGES`.
        random: Where chance comes from.
    """
    content = bytearray(path.read_bytes())
    if kind == "removed":
        path.unlink()
        return
    if kind == "emptied":
        content = bytearray()
    elif kind == "truncated":
        content = content[: random.randrange(len(content))]
    else:
        for _ in range(1 if kind == "one bit" else 20):
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def trials(count: int, seed: int, folder: Path) -> Report:
    """Damage a file of a run ``count`` times, and read the run or go on with it.

    Args:
        count: Number of trials.
        seed: Of the draw.
        folder: Where runs go; removed by the caller.
    """
    random, report, runs = Random(seed), Report(), Runs(folder)
    for number in range(count):
        finished = number % 2 == 0
        place = folder / "damaged"
        shutil.copytree(runs.finished if finished else runs.unfinished, place)
        files = sorted(path for path in place.rglob("*") if path.is_file() and path.stat().st_size)
        # every kind of file as often as those of which there are many
        kinds: dict[str, list[Path]] = {}
        for path in files:
            kinds.setdefault(f"{path.parent.name}{path.suffix}", []).append(path)
        path = random.choice(kinds[random.choice(sorted(kinds))])
        kind = random.choice(DAMAGES)
        damage(path, kind, random)
        outcome, told = _read(place, runs) if finished else _go_on(place, runs)
        what = "read" if finished else "resumed"
        report.counts[f"{what}: {outcome}"] += 1
        name = path.relative_to(place)
        LOG.info("%d: %s %s; %s: %s %s", number, name, kind, what, outcome, told.strip()[:300])
        if outcome not in ("refused", "right"):
            report.faults.append(f"trial {number}: {name} {kind}; {what}: {outcome}\n{told}")
        shutil.rmtree(place)
    return report


def _read(place: Path, runs: Runs) -> tuple[str, str]:
    """Read a damaged run; returns the outcome and what was told.

    Args:
        place: Run folder.
        runs: Intact ones.
    """
    try:
        with limited(LIMIT):
            found = numbers(place)
    except InputError as error:
        return "refused", str(error)
    except BaseException:
        return "traceback", traceback.format_exc()
    different = differs(runs.numbers, found)
    return ("wrong", different) if different else ("right", "")


def _go_on(place: Path, runs: Runs) -> tuple[str, str]:
    """Go on with a damaged run; returns the outcome and what was told.

    Args:
        place: Run folder.
        runs: Intact ones.
    """
    code, said = _run(place, resume=True)
    if TRACEBACK in said or code not in (0, 2):
        return f"exit code {code}", said
    if code == 2:
        # the message may follow a warning of a damaged checkpoint, but comes once
        return ("refused" if said.strip() else "refused without a word"), said
    return _read(place, runs)
