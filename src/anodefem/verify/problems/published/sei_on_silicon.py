"""Thickness of the SEI on silicon over a cycle, measured and computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem import cards
from anodefem.laws.film import Film, PerfectPlasticity
from anodefem.model import regions
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.published.silicon_film import ROOM, storage_of
from anodefem.verify.problems.sei.film import NEVER, POISSON, YOUNG, core
from anodefem.verify.problems.sei.growth import steps
from anodefem.verify.published import FOLDER, data
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Simulation

VEITH = FOLDER / "veith-2015.toml"
RECIPE = cards.sei("ec-dmc")
#: Length of a step, a twentieth of the way in at C/20 [s].
STEP = 3600.0


def thicknesses(folder: Path, full: float, path: list[float]) -> list[float]:
    """Thickness of an SEI [nm] that grows along states of charge, from what is there at first.

    Args:
        folder: Empty folder for the mesh.
        full: Volume ratio of the full host under it.
        path: State of charge at the end of every step.
    """
    growth = regions.film_growth(RECIPE, ROOM)
    numbers = Numbers(read(ball(Layer("core", 1.0, 2), sectors=4), folder))
    simulation = Simulation(
        numbers,
        [core(numbers, full)],
        film_law=Film(YOUNG, POISSON, PerfectPlasticity(NEVER)),
        film_growth=growth,
    )
    simulation.form_film(growth.initial_thickness)
    found = steps(simulation, STEP, iter(path), second_order=True)
    return [1e3 * each.thickness for each in found]


@problem(
    "sei-thins-on-full-silicon",
    title="The SEI is thinner on full silicon than on empty silicon",
    group="Published data",
    question="Is an SEI that grows by the default recipe thinner on the full host than on the "
    "empty one, as neutron reflection saw?",
    exact="Seen on a silicon film: 25 nm when it is emptied, 18 nm at Li3.7Si. On a particle the "
    "sign comes out: an SEI that follows the surface and stays whole is stretched to 0.41 of its "
    "thickness, and growth makes up for a part of that. Where it breaks at 5 % it thins by 10 % at "
    "most. On a film that its base clamps the area does not change and the model's SEI only grows, "
    r"$h^2 = h_0^2 + 2kt$: what was seen there is not explained by stretch, unless the film had "
    "become rough or cracked. The authors name consumption and a change of composition.",
    quick=True,
    kind="validation",
    status="blind",
    data=VEITH,
)
def sei_thins_on_full_silicon(folder: Path) -> Outcome:
    """Two cycles at C/20 on a ball that swells as silicon, and on a surface that keeps its area."""
    known = data(VEITH)
    up, down = np.linspace(0.05, 1.0, 20), np.linspace(0.95, 0.0, 20)
    path = [float(soc) for soc in (*up, *down, *up, *down)]
    ratio = float(storage_of("silicon-amorphous").volume_ratio(1.0))
    particle = thicknesses(folder / "particle", ratio, path)
    clamped = thicknesses(folder / "clamped", 1.0, path)
    seen = known["lithiated"].value / known["delithiated"].value
    first, emptied, second = particle[19], particle[39], particle[59]
    growth = regions.film_growth(RECIPE, ROOM)
    gain = growth.volume_per_charge * float(growth.law.current(np.array(1.0), 0.0))  # um^2/s
    parabola = np.sqrt(growth.initial_thickness**2 + 2 * gain * STEP * 60)
    hours = [STEP / 3600 * (1 + n) for n in range(len(path))]
    return Outcome(
        checks=[
            at_most(
                "thickness on the full particle over that on the emptied one before, less 1 [-]",
                second / emptied - 1,
                1e-9,
                reason="blind: thinner, as was seen",
            ),
            at_most(
                "on the full particle over that on the emptied one after, less 1 [-]",
                first / emptied - 1,
                1e-9,
                reason="blind: thinner, as was seen",
            ),
            Check(
                quantity="thickness on the full particle over that on the emptied one before [-]",
                exact=seen,
                computed=second / emptied,
                tolerance=0.5,
                reason="a film was measured and a particle is computed, so that no more than the "
                "order of magnitude is claimed",
            ),
            Check(
                quantity="thickness on a clamped film when it is full again [nm]",
                exact=1e3 * float(parabola),
                computed=clamped[59],
                tolerance=1e-3,
                reason="the parabola: steps in time are left",
            ),
        ],
        plots=[
            Plot(
                title="Thickness over two cycles",
                x="time [h]",
                y="thickness [nm]",
                curves=[
                    Series(label="particle, SEI stays whole", x=hours, y=particle, exact=True),
                    Series(label="clamped film", x=hours, y=clamped, exact=True),
                    Series(
                        label="seen (emptied, full; when is not known)",
                        x=[hours[39], hours[59]],
                        y=[known["delithiated"].value, known["lithiated"].value],
                    ),
                ],
            )
        ],
    )
