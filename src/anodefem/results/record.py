"""The written record of a run: metrics.csv row by row, run.json at the start and at every fate."""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np

from anodefem import __version__
from anodefem.parallel import on_first_rank
from anodefem.physics.failures import first_failures

PACKAGES = ("fenics-dolfinx", "fenics-ufl", "petsc4py", "mpi4py", "numpy", "meshio")


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
        self._began = time.perf_counter()

    def resume(self, steps: int) -> None:
        """Go on after ``steps`` accepted steps of a former record in the same folder."""
        former, self._rows = on_first_rank(self._comm, lambda: self._former(steps))
        self._before = former["wall_time_s"]
        self.content["resumed"] = [
            *former.get("resumed", []),
            {"after_step": steps, "ranks": self._comm.size},
        ]
        on_first_rank(self._comm, self._rewrite)
        self.save()

    def _former(self, steps: int) -> tuple[dict[str, Any], list[Mapping[str, float]]]:
        former = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        with (self.folder / "metrics.csv").open(newline="") as file:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
        return former, list(rows[: steps + 1])

    def _rewrite(self) -> None:
        """Drop the rows after the checkpoint from ``metrics.csv``."""
        rows, self._rows = self._rows, []
        for row in rows:
            self._rows.append(row)
            self._append()

    def add(self, row: Mapping[str, float]) -> None:
        """Append one accepted step to ``metrics.csv``."""
        self._rows.append(row)
        on_first_rank(self._comm, self._append)

    def _append(self) -> None:
        first, row = len(self._rows) == 1, self._rows[-1]
        with (self.folder / "metrics.csv").open("w" if first else "a", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(row))
            if first:
                writer.writeheader()
            writer.writerow({name: repr(float(value)) for name, value in row.items()})

    def finish(self, status: str, reason: str, facts: Mapping[str, Any]) -> None:
        """Write the fate of the run.

        Args:
            status: "completed", "stopped" or "failed".
            reason: Why it ended, if it was not completed.
            facts: What else ``run.json`` is to hold.
        """
        self.content |= {"status": status, "reason": reason, **facts}
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
        self.content["first_failures"] = first_failures(self._rows)
        target, part = self.folder / "run.json", self.folder / "run.json.part"
        part.write_text(json.dumps(self.content, indent=2) + "\n", encoding="utf-8")
        part.replace(target)

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
