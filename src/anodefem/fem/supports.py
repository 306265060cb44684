"""What a mesh says of where a body is held, and which unknowns no equation touches."""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem, la

from anodefem.fem.domain import Domain


def symmetry(domain: Domain, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
    """Return the planes of symmetry on a space of displacements or of their jumps.

    Args:
        domain: Mesh.
        space: Vector-valued.
    """
    zero, held = default_scalar_type(0.0), []
    for name, component in domain.manifest.roles.symmetry.items():
        part = space.sub(component)
        dofs = fem.locate_dofs_topological(part, domain.dim - 1, domain.facets(name))
        held.append(fem.dirichletbc(zero, dofs, part))
    return held


def supports(domain: Domain, space: fem.FunctionSpace) -> list[fem.DirichletBC]:
    """Return planes of symmetry and anchors on a space of displacements.

    Args:
        domain: Mesh.
        space: Vector-valued.
    """
    held, zero = symmetry(domain, space), default_scalar_type(0.0)
    for point, component in domain.manifest.roles.anchor:
        dofs = _at(domain, space, point) * space.dofmap.index_map_bs + component
        held.append(fem.dirichletbc(zero, dofs.astype(np.int32), space.sub(component)))
    return held


def untouched(
    domain: Domain, space: fem.FunctionSpace, names: Sequence[str]
) -> npt.NDArray[np.int32]:
    """Return the blocks of a space that no cell of some regions touches, ghosts included.

    Args:
        domain: Mesh.
        space: Any.
        names: Regions.
    """
    return np.flatnonzero(~touched(domain, space, names)).astype(np.int32)


def touched(
    domain: Domain, space: fem.FunctionSpace, names: Sequence[str]
) -> npt.NDArray[np.bool_]:
    """Return for every block of a space whether a cell of some regions touches it; collective.

    Args:
        domain: Mesh.
        space: Any.
        names: Regions.
    """
    found = fem.Function(space)
    cells = domain.cells(*names)
    owned = cells[cells < domain.owned_cells]
    blocks = np.unique(space.dofmap.list[owned])
    size = space.dofmap.index_map_bs
    found.x.array.reshape(-1, size)[blocks] = 1.0
    found.x.scatter_reverse(la.InsertMode.add)
    found.x.scatter_forward()
    return np.asarray(found.x.array.reshape(-1, size)[:, 0] != 0.0)


def _at(domain: Domain, space: fem.FunctionSpace, point: Sequence[float]) -> npt.NDArray[np.int32]:
    """Blocks of a displacement space at a mesh vertex."""
    x = space.tabulate_dof_coordinates()[:, : len(point)]
    distance = np.linalg.norm(x - np.asarray(point), axis=1)
    size = domain.comm.allreduce(float(np.abs(x).max(initial=0.0)), op=MPI.MAX)
    return np.flatnonzero(distance < 1e-6 * size).astype(np.int32)
