"""The numbers of the runs of a catalogue beside the published ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd

from anodefem.catalogue.errors import known
from anodefem.catalogue.row import Row, Value
from anodefem.catalogue.run import Task, read
from anodefem.compare import align, cycles, hosts_of
from anodefem.compare.errors import same
from anodefem.compare.load import Run, load_run
from anodefem.compare.report.tables import cards
from anodefem.errors import InputError

#: What the verdicts mean.
VERDICTS = {
    "agrees": "within the tolerance of the row, 10 % unless it says another",
    "differs": "farther away than that",
    "not reached": "the run ended before the state in which the number is read",
    "not run": "there is no run of it",
    "no number": "computed, and none is published",
    "not comparable": "the published number is not one that the model computes",
}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one run of a row ended.

    Attributes:
        variant: Name of the variant.
        folder: Run folder.
        status: "completed", "failed", "interrupted", ..., or "not run".
        reason: Why it did not come to its end; "" if it did.
    """

    variant: str
    folder: Path
    status: str
    reason: str

    @cached_property
    def run(self) -> Run | None:
        """The run, read from its folder; None if there is nothing to read."""
        try:
            return load_run(self.folder)
        except InputError:
            return None

    @cached_property
    def wall_time(self) -> float:
        """Time that it took [s]; NaN if unknown."""
        return float(read(self.folder).get("wall_time_s") or np.nan)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of a row.

    Attributes:
        row: The row.
        ended: Its runs by variant; empty for a row without a case.
    """

    row: Row
    ended: Mapping[str, Ended]

    @property
    def runs(self) -> list[Run]:
        """Runs that can be read."""
        return [each.run for each in self.ended.values() if each.run is not None]

    @cached_property
    def tags(self) -> Counter[str]:
        """How many numbers on the cards in use have each tag of trust."""
        found = Counter[str]()
        for card in {card.name: card for card in cards(self.runs)}.values():
            found.update(entry.tag for entry in card.entries if entry.tag)
        return found

    def number(self, value: Value) -> float:
        """Return the number of a value; NaN if there is none.

        Args:
            value: One of the row's.
        """
        found = self._read(value, self.row.variant(value))
        return found / self._read(value, value.over) if value.over else found

    def _read(self, value: Value, variant: str) -> float:
        ended = self.ended.get(variant)
        if ended is None or ended.run is None or not value.metric:
            return float("nan")
        return _metric(ended.run, value)

    @cached_property
    def _errors(self) -> Mapping[str, tuple[float, float]]:
        return known(self.row)

    def error(self, value: Value) -> float:
        """Return the discretisation error of a number; infinite without a limit, NaN if not known.

        What was studied counts only where the number is the same as then.

        Args:
            value: One of the row's.

        Raises:
            InputError: The file beside the row cannot be read.
        """
        studied, error = self._errors.get(value.quantity, (np.nan, np.nan))
        return error if same(self.number(value), studied, error) else np.nan

    def verdict(self, value: Value) -> str:
        """Return one of `VERDICTS`.

        Args:
            value: One of the row's.
        """
        if value.kind == "not comparable":
            return value.kind
        number, interval = self.number(value), value.interval
        if not np.isfinite(number):
            used = {self.row.variant(value), value.over} - {""}
            made = all(name in self.ended and self.ended[name].status != "not run" for name in used)
            return "not reached" if made else "not run"
        if interval is None:
            return "no number"
        return "agrees" if interval[0] <= number <= interval[1] else "differs"


def _metric(run: Run, value: Value) -> float:
    """Read a column, or a summary metric.

    Args:
        run: The run.
        value: What is read of it.

    Raises:
        InputError: There is no metric of that name.
    """
    if value.take is None and value.soc is None:
        for item in cycles.summary([run]):
            if item.name == value.metric:
                try:
                    return item.value(run, hosts_of([run])[run.title])
                except InputError:  # its fields cannot be read, as the page says
                    return float("nan")
        raise InputError(f"metric '{value.metric}' needs take or soc: it is no summary metric.")
    column = run.column(value.metric)
    if value.soc is not None:
        return align.at_soc(run, column, value.soc)
    if run.info["status"] != "completed":
        return float("nan")  # the largest value may have been still to come
    if value.take == "end":
        return float(column[-1])
    finite = column[np.isfinite(column)]
    if not finite.size:
        return float("nan")
    return float(finite.max() if value.take == "max" else finite.min())


def outcomes(rows: Sequence[Row], tasks: Sequence[Task]) -> list[Outcome]:
    """Return what came out of every row.

    Args:
        rows: The rows.
        tasks: Their runs, as far as they were made.
    """
    found = []
    for row in rows:
        ended = {}
        for task in (task for task in tasks if task.row is row):
            info = read(task.folder)
            status = str(info.get("status") or "not run")
            reason = "" if status == "completed" else str(info.get("reason") or "no reason given")
            ended[task.variant] = Ended(
                variant=task.variant, folder=task.folder, status=status, reason=reason
            )
        found.append(Outcome(row=row, ended=ended))
    return found


def table(found: Sequence[Outcome]) -> pd.DataFrame:
    """Return one line per number; rows without numbers have one line, too.

    Args:
        found: What came out of the rows.
    """
    lines: list[dict[str, object]] = []
    for outcome in found:
        entry = outcome.row.entry
        known: dict[str, object] = {
            "row": outcome.row.numbers,
            "name": outcome.row.name,
            "title": entry.title,
            "reference": entry.reference,
            "cards": ", ".join(f"{n} {tag}" for tag, n in outcome.tags.most_common()),
        }
        for value in entry.values:
            variant = outcome.row.variant(value)
            ended = outcome.ended.get(variant)
            lines.append(
                known
                | {
                    "quantity": value.quantity,
                    "variant": f"{variant} / {value.over}" if value.over else variant,
                    "unit": value.unit,
                    "published": published(value),
                    "computed": outcome.number(value),
                    "error": outcome.error(value),
                    "verdict": outcome.verdict(value),
                    "kind": value.kind,
                    "why": value.why,
                    "status": ended.status if ended else "no case",
                    "reason": ended.reason if ended else entry.missing,
                }
            )
        if not entry.values:
            reason = entry.missing
            status = ", ".join(sorted({each.status for each in outcome.ended.values()}))
            lines.append(known | {"status": status or "no case", "reason": reason})
    return pd.DataFrame(lines)


def published(value: Value) -> str:
    """Return the published number or range as text; "" if there is none."""
    if value.published is None:
        return ""
    if isinstance(value.published, tuple):
        low, high = value.published
        if high == inf:
            return f"{low:g} or more"
        return f"{high:g} or less" if low == -inf else f"{low:g} to {high:g}"
    return f"{value.published:g}"
