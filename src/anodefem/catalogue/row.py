"""What a row of a catalogue says, read from its ``row.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf, isfinite
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from anodefem.errors import InputError
from anodefem.registry import suggest
from anodefem.validation import Real, Strict, Unbounded, problems, read_toml, report

#: File of a row, and the case beside it.
ROW, CASE = "row.toml", "run.toml"
#: Variant of a row that names none.
ONLY = "run"
#: Settings of quick runs, unless a row has its own.
COARSE = ("geometry.refinement=0.5",)
#: How far a number may be from the published one, relative, to agree with it.
TOLERANCE = 0.1
#: Variants of a row in one picture.
MOST_PICTURES = 4

Kind = Literal["blind", "fitted", "assumed", "not comparable"]
#: What the kinds of a comparison mean.
KINDS: dict[Kind, str] = {
    "blind": "nothing in the case or its cards was chosen by the published number",
    "fitted": "the case or a card was chosen so that the number comes out",
    "assumed": "the number hangs on values that are assumed, not measured",
    "not comparable": "the published number is not one that the model computes",
}


class Value(Strict):
    """One published number beside one of a run.

    Attributes:
        quantity: What it is, in words that no other value of the row has.
        published: The number, or the two ends of a range, lower one first: inf, or -inf, where it
            has none on that side; left out where nothing was published.
        unit: Unit of both numbers, that of the metric.
        kind: How they compare, one of `KINDS`.
        why: What a reader must know to compare them; required unless the kind is "blind".
        metric: Column of ``metrics.csv`` (with ``take`` or ``soc``) or name of a summary metric of
            a comparison; left out only where nothing is comparable.
        take: Of the column, its largest, smallest or last value.
        soc: State of charge of the first filling at which the column is read.
        variant: Whose run; the first of the row's if left out.
        over: Variant by whose number that of ``variant`` is divided.
        tolerance: Relative distance within which two numbers agree.
    """

    quantity: str
    published: Real | tuple[Unbounded, Unbounded] | None = None
    unit: str = "-"
    kind: Kind
    why: str = ""
    metric: str = ""
    take: Literal["max", "min", "end"] | None = None
    soc: Real | None = None
    variant: str = ""
    over: str = ""
    tolerance: Real = TOLERANCE

    @model_validator(mode="after")
    def _complete(self) -> Value:
        if not self.metric and self.kind != "not comparable":
            raise ValueError(
                f"metric is missing; only what is not comparable ({self.kind}) has none"
            )
        if not self.why and self.kind != "blind":
            raise ValueError(f"why is missing: a number that is {self.kind} needs a reason")
        if self.take is not None and self.soc is not None:
            raise ValueError("take and soc: choose one of them")
        if isinstance(self.published, tuple):
            low, high = self.published
            if not low < high or (low, high) == (-inf, inf):
                raise ValueError("published: give the lower end first, and at least one end")
        return self

    @property
    def interval(self) -> tuple[float, float] | None:
        """Smallest and largest number that agree with the published one."""
        if self.published is None:
            return None
        low, high = self.published if isinstance(self.published, tuple) else (self.published,) * 2
        below, above = (self.tolerance * abs(end) if isfinite(end) else 0.0 for end in (low, high))
        return low - below, high + above


class Entry(Strict):
    """Content of ``row.toml``.

    Attributes:
        title: Name of the system.
        reference: Where the numbers are from: a key of ``references.toml`` and the place there.
        published: What is published about the system, in words.
        missing: What the model lacks to compute more of it; "" if nothing.
        variants: Name of a variant of the case -> its changes, as after ``--set``.
        coarse: Further changes for quick runs.
        picture: Variants that the page shows, at most `MOST_PICTURES`; the first ones if left out.
        values: Numbers to compare.
    """

    title: str
    reference: str
    published: str
    missing: str = ""
    variants: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    coarse: tuple[str, ...] = COARSE
    picture: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Entry:
        quantities = [value.quantity for value in self.values]
        for name in quantities:
            if quantities.count(name) > 1:
                raise ValueError(f"two values have the quantity '{name}'; readers need two names")
        named = [each for value in self.values for each in (value.variant, value.over) if each]
        for name in (*self.picture, *named):
            if name not in (self.variants or (ONLY,)):
                raise ValueError(f"'{name}' is no variant.{suggest(name, self.variants or [ONLY])}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One system of the literature.

    Attributes:
        folder: Where it stands.
        entry: What is said about it.
    """

    folder: Path
    entry: Entry

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.folder.resolve().name

    @property
    def numbers(self) -> str:
        """Its number or numbers, from the name of its folder: "19, 20" of "19-20-phosphorus"."""
        return ", ".join(takewhile(str.isdigit, self.name.split("-")))

    @property
    def case(self) -> Path | None:
        """Its case file; None if the system cannot be expressed as a case."""
        path = self.folder / CASE
        return path if path.is_file() else None

    @property
    def variants(self) -> Mapping[str, Sequence[str]]:
        """Variants of its case, of which there is at least one."""
        return self.entry.variants or {ONLY: ()}

    @property
    def shown(self) -> Sequence[str]:
        """Variants that the page shows."""
        return (self.entry.picture or tuple(self.variants))[:MOST_PICTURES]

    def variant(self, value: Value) -> str:
        """Return the variant that a value is read from."""
        return value.variant or next(iter(self.variants))


def rows(folders: Iterable[Path]) -> list[Row]:
    """Read rows.

    Args:
        folders: Each holds ``row.toml``.

    Returns:
        The rows by the names of their folders.

    Raises:
        InputError: A file cannot be read or is wrong, with everything that is wrong in all of them.
    """
    found, wrong = [], []
    for folder in sorted(folders):
        try:
            found.append(_row(folder))
        except InputError as error:
            wrong.append(str(error))
    if wrong:
        raise InputError("\n".join(wrong))
    return found


def _row(folder: Path) -> Row:
    raw = read_toml(folder / ROW)
    try:
        row = Row(folder=folder, entry=Entry.model_validate(raw))
    except ValidationError as error:
        raise report(folder / ROW, problems(error, raw)) from error
    if row.case is None and not row.entry.missing:
        raise InputError(
            f"{folder / ROW}: missing: say what the model lacks, or put a case ({CASE}) beside it."
        )
    if row.case is None and any(value.metric for value in row.entry.values):
        raise InputError(f"{folder / ROW}: values: there is no case ({CASE}) to read a metric of.")
    return row


def readme(found: Sequence[Row]) -> str:
    """Return the table of rows for ``README.md``, in Markdown.

    Args:
        found: The rows.
    """
    lines = [
        "| row | system | published | compared with | how |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in found:
        values = row.entry.values
        what = "; ".join(dict.fromkeys(value.quantity for value in values)) or "nothing"
        kinds = ", ".join(dict.fromkeys(value.kind for value in values)) or "not expressible"
        cells = (
            row.numbers,
            f"{row.entry.title} (`{row.name}`)",
            f"{row.entry.published} ({row.entry.reference})",
            what,
        )
        lines.append("| " + " | ".join((*cells, kinds)) + " |")
    return "\n".join(lines) + "\n"
