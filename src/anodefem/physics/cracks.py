"""Cracks smeared out over a length: which regions can break, and what their cracks cost.

The unknown is the crack field, 0 (intact) to 1 (broken). It never heals, and a solver of its own
alternates with Newton's method for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mpi4py import MPI

import numpy as np
import ufl
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import FieldOutput, Nodes, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import Memory, Unknown, at_points
from anodefem.fem.forms import added
from anodefem.fem.points import PointHistory
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA
from anodefem.laws.fracture import CrackModel, crack_surface_density, degradation
from anodefem.laws.plasticity import Elastic
from anodefem.laws.solid import Response

#: Growth of the crack field in a step above which the next step is shorter.
CRACK_GROWTH = 0.2


class Cracks(Physics):
    """Regions that can break; one crack field runs through all of them.

    Attributes:
        law: Kind and length of the smearing.
        toughness: Region -> Gc [MPa um = J/m^2], per reference area.
        plastic_share: Share of the plastic work that drives cracks, beside psi+ [-].
        wetted: The species enters through the faces of cracks, too.
    """

    name = "cracks"
    field_units: Mapping[str, str] = {"crack": "-"}

    def __init__(
        self,
        law: CrackModel,
        toughness: Mapping[str, Expr],
        *,
        plastic_share: Expr | float = 0.0,
        wetted: bool = False,
    ) -> None:
        """Describe what can break.

        Args:
            law: Kind and length of the smearing.
            toughness: Region -> Gc [MPa um = J/m^2], per reference area.
            plastic_share: Share of the plastic work that drives cracks, beside psi+ [-].
            wetted: The species enters through the faces of cracks, too.
        """
        self.law, self.toughness = law, toughness
        self.plastic_share, self.wetted = plastic_share, wetted

    @property
    def ductile(self) -> bool:
        """Plastic work drives cracks."""
        return float(self.plastic_share) > 0.0

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """The crack field, linear."""
        return [
            Unknown(
                name="crack",
                element=("Lagrange", 1),
                regions=tuple(self.toughness),
                scales=(1.0,),
                predicted=False,
                monolithic=False,
            )
        ]

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Plastic work per reference volume so far, as if there were no cracks [MPa]."""
        if not self.ductile:
            return ()
        return [Memory(name="plastic_work_density", element=at_points(domain))]

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        """The crack field, its energy [MPa um^3], and the faces of wetted cracks [1/um].

        The faces are those at the start of the step: what opens in it lets species in from its end.
        """
        found: dict[str, Callable[[], Mapping[str, Any]]] = {
            "crack": lambda: dict.fromkeys(self.toughness, s.state["crack"]),
            "crack_work": lambda: {name: self.work(s, name) for name in self.toughness},
        }
        if self.wetted:
            start = s.state.start("crack")
            density = crack_surface_density(start, s.kinematics.scalar_gradient(start))
            found["wetted"] = lambda: dict.fromkeys(self.toughness, density)
        return found

    def driving(self, s: Symbols, response: Response) -> Expr:
        """What drives a crack at a point [MPa]: psi+, and a share of the plastic work so far.

        With that share (Ambati, Gerasimov and De Lorenzis 2015; Borden et al. 2016) crack and
        stress no longer follow from one energy: what is dissipated twice is not accounted for.

        Args:
            s: Supplies the plastic work at the start of the step.
            response: State of the point.
        """
        if not self.ductile:
            return response.crack_driving_energy
        worked = s.state["plastic_work_density"] + response.undegraded_plastic_work
        return response.crack_driving_energy + self.plastic_share * worked

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """First variation of int g(d) drive + Gc gamma(d) dX by the crack field."""
        d = s.state["crack"]
        gradient = s.kinematics.scalar_gradient(d)
        energy = added(
            (
                degradation(d) * self.driving(s, s.response(name))
                + toughness * self.law.density(d, gradient)
            )
            * s.kinematics.weight
            * s.domain.dx(name, degree=s.domain.solid_degree)
            for name, toughness in self.toughness.items()
        )
        return {"crack": s.derivative(1 / s.stress_scale * energy, "crack")}

    def updates(self, s: Symbols) -> Sequence[Update]:
        """Plastic work, where it drives cracks."""
        if not self.ductile:
            return ()
        field = s.state["plastic_work_density"]
        return [
            PointHistory(
                field,
                field + s.response(region.name).undegraded_plastic_work,
                s.domain.cells(region.name),
            )
            for region in s.regions
            if region.name in self.toughness and not isinstance(region.solid.flow, Elastic)
        ]

    def area(self, s: Symbols, name: str) -> ufl.Form:
        """Area of the cracks of a region [um^2], reference configuration.

        Args:
            s: Supplies the crack field.
            name: Region.
        """
        d = s.state["crack"]
        density = self.law.density(d, s.kinematics.scalar_gradient(d))
        return density * s.kinematics.weight * s.domain.dx(name, degree=s.domain.solid_degree)

    def work(self, s: Symbols, name: str) -> ufl.Form:
        """Energy of the cracks of a region [MPa um^3].

        Args:
            s: Supplies the crack field.
            name: Region.
        """
        d = s.state["crack"]
        density = self.law.density(d, s.kinematics.scalar_gradient(d))
        weight = self.toughness[name] * s.kinematics.weight
        return weight * density * s.domain.dx(name, degree=s.domain.solid_degree)

    def faces(self, s: Symbols, names: Sequence[str], factor: Expr) -> ufl.Form:
        """Integral of a factor over both faces of the cracks of regions [um^2].

        Args:
            s: Supplies the crack field.
            names: Regions that can break.
            factor: What is integrated.
        """
        d = s.state["crack"]
        density = crack_surface_density(d, s.kinematics.scalar_gradient(d)) * s.kinematics.weight
        return factor * density * s.domain.dx(*names, degree=s.domain.solid_degree)

    def caution(self, s: Symbols) -> float:
        """Short steps while cracks run."""
        change = s.state["crack"].x.array - s.state.start("crack").x.array
        grown = float(np.abs(change).max(initial=0.0))
        largest = float(s.domain.comm.allreduce(grown, op=MPI.MAX))
        return min(1.0, CRACK_GROWTH / largest) if largest > 0 else 1.0

    @columns(
        Column(
            "crack_area_<region>",
            "um^2",
            "area of one face of the smeared cracks, reference configuration (whole body in "
            "axisymmetry, per um of depth in plane strain); a resolved crack is reported as up "
            "to (1 + 0.7 h/l) times its area, h being the size of its cells",
        ),
        Column(
            "crack_faces",
            "um^2",
            "area of both faces of the open cracks in hosts, reference configuration: what they "
            "expose to the electrolyte, and through which lithium enters if fracture.wetted",
        ),
        Column(
            "crack_work", "J/m^3", "toughness times crack area over the hosts' reference volume"
        ),
        Column("crack_max", "-", "largest value of the crack field: 0 intact, 1 broken"),
    )
    def sizes(self, s: Symbols) -> Evaluate:
        """Area and energy of the cracks."""
        areas = {name: compile_form(self.area(s, name)) for name in self.toughness}
        works = [compile_form(self.work(s, name)) for name in self.toughness]
        hosts = [region.name for region in s.storing if region.name in self.toughness]
        both = [compile_form(self.faces(s, hosts, s.one))] if hosts else []
        total, field = s.domain.total, s.state["crack"].x

        def evaluate() -> dict[str, float]:
            row = {f"crack_area_{name}": total(form) for name, form in areas.items()}
            work = sum(map(total, works))
            row |= {"crack_faces": total(form) for form in both}
            local = float(field.array.max(initial=0.0))
            return row | {
                "crack_work": work / (MPA * s.host_volume),
                "crack_max": s.domain.comm.allreduce(local, op=MPI.MAX),
            }

        return evaluate

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """The crack field at nodes."""

        def crack(nodes: Nodes) -> list[Any]:
            return [nodes.values(s.state["crack"])]

        return [FieldOutput(units=self.field_units, at_points=crack)]
