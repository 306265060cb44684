"""Columns of metrics.csv: name, unit and meaning stand where the number is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

#: Numbers by the name of their column, without unit.
Row = Mapping[str, float]
Evaluate = Callable[[], Row]


@dataclass(frozen=True, slots=True)
class Column:
    """A public metric.

    Attributes:
        name: Of the column; ``<region>`` (or ``<interface>``) stands for each that has it.
        unit: In brackets after the name.
        meaning: One sentence.
        limit: Largest absolute value with which a run may go on: beyond it an invariant is broken.
            None where any value is fine.
        log: How the line of the log shows the value, as in "  hull {:.4f}"; empty if it does not.
        by_cycle: Its value at the end of every cycle stands in cycles.csv.
    """

    name: str
    unit: str
    meaning: str
    limit: float | None = None
    log: str = ""
    by_cycle: bool = False

    def covers(self, name: str) -> bool:
        """Whether a name is that of the column, or of the column of one region."""
        start, placeholder, end = self.name.partition("<")
        end = end.partition(">")[2]
        if not placeholder:
            return name == self.name
        return name.startswith(start) and name.endswith(end) and len(name) > len(start + end)

    def head(self, name: str) -> str:
        """Return the head of the column of this name, with its unit."""
        return f"{name} [{self.unit}]"


_Method = TypeVar("_Method", bound=Callable[..., Any])


def columns(*defined: Column) -> Callable[[_Method], _Method]:
    """Declare the columns that a method of a physics computes.

    The method takes the `Symbols` of a problem, compiles what it needs and returns a function that
    gives the present value of these columns, or of some of them, by name; that function is called
    by all ranks together.
    """

    def mark(method: _Method) -> _Method:
        method.__dict__["columns"] = defined
        return method

    return mark


def declared(physics: type) -> Iterator[tuple[str, tuple[Column, ...]]]:
    """Yield the methods of a physics that compute columns, in the order of definition.

    Args:
        physics: A class of the contract.

    Yields:
        Name of the method, and its columns.
    """
    seen: dict[str, tuple[Column, ...]] = {}
    for base in reversed(physics.__mro__):
        for name, member in vars(base).items():
            if found := getattr(member, "columns", None):
                seen[name] = found
    yield from seen.items()


class Table:
    """Some columns with the function that computes them."""

    def __init__(self, defined: tuple[Column, ...], evaluate: Evaluate) -> None:
        """Join definitions and values.

        Args:
            defined: Columns that may occur.
            evaluate: Gives their values; collective.
        """
        self._defined, self._evaluate = defined, evaluate
        self._columns: dict[str, Column] = {}

    def row(self) -> dict[str, float]:
        """Values by head; collective.

        Raises:
            ValueError: A value belongs to no column that was defined.
        """
        values = self._evaluate().items()
        return {self._column(name).head(name): float(value) for name, value in values}

    @property
    def heads(self) -> list[str]:
        """Heads of the columns, known when a row has been asked for."""
        return [column.head(name) for name, column in self._columns.items()]

    @property
    def of_cycles(self) -> list[str]:
        """Heads of the columns whose values at the end of a cycle stand in cycles.csv.

        Known when a row has been asked for.
        """
        return [column.head(name) for name, column in self._columns.items() if column.by_cycle]

    def logged(self, row: Row) -> str:
        """Return what the line of the log shows of a row.

        Args:
            row: Values by head.
        """
        return "".join(
            column.log.format(row[column.head(name)])
            for name, column in self._columns.items()
            if column.log
        )

    def broken(self, row: Row) -> list[str]:
        """Return what is beyond its limit, in words.

        Args:
            row: Values by head.
        """
        return [
            f"{column.name} = {row[head]:.3g} is beyond {column.limit:g}"
            for name, column in self._columns.items()
            if column.limit is not None and not abs(row[head := column.head(name)]) <= column.limit
        ]

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            found = [each for each in self._defined if each.covers(name)]
            if not found:
                raise ValueError(f"'{name}' is computed, and @columns above it has no such column")
            self._columns[name] = found[0]
        return self._columns[name]
