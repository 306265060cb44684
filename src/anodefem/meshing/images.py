"""Voxel images with a label per voxel, as segmented tomography gives them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array
from anodefem.meshing.fields import parts
from anodefem.meshing.imported import check_size

Mask = npt.NDArray[np.bool_]

#: Files that hold voxel images.
SUFFIXES = (".npy", ".npz")
#: A segmented image has few labels; more are grey values.
_MOST_LABELS = 64
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
