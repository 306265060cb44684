"""Checkpoints: the state by cell of the mesh file, so that a run can go on with other ranks.

Every field is kept as one row per cell, in the numbering of the mesh file; inside a cell the order
of unknowns and quadrature points follows the order of its vertices, which dolfinx keeps.

The two newest checkpoints are kept. The name of each holds its number and the SHA-256 of its bytes,
so one that has been damaged is known as such, and the run goes on from the other.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from anodefem.checksums import digest
from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.fem.fields import State
from anodefem.files import make_folder, replacing
from anodefem.parallel import on_first_rank

LOG = logging.getLogger(__name__)

FOLDER = "checkpoint"
#: How many checkpoints are kept.
KEPT = 2
#: Rows of a table that a rank reads at a time, so that none holds the table of all ranks.
SLICE = 65_536
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{64})\.h5")


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
        comm = self._domain.comm
        rows = comm.gather(self._cells[: self._owned], root=0)
        order = np.argsort(np.concatenate(rows)) if rows else np.empty(0, dtype=np.int64)
        # In memory: HDF5 ends the process when it closes a file on a disk that is full.
        with h5py.File("checkpoint", "w", driver="core", backing_store=False) as file:
            # field by field: rank 0 holds no more than one beside the file
            for name, field in self._state.stored().items():
                parts = comm.gather(self._table(field), root=0)
                if parts:
                    file[name] = np.concatenate(parts)[order]
            on_first_rank(comm, lambda: self._write(file, facts))

    def load(self) -> dict[str, Any]:
        """Restore the fields, on any number of ranks, and return the facts of `save`.

        Raises:
            InputError: There is no checkpoint that is intact, or it belongs to another mesh or
                version.
        """
        comm = self._domain.comm
        chosen = on_first_rank(comm, self._choose)
        with h5py.File(chosen.path, "r", locking=False) as file:
            if missing := self._state.stored().keys() - file.keys():
                raise InputError(
                    f"{chosen.path} was left by another version: it holds no '{min(missing)}'; "
                    "start the run anew in another folder."
                )
            for name, field in self._state.stored().items():
                unknowns, table = self._unknowns(field, len(self._cells)), file[name]
                for first in range(0, len(table), SLICE):
                    own = np.flatnonzero((first <= self._cells) & (self._cells < first + SLICE))
                    part = table[first : first + SLICE]
                    field.x.array[unknowns[own]] = part[self._cells[own] - first]
                field.x.scatter_forward()
        self._state.begin()
        return chosen.facts

    def _unknowns(self, field: fem.Function, cells: int) -> npt.NDArray[np.int64]:
        """Indices into a field's array, shape (cells, unknowns of a cell)."""
        dofmap = field.function_space.dofmap
        size = dofmap.index_map_bs
        blocks = dofmap.list[:cells].astype(np.int64)
        return (blocks[:, :, None] * size + np.arange(size)).reshape(cells, -1)

    def _table(self, field: fem.Function) -> npt.NDArray[np.float64]:
        return field.x.array[self._unknowns(field, self._owned)]

    def _write(self, file: h5py.File, facts: Mapping[str, Any]) -> None:
        """Keep what a file in memory holds as the newest checkpoint; on rank 0."""
        former = checkpoints(self._folder)
        last = _match(former[0]) if former else None
        folder = self._folder / FOLDER
        make_folder(folder)
        file.attrs["facts"] = json.dumps(facts)
        file.attrs["mesh_hash"] = self._domain.manifest.hash
        file.flush()
        image = file.id.get_file_image()
        number, checksum = int(last[1]) + 1 if last else 1, hashlib.sha256(image).hexdigest()
        with replacing(folder / f"{number:06d}-{checksum}.h5") as path:
            path.write_bytes(image)
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
            with h5py.File(path, "r", locking=False) as file:
                facts, mesh = json.loads(file.attrs["facts"]), file.attrs["mesh_hash"]
            if mesh != self._domain.manifest.hash:
                raise InputError(
                    f"{path} belongs to another mesh than the one in mesh/; start the run anew."
                )
            for other in damaged:  # it would count as one of those that are kept
                other.unlink()
            return _Chosen(path, dict(facts))
        what = "every checkpoint in it is damaged" if paths else "there is no checkpoint in it"
        raise InputError(f"{self._folder / FOLDER}: {what}; start the run anew in another folder.")
