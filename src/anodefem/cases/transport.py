"""How the species gets into the hosts: surfaces that it passes, and regions that it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from anodefem.cases.collecting import Reading
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.materials import MaterialChoice
from anodefem.registry import suggest

Materials = Mapping[str, MaterialChoice]


def surfaces(
    reading: Reading,
    key: str,
    chosen: tuple[str, ...] | None,
    default: tuple[str, ...],
    known: Iterable[str],
    geometry: GeometryChoice | None,
) -> tuple[str, ...]:
    """Return the surfaces that a section means; notes those that there are not.

    Args:
        reading: Notes what is wrong.
        key: Dotted key of the surfaces.
        chosen: What the case says, or ``None``.
        default: What the geometry says.
        known: Names that would work.
        geometry: The body, or ``None`` if it is wrong.
    """
    if geometry is None:
        return chosen or default
    names = set(known)
    for name, count in Counter(chosen or ()).items():
        if count > 1:
            reading.refuse(f"{key}: '{name}' stands {count} times; name every surface once.")
        if name not in geometry.surfaces:
            hint = suggest(name, names)
            reading.refuse(f"{key}: geometry '{geometry.name}' has no '{name}'.{hint}")
        elif name not in names and name in geometry.roles.cuts:
            mirror = name in geometry.roles.symmetry
            what = "a plane of symmetry" if mirror else "a side beyond which the body goes on"
            reading.refuse(f"{key}: '{name}' is {what}, no surface.{suggest('', names)}")
    if not (chosen or default):
        reading.refuse(f"{key}: missing; this geometry has no default.{suggest('', names)}")
    return chosen or default


def open_surfaces(geometry: GeometryChoice | None, materials: Materials | None) -> list[str]:
    """Return the facet groups through which the species can enter, as far as is known.

    Args:
        geometry: The body, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
    """
    if geometry is None:
        return []
    free = geometry.surfaces - {*geometry.roles.cuts}
    entered, sides = _entered(materials or {}), geometry.sides
    return sorted(
        name
        for name in free
        if not entered or name not in sides or all(entered & {*part} for part in sides[name])
    )


def check(
    reading: Reading, geometry: GeometryChoice, materials: Materials, chosen: Sequence[str]
) -> None:
    """Refuse surfaces that lead into nothing, and hosts that nothing reaches.

    The current is uniform over all that is chosen, so that what enters through a part of it which
    lies on something else would be lost.

    Args:
        reading: Notes what is wrong.
        geometry: The body; where it does not say what its surfaces touch, nothing is checked.
        materials: Region -> material.
        chosen: Facet groups through which the species enters.
    """
    entered, sides = _entered(materials), geometry.sides
    if not entered or not sides or not chosen:  # that none is chosen has been said
        return
    before = len(reading.problems)
    works = open_surfaces(geometry, materials)
    offer = f" Surfaces that work: {', '.join(works) or 'none'}."
    for name in chosen:
        parts = sides.get(name, ())
        blind = [part for part in parts if not entered & {*part}]
        if blind and len(blind) == len(parts):
            where = " and ".join(sorted({each for part in blind for each in part}))
            reading.refuse(
                f"protocol.surfaces: '{name}' touches {where}, in which nothing diffuses.{offer}"
            )
        elif blind:
            where = " and ".join(sorted({each for part in blind for each in part}))
            reading.refuse(
                f"protocol.surfaces: '{name}' lies on {where} too, in which nothing diffuses; what "
                f"enters there would be lost. Take a card for {where} that stores the same, or "
                f"transport = 'uniform' for {' and '.join(sorted(entered))}.{offer}"
            )
    if len(reading.problems) == before:
        for name in sorted(entered - _reached(entered, sides, chosen)):
            around = sorted(
                each for each in works if any(name in part for part in sides.get(each, ()))
            )
            reading.refuse(
                f"materials.{name}: '{materials[name].card.name}' stores, but nothing reaches it: "
                "it touches no surface of protocol.surfaces, and no region that does and in which "
                f"something diffuses. Add one of its surfaces ({', '.join(around) or 'none'}), "
                "or take transport = 'uniform' or a card that stores nothing."
            )


def _entered(materials: Materials) -> set[str]:
    """Return the regions in which something diffuses; the others fill evenly by themselves."""
    return {
        name
        for name, choice in materials.items()
        if choice.card.storage and choice.transport == "diffusion"
    }


def _reached(
    diffusing: set[str], sides: Mapping[str, Sequence[Sequence[str]]], chosen: Sequence[str]
) -> set[str]:
    """Return the regions that are reached from the chosen surfaces by diffusion."""
    reached = {
        region for name in chosen for part in sides.get(name, ()) for region in part
    } & diffusing
    if any(name not in sides for name in chosen):
        return diffusing  # what that surface touches is not known
    faces = [{*part} & diffusing for parts in sides.values() for part in parts]
    grown = True
    while grown:
        more = {each for face in faces if face & reached for each in face} - reached
        reached |= more
        grown = bool(more)
    return reached
