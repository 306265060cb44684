"""Growth of the SEI: table [growth] of a recipe, named by its key ``law``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from anodefem.cards.laws import Law, ship
from anodefem.cards.records import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What every law of growth shares.

    Attributes:
        molar_volume: Of the SEI [m^3/mol].
        electrons: Electrons that one mole of it takes, and ions of the species, in mol.
        initial_thickness: Of what is there before it grows [m]; its charge has not been drawn.
        resistivity: To the current of ions through it [ohm m].
        activation_energy: Of all rates of the table, which hold at 298.15 K [J/mol]; 0 if they do
            not depend on the temperature.
        dissolution: Thickness that dissolves in a pure electrolyte [m/s].
        saturation: Concentration of what dissolves over that of the saturated electrolyte:
            dissolution is ``1 - saturation`` times as fast.
    """

    molar_volume: Annotated[float, Number("m^3/mol", gt=0.0)]
    electrons: Annotated[float, Number(gt=0.0)]
    initial_thickness: Annotated[float, Number("m", gt=0.0)]
    resistivity: Annotated[float, Number("ohm*m", ge=0.0)] = 0.0
    activation_energy: Annotated[float, Number("J/mol", ge=0.0)] = 0.0
    dissolution: Annotated[float, Number("m/s", ge=0.0)] = 0.0
    saturation: Annotated[float, Number(ge=0.0, le=1.0)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Growth):
    """Growth that the reaction at the SEI limits: it does not slow down as the SEI thickens.

    Attributes:
        exchange_current: j0 [A/m^2].
        transfer: Share of the potential that drives the reaction.
        potential: U at which the SEI is in equilibrium, against the species' metal [V].
    """

    exchange_current: Annotated[float, Number("A/m^2", ge=0.0)]
    transfer: Annotated[float, Number(gt=0.0, lt=1.0)]
    potential: Annotated[float, Number("V")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolventDiffusion(Growth):
    """Growth that diffusion of the solvent through the SEI limits: thickness^2 = h0^2 + 2 k t.

    Attributes:
        diffusivity: Of the solvent in the SEI [m^2/s].
        concentration: Of the solvent in the electrolyte [mol/m^3].
    """

    diffusivity: Annotated[float, Number("m^2/s", ge=0.0)]
    concentration: Annotated[float, Number("mol/m^3", gt=0.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronMigration(Growth):
    """Growth that electrons limit which migrate through the SEI; none above its potential.

    Attributes:
        conductivity: Of the SEI for electrons [S/m].
        potential: U at which the SEI is in equilibrium, against the species' metal [V].
    """

    conductivity: Annotated[float, Number("S/m", ge=0.0)]
    potential: Annotated[float, Number("V")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interstitials(Growth):
    """Growth that neutral interstitials limit, which diffuse from the electrode through the SEI.

    Attributes:
        diffusivity: Of the interstitials [m^2/s].
        concentration: Of the interstitials in equilibrium with the species' metal [mol/m^3].
    """

    diffusivity: Annotated[float, Number("m^2/s", ge=0.0)]
    concentration: Annotated[float, Number("mol/m^3", gt=0.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionDiffusion(Growth):
    """Growth by a solvent that diffuses through the SEI and then reacts.

    Attributes:
        rate: Of the reaction at the equilibrium potential [m/s].
        transfer: Share of the potential that drives the reaction.
        potential: U at which the SEI is in equilibrium, against the species' metal [V].
        diffusivity: Of the solvent in the SEI [m^2/s].
        concentration: Of the solvent in the electrolyte [mol/m^3].
    """

    rate: Annotated[float, Number("m/s", ge=0.0)]
    transfer: Annotated[float, Number(gt=0.0, lt=1.0)]
    potential: Annotated[float, Number("V")]
    diffusivity: Annotated[float, Number("m^2/s", gt=0.0)]
    concentration: Annotated[float, Number("mol/m^3", gt=0.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnelling(Growth):
    """Growth that electrons limit which tunnel through the SEI: thickness grows with ln t.

    Attributes:
        exchange_current: At the potential of the species' metal and no thickness [A/m^2].
        transfer: Share of the potential that drives it.
        decay: One over the thickness in which it falls to 1/e [1/m].
    """

    exchange_current: Annotated[float, Number("A/m^2", ge=0.0)]
    transfer: Annotated[float, Number(gt=0.0, lt=1.0)]
    decay: Annotated[float, Number("1/m", gt=0.0)]


_SHIPPED: tuple[tuple[str, type[Growth], str], ...] = (
    ("reaction", Reaction, "j = j0 exp(-a F eta/RT), eta = V - U"),
    ("solvent-diffusion", SolventDiffusion, "j = D c F/L"),
    ("electron-migration", ElectronMigration, "j = kappa <-eta>/L, eta = V - U"),
    ("interstitials", Interstitials, "j = D c F/L exp(-F V/RT)"),
    (
        "reaction-diffusion",
        ReactionDiffusion,
        "j = F c k/(1 + L k/D), k = k0 exp(-a F eta/RT), eta = V - U",
    ),
    ("tunnelling", Tunnelling, "j = j0 exp(-a F V/RT) exp(-b L)"),
)
for _name, _record, _formula in _SHIPPED:
    ship(
        Law(
            name=_name,
            kind="growth",
            record=_record,
            formula=_formula,
            build=f"anodefem.laws.sei_growth:{_name.replace('-', '_')}",
        )
    )
