"""The volume that an SEI adds to the body that it covers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem import cards
from anodefem.cards.constants import FARADAY
from anodefem.verify.problem import Check, Outcome, problem
from anodefem.verify.problems.published.silicon_film import storage_of
from anodefem.verify.problems.sei.film import GROUP
from anodefem.verify.runs import run_case

CASE = """
title = "A particle under a thick SEI"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
particle_radius = "1 um"
order = 2
refinement = 0.3

[materials]
particle = { card = "silicon-amorphous", transport = "uniform" }

[sei]
recipe = "ec-dmc"
thickness = "30 nm"

[protocol]
initial_soc = 0.1
steps = ["lithiate at C/10 until soc = 0.5"]

[output]
fields_every = 1.0
"""

THICKNESS = 0.03  # um, on a radius of 1 um


@problem(
    "sei-volume",
    title="A body is larger by the volume of its SEI",
    group=GROUP,
    question="How much does an SEI of 30 nm add to the volume of a particle, and what does it take "
    "from the capacity per volume?",
    exact=r"The film keeps the volume $4 \pi R^2 \lambda_0^2 h$ with which it formed, but for "
    r"$J_e = \exp(2 p (1 - 2\nu)/E)$ with $p = \min(E \ln(\lambda/\lambda_0)/(1-\nu), \sigma_y)$: "
    r"the volume ratio is $J + 3 \lambda_0^2 J_e h/R$. The capacity is the charge over it.",
    quick=True,
)
def sei_volume(folder: Path) -> Outcome:
    """Before and after the film has begun to flow."""
    result = run_case(folder, CASE)
    storage, recipe = storage_of("silicon-amorphous"), cards.sei("ec-dmc")
    soc = result["soc"][[0, 1, -1]]
    swelling = np.array([storage.volume_ratio(float(each)) for each in soc])
    strain = np.log(swelling / swelling[0]) / 3.0
    stress = np.minimum(recipe.young / (1 - recipe.poisson) * strain, recipe.yield_stress)
    elastic = np.exp(2 * stress * (1 - 2 * recipe.poisson) / recipe.young)
    exact = swelling + 3 * swelling[0] ** (2 / 3) * elastic * THICKNESS
    full = storage.concentration_max * FARADAY / 3.6e6  # Ah/L
    checks = []
    for row, place in enumerate((0, 1, -1)):
        for name, unit, value in (
            ("hull_volume_ratio", "-", exact[row]),
            ("volumetric_capacity", "Ah/L", full * soc[row] / exact[row]),
        ):
            checks.append(
                Check(
                    quantity=f"{name} at soc {soc[row]:.3f} [{unit}]",
                    exact=float(value),
                    computed=float(result[name][place]),
                    tolerance=2e-4,
                    reason="the film strains the particle by 1e-5; rings of the mesh",
                )
            )
    return Outcome(checks=checks)
