"""Running the rows of a catalogue, every variant as a run with a time limit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anodefem import cases, launch
from anodefem.catalogue.row import Row
from anodefem.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run of a row.

    Attributes:
        row: The row.
        variant: Name of the variant.
        case: Case file.
        settings: Changes to it, as after ``--set``.
        folder: Run folder.
        resolved: The case with all its defaults, as run.json has it.
        commit: Of the program that is to run it; "" if unknown.
    """

    row: Row
    variant: str
    case: Path
    settings: tuple[str, ...]
    folder: Path
    resolved: dict[str, Any]
    commit: str = ""

    @property
    def title(self) -> str:
        """Name of the run in messages."""
        return f"{self.row.name}, {self.variant}" if len(self.row.variants) > 1 else self.row.name

    def ended(self) -> bool:
        """Whether its folder holds this very run, completed, or failed by this very program.

        Another program may come to the end of what one failed in.
        """
        info = read(self.folder)
        status = info.get("status")
        if status == "failed" and info.get("git_commit") != self.commit:
            return False
        return status in ("completed", "failed") and info.get("case") == self.resolved

    def done_alike(self) -> bool:
        """Whether its folder holds this very run, completed by this very program."""
        info = read(self.folder)
        alike = info.get("case") == self.resolved and info.get("git_commit") == self.commit
        return alike and info.get("status") == "completed"

    def resumes(self) -> bool:
        """Whether its folder holds this very run, to go on with; a failed one begins anew."""
        info = read(self.folder)
        same = info.get("status") != "failed" and info.get("case") == self.resolved
        return same and launch.has_checkpoint(self.folder)


def read(folder: Path) -> dict[str, Any]:
    """Return what ``run.json`` of a folder says; nothing if there is none.

    Args:
        folder: Run folder.
    """
    try:
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def plan(found: Sequence[Row], folder: Path, *, coarse: bool, commit: str = "") -> list[Task]:
    """Return all runs of rows; every case is read and checked before the first is run.

    Args:
        found: The rows; those without a case have no run.
        folder: Holds the run folders.
        coarse: Whether the runs are the quick ones.
        commit: Of the program that is to run them; "" if unknown.

    Raises:
        InputError: A case cannot be read, with everything that is wrong in all of them.
    """
    tasks, wrong = [], []
    for row in found:
        if (path := row.case) is None:
            continue
        for variant, changes in row.variants.items():
            named = (f"title={json.dumps(variant)}",) if len(row.variants) > 1 else ()
            settings = (*named, *changes, *(row.entry.coarse if coarse else ()))
            try:
                case = cases.load(path, settings)
            except InputError as error:
                wrong.append(f"variant '{variant}': {error}")
                continue
            tasks.append(
                Task(
                    row=row,
                    variant=variant,
                    case=path,
                    settings=settings,
                    folder=folder / row.name / variant,
                    resolved=json.loads(json.dumps(case.resolved())),
                    commit=commit,
                )
            )
    if wrong:
        raise InputError("\n".join(wrong))
    return tasks


def run(
    tasks: Sequence[Task], *, at_once: int, time_limit: float, say: Callable[[str], None]
) -> None:
    """Run what has not ended yet; a run that fails or takes too long does not keep the others.

    A run that was ended by the time limit goes on where it was when it is run again.

    Args:
        tasks: Result of `plan`.
        at_once: How many run at a time.
        time_limit: Of each run on the clock [s].
        say: Told how each ended, a line at a time.
    """
    waiting = [task for task in tasks if not task.ended()]
    if len(waiting) < len(tasks):
        say(f"{len(tasks) - len(waiting)} of {len(tasks)} runs are there already")
    titles = {task.folder: task.title for task in waiting}
    with closing(launch.run(_jobs(waiting, time_limit), at_once=at_once)) as ended:
        for number, (job, code) in enumerate(ended, 1):
            how = "done" if code == 0 else f"code {code}: {launch.last_words(job.folder)}"
            say(f"{number} of {len(waiting)}: {titles[job.folder]}, {how}")


def _jobs(tasks: Sequence[Task], time_limit: float) -> Iterator[launch.Job]:
    """Yield what is to do; the folder of a run that begins anew is emptied first."""
    for task in tasks:
        resume = task.resumes()
        if not resume and task.folder.exists():
            shutil.rmtree(task.folder)
        yield launch.Job(
            case=task.case,
            folder=task.folder,
            settings=task.settings,
            resume=resume,
            time_limit=time_limit,
        )
