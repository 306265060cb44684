"""Kinetics of the reaction: all surfaces of the hosts share one electrode potential.

Per current area, at every point of a surface, or of a wetted crack face,

    i = i0(x) (exp(-eta F/2RT) - exp(eta F/2RT)),    eta = V - U + i R,    U = -mu/F,

with the whole chemical potential mu, stress included, and the resistance R of a film (see
`anodefem.laws.kinetics`). The solid conducts so well that V is one number for the body, found from
what is imposed: a current, V itself, or a power. Hosts side by side share the current, each as its
own reaction lets it.

V follows at every iterate from the present fields, by a Newton method of its own, so that what is
imposed is met at every iterate; the bordered row of the system says how V gives way when the fields
move. At a jump of the current V jumps at the same instant.

What other physics offer is taken in: "film_resistance" by host [Ohm m^2], "side_current" of
reactions that store nothing (`Kinetics.side`), and "side_charge", what these have taken so far
(`anodefem.physics.electrode`). They find V [V] under "electrode_potential".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ufl
from dolfinx import default_scalar_type, fem
from ufl.core.expr import Expr

from anodefem.cards.constants import thermal_voltage
from anodefem.compilation import compile_form
from anodefem.controls import Control
from anodefem.fem.contract import ANYWHERE
from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Unknown
from anodefem.fem.forms import added
from anodefem.fem.symbols import Symbols
from anodefem.fem.updates import Update
from anodefem.laws.building import MPA, UM
from anodefem.laws.kinetics import ExchangeCurrent, activation
from anodefem.physics.hosts import mu
from anodefem.physics.surface_flux import Flux, Parts

#: Largest change of V in an iteration, in RT/F, and iterations after which V is given up.
LARGEST_CHANGE, ITERATIONS = 4.0, 200
#: Last change of V, in RT/F, after which it is exact: Newton's method squares it once more.
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class _Switches:
    """Constants of the control equation, so that a change of control compiles nothing.

    Attributes:
        current, voltage, power: Weights, one of which is 1.
        wanted_voltage: Voltage of the cell that is given [V].
        wanted_power: That voltage times charging rate that is given [V/s].
        open: 0 while hosts are filled to the initial state, and nothing may flow; else 1.
    """

    current: fem.Constant
    voltage: fem.Constant
    power: fem.Constant
    wanted_voltage: fem.Constant
    wanted_power: fem.Constant
    open: fem.Constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """The reaction on some surface of a host.

    Attributes:
        host: Region.
        current: i, positive when the host fills [A/m^2 of current area].
        kinetic: eta, the overpotential of the reaction [V].
        film: -i R [V].
        area: Current per reference area, with the kinematics' weight.
        measure: Of the surface, or of the volume through which crack faces are smeared.
    """

    host: str
    current: Expr
    kinetic: Expr
    film: Expr
    area: Expr
    measure: ufl.Measure


class Kinetics(Flux):
    """Butler-Volmer kinetics at the surfaces of all hosts.

    Attributes:
        exchange: Exchange current by host.
        temperature: T [K].
        resistance: Of a film on every surface, beside what others offer [Ohm m^2].
    """

    name = "kinetics"

    def __init__(
        self,
        groups: Sequence[str],
        exchange: Mapping[str, ExchangeCurrent],
        *,
        temperature: float = 298.15,
        resistance: float = 0.0,
    ) -> None:
        """Describe the reaction.

        Args:
            groups: Facet groups that touch the electrolyte.
            exchange: Exchange current by host.
            temperature: T [K].
            resistance: Of a film on every surface, beside what others offer [Ohm m^2].
        """
        super().__init__(groups)
        self.exchange, self.temperature, self.resistance = exchange, temperature, resistance

    @property
    def thermal_voltage(self) -> float:
        """RT/F [V]."""
        return thermal_voltage(self.temperature)

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """The potential of the electrode against the metal of the species [V]."""
        return [Unknown(name="potential", element=GLOBAL, scales=(self.thermal_voltage,))]

    def offers(self, s: Symbols) -> Mapping[str, Any]:
        """The potential of the electrode [V]."""
        return {"electrode_potential": lambda: {ANYWHERE: s.state["potential"]}}

    def switches(self, s: Symbols) -> _Switches:
        """Constants of the control equation: a current, at first."""
        values = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
        return _Switches(*(fem.Constant(s.domain.mesh, default_scalar_type(v)) for v in values))

    def reactions(self, s: Symbols) -> list[Reaction]:
        """The reaction on the surfaces of all hosts, and on wetted crack faces."""
        weight, wetted = s.kinematics.weight, s.offered("wetted")
        films = s.offered("film_resistance")
        found = []
        for region in s.diffusing:
            name = region.name
            film = self.resistance + films[name] if name in films else self.resistance
            ratio = s.surface.area_ratio * weight
            found.append(self._reaction(s, name, film, ratio, s.ds(self.surface_of(name))))
            if name in wetted:
                # fresh faces, whose area is that of the reference configuration
                dx = s.domain.dx(name, degree=s.domain.solid_degree)
                found.append(self._reaction(s, name, self.resistance, wetted[name] * weight, dx))
        return found

    def _reaction(
        self, s: Symbols, host: str, film: Expr | float, area: Expr, measure: ufl.Measure
    ) -> Reaction:
        """Return the reaction on a surface of a host.

        Args:
            s: Symbols of the problem.
            host: Region.
            film: Resistance [Ohm m^2].
            area: Current per reference area, with the kinematics' weight.
            measure: Of the surface.
        """
        double = 2 * self.thermal_voltage
        exchange = self.exchange[host](s.fraction(host))
        drive = -mu(s) / 2 - s.state["potential"] / double
        bare = isinstance(film, float) and film == 0.0
        z = activation(drive, None if bare else film * exchange / self.thermal_voltage)
        current = 2 * exchange * ufl.sinh(z)
        return Reaction(
            host=host,
            current=current,
            kinetic=-double * z,
            film=-film * current,
            area=area,
            measure=measure,
        )

    def _per_charge(self, s: Symbols) -> float:
        """Full reference host per charge [um^3 per C/m^2 um^2]."""
        return UM * self.thermal_voltage * MPA / s.stress_scale

    def rates(self, s: Symbols) -> Parts:
        """Species entering, as rates [um^3/s of full reference host] over their measures."""
        unit = self._per_charge(s)
        return [(unit * r.current * r.area, r.measure) for r in s.once(self.reactions)]

    def side(self, s: Symbols) -> Parts:
        """Rates of reactions that store nothing, likewise.

        Whoever offers "side_current" gives, under any name, integrands with their measures: the
        current per current area [A/m^2], positive when it takes species from the electrolyte as
        lithiation does, times the current per reference area and the kinematics' weight.
        """
        unit = self._per_charge(s)
        offered = s.offered("side_current").values()
        return [(unit * each, measure) for parts in offered for each, measure in parts]

    def insertion(self, s: Symbols) -> Parts:
        """Species entering in the step, as integrands [um] or [-] and their measures.

        In units of the largest c_max of the hosts.
        """
        amount = s.state.dt * s.once(self.switches).open
        return [(amount * rate, measure) for rate, measure in s.once(self.rates)]

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """What enters, and the equation of V: what is imposed is met [1/s]."""
        return {**super().forms(s), "potential": s.once(self.control_equation)}

    def control_equation(self, s: Symbols) -> ufl.Form:
        """(I - I*) or (E - E*) F/RT or (E I - P*), each with its weight; I is a charging rate.

        E is the voltage of the cell: V itself in a half cell, in a full cell the potential that
        others offer as "cathode_potential" less V.
        """
        switches, E = s.once(self.switches), s.state["potential"]
        for cathode in s.offered("cathode_potential").values():
            E = cathode - E
        on = switches.current + switches.power * E
        parts = [*s.once(self.rates), *s.once(self.side)]
        flowing = added(on / self.capacity(s) * rate * measure for rate, measure in parts)
        wanted = switches.current * s.state.charging + switches.power * switches.wanted_power
        held = switches.voltage * (E - switches.wanted_voltage) / self.thermal_voltage
        hosts = [region.name for region in s.diffusing]
        dx = s.domain.dx(*hosts, degree=s.domain.solid_degree)
        return flowing + (held - wanted) / s.volume(*hosts) * s.kinematics.weight * dx

    def capacity(self, s: Symbols) -> float:
        """Species in full hosts [um^3 of full reference host]."""
        return sum(
            s.volume(region.name) * region.species.RT_c_max / s.stress_scale
            for region in s.diffusing
            if region.species
        )

    def control(self, s: Symbols, control: Control) -> None:
        """Impose something else from now on; V jumps to what belongs to it and the present fields.

        Args:
            s: Symbols of the problem.
            control: What is imposed.
        """
        switches = s.once(self.switches)
        switches.current.value = float(control.mode in ("current", "rest"))
        switches.voltage.value = float(control.mode == "voltage")
        switches.power.value = float(control.mode == "power")
        switches.wanted_voltage.value = control.target if control.mode == "voltage" else 0.0
        switches.wanted_power.value = control.target if control.mode == "power" else 0.0
        s.state.charging.value = control.charging
        s.once(self.potential).local_solve()
        s.state.start("potential").x.array[:] = s.state["potential"].x.array

    def fill(self, s: Symbols, before: float, soc: float) -> None:
        """Let nothing flow while the hosts are filled.

        Args:
            s: Symbols of the problem.
            before: State of charge now [-].
            soc: State of charge that is wanted [-].
        """
        s.once(self.switches).open.value = 0.0

    def overpotentials(self, s: Symbols) -> Mapping[str, tuple[Expr, Expr]]:
        """Overpotential of the reaction, and of films, on the flux surface of every host [V]."""
        surfaces = {region.name: s.ds(self.surface_of(region.name)) for region in s.diffusing}
        return {
            each.host: (each.kinetic, each.film)
            for each in s.once(self.reactions)
            if each.measure == surfaces[each.host]
        }

    def charge_rate(self, s: Symbols) -> ufl.Form:
        """Current [um^3 of full reference host per s], side reactions included."""
        return added(rate * measure for rate, measure in [*s.once(self.rates), *s.once(self.side)])

    def side_rate(self, s: Symbols) -> ufl.Form | None:
        """The part of it that is not stored; None without side reactions."""
        parts = s.once(self.side)
        return added(rate * measure for rate, measure in parts) if parts else None

    def potential(self, s: Symbols) -> Potential:
        """Prepare what finds V; compiles."""
        return Potential(s, self)

    def updates(self, s: Symbols) -> Sequence[Update]:
        """V at every iterate."""
        return [s.once(self.potential)]


class Potential(Update):
    """Finds V from the present fields; every method is collective."""

    def __init__(self, s: Symbols, kinetics: Kinetics) -> None:
        """Compile.

        Args:
            s: Symbols of the problem.
            kinetics: Has the equation of V.
        """
        self._s, self._switches = s, s.once(kinetics.switches)
        self._unit = kinetics.thermal_voltage
        equation = s.once(kinetics.control_equation)
        self._value = compile_form(equation)
        self._slope = compile_form(s.derivative(equation, "potential"))

    def started(self) -> None:
        """The initial state is there: let the species in."""
        self._switches.open.value = 1.0

    def local_solve(self) -> None:
        """Newton's method in one unknown; what is wrong with the fields is not settled here."""
        total, V = self._s.domain.total, self._s.value("potential")
        for _ in range(ITERATIONS):
            value, slope = total(self._value), total(self._slope)
            change = -value / slope if slope else math.nan
            if not math.isfinite(change):
                return
            limit = LARGEST_CHANGE * self._unit
            V += min(max(change, -limit), limit)
            self._s.state.set_value("potential", V)
            if abs(change) <= CLOSE * self._unit:
                return
