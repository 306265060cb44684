"""What a geometry plugin is, and how it is found.

A plugin is one Python file that exposes ``GEOMETRY = Geometry(...)``. It draws and names; sizes of
arrays, files, ranks and the gmsh session belong to `anodefem.meshing`. All lengths are micrometres.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, replace
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, PlainValidator, TypeAdapter, ValidationError, ValidationInfo
from pydantic import Field as PydanticField

from anodefem import registry
from anodefem.errors import InputError
from anodefem.units import unit_of
from anodefem.validation import mistyped, named, problems, report, shown, unknown_key

KINEMATICS = ("axisymmetric", "plane_strain", "3d")
ENTRY_POINTS = "anodefem.geometries"
#: Cells of a mesh unless a case allows more: millions of unknowns, and minutes of meshing.
MAX_CELLS = 2_000_000

Sides = Mapping[str, tuple[tuple[str, ...], ...]]
Array = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the solver must know about the named groups.

    Attributes:
        flux: Facet groups through which the species enters, unless the case says otherwise.
        sei: Facet groups that carry an SEI, unless the case says otherwise.
        hull: Facet groups of the outer hull. Every other surface that would close it has the origin
            in its plane, so that the integral of ``x . n`` over the hull alone, divided by the
            dimension of the body (3; 2 in plane strain), is the enclosed volume.
        symmetry: Facet group -> index of the displacement component that is held at zero.
        periodic: Pairs of facet groups on opposite sides beyond which the body goes on as it begins
            at the other: the mesh of the second is that of the first, moved, and what is unknown
            has the same values there. Each side lies in a plane across an axis, and all along one
            axis are moved alike; in plane strain and 3D.
        medium: Cell groups that are void.
        unstructured: Those of them that are not layers of cells across a gap of one width. Cells
            of any shape fold when they are squeezed flat; there this is resisted.
        loose: Those of the unstructured in which bodies are held by nothing else. There the medium
            is viscous, and may be squeezed further than flat.
        contact: Facet groups between a solid and a medium where the contact pressure is read.
        membrane: Region that is a membrane without cells (it has a material) -> its facet group.
        membrane_thickness: The same region -> thickness of the membrane in um.
        collector: Regions that carry the electrode and keep it in place: what a crack or a broken
            interface cuts off from them has lost its contact. Without one, the largest piece keeps
            it.
        plate: Facet groups of a rigid plate on top of the body, at the largest last coordinate.
            They are in ``symmetry``, which holds that component; with `geometry.stack_pressure` the
            plate moves along it, with everything above the origin.
        anchor: Vertices of the mesh (coordinates in um) and the displacement component held at
            each, which remove the rigid motions that ``symmetry`` leaves and nothing else. The
            mesher chooses them (`anodefem.meshing.anchors`) unless a plugin names its own.
    """

    flux: tuple[str, ...]
    sei: tuple[str, ...]
    hull: tuple[str, ...]
    symmetry: Mapping[str, int]
    periodic: tuple[tuple[str, str], ...] = ()
    medium: tuple[str, ...] = ()
    unstructured: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    membrane: Mapping[str, str] = field(default_factory=dict)
    membrane_thickness: Mapping[str, float] = field(default_factory=dict)
    collector: tuple[str, ...] = ()
    plate: tuple[str, ...] = ()
    anchor: tuple[tuple[tuple[float, ...], int], ...] = ()

    @property
    def cuts(self) -> tuple[str, ...]:
        """Facet groups beyond which the body goes on, or is held: no surfaces of it."""
        return tuple(dict.fromkeys((*self.symmetry, *chain(*self.periodic))))

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Facet groups that do work; a cell must not touch two facets of these."""
        names = (*self.flux, *self.sei, *self.hull, *self.contact, *self.membrane.values())
        sides = {*chain(*self.periodic)}
        return tuple(name for name in dict.fromkeys(names) if name not in sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimplexMesh:
    """Straight triangles or tetrahedra with named groups; curved edges are listed beside them.

    Attributes:
        points: Vertices in um, shape ``(n, dim)``.
        cells: Vertex numbers, shape ``(m, dim + 1)``.
        cell_groups: Index into ``cell_names`` of every cell, shape ``(m,)``.
        facets: Vertex numbers of the facets that belong to a group, shape ``(k, dim)``.
        facet_groups: Index into ``facet_names`` of every facet, shape ``(k,)``.
        curved_edges: Vertex numbers of edges that are not straight, shape ``(e, 2)``.
        curved_middles: Middle of each of them in um, shape ``(e, dim)``; for second-order meshes.
    """

    points: Array
    cells: Indices
    cell_groups: Indices
    cell_names: tuple[str, ...]
    facets: Indices
    facet_groups: Indices
    facet_names: tuple[str, ...]
    curved_edges: Indices = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    curved_middles: Array = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def dim(self) -> int:
        """Dimension of the cells, and of the points."""
        return self.cells.shape[1] - 1

    def facets_of(self, name: str) -> Indices:
        """Vertex numbers of the facets of one group, shape ``(k, dim)``."""
        return self.facets[self.facet_groups == self.facet_names.index(name)]

    def moved(self, move: Callable[[Array], Array]) -> SimplexMesh:
        """Return the mesh with every point moved; ``move`` maps arrays of shape ``(n, dim)``."""
        middles = self.curved_middles
        return replace(
            self,
            points=move(self.points),
            curved_middles=move(middles) if len(middles) else middles,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """One parametric geometry.

    Attributes:
        name: Name of the plugin, equal to its file's name.
        title: One line for lists.
        kinematics: Which of `KINEMATICS` it offers.
        parameters: Frozen dataclass; its fields are annotated with a quantity and a description.
        exact: ``(p, kinematics)`` -> measure of each group (um^3, um^2, um; 2 pi r weight in
            axisymmetry) of the part that is modelled: what the mesh converges to. The key "hull" is
            the volume enclosed by the hull; "envelope" is given if the body, its pores included,
            takes up another volume than that.
        roles: ``(p, kinematics)`` -> `Roles`.
        regions: ``(p, kinematics)`` -> names that need a material.
        build: ``(model, p, kinematics)`` draws in ``gmsh.model``, sets sizes, names groups.
        finish: ``(mesh, p, kinematics)`` -> mesh: adds to or reshapes what gmsh made.
        discretise: ``(p, kinematics)`` -> mesh: for geometries that do without gmsh; ``None`` for
            parameters with which ``build`` draws.
        sides: ``(p, kinematics)`` -> facet group, or any name for a face that has no group -> for
            each of its parts the cell groups that it touches, one or two. With it a case in which
            the species cannot reach a host is refused before anything is meshed.
        origin: Where the plugin was found; filled in when it is loaded.
    """

    name: str
    title: str
    kinematics: tuple[str, ...]
    parameters: type
    exact: Callable[[Any, str], dict[str, float]]
    roles: Callable[[Any, str], Roles]
    regions: Callable[[Any, str], tuple[str, ...]]
    build: Callable[[Any, Any, str], None] | None = None
    finish: Callable[[SimplexMesh, Any, str], SimplexMesh] | None = None
    discretise: Callable[[Any, str], SimplexMesh | None] | None = None
    sides: Callable[[Any, str], Sides] | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        """Refuse a plugin that cannot be meshed."""
        if self.build is None and self.discretise is None:
            raise ValueError(f"geometry '{self.name}' needs build or discretise")
        unknown = set(self.kinematics) - set(KINEMATICS)
        if unknown or not self.kinematics:
            raise ValueError(f"geometry '{self.name}': kinematics must be among {KINEMATICS}")

    @property
    def parameter_names(self) -> set[str]:
        """Names of the parameters."""
        return {entry.name for entry in fields(self.parameters)}

    def read(self, values: Mapping[str, object], *, near: Path | None = None) -> Any:
        """Return the parameters from text with units, such as ``{"particle_radius": "1 um"}``.

        Args:
            values: Name -> value, as in a case file.
            near: Folder to which paths are relative; that of the plugin if left out.

        Raises:
            InputError: Unknown names, wrong units, values out of range; all of them at once.
        """
        known = [entry.name for entry in fields(self.parameters)]
        sentences = [
            f"{named(key)}: {unknown_key(key, known)}" for key in values if key not in known
        ]
        hints = get_type_hints(self.parameters, include_extras=True)
        wrong = {key: mistyped(value, hints[key]) for key, value in values.items() if key in known}
        wrong = {key: sentence for key, sentence in wrong.items() if sentence}
        sentences += [f"{key} = {shown(values[key])}: {why}." for key, why in wrong.items()]
        parameters = None
        try:
            adapter: TypeAdapter[Any] = TypeAdapter(self.parameters)
            parameters = adapter.validate_python(
                {k: v for k, v in values.items() if k in known},
                context={"near": near or Path(self.origin).parent},
            )
        except ValidationError as error:
            sentences += [
                sentence
                for sentence in problems(error, values)
                if sentence.split(maxsplit=1)[0].rstrip(":").partition(".")[0] not in wrong
            ]
        if sentences:
            raise report(f"geometry '{self.name}'", sentences)
        return parameters

    def check_kinematics(self, kinematics: str) -> None:
        """Raise `InputError` unless this geometry offers ``kinematics``."""
        if kinematics not in self.kinematics:
            allowed = ", ".join(self.kinematics)
            raise InputError(f"geometry '{self.name}' has no '{kinematics}'; it offers: {allowed}")

    def describe(self) -> list[dict[str, str]]:
        """Return one row per parameter: its name, default, unit and meaning."""
        hints = get_type_hints(self.parameters, include_extras=True)
        rows = []
        for entry in fields(self.parameters):
            notes = _notes(hints[entry.name])
            unit = unit_of(hints[entry.name])
            rows.append(
                {
                    "name": entry.name,
                    "default": _default(entry, unit),
                    "unit": unit,
                    "meaning": next((note for note in notes if isinstance(note, str)), ""),
                }
            )
        return rows


def _default(entry: Field[Any], unit: str) -> str:
    if entry.default is not MISSING:
        return f"{entry.default} {unit}".strip() if entry.default is not None else ""
    return "required" if entry.default_factory is MISSING else ""


def _existing(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not a path; write a string such as 'grain.stl'")
    near: Path = (info.context or {})["near"]
    path = (near / value).resolve()
    if not path.is_file():
        raise ValueError(
            f"there is no file {path}; a path is absolute or relative to the folder of the case"
        )
    return str(path)


#: A file that is read; relative to the folder of the case in a case, absolute once it is read.
InputFile = Annotated[
    str, PlainValidator(_existing), PydanticField(json_schema_extra={"file": True})
]


def written(p: Any) -> dict[str, Any]:
    """Return parameters as a case file gives them: text with units, and tables in lists."""
    hints = get_type_hints(type(p), include_extras=True)
    values = p.model_dump() if isinstance(p, BaseModel) else asdict(p)
    found: dict[str, Any] = {}
    for key, value in values.items():
        unit = unit_of(hints[key])
        given = getattr(p, key)
        if isinstance(given, tuple) and given and isinstance(given[0], BaseModel):
            found[key] = [written(row) for row in given]
        else:
            found[key] = f"{value!r} {unit}" if unit and value is not None else value
    return found


def portable(p: Any) -> dict[str, Any]:
    """Return parameters as they mean the same on every machine: a file by name and content."""
    hints = get_type_hints(type(p), include_extras=True)
    values = asdict(p)
    for key, value in values.items():
        if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            values[key] = [row.model_dump() for row in value]
    for key, value in values.items():
        notes = [getattr(note, "json_schema_extra", None) for note in _notes(hints[key])]
        if {"file": True} in notes:
            digest = hashlib.sha256(Path(value).read_bytes()).hexdigest()
            values[key] = f"{Path(value).name} (sha256 {digest[:16]})"
    return values


def _notes(annotation: object) -> tuple[Any, ...]:
    return tuple(getattr(annotation, "__metadata__", ()))


def built_in_folder() -> Path:
    """Folder of the geometries that come with the package: the checkout's, or the wheel's."""
    package = Path(__file__).resolve().parent
    checkout = package.parents[1] / "geometries"
    return checkout if checkout.is_dir() else package / "_geometries"


def plugins() -> dict[str, str]:
    """Return where each known geometry is, by name, without loading those that are files.

    Returns:
        Name -> path of a file ending in ``.py``, or the name of an installed module. Folders named
        by the user win over installed packages, and those over what comes with the package.
    """
    found = _files(built_in_folder())
    found |= {name: module.__name__ for name, module in registry.installed(ENTRY_POINTS).items()}
    for folder in reversed(registry.user_folders()):
        found |= _files(folder)
    return found


def _files(folder: Path) -> dict[str, str]:
    return {path.stem: str(path) for path in sorted(folder.resolve().glob("[!_]*.py"))}


def find(name: str) -> Geometry:
    """Return the geometry called ``name``.

    Raises:
        InputError: No such geometry (the message names the nearest), or it cannot be loaded.
    """
    known = plugins()
    if name not in known:
        raise InputError(f"there is no geometry {shown(name)}.{registry.suggest(name, known)}")
    geometry = load(known[name])
    if geometry.name != name:
        raise InputError(
            f"geometry plugin {geometry.origin} calls itself '{geometry.name}'; "
            f"its name must be '{name}', as it is found under that name"
        )
    return geometry


def load(origin: str) -> Geometry:
    """Load the plugin at ``origin``: a path ending in ``.py``, or the name of a module.

    Raises:
        InputError: The file cannot be run or exposes no `Geometry`.
    """
    try:
        file = origin.endswith(".py")
        module = _module(Path(origin)) if file else importlib.import_module(origin)
    except Exception as error:  # a plugin is foreign code and may fail in any way
        raise InputError(
            f"geometry plugin {origin} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    geometry = getattr(module, "GEOMETRY", None)
    if not isinstance(geometry, Geometry):
        raise InputError(f"geometry plugin {origin} must define GEOMETRY = Geometry(...)")
    return replace(geometry, origin=origin)


def _module(path: Path) -> Any:
    # The path is part of the name: two folders may hold plugins of the same name.
    name = f"anodefem_geometry_{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        # Annotations are resolved through sys.modules, so it must be there while it is read.
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
