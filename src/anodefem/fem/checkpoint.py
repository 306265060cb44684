"""Checkpoints: the state by cell of the mesh file, so that a run can go on with other ranks.

Every field is kept as one row per cell, in the numbering of the mesh file; inside a cell the order
of unknowns and quadrature points follows the order of its vertices, which dolfinx keeps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.fem.fields import State
from anodefem.parallel import on_first_rank

FILE = Path("checkpoint", "state.h5")


class Checkpoint:
    """Saves and restores the state of a run; every method is collective."""

    def __init__(self, domain: Domain, state: State, folder: Path) -> None:
        """Prepare; reads and writes nothing.

        Args:
            domain: Mesh.
            state: What is saved.
            folder: Run folder.
        """
        self._domain, self._state, self._path = domain, state, folder / FILE
        self._cells = np.asarray(domain.mesh.topology.original_cell_index)
        self._owned = domain.owned_cells

    def save(self, facts: Mapping[str, Any]) -> None:
        """Write the fields and some facts for `load`, replacing the former checkpoint at once.

        Args:
            facts: What JSON can hold.
        """
        comm = self._domain.comm
        rows = comm.gather(self._cells[: self._owned], root=0)
        tables = {
            name: comm.gather(self._table(field), root=0)
            for name, field in self._state.stored().items()
        }
        on_first_rank(comm, lambda: self._write(rows or [], tables, facts))

    def load(self) -> dict[str, Any]:
        """Restore the fields, on any number of ranks, and return the facts of `save`.

        Raises:
            InputError: There is no checkpoint, or it belongs to another mesh or version.
        """
        comm = self._domain.comm
        facts = on_first_rank(comm, self._facts)
        with h5py.File(self._path, "r") as file:
            if missing := self._state.stored().keys() - file.keys():
                raise InputError(
                    f"{self._path} was left by another version: it holds no '{min(missing)}'; "
                    "start the run anew in another folder."
                )
            for name, field in self._state.stored().items():
                field.x.array[self._unknowns(field, len(self._cells))] = file[name][:][self._cells]
                field.x.scatter_forward()
        self._state.begin()
        return facts

    def _unknowns(self, field: fem.Function, cells: int) -> npt.NDArray[np.int64]:
        """Indices into a field's array, shape (cells, unknowns of a cell)."""
        dofmap = field.function_space.dofmap
        size = dofmap.index_map_bs
        blocks = dofmap.list[:cells].astype(np.int64)
        return (blocks[:, :, None] * size + np.arange(size)).reshape(cells, -1)

    def _table(self, field: fem.Function) -> npt.NDArray[np.float64]:
        return field.x.array[self._unknowns(field, self._owned)]

    def _write(
        self,
        rows: list[npt.NDArray[np.int64]],
        tables: Mapping[str, list[npt.NDArray[np.float64]] | None],
        facts: Mapping[str, Any],
    ) -> None:
        self._path.parent.mkdir(exist_ok=True)
        part = self._path.with_suffix(".part")
        order = np.argsort(np.concatenate(rows))
        with h5py.File(part, "w") as file:
            file.attrs["facts"] = json.dumps(facts)
            file.attrs["mesh_hash"] = self._domain.manifest.hash
            for name, parts in tables.items():
                file[name] = np.concatenate(parts or [])[order]
        part.replace(self._path)

    def _facts(self) -> dict[str, Any]:
        try:
            with h5py.File(self._path, "r") as file:
                facts, mesh = json.loads(file.attrs["facts"]), file.attrs["mesh_hash"]
        except (OSError, KeyError, ValueError) as error:
            raise InputError(
                f"{self._path}: cannot be read ({error}); start the run anew in another folder."
            ) from error
        if mesh != self._domain.manifest.hash:
            raise InputError(
                f"{self._path} belongs to another mesh than the one in mesh/; start the run anew."
            )
        return dict(facts)
