"""Checkpoints: the state by cell of the mesh file, so that a run can go on with other ranks.

Every field is kept as one row per cell, in the numbering of the mesh file; inside a cell the order
of unknowns and quadrature points follows the order of its vertices, which dolfinx keeps. Each is an
array in an uncompressed archive that `numpy.load` opens. Ranks send and read some thousand rows at
a time, so that none ever holds those of all.

The two newest checkpoints are kept. The name of each holds its number and the SHA-256 of its bytes,
so one that has been damaged is known as such, and the run goes on from the other.
"""

from __future__ import annotations

import json
import logging
import re
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from numpy.lib import format as npy

from anodefem.checksums import digest
from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.fem.fields import State
from anodefem.files import DiskError, make_folder, replacing
from anodefem.parallel import on_first_rank, rows_on_first_rank

LOG = logging.getLogger(__name__)

FOLDER = "checkpoint"
#: How many checkpoints are kept.
KEPT = 2
#: Rows of a table that are sent or read at a time.
SLICE = 16_384
#: What a checkpoint holds beside arrays.
_FACTS = "facts.json"
#: Name of one that is not whole yet.
_UNFINISHED = "new.npz"
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{64})\.(npz|h5)")


def checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints of a run folder, the newest first, damaged or not.

    Args:
        folder: Run folder.
    """
    try:
        named = {path: match for path in (folder / FOLDER).iterdir() if (match := _match(path))}
    except OSError:
        return []
    return sorted(named, key=lambda path: int(named[path][1]), reverse=True)


def intact(path: Path) -> bool:
    """Whether a checkpoint has the bytes that its name speaks of.

    Args:
        path: One of `checkpoints`.
    """
    match = _match(path)
    return match is not None and digest(path) == match[2]


def _match(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The checkpoint from which a run goes on.

    Attributes:
        path: Its file.
        facts: See `Checkpoint.save`.
    """

    path: Path
    facts: dict[str, Any]


class Checkpoint:
    """Saves and restores the state of a run; every method is collective."""

    def __init__(self, domain: Domain, state: State, folder: Path) -> None:
        """Prepare; reads and writes nothing.

        Args:
            domain: Mesh.
            state: What is saved.
            folder: Run folder.
        """
        self._domain, self._state, self._folder = domain, state, folder
        self._cells = np.asarray(domain.mesh.topology.original_cell_index)
        self._owned = domain.owned_cells

    def save(self, facts: Mapping[str, Any]) -> None:
        """Write the fields and some facts for `load`, and forget all but the last checkpoint.

        Args:
            facts: What JSON can hold.

        Raises:
            DiskError: There is no room; the former checkpoints are still there.
        """
        comm, parts, failed = self._domain.comm, self._parts(), None
        if comm.rank == 0:
            try:
                self._write(parts, facts)
            except DiskError as error:
                failed = error
        deque(parts, maxlen=0)  # ranks that do not write send; so they do where there is no room

        def report() -> None:
            if failed:
                raise failed

        on_first_rank(comm, report)

    def load(self) -> dict[str, Any]:
        """Restore the fields, on any number of ranks, and return the facts of `save`.

        Raises:
            InputError: There is no checkpoint that is intact, or it belongs to another mesh or
                version.
        """
        comm = self._domain.comm
        chosen = on_first_rank(comm, self._choose)
        with zipfile.ZipFile(chosen.path) as archive:
            names = {Path(name).stem for name in archive.namelist()}
            if missing := self._state.stored().keys() - names:
                raise InputError(
                    f"{chosen.path} was left by another version: it holds no '{min(missing)}'; "
                    "start the run anew in another folder."
                )
            for name, field in self._state.stored().items():
                unknowns = self._unknowns(field, np.arange(len(self._cells)))
                with archive.open(f"{name}.npy") as file:
                    npy.read_magic(file)
                    (total, width), _, dtype = npy.read_array_header_2_0(file)
                    for first in range(0, total, SLICE):
                        own = np.flatnonzero((first <= self._cells) & (self._cells < first + SLICE))
                        data = file.read(min(SLICE, total - first) * width * dtype.itemsize)
                        part = np.frombuffer(data, dtype).reshape(-1, width)
                        field.x.array[unknowns[own]] = part[self._cells[own] - first]
                field.x.scatter_forward()
        self._state.begin()
        return chosen.facts

    def _unknowns(self, field: fem.Function, cells: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """Indices into a field's array, shape (cells, unknowns of a cell)."""
        dofmap = field.function_space.dofmap
        size = dofmap.index_map_bs
        blocks = dofmap.list[cells].astype(np.int64)
        single = blocks[:, :, None] * size + np.arange(size)
        return single.reshape(len(cells), size * blocks.shape[1])

    def _parts(self) -> Iterator[tuple[str, tuple[int, int], npt.NDArray[np.float64]]]:
        """Yield name, shape and the next rows of every stored field, in order; collective.

        The rows are those of all ranks on rank 0, and nothing on the others.
        """
        comm = self._domain.comm
        total = self._domain.mesh.topology.index_map(self._domain.dim).size_global
        order = np.argsort(self._cells[: self._owned])
        numbers = self._cells[order]
        for name, field in self._state.stored().items():
            width = self._unknowns(field, order[:0]).shape[1]
            for first in range(0, total, SLICE):
                own = slice(*np.searchsorted(numbers, (first, first + SLICE)))
                rows = field.x.array[self._unknowns(field, order[own])]
                part = rows_on_first_rank(comm, numbers[own] - first, rows)
                yield name, (total, width), rows[:0] if part is None else part

    def _write(
        self,
        parts: Iterator[tuple[str, tuple[int, int], npt.NDArray[np.float64]]],
        facts: Mapping[str, Any],
    ) -> None:
        """Keep the newest checkpoint; on rank 0.

        Args:
            parts: See `_parts`.
            facts: See `save`.
        """
        former = checkpoints(self._folder)
        last = _match(former[0]) if former else None
        folder = self._folder / FOLDER
        make_folder(folder)
        unfinished = folder / _UNFINISHED
        with replacing(unfinished) as path, zipfile.ZipFile(path, "w") as archive:
            for (name, shape), arrays in groupby(parts, key=lambda part: part[:2]):
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
                    npy.write_array_header_2_0(file, header)
                    for _, _, array in arrays:
                        file.write(array.data)
            known = {"mesh_hash": self._domain.manifest.hash, "facts": facts}
            archive.writestr(_FACTS, json.dumps(known))
        number = int(last[1]) + 1 if last else 1
        with replacing(folder / f"{number:06d}-{digest(unfinished)}.npz") as path:
            unfinished.rename(path)
        for path in former[KEPT - 1 :]:
            path.unlink()

    def _choose(self) -> _Chosen:
        """Return the newest checkpoint that is intact; on rank 0."""
        paths, damaged = checkpoints(self._folder), []
        for path in paths:
            if not intact(path):
                before = "; going on from the one before it" if path != paths[-1] else ""
                LOG.warning("warning: %s is damaged%s", path, before)
                damaged.append(path)
                continue
            if path.suffix == ".h5":
                raise InputError(
                    f"{path} was left by an older version of anodefem, whose checkpoints cannot be "
                    "gone on from; start the run anew in another folder."
                )
            with zipfile.ZipFile(path) as archive:
                known = json.loads(archive.read(_FACTS))
            if known["mesh_hash"] != self._domain.manifest.hash:
                raise InputError(
                    f"{path} belongs to another mesh than the one in mesh/; start the run anew."
                )
            for other in damaged:  # it would count as one of those that are kept
                other.unlink()
            return _Chosen(path, known["facts"])
        what = "every checkpoint in it is damaged" if paths else "there is no checkpoint in it"
        raise InputError(f"{self._folder / FOLDER}: {what}; start the run anew in another folder.")
