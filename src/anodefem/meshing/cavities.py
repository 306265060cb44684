"""Which surfaces of a body nothing from outside reaches."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from anodefem.geometry import SimplexMesh
from anodefem.meshing import curved
from anodefem.meshing.simplices import components, exterior, keys, match

Mask = npt.NDArray[np.bool_]


def on_cavities(mesh: SimplexMesh, *, held: Iterable[str], kinematics: str) -> Mask:
    """Return which of the mesh's grouped facets are on the wall of a closed cavity.

    The outside of a connected body is one surface around it; a cavity has another, which takes
    volume away. Cut by planes through the origin, both keep the sign of their volume.

    Args:
        mesh: A mesh whose exterior facets all have a group.
        held: Facet groups in planes of symmetry through the origin, or on the axis.
        kinematics: One of `anodefem.geometry.KINEMATICS`.

    Returns:
        Shape ``(k,)``.
    """
    count = len(mesh.points)
    groups = [mesh.facet_names.index(name) for name in held if name in mesh.facet_names]
    outside = np.isin(keys(mesh.facets, count), keys(exterior(mesh.cells, count), count))
    chosen = np.flatnonzero(outside & ~np.isin(mesh.facet_groups, groups))
    facets = mesh.facets[chosen]
    ridges = [(0,), (1,)] if mesh.dim == 2 else [(0, 1), (1, 2), (0, 2)]
    key = np.concatenate([keys(facets[:, ridge], count) for ridge in ridges])
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(np.diff(key[order]) == 0)
    label = components(len(facets), np.stack([order[same], order[same + 1]], axis=1) % len(facets))
    inside = mesh.points[mesh.cells[match(mesh.cells, facets, count)[:, 0]]].mean(axis=1)
    found = np.zeros(len(mesh.facets), dtype=bool)
    pieces = np.unique(label)
    for piece in pieces if len(pieces) > 1 else ():
        mine = label == piece
        volume = curved.enclosed_volume(mesh.points, facets[mine], inside[mine], kinematics)
        found[chosen[mine]] = volume < 0.0
    return found
