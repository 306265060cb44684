"""Phase-field fracture: what a smeared crack costs, and how much of the stress it leaves.

The crack field d goes from 0 (intact) to 1 (broken). Energy per reference volume

    g(d) psi+ + psi- + Gc/(4 cw) [ w(d)/l + l |grad d|^2 ],   g = (1-k) (1-d)^2 + k,

with psi+ the distortional energy and that of expansion, psi- that of compression (Amor, Marigo and
Maurini 2009): a crack closes. w = d and cw = 2/3 (AT1, elastic up to a strength) or w = d^2 and
cw = 1/2 (AT2). Gc is a toughness per reference area (Pham, Amor, Marigo and Maurini 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt, tanh

import numpy as np
import numpy.typing as npt
import ufl
from scipy.optimize import brentq
from ufl.core.expr import Expr

#: Stiffness that a broken point keeps; 1e-5 stops Newton in the step that cracks.
RESIDUAL_STIFFNESS = 1e-3


def degradation(d: Expr) -> Expr:
    """Share of the stress that a crack leaves, g(d) = (1-d)^2 (1-k) + k."""
    return (1 - d) ** 2 * (1 - RESIDUAL_STIFFNESS) + RESIDUAL_STIFFNESS


def crack_surface_density(d: Expr, gradient: Expr) -> Expr:
    """Area of crack faces per reference volume [1/um], |grad d^4|.

    Its integral across a crack is 2 d_max^4: both faces of one that has opened, next to nothing of
    damage that has not.

    Args:
        d: Crack field.
        gradient: Its reference gradient [1/um].
    """
    return 4 * d**3 * ufl.sqrt(ufl.inner(gradient, gradient))


@dataclass(frozen=True, slots=True)
class CrackModel:
    """Cost of a smeared crack.

    Attributes:
        linear: w(d) = d (AT1); else d^2 (AT2).
        length: l [um]: half the width of a crack is 2 l (AT1) or unbounded (AT2).
    """

    linear: bool
    length: Expr | float

    @property
    def normalisation(self) -> float:
        """cw, the integral of sqrt(w) over d from 0 to 1."""
        return 2 / 3 if self.linear else 1 / 2

    def density(self, d: Expr, gradient: Expr) -> Expr:
        """Crack area per reference volume [1/um]: (w/l + l |grad d|^2) / (4 cw)."""
        w = d if self.linear else d**2
        return (w / self.length + self.length * ufl.inner(gradient, gradient)) / (
            4 * self.normalisation
        )

    def profile(self, distance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Crack field at distances [um] from where it is 1: the cheapest way to fall to 0.

        (1 - distance/(2 l))^2 up to 2 l for AT1, exp(-distance/l) for AT2.
        """
        over = distance / float(self.length)
        return np.maximum(1 - over / 2, 0.0) ** 2 if self.linear else np.exp(-over)


def strength(model: CrackModel, *, young: float, toughness: float) -> float:
    """Largest stress of a bar that stays uniform [MPa].

    sqrt(3 E Gc/(8 l)) for AT1, (9/16) sqrt(E Gc/(3 l)) for AT2 (Pham et al. 2011).

    Args:
        model: AT1 or AT2 with its length, a number [um].
        young: Young's modulus E [MPa].
        toughness: Gc [MPa um = J/m^2].
    """
    length = float(model.length)
    if model.linear:
        return float((3 * young * toughness / (8 * length)) ** 0.5)
    return float(9 / 16 * (young * toughness / (3 * length)) ** 0.5)


def effective_toughness(model: CrackModel, *, inside: float, outside: float, share: float) -> float:
    """Energy per area of a crack in the middle of a band of another toughness [MPa um].

    The profile that costs least satisfies Euler's equation on both sides of the border of the band,
    and Gc d' is continuous there (Hansen-Doerr, de Borst, Hennig and Kaestner 2019 for AT2).

    Args:
        model: AT1 or AT2.
        inside: Toughness of the band [MPa um].
        outside: Toughness around it [MPa um].
        share: Half the width of the band over the length of the smearing.
    """
    r = outside / inside
    if not model.linear:
        decay = tanh(share)
        return inside * (decay + r) / (1 + r * decay)
    if share >= 2.0:  # no further does a crack reach
        return inside
    a = (1 - r**2) * share
    slope = (a + sqrt(max(a**2 - a * share + 4 * r**2, 0.0))) / 2
    border = max(1 - slope * share + share**2 / 4, 0.0)
    within = (1 + slope**2) * share - slope * share**2 + share**3 / 6
    return 3 / 4 * (inside * within + outside * 4 / 3 * border**1.5)


def band_toughness(model: CrackModel, *, wanted: float, around: float, share: float) -> float:
    """Toughness of a band in whose middle a crack costs what is wanted [MPa um].

    Args:
        model: AT1 or AT2.
        wanted: Energy per area of that crack [MPa um].
        around: Toughness beside the band [MPa um].
        share: Half the width of the band over the length of the smearing.
    """

    def excess(inside: float) -> float:
        return effective_toughness(model, inside=inside, outside=around, share=share) - wanted

    # the cost rises with the toughness inside, and lies between it and that around
    other = 1e-4 * wanted if wanted < around else 1e4 * wanted
    return float(brentq(excess, *sorted((wanted, other)), rtol=1e-12))
