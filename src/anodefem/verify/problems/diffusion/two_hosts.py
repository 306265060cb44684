"""Two hosts that touch come to an equilibrium of their potentials, not of their fractions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from anodefem.laws.chemistry import IdealSolution
from anodefem.model.regions import Region, Species
from anodefem.verify.problem import Check, Outcome, at_most, problem
from anodefem.workbench.bodies import confined, laminate, read
from anodefem.workbench.numbers import ENERGY, Numbers, solid
from anodefem.workbench.simulation import Simulation

POISSON = 0.22
SWELLING = 1e-4  # Jc - 1 of full hosts: small strains
START = 0.5
HOSTS = ("lower", "upper")
#: F (U_upper - U_lower)/(R T), and R T c_max of the upper host over that of the lower one.
OFFSET, CAPACITY = 1.5, 0.5
#: Stress in the potential over that of mixing, lower and upper host.
THETAS = ((0.0, 0.0), (2.0, 8.0))


def equilibrium(thetas: tuple[float, float]) -> tuple[float, float]:
    """Return the fractions at which both potentials are the same.

    Args:
        thetas: Of the lower and the upper host.
    """

    def other(lower: float) -> float:
        return START + (START - lower) / CAPACITY

    def potential(x: float, theta: float, reference: float) -> float:
        return float(np.log(x / (1 - x))) + theta * x - reference

    def difference(lower: float) -> float:
        return potential(lower, thetas[0], 0.0) - potential(other(lower), thetas[1], OFFSET)

    lower = float(brentq(difference, START - 0.499 * CAPACITY, START + 0.499 * CAPACITY))
    return lower, other(lower)


def layers(folder: Path) -> Simulation:
    """Two layers of 1 um, clamped along both, each two cells thick; sealed.

    Args:
        folder: Empty folder for the mesh.
    """
    strip = laminate(np.array([0.0, 0.5, 1.0]), np.linspace(-1.0, 1.0, 5), held="bottom")
    numbers = Numbers(read(confined(strip, left=0, right=0), folder, order=1))
    regions = []
    for name, reference, share in zip(HOSTS, (0.0, OFFSET), (1.0, CAPACITY), strict=True):
        law = solid(numbers, name, young=1.0, poisson=POISSON, full=1.0 + SWELLING)
        diffusivity = numbers.same(f"{name} diffusivity", 1.0)
        potential = IdealSolution(reference)
        species = Species(3e5 * share, ENERGY * share, potential, diffusivity, False)
        regions.append(Region(name, law, species))
    return Simulation(numbers, regions, full=1.0, empty=0.0)


@problem(
    "two-hosts-in-touch",
    title="Two hosts that touch: one potential, two fractions",
    group="Diffusion and chemistry",
    question="How is lithium shared out between two hosts that touch, of different voltage, "
    "capacity and stiffness, on two cells each?",
    exact=r"$\ln(x/(1-x)) - \mathcal{F}U/(RT) + \theta x$ is the same in both, with $\theta = 2 E "
    r"(J_c - 1)^2/(9(1-\nu) R T c_{max})$ in a layer that is clamped along its plane (biaxial "
    r"stress $-E (J_c - 1) x/(3(1-\nu))$), and the lithium is what it was.",
    quick=True,
)
def two_hosts(folder: Path) -> Outcome:
    """Both start at 0.5; without stress, and with stress that matters more than mixing."""
    simulation = layers(folder)
    checks = []
    for thetas in THETAS:
        for name, theta, share in zip(HOSTS, thetas, (1.0, CAPACITY), strict=True):
            unit = 2 * SWELLING**2 / (9 * (1 - POISSON) * ENERGY * share)
            simulation.numbers[f"{name} young"].value = max(theta, 1e-6) / unit
        simulation.state["u"].x.array[:] = 0.0
        simulation.fill(START)
        for dt in (1e-3, 1e-2, 1e-1, 1.0, 1e3, 1e3):
            simulation.step(dt)
        case = f"theta = {thetas[0]:g} and {thetas[1]:g}"
        found = []
        for name, exact in zip(HOSTS, equilibrium(thetas), strict=True):
            fraction = simulation.symbols.fraction(name)
            found.append(simulation.mean(name, fraction))
            checks += [
                Check(
                    quantity=f"fraction of the {name} host, {case} [-]",
                    exact=exact,
                    computed=found[-1],
                    tolerance=1e-3,
                    reason="1e-4: strains of that size are not small; no mesh is left in it",
                ),
                at_most(
                    f"spread of the fraction in the {name} host, {case} [-]",
                    float(np.ptp(simulation.at_points(name, fraction))),
                    1e-6,
                    reason="it is uniform; what is left decays with the last steps",
                ),
            ]
        stored = found[0] + CAPACITY * found[1]
        checks.append(
            at_most(
                f"change of the lithium content, {case} [-]",
                abs(stored / (START * (1 + CAPACITY)) - 1),
                1e-12,
                reason="round-off",
            )
        )
    return Outcome(checks=checks)
