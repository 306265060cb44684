"""Finds the discretisation errors of the numbers of a row.

Every variant is run on three meshes and with three lengths of steps, as `anodefem converge` does
for one case; here the errors are those of the very numbers that are compared, ratios of two
variants among them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from math import inf, isfinite
from pathlib import Path
from typing import Any

from anodefem import cases, launch
from anodefem.catalogue.errors import FILE
from anodefem.catalogue.results import Ended, Outcome
from anodefem.catalogue.row import Row, Value
from anodefem.catalogue.run import Task
from anodefem.compare.errors import text
from anodefem.converge import results
from anodefem.converge.gci import estimate
from anodefem.converge.members import Member, members
from anodefem.errors import InputError
from anodefem.files import replacing

#: Edges and steps of one level over those of the next; one level is coarser than the row's runs,
#: one finer.
RATIO, STEP_RATIO, FINER = 1.4, 2.0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The runs that show the errors of a row.

    Attributes:
        row: The row.
        tasks: The runs of the row by variant.
        members: By variant; the first of each is the case of the catalogue, then come other meshes
            and other lengths of steps.
    """

    row: Row
    tasks: Mapping[str, Task]
    members: Mapping[str, Sequence[Member]]

    def shared(self) -> Study:
        """Return the study with the runs of the row as its own where this program has made them.

        They differ in how often fields are stored, which changes no number.
        """
        members = dict(self.members)
        for variant, task in self.tasks.items():
            if task.done_alike():
                first, *others = members[variant]
                case = cases.load(task.case, task.settings)
                same = replace(first, case=case, settings=task.settings, folder=task.folder)
                members[variant] = [same, *others]
        return replace(self, members=members)


def studies(tasks: Sequence[Task], folder: Path) -> list[Study]:
    """Return the studies of rows that have numbers to read; all cases are checked.

    Args:
        tasks: The runs of the rows, see `plan`.
        folder: In which every row has its own.

    Raises:
        InputError: A case cannot be made finer or coarser, or its steps longer or shorter.
    """
    rows = {task.row.name: task.row for task in tasks}
    found = []
    for row in rows.values():
        if not any(value.metric for value in row.entry.values):
            continue
        own = {task.variant: task for task in tasks if task.row is row}
        runs = {
            variant: members(
                task.case,
                task.settings,
                ratio=RATIO,
                step_ratio=STEP_RATIO,
                finer=FINER,
                folder=folder / row.name / variant,
            )
            for variant, task in own.items()
        }
        found.append(Study(row=row, tasks=own, members=runs))
    return found


def study(
    found: Sequence[Study], *, at_once: int, time_limit: float, say: Callable[[str], None]
) -> None:
    """Run what has not completed yet, and write the errors of each row beside it.

    The runs of the rows come first: those that are done are part of it.

    Args:
        found: Result of `studies`.
        at_once: How many run at a time.
        time_limit: Of each run on the clock [s].
        say: Told how each ended, a line at a time.
    """
    found = [each.shared() for each in found]
    left = {
        member.folder: (each.row.name, variant, member)
        for each in found
        for variant, runs in each.members.items()
        for member in runs
        if not member.finished()
    }
    jobs = (
        replace(member.prepare(ranks=1), time_limit=time_limit) for _, _, member in left.values()
    )
    with closing(launch.run(jobs, at_once=at_once)) as ended:
        for number, (job, code) in enumerate(ended, 1):
            name, variant, member = left[job.folder]
            how = "done" if code == 0 else f"code {code}: {launch.last_words(job.folder)}"
            say(f"{number} of {len(left)}: {name}, {variant}, {member.name}, {how}")
    for each in found:
        _keep(each, say)


def _keep(of: Study, say: Callable[[str], None]) -> None:
    """Write the errors of a row beside it; a number that a run did not come to has none."""
    kept = []
    for value in of.row.entry.values:
        if not value.metric:
            continue
        try:
            item = _errors(of, value)
        except InputError as error:
            say(f"{of.row.name}: no error of '{value.quantity}': {error}")
            continue
        bound = inf if item["error"] is None else item["error"]
        number = text(f"{item['value']:.4g}", bound)
        say(f"{of.row.name}: {value.quantity}: {number}")
        kept.append(item)
    if kept:
        said = json.dumps({"ratio": RATIO, "step_ratio": STEP_RATIO, "numbers": kept}, indent=1)
        with replacing(of.row.folder / FILE) as part:
            part.write_text(said + "\n", encoding="utf-8")


def _errors(of: Study, value: Value) -> dict[str, Any]:
    """Return the record of one number; its error is None if it has no limit.

    Raises:
        InputError: A run did not come to it, or meshes or steps did not get finer.
    """
    variant = of.row.variant(value)
    runs = of.members[variant]
    outcomes = [_outcome(of, place) for place in range(len(runs))]
    numbers = [outcome.number(value) for outcome in outcomes]
    loaded = [outcome.ended[variant].run for outcome in outcomes]
    for member, number in zip(runs, numbers, strict=True):
        if not isfinite(number):
            raise InputError(f"run '{member.name}' did not come to it.")
    record: dict[str, Any] = {"quantity": value.quantity, "value": numbers[0], "error": 0.0}
    for part, counted in (("mesh", "cells"), ("steps", "steps")):
        read = [each for each in loaded if each is not None]  # all, as all have numbers
        indices, sizes = results.levels(runs, read, counted, _of(part))
        own = [numbers[index] for index in indices]
        judged = estimate(sizes, own, at=1.0)
        record[part] = {"sizes": sizes, "values": own, "verdict": judged.verdict}
        record["error"] += judged.error
    if not isfinite(record["error"]):
        record["error"] = None
    return record


def _of(part: str) -> Callable[[Member], bool]:
    return lambda member: member.step == 1.0 if part == "mesh" else member.refinement == 1.0


def _outcome(of: Study, place: int) -> Outcome:
    """Return what came out of one level of all variants."""
    ended = {
        variant: Ended(
            variant=variant,
            folder=runs[place].folder,
            status="completed" if runs[place].finished() else "failed",
            reason="",
        )
        for variant, runs in of.members.items()
    }
    return Outcome(row=of.row, ended=ended)
