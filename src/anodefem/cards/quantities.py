"""Numbers and functions with a source, as they stand in a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, PlainValidator, StringConstraints

from anodefem import units
from anodefem.cards.constants import ROOM
from anodefem.cards.curves import Constant, Curve, Linear, Rational, Saturating, Table, samples
from anodefem.validation import Real, Strict, shown

Tag = Literal["source", "review", "computed", "literature-unchecked", "assumed"]
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideal:
    """Open-circuit voltage of an ideal solution: reference - (RT / F) ln(x / (1 - x)).

    Attributes:
        reference: Voltage at x = 1/2 against the metal of the species [V].
    """

    reference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """Open-circuit voltage of a regular solution: as `Ideal`, minus (RT / F) chi (1 - 2x).

    Attributes:
        reference: Voltage at x = 1/2 against the metal of the species [V].
        chi: Interaction energy over R T at 298.15 K [-]; above 2 the species separates.
    """

    reference: float
    chi: float

    def chi_at(self, temperature: float) -> float:
        """Interaction energy over R T [-] at ``temperature`` [K]: the energy itself is the same."""
        return self.chi * ROOM / temperature


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Generic[T_co]):
    """One number, or one function of x, and where it comes from.

    Attributes:
        si: Value in SI: a float, a curve, or the voltage of an ideal or regular solution.
        value: Value as written in the card, for printing.
        unit: Unit as written in the card.
        source: Key of a reference and where in it, a formula, or why it was assumed.
        tag: How far to trust it (see `anodefem.cards`).
        range: Plausible interval in SI, or ``None``.
        note: Anything else a reader should know.
    """

    si: T_co
    value: str
    unit: str
    source: str
    tag: Tag
    range: tuple[float, float] | None
    note: str

    def __str__(self) -> str:
        """Value, unit, tag and source on one line."""
        return f"{self.value} {self.unit}".strip() + f"  [{self.tag}] {self.source}"


class _Sourced(Strict):
    unit: str = ""
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    tag: Tag
    range: tuple[Real, Real] | None = None
    note: str = ""


class _Constant(_Sourced):
    form: Literal["constant"] = "constant"
    value: Real

    def curve(self) -> Curve:
        return Constant(self.value)

    def text(self) -> str:
        return f"{self.value:g}"


class _Shares(_Sourced):
    value: tuple[Real, Real, Real]


class _Linear(_Sourced):
    form: Literal["linear"]
    start: Real
    end: Real

    def curve(self) -> Curve:
        return Linear(self.start, self.end)

    def text(self) -> str:
        return f"{self.start:g} to {self.end:g}"


class _Saturating(_Linear):
    form: Literal["saturating"]  # type: ignore[assignment]
    decay: Annotated[Real, Field(gt=0.0)]

    def curve(self) -> Curve:
        return Saturating(self.start, self.end, self.decay)


class _Rational(_Sourced):
    form: Literal["rational"]
    numerator: Annotated[tuple[Real, ...], Field(min_length=1)]
    denominator: Annotated[tuple[Real, ...], Field(min_length=1)] = (1.0,)

    def curve(self) -> Curve:
        return Rational(self.numerator, self.denominator)

    def text(self) -> str:
        return _ends(self.curve())


class _Table(_Sourced):
    form: Literal["table"]
    x: tuple[Real, ...]
    y: tuple[Real, ...]

    def curve(self) -> Curve:
        return Table(self.x, self.y)

    def text(self) -> str:
        return _ends(self.curve())


class _Ideal(_Sourced):
    form: Literal["ideal"]
    reference: Real


class _Regular(_Sourced):
    form: Literal["regular-solution"]
    reference: Real
    # beyond 9 the phases lie where the logarithm is cut off (laws.chemistry.EDGE)
    chi: Annotated[Real, Field(ge=0.0, le=9.0)]


_Form = _Constant | _Linear | _Saturating | _Rational | _Table
_FORMS: Mapping[str, type[_Form]] = {
    "constant": _Constant,
    "linear": _Linear,
    "saturating": _Saturating,
    "rational": _Rational,
    "table": _Table,
}


def _ends(curve: Curve) -> str:
    values = samples(curve)
    return f"{values[0]:.4g} to {values[-1]:.4g}"


#: Smallest and largest value that can be meant, zero apart, by unit.
_PHYSICAL: Mapping[str, tuple[float, float]] = {
    "": (0.0, 1e6),
    "Pa": (1.0, 1e13),
    "Pa*s": (1e-3, 1e30),
    "Pa*m^0.5": (1.0, 1e9),
    "V": (0.0, 10.0),
    "A/m^2": (1e-9, 1e6),
    "m": (1e-11, 1e-3),
    "s": (1e-9, 1e12),
    "1/s": (1e-40, 1e15),
    "m^2/s": (1e-40, 1e-4),
    "J/m": (1e-20, 1e-3),
    "J/m^2": (1e-9, 1e6),
    "J/m^3": (1e-3, 1e15),
    "J/mol": (1.0, 1e7),
    "kg/m^3": (1.0, 1e5),
    "kg/mol": (1e-3, 10.0),
    "mol/m^3": (1.0, 1e7),
    "m^3/mol": (1e-9, 1.0),
    "mA*h/g": (1.0, 1e5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    gt: float = -float("inf")
    ge: float = -float("inf")
    lt: float = float("inf")
    le: float = float("inf")

    def check(self, low: float, high: float, unit: str) -> None:
        """Raise `ValueError` unless all values are within the bounds and can be meant.

        Args:
            low: Smallest value.
            high: Largest value.
            unit: Of both.
        """
        inside = low > self.gt and low >= self.ge and high < self.lt and high <= self.le
        least, most = _PHYSICAL.get(unit, (0.0, float("inf")))
        if inside and not (min(abs(low), abs(high)) >= least or low == 0.0):
            raise ValueError(f"{low:g} {unit}: must be at least {least:g} {unit}")
        if inside and not max(abs(low), abs(high)) <= most:
            raise ValueError(f"{high:g} {unit}: must be at most {most:g} {unit}")
        if not inside:
            words = {"above": self.gt, "at least": self.ge, "below": self.lt, "at most": self.le}
            finite = [f"{word} {x:g}" for word, x in words.items() if abs(x) != float("inf")]
            given = f"{low:g}" if low == high else f"{low:g} to {high:g}"
            value = f"{given} {unit}".rstrip()
            raise ValueError(f"{value}: must be {' and '.join(finite)} {unit}".rstrip())


def number(unit: str, **bounds: float) -> PlainValidator:
    """Return the validator that reads a sourced number into a `Quantity` in ``unit``.

    Args:
        unit: Unit of ``Quantity.si``.
        **bounds: ``gt``, ``ge``, ``lt``, ``le`` in that unit.
    """
    return PlainValidator(partial(_number, unit=unit, bounds=_Bounds(**bounds)))


def function(unit: str, **bounds: float) -> PlainValidator:
    """Return the validator that reads a sourced function of x; ``bounds`` hold on all of [0, 1]."""
    return PlainValidator(partial(_function, unit=unit, bounds=_Bounds(**bounds)))


def shares() -> PlainValidator:
    """Return the validator that reads three sourced numbers whose sum is one."""
    return PlainValidator(_shares)


def voltage() -> PlainValidator:
    """Return the validator that reads an open-circuit voltage [V], which must fall with x."""
    return PlainValidator(_voltage)


def _number(raw: object, *, unit: str, bounds: _Bounds) -> Quantity[float]:
    table = _Constant.model_validate(_table(raw))
    factor = units.factor(table.unit, unit)
    bounds.check(table.value * factor, table.value * factor, unit)
    return _quantity(table, table.value * factor, factor, table.text())


def _function(raw: object, *, unit: str, bounds: _Bounds) -> Quantity[Curve]:
    table = _form(_table(raw))
    factor = units.factor(table.unit, unit)
    curve = table.curve().scaled(factor)
    values = samples(curve)
    bounds.check(float(values.min()), float(values.max()), unit)
    return _quantity(table, curve, factor, table.text())


def _shares(raw: object) -> Quantity[tuple[float, float, float]]:
    table = _Shares.model_validate(_table(raw))
    units.factor(table.unit, "")
    if abs(sum(table.value) - 1.0) > 1e-9:
        raise ValueError(f"the sum of {_listed(table.value)} is {sum(table.value):g}; must be 1")
    return _quantity(table, table.value, 1.0, _listed(table.value))


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _voltage(raw: object) -> Quantity[Curve] | Quantity[Ideal] | Quantity[Regular]:
    form = _table(raw).get("form")
    if form == "ideal":
        table = _Ideal.model_validate(raw)
        factor = units.factor(table.unit, "V")
        ideal = Ideal(reference=table.reference * factor)
        return _quantity(table, ideal, factor, f"ideal solution around {table.reference:g}")
    if form == "regular-solution":
        mixed = _Regular.model_validate(raw)
        factor = units.factor(mixed.unit, "V")
        regular = Regular(reference=mixed.reference * factor, chi=mixed.chi)
        text = f"regular solution around {mixed.reference:g}, chi {mixed.chi:g},"
        return _quantity(mixed, regular, factor, text)
    quantity = _function(raw, unit="V", bounds=_Bounds())
    values = samples(quantity.si)
    if (values[1:] >= values[:-1]).any():
        raise ValueError(
            "the voltage must fall with x, or the species separates by itself; for two phases "
            "take form = 'regular-solution'"
        )
    return quantity


def _table(raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise ValueError("write a table {value, unit, source, tag}; a number needs its source")
    return raw


def _form(raw: Mapping[str, Any]) -> _Form:
    form = raw.get("form", "constant")
    if not isinstance(form, str) or form not in _FORMS:
        raise ValueError(f"form {shown(form)}".rstrip() + f" is not one of {', '.join(_FORMS)}")
    return _FORMS[form].model_validate(raw)


_AnySi = TypeVar("_AnySi")


def _quantity(table: _Sourced, si: _AnySi, factor: float, text: str) -> Quantity[_AnySi]:
    band = None if table.range is None else (table.range[0] * factor, table.range[1] * factor)
    return Quantity(
        si=si,
        value=text,
        unit=table.unit,
        source=table.source,
        tag=table.tag,
        range=band,
        note=table.note,
    )
