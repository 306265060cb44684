"""``anodefem export`` writes what a run has found for other programs."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

export = typer.Typer(
    no_args_is_help=True, help="Write a run for other programs: PyBaMM, ParaView, Parquet."
)

Folder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="FILE.py", help="The file; must not exist yet.")
]


class Electrode(enum.StrEnum):
    """Electrodes of PyBaMM's cells."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


@export.command("pybamm")
def pybamm(
    folder: Folder,
    output: Output,
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
    write(particle_set(Result.read(folder), radius=size), output, electrode=electrode.value)
    typer.echo(f"parameter set in {output}")


@export.command("paraview")
def paraview(
    folder: Folder,
    output: Output,
    field: Annotated[str, typer.Option(help="What is shown at first.")] = "von_mises",
) -> None:
    """Write a script that opens a run in ParaView: deformed, solids only, colours with units.

    [b]paraview --script=FILE.py[/b] opens the window, [b]pvpython FILE.py PICTURE.png[/b] draws the
    last state.
    """
    from anodefem.workbench.paraview import write
    from anodefem.workbench.result import Result

    write(Result.read(folder), output, field=field)
    typer.echo(f"script in {output}")


@export.command("parquet")
def parquet(
    folder: Folder,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE.parquet", help="The file; must not exist yet."
        ),
    ],
) -> None:
    """Write the metrics of a run as a Parquet file, with the columns of metrics.csv.

    Needs pyarrow, which the extra "parquet" installs in a Python of your own.
    """
    from anodefem.workbench.parquet import write
    from anodefem.workbench.result import Result

    write(Result.read(folder), output)
    typer.echo(f"metrics in {output}")
