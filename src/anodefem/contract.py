"""Whether a geometry keeps what `anodefem.geometry` asks of it, before anything is meshed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anodefem.errors import InputError
from anodefem.geometry import Geometry, Roles, Sides

_COMPONENTS = {"axisymmetric": 2, "plane_strain": 2, "3d": 3}
_GROUPS = ("flux", "sei", "hull", "medium", "contact", "collector")
_TABLES = ("symmetry", "membrane", "membrane_thickness")
_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a geometry states of a body, as `anodefem.geometry.Geometry` describes it.

    Attributes:
        roles: What the named groups are for.
        regions: Names that need a material.
        exact: Group -> its measure in um, um^2 or um^3.
        sides: Face -> for each of its parts the cell groups that it touches; empty if not stated.
    """

    roles: Roles
    regions: tuple[str, ...]
    exact: Mapping[str, float]
    sides: Sides


def checked(geometry: Geometry, p: Any, kinematics: str) -> Stated:
    """Return what a geometry states of a body if it is everything that a run will need.

    Args:
        geometry: The plugin.
        p: Its parameters.
        kinematics: One of those that it offers.

    Raises:
        InputError: Its functions fail, or state too little; all faults in one message.
    """
    where = f"geometry '{geometry.name}'"
    try:
        roles = geometry.roles(p, kinematics)
        regions = geometry.regions(p, kinematics)
        exact = geometry.exact(p, kinematics)
        sides = geometry.sides(p, kinematics) if geometry.sides else {}
    except InputError:
        raise
    except Exception as error:  # a plugin is foreign code and may fail in any way
        raise InputError(
            f"{where}: fails with these parameters: {type(error).__name__}: {error}; "
            f"mend {geometry.origin or 'the plugin'}."
        ) from error
    faults = [*_form(roles, regions, exact)]
    if not faults:
        faults = [*_content(roles, regions, exact, _COMPONENTS[kinematics])]
        if roles.periodic and kinematics == "axisymmetric":
            faults.append("roles.periodic is for plane strain and 3D, not for 'axisymmetric'")
    if faults:
        raise InputError(
            f"{where}: states too little to be run: {'; '.join(faults)}. "
            f"Mend {geometry.origin or 'the plugin'}."
        )
    return Stated(roles=roles, regions=regions, exact=exact, sides=sides)


def _form(roles: object, regions: object, exact: object) -> Iterator[str]:
    """Yield what is not of the type that it must be."""
    if not _names(regions) or not regions:
        yield f"regions = {regions!r} must be a tuple of one name or more"
    if not isinstance(exact, Mapping):
        yield f"exact = {exact!r} must be a dict"
    if not isinstance(roles, Roles):
        yield f"roles = {roles!r} must be Roles(...)"
        return
    for key in _GROUPS:
        value = getattr(roles, key)
        if not _names(value):
            yield f"roles.{key} = {value!r} must be a tuple of names, such as ('surface',)"
    if not isinstance(roles.periodic, tuple) or not all(
        _names(pair) and len(pair) == _PAIR for pair in roles.periodic
    ):
        yield f"roles.periodic = {roles.periodic!r} must be a tuple of pairs of names"
    for key in _TABLES:
        value = getattr(roles, key)
        if not isinstance(value, Mapping):
            yield f"roles.{key} = {value!r} must be a dict"


def _names(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(name, str) and name for name in value)


def _content(
    roles: Roles, regions: tuple[str, ...], exact: Mapping[str, float], components: int
) -> Iterator[str]:
    """Yield what is missing, or contradicts something else."""
    if len(set(regions)) != len(regions):
        yield f"regions = {regions} name one twice"
    if not roles.hull:
        yield "roles.hull names no facet group; the volume inside it is what swells"
    solids = [name for name in regions if name not in roles.membrane]
    if "hull" not in exact:
        yield "exact has no 'hull', the volume that the hull encloses"
    for name in (*solids, *roles.medium):
        if name not in exact:
            yield f"exact has no '{name}', the volume of that region"
    for name, value in exact.items():
        if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0.0:
            yield f"its parameters make exact['{name}'] = {value!r}; measures are numbers above 0"
    for name, axis in roles.symmetry.items():
        if axis not in range(components):
            yield f"roles.symmetry['{name}'] = {axis!r} must be a component below {components}"
    for place, axis in roles.anchor:
        if len(place) != components or axis not in range(components):
            yield f"roles.anchor holds {(place, axis)!r}; {components} components are needed"
    for name in sorted({*roles.medium} & {*regions}):
        yield f"roles.medium names '{name}', which is a region with a material"
    if roles.contact and not roles.medium:
        yield "roles.contact needs roles.medium, in which bodies come into contact"
    yield from _membranes(roles, regions)
    for name in sorted({*roles.collector} - {*solids}):
        yield f"roles.collector names '{name}', which is no solid region"


def _membranes(roles: Roles, regions: tuple[str, ...]) -> Iterator[str]:
    for name in roles.membrane:
        thickness = roles.membrane_thickness.get(name)
        if name not in regions:
            yield f"roles.membrane names '{name}', which is not among the regions"
        if not isinstance(thickness, int | float) or not 0.0 < thickness < math.inf:
            yield (
                f"roles.membrane_thickness['{name}'] = {thickness!r} must be the thickness of the "
                "membrane in um"
            )
    for name in sorted({*roles.membrane_thickness} - {*roles.membrane}):
        yield f"roles.membrane_thickness names '{name}', which is no membrane"
