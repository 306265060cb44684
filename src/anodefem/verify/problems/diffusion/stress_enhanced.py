"""Stress speeds diffusion up in an elastic sphere: fraction and its slope at the surface."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import ufl
from scipy.integrate import quad
from scipy.optimize import brentq

from anodefem.fem.contract import Physics
from anodefem.fem.symbols import Symbols
from anodefem.model.regions import Region
from anodefem.physics.hosts import balance_test
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import ENERGY, Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

POISSON = 0.22
SWELLING = 1e-4  # Jc - 1 of the full host: small strains
CENTRE, SURFACE = 0.3, 0.7  # fractions
THETAS = (1.0, 5.0, 20.0)
RINGS = (10, 20, 40)
SECTORS = 1.6  # per ring, over the quarter circle: cells are as long as they are wide


class Sink(Physics):
    """Takes the species out of the core evenly, as fast as it enters."""

    name = "sink"

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """The flux's rate per volume."""
        dx = s.domain.dx("core", degree=s.domain.solid_degree)
        taken = s.state.dt * s.state.charging * balance_test(s)
        return {"c": taken * s.kinematics.weight * dx}


def driven(x: float, theta: float) -> float:
    """Int_CENTRE^x (1 + theta y (1 - y)) dy.

    Args:
        x: Fraction.
        theta: Stress in the potential over that of mixing.
    """
    return x - CENTRE + theta * ((x**2 - CENTRE**2) / 2 - (x**3 - CENTRE**3) / 3)


def fraction_at(radius: float, theta: float) -> float:
    """Exact fraction at a radius.

    Args:
        radius: r/R.
        theta: Stress in the potential over that of mixing.
    """
    level = radius**2 * driven(SURFACE, theta)
    return float(brentq(lambda x: driven(x, theta) - level, CENTRE, 1.1 * SURFACE, xtol=1e-12))


def mean_fraction(theta: float) -> float:
    """Exact mean fraction, x(1) - int r^3 dx."""
    whole = driven(SURFACE, theta)
    inner, _ = quad(lambda x: (driven(x, theta) / whole) ** 1.5, CENTRE, SURFACE, epsabs=1e-12)
    return float(SURFACE - inner)


def sphere(folder: Path, rings: int) -> Simulation:
    """Half a ball of 1 um with a diffusivity of 1 um^2/s.

    Args:
        folder: Empty folder for the mesh.
        rings: Cells along the radius.
    """
    body = ball(Layer("core", 1.0, rings), sectors=round(SECTORS * rings))
    numbers = Numbers(read(body, folder))
    law = solid(numbers, "core", young=1.0, poisson=POISSON, full=1.0 + SWELLING)
    region = Region("core", law, diffusing_species(numbers, 1.0))
    return Simulation(numbers, [region], full=1.0, empty=0.0, more=[Sink()])


def steady(simulation: Simulation, theta: float) -> None:
    """Let a sphere come to rest.

    Args:
        simulation: Sphere.
        theta: Stress in the potential over that of mixing; sets Young's modulus.
    """
    unit = 2 * SWELLING**2 / (9 * (1 - POISSON) * ENERGY)
    simulation.numbers["core young"].value = theta / unit
    simulation.state["u"].x.array[:] = 0.0
    simulation.fill(mean_fraction(theta))
    rate = 6 * driven(SURFACE, theta)
    for share in (0.25, 0.5, 0.75, 1.0, 1.0):
        simulation.step(1e3, rate=share * rate)


@problem(
    "stress-enhanced-diffusion",
    title="Stress drives lithium into an elastic sphere, up to its surface",
    group="Diffusion and chemistry",
    question="What are the fraction and its slope at the surface of an elastic sphere into which "
    "lithium flows, where its own stress drives diffusion as strongly as mixing does, and more?",
    exact=r"The mean stress of a sphere is linear in its fraction, so that the flux is $-D (1 + "
    r"\theta x(1-x)) \nabla c$ with $\theta = 2\,(J_c - 1)^2 E/(9(1-\nu) R T c_{max})$ (Zhang, "
    r"Shyy and Sastry, J. Electrochem. Soc. 154 (2007) A910). Lithium that enters at the rate "
    r"$k$ and leaves evenly all over the sphere comes to rest at $F(x) = k r^2/(6D)$, $F = \int (1 "
    r"+ \theta x(1-x))\, dx$.",
    quick=True,
)
def stress_enhanced(folder: Path) -> Outcome:
    """10, 20 and 40 rings; from 0.3 at the centre to 0.7 at the surface."""
    spheres = {rings: sphere(folder / str(rings), rings) for rings in RINGS}
    checks, curves = [], []
    for theta in THETAS:
        found = {}
        for rings, simulation in spheres.items():
            steady(simulation, theta)
            found[rings] = simulation.fraction_at(1.0), simulation.fraction_at(1.0 - 1.0 / rings)
        surface, inside = found[RINGS[0]]
        exact = fraction_at(1.0 - 1.0 / RINGS[0], theta)
        errors = [abs(found[rings][0] - SURFACE) for rings in RINGS]
        checks += [
            Check(
                quantity=f"slope in the surface cell of 10 rings, theta = {theta:g} [1/um]",
                exact=(SURFACE - exact) * RINGS[0],
                computed=(surface - inside) * RINGS[0],
                tolerance=2e-2,
                reason="linear elements; 1.2 % is left",
            ),
            Check(
                quantity=f"surface fraction less the mean, 10 rings, theta = {theta:g} [-]",
                exact=SURFACE - mean_fraction(theta),
                computed=surface - mean_fraction(theta),
                tolerance=2e-2,
                reason="likewise",
            ),
            Check(
                quantity=f"order of the surface fraction, theta = {theta:g} [-]",
                exact=2.0,
                computed=float(np.log2(errors[0] / errors[-1]) / np.log2(RINGS[-1] / RINGS[0])),
                tolerance=0.3,
                reason="between 10 and 40 rings",
            ),
        ]
        places: Array = np.linspace(0.0, 1.0, 41)
        label = f"theta = {theta:g}"
        coarse = spheres[RINGS[0]]
        curves += [
            Series(
                label=f"{label}, exact",
                x=places,
                y=[fraction_at(r, theta) for r in places],
                exact=True,
            ),
            Series(
                label=f"{label}, 10 rings",
                x=places[::4],
                y=[coarse.fraction_at(r) for r in places[::4]],
            ),
        ]
    return Outcome(
        checks=checks,
        plots=[Plot(title="At rest", x="r/R [-]", y="lithium fraction [-]", curves=curves)],
    )
