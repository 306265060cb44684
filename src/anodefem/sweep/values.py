"""What is varied: lists, ranges and intervals of a key of the case, as written on the command line.

    key=a,b,c             a list
    key=1.2:1.6:5         five values from 1.2 to 1.6, both included; "0.5 um:2 um:4" with units
    key=log:1e-3:1e-1:3   the same, evenly spaced in the logarithm
    key=1.2..1.6          an interval, to draw samples from; log:1e-3..1e-1 in the logarithm

"card" stands for the plausible range that the card of a number gives: ``key=log:card:5`` is a
range, ``key=card`` an interval.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from anodefem import units
from anodefem.cases import CheckedCase
from anodefem.errors import InputError
from anodefem.sweep.numbers import Number, number_of

#: Points of a sweep; each is a run.
MOST_POINTS = 10_000

_FORMS = (
    "write a list a,b,c, a range 1.2:1.6:5 (or log:1:100:5), or an interval 1.2..1.6 with --samples"
)
_NUMBER = re.compile(r"^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)$")
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A key and its values.

    Attributes:
        key: Dotted key of the case.
        values: As after "key=" of ``--set``.
    """

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A key and the interval of its values.

    Attributes:
        key: Dotted key of the case.
        low: Lower end.
        high: Upper end, in the same unit.
        unit: "" for a plain number.
        log: Whether shares of the interval are meant in the logarithm.
    """

    key: str
    low: float
    high: float
    unit: str
    log: bool = False

    def at(self, share: float) -> str:
        """Return the value at a ``share`` of the way from ``low`` to ``high``, for ``--set``."""
        if share in (0.0, 1.0):
            value = self.high if share else self.low
        elif self.log:
            value = math.exp((1 - share) * math.log(self.low) + share * math.log(self.high))
        else:
            value = (1 - share) * self.low + share * self.high
        return written(value, self.unit)


def written(value: float, unit: str) -> str:
    """Return a number with its unit as in a case file.

    Args:
        value: The number.
        unit: Its unit; "" for a plain number.
    """
    return f"{value:.10g} {unit}".strip()


def parse(text: str, case: CheckedCase | None) -> Axis | Interval:
    """Read "key=..." of ``--over``.

    Args:
        text: As on the command line.
        case: The case without changes, which "card" refers to; ``None`` if it is not whole.

    Raises:
        InputError: It is none of the forms above, a range is empty or its units differ.
    """
    key, equals, rest = (part.strip() for part in text.partition("="))
    if not equals or not key or not rest:
        raise InputError(f"'{text}': write key=values; {_FORMS}.")
    try:
        return _parse(key, rest, case)
    except ValueError as error:
        raise InputError(f"{key}={rest}: {error}.") from error


def _parse(key: str, text: str, case: CheckedCase | None) -> Axis | Interval:
    items = _split(text, ",")
    if len(items) == 1:
        quoted = text[0] in _QUOTES and text.count(text[0]) == 2 and text[0] == text[-1]
        log, *pieces = _split(text[1:-1] if quoted else text, ":")
        if log != "log":
            log, pieces = "", [log, *pieces]
        first = pieces[0].partition("..")[0].strip(" \"'") if pieces else ""
        varied = bool(log) or first == "card" or bool(_NUMBER.match(first))
        if varied and (len(pieces) > 1 or pieces == ["card"] or ".." in pieces[0] or log):
            return _range(key, pieces, bool(log), case)
        if len(pieces) > 1 and not quoted:
            raise ValueError(f"'{first}' is not a number with a unit; {_FORMS}")
    if not all(items):
        raise ValueError(f"a value between commas is missing; {_FORMS}")
    if len(set(items)) < len(items):
        raise ValueError("a value is there twice; name every value once")
    return Axis(key=key, values=tuple(items))


def _split(text: str, mark: str) -> list[str]:
    """Split at marks that are not inside quotes or brackets.

    Args:
        text: Text to split.
        mark: What stands between its parts.
    """
    pieces, quote, depth = [""], "", 0
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        depth += 0 if quote else (letter in "[{") - (letter in "]}")
        if letter == mark and not quote and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return [piece.strip() for piece in pieces]


def _range(key: str, pieces: list[str], log: bool, case: CheckedCase | None) -> Axis | Interval:
    """Read what stands between colons, without the word "log".

    Args:
        key: Dotted key.
        pieces: First value, last value and number of values, as texts.
        log: Whether steps are even in the logarithm.
        case: The case without changes.
    """
    if len(pieces) == 1:
        return _interval(key, pieces[0].split(".."), log, case)
    *ends, count = pieces
    if len(ends) != (1 if ends == ["card"] else 2) or not count.isdigit() or int(count) < 2:
        raise ValueError(
            "write a range as first:last:count with a count of at least 2, such as 1.2:1.6:5 or "
            "'0.5 um:2 um:4' (a text with a colon goes into quotes)"
        )
    if len(count) > len(str(MOST_POINTS)) or int(count) > MOST_POINTS:
        raise ValueError(f"a range has at most {MOST_POINTS} values")
    interval = _interval(key, ends, log, case)
    shares = np.linspace(0.0, 1.0, int(count))
    return Axis(key=key, values=tuple(interval.at(float(share)) for share in shares))


def _interval(key: str, ends: list[str], log: bool, case: CheckedCase | None) -> Interval:
    if ends == ["card"]:
        low, high, unit = _card_range(key, case)
        return Interval(key=key, low=low, high=high, unit=unit, log=log)
    if len(ends) != 2:
        raise ValueError(f"an interval has two ends, such as 1.2..1.6; {_FORMS}")
    (low, unit), (high, other) = map(_number, ends)
    if unit == "" and other != "":
        raise ValueError(f"'{ends[0]}' has no unit; write both ends with theirs")
    high *= units.factor(other, unit)
    if not low < high:
        raise ValueError(f"must go up, from {ends[0]} to a larger value")
    if log and low <= 0:
        raise ValueError(f"'{ends[0]}' has no logarithm; begin above 0, or leave out 'log:'")
    return Interval(key=key, low=low, high=high, unit=unit, log=log)


def _number(text: str) -> tuple[float, str]:
    match = _NUMBER.match(text.strip(" \"'"))
    if match is None:
        raise ValueError(f"'{text.strip()}' is not a number with a unit; {_FORMS}")
    return float(match[1]), match[2].strip()


def _card_range(key: str, case: CheckedCase | None) -> tuple[float, float, str]:
    number = None if case is None else number_of(case, key)
    if number is None or number.range is None:
        raise ValueError("its card gives no range; write first:last:count or first..last")
    return (*number.range, number.unit)


def around(number: Number, share: float) -> Interval:
    """Return the interval of a number's card, or ``share`` to either side where it has none.

    Args:
        number: The number.
        share: Part of it by which to go to either side.

    Raises:
        InputError: The number is 0, which has no sides.
    """
    if number.range is not None:
        low, high = number.range
    elif number.value == 0.0:
        raise InputError(
            f"{number.key}: is 0 and its card gives no range; write {number.key}=a..b."
        )
    else:
        low, high = sorted((number.value * (1 - share), number.value * (1 + share)))
    return Interval(key=number.key, low=low, high=high, unit=number.unit)
