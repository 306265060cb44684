"""Matrices of unknowns some of which follow others, see `anodefem.fem.periodic`."""

from __future__ import annotations

from petsc4py import PETSc

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


class Led:
    """Which unknowns of a field, or of all, follow which.

    Attributes:
        follows: Their numbers over all ranks, the same on every rank, sorted.
        leads: Those they follow.
    """

    def __init__(self, follows: Places, leads: Places) -> None:
        """Sort them.

        Args:
            follows: Numbers over all ranks.
            leads: Of the one that each follows.
        """
        order = np.argsort(follows)
        self.follows, self.leads = follows[order], leads[order]

    def __call__(self, numbers: Places) -> Places:
        """Return for each number that of the unknown that it follows, or itself."""
        if not len(self.follows):
            return numbers
        place = np.searchsorted(self.follows, numbers).clip(max=len(self.follows) - 1)
        return np.where(self.follows[place] == numbers, self.leads[place], numbers)


class Tied:
    """Matrix of unknowns some of which follow others: T^T K T, with 1 where they follow.

    Attributes:
        matrix: The same object all the time.
    """

    def __init__(self, whole: PETSc.Mat, rows: Led, columns: Led) -> None:
        """Find out where entries go, and move them there.

        Args:
            whole: Matrix K of all unknowns, or a block of it.
            rows: What follows among its rows.
            columns: And among its columns; the same object on the diagonal.
        """
        self._whole = whole
        start, end = whole.getOwnershipRange()
        own = rows.follows[(start <= rows.follows) & (rows.follows < end)]
        own = own if columns is rows else own[:0]
        offsets, places, _ = whole.getValuesCSR()
        lines = np.concatenate([rows(np.arange(start, end)), own])
        places = np.concatenate([columns(places.astype(np.int64)), own])
        offsets = np.concatenate([offsets, offsets[-1] + 1 + np.arange(len(own))])
        found = (each.astype(PETSc.IntType) for each in (offsets, places, lines))
        self._offsets, self._columns, self._rows = found
        self._ones = np.ones(len(own))
        self.matrix = PETSc.Mat().create(whole.getComm())
        self.matrix.setSizes(whole.getSizes())
        self.matrix.setBlockSizes(*whole.getBlockSizes())
        self.matrix.setType(PETSc.Mat.Type.AIJ)
        self.matrix.setUp()
        self.update()

    def update(self) -> None:
        """Take over the present values; those that meet in one place are summed up."""
        _, _, values = self._whole.getValuesCSR()
        self.matrix.zeroEntries()
        self.matrix.setValuesIJV(
            self._offsets,
            self._columns,
            np.concatenate([values, self._ones]),
            PETSc.InsertMode.ADD,
            rowmap=self._rows,
        )
        self.matrix.assemble()
