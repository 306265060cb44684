"""Files that others made, read with meshio: points, cells, and labels that tell regions apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices

_IGNORED = ("vertex", "line", "line3")
_KNOWN_LABELS = ("gmsh:physical", "medit:ref", "cell_tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a mesh file holds, in its own unit.

    Attributes:
        path: The file.
        points: Shape ``(n, 3)``.
        blocks: Type of cell, node numbers ``(m, nodes)`` and label of each cell (0 where it has
            none) or ``None`` for every block.
        names: (dimension, label) -> name that the file gives to it.
    """

    path: Path
    points: Array
    blocks: Sequence[tuple[str, Indices, Indices | None]]
    names: Mapping[tuple[int, int], str]

    def counts(self) -> dict[str, int]:
        """Return how many cells of each type there are."""
        found: dict[str, int] = {}
        for kind, nodes, _ in self.blocks:
            found[kind] = found.get(kind, 0) + len(nodes)
        return found

    def of(self, kinds: Iterable[str]) -> tuple[Indices, Indices | None]:
        """Return nodes and labels of all cells of some types that have the same nodes."""
        chosen = [(nodes, labels) for kind, nodes, labels in self.blocks if kind in kinds]
        nodes = np.concatenate([nodes for nodes, _ in chosen])
        if all(labels is None for _, labels in chosen):
            return nodes, None
        filled = [np.zeros(len(n), dtype=np.int64) if v is None else v for n, v in chosen]
        return nodes, np.concatenate(filled)


def load(path: Path, labels: str | None) -> Content:
    """Read a file.

    Args:
        path: Any format of meshio's.
        labels: Cell data that tells regions apart; found if ``None``.

    Raises:
        InputError: It cannot be read, is empty, or the labels cannot be found.
    """
    import meshio

    try:
        mesh = meshio.read(path)
    except (Exception, SystemExit) as error:  # meshio leaves by sys.exit on some files
        raise InputError(
            f"{path}: cannot be read as a mesh ({type(error).__name__}: {error}); give a file that "
            "meshio reads (.msh, .vtu, .vtk, .xdmf, .inp, .med, .stl, ...) or a voxel image (.npy, "
            ".npz)."
        ) from error
    points = np.asarray(mesh.points, dtype=np.float64)
    if not len(points) or not mesh.cells:
        raise InputError(f"{path}: holds no cells; give a mesh of triangles or tetrahedra.")
    if not np.isfinite(points).all():
        raise InputError(f"{path}: has coordinates that are not numbers; write the mesh again.")
    points = np.pad(points, ((0, 0), (0, 3 - points.shape[1])))
    found, names = _labels(path, mesh, labels)
    return Content(
        path=path,
        points=points,
        blocks=[
            (block.type, np.asarray(block.data, dtype=np.int64), values)
            for block, values in zip(mesh.cells, found, strict=True)
        ],
        names=names,
    )


def _labels(
    path: Path, mesh: Any, wanted: str | None
) -> tuple[list[Indices | None], dict[tuple[int, int], str]]:
    """Return the labels of each block's cells, and names of labels by (dimension, label)."""
    data = {
        name: [np.asarray(values).ravel() for values in blocks]
        for name, blocks in mesh.cell_data.items()
        if all(_whole(values) for values in blocks)
    }
    names = {(int(dim), int(tag)): str(name) for name, (tag, dim) in mesh.field_data.items()}
    if wanted is not None and wanted not in data:
        listed = ", ".join(f"'{name}'" for name in sorted(data)) or "none"
        raise InputError(
            f"{path}: has no cell data of integers called labels = '{wanted}'; it has: {listed}."
        )
    choices = [name for name in data if name != "gmsh:geometrical"]
    known = [name for name in _KNOWN_LABELS if name in data]
    if wanted is None and not known and len(choices) > 1:
        listed = ", ".join(f"'{name}'" for name in sorted(choices))
        raise InputError(
            f"{path}: has several cell data that may tell regions apart ({listed}); choose one: "
            'labels = "NAME".'
        )
    chosen = wanted or (known or choices or [""])[0]
    if chosen:
        return [values.astype(np.int64) for values in data[chosen]], names
    sets = {name: one for name, one in mesh.cell_sets.items() if not name.startswith("gmsh:")}
    if not sets:
        return [None] * len(mesh.cells), {}
    found = [np.zeros(len(block.data), dtype=np.int64) for block in mesh.cells]
    for number, (name, blocks) in enumerate(sets.items(), start=1):
        for values, block, chosen_cells in zip(found, mesh.cells, blocks, strict=True):
            if chosen_cells is not None and len(chosen_cells):
                values[chosen_cells] = number
                names[int(block.dim), number] = str(name)
    return list(found), names


def _whole(values: Any) -> bool:
    array = np.asarray(values)
    if array.size != len(array) or not np.issubdtype(array.dtype, np.number):
        return False
    return bool(np.isfinite(array).all() and (array == np.round(array)).all())


def kind_of(content: Content, dim: int) -> str:
    """Return the one type of cell of dimension ``dim`` that the file has.

    Args:
        content: The file.
        dim: Dimension of the cells, 2 or 3.

    Raises:
        InputError: Other cells, several types, or none of that dimension.
    """
    counts = content.counts()
    allowed = {2: ("triangle", "triangle6"), 3: ("tetra", "tetra10")}[dim]
    kinds = [kind for kind in allowed if kind in counts]
    sides = {3: ("triangle", "triangle6", *_IGNORED), 2: _IGNORED}[dim]
    others = [kind for kind in counts if kind not in (*allowed, *sides)]
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    word = {2: "triangles", 3: "tetrahedra"}[dim]
    if others or len(kinds) > 1:
        raise InputError(
            f"{content.path}: holds {listed}; all cells must be {word} of one order (first or "
            "second). Mesh the body again without recombining, or split the other cells."
        )
    if not kinds:
        raise InputError(
            f"{content.path}: holds {listed}, no {word}; choose the kinematics that fit the mesh, "
            "or mesh the inside of the body."
        )
    return kinds[0]
