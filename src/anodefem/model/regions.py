"""From cards in SI units to laws in um, MPa and s: the border of the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ufl
from ufl.core.expr import Expr

from anodefem.cards import ArrudaBoyce, Ideal, Material, NeoHookean, Regular, Sei, Storage
from anodefem.cards.constants import GAS_CONSTANT, ROOM, arrhenius, thermal_voltage
from anodefem.cards.curves import Constant
from anodefem.cards.laws import law_of
from anodefem.cases import Frame
from anodefem.errors import InputError
from anodefem.laws import swelling
from anodefem.laws.building import MPA, UM
from anodefem.laws.chemistry import IdealSolution, OpenCircuit, Potential, RegularSolution
from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import Elasticity, Modulus
from anodefem.laws.film import Film, FilmFlowRule, Garofalo, PerfectPlasticity, Perzyna
from anodefem.laws.film_bond import FilmBond
from anodefem.laws.film_cracks import FilmStrength
from anodefem.laws.kinematics import Kinematics
from anodefem.laws.kinetics import ExchangeCurrent
from anodefem.laws.membrane import GrapheneMembrane
from anodefem.laws.plasticity import Elastic, FlowRule
from anodefem.laws.sei_growth import Growth
from anodefem.laws.solid import Solid
from anodefem.laws.viscoelasticity import Branch, Healing, Network


@dataclass(frozen=True, slots=True)
class Species:
    """What a region stores and how it moves.

    Attributes:
        concentration_max: c_max [mol/m^3] of the reference volume.
        RT_c_max: R T c_max [MPa].
        potential: Stress-free chemical potential.
        diffusivity: D(x) [um^2/s] (see `anodefem.laws.chemistry.mobility`).
        uniform: The fraction follows the state of charge instead of diffusing.
        gradient: kappa of the energy kappa/2 |grad x|^2 per reference volume [MPa um^2].
    """

    concentration_max: float
    RT_c_max: float
    potential: Potential
    diffusivity: Modulus
    uniform: bool
    gradient: float | Expr = 0.0


@dataclass(frozen=True, slots=True)
class Region:
    """A solid cell group with its law.

    Attributes:
        name: Cell group.
        solid: Mechanical law.
        species: Storage, or None for an inert region.
    """

    name: str
    solid: Solid
    species: Species | None

    @property
    def diffuses(self) -> bool:
        """The lithium fraction here is an unknown."""
        return self.species is not None and not self.species.uniform

    @property
    def viscous(self) -> bool:
        """The region has a viscoelastic network beside its elasticity."""
        return self.solid.network != Network()

    @property
    def stores(self) -> bool:
        """The region takes up the species."""
        return self.species is not None


def region(
    name: str,
    card: Material,
    *,
    transport: str,
    temperature: float,
    anisotropy: swelling.AnisotropicSwelling | None = None,
) -> Region:
    """Build the law of a cell group.

    Args:
        name: Cell group.
        card: Material card, SI units.
        transport: "diffusion" or "uniform".
        temperature: T [K].
        anisotropy: See `anisotropy`.

    Raises:
        InputError: The card combines laws that do not go together.
    """
    if card.plastic and isinstance(card.elastic, ArrudaBoyce):
        raise InputError(
            f"{card.name}: Arruda-Boyce elasticity cannot be combined with plastic flow; take "
            "law = 'neo-hookean' or 'hencky', or leave out [plastic]."
        )
    storage = card.storage
    if storage and storage.swelling_exponents and anisotropy is None:
        raise InputError(f"{card.name}: swells differently along its axes; it needs a frame.")
    solid = Solid(
        _elasticity(card, temperature),
        _flow(card, temperature),
        over_composition(storage.volume_ratio if storage else Constant(1.0)),
        network=_network(card),
        anisotropy=anisotropy,
    )
    species = None
    if storage:
        species = Species(
            concentration_max=storage.concentration_max,
            RT_c_max=GAS_CONSTANT * temperature * storage.concentration_max * MPA,
            potential=_potential(storage, temperature),
            diffusivity=over_composition(
                storage.diffusivity, scale=UM**2 * arrhenius(storage.activation_energy, temperature)
            ),
            uniform=transport == "uniform",
            gradient=storage.gradient_energy * MPA * UM**2,
        )
    return Region(name, solid, species)


def _elasticity(card: Material, temperature: float) -> Elasticity:
    numbers, share = card.elastic, _sliding_efficiency(card)
    if share != 1.0 and isinstance(numbers, NeoHookean):
        numbers = replace(numbers, young=numbers.young.scaled(share))
    law: Elasticity = law_of("elastic", numbers).built(numbers, temperature)
    return law


def _flow(card: Material, temperature: float) -> FlowRule:
    if card.plastic is None:
        return Elastic()
    rule: FlowRule = law_of("plastic", card.plastic).built(card.plastic, temperature)
    return rule


def anisotropy(
    card: Material, frame: Frame | None, kinematics: Kinematics
) -> swelling.AnisotropicSwelling | None:
    """Return how a material swells along its axes; None if alike in all directions.

    Args:
        card: Material card.
        frame: Where its axes lie, see `anodefem.laws.swelling`.
        kinematics: Position and axes of the body.
    """
    exponents = card.storage.swelling_exponents if card.storage else None
    if exponents is None or frame is None:
        return None
    place = swelling.cartesian if frame == "cartesian" else swelling.radial
    return place(exponents, kinematics)


def _network(card: Material) -> Network:
    branches = tuple(Branch(each.shear * MPA, each.relaxation_time) for each in card.branches)
    if card.healing is None:
        return Network(branches)
    law = card.healing
    return Network(branches, Healing(law.energy * MPA, law.damage_time, law.healing_time))


def _potential(storage: Storage, temperature: float) -> Potential:
    per_volt = 1 / thermal_voltage(temperature)
    if isinstance(storage.ocv, Ideal):
        return IdealSolution(storage.ocv.reference * per_volt)
    if isinstance(storage.ocv, Regular):
        # the interaction energy does not depend on the temperature
        interaction = storage.ocv.chi_at(temperature)
        return RegularSolution(storage.ocv.reference * per_volt, interaction)
    return OpenCircuit(over_composition(storage.ocv, scale=per_volt))


def exchange_current(card: Material, *, temperature: float) -> ExchangeCurrent:
    """Exchange current of a host.

    Args:
        card: Material card.
        temperature: T [K].

    Raises:
        InputError: The card has none.
    """
    numbers = card.kinetics
    if numbers is None:
        raise InputError(f"{card.name}: has no [kinetics]; its exchange current is not known.")
    factor = arrhenius(numbers.activation_energy, temperature)
    return ExchangeCurrent(numbers.exchange_current * factor)


def film(card: Sei) -> Film:
    """Law of an SEI recipe."""
    return Film(card.young * MPA, card.poisson, _film_flow(card))


def film_growth(card: Sei, temperature: float) -> Growth:
    """Growth of an SEI recipe that has a law of it, at a temperature [K]."""
    law: Growth = law_of("growth", card.growth).built(card.growth, temperature)
    return law


def film_bond(card: Sei) -> FilmBond:
    """Bond of an SEI recipe that has a shear strength and a fragment length."""
    if card.shear_strength is None or card.fragment_length is None:
        raise InputError(f"{card.name}: has no shear_strength and fragment_length.")
    return FilmBond(
        shear_strength=card.shear_strength * MPA,
        fragment_length=card.fragment_length * UM,
        adhesion=None if card.adhesion is None else card.adhesion * MPA * UM,
    )


def film_strength(card: Sei, *, blister: float) -> FilmStrength:
    """What an SEI recipe bears, with unbonded strips of half width ``blister`` [m]."""
    per_area = MPA * UM  # MPa um per J/m^2
    return FilmStrength(
        elastic_limit=card.elastic_limit * MPA,
        fracture_strain=card.fracture_strain,
        toughness=card.toughness * per_area,
        adhesion=None if card.adhesion is None else card.adhesion * per_area,
        delamination_half_width=blister * UM,
    )


def _film_flow(card: Sei) -> FilmFlowRule:
    if card.flow == "garofalo":
        return Garofalo(card.rate, card.reference_stress * MPA)
    if card.flow == "perzyna":
        return Perzyna(card.yield_stress * MPA, card.viscosity * MPA)
    return PerfectPlasticity(card.yield_stress * MPA)


def sheet(card: Material, *, thickness: float) -> GrapheneMembrane:
    """Law of a membrane cage of ``thickness`` [um] from the card of its solid."""
    law = card.elastic
    if not isinstance(law, NeoHookean):
        raise InputError(
            f"{card.name}: a membrane cage needs a Young's modulus; take a card with "
            "law = 'neo-hookean'."
        )
    return GrapheneMembrane(stiffness(card), float(law.poisson(0.0)), thickness)


def _sliding_efficiency(card: Material) -> float:
    """Share of Young's modulus that is left of layers which slide over each other."""
    given = card.properties.get("sliding_efficiency")
    return given.si if given else 1.0


def stiffness(card: Material) -> float:
    """Stiffness of the empty material, for comparing materials [MPa]."""
    law = card.elastic
    if isinstance(law, NeoHookean):
        return float(law.young(0.0)) * MPA * _sliding_efficiency(card)
    if isinstance(law, ArrudaBoyce):
        return law.shear * MPA
    shear = _elasticity(card, ROOM).shear(ufl.as_ufl(0.0))
    return float(ufl.as_ufl(shear)(()))
