"""``python3 -m tests.corruption``: runs whose files are damaged, in figures."""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

from tests.corruption.driver import trials


def main() -> int:
    """Print figures and faults; return 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="make corruption", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="files to damage")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory(prefix="anodefem-corruption") as folder:
        report = trials(given.count, given.seed, Path(folder))
    print(f"seed {given.seed}: {report}")
    for fault in report.faults:
        print(fault)
    return 1 if report.faults else 0


raise SystemExit(main())
