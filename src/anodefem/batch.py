"""Several cases one after the other, and a comparison that grows with every one that is done."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

from anodefem import cases, launch
from anodefem.errors import ConvergenceError, InputError

#: Folder of the comparison, beside those of the runs.
COMPARISON = "comparison"
_TARGET = re.compile(r"\bsoc\s*(?:=|[<>]=?)?\s*(?P<soc>[0-9.]+)")
#: Record of a study beside a case file, which knows how long the case took once.
_STUDY = "convergence.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One case of a batch.

    Attributes:
        path: Case file.
        title: Title of the case.
        folder: Its run folder.
        ranks: Of its run.
        resolved: The case with all its defaults, as run.json has it.
        known: Time that it once took [s]; ``None`` if nobody noted it.
    """

    path: Path
    title: str
    folder: Path
    ranks: int
    resolved: Mapping[str, Any]
    known: float | None

    def finished(self) -> bool:
        """Whether its folder holds this very run, completed."""
        former = _read(self.folder / "run.json")
        return former.get("status") == "completed" and former.get("case") == self.resolved

    def wall_time(self) -> float:
        """Return how long its finished run took [s]; NaN if it does not say."""
        return float(_read(self.folder / "run.json").get("wall_time_s", float("nan")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is.

    Attributes:
        number: Of the case that runs, from 1.
        count: Cases in all.
        title: Title of that case.
        part: Share of its protocol that is done; ``None`` if it cannot be known.
        elapsed: Time since it began [s].
        left: Estimate of the time left for it and the cases after it [s]; ``None`` without one.
    """

    number: int
    count: int
    title: str
    part: float | None
    elapsed: float
    left: float | None

    def __str__(self) -> str:
        """Return it as one line for readers."""
        words = [f"case {self.number} of {self.count}: {self.title}"]
        if self.part is not None:
            words.append(f"{100 * self.part:.0f} %")
        words.append(f"{duration(self.elapsed)} so far")
        if self.left is not None:
            words.append(f"about {duration(self.left)} left for all")
        return ", ".join(words)


def duration(seconds: float) -> str:
    """Return a time for readers: "35 s", "4 min", "2.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def plan(paths: Sequence[Path], folder: Path, ranks: Mapping[str, int]) -> list[Task]:
    """Return the cases of a batch; all of them are read before the first is run.

    Args:
        paths: Case files.
        folder: Where each gets a run folder of its own, by the name of the case file's folder.
        ranks: Name of a run folder -> ranks of its run; the others run on one.

    Raises:
        InputError: A case cannot be read, or two would go into one folder.
    """
    found: dict[str, Task] = {}
    for path in paths:
        case = cases.load(path, ())
        name = case.name
        if name in found:
            raise InputError(
                f"{path} and {found[name].path} would both go into {folder / name}; give their "
                "folders different names."
            )
        found[name] = Task(
            path=path,
            title=case.title,
            folder=folder / name,
            ranks=ranks.get(name, 1),
            resolved=json.loads(json.dumps(case.resolved())),
            known=_known(path.parent / _STUDY),
        )
    if strangers := ranks.keys() - found.keys():
        raise InputError(
            f"--ranks {', '.join(sorted(strangers))}: no such case; there are {', '.join(found)}."
        )
    return list(found.values())


def run(
    tasks: Sequence[Task],
    folder: Path,
    *,
    say: Callable[[str], None],
    show: Callable[[Progress], None],
) -> None:
    """Run the cases that are not finished yet, and compare those that are after every one.

    Args:
        tasks: Result of `plan`.
        folder: Holds the run folders; the comparison goes into `COMPARISON` there.
        say: Told what has happened, a line at a time.
        show: Told about once a second how far it is.

    Raises:
        ConvergenceError: A case did not come to its end; the others are run and compared.
    """
    done = [task for task in tasks if task.finished()]
    if done:
        say(f"{len(done)} of {len(tasks)} cases are there already")
    lost, comparison = [], _Comparison(folder / COMPARISON, say)
    try:
        for number, task in enumerate(tasks, 1):
            if task in done:
                continue
            comparison.make([one for one in tasks if one in done], complete=False)
            code = _one(task, number, tasks, done, show)
            if code == 0:
                done.append(task)
                say(f"case {number} of {len(tasks)}: {task.title}, {duration(task.wall_time())}")
            else:
                lost.append(task)
                say(
                    f"case {number} of {len(tasks)}: {task.title} ended with code {code}: "
                    f"{launch.last_words(task.folder)} (all it said: {task.folder / launch.SAID})"
                )
        ordered = [task for task in tasks if task in done]
        comparison.make(ordered, complete=True)
    finally:
        comparison.close()
    if lost:
        raise ConvergenceError(
            f"{len(lost)} of {len(tasks)} cases did not come to their end: "
            + ", ".join(task.title for task in lost)
        )


def _one(
    task: Task,
    number: int,
    tasks: Sequence[Task],
    done: Sequence[Task],
    show: Callable[[Progress], None],
) -> int:
    """Run one case and return its exit code.

    Args:
        task: The case.
        number: Its number.
        tasks: All of them.
        done: Those that are finished.
        show: Told how far it is.
    """
    former = _read(task.folder / "run.json")
    resume = former.get("case") == task.resolved and launch.has_checkpoint(task.folder)
    if not resume and task.folder.exists():
        shutil.rmtree(task.folder)
    job = launch.Job(case=task.path, folder=task.folder, ranks=task.ranks, resume=resume)
    begun = time.monotonic()
    waiting = [other for other in tasks[number:] if other not in done]

    def tick() -> None:
        elapsed = time.monotonic() - begun
        part = progress(task)
        left = _left(task, part, elapsed, waiting, done)
        show(
            Progress(
                number=number,
                count=len(tasks),
                title=task.title,
                part=part,
                elapsed=elapsed,
                left=left,
            )
        )

    with closing(launch.run([job], at_once=1, meanwhile=tick)) as ended:
        return next(code for _, code in ended)


def progress(task: Task) -> float | None:
    """Return the share of a case's protocol that its run has done, by the charge moved.

    Args:
        task: The case; its run may not have begun.

    Returns:
        From 0 to 1; ``None`` if no step of the protocol names a state of charge.
    """
    protocol = task.resolved.get("protocol") or {}
    targets = [
        float(match["soc"])
        for step in protocol.get("steps", ())
        if (match := _TARGET.search(str(step)))
    ]
    if not targets:
        return None
    way = [float(protocol.get("initial_soc") or 0.0), *targets]
    total = _length(way)
    try:
        with (task.folder / "metrics.csv").open(newline="") as file:
            charges = [float(row["soc [-]"]) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or half written
        charges = []
    return min(_length(charges) / total, 1.0) if total > 0 else None


def _length(path: Sequence[float]) -> float:
    return sum(abs(b - a) for a, b in pairwise(path))


def _left(
    task: Task,
    part: float | None,
    elapsed: float,
    waiting: Sequence[Task],
    done: Sequence[Task],
) -> float | None:
    """Estimate the time left [s] from what the cases once took and how fast it goes today.

    Args:
        task: The case that runs.
        part: Share of it that is done.
        elapsed: Time since it began [s].
        waiting: Cases after it.
        done: Cases that are finished.
    """
    once = [(other.known, other.wall_time()) for other in done if other.known]
    compared = [(known, now) for known, now in once if known is not None and isfinite(now)]
    slower = (
        sum(now for _, now in compared) / sum(known for known, _ in compared) if compared else 1
    )
    own = None if task.known is None else max(0.0, slower * task.known - elapsed)
    if part is not None and part > 0.1:  # meshing and compiling are over
        own = elapsed * (1.0 - part) / part
    if own is None or any(other.known is None for other in waiting):
        return None
    return own + slower * sum(other.known or 0.0 for other in waiting)


class _Comparison:
    """The comparison of what is there, made by a program beside the runs, one at a time."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Nothing is made yet.

        Args:
            folder: Where it goes.
            say: Told where it is, and what went wrong.
        """
        self._folder, self._say = folder, say
        self._process: subprocess.Popen[str] | None = None
        self._shown = 0

    def make(self, tasks: Sequence[Task], *, complete: bool) -> None:
        """Begin a comparison, unless it would show nothing new; wait for the last one.

        Args:
            tasks: Finished cases.
            complete: Whether no more will come: then the page does not load itself again.

        Raises:
            ConvergenceError: The complete one could not be made.
        """
        if not tasks or (len(tasks) == self._shown and not complete):
            return
        self._wait()
        first = self._shown == 0
        self._shown = len(tasks)
        growing = [] if complete else ["--growing"]
        folders = [str(task.folder) for task in tasks]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "anodefem",
                "compare",
                *folders,
                "-o",
                str(self._folder),
                *growing,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if complete:
            if (said := self._wait()) is not None:
                raise ConvergenceError(f"the comparison could not be made: {said}")
            self._say(f"all cases compared: {self._folder / 'report.html'}")
        elif first:
            self._say(
                f"a page that grows with every case: {self._folder / 'report.html'} (open it in a "
                "browser; it loads itself again)"
            )

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


def _known(path: Path) -> float | None:
    members = _read(path).get("members") or [{}]
    value = members[0].get("wall_time_s")
    return None if value is None else float(value)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
