"""Checks damaged case files in this process, and runs some that are accepted."""

from __future__ import annotations

import json
import logging
import re
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from anodefem import cases
from anodefem.errors import InputError
from tests.fuzz.limits import TooLong, limited
from tests.fuzz.mutations import Mutator, Raw, toml
from tests.fuzz.worker import Worker

LOG = logging.getLogger(__name__)
LIMIT = 5.0  # seconds of computing for one check
LONGEST_RUN = 300  # seconds of computing, after which a run is ended
BALANCE = 1e-8  # of capacity, that a run which succeeds may lose
UNFIT = re.compile(r"\b_[A-Z][a-z]|Input should|instance of|<class|Traceback|0x7f[0-9a-f]{8}")


@dataclass(kw_only=True)
class Figures:
    """What came out of many checks.

    Attributes:
        counts: How many were accepted, refused, raised something else, took too long, or were
            refused with a message that nobody should read.
        slowest: Longest check [s].
        faults: What went wrong, with the case file that did it.
        accepted: Case files and settings that were accepted.
    """

    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)
    accepted: list[tuple[bytes, list[str]]] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{number} {what}" for what, number in sorted(self.counts.items()))
        return f"{self.counts.total()} checks: {told}; slowest {self.slowest:.2f} s"


def checks(count: int, seed: int, folder: Path) -> Figures:
    """Check damaged case files.

    Args:
        count: How many.
        seed: Of the draw.
        folder: Where each is written, one after the other.
    """
    mutator, figures = Mutator(Random(seed)), Figures()
    path = folder / "run.toml"
    for number in range(count):
        (folder / "mine.toml").unlink(missing_ok=True)
        text, settings = mutator.case(folder)
        path.write_bytes(text)
        start, message = time.process_time(), ""
        try:
            with limited(LIMIT):
                cases.load(path, settings)
            outcome = "accepted"
        except InputError as error:
            message = str(error)
            lines = message.splitlines()
            bad = UNFIT.search(message) or len(set(lines)) < len(lines) or len(message) > 20_000
            outcome = "badly put" if bad or not message else "refused"
        except TooLong:
            outcome, message = "too long", traceback.format_exc()
        except Exception:
            outcome, message = "tracebacks", traceback.format_exc()
        figures.slowest = max(figures.slowest, time.process_time() - start)
        figures.counts[outcome] += 1
        if outcome == "accepted" and b"mine.toml" not in text:
            figures.accepted.append((text, settings))
        if outcome not in ("accepted", "refused"):
            shown = text[:3000].decode("utf-8", "replace")
            figures.faults.append(
                f"--- {outcome} (number {number}, --set {str(settings)[:300]})\n{shown}\n"
                f"{message[-3000:]}"
            )
            LOG.warning("%s", figures.faults[-1])
    return figures


def runs(figures: Figures, count: int, seed: int, folder: Path) -> Figures:
    """Run accepted case files through two steps on very coarse meshes.

    Every other one keeps its protocol, of which it does not come to the end. Bodies in 3D, whose
    meshes take minutes, are left to `tests.soak`.

    Args:
        figures: Of the checks.
        count: How many at most.
        seed: Of the choice.
        folder: Where results go; those without a fault are removed.
    """
    found, worker = Figures(), Worker(LONGEST_RUN)
    shuffled = Random(seed).sample(figures.accepted, len(figures.accepted))
    for text, settings in shuffled:
        if (number := found.counts.total()) == count:
            break
        home = folder / f"run-{number}"
        home.mkdir(exist_ok=True)
        path = home / "run.toml"
        path.write_bytes(text)
        case = cases.load(path, settings)
        if case.geometry.kinematics == "3d":
            continue
        soc, rate = case.protocol.initial_soc, max(step.c_rate for step in case.protocol.steps)
        step = f"lithiate at {rate or 0.1:g}C until soc = {min(soc + 2e-3, 0.9):.6g}"
        changes = [
            "solver.max_steps=2" if number % 2 else f'protocol.steps=["{step}"]',
            "solver.initial_step=1e-3",
            "solver.minimum_step=1e-5",
            *((f"geometry.refinement={0.25}",) if case.geometry.plugin.build else ()),
        ]
        command = ["run", str(path), "-o", str(home / "out")]
        for change in (*settings, *changes):
            command += ["--set", change]
        code, said, took = worker.run(command)
        found.slowest = max(found.slowest, took)
        record = home / "out" / "run.json"
        lost = _lost(json.loads(record.read_text())) if record.exists() else 0.0
        broken = code == 0 and not lost <= BALANCE
        outcome = "broken and exit 0" if broken else f"exit {code}"
        found.counts[outcome] += 1
        LOG.info("run %d: %s, %.0f s of computing", number, outcome, took)
        if broken or code not in (0, 2, 3) or "Traceback" in said:
            found.faults.append(
                f"--- {outcome}, lost {lost:.2e} ({path})\n{text.decode()}\n{said[-2000:]}"
            )
            LOG.warning("%s", found.faults[-1])
        else:
            shutil.rmtree(home)
    worker.end()
    return found


def _lost(record: dict[str, object]) -> float:
    """Return the largest share of lithium that a run lost, by its own record."""
    ends = (".final", ".min", ".max")
    found = [
        abs(value)
        for key, value in _numbers(record)
        if "lithium_balance_error." in key and key.endswith(ends)
    ]
    return max(found, default=0.0)


def _numbers(record: object, key: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(record, dict):
        for name, value in record.items():
            yield from _numbers(value, f"{key}.{name}")
    elif isinstance(record, int | float) and not isinstance(record, bool):
        yield key, float(record)


__all__ = ["Figures", "Raw", "checks", "runs", "toml"]
