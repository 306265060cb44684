"""A viscoelastic coat relaxes on the core that has swollen in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.viscoelasticity.bar import (
    BULK,
    EXTRAPOLATED,
    FAST,
    REST,
    TAU,
    moduli,
    one_branch,
    start_again,
)
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Array, Simulation

COAT = 1.5  # outer radius of the coat over that of the core


def coated(folder: Path) -> Simulation:
    """A core that swells in a thick viscoelastic coat; numbers are set by name."""
    body = ball(Layer("core", 1.0, 3), Layer("coat", COAT, 8), sectors=10)
    numbers = Numbers(read(body, folder, order=2))
    core = solid(numbers, "core", young=1.0, poisson=0.3, full=1.0)
    coat = solid(numbers, "coat", young=1.0, poisson=0.3)
    coat = replace(coat, network=one_branch(numbers))
    return Simulation(
        numbers, [Region("core", core, uniform_species()), Region("coat", coat, None)]
    )


def set_coated(simulation: Simulation, *, core: float, bulk: float, swelling: float) -> None:
    """Shear modulus of the core, bulk moduli of both [MPa], and how far the core swells.

    Args:
        simulation: Coated core.
        core: Shear modulus of the core [MPa].
        bulk: Bulk modulus of core and coat [MPa].
        swelling: Volume ratio of the full core.
    """
    for name, shear in (("core", core), ("coat", REST)):
        young, poisson = moduli(shear, bulk)
        simulation.numbers[f"{name} young"].value = young
        simulation.numbers[f"{name} poisson"].value = poisson
    simulation.numbers["core swelling full"].value = swelling


@problem(
    "viscoelastic-coat",
    title="A thick viscoelastic coat relaxes on the core that has swollen in it",
    group="Viscoelasticity",
    question="What pressure does a coat put on a core that swells suddenly, and how does the "
    "pressure fall?",
    exact=r"Small swelling: $p = e_0 / (A + B/G)$, $A = 1/(3 K_1) + a^3/(3 K_2 (b^3-a^3))$, $B = "
    r"b^3/(4 (b^3 - a^3))$; it falls from $G = G_0$ to $G = G_r$ with the time $\tau (A G_0 + B)/"
    r"(A G_r + B)$ (Lame's solution, correspondence principle). Large swelling of a stiff core: "
    r"$p = G [2/\lambda_b - 2/\lambda_a + (\lambda_b^{-4} - \lambda_a^{-4})/2]$ of an "
    r"incompressible neo-Hookean shell with $G = G_0$ at once and $G = G_r$ in the end.",
    quick=True,
)
def coat(folder: Path) -> Outcome:
    """Small swelling through two relaxation times; swelling by 40 % in length at both ends."""
    simulation = coated(folder)
    pressure = simulation.pressure_gauge("core")
    strain = 1e-6
    set_coated(simulation, core=4 * REST, bulk=BULK, swelling=(1 + strain) ** 3)
    wall = COAT**3 - 1
    A, B = 1 / (3 * BULK) * (1 + 1 / wall), COAT**3 / (4 * wall)
    at_once, rest = (1 / (A + B / shear) for shear in (REST + FAST, REST))
    time = TAU * (A * (REST + FAST) + B) / (A * REST + B)
    span = 2 * TAU

    def exact(t: Array | float) -> Array:
        return rest + (at_once - rest) * np.exp(-np.asarray(t) / time)

    def relax(steps: int) -> Array:
        start_again(simulation)
        found = []
        for dt in [0.0] + [span / steps] * steps:
            simulation.step(dt, soc=1.0)
            found.append(pressure() / strain)
        return np.array(found)

    coarse, fine = relax(20), relax(40)
    simulation.step(1e9 * TAU, soc=1.0)
    ends = [
        ("at once", at_once, fine[0]),
        ("in the end", rest, pressure() / strain),
    ]
    checks = [
        Check(
            quantity=f"pressure over swelling strain, {when} [MPa]",
            exact=value,
            computed=found,
            tolerance=1e-5,
            reason="8 curved quadratic cells across the coat",
        )
        for when, value, found in ends
    ]
    checks.append(
        Check(
            quantity="pressure over swelling strain after 2 tau [MPa]",
            exact=float(exact(span)),
            computed=(4 * fine[-1] - coarse[-1]) / 3,
            tolerance=5e-4,
            reason=EXTRAPOLATED,
        )
    )

    inner = 1.4
    outer = (1 + (inner**3 - 1) / COAT**3) ** (1 / 3)
    shell = 2 / outer - 2 / inner + (outer**-4 - inner**-4) / 2
    start_again(simulation)
    set_coated(simulation, core=1e7, bulk=1e7, swelling=inner**3)
    for soc in np.linspace(0.0, 1.0, 9)[1:]:
        simulation.step(0.0, soc=soc)
    large = [("at once", REST + FAST, pressure())]
    simulation.step(1e9 * TAU, soc=1.0)
    large.append(("in the end", REST, pressure()))
    checks += [
        Check(
            quantity=f"pressure on a core stretched 1.4 times, {when} [MPa]",
            exact=shear * shell,
            computed=found,
            tolerance=1e-3,
            reason="p is 1e-4 of K, which is not infinite; 8 quadratic cells across the coat",
        )
        for when, shear, found in large
    ]
    t = np.linspace(0.0, span, 41)
    curves = [
        Series(label="exact", x=list(t), y=list(exact(t)), exact=True),
        Series(label="computed, dt = tau/20", x=list(t[::2]), y=list(fine[::2])),
    ]
    return Outcome(
        checks=checks,
        plots=[Plot(title="Small swelling", x="t [s]", y="p/e0 [MPa]", curves=curves)],
    )
