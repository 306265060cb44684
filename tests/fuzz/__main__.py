"""``python3 -m tests.fuzz``: how the program bears damaged case files, in figures."""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

from tests.fuzz.driver import checks, runs


def main() -> int:
    """Print figures and faults; return 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000, help="case files to check")
    parser.add_argument("--runs", type=int, default=200, help="accepted ones to run two steps of")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        checked = checks(given.count, given.seed, Path(folder))
    print(f"seed {given.seed}: {checked}")
    faults = list(checked.faults)
    if given.runs:
        done = runs(checked, given.runs, given.seed, Path(tempfile.mkdtemp(prefix="anodefem-fuzz")))
        print(f"seed {given.seed}: {str(done).replace('checks', 'runs')}")
        faults += done.faults
    for fault in faults[:50]:
        print(fault)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


raise SystemExit(main())
