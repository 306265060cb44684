"""Voxel images with a label per voxel, as segmented tomography gives them."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from anodefem.errors import InputError
from anodefem.geometry import Array
from anodefem.meshing.fields import parts
from anodefem.meshing.imported import check_size

Mask = npt.NDArray[np.bool_]

#: Files that hold voxel images.
_LARGEST_LABEL = 2.0**62
_STACKS = (".tif", ".tiff")
SUFFIXES = (".npy", ".npz", *_STACKS)
#: A segmented image has few labels; more are grey values.
_MOST_LABELS = 64
#: Labels that a message lists.
_SHOWN = 8
#: Larger images take more memory than a workstation has.
_MOST_VOXELS = 500_000_000
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

    def closed(self, symmetry: Sequence[str]) -> Mask:
        """Return which voxels are cavities, cut off from the outside, shape ``(nx, ny, nz)``.

        Args:
            symmetry: Ends of the image in planes of symmetry: a cavity may end there.
        """
        empty = self.region < 0
        beyond = [
            (int(f"{letter}_min" not in symmetry), int(f"{letter}_max" not in symmetry))
            for letter in _AXES
        ]
        padded = np.pad(empty, beyond, constant_values=True)
        label = ndimage.label(padded)[0]
        kept = tuple(
            slice(low, length - high)
            for (low, high), length in zip(beyond, padded.shape, strict=True)
        )
        outside = np.ones_like(padded)
        outside[kept] = False
        inside = ~np.isin(label, np.unique(label[outside & padded]))
        return np.asarray(inside[kept] & empty)

    def outer(self, symmetry: Sequence[str]) -> tuple[str, ...]:
        """Return the regions that reach the outside other than in planes of symmetry.

        Args:
            symmetry: Ends of the image in planes of symmetry, such as ``("x_min",)``.
        """
        beyond = np.where(self.closed(symmetry), len(self.names), self.region)
        found = set()
        for axis, letter in enumerate(_AXES):
            moved = np.moveaxis(beyond, axis, 0)
            beside = [moved[:-1][moved[1:] < 0], moved[1:][moved[:-1] < 0]]
            for end, name in ((moved[0], "min"), (moved[-1], "max")):
                beside += [] if f"{letter}_{name}" in symmetry else [end.ravel()]
            found |= {int(number) for each in beside for number in np.unique(each)}
        return tuple(self.names[number] for number in sorted(found - {-1, len(self.names)}))


def read(
    path: Path, *, voxel: float, labels: str | None, regions: Mapping[str, int | str]
) -> Image:
    """Read a labelled image.

    Args:
        path: A ``.npy`` or ``.npz`` file with axes x, y, z, or a TIFF stack of slices along z.
        voxel: Edge of a voxel in um.
        labels: Name of the array in a ``.npz`` file; needed if it holds several.
        regions: Region -> label; empty for an image of zeros and ones, whose ones are "particle".

    Raises:
        InputError: What is wrong with the image, and what to do.
    """
    values = _array(path, labels)
    present, counts = np.unique(values, return_counts=True)
    if not regions and len(present) > _MOST_LABELS:
        raise InputError(
            f"{path}: holds {len(present)} different values; these are grey values, not labels. "
            "Segment the image first, into one whole number per phase; or name the labels that are "
            "the body, regions = { NAME = LABEL, ... }."
        )
    some = np.sort(np.argsort(-counts, kind="stable")[:_SHOWN])
    inventory = ", ".join(f"{present[i]}: {counts[i]} voxels" for i in some)
    if len(present) > _SHOWN:
        inventory += f" and {len(present) - _SHOWN} with fewer"
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
        values = _stack(path) if path.suffix.lower() in _STACKS else _saved(path, labels)
    except InputError:
        raise
    except Exception as error:  # libraries raise anything on a file that is damaged
        reason = (str(error).splitlines() or [""])[0].rstrip(".")
        if " object at 0x" in reason:
            reason = "its header is damaged"
        raise InputError(
            f"{path}: cannot be read as an array ({reason}); write it with numpy.save, or as a "
            "TIFF stack without compression."
        ) from error
    if values.ndim != 3:
        raise InputError(
            f"{path}: has the shape {values.shape}; a voxel image has three axes, x, y and z."
        )
    if min(values.shape) < 1:
        raise InputError(f"{path}: has the shape {values.shape}; it holds no voxels.")
    if values.dtype == np.float16:  # cannot hold the largest label, with which it is compared
        values = values.astype(np.float64)
    if values.dtype != np.bool_ and not (
        (np.issubdtype(values.dtype, np.integer) or np.issubdtype(values.dtype, np.floating))
        and (values == np.round(values)).all()
        and (np.abs(values) < _LARGEST_LABEL).all()
    ):
        raise InputError(
            f"{path}: holds values of type {values.dtype} that are not whole numbers, or huge "
            "ones; give one label per voxel."
        )
    return values.astype(np.int64)


def _saved(path: Path, labels: str | None) -> npt.NDArray[Any]:
    """Return the array of a file of numpy's, once its header says that it can be held."""
    if path.suffix.lower() == ".npy":
        with path.open("rb") as file:
            _check_header(path, file, path.stat().st_size)
        return np.asarray(np.load(path, allow_pickle=False))
    with zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        listed = ", ".join(f"'{name}'" for name in members) or "none"
        if labels is not None and labels not in members:
            raise InputError(f"{path}: has no array called labels = '{labels}'; it has: {listed}.")
        if not members:
            raise InputError(f"{path}: holds no arrays; write it with numpy.savez.")
        if labels is None and len(members) != 1:
            raise InputError(f'{path}: holds the arrays {listed}; choose one with labels = "NAME".')
        chosen = members[labels] if labels is not None else next(iter(members.values()))
        with archive.open(chosen) as file:
            _check_header(path, file, chosen.file_size)
        with archive.open(chosen) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _check_header(path: Path, file: IO[bytes], size: int) -> None:
    """Refuse an array that is too large, or larger than the file that should hold it.

    Args:
        path: The file, for messages.
        file: Where the array starts.
        size: Bytes that there are from there on.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    shape, _, kind = (read if version == (1, 0) else np.lib.format.read_array_header_2_0)(file)
    if min(shape, default=0) < 0:
        raise InputError(f"{path}: has the shape {shape}; its header is damaged.")
    _check_voxels(path, shape)
    if prod(shape) * kind.itemsize > size:
        raise InputError(
            f"{path}: says that it holds {' x '.join(map(str, shape))} values of {kind}, but is "
            "too short for them; it is cut off or damaged."
        )


def _check_voxels(path: Path, shape: Sequence[int]) -> None:
    if prod(shape) > _MOST_VOXELS:
        raise InputError(
            f"{path}: holds {' x '.join(map(str, shape))} = {prod(shape):.2g} voxels; at most "
            f"{_MOST_VOXELS:.0e} can be meshed. Crop the image, or merge voxels."
        )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Refuse a TIFF file of which its library only says that slices are missing or damaged.

    Args:
        path: The file, for messages.

    Raises:
        InputError: The library has said so.
    """
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    log, listener = logging.getLogger("tifffile"), Listener(logging.WARNING)
    passed, log.propagate = log.propagate, False
    log.addHandler(listener)
    try:
        yield
    finally:
        log.removeHandler(listener)
        log.propagate = passed
    if said:
        raise InputError(
            f"{path}: is cut off or damaged ({re.sub('<[^>]*> ', '', said[0])}); slices would be "
            "missing. Write it again."
        )


def _stack(path: Path) -> npt.NDArray[Any]:
    """Return a TIFF stack with axes x, y, z: its columns, rows and pages."""
    try:
        import tifffile
    except ImportError as error:
        raise InputError(
            f"{path}: is a TIFF stack; install the Python package tifffile to read it."
        ) from error
    with _refusing(path), tifffile.TiffFile(path) as file:
        if not file.series:
            raise InputError(f"{path}: holds no image.")
        shape, paged = tuple(file.series[0].shape), len(file.pages) > 1
        if len(shape) == 2 and paged:  # written slice by slice, each a picture of its own
            sizes = {tuple(page.shape) for page in file.pages}
            if len(sizes) > 1:
                listed = " and ".join(" x ".join(map(str, size)) for size in sorted(sizes)[:3])
                raise InputError(f"{path}: holds slices of different sizes ({listed} voxels).")
            shape = (len(file.pages), *shape)
        _check_voxels(path, shape)
        values = np.asarray(file.asarray(key=slice(None)) if paged else file.asarray())
    if values.ndim == 2:
        raise InputError(f"{path}: holds one slice; a voxel image is a stack of them.")
    return values.transpose() if values.ndim == 3 else values


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
