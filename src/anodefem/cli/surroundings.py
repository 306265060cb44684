"""What libraries take for granted: a home for MPI, a place for files, someone who reads stderr."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from anodefem.errors import InputError

#: Option of PETSc with which signals are left to the program.
_UNHANDLED = "-no_signal_handler"

#: Warnings that Python shows to nobody unless it is asked to.
_QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


class Forgiving:
    """A text stream that goes on where nobody reads it any more, or its disk is full.

    A long computation does not end because a line about it cannot be shown.
    """

    def __init__(self, stream: TextIO) -> None:
        """Write to ``stream``, and be it in everything else."""
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write ``text``, or leave it."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what was written, or leave it."""
        with suppress(OSError):
            self._stream.flush()


def mend(say: Callable[[str], None]) -> None:
    """Replace or leave out settings of this process that would end it, or what it says.

    Without a home, or with a TMPDIR that is not there, MPI ends the process before it says why.
    FFCx and dolfinx look for their settings below the other two; a folder that is not there is
    none to them, but one that they may not look into is an error.
    PETSc ends a process whose reader has gone, or whose terminal was closed. On a terminal of no
    columns nothing is shown.

    Args:
        say: Reports what was replaced.

    Raises:
        InputError: Python runs without docstrings, which a parser of dolfinx is made of, or the
            working folder was removed, which PETSc asks for.
    """
    if sys.flags.optimize > 1:
        raise InputError("PYTHONOPTIMIZE is 2, or -OO: dolfinx needs docstrings; use 1 at most.")
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(
            f"the working folder cannot be used ({error.strerror}); change into another one."
        ) from error
    if any(option.startswith("error") for option in sys.warnoptions):
        os.environ.pop("PYTHONWARNINGS", None)
        warnings.resetwarnings()
        for kind in _QUIET:
            warnings.simplefilter("ignore", kind)
        say("PYTHONWARNINGS = error: not used; libraries warn of what is no fault.")
    if not os.environ.get("COLUMNS", "1").strip("0").isdecimal():
        del os.environ["COLUMNS"]
    options = os.environ.get("PETSC_OPTIONS", "")
    if _UNHANDLED not in options:
        os.environ["PETSC_OPTIONS"] = f"{options} {_UNHANDLED}".strip()
    given = os.environ.get("TMPDIR")
    if given is not None and not _writable(Path(given)):
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        say(f"TMPDIR = {given}: cannot be written; {tempfile.gettempdir()} is used instead.")
    home = os.environ.get("HOME", "")
    if not Path(home).is_absolute():
        os.environ["HOME"] = tempfile.gettempdir()
    elif not _searchable(Path(home, ".config")):
        os.environ["HOME"] = tempfile.gettempdir()
        say(f"HOME = {home}: cannot be read; {tempfile.gettempdir()} is used instead.")
    settings = os.environ.get("XDG_CONFIG_HOME")
    if settings and not _searchable(Path(settings)):
        del os.environ["XDG_CONFIG_HOME"]
        say(f"XDG_CONFIG_HOME = {settings}: cannot be read; it is not used.")


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _searchable(folder: Path) -> bool:
    """Whether a file below a folder can be looked for, which need not be there."""
    try:
        (folder / "dolfinx" / "dolfinx_jit_options.json").stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return True
