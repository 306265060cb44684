"""``anodefem check`` reads case files and reports everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from anodefem.cli.common import Settings
from anodefem.errors import InputError

if TYPE_CHECKING:
    from anodefem.cases import CheckedCase


def check(
    cases: Annotated[list[Path], typer.Argument(metavar="RUN.toml...", help="Case files.")],
    settings: Settings = None,
) -> None:
    """Read case files and say everything that is wrong with them; nothing is solved.

    What can crack is meshed, since cells must resolve the length of a crack.
    """
    from anodefem.cases import load, plausibility

    wrong: list[str] = []
    for path in cases:
        try:
            case = load(path, settings or ())
            _check_cells(case)
        except InputError as error:
            wrong.append(str(error))
        else:
            typer.echo(f"{path}: good. {case.summary()}")
            typer.echo(f"{path}: {case.estimate()}.")
            if outlook := case.outlook():
                typer.echo(f"{path}: {outlook}.")
            for warning in plausibility.before(case):
                typer.echo(f"{path}: warning: {warning}", err=True)
    if wrong:
        raise InputError("\n".join(wrong))


def _check_cells(case: CheckedCase) -> None:
    """Refuse a case whose mesh is too coarse for its cracks.

    Args:
        case: Whose regions may crack; nothing is meshed where none does.
    """
    if case.fracture is None:
        return
    from anodefem.meshing import mesh_choice
    from anodefem.meshing.regression.measure import read
    from anodefem.meshing.simplices import longest_edge

    with TemporaryDirectory() as folder:
        mesh_choice(case.geometry, Path(folder))
        case.fracture.check_cells(longest_edge(read(Path(folder)), case.fracture.toughness))
