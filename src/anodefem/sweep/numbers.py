"""Numbers of a case by their dotted keys: its own, and those of its cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anodefem import units
from anodefem.cards.curves import Constant
from anodefem.cards.quantities import Quantity
from anodefem.cases import CheckedCase
from anodefem.errors import InputError
from anodefem.registry import suggest


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of a case.

    Attributes:
        key: Dotted key that changes it by ``--set``.
        value: In ``unit``.
        unit: "" for a plain number.
        range: Plausible interval that its card gives, in ``unit``, or ``None``.
        computed: Whether it follows from other numbers of its card.
    """

    key: str
    value: float
    unit: str
    range: tuple[float, float] | None = None
    computed: bool = False


def number_of(case: CheckedCase, key: str) -> Number:
    """Return the number under a key.

    Args:
        case: The case.
        key: Dotted key of a number.

    Raises:
        InputError: There is none; offers the nearest.
    """
    known = numbers(case)
    if key not in known:
        raise InputError(f"{key}: the case has no such number.{suggest(key, known)}")
    return known[key]


def numbers(case: CheckedCase) -> dict[str, Number]:
    """Return every number of a case that does not depend on anything, by dotted key."""
    found = {number.key: number for number in _written(case.resolved())}
    for region, choice in case.materials.items():
        found |= _of_card(f"materials.{region}.", choice.card.sources)
    if case.sei:
        own = {key: found[key] for key in ("sei.thickness", "sei.formation_strain")}
        idle = () if case.sei.grow else ("growth.",)
        sources = case.sei.recipe.sources.items()
        found |= _of_card("sei.", {k: v for k, v in sources if not k.startswith(idle)})
        for key, number in own.items():
            found[key] = _as_on_card(number, found[key])
    return found


def _written(tables: Mapping[str, Any], prefix: str = "") -> Iterator[Number]:
    for name, value in tables.items():
        key = prefix + name
        if key == "cards":
            continue
        if isinstance(value, Mapping):
            yield from _written(value, f"{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield Number(key=key, value=float(value), unit="")
        elif isinstance(value, str):
            magnitude, _, unit = value.partition(" ")
            try:
                units.factor(unit, unit)
                yield Number(key=key, value=float(magnitude), unit=unit)
            except ValueError:  # a text
                continue


def _of_card(prefix: str, sources: Mapping[str, Quantity[Any]]) -> dict[str, Number]:
    found = {}
    for name, quantity in sources.items():
        si = quantity.si.value if isinstance(quantity.si, Constant) else quantity.si
        if not isinstance(si, float):
            continue
        value = float(quantity.value)
        band = None
        if quantity.range is not None and si:
            # the card's digits again, without those of the way to SI and back
            low, high = (float(f"{end * value / si:.6g}") for end in quantity.range)
            band = (low, high)
        found[prefix + name] = Number(
            key=prefix + name,
            value=value,
            unit=quantity.unit,
            range=band,
            computed=quantity.tag == "computed",
        )
    return found


def _as_on_card(number: Number, on_card: Number) -> Number:
    """Return a number of the case in the unit and with the range of its card.

    Args:
        number: The number.
        on_card: Text of the card.
    """
    factor = units.factor(number.unit, on_card.unit)
    return Number(
        key=number.key,
        value=float(f"{number.value * factor:.6g}"),
        unit=on_card.unit,
        range=on_card.range,
    )
