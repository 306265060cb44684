"""Uniform strain on distorted meshes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from dolfinx import fem

from anodefem.compilation import compile_form
from anodefem.laws.elasticity import NeoHookean
from anodefem.laws.kinematics import Kind
from anodefem.laws.plasticity import (
    Elastic,
)
from anodefem.laws.solid import Solid
from anodefem.laws.swelling import cartesian
from anodefem.model.regions import Region
from anodefem.verify.problem import Outcome, at_most, problem
from anodefem.verify.problems.hencky import FULL, at_swelling, elasticity, perfect
from anodefem.workbench.bodies import block, read
from anodefem.workbench.numbers import Numbers, uniform_species
from anodefem.workbench.simulation import Simulation


@problem(
    "patch-test",
    title="Uniform strain on distorted meshes is in equilibrium",
    group="Discretisation",
    question="Does a body of distorted cells carry a uniform state exactly, whatever its law?",
    exact="A displacement that is linear in the position gives a uniform stress, and no force on "
    "an inner node: the largest one over the largest on the surface is round-off.",
    quick=False,
)
def patch_test(folder: Path) -> Outcome:
    """Three kinematics; logarithmic strain with flow and axes, and neo-Hookean."""
    checks = []
    kinds: tuple[Kind, ...] = ("plane_strain", "axisymmetric", "3d")
    for kind in kinds:
        cells = 2 if kind == "3d" else 3
        body = block(kind, cells=cells, distortion=0.25)
        numbers = Numbers(read(body, folder / kind, order=1))
        equal = (0.3, 0.3, 0.4)
        anisotropy = cartesian(equal, numbers.domain.kinematics)
        expansion = numbers.linear("swelling", 1.0, FULL)
        for name, law in (
            ("neo-Hookean", Solid(elasticity(numbers, NeoHookean), Elastic(), expansion)),
            (
                "Hencky, flowing, with axes",
                Solid(elasticity(numbers), perfect(numbers), expansion, anisotropy=anisotropy),
            ),
        ):
            simulation = Simulation(numbers, [Region("solid", law, uniform_species())])
            inner, outer = _forces(simulation, kind)
            checks.append(
                at_most(
                    f"force on an inner node over that on an outer one, {kind}, {name} [-]",
                    inner / outer,
                    1e-12,
                    reason="the integrals are exact for a uniform stress: round-off is left",
                )
            )
    return Outcome(checks=checks)


def _forces(simulation: Simulation, kind: Kind) -> tuple[float, float]:
    """Largest nodal forces inside and on the surface under a uniform gradient at Jc = 1.2.

    Args:
        simulation: Body with its laws and its solver.
        kind: Kinematics of the body.
    """
    state, nodes = simulation.state, simulation.displacement()[0]
    gradient = np.array([[0.05, 0.04, -0.02], [0.03, -0.06, 0.01], [0.02, 0.05, 0.04]])
    if kind == "axisymmetric":
        gradient = np.diag([0.05, -0.06, 0.0])
    dim = nodes.shape[1]
    state["u"].x.array[:] = (nodes @ gradient[:dim, :dim].T).ravel()
    state.soc.value, state.dt.value = float(at_swelling(1.2)), 1.0
    forces = fem.assemble_vector(compile_form(simulation.model.residual["u"])).array
    forces = np.abs(forces.reshape(-1, dim))
    # on the axis of symmetry the radial force vanishes with the radius and the axial one is inner
    low = -1e-9 if kind == "axisymmetric" else 1e-9
    inner = (nodes[:, 0] > low) & (nodes[:, 0] < 1.0 - 1e-9)
    inner &= ((nodes[:, 1:] > 1e-9) & (nodes[:, 1:] < 1.0 - 1e-9)).all(axis=1)
    return float(forces[inner].max()), float(forces[~inner].max())
