"""The ways in which an SEI can fail; needs nothing but Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Failure:
    """A way in which the SEI can fail.

    Attributes:
        name: Key in run.json.
        column: Column of metrics.csv that passes a limit when it happens.
        happens: What happens, after "the SEI".
    """

    name: str
    column: str
    happens: str

    @property
    def kind(self) -> str:
        """Kind of its event."""
        return f"sei-{self.name}"


FAILURES = (
    Failure("strain", "sei_strain_max [-]", "passes its fracture strain"),
    Failure(
        "energy",
        "sei_energy_ratio_max [-]",
        "yields, beyond its largest elastic energy",
    ),
    Failure("channel", "sei_channel_ratio_max [-]", "lets channel cracks run"),
    Failure("peel", "sei_peel_ratio_max [-]", "can come off"),
    Failure("buckling", "sei_buckling_ratio_max [-]", "buckles where it does not adhere"),
    Failure("blister", "sei_blister_ratio_max [-]", "lets blisters spread"),
)


class Happened(Protocol):
    """What is read of an event."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def t(self) -> float:
        """Time [s]."""

    @property
    def soc(self) -> float:
        """State of charge [-]."""


def first_failures(
    events: Iterable[Happened], columns: Collection[str]
) -> dict[str, dict[str, float] | None]:
    """When the film fails for the first time, by each criterion; None if never.

    Args:
        events: Of the run.
        columns: Heads of its metrics: a criterion without a column was not followed.
    """
    times = {event.kind: {"t": event.t, "soc": event.soc} for event in events}
    return {f.name: times.get(f.kind) for f in FAILURES if f.column in columns}
