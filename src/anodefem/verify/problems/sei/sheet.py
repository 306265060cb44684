"""Graphene: a sheet that wrinkles, and one around a ball that grows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import ufl

from anodefem.fem.facets import FacetMeans
from anodefem.laws.membrane import WRINKLED_STIFFNESS, GrapheneMembrane, Surface
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.sei.film import (
    GROUP,
    MESH,
    ROUND_OFF,
    bar,
    core,
    pressure,
    stretch_bar,
)
from anodefem.workbench.bodies import Layer, NoParameters, ball, read
from anodefem.workbench.numbers import Numbers
from anodefem.workbench.simulation import Simulation


@problem(
    "wrinkled-sheet",
    title="A sheet on a bar that contracts more than it wrinkles around the bar",
    group=GROUP,
    question="What does a sheet carry on the side of a stretched bar whose Poisson's ratio of "
    "0.45 is larger than its own of 0.165?",
    exact=r"Tension field (Pipkin 1986): $E h \ln\lambda$ along the bar, nothing around it; kept "
    rf"is {WRINKLED_STIFFNESS:g} of what an unwrinkled sheet would carry.",
    quick=True,
)
def wrinkled(folder: Path) -> Outcome:
    """A soft sheet, so that the bar does what it would do without."""
    sheet = GrapheneMembrane(1e6, 0.165, 1e-5)
    simulation = bar(folder, 0.45, sheet_law=sheet)
    F = ufl.variable(simulation.symbols.F())
    force = ufl.dot(ufl.diff(sheet.energy(Surface(F, simulation.symbols.normal)), F), F.T)
    means = FacetMeans(
        simulation.domain,
        ufl.as_vector([force[1, 1], force[2, 2]]),
        simulation.symbols.ds("membrane", degree=1),
    )
    strain, stiffness = 0.1, sheet.young * sheet.thickness
    stretch_bar(simulation, strain)
    hoop = float(np.log(1.0 + simulation.displacement()[1][:, 0].min()))
    along, around = means.evaluate().mean(axis=0)
    kept = WRINKLED_STIFFNESS * stiffness / (1 - sheet.poisson**2) * (hoop + sheet.poisson * strain)
    return Outcome(
        checks=[
            Check(
                quantity="force per length along the bar [N/m]",
                exact=stiffness * strain + sheet.poisson * kept,
                computed=along,
                tolerance=1e-6,
                reason=ROUND_OFF,
            ),
            Check(
                quantity="force per length around it [N/m]",
                exact=kept,
                computed=around,
                tolerance=1e-5,
                reason=ROUND_OFF,
            ),
            at_most(
                "share of the force around it that is kept [-]",
                abs(around) / (stiffness * 0.1),
                5e-3,
                reason="a wrinkled sheet carries no compression",
            ),
        ]
    )


@problem(
    "graphene-balloon",
    title="A graphene sheet around a ball that grows by one per cent",
    group=GROUP,
    question="How hard does a cage of 10 nm press on a ball of 1.5538 um that stretches it by 1 %?",
    exact=r"$p = 2 E h \ln\lambda / ((1-\nu) R \lambda^3)$, to first order "
    r"$2 E h \epsilon/((1-\nu) R)$ = 154.152 MPa for $E$ = 1 TPa, $\nu$ = 0.165 (Lee et al. 2008).",
    quick=True,
)
def balloon(folder: Path) -> Outcome:
    """The ball is as stiff as silicon, the sheet lies on its surface."""
    radius, thickness, young, poisson = 1.5538, 0.01, 1e6, 0.165
    body = ball(Layer("core", radius, 4), sectors=12)
    roles = replace(
        body.roles(NoParameters(), ""),
        membrane={"sheet": "outer"},
        membrane_thickness={"sheet": 1e-5},
    )
    numbers = Numbers(read(replace(body, roles=lambda p, kinematics: roles), folder))
    simulation = Simulation(
        numbers, [core(numbers, 1.04)], sheet_law=GrapheneMembrane(young, poisson, thickness)
    )
    stretches, found, exact = [], [], []
    for soc in np.linspace(0.0, 1.0, 9)[1:]:
        simulation.step(soc=soc)
        stretch = simulation.stretch_at(radius)
        stretches.append(stretch)
        found.append(pressure(simulation))
        exact.append(
            2 * young * thickness * np.log(stretch) / ((1 - poisson) * radius * stretch**3)
        )
    linear = 2 * young * thickness * 0.01 / ((1 - poisson) * radius)
    finite = np.log(1.01) / 0.01 / 1.01**3
    checks = [
        Check(
            quantity=f"pressure at a stretch of {stretches[-1]:.4f} [MPa]",
            exact=exact[-1],
            computed=found[-1],
            tolerance=1e-3,
            reason=MESH,
        ),
        Check(
            quantity="pressure at a stretch of 1.01, brought back to first order [MPa]",
            exact=linear,
            computed=float(np.interp(1.01, stretches, found)) / finite,
            tolerance=2e-3,
            reason=f"{MESH}; interpolated between steps",
        ),
    ]
    curves = [
        Series(label="closed form", x=stretches, y=exact, exact=True),
        Series(label="finite elements", x=stretches, y=found),
    ]
    plot = Plot(title="Graphene around a ball", x="stretch [-]", y="pressure [MPa]", curves=curves)
    return Outcome(checks=checks, plots=[plot])
