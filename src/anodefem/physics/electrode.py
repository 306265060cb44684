"""The electrode as a cycler sees it: its potential and what makes it, current, and charge.

The potential is against the metal of the species. Where a reaction shares out the current it is the
unknown V of `anodefem.physics.kinetics`; where the flux is uniform, that of an infinitely fast
reaction, -mu/F. At every point of a surface it is a sum,

    V = -mu_0(x)/F (equilibrium) - (mu - mu_0)/F (stress) + eta (reaction) - i R (film),

of which the columns are the means over the reference area of the flux surfaces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ufl
from ufl.core.expr import Expr

from anodefem.cards.constants import thermal_voltage
from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Integral, Physics, Rule
from anodefem.fem.forms import added
from anodefem.fem.symbols import Symbols
from anodefem.laws.building import UM
from anodefem.laws.chemistry import potential
from anodefem.physics.hosts import mu
from anodefem.physics.storage import Storage
from anodefem.physics.surface_flux import Flux

#: Part of the capacity that the balance of charge may be off: round-off is 1e-12.
CHARGE_BALANCE = 1e-10


class Electrode(Physics):
    """Potential, current and charge.

    Attributes:
        storage: Knows what is stored.
        flux: Knows what flows.
        densities: Of the empty hosts, by region [kg/m^3]; without them nothing is given per mass.
        loading: Mass of the empty hosts over the area of the collector [kg/m^2]; 0 if not known.
    """

    name = "electrode"

    def __init__(
        self,
        storage: Storage,
        flux: Flux,
        densities: Mapping[str, float] | None = None,
        *,
        loading: float = 0.0,
    ) -> None:
        """Describe where charge comes from and where it goes.

        Args:
            storage: Knows what is stored.
            flux: Knows what flows.
            densities: Of the empty hosts, by region [kg/m^3].
            loading: Mass of the empty hosts over the area of the collector [kg/m^2]; 0 if that is
                not known, and then nothing is given per area.
        """
        self.storage, self.flux, self.densities = storage, flux, dict(densities or {})
        self.loading = loading

    @property
    def _thermal_voltage(self) -> float:
        return thermal_voltage(self.storage.temperature)

    def integrals(self, s: Symbols) -> Sequence[Integral]:
        """Charge that has passed, and what side reactions have taken of it; see `charges`."""
        if not s.offered("electrode_potential"):
            return ()
        rates = {"charge": self.flux.charge_rate(s), "side": self.flux.side_rate(s)}
        return [
            Integral(name=name, form=s.state.dt * rate, rule=Rule.BALANCE)
            for name, rate in rates.items()
            if rate is not None
        ]

    def means(self, s: Symbols) -> dict[str, Callable[[], float]]:
        """Prepare the parts of the potential [V], as means over the flux surfaces."""
        names = ("equilibrium", "stress", "kinetic", "film")
        found: list[tuple[Sequence[Expr], ufl.Measure]] = []
        over = self.flux.overpotentials(s)
        for region in s.diffusing:
            if region.species:
                rest = potential(region.species.potential, s.fraction(region.name))
                more = over.get(region.name, ())
                mine = (
                    -self._thermal_voltage * rest,
                    -self._thermal_voltage * (mu(s) - rest),
                    *more,
                )
                found.append((mine, s.ds(self.flux.surface_of(region.name))))
        if not found:
            name, species = next((r.name, r.species) for r in s.storing if r.species)
            stress = s.response(name).dpsi_dx / species.RT_c_max
            rest = potential(species.potential, s.fraction(name))
            mine = (-self._thermal_voltage * rest, -self._thermal_voltage * stress)
            found = [(mine, s.domain.dx(name, degree=s.domain.solid_degree))]
        weight, total = s.kinematics.weight, s.domain.total
        size = total(compile_form(added(s.one * weight * measure for _, measure in found)))

        def mean(place: int) -> Callable[[], float]:
            form = compile_form(added(each[place] * weight * ds for each, ds in found))
            return lambda: total(form) / size

        return {names[i]: mean(i) for i in range(len(found[0][0]))}

    def rest(self, s: Symbols) -> Callable[[], float]:
        """Prepare -mu/F [V], the potential of an electrode whose reaction is infinitely fast."""
        parts = s.once(self.means)
        return lambda: parts["equilibrium"]() + parts["stress"]()

    @columns(
        Column(
            "voltage",
            "V",
            "potential of the electrode against the metal of the species; with a uniform flux that "
            "of an infinitely fast reaction, -mu/F (mean over the flux surface)",
        ),
        Column(
            "equilibrium_voltage",
            "V",
            "part of the voltage that the open-circuit curve makes, at the fraction of the surface "
            "(parts of the voltage are means over the flux surface, and sum to it)",
        ),
        Column(
            "stress_overpotential",
            "mV",
            "part of the voltage that stress and gradient energy make",
        ),
        Column("kinetic_overpotential", "mV", "part of the voltage that drives the reaction"),
        Column("film_overpotential", "mV", "part of the voltage that falls in surface films"),
    )
    def potentials(self, s: Symbols) -> Evaluate:
        """The potential and what makes it."""
        means = s.once(self.means)
        unknown = bool(s.offered("electrode_potential"))

        def evaluate() -> dict[str, float]:
            parts = {name: mean() for name, mean in means.items()}
            total = s.value("potential") if unknown else sum(parts.values())
            rest = parts.pop("equilibrium")
            row = {"voltage": total, **({"equilibrium_voltage": rest} if unknown else {})}
            return row | {f"{name}_overpotential": 1e3 * part for name, part in parts.items()}

        return evaluate

    @columns(
        Column("c_rate", "1/h", "current over the charge of full hosts; positive when they fill"),
        Column("current", "mA/g", "current per mass of empty hosts"),
        Column("charge_passed", "mAh/g", "charge that has flowed so far, per mass of empty hosts"),
        Column(
            "side_charge",
            "mAh/g",
            "part of it that side reactions have taken (SEI), per mass of empty hosts",
        ),
        Column("specific_capacity", "mAh/g", "charge stored per mass of empty hosts"),
        Column(
            "areal_capacity",
            "mAh/cm^2",
            "charge stored per area of the collector (electrochemistry.areal_loading)",
        ),
        Column(
            "charge_balance_error",
            "-",
            "(charge passed - stored in addition - taken by side reactions) over capacity; a run "
            f"ends where it is beyond {CHARGE_BALANCE:g}",
            limit=CHARGE_BALANCE,
        ),
    )
    def charges(self, s: Symbols) -> Evaluate:
        """Where the charge is; of a uniform flux soc says it."""
        if not s.offered("electrode_potential"):
            return dict
        stored, flowing = s.once(self.storage.stored), compile_form(self.flux.charge_rate(s))
        unit = self.storage.charge_density(s)  # C/m^3 of full reference host
        capacity, side = self.storage.capacity(s), self.side_charge(s)
        mass = self._mass(s)

        def evaluate() -> dict[str, float]:
            now, rate, sums = stored(), s.domain.total(flowing), s.sums
            row = {"c_rate": 3600 * rate / capacity}
            if mass:
                per_gram = unit / mass / 3600  # mAh/g are 3600 C/kg
                row |= {
                    "current": 3600 * rate * per_gram,
                    "charge_passed": sums["charge"] * per_gram,
                    "side_charge": side() * per_gram,
                    "specific_capacity": now * per_gram,
                }
                if self.loading:
                    # g/cm^2 are 10 kg/m^2
                    row["areal_capacity"] = now * per_gram * self.loading / 10
            error = sums["charge"] - (now - sums["initial"]) - side()
            return row | {"charge_balance_error": error / capacity}

        return evaluate

    def _mass(self, s: Symbols) -> float:
        """Mass of the empty hosts [kg/m^3 um^3]; 0 if a density is not known."""
        hosts = [region.name for region in s.storing]
        if not self.densities.keys() >= {*hosts}:
            return 0.0
        return sum(self.densities[name] * s.volume(name) for name in hosts)

    def side_charge(self, s: Symbols) -> Callable[[], float]:
        """What side reactions have taken [um^3 of full reference host].

        As those that offer "side_charge" count it, by functions that return it in C/m^2 um^2; else
        as the current says.
        """
        counted = list(s.offered("side_charge").values())
        per_charge = UM / self.storage.charge_density(s)
        if counted:
            return lambda: per_charge * sum(float(each()) for each in counted)
        return lambda: s.sums.get("side", 0.0)
