"""cycles.csv: capacity, efficiency and retention of every cycle, summed up from rows of metrics.

What a cycle is stands in `anodefem.protocols.program`. Between two rows charge and voltage are
linear in time, so that what is given here follows from metrics.csv alone, and a run that is resumed
sums up again what it had.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from pathlib import Path

from anodefem.fem.columns import Column
from anodefem.files import replacing

#: Charge that passes in one direction below which nothing is said of that direction [mAh/g].
NOTHING = 1e-9
#: Metric that only a full cell has.
CELL_VOLTAGE = "cell_voltage [V]"

_EFFICIENCIES = "only where there is an electrode potential: else it is the protocol's alone"
COLUMNS = (
    Column("cycle", "-", "number of the cycle, from 1"),
    Column("formation", "-", "1 in a cycle of the formation, else 0"),
    Column("t", "s", "time at its end"),
    Column(
        "lithiated", "mAh/g", "charge that lithiated, side reactions included, per mass of hosts"
    ),
    Column("delithiated", "mAh/g", "charge that delithiated, likewise"),
    Column("areal_capacity", "mAh/cm^2", "charge that delithiated over the area of the collector"),
    Column(
        "volumetric_capacity",
        "Ah/L",
        "charge that delithiated over the largest volume inside the hull during the cycle",
    ),
    Column(
        "coulombic_efficiency",
        "-",
        f"delithiated over lithiated; {_EFFICIENCIES}, like what follows",
    ),
    Column(
        "retention",
        "-",
        "delithiated, over that of the first cycle that did so after the formation",
    ),
    Column(
        "mean_voltage_lithiation",
        "V",
        "mean voltage over the charge that lithiated, of the cell where it has a cathode",
    ),
    Column("mean_voltage_delithiation", "V", "the same over the charge that delithiated"),
    Column(
        "energy_efficiency",
        "-",
        "energy that the cell gives over what it takes: a half cell gives while its host "
        "lithiates, a full cell while it delithiates",
    ),
    Column("side_charge", "mAh/g", "charge that side reactions took in the cycle"),
)


@dataclass(slots=True)
class _Cycle:
    """What has been summed up of a cycle.

    Attributes:
        charge: That has passed by direction, 1 lithiating and -1 delithiating [mAh/g].
        energy: Likewise [mWh/g].
        side: Charge that side reactions took [mAh/g].
        density: Least charge per volume over charge per mass, (Ah/L)/(mAh/g).
        last: Last row.
    """

    charge: dict[int, float] = field(default_factory=lambda: {1: 0.0, -1: 0.0})
    energy: dict[int, float] = field(default_factory=lambda: {1: 0.0, -1: 0.0})
    side: float = 0.0
    density: float = inf
    last: Mapping[str, float] = field(default_factory=dict)

    def add(self, before: Mapping[str, float], row: Mapping[str, float]) -> None:
        """Add a time step.

        Args:
            before: Metrics by head at its start.
            row: Metrics at its end.
        """
        charge = row["charge_passed [mAh/g]"] - before["charge_passed [mAh/g]"]
        side = 1 if charge > 0 else -1
        self.charge[side] += abs(charge)
        head = CELL_VOLTAGE if CELL_VOLTAGE in row else "voltage [V]"
        self.energy[side] += abs(charge) * (row[head] + before[head]) / 2
        self.side += row.get("side_charge [mAh/g]", 0.0) - before.get("side_charge [mAh/g]", 0.0)
        if row["specific_capacity [mAh/g]"] > 0.0:
            here = row["volumetric_capacity [Ah/L]"] / row["specific_capacity [mAh/g]"]
            self.density = min(self.density, here)
        self.last = row


class Cycles:
    """Sums up cycles row by row.

    Attributes:
        first: Number of the first cycle after the formation.
    """

    def __init__(self, formation: Iterable[int] = ()) -> None:
        """Start before the first row.

        Args:
            formation: Numbers of the cycles of the formation.
        """
        self._formation = frozenset(formation)
        self.first = max(self._formation, default=0) + 1
        self._cycles: dict[int, _Cycle] = {}
        self._before: Mapping[str, float] = {}

    def add(self, row: Mapping[str, float]) -> None:
        """Add an accepted time step.

        Args:
            row: Metrics by head, or those of the initial state.
        """
        if self._before and "charge_passed [mAh/g]" in row:
            self._cycles.setdefault(int(row["cycle [-]"]), _Cycle()).add(self._before, row)
        self._before = row

    def rows(self, shown: Sequence[str] = ()) -> Iterator[dict[str, float]]:
        """Yield what is known of every cycle, by head; the last one may be unfinished.

        Args:
            shown: Heads of metrics of which it has the value at its end.
        """
        for number, cycle in self._cycles.items():
            inwards, outwards, last = cycle.charge[1], cycle.charge[-1], cycle.last
            row = {
                "cycle [-]": float(number),
                "formation [-]": float(number in self._formation),
                "t [s]": last["t [s]"],
                "lithiated [mAh/g]": inwards,
                "delithiated [mAh/g]": outwards,
            }
            if "areal_capacity [mAh/cm^2]" in last:
                per_area = _ratio(
                    last["areal_capacity [mAh/cm^2]"], last["specific_capacity [mAh/g]"]
                )
                row["areal_capacity [mAh/cm^2]"] = outwards * per_area
            row["volumetric_capacity [Ah/L]"] = outwards * cycle.density
            if "charge_balance_error [-]" in last:
                lithiating = _ratio(cycle.energy[1], inwards)
                delithiating = _ratio(cycle.energy[-1], outwards)
                gives = -1 if CELL_VOLTAGE in last else 1
                row |= {
                    # a cycle under way has none yet
                    "coulombic_efficiency [-]": _ratio(outwards, inwards) if outwards else nan,
                    "retention [-]": _ratio(outwards, self._reference) if outwards else nan,
                    "mean_voltage_lithiation [V]": lithiating,
                    "mean_voltage_delithiation [V]": delithiating,
                    "energy_efficiency [-]": _ratio(cycle.energy[gives], cycle.energy[-gives]),
                    "side_charge [mAh/g]": cycle.side,
                }
            yield row | {head: last[head] for head in shown if head in last}

    @property
    def _reference(self) -> float:
        """Charge that delithiated in the first cycle after the formation that did so [mAh/g]."""
        after = (c.charge[-1] for number, c in self._cycles.items() if number >= self.first)
        return next((charge for charge in after if charge > NOTHING), 0.0)

    def retention(self) -> float:
        """Capacity of the last cycle, which is over, over that of the first after the formation.

        NaN before that one.
        """
        last = [*self._cycles.values()][-1:]
        return _ratio(last[0].charge[-1], self._reference) if last else nan

    def write(self, path: Path, shown: Sequence[str] = ()) -> None:
        """Write the table, replacing a former one at once.

        Args:
            path: The file.
            shown: Heads of metrics of which it has the value at the end of every cycle.

        Raises:
            DiskError: It cannot be written.
        """
        rows = [*self.rows(shown)]
        if not rows:
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({head: repr(value) for head, value in row.items()} for row in rows)
        with replacing(path) as beside:
            beside.write_text(text.getvalue(), encoding="utf-8", newline="")


def _ratio(over: float, under: float) -> float:
    """Return a ratio; NaN where nothing has passed.

    Args:
        over: Numerator.
        under: Denominator.
    """
    return over / under if under > NOTHING else nan
