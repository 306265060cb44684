"""Runs drawn cases, each in a process of its own, and says how each of them ended."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from statistics import median
from typing import Any

from anodefem.cases.plausibility import BEYOND
from tests.soak.draws import Draw

BALANCE = 1e-8  # of capacity, that a run may lose
PATIENCE = 10  # times its limit that a run which computes nothing, or on a busy machine, may take
CLASSES = (
    "completed",
    "physical end",
    "beyond the cards",
    "stopped for time",
    "numerical failure",
    "silent loss",
)
#: Those that a program without faults may have.
SOUND = CLASSES[:3]
#: Ends of protocol steps that the physics brings, and what stands in for one that is beyond its
#: end by then.
ENDS = ("saturated", "depleted", "shut", "skipped", "unreachable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a case ended.

    Attributes:
        number: Of the case, from 0.
        title: Of the case.
        geometry: Plug-in.
        rate: Of its protocol.
        size: Characteristic length as it is written.
        verdict: One of `CLASSES`.
        code: Exit code; -1 if the limit of computing ended it.
        status, reason: Of run.json; the last line that was said where there is none.
        ends: How the steps of the protocol ended.
        balance: Largest share of the species that is not accounted for.
        cells: Of the mesh.
        steps, rejected: Accepted steps, and those taken back.
        seconds: Wall time.
    """

    number: int
    title: str
    geometry: str
    rate: str
    size: str
    verdict: str
    code: int
    status: str
    reason: str
    ends: str
    balance: float
    cells: int
    steps: int
    rejected: int
    seconds: float


def soak(
    count: int, seed: int, folder: Path, *, jobs: int = 1, limit: float = 300.0, first: int = 0
) -> Iterator[Outcome]:
    """Draw cases and run them; yields outcomes as they come.

    Args:
        count: How many.
        seed: Of the draw; a case depends on it and on its number only.
        folder: Where runs go, and are kept.
        jobs: Runs at a time.
        limit: Longest time that a run may compute [s], so that others on the machine do not count.
        first: Number of the first case.
    """
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(
            lambda number: _outcome(number, seed, folder / f"{number:03d}", limit),
            range(first, first + count),
        )


def _outcome(number: int, seed: int, place: Path, limit: float) -> Outcome:
    """Draw, run and judge one case.

    Args:
        number: Of the case.
        seed: Of the draw.
        place: Folder of the case.
        limit: Longest time of computing [s].
    """
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    tables = Draw(1000 * seed + number).case(place / "run.toml")
    began = time.monotonic()
    code, said = _run(place, limit)
    seconds = time.monotonic() - began
    record = place / "out" / "run.json"
    found: dict[str, Any] = json.loads(record.read_text()) if record.exists() else {}
    ends = [e["kind"] for e in found.get("events", []) if e["kind"] in ("completed", *ENDS)]
    last = said.strip().splitlines()[-1:] or [""]
    geometry = tables["geometry"]
    sizes = ("particle_radius", "radius", "silicon_thickness", "wavelength", "width", "unit")
    return Outcome(
        number=number,
        title=tables["title"] + (f", {tables['sei']['recipe']}" if "sei" in tables else ""),
        geometry=geometry["plugin"],
        rate=tables["protocol"]["steps"][0].split()[2],
        size=next((geometry[key] for key in sizes if key in geometry), ""),
        verdict=judged(code, found, said, len(tables["protocol"]["steps"])),
        code=code,
        status=found.get("status", ""),
        reason=f"more than {limit:g} s of computing"
        if code == -1
        else found.get("reason", last[0]),
        ends=", ".join(ends),
        balance=lost(found),
        cells=found.get("cells", 0),
        steps=found.get("steps", 0),
        rejected=found.get("rejected_steps", 0),
        seconds=round(seconds, 1),
    )


def _run(place: Path, limit: float) -> tuple[int, str]:
    """Run the case in a folder; returns its exit code and what it said."""
    command = [sys.executable, "-m", "anodefem", "run", "run.toml", "-o", "out"]
    with (place / "said.txt").open("w+") as said:
        process = subprocess.Popen(
            command,
            cwd=place,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        seconds = int(limit)
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (seconds, seconds))
        try:
            code = process.wait(timeout=PATIENCE * limit)
            code = -1 if code == -signal.SIGKILL else code
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        said.seek(0)
        return code, said.read()


def judged(code: int, record: dict[str, Any], said: str, steps: int) -> str:
    """Return which of `CLASSES` an outcome is.

    A run that succeeds must have closed its balance, must know all its numbers, and must have
    brought every step of its protocol to an end. One that does not must have lost nothing, and
    names what in its state the cards do not allow; else it is the program that has failed. Of one
    that was stopped for time nothing is known.

    Args:
        code: Exit code; -1 if the time limit ended it.
        record: run.json, empty if there is none.
        said: What the program wrote.
        steps: Steps of the protocol.
    """
    if code == -1:
        return "stopped for time"
    if code != 0:
        told = code == 3 and BEYOND in record.get("reason", "") and lost(record) <= BALANCE
        return "beyond the cards" if told else "numerical failure"
    ends = [e["kind"] for e in record["events"] if e["kind"] in ("completed", *ENDS)]
    known = all(isfinite(each["final"]) for each in record["metrics"].values())
    sound = record["status"] == "completed" and len(ends) == steps and "Traceback" not in said
    if not (sound and known and lost(record) <= BALANCE):
        return "silent loss"
    return "completed" if set(ends) == {"completed"} else "physical end"


def lost(record: dict[str, Any]) -> float:
    """Return the largest share of the species that a run lost, by its own record."""
    column = record.get("metrics", {}).get("lithium_balance_error", {})
    return max((abs(column[key]) for key in ("final", "min", "max") if key in column), default=0.0)


def write(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write outcomes as CSV.

    Args:
        outcomes: One a row.
        path: File.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(Outcome)])
        writer.writeheader()
        writer.writerows(asdict(each) for each in outcomes)


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return outcomes by geometry, and every case that failed, as Markdown.

    Args:
        outcomes: One a case.
    """
    lines = [
        f"| geometry | cases | {' | '.join(CLASSES)} | steps | seconds | balance below |",
        "|---|" + "---:|" * (len(CLASSES) + 4),
    ]
    names = sorted({each.geometry for each in outcomes})
    for name in (*names, "all"):
        own = [each for each in outcomes if name in (each.geometry, "all")]
        counts = Counter(each.verdict for each in own)
        lines.append(
            f"| {name.replace('_', ' ')} | {len(own)} | "
            + " | ".join(str(counts[verdict]) for verdict in CLASSES)
            + f" | {median(each.steps for each in own):.0f} | "
            f"{median(each.seconds for each in own):.0f} | "
            f"{max(each.balance for each in own):.0e} |"
        )
    failed = [each for each in outcomes if each.code or each.verdict not in SOUND]
    if failed:
        lines += ["", "| number | case | size | rate | reason |", "|---:|---|---|---|---|"]
    for each in failed:
        reason = re.sub(r"\s+", " ", each.reason)
        lines.append(f"| {each.number} | {each.title} | {each.size} | {each.rate} | {reason} |")
    return "\n".join(lines)
