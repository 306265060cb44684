"""Section [electrochemistry]: how the current is shared out over the surfaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from anodefem import protocols, units
from anodefem.cases.cathode import CathodeChoice
from anodefem.cases.collecting import Reading
from anodefem.cases.materials import MaterialChoice
from anodefem.validation import Strict

Resistance = Annotated[
    float, units.quantity("ohm*m^2"), Field(ge=0.0), units.within(1e-9, 1e3, "ohm*m^2")
]
Loading = Annotated[
    float, units.quantity("mg/cm^2"), Field(gt=0.0), units.within(1e-6, 1e3, "mg/cm^2")
]


class ElectrochemistryTable(Strict):
    """Keys of the section."""

    kinetics: Annotated[
        Literal["butler-volmer", "uniform"],
        Field(
            description="`butler-volmer`: surfaces share one electrode potential, and the reaction "
            "of each host takes its part of the current; `uniform`: the same flux everywhere"
        ),
    ] = "butler-volmer"
    resistance: Annotated[
        Resistance,
        Field(description="of a film on every surface that reacts, per current area"),
    ] = 0.0
    areal_loading: Annotated[
        Loading | None,
        Field(
            description="mass of the empty hosts over the area of the collector, for capacities "
            "per area; nothing else depends on it"
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrochemistry:
    """How the current is shared out.

    Attributes:
        kinetics: "butler-volmer" or "uniform".
        resistance: Of a film on every surface that reacts [Ohm m^2].
        areal_loading: Mass of the empty hosts over the area of the collector [kg/m^2]; 0 if not
            given.
    """

    kinetics: Literal["butler-volmer", "uniform"] = "uniform"
    resistance: float = 0.0
    areal_loading: float = 0.0

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        written = {"kinetics": self.kinetics, "resistance": f"{self.resistance:.12g} ohm*m^2"}
        if self.areal_loading:
            written["areal_loading"] = f"{self.areal_loading:.12g} kg/m^2"
        return written

    def summary(self) -> str:
        """Return how the current is shared out, in two words."""
        return "uniform flux" if self.kinetics == "uniform" else "Butler-Volmer kinetics"


def read(
    reading: Reading,
    raw: object,
    steps: Iterable[protocols.Step],
    materials: Mapping[str, MaterialChoice] | None,
    cathode: CathodeChoice | None,
) -> Electrochemistry:
    """Return how the current is shared out.

    Without the section the flux is uniform, unless a step of the protocol speaks of a voltage or of
    a power, or there is a cathode.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        steps: Of the protocol.
        materials: Region -> material, or ``None``.
        cathode: Of a full cell, or ``None``.
    """
    asking = [f"'{step.text}'" for step in steps if step.needs_voltage]
    if cathode:
        asking.insert(0, "a full cell")
    if raw is None:
        if not asking:
            return Electrochemistry()
        raw = {}
    table = reading.table(ElectrochemistryTable, raw, "electrochemistry")
    if table is None:
        return Electrochemistry()
    if table.kinetics == "uniform":
        if asking:
            reading.refuse(
                f"electrochemistry.kinetics = 'uniform': {asking[0]} needs an electrode "
                "potential; take 'butler-volmer'."
            )
        if table.resistance:
            reading.refuse(
                "electrochemistry.resistance: a uniform flux feels no film; leave it out, or take "
                "kinetics = 'butler-volmer'."
            )
        if table.areal_loading:
            reading.refuse(
                "electrochemistry.areal_loading: capacities are given where the flux is not "
                "uniform; leave it out, or take kinetics = 'butler-volmer'."
            )
        return Electrochemistry()
    for region, choice in (materials or {}).items():
        if choice.card.storage is None:
            continue
        if choice.transport == "uniform":
            reading.refuse(
                f"materials.{region}.transport = 'uniform': Butler-Volmer kinetics needs the "
                "fraction at the surface; take 'diffusion', or electrochemistry.kinetics = "
                "'uniform'."
            )
        elif choice.card.kinetics is None:
            reading.refuse(
                f"materials.{region}: '{choice.card.name}' has no exchange current; add "
                "[kinetics.exchange_current] to a copy of the card, or take "
                "electrochemistry.kinetics = 'uniform'."
            )
    return Electrochemistry(
        kinetics="butler-volmer",
        resistance=table.resistance,
        areal_loading=(table.areal_loading or 0.0) * 0.01,  # kg/m^2 per mg/cm^2
    )
