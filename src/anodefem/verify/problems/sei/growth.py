"""An SEI that grows: how thick it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anodefem.laws.film import Film, PerfectPlasticity
from anodefem.laws.growth_currents import Diffusion, GrowthLaw, Reaction, ReactionDiffusion
from anodefem.laws.sei_growth import Growth
from anodefem.solve.clock import bdf_weight
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.sei.film import (
    GROUP,
    NEVER,
    POISSON,
    THICKNESS,
    YOUNG,
    core,
    film_means,
)
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Simulation

OMEGA = 4.967e-4  # um per C/m^2: 95.85 cm^3/mol, 2 electrons


def growing(folder: Path, law: GrowthLaw, *, full: float, yield_stress: float) -> Simulation:
    """Core of radius 1 um under a film that grows.

    Args:
        folder: Empty folder for the mesh.
        law: Of the growth.
        full: Volume ratio of the full core.
        yield_stress: Of the film [MPa].
    """
    numbers = Numbers(read(ball(Layer("core", 1.0, 2), sectors=4), folder))
    simulation = Simulation(
        numbers,
        [core(numbers, full)],
        film_law=Film(YOUNG, POISSON, PerfectPlasticity(yield_stress)),
        film_growth=Growth(law=law, volume_per_charge=OMEGA),
    )
    simulation.form_film(THICKNESS)
    return simulation


@dataclass(frozen=True)
class Reading:
    """The film, by mean over its facets.

    Attributes:
        volume: Free of stress, per reference area [um].
        thickness: On the present area [um].
        strain: Logarithmic stretch of the surface [-].
        stress: Mean of the principal Kirchhoff stresses [MPa].
    """

    volume: float
    thickness: float
    strain: float
    stress: float

    @property
    def force(self) -> float:
        """Stress times volume [MPa um]."""
        return self.stress * self.volume


def steps(
    simulation: Simulation, dt: float, path: Iterator[float], *, second_order: bool = False
) -> list[Reading]:
    """Step along states of charge and read the film after every step.

    Args:
        simulation: Has a film that grows.
        dt: Length of every step [s].
        path: State of charge at the end of each.
        second_order: By the second-order formula after the first step.
    """
    s = simulation.symbols
    (film,) = simulation.film
    stress, _ = s.once(film.response).mean_and_half_difference
    seen = [s.once(film.volume), s.facet_surface.area_ratio, stress]
    means, weight = film_means(simulation, seen), simulation.state.bdf_weight
    found, weight.value = [], 1.0
    for soc in path:
        simulation.step(dt, soc=soc, before_acceptance=simulation.updates.accumulate)
        volume, stretch, stress = np.average(means.evaluate(), axis=0, weights=means.areas)
        found.append(Reading(volume, volume / stretch, np.log(stretch) / 2, stress))
        weight.value = bdf_weight(1.0) if second_order else 1.0
    return found


def converging(
    folder: Path, law: GrowthLaw, *, end: float, exact: Callable[[float], float]
) -> Outcome:
    """Grow on a surface at rest, at two step lengths and by both formulas.

    Args:
        folder: Empty folder for the mesh.
        law: Of the growth.
        end: Time [s].
        exact: From time [s] to thickness [um].
    """
    simulation = growing(folder, law, full=1.0, yield_stress=NEVER)
    start = simulation.state.snapshot()
    sums = dict(simulation.symbols.sums)
    checks, curves = [], []
    for order, second in ((1, False), (2, True)):
        ends = {}
        for count in (20, 40):
            simulation.state.restore(start)
            simulation.symbols.sums.update(sums)
            found = steps(simulation, end / count, iter([0.5] * count), second_order=second)
            ends[count] = found[-1].thickness
        errors = {count: abs(value - exact(end)) for count, value in ends.items()}
        name = "second order" if second else "backward Euler"
        checks += [
            Check(
                quantity=f"thickness at the end, {name}, 40 steps [um]",
                exact=exact(end),
                computed=ends[40],
                tolerance=2e-2 if order == 1 else 1e-3,
                reason="steps in time",
            ),
            Check(
                quantity=f"order in time, {name} [-]",
                exact=float(order),
                computed=float(np.log2(errors[20] / errors[40])),
                tolerance=0.15,
                reason="two step lengths; the first step is always backward Euler",
            ),
        ]
        times = np.linspace(0.0, end, 41)
        y = [THICKNESS, *(each.thickness for each in found)]
        curves.append(Series(label=f"{name}, 40 steps", x=times[::4], y=y[::4]))
    balance = simulation.metrics().row()["sei_balance_error [-]"]
    checks.append(at_most("error of the balance [-]", abs(balance), 1e-12, reason="round-off"))
    fine = np.linspace(0.0, end, 101)
    curves.append(Series(label="exact", x=fine, y=[exact(t) for t in fine], exact=True))
    plot = Plot(title="Growth on a surface at rest", x="t [s]", y="thickness [um]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


@problem(
    "sei-growth-parabolic",
    title="An SEI that diffusion limits grows as a parabola",
    group=GROUP,
    question="How thick is an SEI whose growth the diffusion of the solvent through it limits?",
    exact=r"$h^2 = h_0^2 + 2 k t$ with $k = D c V_{SEI}/z$.",
    quick=True,
)
def parabolic(folder: Path) -> Outcome:
    """To the threefold of the thickness."""
    strength = 1e-8  # A/m^2 um
    k = OMEGA * strength
    end = 4 * THICKNESS**2 / k
    return converging(
        folder,
        Diffusion(strength=strength),
        end=end,
        exact=lambda t: float(np.sqrt(THICKNESS**2 + 2 * k * t)),
    )


@problem(
    "sei-growth-mixed",
    title="An SEI that reaction and diffusion limit",
    group=GROUP,
    question="How thick is an SEI whose solvent diffuses through it and then reacts?",
    exact=r"$t = [(L - L_0)/j_k + (L^2 - L_0^2)/(2 a)]/\omega$ with the current $j_k$ of the "
    r"reaction, and $j = a/L$ that of diffusion.",
    quick=True,
)
def mixed(folder: Path) -> Outcome:
    """Diffusion is as slow as the reaction at three times the thickness."""
    fast, equilibrium = 1e-6, 0.1  # A/m^2, V
    strength = 3 * THICKNESS * fast
    # the ideal host is at 0 V at half its capacity
    law = ReactionDiffusion(
        reaction=Reaction(
            exchange_current=fast * np.exp(-20.0 * equilibrium), slope=20.0, equilibrium=equilibrium
        ),
        diffusion=Diffusion(strength=strength),
    )

    def exact(t: float) -> float:
        a, b = 1 / (2 * strength), 1 / fast
        c = a * THICKNESS**2 + b * THICKNESS + OMEGA * t
        return float((-b + np.sqrt(b**2 + 4 * a * c)) / (2 * a))

    return converging(folder, law, end=4 * THICKNESS / (OMEGA * fast), exact=exact)
