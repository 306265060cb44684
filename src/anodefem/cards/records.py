"""From a record, a dataclass in SI, to the schema of the TOML that fills it.

A record is a frozen dataclass whose fields are marked with what a card must say there: `Number`,
`Function`, `Shares`, `Voltage`, `Choice` or another record. The docstring's "Attributes" are the
meanings that lists and documentation show. So a new number of a card is one line in one place.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import Field, PlainValidator, create_model

from anodefem.cards.quantities import Quantity, function, number, shares, voltage
from anodefem.validation import Strict

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Number:
    """Mark of a field: a sourced number in a unit, above or at least something, and so on."""

    unit: str = ""
    gt: float = -float("inf")
    ge: float = -float("inf")
    lt: float = float("inf")
    le: float = float("inf")

    @property
    def bounds(self) -> str:
        """What it must be, in words."""
        words = {"above": self.gt, "at least": self.ge, "below": self.lt, "at most": self.le}
        return " and ".join(f"{word} {x:g}" for word, x in words.items() if abs(x) < float("inf"))

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "number"

    def validator(self) -> PlainValidator:
        """Return what reads it."""
        return number(self.unit, gt=self.gt, ge=self.ge, lt=self.lt, le=self.le)


@dataclass(frozen=True, slots=True)
class Function(Number):
    """Mark of a field: a sourced function of x, within its bounds on all of [0, 1]."""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "number or function of x"

    def validator(self) -> PlainValidator:
        """Return what reads it."""
        return function(self.unit, gt=self.gt, ge=self.ge, lt=self.lt, le=self.le)


@dataclass(frozen=True, slots=True)
class Shares(Number):
    """Mark of a field: three sourced numbers whose sum is one."""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "three numbers, sum 1"

    def validator(self) -> PlainValidator:
        """Return what reads it."""
        return shares()


@dataclass(frozen=True, slots=True)
class Voltage(Number):
    """Mark of a field: an open-circuit voltage [V], which falls with x."""

    unit: str = "V"

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "falling function of x, ideal or regular solution"

    def validator(self) -> PlainValidator:
        """Return what reads it."""
        return voltage()


@dataclass(frozen=True, slots=True)
class Choice:
    """Mark of a field: a table that names a law by one of its keys.

    Attributes:
        key: Key that names the law.
        records: Returns name -> record; asked anew at every reading, as folders may be added.
    """

    key: str
    records: Callable[[], Mapping[str, type]]

    def validator(self) -> PlainValidator:
        """Return what reads the table as the record that its key names."""

        def read(raw: object) -> Strict:
            known = self.records()
            name = raw.get(self.key) if isinstance(raw, Mapping) else None
            if not isinstance(name, str) or name not in known:
                raise ValueError(f"needs {self.key} = one of {', '.join(known)}")
            return schema(known[name], self.key).model_validate(raw)

        return PlainValidator(read)


@dataclass(frozen=True, slots=True)
class Named:
    """Mark of a field: sourced numbers by name, each optional, kept with their sources.

    Attributes:
        record: Names and units of the numbers.
    """

    record: type

    def validator(self) -> PlainValidator:
        """Return what reads the table of the numbers."""
        return PlainValidator(lambda raw: schema(self.record).model_validate(raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One number of a record.

    Attributes:
        name: Key in the card.
        unit: In which it is kept; a card may use any compatible one.
        kind: What it is, in words.
        bounds: What it must be, in words.
        required: Whether a card must have it.
        meaning: From the docstring of the record.
    """

    name: str
    unit: str
    kind: str
    bounds: str
    required: bool
    meaning: str


class Table(Strict):
    """A table of a card that fills a record."""

    record: ClassVar[type]
    tag: ClassVar[str]


def schema(record: type, key: str = "") -> type[Table]:
    """Return the model of the TOML table that fills a record.

    Args:
        record: A frozen dataclass with marked fields.
        key: Further key of the table, which named the record and is dropped.
    """
    return _schema(record, key)


@cache
def _schema(record: type, key: str) -> type[Table]:
    found: dict[str, Any] = {}
    if key:
        found[key] = (str, ...)
    hints = get_type_hints(record, include_extras=True)
    for each in fields(cast("Any", record)):
        if not each.metadata.get("card", True):
            continue
        kind: Any = _field(hints[each.name])
        optional = each.default is not MISSING or each.default_factory is not MISSING
        found[each.name] = (kind | None, None) if optional else (kind, ...)
    made = create_model(record.__name__, __base__=Table, **found)
    made.record, made.tag = record, key
    return made


def _field(annotation: Any) -> Any:
    """Return the type that pydantic reads for a field of a record."""
    parts = [annotation]
    while parts:
        part = parts.pop(0)
        for mark in getattr(part, "__metadata__", ()):
            if isinstance(mark, Number | Choice | Named):
                return Annotated[Any, mark.validator()]
        if get_origin(part) in (Annotated, Union, UnionType):
            parts += [each for each in get_args(part) if each is not type(None)]
        elif is_dataclass(part):
            return schema(cast("type", part))
        elif get_origin(part) is tuple and is_dataclass(get_args(part)[0]):
            inner: Any = schema(get_args(part)[0])
            return Annotated[tuple[inner, ...], Field(min_length=1)]
    return annotation


def filled(table: Table, **more: Any) -> Any:
    """Return the record, in SI, that a validated table fills.

    Args:
        table: As of `schema`.
        **more: Fields of the record that no card gives.
    """
    model, hints = type(table), get_type_hints(type(table).record, include_extras=True)
    values = {}
    for name in model.model_fields:
        value = getattr(table, name)
        if name == model.tag or value is None:
            continue
        kept = any(isinstance(mark, Named) for mark in getattr(hints[name], "__metadata__", ()))
        values[name] = dict(numbers(value)) if kept else _si(value)
    return model.record(**values, **more)


def _si(value: Any) -> Any:
    if isinstance(value, Quantity):
        return value.si
    if isinstance(value, Table):
        return filled(value)
    if isinstance(value, tuple):
        return tuple(_si(each) for each in value)
    return value


def numbers(table: Strict, prefix: str = "") -> Iterator[tuple[str, Quantity[Any]]]:
    """Yield every sourced number of a table with its dotted key.

    Args:
        table: As of `schema`.
        prefix: Put before every key.
    """
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Quantity):
            yield prefix + name, value
        elif isinstance(value, Strict):
            yield from numbers(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            for place, item in enumerate(value, start=1):
                if isinstance(item, Strict):
                    yield from numbers(item, f"{prefix}{name}.{place}.")


def entries(record: type) -> Iterator[Entry]:
    """Yield the numbers of a record, in its order."""
    hints, meanings = get_type_hints(record, include_extras=True), attributes(record)
    for each in fields(cast("Any", record)):
        found = _mark(hints[each.name])
        if found is not None:
            yield Entry(
                name=each.name,
                unit=found.unit,
                kind=found.kind,
                bounds=found.bounds,
                required=each.default is MISSING and each.default_factory is MISSING,
                meaning=meanings.get(each.name, ""),
            )


def _mark(annotation: Any) -> Number | None:
    for mark in getattr(annotation, "__metadata__", ()):
        if isinstance(mark, Number):
            return mark
    for inner in get_args(annotation):
        if (found := _mark(inner)) is not None:
            return found
    return None


def title(record: type) -> str:
    """Return the first line of a record's docstring."""
    return (inspect.getdoc(record) or "").partition("\n")[0]


def attributes(record: type) -> dict[str, str]:
    """Return the meanings in the docstrings of a record and those that it extends."""
    found: dict[str, str] = {}
    for each in reversed(record.__mro__):
        text = inspect.cleandoc(each.__doc__ or "")
        _, _, listed = text.partition("Attributes:\n")
        for match in re.finditer(r"^    (\w[\w, ]*): ((?:.|\n(?=     ))+)", listed, re.MULTILINE):
            meaning = " ".join(match[2].split())
            found |= dict.fromkeys(match[1].split(", "), meaning)
    return found
