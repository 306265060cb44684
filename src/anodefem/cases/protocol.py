"""Section [protocol]: what is done to the electrode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from anodefem import protocols
from anodefem.cards.constants import FARADAY
from anodefem.cases import transport
from anodefem.cases.cathode import CathodeChoice
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
        Share,
        Field(
            description="state of charge at the start: the uniform fraction of every host, or of "
            "hosts that touch and in which the species diffuses together, at one potential"
        ),
    ] = 0.02
    temperature: Annotated[Temperature, Field(description="quantity with unit, kept as K")] = 298.15
    flux_area: Annotated[
        Literal["reference", "current"],
        Field(description="the current is uniform per reference or per current area"),
    ] = "reference"
    stop_at_retention: Annotated[
        Share | None,
        Field(
            description="the run ends with the cycle that delithiates less than this part of what "
            "the first cycle after the formation did"
        ),
    ] = None
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
        initial_soc: State of charge at the start, at rest; see `anodefem.physics.sharing`.
        temperature: [K].
        flux_area: Whether the current is uniform per "reference" or per "current" area.
        stop_at_retention: Capacity over that of the first cycle after the formation below which the
            run ends, or None.
        surfaces: Facet groups through which the species enters.
    """

    entries: tuple[protocols.Entry, ...]
    steps: tuple[protocols.Step, ...]
    initial_soc: float
    temperature: float
    flux_area: Literal["reference", "current"]
    stop_at_retention: float | None
    surfaces: tuple[str, ...]

    @property
    def formation(self) -> set[int]:
        """Numbers of the cycles of the formation."""
        return {step.cycle for step in self.steps if step.formation}

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this protocol."""
        written = {
            "steps": protocols.written(self.entries),
            "initial_soc": self.initial_soc,
            "temperature": f"{self.temperature!r} K",
            "flux_area": self.flux_area,
            "surfaces": self.surfaces,
        }
        if self.stop_at_retention is not None:
            written["stop_at_retention"] = self.stop_at_retention
        return written


def read(
    reading: Reading,
    raw: object,
    geometry: GeometryChoice | None,
    solver: Solver | None,
    materials: Mapping[str, MaterialChoice] | None,
    cathode: CathodeChoice | None,
    *,
    full_cell: bool,
) -> Protocol | None:
    """Return what is done, or ``None`` if the section is missing or no table.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        geometry: The body, or ``None`` if it is wrong.
        solver: Its limits of saturation, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
        cathode: Of a full cell, or ``None`` if there is none or it is wrong.
        full_cell: There is a section [cathode].
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
        table.steps, "protocol.steps", _loading(geometry, materials, surfaces, full_cell=full_cell)
    )
    reading.problems += wrong
    steps = () if wrong else protocols.expand(entries)
    if len(reading.problems) == before:
        found = protocols.check(
            steps,
            initial_soc=soc,
            lowest=low,
            highest=high,
            rest_potential=None
            if full_cell and not cathode
            else rest_potential(materials, table.temperature, cathode, soc),
        )
        reading.problems += [f"protocol.steps: {sentence}." for sentence in found]
    _check_species(reading, steps, species(materials))
    if geometry and materials and len(materials) == len(geometry.regions):
        transport.check(reading, geometry, materials, surfaces)
    return Protocol(
        entries=entries,
        steps=steps,
        initial_soc=soc,
        temperature=table.temperature,
        flux_area=table.flux_area,
        stop_at_retention=table.stop_at_retention,
        surfaces=surfaces,
    )


def rest_potential(
    materials: Mapping[str, MaterialChoice] | None,
    temperature: float,
    cathode: CathodeChoice | None,
    initial_soc: float,
) -> Callable[[float], float] | None:
    """Return the voltage at rest, without stress, over the state of charge [V].

    That of the hosts, or of a full cell. None where several hosts share the lithium: each then has
    a fraction of its own.

    Args:
        materials: Region -> material, or ``None``.
        temperature: T [K].
        cathode: Of a full cell, or ``None``.
        initial_soc: State of charge at which the cell is put together.
    """
    storages = {each.card.name: each.card.storage for each in (materials or {}).values()}
    hosts = [storage for storage in storages.values() if storage]
    if len(hosts) != 1:
        return None

    def anode(soc: float) -> float:
        return hosts[0].rest_potential(soc, temperature)

    return cathode.cell_voltage(anode, initial_soc) if cathode else anode


def _loading(
    geometry: GeometryChoice | None,
    materials: Mapping[str, MaterialChoice] | None,
    surfaces: tuple[str, ...],
    *,
    full_cell: bool,
) -> protocols.Loading:
    """Return what turns currents per mass and area into C-rates.

    Args:
        geometry: The body, or ``None`` if it is wrong.
        materials: Region -> material, or ``None``.
        surfaces: Through which the species enters.
        full_cell: There is a cathode.
    """
    if geometry is None or not materials:
        return protocols.Loading(charge_per_mass=nan, charge_per_area=nan, full_cell=full_cell)
    exact = geometry.exact
    hosts = {name: each.card for name, each in materials.items() if each.card.storage}
    if not hosts:  # which is refused elsewhere, or follows from a card that is
        return protocols.Loading(charge_per_mass=nan, charge_per_area=nan)
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
        charge_per_mass=charge / mass if known else None,
        charge_per_area=charge / area if measured else None,
        full_cell=full_cell,
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


def check_retention(reading: Reading, protocol: Protocol | None, *, potential: bool) -> None:
    """Refuse an end by retention where the protocol alone decides how much charge passes.

    Args:
        reading: Notes what is wrong.
        protocol: What is done, or ``None`` if it is wrong.
        potential: The electrode has one.
    """
    if protocol and protocol.stop_at_retention is not None and not potential:
        reading.refuse(
            f"protocol.stop_at_retention = {protocol.stop_at_retention:g}: with a uniform flux "
            "every cycle passes the charge that the protocol asks for; take "
            "electrochemistry.kinetics = 'butler-volmer', or leave it out."
        )
