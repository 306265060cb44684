"""Files that are there whole or not at all, and folders that one program works in."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from anodefem.errors import AnodefemError, InputError

#: How long a program that has just been killed may take to let go of its folder [s].
LOCK_WAIT = 10.0


class DiskError(AnodefemError):
    """A file could not be written; what was there before is still there."""

    exit_code = 3


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which takes the place of ``path`` when the block has ended.

    The file is on the disk before it does. If the block raises, ``path`` stays as it was.

    Args:
        path: File to be replaced or made; its folder exists.

    Raises:
        DiskError: The disk is full or broken.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        _flush(beside)
        beside.replace(path)
        # a file system that cannot do this for folders does without
        with suppress(OSError):
            _flush(path.parent)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise disk_error(path, error) from error


def refuse_run(folder: Path) -> None:
    """Refuse a folder in which the files of a run would be mixed with others.

    Args:
        folder: Where something is about to be written; need not exist.

    Raises:
        InputError: It holds a run, or is within one.
    """
    if (folder / "run.json").exists():
        raise InputError(
            f"{folder} holds another run; name another folder with -o, or remove this one."
        )
    try:
        above = folder.resolve().parents
    except (OSError, ValueError, RuntimeError):  # no path at all: whoever writes there says so
        return
    for run in above:
        if (run / "run.json").is_file() and (run / "log.txt").is_file():
            raise InputError(f"{folder} is within the run {run}; name another folder with -o.")


def folder_error(path: Path, error: OSError) -> InputError:
    """Return what to say when an output folder cannot be made, or not be written to.

    Args:
        path: The folder.
        error: What the system says.
    """
    # it says "file exists" of a file, and of a link to nothing
    reason = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
    return InputError(f"{path}: cannot be written ({reason}); name another folder with -o.")


def disk_error(path: Path, error: OSError) -> DiskError:
    """Return what to say when a run cannot write.

    Args:
        path: File or folder.
        error: What the system says.
    """
    return DiskError(
        f"{path}: cannot be written ({error.strerror or error}); make room, and go on with "
        "--resume."
    )


def make_folder(path: Path) -> None:
    """Make a folder of a run if it is not there.

    Args:
        path: Its parent exists.

    Raises:
        DiskError: The disk is full or broken.
    """
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise disk_error(path, error) from error


def reserve(folder: Path, size: int) -> None:
    """Find out whether a folder has room, for libraries that do not survive it if there is none.

    Args:
        folder: Where files are about to be written.
        size: Bytes.

    Raises:
        OSError: There is no room.
    """
    beside = folder / ".room.part"
    try:
        with beside.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    finally:
        with suppress(OSError):
            beside.unlink()


def _flush(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderLock:
    """Keeps a second program out of a run folder, for as long as this one lives."""

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def take(self, folder: Path) -> None:
        """Take the folder.

        Args:
            folder: Exists.

        Raises:
            InputError: Another program has it.
        """
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + LOCK_WAIT
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    break  # a file system without locks
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise InputError(
                        f"{folder}: another program runs in it; wait for it, or name another "
                        "folder with -o."
                    ) from error
                time.sleep(0.1)
            else:
                break
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the folder back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
