"""The error of the steps that the program chooses by itself, where flow depends on the rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.runs import Result, case_file
from anodefem.workbench.case import Case

CASE = """
title = "Bare particle at 1C"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
particle_radius = "1 um"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[protocol]
steps = ["lithiate at 1C until soc = 0.2"]

[output]
fields_every = 1.0
"""
#: Error in time that a step of the reference may have: its steps are a sixth as long.
FINE = 2e-6


@problem(
    "plastic-work-at-1c",
    title="Plastic work at 1C with the steps that are chosen by default",
    group="Discretisation",
    question="Are plastic work, tension and diffusion's dissipation of a silicon particle of 1 um, "
    "filled at 1C, free from the length of the steps in time that the program chooses?",
    exact="The same on the same mesh with steps a sixth as long.",
)
def plastic_work(folder: Path) -> Outcome:
    """Filled from 0.02 to 0.2, within which all flow of the lithiation happens."""
    results: dict[str, Result] = {}
    for name, changes in (
        ("default", {}),
        ("fine", {"solver.step_tolerance": FINE}),
    ):
        place = folder / name
        place.mkdir(parents=True)
        results[name] = Case.from_file(case_file(place, CASE), changes).run(place / "out")
    default, fine = results["default"], results["fine"]

    def end(result: Result, column: str) -> float:
        return float(result[column][-1])

    checks = [
        Check(
            quantity=f"{words} [{unit}]",
            exact=factor * of(fine),
            computed=factor * of(default),
            tolerance=tolerance,
            reason="errors of the steps of a run with the default tolerance",
        )
        for words, unit, factor, tolerance, of in (
            ("plastic work", "MJ/m^3", 1e-6, 0.02, lambda r: end(r, "plastic_work")),
            ("loss in diffusion", "MJ/m^3", 1e-6, 0.01, lambda r: end(r, "diffusion_dissipation")),
            (
                "largest tension",
                "GPa",
                1.0,
                0.02,
                lambda r: float(np.max(r["hydrostatic_max_particle"])),
            ),
            (
                "largest equivalent stress",
                "GPa",
                1.0,
                0.02,
                lambda r: float(np.max(r["von_mises_max_particle"])),
            ),
        )
    ]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Plastic work",
                x="state of charge [-]",
                y="plastic work [MJ/m^3]",
                curves=[
                    Series(
                        label=name,
                        x=result["soc"].tolist(),
                        y=(1e-6 * result["plastic_work"]).tolist(),
                    )
                    for name, result in results.items()
                ],
            )
        ],
    )
