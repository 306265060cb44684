"""Section [cathode]: the other electrode of a full cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from anodefem import cards
from anodefem.cards import Cathode
from anodefem.cases.collecting import Reading, parted
from anodefem.validation import Real, Strict


class CathodeTable(Strict):
    """Keys of the section; `charged` and `as_made` of the card may stand beside them."""

    card: Annotated[
        str, Field(description="name of a cathode, or path of a TOML file relative to the case")
    ]
    np_ratio: Annotated[
        Annotated[Real, Field(ge=0.1, le=100.0)],
        Field(
            description="capacity of all hosts, soc 0 to 1, over that of the cathode between its "
            "fractions `charged` and `as_made`"
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CathodeChoice:
    """The cathode of a full cell.

    Attributes:
        card: What it is.
        np_ratio: Capacity of all hosts over that of the cathode.
        changes: Key of a number of the card -> what the case says instead.
    """

    card: Cathode
    np_ratio: float
    changes: Mapping[str, object]

    @property
    def capacity(self) -> float:
        """Charge of its fraction 0 to 1 over that of full hosts."""
        return 1.0 / (self.np_ratio * self.card.used)

    def fraction(self, taken: float) -> float:
        """Fraction that is left in it.

        Args:
            taken: Charge that has left it since the cell was put together, over that of full hosts.
        """
        return self.card.as_made - taken / self.capacity

    def cell_voltage(
        self, anode: Callable[[float], float], initial_soc: float
    ) -> Callable[[float], float]:
        """Return the voltage of the cell at rest over the state of charge [V].

        Args:
            anode: Voltage of the hosts at rest over the state of charge [V].
            initial_soc: State of charge at which the cell is put together.
        """

        def voltage(soc: float) -> float:
            left = min(max(self.fraction(soc - initial_soc), 0.0), 1.0)
            return float(self.card.ocv(left)) - anode(soc)

        return voltage

    def outlook(self, voltage: Callable[[float], float] | None, initial_soc: float) -> str:
        """Return what the cell is like when it is put together, and when it is charged.

        Args:
            voltage: Of the cell at rest over the state of charge [V]; None if not known.
            initial_soc: State of charge at which it is put together.
        """
        charged = initial_soc + 1.0 / self.np_ratio

        def at(soc: float) -> str:
            return f" ({voltage(soc):.3g} V at rest)" if voltage and soc < 1.0 else ""

        if charged < 1.0:
            given = (
                f"fills the hosts to soc {charged:.3g}{at(charged)}, less what side reactions take"
            )
        else:
            given = "is more than the hosts can take: they are full first, and metal may be plated"
        start = f"the cell starts at soc {initial_soc:.3g}{at(initial_soc)}"
        return f"{start}; what the cathode can give {given}"

    def resolved(self) -> dict[str, Any]:
        """Return the table of a case file that gives this choice."""
        return {"card": self.card.name, "np_ratio": self.np_ratio, **self.changes}

    def summary(self) -> str:
        """Return what it is, in a few words."""
        return f"full cell with {self.card.name}, N/P {self.np_ratio:g}"


def read(reading: Reading, raw: object, species: set[str]) -> CathodeChoice | None:
    """Return the cathode that a section describes, or ``None`` if there is none.

    Args:
        reading: Notes what is wrong.
        raw: The section, or ``None``.
        species: What the materials store.
    """
    own, changes = parted(raw, CathodeTable)
    table = None if raw is None else reading.table(CathodeTable, own, "cathode")
    if table is None:
        return None
    near = reading.near
    card = reading.attempt("cathode.card: ", lambda: cards.cathode(table.card, near=near))
    if card and changes and reading.known("cathode", changes, card.sources, CathodeTable):
        card = reading.attempt(
            "cathode.", lambda: cards.cathode(table.card, near=near, changes=changes)
        )
    if card is None:
        return None
    if species and card.carrier not in species:
        reading.refuse(
            f"cathode.card = '{card.name}': it gives {card.carrier}, and the hosts store "
            f"{' and '.join(sorted(species))}; take a cathode of the same species."
        )
    return CathodeChoice(card=card, np_ratio=table.np_ratio, changes=changes)
