"""Interfaces that come apart: how far they have, and what that took."""

from __future__ import annotations

from typing import Any

import ufl
from dolfinx import fem

from anodefem.model.problem import BOND, Problem, compile_form

#: Share of its toughness that is spent where an interface has come apart.
APART = 0.99


class BondMetrics:
    """Metrics of the interfaces of a problem; every method is collective."""

    def __init__(self, problem: Problem) -> None:
        """Compile.

        Raises:
            TypeError: No interface can come apart.
        """
        self._problem, state = problem, problem.state
        if state.bond_damage is None:
            raise TypeError("no interface can come apart")
        weight, total = problem.domain.kinematics.weight, problem.domain.total
        one = fem.Constant(problem.domain.mesh, 1.0)
        self._areas: dict[str, tuple[Any, float]] = {}
        spent = []
        for place, (bond, response) in enumerate(
            zip(problem.bonds, problem.bond_responses, strict=True)
        ):
            nodes = problem.nodes(BOND + place)
            apart = ufl.conditional(ufl.gt(response.spent, APART), 1.0, 0.0)
            whole = total(compile_form(one * weight * nodes))
            self._areas[bond.name] = compile_form(apart * weight * nodes), whole
            spent.append(response.work * weight * nodes)
        #: Energy that a step spends on all interfaces, to be read before it is accepted [MPa um^3].
        self.spent = compile_form(sum(spent[1:], spent[0]))

    def row(self) -> dict[str, float]:
        """Share of every interface that has come apart, by column name."""
        total = self._problem.domain.total
        return {
            f"debonded_share_{name} [-]": total(form) / whole
            for name, (form, whole) in self._areas.items()
        }
