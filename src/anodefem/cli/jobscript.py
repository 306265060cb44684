"""``anodefem jobscript`` writes a job script for a cluster."""

from __future__ import annotations

import enum
import shlex
from pathlib import Path
from typing import Annotated

import typer

from anodefem.cli.common import CaseFile, Settings
from anodefem.errors import InputError


class Scheduler(enum.StrEnum):
    """Schedulers for which scripts are written."""

    SLURM = "slurm"
    PBS = "pbs"


def jobscript(
    case_file: CaseFile,
    scheduler: Annotated[Scheduler, typer.Option(help="Of the cluster.")],
    ranks: Annotated[int, typer.Option(min=1, help="MPI ranks in all, on all nodes.")],
    time: Annotated[
        str, typer.Option(metavar="HH:MM:SS", help="Longest duration of one job; D-HH:MM:SS, too.")
    ],
    nodes: Annotated[int, typer.Option(min=1, help="Nodes.")] = 1,
    settings: Settings = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="KEY=VALUES",
            help="Makes a job array of a sweep, one point a task; as in anodefem sweep.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Folder of the run; default out/NAME OF THE CASE."
        ),
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the script goes; default NAME OF THE CASE.sh."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORDS",
            help="Further option of the scheduler, as in '--partition=short'. Repeatable.",
        ),
    ] = None,
    setup: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LINE", help="Line of shell before the run, as in 'module load dolfinx'."
        ),
    ] = None,
    environment: Annotated[
        str,
        typer.Option(
            metavar="CMD",
            help="Command that enters an environment, as in 'apptainer exec image.sif'; '' where "
            "--setup does it.",
        ),
    ] = "container/run",
    launcher: Annotated[
        str, typer.Option(metavar="CMD", help="Command that starts {ranks} ranks.")
    ] = "mpirun -n {ranks}",
    scratch: Annotated[
        str, typer.Option(metavar="DIR", help="Folder on a node's own disk, for compiled forms.")
    ] = "/tmp",
) -> None:
    """Write a job script for Slurm or PBS that carries a run on until it is done.

    [b]anodefem jobscript run.toml --scheduler slurm --ranks 16 --time 04:00:00[/b]

    Before its time is over, the run writes a checkpoint, and the script submits itself again. With
    --over it becomes a job array.
    """
    from anodefem import cases, sweep
    from anodefem.jobscript import Allocation, Work, duration
    from anodefem.jobscript import script as text_of

    case = cases.load(case_file, settings or ())
    name = case.name
    file = script or Path(f"{name}.sh")
    if file.exists():
        raise InputError(f"{file} is there already; name another file with --script.")
    allocation = Allocation(
        nodes=nodes,
        ranks=ranks,
        time=duration(time),
        options=tuple(option or ()),
        setup=tuple(setup or ()),
        environment=environment,
        launcher=launcher,
        scratch=scratch,
    )
    changes = [word for setting in settings or () for word in ("--set", setting)]
    tasks, axes, command = None, [word for each in over or () for word in ("--over", each)], "run"
    if over:
        plan = sweep.sweep(case_file, settings or (), over, samples=None, seed=0)
        sweep.check(plan)
        tasks, command = len(plan.points), "sweep"
    folder = output or Path("out", f"{name}-sweep" if over else name)
    work = Work(
        name=name,
        command=("anodefem", command, str(case_file), *axes, *changes),
        folder=folder,
        project=Path.cwd(),
        tasks=tasks,
    )
    text = text_of(work, allocation, scheduler.value, path=file.resolve())
    try:
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
    except OSError as error:
        raise InputError(
            f"{file}: cannot be written ({error.strerror}); name another file with --script."
        ) from error
    submit = {"slurm": "sbatch", "pbs": "qsub"}[scheduler.value]
    typer.echo(f"{submit} {shlex.quote(str(file))}  # results in {folder}")
