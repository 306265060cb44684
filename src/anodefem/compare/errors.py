"""Error bars of a run, as `anodefem converge` found them for the same case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from typing import Any

import numpy as np

from anodefem.compare import align
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import ALIGNED, SUMMARY_METRICS
from anodefem.errors import InputError

#: What `anodefem converge` writes, and `anodefem run` takes along from beside the case file.
FILE = "convergence.json"
MEANING = (
    'What stands behind "±" bounds the discretisation error, as `anodefem converge` estimates it '
    "from three meshes and three lengths of steps; it says nothing about parameters and laws."
)
#: Instead, where no run has such a bound.
UNKNOWN = (
    "No discretisation error is known for these runs; `anodefem converge` estimates it. How far "
    "the inputs are known stands with the cards, at the end."
)
#: Parts of a case that its numbers do not depend on.
IRRELEVANT = frozenset({"title", "output"})
#: A value of a run is that of its study if they differ by no more than this part of it, ...
SAME_VALUE = 1e-6
#: ... or by no more than this part of its error bar, ...
SAME_WITHIN_ERROR = 0.01
#: ... or by no more than this, in its own unit: values that are zero but for round-off.
ROUND_OFF = 1e-9
#: Differences that a message spells out; of the others it gives the number.
_SPELT_OUT = 3
#: What follows the value of a card's entry: its tag and where it is from.
_ORIGIN = re.compile(r"\s+\[[a-z-]+\].*$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBars:
    """Error bars of a run, or why there are none.

    Attributes:
        bars: Name of a summary metric, or "name at soc 0.900" (`key`) -> error in the metric's
            unit; infinite where the metric does not converge.
        refusal: Why a study that is there does not count, as a sentence; "" if it does, or if
            there is none.
    """

    bars: Mapping[str, float]
    refusal: str = ""


def changes(studied: Mapping[str, Any], case: Mapping[str, Any]) -> list[str]:
    """Return what a case does differently from the one that was studied, key by key.

    A key that only ``case`` has is none of it: the program has learnt it since then. Whether it
    changed anything is seen from the numbers.

    Args:
        studied: Resolved case as the record of a study holds it.
        case: Resolved case of today.

    Returns:
        Texts like "solver.max_soc_step: 0.05, studied 0.01".
    """
    return [text for _, text in _differences(studied, case, "") if text]


def new_keys(studied: Mapping[str, Any], case: Mapping[str, Any]) -> list[str]:
    """Return the dotted keys that a case has and the study of it does not know.

    Args:
        studied: Resolved case as the record of a study holds it.
        case: Resolved case of today.
    """
    return [key for key, text in _differences(studied, case, "") if not text]


def _differences(
    studied: Mapping[str, Any], case: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str]]:
    """Yield dotted keys that differ, with both values in words; without for new keys.

    Args:
        studied: Part of the studied case.
        case: The same part of today's case.
        prefix: Dotted name of the part, with a dot at its end.
    """
    for name in sorted({*studied, *case}):
        key = f"{prefix}{name}"
        if key in IRRELEVANT:
            continue
        before, now = studied.get(name), case.get(name)
        if isinstance(before, Mapping) and isinstance(now, Mapping):
            yield from _differences(before, now, f"{key}.")
        elif name not in studied:
            yield key, ""
        elif name not in case:
            yield key, f"{key}: no longer there, studied {before!r}"
        elif _bare(before) != _bare(now):
            yield key, f"{key}: {_bare(now)}, studied {_bare(before)}"


def _bare(value: Any) -> Any:
    """Return the value of a card's entry without its source, which changes no number."""
    return _ORIGIN.sub("", value) if isinstance(value, str) else value


def error_bars(run: Run, hosts: Sequence[str]) -> ErrorBars:
    """Return the discretisation error of each metric of the table that was studied.

    The study counts if every key that it knows has the same value in the run, and if the run has
    the same numbers as the case of the study had.

    Args:
        run: Run beside which the record of a study may stand.
        hosts: Regions whose stress counts as the host's.

    Raises:
        InputError: The file beside the run cannot be read.
    """
    path = run.folder / FILE
    if not path.is_file():
        return ErrorBars(bars={})
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        completed, different = (
            record["status"] == "completed",
            changes(record["case"], run.info["case"]),
        )
        rows = [
            (str(row["name"]), row["soc"], float(row["value"]), row["error"])
            for row in (record["metrics"] if completed else ())
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: cannot be read ({error!r}); remove it, or run 'anodefem converge' again"
        ) from error
    if not completed:
        return ErrorBars(bars={}, refusal="the study beside it did not come to its end.")
    if different:
        return ErrorBars(bars={}, refusal=f"another case was studied ({_some(different)}).")
    bars = {key(name, soc): inf if error is None else float(error) for name, soc, _, error in rows}
    moved = [
        f"{key(name, soc)}: {now:.6g}, studied {value:.6g}"
        for name, soc, value, _ in rows
        if isfinite(now := _value(run, hosts, name, soc, otherwise=value))
        and not same(now, value, bars[key(name, soc)])
    ]
    lost = [
        f"{key(name, soc)}: none, studied {value:.6g}"
        for name, soc, value, _ in rows
        if isnan(_value(run, hosts, name, soc, otherwise=value))
    ]
    if moved or lost:
        said = _some([*moved, *lost])
        return ErrorBars(bars={}, refusal=f"the case has other numbers than when studied ({said}).")
    return ErrorBars(bars=bars)


def same(now: float, studied: float, bar: float) -> bool:
    """Whether a number of today is the one that was studied.

    Args:
        now: Today's.
        studied: That of the study.
        bar: Error that the study found.
    """
    allowed = max(SAME_VALUE * abs(studied), ROUND_OFF)
    if isfinite(bar):
        allowed = max(allowed, SAME_WITHIN_ERROR * bar)
    return abs(now - studied) <= allowed


def _value(
    run: Run, hosts: Sequence[str], name: str, soc: float | None, *, otherwise: float
) -> float:
    """Return a metric of the table for a run; ``otherwise`` if no table knows it.

    Args:
        run: The run.
        hosts: Regions that swell.
        name: Name of the metric.
        soc: State of charge at which it is taken; ``None`` for one of the run as a whole.
        otherwise: What is returned for a metric that no table has.
    """
    if soc is not None:
        if name not in ALIGNED:
            return otherwise
        return align.at_soc(run, ALIGNED[name][1](run, hosts), soc)
    found = next((item for item in SUMMARY_METRICS if item.name == name), None)
    return otherwise if found is None else found.value(run, hosts)


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - _SPELT_OUT
    return "; ".join(texts[:_SPELT_OUT]) + (f"; and {more} more" if more > 0 else "")


def key(name: str, soc: float | None) -> str:
    """Return how `error_bars` calls a metric.

    Args:
        name: Name of the metric.
        soc: State of charge at which it is taken; ``None`` for one of the run as a whole.
    """
    return name if soc is None else f"{name} at soc {soc:.3f}"


def column(of: str) -> str:
    """Return the column of errors that belongs to a column "name [unit]" of the table."""
    name, bracket, unit = of.partition(" [")
    return f"{name} error{bracket}{unit}"


def text(value: str, error: float) -> str:
    """Return a value with its error bar; the value alone where the error is not known.

    Args:
        value: The value as text; "" where there is none.
        error: Its error bar; infinite where the metric does not converge, NaN if not known.
    """
    if not value or np.isnan(error):
        return value
    return f"{value} (does not converge)" if np.isinf(error) else f"{value} ± {error:.2g}"
