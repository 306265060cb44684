"""``anodefem bench`` measures what an iteration costs, beside a baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from anodefem.cli.common import console
from anodefem.errors import InputError


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="All if none is named.")
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="Only the coarsest mesh of each.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the figures there.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="Compare ratios with those of such a file."),
    ] = None,
) -> None:
    """Measure seconds per Newton iteration, everything included, beside a baseline.

    Each benchmark is solved twice by processes of their own: the baseline, then what is compared
    with it. What is short is repeated, and the fastest counts. Ratios can be compared between
    machines, seconds cannot. Nothing else should run.

    Exit code 1: a ratio is below 0.6 of that in --against.
    """
    from anodefem.bench import measure
    from anodefem.cli import tables
    from anodefem.files import replacing
    from anodefem.results.record import versions

    benchmarks = measure.chosen(names or ())
    # what is wrong with a file is said before minutes of measuring
    known = measure.stored_ratios(against, benchmarks) if against else {}
    if json_file and (json_file.is_dir() or not json_file.parent.is_dir()):
        raise InputError(f"--json {json_file}: name a file, in a folder that exists.")
    power = measure.machine()
    typer.echo(
        f"this machine, one core: {power['dgemm']:.0f} GFLOP/s in products of matrices, "
        f"{power['bandwidth']:.1f} GB/s in copies"
    )
    found = []
    for name, benchmark in benchmarks.items():
        typer.echo(f"{name}: {benchmark.text}", err=True)
        for row in measure.rows(name, short=short):
            typer.echo(f"  {row['unknowns']} unknowns: {row['ratio']:.2f} times as fast", err=True)
            found.append(row)
    console().print(tables.benchmarks(found, benchmarks))
    if json_file:
        written = {"machine": power, "versions": versions(), "rows": found}
        with replacing(json_file) as path:
            path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    if slow := measure.slower(found, known):
        for sentence in slow:
            typer.echo(sentence, err=True)
        raise typer.Exit(1)
