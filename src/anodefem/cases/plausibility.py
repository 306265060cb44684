"""Warnings of what is allowed but rarely meant, from a case before a run and from its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from anodefem.cards import Material, NeoHookean, Regular, Storage
from anodefem.cards.constants import arrhenius
from anodefem.cards.curves import Curve, samples
from anodefem.cases.case import CheckedCase

#: Thickness of an SEI over the radius beneath it, from which it should be meshed as a layer: its
#: forces are then up to 4 % too large while it is elastic (problem film-on-ball).
THICK_FILM = 0.05
#: Diffusion layer over the radius, below which meshes of the default size do not resolve it.
THIN_LAYER = 0.02
#: chi of a regular solution beyond which it separates into two phases.
SEPARATES = 2.0
#: Radius [um] beyond which a particle is no microparticle.
LARGE = 100.0

_GPA = 1e9  # Pa
_UM = 1e6  # um per m


def before(case: CheckedCase) -> list[str]:
    """Return one sentence for everything in a case that looks unintended."""
    return [
        *_size(case),
        *_film(case),
        *_facets(case),
        *_layers(case),
        *_unequal(case),
        *_stretched(case),
        *_pressed(case),
    ]


def _size(case: CheckedCase) -> Iterator[str]:
    radius = case.geometry.radius(*case.geometry.roles.hull)
    if LARGE < radius < inf:
        yield (
            f"geometry: the body is that of a radius of {radius:.4g} um (volume over surface); "
            f"alloy particles of electrodes are below {LARGE:g} um. Is the unit right?"
        )


def _film(case: CheckedCase) -> Iterator[str]:
    if case.sei is None:
        return
    radius, thickness = case.geometry.radius(*case.sei.surfaces), case.sei.thickness * _UM
    if thickness > THICK_FILM * radius:
        yield (
            f"sei.thickness: {thickness:.4g} um is {thickness / radius:.2g} of the radius beneath "
            f"it, {radius:.4g} um; as a film without thickness it may press up to "
            f"{thickness / radius:.0%} too hard while it is elastic. Trust its forces below "
            f"{THICK_FILM:g}, or mesh it as a layer."
        )


def _facets(case: CheckedCase) -> Iterator[str]:
    """Where an SEI makes its host flow, and straight cells have its force at the nodes only."""
    if case.sei is None or case.geometry.order > 1:
        return
    recipe, thickness = case.sei.recipe, case.sei.thickness * _UM
    radius = case.geometry.radius(*case.sei.surfaces)
    ways = 1 if case.geometry.kinematics == "plane_strain" else 2
    pressure = ways * recipe.elastic_limit * thickness / radius
    for name in case.hosts:
        plastic = case.materials[name].card.plastic
        if plastic is None or pressure <= float(samples(plastic.yield_stress).min()):
            continue
        yield (
            f"geometry.order: the SEI presses on '{name}' with up to {pressure / 1e6:.3g} MPa "
            f"where its radius is {radius:.3g} um, more than makes that flow. Between straight "
            "cells its force stands at the nodes alone, and the lithium of neighbouring nodes runs "
            "apart; set geometry.order = 2 where the surface is curved."
        )


def _layers(case: CheckedCase) -> Iterator[str]:
    """Where lithium enters faster than it spreads: delta = D c_max / flux."""
    geometry = case.geometry
    rate = max((step.c_rate for step in case.protocol.steps), default=0.0) / 3600.0  # 1/s
    area = sum(geometry.exact.get(name, 0.0) for name in case.protocol.surfaces)
    hosts = {
        name: case.materials[name].card
        for name in case.hosts
        if case.materials[name].transport == "diffusion"
    }
    volume = sum(geometry.exact.get(name, 0.0) for name in hosts)
    if not (area and volume and rate):
        return
    radius = geometry.radius(*case.protocol.surfaces)
    for name, card in hosts.items():
        if card.storage is None:
            continue
        diffusivity = _slowest(card.storage, case.protocol.temperature) * _UM**2
        layer = diffusivity * area / (volume * rate)
        if layer < THIN_LAYER * radius:
            yield (
                f"protocol.steps: at {rate * 3600.0:g}C the concentration in '{name}' changes "
                f"within {layer:.2g} um of the surface (D = {diffusivity / _UM**2:.2g} m^2/s), "
                f"{layer / radius:.1g} of the radius of {radius:.4g} um. Cells must be half of it "
                "or smaller there, and the surface is full when the inside is still empty."
            )


def _slowest(storage: Storage, temperature: float) -> float:
    """Return the smallest diffusivity between a twentieth and nineteen twentieths full [m^2/s]."""
    values = samples(storage.diffusivity)
    cut = len(values) // 20
    return float(values[cut:-cut].min()) * arrhenius(storage.activation_energy, temperature)


def _unequal(case: CheckedCase) -> Iterator[str]:
    """Hosts that touch and do not begin at one potential, since the phases of one separate."""
    storing = {
        name: storage
        for name in case.hosts
        if case.materials[name].transport == "diffusion"
        and (storage := case.materials[name].card.storage)
    }
    soc, temperature = case.protocol.initial_soc, case.protocol.temperature

    def separates(ocv: object) -> bool:
        return isinstance(ocv, Regular) and ocv.chi_at(temperature) > SEPARATES

    for pair in sorted(map(sorted, _faces(case))):
        if len(pair) != 2 or not storing.keys() >= {*pair}:
            continue
        ocv = [storing[name].ocv for name in pair]
        if ocv[0] != ocv[1] and any(map(separates, ocv)):
            yield (
                f"protocol.initial_soc: '{pair[0]}' and '{pair[1]}' touch and both begin at "
                f"{soc:g}, not at one potential, since one potential belongs to several fractions "
                "where phases separate. Lithium goes from one to the other at once; the first "
                "step may not be found."
            )


def _faces(case: CheckedCase) -> set[frozenset[str]]:
    """Regions on the two sides of every face; a membrane may lie on a void alone."""
    every = (part for parts in case.geometry.sides.values() for part in parts)
    return {frozenset(part) for part in every if part}


def _stretched(case: CheckedCase) -> Iterator[str]:
    """What lies on a host and follows it, intact, beyond the strain at which it breaks."""
    full = max((step.until_soc or 0.0 for step in case.protocol.steps), default=0.0)
    breaking = set(case.fracture.toughness) if case.fracture else set()
    apart = [{*each.between} for each in case.interfaces.values() if each.law == "cohesive"]
    power = 2 if case.geometry.kinematics == "plane_strain" else 3
    for face in sorted(map(sorted, _faces(case))):
        for host, name in ((face[0], face[-1]), (face[-1], face[0])):
            card, storage = case.materials[name].card, case.materials[host].card.storage
            limit, of = _breaking(card)
            if storage is None or card.storage or name in breaking:
                continue
            start = float(storage.volume_ratio(case.protocol.initial_soc))
            strain = (float(storage.volume_ratio(full)) / start) ** (1.0 / power) - 1.0
            if strain > limit and {host, name} not in apart:
                yield (
                    f"materials.{name}: at soc = {full:g} the surface of '{host}' would be "
                    f"{strain:.0%} longer if it swelled freely, above the {of} of '{card.name}', "
                    f"{limit:.3g}; it would tear where it follows. Let it break "
                    "([fracture]) or debond ([interfaces])."
                )


def _breaking(card: Material) -> tuple[float, str]:
    """Strain at which a layer tears that is stretched with what it lies on, and what says so.

    Infinite if the card does not.
    """
    properties, elastic = card.properties, card.elastic
    if "breaking_strain" in properties:
        return properties["breaking_strain"].si, "breaking strain"
    if "strength" in properties and card.plastic is None and isinstance(elastic, NeoHookean):
        # stretched alike in both directions of the surface
        stiffness = float(elastic.young(0.0)) / (1.0 - float(elastic.poisson(0.0)))
        return properties["strength"].si / stiffness, "strain at the strength"
    return inf, ""


def _pressed(case: CheckedCase) -> Iterator[str]:
    """A plate that presses harder than the filler of the voids under it bears."""
    pressure, sides = case.geometry.stack_pressure, case.geometry.sides
    if not pressure or not any(() in sides[name] for name in case.geometry.roles.plate):
        return
    laws = [case.materials[name].card.elastic for name in case.hosts]
    stiffest = max(
        (float(law.young(0.0)) for law in laws if isinstance(law, NeoHookean)), default=0
    )
    filler = case.solver.medium_stiffness * stiffest / 1e6  # MPa
    if 0.0 < filler < pressure:
        yield (
            f"geometry.stack_pressure: {pressure:.3g} MPa is above the stiffness of what fills "
            f"the voids, {filler:.2g} MPa; where particles do not bear it, the voids are pressed "
            "shut at once, and no initial state is found. Raise solver.medium_stiffness to that "
            "of the foam of carbon and binder in the pores (1e-5), or lower the pressure."
        )


def after(case: CheckedCase, metrics: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return one sentence for everything in the results that their cards rule out.

    Args:
        case: What was run.
        metrics: Name of a metric -> its "min", "max" and "soc_at_max", as in ``run.json``.
    """
    return [*_strength(case, metrics), *_voltage(case, metrics)]


#: In the reason of a run that could not go on, before what was already beyond its cards.
BEYOND = "Its state was beyond what its cards allow"


def beyond(case: CheckedCase, metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what to add to the reason of a run that could not go on; "" if nothing.

    Args:
        case: What was run.
        metrics: See `after`.
    """
    found = [*after(case, metrics), *_torn(case, metrics)]
    return f" {BEYOND}. {' '.join(each[0].upper() + each[1:] for each in found)}" if found else ""


def _torn(case: CheckedCase, metrics: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Events tell it in a run that goes on."""
    found = metrics.get("sei_strain_max")
    if found is None or case.sei is None:
        return
    limit = case.sei.recipe.fracture_strain
    if found["max"] > limit:
        yield (
            f"the largest strain of the SEI, {found['max']:.3g} at soc = "
            f"{found['soc_at_max']:.3g}, is above its fracture strain of {limit:g}; it would crack."
        )


def _strength(case: CheckedCase, metrics: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    breaking = set(case.fracture.toughness) if case.fracture else set()
    for region, choice in case.materials.items():
        found = metrics.get(f"von_mises_max_{region}")
        properties = choice.card.properties
        if found is None or region in breaking:
            continue
        stress = found["max"] * _GPA
        where = f"region '{region}' ({choice.card.name})"
        at = f"at soc = {found['soc_at_max']:.3g}"
        if "strength" in properties and stress > properties["strength"].si:
            yield (
                f"{where}: the largest von Mises stress, {found['max']:.3g} GPa {at}, is above "
                f"the card's strength of {properties['strength']}; it would break."
            )
        elastic = choice.card.elastic
        young: Curve | None = getattr(elastic, "young", None)
        if "breaking_strain" in properties and young is not None and choice.card.plastic is None:
            strain = stress / float(young(0.0))
            if strain > properties["breaking_strain"].si:
                yield (
                    f"{where}: the largest von Mises stress, {found['max']:.3g} GPa {at}, is that "
                    f"of a strain of {strain:.2g} in tension, above the card's breaking strain of "
                    f"{properties['breaking_strain'].si:g}; it would tear."
                )


def _voltage(case: CheckedCase, metrics: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    found = metrics.get("voltage")
    if found is None:
        return
    if found["min"] < 0.0:
        yield (
            f"the voltage falls to {found['min']:.3g} V; below 0 V the metal is plated, which is "
            "not modelled. Take a lower rate, or stop at a lower soc."
        )
    curves = {
        case.materials[name].card.name: storage.ocv
        for name in case.hosts
        if (storage := case.materials[name].card.storage) and isinstance(storage.ocv, Curve)
    }
    if len(curves) == 1:
        (card, curve), *_ = curves.items()
        low, high = float(curve(1.0)), float(curve(0.0))
        if found["min"] < low - 0.05 or found["max"] > high + 0.05:
            yield (
                f"the voltage runs from {found['min']:.3g} to {found['max']:.3g} V, outside the "
                f"curve of '{card}', {low:.3g} to {high:.3g} V, by more than 50 mV: stress moves "
                "it further than the card was measured for."
            )
