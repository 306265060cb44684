"""Compiles forms, and keeps them on disk for the runs that follow.

Every form has a folder of its own: Python lists the whole folder from which it loads a library, and
thousands of forms in one would make each of them slow to load.

FFCx creates the C file of a form first and marks the form when its library is there; whoever comes
in between waits for the mark. After a process that was killed in between, all would wait in vain.
Here a process that compiles or loads a form holds a shared lock on its folder, which the system
takes from it when it ends, however it ends. Who gets the lock alone therefore knows that nobody
compiles, and removes what is not whole.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import hashlib
import os
import platform
import re
import shutil
import stat
import struct
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, jit
from ufl.core.expr import Expr
from ufl.corealg.traversal import unique_post_traversal
from ufl.domain import extract_unique_domain

from anodefem.literals import expression_without, form_without

T = TypeVar("T")

COMPILER_ARGUMENTS = ["-O2"]
#: Of Jacobians in three dimensions, which take a third less time with all of it together. Sums may
#: be taken in another order: without that their loops are not vectorised. Residuals, energies and
#: histories decide whether a point that sits on its yield surface flows, and all must do it alike,
#: so they are compiled as everything else. In two dimensions nothing is gained.
JACOBIAN_ARGUMENTS = [
    "-O3",
    "-fassociative-math",
    "-fno-signed-zeros",
    "-fno-trapping-math",
    "-fno-math-errno",
]
#: Instructions of processors since about 2015 (x86-64-v3), and the option that allows them. Not
#: those of the very machine: others that share the cache may lack them.
INSTRUCTIONS = {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "abm"}
VECTORISED = "-march=x86-64-v3"
#: Seconds that FFCx waits for another process before it is found out whether that one still lives.
POLL = 5
#: Seconds to wait for another process that lives and compiles the same form.
LIMIT = 1800.0

#: Header of an ELF file of 64 bits: where its table of sections starts, their size and number.
_HEAD = struct.Struct("<40sQ10xHH2x")
_LIBRARY = re.compile(r"libffcx_[a-z]+_[0-9a-f]+")
#: Letters of the signature of a form that name its folder.
_LETTERS = 32


def compile_form(form: Any) -> Any:
    """Compile a form for this machine, or find it compiled; collective.

    Args:
        form: A UFL form; None and numbers are returned as dolfinx returns them.

    Raises:
        TimeoutError: Another process has been compiling this form for longer than `LIMIT`.
        OSError: No folder can be written.
    """
    if not isinstance(form, ufl.Form):
        return fem.form(form)
    mesh = form.ufl_domain().ufl_cargo()
    comm, structure = mesh.comm, form_without(form)
    key, arguments = structure.signature(), COMPILER_ARGUMENTS
    if len(form.arguments()) == 2 and mesh.topology.dim == 3:
        arguments = JACOBIAN_ARGUMENTS
        # who compiles is one rank, who loads are all
        if comm.allreduce(_has_instructions(), op=MPI.LAND):
            arguments = [*arguments, VECTORISED]
    return _compiled(lambda options: fem.form(structure, jit_options=options), key, comm, arguments)


def compile_expression(expression: Expr, points: npt.NDArray[np.float64]) -> Any:
    """Compile an expression for its values at points of a cell, or find it compiled; collective.

    Args:
        expression: Scalar, vector or tensor on one mesh.
        points: Reference coordinates, shape (n, tdim).

    Raises:
        TimeoutError: Another process has been compiling it for longer than `LIMIT`.
        OSError: No folder can be written.
    """
    comm = extract_unique_domain(expression).ufl_cargo().comm
    structure = expression_without(expression)
    key = _shape(structure, points)
    return _compiled(
        lambda options: fem.Expression(structure, points, jit_options=options),
        key,
        comm,
        COMPILER_ARGUMENTS,
    )


def _shape(expression: Expr, points: npt.NDArray[np.float64]) -> str:
    """Return a key that few expressions share; UFL does not keep the signature of an expression."""
    names = [type(node).__name__ for node in unique_post_traversal(expression)]
    return hashlib.sha256(f"{names}{points.tolist()}".encode()).hexdigest()


def _compiled(
    make: Callable[[dict[str, Any]], T], key: str, comm: MPI.Comm, arguments: list[str]
) -> T:
    """Call ``make`` with options until it succeeds, or fails for a reason of its own.

    Args:
        make: Compiles.
        key: Of the form, for the name of its folder.
        comm: Of those who need it.
        arguments: Of the compiler.
    """
    began, mended, told = time.monotonic(), False, False
    with _Place(_cache() / key[:_LETTERS]) as place:
        options = {
            "cffi_extra_compile_args": arguments,
            "cache_dir": place.folder,
            "timeout": POLL,
        }
        while True:
            result: T | None = None
            failure: Exception | None = None
            with place.shared():
                try:
                    result = make(options)
                except Exception as error:
                    failure = error
            # All ranks have let go of the lock. One may fail alone where nodes have own folders.
            if not comm.allreduce(failure is not None, op=MPI.LOR):
                return result  # type: ignore[return-value]
            removed, busy = place.mend(str(failure)) if failure else (False, False)
            late = isinstance(failure, TimeoutError) or "timed out" in str(failure)
            removed = comm.allreduce(removed, op=MPI.LOR)
            busy = comm.allreduce(busy and late, op=MPI.LOR)
            late = comm.allreduce(late, op=MPI.LOR)
            if late and time.monotonic() - began < LIMIT:
                # who is waited for may also have finished since
                if busy and not told and comm.rank == 0:
                    _say(
                        f"waiting for another process that compiles the same form in {place.folder}"
                    )
                    told = True
            elif removed and not mended:
                mended = True
            else:
                raise failure or RuntimeError("a form could not be compiled on another rank")


class _Place:
    """The folder of one form and its lock, which is closed at the end of a ``with``.

    The form may be there several times, for several versions of dolfinx and Python.
    """

    def __init__(self, folder: Path) -> None:
        """Create the folder where it is missing, and remove from it what is not whole.

        Raises:
            OSError: It cannot be written, or its file system has no locks.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self.mend("")
        except OSError:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the lock with all who compile; it waits while one mends."""
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def mend(self, message: str) -> tuple[bool, bool]:
        """Remove libraries that are not whole or that an error names, unless a process compiles.

        Args:
            message: Of the error, or "".

        Returns:
            Whether something was removed; whether a process compiles.
        """
        if not self._broken(message):
            return False, False
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False, True
        try:
            broken = self._broken(message)
            for file in broken:
                Path(file.path).unlink(missing_ok=True)
            return bool(broken), False
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _broken(self, message: str) -> list[os.DirEntry[str]]:
        """Files of libraries that are not whole or that an error names."""
        named = set(_LIBRARY.findall(message))
        files: dict[str, list[os.DirEntry[str]]] = defaultdict(list)
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if match := _LIBRARY.match(entry.name):
                    files[match[0]].append(entry)
        broken = [each for name, each in files.items() if name in named or not _is_whole(each)]
        return [file for each in broken for file in each]


def _is_whole(files: list[os.DirEntry[str]]) -> bool:
    """Whether a form is marked as ready and has a library that is not cut off."""
    return any(file.name.endswith(".c.cached") for file in files) and any(
        file.name.endswith(".so") and _is_long_enough(file) for file in files
    )


def _is_long_enough(file: os.DirEntry[str]) -> bool:
    """Whether a library has all bytes of which its header speaks; loading less ends the process."""
    try:
        with open(file.path, "rb") as library:
            size = os.fstat(library.fileno()).st_size
            head = library.read(_HEAD.size)
    except FileNotFoundError:  # another process removes it
        return False
    if len(head) < _HEAD.size or not head.startswith(b"\x7fELF\x02\x01"):
        return size > 0  # of another system
    _, start, width, count = _HEAD.unpack(head)
    return bool(size >= start + width * count)


@functools.cache
def _has_instructions() -> bool:
    """Whether this processor has `INSTRUCTIONS`; not where the system does not tell."""
    if platform.machine() != "x86_64":
        return False
    try:
        found = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        return False
    return found is not None and INSTRUCTIONS <= set(found[1].split())


@functools.cache
def _cache() -> Path:
    """Return the folder that dolfinx is configured for, or one on this machine."""
    wanted = Path(jit.get_options()["cache_dir"]) / "anodefem"
    try:
        _try(wanted)
    except OSError as error:
        folder = _temporary()
        if MPI.COMM_WORLD.rank == 0:
            _say(
                f"compiled forms cannot be kept in {wanted} ({error.strerror}); they go to "
                f"{folder}. ANODEFEM_JIT_CACHE or XDG_CACHE_HOME name another folder."
            )
        return folder
    return wanted


def _try(folder: Path) -> None:
    """Make a folder in the place of a form.

    Raises:
        OSError: It cannot be written, or its file system has no locks.
    """
    with _Place(folder / "0") as place, place.shared():
        pass


def _temporary() -> Path:
    """Return a folder of this user for temporary files, one for all runs if it is his alone."""
    folder = Path(tempfile.gettempdir()) / f"anodefem-forms-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        # libraries are loaded from it: nobody else may be able to put one there
        facts = folder.lstat()
        if stat.S_ISDIR(facts.st_mode) and (facts.st_uid, facts.st_mode & 0o022) == (
            os.getuid(),
            0,
        ):
            _try(folder)
            return folder
    except OSError:
        pass
    alone = tempfile.mkdtemp(prefix="anodefem-forms-")
    atexit.register(shutil.rmtree, alone, ignore_errors=True)
    return Path(alone)


def _say(message: str) -> None:
    print(f"anodefem: {message}", file=sys.stderr, flush=True)
