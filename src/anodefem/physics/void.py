"""Voids filled with a third medium, and contact through them.

The medium is so soft that nobody feels it until it is squeezed flat between two solids; then it
carries the contact pressure from one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Physics
from anodefem.fem.domain import MEDIUM_DEGREE
from anodefem.fem.forms import added
from anodefem.fem.periodic import Ties
from anodefem.fem.symbols import Symbols
from anodefem.laws.kinematics import cofactor_normal
from anodefem.laws.medium import PenaltyMedium, ThirdMedium
from anodefem.physics.mechanics import GPA


class Void(Physics):
    """Voids of the geometry.

    Attributes:
        stiffness: Of the medium that fills them [MPa].
    """

    name = "void"

    def __init__(self, stiffness: float) -> None:
        """Fill the voids of the geometry.

        Args:
            stiffness: Of the medium [MPa].
        """
        self.stiffness = stiffness

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Where contact pressure is read, seen from the void."""
        return {"contact": s.facing_voids(s.domain.manifest.roles.contact)}

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Int P : grad v dX over the voids, by motion."""
        found: dict[str, list[ufl.Form]] = {}
        roles = s.domain.manifest.roles
        for name in roles.medium:
            law = self._law(s, name)
            piola = law.piola(s.F(name)) + law.drag(*self._changes(s))
            dx = s.domain.dx(name, degree=MEDIUM_DEGREE)
            for variation in s.variations(name):
                work = ufl.inner(piola, variation.gradient) / s.stress_scale
                found.setdefault(variation.unknown, []).append(work * s.kinematics.weight * dx)
            if name in roles.unstructured:
                energy = self._fold_energy(s, law) / s.stress_scale * s.kinematics.weight * dx
                found["u"].append(s.derivative(energy, "u"))
        return {unknown: added(parts) for unknown, parts in found.items()}

    def _law(self, s: Symbols, name: str) -> PenaltyMedium | ThirdMedium:
        """Law of the medium in a void."""
        loose = name in s.domain.manifest.roles.loose
        return (PenaltyMedium if loose else ThirdMedium)(self.stiffness)

    def _fold_energy(self, s: Symbols, law: PenaltyMedium | ThirdMedium) -> Expr:
        """Energy of the folds of cells [MPa]; motions other than the displacement fold nothing."""
        mesh = s.domain.mesh
        size = abs(ufl.JacobianDeterminant(mesh)) ** (1.0 / s.domain.dim)
        return law.fold_energy(ufl.grad(ufl.grad(s.state["u"])), size)

    def _changes(self, s: Symbols) -> tuple[Expr, Expr]:
        """Changes in a step: of the deformation gradient, and of the charge, 1 being full."""
        change = s.kinematics.gradient(s.state["u"] - s.state.start("u"))
        return change, abs(s.state.charging) * s.state.dt

    @columns(
        Column(
            "contact_pressure_mean",
            "GPa",
            "normal force through the void over current area, from the work of the nodal forces",
        ),
        Column("contact_pressure_max", "GPa", "largest nodal force over the area of its node"),
    )
    def contact(self, s: Symbols) -> Evaluate:
        """Pressure through the void, from its nodal forces.

        Single stresses of a medium squeezed flat are off by a few per cent. Its nodal forces hold
        the body and are right. Both columns use those of linear functions along the contact
        surface, in the direction of the nodal normal, over what these functions have of its area.
        """
        domain, kinematics = s.domain, s.kinematics
        if not (domain.manifest.roles.contact and domain.manifest.roles.medium):
            return dict
        F, weight = s.F(), kinematics.weight
        space = fem.functionspace(domain.mesh, ("Lagrange", 1, (domain.mesh.geometry.dim,)))
        ties = Ties(domain, space)
        test = ufl.TestFunction(space)
        pulls = [
            ufl.inner(self._law(s, name).piola(F), kinematics.gradient(test))
            * weight
            * domain.dx(name, degree=MEDIUM_DEGREE)
            for name in domain.manifest.roles.medium
        ]
        area = ufl.dot(cofactor_normal(F, s.normal), kinematics.vector(test))
        forms = [compile_form(each) for each in (added(pulls), area * weight * s.ds("contact"))]
        nodal = fem.Function(space)

        def assembled(form: fem.Form) -> npt.NDArray[np.float64]:
            """One vector for each node that this rank owns, shape (nodes, dim)."""
            ties.assemble(nodal.x, form)
            owned = space.dofmap.index_map.size_local
            return nodal.x.array.reshape(-1, domain.dim)[:owned].copy()

        def evaluate() -> dict[str, float]:
            forces, areas = map(assembled, forms)
            size = np.linalg.norm(areas, axis=1)
            touching = size > 0.0
            size, normals = size[touching], areas[touching] / size[touching, None]
            # the normal points out of the void: a pressure pulls its node the other way
            push = -np.einsum("ij,ij->i", forces[touching], normals)
            sums = domain.comm.allreduce(np.array([push.sum(), size.sum()]), op=MPI.SUM)
            largest = float((push / size).max(initial=-np.inf))
            return {
                "contact_pressure_mean": GPA * float(sums[0] / sums[1]),
                "contact_pressure_max": GPA * domain.comm.allreduce(largest, op=MPI.MAX),
            }

        return evaluate
