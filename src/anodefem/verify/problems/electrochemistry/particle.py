"""A sphere without stress whose reaction obeys Butler and Volmer: the single-particle model.

The reference is solved here along the radius, to 1e-8 in time (Radau) and on 20 times as many
shells as the mesh has rings. x is c/c_max, R = 1 um, D = 1 um^2/s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import cast

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.sparse import diags

from anodefem.cards.constants import ROOM, thermal_voltage
from anodefem.compilation import compile_form
from anodefem.fem.forms import added
from anodefem.laws.chemistry import IdealSolution
from anodefem.laws.kinetics import ExchangeCurrent
from anodefem.model.regions import Region
from anodefem.physics import Kinetics
from anodefem.protocols import Kind, Step
from anodefem.solve.clock import StepLimits
from anodefem.solve.control import TimeLoop
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import ENERGY, Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

GROUP = "Electrochemistry"
THERMAL = thermal_voltage(ROOM)  # V
MIDDLE = 0.5  # V at x = 1/2
START = 0.3  # x
#: Charge of full host [C/m^3] and the current [A/m^2] of a flux of 1 um/s of it.
CHARGE = ENERGY * 1e6 / THERMAL
PER_FLUX = CHARGE * 1e-6
EXCHANGE = 0.05  # um/s at x = 1/2
PIECES = ("given current", "given voltage", "rest", "given power")
RATE = 0.3  # 1/s: a flux of 0.1 um/s through the surface


def particle(
    folder: Path, *, rings: int, resistance: float = 0.0, exchange: float = EXCHANGE
) -> Simulation:
    """Rigid half ball whose reaction shares out the current.

    Args:
        folder: Empty folder for the mesh.
        rings: Cells along the radius.
        resistance: Of a film [V per um/s of flux].
        exchange: Exchange current at x = 1/2 [um/s].
    """
    numbers = Numbers(read(ball(Layer("core", 1.0, rings), sectors=max(4, rings // 3)), folder))
    law = solid(numbers, "core", young=90e3, poisson=0.22)
    species = replace(diffusing_species(numbers, 1.0), potential=IdealSolution(MIDDLE / THERMAL))
    flux = Kinetics(
        numbers.domain.manifest.roles.flux,
        {"core": ExchangeCurrent(exchange * PER_FLUX)},
        temperature=ROOM,
        resistance=resistance / PER_FLUX,
    )
    simulation = Simulation(numbers, [Region("core", law, species)], full=1.0, empty=0.0, flux=flux)
    simulation.fill(START)
    simulation.state["c"].x.array[1::2] -= MIDDLE / THERMAL
    simulation.state.begin()
    return simulation


def surface_fraction(simulation: Simulation) -> Callable[[], float]:
    """Compile the mean of x over the surfaces of the hosts."""
    s = simulation.symbols
    weight, total = s.kinematics.weight, s.domain.total
    surfaces = {each.name: s.ds(simulation.flux.surface_of(each.name)) for each in s.diffusing}
    x = compile_form(added(s.fraction(name) * weight * ds for name, ds in surfaces.items()))
    area = total(compile_form(added(s.one * weight * ds for ds in surfaces.values())))
    return lambda: total(x) / area


def run(
    simulation: Simulation, steps: Sequence[Step], *, share: float, error: float = inf
) -> list[Mapping[str, float]]:
    """Carry out steps, each of at least 1 / share time steps, and return the rows of metrics.

    Args:
        simulation: What to solve.
        steps: Each with a duration.
        share: Largest time step over the duration of a step, or the time of a full charge.
        error: Largest local error of the fraction in a time step.
    """
    rows: list[Mapping[str, float]] = []
    surface = surface_fraction(simulation)
    limits = StepLimits(
        soc=share,
        fraction=1.0,
        initial=share / 100,
        smallest=share / 1e6,
        count=10000,
        error=error,
    )
    simulation.start()
    loop = TimeLoop(
        simulation.updates,
        simulation.newton,
        simulation.metrics(),
        limits,
        lambda row, end: rows.append({**row, "surface": surface()}),
    )
    loop.run(steps)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The same particle along its radius.

    Attributes:
        shells: Their number.
        resistance: Of a film [V per um/s of flux].
        exchange: Exchange current at x = 1/2 [um/s].
    """

    shells: int
    resistance: float = 0.0
    exchange: float = EXCHANGE

    def rest(self, x: float) -> float:
        """Rest potential [V] at a surface fraction."""
        return MIDDLE - THERMAL * float(np.log(x / (1 - x)))

    def voltage(self, x: float, flux: float) -> float:
        """V at a surface fraction and a flux [um/s].

        Args:
            x: Surface fraction.
            flux: Into the particle [um/s].
        """
        exchange = 2 * self.exchange * np.sqrt(x * (1 - x))
        kinetic = 2 * THERMAL * float(np.arcsinh(flux / (2 * exchange)))
        return self.rest(x) - kinetic - self.resistance * flux

    def flux_at(self, x: float, voltage: float) -> float:
        """Flux [um/s] at a given V.

        Args:
            x: Surface fraction.
            voltage: V [V].
        """
        return self._root(x, lambda V, j: V - voltage)

    def flux_of(self, x: float, power: float) -> float:
        """Flux [um/s] at a given product of V and flux.

        Args:
            x: Surface fraction.
            power: V times flux [V um/s].
        """
        return self._root(x, lambda V, j: power - V * j)

    def _root(self, x: float, missing: Callable[[float, float], float]) -> float:
        found = brentq(lambda j: missing(self.voltage(x, j), j), -1.0, 1.0, xtol=1e-14)
        return float(found)

    def carry_out(self, pieces: Sequence[tuple[float, Callable[[float], float]]]) -> list[Moment]:
        """State at the end of every piece.

        Args:
            pieces: Durations [s], and the flux from the surface fraction.
        """
        r: Array = np.linspace(0.0, 1.0, self.shells + 1)
        middle = (r[1:] + r[:-1]) / 2
        volume = np.diff(np.concatenate([[0.0], middle, [1.0]]) ** 3) / 3
        conductance = middle**2 / np.diff(r)
        x: Array = np.full(self.shells + 1, START)
        found = []
        for duration, flux in pieces:

            def slope(t: float, x: Array, flux: Callable[[float], float] = flux) -> Array:
                across = conductance * np.diff(x)
                inflow = np.concatenate([across, [flux(float(x[-1]))]])
                inflow[1:] -= across
                return np.asarray(inflow / volume)

            sparsity = diags([1.0, 1.0, 1.0], [-1, 0, 1], shape=(len(x), len(x)))
            solved = solve_ivp(
                slope,
                (0.0, duration),
                x,
                method="Radau",
                rtol=1e-8,
                atol=1e-10,
                jac_sparsity=sparsity,
            )
            x = solved.y[:, -1]
            j = flux(float(x[-1]))
            found.append(Moment(float(x[-1]), j, self.voltage(float(x[-1]), j)))
        return found


@dataclass(frozen=True, slots=True)
class Moment:
    """State of the particle.

    Attributes:
        surface: Fraction at the surface.
        flux: Into it [um/s].
        voltage: V [V].
    """

    surface: float
    flux: float
    voltage: float


def given(
    text: str,
    duration: float,
    *,
    c_rate: float = 0.0,
    power: float = 0.0,
    voltage: float | None = None,
) -> Step:
    """Return a step of the protocol that ends by time.

    Args:
        text: Its kind, and what is shown.
        duration: Of the step [s].
        c_rate: Charges per hour [1/h].
        power: Voltage times C-rate [V/h].
        voltage: That is held [V].
    """
    return Step(
        kind=cast("Kind", text.split()[0]),
        duration=duration,
        text=text,
        c_rate=c_rate,
        power=power,
        voltage=voltage,
    )


@problem(
    "single-particle",
    title="A sphere under given current, voltage and power, and at rest",
    group=GROUP,
    question="What are the potential, the current and the fraction at the surface of a sphere "
    "whose reaction obeys Butler and Volmer?",
    exact=r"$\dot x = D r^{-2} (r^2 x')'$, $D x'(R) = j$, $j = 2 j_0 \sqrt{x (1-x)}\, "
    r"2 \sinh((U - V - \rho j) F/2RT)$ with $U = U_0 - (RT/F) \ln(x/(1-x))$, solved along the "
    "radius on 400 shells and to 1e-8 in time.",
    quick=True,
)
def single_particle(folder: Path) -> Outcome:
    """Given current, then the voltage that was reached, rest, and a power that empties."""
    resistance, power = 0.2, 0.1 * MIDDLE
    exact = Reference(shells=400, resistance=resistance)
    (first,) = exact.carry_out([(0.4, lambda x: RATE / 3)])
    held = first.voltage
    wanted = exact.carry_out(
        [
            (0.4, lambda x: RATE / 3),
            (0.3, lambda x: exact.flux_at(x, held)),
            (0.3, lambda x: 0.0),
            (0.3, lambda x: exact.flux_of(x, -power / 3)),
        ]
    )
    steps = [
        given("lithiate at a current", 0.4, c_rate=3600 * RATE),
        given("hold at a voltage", 0.3, voltage=held),
        given("rest", 0.3),
        given("delithiate at a power", 0.3, power=3600 * power),
    ]
    simulation = particle(folder, rings=20, resistance=resistance)
    rows = run(simulation, steps, share=0.02)
    checks = []
    for number, (name, moment) in enumerate(zip(PIECES, wanted, strict=True), start=1):
        row = [each for each in rows if each["step [-]"] == number][-1]
        checks += [
            Check(
                quantity=f"fraction at the surface after the {name} [-]",
                exact=moment.surface,
                computed=row["surface"],
                tolerance=1e-4,
                absolute=True,
                reason="0.05 over the radius times the square of a twentieth of it: 1.2e-4",
            ),
            Check(
                quantity=f"potential after the {name} [V]",
                exact=moment.voltage,
                computed=row["voltage [V]"],
                tolerance=1e-5,
                absolute=True,
                reason="dU/dx = 0.11 V times the error of the fraction",
            ),
            Check(
                quantity=f"flux after the {name} [um/s]",
                exact=moment.flux,
                computed=row["c_rate [1/h]"] / 3600 / 3,
                tolerance=1e-5,
                absolute=True,
                reason="the error of the potential over the resistance of reaction and film",
            ),
        ]
        parts = row["equilibrium_voltage [V]"] + 1e-3 * sum(
            row[f"{part}_overpotential [mV]"] for part in ("stress", "kinetic", "film")
        )
        checks.append(
            at_most(
                f"potential less the sum of its parts after the {name} [V]",
                abs(row["voltage [V]"] - parts),
                1e-12,
                reason="round-off",
            )
        )
    worst = max(abs(row["charge_balance_error [-]"]) for row in rows)
    checks.append(at_most("error of the balance of charge [-]", worst, 1e-12, reason="round-off"))
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Potential of the electrode",
                x="t [s]",
                y="V [V]",
                curves=[
                    Series(
                        label="computed",
                        x=[row["t [s]"] for row in rows],
                        y=[row["voltage [V]"] for row in rows],
                    ),
                    Series(
                        label="reference",
                        x=list(np.cumsum([0.4, 0.3, 0.3, 0.3])),
                        y=[moment.voltage for moment in wanted],
                        exact=True,
                    ),
                ],
            )
        ],
    )
