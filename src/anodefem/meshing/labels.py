"""Meshes with smooth surfaces from labelled voxel images.

A region's indicator is blurred over about one voxel, and the body's surface is the level of the
blurred field that encloses as much volume as there are voxels: without the choice of level, every
bump would shrink. A lattice of tetrahedra is cut along it (`anodefem.meshing.levelset`), so that no
step of a voxel is left. Inside, regions are parted where the blurred field of one overtakes those
of the others, by as much as keeps the region's volume.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing.blurred import Blurred, convolved, parted
from anodefem.meshing.images import Image
from anodefem.meshing.levelset import cut_between, cut_box, on_level
from anodefem.meshing.simplices import (
    compact,
    components,
    exterior,
    interfaces,
    neighbours,
    oriented,
    quality,
    unpinched,
)
from anodefem.meshing.smooth import smoothed

Mask = npt.NDArray[np.bool_]

#: Passes of the kernel (1, 2, 1) / 4 over an indicator; with the cubic spline that interpolates,
#: its blur has a standard deviation of 0.91 voxels.
_PASSES = 1
#: Voxels of nothing around the body: as far as the blur reaches.
_MARGIN = 4
#: Share of the body that may be lost where it hangs together by less than a lattice cell.
_LOST = 0.01
_AXES = "xyz"


def mesh(image: Image, *, symmetry: Sequence[str], edge: float) -> SimplexMesh:
    """Return tetrahedra of the body with smooth surfaces; its facets have no name yet.

    Args:
        image: The labelled image.
        symmetry: Ends of the image in planes of symmetry, such as ``("x_min",)``: the body is
            continued there by its mirror image before it is blurred, and ends flat.
        edge: Length of the lattice's cubes in um; roughly that of the cells' edges.

    Raises:
        InputError: The body does not reach a plane of symmetry, or falls apart.
    """
    for entry in symmetry:
        if not image.border[entry]:
            raise InputError(
                f"{image.path}: symmetry = '{entry}', but the body does not reach that end of the "
                "image; crop the image at the plane, or leave it out."
            )
    fields, outer, corner, size, counts = _fields(image, symmetry, edge)
    away = np.where([f"{letter}_max" in symmetry for letter in _AXES], -1.0, 1.0)

    def seen(field: Callable[[Array], tuple[Array, Array]]) -> Any:
        """Field in the box of the lattice, whose origin is the corner where planes meet."""

        def at(points: Array) -> tuple[Array, Array]:
            value, gradient = field(corner + away * points)
            return value, gradient * away

        return at

    lattice = cut_box(seen(outer), size, counts)
    cells = lattice.cells[lattice.inside]
    if not len(cells):
        raise InputError(
            f"{image.path}: the body is smaller than cells of {edge:.3g} um; make 'edge' smaller."
        )
    part = components(len(cells), neighbours(cells, len(lattice.points)))
    kept = part == np.bincount(part).argmax()
    if (~kept).sum() > _LOST * len(kept):
        raise InputError(
            f"{image.path}: {(~kept).mean():.0%} of the body hangs on necks thinner than cells of "
            f"{edge:.3g} um; make 'edge' smaller, or remove what hangs there."
        )
    points, cells = lattice.points, cells[kept]
    region: Indices = np.zeros(len(cells), dtype=np.int64)
    between = [seen(_overtaking(fields, number)) for number in range(len(fields) - 1)]
    for number, field in enumerate(between):
        points, cells, parent, first = cut_between(field, points, cells, region == number)
        region = region[parent]
        region[(region == number) & ~first] = number + 1
    empty = [name for i, name in enumerate(image.names) if not (region == i).any()]
    if empty:
        raise InputError(
            f"{image.path}: region '{empty[0]}' is thinner than cells of {edge:.3g} um; make "
            "'edge' smaller, or leave the region out."
        )
    found = oriented(
        SimplexMesh(
            points=points,
            cells=cells,
            cell_groups=region,
            cell_names=image.names,
            facets=np.empty((0, 3), dtype=np.int64),
            facet_groups=np.empty(0, dtype=np.int64),
            facet_names=(),
        )
    )
    found = compact(found)
    found = unpinched(found)
    planes = [axis for axis in range(3) if any(entry[0] == _AXES[axis] for entry in symmetry)]
    found = tidied(found, seen(outer), between, planes)
    return oriented(found.moved(lambda x: image.corner + corner + away * x))


def _fields(
    image: Image, symmetry: Sequence[str], edge: float
) -> tuple[list[Blurred], Blurred, Array, tuple[float, ...], tuple[int, ...]]:
    """Return a field per region, that of the body at its level, and the box of the lattice.

    The box starts in the corner where planes of symmetry meet; elsewhere it is wider than the body.
    """
    count = image.region.shape

    def padded(values: Array) -> Array:
        for axis, letter in enumerate(_AXES):
            for end, name in enumerate(("min", "max")):
                one = [(0, 0)] * 3
                one[axis] = (_MARGIN, 0) if end == 0 else (0, _MARGIN)
                mirrored = f"{letter}_{name}" in symmetry
                values = np.pad(values, one, "symmetric" if mirrored else "constant")
        return values

    origin = np.full(3, -_MARGIN * image.voxel)

    def blurred(mask: Mask) -> Blurred:
        values = padded(mask.astype(np.float64))
        for _ in range(_PASSES):
            values = convolved(values, *[(0.25, 0.5, 0.25)] * 3)
        return Blurred(values, origin, image.voxel)

    fields = [blurred(image.region == number) for number in range(len(image.names))]
    outer = blurred(image.region >= 0)
    kept = tuple(
        slice(
            _MARGIN if f"{letter}_min" in symmetry else 0,
            -_MARGIN if f"{letter}_max" in symmetry else None,
        )
        for letter in _AXES
    )
    field = outer.middles[:, *kept]
    level, share = parted(field, np.ones_like(field[0]), float((image.region >= 0).sum()))
    outer = replace(outer, level=level)
    values = np.stack([field.middles[:, *kept] for field in fields])
    for number in range(len(fields) - 1):
        largest = values[number + 1 :, 0].argmax(axis=0)[None, None]
        more = values[number] - np.take_along_axis(values[number + 1 :], largest, axis=0)[0]
        # Over the sum of all, which decays towards the outside as they do.
        total = values[number:].sum(axis=0)
        there = np.maximum(total[0], 1e-3)
        more[0] /= there
        more[1:] = (more[1:] - more[0] * total[1:]) / there
        level, mine = parted(more, share, float((image.region == number).sum()))
        fields[number] = replace(fields[number], level=level)
        share = share - mine

    length = np.array(count) * image.voxel
    beyond = 2.0 * image.voxel
    begin = np.full(3, -beyond)
    extent = length + 2.0 * beyond
    for axis, letter in enumerate(_AXES):
        if f"{letter}_min" in symmetry:
            begin[axis], extent[axis] = 0.0, length[axis] + beyond
        elif f"{letter}_max" in symmetry:
            begin[axis], extent[axis] = length[axis], length[axis] + beyond
    counts = tuple(max(3, int(np.ceil(one / edge - 1e-9))) for one in extent)
    return fields, outer, begin, tuple(edge * n for n in counts), counts


def _overtaking(fields: Sequence[Blurred], number: int) -> Callable[[Array], tuple[Array, Array]]:
    """Return the field that is positive where a region's is above those of all later regions.

    By the share of their sum, ``level``, at which the region keeps its volume.
    """
    level = fields[number].level
    plain = [replace(field, level=0.0) for field in fields[number:]]

    def at(points: Array) -> tuple[Array, Array]:
        (value, gradient), *others = [field(points) for field in plain]
        most, slope = reduce(
            lambda a, b: (np.maximum(a[0], b[0]), np.where((a[0] >= b[0])[:, None], a[1], b[1])),
            others,
        )
        total = value + sum(other for other, _ in others)
        steepness = gradient + sum(other for _, other in others)
        return value - most - level * total, gradient - slope - level * steepness

    return at


def tidied(
    found: SimplexMesh, outer: Any, between: Sequence[Any], planes: Sequence[int]
) -> SimplexMesh:
    """Return the mesh with vertices on the surfaces they belong to, and bad cells bettered.

    Args:
        found: Tetrahedra cut along the surfaces.
        outer: Field of the body's own surface, as in `anodefem.meshing.levelset.cut_box`.
        between: For each cell group but the last the field that parted it from all later ones.
        planes: Axes whose coordinate 0 is a plane of symmetry, in which vertices stay.
    """
    start = found.points
    flat = np.zeros((len(start), 3), dtype=bool)
    for axis in planes:
        flat[:, axis] = start[:, axis] == 0.0
    boundary = exterior(found.cells, len(start))
    free = ~(start[boundary][:, :, planes] == 0.0).all(axis=1).any(axis=1)
    surface = np.full((len(start), 1 + len(between)), False)
    surface[boundary[free], 0] = True
    inner = interfaces(found)
    if len(inner):
        pairs = np.full((len(start), len(found.cell_names)), False)
        for number in range(len(found.cell_names)):
            pairs[found.cells[found.cell_groups == number], number] = True
        on_inner = np.zeros(len(start), dtype=bool)
        on_inner[inner] = True
        owner = np.argmax(pairs, axis=1)  # the first region that a vertex belongs to parted it
        for number in range(len(between)):
            surface[:, 1 + number] = on_inner & (owner == number)
    level = [outer, *between]

    def onto(places: Array, vertices: Indices) -> Array:
        fixed = flat[vertices]
        places = np.where(fixed, start[vertices], places)
        for _ in range(3):  # a vertex on two surfaces goes from one to the other
            for number, field in enumerate(level):
                bound = surface[vertices, number]
                if bound.any():
                    places[bound] = on_level(field, places[bound], fixed[bound], steps=1)
        return places

    everywhere = np.flatnonzero(surface.any(axis=1))
    moved = start.copy()
    moved[everywhere] = onto(start[everywhere], everywhere)
    before = quality(start, found.cells)
    # What would flatten a cell stays: the smoothing below finds it a better place.
    for _ in range(10):
        worse = quality(moved, found.cells) < np.minimum(0.2, before)
        if not worse.any():
            break
        back = np.unique(found.cells[worse])
        moved[back] = start[back]
    return replace(found, points=smoothed(moved, found.cells, onto))
