"""Two hosts side by side share the current, each as its own reaction lets it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

from anodefem.cards.constants import ROOM
from anodefem.controls import Control
from anodefem.laws.chemistry import IdealSolution
from anodefem.laws.kinetics import ExchangeCurrent
from anodefem.model.regions import Region, Species
from anodefem.physics import Kinetics
from anodefem.verify.problem import Check, Outcome, problem
from anodefem.verify.problems.electrochemistry.particle import (
    GROUP,
    PER_FLUX,
    START,
    THERMAL,
    given,
    run,
)
from anodefem.workbench.bodies import HALF_BALL, Layer, ball, read
from anodefem.workbench.numbers import Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

HOSTS = ("kernel", "skin")
RADII = (0.4, 0.6, 0.8, 1.0)  # um: cavity, inner host, wall that stores nothing, outer host
MIDDLES = (0.45, 0.40)  # V at x = 1/2
EXCHANGES = (0.02, 0.07)  # um/s at x = 1/2
RATE, DURATION = 0.2, 1.0  # 1/s, s
VOLUMES = HALF_BALL * np.array([RADII[1] ** 3 - RADII[0] ** 3, RADII[3] ** 3 - RADII[2] ** 3])
AREAS = 3 * HALF_BALL * np.array([RADII[0] ** 2, RADII[3] ** 2])
CURRENT = RATE * float(VOLUMES.sum())  # um^3/s


def fluxes(x: Array) -> tuple[float, Array]:
    """Return V [V] and the flux into each host [um/s] at their fractions.

    With w = exp(-V F/2RT) the current is a w - b / w.
    """
    exchange = 2 * np.array(EXCHANGES) * np.sqrt(x * (1 - x))
    rest = np.array(MIDDLES) - THERMAL * np.log(x / (1 - x))
    rise = np.exp(rest / (2 * THERMAL))
    a, b = float(AREAS @ (exchange * rise)), float(AREAS @ (exchange / rise))
    w = (CURRENT + np.sqrt(CURRENT**2 + 4 * a * b)) / (2 * a)
    return -2 * THERMAL * float(np.log(w)), exchange * (rise * w - 1 / (rise * w))


@problem(
    "current-of-two-hosts",
    title="Two hosts that share one potential share the current",
    group=GROUP,
    question="How does a current split between two hosts of other rest potentials, exchange "
    "currents, areas and volumes?",
    exact=r"$j_k = j_{0k} (w e^{u_k} - e^{-u_k}/w)$ with $u = U F/2RT$ and $w = e^{-VF/2RT}$, "
    r"$w = (I + \sqrt{I^2 + 4ab})/2a$, $a = \sum A_k j_{0k} e^{u_k}$, $b = \sum A_k j_{0k} "
    r"e^{-u_k}$; fractions even in each host: two equations $V_k \dot x_k = A_k j_k$.",
    quick=True,
)
def two_hosts(folder: Path) -> Outcome:
    """A hollow ball: a host around the cavity, a wall, and a host outside."""
    layers = (Layer("kernel", RADII[1], 3), Layer("wall", RADII[2], 2), Layer("skin", RADII[3], 3))
    numbers = Numbers(read(ball(*layers, cavity=RADII[0], sectors=12), folder))
    even = diffusing_species(numbers, 2e3)
    species: dict[str, Species] = {
        host: replace(even, potential=IdealSolution(middle / THERMAL))
        for host, middle in zip(HOSTS, MIDDLES, strict=True)
    }
    law = {name: solid(numbers, name, young=90e3, poisson=0.22) for name in (*HOSTS, "wall")}
    regions = [Region(host, law[host], species[host]) for host in HOSTS]
    exchange = {
        host: ExchangeCurrent(value * PER_FLUX)
        for host, value in zip(HOSTS, EXCHANGES, strict=True)
    }
    flux = Kinetics(("outer", "pore_surface"), exchange, temperature=ROOM)
    simulation = Simulation(
        numbers, [*regions, Region("wall", law["wall"], None)], full=1.0, empty=0.0, flux=flux
    )
    simulation.fill(START)
    simulation.step(1e-9)  # potentials of both hosts
    simulation.model.control(Control("current", RATE))
    at_once = simulation.symbols.value("potential")
    rows = run(
        simulation, [given("lithiate at a current", DURATION, c_rate=3600 * RATE)], share=0.005
    )

    def slope(t: float, x: Array) -> Array:
        return np.asarray(AREAS * fluxes(x)[1] / VOLUMES)

    start: Array = np.full(2, START)
    end = solve_ivp(slope, (0.0, DURATION), start, rtol=1e-10, atol=1e-12).y[:, -1]
    checks = [
        Check(
            quantity="potential at the moment at which the current flows [V]",
            exact=fluxes(start)[0],
            computed=at_once,
            tolerance=1e-5,
            absolute=True,
            reason="areas of the mesh",
        )
    ]
    checks += [
        Check(
            quantity=f"fraction in the {host} host after {DURATION:g} s [-]",
            exact=float(end[place]),
            computed=simulation.mean(host, simulation.symbols.fraction(host)),
            tolerance=1e-5,
            absolute=True,
            reason="areas of the mesh, steps of 0.005 s",
        )
        for place, host in enumerate(HOSTS)
    ]
    checks.append(
        Check(
            quantity=f"potential after {DURATION:g} s [V]",
            exact=fluxes(end)[0],
            computed=rows[-1]["voltage [V]"],
            tolerance=1e-5,
            absolute=True,
            reason="likewise",
        )
    )
    return Outcome(checks=checks)
