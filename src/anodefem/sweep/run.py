"""The folder of a sweep: what is in it, and running what is missing."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from anodefem import launch
from anodefem.cases import CheckedCase
from anodefem.errors import InputError
from anodefem.files import folder_error
from anodefem.sweep.design import Plan, Point
from anodefem.sweep.numbers import numbers

FILE = "sweep.json"
Status = Literal["completed", "failed", "interrupted", "waiting", "elsewhere"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a point.

    Attributes:
        status: "completed"; "failed", which is not tried again; "interrupted", which goes on next
            time; "waiting"; or "elsewhere", if another process runs it now.
        reason: Why it failed; "" otherwise.
    """

    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A planned sweep in its folder.

    Attributes:
        plan: Its points.
        cases: Their cases.
        folder: Of the sweep.
    """

    plan: Plan
    cases: Sequence[CheckedCase]
    folder: Path

    def place(self, point: Point) -> Path:
        """Return the run folder of a point."""
        return self.folder / "points" / f"{point.number:04d}"

    def prepare(self) -> None:
        """Make the folder, or find this sweep in it.

        Raises:
            InputError: The folder holds something else, or cannot be written.
        """
        content = self._content()
        file = self.folder / FILE
        if file.exists():
            former = _read(file)
            for key, words in _PARTS.items():
                if former.get(key) != content[key]:
                    raise InputError(
                        f"{self.folder} holds another sweep: {words}. Name another folder with -o, "
                        "or remove this one."
                    )
            return
        present = [path.name for path in _listed(self.folder) if not path.name.startswith(".sweep")]
        if present:
            raise InputError(
                f"{self.folder} holds {', '.join(sorted(present)[:3])} and no sweep; name another "
                "folder with -o."
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(file, content)
        except OSError as error:
            raise folder_error(self.folder, error) from error

    def _content(self) -> dict[str, Any]:
        first, keys = self.cases[0], self.plan.keys
        known = numbers(first)
        base = {
            key: f"{known[key].value:g} {known[key].unit}".strip() for key in keys if key in known
        }
        return {
            "written_by": "anodefem sweep",
            "kind": self.plan.kind,
            "title": first.title,
            "keys": list(keys),
            "base": base if self.plan.kind == "sensitivity" else {},
            "points": [
                {
                    "number": point.number,
                    "folder": str(self.place(point).relative_to(self.folder)),
                    "values": dict(point.values),
                    "case": _fingerprint(case),
                }
                for point, case in zip(self.plan.points, self.cases, strict=True)
            ],
        }

    def run(
        self,
        points: Sequence[Point],
        *,
        at_once: int,
        ranks: int,
        tell: Callable[[Point, Fate], None],
    ) -> dict[int, Fate]:
        """Run points that are not finished, and return what became of each by its number.

        Args:
            points: Of the plan.
            at_once: How many processes.
            ranks: Of each, under mpirun.
            tell: Called with every point when its fate is known.
        """
        fates: dict[int, Fate] = {}
        locks: dict[Path, int] = {}

        def known(point: Point, fate: Fate) -> None:
            fates[point.number] = fate
            tell(point, fate)

        def jobs() -> Iterator[launch.Job]:
            for point in points:
                place = self.place(point)
                place.parent.mkdir(exist_ok=True)
                if (lock := _lock(place)) is None:
                    known(point, Fate(status="elsewhere"))
                    continue
                fate = fate_of(place)
                if fate.status in ("completed", "failed"):
                    os.close(lock)
                    known(point, fate)
                    continue
                locks[place] = lock
                yield self._job(point, resume=fate.status == "interrupted", ranks=ranks, lock=lock)

        by_place = {self.place(point): point for point in points}
        running = launch.run(jobs(), at_once=at_once)
        try:
            for job, code in running:
                os.close(locks.pop(job.folder))
                known(by_place[job.folder], _ended(job.folder, code))
        finally:
            running.close()
            for lock in locks.values():
                os.close(lock)
        return fates

    def _job(self, point: Point, *, resume: bool, ranks: int, lock: int) -> launch.Job:
        place = self.place(point)
        if not resume:
            shutil.rmtree(place, ignore_errors=True)
        title = f"{self.cases[point.number - 1].title}: {point.label}"
        named = () if "title" in point.values else (f"title={json.dumps(title)}",)
        return launch.Job(
            case=self.plan.case,
            folder=place,
            settings=(*self.plan.settings, *point.settings, *named),
            ranks=ranks,
            resume=resume,
            holds=(lock,),
        )

    def save(self, fates: dict[int, Fate]) -> None:
        """Write what became of the points, for the table."""
        content = self._content()
        content["fates"] = {number: asdict(fate) for number, fate in fates.items()}
        _write(self.folder / FILE, content)


_PARTS = {
    "kind": "it is not of this kind",
    "keys": "other keys are varied",
    "points": "its points differ, or the case file, its cards or the program changed since",
}


def fate_of(place: Path) -> Fate:
    """Return what became of a run, from its folder alone."""
    info = _read(place / "run.json") if (place / "run.json").exists() else {}
    status = info.get("status")
    if status == "completed":
        return Fate(status="completed")
    if status == "failed":
        return Fate(status="failed", reason=str(info.get("reason", "")))
    if status in ("running", "interrupted") and launch.has_checkpoint(place):
        return Fate(status="interrupted")
    return Fate(status="waiting")


def _ended(place: Path, code: int) -> Fate:
    """Return what became of a run whose program has just ended.

    Args:
        place: Run folder.
        code: Exit code of its program.
    """
    fate = fate_of(place)
    if fate.status in ("completed", "failed"):
        return fate
    said = launch.last_words(place)
    if code < 0:
        return Fate(status="interrupted", reason=f"ended by signal {-code}")
    return Fate(status="failed", reason=said or f"ended with exit code {code}")


def _lock(place: Path) -> int | None:
    """Return an open file that marks a point as taken; ``None`` if another process has it.

    The program that runs the point inherits it, so that the mark lasts as long as that does.
    """
    file = os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError:  # a file system without locks
        pass
    return file


def _fingerprint(case: CheckedCase) -> str:
    text = json.dumps(case.resolved(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"{folder}: is not a folder; name one with -o.") from error


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            return content
    raise InputError(f"{path}: cannot be read; remove the folder or name another with -o.")


def _write(path: Path, content: dict[str, Any]) -> None:
    part = path.with_name(f".sweep-{os.getpid()}")
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
