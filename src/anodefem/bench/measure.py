"""Measures benchmarks by programs of their own, and compares ratios with stored ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np

from anodefem.bench.cases import BENCHMARKS, Benchmark, Member
from anodefem.errors import AnodefemError, InputError
from anodefem.launch import require_launcher

#: Of a stored ratio that a new one has to reach: what else the machine does moves it.
SHARE = 0.6
#: One thread for each process, so that processor times can be compared.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Cost(TypedDict):
    """What one member cost.

    `seconds` are those of one Newton iteration, everything included; `memory` is the largest of one
    process [MB].
    """

    unknowns: int
    iterations: int
    seconds: float
    memory: float


class Row(TypedDict):
    """One benchmark on one mesh: `ratio` is how many times faster the member is than the baseline.

    `exponent` is p in cost = unknowns^p between the mesh before and this one.
    """

    benchmark: str
    refinement: float
    unknowns: int
    baseline: Cost
    member: Cost
    ratio: float
    exponent: NotRequired[float]


class Machine(TypedDict):
    """What the machine can do: products of matrices [GFLOP/s], copies in memory [GB/s]."""

    dgemm: float
    bandwidth: float


def chosen(names: Sequence[str]) -> dict[str, Benchmark]:
    """Return benchmarks by name, all if none is named.

    Args:
        names: Of `BENCHMARKS`.

    Raises:
        InputError: There is none of that name.
    """
    for name in names:
        if name not in BENCHMARKS:
            raise InputError(f"no benchmark '{name}'; there are {', '.join(BENCHMARKS)}.")
    return {name: BENCHMARKS[name] for name in names or BENCHMARKS}


def rows(name: str, *, short: bool) -> Iterator[Row]:
    """Measure a benchmark on one mesh after the other.

    Args:
        name: Of `BENCHMARKS`.
        short: Only its coarsest mesh.

    Raises:
        InputError: Ranks cannot be started from here.
        AnodefemError: A member fails.
    """
    benchmark = BENCHMARKS[name]
    before: Row | None = None
    for refinement in benchmark.refinements[: 1 if short else None]:
        baseline = _measured(name, "baseline", benchmark.baseline, refinement)
        member = _measured(name, "member", benchmark.member, refinement)
        row: Row = {
            "benchmark": name,
            "refinement": refinement,
            "unknowns": member["unknowns"],
            "baseline": baseline,
            "member": member,
            "ratio": baseline["seconds"] / member["seconds"],
        }
        if before:
            row["exponent"] = float(
                np.log(member["seconds"] / before["member"]["seconds"])
                / np.log(member["unknowns"] / before["unknowns"])
            )
        yield row
        before = row


def _measured(name: str, which: str, member: Member, refinement: float) -> Cost:
    """Solve a member in a process of its own.

    Args:
        name: Of the benchmark.
        which: "baseline" or "member".
        member: What it is.
        refinement: Of its mesh.

    Raises:
        AnodefemError: It fails.
    """
    require_launcher(member.ranks)
    ranks = ["mpirun", "-n", str(member.ranks)] if member.ranks > 1 else []
    program = [sys.executable, "-m", "anodefem.bench.member", name, which, str(refinement)]
    done = subprocess.run(
        [*ranks, *program],
        env=os.environ | _ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        cost: Cost = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError) as error:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise AnodefemError(
            f"benchmark '{name}', {member.label}: ended with {done.returncode}: {last}"
        ) from error
    return cost


def machine() -> Machine:
    """Measure what the machine can do on one core, for tables that are read elsewhere."""
    size, length = 1000, 20_000_000
    matrix = np.random.default_rng(0).random((size, size))
    line = np.ones(length)
    target = np.empty_like(line)
    product = min(_seconds(lambda: matrix @ matrix) for _ in range(5))
    copy = min(_seconds(lambda: np.copyto(target, line)) for _ in range(5))
    return {
        "dgemm": 2 * size**3 / product * 1e-9,
        "bandwidth": 2 * line.nbytes / copy * 1e-9,
    }


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


#: Ratio by benchmark and refinement.
Ratios = Mapping[tuple[str, float], float]


def stored_ratios(stored: Path, names: Collection[str]) -> Ratios:
    """Return the ratios of a file, by benchmark and refinement.

    Args:
        stored: What ``anodefem bench --json`` wrote.
        names: Benchmarks that are about to be measured.

    Raises:
        InputError: The file cannot be read, or has none of the benchmarks.
    """
    try:
        table = json.loads(stored.read_text(encoding="utf-8"))["rows"]
        known = {(row["benchmark"], row["refinement"]): float(row["ratio"]) for row in table}
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it has no rows of ratios"
        raise InputError(
            f"--against {stored}: is no file of 'anodefem bench --json' ({reason})."
        ) from error
    if not any(name in names for name, _ in known):
        raise InputError(f"--against {stored}: has none of the benchmarks that are measured.")
    return known


def slower(found: Sequence[Row], known: Ratios) -> list[str]:
    """Return a sentence for every benchmark whose ratio has fallen below `SHARE` of the stored one.

    Args:
        found: Rows of today.
        known: As `stored_ratios` gives them.
    """
    pairs = [(row, known.get((row["benchmark"], row["refinement"]))) for row in found]
    return [
        f"{row['benchmark']} at refinement {row['refinement']:g}: {row['ratio']:.2f} times the "
        f"speed of {BENCHMARKS[row['benchmark']].baseline.label}; it was {ratio:.2f}."
        for row, ratio in pairs
        if ratio is not None and row["ratio"] < SHARE * ratio
    ]
