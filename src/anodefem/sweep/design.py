"""Which points a sweep has."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from anodefem import cases
from anodefem.cases import CheckedCase
from anodefem.errors import InputError
from anodefem.sweep.numbers import number_of, numbers
from anodefem.sweep.values import MOST_POINTS, Axis, Interval, around, parse

#: How far a number without a range is varied to either side.
SHARE = 0.3
_SHOWN = 12  # numbers of points named in one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One case of a sweep.

    Attributes:
        number: From 1.
        values: Key -> its value, as after "key=" of ``--set``.
    """

    number: int
    values: Mapping[str, str]

    @property
    def settings(self) -> tuple[str, ...]:
        """As after ``--set``."""
        return tuple(f"{key}={value}" for key, value in self.values.items())

    @property
    def label(self) -> str:
        """One line for people; "base" if nothing is changed."""
        short = ", ".join(f"{key.split('.')[-1]} = {text}" for key, text in self.values.items())
        return short.replace('"', "") or "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole sweep.

    Attributes:
        kind: "sweep" over combinations, or "sensitivity": the base, then every key alone at the
            lower and at the upper end of its interval.
        case: Case file.
        settings: Changes that all points share, as after ``--set``.
        keys: What is varied.
        points: In order.
    """

    kind: Literal["sweep", "sensitivity"]
    case: Path
    settings: tuple[str, ...]
    keys: tuple[str, ...]
    points: tuple[Point, ...]

    def load(self, point: Point) -> CheckedCase:
        """Return the case of a point.

        Raises:
            InputError: The case is not whole or contradicts itself.
        """
        return cases.load(self.case, (*self.settings, *point.settings))


def sweep(
    case: Path,
    settings: Sequence[str],
    over: Sequence[str],
    *,
    samples: int | None = None,
    seed: int = 0,
) -> Plan:
    """Plan all combinations of lists and ranges, each with the same samples of the intervals.

    Args:
        case: Case file.
        settings: Changes that all points share, as after ``--set``.
        over: Lists, ranges and intervals as in `anodefem.sweep.values`.
        samples: Points of the Latin hypercube over the intervals.
        seed: Of the hypercube.

    Raises:
        InputError: Something of this cannot be read; lists all of it.
    """
    base = _base(case, settings)
    varied, errors = [], []
    for text in over:
        try:
            varied.append(parse(text, base))
        except InputError as error:
            errors.append(f"--over {error}")
    keys = tuple(each.key for each in varied)
    errors += [
        f"--over {key}: is there twice." for key in sorted({k for k in keys if keys.count(k) > 1})
    ]
    axes = [each for each in varied if isinstance(each, Axis)]
    intervals = [each for each in varied if isinstance(each, Interval)]
    if intervals and samples is None:
        errors.append(
            f"--over {intervals[0].key}: is an interval; say how many --samples to draw from it, "
            "or write a range first:last:count."
        )
    if samples is not None and not intervals and not errors:
        errors.append("--samples: there is no interval; write one as --over key=first..last.")
    count = (samples or 1) * prod(len(axis.values) for axis in axes)
    if count > MOST_POINTS:
        errors.append(f"--over: makes {count} points; a sweep has at most {MOST_POINTS}.")
    if errors:
        raise InputError("\n".join(errors))
    drawn = [
        {each.key: each.at(share) for each, share in zip(intervals, row, strict=True)}
        for row in latin_hypercube(samples or 1, len(intervals), seed)
    ]
    combinations = itertools.product(*(axis.values for axis in axes))
    values = [
        dict(zip((axis.key for axis in axes), combination, strict=True)) | sample
        for combination in combinations
        for sample in drawn
    ]
    return _plan("sweep", case, settings, keys, values)


def sensitivity(case: Path, settings: Sequence[str], wanted: Sequence[str]) -> Plan:
    """Plan the case as it is, and each key alone at both ends of its interval.

    Args:
        case: Case file.
        settings: Changes that all points share, as after ``--set``.
        wanted: Keys, each with its interval ("key=1.2..1.6") or without: then the range of its
            card, or `SHARE` to either side. "sei" is every number of the recipe but those that
            follow from others or are 0.

    Raises:
        InputError: A key is unknown, is not a number or has no interval; lists all of them.
    """
    base = cases.load(case, settings)
    known = numbers(base)
    intervals: dict[str, Interval] = {}
    errors = []
    for text in wanted:
        try:
            if text == "sei" and base.sei:
                keys = [key for key in known if key.startswith("sei.")]
                free = [known[key] for key in keys if known[key].value and not known[key].computed]
                intervals |= {number.key: around(number, SHARE) for number in free}
            elif "=" in text:
                each = parse(text, base)
                if isinstance(each, Axis):
                    raise InputError(f"{text}: write an interval, such as {each.key}=1.2..1.6.")
                intervals[each.key] = each
            else:
                intervals[text] = around(number_of(base, text), SHARE)
        except InputError as error:
            errors.append(f"--sensitivity {error}")
    if errors:
        raise InputError("\n".join(errors))
    values: list[dict[str, str]] = [{}]
    for key, interval in intervals.items():
        values += [{key: interval.at(0.0)}, {key: interval.at(1.0)}]
    return _plan("sensitivity", case, settings, tuple(intervals), values)


def latin_hypercube(samples: int, dimensions: int, seed: int) -> npt.NDArray[np.float64]:
    """Return samples in the unit cube, one in each of equally many slices along each axis.

    After McKay, Beckman and Conover, Technometrics 21 (1979) 239.

    Args:
        samples: Number of points.
        dimensions: Number of intervals.
        seed: Of the random numbers.

    Returns:
        Array of shape (samples, dimensions), in (0, 1); the same for the same seed.
    """
    random = np.random.default_rng(seed)
    slices = random.permuted(np.tile(np.arange(samples), (dimensions, 1)), axis=1).T
    return np.asarray((slices + random.random((samples, dimensions))) / samples)


def check(plan: Plan) -> list[CheckedCase]:
    """Return the case of every point.

    Raises:
        InputError: Some cannot be run; lists what is wrong, and with which points.
    """
    cases: list[CheckedCase] = []
    errors: dict[str, list[int]] = {}
    for point in plan.points:
        try:
            cases.append(plan.load(point))
        except InputError as error:
            for line in str(error).splitlines():
                errors.setdefault(line, []).append(point.number)
    if errors:
        raise InputError("\n".join(f"{line} {_which(plan, bad)}" for line, bad in errors.items()))
    return cases


def _base(case: Path, settings: Sequence[str]) -> CheckedCase | None:
    """Return the case without changes, or nothing if only they make it whole.

    Args:
        case: Case file.
        settings: Changes to it.
    """
    try:
        return cases.load(case, settings)
    except InputError:
        return None


def _plan(
    kind: Literal["sweep", "sensitivity"],
    case: Path,
    settings: Sequence[str],
    keys: Sequence[str],
    values: Sequence[Mapping[str, str]],
) -> Plan:
    points = tuple(Point(number=i, values=each) for i, each in enumerate(values, start=1))
    return Plan(kind=kind, case=case, settings=tuple(settings), keys=tuple(keys), points=points)


def _which(plan: Plan, bad: Sequence[int]) -> str:
    if len(bad) == len(plan.points) > 1:
        return "[all points]"
    named = [f"{number}: {plan.points[number - 1].label}" for number in bad[:_SHOWN]]
    more = f", and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return f"[point{'s' * (len(bad) > 1)} {'; '.join(named)}{more}]"
