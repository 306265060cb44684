"""``anodefem catalogue`` runs systems of the literature beside what was published about them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anodefem.files import refuse_run


def catalogue(
    rows: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Folders with row.toml, and run.toml beside it."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where runs and page go.")
    ] = Path("out", "catalogue"),
    time_limit: Annotated[
        float, typer.Option(metavar="SECONDS", min=1.0, help="Of every run, on the clock.")
    ] = 180.0,
    full: Annotated[
        bool, typer.Option("--full", help="The meshes of the cases, not the coarse ones.")
    ] = False,
    errors: Annotated[
        bool,
        typer.Option(
            "--errors",
            help="Also estimate the discretisation errors of the numbers, from four more runs of "
            "each variant, and keep them in errors.json beside row.toml.",
        ),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("-j", "--jobs", min=1, help="Runs at a time; as many as there are cores for."),
    ] = None,
) -> None:
    """Run systems of the literature, and put their numbers beside the published ones.

    Writes catalogue.csv and a page, catalogue.html. Runs that are there already are used again; one
    that the time limit ended goes on, and one that another version failed in begins anew. Numbers
    have error bars where they were estimated and are still the same.
    """
    from anodefem import catalogue as catalogues
    from anodefem import launch
    from anodefem.compare.tables import csv
    from anodefem.compare.theme import Theme
    from anodefem.results.record import commit

    console = Console(stderr=True, highlight=False)
    found = catalogues.rows(rows)
    tasks = catalogues.plan(found, output, coarse=not full, commit=commit())
    refuse_run(output)
    studies = catalogues.studies(tasks, output / "errors") if errors else []
    output.mkdir(parents=True, exist_ok=True)

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    at_once = jobs or launch.cores()
    catalogues.run(tasks, at_once=at_once, time_limit=time_limit, say=say)
    catalogues.study(studies, at_once=at_once, time_limit=time_limit, say=say)
    outcomes = catalogues.outcomes(found, tasks)
    (output / "catalogue.csv").write_text(csv(catalogues.table(outcomes)), encoding="utf-8")
    text = catalogues.page(outcomes, theme=Theme())
    (output / "catalogue.html").write_text(text, encoding="utf-8")
    typer.echo(f"catalogue in {output / 'catalogue.html'}")
