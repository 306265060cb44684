"""Flaws: places that are weak, or broken before anything happens."""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import fem, geometry, mesh

from anodefem.cases import Flaw, RandomFlaws
from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.fem.model import Model
from anodefem.parallel import reduce
from anodefem.physics.cracks import Cracks

Array = npt.NDArray[np.float64]

#: Places drawn at a time; the outcome does not depend on it.
BATCH = 4096


def distance(flaw: Flaw, points: Array, thickness: float) -> Array:
    """Distance [um] of points, shape (n, dim), from a flaw; 0 inside.

    Args:
        flaw: Round: a ball. Flat: a disc with a round rim.
        points: Reference configuration [um].
        thickness: Of a flat one [um].
    """
    offset = points - np.asarray(flaw.at)
    if flaw.normal is None:
        return np.maximum(np.linalg.norm(offset, axis=1) - flaw.size / 2, 0.0)
    along = offset @ np.asarray(flaw.normal)
    across = np.sqrt(np.maximum((offset**2).sum(axis=1) - along**2, 0.0))
    rim = np.maximum(across - (flaw.size - thickness) / 2, 0.0)
    return np.maximum(np.hypot(rim, along) - thickness / 2, 0.0)


def drawn(domain: Domain, regions: Sequence[str], choice: RandomFlaws) -> tuple[Flaw, ...]:
    """Draw the places of round flaws, evenly over the reference volume of some regions.

    Places are drawn in space, so they depend on the mesh only where its surface is not exact, and
    not on the ranks; collective.

    Args:
        domain: Mesh.
        regions: What the flaws lie in.
        choice: How many, how large, and the seed.
    """
    grid, dim, comm = domain.mesh, domain.mesh.geometry.dim, domain.comm
    cells = domain.cells(*regions)
    owned = cells[cells < domain.owned_cells]
    nodes = grid.geometry.x[np.unique(mesh.entities_to_geometry(grid, domain.dim, owned)), :dim]
    low = reduce(comm, nodes.min(axis=0, initial=np.inf), MPI.MIN)
    high = reduce(comm, nodes.max(axis=0, initial=-np.inf), MPI.MAX)
    tree = geometry.bb_tree(grid, domain.dim, entities=owned) if len(owned) else None
    generator = np.random.default_rng(choice.seed)
    found: list[Array] = []
    while sum(map(len, found)) < choice.count:
        numbers = generator.random((BATCH, dim + 1))
        places = low + numbers[:, :dim] * (high - low)
        if domain.kinematics.kind == "axisymmetric":
            # a ring at twice the radius stands for twice the volume
            places = places[numbers[:, dim] < places[:, 0] / high[0]]
        inside: Array = np.zeros(len(places))
        if tree is not None:
            points = np.zeros((len(places), 3))
            points[:, :dim] = places
            near = geometry.compute_collisions_points(tree, points)
            hits = geometry.compute_colliding_cells(grid, near, points)
            inside = np.diff(hits.offsets).astype(np.float64)
        found.append(places[reduce(comm, inside, MPI.MAX) > 0.0])
    chosen = np.concatenate(found)[: choice.count]
    return tuple(
        Flaw(at=tuple(map(float, place)), size=choice.size, toughness_kept=choice.toughness_kept)
        for place in chosen
    )


def weakened(domain: Domain, flaws: Sequence[Flaw], thickness: float) -> fem.Function:
    """Factor of toughness, one value a cell: what the flaws keep of it where a cell's middle is.

    Args:
        domain: Mesh.
        flaws: Broken ones do not change it.
        thickness: Of flat ones [um].
    """
    grid = domain.mesh
    field = fem.Function(fem.functionspace(grid, ("DG", 0)))
    middles = field.function_space.tabulate_dof_coordinates()[:, : grid.geometry.dim]
    field.x.array[:] = 1.0
    for flaw in flaws:
        if flaw.toughness_kept:
            inside = distance(flaw, middles, thickness) == 0.0
            field.x.array[inside] = np.minimum(field.x.array[inside], flaw.toughness_kept)
    return field


def seed(model: Model, cracks: Cracks, flaws: Sequence[Flaw]) -> None:
    """Break the material in its flaws, with the profile of a crack around them; collective.

    A flat flaw is as thick as the smearing length. With two cells over that length, a cell that
    holds the middle of a flaw, or that its plane runs through, is broken wholly. Weak flaws are
    only checked.

    Args:
        model: Has the crack field.
        cracks: What can break.
        flaws: Where it is broken or weak.

    Raises:
        InputError: A flaw lies where nothing can break.
    """
    state, domain = model.state, model.domain
    space, dim = state["crack"].function_space, domain.mesh.geometry.dim
    points = space.tabulate_dof_coordinates()[:, :dim]
    cells = space.dofmap.list[domain.cells(*cracks.toughness)]
    thickness = float(cracks.law.length)
    values = state["crack"].x.array
    covered = np.zeros(len(flaws))
    for number, flaw in enumerate(flaws):
        away = distance(flaw, points, thickness)
        covered[number] = (away[cells] == 0.0).all(axis=1).any()
        if not flaw.toughness_kept:
            np.maximum(values, cracks.law.profile(away), out=values)
    values[model.inactive_dofs("crack")] = 0.0
    state.start("crack").x.array[:] = values
    missed = np.flatnonzero(reduce(domain.comm, covered, MPI.MAX) == 0.0)
    if len(missed):
        flaw = flaws[missed[0]]
        place = ", ".join(f"{x:g}" for x in flaw.at)
        raise InputError(
            f"fracture: the flaw at ({place}) um of size {flaw.size:g} um covers no cell of "
            f"{', '.join(cracks.toughness)}; give a place inside."
        )
