"""An electrode of three numbers in the place of a model: protocols take milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import asinh, inf, log
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.optimize import brentq

from anodefem.controls import Control
from anodefem.fem.contract import Event
from anodefem.protocols import Step
from anodefem.solve.clock import Occurrence, StepLimits
from anodefem.solve.control import TimeLoop
from anodefem.solve.newton import Outcome

THERMAL = 0.0257  # RT/F [V]
RELAXATION = 900.0  # in which a gradient decays [s]
GRADIENT = 0.02  # surface above the mean at 1C
EXCHANGE = 2.0  # exchange current [C-rate]
RESISTANCE = 0.02  # voltage that falls in a film at 1C [V]
EDGE = 1e-4  # of the fraction at the surface, at which nothing more goes in or out


def rest_potential(x: float) -> float:
    """Voltage at rest of a fraction [V]; falls as the host fills."""
    return 0.35 - 0.3 * x + THERMAL * log((1 - x) / x)


class Electrode:
    """Mean fraction, fraction at the surface and current, by backward Euler."""

    def __init__(self, soc: float) -> None:
        """Start at rest.

        Args:
            soc: State of charge.
        """
        self.now = {"soc": soc, "ahead": 0.0, "rate": 0.0}
        self.start = dict(self.now)
        self.control_ = Control("rest")
        number: Callable[[float], Any] = lambda value: SimpleNamespace(value=value)  # noqa: E731
        self.dt, self.charging, self.bdf_weight, self.soc = map(number, (1.0, 0.0, 1.0, soc))
        self.unknowns: dict[str, Any] = {}

    # --- what the time loop asks of a state ---

    def __contains__(self, name: str) -> bool:
        return name == "potential"

    def snapshot(self) -> dict[str, float]:
        """Return what a step that is taken back gives back."""
        return dict(self.now)

    def restore(self, before: dict[str, float]) -> None:
        """Go back."""
        self.now = dict(before)

    def change(self) -> float:
        """Largest change of the fraction in the step."""
        return abs(self.now["soc"] - self.start["soc"])

    def predict(self, dt: float, before: float) -> None:
        """Extrapolate nothing."""

    def find_rates(self, before: float) -> None:
        """Remember nothing."""

    # --- physics ---

    def after(self, rate: float, dt: float) -> dict[str, float]:
        """State after a step at a charging rate.

        Args:
            rate: [1/s].
            dt: Length of the step [s].
        """
        share = dt / RELAXATION
        ahead = (self.start["ahead"] + share * GRADIENT * rate * 3600) / (1 + share)
        return {"soc": self.start["soc"] + rate * dt, "ahead": ahead, "rate": rate}

    @staticmethod
    def voltage(state: dict[str, float]) -> float:
        """Potential of the electrode [V]; infinite where the surface is full or empty."""
        x = state["soc"] + state["ahead"]
        if not 0.0 < x < 1.0:
            return -inf if x >= 1.0 else inf
        rate = state["rate"] * 3600
        return rest_potential(x) - 2 * THERMAL * asinh(rate / (2 * EXCHANGE)) - RESISTANCE * rate

    def found(self, dt: float) -> dict[str, float] | None:
        """State that the control leads to after a step, or None if there is none.

        Args:
            dt: Length of the step [s].
        """
        control = self.control_
        if control.mode == "voltage":
            rate = self._root(lambda r: self.voltage(self.after(r, dt)) - control.target, 0.1)
        elif control.mode == "power":
            way = 1.0 if control.target > 0 else -1.0

            def missing(r: float) -> float:
                return abs(control.target) - self.voltage(self.after(way * r, dt)) * r

            if way > 0:  # the smaller of two currents
                grid = [abs(control.target) * 1.2**n for n in range(60)]
                pair = next(
                    ((a, b) for a, b in pairwise(grid) if missing(a) > 0 >= missing(b)), None
                )
                rate = None if pair is None else float(brentq(missing, *pair, xtol=1e-16))
            else:
                rate = self._root(missing, 1.0, low=0.0)
            rate = None if rate is None else way * rate
        else:
            rate = control.charging
        state = None if rate is None else self.after(rate, dt)
        return state if state and abs(self.voltage(state)) < inf else None

    @staticmethod
    def _root(f: Callable[[float], float], high: float, low: float | None = None) -> float | None:
        limit: Callable[[float], float] = lambda r: min(max(f(r), -1e3), 1e3)  # noqa: E731
        low = -high if low is None else low
        return float(brentq(limit, low, high, xtol=1e-16)) if limit(low) > 0 > limit(high) else None

    def row(self) -> dict[str, float]:
        """Metrics by head."""
        return {
            "soc [-]": self.now["soc"],
            "voltage [V]": self.voltage(self.now),
            "c_rate [1/h]": self.now["rate"] * 3600,
            "fraction [-]": self.now["soc"] + self.now["ahead"],
        }

    def value(self, head: str) -> dict[str, float]:
        """Metrics of the present state.

        Args:
            head: Which one is asked for.
        """
        assert head in self.row()
        return self.row()


def carry_out(
    steps: Sequence[Step],
    soc: float,
) -> tuple[list[dict[str, float]], list[Occurrence]]:
    """Carry out a protocol, and return the rows and what happened.

    Args:
        steps: Of the protocol.
        soc: State of charge at the start.
    """
    electrode = Electrode(soc)

    def control(wanted: Control) -> None:
        electrode.control_ = wanted
        electrode.charging.value = wanted.charging
        electrode.start = dict(electrode.now)
        # the current jumps at the same instant
        electrode.now = electrode.found(0.0) or electrode.now

    def solve(*, damped: bool = False) -> Outcome:
        state = electrode.found(electrode.dt.value)
        if state is None:
            return Outcome(False, 1, "there is no such state", (1.0,))
        electrode.now = state
        return Outcome(True, 3, "", (0.0,))

    def accept() -> None:
        electrode.start = dict(electrode.now)

    def beyond(fraction: float) -> float:
        way = electrode.charging.value or electrode.now["rate"]
        return fraction - (1 - EDGE) if way > 0 else EDGE - fraction if way < 0 else -inf

    nothing: Callable[..., None] = lambda *a: None  # noqa: E731
    event = Event(
        kind="saturated",
        level=lambda row: beyond(row["fraction [-]"]),
        now=lambda: beyond(electrode.now["soc"] + electrode.now["ahead"]),
        message=lambda row: "the surface is full or empty",
        ends_step=True,
    )
    model = SimpleNamespace(
        state=electrode,
        symbols=None,
        physics=[SimpleNamespace(events=lambda s: [event])],
        domain=SimpleNamespace(comm=SimpleNamespace(allreduce=lambda value, op: value)),
        control=control,
    )
    updates = SimpleNamespace(
        model=model,
        protocol_step=nothing,
        rejected=nothing,
        accumulate=nothing,
        accept=accept,
        fault=lambda: None,
        caution=lambda: 1.0,
        volume_ratio=lambda: np.ones(1),
    )
    rows: list[dict[str, float]] = []
    loop = TimeLoop(
        updates,  # type: ignore[arg-type]
        SimpleNamespace(solve=solve),  # type: ignore[arg-type]
        electrode,  # type: ignore[arg-type]
        StepLimits(soc=0.05, fraction=0.05, initial=1e-3, smallest=1e-9, count=5000, error=1e-3),
        lambda row, end: rows.append(row),
    )
    loop.clock.soc, loop.log.before = soc, electrode.row()
    loop.run(steps)
    return rows, loop.log.occurrences
