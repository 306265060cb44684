"""``anodefem check`` reads case files and reports everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anodefem.cli.common import Settings
from anodefem.errors import InputError


def check(
    cases: Annotated[list[Path], typer.Argument(metavar="RUN.toml...", help="Case files.")],
    settings: Settings = None,
) -> None:
    """Read case files and say everything that is wrong with them; nothing is meshed or solved."""
    from anodefem.cases import load, plausibility

    wrong: list[str] = []
    for path in cases:
        try:
            case = load(path, settings or ())
        except InputError as error:
            wrong.append(str(error))
        else:
            typer.echo(f"{path}: good. {case.summary()}")
            for warning in plausibility.before(case):
                typer.echo(f"{path}: warning: {warning}", err=True)
    if wrong:
        raise InputError("\n".join(wrong))
