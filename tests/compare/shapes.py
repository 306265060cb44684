"""Bodies with meshes and names, made without a mesher, for run folders that are made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

GAP = 1.5  # inner radius of the cage over the particle's
CAGE = 0.01  # thickness of the cage [um]

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(kw_only=True)
class Shape:
    """A mesh with names; ``facets`` maps group names to corner points."""

    points: Array
    cells: Indices
    tags: Indices
    regions: dict[str, int]
    facets: dict[str, Indices]
    roles: dict[str, Any]
    kinematics: str
    media: list[str] = field(default_factory=list)


def _boundary(cells: Indices) -> Indices:
    n = cells.shape[1]
    faces = np.concatenate([np.delete(cells, i, axis=1) for i in range(n)])
    _, first, count = np.unique(
        np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True
    )
    return faces[first[count == 1]]


def between(cells: Indices, tags: Indices, a: int, b: int) -> Indices:
    """Return the facets shared by the regions a and b."""
    first, second = _boundary(cells[tags == a]), _boundary(cells[tags == b])
    key = {tuple(facet) for facet in np.sort(second, axis=1)}
    return first[[tuple(facet) in key for facet in np.sort(first, axis=1)]]


def half_disc(radii: Array, tags: Mapping[int, int], *, angles: int, full: bool) -> Shape:
    """Mesh a (quarter or) half disc by rings; ``tags`` maps ring numbers to region tags."""
    theta = np.linspace(0.0, np.pi if full else np.pi / 2, angles + 1)
    rings = [np.column_stack([r * np.sin(theta), r * np.cos(theta)]) for r in radii[1:]]
    points = np.concatenate([[[0.0, 0.0]], *rings])
    points[np.abs(points) < 1e-12] = 0.0
    n = len(theta)
    cells, tag = [], []
    for j in range(angles):
        cells.append([0, 1 + j, 2 + j])
        tag.append(tags[0])
    for i in range(len(radii) - 2):
        for j in range(angles):
            a, b = 1 + i * n + j, 1 + (i + 1) * n + j
            cells += [[a, b, a + 1], [b, b + 1, a + 1]]
            tag += [tags[i + 1]] * 2
    return Shape(
        points=points,
        cells=np.array(cells),
        tags=np.array(tag),
        regions={},
        facets={},
        roles={},
        kinematics="axisymmetric",
    )


def _on(shape: Shape, facets: Indices, test: Callable[[Array], npt.NDArray[np.bool_]]) -> Indices:
    return facets[test(shape.points[facets]).all(axis=1)]


def sphere(*, size: float = 1.0, full: bool = True) -> Shape:
    """Return the meridian half (or quarter) plane of a sphere."""
    rings = 14
    shape = half_disc(
        size * np.arange(rings + 1.0) / rings, dict.fromkeys(range(rings), 1), angles=48, full=full
    )
    outer = _boundary(shape.cells)
    shape.regions = {"particle": 1}
    shape.facets = {
        "particle_surface": _on(
            shape, outer, lambda x: np.hypot(x[..., 0], x[..., 1]) > 0.999 * size
        ),
        "axis": _on(shape, outer, lambda x: x[..., 0] == 0.0),
    }
    shape.roles = {
        "flux": ["particle_surface"],
        "sei": ["particle_surface"],
        "hull": ["particle_surface"],
        "symmetry": {"axis": 0},
    }
    if not full:
        shape.facets["symmetry_y"] = _on(shape, outer, lambda x: x[..., 1] == 0.0)
        shape.roles["symmetry"]["symmetry_y"] = 1
    return shape


def caged() -> Shape:
    """Return the meridian half plane of a sphere in a cage, with the void between them."""
    radii = np.concatenate(
        [np.linspace(0, 1, 13), np.linspace(1, GAP, 9)[1:], [GAP + CAGE / 2, GAP + CAGE]]
    )
    rings = {i: 1 for i in range(12)} | {i: 2 for i in range(12, 20)} | {20: 3, 21: 3}
    shape = half_disc(radii, rings, angles=72, full=True)
    shape.regions = {"particle": 1, "void": 2, "cage": 3}
    shape.media = ["void"]
    outer = _boundary(shape.cells)
    shape.facets = {
        "particle_surface": between(shape.cells, shape.tags, 1, 2),
        "cage_inner": between(shape.cells, shape.tags, 3, 2),
        "cage_outer": _on(
            shape, outer, lambda x: np.hypot(x[..., 0], x[..., 1]) > GAP + 0.9 * CAGE
        ),
        "axis": _on(shape, outer, lambda x: x[..., 0] == 0.0),
    }
    shape.roles = {
        "flux": ["particle_surface"],
        "sei": ["particle_surface"],
        "hull": ["cage_outer"],
        "symmetry": {"axis": 0},
        "medium": ["void"],
        "contact": ["cage_inner"],
    }
    return shape


def eighth(n: int = 10, *, size: float = 1.0) -> Shape:
    """Return an eighth of a ball of tetrahedra: a cube pushed outwards."""
    axis = np.linspace(0, 1, n + 1)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    norm = np.linalg.norm(grid, axis=1, keepdims=True)
    points = size * grid * grid.max(axis=1, keepdims=True) / np.where(norm > 0, norm, 1)
    i, j, k = np.meshgrid(*[np.arange(n)] * 3, indexing="ij")

    def node(a: Indices, b: Indices, c: Indices) -> Indices:
        return ((a * (n + 1) + b) * (n + 1) + c).ravel()

    paths = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    cells = []
    for path in paths:
        corner = [i.copy(), j.copy(), k.copy()]
        corners = [node(*corner)]
        for step in path:
            corner[step] = corner[step] + 1
            corners.append(node(*corner))
        cells.append(np.column_stack(corners))
    shape = Shape(
        points=points,
        cells=np.concatenate(cells),
        tags=np.ones(6 * n**3, dtype=np.int64),
        regions={"solid": 1},
        facets={},
        roles={},
        kinematics="3d",
    )
    outer = _boundary(shape.cells)
    shape.facets = {
        "particle_surface": _on(
            shape, outer, lambda x: np.linalg.norm(x, axis=-1) > size * (1 - 1e-9)
        )
    }
    for number, name in enumerate("xyz"):
        flat = (shape.points[outer][..., number] == 0.0).all(axis=1)
        shape.facets[f"symmetry_{name}"] = outer[flat]
    shape.roles = {
        "flux": ["particle_surface"],
        "sei": ["particle_surface"],
        "hull": ["particle_surface"],
        "symmetry": {f"symmetry_{name}": number for number, name in enumerate("xyz")},
    }
    return shape


def _cube(n: int) -> Shape:
    """Return the eighth of a cube of which `eighth` makes a ball, with the ball's names."""
    shape = eighth(n)
    norm = np.linalg.norm(shape.points, axis=1, keepdims=True)
    largest = shape.points.max(axis=1, keepdims=True)
    shape.points = shape.points * norm / np.where(largest > 0, largest, 1)
    return shape


def coated(n: int = 8) -> Shape:
    """Return an eighth of a cube of coating with a cube in it that meets none of its sides."""
    shape = _cube(n)
    middle = shape.points[shape.cells].mean(axis=1)
    shape.tags = np.where((np.abs(middle - 0.5) < 0.25).all(axis=1), 1, 2)
    shape.regions = {"solid": 1, "coat": 2}
    outer = shape.facets.pop("particle_surface")
    shape.facets["outer"] = outer
    shape.roles |= {"flux": ["outer"], "sei": [], "hull": ["outer"]}
    return shape


def slabs(n: int = 12) -> Shape:
    """Return an eighth of a cube of solid slabs with gaps between them: a crude sponge."""
    shape = _cube(n)
    solid = np.floor(shape.points[shape.cells].mean(axis=1)[:, 0] * 6) % 2 == 0
    used, local = np.unique(shape.cells[solid], return_inverse=True)
    shape.points, shape.cells = shape.points[used], local.reshape(-1, 4)
    shape.tags = shape.tags[solid]
    outer = _boundary(shape.cells)
    place = shape.points[outer]
    shape.facets = {
        f"symmetry_{x}": outer[(place[..., i] == 0).all(1)] for i, x in enumerate("xyz")
    }
    flat = np.asarray(np.isclose(place, 1).all(axis=1)).any(axis=1)
    shape.facets |= {
        "outer": outer[flat],
        "pore_surface": outer[~flat & ~(place == 0).all(axis=1).any(axis=1)],
    }
    shape.roles |= {"flux": ["pore_surface"], "sei": ["pore_surface"], "hull": ["outer"]}
    return shape


def blocks() -> Shape:
    """Return half a block of silicon and carbon films on half a pitch of collector."""
    x = np.concatenate([np.linspace(0, 1.0, 21), np.linspace(1.0, 1.4, 9)[1:]])
    layers = [("collector", 0.4, 4)] + 2 * [("silicon", 0.3, 6), ("carbon", 0.06, 2)]
    y = [0.0]
    names = []
    for name, height, count in layers:
        y += list(y[-1] + height * np.arange(1, count + 1) / count)
        names += [name] * count
    heights = np.array(y)
    points = np.stack(np.meshgrid(x, heights), axis=-1).reshape(-1, 2)
    regions = {"collector": 1, "silicon": 2, "carbon": 3}
    cells, tags = [], []
    for row, name in enumerate(names):
        for column in range(len(x) - 1):
            if name != "collector" and x[column] >= 1.0 - 1e-9:
                continue
            a = row * len(x) + column
            b = a + len(x)
            cells += [[a, a + 1, b], [a + 1, b + 1, b]]
            tags += [regions[name]] * 2
    used, local = np.unique(np.array(cells), return_inverse=True)
    shape = Shape(
        points=points[used],
        cells=local.reshape(-1, 3),
        tags=np.array(tags),
        regions=regions,
        facets={},
        roles={},
        kinematics="plane_strain",
    )
    outer = _boundary(shape.cells)
    top = heights[-1]
    shape.facets = {
        "film_surface": np.concatenate(
            [
                _on(shape, outer, lambda p: np.isclose(p[..., 1], top)),
                _on(
                    shape,
                    outer,
                    lambda p: np.isclose(p[..., 0], 1.0) & (p[..., 1] > 0.4 - 1e-9),
                ),
            ]
        ),
        "symmetry_x": np.concatenate(
            [
                _on(shape, outer, lambda p: p[..., 0] == 0.0),
                _on(shape, outer, lambda p: np.isclose(p[..., 0], 1.4)),
            ]
        ),
        "collector_bottom": _on(shape, outer, lambda p: p[..., 1] == 0.0),
    }
    shape.roles = {
        "flux": ["film_surface"],
        "sei": ["film_surface"],
        "hull": ["film_surface"],
        "symmetry": {"symmetry_x": 0, "collector_bottom": 1},
    }
    return shape
