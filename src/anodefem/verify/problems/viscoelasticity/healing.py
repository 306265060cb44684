"""Bonds that break in a held stretch, and heal."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.laws.viscoelasticity import Branch, Healing, Network
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.viscoelasticity.bar import (
    BULK,
    FAST,
    REST,
    STRAIN,
    axial_stress,
    second_order,
    simulate,
    start_again,
    stretch_top,
)
from anodefem.workbench.bodies import confined, film
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Array

BONDS, BREAKS, HEALS, NEVER = 100.0, 100.0, 18000.0, 1e15  # MPa, s, s, s


def healing(numbers: Numbers) -> Network:
    """A branch that does not relax, with damage that heals within 5 h."""
    return Network((Branch(FAST, NEVER),), Healing(BONDS, BREAKS, HEALS))


@problem(
    "healing",
    title="A held stretch breaks bonds, and an unloaded body heals within hours",
    group="Viscoelasticity",
    question="How fast does a body soften that is held beyond the energy of its bonds, how fast "
    "does it heal when it is let go, and what stiffness has it then?",
    exact=r"Held with the energy $W$ in a branch that does not relax: $1 - d = e^{-(W/\psi_c - 1) "
    r"t/\tau_d}$. Unloaded: $d = d_0 e^{-t/\tau_h}$, and the modulus in uniaxial strain is "
    r"$K + \frac{4}{3} (G_r + (1 - d) G)$.",
    quick=True,
)
def heal(folder: Path) -> Outcome:
    """Uniaxial strain, in which the energy of a held stretch does not depend on damage."""
    simulation = simulate(folder, confined(film(width=1.0, height=1.0, cells=1), top=1), healing)
    stress = axial_stress(simulation)
    damage = simulation.state["damage"]
    stretch, held, left = 1.5, 50.0, 5 * 3600.0
    load = FAST / 2 * (stretch ** (-2 / 3) * (2 + stretch**2) - 3) / BONDS - 1
    broken = 1 - float(np.exp(-load * held / BREAKS))
    steps_lost = []

    def go(dt: float) -> float:
        before = simulation.symbols.sums["viscous_work"]
        simulation.step(dt, before_acceptance=simulation.updates.accumulate)
        steps_lost.append(simulation.symbols.sums["viscous_work"] - before)
        return float(damage.x.array.max())

    def breaking(steps: int) -> float:
        start_again(simulation)
        stretch_top(simulation, stretch - 1)
        go(0.0)
        return [go(held / steps) for _ in range(steps)][-1]

    def healed(steps: int) -> Array:
        stretch_top(simulation, 0.0)
        start = go(0.0)
        return np.array([start, *(go(left / steps) for _ in range(steps))])

    def modulus() -> float:
        stretch_top(simulation, STRAIN)
        simulation.step(0.0)
        return stress() / STRAIN

    coarse, fine = breaking(20), breaking(40)
    softened = healed(40)
    fewer = [breaking(40), healed(20)[-1]][-1]
    d = float(damage.x.array.max())
    checks = [
        *second_order("damage after 50 s at a stretch of 1.5 [-]", coarse, fine, broken, 1e-3),
        *second_order(
            "damage left after 5 h, over that at their start [-]",
            fewer / fine,
            softened[-1] / fine,
            float(np.exp(-left / HEALS)),
            1e-3,
        ),
        Check(
            quantity="modulus in uniaxial strain with the damage left [MPa]",
            exact=BULK + 4 / 3 * (REST + (1 - d) * FAST),
            computed=modulus(),
            tolerance=1e-5,
            reason="the same at every point; to the strain of 1e-6",
        ),
        at_most(
            "largest gain of free energy in a step [MPa um^3]",
            -min(steps_lost),
            1e-9,
            reason="bonds break and close only where that sets energy free: round-off",
        ),
    ]
    hours = np.linspace(0.0, left / 3600, 41)
    curves = [
        Series(
            label="exact", x=list(hours), y=list(fine * np.exp(-3600 * hours / HEALS)), exact=True
        ),
        Series(label="computed, 40 steps", x=list(hours[::2]), y=list(softened[::2])),
    ]
    return Outcome(
        checks=checks, plots=[Plot(title="Healing", x="t [h]", y="damage [-]", curves=curves)]
    )
