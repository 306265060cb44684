"""Materials: how a solid deforms, flows and stores the species, in SI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import log
from typing import Annotated, Any, Literal

from anodefem.cards.constants import FARADAY, thermal_voltage
from anodefem.cards.curves import Curve
from anodefem.cards.laws import records
from anodefem.cards.plastic import RateIndependent
from anodefem.cards.quantities import Ideal, Quantity, Regular
from anodefem.cards.records import Choice, Function, Named, Number, Shares, Voltage

Carrier = Literal["Li", "Na", "K"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Maxwell branch beside the elasticity, which is what is left of the stress in the end.

    Attributes:
        shear: Shear modulus [Pa].
        relaxation_time: Time in which its stress falls to 1/e [s].
    """

    shear: Annotated[float, Number("Pa", gt=0.0)]
    relaxation_time: Annotated[float, Number("s", gt=0.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viscous:
    """Viscoelasticity.

    Attributes:
        branches: Maxwell branches beside the elasticity, one or more.
    """

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """Bonds of the branches break under load and close (see `anodefem.laws.viscoelasticity`).

    Attributes:
        energy: Energy of the bonds per volume [J/m^3]; they break beyond that energy in branches.
        damage_time: Time in which they break at twice that energy [s].
        healing_time: Time in which they close in an unloaded body [s].
    """

    energy: Annotated[float, Number("J/m^3", gt=0.0)]
    damage_time: Annotated[float, Number("s", gt=0.0)]
    healing_time: Annotated[float, Number("s", gt=0.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How a host takes up the species.

    Attributes:
        carrier: Element that is stored.
        guests_per_host: Stored atoms per host atom (or formula unit) at x = 1.
        molar_mass: Of the host atom or formula unit [kg/mol].
        concentration_max: Concentration at x = 1 per volume of the empty host [mol/m^3].
        capacity: Charge at x = 1 per mass of the empty host [mAh/g].
        volume_ratio: Stress-free volume over that of the empty host, Jc(x).
        swelling_exponents: Shares of ln(Jc) along the three axes of the material, sum 1, or
            ``None`` if it swells alike in all directions.
        partial_molar_volume: Of what is stored [m^3/mol], or ``None``; checked against the others.
        diffusivity: Diffusivity of the stress-free material over x at 298.15 K [m^2/s]: of Fick's
            law, or the tracer diffusivity in a regular solution (see `anodefem.laws.chemistry`).
        activation_energy: Of the diffusivity [J/mol]; 0 if it does not depend on the temperature.
        ocv: Open-circuit voltage against the species' metal over x [V].
        gradient_energy: kappa of the energy kappa/2 |grad x|^2 per reference volume [J/m]; 0 if
            concentration gradients cost nothing.
    """

    carrier: Carrier
    guests_per_host: Annotated[float, Number(gt=0.0)]
    molar_mass: Annotated[float, Number("kg/mol", gt=0.0)]
    concentration_max: Annotated[float, Number("mol/m^3", gt=0.0)]
    capacity: Annotated[float, Number("mA*h/g", gt=0.0)]
    volume_ratio: Annotated[Curve, Function(gt=0.0)]
    swelling_exponents: Annotated[tuple[float, float, float] | None, Shares()] = None
    partial_molar_volume: Annotated[float | None, Number("m^3/mol", gt=0.0)] = None
    diffusivity: Annotated[Curve, Function("m^2/s", gt=0.0)]
    activation_energy: Annotated[float, Number("J/mol", gt=0.0)] = 0.0
    ocv: Annotated[Curve | Ideal | Regular, Voltage()]
    gradient_energy: Annotated[float, Number("J/m", gt=0.0)] = 0.0

    def rest_potential(self, x: float, temperature: float) -> float:
        """Open-circuit voltage without stress [V].

        Args:
            x: Fraction, between 0 and 1.
            temperature: T [K].
        """
        if not isinstance(self.ocv, Ideal | Regular):
            return float(self.ocv(x))
        thermal = thermal_voltage(temperature)
        chi = self.ocv.chi_at(temperature) if isinstance(self.ocv, Regular) else 0.0
        return self.ocv.reference - thermal * (log(x / (1 - x)) + chi * (1 - 2 * x))

    def contradictions(self, density: float) -> Iterator[str]:
        """Yield a sentence for every number that does not follow from the others.

        Args:
            density: Of the empty host [kg/m^3].
        """
        c_max, ratio = self.concentration_max, self.volume_ratio
        expected = self.guests_per_host * density / self.molar_mass
        if abs(c_max / expected - 1.0) > 1e-3:
            yield (
                f"storage.concentration_max = {c_max:.6g} mol/m^3 is not guests_per_host * "
                f"density / molar_mass = {expected:.6g} mol/m^3"
            )
        capacity = c_max * FARADAY / (3600.0 * density)
        if abs(self.capacity / capacity - 1.0) > 5e-3:
            yield (
                f"storage.capacity = {self.capacity:.5g} mAh/g is not concentration_max * F / "
                f"density = {capacity:.5g} mAh/g"
            )
        if abs(ratio(0.0) - 1.0) > 1e-9:
            yield f"storage.volume_ratio is {ratio(0.0):g} at x = 0; it must be 1 there"
        if isinstance(self.ocv, Regular) and self.ocv.chi > 2.0 and not self.gradient_energy:
            yield (
                f"storage.gradient_energy is missing; with chi = {self.ocv.chi:g} > 2 the species "
                "separates into two phases, and without it their interface has no width"
            )
        if self.partial_molar_volume:
            swollen = 1.0 + self.partial_molar_volume * c_max
            if abs(swollen - ratio(1.0)) > 1e-3:
                yield (
                    f"storage.volume_ratio = {ratio(1.0):.5g} at x = 1 is not "
                    f"1 + partial_molar_volume * concentration_max = {swollen:.5g}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """Kinetics of the reaction at the surface of a host, with both transfer coefficients 1/2.

    Attributes:
        exchange_current: Exchange current density at x = 1/2 and 298.15 K [A/m^2]; it varies with
            the fraction at the surface as 2 sqrt(x (1 - x)).
        activation_energy: Of the exchange current [J/mol]; 0 if it does not depend on the
            temperature.
    """

    exchange_current: Annotated[float, Number("A/m^2", gt=0.0)]
    activation_energy: Annotated[float, Number("J/mol", gt=0.0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """Further numbers of a material, each optional.

    Attributes:
        strength: Stress at which it breaks [Pa].
        breaking_strain: Strain at which it breaks.
        toughness: Fracture energy Gc [J/m^2].
        fracture_toughness: Critical stress intensity KIc [Pa m^0.5].
        adhesion: Energy to peel it off what it lies on [J/m^2].
        interlayer_shear: Stress at which its layers slide over each other [Pa].
        sliding_efficiency: Share of Young's modulus that is left of layers which slide.
    """

    strength: Annotated[float | None, Number("Pa", gt=0.0)] = None
    breaking_strain: Annotated[float | None, Number(gt=0.0)] = None
    toughness: Annotated[float | None, Number("J/m^2", gt=0.0)] = None
    fracture_toughness: Annotated[float | None, Number("Pa*m^0.5", gt=0.0)] = None
    adhesion: Annotated[float | None, Number("J/m^2", gt=0.0)] = None
    interlayer_shear: Annotated[float | None, Number("Pa", gt=0.0)] = None
    sliding_efficiency: Annotated[float | None, Number(gt=0.0, le=1.0)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A solid: how it deforms, flows and stores the species.

    Attributes:
        name: Name of the card.
        title: One line for tables and pictures.
        kind: "host", "carbon", "metal", "polymer" or "ceramic".
        density: Density of the empty material [kg/m^3], or ``None``.
        elastic: Numbers of the elastic law: a record of `anodefem.cards.elastic` or of a plug-in.
        plastic: Numbers of the flow rule, or ``None`` if the material stays elastic.
        viscous: Maxwell branches of a viscoelastic material, or ``None``.
        healing: Damage of the branches, which heals; ``None`` if they cannot be damaged.
        storage: ``None`` if the material does not take up the species.
        kinetics: Of the reaction at its surface, or ``None`` if not known.
        properties: Further numbers, such as strength and toughness, by name.
        sources: Every number of the card with its source, by dotted key.
    """

    name: str = field(metadata={"card": False})
    title: str
    kind: Literal["host", "carbon", "metal", "polymer", "ceramic"]
    density: Annotated[float | None, Number("kg/m^3", gt=0.0)] = None
    elastic: Annotated[object, Choice("law", partial(records, "elastic"))]
    plastic: Annotated[RateIndependent | None, Choice("flow", partial(records, "plastic"))] = None
    viscous: Viscous | None = None
    healing: Healing | None = None
    storage: Storage | None = None
    kinetics: Reaction | None = None
    properties: Annotated[Mapping[str, Quantity[float]], Named(Properties)] = field(
        default_factory=dict
    )
    sources: Mapping[str, Quantity[Any]] = field(metadata={"card": False})

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Maxwell branches; empty if the material does not relax."""
        return self.viscous.branches if self.viscous else ()

    def numbers(self) -> Iterator[tuple[str, Quantity[Any]]]:
        """Yield every number of the card with its dotted key."""
        yield from self.sources.items()

    def contradictions(self) -> Iterator[str]:
        """Yield a sentence for everything that does not go together."""
        if self.healing and not self.viscous:
            yield "[healing] is of the branches in [viscous], and there are none; add one"
        if self.storage is None:
            if self.kinetics:
                yield "[kinetics] is of the reaction that stores, and there is no [storage]"
            return
        if self.density is None:
            yield "density is missing; a material that stores the species needs it"
        else:
            yield from self.storage.contradictions(self.density)
