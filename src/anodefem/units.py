"""Quantities with units at the border of the program, plain floats inside.

A value in a case file is a string such as ``"1.5 um"``: a decimal number, and a unit. It is read
once, by `read`, into a float in a fixed unit; a bare number is accepted only where the quantity has
no dimension. The annotated types below make pydantic do so for the fields of a dataclass; lengths
become micrometres, because they describe geometry, and everything else becomes SI.

The grammar is this module's own: nothing is evaluated, and pint is asked for single names only.

    quantity = number [unit]
    unit     = factor {("*" | "/" | " ") factor}
    factor   = (name | "1" | "(" unit ")") ["^" exponent]

An exponent of 2 or 3 may stand beside its name: cm2, cm².
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, Any, get_args

import pint
from pydantic import AfterValidator, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

_LONGEST = 100  # characters of a quantity
NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?"  # unsigned, a decimal point
_QUANTITY = re.compile(rf"(?P<number>[+-]?{NUMBER})\s*(?P<unit>.*)")
_COMMA = re.compile(r"[+-]?[0-9.]+(?:,[0-9.]+)+(?:[eE][+-]?[0-9]+)?")
_GROUPS = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})*)(?:[eE].*)?")
_TOKEN = re.compile(r"\s*(?P<token>\*\*|[*/^()·]|[^\W\d]+|[°%][^\W\d]*|[+-]?[0-9.]+)\s*")
_NAME = re.compile(r"[^\W\d]+|[°%][^\W\d]*")
_EXPONENT = re.compile(r"[+-]?[0-9]{1,2}(?:\.[0-9]{1,3})?")
_EXPONENT_BESIDE = re.compile(r"(?<=[^\W\d_])([23])\b")  # cm2 for cm^2
_SIGNS = {"²": "^2", "³": "^3", "℃": "°C", "℉": "°F"}
_MINUS = re.compile("[\u2010-\u2015\u2212](?=[0-9.])")  # dashes and the sign of mathematics

# Offered when a unit is not known: what the quantities of cases and cards are written in.
_COMMON = (
    "nm", "um", "mm", "m", "s", "min", "h", "K", "degC", "Pa", "kPa", "MPa", "GPa", "V", "mV",
    "J", "mJ", "N", "g", "kg", "mol", "kmol", "cm", "mA*h/g", "percent",
)  # fmt: skip


def read(value: object, unit: str) -> float:
    """Return a value of a case file as a float.

    Args:
        value: A string such as ``"1.5 um"``; a number only if ``unit`` is dimensionless ("").
        unit: Unit of the returned float, as in `factor`.

    Raises:
        ValueError: The text is not a quantity, has no unit, or has a unit of another dimension.
    """
    example = f"1 {unit}" if unit else "0.5"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(
            f"is not a quantity; write a string such as '{example}'"
            if unit
            else f"must be a number such as {example}"
        )
    if isinstance(value, int | float):
        number = _float(value)
        if unit:
            shown = f"{number:.12g}"
            raise ValueError(f"{shown} has no unit; {_with_unit(shown, number, unit)}")
        return number
    number, written = split(value)
    if not written and unit:
        raise ValueError(f"'{value}' has no unit; {_with_unit(value.strip(), number, unit)}")
    if not written:
        raise ValueError(f"is text; write the number without quotes: {value.strip()}")
    try:
        scale = _parsed(written)
    except ValueError as error:
        raise ValueError(f"'{value}' cannot be read as a quantity: {error}") from error
    return _converted(number, scale, unit, written=written)


def split(text: str) -> tuple[float, str]:
    """Part a quantity into its number and its unit as written, which may be empty.

    Raises:
        ValueError: It does not start with a decimal number, or the number is not finite.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"has {len(text)} characters, too many for a quantity")
    cleaned = text.strip()
    if comma := _COMMA.match(cleaned):
        pointed = _pointed(comma.group())
        such = f", such as '{pointed}{cleaned[comma.end() :]}'" if pointed else ""
        raise ValueError(
            f"'{text}' has a comma in its number; write a decimal point and no separators{such}"
        )
    found = _QUANTITY.fullmatch(cleaned)
    if found is None and _MINUS.match(cleaned):
        raise ValueError(f"'{text}' cannot be read as a quantity; write its minus sign as '-'")
    if found is None:
        raise ValueError(f"'{text}' cannot be read as a quantity; write a number and a unit")
    return _float(found["number"]), found["unit"]


def _pointed(number: str) -> str:
    """Return a number with commas as it was probably meant; "" if its separators make no sense.

    1,5 and 1.000,5 and 1,000.5 and 1,500,000 do.
    """
    decimal = "," if number.count(",") == 1 and "." not in number.partition(",")[2] else "."
    whole, mark, decimals = number.rpartition(decimal)
    if not _GROUPS.fullmatch(whole or decimals):
        return ""
    return f"{re.sub('[.,]', '', whole)}{mark and '.'}{decimals.replace(',', '')}"


def factor(unit: str, target: str) -> float:
    """Return how many ``target`` make one ``unit``.

    Args:
        unit: Unit such as "J/m^2"; "" for a plain number.
        target: Unit of the same dimension.

    Raises:
        ValueError: ``unit`` is unknown, has another dimension, or has an offset (degree Celsius).
    """
    scale = _parsed(unit)
    zero, one = (_converted(x, scale, target, written=unit) for x in (0.0, 1.0))
    if zero:
        raise ValueError(f"unit '{unit}' has an offset; use kelvin")
    return one


def _with_unit(shown: str, number: float, unit: str) -> str:
    """Return how to write a number without a unit; a temperature may be meant in either scale.

    Args:
        shown: The number as written.
        number: Its value.
        unit: In which it is read.
    """
    example = "298.15 K' or '25 degC" if unit == "K" else f"{shown} {_meant(number, unit)}"
    return f"write a string such as '{example}'"


def _meant(number: float, unit: str) -> str:
    """Return the unit that a number without one probably has: few lengths here are 15 m.

    Args:
        number: As written.
        unit: In which it is read.
    """
    if (unit == "m" and abs(number) > 1e-3) or (unit == "um" and abs(number) > 50.0):
        return "nm"
    if unit in ("Pa", "GPa"):
        return "Pa" if abs(number) > 1e5 else "GPa"
    return unit


def _float(number: str | float) -> float:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value


def _converted(number: float, scale: pint.Unit, unit: str, *, written: str) -> float:
    target = _parsed(unit)
    try:
        return _float(_registry().Quantity(number, scale).to(target).magnitude)
    except pint.DimensionalityError as error:
        hint = "; write K, degC or degF" if unit == "K" else ""
        shown = unit or "a number"
        raise ValueError(f"unit '{written}' cannot be read as {shown}{hint}") from error
    except (pint.PintError, ArithmeticError) as error:  # an offset in a product, a huge factor
        raise ValueError(f"unit '{written}' cannot be converted to {unit or 'a number'}") from error


@cache
def _registry() -> pint.UnitRegistry[float]:
    """Return the units that pint knows; reading them takes a fifth of a second."""
    return pint.UnitRegistry()


@lru_cache(maxsize=1024)
def _parsed(text: str) -> pint.Unit:
    """Return the unit that a text names; every name is looked up by itself."""
    if len(text) > _LONGEST:
        raise ValueError(f"a unit has at most {_LONGEST} characters")
    text = _EXPONENT_BESIDE.sub(r"^\1", text)
    for mark, plain in _SIGNS.items():
        text = text.replace(mark, plain)
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"'{text}' is not a unit")
        tokens.append(found["token"])
        place = found.end()
    if not tokens:
        return _registry().Unit("dimensionless")
    try:
        unit = _product(tokens)
    except IndexError:
        tokens = ["?"]
    if tokens:
        raise ValueError(f"'{text}' is not a unit")
    return unit


def _product(tokens: list[str]) -> pint.Unit:
    """Take a product of units from the front of ``tokens``."""
    result = _power(tokens)
    while tokens and tokens[0] != ")":
        sign = tokens.pop(0) if tokens[0] in ("*", "/", "·") else "*"
        other = _power(tokens)
        result = result / other if sign == "/" else result * other
    return result


def _power(tokens: list[str]) -> pint.Unit:
    """Take one unit with its exponent from the front of ``tokens``."""
    token = tokens.pop(0)
    if token == "(":
        base = _product(tokens)
        tokens.pop(0)
    elif token == "1":
        base = _registry().Unit("dimensionless")
    else:
        base = _named(token)
    if tokens and tokens[0] in ("^", "**"):
        tokens.pop(0)
        exponent = tokens.pop(0)
        if not _EXPONENT.fullmatch(exponent):
            raise ValueError(f"'{exponent}' is not an exponent")
        base = base ** float(exponent)
    return base


@cache
def _named(name: str) -> pint.Unit:
    if not _NAME.fullmatch(name) or len(name) > 30:
        raise ValueError(f"'{name[:30]}' is not the name of a unit")
    try:
        return _registry().Unit("percent" if name == "%" else name)
    except (pint.PintError, ValueError, AttributeError) as error:
        same = [known for known in _COMMON if known.lower() == name.lower()]
        close = same or difflib.get_close_matches(name, _COMMON, n=1, cutoff=0.5)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        raise ValueError(f"'{name}' is not a unit{hint}") from error


@dataclass(frozen=True, slots=True)
class quantity:
    """Mark of an annotation: text in any compatible unit, read into a float in ``unit``."""

    unit: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Read before pydantic checks bounds."""
        return core_schema.no_info_before_validator_function(
            lambda value: read(value, self.unit), handler(source)
        )


def within(low: float, high: float, unit: str) -> AfterValidator:
    """Return the validator that refuses what cannot be meant.

    Args:
        low: Smallest value; anything that is no more than zero is left to other bounds.
        high: Largest value.
        unit: Of both, for the message.
    """

    def check(value: float) -> float:
        if 0.0 < value < low or value > high:
            span = f"{low:g} and {high:g} {unit}".rstrip()
            given = f"{value:.4g} {unit}".rstrip()
            raise ValueError(f"is {given}; must be between {span}")
        return value

    return AfterValidator(check)


def unit_of(annotation: object) -> str:
    """Return the unit that an annotated type below stores its float in; "" if it has none."""
    return next((mark.unit for mark in marks(annotation) if isinstance(mark, quantity)), "")


def marks(annotation: object) -> Iterator[Any]:
    """Yield what stands beside the type in an annotation, or in a part of it."""
    yield from getattr(annotation, "__metadata__", ())
    for inner in get_args(annotation):  # Optional[Length] and the like
        yield from marks(inner)


_PHYSICAL = within(1e-5, 1e4, "um")  # less than an atom, more than a centimetre

Length = Annotated[float, quantity("um"), Field(gt=0.0), _PHYSICAL]  # [um], positive
LengthOrZero = Annotated[float, quantity("um"), Field(ge=0.0), _PHYSICAL]  # [um], zero allowed
FileUnit = Annotated[float, quantity("um"), Field(gt=0.0), within(1e-5, 1e6, "um")]  # of a file
Fraction = Annotated[float, quantity(""), Field(gt=0.0, lt=1.0)]  # strictly between 0 and 1
FractionOrZero = Annotated[float, quantity(""), Field(ge=0.0, lt=1.0)]  # 0 allowed, 1 not
Ratio = Annotated[float, quantity(""), Field(gt=0.0), within(1e-3, 1e3, "")]  # positive number
