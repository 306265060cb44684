"""Quantities with units at the border of the program, plain floats inside.

A value in a case file is a string such as ``"1.5 um"``. It is read once, by `read`, into a float in
a fixed unit; a bare number is accepted only where the quantity has no dimension. The annotated
types below make pydantic do so for the fields of a dataclass; lengths become micrometres, because
they describe geometry, and everything else becomes SI.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, get_args

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
        return _finite(float(value))
    try:
        quantity = _REGISTRY.Quantity(value)
    except Exception as error:  # pint raises many kinds, some of them from its tokenizer
        raise ValueError(f"'{value}' cannot be read as a quantity ({error})") from error
    if quantity.unitless and unit:
        raise ValueError(f"'{value}' has no unit; write a string such as '{value} {unit}'")
    try:
        return _finite(float(quantity.to(unit or "dimensionless").magnitude))
    except pint.DimensionalityError as error:
        raise ValueError(
            f"unit '{quantity.units}' cannot be read as {unit or 'a number'}"
        ) from error


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    return number


def factor(unit: str, target: str) -> float:
    """Return how many ``target`` make one ``unit``; both in pint's syntax, "" for a plain number.

    Raises:
        ValueError: ``unit`` is unknown, has another dimension, or has an offset (degree Celsius).
    """
    try:
        scale = _REGISTRY.Unit(unit or "dimensionless")
        zero, one = (_REGISTRY.Quantity(x, scale).to(target or "dimensionless") for x in (0.0, 1.0))
    except pint.DimensionalityError as error:
        raise ValueError(f"unit '{unit}' cannot be read as {target or 'a number'}") from error
    except Exception as error:  # unknown names and broken syntax: pint raises many kinds
        raise ValueError(f"'{unit}' is not a unit ({error})") from error
    if zero.magnitude:
        raise ValueError(f"unit '{unit}' has an offset; use kelvin")
    return float(one.magnitude)


def reads(unit: str) -> BeforeValidator:
    """Return the validator that reads text in any compatible unit into a float in ``unit``."""
    return BeforeValidator(lambda value: read(value, unit))


def unit_of(annotation: object) -> str:
    """Return the unit that an annotated type below stores its float in; "" if it has none."""
    return next(_units(annotation), "")


def _units(annotation: object) -> Iterator[str]:
    for part in getattr(annotation, "__metadata__", ()):
        extra: Any = getattr(part, "json_schema_extra", None)
        if isinstance(extra, dict) and "unit" in extra:
            yield str(extra["unit"])
    for inner in get_args(annotation):  # Optional[Length] and the like
        yield from _units(inner)


_UM = Field(json_schema_extra={"unit": "um"})

Length = Annotated[float, reads("um"), _UM, Field(gt=0.0)]  # [um], positive
LengthOrZero = Annotated[float, reads("um"), _UM, Field(ge=0.0)]  # [um], zero allowed
Fraction = Annotated[float, reads(""), Field(gt=0.0, lt=1.0)]  # strictly between 0 and 1
FractionOrZero = Annotated[float, reads(""), Field(ge=0.0, lt=1.0)]  # 0 allowed, 1 not
Ratio = Annotated[float, reads(""), Field(gt=0.0)]  # positive number
