"""Quantities with units at the border of the program, plain floats inside.

A value in a case file or a card is a string such as ``"1.5 um"``. It is read once, by `read`, into
a float in a fixed unit; a bare number is accepted only where the quantity has no dimension.
"""

from __future__ import annotations

from typing import Annotated, Any

import pint
from pydantic import BeforeValidator, Field

_REGISTRY: pint.UnitRegistry[float] = pint.UnitRegistry()


def read(value: object, unit: str) -> float:
    """Return ``value`` as a float in ``unit``.

    Args:
        value: A string such as ``"1.5 um"``; a number only if ``unit`` is dimensionless ("").
        unit: Unit of the returned float, in pint's syntax.

    Raises:
        ValueError: The text is not a quantity, has no unit, or has a unit of another dimension.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a quantity; write a string such as '1 {unit}'")
    if isinstance(value, int | float):
        if unit:
            raise ValueError(f"{value} has no unit; write a string such as '{value} {unit}'")
        return float(value)
    try:
        quantity = _REGISTRY.Quantity(value)
    except Exception as error:  # pint raises many kinds, some of them from its tokenizer
        raise ValueError(f"'{value}' cannot be read as a quantity ({error})") from error
    if quantity.dimensionless and unit and not str(quantity.units):
        raise ValueError(f"'{value}' has no unit; write a string such as '{value} {unit}'")
    try:
        return float(quantity.to(unit or "dimensionless").magnitude)
    except pint.DimensionalityError as error:
        raise ValueError(f"unit '{quantity.units}' cannot be read as {unit or 'a number'}") from error


def quantity(unit: str, **bounds: float) -> Any:
    """Return an annotated float type that pydantic reads from text in any compatible unit.

    Args:
        unit: Unit of the stored float.
        **bounds: ``gt``, ``ge``, ``lt``, ``le`` in that unit, as in ``pydantic.Field``.
    """
    field = Field(json_schema_extra={"unit": unit}, **bounds)  # type: ignore[arg-type]
    return Annotated[float, BeforeValidator(lambda value: read(value, unit)), field]
