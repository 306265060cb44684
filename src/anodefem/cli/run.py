"""``anodefem run`` meshes and solves a case."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from anodefem import launch
from anodefem.cli.common import (
    CaseFile,
    Settings,
    log_level,
    together,
)
from anodefem.errors import AnodefemError
from anodefem.files import refuse_run


def run(
    case_file: CaseFile,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Default: out/NAME OF THE CASE."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in DIR.")
    ] = False,
) -> None:
    """Mesh and solve a case, serially or under mpirun, and write metrics, fields and run.json.

    A run that was interrupted goes on from its last checkpoint with --resume and the same case, on
    any number of ranks; one that is done stays as it is.
    """
    with launch.ending_at_once() as listen:
        if launch.ranks_started() > 1:
            launch.end_with_launcher()  # before MPI waits for it

        from mpi4py import MPI

        listen()  # UCX, which MPI may load, takes SIGHUP for itself
        _run(MPI.COMM_WORLD, case_file, settings, output, resume=resume)


def _run(
    comm: Any, case_file: Path, settings: list[str] | None, output: Path | None, *, resume: bool
) -> None:
    """Solve a case; collective.

    Args:
        comm: Ranks of the run.
        case_file: Case file.
        settings: Changes to it.
        output: Run folder, if it was named.
        resume: Go on from its last checkpoint.
    """
    from anodefem import cases
    from anodefem._dolfinx import require_supported_version
    from anodefem.parallel import abort, all_arrive, ending_together

    launch.require_ranks(comm.size)
    log = logging.getLogger("anodefem")
    log.setLevel(min(log_level(), logging.INFO))
    if comm.rank == 0:
        handler = logging.StreamHandler()
        handler.setLevel(log_level())
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
    try:
        with ending_together(comm):
            require_supported_version()
            case = together(comm, lambda: cases.load(case_file, settings or ()))
            folder = output or Path("out", case.name)
            if not resume:
                together(comm, lambda: refuse_run(folder))

            from anodefem.solve.run import run as solve  # may not import with another dolfinx

            solve(case, folder, resume=resume)
    except AnodefemError as error:
        if comm.rank == 0:
            typer.echo(str(error), err=True)
        # a launcher ends all ranks when one ends badly: first the message
        if not all_arrive(comm):
            abort(comm, error.exit_code)
        raise typer.Exit(error.exit_code) from error
    if comm.rank == 0:
        with suppress(OSError):  # the run is complete, whoever reads that
            typer.echo(f"results in {folder}")
