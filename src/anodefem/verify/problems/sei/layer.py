"""A film without thickness against the resolved layer that it stands for."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.laws.elasticity import Hencky
from anodefem.laws.film import PerfectPlasticity
from anodefem.laws.plasticity import RateIndependent
from anodefem.laws.solid import Solid
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.sei.film import (
    GROUP,
    NEVER,
    POISSON,
    YIELD,
    YOUNG,
    Body,
    core,
    covered,
    pressure,
)
from anodefem.workbench.bodies import Layer, ball, cylinder, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Simulation


def layered(folder: Path, body: Body, full: float, yield_stress: float, h: float) -> Simulation:
    """Core of radius 1 um in a layer of thickness ``h`` with the moduli of this module.

    Args:
        folder: Empty folder for the mesh.
        body: Function of `anodefem.workbench.bodies` that makes the body of layers.
        full: Volume ratio of the full core.
        yield_stress: Of the layer [MPa].
        h: Thickness of the layer [um].
    """
    numbers = Numbers(
        read(body(Layer("core", 1.0, 4), Layer("shell", 1.0 + h, 2), sectors=12), folder)
    )
    law = Solid(
        Hencky(numbers.same("shell E", YOUNG), numbers.same("shell nu", POISSON)),
        RateIndependent(numbers.same("shell yield", yield_stress)),
        numbers.same("shell swelling", 1.0),
    )
    return Simulation(numbers, [core(numbers, full), Region("shell", law, None)])


def against_layer(folder: Path, body: Body, slope: float, *, plastic: bool) -> Outcome:
    """Pressure of the film over that of the layer, for layers of five thicknesses.

    Args:
        folder: Empty folder for the mesh.
        body: Function of `anodefem.workbench.bodies` that makes the body of layers.
        slope: First-order error of the film over h/R, in closed form.
        plastic: Both flow; else both stay elastic.
    """
    full, stress = (1.5, YIELD) if plastic else (1.025, NEVER)
    thin = covered(folder / "film", body, full, PerfectPlasticity(stress))
    heights, ratios = [0.005, 0.01, 0.02, 0.05, 0.1], []
    for h in heights:
        thick = layered(folder / f"layer-{h:g}", body, full, stress, h)
        thin.state["u"].x.array[:] = 0.0
        thin.form_film(h)
        for soc in np.linspace(0.0, 1.0, 21 if plastic else 2)[1:]:
            thin.step(soc=soc)
            thick.step(soc=soc)
        ratios.append(pressure(thin) / pressure(thick))
    measured = (ratios[2] - ratios[1]) / (heights[2] - heights[1])
    checks = [
        Check(
            quantity="film over layer as the layer gets thin [-]",
            exact=1.0,
            computed=2 * ratios[1] - ratios[2],
            tolerance=2e-3,
            reason="extrapolated from h/R = 0.01 and 0.02; cells of the layer are 13 times longer "
            "than thick",
        ),
        at_most(
            "film over layer less one at h/R = 0.01 [-]",
            abs(ratios[1] - 1),
            1e-2,
            reason="of first order in h/R",
        ),
        at_most(
            "film over layer less one at h/R = 0.05 [-]",
            abs(ratios[3] - 1),
            5e-2,
            reason="the limit beyond which a run warns",
        ),
    ]
    if not plastic:
        checks.append(
            Check(
                quantity="error of the film over h/R [-]",
                exact=slope,
                computed=measured,
                tolerance=3e-2,
                reason="second order in h/R and in the strain of 1 % are left",
            )
        )
    curve = Series(label="film over layer", x=heights, y=ratios)
    straight = Series(
        label="first order" if not plastic else "equal",
        x=[0.0, 0.1],
        y=[1.0, 1 + (0.0 if plastic else 0.1 * slope)],
        exact=True,
    )
    plot = Plot(
        title="Film against layer", x="h/R [-]", y="pressure ratio [-]", curves=[curve, straight]
    )
    return Outcome(checks=checks, plots=[plot])


#: 1 - p_layer/p_film over h/R: twice the share of curvature and of the stress across the layer.
SPHERE = 2 - 3 * (2 * (1 - 2 * POISSON) / (1 + POISSON)) / (
    1 + 2 * (1 - 2 * POISSON) / (1 + POISSON)
)

TUBE = 1.5 - 2 * (1 - 2 * POISSON) / (2 * (1 - POISSON))

for _name, _body, _slope, _shape in (
    ("ball", ball, SPHERE, "a ball"),
    ("cylinder", cylinder, TUBE, "a cylinder in plane strain"),
):
    for _kind, _plastic in (("elastic", False), ("plastic", True)):

        def _solve(
            folder: Path, body: Body = _body, slope: float = _slope, plastic: bool = _plastic
        ) -> Outcome:
            return against_layer(folder, body, slope, plastic=plastic)

        problem(
            f"film-against-layer-{_name}-{_kind}",
            title=f"A film against the layer it stands for, on {_shape}, {_kind}",
            group=GROUP,
            question="How far is the pressure of a film without thickness from that of a resolved "
            f"layer outside {_shape} that swells?",
            exact="They agree for thin layers. "
            + (
                r"For small strains Lam\'e's solution of a thick shell gives the ratio "
                rf"$1 + {_slope:.3f}\,h/R$ to first order."
                if not _plastic
                else "The layer is Hencky-elastic with the same numbers."
            ),
        )(_solve)


@problem(
    "film-against-layer-swollen",
    title="A film against the layer it stands for, on a host that has swelled",
    group=GROUP,
    question="Is a film of 2 % of the radius within 1 % of a resolved layer on a ball that has "
    "grown by 30 % in radius, as alloys do?",
    exact="They agree for thin layers, and a layer on a growing ball gets thinner against its "
    "radius: by the cube of the stretch. The error, 1.7 % before anything has swelled, falls below "
    "1 % once the volume has grown by 65 %.",
)
def against_layer_swollen(folder: Path) -> Outcome:
    """An elastic film of h/R = 0.02 in ten steps."""
    full, h = 1.3**3, 0.02
    thin = covered(folder / "film", ball, full, PerfectPlasticity(NEVER))
    thick = layered(folder / "layer", ball, full, NEVER, h)
    thin.form_film(h)
    stretches, ratios = [], []
    for soc in np.linspace(0.0, 1.0, 11)[1:]:
        thin.step(soc=soc)
        thick.step(soc=soc)
        stretches.append(thin.stretch_at(1.0))
        ratios.append(pressure(thin) / pressure(thick))
    return Outcome(
        checks=[
            at_most(
                f"film over layer less one at a stretch of {stretches[-1]:.2f} [-]",
                abs(ratios[-1] - 1),
                1e-2,
                reason="what a film without thickness is asked for",
            )
        ],
        plots=[
            Plot(
                title="Film of h/R = 0.02 against its layer",
                x="stretch of the surface [-]",
                y="pressure ratio [-]",
                curves=[Series(label="film over layer", x=stretches, y=ratios)],
            )
        ],
    )
