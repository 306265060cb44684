"""Pins: what the meshes of a geometry must be, as data that people review.

They stand beside the plugin, in ``pins/NAME.toml`` of the folder that holds ``NAME.py`` (for an
installed module: of the folder that holds the module), so that a plugin of anybody has its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from anodefem import registry
from anodefem.errors import InputError
from anodefem.geometry import Geometry
from anodefem.validation import Strict, problems, read_toml, report

_HEADER = """\
# What the meshes of {name} must be; 'anodefem mesh-check {name}' compares. Review changes as data.
#
# By hand: kinematics, order, parameters, tolerance (largest relative error against exact measures),
# counts (largest relative change of a number of cells), note. To add a point write the first of
# these; 'anodefem mesh-check {name} --accept' writes what stands under [point.pin].
"""

Band = Annotated[float, Field(ge=0.0)]
Orientation = Literal["positive", "negative", "mixed"]


class Group(Strict):
    """One named group, or the whole body.

    Attributes:
        count: Number of cells or facets.
        measure: Volume, area or length of the mesh, in um to the power of its dimension.
        exact: The same of the body that the parameters describe, where it is known.
        quality: Smallest, 1 % quantile and median of the cells' mean ratio.
    """

    count: int | None = None
    measure: float | None = None
    exact: float | None = None
    quality: tuple[float, float, float] | None = None


class Pin(Strict):
    """What a mesh is: everything that is compared.

    Attributes:
        hash: SHA-256 of points, cells, facets and groups; the same within a version of gmsh only.
        versions: Programs that made the mesh.
        input: All parameters of the geometry, with defaults; lengths in um.
        points: Number of points.
        parts: Number of connected parts.
        euler: Euler number; 1 for a body without handles and cavities.
        watertight: Whether the boundary is closed and every facet of it is in a group.
        orientation: Of the cells as the plugin made them.
        box: Smallest and largest coordinates in um.
        roles: What the groups are for.
        cells: Cell groups.
        facets: Facet groups.
        whole: The hull, and what else ``exact`` tells about the body.
    """

    hash: str
    versions: dict[str, str]
    input: dict[str, Any]
    points: int
    parts: int
    euler: int
    watertight: bool
    orientation: Orientation
    box: tuple[tuple[float, ...], tuple[float, ...]]
    roles: dict[str, Any]
    cells: dict[str, Group]
    facets: dict[str, Group]
    whole: dict[str, Group]


class Point(Strict):
    """One set of parameters of a geometry, and what its mesh must be.

    Attributes:
        kinematics: One of the geometry's.
        order: 1 or 2.
        parameters: Text with units, as in a case.
        tolerance: Largest relative error of a measure; without it, twice what was first accepted.
        counts: Largest relative change of a number of points, cells or facets.
        note: Why this point is here.
        pin: What the mesh must be; ``None`` for a point that waits to be accepted.
    """

    kinematics: str
    order: Literal[1, 2] = 1
    parameters: dict[str, Any] = Field(default_factory=dict)
    tolerance: Band | None = None
    counts: Band = 0.05
    note: str = ""
    pin: Pin | None = None

    @property
    def label(self) -> str:
        """Kinematics, order and parameters on one line, without spaces: a name of a folder too."""
        values = [f"{key}={str(value).replace(' ', '')}" for key, value in self.parameters.items()]
        return ",".join([self.kinematics, f"order={self.order}", *values]).replace("/", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The points of one geometry and the file they are in."""

    geometry: Geometry
    path: Path
    points: tuple[Point, ...]


class _File(Strict):
    point: tuple[Point, ...] = ()


def path_of(geometry: Geometry) -> Path:
    """Return the file of a geometry's pins, whether it exists or not."""
    if geometry.origin.endswith(".py"):
        folder = Path(geometry.origin).parent
    else:
        folder = registry.module_folder(importlib.import_module(geometry.origin))
    return folder / "pins" / f"{geometry.name}.toml"


def load(geometry: Geometry) -> Pins:
    """Return the pins of a geometry; without a file, one point at its defaults per kinematics.

    Raises:
        InputError: The file cannot be read, or is not what it should be.
    """
    path = path_of(geometry)
    if not path.exists():
        defaults = tuple(Point(kinematics=kinematics) for kinematics in geometry.kinematics)
        return Pins(geometry=geometry, path=path, points=defaults)
    content = read_toml(path)
    try:
        found = _File.model_validate(content)
    except ValidationError as error:
        raise report(path, problems(error, content)) from error
    labels = [point.label for point in found.point]
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise InputError(f"{path}: the same point stands there twice: {', '.join(sorted(twice))}.")
    return Pins(geometry=geometry, path=path, points=found.point)


def save(pins: Pins) -> None:
    """Write the pins of a geometry.

    Raises:
        InputError: The file cannot be written.
    """
    blocks = [_HEADER.format(name=pins.geometry.name)]
    for point in pins.points:
        content = point.model_dump()
        pin = content.pop("pin")
        defaults: dict[str, object] = {
            "tolerance": None,
            "counts": 0.05,
            "note": "",
            "parameters": {},
        }
        kept = {k: v for k, v in content.items() if k not in defaults or v != defaults[k]}
        lines = ["[[point]]", *(f"{key} = {_toml(value)}" for key, value in kept.items())]
        if pin is not None:
            groups = {kind: pin.pop(kind) for kind in ("cells", "facets", "whole")}
            lines += ["[point.pin]", *(f"{key} = {_toml(value)}" for key, value in pin.items())]
            lines += [
                f"{kind}.{_key(name)} = {_toml({k: v for k, v in one.items() if v is not None})}"
                for kind, several in groups.items()
                for name, one in sorted(several.items())
            ]
        blocks.append("\n".join(lines) + "\n")
    try:
        pins.path.parent.mkdir(exist_ok=True)
        pins.path.write_text("\n".join(blocks), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{pins.path}: cannot be written ({error.strerror}); copy the plugin to a folder of "
            "your own and name that with --plugins."
        ) from error


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # Eight digits: more than any band asks for, and short enough to be reviewed.
        return repr(float(f"{value:.8g}"))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_toml(entry)}" for key, entry in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _key(name: object) -> str:
    text = str(name)
    bare = text.isascii() and text.replace("_", "").replace("-", "").isalnum()
    return text if bare else _toml(text)
