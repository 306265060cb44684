"""Output formats of fields, one class each; files are written by rank 0 alone.

A format of one's own is a module with a class ``WRITER`` that fulfils `Writer`, offered by an
installed package under the entry-point group "anodefem.writers"; the entry point's name is that of
the format in ``output.formats``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import meshio
import numpy as np
import numpy.typing as npt

from anodefem import registry
from anodefem.cases.output import WRITER_ENTRY_POINTS
from anodefem.checksums import CHECKSUM
from anodefem.errors import InputError
from anodefem.files import make_folder, replacing

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Fields at one time, in the numbering of the mesh file.

    Attributes:
        time: [s].
        points: Reference coordinates [um], shape (points, 3).
        cells: Type of the cells (of meshio) and their points, shape (cells, points of a cell).
        at_points: Fields by name, shape (points,) or (points, 3); NaN where there is none.
        in_cells: Fields by name, shape (cells,), or (cells, 6) for a symmetric tensor
            (xx, yy, zz, xy, yz, xz).
    """

    time: float
    points: Array
    cells: tuple[str, npt.NDArray[np.int64]]
    at_points: Mapping[str, Array]
    in_cells: Mapping[str, Array]


class Writer(Protocol):
    """Writes the fields of a run."""

    def __init__(self, folder: Path) -> None:
        """Prepare to write into a run folder."""

    def write(self, frame: Frame) -> None:
        """Write the fields at one time."""

    def resume(self, time: float) -> None:
        """Forget what a former run in the same folder wrote after ``time`` [s]."""


class Vtu:
    """A VTU file for every time, and a PVD file that lists them."""

    def __init__(self, folder: Path) -> None:
        """Prepare to write into a run folder.

        Args:
            folder: Run folder.
        """
        self._folder = folder
        self._times: list[tuple[float, str]] = []

    def resume(self, time: float) -> None:
        """Keep the files up to ``time`` [s] of a former run in the same folder."""
        path = self._folder / "fields.pvd"
        try:
            root = ET.parse(path).getroot()
            listed = root.iter("DataSet")
            entries = [(float(item.attrib["timestep"]), item.attrib["file"]) for item in listed]
            if root.attrib.get(CHECKSUM) != _checksum(entries):
                raise ValueError("it is not what the run has written")
        except (OSError, ET.ParseError, LookupError, ValueError) as error:
            raise InputError(
                f"{path} is damaged ({error}); start the run anew in another folder."
            ) from error
        self._times = [entry for entry in entries if entry[0] <= time]

    def write(self, frame: Frame) -> None:
        """Write one VTU and the list of all."""
        name = f"fields/{len(self._times):04d}.vtu"
        make_folder(self._folder / "fields")
        data = {key: [values] for key, values in frame.in_cells.items()}
        data["region"] = [frame.in_cells["region"].astype(np.int32)]
        points = dict(frame.at_points)
        mesh = meshio.Mesh(frame.points, [frame.cells], point_data=points, cell_data=data)
        with replacing(self._folder / name) as beside:
            meshio.write(beside, mesh, file_format="vtu")
        self._times.append((frame.time, name))
        root = ET.Element("VTKFile", type="Collection", version="0.1")
        root.set(CHECKSUM, _checksum(self._times))
        collection = ET.SubElement(root, "Collection")
        for instant, file in self._times:
            ET.SubElement(collection, "DataSet", timestep=repr(instant), part="0", file=file)
        with replacing(self._folder / "fields.pvd") as beside:
            ET.ElementTree(root).write(beside, xml_declaration=True)


def _checksum(entries: Sequence[tuple[float, str]]) -> str:
    """SHA-256 of times [s] and files."""
    return hashlib.sha256(repr([*entries]).encode()).hexdigest()


def find(name: str) -> type[Writer]:
    """Return the writer of a format.

    Args:
        name: "vtu", or that of an entry point.

    Raises:
        InputError: There is none of this name.
    """
    known: dict[str, type[Writer]] = {"vtu": Vtu}
    known |= {
        each: module.WRITER for each, module in registry.installed(WRITER_ENTRY_POINTS).items()
    }
    if name not in known:
        raise InputError(f"output.formats: no format '{name}'.{registry.suggest(name, known)}")
    return known[name]
