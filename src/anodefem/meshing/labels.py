"""Voxel images with a label per voxel, as segmented tomography gives them, to smooth meshes.

A region's indicator is blurred over about one voxel, and the body's surface is the level of the
blurred field that encloses as much volume as there are voxels: without the choice of level, every
bump would shrink. A lattice of tetrahedra is cut along it (`anodefem.meshing.levelset`), so that no
step of a voxel is left. Inside, regions are parted where the blurred field of one overtakes those
of the others, by as much as keeps the region's volume.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array, Indices, SimplexMesh
from anodefem.meshing.fields import parts
from anodefem.meshing.imported import check_size
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

#: Files that hold voxel images.
SUFFIXES = (".npy", ".npz")
#: Passes of the kernel (1, 2, 1) / 4 over an indicator; with the cubic spline that interpolates,
#: its blur has a standard deviation of 0.91 voxels.
_PASSES = 1
#: Voxels of nothing around the body: as far as the blur reaches.
_MARGIN = 4
#: A segmented image has few labels; more are grey values.
_MOST_LABELS = 64
#: Share of the body that may be lost where it hangs together by less than a lattice cell.
_LOST = 0.01
_AXES = "xyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A labelled image, cropped to the body.

    Attributes:
        path: The file.
        region: Index of each voxel's region, -1 outside the body, shape ``(nx, ny, nz)``.
        names: Regions.
        corner: Lowest corner of the cropped image in um, shape ``(3,)``.
        voxel: Edge of a voxel in um.
        border: Whether the body touches the image's end, per "x_min" to "z_max".
    """

    path: Path
    region: npt.NDArray[np.int64]
    names: tuple[str, ...]
    corner: Array
    voxel: float
    border: Mapping[str, bool]

    def volume(self, name: str) -> float:
        """Volume of a region's voxels in um^3."""
        return float((self.region == self.names.index(name)).sum()) * self.voxel**3

    def outer(self, symmetry: Sequence[str]) -> tuple[str, ...]:
        """Return the regions that reach the outside other than in planes of symmetry."""
        found = set()
        for axis, letter in enumerate(_AXES):
            moved = np.moveaxis(self.region, axis, 0)
            beside = [moved[:-1][moved[1:] < 0], moved[1:][moved[:-1] < 0]]
            for end, name in ((moved[0], "min"), (moved[-1], "max")):
                beside += [] if f"{letter}_{name}" in symmetry else [end.ravel()]
            found |= {int(number) for each in beside for number in np.unique(each)}
        return tuple(self.names[number] for number in sorted(found - {-1}))


def read(
    path: Path, *, voxel: float, labels: str | None, regions: Mapping[str, int | str]
) -> Image:
    """Read a labelled image.

    Args:
        path: A ``.npy`` or ``.npz`` file.
        voxel: Edge of a voxel in um.
        labels: Name of the array in a ``.npz`` file; needed if it holds several.
        regions: Region -> label; empty for an image of zeros and ones, whose ones are "particle".

    Raises:
        InputError: What is wrong with the image, and what to do.
    """
    values = _array(path, labels)
    present, counts = np.unique(values, return_counts=True)
    if len(present) > _MOST_LABELS:
        raise InputError(
            f"{path}: holds {len(present)} different values; these are grey values, not labels. "
            "Segment the image first, into one whole number per phase."
        )
    inventory = ", ".join(f"{v}: {n} voxels" for v, n in zip(present, counts, strict=True))
    if not regions:
        if {int(value) for value in present} - {0, 1}:
            raise InputError(
                f"{path}: holds the labels {inventory}; say which is what, regions = {{ NAME = "
                "LABEL, ... }. Labels that are left out are not part of the body."
            )
        regions = {"particle": 1}
    index = np.full(values.shape, -1, dtype=np.int64)
    for number, (name, label) in enumerate(regions.items()):
        if label not in {int(value) for value in present}:
            raise InputError(
                f"{path}: no voxel has the label {label!r} of region '{name}'; the labels are "
                f"{inventory}."
            )
        index[values == label] = number
    body = index >= 0
    _check_pieces(path, body)
    first = [int(np.flatnonzero(body.any(axis=_others(axis)))[0]) for axis in range(3)]
    last = [int(np.flatnonzero(body.any(axis=_others(axis)))[-1]) + 1 for axis in range(3)]
    border = {f"{_AXES[axis]}_min": first[axis] == 0 for axis in range(3)}
    border |= {f"{_AXES[axis]}_max": last[axis] == body.shape[axis] for axis in range(3)}
    corners = np.array([first, last], dtype=np.float64) * voxel
    check_size(path, corners, voxel)
    cropped = index[tuple(slice(low, high) for low, high in zip(first, last, strict=True))]
    thinnest = min(cropped.shape)
    if thinnest < 4:
        raise InputError(
            f"{path}: the body is {thinnest} voxels thick along one axis; at least 4 are needed to "
            "tell its shape. Give an image of finer voxels."
        )
    return Image(
        path=path,
        region=cropped,
        names=tuple(regions),
        corner=corners[0],
        voxel=voxel,
        border=border,
    )


def _array(path: Path, labels: str | None) -> npt.NDArray[np.int64]:
    try:
        loaded = np.load(path, allow_pickle=False)
        arrays = {name: loaded[name] for name in loaded} if path.suffix == ".npz" else {"": loaded}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: cannot be read as an array ({error}); write it with numpy.save."
        ) from error
    if labels is not None and labels not in arrays:
        listed = ", ".join(f"'{name}'" for name in arrays if name) or "no names"
        raise InputError(f"{path}: has no array called labels = '{labels}'; it has: {listed}.")
    if labels is None and len(arrays) != 1:
        listed = ", ".join(f"'{name}'" for name in arrays) or "none"
        raise InputError(f'{path}: holds the arrays {listed}; choose one with labels = "NAME".')
    values = arrays[labels] if labels is not None else next(iter(arrays.values()))
    if values.ndim != 3:
        raise InputError(
            f"{path}: has the shape {values.shape}; a voxel image has three axes, x, y and z."
        )
    if values.dtype != np.bool_ and not (
        np.issubdtype(values.dtype, np.number) and (values == np.round(values.real)).all()
    ):
        raise InputError(
            f"{path}: holds values of type {values.dtype} that are not whole numbers; give one "
            "label per voxel."
        )
    return values.astype(np.int64)


def _others(axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(3) if other != axis)


def _check_pieces(path: Path, body: Mask) -> None:
    sizes = np.sort(np.unique(parts(body), return_counts=True)[1])[::-1]
    if len(sizes) > 1:
        listed = ", ".join(map(str, sizes[:5])) + (", ..." if len(sizes) > 5 else "")
        raise InputError(
            f"{path}: the body falls into {len(sizes)} pieces ({listed} voxels) that share no "
            "face; a run holds one connected body: remove specks (scipy.ndimage.label), keep one "
            "particle, or give a region to what joins them."
        )


@dataclass(frozen=True)
class Blurred:
    """A field given by numbers at voxels, between them by the cubic B-spline.

    Attributes:
        numbers: At the middles of voxels, shape ``(nx, ny, nz)``.
        corner: Lowest corner of the first voxel in um, shape ``(3,)``.
        voxel: Edge of a voxel in um.
        level: Subtracted from the spline.
    """

    numbers: Array
    corner: Array
    voxel: float
    level: float = 0.0

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Values ``(n,)`` and gradients ``(n, 3)`` at points ``(n, 3)``."""
        pieces = np.array_split(points, max(1, len(points) // 50_000))
        found = [self._at(piece) for piece in pieces]
        return np.concatenate([v for v, _ in found]), np.concatenate([g for _, g in found])

    def _at(self, points: Array) -> tuple[Array, Array]:
        place = (points - self.corner) / self.voxel - 0.5
        low = np.floor(place).astype(np.int64)
        part = place - low
        weights, slopes = _spline(part), _spline_slope(part)
        steps = np.arange(-1, 3)
        index = [
            np.clip(low[:, axis, None] + steps, 0, self.numbers.shape[axis] - 1)
            for axis in range(3)
        ]
        near = self.numbers[
            index[0][:, :, None, None], index[1][:, None, :, None], index[2][:, None, None, :]
        ]
        wx, wy, wz = weights[:, 0], weights[:, 1], weights[:, 2]
        alongz = (near @ wz[:, None, :, None])[..., 0]
        alongy = (alongz @ wy[:, :, None])[..., 0]
        value = (alongy * wx).sum(axis=1) - self.level
        gradient = np.stack(
            [
                (alongy * slopes[:, 0]).sum(axis=1),
                ((alongz @ slopes[:, 1][:, :, None])[..., 0] * wx).sum(axis=1),
                (((near @ slopes[:, 2][:, None, :, None])[..., 0] @ wy[:, :, None])[..., 0] * wx)
                .sum(axis=1),
            ],
            axis=1,
        )  # fmt: skip
        return value, gradient / self.voxel

    @property
    def middles(self) -> Array:
        """Values, and slopes along each axis per voxel, at the middles of voxels without ``level``.

        Shape ``(4, nx, ny, nz)``.
        """
        here, across = (1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0), (-0.5, 0.0, 0.5)
        slopes = [
            _convolved(self.numbers, *(across if other == axis else here for other in range(3)))
            for axis in range(3)
        ]
        return np.stack([_convolved(self.numbers, here, here, here), *slopes])


def _parted(field: Array, whole: Array, wanted: float) -> tuple[float, Array]:
    """Return the level above which a field at voxels fills as many of them as wanted.

    Args:
        field: Value and slopes at the middles of voxels; its level set is taken as flat within one.
        whole: Share of each voxel that can be filled.
        wanted: Number of voxels.

    Returns:
        The level, and the share of each voxel above it.
    """
    value, change = field[0], np.maximum(np.abs(field[1:]).sum(axis=0), 1e-12)
    low, high = float(value.min()), float(value.max())
    for _ in range(40):
        level = (low + high) / 2.0
        share = whole * np.clip(0.5 + (value - level) / change, 0.0, 1.0)
        low, high = (level, high) if share.sum() > wanted else (low, level)
    return level, share


def _spline(t: Array) -> Array:
    """Weights of the four nearest numbers, shape ``(n, 3, 4)``."""
    return np.stack(
        [
            (1.0 - t) ** 3 / 6.0,
            (3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0,
            (-3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0) / 6.0,
            t**3 / 6.0,
        ],
        axis=-1,
    )


def _spline_slope(t: Array) -> Array:
    return np.stack(
        [
            -((1.0 - t) ** 2) / 2.0,
            (3.0 * t**2 - 4.0 * t) / 2.0,
            (-3.0 * t**2 + 2.0 * t + 1.0) / 2.0,
            t**2 / 2.0,
        ],
        axis=-1,
    )


def _convolved(values: Array, *kernels: Sequence[float]) -> Array:
    """Apply a kernel of three numbers along each axis; the ends are repeated."""
    for axis, kernel in enumerate(kernels):
        padded = np.pad(values, [(1, 1) if other == axis else (0, 0) for other in range(3)], "edge")
        moved = np.moveaxis(padded, axis, 0)
        values = np.moveaxis(
            kernel[0] * moved[:-2] + kernel[1] * moved[1:-1] + kernel[2] * moved[2:], 0, axis
        )
    return np.asarray(values)


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
    found = _tidied(found, seen(outer), between, planes)
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
            values = _convolved(values, *[(0.25, 0.5, 0.25)] * 3)
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
    level, share = _parted(field, np.ones_like(field[0]), float((image.region >= 0).sum()))
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
        level, mine = _parted(more, share, float((image.region == number).sum()))
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


def _tidied(
    found: SimplexMesh, outer: Any, between: Sequence[Any], planes: Sequence[int]
) -> SimplexMesh:
    """Move vertices onto the surfaces they belong to, and better bad cells along them."""
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
