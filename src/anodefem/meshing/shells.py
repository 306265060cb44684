"""Closed surfaces of triangles, as STL files hold them: checked, measured, filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices
from anodefem.meshing import limits
from anodefem.meshing.foreign import Content
from anodefem.meshing.imported import check_size
from anodefem.meshing.simplices import components, keys

#: Points closer than this part of the size are one: STL files repeat every corner.
_SAME = 1e-7
#: Angle between triangles from which on their edge stays an edge of the body.
_SHARP = np.radians(40.0)
_PAIRS_AT_ONCE = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The surface of a body and of its cavities, all triangles turned out of the body.

    Attributes:
        points: In um, shape ``(n, 3)``.
        triangles: Vertex numbers, shape ``(m, 3)``.
        cavity: Whether each triangle is on the wall of a cavity, shape ``(m,)``.
        turned: Whether normals of the file point into the body.
    """

    points: Array
    triangles: Indices
    cavity: npt.NDArray[np.bool_]
    turned: bool

    @property
    def volume(self) -> float:
        """Volume of the body in um^3, without its cavities."""
        return _volume(self.points, self.triangles)

    @property
    def hull(self) -> float:
        """Volume of the body in um^3 with its cavities."""
        return _volume(self.points, self.triangles[~self.cavity])

    def area(self, *, cavity: bool) -> float:
        """Return the area of the outer surface, or of the walls of cavities, in um^2."""
        corner = self.points[self.triangles[self.cavity == cavity]]
        normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        return float(np.linalg.norm(normal, axis=1).sum() / 2.0)


def _volume(points: Array, triangles: Indices) -> float:
    corner = points[triangles] - points.mean(axis=0)
    return float(np.einsum("ij,ij->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])) / 6.0)


def shell(content: Content, *, unit: float) -> Shell:
    """Return the surface of a file.

    Args:
        content: A file of triangles.
        unit: Length of one unit of its coordinates in um.

    Raises:
        InputError: It is not one closed surface that leaves itself alone, or not of a body's size.
    """
    nodes, _ = content.of(("triangle",))
    check_size(content.path, content.points[np.unique(nodes)] * unit, unit)
    points = content.points * unit
    grid = np.round(points / (_SAME * float(np.ptp(points, axis=0).max()))).astype(np.int64)
    _, first, number = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    points, triangles = points[first], number.ravel()[nodes]
    # Corners that became one leave a line, and its neighbours meet: nothing is lost.
    distinct = (np.diff(np.sort(triangles, axis=1), axis=1) > 0).all(axis=1)
    triangles = triangles[distinct]
    sentences = [*_faults(points, triangles)]
    if sentences:
        raise InputError("\n".join(f"{content.path}: {sentence}" for sentence in sentences))
    piece = _pieces(triangles, len(points))
    volume = [_volume(points, triangles[piece == number]) for number in range(piece.max() + 1)]
    cavity = piece != int(np.argmax(np.abs(volume)))
    # The outer surface must enclose a positive volume, cavities take theirs away.
    wrong = (np.array(volume)[piece] < 0.0) != cavity
    triangles = np.where(wrong[:, None], triangles[:, ::-1], triangles)
    return Shell(points=points, triangles=triangles, cavity=cavity, turned=bool(wrong.any()))


def _pieces(triangles: Indices, points: int) -> Indices:
    """Return the number of the closed surface to which each triangle belongs, from 0."""
    key = keys(np.concatenate([triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))]), points)
    beside = np.argsort(key, kind="stable").reshape(-1, 2) % len(triangles)
    return np.unique(components(len(triangles), beside), return_inverse=True)[1].ravel()


def _faults(points: Array, triangles: Indices) -> Iterator[str]:
    """Yield what keeps the surface from enclosing one body."""
    count = len(points)
    directed = np.concatenate([triangles[:, pair] for pair in ((0, 1), (1, 2), (2, 0))])
    key = keys(directed, count)
    _, first, meeting = np.unique(key, return_index=True, return_counts=True)
    open_, crowded = first[meeting == 1], first[meeting > 2]
    if len(open_):
        yield (
            f"the surface is open: {len(open_)} edges belong to one triangle, the first "
            f"{_place(points[directed[open_[0]]])}; close its holes (MeshLab: Close Holes; "
            "PyVista: fill_holes), or mesh it with symmetry planes as a volume."
        )
    if len(crowded):
        yield (
            f"the surface is not a manifold: {len(crowded)} edges belong to more than two "
            f"triangles, the first {_place(points[directed[crowded[0]]])}; remove inner walls "
            "and double triangles."
        )
    if len(open_) or len(crowded):
        return
    if len(np.unique(directed[:, 0] * count + directed[:, 1])) != len(directed):
        yield (
            "neighbouring triangles are turned to different sides; turn them all outwards "
            "(MeshLab: Re-Orient All Faces Coherently; PyVista: compute_normals)."
        )
        return
    hit = intersecting(points, triangles)
    if len(hit):
        yield (
            f"the surface cuts through itself at {len(hit)} pairs of triangles, the first "
            f"{_place(points[triangles[hit[0, 0]]])}; remove the crossings (MeshLab: Select Self "
            "Intersecting Faces), or smooth less."
        )
        return
    yield from _apart(points, triangles)


def _apart(points: Array, triangles: Indices) -> Iterator[str]:
    """Yield what keeps several closed surfaces from being a body with cavities."""
    piece = _pieces(triangles, len(points))
    count = piece.max() + 1
    owner = np.full(len(points), -1, dtype=np.int64)
    for number in range(count):
        mine = np.unique(triangles[piece == number])
        touching = mine[owner[mine] >= 0]
        if len(touching):
            yield (
                f"two closed surfaces touch, {_place(points[touching[:1]])}; unite them into one "
                "body (a boolean union), or keep one."
            )
            return
        owner[mine] = number
    sizes = [abs(_volume(points, triangles[piece == number])) for number in range(count)]
    outer = int(np.argmax(sizes))
    for number in set(range(count)) - {outer}:
        place = points[triangles[piece == number][0, 0]]
        around = [
            other
            for other in range(count)
            if other != number and _winding(points, triangles[piece == other], place) > 0.5
        ]
        if around != [outer]:
            listed = ", ".join(map(str, np.sort(np.bincount(piece))[::-1][:5]))
            yield (
                f"the file holds {count} separate surfaces ({listed} triangles) that are not one "
                "surface with cavities in it; a run holds one connected body: keep one of them."
            )
            return


def _winding(points: Array, triangles: Indices, place: Array) -> float:
    """How often a closed surface goes round a place: 1 inside, 0 outside (van Oosterom 1983)."""
    a, b, c = np.moveaxis(points[triangles] - place, 1, 0)
    la, lb, lc = (np.linalg.norm(each, axis=1) for each in (a, b, c))
    top = np.einsum("ij,ij->i", a, np.cross(b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", *pair) for pair in ((a, b), (b, c), (c, a)))
    angle = 2.0 * np.arctan2(top, la * lb * lc + ab * lc + bc * la + ca * lb)
    return abs(float(angle.sum())) / (4.0 * np.pi)


def _place(corners: Array) -> str:
    middle = corners.mean(axis=0)
    return f"at ({', '.join(f'{value:.4g}' for value in middle)}) um"


def intersecting(points: Array, triangles: Indices) -> Indices:
    """Return pairs of triangles of which an edge of one goes through the other, shape ``(k, 2)``.

    An edge that shares a vertex with the other triangle does not count.

    Args:
        points: In um, shape ``(n, 3)``.
        triangles: Vertex numbers, shape ``(m, 3)``.
    """
    pairs = _close(points[triangles])
    hit = [np.empty((0, 2), dtype=np.int64)]
    for piece in np.array_split(pairs, max(1, len(pairs) // _PAIRS_AT_ONCE)):
        for one, other in ((piece[:, 0], piece[:, 1]), (piece[:, 1], piece[:, 0])):
            for ends in ((0, 1), (1, 2), (2, 0)):
                edge, face = triangles[one][:, ends], triangles[other]
                apart = ~(edge[:, :, None] == face[:, None, :]).any(axis=(1, 2))
                through = _through(points[edge[apart]], points[face[apart]])
                hit.append(piece[apart][through])
    return np.unique(np.concatenate(hit), axis=0)


def _through(edges: Array, faces: Array) -> npt.NDArray[np.bool_]:
    """Whether each edge crosses its triangle (Moeller and Trumbore, 1997)."""
    start, along = edges[:, 0], edges[:, 1] - edges[:, 0]
    first, second = faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]
    across = np.cross(along, second)
    det = np.einsum("ij,ij->i", first, across)
    size = np.linalg.norm(along, axis=1) * np.linalg.norm(np.cross(first, second), axis=1)
    level = np.abs(det) > 1e-9 * size
    scale = np.where(level, det, 1.0)
    offset = start - faces[:, 0]
    u = np.einsum("ij,ij->i", offset, across) / scale
    turned = np.cross(offset, first)
    v = np.einsum("ij,ij->i", along, turned) / scale
    t = np.einsum("ij,ij->i", second, turned) / scale
    return np.asarray(level & (u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0) & (t <= 1))


def _close(corners: Array) -> Indices:
    """Return pairs of triangles whose boxes overlap, each once, found on a grid of small cubes."""
    low, high = corners.min(axis=1), corners.max(axis=1)
    cube = 2.0 * float((high - low).max(axis=1).mean())
    first = np.floor((low - low.min(axis=0)) / cube).astype(np.int64)
    last = np.floor((high - low.min(axis=0)) / cube).astype(np.int64)
    shape = last.max(axis=0) + 1
    span = last - first + 1
    total = span.prod(axis=1)
    owner = np.repeat(np.arange(len(corners)), total)
    step = np.arange(total.sum()) - np.repeat(np.cumsum(total) - total, total)
    wide = span[owner]
    place = first[owner] + np.stack(
        [step // (wide[:, 1] * wide[:, 2]), step // wide[:, 2] % wide[:, 1], step % wide[:, 2]],
        axis=1,
    )
    box = (place[:, 0] * shape[1] + place[:, 1]) * shape[2] + place[:, 2]
    order = np.argsort(box, kind="stable")
    owner, box = owner[order], box[order]
    begin = np.searchsorted(box, box, side="left")
    before = np.arange(len(box)) - begin  # how many in the same cube come before each
    later = np.repeat(np.arange(len(box)), before)
    offset = np.arange(before.sum()) - np.repeat(np.cumsum(before) - before, before)
    a, b = owner[later], owner[begin[later] + offset]
    touching = (low[a] <= high[b]).all(axis=1) & (low[b] <= high[a]).all(axis=1)
    a, b = a[touching], b[touching]
    pairs = np.unique(np.minimum(a, b) * len(corners) + np.maximum(a, b))
    return np.stack(np.divmod(pairs, len(corners)), axis=1)


def fill(model: Any, body: Shell, *, edge: float, name: str) -> None:
    """Draw the inside of a surface and name it.

    gmsh makes smooth patches of the triangles, bounded by their sharp edges, and puts new triangles
    on them: those of the file may be far finer or worse than a finite element should be.

    Args:
        model: ``gmsh.model``.
        body: The surface.
        edge: Length of edges of the mesh in um.
        name: Cell group.
    """
    limits.check(limits.filling(body.volume, edge, 3))
    surface = model.addDiscreteEntity(2)
    numbers = np.arange(1, len(body.points) + 1)
    model.mesh.addNodes(2, surface, numbers, body.points.ravel())
    model.mesh.addElementsByType(surface, 2, [], (body.triangles + 1).ravel())
    model.mesh.classifySurfaces(_SHARP, True, True, np.pi)
    model.mesh.createGeometry()
    loops = [model.geo.addSurfaceLoop(patches) for patches in _closed(model)]
    volume = model.geo.addVolume(loops)
    model.geo.synchronize()
    model.addPhysicalGroup(3, [volume], name=name)
    size = model.mesh.field.add("MathEval")
    model.mesh.field.setString(size, "F", repr(edge))
    model.mesh.field.setAsBackgroundMesh(size)


def _closed(model: Any) -> list[list[int]]:
    """Return the patches of each closed surface; those of the largest one first."""
    patches = [tag for _, tag in model.getEntities(2)]
    rims = [{c for _, c in model.getBoundary([(2, tag)], oriented=False)} for tag in patches]
    pairs = [
        (i, j)
        for i, one in enumerate(rims)
        for j, other in enumerate(rims)
        if i < j and one & other
    ]
    label = components(len(patches), np.array(pairs, dtype=np.int64).reshape(-1, 2))
    found = [[patches[i] for i in np.flatnonzero(label == one)] for one in np.unique(label)]

    def size(group: list[int]) -> float:
        corners = np.array([model.getBoundingBox(2, tag) for tag in group]).reshape(-1, 2, 3)
        return float(np.prod(corners[:, 1].max(axis=0) - corners[:, 0].min(axis=0)))

    return sorted(found, key=size, reverse=True)
