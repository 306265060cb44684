"""Solids in equilibrium at finite strain: linear momentum, flow, stress.

The unknown is the displacement u. Every solid contributes its virtual work to every motion of the
body; how it responds follows from its law, the fraction of species and the crack field in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import FieldOutput, Integral, Motion, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import Memory, Unknown, at_points
from anodefem.fem.forms import added
from anodefem.fem.points import PointHistory, PointValues
from anodefem.fem.supports import supports
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA
from anodefem.laws.kinematics import deviator
from anodefem.laws.plasticity import ROOT23, Elastic, ViscoplasticPowerLaw
from anodefem.laws.solid import History, Response
from anodefem.laws.viscoelasticity import NetworkHistory
from anodefem.model.regions import Region
from anodefem.parallel import reduce

GPA = 1e-3  # GPa per MPa
#: Where the entries of a symmetric 3 by 3 matrix, by row, are among (xx, yy, zz, xy, yz, xz).
_FULL = [0, 3, 5, 3, 1, 4, 5, 4, 2]


class Mechanics(Physics):
    """Equilibrium of the solids, with the histories of their flow laws."""

    name = "mechanics"
    field_units: Mapping[str, str] = {
        "displacement": "um",
        "von_mises": "GPa",
        "hydrostatic_stress": "GPa",
        "equivalent_plastic_strain": "-",
        "cauchy_stress": "GPa",
        "principal_stress_max": "GPa",
        "principal_stress_mid": "GPa",
        "principal_stress_min": "GPa",
        "elastic_volume_ratio": "-",
    }

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """Displacement [um], quadratic."""
        size = domain.size
        element = ("Lagrange", 2, (domain.mesh.geometry.dim,))
        return [Unknown(name="u", element=element, scales=(size,), error_weights=(1 / size,))]

    def memory(self, domain: Domain) -> Sequence[Memory]:
        """Memory of flow laws at the points.

        Cp^-1, equivalent plastic strain, what flow works against [MPa] (see
        `anodefem.laws.solid.Response.flow_force`), and the local solution of rate laws.
        """
        components = domain.kinematics.symmetric_size
        tensor, scalar = at_points(domain, components), at_points(domain)
        identity = (1.0,) * 3 + (0.0,) * (components - 3)
        return [
            Memory(name="plastic", element=tensor, initial=identity),
            Memory(name="alpha", element=scalar),
            Memory(name="flow_force", element=scalar),
            Memory(name="local_solution", element=scalar, carried=False, stored=False),
        ]

    def motions(self, s: Symbols) -> Sequence[Motion]:
        """The displacement moves every region."""
        return [Motion(unknown="u", displacement=lambda w, region: w)]

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """Response of every solid."""
        return {"response": lambda: {r.name: self._respond(s, r) for r in s.regions}}

    def _respond(self, s: Symbols, region: Region) -> Response:
        name = region.name
        return region.solid.respond(
            s.F(name), s.fraction(name), history(s, region), s.state.dt, s.crack(name)
        )

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Int P : grad v dX over the solids, by motion."""
        found: dict[str, list[ufl.Form]] = {}
        for region in s.regions:
            dx = s.domain.dx(region.name, degree=s.domain.solid_degree)
            piola = s.response(region.name).piola
            for variation in s.variations(region.name):
                work = ufl.inner(piola, variation.gradient) / s.stress_scale
                found.setdefault(variation.unknown, []).append(work * s.kinematics.weight * dx)
        return {unknown: added(parts) for unknown, parts in found.items()}

    def constraints(self, s: Symbols) -> Mapping[str, Sequence[fem.DirichletBC]]:
        """Planes of symmetry and anchors."""
        return {"u": supports(s.domain, s.state["u"].function_space)}

    def updates(self, s: Symbols) -> Sequence[Update]:
        """Histories of the flow laws, and their local solutions."""
        found: list[Update] = []
        for region in s.regions:
            flow = region.solid.flow
            if not isinstance(flow, Elastic):
                found += _histories(s, region)
            if isinstance(flow, ViscoplasticPowerLaw):
                found.append(_LocalSolution(s, region, flow))
        return found

    def energies(self, s: Symbols) -> Iterator[ufl.Form]:
        """Elastic energy of the solids."""
        for region in s.regions:
            dx = s.domain.dx(region.name, degree=s.domain.solid_degree)
            yield s.response(region.name).energy * s.kinematics.weight * dx

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Plastic work."""
        parts = [
            s.response(region.name).dissipation
            * s.kinematics.weight
            * s.domain.dx(region.name, degree=s.domain.solid_degree)
            for region in s.regions
        ]
        return [Integral(name="plastic_work", form=added(parts), lost=True)]

    def stress(self, s: Symbols) -> PointValues:
        """Von Mises and mean Cauchy stress [MPa] at the quadrature points of the solids."""
        values = PointValues(fem.functionspace(s.domain.mesh, at_points(s.domain, 2)))
        for region in s.regions:
            cauchy = s.response(region.name).cauchy
            deviatoric = deviator(cauchy)
            von_mises = ufl.sqrt(1.5 * ufl.inner(deviatoric, deviatoric) + 1e-24)
            pair = ufl.as_vector([von_mises, ufl.tr(cauchy) / 3])
            values.add(pair, s.domain.cells(region.name))
        return values

    def stress_tensor(self, s: Symbols) -> PointValues:
        """Cauchy stress [MPa] (xx, yy, zz, xy, yz, xz) and elastic volume ratio at the points.

        In axisymmetry x, y, z are the directions r, z and that of the circumference.
        """
        values = PointValues(fem.functionspace(s.domain.mesh, at_points(s.domain, 7)))
        for region in s.regions:
            response = s.response(region.name)
            cauchy = response.cauchy
            components = [cauchy[i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))]
            values.add(ufl.as_vector([*components, response.Je]), s.domain.cells(region.name))
        return values

    @columns(
        Column("von_mises_max_<region>", "GPa", "largest von Mises (Cauchy) stress"),
        Column(
            "hydrostatic_min_<region>", "GPa", "smallest mean Cauchy stress, compression negative"
        ),
        Column("hydrostatic_max_<region>", "GPa", "largest mean Cauchy stress"),
    )
    def stresses(self, s: Symbols) -> Evaluate:
        """Extremes of stress by region."""
        stress, domain = s.once(self.stress), s.domain

        def evaluate() -> dict[str, float]:
            field = stress.evaluate()
            values, row = field.x.array.reshape(-1, 2), {}
            for region in s.regions:
                cells = domain.cells(region.name)
                own = field.function_space.dofmap.list[cells[cells < domain.owned_cells]].ravel()
                von_mises, mean = values[own].T
                high = np.array([von_mises.max(initial=0.0), mean.max(initial=-np.inf)])
                high = reduce(domain.comm, high, MPI.MAX)
                low = domain.comm.allreduce(float(mean.min(initial=np.inf)), op=MPI.MIN)
                row[f"von_mises_max_{region.name}"] = GPA * float(high[0])
                row[f"hydrostatic_min_{region.name}"] = GPA * low
                row[f"hydrostatic_max_{region.name}"] = GPA * float(high[1])
            return row

        return evaluate

    @columns(
        Column("plastic_work", "J/m^3", "plastic work so far over the hosts' reference volume")
    )
    def plastic_work(self, s: Symbols) -> Evaluate:
        """Plastic work of the run."""
        return lambda: {"plastic_work": s.sums["plastic_work"] / (MPA * s.host_volume)}

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Means of stress and of equivalent plastic strain over cells."""
        stress, alpha, cells = s.once(self.stress), s.state["alpha"], s.domain.owned_cells

        def means() -> list[npt.NDArray[np.float64]]:
            field = stress.evaluate()
            pairs = field.x.array.reshape(-1, 2)[field.function_space.dofmap.list[:cells]]
            strain = alpha.x.array[alpha.function_space.dofmap.list[:cells]]
            return [*(GPA * pairs.mean(1)).T, strain.mean(1)]

        def tensors() -> list[npt.NDArray[np.float64]]:
            field = s.once(self.stress_tensor).evaluate()
            mean = field.x.array.reshape(-1, 7)[field.function_space.dofmap.list[:cells]].mean(1)
            tensor = GPA * mean[:, :6]
            principal = np.linalg.eigvalsh(tensor[:, _FULL].reshape(-1, 3, 3))
            ratio = np.where(mean[:, 6] > 0.0, mean[:, 6], np.nan)  # 0 outside solids
            return [tensor, *principal.T[::-1], ratio]

        names = list(self.field_units)
        standard, detailed = names[1:4], names[4:]
        return [
            FieldOutput(units={n: self.field_units[n] for n in standard}, in_cells=means),
            FieldOutput(
                units={n: self.field_units[n] for n in detailed}, in_cells=tensors, detailed=True
            ),
        ]


def history(s: Symbols, region: Region) -> History:
    """Return the state of a solid at the start of the step, as UFL.

    Args:
        s: Supplies memories.
        region: The solid.
    """
    plastic = s.kinematics.symmetric(s.state["plastic"])
    network = s.offered("network").get(region.name, NetworkHistory())
    return History(
        plastic,
        s.state["alpha"],
        s.state["local_solution"],
        network,
        flow_force=s.state["flow_force"],
    )


def _histories(s: Symbols, region: Region) -> Iterator[PointHistory]:
    """What a flow law remembers, with its value at the end of the step."""
    response, cells = s.response(region.name), s.domain.cells(region.name)
    alpha: Expr = s.state["alpha"] + ROOT23 * response.return_mapping.multiplier
    yield PointHistory(s.state["plastic"], s.kinematics.components(response.plastic), cells)
    yield PointHistory(s.state["alpha"], alpha, cells)
    yield PointHistory(s.state["flow_force"], response.flow_force, cells)


class _LocalSolution(Update):
    """Solution of the local equation of a rate law at the points of a region."""

    def __init__(self, s: Symbols, region: Region, law: ViscoplasticPowerLaw) -> None:
        self._law, self._dt = law, s.state.dt
        terms = region.solid.local_terms(
            s.F(region.name), s.fraction(region.name), history(s, region)
        )
        element = at_points(s.domain, *terms.ufl_shape)
        self._terms = PointValues(fem.functionspace(s.domain.mesh, element))
        cells = s.domain.cells(region.name)
        self._terms.add(terms, cells)
        self._field = s.state["local_solution"]
        self._blocks = self._field.function_space.dofmap.list[cells].ravel()

    def local_solve(self) -> None:
        rows = self._terms.evaluate().x.array.reshape(-1, 4)[self._blocks]
        norm, slope, threshold, resistance = rows.T
        self._field.x.array[self._blocks] = self._law.local_solve(
            norm, slope, threshold, resistance, float(self._dt.value)
        )
