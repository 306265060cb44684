"""Several cases, some at a time, and a comparison that grows with every one that is done."""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from pathlib import Path
from typing import Any

from anodefem import cases, launch
from anodefem.errors import ConvergenceError, InputError
from anodefem.growing import GrowingPage

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
class Underway:
    """A case that runs.

    Attributes:
        number: Of the case, from 1.
        count: Cases in all.
        task: The case.
        part: Share of its protocol that is done; ``None`` if it cannot be known.
        elapsed: Time since it began [s].
    """

    number: int
    count: int
    task: Task
    part: float | None
    elapsed: float

    def __str__(self) -> str:
        """Return it for readers."""
        words = [f"case {self.number} of {self.count}: {self.task.title}"]
        if self.part is not None:
            words.append(f"{100 * self.part:.0f} %")
        words.append(f"{duration(self.elapsed)} so far")
        return ", ".join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is.

    Attributes:
        underway: Cases that run.
        left: Estimate of the time left for all cases [s]; ``None`` without one.
    """

    underway: tuple[Underway, ...]
    left: float | None

    def __str__(self) -> str:
        """Return it as one line for readers."""
        words = [str(one) for one in self.underway]
        if self.left is not None:
            words.append(f"about {duration(self.left)} left for all")
        return "; ".join(words)


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
    at_once: int,
    ranks: float = inf,
    say: Callable[[str], None],
    show: Callable[[Progress], None],
) -> None:
    """Run the cases that are not finished yet, and compare those that are after every one.

    Args:
        tasks: Result of `plan`.
        folder: Holds the run folders; the comparison goes into `COMPARISON` there.
        at_once: Cases that run at a time. With several the longest begins first, and those on
            several ranks last.
        ranks: Another case begins only while those that run have fewer ranks together.
        say: Told what has happened, a line at a time.
        show: Told about once a second how far it is.

    Raises:
        ConvergenceError: A case did not come to its end; the others are run and compared.
    """
    done = [task for task in tasks if task.finished()]
    if done:
        say(f"{len(done)} of {len(tasks)} cases are there already")
    waiting = _ordered([task for task in tasks if task not in done], at_once)
    begun: dict[Path, tuple[Task, float]] = {}
    lost, comparison = [], GrowingPage(folder / COMPARISON, say)

    def start() -> Iterator[launch.Job]:
        while waiting:
            task = waiting.pop(0)
            begun[task.folder] = (task, time.monotonic())
            yield _job(task)

    def tick() -> None:
        comparison.go_on()
        underway = tuple(
            Underway(
                number=tasks.index(task) + 1,
                count=len(tasks),
                task=task,
                part=progress(task),
                elapsed=time.monotonic() - since,
            )
            for task, since in begun.values()
        )
        show(Progress(underway=underway, left=_left(underway, waiting, done, at_once)))

    try:
        if waiting:
            comparison.make([task.folder for task in done])
        with closing(launch.run(start(), at_once=at_once, ranks=ranks, meanwhile=tick)) as ended:
            for job, code in ended:
                task, _ = begun.pop(job.folder)
                name = f"case {tasks.index(task) + 1} of {len(tasks)}: {task.title}"
                if code == 0:
                    done.append(task)
                    say(f"{name}, {duration(task.wall_time())}")
                    if begun or waiting:
                        comparison.make([one.folder for one in tasks if one in done])
                else:
                    lost.append(task)
                    say(
                        f"{name} ended with code {code}: {launch.last_words(task.folder)} "
                        f"(all it said: {task.folder / launch.SAID})"
                    )
        comparison.complete([task.folder for task in tasks if task in done])
    finally:
        comparison.close()
    if lost:
        raise ConvergenceError(
            f"{len(lost)} of {len(tasks)} cases did not come to their end: "
            + ", ".join(task.title for task in tasks if task in lost)
        )


def _ordered(tasks: Sequence[Task], at_once: int) -> list[Task]:
    """Put the longest first if several run at a time: what begins last would be alone in the end.

    What runs on several ranks is not, on its cores: it comes after all that fills single ones.

    Args:
        tasks: In the order that was asked for, which the others keep: short ones fill the page.
        at_once: Cases that run at a time.
    """
    narrow = [task for task in tasks if task.ranks == 1]
    longest = max(narrow, key=lambda task: task.known or 0.0, default=None)
    if at_once == 1 or longest is None:
        return list(tasks)
    others = [task for task in narrow if task is not longest]
    return [longest, *others, *(task for task in tasks if task.ranks > 1)]


def _job(task: Task) -> launch.Job:
    """Return what runs a case, or goes on with it; what another case left in its folder goes."""
    former = _read(task.folder / "run.json")
    resume = former.get("case") == task.resolved and launch.has_checkpoint(task.folder)
    if not resume and task.folder.exists():
        shutil.rmtree(task.folder)
    return launch.Job(case=task.path, folder=task.folder, ranks=task.ranks, resume=resume)


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
    underway: Sequence[Underway], waiting: Sequence[Task], done: Sequence[Task], at_once: int
) -> float | None:
    """Estimate the time left [s] from what the cases once took and how fast it goes today.

    Args:
        underway: Cases that run.
        waiting: Cases that have not begun.
        done: Cases that are finished.
        at_once: Cases that run at a time.
    """
    once = [(other.known, other.wall_time()) for other in done if other.known]
    compared = [(known, now) for known, now in once if known is not None and isfinite(now)]
    slower = (
        sum(now for _, now in compared) / sum(known for known, _ in compared) if compared else 1
    )
    each = [None if task.known is None else slower * task.known for task in waiting]
    for one in underway:
        if one.part is not None and one.part > 0.1:  # meshing and compiling are over
            each.append(one.elapsed * (1.0 - one.part) / one.part)
        else:
            known = one.task.known
            each.append(None if known is None else max(0.0, slower * known - one.elapsed))
    times = [time for time in each if time is not None]
    if len(times) < len(each):
        return None
    ranks = [task.ranks for task in (*waiting, *(one.task for one in underway))]
    # as if one at a time would fill as many cores as it has ranks
    filled = sum(min(n, at_once) * time for n, time in zip(ranks, times, strict=True))
    return max([filled / at_once, *times])


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
