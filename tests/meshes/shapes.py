"""Bodies that tests write to files: a noisy grain, balls of voxels, blocks of tetrahedra."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import meshio
import numpy as np
import numpy.typing as npt

from anodefem.geometry import Array, Indices


def sphere(levels: int) -> tuple[Array, Indices]:
    """Return an octahedron whose triangles are cut in four several times, on the unit sphere."""
    points = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    faces = np.array(
        [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    )
    for _ in range(levels):
        sides = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        edges, number = np.unique(sides, axis=0, return_inverse=True)
        middle = len(points) + number.reshape(-1, 3)
        points = np.vstack([points, points[edges].sum(axis=1)])
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        a, b, c = faces.T
        ab, bc, ca = middle.T
        faces = np.concatenate(
            [
                np.stack(part, axis=1)
                for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
            ]
        )
    return points, faces.astype(np.int64)


def grain() -> tuple[Array, Indices]:
    """Return a closed surface with a dimple and noise, about 2 across, its normals outwards."""
    points, triangles = sphere(4)
    noise = np.random.default_rng(1).standard_normal(len(points))
    dimple = np.exp(-((points - [0.0, 0.0, 1.0]) ** 2).sum(axis=1) / 0.25)
    bumps = 0.2 * np.cos(3.0 * points[:, 0]) * points[:, 2]
    return points * (1.0 + bumps - 0.45 * dimple + 0.01 * noise)[:, None], triangles


def enclosed(points: Array, triangles: Indices) -> float:
    """Return the volume inside a closed surface."""
    return float(np.linalg.det(points[triangles]).sum() / 6.0)


def ball(
    size: int, radius: float, *, at: tuple[float, float, float] | None = None
) -> npt.NDArray[np.bool_]:
    """Return a ball of voxels in a cube of ``size`` along each edge."""
    centre = np.full(3, size / 2.0) if at is None else np.array(at)
    place = np.indices((size, size, size)) + 0.5
    square: Array = ((place - centre[:, None, None, None]) ** 2).sum(axis=0)
    return square < radius**2


def block(*counts: int) -> tuple[Array, Indices]:
    """Return unit cubes of six tetrahedra each, positively oriented."""
    lines = [np.arange(count + 1.0) for count in counts]
    points = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)
    number = np.arange(len(points)).reshape([count + 1 for count in counts])
    cells = []
    for way in permutations(range(3)):
        corner = np.zeros(3, dtype=np.int64)
        columns = []
        for axis in (None, *way):
            if axis is not None:
                corner[axis] = 1
            window = tuple(slice(c, c + n) for c, n in zip(corner, counts, strict=True))
            columns.append(number[window].ravel())
        cells.append(np.stack(columns, axis=1))
    found = np.concatenate(cells)
    edges = points[found][:, 1:] - points[found][:, :1]
    wrong = np.linalg.det(edges) < 0
    found[wrong] = found[wrong][:, [1, 0, 2, 3]]
    return points, found


def save(path: Path, points: Array, cells: Indices, labels: Indices) -> None:
    """Write tetrahedra with a label each, in the format of the name's ending."""
    gmsh = path.suffix == ".msh"
    data = {name: [labels.astype(np.int32)] for name in (
        ("gmsh:physical", "gmsh:geometrical") if gmsh else ("cell_tags",)
    )}  # fmt: skip
    mesh = meshio.Mesh(points, [("tetra", cells)], cell_data=data)
    if gmsh:
        meshio.write(path, mesh, file_format="gmsh22", binary=True)
    else:
        meshio.write(path, mesh)
