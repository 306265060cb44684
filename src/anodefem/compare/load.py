"""Run folders, read into plain tables and meshes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import meshio
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyvista as pv

from anodefem import checksums
from anodefem.compare.naming import names
from anodefem.errors import InputError

#: Nodes that span a facet linearly, by meshio's cell type.
_CORNERS = {"line": 2, "line3": 2, "triangle": 3, "triangle6": 3}
#: The same for cells, by VTK's cell type; dolfinx writes the last two for curved meshes.
_CELL_CORNERS = {
    pv.CellType.TRIANGLE: 3,
    pv.CellType.TETRA: 4,
    pv.CellType.QUADRATIC_TRIANGLE: 3,
    pv.CellType.QUADRATIC_TETRA: 4,
    pv.CellType.LAGRANGE_TRIANGLE: 3,
    pv.CellType.LAGRANGE_TETRAHEDRON: 4,
}
_HEADER = re.compile(r"^(?P<name>[^\[\]]+?) \[(?P<unit>[^\]]*)\]$")
_KINEMATICS = ("axisymmetric", "plane_strain", "3d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What readers call that which is stored, and its way in and out.

    Attributes:
        species: "lithium", or another one.
        inwards: "lithiation", or that of another one.
        outwards: "delithiation", or that of another one.
    """

    species: str
    inwards: str
    outwards: str


#: By the verb of a protocol.
_WORDS = {
    "lithiate": Words(species="lithium", inwards="lithiation", outwards="delithiation"),
    "sodiate": Words(species="sodium", inwards="sodiation", outwards="desodiation"),
    "potassiate": Words(species="potassium", inwards="potassiation", outwards="depotassiation"),
}
#: For runs that store different things.
_MIXED = Words(species="filling", inwards="insertion", outwards="extraction")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One finished or stopped run.

    Attributes:
        folder: Folder the run was read from.
        title: Name of the architecture in tables and figures: the title of its case, and in a
            comparison what tells it from others of that title.
        info: Content of ``run.json``.
        manifest: Content of ``mesh/manifest.json``.
        metrics: One row per accepted step; columns are metric names without their units.
        units: Unit of each column of ``metrics``.
        states: Time [s] and file of each stored field state, in order.
    """

    folder: Path
    title: str
    info: Mapping[str, Any]
    manifest: Mapping[str, Any]
    metrics: pd.DataFrame
    units: Mapping[str, str]
    states: Sequence[tuple[float, Path]]

    @property
    def kinematics(self) -> str:
        """One of "axisymmetric", "plane_strain" and "3d"."""
        return str(self.info["kinematics"])

    @property
    def solids(self) -> dict[str, int]:
        """Cell tags of the regions that are not void."""
        media = set(self.info.get("media", ()))
        return {name: tag for name, tag in self.manifest["cells"].items() if name not in media}

    def sei(self, key: str) -> float:
        """Return a limit of the SEI recipe; NaN without SEI.

        Args:
            key: ``yield_stretch``, on a surface that is stretched alike in all directions,
                ``fracture_strain``, or ``elastic_energy_max`` [MJ/m^3].
        """
        value = (self.info.get("sei") or {}).get(key)
        return float("nan") if value is None else float(value)

    @property
    def recipe(self) -> str:
        """Name of the SEI recipe; "" without SEI."""
        return str((self.info.get("sei") or {}).get("recipe") or "")

    def column(self, name: str) -> npt.NDArray[np.float64]:
        """Return a metric at every step, shape (steps,); NaN where the run has no such metric."""
        if name not in self.metrics:
            return np.full(len(self.metrics), np.nan)
        return self.metrics[name].to_numpy(dtype=float)

    def state(self, index: int) -> pv.UnstructuredGrid:
        """Return the fields of a stored state on the undeformed mesh [um]."""
        path = self.states[index][1]
        checksums.check(self.folder, path.relative_to(self.folder).as_posix(), self.info)
        grid = pv.read(path)
        if not isinstance(grid, pv.UnstructuredGrid) or not grid.n_cells:
            raise InputError(f"{path}: holds no unstructured mesh; run the case again")
        for name, data in (("displacement", grid.point_data), ("region", grid.cell_data)):
            if name not in data:
                raise InputError(f"{path}: has no field '{name}'; run the case again")
        return grid

    def at(self, time: float) -> pv.UnstructuredGrid:
        """Return the fields at a time [s], linear between the two stored states around it."""
        times = np.array([stored for stored, _ in self.states])
        after = int(np.clip(np.searchsorted(times, time), 0, len(times) - 1))
        grid = self.state(after)
        if after == 0 or times[after] <= time:
            return grid
        share = float((time - times[after - 1]) / (times[after] - times[after - 1]))
        before = self.state(after - 1)
        for old, new in ((before.point_data, grid.point_data), (before.cell_data, grid.cell_data)):
            for name in set(new.keys()) & set(old.keys()) - {"region"}:
                new[name] = (1.0 - share) * np.asarray(old[name]) + share * np.asarray(new[name])
        return grid

    @cached_property
    def cycles(self) -> pd.DataFrame:
        """One row per cycle, columns as in `cycles.csv` without their units; empty without cycles.

        Units by column are in ``attrs["units"]``.

        Raises:
            InputError: The file is damaged.
        """
        path = self.folder / "cycles.csv"
        checksums.check(self.folder, path.name, self.info)
        if not path.is_file():
            return pd.DataFrame()
        table, units = _read_table(path)
        table.attrs["units"] = units
        return table

    @cached_property
    def initial(self) -> npt.NDArray[np.float64]:
        """Points of the undeformed mesh [um], shape (points, 3)."""
        return np.asarray(self.state(0).points, dtype=float)

    @cached_property
    def facets(self) -> dict[str, npt.NDArray[np.int64]]:
        """Corner points of the facets of each named group, shape (facets, 2 or 3)."""
        path = self.folder / "mesh" / "facets.xdmf"
        for file in (path, path.with_suffix(".h5")):
            checksums.check(self.folder, f"mesh/{file.name}", self.info)
        try:
            mesh = meshio.read(path)
            tags = mesh.cell_data["facet_tags"]
        except (Exception, SystemExit) as error:  # meshio leaves by sys.exit on some files
            raise InputError(f"{path}: cannot be read as tagged facets ({error!r})") from error
        points = self.initial
        count, dim = mesh.points.shape
        # points that are there twice, at interfaces that can debond, come last
        if count > len(points) or not np.allclose(
            mesh.points, points[:count, :dim], atol=1e-5 * float(np.ptp(points)), rtol=0
        ):
            raise InputError(
                f"{path}: its points are not those of {self.states[0][1]}; "
                "fields and mesh must come from the same run"
            )
        groups: dict[str, npt.NDArray[np.int64]] = {}
        for name, tag in self.manifest["facets"].items():
            rows = [
                block.data[np.asarray(values) == tag, : _CORNERS[block.type]]
                for block, values in zip(mesh.cells, tags, strict=True)
            ]
            groups[name] = np.concatenate(rows).astype(np.int64)
        return groups

    @cached_property
    def planes(self) -> dict[int, tuple[float, ...]]:
        """Symmetry planes: direction (0, 1, 2) -> ascending positions [um].

        Of the groups that hold a displacement component, those named "symmetry..." count: the
        others (the bottom of a collector) have no mirror image to show, nor has a held radius.
        """
        found = []
        for name, component in self.manifest["roles"]["symmetry"].items():
            radius = self.kinematics == "axisymmetric" and component == 0
            if not radius and name.startswith("symmetry"):
                found.append((name, component))
        return self._positions(found)

    @cached_property
    def sides(self) -> dict[int, tuple[float, ...]]:
        """Sides beyond which the body goes on periodically, as `planes`."""
        dim = 3 if self.kinematics == "3d" else 2
        found = []
        for name in chain(*self.manifest["roles"].get("periodic", ())):
            points = self.initial[np.unique(self.facets[name]), :dim]
            found.append((name, int(np.ptp(points, axis=0).argmin())))
        return self._positions(found)

    def _positions(self, flat: Sequence[tuple[str, int]]) -> dict[int, tuple[float, ...]]:
        """Direction -> ascending positions [um] of facet groups, each flat along a direction."""
        found: dict[int, list[float]] = {}
        points = self.initial
        for name, component in flat:
            at = points[np.unique(self.facets[name]), component]
            found.setdefault(component, []).extend(at.tolist())
        near = 1e-6 * float(np.ptp(points))
        planes = {}
        for component, many in found.items():
            at = np.unique(many)
            groups = np.split(at, np.flatnonzero(np.diff(at) > near) + 1)
            planes[component] = tuple(float(group.mean()) for group in groups if group.size)
        return planes


def load(folders: Sequence[Path]) -> list[Run]:
    """Read run folders; runs of one title get names that tell them apart (see `naming`).

    Raises:
        InputError: None is given, one is not a run or has no fields, or one is given twice.
    """
    if not folders:
        raise InputError("nothing to compare: give the output folders of one or more runs")
    runs = [load_run(Path(folder)) for folder in folders]
    seen: set[Path] = set()
    for run in runs:
        if (place := run.folder.resolve()) in seen:
            raise InputError(f"{run.folder}: is given twice; name each run once")
        seen.add(place)
    return [replace(run, title=name) for run, name in zip(runs, names(runs), strict=True)]


def load_run(folder: Path) -> Run:
    """Read one run folder.

    Raises:
        InputError: The folder is not a run, or a part of it is missing or unreadable.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the output folder of `anodefem run`")
    if not (folder / "run.json").is_file():
        raise InputError(
            f"{folder}: not a run (it has no run.json); give the output folder of `anodefem run`"
        )
    info = _read_json(folder / "run.json")
    if not checksums.sound(info):
        raise InputError(
            f"{folder / 'run.json'} is damaged: it is not what the run has written; "
            "run the case again."
        )
    for name in ("mesh/manifest.json", "metrics.csv", "fields.pvd", "convergence.json"):
        checksums.check(folder, name, info)
    for key in ("kinematics", "status"):
        if key not in info:
            raise InputError(f"{folder / 'run.json'}: has no entry '{key}'; run the case again")
    if info["kinematics"] not in _KINEMATICS:
        raise InputError(
            f"{folder / 'run.json'}: kinematics '{info['kinematics']}' is not one of "
            + ", ".join(_KINEMATICS)
        )
    manifest = _read_json(folder / "mesh" / "manifest.json")
    for key in ("cells", "facets", "roles"):
        if key not in manifest:
            raise InputError(f"{folder / 'mesh' / 'manifest.json'}: has no entry '{key}'")
    metrics, units = _read_metrics(folder / "metrics.csv")
    return Run(
        folder=folder,
        title=str(info.get("title") or folder.name),
        info=info,
        manifest=manifest,
        metrics=metrics,
        units=units,
        states=_read_states(folder),
    )


def words(runs: Sequence[Run]) -> Words:
    """Return the words that fit what all of the runs store; lithium if they do not say."""
    found = set()
    for run in runs:
        steps = ((run.info.get("case") or {}).get("protocol") or {}).get("steps") or ()
        said = [word for verb, word in _WORDS.items() if any(verb in str(step) for step in steps)]
        found.add(said[0] if said else _WORDS["lithiate"])
    return found.pop() if len(found) == 1 else _MIXED


def simplices(grid: pv.UnstructuredGrid) -> npt.NDArray[np.int64]:
    """Return the corner points of the cells, shape (cells, 3) or (cells, 4).

    Raises:
        InputError: The cells are not all triangles or all tetrahedra.
    """
    kinds = np.unique(grid.celltypes)
    if len(kinds) != 1 or pv.CellType(kinds[0]) not in _CELL_CORNERS:
        raise InputError(
            f"a field file has cells of VTK types {kinds.tolist()}; "
            "expected triangles or tetrahedra alone"
        )
    nodes = np.asarray(grid.cell_connectivity, dtype=np.int64).reshape(grid.n_cells, -1)
    return nodes[:, : _CELL_CORNERS[pv.CellType(kinds[0])]]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); run the case again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: is not a JSON object; run the case again")
    return content


def _read_table(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a table of a run without the units in its head, and these by column."""
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); run the case again") from error
    units: dict[str, str] = {}
    for header in table.columns:
        match = _HEADER.match(str(header))
        if match is None:
            raise InputError(f"{path}: column '{header}' is not written as 'name [unit]'")
        units[match["name"]] = match["unit"]
    table.columns = pd.Index(list(units))
    return table, units


def _read_metrics(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    table, units = _read_table(path)
    for name in ("t", "soc"):
        if name not in units:
            raise InputError(f"{path}: has no column '{name}'; run the case again")
    if table.empty:
        raise InputError(f"{path}: has no step; there is nothing to compare")
    if not np.isfinite(table[["t", "soc"]].to_numpy(dtype=float)).all():
        raise InputError(f"{path}: 't' and 'soc' must be numbers in every row")
    return table, units


def _read_states(folder: Path) -> list[tuple[float, Path]]:
    collection = folder / "fields.pvd"
    hint = "a comparison draws the deformed body, so run the case again with fields"
    if not collection.is_file():
        raise InputError(f"{folder}: run without fields (no fields.pvd); {hint}")
    try:
        datasets = ET.parse(collection).iter("DataSet")
        states = sorted((float(item.attrib["timestep"]), item.attrib["file"]) for item in datasets)
    except (OSError, ET.ParseError, KeyError, ValueError) as error:
        raise InputError(f"{collection}: cannot be read ({error!r}); {hint}") from error
    if not states:
        raise InputError(f"{folder}: run without fields (fields.pvd lists none); {hint}")
    missing = [name for _, name in states if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{collection}: names files that do not exist ({missing[0]}); {hint}")
    return [(time, folder / name) for time, name in states]
