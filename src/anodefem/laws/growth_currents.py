"""Current with which an SEI grows at a point, by what limits it.

The current j [A/m^2, positive where the SEI grows, per current area] follows from the thickness L
[um] and the potential V of the electrode against the species' metal [V]; the drop of the stored
current over the SEI, a few mV, is left out. Every current falls with L and is convex in it. Laws as
in Single, Latz and Horstmann (ChemSusChem 11 (2018) 1950), who compare them, and in PyBaMM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class GrowthLaw(Protocol):
    """Current of the reaction, of arrays of one shape."""

    def current(self, thickness: Any, potential: Any) -> Any:
        """J [A/m^2] at a thickness [um]."""

    def by_thickness(self, thickness: Any, potential: Any) -> Any:
        """Derivative of `current` by the thickness [A/m^2/um]; never positive."""

    def by_electrode(self, thickness: Any, potential: Any) -> Any:
        """Derivative of `current` by V of the electrode [A/m^2/V]; never positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """J = j0 exp(-s eta) with eta = V - U.

    Attributes:
        exchange_current: j0 [A/m^2].
        slope: s = a F/(R T) [1/V].
        equilibrium: U [V].
    """

    exchange_current: float
    slope: float
    equilibrium: float

    def current(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        eta = potential - self.equilibrium
        return self.exchange_current * np.exp(-self.slope * eta) + 0.0 * thickness

    def by_thickness(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return 0.0 * thickness

    def by_electrode(self, thickness: Any, potential: Any) -> Any:
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

    def current(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return self.strength / thickness * np.exp(-self.slope * potential)

    def by_thickness(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return -self.current(thickness, potential) / thickness

    def by_electrode(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return -self.slope * self.current(thickness, potential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """J = kappa <U - V> / L.

    Attributes:
        conductivity: kappa [A/m^2 um/V].
        equilibrium: U [V].
    """

    conductivity: float
    equilibrium: float

    def current(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`; an SEI above its potential does not shrink."""
        drive = np.maximum(self.equilibrium - potential, 0.0)
        return self.conductivity * drive / thickness

    def by_thickness(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return -self.current(thickness, potential) / thickness

    def by_electrode(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        driven = self.equilibrium > potential
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

    def current(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        fast = self.reaction.current(thickness, potential)
        return fast / (1 + fast * thickness / self.diffusion.strength)

    def by_thickness(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return -(self.current(thickness, potential) ** 2) / self.diffusion.strength

    def by_electrode(self, thickness: Any, potential: Any) -> Any:
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

    def current(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        exponent = -self.slope * potential - self.decay * thickness
        return self.exchange_current * np.exp(exponent)

    def by_thickness(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return -self.decay * self.current(thickness, potential)

    def by_electrode(self, thickness: Any, potential: Any) -> Any:
        """See `GrowthLaw`."""
        return -self.slope * self.current(thickness, potential)
