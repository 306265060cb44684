"""Solves one member of a benchmark in this process, or on the ranks of mpirun.

    python3 -m anodefem.bench.member NAME baseline|member REFINEMENT

prints what it cost as one line of JSON. A first short run, which is not counted, compiles the
forms; what a step more costs is the difference of a long run and a short one, so that meshing, the
start and the end of a run do not count, and all the rest does. Both are repeated, and the fastest
of each counts, because whatever else a machine does can only make them slower.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from mpi4py import MPI

from anodefem.bench import plain
from anodefem.bench.cases import BENCHMARKS, Member
from anodefem.errors import ConvergenceError
from anodefem.fem.domain import Domain
from anodefem.workbench.case import Case
from anodefem.workbench.result import Result

#: Steps of the run that is taken off.
FEW = 2
#: For so long both runs are repeated [s]; what takes longer is solved once.
SPAN = 12.0


def case_of(member: Member, refinement: float, steps: int) -> Case:
    """Return the case of a member that ends after some steps.

    Args:
        member: Of a benchmark.
        refinement: Of its mesh.
        steps: In time.
    """
    changes = {"geometry.refinement": refinement, "solver.max_steps": steps, **member.changes}
    return Case(**member.tables).changed(changes)


def solved(member: Member, refinement: float, steps: int) -> tuple[int, int]:
    """Solve a member and return the numbers of unknowns and of Newton's iterations; collective.

    Args:
        member: Of a benchmark.
        refinement: Of its mesh.
        steps: In time.
    """
    comm = MPI.COMM_WORLD
    case = case_of(member, refinement, steps)
    with tempfile.TemporaryDirectory() as own:
        folder = Path(comm.bcast(own))
        if member.program == "plain":
            case.mesh(folder)
            domain = Domain.read(folder, comm)
            outcome = plain.solve(domain.mesh, radius=1.0, steps=steps)
            return outcome.unknowns, outcome.iterations
        try:
            case.run(folder / "run")
        except ConvergenceError:
            pass  # ended by max_steps, as meant
        record = Result.read(folder / "run").record
        comm.barrier()  # the folder is gone after this
    return record["unknowns"], record["newton_iterations"]


def main(name: str, which: str, refinement: float) -> None:
    """Measure one member and print what it cost.

    Args:
        name: Of the benchmark.
        which: "baseline" or "member".
        refinement: Of its mesh.
    """
    benchmark = BENCHMARKS[name]
    member = benchmark.baseline if which == "baseline" else benchmark.member
    clock = time.perf_counter if benchmark.measure == "wall" else time.process_time
    comm = MPI.COMM_WORLD
    solved(member, refinement, 1)
    fastest = {FEW: float("inf"), FEW + benchmark.steps: float("inf")}
    iterations = dict.fromkeys(fastest, 0)
    begin = clock()
    memory = 0
    while True:
        for steps in fastest:
            start = clock()
            unknowns, iterations[steps] = solved(member, refinement, steps)
            fastest[steps] = min(fastest[steps], clock() - start)
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of one round
        if comm.bcast(clock() - begin) > SPAN:
            break
    few, many = fastest
    if comm.rank == 0:
        counted = iterations[many] - iterations[few]
        measured = {
            "unknowns": unknowns,
            "iterations": counted,
            "seconds": (fastest[many] - fastest[few]) / counted,
            "memory": memory / 1024,
        }
        print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
