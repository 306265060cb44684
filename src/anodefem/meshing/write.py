"""Mesh files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anodefem.files import reserve
from anodefem.geometry import Array, Indices

_CELLS = {(2, 3): "triangle", (2, 6): "triangle6", (3, 4): "tetra", (3, 10): "tetra10"}
_FACETS = {(2, 2): "line", (2, 3): "line3", (3, 3): "triangle", (3, 6): "triangle6"}


def fingerprint(points: Array, *numbers: Indices) -> str:
    """Return the SHA-256 of coordinates and numbers."""
    digest = hashlib.sha256(np.ascontiguousarray(points, dtype="<f8").tobytes())
    for array in numbers:
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    return digest.hexdigest()


def write(
    folder: Path,
    points: Array,
    cells: tuple[Indices, Indices, Sequence[str]],
    facets: tuple[Indices, Indices, Sequence[str]],
) -> None:
    """Write ``mesh.xdmf``, ``facets.xdmf`` and ``mesh.msh``.

    Args:
        folder: An existing folder.
        points: Nodes in um, shape ``(n, dim)``.
        cells: Node numbers, group numbers starting at 1, names of the groups.
        facets: The same for facets.
    """
    import meshio

    dim = points.shape[1]
    blocks = [
        (_CELLS[dim, cells[0].shape[1]], cells[0]),
        (_FACETS[dim, facets[0].shape[1]], facets[0]),
    ]
    # HDF5 ends the process when it closes a file on a disk that is full
    reserve(folder, 20_000 + 2 * (points.nbytes + sum(b[1].nbytes for b in blocks)))
    for name, data, block, groups in (
        ("mesh", "cell_tags", blocks[0], cells[1]),
        ("facets", "facet_tags", blocks[1], facets[1]),
    ):
        one = meshio.Mesh(points, [block], cell_data={data: [groups.astype(np.int32)]})
        meshio.write(folder / f"{name}.xdmf", one, data_format="HDF")
    # The file for gmsh and for mesh converters: everything in one, with the names.
    named = {name: np.array([tag, dim]) for tag, name in enumerate(cells[2], start=1)}
    named |= {name: np.array([tag, dim - 1]) for tag, name in enumerate(facets[2], start=1)}
    tags = [cells[1].astype(np.int32), facets[1].astype(np.int32)]
    everything = meshio.Mesh(
        np.pad(points, ((0, 0), (0, 3 - dim))),
        blocks,
        cell_data={"gmsh:physical": tags, "gmsh:geometrical": tags},
        field_data=named,
    )
    meshio.write(folder / "mesh.msh", everything, file_format="gmsh22", binary=True)
