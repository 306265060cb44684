"""``anodefem verify`` solves problems with known answers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer


def verify(
    problems: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="All if none is named.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only those that are quick to solve.")
    ] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Also write one object a check there."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Keep results and curves there."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", min=1, help="Problems solved at a time.")
    ] = os.cpu_count() or 1,
) -> None:
    """Solve problems whose answer is known and say how far off the computed one is.

    Exit code 0: every error is within its tolerance; 1: some are not.
    """
    from anodefem.verify import runner

    def say(result: runner.Result, number: int, count: int) -> None:
        worst = max((c["error"] / c["tolerance"] for c in result["checks"]), default=float("nan"))
        fate = "passed" if runner.passed(result) else "FAILED"
        typer.echo(
            f"{number:3}/{count} {fate} {result['id']:44} "
            f"largest error {worst:9.2e} of its tolerance {result['seconds']:6.1f} s"
        )

    results = runner.verify(problems or (), quick=quick, jobs=jobs, output=output, say=say)
    rows = runner.table(results)
    if json_file:
        json_file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for result in results:
        if result["failure"]:
            typer.echo(f"\n{result['id']}:\n{result['failure']}", err=True)
    for row in rows:
        if not row["pass"] and row["exact"] is not None:
            typer.echo(
                f"{row['id']}: {row['quantity']} is {row['computed']:.9g}, should be "
                f"{row['exact']:.9g}: error {row['error']:.2e}, allowed {row['tolerance']:.2e}",
                err=True,
            )
    failed = sum(not runner.passed(result) for result in results)
    typer.echo(f"{len(results)} problems, {len(rows)} checks, {failed} failed")
    if failed:
        raise typer.Exit(1)
