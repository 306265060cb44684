"""Holding a free body by as few vertices as it takes, so that nothing is stressed by it."""

from __future__ import annotations

import numpy as np

from anodefem.geometry import Array, Roles, SimplexMesh
from anodefem.meshing.periodic import across
from anodefem.meshing.simplices import components, neighbours

Anchor = tuple[tuple[float, ...], int]

#: How much more a vertex off the line costs than one closer to the body's middle.
_OFF = 8.0


def anchors(mesh: SimplexMesh, roles: Roles, kinematics: str) -> tuple[Anchor, ...]:
    """Return the vertices and components that remove what rigid motions are left.

    Planes of symmetry hold some motions, single components of displacement at vertices hold the
    others, one each: six for a free body in three dimensions (three at the vertex nearest to its
    middle, two at a second one, one at a third). The supports are statically determinate, so
    that their reactions are zero whatever the body does inside, and nothing is stressed. The second
    and third vertex lie nearly along an axis from the first, so that a body that swells by the same
    amount everywhere turns by little. A body that goes on periodically along an axis cannot turn
    away from it.

    Args:
        mesh: The mesh.
        roles: Planes of symmetry and media; anchors that a plugin names are returned as they are.
        kinematics: One of `anodefem.geometry.KINEMATICS`.
    """
    if roles.anchor:
        return roles.anchor
    held = {axis for name, axis in roles.symmetry.items() if name in mesh.facet_names}
    if kinematics == "axisymmetric":  # the radius is held by the hoops
        held.add(0)
    free = [axis for axis in range(mesh.dim) if axis not in held]
    if not free:
        return ()
    places = mesh.points[_largest_solid(mesh, roles)]
    span = np.ptp(places, axis=0)
    middle = (places.min(axis=0) + places.max(axis=0)) / 2.0
    first = places[np.linalg.norm(places - middle, axis=1).argmin()]
    found = [(first, axis) for axis in free]
    sides = (mesh.facets_of(one) for one, _ in roles.periodic if one in mesh.facet_names)
    onwards = {across(mesh.points[np.unique(side)]) for side in sides}
    turning = [axis for axis in free if axis not in onwards]
    if kinematics == "axisymmetric" or len(turning) < 2:
        return tuple(map(_plain, found))

    # Two or three directions are free to turn, from each to each other one.
    longest, *others = sorted(turning, key=lambda axis: -span[axis])
    second = _along(places, first, longest)
    found += [(second, axis) for axis in others]
    if len(others) == 2:
        found.append((_along(places, first, others[0]), others[1]))
    return tuple(map(_plain, found))


def _plain(anchor: tuple[Array, int]) -> Anchor:
    place, axis = anchor
    return tuple(float(coordinate) for coordinate in place), axis


def _along(places: Array, start: Array, axis: int) -> Array:
    """Return the vertex farthest from ``start`` along an axis, and near to the line."""
    away = np.abs(places - start)
    off = away.sum(axis=1) - away[:, axis]
    return np.asarray(places[np.argmax(away[:, axis] - _OFF * off)])


def _largest_solid(mesh: SimplexMesh, roles: Roles) -> Array:
    """Return the vertices of the solid part with most cells: a void cannot hold anything."""
    media = [mesh.cell_names.index(name) for name in roles.medium]
    cells = mesh.cells[~np.isin(mesh.cell_groups, media)]
    part = components(len(cells), neighbours(cells, len(mesh.points)))
    return np.unique(cells[part == np.bincount(part).argmax()])
