"""``anodefem mesh-check`` compares meshes with their pins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def mesh_check(
    geometries: Annotated[
        list[str] | None, typer.Argument(metavar="[GEOMETRY]...", help="All if none is named.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Pin what the meshes are now, and say what changed.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write all of it as JSON.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Keep meshes there and draw those that changed, beside the pinned ones if an "
            "earlier call kept them.",
        ),
    ] = None,
) -> None:
    """Mesh geometries at their pinned parameters and say what changed, by how much, if it matters.

    Exit code 0: identical or equivalent; 1: changed or broken, and not accepted.
    """
    from anodefem.meshing.regression.command import mesh_check as check_meshes

    def draw(before: Path | None, after: Path, path: Path) -> None:
        from anodefem.compare.meshes import draw

        draw(before, after, path)

    good = check_meshes(
        geometries or (),
        accept=accept,
        json_file=json_file,
        keep=output,
        draw=draw,
        say=typer.echo,
    )
    if not good:
        raise typer.Exit(1)
