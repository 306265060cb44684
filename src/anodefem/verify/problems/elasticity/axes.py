"""Swelling that is not alike along all axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.laws.plasticity import (
    Elastic,
)
from anodefem.laws.swelling import Exponents
from anodefem.verify.problem import Check, Outcome, at_most, problem
from anodefem.verify.problems.hencky import (
    POISSON,
    ROUND_OFF,
    YOUNG,
    along,
    at_swelling,
    disc,
    perfect,
    simulate,
)
from anodefem.workbench.bodies import block, read
from anodefem.workbench.numbers import Numbers


@problem(
    "free-swelling-with-axes",
    title="A free crystal swells along its axes and without stress",
    group="Swelling and elasticity",
    question="How does a body deform whose crystal swells differently along its three axes, as "
    "layered hosts do?",
    exact=r"Stretches $J_c^{\beta_1}, J_c^{\beta_2}, J_c^{\beta_3}$ with $\sum\beta = 1$, no "
    "stress and no plastic strain; 4.982 is the ratio of black phosphorus with sodium.",
    quick=False,
)
def free_swelling_with_axes(folder: Path) -> Outcome:
    """A cube with three exponents, a cylinder with the stack along its axis."""
    bodies: tuple[tuple[str, Exponents, Exponents], ...] = (
        ("3d", (0.4, 0.1, 0.5), (0.4, 0.1, 0.5)),
        ("axisymmetric", (0.3, 0.3, 0.4), (0.3, 0.4, 0.3)),
    )
    full, checks = 4.982, []
    for kind, exponents, along_axes in bodies:
        numbers = Numbers(read(block(kind, cells=1), folder / kind, order=1))
        simulation = simulate(numbers, perfect(numbers), exponents)
        numbers["swelling full"].value = full
        # steps so short that a guess without growth does not yield
        for soc in np.linspace(0.0, 1.0, 81)[1:]:
            simulation.step(soc=float(soc))
        nodes, displacement = simulation.displacement()
        stretches = full ** np.array(along_axes)[: nodes.shape[1]]
        for axis, stretch in zip("xyz", stretches, strict=False):
            a = "xyz".index(axis)
            end = nodes[:, a] > 1.0 - 1e-9
            checks.append(
                Check(
                    quantity=f"stretch along coordinate {a + 1}, {kind} [-]",
                    exact=float(stretch),
                    computed=1.0 + float(displacement[end, a].mean()),
                    tolerance=1e-10,
                    reason=ROUND_OFF,
                )
            )
        checks += [
            at_most(
                f"largest stress over Young's modulus, {kind} [-]",
                float(np.abs(simulation.stress("solid")).max()) / YOUNG,
                1e-8,
                reason=ROUND_OFF,
            ),
            at_most(
                f"largest plastic strain, {kind} [-]",
                float(np.abs(simulation.state["alpha"].x.array).max()),
                1e-14,
                reason="it never yields",
            ),
        ]
    return Outcome(checks=checks)


@problem(
    "clamped-film-with-axes",
    title="A film that swells more across than along is pressed less",
    group="Swelling and elasticity",
    question="What stress does a clamped film bear when its layers lie in its plane and most of "
    "the swelling goes across?",
    exact=r"$M = -E/(1-\nu)\,\beta\ln J_c$ with the exponent in the plane, thickness stretch "
    r"$J_c^{1-2\beta}\exp(-2\nu M/E)$ (logarithmic strain).",
    quick=False,
)
def clamped_film_with_axes(folder: Path) -> Outcome:
    """Three exponents in the plane; a third is the isotropic film."""
    checks, ratio = [], 1.04
    numbers = disc(folder)
    for exponent in (0.1, 0.25, 1.0 / 3.0):
        simulation = simulate(numbers, Elastic(), (exponent, exponent, 1.0 - 2.0 * exponent))
        simulation.step(soc=float(at_swelling(ratio)))
        stress = -YOUNG / (1.0 - POISSON) * exponent * np.log(ratio)
        stretch = ratio ** (1.0 - 2.0 * exponent) * np.exp(-2.0 * POISSON * stress / YOUNG)
        for name, exact, computed in (
            ("stress along [MPa]", stress, along(simulation)()),
            ("stretch across [-]", stretch, simulation.stretch_across()),
        ):
            checks.append(
                Check(
                    quantity=f"{name}, exponent {exponent:.3g} in the plane",
                    exact=float(exact),
                    computed=computed,
                    tolerance=1e-9,
                    reason=ROUND_OFF,
                )
            )
    return Outcome(checks=checks)
