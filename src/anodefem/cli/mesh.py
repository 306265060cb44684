"""``anodefem mesh`` meshes a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anodefem.cli.common import CaseFile, Settings, console
from anodefem.files import refuse_run


def mesh(
    case_file: CaseFile,
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Default: out/meshes/NAME OF THE CASE."),
    ] = None,
) -> None:
    """Mesh a case and print sizes against exact ones and the quality of the cells."""
    from anodefem import cases
    from anodefem.cli import tables
    from anodefem.meshing import mesh_choice

    case = cases.load(case_file, settings or ())
    folder = output or Path("out", "meshes", case.name)
    refuse_run(folder.parent if folder.name == "mesh" else folder)
    with Console(stderr=True).status(f"meshing {case.geometry.name}"):
        manifest = mesh_choice(case.geometry, folder)
    console().print(tables.mesh_quality(manifest))
    typer.echo(f"{manifest.counts['cells']} cells, {manifest.counts['points']} points in {folder}")
