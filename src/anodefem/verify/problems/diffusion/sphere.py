"""Diffusion into a sphere through a constant flux, against Crank's series.

x = r/R and tau = D t / R^2. The potential is that of an ideal solution, whose mobility makes the
flux Fick's: the equations are not linear, the solution is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import ufl

from anodefem import protocols
from anodefem.model.regions import Region
from anodefem.solve.clock import StepLimits
from anodefem.solve.control import Accepted, TimeLoop
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

PLACES = (0.0, 0.5, 1.0)  # r/R

NAMES = ("centre", "half radius", "surface")

START = 0.4  # lithium fraction

YOUNG, POISSON = 90e3, 0.22  # MPa, -

CRANK = "J. Crank, The Mathematics of Diffusion (1975), section 6.3"


def sphere(folder: Path, rings: int, sectors: int, *, swelling: float | None = None) -> Simulation:
    """Half a ball of 1 um with a diffusivity of 1 um^2/s; rigid unless it swells.

    Args:
        folder: Empty folder for the mesh.
        rings: Cells along the radius.
        sectors: Cells over the quarter circle.
        swelling: Volume ratio of the full sphere less one; None for a rigid one.
    """
    numbers = Numbers(read(ball(Layer("core", 1.0, rings), sectors=sectors), folder))
    full = None if swelling is None else 1.0 + swelling
    law = solid(numbers, "core", young=YOUNG, poisson=POISSON, full=full)
    simulation = Simulation(
        numbers, [Region("core", law, diffusing_species(numbers, 1.0))], full=1.0, empty=0.0
    )
    simulation.fill(START)
    return simulation


def march(
    simulation: Simulation,
    protocol: Sequence[str],
    *,
    steps: int,
    first: float = 1.0,
    accepted: Accepted = lambda row, end: None,
) -> None:
    """Carry out protocol steps in equal time steps by the loop that runs cases.

    Args:
        simulation: What to solve.
        protocol: Sentences.
        steps: Time steps of a rest or of a full charge.
        first: First step over the others; steps in between grow by half at most.
        accepted: As of `TimeLoop`.
    """
    share = 1.0 / steps
    limits = StepLimits(
        soc=share,
        fraction=1.0,
        initial=first * share,
        smallest=first * share / 2,
        count=10000,
    )
    metrics = simulation.metrics()
    simulation.start()
    loop = TimeLoop(
        simulation.updates,
        simulation.newton,
        metrics,
        limits,
        accepted,
    )
    loop.clock.soc = metrics.row()["soc [-]"]
    loop.run([_fast(text) for text in protocol])


def _fast(text: str) -> protocols.Step:
    """Return the step of a sentence, at rates beyond those that a case may ask for."""
    found = re.fullmatch(r"(\w+ at )([0-9.e+]+)(C .*)", text)
    if not found:
        return protocols.parse(text)
    start, rate, end = found.groups()
    return replace(protocols.parse(f"{start}1{end}"), c_rate=float(rate))


def fractions(simulation: Simulation) -> Array:
    """Lithium fraction at `PLACES`."""
    return np.array([simulation.fraction_at(place) for place in PLACES])


# Constant flux: theta = (c - c0) D / (J R); a charging rate of k fills at J = k R/3.

RATE = 0.3  # [1/s]: 1080C

EIGENVALUES = (4.493409458, 7.725251837, 10.904121659, 14.066193913, 17.220755272)


def constant_flux(tau: float, x: Array) -> Array:
    """Theta at radii x; five terms are enough from tau = 0.05 on.

    Args:
        tau: Time D t / R^2.
        x: Radii r/R.
    """
    theta = 3.0 * tau + x**2 / 2.0 - 0.3
    for value in EIGENVALUES:
        shape = np.sinc(value * x / np.pi) * value  # sin(l x)/x
        theta = theta - 2.0 * shape / (value**2 * np.sin(value)) * np.exp(-(value**2) * tau)
    return np.asarray(theta)


#: The same to six digits, at `PLACES`.
FLUX_TABLE = {0.1: (0.059878, 0.146138, 0.486762), 0.5: (1.200019, 1.325007, 1.699996)}


@problem(
    "sphere-constant-flux",
    title="A constant flux fills a sphere",
    group="Diffusion and chemistry",
    question="How do the fractions at the centre, at half the radius and at the surface of a "
    "sphere rise when lithium enters at a constant rate?",
    exact=r"$\theta = (c-c_0)D/(JR) = 3\tau + x^2/2 - 3/10 - (2/x)\sum_n \sin(\lambda_n x) "
    r"e^{-\lambda_n^2\tau}/(\lambda_n^2 \sin\lambda_n)$, $\tan\lambda_n = \lambda_n$ ("
    + CRANK
    + r"); at $\tau$ = 0.1: 0.059878, 0.146138, 0.486762, at 0.5: 1.200019, 1.325007, 1.699996.",
)
def filling(folder: Path) -> Outcome:
    """40 rings; 20 and 40 steps to tau = 0.1, on to 0.5."""
    checks, found = [], {}
    exact = np.array(FLUX_TABLE[0.1])
    simulation = sphere(folder, 40, 16)
    fresh = simulation.state.snapshot()
    for steps in (20, 40):
        simulation.state.restore(fresh)
        text = f"lithiate at {RATE * 3600:g}C until soc = {START + 0.1 * RATE:g}"
        # a full charge takes 1/RATE, this part of it 0.1
        march(simulation, [text], steps=round(steps / (0.1 * RATE)))
        found[steps] = (fractions(simulation) - START) / (RATE / 3.0)
    stored = simulation.mean("core", simulation.state["c"][0]) - START
    mesh = np.array([6e-4, 2e-4, 2e-4])
    for i, name in enumerate(NAMES):
        checks.append(
            Check(
                quantity=f"theta at tau = 0.1, {name} [-]",
                exact=exact[i],
                computed=found[40][i],
                tolerance=float(mesh[i]) + 3e-4,
                absolute=True,
                reason="the mesh: 1e-4, at the centre, where one node has a tiny lumped mass, "
                "5e-4; the step: 3e-4",
            )
        )
    march(
        simulation,
        [f"lithiate at {RATE * 3600:g}C until soc = {START + 0.5 * RATE:g}"],
        steps=round(30 / (0.4 * RATE)),
    )
    late = (fractions(simulation) - START) / (RATE / 3.0)
    checks += [
        Check(
            quantity=f"theta at tau = 0.5, {name} [-]",
            exact=FLUX_TABLE[0.5][i],
            computed=late[i],
            tolerance=float(mesh[i]),
            absolute=True,
            reason="both formulas are exact for the steady rise; the mesh is left",
        )
        for i, name in enumerate(NAMES)
    ]
    checks.append(
        Check(
            quantity="lithium taken up by tau = 0.1 [-]",
            exact=0.1 * RATE,
            computed=float(stored),
            tolerance=1e-11,
            reason="round-off, whatever the step",
        )
    )
    x = np.linspace(0.0, 1.0, 41)
    nodes = np.array([simulation.fraction_at(float(at)) for at in x[::4]])
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Fractions at tau = 0.5",
                x="r/R [-]",
                y="(c - c0) D/(J R) [-]",
                curves=[
                    Series(
                        label="exact", x=x.tolist(), y=constant_flux(0.5, x).tolist(), exact=True
                    ),
                    Series(
                        label="computed",
                        x=x[::4].tolist(),
                        y=((nodes - START) / (RATE / 3.0)).tolist(),
                    ),
                ],
            )
        ],
    )


@problem(
    "steady-filling",
    title="The parabola of steady filling is met to second order in the mesh",
    group="Discretisation",
    question="How fast does the error of linear elements fall in the steady state of filling?",
    exact=r"$\theta = 3\tau + x^2/2 - 3/10$; linear elements have order 2 in the mean square.",
    quick=True,
)
def parabola(folder: Path) -> Outcome:
    """10, 20 and 40 rings; backward Euler is exact here."""
    rate, errors, rings = 1e-3 * RATE, [], (10, 20, 40)
    for count in rings:
        simulation = sphere(folder / str(count), count, 2 * count // 5)
        for _ in range(6):  # what is not parabolic falls by 1 + 20.2 in each step
            simulation.step(1.0, rate=rate)
        place = simulation.domain.kinematics.position
        theta = (simulation.state["c"][0] - START - 6.0 * rate) / (rate / 3.0)
        error = theta - (ufl.dot(place, place) / 2.0 - 0.3)
        errors.append(float(np.sqrt(simulation.mean("core", error**2))))
    return Outcome(
        checks=[
            Check(
                quantity=f"order from {a} to {b} rings [-]",
                exact=2.0,
                computed=float(np.log2(first / second)),
                tolerance=0.075,
                reason="0.15 in the order",
            )
            for a, b, first, second in zip(rings, rings[1:], errors, errors[1:], strict=False)
        ]
        + [
            at_most("mean square error of theta, 40 rings [-]", errors[-1], 1e-4, reason="measured")
        ],
        plots=[
            Plot(
                title="Error of the parabola",
                x="rings of cells [-]",
                y="mean square error of theta [-]",
                curves=[
                    Series(label="computed", x=list(map(float, rings)), y=errors),
                    Series(
                        label="order 2",
                        x=list(map(float, rings)),
                        y=[errors[0] * (rings[0] / count) ** 2 for count in rings],
                        exact=True,
                    ),
                ],
                log=True,
            )
        ],
    )
