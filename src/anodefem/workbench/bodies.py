"""Bodies of simple shape on grids of few cells, so that a problem says how fine they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from anodefem.fem.domain import Domain
from anodefem.geometry import Geometry, Roles, SimplexMesh
from anodefem.meshing import make_mesh
from anodefem.meshing.grid import on_grid
from anodefem.meshing.simplices import compact, edges_of, name_exterior, oriented

Array = npt.NDArray[Any]

HALF_BALL = 2.0 * np.pi / 3.0  # volume of half a ball over its radius cubed
QUARTER_DISC = np.pi / 4.0  # area of a quarter of a disc over its radius squared


@dataclass(frozen=True)
class NoParameters:
    """Parameters of a geometry that a problem has fixed."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the concentric parts of a ball.

    Attributes:
        name: Cell group.
        radius: Outer radius [um].
        rings: Cells across it.
    """

    name: str
    radius: float
    rings: int


def ball(*layers: Layer, cavity: float = 0.0, sectors: int = 6) -> Geometry:
    """Return half a ball of concentric layers, for axisymmetry.

    Facet groups are "axis", "symmetry_z", "outer" and, around a cavity, "pore_surface".

    Args:
        layers: From inside out.
        cavity: Radius of the hole in the middle [um].
        sectors: Cells over the quarter circle.
    """
    return _concentric(layers, cavity, sectors, "axisymmetric", 3, HALF_BALL)


def cylinder(*layers: Layer, sectors: int = 6) -> Geometry:
    """Return a quarter of a cylinder of concentric layers, in plane strain.

    Facet groups are "axis" (x = 0), "symmetry_z" (y = 0) and "outer"; arguments as for `ball`.

    Args:
        layers: Concentric parts from inside out.
        sectors: Cells over the quarter circle.
    """
    return _concentric(layers, 0.0, sectors, "plane_strain", 2, QUARTER_DISC)


def _concentric(
    layers: tuple[Layer, ...], cavity: float, sectors: int, kind: str, power: int, unit: float
) -> Geometry:
    """Layers of volume ``unit`` times a power of their radii.

    Args:
        layers: Concentric parts from inside out.
        cavity: Radius of the hole in the middle [um].
        sectors: Cells over the quarter circle.
        kind: Kinematics.
        power: Of the radius in the volume.
        unit: Volume of the body over that power of its radius.
    """
    edges = [cavity]
    lines: list[Array] = [np.array([cavity])]
    angles: Array = np.linspace(0.0, np.pi / 2, sectors + 1)
    for layer in layers:
        lines.append(np.linspace(edges[-1], layer.radius, layer.rings + 1)[1:])
        edges.append(layer.radius)

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        polar = on_grid(
            [np.concatenate(lines), angles],
            [layer.name for layer in layers],
            lambda middles: np.searchsorted(edges[1:], middles[:, 0]),
        )
        planes = {"axis": (1, 0.0), "symmetry_z": (1, np.pi / 2), "outer": (0, edges[-1])}
        if cavity:
            planes["pore_surface"] = (0, cavity)
        polar = name_exterior(polar, planes)
        return _bent(polar if cavity else _pointed(polar))

    volumes = [unit * (b**power - a**power) for a, b in pairwise(edges)]
    exact = {layer.name: volume for layer, volume in zip(layers, volumes, strict=True)}
    return _geometry(
        discretise,
        exact | {"hull": unit * edges[-1] ** power},
        Roles(
            flux=("outer",),
            sei=("outer",),
            hull=("outer",),
            symmetry={"axis": 0, "symmetry_z": 1},
        ),
        kind,
    )


def _pointed(grid: SimplexMesh) -> SimplexMesh:
    """Let the cells at radius 0 meet in one point."""
    middle = np.flatnonzero(grid.points[:, 0] == 0.0)
    number = np.arange(len(grid.points))
    number[middle] = middle[0]
    cells = number[grid.cells]
    kept = np.array([len(set(cell)) == 3 for cell in cells])
    return compact(
        replace(
            grid,
            cells=cells[kept],
            cell_groups=grid.cell_groups[kept],
            facets=number[grid.facets],
        )
    )


def _bent(polar: SimplexMesh) -> SimplexMesh:
    """Take a mesh in (radius, angle from the axis) to (r, z), with middles of edges on circles."""
    edges = edges_of(polar.cells)
    edges = edges[polar.points[edges, 0].min(axis=1) > 0.0]
    curved = replace(polar, curved_edges=edges, curved_middles=polar.points[edges].mean(axis=1))

    def bend(points: Array) -> Array:
        radius, angle = points.T
        return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)

    return oriented(curved.moved(bend))


def film(*, width: float, height: float, cells: int = 2, layers: int | None = None) -> Geometry:
    """Return a disc held at its bottom and its side, free on "top"; axisymmetric.

    Args:
        width: Radius [um].
        height: Thickness [um].
        cells: Along each side.
        layers: Along the height, if that is another number.
    """

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        sides = ((width, cells), (height, layers or cells))
        lines: list[Array] = [np.linspace(0.0, end, count + 1) for end, count in sides]
        grid = on_grid(lines, ["solid"], lambda middles: np.zeros(len(middles), dtype=np.int64))
        planes = {"axis": (0, 0.0), "side": (0, width), "bottom": (1, 0.0), "top": (1, height)}
        return name_exterior(grid, planes)

    volume = np.pi * width**2 * height
    return _geometry(
        discretise,
        {"solid": volume, "hull": volume},
        Roles(
            flux=("top",),
            sei=("top",),
            hull=("top", "side"),
            symmetry={"axis": 0, "side": 0, "bottom": 1},
        ),
        "axisymmetric",
    )


def bar(*, radius: float, length: float, across: int, along: int) -> Geometry:
    """Return a round bar between "bottom" and "top", its "side" free; axisymmetric.

    Args:
        radius: Of the bar [um].
        length: From bottom to top [um].
        across: Cells from the axis to the side.
        along: Cells from bottom to top.
    """

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        lines: list[Array] = [
            np.linspace(0.0, radius, across + 1),
            np.linspace(0.0, length, along + 1),
        ]
        grid = on_grid(lines, ["solid"], lambda middles: np.zeros(len(middles), dtype=np.int64))
        planes = {"axis": (0, 0.0), "side": (0, radius), "bottom": (1, 0.0), "top": (1, length)}
        return name_exterior(grid, planes)

    volume = np.pi * radius**2 * length
    return _geometry(
        discretise,
        {"solid": volume, "hull": volume},
        Roles(
            flux=("side",),
            sei=("side",),
            hull=("top", "side"),
            symmetry={"axis": 0, "bottom": 1, "top": 1},
        ),
        "axisymmetric",
    )


def block(kind: str, *, cells: int = 2, distortion: float = 0.0) -> Geometry:
    """Return a unit cube, square or (in axisymmetry) cylinder of radius and height 1 um.

    Facet groups are "x0", "y0" and "z0", which are planes of symmetry, and "x1", "y1" and "z1"
    opposite, which are free. In axisymmetry "x0" is the axis and y the height.

    Args:
        kind: Kinematics.
        cells: Boxes along each side, each split into simplices.
        distortion: How far inner vertices are moved, at random, over the size of a box.
    """
    dim = 3 if kind == "3d" else 2
    sides = {
        f"{axis}{end}": (a, float(end)) for a, axis in enumerate("xyz"[:dim]) for end in (0, 1)
    }

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        lines: list[Array] = [np.linspace(0.0, 1.0, cells + 1)] * dim
        grid = on_grid(lines, ["solid"], lambda middles: np.zeros(len(middles), dtype=np.int64))
        random = np.random.default_rng(5)

        def shake(points: Array) -> Array:
            outside = np.isclose(points * (1.0 - points), 0.0).any(axis=1)
            shift = random.uniform(-1.0, 1.0, points.shape) * distortion / cells
            shift[outside] = 0.0
            return points + shift

        return name_exterior(grid, sides).moved(shake)

    volume = np.pi if kind == "axisymmetric" else 1.0
    free = tuple(name for name, (_, end) in sides.items() if end == 1.0)
    held = {name: axis for name, (axis, end) in sides.items() if end == 0.0}
    roles = Roles(flux=free, sei=free, hull=free, symmetry=held)
    return _geometry(discretise, {"solid": volume, "hull": volume}, roles, kind)


def blocks(
    *, radius: float, height: float, gap: float, cells: int, loose: bool = False
) -> Geometry:
    """Return two round blocks, "lower" and "upper", on one axis with a "void" between their faces.

    Held are "bottom", "top" and "axis"; the "side" is free; axisymmetric.

    Args:
        radius: Of both blocks [um].
        height: Of each block [um].
        gap: Height of the void [um], one cell.
        cells: Along each side of a block.
        loose: Their void is one between loose bodies.
    """
    middle = height + gap
    unstructured = ("void",) if loose else ()

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        lower: Array = np.linspace(0.0, height, cells + 1)
        grid = on_grid(
            [np.linspace(0.0, radius, cells + 1), np.concatenate([lower, lower + middle])],
            ["lower", "void", "upper"],
            lambda middles: np.searchsorted([height, middle], middles[:, 1]),
        )
        end = middle + height
        planes = {"axis": (0, 0.0), "side": (0, radius), "bottom": (1, 0.0), "top": (1, end)}
        return name_exterior(grid, planes)

    area = np.pi * radius**2
    exact = {"lower": area * height, "void": area * gap, "upper": area * height}
    geometry = _geometry(
        discretise,
        exact | {"hull": area * (middle + height)},
        Roles(
            flux=(),
            sei=(),
            hull=("top", "side"),
            symmetry={"axis": 0, "bottom": 1, "top": 1},
            medium=("void",),
            unstructured=unstructured,
            loose=unstructured,
        ),
        "axisymmetric",
    )
    return replace(geometry, regions=lambda p, kinematics: ("lower", "upper"))


def plate(x: Array, y: Array) -> Geometry:
    """Return a plate in plane strain that nothing holds.

    Facet groups are "left", "right", "bottom" and "top".

    Args:
        x: Lines of its grid from left to right [um].
        y: Lines from bottom to top [um].
    """

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        grid = on_grid([x, y], ["solid"], lambda middles: np.zeros(len(middles), dtype=np.int64))
        planes = {"left": (0, x[0]), "right": (0, x[-1]), "bottom": (1, y[0]), "top": (1, y[-1])}
        return name_exterior(grid, planes)

    area = float((x[-1] - x[0]) * (y[-1] - y[0]))
    sides = ("left", "right", "bottom", "top")
    return _geometry(
        discretise,
        {"solid": area, "hull": area},
        Roles(flux=("top",), sei=("top",), hull=sides, symmetry={}),
        "plane_strain",
    )


def laminate(x: Array, y: Array, *, held: Literal["bottom", "right"]) -> Geometry:
    """Return two strips in plane strain, "lower" below y = 0 and "upper" above it.

    Facet groups are "left", "right", "bottom" and "top".

    Args:
        x: Lines of its grid from left to right [um].
        y: Lines from bottom to top [um], 0 among them.
        held: Side that keeps its plane, and one point in it.
    """
    anchor = ((float(x[0]), float(y[0])), 0) if held == "bottom" else ((float(x[-1]), 0.0), 1)

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        grid = on_grid(
            [x, y],
            ["lower", "upper"],
            lambda middles: (middles[:, 1] > 0.0).astype(np.int64),
        )
        planes = {"left": (0, x[0]), "right": (0, x[-1]), "bottom": (1, y[0]), "top": (1, y[-1])}
        return name_exterior(grid, planes)

    width = float(x[-1] - x[0])
    exact = {"lower": -width * float(y[0]), "upper": width * float(y[-1])}
    sides = ("left", "right", "bottom", "top")
    return _geometry(
        discretise,
        exact | {"hull": width * float(y[-1] - y[0])},
        Roles(
            flux=("top",),
            sei=("top",),
            hull=sides,
            symmetry={held: 1 if held == "bottom" else 0},
            anchor=(anchor,),
        ),
        "plane_strain",
    )


def confined(geometry: Geometry, **planes: int) -> Geometry:
    """Return the geometry with more facet groups held: name -> component."""
    roles = geometry.roles(NoParameters(), "")
    more = replace(roles, symmetry={**roles.symmetry, **planes})
    return replace(geometry, roles=lambda p, kinematics: more)


def _geometry(discretise: Any, exact: dict[str, float], roles: Roles, kind: str) -> Geometry:
    names = tuple(name for name in exact if name != "hull")
    return Geometry(
        name="body",
        title="A body of a verification problem",
        kinematics=(kind,),
        parameters=NoParameters,
        exact=lambda p, kinematics: exact,
        roles=lambda p, kinematics: roles,
        regions=lambda p, kinematics: names,
        discretise=discretise,
    )


def read(geometry: Geometry, folder: Path, *, order: int = 2) -> Domain:
    """Mesh a geometry of this module and read it back, on this rank alone.

    Args:
        geometry: Geometry without parameters, such as `ball` returns.
        folder: Empty folder for the files of the mesh.
        order: Order of the cells' shape, 1 or 2.
    """
    kinematics = geometry.kinematics[0]
    make_mesh(geometry, NoParameters(), kinematics=kinematics, order=order, folder=folder)
    return Domain.read(folder, MPI.COMM_SELF)
