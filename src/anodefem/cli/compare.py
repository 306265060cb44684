"""``anodefem compare`` puts finished runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of runs.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where tables and figures go.")
    ] = Path("out", "comparison"),
    movie: Annotated[
        bool,
        typer.Option("--movie", help="Also film the swelling (MP4 and GIF); some minutes."),
    ] = False,
    field: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="What colours the bodies inside in figure and film: crack, say."
        ),
    ] = "von_mises",
    scale: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="Colour scale inside: common to all bodies, own for each, or auto: own where one "
            "body would leave the others without colour.",
        ),
    ] = "auto",
    growing: Annotated[
        bool,
        typer.Option("--growing", help="More runs will come: the page loads itself again."),
    ] = False,
) -> None:
    """Put finished runs side by side: a table (CSV and Markdown), figures and a page."""
    from anodefem.compare import compare as compare_runs

    with Console(stderr=True).status("comparing"):
        compare_runs(folders, output, movie=movie, field=field, spread=scale, growing=growing)
    typer.echo(f"comparison in {output}")
