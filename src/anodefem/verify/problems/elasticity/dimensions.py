"""The same sphere in axisymmetry and in 3D, on straight and on curved cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.verify.problem import Check, Outcome, at_most, problem
from anodefem.verify.runs import Result, run_case

FULL = 3.751  # swelling ratio of the silicon card
MEANS = ("hydrostatic_min", "hydrostatic_max")
CASE = """
title = "Sphere"

[geometry]
plugin = "bare_particle"
kinematics = "{kinematics}"
order = {order}
refinement = {refinement}

[materials]
particle = {{ card = "silicon-amorphous", transport = "{transport}" }}

[protocol]
steps = ["lithiate at C/5 until soc = {soc}"]

[solver]
newton_tolerance = 1e-10 # the volume is compared to ten digits
"""


def sphere(
    folder: Path,
    kinematics: str,
    *,
    order: int,
    refinement: float,
    transport: str = "diffusion",
    soc: float = 0.3,
) -> Result:
    """Run a sphere of silicon in a folder of its own.

    Args:
        folder: Empty folder; the run gets a folder in it.
        kinematics: "axisymmetric" or "3d".
        order: Order of the cells' shape.
        refinement: Every edge is divided by it.
        transport: "uniform" or "diffusion".
        soc: State of charge at the end.
    """
    text = CASE.format(
        kinematics=kinematics, order=order, refinement=refinement, transport=transport, soc=soc
    )
    own = folder / f"{kinematics}-{order}"
    own.mkdir()
    return run_case(own, text)


@problem(
    "free-swelling-3d",
    title="A free sphere swells without stress in 3D",
    group="Swelling and elasticity",
    question="Does a sphere of straight or curved tetrahedra swell uniformly and without stress?",
    exact=r"$J = J_c$ and $\sigma = 0$ at every state of charge; with the planes of symmetry held "
    r"this is $u = (J_c^{1/3} - 1) X$.",
)
def free_swelling_3d(folder: Path) -> Outcome:
    """Both mesh orders, to a state of charge of 0.99."""
    checks = []
    for order, shape in ((1, "straight"), (2, "curved")):
        result = sphere(folder, "3d", order=order, refinement=0.3, transport="uniform", soc=0.99)
        swelling = 1.0 + (FULL - 1.0) * result["soc"]
        stress = [result[f"{name}_particle"] for name in ("von_mises_max", *MEANS)]
        checks += [
            at_most(
                f"largest relative error of the volume on the way, {shape} cells [-]",
                float(np.abs(result["hull_volume_ratio"] / swelling - 1.0).max()),
                1e-10,
                reason="the exact solution lies in the space of the elements: round-off",
            ),
            at_most(
                f"largest stress over Young's modulus, {shape} cells [-]",
                float(np.abs(stress).max()) / 20.0,
                1e-8,
                reason="round-off; Young's modulus falls to 20 GPa",
            ),
        ]
    return Outcome(checks=checks)


def growth(result: Result) -> float:
    """Mean displacement of the surface over its radius."""
    return float(result["hull_volume_ratio"][-1] ** (1 / 3) - 1.0)


@problem(
    "axisymmetric-against-3d",
    title="A charging sphere is the same in axisymmetry and in 3D",
    group="Discretisation",
    question="Do axisymmetric and 3D meshes, straight and curved cells, give the same charging "
    "sphere?",
    exact="The sphere on curved axisymmetric cells, to the difference of two coarse meshes.",
)
def axisymmetric_against_3d(folder: Path) -> Outcome:
    """Lithium diffuses at C/5 to a state of charge of 0.3."""
    flat = sphere(folder, "axisymmetric", order=2, refinement=0.5)
    others = {
        "3D, curved": sphere(folder, "3d", order=2, refinement=0.5),
        "axisymmetric, straight": sphere(folder, "axisymmetric", order=1, refinement=0.5),
    }
    checks = []
    for name, other in others.items():
        checks.append(
            Check(
                quantity=f"growth of the radius, {name} [-]",
                exact=growth(flat),
                computed=growth(other),
                tolerance=1e-3,
                reason="the same state of charge; elastic strain is 1e-2 of the growth",
            )
        )
        for column, unit, tolerance, reason in (
            ("voltage", "V", 5e-4, "half a millivolt of a curve that spans half a volt"),
            ("lithium_fraction_min", "-", 1e-2, "single nodes of 800 tetrahedra and triangles"),
            ("lithium_fraction_max", "-", 1e-2, "single nodes of 800 tetrahedra and triangles"),
        ):
            checks.append(
                Check(
                    quantity=f"{column.replace('_', ' ')}, {name} [{unit}]",
                    exact=float(flat[column][-1]),
                    computed=float(other[column][-1]),
                    tolerance=tolerance,
                    reason=reason,
                    absolute=True,
                )
            )
    return Outcome(checks=checks)
