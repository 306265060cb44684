"""Folders that libraries take for granted: MPI wants a home, and everyone a place for files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def mend(say: Callable[[str], None]) -> None:
    """Replace HOME and TMPDIR of this process where they cannot be used.

    Without a home, or with a TMPDIR that is not there, MPI ends the process before it says why.

    Args:
        say: Reports what was replaced.
    """
    given = os.environ.get("TMPDIR")
    if given is not None and not _writable(Path(given)):
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        say(f"TMPDIR = {given}: cannot be written; {tempfile.gettempdir()} is used instead.")
    if not Path(os.environ.get("HOME", "")).is_absolute():
        os.environ["HOME"] = tempfile.gettempdir()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
