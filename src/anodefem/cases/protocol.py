"""Section [protocol]: what is done to the electrode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from anodefem import protocols
from anodefem.cards.constants import FARADAY
from anodefem.cases import transport
from anodefem.cases.collecting import ALONE, Names, Reading, Share, Temperature
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.materials import MaterialChoice, species
from anodefem.cases.solver import Solver
from anodefem.validation import Strict

_UM = 1e6  # um per m
_ROUNDS = {"type": "integer", "minimum": 1}
_STEPS = {
    "type": "array",
    "items": {
        "anyOf": [
            {"type": "string", "examples": [*protocols.FORMS]},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["steps"],
                "properties": {
                    "repeat": _ROUNDS | {"description": "rounds of the steps in the table"},
                    "formation": _ROUNDS | {"description": "rounds of a formation"},
                    "steps": {"$ref": "#/properties/protocol/properties/steps"},
                },
            },
        ]
    },
}


class ProtocolTable(Strict):
    """Keys of the section."""

    steps: Annotated[
        tuple[Any, ...],
        ALONE,
        WithJsonSchema({"anyOf": [{"type": "string"}, _STEPS]}),
        Field(
            description="what is done, one sentence a step (below), and tables that repeat steps: "
            '`{repeat = 10, steps = ["...", "..."]}`, `{formation = 1, steps = [...]}`'
        ),
    ]
    initial_soc: Annotated[
        Share, Field(description="uniform fraction of every host at the start")
    ] = 0.02
    temperature: Annotated[Temperature, Field(description="quantity with unit, kept as K")] = 298.15
    flux_area: Annotated[
        Literal["reference", "current"],
        Field(description="the current is uniform per reference or per current area"),
    ] = "reference"
    surfaces: Annotated[
        Names | None,
        Field(description="facet groups through which the species enters; default: the geometry's"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What is done to the electrode.

    Attributes:
        entries: Steps and tables of steps, as written.
        steps: All steps in order, tables carried out.
        initial_soc: Uniform c / c_max of every host at the start.
        temperature: [K].
        flux_area: Whether the current is uniform per "reference" or per "current" area.
        surfaces: Facet groups through which the species enters.
    """

    entries: tuple[protocols.Entry, ...]
    steps: tuple[protocols.Step, ...]
    initial_soc: float
    temperature: float
    flux_area: Literal["reference", "current"]
    surfaces: tuple[str, ...]

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this protocol."""
        return {
            "steps": protocols.written(self.entries),
            "initial_soc": self.initial_soc,
            "temperature": f"{self.temperature!r} K",
            "flux_area": self.flux_area,
            "surfaces": self.surfaces,
        }


def read(
    reading: Reading,
    raw: object,
    geometry: GeometryChoice | None,
    solver: Solver | None,
    materials: Mapping[str, MaterialChoice] | None,
) -> Protocol | None:
    """Return what is done, or ``None`` if the section is missing or no table.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        geometry: The body, or ``None`` if it is wrong.
        solver: Its limits of saturation, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
    """
    if raw is None:
        reading.refuse(f"protocol: missing; give steps such as '{protocols.FORMS[0]}'.")
        return None
    before = len(reading.problems)
    table = reading.table(ProtocolTable, raw, "protocol")
    if table is None:
        return None
    limits = solver or Solver()
    low, high = limits.saturation_low, limits.saturation_high
    soc = table.initial_soc
    if not low < soc < high:
        reading.refuse(f"protocol.initial_soc = {soc:g}: must be in ({low:g}, {high:g}).")
    if len(reading.problems) == before and not table.steps:
        reading.refuse(f"protocol.steps: empty; give steps such as '{protocols.FORMS[0]}'.")
    default = geometry.roles.flux if geometry else ()
    works = transport.open_surfaces(geometry, materials)
    surfaces = transport.surfaces(
        reading, "protocol.surfaces", table.surfaces, default, works, geometry
    )
    entries, wrong = protocols.read(
        table.steps, "protocol.steps", _loading(geometry, materials, surfaces)
    )
    reading.problems += wrong
    steps = () if wrong else protocols.expand(entries)
    if len(reading.problems) == before:
        found = protocols.check(steps, initial_soc=soc, lowest=low, highest=high)
        reading.problems += [f"protocol.steps: {sentence}." for sentence in found]
    _check_species(reading, steps, species(materials))
    _check_potential(reading, steps)
    if geometry and materials and len(materials) == len(geometry.regions):
        transport.check(reading, geometry, materials, surfaces)
    return Protocol(
        entries=entries,
        steps=steps,
        initial_soc=soc,
        temperature=table.temperature,
        flux_area=table.flux_area,
        surfaces=surfaces,
    )


def _loading(
    geometry: GeometryChoice | None,
    materials: Mapping[str, MaterialChoice] | None,
    surfaces: tuple[str, ...],
) -> protocols.Loading:
    """Return what turns currents per mass and area into C-rates.

    Args:
        geometry: The body, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
        surfaces: Through which the species enters.
    """
    if geometry is None or not materials:
        return protocols.Loading(charge_per_mass=nan, charge_per_area=nan)
    exact = geometry.exact
    hosts = {name: each.card for name, each in materials.items() if each.card.storage}
    # the mass cancels in a single host
    known = all(name in exact for name in hosts) or len(hosts) == 1
    volumes = {name: exact.get(name, 1.0) / _UM**3 for name in hosts}
    mass = sum((card.density or nan) * volumes[name] for name, card in hosts.items())
    charge = sum(
        card.storage.concentration_max * FARADAY * volumes[name]
        for name, card in hosts.items()
        if card.storage
    )
    area = sum(exact.get(name, nan) for name in surfaces) / _UM**2
    measured = hosts.keys() <= exact.keys() and area > 0.0
    return protocols.Loading(
        charge_per_mass=charge / mass if known and hosts else None,
        charge_per_area=charge / area if measured else None,
    )


def _check_species(reading: Reading, steps: tuple[protocols.Step, ...], stored: set[str]) -> None:
    """Refuse to sodiate a host of lithium, and so on."""
    others = {step.place: step.text for step in steps if step.carrier and stored != {step.carrier}}
    for place, text in others.items() if stored else ():
        reading.refuse(
            f"protocol.steps.{place} = '{text}': the materials store "
            f"{' and '.join(sorted(stored))}; write lithiate, sodiate or potassiate "
            "accordingly."
        )


def _check_potential(reading: Reading, steps: tuple[protocols.Step, ...]) -> None:
    """Refuse what needs the potential of the electrode."""
    asking = {step.place: step.text for step in steps if step.needs_voltage}
    for place, text in asking.items():
        reading.refuse(
            f"protocol.steps.{place} = '{text}': voltages and powers need the potential of the "
            "electrode, which a uniform flux does not have; end steps by soc, capacity or time."
        )
