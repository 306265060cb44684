"""How many cells a mesh may have, asked before the mesh is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from anodefem.errors import InputError
from anodefem.geometry import MAX_CELLS

_LIMIT: ContextVar[float] = ContextVar("limit", default=MAX_CELLS)


@contextmanager
def at_most(cells: float) -> Iterator[None]:
    """Let `check` refuse meshes of more cells than this while the context lasts."""
    token = _LIMIT.set(cells)
    try:
        yield
    finally:
        _LIMIT.reset(token)


def largest() -> float:
    """Return how many cells are allowed."""
    return _LIMIT.get()


def check(cells: float) -> None:
    """Refuse a mesh that would be too large.

    Args:
        cells: Number of its cells, roughly.

    Raises:
        InputError: There would be more than the limit.
    """
    limit = largest()
    if cells > limit:
        raise InputError(
            f"the mesh would have about {cells:.2g} cells, more than max_cells = {limit:g}; make "
            "cells larger ('refinement', 'edge'), or raise max_cells in [geometry]."
        )


def filling(measure: float, edge: float, dim: int) -> float:
    """Return about how many regular simplices of an edge fill an area or volume.

    Args:
        measure: Area in um^2 or volume in um^3.
        edge: Length of their edges in um.
        dim: 2 for triangles, 3 for tetrahedra.
    """
    one = np.sqrt(3.0) / 4.0 if dim == 2 else np.sqrt(2.0) / 12.0
    return float(measure / (one * edge**dim))
