"""Interfaces between regions that can debond, as a jump of displacement on one side of them.

Regions are shared out in two groups such that every interface has one on either side. A region of
the first group moves with u, one of the second with u + g, where the jump g is zero at all nodes
but those of interfaces. That spans what a mesh with doubled nodes would, on the mesh as it is: no
rank needs to know which nodes of others once were one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.errors import InputError
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import ANYWHERE, Integral, Motion, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.facets import FacetMeans
from anodefem.fem.fields import Memory, Unknown
from anodefem.fem.forms import added
from anodefem.fem.supports import symmetry
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA
from anodefem.laws.cohesive import Cohesive, CohesiveResponse

#: Share of its toughness that is spent where an interface has debonded.
APART = 0.99


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface that can debond.

    Attributes:
        name: As the case calls it.
        inside: Region whose outer normal is the interface's.
        outside: Region on the other side.
        law: What holds them together.
    """

    name: str
    inside: str
    outside: str
    law: Cohesive


def enriched_side(interfaces: Iterable[Interface]) -> frozenset[str]:
    """Regions of the second group: those that move with u + g.

    Raises:
        InputError: Interfaces form a ring of an odd number of regions.
    """
    neighbours: dict[str, list[str]] = {}
    for each in interfaces:
        neighbours.setdefault(each.inside, []).append(each.outside)
        neighbours.setdefault(each.outside, []).append(each.inside)
    group: dict[str, bool] = {}
    for start in neighbours:
        group.setdefault(start, False)
        waiting = [start]
        while waiting:
            region = waiting.pop()
            for other in neighbours[region]:
                if other not in group:
                    group[other] = not group[region]
                    waiting.append(other)
                elif group[other] == group[region]:
                    raise InputError(
                        f"interfaces: an odd number of regions, '{region}' and '{other}' among "
                        "them, touch each other in a ring of interfaces that can all debond; "
                        "let one of these interfaces be bonded."
                    )
    return frozenset(region for region, second in group.items() if second)


def jump_degree(domain: Domain) -> int:
    """Degree of the jumps of displacement.

    Quadratic in 2D, like the displacement: linear ones would make the faces of a crack share their
    curvature. In 3D linear, since a rule with points at the nodes of quadratic triangles gives the
    vertices nothing.
    """
    return 2 if domain.dim == 2 else 1


class Interfaces(Physics):
    """All interfaces that can debond.

    Attributes:
        interfaces: At least one.
        enriched: Regions whose displacement holds the jump.
    """

    name = "interfaces"

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        """Describe the interfaces.

        Args:
            interfaces: At least one.

        Raises:
            InputError: They form a ring of an odd number of regions.
        """
        self.interfaces = tuple(interfaces)
        self.enriched = enriched_side(self.interfaces)

    @property
    def smallest_opening(self) -> float:
        """Separation at which the first of the interfaces has debonded [um]."""
        laws = [each.law for each in self.interfaces]
        return min(2 * float(law.toughness) / float(law.strength) for law in laws)

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """Jump of displacement [um]."""
        element = ("Lagrange", jump_degree(domain), (domain.mesh.geometry.dim,))
        return [
            Unknown(
                name="jump",
                element=element,
                regions=tuple(name for name in domain.regions if name in self.enriched),
                scales=(min(domain.size, self.smallest_opening),),
            )
        ]

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Damage, one value per facet and node on the cell inside; the jump Newton stands at."""
        degree = jump_degree(domain)
        element = ("Lagrange", degree, (domain.mesh.geometry.dim,))
        return [
            Memory(name="interface_damage", element=("DG", degree)),
            Memory(name="jump_iterate", element=element, carried=False, stored=False),
        ]

    def facets(self, domain: Domain, each: Interface) -> npt.NDArray[np.int32]:
        """Facets of an interface that this rank sees with both cells.

        Args:
            domain: Mesh.
            each: The interface.
        """
        return domain.interface_facets(each.inside, each.outside)

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Every interface, seen from inside."""
        return {
            f"interface {each.name}": s.domain.one_sided(
                self.facets(s.domain, each), ((each.inside,),)
            )
            for each in self.interfaces
        }

    def nodes(self, s: Symbols, each: Interface) -> ufl.Measure:
        """Measure of an interface with its points at the nodes of jumps (see `jump_degree`).

        Args:
            s: Supplies measures.
            each: The interface.
        """
        name = f"interface {each.name}"
        if s.domain.dim == 3:
            return s.ds(name, rule="vertex", degree=1)
        return s.ds(name, rule="GLL", degree=3)

    def shift(self, s: Symbols) -> fem.Function:
        """1 in the cells of enriched regions, 0 elsewhere."""
        field = fem.Function(fem.functionspace(s.domain.mesh, ("DG", 0)))
        field.x.array[s.domain.cells(*sorted(self.enriched))] = 1.0
        return field

    def motions(self, s: Symbols) -> Sequence[Motion]:
        """The jump moves one side of every interface."""
        shift = s.once(self.shift)

        def displacement(w: Expr, region: str) -> Expr | None:
            if region == ANYWHERE:
                return shift * w
            return w if region in self.enriched else None

        return [Motion(unknown="jump", displacement=displacement)]

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """The interfaces by name, and the regions that move with the jump, too."""
        return {
            "interface": lambda: {each.name: each for each in self.interfaces},
            "enriched": lambda: dict.fromkeys(self.enriched, "jump"),
        }

    def responses(self, s: Symbols) -> tuple[CohesiveResponse, ...]:
        """State of every interface, as UFL at the `nodes` of its facets."""
        state, kinematics = s.state, s.kinematics
        # seen from the inside, the outside has the jump and the inside not, or the reverse
        across = 1 - 2 * s.once(self.shift)
        jump, iterate = (
            kinematics.vector(across * each) for each in (state["jump"], state["jump_iterate"])
        )
        normal = kinematics.unit_normal(s.displacement(), s.normal)
        return tuple(
            each.law.respond(
                jump, normal, state["interface_damage"], state.dt, iterate, state.tangent_fraction
            )
            for each in self.interfaces
        )

    def _with_responses(
        self, s: Symbols
    ) -> Iterator[tuple[Interface, CohesiveResponse, ufl.Measure]]:
        for each, response in zip(self.interfaces, s.once(self.responses), strict=True):
            yield each, response, self.nodes(s, each)

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Int t . v dA of every interface, v being the virtual jump.

        Lumped: every node has its own bond, so tractions do not oscillate however stiff bonds are
        (Schellekens and de Borst 1993).
        """
        v = s.kinematics.vector((1 - 2 * s.once(self.shift)) * s.test("jump"))
        return {
            "jump": added(
                ufl.dot(response.traction, v) / s.stress_scale * s.kinematics.weight * nodes
                for _, response, nodes in self._with_responses(s)
            )
        }

    def constraints(self, s: Symbols) -> Mapping[str, Sequence[fem.DirichletBC]]:
        """Nodes of no interface are bonded; planes of symmetry."""
        jump = s.state["jump"]
        space, count = jump.function_space, jump.function_space.dofmap.index_map
        facets = np.concatenate([self.facets(s.domain, each) for each in self.interfaces])
        apart = fem.locate_dofs_topological(space, s.domain.dim - 1, facets)
        every = np.arange(count.size_local + count.num_ghosts)
        bonded = np.setdiff1d(every, apart).astype(np.int32)
        return {"jump": [fem.dirichletbc(jump, bonded), *symmetry(s.domain, space)]}

    def updates(self, s: Symbols) -> Sequence[Update]:
        """Damage of the interfaces."""
        degree = jump_degree(s.domain)
        ends = [
            FacetMeans(s.domain, response.damage, nodes, degree=degree)
            for _, response, nodes in self._with_responses(s)
        ]
        return [_Damage(s, ends)]

    def energies(self, s: Symbols) -> Iterator[ufl.Form]:
        """Energy that the interfaces hold."""
        for _, response, nodes in self._with_responses(s):
            yield response.energy * s.kinematics.weight * nodes

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Energy that the growth of damage takes."""
        spent = added(
            response.work * s.kinematics.weight * nodes
            for _, response, nodes in self._with_responses(s)
        )
        return [Integral(name="bond_work", form=spent, lost=True)]

    @columns(
        Column(
            "debonded_share_<interface>",
            "-",
            "share of the reference area of an interface on which 99 % of its toughness has been "
            "spent",
        ),
        Column(
            "bond_work",
            "J/m^3",
            "energy spent so far by interfaces that debond over the hosts' reference volume",
        ),
    )
    def debonded(self, s: Symbols) -> Evaluate:
        """How far every interface has debonded, and what that took."""
        weight, total, areas = s.kinematics.weight, s.domain.total, {}
        for each, response, nodes in self._with_responses(s):
            apart = ufl.conditional(ufl.gt(response.spent, APART), 1.0, 0.0)
            area = total(compile_form(s.one * weight * nodes))
            areas[each.name] = compile_form(apart * weight * nodes), area

        def evaluate() -> dict[str, float]:
            row = {f"debonded_share_{n}": total(form) / area for n, (form, area) in areas.items()}
            return row | {"bond_work": s.sums["bond_work"] / (MPA * s.host_volume)}

        return evaluate


class _Damage(Update):
    """Damage of the interfaces, one value for each facet and node."""

    def __init__(self, s: Symbols, ends: Sequence[FacetMeans]) -> None:
        self._state, self._ends = s.state, ends
        self._found: list[npt.NDArray[np.float64]] = []

    def local_solve(self) -> None:
        self._state["jump_iterate"].x.array[:] = self._state["jump"].x.array

    def evaluate(self) -> None:
        self._found = [end.evaluate()[:, 0] for end in self._ends]

    def store(self) -> None:
        damage = self._state["interface_damage"]
        for end, found in zip(self._ends, self._found, strict=True):
            damage.x.array[end.cells] = found
        damage.x.scatter_forward()
