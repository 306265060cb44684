"""Growth of the SEI at a point: its thickness after a step, by the current of its reaction.

The SEI grows by dL/dt = omega j(L) - k, with the current j of `anodefem.laws.growth_currents`,
omega = V_SEI/(z F) [um per C/m^2] and the rate k at which it dissolves. As j falls with L and is
convex in it, an implicit step has one solution, which Newton's method approaches from below
whatever the length of the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.cards.constants import FARADAY, arrhenius, thermal_voltage
from anodefem.laws.building import UM
from anodefem.laws.growth_currents import (
    Diffusion,
    GrowthLaw,
    Migration,
    Reaction,
    ReactionDiffusion,
    Tunnelling,
)

Array = npt.NDArray[np.float64]
Voltage = Array | float

#: Thickness [um] below which no current grows further: a single layer of molecules.
THINNEST = 1e-4
#: Largest relative change of a thickness in the last iteration.
PRECISION = 1e-14


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

    def current(self, thickness: Array, potential: Voltage) -> Array:
        """J [A/m^2]; below `THINNEST` that of `THINNEST`.

        Args:
            thickness: L [um].
            potential: At the same points.
        """
        return np.asarray(self.law.current(np.maximum(thickness, THINNEST), potential))

    def thickness(self, before: Array, time: float, potential: Voltage) -> Array:
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

    def current_by_electrode(self, thickness: Array, time: float, potential: Voltage) -> Array:
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
        potential: Voltage,
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
        dissolving = held * rates[1] + now * growth.dissolution * area
        end = np.where(covers, thickness * area, np.maximum(before, 0.0))
        return Deposit(
            volume=end,
            made=made,
            # by its own rate, so that the balance says whether the step was solved
            dissolved=np.minimum(dissolving, volume + made),
            current=current,
            by_electrode=np.where(covers, slope, 0.0),
        )


#: From a card's numbers in SI, the factor of rates at the temperature, and F/RT [1/V] to the law.
Law = Callable[[Any, float, float], GrowthLaw]


def _built(law: Law) -> Callable[[Any, float], Growth]:
    """Return the function that turns a card into its growth at a temperature [K].

    Args:
        law: What tells one card from another.
    """

    def build(card: Any, temperature: float) -> Growth:
        rates = arrhenius(card.activation_energy, temperature)
        return Growth(
            law=law(card, rates, 1 / thermal_voltage(temperature)),
            volume_per_charge=card.molar_volume / (card.electrons * FARADAY) * UM,
            dissolution=card.dissolution * (1 - card.saturation) * rates * UM,
            initial_thickness=card.initial_thickness * UM,
            resistivity=card.resistivity / UM,
        )

    return build


reaction = _built(
    lambda card, rates, per_volt: Reaction(
        exchange_current=card.exchange_current * rates,
        slope=card.transfer * per_volt,
        equilibrium=card.potential,
    )
)
solvent_diffusion = _built(
    lambda card, rates, per_volt: Diffusion(
        strength=card.diffusivity * card.concentration * FARADAY * rates * UM
    )
)
electron_migration = _built(
    lambda card, rates, per_volt: Migration(
        conductivity=card.conductivity * rates * UM, equilibrium=card.potential
    )
)
interstitials = _built(
    lambda card, rates, per_volt: Diffusion(
        strength=card.diffusivity * card.concentration * FARADAY * rates * UM, slope=per_volt
    )
)
reaction_diffusion = _built(
    lambda card, rates, per_volt: ReactionDiffusion(
        reaction=Reaction(
            exchange_current=card.rate * card.concentration * FARADAY * rates,
            slope=card.transfer * per_volt,
            equilibrium=card.potential,
        ),
        diffusion=Diffusion(strength=card.diffusivity * card.concentration * FARADAY * rates * UM),
    )
)
tunnelling = _built(
    lambda card, rates, per_volt: Tunnelling(
        exchange_current=card.exchange_current * rates,
        slope=card.transfer * per_volt,
        decay=card.decay / UM,
    )
)
