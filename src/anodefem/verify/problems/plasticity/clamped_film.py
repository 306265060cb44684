"""Films on a rigid base that flow, and flow that keeps the volume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import ufl

from anodefem.laws.elasticity import Hencky, NeoHookean
from anodefem.laws.solid import Solid
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.hencky import (
    FULL,
    POISSON,
    STRENGTH,
    YOUNG,
    along,
    at_swelling,
    disc,
    elasticity,
    perfect,
    simulate,
)
from anodefem.workbench.numbers import uniform_species
from anodefem.workbench.simulation import Simulation


@problem(
    "clamped-film-hencky",
    title="A film in logarithmic strain, elastic and plastic",
    group="Plastic flow",
    question="What are the stress and the thickness of a film on a rigid base whose elasticity is "
    "linear in the logarithmic strain?",
    exact=r"$M = -E/(1-\nu)\,\ln(J_c)/3$ until it reaches the yield stress, and "
    r"$\lambda_3 = J_c \exp(2(1-2\nu)M/E)$: -677.013 and -1340.879 MPa at $J_c$ = 1.02 and 1.04, "
    "3.662487 at 3.7507. The equivalent plastic strain is twice what the plane does not give to "
    r"elastic strain: $2(\ln(J_c)/3 - (1-\nu)\sigma_Y/E)$.",
    quick=True,
)
def clamped_film_hencky(folder: Path) -> Outcome:
    """Two elastic states, then 30 steps to full swelling."""
    numbers = disc(folder)
    simulation = simulate(numbers, perfect(numbers))
    stress = along(simulation)
    met = "strain adds up in the logarithm, so that the step does not matter: round-off is left"
    checks, ratios, found = [], [1.02, 1.04, *np.linspace(1.1, FULL, 29)], []
    for ratio in ratios:
        simulation.step(soc=float(at_swelling(ratio)))
        found.append(stress())
    for ratio, told, computed in zip(ratios[:2], (-677.013, -1340.879), found[:2], strict=True):
        exact = -YOUNG / (1.0 - POISSON) * np.log(ratio) / 3.0
        checks += [
            Check(
                quantity=f"stress along at Jc = {ratio} [MPa]",
                exact=float(exact),
                computed=computed,
                tolerance=1e-9,
                reason=met,
            ),
            Check(
                quantity=f"the same against the printed number, Jc = {ratio} [MPa]",
                exact=told,
                computed=computed,
                tolerance=1e-6,
                reason="six digits of the reference",
            ),
        ]
    alpha = 2.0 * (np.log(FULL) / 3.0 - (1.0 - POISSON) * STRENGTH / YOUNG)
    elastic = float(np.exp(-2.0 * (1.0 - 2.0 * POISSON) * STRENGTH / YOUNG))
    for name, exact, computed in (
        ("stress along at full charge [MPa]", -STRENGTH, found[-1]),
        ("stretch across at full charge [-]", FULL * elastic, simulation.stretch_across()),
        (
            "plastic strain at full charge [-]",
            alpha,
            float(simulation.state["alpha"].x.array.mean()),
        ),
    ):
        checks.append(
            Check(quantity=name, exact=float(exact), computed=computed, tolerance=1e-9, reason=met)
        )
    checks.append(
        Check(
            quantity="stretch across against the printed number [-]",
            exact=3.662487,
            computed=simulation.stretch_across(),
            tolerance=2e-7,
            reason="seven digits of the reference",
        )
    )
    logarithms = np.linspace(0.0, np.log(FULL), 200)
    exact_stress = np.maximum(-YOUNG / (1 - POISSON) * logarithms / 3, -STRENGTH)
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Stress along the film",
                x="swelling ratio Jc [-]",
                y="in-plane stress per swollen volume [MPa]",
                curves=[
                    Series(
                        label="closed form",
                        x=np.exp(logarithms).tolist(),
                        y=exact_stress.tolist(),
                        exact=True,
                    ),
                    Series(label="computed", x=[float(r) for r in ratios], y=found),
                ],
            )
        ],
    )


@problem(
    "elastic-volume",
    title="The elastic shape keeps its volume through a cycle of flow",
    group="Plastic flow",
    question="Plastic flow keeps volume. Does the elastic tensor, updated thousands of times in a "
    "life, keep its determinant?",
    exact="Determinant 1 of the elastic tensor and of the stored plastic one, whatever the steps. "
    "A return that corrects the deviator alone lets it drift by 34 % in this cycle with the "
    "neo-Hookean law, and the plateau stress and the thickness of the film do not show it.",
    quick=False,
)
def elastic_volume(folder: Path) -> Outcome:
    """A film up and down in 40 steps each, in both strains."""
    numbers, checks = disc(folder), []
    path = np.linspace(0.0, 1.0, 41)
    for law in (NeoHookean, Hencky):
        expansion = numbers.linear("swelling", 1.0, FULL)
        made = Solid(elasticity(numbers, law), perfect(numbers), expansion)
        simulation = Simulation(numbers, [Region("solid", made, uniform_species())])
        for soc in (*path[1:], *path[-2::-1]):
            simulation.step(soc=float(soc))
        response = simulation.symbols.responses["solid"]
        for name, tensor in (("elastic", response.return_mapping.b), ("plastic", response.plastic)):
            drift = np.abs(simulation.at_points("solid", ufl.det(tensor)) - 1.0).max()
            checks.append(
                at_most(
                    f"drift of the determinant, {name}, {law.__name__} [-]",
                    float(drift),
                    1e-10,
                    reason="made one in every step: round-off of 80 steps",
                )
            )
    return Outcome(checks=checks)
