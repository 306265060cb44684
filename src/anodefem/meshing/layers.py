"""Structured layers grown from a surface of a mesh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from anodefem.geometry import Array, SimplexMesh
from anodefem.meshing import limits
from anodefem.meshing.simplices import edges_of, keys, oriented, with_facets


def grown(
    mesh: SimplexMesh,
    *,
    over: str,
    through: Sequence[Callable[[Array], Array]],
    cells: str,
    top: str | None = None,
) -> SimplexMesh:
    """Return the mesh with layers of cells grown from one of its facet groups.

    Each facet becomes a column of prisms, each prism is cut into simplices so that columns fit
    their neighbours; no simplex touches both ends of its prism with a facet.

    Args:
        mesh: A mesh.
        over: The facet group from which the layers grow.
        through: For each layer, the map from points ``(k, dim)`` of the group to where the layer
            ends. Middles of curved edges go through the same map.
        cells: Cell group of the layers, new or known.
        top: Facet group of the last layer's far side; without it these facets get no group.
    """
    limits.check(len(mesh.cells) + len(mesh.facets_of(over)) * len(through) * mesh.dim)
    count = len(mesh.points)
    surface = np.sort(mesh.facets_of(over), axis=1)
    vertices = np.unique(surface)
    rank = np.searchsorted(vertices, surface)
    on_surface = keys(edges_of(surface), count)
    curved = np.isin(keys(mesh.curved_edges, count), on_surface)
    lower, lower_edges = surface, np.sort(mesh.curved_edges[curved], axis=1)
    edges = np.searchsorted(vertices, lower_edges)
    lower_middles = mesh.curved_middles[curved]

    points, columns = [mesh.points], []
    curved_edges, middles = [mesh.curved_edges], [mesh.curved_middles]
    for layer, move in enumerate(through):
        first = count + layer * len(vertices)
        points.append(move(mesh.points[vertices]))
        if len(edges):
            upper_edges, upper_middles = edges + first, move(mesh.curved_middles[curved])
            # Diagonals bend with the edges below and above them, or thin layers would fold.
            diagonals = np.stack([lower_edges[:, 0], upper_edges[:, 1]], axis=1)
            curved_edges += [upper_edges, diagonals]
            middles += [upper_middles, (lower_middles + upper_middles) / 2.0]
            lower_edges, lower_middles = upper_edges, upper_middles
        upper = rank + first
        # Vertices are sorted, so every side of a prism is cut from its smaller vertex below to its
        # larger vertex above, whichever column looks at it.
        columns += [
            np.concatenate([lower[:, : corner + 1], upper[:, corner:]], axis=1)
            for corner in range(mesh.dim)
        ]
        lower = upper

    names = mesh.cell_names if cells in mesh.cell_names else (*mesh.cell_names, cells)
    new = np.concatenate(columns)
    result = replace(
        mesh,
        points=np.concatenate(points),
        cells=np.concatenate([mesh.cells, new]),
        cell_groups=np.concatenate([mesh.cell_groups, np.full(len(new), names.index(cells))]),
        cell_names=names,
        curved_edges=np.concatenate(curved_edges),
        curved_middles=np.concatenate(middles) if len(edges) else mesh.curved_middles,
    )
    if top is not None:
        result = with_facets(result, lower, [top] * len(lower))
    return oriented(result)
