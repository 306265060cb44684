"""``python3 -m tests.soak``: valid cases at random, and how each of them ends."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.soak.driver import SOUND, soak, summary, write


def main() -> int:
    """Print outcomes as they come; return 1 if any is a failure of the program."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="cases to run")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--limit", type=float, default=300.0, help="longest computing of a run [s]")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/soak"))
    given = parser.parse_args()
    found = []
    for outcome in soak(
        given.count,
        given.seed,
        given.output,
        jobs=given.jobs,
        limit=given.limit,
        first=given.first,
    ):
        found.append(outcome)
        write(found, given.output / "outcomes.csv")
        print(
            f"{outcome.number:3d} {outcome.verdict:17s} {outcome.code:3d} "
            f"{outcome.seconds:6.1f} s {outcome.steps:4d} steps {outcome.balance:.1e}  "
            f"{outcome.title}, {outcome.size}, {outcome.rate}: {outcome.ends} {outcome.reason}",
            flush=True,
        )
    print(f"seed {given.seed}\n{summary(found)}")
    return 0 if all(outcome.verdict in SOUND for outcome in found) else 1


raise SystemExit(main())
