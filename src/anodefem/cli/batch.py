"""``anodefem batch`` runs several cases and compares them."""

from __future__ import annotations

import time
from math import inf
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from anodefem.errors import InputError
from anodefem.files import refuse_run

_SELDOM = 30.0  # between two lines of progress that go to a file or a pipe [s]


def batch(
    case_files: Annotated[
        list[Path], typer.Argument(metavar="RUN.toml...", help="Case files.", exists=True)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where the run folders go.")
    ] = Path("out", "batch"),
    ranks: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=N", help="Ranks of a case, by its folder. Repeatable."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "-j", "--jobs", min=1, help="Cases run at a time; default: all cores are used."
        ),
    ] = None,
) -> None:
    """Run several cases, some at a time, and compare what is there after every one.

    The page of the comparison is there once the first case is done, and grows with the others.
    The same command goes on where it was ended: finished cases are kept.
    """
    from anodefem import batch as batches
    from anodefem import launch

    wanted = {}
    for text in ranks or ():
        name, _, number = text.partition("=")
        if not number.isdigit() or int(number) < 1:
            raise InputError(f"--ranks {text}: write NAME=N, such as porous-sponge=2.")
        wanted[name] = int(number)
    launch.require_launcher(max(wanted.values(), default=1))
    refuse_run(output)
    tasks = batches.plan(case_files, output, wanted)
    console = Console(stderr=True, highlight=False)
    said = time.monotonic()

    def show(progress: batches.Progress) -> None:
        nonlocal said
        status.update(escape(str(progress)))
        if not console.is_terminal and time.monotonic() - said > _SELDOM:
            console.print(str(progress), markup=False, soft_wrap=True)
            said = time.monotonic()

    with console.status("beginning") as status:
        batches.run(
            tasks,
            output,
            at_once=jobs or launch.cores(),
            ranks=inf if jobs else launch.cores(),
            say=lambda text: console.print(text, markup=False, soft_wrap=True),
            show=show,
        )
