"""The reference problem as a script of one page solves it: plain dolfinx, Newton, MUMPS.

Deliberately without anything that the package does to be fast: one mixed element, one Jacobian of
all unknowns, a factorisation by MUMPS in every iteration, residuals with `apply_lifting`. The
quadrature degree is set, as that of UFL would be some ten times more expensive.
"""

from __future__ import annotations

from dataclasses import dataclass

from petsc4py import PETSc

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc

#: Silicon that swells and does not flow [MPa, um, s]: numbers of the card silicon-kit, with a
#: diffusivity that is assumed, as costs do not depend on it.
YOUNG, POISSON, VOLUME_RATIO = 90.13e3, 0.22, 4.4137
RT_C_MAX, DIFFUSIVITY = 772.0, 1e-5
START, RATE, STEP = 0.02, 1 / 36000.0, 180.0
DEGREE = 4
TOLERANCE, ITERATIONS = 1e-8, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was solved.

    Attributes:
        unknowns: Their number.
        iterations: Of Newton's method, in all steps.
        fraction: Mean lithium fraction at the end, and what it should be.
    """

    unknowns: int
    iterations: int
    fraction: tuple[float, float]


def solve(domain: mesh.Mesh, radius: float, steps: int) -> Outcome:
    """Charge an eighth of an elastic ball for a few steps.

    Args:
        domain: An eighth of a ball with its centre at the origin [um].
        radius: Of the ball [um].
        steps: In time.

    Raises:
        ArithmeticError: Newton's method does not converge.
    """
    cell = domain.basix_cell()
    element = basix.ufl.mixed_element(
        [
            basix.ufl.element("P", cell, 2, shape=(3,)),
            basix.ufl.element("P", cell, 1),
            basix.ufl.element("P", cell, 1),
        ]
    )
    space = fem.functionspace(domain, element)
    w, old = fem.Function(space), fem.Function(space)
    u, x, mu = ufl.split(w)
    v, q, r = ufl.TestFunctions(space)
    dx = ufl.Measure("dx", domain, metadata={"quadrature_degree": DEGREE})

    shear, bulk = YOUNG / (2 * (1 + POISSON)), YOUNG / (3 * (1 - 2 * POISSON))
    F = ufl.variable(ufl.Identity(3) + ufl.grad(u))
    fraction = ufl.variable(x)
    swelling = 1 + (VOLUME_RATIO - 1) * fraction
    Fe = F * swelling ** (-1 / 3)
    Je = ufl.det(Fe)
    energy = swelling * (
        shear / 2 * (ufl.tr(Fe.T * Fe) * Je ** (-2 / 3) - 3)
        + bulk / 2 * ((Je**2 - 1) / 2 - ufl.ln(Je))
    )
    # mu over RT, the energy and stresses over RT c_max
    P = ufl.diff(energy, F) / RT_C_MAX
    chemical = ufl.ln(x / (1 - x)) + ufl.diff(energy, fraction) / RT_C_MAX
    inverse = ufl.inv(F)
    flux = DIFFUSIVITY * x * (1 - x) * ufl.dot(inverse * inverse.T, ufl.grad(mu))

    facets = mesh.locate_entities_boundary(
        domain, 2, lambda p: np.linalg.norm(p, axis=0) > 0.99 * radius
    )
    tags = mesh.meshtags(domain, 2, facets, np.ones(len(facets), dtype=np.int32))
    ds = ufl.Measure("ds", domain, subdomain_data=tags, metadata={"quadrature_degree": DEGREE})
    volume, area = (
        domain.comm.allreduce(fem.assemble_scalar(fem.form(one)))
        for one in (1.0 * dx, fem.Constant(domain, 1.0) * ds(1))
    )
    inward = fem.Constant(domain, RATE * volume / area)
    _, x_old, _ = ufl.split(old)
    residual = (
        ufl.inner(P, ufl.grad(v)) * dx
        + ((x - x_old) / STEP * q + ufl.dot(flux, ufl.grad(q))) * dx
        - inward * q * ds(1)
        + (mu - chemical) * r * dx
    )
    problem = _Newton(w, residual, _symmetry(domain, space))

    w.sub(1).interpolate(lambda p: np.full(p.shape[1], START))
    w.sub(2).interpolate(lambda p: np.full(p.shape[1], np.log(START / (1 - START))))
    growth = (1 + (VOLUME_RATIO - 1) * START) ** (1 / 3) - 1
    w.sub(0).interpolate(lambda p: growth * p)
    iterations = 0
    for _ in range(steps):
        old.x.array[:] = w.x.array
        iterations += problem.solve()
    mean = domain.comm.allreduce(fem.assemble_scalar(fem.form(x * dx))) / volume
    unknowns = space.dofmap.index_map.size_global * space.dofmap.index_map_bs
    return Outcome(
        unknowns=unknowns, iterations=iterations, fraction=(mean, START + RATE * STEP * steps)
    )


def _symmetry(domain: mesh.Mesh, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
    """Hold the displacement through the planes of symmetry.

    Args:
        domain: An eighth of a ball.
        space: Of all unknowns.
    """
    held = []
    for axis in range(3):
        part = space.sub(0).sub(axis)
        plane = mesh.locate_entities_boundary(
            domain, 2, lambda p, axis=axis: np.isclose(p[axis], 0.0, atol=1e-9)
        )
        held.append(fem.dirichletbc(0.0, fem.locate_dofs_topological(part, 2, plane), part))
    return held


class _Newton:
    """Newton's method with a factorisation in every iteration."""

    def __init__(self, w: fem.Function, residual: ufl.Form, held: list[fem.DirichletBC]) -> None:
        """Compile the forms.

        Args:
            w: All unknowns.
            residual: Its form.
            held: Values that are given.
        """
        self._w, self._held = w, held
        self._residual, self._jacobian = fem.form(residual), fem.form(ufl.derivative(residual, w))
        self._solver = PETSc.KSP().create(w.function_space.mesh.comm)
        self._solver.setType(PETSc.KSP.Type.PREONLY)
        factors = self._solver.getPC()
        factors.setType(PETSc.PC.Type.LU)
        factors.setFactorSolverType("mumps")

    def solve(self) -> int:
        """Solve one step and return the number of iterations."""
        start = None
        for iteration in range(1, ITERATIONS + 1):
            b = self._assembled()
            matrix = petsc.assemble_matrix(self._jacobian, bcs=self._held)
            matrix.assemble()
            self._solver.setOperators(matrix)
            increment = b.duplicate()
            self._solver.solve(b, increment)
            increment.ghostUpdate(PETSc.InsertMode.INSERT, PETSc.ScatterMode.FORWARD)
            with increment.localForm() as local:
                change: npt.NDArray[np.float64] = local.array_r.copy()
            self._w.x.array[:] -= change
            size = increment.norm()
            start = start or size
            matrix.destroy()
            if not np.isfinite(size):
                break
            if size <= TOLERANCE * start:
                return iteration
        raise ArithmeticError("Newton's method did not converge")

    def _assembled(self) -> PETSc.Vec:
        b = petsc.assemble_vector(self._residual)
        petsc.apply_lifting(b, [self._jacobian], [self._held], [self._w.x.petsc_vec], -1.0)
        b.ghostUpdate(PETSc.InsertMode.ADD, PETSc.ScatterMode.REVERSE)
        petsc.set_bc(b, self._held, self._w.x.petsc_vec, -1.0)
        return b
