"""Cathodes of full cells: an open-circuit curve, and between which fractions it is used; SI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from anodefem.cards.curves import Curve
from anodefem.cards.material import Carrier
from anodefem.cards.quantities import Ideal, Quantity, Regular
from anodefem.cards.records import Number, Voltage


@dataclass(frozen=True, slots=True, kw_only=True)
class Cathode:
    """Cathode of a full cell, always at rest: its own overpotentials are left out.

    Attributes:
        name: Name of the card.
        title: What it is.
        carrier: Element that it stores.
        ocv: Open-circuit voltage against the species' metal over the fraction that is left in the
            cathode [V].
        charged: Fraction that is left in it when it is charged; its capacity is counted from there.
        as_made: Fraction in it when the cell is put together; its capacity is counted up to there.
        sources: Every number of the card with its source, by dotted key.
    """

    name: str = field(metadata={"card": False})
    title: str
    carrier: Carrier
    ocv: Annotated[Curve, Voltage()]
    charged: Annotated[float, Number(gt=0.0, lt=1.0)]
    as_made: Annotated[float, Number(gt=0.0, lt=1.0)]
    sources: Mapping[str, Quantity[Any]] = field(metadata={"card": False})

    @property
    def used(self) -> float:
        """Part of its fraction that its capacity counts."""
        return self.as_made - self.charged

    def numbers(self) -> Iterator[tuple[str, Quantity[Any]]]:
        """Yield every number of the card with its dotted key."""
        yield from self.sources.items()

    def contradictions(self) -> Iterator[str]:
        """Yield a sentence for everything that does not go together."""
        if self.charged >= self.as_made:
            yield "charged is not below as_made; a cathode is charged by taking the species out"
        if isinstance(self.ocv, Ideal | Regular):
            yield "ocv must be a function of x; an ideal or regular solution is no cathode"
