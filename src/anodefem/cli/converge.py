"""``anodefem converge`` estimates discretisation errors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anodefem.cli.common import CaseFile, Settings
from anodefem.files import refuse_run


def converge(
    case_file: CaseFile,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Default: out/convergence/NAME OF THE CASE."
        ),
    ] = None,
    ratio: Annotated[
        float, typer.Option("--ratio", help="Of the edges of one mesh and the next.")
    ] = 1.4,
    step_ratio: Annotated[
        float, typer.Option("--step-ratio", help="Of the steps of one level and the next.")
    ] = 2.0,
    finer: Annotated[
        int,
        typer.Option(
            "--finer",
            min=0,
            max=2,
            help="How many of the two other meshes, and of the two other lengths of steps, are "
            "finer than the case's own; the rest is coarser, which costs less.",
        ),
    ] = 2,
    ranks: Annotated[int, typer.Option("--ranks", min=1, help="Of every run, by mpirun.")] = 1,
    jobs: Annotated[
        int | None,
        typer.Option("-j", "--jobs", min=1, help="Runs at a time; as many as there are cores for."),
    ] = None,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish",
            help="Put convergence.json beside the case file, where later runs take their error "
            "bars from, and the table into README.md there.",
        ),
    ] = False,
) -> None:
    """Estimate the discretisation error of every metric of a case.

    Runs it on three meshes and with three lengths of steps, five runs in all, and extrapolates. An
    interrupted study goes on where it was; runs that are there already are used again.
    """
    from anodefem import cases, launch
    from anodefem.converge import converge as study

    case = cases.load(case_file, settings or ())
    folder = output or Path("out", "convergence", case.name)
    refuse_run(folder)
    found = study(
        case_file,
        settings or (),
        folder,
        ratio=ratio,
        step_ratio=step_ratio,
        finer=finer,
        ranks=ranks,
        jobs=jobs or max(1, launch.cores() // ranks),
        publish=publish,
        say=typer.echo,
    )
    lost = sum(item.error == float("inf") for item in found)
    typer.echo(f"{len(found)} metrics, {lost} of which do not converge; errors in {folder}")
