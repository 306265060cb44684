"""Films that flow at a rate relax at rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anodefem.laws.film import FilmFlowRule, Garofalo, Perzyna
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.sei.film import (
    GROUP,
    POISSON,
    THICKNESS,
    YIELD,
    YOUNG,
    covered,
    film_stress,
)
from anodefem.workbench.bodies import ball
from anodefem.workbench.simulation import Array

VISCOSITY = 3e5  # MPa s

RATE, REFERENCE = 1e-6, 5.0  # 1/s, MPa


def relaxed_perzyna(start: float, time: Array) -> Array:
    """Biaxial stress [MPa] held for a time [s]; the surface flows at <tau - tau_y>/(2 eta).

    Args:
        start: Stress at the start [MPa].
        time: Times [s].
    """
    decay = YOUNG / (1 - POISSON) / (2 * VISCOSITY)
    return np.asarray(YIELD + (start - YIELD) * np.exp(-decay * time))


def relaxed_garofalo(start: float, time: Array) -> Array:
    """The same; the surface flows at (A/2) sinh(tau / tau_ref).

    Args:
        start: Stress at the start [MPa].
        time: Times [s].
    """
    decay = YOUNG / (1 - POISSON) * RATE / (2 * REFERENCE)
    return np.asarray(
        2 * REFERENCE * np.arctanh(np.tanh(start / (2 * REFERENCE)) * np.exp(-decay * time))
    )


def relaxation(
    folder: Path,
    flow: FilmFlowRule,
    exact: Callable[[float, Array], Array],
    *,
    full: float,
    end: float,
) -> Outcome:
    """Swell at once, hold, and compare at two step lengths.

    Args:
        folder: Empty folder for the mesh.
        flow: Flow rule of the film.
        exact: From the stress at the start [MPa] and times [s] to stresses [MPa].
        full: Volume ratio to which the core swells at once.
        end: Time of rest [s].
    """
    simulation = covered(folder, ball, full, flow)
    simulation.form_film(THICKNESS)
    simulation.step(1e-6, soc=1.0)
    start = film_stress(simulation)
    swollen = simulation.state.snapshot()
    runs = {}
    for count in (20, 40, 80):
        simulation.state.restore(swollen)
        values = [start]
        for _ in range(count):
            simulation.step(end / count, soc=1.0)
            values.append(film_stress(simulation))
        runs[count] = np.array(values)
    held = float(exact(start, np.array(end)))
    errors = {count: abs(values[-1] - held) for count, values in runs.items()}
    checks = [
        Check(
            quantity=f"stress after {end:g} s, extrapolated to no step length [MPa]",
            exact=held,
            computed=2 * runs[80][-1] - runs[40][-1],
            tolerance=1e-3,
            reason="values at two step lengths, extrapolated; second order and the give of the "
            "ball are left",
        ),
        Check(
            quantity="order in time [-]",
            exact=1.0,
            computed=float(np.log2(errors[20] / errors[40])),
            tolerance=0.1,
            reason="backward Euler",
        ),
    ]
    times = np.linspace(0.0, end, 81)
    fine = exact(start, times)
    curves = [
        Series(label="closed form", x=times.tolist(), y=fine.tolist(), exact=True),
        Series(label="80 steps", x=times[::4].tolist(), y=runs[80][::4].tolist()),
    ]
    plot = Plot(title="Relaxation at rest", x="t [s]", y="film stress [MPa]", curves=curves)
    return Outcome(checks=checks, plots=[plot])


@problem(
    "film-relaxation-perzyna",
    title="A viscoplastic SEI relaxes to its yield stress",
    group=GROUP,
    question="How does the stress of a film with a linear overstress fall after fast swelling?",
    exact=r"$\tau = \sigma_y + (\tau_0 - \sigma_y) \exp(-E t / (2 (1-\nu) \eta))$.",
    quick=True,
)
def relaxation_perzyna(folder: Path) -> Outcome:
    """From a biaxial strain of 5 %."""
    flow = Perzyna(YIELD, VISCOSITY)
    return relaxation(folder, flow, relaxed_perzyna, full=np.exp(0.15), end=400.0)


@problem(
    "film-relaxation-garofalo",
    title="A film with Garofalo's law relaxes with the logarithm of time",
    group=GROUP,
    question="How does the stress of a film with Garofalo's law fall after fast swelling?",
    exact=r"$\tanh(\tau/2\sigma_{ref}) = \tanh(\tau_0/2\sigma_{ref}) "
    r"\exp(-E A t / (2 (1-\nu) \sigma_{ref}))$, which falls with $\ln t$ while "
    r"$\tau \gg \sigma_{ref}$ (the law that Koebbing et al. 2024 use for the SEI of silicon).",
    quick=True,
)
def relaxation_garofalo(folder: Path) -> Outcome:
    """From a biaxial strain of 2 %."""
    flow = Garofalo(RATE, REFERENCE)
    return relaxation(folder, flow, relaxed_garofalo, full=np.exp(0.06), end=400.0)
