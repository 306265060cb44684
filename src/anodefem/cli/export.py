"""``anodefem export`` writes what a run has found for other programs."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Electrode(enum.StrEnum):
    """Electrodes of PyBaMM's cells."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.py", help="The parameter set.")
    ],
    electrode: Annotated[
        Electrode,
        typer.Option(help="Which one it is; the working electrode of a half cell is the positive."),
    ] = Electrode.NEGATIVE,
    radius: Annotated[
        str | None,
        typer.Option(help="Of a particle, such as '1 um', if the geometry has no particle_radius."),
    ] = None,
) -> None:
    """Write the particle of a slow run as a parameter set for PyBaMM.

    Voltage of lithiation and delithiation with the stress in it, volume change, diffusivity.
    """
    from anodefem import units
    from anodefem.errors import InputError
    from anodefem.workbench.pybamm import particle_set, write
    from anodefem.workbench.result import Result

    try:
        size = None if radius is None else units.read(radius, "m")
    except ValueError as error:
        raise InputError(f"--radius: {error}") from error
    found = particle_set(Result.read(folder), radius=size)
    write(found, output, electrode=electrode.value)
    typer.echo(f"parameter set in {output}")
