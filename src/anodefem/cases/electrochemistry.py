"""Section [electrochemistry]: how the current is shared out over the surfaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from anodefem import protocols, units
from anodefem.cases.collecting import Reading
from anodefem.cases.materials import MaterialChoice
from anodefem.validation import Strict

Resistance = Annotated[
    float, units.quantity("ohm*m^2"), Field(ge=0.0), units.within(1e-9, 1e3, "ohm*m^2")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrochemistry:
    """How the current is shared out.

    Attributes:
        kinetics: "butler-volmer" or "uniform".
        resistance: Of a film on every surface that reacts [Ohm m^2].
    """

    kinetics: Literal["butler-volmer", "uniform"] = "uniform"
    resistance: float = 0.0

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        return {"kinetics": self.kinetics, "resistance": f"{self.resistance:.12g} ohm*m^2"}

    def summary(self) -> str:
        """Return how the current is shared out, in two words."""
        return "uniform flux" if self.kinetics == "uniform" else "Butler-Volmer kinetics"


def read(
    reading: Reading,
    raw: object,
    steps: Iterable[protocols.Step],
    materials: Mapping[str, MaterialChoice] | None,
) -> Electrochemistry:
    """Return how the current is shared out.

    Without the section the flux is uniform, unless a step of the protocol speaks of a voltage or of
    a power.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        steps: Of the protocol.
        materials: Region -> material, or ``None``.
    """
    asking = [step.text for step in steps if step.needs_voltage]
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
                f"electrochemistry.kinetics = 'uniform': '{asking[0]}' needs an electrode "
                "potential; take 'butler-volmer'."
            )
        if table.resistance:
            reading.refuse(
                "electrochemistry.resistance: a uniform flux feels no film; leave it out, or take "
                "kinetics = 'butler-volmer'."
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
    return Electrochemistry(kinetics="butler-volmer", resistance=table.resistance)
