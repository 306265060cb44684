"""Cases built in Python or read from files, checked at once, meshed and run."""

from __future__ import annotations

import copy
import json
import logging
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anodefem import cases
from anodefem.errors import InputError
from anodefem.validation import read_toml
from anodefem.workbench.tables import plain, to_toml

if TYPE_CHECKING:
    from mpi4py import MPI

    from anodefem.fem.contract import Physics
    from anodefem.workbench.mesh import Mesh
    from anodefem.workbench.result import Result

#: Stands for the case file of a case that has none: messages begin with it, and files that the
#: case names are looked for in the folder in which Python runs.
NO_FILE = Path("case")


class Case:
    """A case that has been checked: geometry, materials, SEI, protocol and how it is solved.

    It takes what a case file takes, section by section, and refuses what `anodefem check` refuses
    with the same words:

        Case(
            title="Bare silicon",
            geometry={"plugin": "bare_particle", "particle_radius": "1 um"},
            materials={"particle": "silicon-amorphous"},
            protocol={"steps": ["lithiate at C/10 until soc = 0.5"]},
        )
    """

    def __init__(self, tables: Mapping[str, Any] | None = None, /, **sections: Any) -> None:
        """Check a case.

        Args:
            tables: Sections of a case file by name, if they are there as a dict already.
            sections: Sections by name, such as ``title="..."`` and ``geometry={...}``; they come in
                place of those of ``tables``. Values with a dimension are text with their unit.

        Raises:
            InputError: Something is wrong; one line for every mistake.
        """
        self._set({**(tables or {}), **sections}, NO_FILE)

    @classmethod
    def from_file(cls, path: str | Path, changes: Mapping[str, Any] | None = None) -> Case:
        """Read a case file.

        Args:
            path: A TOML file.
            changes: Dotted key -> value in place of the file's, as of `changed`.

        Raises:
            InputError: The file cannot be read, or something in it is wrong.
        """
        path = Path(path)
        return cls._read(_changed(read_toml(path), changes or {}), path)

    @classmethod
    def _read(cls, tables: Mapping[str, Any], path: Path) -> Case:
        case = cls.__new__(cls)
        case._set(tables, path)
        return case

    def _set(self, tables: Mapping[str, Any], path: Path) -> None:
        self._tables = plain(tables)
        self._checked = cases.read(self._tables, path)

    def changed(self, changes: Mapping[str, Any]) -> Case:
        """Return the case with other values.

        Args:
            changes: Dotted key -> value, such as ``{"geometry.particle_radius": "2 um"}``. A number
                of a card is changed by region: ``{"materials.particle.elastic.poisson": 0.3}``.

        Raises:
            InputError: The case would be wrong with them.
        """
        return self._read(_changed(self._tables, changes), self._checked.path)

    @property
    def title(self) -> str:
        """Name of the case in tables and pictures."""
        return self._checked.title

    @property
    def checked(self) -> cases.CheckedCase:
        """What the rest of the package reads; inside the package."""
        return self._checked

    @property
    def tables(self) -> dict[str, Any]:
        """What was given, section by section; a copy."""
        return copy.deepcopy(self._tables)

    @property
    def resolved(self) -> dict[str, Any]:
        """What was given with every default, and under "cards" every number with its source."""
        return self._checked.resolved()

    def save(self, path: str | Path) -> Path:
        """Write the case file that gives this case, for `anodefem run`, and return its path.

        Cards and files that the case names by what lies beside its file must lie beside this one.

        Args:
            path: A file that does not exist yet; its folder is made if missing.

        Raises:
            InputError: The file exists or cannot be written.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(to_toml(self._tables))
        except FileExistsError as error:
            raise InputError(f"{path}: exists; give another name, or remove it.") from error
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}).") from error
        return path

    def mesh(self, folder: str | Path) -> Mesh:
        """Mesh the case without solving it; on one process.

        Args:
            folder: Where the files of the mesh go; made if missing.

        Raises:
            InputError: The geometry cannot be meshed so, or the folder cannot be written or holds
                a run.
        """
        from anodefem.meshing import mesh_choice
        from anodefem.workbench.mesh import Mesh

        folder = Path(folder)
        if (folder / "run.json").exists():
            raise InputError(f"{folder} holds a run; give another folder for the mesh.")
        mesh_choice(self._checked.geometry, folder)
        return Mesh.read(folder)

    def run(
        self,
        folder: str | Path,
        *,
        resume: bool = False,
        reuse: bool = False,
        more: Sequence[Physics] = (),
        comm: MPI.Comm | None = None,
    ) -> Result:
        """Mesh and solve the case, and return its result; needs dolfinx.

        It runs in this process. In a program that is started by ``mpirun -n 4 python program.py``
        all ranks solve one case together: every rank must call this with the same case, and every
        rank gets the result.

        Args:
            folder: Run folder; made if missing, and must not hold another run.
            resume: Go on from the last checkpoint of this case in ``folder``.
            reuse: If ``folder`` holds this case completed, return that result and solve nothing.
                Not with ``more``: a folder does not know the numbers of physics of your own.
            more: Physics of your own beside those of the case: boundary conditions, terms,
                unknowns, metrics (see `anodefem.fem.contract.Physics`).
            comm: Ranks that solve it, an mpi4py communicator; None for all of them.

        Raises:
            InputError: The case or the folder cannot be used, or dolfinx is missing.
            ConvergenceError: The run could not go on. What it had is in ``folder`` for
                `Result.read`.
        """
        folder = Path(folder)
        if reuse and more:
            raise InputError(
                "reuse: not together with more, whose numbers a run folder does not know; leave "
                "out reuse, or read the folder with Result.read."
            )
        try:
            with _unbroken():
                from mpi4py import MPI

                from anodefem.parallel import on_first_rank
                from anodefem.solve.run import run
                from anodefem.workbench.result import Result
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "anodefem":
                raise
            raise InputError(
                f"a run needs '{error.name}', which this Python does not have; start Python by "
                "'container/run python3', or install dolfinx. Cases, meshes and results of runs "
                "that are there already work without it."
            ) from error
        comm = comm or MPI.COMM_WORLD
        if not (reuse and on_first_rank(comm, lambda: self._done(folder))):
            with _info():
                run(self._checked, folder, comm, resume=resume, more=more)
        comm.Barrier()  # the last file is written by rank 0 alone
        return Result.read(folder)

    def _done(self, folder: Path) -> bool:
        """Whether a folder holds this very case, completed."""
        try:
            record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        same = bool(record.get("case") == json.loads(json.dumps(self.resolved)))
        return same and record.get("status") == "completed" and not record.get("more_physics")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.resolved == other.resolved

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Case '{self.title}': {self._checked.summary()}>"


def _changed(tables: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of tables with other values; see `Case.changed`.

    Args:
        tables: Sections of a case file.
        changes: Dotted key -> value.
    """
    found: dict[str, Any] = copy.deepcopy(dict(tables))
    for key, value in changes.items():
        *parents, last = key.split(".")
        table = found
        if parents[:1] == ["materials"] and len(parents) > 1:
            card = found.get("materials", {}).get(parents[1])
            if isinstance(card, str):  # the name of a card, which has no room for numbers
                found["materials"][parents[1]] = {"card": card}
        for part in parents:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise InputError(f"{key}: '{part}' is a value, not a table.")
        table[last] = value
    return found


@contextmanager
def _unbroken() -> Iterator[None]:
    """Let Ctrl-C wait for the end of an import: NumPy or pandas, broken off, never loads again."""
    received: list[int] = []
    listens = threading.current_thread() is threading.main_thread()
    former = signal.getsignal(signal.SIGINT)
    if listens:
        signal.signal(signal.SIGINT, lambda number, frame: received.append(number))
    try:
        yield
    finally:
        if listens:
            signal.signal(signal.SIGINT, former)
        if received:
            signal.raise_signal(received[0])


@contextmanager
def _info() -> Iterator[None]:
    """Let the log of a run have every step, whatever the program logs itself."""
    log = logging.getLogger("anodefem")
    before = log.level
    log.setLevel(min(before or logging.INFO, logging.INFO))
    try:
        yield
    finally:
        log.setLevel(before)
