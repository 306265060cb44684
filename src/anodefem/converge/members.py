"""The runs of a study: which there are, and which of them are there already."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anodefem import cases, launch
from anodefem.cases import CheckedCase
from anodefem.errors import InputError

#: Settings of the solver that are scaled together, and the power of the length of steps with which
#: they grow: the error of one step is of the third order.
STEPS = {
    "initial_step": 1,
    "max_soc_step": 1,
    "max_concentration_step": 1,
    "step_tolerance": 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One run of a study.

    Attributes:
        name: Name of its folder.
        refinement: Edges are divided by it, compared with the case.
        step: Steps are multiplied by it, compared with the case.
        case: The case with both.
        settings: What makes it from the case file, as after ``--set``.
        folder: Its run folder.
    """

    name: str
    refinement: float
    step: float
    case: CheckedCase
    settings: tuple[str, ...]
    folder: Path

    def finished(self) -> bool:
        """Whether its folder holds this very run, completed."""
        return self._found() == "completed"

    def prepare(self, *, ranks: int) -> launch.Job:
        """Return the job that is left to do; goes on where a run of the same case was ended."""
        stopped = self._found() in ("running", "interrupted")
        resume = stopped and launch.has_checkpoint(self.folder)
        if not resume and self.folder.exists():
            shutil.rmtree(self.folder)
        return launch.Job(
            case=self.case.path,
            folder=self.folder,
            settings=self.settings,
            ranks=ranks,
            resume=resume,
        )

    def _found(self) -> str | None:
        """Status of the run of this case in the folder; ``None`` without one."""
        try:
            former = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        same = former.get("case") == json.loads(json.dumps(self.case.resolved()))
        return str(former.get("status")) if same else None


def members(
    path: Path,
    settings: Sequence[str],
    *,
    ratio: float,
    step_ratio: float,
    finer: int,
    folder: Path,
) -> list[Member]:
    """Return the five runs of a study: the case, two more meshes and two more lengths of steps.

    Args:
        path: Case file.
        settings: Changes to it, "dotted.key=value".
        ratio: Of the edges of one mesh and the next.
        step_ratio: Of the steps of one level and the next.
        finer: How many of the two other levels are finer than the case; the rest is coarser.
        folder: Folder in which every run has its own.

    Raises:
        InputError: The case, or one of the others, cannot be run.
    """
    case = cases.load(path, settings)
    # Fields are needed once, to tell which regions swell.
    quiet = (*settings, "output.fields_every=1.0")
    powers = [power for power in range(finer - 2, finer + 1) if power]
    whole = _member(path, quiet, "case", 1.0, 1.0, case, folder)
    meshes = [
        _member(path, quiet, f"mesh-{_name(ratio**power)}", ratio**power, 1.0, case, folder)
        for power in powers
    ]
    steps = [
        _member(
            path, quiet, f"steps-{_name(step_ratio**power)}", 1.0, step_ratio**-power, case, folder
        )
        for power in powers
    ]
    # Two at a time end soonest if the longest is not the last.
    return [whole, *reversed(meshes), *reversed(steps)]


def _name(factor: float) -> str:
    return f"{factor:.3g}x"


def _member(
    path: Path,
    settings: tuple[str, ...],
    name: str,
    refinement: float,
    step: float,
    case: CheckedCase,
    folder: Path,
) -> Member:
    changes: list[str] = []
    if refinement != 1.0:
        changes.append(f"geometry.refinement={case.geometry.given_refinement * refinement!r}")
    if step != 1.0:
        changes += [
            f"solver.{key}={getattr(case.solver, key) * step**power!r}"
            for key, power in STEPS.items()
        ]
    settings = (*settings, *changes)
    try:
        member = cases.load(path, settings)
    except InputError as error:
        raise InputError(f"run '{name}' of the study:\n{error}") from error
    return Member(
        name=name,
        refinement=refinement,
        step=step,
        case=member,
        settings=settings,
        folder=folder / name,
    )


def record_of(member: Member) -> dict[str, Any]:
    """Return what the record of a study says of a finished member."""
    run = json.loads((member.folder / "run.json").read_text(encoding="utf-8"))
    facts = ("cells", "unknowns", "steps", "newton_iterations", "wall_time_s", "git_commit")
    return {
        "name": member.name,
        "refinement": member.refinement,
        "step": member.step,
        **{key: run.get(key) for key in facts},
    }
