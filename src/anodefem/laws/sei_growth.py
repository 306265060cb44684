"""Growth of the SEI at a point: the current of its reaction, and its thickness after a step.

The current j [A/m^2, positive where the SEI grows, per current area] follows from the thickness L,
the potential V of the electrode against the species' metal, and the drop i R over the SEI of the
current i that is stored (positive when lithiating). The SEI grows by dL/dt = omega j - k, with
omega = V_SEI/(z F) [um per C/m^2] and the rate k at which it dissolves. Every current falls with L
and is convex in it, so an implicit step has one solution, which Newton's method approaches from
below whatever the length of the step.

Laws as in Single, Latz and Horstmann (ChemSusChem 11 (2018) 1950), who compare them, and in PyBaMM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from anodefem.cards import growth as numbers
from anodefem.cards.constants import FARADAY, GAS_CONSTANT, arrhenius

Array = npt.NDArray[np.float64]

UM = 1e6  # um per m
#: Thickness [um] below which no current grows further: a single layer of molecules.
THINNEST = 1e-4
#: Largest relative change of a thickness in the last iteration.
PRECISION = 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential:
    """Potentials at points.

    Attributes:
        electrode: V of the electrode against the species' metal [V].
        film_drop: Drop i R of the stored current over the SEI [V], positive when lithiating.
    """

    electrode: Any
    film_drop: Any = 0.0

    @property
    def behind_film(self) -> Any:
        """V + i R [V], against the electrolyte: what drives a reaction at the SEI."""
        return self.electrode + self.film_drop


class GrowthLaw(Protocol):
    """Current of the reaction, of arrays of one shape."""

    def current(self, thickness: Any, potential: Potential) -> Any:
        """J [A/m^2] at a thickness [um]."""

    def by_thickness(self, thickness: Any, potential: Potential) -> Any:
        """Derivative of `current` by the thickness [A/m^2/um]; never positive."""

    def by_electrode(self, thickness: Any, potential: Potential) -> Any:
        """Derivative of `current` by V of the electrode [A/m^2/V]; never positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """J = j0 exp(-s eta) with eta = V + i R - U.

    Attributes:
        exchange_current: j0 [A/m^2].
        slope: s = a F/(R T) [1/V].
        equilibrium: U [V].
    """

    exchange_current: float
    slope: float
    equilibrium: float

    def current(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        eta = potential.behind_film - self.equilibrium
        return self.exchange_current * np.exp(-self.slope * eta) + 0.0 * thickness

    def by_thickness(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return 0.0 * thickness

    def by_electrode(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -self.slope * self.current(thickness, potential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion:
    """J = (a/L) exp(-s V): of the solvent (s = 0) or of neutral interstitials.

    Attributes:
        strength: a = D c F [A/m^2 um].
        slope: s [1/V].
    """

    strength: float
    slope: float = 0.0

    def current(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return self.strength / thickness * np.exp(-self.slope * potential.electrode)

    def by_thickness(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -self.current(thickness, potential) / thickness

    def by_electrode(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -self.slope * self.current(thickness, potential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """J = kappa <U - V - i R> / L.

    Attributes:
        conductivity: kappa [A/m^2 um/V].
        equilibrium: U [V].
    """

    conductivity: float
    equilibrium: float

    def current(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`; an SEI above its potential does not shrink."""
        drive = np.maximum(self.equilibrium - potential.behind_film, 0.0)
        return self.conductivity * drive / thickness

    def by_thickness(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -self.current(thickness, potential) / thickness

    def by_electrode(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        driven = self.equilibrium > potential.behind_film
        return np.where(driven, -self.conductivity / thickness, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionDiffusion:
    """J = F c k/(1 + L k/D) with k = k0 exp(-s eta): reaction of a solvent that diffuses.

    Attributes:
        reaction: Its current where the solvent is at hand, with j0 = F c k0.
        diffusion: Its current where it reacts at once, with a = F c D.
    """

    reaction: Reaction
    diffusion: Diffusion

    def current(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        fast = self.reaction.current(thickness, potential)
        return fast / (1 + fast * thickness / self.diffusion.strength)

    def by_thickness(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -(self.current(thickness, potential) ** 2) / self.diffusion.strength

    def by_electrode(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        fast, now = self.reaction.current(thickness, potential), self.current(thickness, potential)
        return now**2 / fast**2 * self.reaction.by_electrode(thickness, potential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnelling:
    """J = j0 exp(-s V) exp(-b L).

    Attributes:
        exchange_current: j0 [A/m^2].
        slope: s = a F/(R T) [1/V].
        decay: b [1/um].
    """

    exchange_current: float
    slope: float
    decay: float

    def current(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        exponent = -self.slope * potential.electrode - self.decay * thickness
        return self.exchange_current * np.exp(exponent)

    def by_thickness(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -self.decay * self.current(thickness, potential)

    def by_electrode(self, thickness: Any, potential: Potential) -> Any:
        """See `GrowthLaw`."""
        return -self.slope * self.current(thickness, potential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Growth of an SEI, and what it is made of.

    Attributes:
        law: Current of the reaction.
        volume_per_charge: omega [um per C/m^2].
        dissolution: k [um/s].
        initial_thickness: Of what is there before it grows [um].
        resistivity: Of the SEI for ions [ohm m^2 per um].
    """

    law: GrowthLaw
    volume_per_charge: float
    dissolution: float = 0.0
    initial_thickness: float = 0.0
    resistivity: float = 0.0

    def current(self, thickness: Array, potential: Potential) -> Array:
        """J [A/m^2]; below `THINNEST` that of `THINNEST`.

        Args:
            thickness: L [um].
            potential: At the same points.
        """
        return np.asarray(self.law.current(np.maximum(thickness, THINNEST), potential))

    def thickness(self, before: Array, time: float, potential: Potential) -> Array:
        """L [um] with L = ``before`` + ``time`` (omega j(L) - k), or 0 if all has dissolved.

        Args:
            before: At the start of an implicit step [um].
            time: Length of the step [s].
            potential: At its end, at the same points.
        """
        gain, left = time * self.volume_per_charge, before - time * self.dissolution
        bare = left + gain * self.law.current(THINNEST + 0.0 * before, potential)
        L = np.maximum(left, THINNEST)
        thick = bare > THINNEST
        for _ in range(200):
            residual = L - left - gain * self.law.current(L, potential)
            slope = 1 - gain * self.law.by_thickness(L, potential)
            step = np.where(thick, -residual / slope, 0.0)
            L = L + step
            if np.all(np.abs(step) <= PRECISION * L):
                break
        return np.asarray(np.where(thick, L, np.maximum(bare, 0.0)))

    def current_by_electrode(self, thickness: Array, time: float, potential: Potential) -> Array:
        """Derivative of the current at the end of an implicit step by V [A/m^2/V].

        Args:
            thickness: Result of `thickness`.
            time: Length of the step [s].
            potential: At its end, at the same points.
        """
        L, gain = np.maximum(thickness, THINNEST), time * self.volume_per_charge
        thinner = np.where(thickness > THINNEST, self.law.by_thickness(L, potential), 0.0)
        return np.asarray(self.law.by_electrode(L, potential) / (1 - gain * thinner))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """SEI at places of some surface, per reference area (or volume) of what it grows on.

    Attributes:
        volume: What is there [um].
        made, dissolved: In the step [um].
        current: At the end of the step, per area that it covers [A/m^2].
        by_electrode: Its derivative by V of the electrode [A/m^2/V].
    """

    volume: Array
    made: Array
    dissolved: Array
    current: Array
    by_electrode: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step in time by the formula of the mass balance (`anodefem.physics.diffusion`).

    Attributes:
        dt: Length [s].
        weight: Part that follows from the rates at its end; the rest from those of the step before.
    """

    dt: float
    weight: float

    def grow(
        self,
        growth: Growth,
        volume: Array,
        *,
        area: Array,
        rates: tuple[Array, Array],
        potential: Potential,
    ) -> Deposit:
        """Return the SEI at the end.

        Args:
            growth: Its law.
            volume: At the start, per reference area [um].
            area: That it covers at the end, per reference area; 0 where there is none.
            rates: At which it was made and dissolved in the step before [um/s].
            potential: At the end.
        """
        held, now = (1 - self.weight) * self.dt, self.weight * self.dt
        before = volume + held * (rates[0] - rates[1])
        covers = area > 0.0
        across = np.where(covers, area, 1.0)
        thickness = growth.thickness(before / across, now, potential)
        current = np.where(covers, growth.current(thickness, potential), 0.0)
        slope = growth.current_by_electrode(thickness, now, potential)
        made = held * rates[0] + now * growth.volume_per_charge * current * area
        end = np.where(covers, thickness * area, np.maximum(before, 0.0))
        return Deposit(
            volume=end,
            made=made,
            dissolved=volume + made - end,
            current=current,
            by_electrode=np.where(covers, slope, 0.0),
        )


def _growth(card: numbers.Growth, law: GrowthLaw, rates: float) -> Growth:
    """Return the growth of a card.

    Args:
        card: Its numbers in SI.
        law: Current, at the temperature.
        rates: Factor of all rates at the temperature.
    """
    return Growth(
        law=law,
        volume_per_charge=card.molar_volume / (card.electrons * FARADAY) * UM,
        dissolution=card.dissolution * (1 - card.saturation) * rates * UM,
        initial_thickness=card.initial_thickness * UM,
        resistivity=card.resistivity / UM,
    )


def _inverse_thermal_voltage(temperature: float) -> float:
    return FARADAY / (GAS_CONSTANT * temperature)


def reaction(card: numbers.Reaction, temperature: float) -> Growth:
    """Return the growth at a temperature.

    Args:
        card: Numbers in SI.
        temperature: T [K].
    """
    rates = arrhenius(card.activation_energy, temperature)
    law = Reaction(
        exchange_current=card.exchange_current * rates,
        slope=card.transfer * _inverse_thermal_voltage(temperature),
        equilibrium=card.potential,
    )
    return _growth(card, law, rates)


def solvent_diffusion(card: numbers.SolventDiffusion, temperature: float) -> Growth:
    """Return the growth at a temperature.

    Args:
        card: Numbers in SI.
        temperature: T [K].
    """
    rates = arrhenius(card.activation_energy, temperature)
    law = Diffusion(strength=card.diffusivity * card.concentration * FARADAY * rates * UM)
    return _growth(card, law, rates)


def electron_migration(card: numbers.ElectronMigration, temperature: float) -> Growth:
    """Return the growth at a temperature.

    Args:
        card: Numbers in SI.
        temperature: T [K].
    """
    rates = arrhenius(card.activation_energy, temperature)
    law = Migration(conductivity=card.conductivity * rates * UM, equilibrium=card.potential)
    return _growth(card, law, rates)


def interstitials(card: numbers.Interstitials, temperature: float) -> Growth:
    """Return the growth at a temperature.

    Args:
        card: Numbers in SI.
        temperature: T [K].
    """
    rates = arrhenius(card.activation_energy, temperature)
    law = Diffusion(
        strength=card.diffusivity * card.concentration * FARADAY * rates * UM,
        slope=_inverse_thermal_voltage(temperature),
    )
    return _growth(card, law, rates)


def reaction_diffusion(card: numbers.ReactionDiffusion, temperature: float) -> Growth:
    """Return the growth at a temperature.

    Args:
        card: Numbers in SI.
        temperature: T [K].
    """
    rates = arrhenius(card.activation_energy, temperature)
    charge = card.concentration * FARADAY * rates
    law = ReactionDiffusion(
        reaction=Reaction(
            exchange_current=card.rate * charge,
            slope=card.transfer * _inverse_thermal_voltage(temperature),
            equilibrium=card.potential,
        ),
        diffusion=Diffusion(strength=card.diffusivity * charge * UM),
    )
    return _growth(card, law, rates)


def tunnelling(card: numbers.Tunnelling, temperature: float) -> Growth:
    """Return the growth at a temperature.

    Args:
        card: Numbers in SI.
        temperature: T [K].
    """
    rates = arrhenius(card.activation_energy, temperature)
    law = Tunnelling(
        exchange_current=card.exchange_current * rates,
        slope=card.transfer * _inverse_thermal_voltage(temperature),
        decay=card.decay / UM,
    )
    return _growth(card, law, rates)
