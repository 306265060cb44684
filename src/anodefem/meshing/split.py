"""Cells that touch two working surfaces are cut so that each part touches one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anodefem.geometry import SimplexMesh
from anodefem.meshing.simplices import match


def split_at_surfaces(mesh: SimplexMesh, surfaces: Sequence[str]) -> SimplexMesh:
    """Return the mesh with every cell that has two facets on ``surfaces`` split at its centroid.

    The solver keeps the history of a surface in the cells that touch it, one facet per cell.

    Args:
        mesh: A mesh.
        surfaces: Facet groups; names that the mesh does not have are passed over.
    """
    wanted = [mesh.facet_names.index(name) for name in surfaces if name in mesh.facet_names]
    facets = mesh.facets[np.isin(mesh.facet_groups, wanted)]
    sides = match(mesh.cells, facets, len(mesh.points))
    touched = np.bincount(sides[sides >= 0], minlength=len(mesh.cells))
    crowded = np.flatnonzero(touched > 1)
    if not len(crowded):
        return mesh
    parents = mesh.cells[crowded]
    centre = len(mesh.points) + np.arange(len(crowded))
    parts = []
    for corner in range(mesh.dim + 1):
        part = parents.copy()
        part[:, corner] = centre
        parts.append(part)
    kept = np.ones(len(mesh.cells), dtype=bool)
    kept[crowded] = False
    groups = mesh.cell_groups
    return replace(
        mesh,
        points=np.concatenate([mesh.points, mesh.points[parents].mean(axis=1)]),
        cells=np.concatenate([mesh.cells[kept], *parts]),
        cell_groups=np.concatenate([groups[kept], np.tile(groups[crowded], mesh.dim + 1)]),
    )
