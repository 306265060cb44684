"""The rows of metrics.csv, put together from the columns of all physics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anodefem.fem.columns import Column, Table, declared
from anodefem.fem.model import Model
from anodefem.fem.symbols import Symbols
from anodefem.physics import PHYSICS, installed

#: Columns that the time loop itself fills.
OF_THE_STEP = (
    Column("t", "s", "time since the start of the protocol"),
    Column("dt", "s", "length of the last step"),
    Column("cycle", "-", "number of the cycle, from 1; 0 is the initial state"),
    Column("step", "-", "number of the protocol step, from 1; 0 is the initial state"),
    Column("newton_iterations", "-", "Newton iterations of the step"),
)


class Metrics:
    """Compiled columns of a model; every method is collective."""

    def __init__(self, model: Model) -> None:
        """Compile; the state is read when a row is asked for.

        Args:
            model: What is solved.
        """
        self.symbols: Symbols = model.symbols
        self._home: dict[str, Table] = {}
        self._tables = [table for each in model.physics for table in each.tables(model.symbols)]

    def value(self, head: str) -> dict[str, float]:
        """Return one metric of the present state by its head, and those computed with it.

        Args:
            head: Head of its column.

        Raises:
            KeyError: The model does not have it.
        """
        if not self._home:
            self.row()
            self._home = {known: table for table in self._tables for known in table.heads}
        return self._home[head].row()

    def row(self) -> dict[str, float]:
        """Metrics of the present state by head of column, without those of the time loop."""
        row: dict[str, float] = {}
        for table in self._tables:
            row |= table.row()
        return row

    @property
    def of_cycles(self) -> list[str]:
        """Heads of the columns whose values at the end of a cycle stand in cycles.csv."""
        return [head for table in self._tables for head in table.of_cycles]

    def logged(self, row: Mapping[str, float]) -> str:
        """Return what the line of the log shows of a row.

        Args:
            row: What `row` returned.
        """
        return "".join(table.logged(row) for table in self._tables)

    def broken(self, row: Mapping[str, float]) -> str:
        """Return which invariants are broken, in words; "" if none is.

        Args:
            row: What `row` returned.
        """
        return "; ".join(found for table in self._tables for found in table.broken(row))


def known_columns() -> Iterator[Column]:
    """Yield every column that a run can have, with its meaning."""
    yield from OF_THE_STEP
    for each in (*PHYSICS, *installed()):
        for _, found in declared(each):
            yield from found
