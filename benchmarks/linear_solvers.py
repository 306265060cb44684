"""Seconds per Newton iteration of the iterative solver against a factorisation, in one run.

    container/run python3 benchmarks/linear_solvers.py [REFINEMENT ...]

A bare particle in 3D with diffusion, plasticity and SEI is charged for a few steps with either
solver. Forms are compiled in a first run that is not counted; everything else is: assembly,
set-up, solution, history updates, metrics and writing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from anodefem import Case, ConvergenceError, Result

CASE = Path(__file__).resolve().parents[1] / "runs" / "bare-particle" / "run.toml"
STEPS = 6


def measure(solver: str, refinement: float, steps: int) -> tuple[int, float]:
    """Return the number of unknowns and the seconds per Newton iteration."""
    case = Case.from_file(
        CASE,
        {
            "geometry.kinematics": "3d",
            "geometry.refinement": refinement,
            "solver.linear": solver,
            "solver.max_steps": steps,
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            case.run(folder)
        except ConvergenceError:
            pass  # stopped by max_steps, as meant
        record = Result.read(folder).record
    return record["unknowns"], record["wall_time_s"] / record["newton_iterations"]


def main() -> None:
    """Print one line per mesh."""
    print("unknowns  direct [s/iteration]  iterative [s/iteration]  ratio")
    for refinement in [float(text) for text in sys.argv[1:]] or [0.7, 1.0, 1.4]:
        for solver in ("direct", "iterative"):
            measure(solver, refinement, 1)
        unknowns, direct = measure("direct", refinement, STEPS)
        _, iterative = measure("iterative", refinement, STEPS)
        print(f"{unknowns:8d}  {direct:20.3f}  {iterative:23.3f}  {direct / iterative:5.1f}")


if __name__ == "__main__":
    main()
