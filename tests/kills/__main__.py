"""``python3 -m tests.kills``: runs that are killed and carried on, in figures."""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

from tests.kills.driver import CASE, trials


def main() -> int:
    """Print figures and faults; return 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="make kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="runs to carry to their end")
    parser.add_argument("--ranks", type=int, default=3, help="most ranks of a run")
    parser.add_argument("--case", type=Path, default=CASE, help="case file that is run")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory(prefix="anodefem-kills") as folder:
        report = trials(
            given.count, given.seed, Path(folder), most_ranks=given.ranks, case=given.case
        )
    print(f"seed {given.seed}: {report}")
    for fault in report.faults:
        print(fault)
    return 1 if report.faults else 0


raise SystemExit(main())
