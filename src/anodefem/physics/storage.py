"""Species in the hosts: fractions, content, potentials, and surfaces that are full or empty.

Hosts in which the species diffuses have the unknown c (see `anodefem.physics.hosts`), those of
uniform fraction follow the state of charge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import default_scalar_type, fem
from ufl.core.expr import Expr

from anodefem.cards.constants import GAS_CONSTANT, thermal_voltage
from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Event, FieldOutput, Nodes, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import Unknown
from anodefem.fem.forms import added
from anodefem.fem.supports import touched
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA
from anodefem.model.regions import Region
from anodefem.physics.hosts import fraction_components, nodes_of, touching
from anodefem.physics.sharing import FRACTION_BOUNDS, Sharing

#: A step that begins at or beyond a bound may go further by this: a surface that was full when the
#: current was turned round may fill a little more while the stress there changes.
FRACTION_SLACK = 1e-3
#: Part of the capacity that the balance of the species may be off: round-off is 1e-11 at most.
BALANCE = 1e-8


class Storage(Physics):
    """Uptake of the species.

    Attributes:
        temperature: T [K].
        full, empty: Surface fractions at which lithiation and delithiation end early.
    """

    name = "storage"
    field_units: Mapping[str, str] = {"lithium_fraction": "-", "chemical_potential": "kJ/mol"}

    def __init__(
        self,
        regions: Sequence[Region],
        *,
        temperature: float = 298.15,
        full: float = 1.0,
        empty: float = 0.0,
    ) -> None:
        """Describe what stores.

        Args:
            regions: All solids.
            temperature: T [K].
            full: Surface fraction at which lithiation ends early.
            empty: Surface fraction at which delithiation ends early.
        """
        self._diffusing = tuple(region for region in regions if region.diffuses)
        self.temperature, self.full, self.empty = temperature, full, empty

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(region.name for region in self._diffusing)

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """Fractions and potential, linear; increments of mu say nothing that those of x do not."""
        if not self._diffusing:
            return ()
        count = 1 + max(fraction_components(domain, self._names).values())
        return [
            Unknown(
                name="c",
                element=("Lagrange", 1, (count + 1,)),
                regions=self._names,
                scales=(*[1.0] * count, inf),
                step_weights=(*[1.0] * count, 0.0),
                error_weights=(*[1.0] * count, 0.0),
            )
        ]

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """Fraction in every host, and which component of c it is."""

        def fraction() -> dict[str, Expr]:
            own = s.once(self.components)
            return {
                r.name: s.state["c"][own[r.name]] if r.diffuses else s.state.soc for r in s.storing
            }

        return {"fraction": fraction, "fraction_component": lambda: s.once(self.components)}

    def components(self, s: Symbols) -> Mapping[str, int]:
        """Component of c that is the fraction, by host."""
        return fraction_components(s.domain, self._names)

    def constraints(self, s: Symbols) -> Mapping[str, Sequence[fem.DirichletBC]]:
        """A fraction is no unknown at nodes that only other hosts have."""
        own = s.once(self.components)
        if len(set(own.values())) < 2:
            return {}
        space, held = s.state["c"].function_space, []
        for i, nodes in nodes_of(s, own).items():
            dofs = np.flatnonzero(~nodes) * space.dofmap.index_map_bs + i
            zero = default_scalar_type(0.0)
            held.append(fem.dirichletbc(zero, dofs.astype(np.int32), space.sub(i)))
        return {"c": held}

    def updates(self, s: Symbols) -> Sequence[Update]:
        """The balance of the species."""
        return [_Balance(s, self)]

    def stored(self, s: Symbols) -> Callable[[], float]:
        """Compile the species in the hosts, as volume of full reference host [um^3]."""
        form = compile_form(
            added(
                share
                * s.fraction(region.name)
                * s.kinematics.weight
                * s.domain.dx(region.name, degree=s.domain.solid_degree)
                for region, share in _shares(s)
            )
        )
        return lambda: s.domain.total(form)

    def capacity(self, s: Symbols) -> float:
        """Species in full hosts, likewise [um^3]."""
        return sum(share * s.volume(region.name) for region, share in _shares(s))

    def fraction_range(self, s: Symbols) -> Callable[[], tuple[float, float]]:
        """Prepare the smallest and the largest fraction at the nodes of the hosts."""
        if not self._diffusing:
            return lambda: (float(s.state.soc.value),) * 2
        return self._range(s, s.state["c"])

    def range_before(self, s: Symbols) -> Callable[[], tuple[float, float]]:
        """Prepare the same at the start of the step."""
        return self._range(s, s.state.start("c"))

    def _range(self, s: Symbols, field: fem.Function) -> Callable[[], tuple[float, float]]:
        comm, own = s.domain.comm, s.once(self.components)
        size = field.function_space.dofmap.index_map_bs
        active = np.concatenate(
            [np.flatnonzero(nodes) * size + i for i, nodes in nodes_of(s, own).items()]
        )

        def extremes() -> tuple[float, float]:
            x = field.x.array[active]
            return (
                comm.allreduce(float(x.min(initial=np.inf)), op=MPI.MIN),
                comm.allreduce(float(x.max(initial=-np.inf)), op=MPI.MAX),
            )

        return extremes

    def fill(self, s: Symbols, before: float, soc: float) -> None:
        """Raise the fraction of every host in which the species diffuses evenly; see `Sharing`.

        Args:
            s: Symbols of the problem.
            before: State of charge now [-].
            soc: State of charge that is wanted [-].
        """
        if not self._diffusing:
            return
        sharing, own = s.once(self.sharing), s.once(self.components)
        now, then = sharing.fractions(before), sharing.fractions(soc)
        for function in (s.state["c"], s.state.start("c")):
            values = function.x.array.reshape(-1, *function.ufl_shape)
            for name, nodes in s.once(self.nodes).items():
                values[nodes, own[name]] += then[name] - now[name]

    def sharing(self, s: Symbols) -> Sharing:
        """How hosts that touch share what is stored."""
        shares = {region.name: share for region, share in _shares(s)}
        amounts = {name: shares[name] * s.volume(name) for name in self._names}
        laws = {r.name: r.species.potential for r in self._diffusing if r.species}
        return Sharing(touching(s.domain, self._names), laws, amounts)

    def nodes(self, s: Symbols) -> Mapping[str, npt.NDArray[np.bool_]]:
        """Blocks of c that the cells of each host touch, by host; collective."""
        space = s.state["c"].function_space
        return {name: touched(s.domain, space, [name]) for name in self._names}

    def faults(self, s: Symbols) -> str | None:
        """Fractions that left [0, 1]."""
        if not self._diffusing:
            return None
        low, high = s.once(self.fraction_range)()
        least, most = s.once(self.range_before)()
        least = min(FRACTION_BOUNDS[0], least - FRACTION_SLACK)
        most = max(FRACTION_BOUNDS[1], most + FRACTION_SLACK)
        if least <= low <= high <= most:
            return None
        return f"lithium fraction {low:.4f} to {high:.4f} left [0, 1]"

    def events(self, s: Symbols) -> Sequence[Event]:
        """A surface that is full, or empty, before the step of the protocol has ended."""
        if not self._diffusing:
            return ()
        charging, extremes = s.state.charging, s.once(self.fraction_range)

        def fullness(highest: float) -> float:
            return highest - self.full if float(charging.value) > 0 else -inf

        def emptiness(lowest: float) -> float:
            return self.empty - lowest if float(charging.value) < 0 else -inf

        return [
            Event(
                kind="saturated",
                level=lambda row: fullness(row["lithium_fraction_max [-]"]),
                now=lambda: fullness(extremes()[1]),
                message=lambda row: (
                    f"lithiation ended at soc = {row['soc [-]']:.4f}: the surface is full "
                    f"(fraction {row['lithium_fraction_max [-]']:.4f} > {self.full:g}); "
                    "charge slower to go further"
                ),
                ends_step=True,
            ),
            Event(
                kind="depleted",
                level=lambda row: emptiness(row["lithium_fraction_min [-]"]),
                now=lambda: emptiness(extremes()[0]),
                message=lambda row: (
                    f"delithiation ended at soc = {row['soc [-]']:.4f}: the surface is empty "
                    f"(fraction {row['lithium_fraction_min [-]']:.4f} < {self.empty:g}); "
                    "discharge slower to go further"
                ),
                ends_step=True,
            ),
        ]

    @columns(
        Column("soc", "-", "lithium stored over the capacity of all hosts"),
        Column(
            "lithium_balance_error",
            "-",
            "(stored - initial - inserted lithium) over capacity; inserted is the summed surface "
            "flux; 0 by construction in hosts of uniform fraction; a run ends where it is beyond "
            f"{BALANCE:g}",
            limit=BALANCE,
        ),
        Column(
            "lithium_fraction_min",
            "-",
            "smallest lithium fraction at a node of the hosts",
            log="  c {:.3f}",
        ),
        Column(
            "lithium_fraction_max",
            "-",
            "largest lithium fraction at a node of the hosts",
            log="..{:.3f}",
        ),
    )
    def inventory(self, s: Symbols) -> Evaluate:
        """What is stored, and whether it is what has entered."""
        stored, capacity, extremes = (
            s.once(self.stored),
            self.capacity(s),
            s.once(self.fraction_range),
        )
        uniform = sum(
            share * s.volume(region.name) for region, share in _shares(s) if not region.diffuses
        )

        def evaluate() -> dict[str, float]:
            now = stored()
            error = 0.0
            if self._diffusing:
                followed = uniform * (float(s.state.soc.value) - s.sums["initial_soc"])
                error = now - s.sums["initial"] - s.sums["inserted"] - followed
            low, high = extremes()
            return {
                "soc": now / capacity,
                "lithium_balance_error": error / capacity,
                "lithium_fraction_min": low,
                "lithium_fraction_max": high,
            }

        return evaluate

    def charge(self, s: Symbols) -> Callable[[], float]:
        """Prepare the charge that is stored [C um^3/m^3]."""
        stored, per_volume = s.once(self.stored), self.charge_density(s)
        return lambda: stored() * per_volume

    def charge_density(self, s: Symbols) -> float:
        """Charge of full reference host, F c_max [C/m^3]."""
        return s.stress_scale / MPA / thermal_voltage(self.temperature)

    def outputs(self, s: Symbols) -> Sequence[FieldOutput]:
        """Fraction at the nodes of the hosts; between two of them, of the one named last.

        In detail also the chemical potential where the species diffuses, against its metal.
        """
        components = s.once(self.components)

        def fraction(nodes: Nodes) -> list[npt.NDArray[np.float64]]:
            blocks = nodes.space.dofmap.list
            found = {i: nodes.values(s.state["c"].sub(i)) for i in set(components.values())}
            values = np.full_like(nodes.zeros(), np.nan)
            for region in s.storing:
                own = np.unique(blocks[s.domain.cells(region.name)])
                values[own] = s.state.soc.value
                if region.diffuses:
                    values[own] = found[components[region.name]][own]
            return [values]

        def potential(nodes: Nodes) -> list[npt.NDArray[np.float64]]:
            c, blocks = s.state["c"], nodes.space.dofmap.list
            per_mole = 1e-3 * GAS_CONSTANT * self.temperature * nodes.values(c.sub(len(c) - 1))
            values = np.full_like(per_mole, np.nan)
            for name in self._names:
                own = np.unique(blocks[s.domain.cells(name)])
                values[own] = per_mole[own]
            return [values]

        standard, detailed = ({name: unit} for name, unit in self.field_units.items())
        found = [FieldOutput(units=standard, at_points=fraction)]
        if self._diffusing:
            found.append(FieldOutput(units=detailed, at_points=potential, detailed=True))
        return found


def _shares(s: Symbols) -> list[tuple[Region, float]]:
    """Hosts with their c_max over the reference one."""
    return [(r, r.species.RT_c_max / s.stress_scale) for r in s.storing if r.species]


class _Balance(Update):
    """Takes the content at the beginning of the run as the initial one of the balance."""

    def __init__(self, s: Symbols, storage: Storage) -> None:
        self._s, self._stored = s, s.once(storage.stored)
        for name in ("initial", "initial_soc", "inserted"):
            s.sums.setdefault(name, 0.0)

    def initialised(self) -> None:
        self._s.sums["initial"] = self._stored()
        self._s.sums["initial_soc"] = float(self._s.state.soc.value)
