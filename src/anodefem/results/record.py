"""The written record of a run: metrics.csv row by row, run.json at the start and at every fate."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np

from anodefem import __version__, checksums
from anodefem.errors import InputError
from anodefem.files import disk_error, replacing
from anodefem.parallel import on_first_rank

PACKAGES = ("fenics-dolfinx", "fenics-ufl", "petsc4py", "mpi4py", "numpy", "meshio")

#: How a run stands.
STATUSES = ("running", "completed", "interrupted", "failed")
START_ANEW = "start the run anew in another folder."


def read_record(folder: Path) -> dict[str, Any]:
    """Return ``run.json`` of a run folder.

    Args:
        folder: Run folder.

    Raises:
        InputError: There is none, or it is damaged.
    """
    path = folder / "run.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["case"].items()
        sound = content["status"] in STATUSES and float(content["wall_time_s"]) >= 0.0
        sound = sound and checksums.sound(content)
    except FileNotFoundError as error:
        raise InputError(f"{folder} holds no run to resume; leave out --resume.") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise InputError(f"{path} is damaged; {START_ANEW}")
    return dict(content)


class Record:
    """Writes ``run.json`` and ``metrics.csv`` on rank 0; all but `abandon` are collective.

    Attributes:
        content: What ``run.json`` holds.
    """

    def __init__(self, folder: Path, content: Mapping[str, Any], comm: MPI.Comm) -> None:
        """Start a record.

        Args:
            folder: Run folder; exists.
            content: What is known before the first step.
            comm: Communicator of the run.
        """
        self.folder, self._comm = folder, comm
        self._before = 0.0
        self.content: dict[str, Any] = {
            "status": "running",
            "reason": "",
            **content,
            "versions": versions(),
            "git_commit": commit(),
        }
        self._rows: list[Mapping[str, float]] = []
        self._bytes, self._digest = 0, hashlib.sha256()
        self._digests = checksums.Digests(folder)
        self._began = time.perf_counter()

    def resume(self, steps: int, mark: Mapping[str, Any]) -> None:
        """Go on after a checkpoint of a former record in the same folder.

        Args:
            steps: Accepted steps up to the checkpoint.
            mark: What `mark` was then.

        Raises:
            InputError: ``metrics.csv`` is not what it was then.
        """
        former, self._rows = on_first_rank(self._comm, lambda: self._former(steps, mark))
        self._before = former["wall_time_s"]
        self.content["resumed"] = [
            *former.get("resumed", []),
            {"after_step": steps, "ranks": self._comm.size},
        ]
        self.save()

    def mark(self) -> dict[str, Any]:
        """Length and SHA-256 of ``metrics.csv``, and files of fields, for a checkpoint.

        Of use on rank 0.
        """
        fields = self._digests.now("fields") if self._comm.rank == 0 else {}
        return {"bytes": self._bytes, "sha256": self._digest.hexdigest(), "fields": fields}

    def _former(
        self, steps: int, mark: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Mapping[str, float]]]:
        """Read the former record, and drop the rows after the checkpoint from ``metrics.csv``."""
        for name in mark.get("fields", {}):
            checksums.check(self.folder, name, {checksums.FILES: mark["fields"]})
        path = self.folder / "metrics.csv"
        try:
            text = path.read_bytes()[: mark["bytes"]]
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); {START_ANEW}") from error
        if hashlib.sha256(text).hexdigest() != mark["sha256"]:
            raise InputError(
                f"{path} is damaged: its first {steps + 1} rows are not what the run had written "
                f"up to the checkpoint; {START_ANEW}"
            )
        with replacing(path) as beside:
            beside.write_bytes(text)
        self._bytes = len(text)
        self._digest.update(text)
        lines = text.decode("utf-8").splitlines()
        rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(lines)]
        return read_record(self.folder), list(rows)

    def add(self, row: Mapping[str, float]) -> None:
        """Append one accepted step to ``metrics.csv``.

        Args:
            row: Metrics by head of column.
        """
        self._rows.append(row)
        on_first_rank(self._comm, self._append)

    def _append(self) -> None:
        first, row, text = len(self._rows) == 1, self._rows[-1], io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(row))
        if first:
            writer.writeheader()
        writer.writerow({name: repr(float(value)) for name, value in row.items()})
        line, path = text.getvalue().encode(), self.folder / "metrics.csv"
        try:
            with path.open("wb" if first else "ab") as file:
                file.write(line)
        except OSError as error:
            raise disk_error(path, error) from error
        self._bytes += len(line)
        self._digest.update(line)

    def finish(self, status: str, reason: str, facts: Mapping[str, Any]) -> None:
        """Write the fate of the run.

        Args:
            status: "completed", "interrupted" or "failed".
            reason: Why it ended, if it was not completed.
            facts: What else ``run.json`` is to hold.
        """
        files = on_first_rank(self._comm, self._digests.now)
        self.content |= {"status": status, "reason": reason, **facts, checksums.FILES: files}
        self.save()

    def abandon(self, reason: str) -> None:
        """Note an error that the other ranks may not know of; does not communicate."""
        if self._comm.rank == 0:
            self.content |= {"status": "failed", "reason": reason}
            self._replace()

    def save(self) -> None:
        """Write ``run.json`` whole, replacing the former one at once."""
        on_first_rank(self._comm, self._replace)

    def _replace(self) -> None:
        self.content["wall_time_s"] = self._before + time.perf_counter() - self._began
        self.content["metrics"] = self.extremes()
        with replacing(self.folder / "run.json") as beside:
            text = json.dumps(checksums.sealed(self.content), indent=2)
            beside.write_text(text + "\n", encoding="utf-8")

    @property
    def rows(self) -> Sequence[Mapping[str, float]]:
        """Metrics by head of all accepted steps."""
        return self._rows

    @property
    def last(self) -> Mapping[str, float]:
        """Metrics by head of the last accepted step; empty before the first."""
        return self._rows[-1] if self._rows else {}

    def extremes(self) -> dict[str, dict[str, Any]]:
        """Final and extreme value of every metric, with the state of charge of the maximum."""
        if not self._rows:
            return {}
        soc = [row["soc [-]"] for row in self._rows]
        found = {}
        for column in self._rows[0]:
            name, unit = column.removesuffix("]").split(" [")
            values = np.array([row[column] for row in self._rows])
            found[name] = {
                "unit": unit,
                "final": float(values[-1]),
                "min": float(values.min()),
                "max": float(values.max()),
                "soc_at_max": soc[int(values.argmax())],
            }
        return found


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter; "unknown" if a package does not say."""
    found = {"python": platform.python_version(), "anodefem": __version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def commit() -> str:
    """Commit of the source tree this package was imported from, or "" if it is not in one."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
