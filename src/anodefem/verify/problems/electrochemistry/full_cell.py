"""A full cell that loses lithium: stoichiometries of both electrodes slip against each other.

Lengths in um, times in s. The anode is a ball without stress in which the species spreads at once;
x is its fraction, y that of the cathode, whose charge is k times that of the anode. A side reaction
takes the charging rate sigma at all times. Both add up to what flows, so that

    dx/dt = r - sigma,    k dy/dt = -r,

at a given charging rate r, and x + k y falls by sigma t whatever is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from dolfinx import fem
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from anodefem.cards.constants import ROOM
from anodefem.cards.curves import Linear
from anodefem.compilation import compile_form
from anodefem.fem.contract import Physics
from anodefem.fem.symbols import Symbols
from anodefem.laws.chemistry import IdealSolution
from anodefem.laws.kinetics import ExchangeCurrent
from anodefem.model.regions import Region
from anodefem.physics import FiniteCathode, Kinetics
from anodefem.protocols import Kind, Step
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.electrochemistry.particle import (
    EXCHANGE,
    GROUP,
    MIDDLE,
    PER_FLUX,
    THERMAL,
    run,
)
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

CATHODE = Linear(4.3, 3.5)  # V over y
RATIO, AS_MADE, START = 1.25, 0.9, 0.1  # k, y, x
RATE, LOSS = 0.2, 0.004  # r and sigma [1/s]
HIGH, LOW, POWER = 3.55, 3.1, 0.4  # V, V, V/s
HOLD, REST, EMPTYING = 0.5, 0.5, 1.0  # s


class Loss(Physics):
    """A side reaction of one current density [A/m^2] on the surface of the host "core"."""

    name = "loss"

    def __init__(self, density: fem.Constant) -> None:
        """Describe it.

        Args:
            density: Current per area [A/m^2].
        """
        self.density = density

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """Its current."""
        ds = s.ds("flux")
        return {"side_current": lambda: {"loss": [(self.density * s.kinematics.weight, ds)]}}


@dataclass(slots=True)
class Cell:
    """The same cell as two numbers.

    Attributes:
        spread: Area over volume of the anode [1/um].
        x, y: Fractions of anode and cathode.
        t: Time [s].
    """

    spread: float
    x: float = START
    y: float = AS_MADE
    t: float = 0.0

    def voltage(self, x: float, y: float, rate: float) -> float:
        """Voltage of the cell [V] at a charging rate.

        Args:
            x: Fraction of the anode.
            y: Fraction of the cathode.
            rate: Charging rate [1/s], the side reaction included.
        """
        exchange = 2 * EXCHANGE * np.sqrt(x * (1 - x))
        kinetic = 2 * THERMAL * np.arcsinh((rate - LOSS) / self.spread / (2 * exchange))
        anode = MIDDLE - THERMAL * np.log(x / (1 - x)) - kinetic
        return float(CATHODE(y) - anode)

    def until(self, rate: float, voltage: float) -> float:
        """Go on at a charging rate until the cell has a voltage, and return how long it took [s].

        Args:
            rate: Charging rate [1/s].
            voltage: At the end [V].
        """

        def beyond(t: float) -> float:
            x, y = self.x + (rate - LOSS) * t, self.y - rate * t / RATIO
            return self.voltage(x, y, rate) - voltage

        # until one of the electrodes is nearly full, or empty
        left = (0.999 - self.x) / (rate - LOSS) if rate > 0 else (0.001 - self.x) / (rate - LOSS)
        took = float(brentq(beyond, 0.0, left, xtol=1e-14))
        self.x += (rate - LOSS) * took
        self.y -= rate * took / RATIO
        self.t += took
        return took

    def go(self, rate_at: Callable[[float, float], float], duration: float) -> None:
        """Go on for a time.

        Args:
            rate_at: Charging rate [1/s] from x and y.
            duration: How long [s].
        """

        def slope(t: float, state: Array) -> Array:
            rate = rate_at(float(state[0]), float(state[1]))
            return np.array([rate - LOSS, -rate / RATIO])

        solved = solve_ivp(slope, (0.0, duration), [self.x, self.y], rtol=1e-10, atol=1e-12)
        self.x, self.y = (float(value) for value in solved.y[:, -1])
        self.t += duration

    def rate_where(self, missing: Callable[[float], float]) -> float:
        """Charging rate [1/s] at which something is zero.

        Args:
            missing: From a charging rate, what is too much.
        """
        return float(brentq(missing, -2.0, 2.0, xtol=1e-14))


def _step(text: str, **ends: Any) -> Step:
    return Step(kind=cast("Kind", text.split()[0]), text=text, full_cell=True, **ends)


STEPS = (
    _step("lithiate at a current until a voltage", c_rate=3600 * RATE, until_voltage=HIGH),
    _step("hold at that voltage", voltage=HIGH, duration=HOLD),
    _step("rest", duration=REST),
    _step("delithiate at a power", power=3600 * POWER, duration=EMPTYING),
    _step("delithiate at a current until a voltage", c_rate=3600 * RATE, until_voltage=LOW),
    _step("lithiate at a current until the first voltage", c_rate=3600 * RATE, until_voltage=HIGH),
)


def reference(spread: float) -> list[Cell]:
    """Return the cell at the end of every step.

    Args:
        spread: Area over volume of the anode [1/um].
    """
    cell, found = Cell(spread), []
    actions: Sequence[Callable[[], object]] = (
        lambda: cell.until(RATE, HIGH),
        lambda: cell.go(lambda x, y: cell.rate_where(lambda r: cell.voltage(x, y, r) - HIGH), HOLD),
        lambda: cell.go(lambda x, y: 0.0, REST),
        lambda: cell.go(
            lambda x, y: cell.rate_where(lambda r: cell.voltage(x, y, r) * r + POWER), EMPTYING
        ),
        lambda: cell.until(-RATE, LOW),
        lambda: cell.until(RATE, HIGH),
    )
    for action in actions:
        action()
        found.append(replace(cell))
    return found


def cell(folder: Path) -> Simulation:
    """Rigid half ball beside a cathode, with a side reaction.

    Args:
        folder: Empty folder for the mesh.
    """
    numbers = Numbers(read(ball(Layer("core", 1.0, 4), sectors=4), folder))
    species = replace(diffusing_species(numbers, 2e4), potential=IdealSolution(MIDDLE / THERMAL))
    law = solid(numbers, "core", young=90e3, poisson=0.22)
    flux = Kinetics(
        numbers.domain.manifest.roles.flux,
        {"core": ExchangeCurrent(EXCHANGE * PER_FLUX)},
        temperature=ROOM,
    )
    simulation = Simulation(
        numbers,
        [Region("core", law, species)],
        full=1.0,
        empty=0.0,
        flux=flux,
        more=[Loss(numbers["loss"])],
        cathode=lambda electrode: FiniteCathode(
            CATHODE, electrode, capacity=RATIO, as_made=AS_MADE
        ),
    )
    numbers["loss"].value = LOSS / _spread(simulation) * PER_FLUX
    simulation.fill(START)
    simulation.state["c"].x.array[1::2] -= MIDDLE / THERMAL
    simulation.state.begin()
    return simulation


def _spread(simulation: Simulation) -> float:
    """Area over volume of the mesh [1/um]."""
    s = simulation.symbols
    area = compile_form(s.one * s.kinematics.weight * s.ds("flux"))
    return s.domain.total(area) / s.volume("core")


@problem(
    "full-cell",
    title="A full cell whose electrodes slip against each other",
    group=GROUP,
    question="Where are both electrodes of a cell after charge and discharge between two voltages, "
    "at a given voltage and power, while a side reaction takes lithium?",
    exact=r"$\dot x = r - \sigma$, $k \dot y = -r$, $E = U_c(y) - U_a(x) + 2 (RT/F) "
    r"\mathrm{arsinh}(j/2 j_0)$ with $j = (r - \sigma) V/A$: straight lines in time where r is "
    "given, an equation for the time at which E is met, and two ordinary differential equations "
    "where E or E r is.",
    quick=True,
)
def full_cell(folder: Path) -> Outcome:
    """Charge, hold, rest, two discharges and a charge that is shorter than the first."""
    simulation = cell(folder)
    wanted = reference(_spread(simulation))
    rows = run(simulation, STEPS, share=0.02, error=3e-6)
    checks, ends = [], []
    for number, (step, moment) in enumerate(zip(STEPS, wanted, strict=True), start=1):
        row = [each for each in rows if each["step [-]"] == number][-1]
        ends.append(row)
        for what, head, exact, allowed in (
            ("time [s]", "t [s]", moment.t, 5e-5 / RATE),
            ("fraction of the anode [-]", "soc [-]", moment.x, 5e-5),
            ("fraction of the cathode [-]", "cathode_fraction [-]", moment.y, 5e-5),
        ):
            checks.append(
                Check(
                    quantity=f"after '{step.text}': {what}",
                    exact=exact,
                    computed=row[head],
                    tolerance=allowed,
                    absolute=True,
                    reason="errors of 3e-6 a step, voltages met to 10 uV at a slope of 1 V; the "
                    "time by that over the rate",
                )
            )
    left = [AS_MADE, *(row["cathode_fraction [-]"] for row in ends)]
    checks.append(
        Check(
            quantity="charge of the second over that of the first [-]",
            exact=(wanted[-2].y - wanted[-1].y) / (AS_MADE - wanted[0].y),
            computed=(left[-2] - left[-1]) / (left[0] - left[1]),
            tolerance=1e-4,
            reason="as above",
        )
    )
    cyclable = 1 - LOSS * ends[-1]["t [s]"] / (START + RATIO * AS_MADE)
    checks += [
        Check(
            quantity="cyclable lithium at the end [-]",
            exact=cyclable,
            computed=ends[-1]["cyclable_lithium [-]"],
            tolerance=1e-12,
            reason="round-off",
        ),
        at_most(
            "error of the inventory [-]",
            max(abs(row["inventory_error [-]"]) for row in rows),
            1e-12,
            reason="round-off",
        ),
    ]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Voltage of the cell",
                x="t [s]",
                y="E [V]",
                curves=[
                    Series(
                        label="computed",
                        x=[row["t [s]"] for row in rows],
                        y=[row["cell_voltage [V]"] for row in rows],
                    ),
                ],
            )
        ],
    )
