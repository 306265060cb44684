"""An SEI whose bond yields: it slides on a ball that swells, opens gaps, and comes off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from anodefem.laws.film import Film, PerfectPlasticity
from anodefem.laws.film_bond import FilmBond
from anodefem.physics import EnergyBalance
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.sei.film import (
    GROUP,
    MESH,
    NEVER,
    POISSON,
    THICKNESS,
    YOUNG,
    core,
    film_stress,
)
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Simulation

TAU, LENGTH, ADHESION = 0.5, 1.2, 2e-3  # MPa, um, MPa um
FULL, STEPS = 1.5, 80
BIAXIAL = YOUNG / (1 - POISSON)


def thickness(stress: float) -> float:
    """Volume free of stress over the area of a film [um] that is under a stress [MPa]."""
    return THICKNESS * float(np.exp(-2 * stress / BIAXIAL))


def sliding() -> float:
    """S [MPa] of pieces that are thinner for their elastic strain."""
    return float(brentq(lambda S: S - TAU * LENGTH / (6 * thickness(S)), 0.0, 0.05 * BIAXIAL))


def wrinkling() -> float:
    """W [MPa] of a film that is thicker for its elastic strain."""
    ratio = YOUNG * ADHESION / (1 - POISSON)
    return float(brentq(lambda W: W**2 - ratio / thickness(-W), 0.0, 0.05 * BIAXIAL))


@problem(
    "sei-slides",
    title="An SEI slides in pieces on a ball that swells, and comes off where the ball shrinks",
    group=GROUP,
    question="What does a film carry whose bond yields in shear, which surface does it expose, and "
    "what does that cost, over two cycles in which it does not grow?",
    exact=r"The stretch of the surface is $\lambda$. Pieces of size $L$ that slide carry "
    r"$S = \tau L/(6 h)$, open gaps of area $\lambda^2 - e^{2 S (1-\nu)/E}$, and spend "
    r"$S\,m$ per volume of the film, $m = 2 \ln\lambda - 2 S (1-\nu)/E$. They slide back at $-S$ "
    r"until they touch, and are pressed to $-W = -\sqrt{E G/((1-\nu) h)}$, at which the film comes "
    "off in wrinkles. These are taken up without a force before gaps open again.",
)
def slides(folder: Path) -> Outcome:
    """The ball begins half full, so that it can shrink below the size at which the film formed."""
    numbers = Numbers(read(ball(Layer("core", 1.0, 2), sectors=6), folder))
    simulation = Simulation(
        numbers,
        [core(numbers, FULL)],
        film_law=Film(YOUNG, POISSON, PerfectPlasticity(NEVER)),
        film_bond=FilmBond(shear_strength=TAU, fragment_length=LENGTH, adhesion=ADHESION),
        more=[EnergyBalance()],
    )
    simulation.step(soc=0.5)
    formed = simulation.stretch_at(1.0)
    simulation.form_film(THICKNESS)
    simulation.start()
    metrics, rows = simulation.metrics(), []
    way = np.concatenate(
        [np.linspace(a, b, STEPS + 1)[1:] for a, b in ((0.5, 1.0), (1.0, 0.0), (0.0, 1.0))]
    )
    for soc in way:
        simulation.step(soc=float(soc), before_acceptance=simulation.updates.accumulate)
        strain = float(np.log(simulation.stretch_at(1.0) / formed))
        row = metrics.row()
        rows.append(
            [
                strain,
                film_stress(simulation),
                row["sei_gap_share [-]"],
                row["sei_wrinkled_share [-]"],
                row["sei_slid_ratio [-]"],
                row["sei_slip_work [J/m^2]"],
                row["energy_balance_error [-]"],
            ]
        )
    strain, stress, gap, wrinkled, slid, work, error = np.array(rows).T
    S, up, down = sliding(), STEPS - 1, 2 * STEPS - 1
    elastic = S / BIAXIAL
    W = wrinkling()
    opened = 2 * (strain[up] - elastic)
    area = formed**2
    exposed = area * (np.exp(2 * strain[up]) - np.exp(2 * elastic))
    volume = THICKNESS * area
    step = f"{STEPS} steps a way"
    checks = [
        Check(
            quantity="stress of pieces that slide [MPa]",
            exact=S,
            computed=float(stress[up]),
            tolerance=1e-4,
            reason=MESH,
        ),
        Check(
            quantity="share of the full ball's surface in gaps [-]",
            exact=-np.expm1(-opened),
            computed=float(gap[up]),
            tolerance=1e-4,
            reason=MESH,
        ),
        Check(
            quantity="surface exposed by then [1/reference area]",
            exact=exposed,
            computed=float(slid[up]),
            tolerance=1e-4,
            reason=MESH,
        ),
        Check(
            quantity="work spent by the bond by then [J/m^2]",
            exact=S * opened * volume,
            computed=float(work[up]),
            tolerance=1e-4,
            reason=step,
        ),
        Check(
            quantity="stress of the film that comes off [MPa]",
            exact=-W,
            computed=float(stress[down]),
            tolerance=1e-4,
            reason=MESH,
        ),
        Check(
            quantity="share of its area that lies in wrinkles [-]",
            exact=-np.expm1(2 * (strain[down] + W / BIAXIAL)),
            computed=float(wrinkled[down]),
            tolerance=1e-4,
            reason=MESH,
        ),
        at_most(
            "tension while wrinkles are taken up [MPa]",
            float(stress[down + 1 :][wrinkled[down + 1 :] > 1e-6].max()),
            1e-6,
            reason="a film with wrinkles carries no tension",
        ),
        Check(
            quantity="surface exposed by the end of the second time [1/reference area]",
            exact=2 * exposed,
            computed=float(slid[-1]),
            tolerance=1e-4,
            reason="every opening counts where nothing grows in the gaps",
        ),
        at_most(
            "work given back by the bond [J/m^2]",
            float(-np.diff(work).min(initial=0.0)),
            1e-15,
            reason="never negative",
        ),
        at_most(
            "error of the balance of energy, the work of the bond included [-]",
            float(np.abs(error).max()),
            5e-3,
            reason=step,
        ),
    ]
    curves = [
        Series(label="sliding, coming off", x=[-0.07, 0.07], y=[S, S], exact=True),
        Series(label="", x=[-0.07, 0.07], y=[-W, -W], exact=True),
        Series(label="finite elements", x=strain.tolist(), y=stress.tolist()),
    ]
    plot = Plot(
        title="An SEI that slides", x="strain of the surface [-]", y="stress [MPa]", curves=curves
    )
    return Outcome(checks=checks, plots=[plot])
