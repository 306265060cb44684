"""Recipes and binders in order, by what their cards say alone: no run, no architecture.

A surface that grows evenly with its host by the volume ratio J asks every film on it for the
logarithmic strain ln(J) / 3. Bands come from the ranges of the cards; two whose bands overlap are
not told apart, which the places say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import expm1, log

from anodefem.cards.material import Material
from anodefem.cards.quantities import Quantity
from anodefem.cards.sei import Sei


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One card in an order.

    Attributes:
        card: The card.
        value: What the order is by; more is better.
        band: What it may be by the ranges of the card's numbers; the value twice without ranges.
        asked: What the surface asks, in the unit of the value.
        enough: The card can take it at both ends of its ranges; None if at one of them.
        tags: Trust of each number that the value rests on, by name.
        places: First and last place that the card may have, from 1, given all bands.
    """

    card: Sei | Material
    value: float
    band: tuple[float, float]
    asked: float
    enough: bool | None
    tags: Mapping[str, str]
    places: tuple[int, int] = (1, 1)


def surface_strain(host: Material, fraction: float) -> float:
    """Logarithmic strain of the surface of a host that swells freely from empty.

    Args:
        host: A card that stores.
        fraction: Of the species.

    Raises:
        ValueError: The card does not store.
    """
    if host.storage is None:
        raise ValueError(f"'{host.name}' stores nothing")
    return log(float(host.storage.volume_ratio(fraction) / host.storage.volume_ratio(0.0))) / 3.0


def by_elastic_energy(recipes: Iterable[Sei], strain: float) -> list[Ranked]:
    """Return recipes by U_max = E e_y^2 / 2 [J/m^3] (Gao et al. 2021), the largest first.

    ``asked`` is the elastic energy of a film that follows the surface without flow, on the scale on
    which a film flows at U_max: U_max (strain / yield_stretch)^2.

    Args:
        recipes: Which.
        strain: Logarithmic strain of the surface, the same in all its directions.
    """
    found = []
    for card in recipes:
        young, limit = (_band(card.sources[name]) for name in ("young", "yield_strain"))
        low, high = (0.5 * e * y**2 for e, y in zip(young, limit, strict=True))
        found.append(
            Ranked(
                card=card,
                value=card.elastic_energy_max,
                band=(low, high),
                asked=card.elastic_energy_max * (strain / card.yield_stretch) ** 2,
                enough=_enough([card.yield_stretch * y / card.yield_strain for y in limit], strain),
                tags=_tags(card, ("young", "yield_strain")),
            )
        )
    return _in_order(found)


def by_breaking_strain(cards: Iterable[Material], strain: float) -> list[Ranked]:
    """Return binders and coats by the elongation at which they break, the largest first.

    Those whose cards do not know it are left out. ``asked`` is the elongation of the surface.

    Args:
        cards: Which.
        strain: Logarithmic strain of the surface, the same in all its directions.
    """
    found = []
    for card in cards:
        number = card.properties.get("breaking_strain")
        if number is not None:
            asked = expm1(strain)
            found.append(
                Ranked(
                    card=card,
                    value=number.si,
                    band=_band(number),
                    asked=asked,
                    enough=_enough(_band(number), asked),
                    tags={"breaking_strain": number.tag},
                )
            )
    return _in_order(found)


def _band(number: Quantity[float]) -> tuple[float, float]:
    return number.range or (number.si, number.si)


def _enough(limits: Sequence[float], asked: float) -> bool | None:
    taken = {asked <= limit for limit in limits}
    return taken.pop() if len(taken) == 1 else None


def _tags(card: Sei, names: Sequence[str]) -> dict[str, str]:
    return {name: card.sources[name].tag for name in names}


def _in_order(found: list[Ranked]) -> list[Ranked]:
    found.sort(key=lambda each: -each.value)
    placed = []
    for each in found:
        others = [other.band for other in found if other is not each]
        first = 1 + sum(low > each.band[1] for low, _ in others)
        last = 1 + sum(high >= each.band[0] for _, high in others)
        placed.append(replace(each, places=(first, last)))
    return placed
