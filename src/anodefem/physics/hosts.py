"""The unknown c of the hosts in which the species diffuses: fractions, and one potential of all.

mu/(R T), the last component, is continuous over all hosts. Where two hosts touch, their fractions
differ, so each has a component of its own; hosts that do not touch share one. A single host has
c = (x, mu). The equation of a fraction is that of its potential, the one of mu the mass balance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.fem.domain import Domain
from anodefem.fem.supports import touched
from anodefem.fem.symbols import Symbols


def fraction_components(domain: Domain, names: Sequence[str]) -> Mapping[str, int]:
    """Return the component of c that is the fraction of each host; collective.

    Args:
        domain: Mesh.
        names: Hosts in which the species diffuses; hosts with a common node get different ones.
    """
    found: dict[str, int] = {}
    for name, others in touching(domain, names).items():
        taken = {found[other] for other in others if other in found}
        found[name] = next(i for i in range(len(names)) if i not in taken)
    return found


def touching(domain: Domain, names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for every host those that have a node in common with it, itself too; collective.

    Args:
        domain: Mesh.
        names: Hosts in which the species diffuses.
    """
    if not names:
        return {}
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    nodes = np.array([touched(domain, space, [name]) for name in names], dtype=np.float64)
    common = nodes @ nodes.T
    domain.comm.Allreduce(MPI.IN_PLACE, common, op=MPI.MAX)
    return {
        name: tuple(other for other, n in zip(names, row, strict=True) if n)
        for name, row in zip(names, common, strict=True)
    }


def nodes_of(s: Symbols, components: Mapping[str, int]) -> dict[int, npt.NDArray[np.bool_]]:
    """Return the blocks of c at which each fraction is an unknown, ghosts included; collective.

    Args:
        s: Supplies the unknown.
        components: See `fraction_components`.
    """
    space = s.state["c"].function_space
    return {
        i: touched(s.domain, space, [name for name, own in components.items() if own == i])
        for i in sorted(set(components.values()))
    }


def mu(s: Symbols) -> Expr:
    """Potential mu/(R T) of the species in the hosts [-]."""
    c = s.state["c"]
    return c[c.ufl_shape[0] - 1]


def balance_test(s: Symbols) -> Expr:
    """Test function of the mass balance: what enters a host in a step is tested with it."""
    q = s.test("c")
    return q[q.ufl_shape[0] - 1]
