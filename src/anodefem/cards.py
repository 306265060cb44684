"""Cards: materials and SEI recipes as data, in SI, every number with its source.

A card is a TOML file. Each number in it is a table ``{value, unit, source, tag}`` with an optional
``range`` and ``note``; a function of the guest fraction has a ``form`` instead of a ``value`` (see
`anodefem.curves`). The tag says how far to trust the number:

    source                 read in the source that is named
    review                 read in one of the two reviews that define the systems
    computed               follows from other numbers by the formula given as the source
    literature-unchecked   a common literature value, not yet checked against its source
    assumed                no source: there so that a run is possible
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from anodefem.curves import Curve
from anodefem.quantities import Ideal, Quantity, Regular

__all__ = [
    "ArrudaBoyce",
    "Branch",
    "Carrier",
    "Healing",
    "Hencky",
    "Ideal",
    "Material",
    "NeoHookean",
    "Overstress",
    "Perzyna",
    "Plastic",
    "PowerLaw",
    "Quantity",
    "RateIndependent",
    "Regular",
    "Sei",
    "Storage",
]

Carrier = Literal["Li", "Na", "K"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeoHookean:
    """Compressible neo-Hookean elasticity.

    Attributes:
        young: Young's modulus over x [Pa].
        poisson: Poisson's ratio over x.
    """

    young: Curve
    poisson: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Hencky(NeoHookean):
    """Elasticity that is linear in the logarithmic strain; same moduli for small strains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrudaBoyce:
    """Eight-chain rubber elasticity, stiffening towards the locking stretch.

    Attributes:
        shear: Initial shear modulus [Pa].
        locking_stretch: Chain stretch at full extension.
        bulk: Bulk modulus [Pa].
    """

    shear: float
    locking_stretch: float
    bulk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateIndependent:
    """J2 flow at a stress that does not depend on the rate, with linear hardening.

    Attributes:
        yield_stress: Uniaxial stress at first flow over x, at zero plastic strain [Pa].
        hardening: Its increase per equivalent plastic strain [Pa].
    """

    yield_stress: Curve
    hardening: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overstress(RateIndependent):
    """Equivalent plastic strain rate ``rate * <stress / yield_stress - 1>**exponent``.

    Attributes:
        rate: Reference strain rate at 298.15 K [1/s].
        exponent: Stress exponent.
        activation_energy: Of the rate [J/mol]; 0 if it does not depend on the temperature.
    """

    rate: float
    exponent: float
    activation_energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw(RateIndependent):
    """Rate ``rate * (<stress - yield_stress> / flow_resistance)**(1 / rate_sensitivity)``.

    Attributes:
        flow_resistance: Stress beyond the threshold at the reference rate over x [Pa].
        rate: Reference strain rate at 298.15 K [1/s].
        rate_sensitivity: One over the stress exponent.
        activation_energy: Of the rate [J/mol]; 0 if it does not depend on the temperature.
    """

    flow_resistance: Curve
    rate: float
    rate_sensitivity: float
    activation_energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Perzyna(RateIndependent):
    """Equivalent plastic strain rate ``<stress - yield_stress> / viscosity``.

    Attributes:
        viscosity: Uniaxial stress beyond the threshold over strain rate at 298.15 K [Pa s].
        activation_energy: Of the rate [J/mol]; 0 if it does not depend on the temperature.
    """

    viscosity: float
    activation_energy: float


Plastic: TypeAlias = RateIndependent | Overstress | PowerLaw | Perzyna


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Maxwell branch beside the elasticity, which is what is left of the stress in the end.

    Attributes:
        shear: Shear modulus [Pa].
        relaxation_time: Time in which its stress falls to 1/e [s].
    """

    shear: float
    relaxation_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """Bonds of the branches break under load and close (see `anodefem.laws.viscoelasticity`).

    Attributes:
        energy: Energy of the bonds per volume [J/m^3]; they break beyond that energy in branches.
        damage_time: Time in which they break at twice that energy [s].
        healing_time: Time in which they close in an unloaded body [s].
    """

    energy: float
    damage_time: float
    healing_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How a host takes up the carrier.

    Attributes:
        carrier: Element that is stored.
        concentration_max: Concentration at x = 1 per volume of the empty host [mol/m^3].
        volume_ratio: Stress-free volume over that of the empty host, Jc(x).
        swelling_exponents: Shares of ln(Jc) along the three axes of the material, sum 1, or
            ``None`` if it swells alike in all directions.
        diffusivity: Diffusivity of the stress-free material over x at 298.15 K [m^2/s]: of Fick's
            law, or the tracer diffusivity in a regular solution (see `anodefem.laws.chemistry`).
        activation_energy: Of the diffusivity [J/mol]; 0 if it does not depend on the temperature.
        ocv: Open-circuit voltage against the carrier's metal over x [V].
        gradient_energy: kappa of the energy kappa/2 |grad x|^2 per reference volume [J/m]; 0 if
            concentration gradients cost nothing.
        capacity_mAh_per_g: Charge at x = 1 per mass of the empty host [mAh/g].
        guests_per_host: Carrier atoms per host atom (or formula unit) at x = 1.
    """

    carrier: Carrier
    concentration_max: float
    volume_ratio: Curve
    swelling_exponents: tuple[float, float, float] | None
    diffusivity: Curve
    activation_energy: float
    ocv: Curve | Ideal | Regular
    gradient_energy: float
    capacity_mAh_per_g: float
    guests_per_host: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A solid: how it deforms, flows and stores the carrier.

    Attributes:
        name: Name of the card.
        title: One line for tables and pictures.
        kind: "host", "carbon", "metal", "polymer" or "ceramic".
        elastic: Elastic law.
        plastic: Plastic flow, or ``None`` if the material stays elastic.
        branches: Maxwell branches of a viscoelastic material; empty if it does not relax.
        healing: Damage of the branches, which heals; ``None`` if they cannot be damaged.
        storage: ``None`` if the material does not take up the carrier.
        density: Density of the empty material [kg/m^3], or ``None``.
        properties: Further numbers, such as strength and toughness, by name.
        sources: Every number of the card with its source, by dotted key.
    """

    name: str
    title: str
    kind: str
    elastic: NeoHookean | Hencky | ArrudaBoyce
    plastic: Plastic | None
    branches: tuple[Branch, ...]
    healing: Healing | None
    storage: Storage | None
    density: float | None
    properties: Mapping[str, Quantity[float]]
    sources: Mapping[str, Quantity[Any]]

    def numbers(self) -> Iterator[tuple[str, Quantity[Any]]]:
        """Yield every number of the card with its dotted key."""
        yield from self.sources.items()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sei:
    """Recipe of a solid electrolyte interphase: an elastic-plastic film on a surface.

    Attributes:
        name: Name of the card.
        title: Electrolyte and main components.
        carriers: Elements whose cells the recipe was made for.
        young: Young's modulus [Pa]; `young_range` holds its log-uniform band.
        poisson: Poisson's ratio.
        yield_strain: Strain at the elastic limit.
        fracture_strain: Strain at which the film breaks.
        flow: "rate-independent", "perzyna" for the equivalent plastic strain rate
            ``<stress - yield_stress> / viscosity``, or "garofalo" for the rate
            ``rate * sinh(stress / reference_stress)``.
        yield_stress: Uniaxial stress at which flow starts [Pa]; 0 for "garofalo".
        viscosity: [Pa s]; 0 unless "perzyna".
        rate: [1/s]; 0 unless "garofalo".
        reference_stress: [Pa]; 0 unless "garofalo".
        thickness: Thickness at formation [m].
        formation_strain: Stretch beyond the surface's with which the film forms, minus one;
            positive puts it under compression.
        toughness: Fracture energy [J/m^2].
        adhesion: Energy to peel the film off [J/m^2], or ``None`` if nobody said.
        growth: k of thickness^2 = h0^2 + 2 k t [m^2/s], or ``None`` if nobody said.
        young_range: Band of Young's modulus [Pa], or ``None``.
        sources: Every number of the card with its source, by dotted key.
    """

    name: str
    title: str
    carriers: tuple[Carrier, ...]
    young: float
    poisson: float
    yield_strain: float
    fracture_strain: float
    flow: Literal["rate-independent", "perzyna", "garofalo"]
    yield_stress: float
    viscosity: float
    rate: float
    reference_stress: float
    thickness: float
    formation_strain: float
    toughness: float
    adhesion: float | None
    growth: float | None
    young_range: tuple[float, float] | None
    sources: Mapping[str, Quantity[Any]]

    def numbers(self) -> Iterator[tuple[str, Quantity[Any]]]:
        """Yield every number of the card with its dotted key."""
        yield from self.sources.items()
