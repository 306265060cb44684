"""A particle that is filled behind a sharp front: what its surface feels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import ufl
from ufl.core.expr import Expr

from anodefem import protocols
from anodefem.laws.chemistry import IdealSolution
from anodefem.model.regions import Region, Species
from anodefem.solve.clock import StepLimits
from anodefem.solve.control import TimeLoop
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.published import FOLDER, data
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import ENERGY, Numbers, solid
from anodefem.workbench.simulation import Simulation

LIU = FOLDER / "liu-2012.toml"
#: Slowness of the empty host: D(x) = D0 [1/(1-x) - 2 a x], a little below 2 for a sharp front.
SHARPNESS = 1.95
YIELD = 1.5e3  # MPa


def sharpening(scale: float) -> Species:
    """Species whose diffusivity rises without bound towards the full host; ``scale`` in um^2/s."""

    def diffusivity(x: Expr | float) -> Expr:
        held = ufl.max_value(ufl.min_value(ufl.as_ufl(x), 0.98), 0.0)
        return scale * (1 / (1 - held) - 2 * SHARPNESS * held)

    return Species(3e5, ENERGY, IdealSolution(0.0), diffusivity, False)


@problem(
    "silicon-stress-reversal",
    title="Hoop stress at the surface of a particle with a front turns to tension",
    group="Published data",
    question="Does the surface of a silicon particle that is filled behind a sharp front go from "
    "compression into tension, as is held responsible for its cracks?",
    exact="Liu et al. (2012) infer from cracks that begin at the surface, and from a model, that "
    "hoop stress there is compressive at first and tensile later: what was filled first is pushed "
    "outwards by what is filled next, and flows. Only the signs are compared. The critical size of "
    "150 nm needs fracture and is not predicted here.",
    kind="validation",
    status="blind",
    data=LIU,
)
def silicon_stress_reversal(folder: Path) -> Outcome:
    """A ball of 1 um, 48 rings, filled until its surface is full.

    At C/2: at 1C the surface is full at soc 0.57 and the hoop stress there is still compressive.
    """
    rings = 48
    numbers = Numbers(read(ball(Layer("core", 1.0, rings), sectors=6), folder))
    law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.751, yield_stress=YIELD)
    simulation = Simulation(numbers, [Region("core", law, sharpening(1e-4))])
    simulation.fill(0.02)
    metrics = simulation.metrics()
    simulation.start()
    surface = simulation.radius("core") > 1.0 - 1.0 / rings
    inside = simulation.radius("core") < 0.3
    times: list[tuple[float, float, float]] = []

    def note(row: dict[str, float], end: bool) -> None:
        hoop = simulation.stress("core")[:, 2]
        times.append((row["soc [-]"], float(hoop[surface].mean()), float(hoop[inside].mean())))

    limits = StepLimits(soc=0.02, fraction=0.1, initial=1e-4, smallest=1e-9, count=2000)
    loop = TimeLoop(simulation.updates, simulation.newton, metrics, limits, note)
    loop.clock.soc = metrics.row()["soc [-]"]
    loop.run([protocols.parse("lithiate at C/2 until soc = 0.8")])
    soc, outside, middle = np.array(times).T
    turned = float(outside[0] < 0.0 and outside.min() < -0.5 * YIELD < 0.1 * YIELD < outside[-1])
    return Outcome(
        checks=[
            Check(
                quantity="hoop stress at the surface turns from compression to tension [-]",
                exact=data(LIU)["hoop_stress_turns"].value,
                computed=turned,
                tolerance=1e-12,
                reason="yes or no: below -half the yield stress first, above a tenth of it at the "
                "end",
            ),
            at_most(
                "compression of the empty core over the yield stress [-]",
                -float(middle.min()) / YIELD,
                1e-3,
                reason="what swells around the core pulls it; round-off before the front forms",
            ),
        ],
        plots=[
            Plot(
                title="Hoop stress while a front moves inwards",
                x="state of charge [-]",
                y="Cauchy stress [GPa]",
                curves=[
                    Series(label="surface", x=soc, y=1e-3 * outside),
                    Series(label="core, r < 0.3 R", x=soc, y=1e-3 * middle),
                    Series(label="no stress", x=[0.0, 0.8], y=[0.0, 0.0], exact=True),
                ],
            )
        ],
    )
