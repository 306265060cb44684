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
from dolfinx import fem, la

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Physics
from anodefem.fem.domain import MEDIUM_DEGREE
from anodefem.fem.facets import FacetMeans
from anodefem.fem.forms import added
from anodefem.fem.symbols import Symbols
from anodefem.laws.kinematics import cofactor_normal
from anodefem.laws.medium import ThirdMedium
from anodefem.physics.mechanics import GPA


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
        for name in s.domain.manifest.roles.medium:
            piola, dx = self.law.piola(s.F(name)), s.domain.dx(name, degree=MEDIUM_DEGREE)
            for variation in s.variations(name):
                work = ufl.inner(piola, variation.gradient) / s.stress_scale
                found.setdefault(variation.unknown, []).append(work * s.kinematics.weight * dx)
        return {unknown: added(parts) for unknown, parts in found.items()}

    @columns(
        Column(
            "contact_pressure_mean",
            "GPa",
            "normal force through the void over current area, from the work of the nodal forces",
        ),
        Column(
            "contact_pressure_max",
            "GPa",
            "largest facet mean of the pressure read in the void; 1 to 3 % high after contact",
        ),
    )
    def contact(self, s: Symbols) -> Evaluate:
        """Pressure through the void at facets, and the work that its forces do.

        Single stresses of a medium squeezed flat are off by a few per cent. Its nodal forces hold
        the body and are right, so the mean pressure is taken from their work.
        """
        domain, kinematics = s.domain, s.kinematics
        if not (domain.manifest.roles.contact and domain.manifest.roles.medium):
            return dict
        F, weight, total = s.F(), kinematics.weight, domain.total
        piola = self.law.piola(F)
        pressure = -ufl.dot(ufl.dot(piola, s.normal), s.surface.normal)
        values = ufl.as_vector([pressure, s.surface.area_ratio])
        means = FacetMeans(domain, values, s.ds("contact", degree=2))
        space = fem.functionspace(domain.mesh, ("Lagrange", 1, (domain.mesh.geometry.dim,)))
        # virtual displacement: unit vectors along the normals of the touching surface
        push = fem.Function(space)
        test, ds = kinematics.vector(ufl.TestFunction(space)), s.ds("contact")
        area = cofactor_normal(F, s.normal)
        dx = domain.dx(*domain.manifest.roles.medium, degree=MEDIUM_DEGREE)
        normals = compile_form(ufl.dot(area, test) * weight * ds)
        work = compile_form(-ufl.inner(piola, kinematics.gradient(push)) * weight * dx)
        size = compile_form(ufl.dot(area, kinematics.vector(push)) * weight * ds)

        def evaluate() -> dict[str, float]:
            push.x.array[:] = 0.0
            fem.assemble_vector(push.x.array, normals)
            push.x.scatter_reverse(la.InsertMode.add)
            push.x.scatter_forward()
            rows = push.x.array.reshape(-1, domain.dim)
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
            force, ratio = means.evaluate().T
            largest = float((force / ratio).max(initial=-np.inf))
            return {
                "contact_pressure_mean": GPA * total(work) / total(size),
                "contact_pressure_max": GPA * domain.comm.allreduce(largest, op=MPI.MAX),
            }

        return evaluate
