"""The cathode of a full cell: one fraction for all of it, and its open-circuit voltage.

What flows into the hosts and what side reactions take has left the cathode,

    Q dy/dt = -I,

y being the fraction that is left in it and Q its charge between y = 0 and 1. It has no resistance
of its own: the voltage of the cell is U(y) - V, V being the potential of the electrode against the
metal of the species (`anodefem.physics.kinetics`). The species is finite: what the cathode and the
hosts hold, and what side reactions have taken, is what the cell was put together with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

import ufl

from anodefem.cards.curves import Curve
from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import ANYWHERE, Event, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Unknown
from anodefem.fem.forms import added
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.composition import over_composition
from anodefem.physics.electrode import CHARGE_BALANCE, Electrode

#: Fractions beyond which a cathode is empty or full.
EMPTY, FULL = 0.005, 0.995


class FiniteCathode(Physics):
    """Fraction of the cathode.

    Attributes:
        ocv: Open-circuit voltage over the fraction [V].
        capacity: Charge of its fraction 0 to 1 over that of full hosts.
        as_made: Fraction at the start.
        electrode: The other electrode.
    """

    name = "cathode"

    def __init__(
        self, ocv: Curve, electrode: Electrode, *, capacity: float, as_made: float
    ) -> None:
        """Describe a cathode.

        Args:
            ocv: Open-circuit voltage over the fraction [V].
            electrode: The other electrode.
            capacity: Charge of its fraction 0 to 1 over that of full hosts.
            as_made: Fraction at the start.
        """
        self.ocv, self.electrode = ocv, electrode
        self.capacity, self.as_made = capacity, as_made

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """The fraction y that is left."""
        return [Unknown(name="cathode", element=GLOBAL, scales=(1.0,))]

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """The potential of the cathode [V]."""
        return {
            "cathode_potential": lambda: {ANYWHERE: over_composition(self.ocv)(s.state["cathode"])}
        }

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """(y - y_n) - (1 - w) dt y_rate + w dt I / Q, as the hosts' balance (see `diffusion`)."""
        w, dt, y = s.state.bdf_weight, s.state.dt, s.state["cathode"]
        full = self.capacity * self.electrode.storage.capacity(s)
        gain = y - s.state.start("cathode") - (1 - w) * dt * s.state.rate("cathode")
        hosts = [region.name for region in s.diffusing]
        dx = s.domain.dx(*hosts, degree=s.domain.solid_degree)
        kept = gain / s.volume(*hosts) * s.kinematics.weight * dx
        return {"cathode": added([kept, (w * dt / full) * self.electrode.flux.charge_rate(s)])}

    def updates(self, s: Symbols) -> Sequence[Update]:
        """What it starts with."""
        return [_Account(s, self)]

    def events(self, s: Symbols) -> Sequence[Event]:
        """A cathode that is empty, or full, before the step of the protocol has ended."""
        flowing = compile_form(self.electrode.flux.charge_rate(s))

        def emptiness(left: float, rate: float) -> float:
            return EMPTY - left if rate > 0 else -inf

        def fullness(left: float, rate: float) -> float:
            return left - FULL if rate < 0 else -inf

        def event(kind: str, level: Callable[[float, float], float], what: str) -> Event:
            return Event(
                kind=kind,
                level=lambda row: level(row["cathode_fraction [-]"], row["c_rate [1/h]"]),
                now=lambda: level(s.value("cathode"), s.domain.total(flowing)),
                message=lambda row: (
                    f"the cathode is {what} at soc = {row['soc [-]']:.4f} (fraction "
                    f"{row['cathode_fraction [-]']:.4f})"
                ),
                ends_step=True,
            )

        return [
            event("cathode_empty", emptiness, "empty"),
            event("cathode_full", fullness, "full"),
        ]

    @columns(
        Column("cell_voltage", "V", "potential of the cathode less that of the electrode"),
        Column("cathode_potential", "V", "open-circuit voltage of the cathode"),
        Column("cathode_fraction", "-", "fraction of the species that is left in the cathode"),
        Column(
            "cyclable_lithium",
            "-",
            "species in cathode and hosts over what was there at first: the rest is in the SEI, or "
            "dissolved",
            by_cycle=True,
        ),
        Column(
            "inventory_error",
            "-",
            "(species in cathode, hosts and side reactions - what was there at first) over the "
            f"capacity of the hosts; a run ends where it is beyond {CHARGE_BALANCE:g}",
            limit=CHARGE_BALANCE,
        ),
    )
    def inventory(self, s: Symbols) -> Evaluate:
        """Where the species is."""
        storage, side = self.electrode.storage, self.electrode.side_charge(s)
        stored, capacity = s.once(storage.stored), storage.capacity(s)
        full = self.capacity * capacity

        def evaluate() -> dict[str, float]:
            left, V = s.value("cathode"), s.value("potential")
            potential = float(self.ocv(left))
            first = self.as_made * full + s.sums["initial"]
            cyclable = left * full + stored()
            return {
                "cell_voltage": potential - V,
                "cathode_potential": potential,
                "cathode_fraction": left,
                "cyclable_lithium": cyclable / first,
                "inventory_error": (cyclable + side() - first) / capacity,
            }

        return evaluate


class _Account(Update):
    """Puts the cell together, and keeps its account exact."""

    def __init__(self, s: Symbols, cathode: FiniteCathode) -> None:
        self._s, self._state, self._as_made = s, s.state, cathode.as_made
        self._balance = compile_form(cathode.forms(s)["cathode"])

    def initialised(self) -> None:
        self._state.set_value("cathode", self._as_made)
        self._state.start("cathode").x.array[:] = self._as_made
        self._state.rate("cathode").x.array[:] = 0.0

    def solved(self) -> None:
        # what Newton's method leaves of a step, 1e-13, would add up over thousands of steps
        left = self._s.value("cathode") - self._s.domain.total(self._balance)
        self._state.set_value("cathode", left)
