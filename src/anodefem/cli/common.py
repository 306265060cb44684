"""What commands share: their options, their console, and how ranks fail together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from anodefem.errors import AnodefemError

Result = TypeVar("Result")

WIDTH = 140  # of tables that go to a file or a pipe

CaseFile = Annotated[Path, typer.Argument(metavar="RUN.toml", help="Case file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value of the case: a dotted key and a TOML value, for example "
        "--set geometry.particle_radius='\"2 um\"'. A bare word is a string. Repeatable.",
    ),
]


_level = [logging.INFO]


def use_log_level(level: int) -> None:
    """Report on the terminal from this level on, for the rest of the process."""
    _level[0] = level


def log_level() -> int:
    """Return from which level on a command reports on the terminal."""
    return _level[0]


def console() -> Console:
    """Return a console that does not cut tables where nobody looks at a terminal."""
    found = Console()
    return found if found.is_terminal else Console(width=WIDTH)


def together(comm: Any, work: Callable[[], Result]) -> Result:
    """Do ``work`` on every rank; if it fails on one, raise that error on all of them.

    Args:
        comm: Communicator; collective.
        work: What is done.
    """
    result, mine = None, None
    try:
        result = work()
    except AnodefemError as error:
        mine = error
    first = next((error for error in comm.allgather(mine) if error is not None), None)
    if first is not None:
        raise first
    return result  # type: ignore[return-value]
