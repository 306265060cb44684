"""Section [protocol]: what is done to the electrode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from anodefem import protocols
from anodefem.cases import transport
from anodefem.cases.collecting import ALONE, Names, Reading, Share, Temperature
from anodefem.cases.geometry import GeometryChoice
from anodefem.cases.materials import MaterialChoice, species
from anodefem.cases.solver import Solver
from anodefem.validation import Strict


class ProtocolTable(Strict):
    """Keys of the section."""

    steps: Annotated[
        tuple[Annotated[protocols.Step, PlainValidator(protocols.parse)], ...],
        ALONE,
        Field(description="what is done, one sentence a step (below)"),
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
        steps: In order.
        initial_soc: Uniform c / c_max of every host at the start.
        temperature: [K].
        flux_area: Whether the current is uniform per "reference" or per "current" area.
        surfaces: Facet groups through which the species enters.
    """

    steps: tuple[protocols.Step, ...]
    initial_soc: float
    temperature: float
    flux_area: Literal["reference", "current"]
    surfaces: tuple[str, ...]

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this protocol."""
        return asdict(self) | {
            "steps": [step.text for step in self.steps],
            "temperature": f"{self.temperature!r} K",
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
    if len(reading.problems) == before:
        found = protocols.check(table.steps, initial_soc=soc, lowest=low, highest=high)
        reading.problems += [f"protocol.steps: {sentence}." for sentence in found]
    _check_species(reading, table.steps, species(materials))
    default = geometry.roles.flux if geometry else ()
    works = transport.open_surfaces(geometry, materials)
    surfaces = transport.surfaces(
        reading, "protocol.surfaces", table.surfaces, default, works, geometry
    )
    if geometry and materials and len(materials) == len(geometry.regions):
        transport.check(reading, geometry, materials, surfaces)
    return Protocol(
        steps=table.steps,
        initial_soc=soc,
        temperature=table.temperature,
        flux_area=table.flux_area,
        surfaces=surfaces,
    )


def _check_species(reading: Reading, steps: tuple[protocols.Step, ...], stored: set[str]) -> None:
    """Refuse to sodiate a host of lithium, and so on."""
    for number, step in enumerate(steps, start=1):
        if step.carrier and stored and stored != {step.carrier}:
            reading.refuse(
                f"protocol.steps.{number} = '{step.text}': the materials store "
                f"{' and '.join(sorted(stored))}; write lithiate, sodiate or potassiate "
                "accordingly."
            )
