"""Stress of a germanium film on a wafer over a cycle, measured and computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.published.silicon_film import cycle, wafer_film
from anodefem.verify.published import FOLDER, data

NADIMPALLI = FOLDER / "nadimpalli-2015.toml"


@problem(
    "germanium-film-stress",
    title="Stress of a germanium film that is emptied",
    group="Published data",
    question="Does the germanium card, whose yield stress is that of lithiation, give the stress "
    "of a film in delithiation?",
    exact="Measured: 0.83 GPa at most in tension, the mean of several films. The card's yield "
    "stress falls along a line from the measured peak of -0.76 GPa to the -0.3 GPa at the end of "
    "lithiation, so that these two points of the figure are fitted. That it flows in tension at "
    "the stress at which it flowed in compression is assumed, so the way back is blind.",
    quick=True,
    kind="validation",
    status="blind",
    data=NADIMPALLI,
)
def germanium_film_stress(folder: Path) -> Outcome:
    """Full and back to 2 %; small steps where the film is elastic."""
    known = data(NADIMPALLI)
    simulation = wafer_film(folder / "film", "germanium-lithium")
    up = [0.005, 0.01, 0.015, 0.02, 0.03, *np.linspace(0.05, 1.0, 20)]
    down = [0.99, 0.98, 0.97, 0.96, 0.94, *np.linspace(0.9, 0.02, 18)]
    socs = np.array([*up, *down])
    stress, _ = cycle(simulation, socs, rate=0.05)
    stress *= 1e-3
    measured = {
        float(socs[np.argmin(stress)]): known["peak_in_compression"].value,
        1.0: known["end_of_lithiation"].value,
        float(socs[-1]): known["peak_in_tension"].value,
    }
    return Outcome(
        checks=[
            Check(
                quantity="largest tension while it is emptied [GPa]",
                exact=known["peak_in_tension"].value,
                computed=float(stress.max()),
                tolerance=0.14,
                reason="two standard deviations of the measured peak in compression; that of the "
                "peak in tension is not given, nor how empty the films were",
            ),
        ],
        plots=[
            Plot(
                title="Stress along the film",
                x="state of charge [-]",
                y="Cauchy stress [GPa]",
                curves=[
                    Series(label="computed", x=list(socs), y=list(stress), exact=True),
                    Series(
                        label="measured, at states of charge of the computed extremes",
                        x=list(measured),
                        y=list(measured.values()),
                    ),
                ],
            )
        ],
    )
