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
from typing import Any, Literal

from anodefem.curves import Curve
from anodefem.quantities import Ideal, Quantity, Regular

__all__ = [
    "ArrudaBoyce",
    "Branch",
    "Carrier",
    "Healing",
    "Ideal",
    "Material",
    "NeoHookean",
    "Plastic",
    "Quantity",
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
class Plastic:
    """J2 flow with linear hardening.

    Attributes:
        yield_stress: Uniaxial flow stress over x at zero plastic strain [Pa].
        hardening: Increase of the flow stress per equivalent plastic strain [Pa].
        flow: "rate-independent", or "overstress" for the equivalent plastic strain rate
            ``rate * <stress / yield_stress - 1>**exponent``.
        rate: Reference strain rate [1/s]; 0 if rate-independent.
        exponent: Stress exponent; 1 if rate-independent.
    """

    yield_stress: Curve
    hardening: float
    flow: Literal["rate-independent", "overstress"]
    rate: float
    exponent: float


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
    """Bonds that break under load and close again (see `anodefem.laws.viscoelasticity`).

    Attributes:
        energy: Energy of the bonds per volume [J/m^3]; they break beyond that strain energy.
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
        diffusivity: Diffusivity of the stress-free material over x [m^2/s]: of Fick's law, or the
            tracer diffusivity in a regular solution (see `anodefem.laws.chemistry`).
        ocv: Open-circuit voltage against the carrier's metal over x [V].
        gradient_energy: kappa of the energy kappa/2 |grad x|^2 per reference volume [J/m]; 0 if
            concentration gradients cost nothing.
        capacity_mAh_per_g: Charge at x = 1 per mass of the empty host [mAh/g].
        guests_per_host: Carrier atoms per host atom (or formula unit) at x = 1.
    """

    carrier: Carrier
    concentration_max: float
    volume_ratio: Curve
    diffusivity: Curve
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
        healing: Damage that heals, or ``None`` if the material cannot be damaged.
        storage: ``None`` if the material does not take up the carrier.
        density: Density of the empty material [kg/m^3], or ``None``.
        properties: Further numbers, such as strength and toughness, by name.
        sources: Every number of the card with its source, by dotted key.
    """

    name: str
    title: str
    kind: str
    elastic: NeoHookean | ArrudaBoyce
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
        yield_stress: Uniaxial flow stress [Pa].
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
    yield_stress: float
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
