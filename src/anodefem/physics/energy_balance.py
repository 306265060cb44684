"""Where the energy goes: what swelling supplies, what is stored, spent, and set free by cracks.

Swelling does the work int (d psi/dx) dx dX on the body. Over a step with the cracks as they were at
its start, it must be what is stored in addition and what is lost in flow; the rest is the error of
the balance, of second order in the step. Then cracks grow at a fixed load: what that takes from the
store beyond the toughness of the cracks is set free. Statics cannot say where it goes (in truth to
sound and heat); it is never negative, and vanishes with the step where cracks grow steadily.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ufl
from dolfinx import fem

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Physics
from anodefem.fem.fields import at_points
from anodefem.fem.forms import added
from anodefem.fem.points import PointValues
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA


@dataclass(frozen=True, slots=True)
class _State:
    """Energies [MPa um^3] at one moment of a step.

    Attributes:
        stored: Elastic energy of solids, interfaces, SEI and sheet; that of voids is left out.
        lost: In flow, relaxation and interfaces since the start of the step.
        cracks: Toughness times area of all cracks.
        work: Done by swelling since the moment before.
    """

    stored: float
    lost: float
    cracks: float
    work: float


class EnergyBalance(Physics):
    """Follows the energy of a problem through its steps."""

    name = "energy_balance"

    def balance(self, s: Symbols) -> Balance:
        """Prepare to follow; collective."""
        return Balance(s)

    def updates(self, s: Symbols) -> Sequence[Update]:
        """What follows the energy from step to step."""
        return [s.once(self.balance)]

    @columns(
        Column(
            "swelling_work",
            "J/m^3",
            "work of swelling on the body so far over the hosts' reference volume, where something "
            "can break: the integral of d psi/dx over the lithium taken up",
        ),
        Column(
            "elastic_energy",
            "J/m^3",
            "elastic energy of solids, interfaces and SEI over the hosts' reference volume, "
            "likewise",
        ),
        Column(
            "crack_release",
            "J/m^3",
            "energy that cracks have set free so far beyond their toughness, growing at a fixed "
            "load; never negative, vanishes with the step where cracks grow steadily",
        ),
        Column(
            "energy_balance_error",
            "-",
            "(swelling work - stored - spent - set free) over what is stored, spent and set free; "
            "of first order in the step where something flows, of second order elsewhere",
        ),
    )
    def energies_of_the_run(self, s: Symbols) -> Evaluate:
        """Work, energy and error of the balance."""
        balance, sums = s.once(self.balance), s.sums
        lost = [each.name for other in s.physics for each in other.integrals(s) if each.lost]

        def evaluate() -> dict[str, float]:
            per_host = 1 / (MPA * s.host_volume)
            flow = sum(sums[name] for name in lost)
            scale = balance.stored + flow + balance.cracks + sums["crack_release"]
            return {
                "swelling_work": sums["swelling_work"] * per_host,
                "elastic_energy": balance.stored * per_host,
                "crack_release": sums["crack_release"] * per_host,
                "energy_balance_error": sums["balance_error"] / scale if scale else 0.0,
            }

        return evaluate


class Balance(Update):
    """Energy at the moments of a step; every method is collective."""

    def __init__(self, s: Symbols) -> None:
        """Compile.

        Args:
            s: Symbols of the problem.
        """
        self._s = s
        lost = [each.form for other in s.physics for each in other.integrals(s) if each.lost]
        self._lost = [compile_form(form) for form in lost]
        stored = [form for other in s.physics for form in other.energies(s)]
        self._stored = compile_form(added(stored))
        self._cracks = [compile_form(form) for form in s.offered("crack_work").values()]
        grid = s.domain.mesh
        space = fem.functionspace(grid, at_points(s.domain))
        self._push, self._push_before = PointValues(space), fem.Function(space)
        self._soc_before = fem.Constant(grid, 0.0)
        self._fraction_before = []
        if s.diffusing:
            self._fraction_before = [fem.Function(s.state["c"].function_space)]
        for region in s.storing:
            # with a field in it FFCx finds the mesh, even if nothing swells
            force = s.response(region.name).dpsi_dx + s.zero * self._push_before
            self._push.add(force, s.domain.cells(region.name))
        self._work = compile_form(added(self._supplied()))
        for name in ("swelling_work", "balance_error", "crack_release"):
            s.sums.setdefault(name, 0.0)
        self._start = self._loaded = _State(0.0, 0.0, 0.0, 0.0)
        self._keep()

    @property
    def stored(self) -> float:
        """Elastic energy at the start of the step that begins [MPa um^3]."""
        return self._start.stored

    @property
    def cracks(self) -> float:
        """Toughness times area of all cracks then [MPa um^3]."""
        return self._start.cracks

    def _supplied(self) -> Iterable[ufl.Form]:
        """Int mean(d psi/dx) (x - x_before) dX of every host."""
        s = self._s
        for region in s.storing:
            before = self._soc_before
            if region.diffuses:
                before = self._fraction_before[0][s.offered("fraction_component")[region.name]]
            mean = (s.response(region.name).dpsi_dx + self._push_before) / 2
            change = s.fraction(region.name) - before
            dx = s.domain.dx(region.name, degree=s.domain.solid_degree)
            yield mean * change * s.kinematics.weight * dx

    def _measure(self) -> _State:
        """Read the present state, and let the next work count from it."""
        total, state = self._s.domain.total, self._s.state
        now = _State(
            stored=total(self._stored),
            lost=sum(map(total, self._lost)),
            cracks=sum(map(total, self._cracks)),
            work=total(self._work),
        )
        self._push_before.x.array[:] = self._push.evaluate().x.array
        for before in self._fraction_before:
            before.x.array[:] = state["c"].x.array
        self._soc_before.value = state.soc.value
        return now

    def _fields(self) -> list[fem.Function]:
        return [self._push_before, *self._fraction_before]

    def _keep(self) -> None:
        """Remember from where the work of the step that begins counts."""
        self._kept = [field.x.array.copy() for field in self._fields()]
        self._soc_kept = float(self._soc_before.value)

    def started(self) -> None:
        """Take the present energies as those from which the first step counts."""
        self._start = self._measure()
        self._keep()

    def loaded(self) -> None:
        """Read the energies before cracks grow."""
        self._loaded = self._measure()

    def rejected(self) -> None:
        """Count from the start of the step again."""
        for field, kept in zip(self._fields(), self._kept, strict=True):
            field.x.array[:] = kept
        self._soc_before.value = self._soc_kept

    def solved(self) -> None:
        """Add the work of the step, the error of its balance, and what cracks set free."""
        start, loaded, end = self._start, self._loaded, self._measure()
        error = loaded.work - (loaded.stored - start.stored) - loaded.lost
        self._keep()
        kept = (end.stored + end.lost + end.cracks) - (loaded.stored + loaded.lost + loaded.cracks)
        self._start = _State(end.stored, 0.0, end.cracks, 0.0)
        sums = self._s.sums
        sums["swelling_work"] += loaded.work + end.work
        sums["balance_error"] += error
        sums["crack_release"] += end.work - kept
