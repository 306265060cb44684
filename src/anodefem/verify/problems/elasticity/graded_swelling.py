"""Swelling that differs from place to place and still fits together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import ufl

from anodefem._dolfinx import element_points
from anodefem.compilation import compile_expression
from anodefem.laws.plasticity import (
    Elastic,
)
from anodefem.laws.solid import Solid
from anodefem.laws.swelling import cartesian
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.hencky import ROUND_OFF, YOUNG, elasticity
from anodefem.workbench.bodies import NoParameters, block, read
from anodefem.workbench.numbers import Numbers, uniform_species
from anodefem.workbench.simulation import Simulation


@problem(
    "graded-swelling-without-stress",
    title="Swelling that differs from place to place and still fits together",
    group="Swelling and elasticity",
    question="Is a body free of stress whose swelling is not uniform but compatible?",
    exact="Two bodies whose swelling is the gradient of a map. Along one axis, "
    r"$F_c = \mathrm{diag}(1, 1, 1 + az)$ is that of $u_z = az^2/2$, which the elements hold. "
    r"Alike in all directions, only similarity and inversion will do (Liouville): "
    r"$J_c = (R/|X - C|)^6$ is that of the inversion $x = R^2 (X - C)/|X - C|^2$, mirrored; there "
    "the stress falls with the square of the cell.",
    quick=False,
)
def graded_swelling(folder: Path) -> Outcome:
    """A column, exact; a cylinder under inversion, on three meshes."""
    column, stress = _column(folder / "column")
    checks = [
        at_most(
            "largest error of the displacement, one axis [um]", column, 1e-10, reason=ROUND_OFF
        ),
        at_most(
            "largest stress over Young's modulus, one axis [-]", stress, 1e-9, reason=ROUND_OFF
        ),
    ]
    sizes = (4, 8, 16)
    errors = [_inverted(folder / str(cells), cells) for cells in sizes]
    for name, values, order in (
        ("displacement", [error[0] for error in errors], 3.0),
        ("stress", [error[1] for error in errors], 2.0),
    ):
        checks.append(
            Check(
                quantity=f"order of the {name}, all directions [-]",
                exact=order,
                computed=float(np.log2(values[-2] / values[-1])),
                tolerance=0.2,
                reason="quadratic elements; the order is reached as cells shrink",
                absolute=True,
            )
        )
    checks.append(
        at_most(
            "root mean square stress over Young's modulus on the finest mesh [-]",
            errors[-1][1],
            2e-4,
            reason="error of the mesh, which the order above takes to zero; the limit is a choice",
        )
    )
    widths = [1.0 / cells for cells in sizes]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Errors under inversion",
                x="cell [um]",
                y="root mean square",
                log=True,
                curves=[
                    Series(label="displacement [um]", x=widths, y=[e[0] for e in errors]),
                    Series(label="stress over E [-]", x=widths, y=[e[1] for e in errors]),
                ],
            )
        ],
    )


def _column(folder: Path) -> tuple[float, float]:
    """Largest errors of displacement [um] and stress over E of swelling along z, graded in z."""
    numbers = Numbers(read(block("axisymmetric", cells=3), folder, order=1))
    kinematics, slope = numbers.domain.kinematics, 0.8
    law = Solid(
        elasticity(numbers),
        Elastic(),
        lambda x: 1.0 + slope * kinematics.position[1] * x,
        anisotropy=cartesian((0.0, 0.0, 1.0), kinematics),
    )
    simulation = Simulation(numbers, [Region("solid", law, uniform_species())])
    for soc in (0.25, 0.5, 0.75, 1.0):
        simulation.step(soc=soc)
    nodes, displacement = simulation.displacement()
    exact = np.stack([0.0 * nodes[:, 0], slope * nodes[:, 1] ** 2 / 2], axis=1)
    stress = np.abs(simulation.stress("solid")).max() / YOUNG
    return float(np.abs(displacement - exact).max()), float(stress)


def _inverted(folder: Path, cells: int) -> tuple[float, float]:
    """Root mean square errors of displacement [um] and stress over E under inversion.

    Args:
        folder: Empty folder for the mesh.
        cells: Along each side of the cylinder.
    """
    body = block("axisymmetric", cells=cells)
    roles = replace(body.roles(NoParameters(), ""), symmetry={"x0": 0})
    body = replace(body, roles=lambda p, kinematics: roles)
    numbers = Numbers(read(body, folder, order=1))
    centre, radius = -3.0, 4.0
    r, z = numbers.domain.kinematics.position
    square = r**2 + (z - centre) ** 2
    law = Solid(
        elasticity(numbers), Elastic(), lambda x: 1.0 + ((radius**2 / square) ** 3 - 1.0) * x
    )
    simulation = Simulation(numbers, [Region("solid", law, uniform_species())])
    displacement = radius**2 / square * ufl.as_vector([r, centre - z]) - ufl.as_vector([r, z])
    u = simulation.state["u"]
    # only at full charge does swelling fit together, so that is where the search begins
    u.interpolate(compile_expression(displacement, element_points(u.function_space)))
    simulation.step(soc=1.0)
    # of the height no more than one vertex is held
    error = u - displacement
    error -= ufl.as_vector([0.0, simulation.mean("solid", error[1])])
    cauchy = simulation.symbols.responses["solid"].cauchy
    squares = [simulation.mean("solid", ufl.inner(field, field)) for field in (error, cauchy)]
    return squares[0] ** 0.5, squares[1] ** 0.5 / YOUNG
