"""Checksums by which files of a run are known to be what the run has written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anodefem.errors import InputError

#: Entry of a record that holds the SHA-256 of all others.
CHECKSUM = "checksum"
#: Entries of a record that hold the SHA-256 of files by name: of the mesh, and of the run folder.
MESH_FILES, FILES = "mesh_files", "files"
#: Of a run folder, what is among `FILES`, folders with all that is in them. Others are the record
#: itself, what has its checksum elsewhere or holds no numbers, and what somebody else put there.
_NUMBERS = ("fields", "fields.*", "metrics.csv", "cycles.csv", "convergence.json")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Digests:
    """SHA-256 of the files of a run folder, each read again only when it has changed."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet.

        Args:
            folder: Run folder.
        """
        self._folder = folder
        self._known: dict[str, tuple[tuple[int, int], str]] = {}

    def now(self, under: str = "") -> dict[str, str]:
        """Return them by name relative to the folder.

        Args:
            under: Folder in it whose files alone are asked for; "" for all.
        """
        found = {}
        for start in (
            each for name in ([under] if under else _NUMBERS) for each in self._folder.glob(name)
        ):
            for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
                if path.is_file():
                    name = path.relative_to(self._folder).as_posix()
                    found[name] = self._digest(path, name)
        return found

    def _digest(self, path: Path, name: str) -> str:
        facts = path.stat()
        stamp = facts.st_mtime_ns, facts.st_size
        if self._known.get(name, (None, ""))[0] != stamp:
            self._known[name] = stamp, digest(path)
        return self._known[name][1]


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its checksum.

    Args:
        content: What JSON can hold.
    """
    return {**content, CHECKSUM: _checksum(content)}


def sound(content: Mapping[str, Any]) -> bool:
    """Whether a record is what was written, or was written before there were checksums.

    Args:
        content: As read from JSON.
    """
    return CHECKSUM not in content or content[CHECKSUM] == _checksum(content)


def check(folder: Path, name: str, record: Mapping[str, Any]) -> None:
    """Refuse a file that is not what the record of its run says; one it does not know is let be.

    Args:
        folder: Run folder.
        name: Of the file, relative to it.
        record: Content of ``run.json``.

    Raises:
        InputError: The file is damaged or missing.
    """
    part, _, rest = name.partition("/")
    known = record.get(MESH_FILES) if part == "mesh" else record.get(FILES)
    expected = (known or {}).get(rest if part == "mesh" else name)
    if expected is None:
        return
    try:
        good = digest(folder / name) == expected
    except OSError:
        good = False
    if not good:
        raise InputError(
            f"{folder / name} is damaged or missing: it is not what the run has written; "
            "run the case again."
        )


def _checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of all entries but that of the checksum, in one way of writing them."""
    rest = {key: value for key, value in content.items() if key != CHECKSUM}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
