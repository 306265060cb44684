"""Unknowns on opposite sides of a body that goes on periodically, which have the same values.

Vectors keep their full size: with T, which gives every unknown that follows the value of the one it
follows, the Jacobian is T^T K T, the residual T^T r, and an increment y stands for T y.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem, la

from anodefem.errors import InputError
from anodefem.fem.domain import Domain
from anodefem.meshing.periodic import across, partners
from anodefem.parallel import reduce

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
        self._comm, self._size = domain.comm, int(space.dofmap.index_map_bs)
        start, end = space.dofmap.index_map.local_range
        sides: dict[int, list[tuple[Side, Side]]] = {}
        for pair in domain.manifest.roles.periodic:
            one, other = (_side(domain, space, name) for name in pair)
            # a side is flat along the axis along which the body goes on
            sides.setdefault(across(one.points), []).append((one, other))
        root = np.arange(space.dofmap.index_map.size_global)
        for axis in sorted(sides):
            leads, follows = (_union(each) for each in zip(*sides[axis], strict=True))
            number = partners(leads.points, follows.points)
            if number is None:
                both = ", ".join(chain(*domain.manifest.roles.periodic))
                raise InputError(
                    f"the periodic sides of the mesh do not match ({both}); mesh it anew."
                )
            # what follows along an axis before goes where that leads, which leads there, too
            step = np.arange(len(root))
            step[follows.numbers] = leads.numbers[number]
            root = step[root]
        follows_ = np.flatnonzero(root != np.arange(len(root)))
        leads_ = root[follows_]
        self.count = len(follows_)
        self._lead_pair = np.flatnonzero((start <= leads_) & (leads_ < end))
        self._follow_pair = np.flatnonzero((start <= follows_) & (follows_ < end))
        self._leads = leads_[self._lead_pair] - start
        self._follows = follows_[self._follow_pair] - start

    def _of_leads(self, values: Array) -> Array:
        """Values of the nodes that lead, pair by pair."""
        found = np.zeros((self.count, self._size))
        found[self._lead_pair] = values.reshape(-1, self._size)[self._leads]
        return self._summed(found)

    def _of_followers(self, values: Array) -> Array:
        """Values of the nodes that follow, pair by pair."""
        found = np.zeros((self.count, self._size))
        found[self._follow_pair] = values.reshape(-1, self._size)[self._follows]
        return self._summed(found)

    def _summed(self, found: Array) -> Array:
        # every pair has one rank that speaks: its value is the sum, to the last bit
        return reduce(self._comm, found, MPI.SUM) if self._comm.size > 1 else found

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
        more, rows = self._of_followers(values), values.reshape(-1, self._size)
        np.add.at(rows, self._leads, more[self._lead_pair])  # one may lead several
        rows[self._follows] = 0.0

    def complete(self, values: Array) -> None:
        """Give nodes that follow the values of those that lead: T y.

        Args:
            values: Changed in place.
        """
        if not self.count:
            return
        given = self._of_leads(values)
        values.reshape(-1, self._size)[self._follows] = given[self._follow_pair]

    def numbers(self, first: int) -> tuple[Places, Places]:
        """Return the numbers of unknowns that follow, and of those they follow, on every rank.

        Args:
            first: Number of the first unknown of this rank; all that it owns are in a row.
        """
        size = 1 + max(int(each.max(initial=-1)) for each in (self._leads, self._follows))
        numbers = first + np.arange(size * self._size, dtype=np.float64)
        found = (self._of_followers(numbers), self._of_leads(numbers))
        follows, leads = (each.ravel().astype(np.int64) for each in found)
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
        if self._size == 1:
            return [fem.dirichletbc(zero, more, space)]
        return [
            fem.dirichletbc(zero, more[more % self._size == i], space.sub(i))
            for i in range(self._size)
        ]
