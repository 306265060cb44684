"""Files that others made, points, cells, and labels that tell regions apart."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices
from anodefem.meshing import child

_IGNORED = ("vertex", "line", "line3")


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


def load(
    path: Path,
    *,
    labels: str | None,
    dim: int,
    regions: Collection[int | str] = (),
    time_limit: float = 120.0,
) -> Content:
    """Read a file, in a process of its own: a reader may hang on a file that is cut off.

    Args:
        path: Any format of gmsh's or meshio's.
        labels: Cell data that tells regions apart; found if ``None``.
        dim: Dimension of the cells that are put into regions, 2 or 3.
        regions: Names or labels of the groups that are regions; all if empty.
        time_limit: Seconds after which the reader is stopped.

    Raises:
        InputError: It cannot be read, is empty, its groups overlap, or labels cannot be found.
    """
    if not path.stat().st_size:
        raise InputError(f"{path}: is empty; write the mesh again.")
    job = {"path": str(path), "labels": labels, "dim": dim, "wanted": [*regions]}
    with tempfile.TemporaryDirectory(prefix="anodefem-") as name:
        folder = Path(name)
        try:
            child.run("anodefem.meshing.readers", job, folder, time_limit=time_limit)
        except child.TookTooLong as error:
            raise InputError(
                f"{path}: was not read within {time_limit:g} s; it may be cut off or damaged. "
                "Write it again, or in another format (.vtu)."
            ) from error
        except child.Crashed as error:
            raise InputError(f"{path}: its reader ended with {error}") from error
        kinds, named = json.loads((folder / "content.json").read_text(encoding="utf-8"))
        with np.load(folder / "content.npz") as arrays:
            points = arrays["points"]
            blocks = [
                (kind, arrays[f"nodes_{number}"], arrays.get(f"labels_{number}"))
                for number, kind in enumerate(kinds)
            ]
    if not len(points) or not any(len(nodes) for _, nodes, _ in blocks):
        raise InputError(f"{path}: holds no cells; give a mesh of triangles or tetrahedra.")
    if not np.isfinite(points).all():
        raise InputError(f"{path}: has coordinates that are not numbers; write the mesh again.")
    if any(
        nodes.size and not 0 <= int(nodes.min()) <= int(nodes.max()) < len(points)
        for _, nodes, _ in blocks
    ):
        raise InputError(f"{path}: has cells with points that it does not hold; write it again.")
    return Content(
        path=path,
        points=np.pad(points, ((0, 0), (0, 3 - points.shape[1]))),
        blocks=blocks,
        names={(of, tag): name for of, tag, name in named},
    )


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
