"""Refusing a mesh that would give a wrong answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from anodefem.errors import InputError
from anodefem.geometry import Geometry, Roles, SimplexMesh
from anodefem.meshing.periodic import mismatches
from anodefem.meshing.simplices import (
    components,
    exterior,
    facets_of_cells,
    fans,
    folded,
    keys,
    match,
    neighbours,
    volumes,
)

# Beyond this a measure is not coarse but wrong: a group drawn or named amiss.
COARSEST = 0.05


def check(mesh: SimplexMesh, geometry: Geometry, roles: Roles) -> None:
    """Raise `InputError` with everything that is wrong with the mesh.

    Args:
        mesh: Cells of positive volume.
        geometry: What was meshed; for its name.
        roles: What the solver uses the groups for.
    """
    problems = [*_groups(mesh, roles), *_topology(mesh, roles), *mismatches(mesh, roles.periodic)]
    if problems:
        raise InputError(
            f"geometry '{geometry.name}': the mesh cannot be used: {'; '.join(problems)}. "
            "Change the geometry's parameters, or mend the plugin."
        )


def check_measures(
    measures: Mapping[str, float], exact: Mapping[str, float], geometry: Geometry
) -> None:
    """Raise `InputError` if a measure is far from what the geometry says it must be.

    Args:
        measures: Group -> measure of the mesh in um to the power of the group's dimension.
        exact: The same of the body that the parameters describe.
        geometry: What was meshed; for its name.
    """
    for name, value in exact.items():
        if name == "envelope":
            continue  # given, not meshed
        if name not in measures:
            raise InputError(f"geometry '{geometry.name}': 'exact' names '{name}', no such group.")
        if abs(measures[name] - value) > COARSEST * abs(value):
            raise InputError(
                f"geometry '{geometry.name}': '{name}' measures {measures[name]:.6g}, "
                f"but must be {value:.6g}; make cells smaller ('refinement', 'edge'), or mend the "
                "plugin."
            )


def _groups(mesh: SimplexMesh, roles: Roles) -> Iterator[str]:
    for kind, names, groups in (
        ("cell", mesh.cell_names, mesh.cell_groups),
        ("facet", mesh.facet_names, mesh.facet_groups),
    ):
        for index, name in enumerate(names):
            if not (groups == index).any():
                yield f"{kind} group '{name}' is empty"
    if len(mesh.cell_groups) != len(mesh.cells) or (mesh.cell_groups < 0).any():
        yield "a cell is in no group"
    for name in sorted({*roles.surfaces, *roles.cuts} - set(mesh.facet_names)):
        yield f"the roles name facet group '{name}', which does not exist"
    for name in sorted(set(roles.medium) - set(mesh.cell_names)):
        yield f"the roles name cell group '{name}', which does not exist"
    for place, _ in roles.anchor:
        distance = np.linalg.norm(mesh.points - np.array(place), axis=1).min()
        if distance > 1e-9 * np.ptp(mesh.points):
            yield f"no vertex is at the anchor {place}"


def _topology(mesh: SimplexMesh, roles: Roles) -> Iterator[str]:
    count = len(mesh.points)
    if (volumes(mesh.points, mesh.cells) <= 0).any():
        yield "a cell has no volume"
    if len(np.unique(mesh.cells)) != count:
        yield "a point belongs to no cell"
    sharing = np.unique(
        keys(facets_of_cells(mesh.cells).reshape(-1, mesh.dim), count), return_counts=True
    )[1]
    if (sharing > 2).any():
        yield "three cells share a facet"
    else:
        over = len(folded(mesh.cells, count))
        if over:
            yield f"cells are folded over their neighbours at {over} facets"
    if len(np.unique(components(len(mesh.cells), neighbours(mesh.cells, count)))) != 1:
        yield "the cells are not connected"
    elif fans(mesh.cells, count).max() + 1 != count:
        yield "parts of the mesh hang together at a point only"

    taken = keys(mesh.facets, count)
    if len(np.unique(taken)) != len(taken):
        yield "a facet is in two groups"
    open_facets = ~np.isin(keys(exterior(mesh.cells, count), count), taken)
    if open_facets.any():
        yield f"{int(open_facets.sum())} facets of the boundary are in no group"
    sides = match(mesh.cells, mesh.facets, count)
    if (sides[:, 0] < 0).any():
        yield "a facet of a group belongs to no cell"
    inner = sides[:, 1] >= 0
    groups = mesh.cell_groups[sides]
    if (groups[inner, 0] == groups[inner, 1]).any():
        yield "a facet of a group lies inside one cell group"
    for name in set(roles.hull) & set(mesh.facet_names):
        if inner[mesh.facet_groups == mesh.facet_names.index(name)].any():
            yield f"hull group '{name}' is not on the outside"
