"""What cracks through a film on a deep substrate set free: linear elasticity in plane strain.

A film of thickness 1 is under tension sigma. Cracks through it, a distance S apart, run along
straight lines; far behind their fronts nothing changes along them, so the energy that each sets
free per length of front follows from how far it opens (Hutchinson and Suo 1992, section VII.A):

    G h = 1/2 sigma int_0^h opening dy,   Z = G E' / (sigma^2 h),   E' = E/(1 - nu^2) of the film.

The opening is that of a body without tension whose crack faces are pressed apart by sigma. One
half of a period is meshed; the crack ends at the interface.
"""

from __future__ import annotations

from mpi4py import MPI
from petsc4py import PETSc

import dolfinx.fem.petsc as fem_petsc
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, mesh

from anodefem.compilation import compile_form
from anodefem.meshing.grid import graded, joined

Array = npt.NDArray[np.float64]

#: Smallest cells, at the tip of the crack, and largest of the film, over its thickness. On a soft
#: substrate the tip is nearly as singular as a point force: 1e-5 is 9 % off at alpha = 0.98.
TIP, WIDE = 1e-8, 0.2
#: Poisson's ratio of both materials at which Dundurs' beta is alpha/4.
THIRD = 1.0 / 3.0
#: Distance over the thickness at which cracks do not notice each other, to 1e-5 up to alpha = 0.98.
ALONE = 4096.0


def stiffness_ratio(alpha: float) -> float:
    """E' of the substrate over that of the film, from Dundurs' (E'f - E's)/(E'f + E's)."""
    return (1.0 - alpha) / (1.0 + alpha)


def dundurs_beta(alpha: float, film: float, substrate: float) -> float:
    """Second of Dundurs' parameters in plane strain, from the first and Poisson's ratios.

    Args:
        alpha: First of Dundurs' parameters.
        film: Poisson's ratio of the film.
        substrate: Poisson's ratio of the substrate.
    """
    ratio = stiffness_ratio(alpha) * (1.0 - substrate) / (1.0 - film)  # of shear moduli
    return (
        ((1.0 - 2.0 * substrate) - ratio * (1.0 - 2.0 * film))
        / ((1.0 - substrate) + ratio * (1.0 - film))
        / 2.0
    )


class CrackCell:
    """Half a period of a cracked film, for any moduli."""

    def __init__(self, spacing: float = ALONE) -> None:
        """Mesh and compile.

        Args:
            spacing: Distance S between cracks over the thickness of the film.
        """
        lines = cell_lines(spacing)
        half, deep = float(lines[0][-1]), float(-lines[1][0])
        counts = [len(line) - 1 for line in lines]
        grid = mesh.create_rectangle(
            MPI.COMM_SELF, [np.zeros(2), np.array(counts, dtype=float)], counts
        )
        for axis, line in enumerate(lines):
            grid.geometry.x[:, axis] = line[np.rint(grid.geometry.x[:, axis]).astype(int)]
        self._space = fem.functionspace(grid, ("Lagrange", 2, (2,)))
        self._compile(grid, half, deep)

    def _compile(self, grid: mesh.Mesh, half: float, deep: float) -> None:
        """Forms and supports.

        Args:
            grid: Mesh of half a period, over the thickness of the film.
            half: Half of the distance between cracks, likewise.
            deep: Depth of the substrate, likewise.
        """
        cells = np.arange(grid.topology.index_map(2).size_local, dtype=np.int32)
        self._covered = mesh.compute_midpoints(grid, 2, cells)[:, 1] > 0.0
        constant = fem.functionspace(grid, ("DG", 0))
        self._lame = tuple(fem.Function(constant) for _ in range(2))
        u, v = ufl.TrialFunction(self._space), ufl.TestFunction(self._space)
        strain = ufl.sym(ufl.grad(u))
        first, shear = self._lame
        stress = first * ufl.tr(strain) * ufl.Identity(2) + 2 * shear * strain
        self._stiffness = compile_form(
            ufl.inner(stress, ufl.grad(v)) * ufl.dx(metadata={"quadrature_degree": 2})
        )
        faces = mesh.locate_entities_boundary(
            grid, 1, lambda x: np.isclose(x[0], 0.0, atol=1e-12) & (x[1] > -1e-12)
        )
        tags = mesh.meshtags(grid, 1, faces, np.ones(len(faces), dtype=np.int32))
        pressed = v[0] * ufl.Measure("ds", domain=grid, subdomain_data=tags)(1)
        self._load = compile_form(pressed)
        planes = (
            (0, lambda x: np.isclose(x[0], 0.0, atol=1e-12) & (x[1] < 1e-12)),
            (0, lambda x: np.isclose(x[0], half)),
            (1, lambda x: np.isclose(x[1], -deep)),
        )
        self._held = []
        for axis, where in planes:
            part = self._space.sub(axis)
            facets = mesh.locate_entities_boundary(grid, 1, where)
            dofs = fem.locate_dofs_topological(part, 1, facets)
            self._held.append(fem.dirichletbc(PETSc.ScalarType(0.0), dofs, part))

    def release(self, alpha: float, *, film: float = THIRD, substrate: float = THIRD) -> float:
        """Z of cracks that all run at once.

        Args:
            alpha: First of Dundurs' parameters; negative on a substrate stiffer than the film.
            film: Poisson's ratio.
            substrate: Likewise.
        """
        plane = np.where(self._covered, 1.0, stiffness_ratio(alpha))  # E'
        poisson = np.where(self._covered, film, substrate)
        shear = plane * (1.0 - poisson) / 2.0
        for field, values in zip(
            self._lame, (2.0 * shear * poisson / (1.0 - 2.0 * poisson), shear), strict=True
        ):
            field.x.array[:] = values
        matrix = fem_petsc.assemble_matrix(self._stiffness, bcs=self._held)
        matrix.assemble()
        load = fem_petsc.assemble_vector(self._load)
        work = load.copy()
        fem_petsc.set_bc(load, self._held)
        solver = PETSc.KSP().create(MPI.COMM_SELF)
        solver.setOperators(matrix)
        solver.setType("preonly")
        solver.getPC().setType("lu")
        solver.getPC().setFactorSolverType("mumps")
        opening = load.duplicate()
        solver.solve(load, opening)
        released = float(work.dot(opening))
        for each in (solver, matrix, load, work, opening):
            each.destroy()
        return released


def cell_lines(spacing: float, tip: float = TIP) -> tuple[Array, Array]:
    """Coordinates of a grid along the film and across it, over its thickness.

    Args:
        spacing: Distance between cracks; the grid ends midway between two.
        tip: Size of the cells at the tip of the crack, which is at (0, 0).
    """
    film = joined(graded(0.0, 0.5, first=tip, last=WIDE), graded(0.5, 1.0, first=WIDE, last=WIDE))
    substrate = -_away(max(2.0 * spacing, 20.0), tip)[::-1]
    return _away(spacing / 2.0, tip), np.asarray(joined(substrate, film), dtype=np.float64)


def _away(end: float, tip: float) -> Array:
    """Coordinates from the tip at 0, with cells that grow with their distance from it.

    Args:
        end: Last coordinate over the thickness of the film.
        tip: Size of the first cell over that thickness.
    """
    near = min(1.0, end / 2.0)
    wide = WIDE * near
    far = graded(near, end, first=wide, last=max(wide, 0.15 * end))
    return np.asarray(joined(graded(0.0, near, first=tip, last=wide), far), dtype=np.float64)
