"""``anodefem sweep`` runs a case at many points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from anodefem.cli.common import CaseFile, Settings
from anodefem.errors import ConvergenceError, InputError
from anodefem.files import refuse_run

if TYPE_CHECKING:
    from anodefem.sweep import Fate, Point, Sweep


def sweep(
    case_file: CaseFile,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="KEY=VALUES",
            help="A list a,b,c; a range 1.2:1.6:5 or '0.5 um:2 um:4' (log:1:100:5 for even steps "
            "in the logarithm); an interval 1.2..1.6 with --samples. 'card' is the range that the "
            "card of a number gives: log:card:5. Repeatable: all combinations.",
        ),
    ] = None,
    sensitivity: Annotated[
        list[str] | None,
        typer.Option(
            "--sensitivity",
            metavar="KEY[=LOW..HIGH]",
            help="Instead of --over: vary each key alone, over the range of its card or by 30 % to "
            "either side. 'sei' is every number of the recipe. Repeatable.",
        ),
    ] = None,
    settings: Settings = None,
    samples: Annotated[
        int | None,
        typer.Option(min=2, help="Points of a Latin hypercube over the intervals of --over."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the hypercube.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Default: out/NAME OF THE CASE-sweep."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("-j", "--jobs", min=1, help="Points run at a time; default: cores / ranks."),
    ] = None,
    ranks: Annotated[int, typer.Option(min=1, help="Ranks of each point, under mpirun.")] = 1,
    task: Annotated[
        int | None,
        typer.Option(
            metavar="I",
            min=1,
            help="Run point I alone, for job arrays; the same command without it then gathers.",
        ),
    ] = None,
    list_points: Annotated[
        bool, typer.Option("--list", help="Check and print the points; nothing is run.")
    ] = False,
) -> None:
    """Run a case at many values of its keys, and put them in one table and figures.

    [b]anodefem sweep RUN.toml --over geometry.gap_ratio=1.2:1.6:5 --over sei.recipe=ec-dmc,fec[/b]

    All points are checked before the first is run. The same command goes on where it was ended:
    finished points are kept. A point that fails does not stop the others, and is in the table.
    """
    from anodefem import launch
    from anodefem import sweep as sweeps

    if bool(over) == bool(sensitivity):
        raise InputError("give either --over or --sensitivity; see anodefem sweep --help.")
    launch.require_launcher(ranks)
    if over:
        plan = sweeps.sweep(case_file, settings or (), over, samples=samples, seed=seed)
    elif samples is not None:
        raise InputError("--samples: belongs to --over; leave it out.")
    else:
        plan = sweeps.sensitivity(case_file, settings or (), sensitivity or ())
    if task is not None and task > len(plan.points):
        raise InputError(f"--task {task}: there are {len(plan.points)} points.")
    cases = sweeps.check(plan)
    if list_points:
        for point in plan.points:
            typer.echo(f"{point.number:4}  {point.label}")
        return
    folder = output or Path("out", f"{cases[0].name}-{plan.kind}")
    refuse_run(folder)
    study = sweeps.Sweep(plan=plan, cases=cases, folder=folder)
    study.prepare()
    points = plan.points if task is None else plan.points[task - 1 : task]
    fates = _run_points(study, points, jobs or max(1, launch.cores() // ranks), ranks)
    lost = [number for number, fate in fates.items() if fate.status != "completed"]
    if task is None:
        from anodefem.compare import sweeps as tables

        study.save(fates)
        with Console(stderr=True).status("drawing"):
            tables.write(study.folder)
    typer.echo(f"{len(fates) - len(lost)} of {len(fates)} points completed; {study.folder}")
    if lost:
        raise typer.Exit(ConvergenceError.exit_code)


def _run_points(study: Sweep, points: Sequence[Point], at_once: int, ranks: int) -> dict[int, Fate]:
    """Run points of a sweep, showing how far it is."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("points"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=len(points))

        def tell(point: Point, fate: Fate) -> None:
            progress.advance(bar)
            reason = f": {fate.reason}" if fate.reason else ""
            progress.console.print(
                f"{point.number:4}  {point.label}  {fate.status}{reason}", markup=False
            )

        return study.run(points, at_once=at_once, ranks=ranks, tell=tell)
