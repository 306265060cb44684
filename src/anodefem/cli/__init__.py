"""The command line, one module a command; everything heavy is imported by the one that needs it."""

from __future__ import annotations

import enum
import errno
import itertools
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO, cast

import typer
from typer.core import TyperGroup

from anodefem import __version__
from anodefem.cli import (
    advise,
    batch,
    bench,
    catalogue,
    check,
    compare,
    converge,
    export,
    jobscript,
    list_,
    mesh,
    mesh_check,
    new,
    run,
    schema,
    surroundings,
    sweep,
    verify,
    view,
)
from anodefem.cli.common import log_level, use_log_level
from anodefem.errors import AnodefemError, InputError
from anodefem.files import DiskError

#: What the system says where a disk has no room or is broken.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
#: Letters of the name of an output folder; files in it have longer ones, and systems a limit.
_LONGEST_PATH = 1000
#: What comes with dolfinx, and is not to be installed without it.
_SOLVER = ("dolfinx", "mpi4py", "petsc4py", "ufl", "basix", "ffcx")


@contextmanager
def _plain_words() -> Iterator[None]:
    """Let errors in arguments, which pydantic finds, speak as all others do."""
    try:
        yield
    except typer.BadParameter as error:
        from anodefem.validation import plain

        error.message = plain(error.message)
        raise


class _OneMessage(TyperGroup):
    """Turns an `AnodefemError` of any command into its message and its exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for given in args:
            if any("\ud800" <= letter <= "\udfff" for letter in given):
                raise typer.BadParameter(f"{given!a} is not UTF-8 text; rename the file or folder.")
        # a variable of the shell that is not set: results would go to where one happens to be
        for option, given in itertools.pairwise(args):
            if option not in ("-o", "--output"):
                continue
            if not given.strip():
                raise typer.BadParameter(f"{option} is empty; name a folder.")
            if len(given) > _LONGEST_PATH:
                allowed = f"{_LONGEST_PATH} are allowed; name another folder."
                raise typer.BadParameter(f"{option} has {len(given)} letters, and {allowed}")
        with _plain_words():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            with _plain_words():
                return super().invoke(ctx)
        except AnodefemError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            # a path that the system refuses, wherever that is noticed; a bug is seen with -v
            if error.filename is None or log_level() <= logging.DEBUG:
                raise
            # it says "file exists" where a folder is wanted and a link leads to nothing
            why = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
            typer.echo(f"{error.filename}: cannot be used ({why}).", err=True)
            raise typer.Exit(InputError.exit_code) from error
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package == "anodefem":
                raise
            if package in _SOLVER:
                wanted = "the solver, dolfinx (FEniCSx)"
                how = "; no wheel has it: use 'container/run anodefem ...', a module of your " + (
                    "cluster, or 'conda install -c conda-forge \"fenics-dolfinx>=0.9,<0.12\"'."
                )
            else:
                wanted = f"'{package}'"
                how = "; use 'container/run anodefem ...', or install it."
            typer.echo(
                f"this command needs {wanted}, which this Python does not have{how}", err=True
            )
            raise typer.Exit(InputError.exit_code) from error


app = typer.Typer(
    cls=_OneMessage,
    name="anodefem",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success, 1 a mesh changed or a problem failed, 2 bad input, "
    "3 the run could not go on, 130 and 143 interrupted: go on with --resume.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


class LogLevel(enum.StrEnum):
    """What is worth a line on the terminal."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@app.callback()
def _start(
    plugins: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            envvar="ANODEFEM_PLUGINS",
            help="Folder with geometries (*.py), laws (laws/*.py) and cards (materials/*.toml, "
            "sei/*.toml) of your own; they win over shipped ones of the same name. Repeatable, "
            "before the command.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only warnings and errors while a run goes on.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Also what is of use to find out why."),
    ] = False,
    log_level: Annotated[
        LogLevel | None, typer.Option("--log-level", help="The same by name; wins over both.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Alloy battery anodes by finite elements: from a case file to a comparison of architectures.

    [b]anodefem check runs/*/run.toml[/b] reads cases, [b]mesh[/b] draws one, [b]run[/b] solves it
    (also under mpirun), [b]compare[/b] puts finished runs side by side.
    """
    from anodefem import launch, registry

    def say(sentence: str) -> None:
        if launch.speaks():
            typer.echo(f"warning: {sentence}", err=True)

    surroundings.mend(say)
    registry.use_folders(plugins or ())
    if quiet and verbose:
        raise InputError("--quiet and --verbose: choose one of them.")
    level = LogLevel.WARNING if quiet else LogLevel.DEBUG if verbose else LogLevel.INFO
    use_log_level(getattr(logging, (log_level or level).upper()))


app.command("new")(new.new)
app.command("list")(list_.list_)
app.command("advise")(advise.advise)
app.command("check")(check.check)
app.command("mesh")(mesh.mesh)
app.command("mesh-check")(mesh_check.mesh_check)
app.command("run")(run.run)
app.command("batch")(batch.batch)
app.command("catalogue")(catalogue.catalogue)
app.command("compare")(compare.compare)
app.command("view")(view.view)
app.command("sweep")(sweep.sweep)
app.command("verify")(verify.verify)
app.command("bench")(bench.bench)
app.command("converge")(converge.converge)
app.command("jobscript")(jobscript.jobscript)
app.command("schema")(schema.schema)
app.add_typer(export.export, name="export")


def main() -> None:
    """Run the command line."""
    if sys.stderr is not None:
        sys.stderr = cast("TextIO", surroundings.Forgiving(sys.stderr))
    try:
        app()
    except OSError as error:
        if error.errno not in _DISK:
            raise
        typer.echo(f"the output cannot be written ({error.strerror}); make room.", err=True)
        sys.exit(DiskError.exit_code)
