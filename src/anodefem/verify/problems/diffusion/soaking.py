"""Diffusion into a sphere from a constant surface, and the stress that it makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from dolfinx import fem

from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.diffusion.sphere import (
    CRANK,
    POISSON,
    START,
    YOUNG,
    fractions,
    march,
    sphere,
)
from anodefem.workbench.simulation import Simulation

# Constant surface concentration.

SURFACE = 0.5

#: (c - c0)/(c1 - c0) at the centre, at half the radius, and on average, to six digits.
SOAKED = {
    0.05: (0.034001, 0.227688, 0.606940),
    0.1: (0.292900, 0.525513, 0.770479),
    0.2: (0.722922, 0.823133, 0.915496),
}


def hold_surface(simulation: Simulation) -> None:
    """Fix the fraction and its potential on the surface; before the first step."""
    state, domain = simulation.state, simulation.domain
    space = state["c"].function_space
    blocks = fem.locate_dofs_topological(space, domain.dim - 1, domain.facets("outer"))
    values = state["c"].x.array.reshape(-1, 2)
    values[blocks] = [SURFACE, np.log(SURFACE / (1.0 - SURFACE))]
    state.start("c").x.array[:] = state["c"].x.array
    simulation.model.constraints["c"].append(fem.dirichletbc(state["c"], blocks))


@problem(
    "sphere-constant-surface",
    title="A sphere soaks from a surface of constant concentration",
    group="Diffusion and chemistry",
    question="How does lithium spread into a sphere whose surface is held at a fraction?",
    exact=r"$(c-c_0)/(c_1-c_0) = 1 + (2/(\pi x))\sum (-1)^n/n\, \sin(n\pi x) e^{-n^2\pi^2\tau}$, "
    r"mean $1 - (6/\pi^2)\sum e^{-n^2\pi^2\tau}/n^2$ (" + CRANK + r"); numbers for $\tau$ = 0.05, "
    r"0.1, "
    "0.2.",
)
def soaking(folder: Path) -> Outcome:
    """50 rings, anew at each of the three times."""
    simulation = sphere(folder, 50, 6)
    hold_surface(simulation)
    checks, last = [], 0.0
    for tau, exact in SOAKED.items():
        march(simulation, [f"rest {tau - last:g} s"], steps=50)
        last = tau
        mean = simulation.mean("core", simulation.state["c"][0])
        found = (np.array([*fractions(simulation)[:2], mean]) - START) / (SURFACE - START)
        checks += [
            Check(
                quantity=f"tau = {tau:g}, {name} [-]",
                exact=exact[i],
                computed=float(found[i]),
                tolerance=1e-3,
                absolute=True,
                reason="mesh 5e-4; the jump at the start costs the rest, it is passed in 50 steps",
            )
            for i, name in enumerate(("centre", "half radius", "mean"))
        ]
    return Outcome(checks=checks)


# Stress of an elastic sphere at small strain.

SWELLING = 1e-4  # Jc - 1 of the full host: strains of 1e-5, potentials without stress


def stress_at(simulation: Simulation, radius: float) -> tuple[float, float]:
    """Radial and hoop stress [MPa] at a radius, from a parabola through the nearest points.

    Args:
        simulation: Body with its laws and its solver.
        radius: Distance from the centre [um], reference configuration.
    """
    position = simulation.at_points("core", simulation.domain.kinematics.position)
    r = np.linalg.norm(position, axis=1)
    rr, zz, tt, rz = simulation.stress("core").T
    n = position / r[:, None]
    radial = rr * n[:, 0] ** 2 + zz * n[:, 1] ** 2 + 2.0 * rz * n[:, 0] * n[:, 1]
    near = np.abs(r - radius) < 0.1
    # even powers at the centre, where the stress is smooth
    powers = (r[near] - radius) if radius else r[near] ** 2
    return tuple(float(np.polynomial.Polynomial.fit(powers, s[near], 2)(0.0)) for s in (radial, tt))  # type: ignore[return-value]


@problem(
    "diffusion-induced-stress",
    title="Diffusion presses and tears an elastic sphere",
    group="Diffusion and chemistry",
    question="How large is the stress at the centre and at the surface of an elastic sphere that "
    "soaks, and of one that fills steadily?",
    exact=r"$\sigma_r = \frac23 S (\bar c(1) - \bar c(x))$, $\sigma_t = \frac13 S (2\bar c(1) + "
    r"\bar c(x) - 3c)$ with $S = \Omega E \Delta c/(3(1-\nu))$: $\sigma_r(0)$ is largest at "
    r"$\tau$ = 0.057420, 0.385574 S; at $\tau$ = 0.1 $\sigma_r(0)$ = 0.318386 S and $\sigma_t(1)$ "
    r"= -0.229521 S. Steady filling: $\sigma_r = (1-x^2)S'/5$, $\sigma_t = (1-2x^2)S'/5$, $S' = "
    r"\Omega E J R/(3(1-\nu)D)$ (Cheng and Verbrugge, J. Power Sources 190 (2009) 453).",
)
def stress(folder: Path) -> Outcome:
    """40 rings; swelling of 1e-4, so that strains are small and stress does not drive diffusion."""
    unit = YOUNG * SWELLING / (3.0 * (1.0 - POISSON))  # per lithium fraction
    mesh = "linear elements for the fraction, 40 rings, and a parabola through the nearest points"
    simulation = sphere(folder / "soaks", 40, 8, swelling=SWELLING)
    hold_surface(simulation)
    soaked = {}
    for tau, duration in ((0.057420, 0.057420), (0.1, 0.1 - 0.057420)):
        march(simulation, [f"rest {duration:.8g} s"], steps=60)
        soaked[tau] = (stress_at(simulation, 0.0), stress_at(simulation, 1.0))
    jump = unit * (SURFACE - START)
    filled = sphere(folder / "fills", 40, 8, swelling=SWELLING)
    for _ in range(6):
        filled.step(1.0, rate=1e-3)
    steady = unit * 1e-3 / 3.0  # S' = unit * J R/D in fractions
    places = np.linspace(0.0, 1.0, 11)
    profile = [stress_at(filled, float(x)) for x in places]

    def check(quantity: str, exact: float, computed: float) -> Check:
        return Check(
            quantity=quantity,
            exact=exact,
            computed=computed,
            tolerance=1e-3,
            absolute=True,
            reason=mesh,
        )

    checks = [
        check(
            "largest radial stress at the centre over S [-]",
            0.385574,
            soaked[0.057420][0][0] / jump,
        ),
        check(
            "radial stress at the centre, tau = 0.1, over S [-]", 0.318386, soaked[0.1][0][0] / jump
        ),
        check(
            "hoop stress at the surface, tau = 0.1, over S [-]", -0.229521, soaked[0.1][1][1] / jump
        ),
        check("radial stress at the centre, steady, over S' [-]", 0.2, profile[0][0] / steady),
        check("radial stress at half radius, steady, over S' [-]", 0.15, profile[5][0] / steady),
        check("hoop stress at the surface, steady, over S' [-]", -0.2, profile[-1][1] / steady),
    ]
    radial, hoop = np.array(profile).T / steady
    x = places.tolist()
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Stress of steady filling",
                x="r/R [-]",
                y="stress over S' [-]",
                curves=[
                    Series(label="radial", x=x, y=((1 - places**2) / 5).tolist(), exact=True),
                    Series(label="hoop", x=x, y=((1 - 2 * places**2) / 5).tolist(), exact=True),
                    Series(label="radial, computed", x=x, y=radial.tolist()),
                    Series(label="hoop, computed", x=x, y=hoop.tolist()),
                ],
            )
        ],
    )
