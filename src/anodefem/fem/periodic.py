"""Unknowns on opposite sides of a body that goes on periodically, which have the same values.

Vectors keep their full size: with T, which gives every unknown that follows the value of the one it
follows, the Jacobian is T^T K T, the residual T^T r, and an increment y stands for T y. A rank
keeps what it owns of the sides, and exchanges values with those that own what is opposite.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem, la

from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.meshing.periodic import across, partners

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Side(NamedTuple):
    """Nodes on a side, of all ranks: places, shape ``(n, dim)``, and numbers over all ranks."""

    points: Array
    numbers: Places


def _side(domain: Domain, space: fem.FunctionSpace, name: str) -> Side:
    """Nodes on a facet group; collective."""
    start, end = space.dofmap.index_map.local_range
    found = fem.locate_dofs_topological(space, domain.dim - 1, domain.facets(name))
    found = found[found < end - start]
    points = space.tabulate_dof_coordinates()[found, : domain.dim]
    own = (points, start + found.astype(np.int64))
    return Side(*map(np.concatenate, zip(*domain.comm.allgather(own), strict=True)))


def _union(sides: Iterable[Side]) -> Side:
    """Nodes of some sides, each once."""
    points, numbers = map(np.concatenate, zip(*sides, strict=True))
    _, first = np.unique(numbers, return_index=True)
    return Side(points[first], numbers[first])


def _pairs(domain: Domain, space: fem.FunctionSpace) -> tuple[Places, Places]:
    """Numbers of nodes that follow, over all ranks and sorted, and of those they follow."""
    sides: dict[int, list[tuple[Side, Side]]] = {}
    for pair in domain.manifest.roles.periodic:
        one, other = (_side(domain, space, name) for name in pair)
        # a side is flat along the axis along which the body goes on
        sides.setdefault(across(one.points), []).append((one, other))
    every = [side.numbers for pairs in sides.values() for pair in pairs for side in pair]
    nodes = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *every]))
    root = np.arange(len(nodes))
    for axis in sorted(sides):
        leads, follows = (_union(each) for each in zip(*sides[axis], strict=True))
        number = partners(leads.points, follows.points)
        if number is None:
            both = ", ".join(chain(*domain.manifest.roles.periodic))
            raise InputError(f"the periodic sides of the mesh do not match ({both}); mesh it anew.")
        # what follows along an axis before goes where that leads, which leads there, too
        step = np.arange(len(nodes))
        place = np.searchsorted(nodes, follows.numbers)
        step[place] = np.searchsorted(nodes, leads.numbers[number])
        root = step[root]
    follow = np.flatnonzero(root != np.arange(len(nodes)))
    return nodes[follow], nodes[root[follow]]


def _parts(nodes: Places, size: int) -> Places:
    """Numbers of the unknowns of nodes, ``size`` of each."""
    return (nodes[:, None] * size + np.arange(size)).ravel()


class Ties:
    """Pairs of nodes of a space, numbered alike on all ranks: one leads, the other follows.

    Where the body goes on along two axes a node may lead up to three; none that follows leads. A
    body without periodic sides has no pairs, and nothing is done to what is given.
    All methods are collective; arrays begin with the unknowns that this rank owns.

    Attributes:
        count: Number of pairs, over all ranks.
    """

    def __init__(self, domain: Domain, space: fem.FunctionSpace) -> None:
        """Match the nodes of both sides.

        Args:
            domain: Mesh, with periodic sides or without.
            space: Lagrange.

        Raises:
            InputError: The sides do not match.
        """
        follows, leads = _pairs(domain, space)
        self.count = len(follows)
        self._comm, size = domain.comm, int(space.dofmap.index_map_bs)
        start, end = space.dofmap.index_map.local_range
        self._owned = (end - start) * size
        own = (start <= follows) & (follows < end)
        follows, leads = follows[own] - start, leads[own]
        starts = np.array(self._comm.allgather(start))
        rank = np.searchsorted(starts, leads, side="right") - 1
        self._follows = _parts(follows, size)
        there = np.stack([np.repeat(rank, size), _parts(leads - starts[rank], size)], axis=1)
        # its roots are all that a rank owns, its leaves what follows on this rank, in a row
        self._forest = PETSc.SF().create(self._comm)
        self._forest.setGraph(self._owned, None, there.astype(PETSc.IntType))

    def assemble(self, vector: la.Vector, form: fem.Form) -> None:
        """Assemble a form into a vector, what nodes that follow have into those that lead.

        Args:
            vector: Overwritten; its ghosts hold nothing.
            form: Linear, compiled.
        """
        vector.array[:] = 0.0
        fem.assemble_vector(vector.array, form)
        vector.scatter_reverse(la.InsertMode.add)
        self.fold(vector.array)

    def unite(self, values: Array) -> None:
        """Give all nodes that are one the sum of their values: T T^T r.

        Args:
            values: Changed in place.
        """
        self.fold(values)
        self.complete(values)

    def fold(self, values: Array) -> None:
        """Add the values of nodes that follow to those that lead, and make them zero: T^T r.

        Args:
            values: Changed in place.
        """
        if not self.count:
            return
        given = values[self._follows]
        values[self._follows] = 0.0
        self._forest.reduceBegin(MPI.DOUBLE, given, values, MPI.SUM)
        self._forest.reduceEnd(MPI.DOUBLE, given, values, MPI.SUM)

    def complete(self, values: Array) -> None:
        """Give nodes that follow the values of those that lead: T y.

        Args:
            values: Changed in place.
        """
        if not self.count:
            return
        given = np.empty(len(self._follows))
        self._forest.bcastBegin(MPI.DOUBLE, values, given, MPI.REPLACE)
        self._forest.bcastEnd(MPI.DOUBLE, values, given, MPI.REPLACE)
        values[self._follows] = given

    def numbers(self, first: int) -> tuple[Places, Places]:
        """Return the numbers of unknowns that follow, and of those they follow, on every rank.

        Args:
            first: Number of the first unknown of this rank; all that it owns are in a row.
        """
        own = first + np.arange(self._owned, dtype=np.float64)
        led = own.copy()
        self.complete(led)
        found = np.stack([own[self._follows], led[self._follows]]).astype(np.int64)
        follows, leads = np.concatenate(self._comm.allgather(found), axis=1)
        return follows, leads

    def held(self, field: fem.Function, conditions: list[fem.DirichletBC]) -> list[fem.DirichletBC]:
        """Return conditions that hold what is tied to something held.

        Args:
            field: An unknown in the space.
            conditions: What holds it.
        """
        if not self.count:
            return []
        marks = fem.Function(field.function_space)
        for condition in conditions:
            dofs, owned = condition.dof_indices()
            marks.x.array[dofs[:owned]] = 1.0
        before = marks.x.array.copy()
        self.unite(marks.x.array)
        marks.x.array[:] = (marks.x.array > 0.0) & (before == 0.0)
        marks.x.scatter_forward()
        more = np.flatnonzero(marks.x.array).astype(np.int32)
        zero, space = default_scalar_type(0.0), field.function_space
        size = int(space.dofmap.index_map_bs)
        if size == 1:
            return [fem.dirichletbc(zero, more, space)]
        return [fem.dirichletbc(zero, more[more % size == i], space.sub(i)) for i in range(size)]
