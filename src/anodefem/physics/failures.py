"""The ways in which an SEI can fail; needs nothing but Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A way in which the SEI can fail.

    Attributes:
        name: Key in run.json.
        column: Column of metrics.csv with the share of area that fails.
        happens: What happens, after "the SEI".
    """

    name: str
    column: str
    happens: str


FAILURES = (
    Failure("strain", "sei_area_beyond_fracture [-]", "passes its fracture strain"),
    Failure("energy", "sei_area_beyond_energy [-]", "passes its largest elastic energy"),
    Failure("channel", "sei_area_beyond_channel [-]", "lets channel cracks run"),
    Failure("peel", "sei_area_beyond_peel [-]", "can come off"),
    Failure("buckling", "sei_area_beyond_buckling [-]", "buckles where it does not adhere"),
    Failure("blister", "sei_area_beyond_blister [-]", "lets blisters spread"),
)


def first_failures(
    rows: Sequence[Mapping[str, float]],
) -> dict[str, dict[str, float] | None]:
    """First row in which the film fails by each criterion of the rows; None if never.

    Args:
        rows: Metrics by column, one a step.
    """
    found: dict[str, dict[str, float] | None] = {}
    for failure in FAILURES:
        if not rows or failure.column not in rows[0]:
            continue
        failing = [row for row in rows if row[failure.column] > 0.0]
        found[failure.name] = (
            {"t": failing[0]["t [s]"], "soc": failing[0]["soc [-]"]} if failing else None
        )
    return found
