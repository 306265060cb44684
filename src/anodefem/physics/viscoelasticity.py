"""Solids with a network beside their elasticity: branches that relax, bonds that break and heal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mpi4py import MPI

import ufl
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Integral, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import Memory, at_points
from anodefem.fem.forms import added
from anodefem.fem.points import PointHistory
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA
from anodefem.laws.viscoelasticity import NetworkHistory
from anodefem.model.regions import Region


class Viscoelasticity(Physics):
    """Memory and losses of viscoelastic networks.

    Attributes:
        regions: Solids that have one.
    """

    name = "viscoelasticity"

    def __init__(self, regions: Sequence[Region] = ()) -> None:
        """Take the solids of a problem that have a network.

        Args:
            regions: All solids.
        """
        self.regions = tuple(region for region in regions if region.viscous)
        self._branches = max((len(r.solid.network.branches) for r in self.regions), default=0)
        self._healing = any(r.solid.network.healing for r in self.regions)

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Cv of every Maxwell branch, one after the other, Cbar and damage, at points of solids."""
        components, found = domain.kinematics.symmetric_size, []
        if self._branches:
            element = at_points(domain, self._branches * components)
            identity = (1.0,) * 3 + (0.0,) * (components - 3)
            found.append(Memory(name="viscous", element=element, initial=identity))
            element = at_points(domain, components)
            found.append(Memory(name="isochoric_stretch", element=element, initial=identity))
        if self._healing:
            found.append(Memory(name="damage", element=at_points(domain)))
        return found

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """State of every network at the start of the step."""
        return {"network": lambda: {r.name: self._history(s, r) for r in s.regions}}

    def _history(self, s: Symbols, region: Region) -> NetworkHistory:
        size, flows = s.kinematics.symmetric_size, []
        for place in range(len(region.solid.network.branches)):
            stored = s.state["viscous"]
            flows.append(s.kinematics.symmetric([stored[size * place + i] for i in range(size)]))
        if not flows:
            return NetworkHistory()
        stretch = s.kinematics.symmetric(s.state["isochoric_stretch"])
        damage = s.state["damage"] if self._healing else 0.0
        return NetworkHistory(tuple(flows), stretch, damage)

    def updates(self, s: Symbols) -> Sequence[Update]:
        """Networks at the end of a step."""
        found = []
        for region in self.regions:
            network, cells = s.response(region.name).network, s.domain.cells(region.name)
            if network.branches:
                ends = [s.kinematics.components(branch.flow) for branch in network.branches]
                flat: list[Expr] = [end[i] for end in ends for i in range(end.ufl_shape[0])]
                stored = s.state["viscous"]
                # a region with fewer branches than another leaves the rest as it is
                flat += [stored[i] for i in range(len(flat), stored.ufl_shape[0])]
                found.append(PointHistory(stored, ufl.as_vector(flat), cells))
                stretch = s.kinematics.components(network.stretch)
                found.append(PointHistory(s.state["isochoric_stretch"], stretch, cells))
            if region.solid.network.healing:
                end = ufl.as_ufl(network.damage)
                found.append(PointHistory(s.state["damage"], end, cells))
        return found

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Losses of the networks."""
        parts = [
            s.response(region.name).viscous_dissipation
            * s.kinematics.weight
            * s.domain.dx(region.name, degree=s.domain.solid_degree)
            for region in self.regions
        ]
        return [Integral(name="viscous_work", form=added(parts), lost=True)] if parts else []

    @columns(
        Column(
            "viscous_work",
            "J/m^3",
            "free energy lost so far in relaxing branches and breaking bonds over the reference "
            "volume of the viscoelastic regions",
        ),
        Column("damage_max_<region>", "-", "largest damage of a region that can heal"),
    )
    def losses(self, s: Symbols) -> Evaluate:
        """Losses of the run, and present damage."""
        if not self.regions:
            return dict
        volume = MPA * s.volume(*(region.name for region in self.regions))
        healing = [r.name for r in self.regions if r.solid.network.healing]
        blocks = {}
        for name in healing:
            dofmap = s.state["damage"].function_space.dofmap
            blocks[name] = dofmap.list[s.domain.cells(name)].ravel()

        def evaluate() -> dict[str, float]:
            row = {"viscous_work": s.sums["viscous_work"] / volume}
            for name, own in blocks.items():
                local = float(s.state["damage"].x.array[own].max(initial=0.0))
                row[f"damage_max_{name}"] = s.domain.comm.allreduce(local, op=MPI.MAX)
            return row

        return evaluate
