"""What a mesh on disk is, found from its files alone.

The checks of `anodefem.meshing.validity` see the mesh before it is written; these see what a solver
will read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from anodefem.geometry import Indices, SimplexMesh
from anodefem.meshing.manifest import Manifest
from anodefem.meshing.regression.pins import Group, Pin
from anodefem.meshing.simplices import (
    components,
    edges_of,
    exterior,
    facets_of_cells,
    folded,
    keys,
    neighbours,
    volumes,
)

_CORNERS = {"triangle": 3, "triangle6": 3, "tetra": 4, "tetra10": 4, "line": 2, "line3": 2}


def read(folder: Path) -> SimplexMesh:
    """Return the straight simplices of the mesh files in a folder.

    Points of a second-order mesh that are no vertices come last and belong to no cell.
    """
    import meshio

    manifest = Manifest.load(folder)
    cells, facets = (meshio.read(folder / f"{name}.xdmf") for name in ("mesh", "facets"))
    return SimplexMesh(
        points=np.asarray(cells.points, dtype=np.float64),
        cells=_corners(cells),
        cell_groups=cells.cell_data["cell_tags"][0].astype(np.int64) - 1,
        cell_names=tuple(manifest.cells),
        facets=_corners(facets),
        facet_groups=facets.cell_data["facet_tags"][0].astype(np.int64) - 1,
        facet_names=tuple(manifest.facets),
    )


def _corners(mesh: Any) -> Indices:
    block = mesh.cells[0]
    return np.asarray(block.data[:, : _CORNERS[block.type]], dtype=np.int64)


def measured(folder: Path) -> Pin:
    """Return everything about the mesh in a folder that pins compare."""
    manifest, mesh = Manifest.load(folder), read(folder)
    count = len(mesh.points)
    oriented = (volumes(mesh.points, mesh.cells) > 0).all() and not len(folded(mesh.cells, count))
    cells, facets = (
        {name: _group(manifest, name) for name in names}
        for names in (manifest.cells, manifest.facets)
    )
    others = {*manifest.measures, *manifest.exact} - {*cells, *facets}
    return Pin(
        hash=manifest.hash,
        versions=dict(manifest.versions),
        input=dict(manifest.parameters),
        points=manifest.counts["points"],
        parts=len(np.unique(components(len(mesh.cells), neighbours(mesh.cells, count)))),
        euler=_euler(mesh.cells),
        watertight=_watertight(mesh),
        orientation=manifest.orientation if oriented else "mixed",
        box=(_corner(mesh.points.min(axis=0)), _corner(mesh.points.max(axis=0))),
        roles=_plain(asdict(manifest.roles)),
        cells=cells,
        facets=facets,
        whole={name: _group(manifest, name) for name in sorted(others)},
    )


def _group(manifest: Manifest, name: str) -> Group:
    quality = manifest.quality.get(name)
    return Group(
        count=manifest.counts.get(name),
        measure=manifest.measures.get(name),
        exact=manifest.exact.get(name),
        quality=None if quality is None else (quality["min"], quality["p01"], quality["p50"]),
    )


def _euler(cells: Indices) -> int:
    """Vertices - edges + triangles - tetrahedra."""
    points = int(cells.max()) + 1
    counts = [len(np.unique(cells)), len(edges_of(cells)), len(cells)]
    if cells.shape[1] == 4:
        faces = np.unique(keys(facets_of_cells(cells).reshape(-1, 3), points))
        counts.insert(2, len(faces))
    return int(sum(number * (-1) ** place for place, number in enumerate(counts)))


def _watertight(mesh: SimplexMesh) -> bool:
    """Whether the boundary has no rim and each facet of it is in one group."""
    count = len(mesh.points)
    boundary = exterior(mesh.cells, count)
    named = keys(mesh.facets, count)
    covered = np.isin(keys(boundary, count), named).all() and len(np.unique(named)) == len(named)
    pairs = [(0,), (1,)] if mesh.dim == 2 else [(0, 1), (1, 2), (0, 2)]
    ridges = np.concatenate([keys(boundary[:, pair], count) for pair in pairs])
    meeting = np.unique(ridges, return_counts=True)[1]
    return bool(covered and (meeting % 2 == 0).all())


def _corner(point: Any) -> tuple[float, ...]:
    return tuple(float(coordinate) for coordinate in point)


def _plain(roles: Mapping[str, Any]) -> dict[str, Any]:
    """Roles as TOML and JSON hold them, without those that are empty."""
    listed: dict[str, Any] = json.loads(json.dumps(roles))
    return {key: value for key, value in listed.items() if value}
