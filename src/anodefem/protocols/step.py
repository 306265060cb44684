"""One step of a protocol: what is controlled, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

from anodefem.controls import Control

ENTRY_POINTS = "anodefem.protocol_steps"

Kind = Literal["lithiate", "delithiate", "hold", "rest"]

SLOWEST, FASTEST = 1e-5, 1e3  # C-rates that can be meant: eleven years, four seconds
SHORTEST, LONGEST = 1e-3, 1e9  # durations that can be meant [s]: a millisecond, thirty years
HIGHEST_VOLTAGE = 5.0  # of an electrode or a cell that can be meant [V]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What turns currents per mass or area into C-rates.

    Attributes:
        charge_per_mass: Charge between soc 0 and 1 over the mass of the empty hosts [C/kg]; None
            where that is not known before the mesh is made.
        charge_per_area: The same over the reference area through which the species enters [C/m^2].
        full_cell: There is a cathode: voltages are those of the cell, and "charge" is lithiating.
    """

    charge_per_mass: float | None
    charge_per_area: float | None
    full_cell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. Something is controlled, and whichever end is met first ends it.

    Attributes:
        kind: "lithiate" and "delithiate" at a given current or power, "hold" at a given voltage,
            or "rest".
        c_rate: Charges per hour [1/h], never negative; 0 where the current is not given.
        power: Voltage times C-rate [V/h], never negative; 0 where the power is not given.
        voltage: Voltage that is held [V], or ``None``.
        until_soc: State of charge at which the step ends, or ``None``.
        until_voltage: Voltage at which it ends [V], or ``None``.
        until_rate: C-rate to which the current falls at its end [1/h], or ``None``.
        until_capacity: Charge that passes in it, over that between soc 0 and 1, or ``None``.
        duration: Time after which it ends [s], or ``None``.
        text: The step as written.
        carrier: "Na" or "K" if the step is written for it, else ``None``: any.
        cycle: Number of the cycle that it belongs to, from 1 (see `anodefem.protocols.program`).
        formation: That cycle is of the formation.
        place: Where it stands in the protocol, such as "2", or "3.1" for the first step of a table.
        full_cell: Voltages are those of a cell with a cathode, instead of the electrode's own
            against the species' metal.
    """

    kind: Kind
    c_rate: float = 0.0
    power: float = 0.0
    voltage: float | None = None
    until_soc: float | None = None
    until_voltage: float | None = None
    until_rate: float | None = None
    until_capacity: float | None = None
    duration: float | None = None
    text: str
    carrier: Literal["Na", "K"] | None = None
    cycle: int = 1
    formation: bool = False
    place: str = ""
    full_cell: bool = False

    def passed(self, row: Mapping[str, float]) -> float:
        """How far the end of the step has been passed; it ends early when this is above 0.

        For steps of other kinds. The end is located: a time step is shortened until this lies
        between 0 and `tolerance`.

        Args:
            row: Metrics of a time step by head of column; sums over the run may lack that step.
        """
        return -1.0

    @property
    def tolerance(self) -> float:
        """Largest value of `passed` at which the step may end, in its unit."""
        return 1e-6

    @property
    def direction(self) -> float:
        """1 when the species goes in, -1 when it goes out, 0 where that is not given."""
        return {"lithiate": 1.0, "delithiate": -1.0}.get(self.kind, 0.0)

    @property
    def voltage_direction(self) -> float:
        """1 when the voltage rises, -1 when it falls, 0 where that is not given."""
        return self.direction if self.full_cell else -self.direction

    @property
    def soc_rate(self) -> float:
        """Change of the state of charge per second that is given [1/s]; else 0."""
        return self.direction * self.c_rate / 3600.0

    @property
    def control(self) -> Control:
        """What the step imposes on the electrode."""
        if self.voltage is not None:
            return Control("voltage", self.voltage)
        if self.power:
            return Control("power", self.direction * self.power / 3600.0)
        return Control("current", self.soc_rate) if self.soc_rate else Control("rest")

    def lasts(self) -> float:
        """Time after which it ends by time or by the charge of a given current [s], or infinity."""
        times = [] if self.duration is None else [self.duration]
        if self.c_rate and self.until_capacity is not None:
            times.append(self.until_capacity * 3600.0 / self.c_rate)
        return min(times, default=inf)

    def lacks(self, soc: float) -> float:
        """Time in which the given current leads to the state of charge that ends it [s].

        Infinite if there is no such end or current; not above 0 if it is there already.

        Args:
            soc: State of charge now.
        """
        if self.until_soc is None or not self.soc_rate:
            return inf
        return (self.until_soc - soc) / self.soc_rate

    @property
    def needs_voltage(self) -> bool:
        """The step cannot be carried out where the body has no electrode potential."""
        given = (self.voltage, self.until_voltage, self.until_rate)
        return self.power > 0.0 or any(each is not None for each in given)
