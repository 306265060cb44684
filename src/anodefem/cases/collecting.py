"""What all sections share: collecting mistakes, and types of values with their meanings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from anodefem import units
from anodefem.errors import InputError
from anodefem.validation import Real, Strict, named, problems, shown, unknown_key

T = TypeVar("T")
Table = TypeVar("Table", bound=Strict)

# One string stands for a list of one.
ALONE = BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
Names = Annotated[tuple[str, ...], Field(min_length=1), ALONE]


# Quantities with what can be meant by them: from less than an atom to a millimetre, and so on.
FilmThickness = Annotated[float, units.quantity("m"), Field(gt=0.0), units.within(1e-11, 1e-3, "m")]
Toughness = Annotated[
    float, units.quantity("J/m^2"), Field(gt=0.0), units.within(1e-9, 1e6, "J/m^2")
]
Strength = Annotated[float, units.quantity("MPa"), Field(gt=0.0), units.within(1e-6, 1e6, "MPa")]
Time = Annotated[float, units.quantity("s"), Field(gt=0.0), units.within(1e-9, 1e9, "s")]
Temperature = Annotated[float, units.quantity("K"), Field(gt=200.0, lt=400.0)]
Coordinate = Annotated[float, units.quantity("um"), Field(ge=-1e4, le=1e4)]
Share = Annotated[Real, Field(gt=0.0, lt=1.0), units.within(1e-12, 1.0, "")]


class Reading:
    """Collects what is wrong while the sections of one case file are read.

    Attributes:
        path: The case file.
        problems: One sentence each.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []

    @property
    def near(self) -> Path:
        """Folder to which paths in the case are relative."""
        return self.path.parent

    def refuse(self, sentence: str) -> None:
        """Note what is wrong."""
        self.problems.append(sentence)

    def attempt(self, where: str, action: Callable[[], T]) -> T | None:
        """Return what ``action`` returns, or ``None`` after noting why it could not.

        Args:
            where: Put before each line of the reason.
            action: May raise `InputError`.
        """
        try:
            return action()
        except InputError as error:
            self.problems += [f"{where}{line}" for line in str(error).splitlines()]
            return None

    def table(self, model: type[Table], raw: object, key: str) -> Table | None:
        """Return one section as its model; if parts are wrong, the rest, to go on checking.

        Args:
            model: Of the section.
            raw: What the file has there.
            key: Dotted key of the section.
        """
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            self.problems += problems(error, raw, key)
            wrong = {item["loc"][0] for item in error.errors() if item["loc"]}
        if not isinstance(raw, dict):
            return None
        try:
            return model.model_validate({k: v for k, v in raw.items() if k not in wrong})
        except ValidationError:
            return None

    def known(
        self, key: str, changes: Mapping[str, object], numbers: Iterable[str], own: type[Strict]
    ) -> bool:
        """Whether all changes are of numbers of a card; notes which are not.

        Args:
            key: Dotted key of the section.
            changes: Dotted key of a number -> what the case says.
            numbers: Dotted keys of the numbers that the card has.
            own: Model of the section, whose keys are offered too.
        """
        before = len(self.problems)
        names = {*numbers, *own.model_fields}
        self.problems += [
            f"{key}.{named(name)}: {unknown_key(name, names)}"
            for name in changes
            if name not in names
        ]
        return len(self.problems) == before


def given(value: object) -> str:
    """Return " = value" for a message, or nothing for a table or a list."""
    text = shown(value)
    return f" = {text}" if text else ""


def parted(raw: object, own: type[Strict]) -> tuple[object, dict[str, object]]:
    """Part a table into the case's own keys and numbers of the card, by dotted key.

    Args:
        raw: The table, or whatever stands in its place.
        own: Model of the case's keys.
    """
    if not isinstance(raw, dict):
        return raw, {}
    mine = {key: value for key, value in raw.items() if key in own.model_fields}
    return mine, flat({key: value for key, value in raw.items() if key not in mine})


def flat(tables: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Return the values of nested tables by dotted key.

    Args:
        tables: Key -> value or table.
        prefix: Put before every key.
    """
    found: dict[str, object] = {}
    for key, value in tables.items():
        found |= (
            flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return found
