"""Short cases and the metrics they gave: run them, compare them, or make the tables anew.

    python3 -m tests.gold.tables [NAME ...]

runs the named cases, or all, and writes their tables. A table is made anew only when numbers are
meant to change, in the same commit as what changes them.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from pathlib import Path

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from anodefem.cases import load
from anodefem.solve.run import run

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))

#: Largest difference over the largest magnitude in the column.
TOLERANCE = 1e-10
#: Columns with another bound, in their own unit: a balance that closes is round-off, one of energy
#: is relative already, points right at yield begin a step as elastic or as plastic as round-off
#: will have it, and the pressure at one node goes with what is left of the gap to the power of -2,
#: which is 1e-4 of the displacement or less: round-off of one in the last digits of the other.
BOUNDS = {
    "lithium_balance_error [-]": 1e-11,
    "energy_balance_error [-]": 1e-10,
    "newton_iterations [-]": 1.0,
    "contact_pressure_max [GPa]": 1e-8,
}

Table = dict[str, npt.NDArray[np.float64]]


def solved(name: str, folder: Path) -> Path:
    """Run a case in an empty folder and return its ``metrics.csv``.

    Args:
        name: One of `NAMES`.
        folder: Where to put the run.
    """
    run(load(FOLDER / f"{name}.toml"), folder / "run", MPI.COMM_SELF)
    return folder / "run" / "metrics.csv"


def table(path: Path) -> Table:
    """Return the columns of a ``metrics.csv``, shape (rows,) each."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def differences(wanted: Table, found: Table) -> dict[str, float]:
    """Return by how much columns differ that differ by too much, over what they may.

    Args:
        wanted: Columns of a table.
        found: The same columns of a run, of the same length.
    """
    far = {}
    for name, values in wanted.items():
        allowed = BOUNDS.get(name, TOLERANCE * float(np.abs(values).max(initial=0.0)))
        error = float(np.abs(found[name] - values).max(initial=0.0))
        if not error <= max(allowed, 1e-13):
            far[name] = error / max(allowed, 1e-13)
    return far


def main(names: list[str]) -> None:
    """Make the tables of some cases anew.

    Args:
        names: Of `NAMES`; all if empty.
    """
    for name in names or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(solved(name, Path(folder)), FOLDER / f"{name}.csv")
        print(f"{name}.csv made anew")


if __name__ == "__main__":
    main(sys.argv[1:])
