"""Surfaces of meshes that others made: planes of symmetry, outside and cavities get their names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from anodefem.errors import InputError
from anodefem.geometry import Array, SimplexMesh
from anodefem.meshing.cavities import on_cavities
from anodefem.meshing.simplices import exterior, keys, name_exterior

_AXES = "xyz"

Mask = npt.NDArray[np.bool_]


def with_surfaces(
    mesh: SimplexMesh, *, where: object, symmetry: Sequence[str], kinematics: str
) -> SimplexMesh:
    """Return the mesh moved to its planes of symmetry, with every facet of its boundary named.

    Facets of the planes are called "symmetry_x" and so on (on the axis of revolution "axis"),
    whatever the file calls them; what has no name yet is called "REGION_surface".

    Args:
        mesh: A mesh in um.
        where: The file, for messages.
        symmetry: Such as ``("x_min", "z_max")``: the body ends there in a plane of symmetry.
        kinematics: One of `anodefem.geometry.KINEMATICS`.

    Raises:
        InputError: The body is not flat there, or reaches across the axis of revolution.
    """
    size = float(np.ptp(mesh.points, axis=0).max())
    planes: dict[str, tuple[int, float]] = {}
    shift = np.zeros(mesh.dim)
    used = mesh.points[np.unique(mesh.cells)]
    for entry in symmetry:
        axis = _AXES.index(entry[0])
        if axis >= mesh.dim or (kinematics == "axisymmetric" and axis == 0):
            raise InputError(f"{where}: symmetry = '{entry}' has no meaning for {kinematics}.")
        shift[axis] = -float(used[:, axis].min() if entry.endswith("min") else used[:, axis].max())
        planes[f"symmetry_{entry[0]}"] = (axis, 0.0)
    if kinematics == "axisymmetric":
        inner = float(used[:, 0].min())
        if inner < -1e-6 * size:
            raise InputError(
                f"{where}: reaches across the axis of revolution, to x = {inner:.4g} um; keep the "
                "half with x >= 0, where x is the radius and y the height."
            )
        if inner < 1e-6 * size:
            planes["axis"] = (0, 0.0)

    def moved(points: Array) -> Array:
        there = points + shift
        for axis, _ in planes.values():
            there[np.abs(there[:, axis]) < 1e-6 * size, axis] = 0.0
        return there

    mesh = mesh.moved(moved)
    flat = np.zeros(len(mesh.facets), dtype=bool)
    for axis, _ in planes.values():
        flat |= (mesh.points[mesh.facets, axis] == 0.0).all(axis=1)
    mesh = replace(mesh, facets=mesh.facets[~flat], facet_groups=mesh.facet_groups[~flat])
    mesh = name_exterior(mesh, planes)
    for name, (axis, _) in planes.items():
        if name not in mesh.facet_names and name != "axis":
            entry = next(entry for entry in symmetry if entry[0] == _AXES[axis])
            raise InputError(
                f"{where}: symmetry = '{entry}', but no facet lies in a plane there; leave it out, "
                "or cut the body flat."
            )
    named = len(mesh.facets)
    for region in mesh.cell_names:
        mesh = name_exterior(mesh, {}, of=region, rest=f"{region}_surface")
    inside = on_cavities(mesh, held=planes, kinematics=kinematics)
    for region in mesh.cell_names:
        if f"{region}_surface" in mesh.facet_names:
            mine = inside & (mesh.facet_groups == mesh.facet_names.index(f"{region}_surface"))
            mine[:named] = False  # what the file calls them stays
            mesh = _renamed(mesh, mine, f"{region}_cavity")
    return without_empty(mesh)


def _renamed(mesh: SimplexMesh, facets: Mask, name: str) -> SimplexMesh:
    """Return the mesh with some of its facets in a group of another name."""
    names = mesh.facet_names if name in mesh.facet_names else (*mesh.facet_names, name)
    groups = np.where(facets, names.index(name), mesh.facet_groups)
    return replace(mesh, facet_groups=groups, facet_names=names)


def without_empty(mesh: SimplexMesh) -> SimplexMesh:
    """Return the mesh without facet groups that have no facet."""
    present = np.unique(mesh.facet_groups)
    return replace(
        mesh,
        facet_groups=np.searchsorted(present, mesh.facet_groups),
        facet_names=tuple(mesh.facet_names[index] for index in present),
    )


def outer_surfaces(
    mesh: SimplexMesh, *, where: object, held: Collection[str], kinematics: str
) -> tuple[str, ...]:
    """Return the facet groups that make the outside, without those that are ``held``.

    Walls of closed cavities are not outside: nothing reaches them.

    Args:
        mesh: A mesh whose exterior facets all have a group.
        where: The file, for the message.
        held: Facet groups in planes of symmetry or on the axis.
        kinematics: One of `anodefem.geometry.KINEMATICS`.

    Raises:
        InputError: A group lies partly inside the body, or partly on a cavity.
    """
    count = len(mesh.points)
    outside = np.isin(keys(mesh.facets, count), keys(exterior(mesh.cells, count), count))
    cavity = on_cavities(mesh, held=held, kinematics=kinematics)
    found = []
    for number, name in enumerate(mesh.facet_names):
        mine = outside[mesh.facet_groups == number]
        if mine.any() and not mine.all():
            raise InputError(
                f"{where}: {int((~mine).sum())} of {len(mine)} facets of surface '{name}' lie "
                "inside the body; give what is inside and what is outside different names."
            )
        closed = cavity[mesh.facet_groups == number]
        if closed.any() and not closed.all():
            raise InputError(
                f"{where}: {int(closed.sum())} of {len(closed)} facets of surface '{name}' are on "
                "the wall of a closed cavity, which nothing from outside reaches; give them a name "
                "of their own."
            )
        if mine.all() and name not in held and not closed.any():
            found.append(name)
    return tuple(found)
