"""Interfaces that come apart: how far they have, what that took, and where nothing holds."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem

from anodefem.model.problem import BOND, Problem, compile_form

#: Damage above which an interface has come apart.
APART = 0.99


class BondMetrics:
    """Metrics of the interfaces of a problem; every method is collective."""

    def __init__(self, problem: Problem) -> None:
        """Compile.

        Raises:
            TypeError: No interface can come apart.
        """
        self._problem, state = problem, problem.state
        if state.bond_damage is None or state.bond_drive is None:
            raise TypeError("no interface can come apart")
        self._damage = state.bond_damage
        weight, total = problem.domain.kinematics.weight, problem.domain.total
        one = fem.Constant(problem.domain.mesh, 1.0)
        self._areas: dict[str, tuple[Any, float]] = {}
        spent = []
        for place, (bond, response) in enumerate(
            zip(problem.bonds, problem.bond_responses, strict=True)
        ):
            nodes = problem.nodes(BOND + place)
            apart = ufl.conditional(ufl.gt(response.damage, APART), 1.0, 0.0)
            whole = total(compile_form(one * weight * nodes))
            self._areas[bond.name] = compile_form(apart * weight * nodes), whole
            # exact in time for energy (1 - D) Y and traction (1 - D) dY/dj
            drive = (response.drive + state.bond_drive) / 2
            spent.append(drive * (response.damage - state.bond_damage) * weight * nodes)
        #: Energy that a step spends on all interfaces, to be read before it is accepted [MPa um^3].
        self.spent = compile_form(sum(spent[1:], spent[0]))

    def row(self) -> dict[str, float]:
        """Share of every interface that has come apart, by column name."""
        total = self._problem.domain.total
        return {
            f"debonded_share_{name} [-]": total(form) / whole
            for name, (form, whole) in self._areas.items()
        }

    def loose(self) -> npt.NDArray[np.int32]:
        """Facets seen by this rank most of whose nodes have come apart; no communication."""
        facets, dofs = self._facets
        if not len(facets):
            return facets
        return facets[(self._damage.x.array[dofs] > APART).mean(axis=1) > 0.5]

    @cached_property
    def _facets(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Facets of all interfaces, and the unknowns of the damage at the nodes of each."""
        domain, dofmap = self._problem.domain, self._damage.function_space.dofmap
        topology, dim = domain.mesh.topology, domain.dim
        to_cells = topology.connectivity(dim - 1, dim)
        to_facets = topology.connectivity(dim, dim - 1).array.reshape(-1, dim + 1)
        tags = domain.region_of_cells
        closure = np.array(
            [dofmap.dof_layout.entity_closure_dofs(dim - 1, local) for local in range(dim + 1)]
        )
        numbers, unknowns = [], []
        for bond in self._problem.bonds:
            facets = domain.between(bond.inside, bond.outside)
            first = to_cells.offsets[facets]
            pair = np.stack([to_cells.array[first], to_cells.array[first + 1]], axis=1)
            second = tags[pair[:, 0]] != domain.manifest.cells[bond.inside]
            cells = pair[np.arange(len(facets)), second.astype(np.int64)]
            local = np.argmax(to_facets[cells] == facets[:, None], axis=1)
            numbers.append(facets)
            unknowns.append(np.take_along_axis(dofmap.list[cells], closure[local], axis=1))
        return np.concatenate(numbers), np.concatenate(unknowns)
