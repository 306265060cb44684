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
from anodefem.laws.medium import ThirdMedium
from anodefem.physics.mechanics import GPA

#: See `Void._drag`; in charge, 1 being full.
DRAG, SMALLEST_CHARGE = 1e-4, 1e-8


class Void(Physics):
    """Voids of the geometry.

    Attributes:
        law: Of the medium that fills them.
    """

    name = "void"

    def __init__(self, law: ThirdMedium) -> None:
        """Fill the voids of the geometry.

        Args:
            law: Of the medium.
        """
        self.law = law

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Where contact pressure is read, seen from the void."""
        return {"contact": s.facing_voids(s.domain.manifest.roles.contact)}

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Int P : grad v dX over the voids, by motion."""
        found: dict[str, list[ufl.Form]] = {}
        roles = s.domain.manifest.roles
        for name in roles.medium:
            piola = self.law.piola(s.F(name)) + self._drag(s)
            dx = s.domain.dx(name, degree=MEDIUM_DEGREE)
            for variation in s.variations(name):
                work = ufl.inner(piola, variation.gradient) / s.stress_scale
                found.setdefault(variation.unknown, []).append(work * s.kinematics.weight * dx)
            if name in roles.unstructured:
                energy = self._fold_energy(s) / s.stress_scale * s.kinematics.weight * dx
                found["u"].append(s.derivative(energy, "u"))
        return {unknown: added(parts) for unknown, parts in found.items()}

    def _fold_energy(self, s: Symbols) -> Expr:
        """Energy of the folds of cells [MPa]; motions other than the displacement fold nothing."""
        mesh = s.domain.mesh
        size = abs(ufl.JacobianDeterminant(mesh)) ** (1.0 / s.domain.dim)
        return self.law.fold_energy(ufl.grad(ufl.grad(s.state["u"])), size)

    def _drag(self, s: Symbols) -> Expr:
        """Stress [MPa] against changes in a step: what keeps buckled cells where they are.

        Over the stiffness of the medium it is the square of `DRAG` over the charge that the step
        moves: next to nothing in steps of normal length, so that pressures on the way back are
        those on the way there, and ever more in shorter ones; nothing at rest.
        """
        change = s.kinematics.gradient(s.state["u"] - s.state.start("u"))
        moved = abs(s.state.charging) * s.state.dt
        share = DRAG * moved / (moved**2 + SMALLEST_CHARGE**2)
        return self.law.stiffness * share**2 * change

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
        dx = domain.dx(*domain.manifest.roles.medium, degree=MEDIUM_DEGREE)
        pull = ufl.inner(self.law.piola(F), kinematics.gradient(test))
        area = ufl.dot(cofactor_normal(F, s.normal), kinematics.vector(test))
        forms = [
            compile_form(each) for each in (pull * weight * dx, area * weight * s.ds("contact"))
        ]
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
