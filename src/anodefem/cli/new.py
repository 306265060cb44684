"""``anodefem new`` writes a case with every key, commented."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from anodefem.cli import names
from anodefem.errors import InputError


class Species(enum.StrEnum):
    """What hosts store."""

    LITHIUM = "Li"
    SODIUM = "Na"
    POTASSIUM = "K"


def new(
    plugin: Annotated[
        str,
        typer.Argument(
            metavar="[PLUGIN]",
            help="Geometry; see 'anodefem list geometries'.",
            autocompletion=names.geometries,
        ),
    ] = "bare_particle",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it there, not to the screen."),
    ] = None,
    species: Annotated[Species, typer.Option(help="What the hosts store.")] = Species.LITHIUM,
) -> None:
    """Write a case file with every key and what it means; what is commented out is the default."""
    from anodefem import geometry
    from anodefem.cli import commented

    text = commented.case(geometry.find(plugin), species.value)
    if output is None:
        typer.echo(text, nl=False)
        return
    if output.exists():
        raise InputError(f"{output} exists; name another file with -o, or remove this one.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output}: cannot be written ({error.strerror}).") from error
    typer.echo(f"{output}: a case; 'anodefem check {output}' reads it.")
