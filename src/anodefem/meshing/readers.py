"""Foreign mesh files, read by gmsh or meshio in a process of its own.

A reader may never return from a damaged file, or leave by ``sys.exit``. Files of gmsh's are read by
gmsh, which knows all versions of its format; everything else by meshio.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices
from anodefem.meshing import child

_KNOWN_LABELS = ("medit:ref", "cell_tags")
#: gmsh's numbers of the types of elements that are understood; others are named by number.
_GMSH_TYPES = {
    15: "vertex",
    1: "line",
    2: "triangle",
    3: "quad",
    4: "tetra",
    5: "hexahedron",
    6: "wedge",
    7: "pyramid",
    8: "line3",
    9: "triangle6",
    11: "tetra10",
}
_DIMENSIONS = {"vertex": 0, "line": 1, "line3": 1, "triangle": 2, "triangle6": 2, "quad": 2}
#: gmsh numbers the last two middles of a tetrahedron's edges the other way round than VTK.
_VTK_ORDER = {"tetra10": [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]}

_PHYSICAL_NAME = re.compile(rb'"([^"]*)"')

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cells that belong together.

    Attributes:
        dim: Dimension of the cells.
        label: Their number, above 0.
        name: What the file calls them, or "".
        members: For each block of the file whether each cell belongs to the group, or ``None`` for
            none of them.
    """

    dim: int
    label: int
    name: str
    members: Sequence[Mask | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A file as its reader gives it: points, blocks of cells, and groups that may overlap."""

    points: Array
    blocks: Sequence[tuple[str, Indices]]
    groups: Sequence[Group]


def _dimension(kind: str) -> int:
    return _DIMENSIONS.get(kind, 3)


def _work(job: Mapping[str, Any], folder: Path) -> None:
    """Read a file and leave its content in the folder."""
    path = Path(job["path"])
    labels: str | None = job["labels"]
    if path.suffix.lower() == ".msh" and labels in (None, "gmsh:physical", "gmsh:geometrical"):
        raw = _by_gmsh(path, geometrical=labels == "gmsh:geometrical")
    else:
        raw = _by_meshio(path, labels, folder)
    found = _labelled(path, raw, job["dim"], job["wanted"])
    arrays: dict[str, Any] = {"points": raw.points}
    kinds = []
    for number, ((kind, nodes), values) in enumerate(zip(raw.blocks, found, strict=True)):
        kinds.append(kind)
        arrays[f"nodes_{number}"] = nodes
        if values is not None:
            arrays[f"labels_{number}"] = values
    np.savez(folder / "content.npz", **arrays)
    names = [[group.dim, group.label, group.name] for group in raw.groups if group.name]
    (folder / "content.json").write_text(json.dumps([kinds, names]), encoding="utf-8")


def _labelled(
    path: Path, raw: Raw, dim: int, wanted: Collection[int | str]
) -> list[Indices | None]:
    """Return the label of each cell of each block: 0 where it is in no group.

    Args:
        path: The file, for messages.
        raw: What it holds.
        dim: Dimension of the cells that are put into regions.
        wanted: Names or labels of the groups that are regions; all of dimension ``dim`` if none of
            them is given. Groups of other dimensions are always taken.

    Raises:
        InputError: A cell is in two groups.
    """
    if not raw.groups:
        return [None] * len(raw.blocks)
    chosen = [
        group
        for group in raw.groups
        if group.dim != dim or not wanted or group.name in wanted or group.label in wanted
    ]
    found: list[Indices | None] = []
    for number, (_, nodes) in enumerate(raw.blocks):
        labels = np.zeros(len(nodes), dtype=np.int64)
        for group in chosen:
            mask = group.members[number]
            if mask is None:
                continue
            twice = labels[mask]
            if twice.any():
                other = next(g for g in chosen if g.label == twice.max() and g.dim == group.dim)
                raise InputError(
                    f"{path}: {int((twice > 0).sum())} cells or facets are in both "
                    f"{_called(other)} and {_called(group)}; groups must not overlap. "
                    + (
                        "Name those that are regions: regions = { NAME = "
                        f'"{other.name or other.label}", ... }}; others are then left aside.'
                        if group.dim == dim and not wanted
                        else "Take facets or cells out of one of them in the program that made it."
                    )
                )
            labels[mask] = group.label
        for group in raw.groups:  # what is in no region is named by its own label
            if group.dim == dim and (mask := group.members[number]) is not None:
                labels[mask & (labels == 0)] = group.label
        found.append(labels)
    return found


def _called(group: Group) -> str:
    return f"'{group.name}'" if group.name else f"group {group.label}"


def _by_gmsh(path: Path, *, geometrical: bool) -> Raw:
    """Read a file of gmsh's, with physical groups or with entities as groups."""
    if b"$EndElements" not in path.read_bytes():
        raise InputError(f"{path}: ends before its elements do; it is cut off, or no mesh of gmsh.")
    try:
        import gmsh
    except (ImportError, OSError) as error:
        raise InputError(
            f"{path}: is a file of gmsh's, which cannot be imported ({error}); install the Python "
            "package gmsh, or save the mesh as .vtu."
        ) from error
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    try:
        gmsh.open(str(path))
        raw = _of_model(gmsh.model, geometrical=geometrical)
    except InputError:
        raise
    except Exception as error:  # gmsh raises plain Exception for everything
        raise InputError(f"{path}: cannot be read by gmsh ({error}).") from error
    finally:
        gmsh.finalize()
    if not raw.groups and (lost := _PHYSICAL_NAME.findall(_physical_names(path))):
        named = ", ".join(f"'{name.decode('utf-8', 'replace')}'" for name in lost[:5])
        raise InputError(
            f"{path}: names groups ({named}) to which none of its cells belongs: version 2 of the "
            "format loses them with Mesh.SaveAll. Write it without, or as version 4.1; or take the "
            'entities of gmsh for regions with labels = "gmsh:geometrical".'
        )
    return raw


def _physical_names(path: Path) -> bytes:
    """Return the part of a file of gmsh's that names its physical groups."""
    return path.read_bytes().partition(b"$PhysicalNames")[2].partition(b"$EndPhysicalNames")[0]


def _of_model(model: Any, *, geometrical: bool) -> Raw:
    tags, coordinates, _ = model.mesh.getNodes()
    points = np.asarray(coordinates, dtype=np.float64).reshape(-1, 3)
    number = np.zeros(int(max(tags, default=0)) + 1, dtype=np.int64)
    number[np.asarray(tags, dtype=np.int64)] = np.arange(len(tags))
    blocks: list[tuple[str, Indices]] = []
    owners: list[tuple[int, list[int]]] = []
    for dim, entity in model.getEntities():
        groups = (
            [entity] if geometrical else [*map(int, model.getPhysicalGroupsForEntity(dim, entity))]
        )
        kinds, _, nodes = model.mesh.getElements(dim, entity)
        for kind, flat in zip(kinds, nodes, strict=True):
            name = _GMSH_TYPES.get(int(kind), f"elements of gmsh's type {kind}")
            columns = model.mesh.getElementProperties(int(kind))[3]
            found = number[np.asarray(flat, dtype=np.int64)].reshape(-1, columns)
            blocks.append((name, found[:, _VTK_ORDER.get(name, slice(None))]))
            owners.append((dim, groups))
    known = sorted({(dim, tag) for dim, groups in owners for tag in groups})
    return Raw(
        points=points,
        blocks=blocks,
        groups=[
            Group(
                dim=dim,
                label=tag,
                name="" if geometrical else model.getPhysicalName(dim, tag),
                members=[
                    np.ones(len(nodes), dtype=bool) if of == dim and tag in groups else None
                    for (_, nodes), (of, groups) in zip(blocks, owners, strict=True)
                ],
            )
            for dim, tag in known
        ],
    )


def _by_meshio(path: Path, labels: str | None, folder: Path) -> Raw:
    """Read any other file, with cell data of integers or sets of cells as groups."""
    import meshio

    try:
        mesh = meshio.read(_plain_stl(path, folder) if path.suffix.lower() == ".stl" else path)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # meshio leaves by sys.exit on some files
        raise InputError(
            f"{path}: cannot be read as a mesh ({_reason(error)}); give a file that meshio reads "
            "(.msh, .vtu, .vtk, .xdmf, .inp, .med, .stl, ...) or a voxel image (.npy, .npz, .tif)."
        ) from error
    blocks = [(block.type, np.asarray(block.data, dtype=np.int64)) for block in mesh.cells]
    return Raw(
        points=np.asarray(mesh.points, dtype=np.float64),
        blocks=blocks,
        groups=[*_groups(path, mesh, blocks, labels)],
    )


def _reason(error: BaseException) -> str:
    """Return what a reader says, in one line, if it says anything."""
    said = str(error).strip().splitlines()
    return said[0] if said and not isinstance(error, SystemExit) else "its reader gives up"


def _plain_stl(path: Path, folder: Path) -> Path:
    """Return a file that meshio understands: words of an STL file in text may be in capitals.

    Raises:
        InputError: A binary file has another length than it says.
    """
    with path.open("rb") as file:
        start = file.read(512)
    size, said = path.stat().st_size, int.from_bytes(start[80:84], "little")
    if size == 84 + 50 * said:
        return path
    if size < 84 and start.lstrip()[:5].lower() != b"solid":
        raise InputError(
            f"{path}: cannot be read as a mesh: it begins neither with 'solid' nor with the 84 "
            "bytes of a binary STL file."
        )
    if b"\0" in start or start.lstrip()[:5].lower() != b"solid":
        raise InputError(
            f"{path}: is no STL file, or is damaged: its header speaks of {said} triangles, which "
            f"take {84 + 50 * said} bytes, and it has {size}; write it again."
        )
    plain = folder / "plain.stl"
    plain.write_bytes(path.read_bytes().lower())
    return plain


def _groups(
    path: Path, mesh: Any, blocks: Sequence[tuple[str, Indices]], wanted: str | None
) -> Iterator[Group]:
    """Yield the groups of cells of a mesh of meshio's.

    Raises:
        InputError: The cell data that tells regions apart cannot be found.
    """
    data = {
        name: [np.asarray(values).ravel() for values in several]
        for name, several in mesh.cell_data.items()
        if all(_whole(values) for values in several)
    }
    if wanted is not None and wanted not in data:
        listed = ", ".join(f"'{name}'" for name in sorted(data)) or "none"
        raise InputError(
            f"{path}: has no cell data of integers called labels = '{wanted}'; it has: {listed}."
        )
    known = [name for name in _KNOWN_LABELS if name in data]
    if wanted is None and not known and len(data) > 1:
        listed = ", ".join(f"'{name}'" for name in sorted(data))
        raise InputError(
            f"{path}: has several cell data that may tell regions apart ({listed}); choose one: "
            'labels = "NAME".'
        )
    chosen = wanted or (known or [*data] or [""])[0]
    if chosen:
        # in other formats than gmsh's these entries are something else
        pairs_of = {name: np.ravel(each) for name, each in mesh.field_data.items()}
        names = {
            (int(pair[1]), int(pair[0])): str(name)
            for name, pair in pairs_of.items()
            if len(pair) == 2 and np.issubdtype(pair.dtype, np.integer)
        }
        values = [each.astype(np.int64) for each in data[chosen]]
        pairs = {
            (_dimension(kind), int(tag))
            for (kind, _), each in zip(blocks, values, strict=True)
            for tag in np.unique(each)
            if tag != 0
        }
        for dim, tag in sorted(pairs):
            yield Group(
                dim=dim,
                label=tag,
                name=names.get((dim, tag), ""),
                members=[
                    each == tag if _dimension(kind) == dim else None
                    for (kind, _), each in zip(blocks, values, strict=True)
                ],
            )
        return
    number = 0
    for name, several in mesh.cell_sets.items():
        for dim in range(4):
            members: list[Mask | None] = []
            for (kind, nodes), cells in zip(blocks, several, strict=True):
                mask = np.zeros(len(nodes), dtype=bool)
                if cells is not None and len(cells) and _dimension(kind) == dim:
                    mask[np.asarray(cells, dtype=np.int64)] = True
                members.append(mask if mask.any() else None)
            if any(mask is not None for mask in members):
                number += 1
                yield Group(dim=dim, label=number, name=str(name), members=members)


def _whole(values: Any) -> bool:
    array = np.asarray(values)
    if array.size != len(array) or not np.issubdtype(array.dtype, np.number):
        return False
    return bool(np.isfinite(array).all() and (array == np.round(array)).all())


if __name__ == "__main__":
    child.serve(_work)
