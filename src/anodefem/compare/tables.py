"""The comparison as a table, for programs (CSV) and for readers (Markdown)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from anodefem.compare import align, cycles, errors
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import ALIGNED, RUN, STRESS

#: Values below this in their own unit are zero but for round-off, and are printed as 0.
ROUND_OFF = 1e-9
#: Columns in which round-off is what is asked for.
_ROUND_OFF_WANTED = ("lithium_balance_error",)
#: A spreadsheet takes text that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Runs whose highest states of charge differ by more did not go equally far.
SAME_SOC = 1e-3


def table(runs: Sequence[Run], hosts: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return one row per architecture; columns are "name [unit]".

    A metric whose discretisation error was studied for some run is followed by its error, infinite
    where it does not converge.

    Args:
        runs: The runs, in the order of the rows.
        hosts: Title of a run -> the regions whose stress counts as the host's.
    """
    soc = align.common_soc(runs)
    studied = [errors.error_bars(run, hosts[run.title]).bars for run in runs]
    known = set[str]().union(*studied)
    rows = []
    for run, error in zip(runs, studied, strict=True):
        host = hosts[run.title]

        def put(
            name: str,
            unit: str,
            value: float,
            row: dict[str, object],
            error: Mapping[str, float] = error,
        ) -> None:
            column = f"{name} [{unit}]"
            row[column] = value
            if name in known:
                row[errors.column(column)] = error.get(name, np.nan)

        row: dict[str, object] = {
            "architecture": run.title,
            "host": " + ".join(host),
            "kinematics": run.kinematics,
            "status": run.info["status"],
        }
        for item in cycles.summary(runs):
            put(item.name, item.unit, item.value(run, host), row)
        for name, (unit, values) in ALIGNED.items():
            put(errors.key(name, soc), unit, align.at_soc(run, values(run, host), soc), row)
        row["folder"] = str(run.folder)
        rows.append(row)
    return pd.DataFrame(rows)


def notes(runs: Sequence[Run], hosts: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what a reader must know before comparing the numbers, one sentence each.

    Args:
        runs: The runs of the table.
        hosts: Title of a run -> the regions whose stress counts as the host's.
    """
    found = []
    highest = [float(run.column("soc").max()) for run in runs]
    soc = min(highest)
    if max(highest) - soc > SAME_SOC:
        reached = "; ".join(
            f"{run.title}: {value:.3f}" for run, value in zip(runs, highest, strict=True)
        )
        found.append(
            f"The runs reached different states of charge ({reached}). Maxima over the run are "
            f"therefore not like for like: compare at {soc:.3f}, which all of them reached."
        )
    for run in runs:
        if run.info["status"] != "completed":
            reason = str(run.info.get("reason") or "no reason given").rstrip(".")
            found.append(
                f"{run.title}: the run is '{run.info['status']}', not completed ({reason})."
            )
        if refusal := errors.error_bars(run, hosts[run.title]).refusal:
            found.append(f"{run.title}: no error bars are shown, because {refusal}")
    return found


def markdown(frame: pd.DataFrame, runs: Sequence[Run], hosts: Mapping[str, Sequence[str]]) -> str:
    """Return the table as Markdown: one small table per subject, then the definitions.

    Args:
        frame: Result of `table`.
        runs: The runs in its rows.
        hosts: Title of a run -> the regions whose stress counts as the host's.
    """
    soc = align.common_soc(runs)
    lines = ["# Comparison of architectures", ""]
    for note in notes(runs, hosts):
        lines += [f"> {note}", ""]
    groups: dict[str, list[str]] = {}
    for item in cycles.summary(runs):
        groups.setdefault(item.group, []).append(f"{item.name} [{item.unit}]")
    aligned = {f"{name} at soc {soc:.3f} [{unit}]": name for name, (unit, _) in ALIGNED.items()}
    for group, columns in groups.items():
        extra = ["kinematics", "status", "host"] if group == RUN else []
        lines += [f"## {group}", "", *_rows(frame, ["architecture", *extra, *columns]), ""]
        if group == STRESS:
            lines += [f"## All at state of charge {soc:.3f} of the first lithiation", ""]
            lines += [*_rows(frame, ["architecture", *aligned], without=f" at soc {soc:.3f}"), ""]
    lines += ["## Definitions", ""]
    lines += [f"- **{item.name}** [{item.unit}]: {item.meaning}." for item in cycles.summary(runs)]
    lines += [
        "- **host**: the regions that swell most; the stress columns are theirs alone.",
        "- A blank means that the quantity does not apply to the architecture or was not computed. "
        "Values at a state of charge are interpolated linearly between time steps.",
        *([f"- {errors.MEANING}"] if has_errors(frame) else []),
        "",
    ]
    return "\n".join(lines)


def has_errors(frame: pd.DataFrame) -> bool:
    """Whether the error of anything in the table is known."""
    return any(errors.column(name) in frame for name in frame)


def shown(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as text for readers, with error bars where they are known.

    Args:
        frame: Result of `table`.
        column: Name of the column, with its unit.
    """
    exact = column.startswith(_ROUND_OFF_WANTED)
    texts = [cell(value if exact else _rounded(value)) for value in frame[column]]
    if errors.column(column) not in frame:
        return texts
    bars = frame[errors.column(column)].to_numpy(dtype=float)
    return [errors.text(text, _rounded(float(bar))) for text, bar in zip(texts, bars, strict=True)]


def _rounded(value: Any) -> Any:
    """Return 0 for a number that is zero but for round-off, everything else as it is."""
    return 0.0 if isinstance(value, float) and abs(value) < ROUND_OFF else value


def csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV in which no text is taken for a formula by a spreadsheet.

    Such a text gets an apostrophe before it.
    """

    def plain(value: object) -> object:
        formula = isinstance(value, str) and value.strip(" ").startswith(_FORMULA)
        return f"'{value}" if formula else value

    return frame.map(plain).to_csv(index=False)


def _rows(frame: pd.DataFrame, columns: Sequence[str], *, without: str = "") -> Iterable[str]:
    yield "| " + " | ".join(name.replace(without, "") for name in columns) + " |"
    yield "|" + "|".join(
        " --- |" if not pd.api.types.is_numeric_dtype(frame[name]) else " ---: |"
        for name in columns
    ).replace("||", "|")
    for row in zip(*(shown(frame, name) for name in columns), strict=True):
        yield "| " + " | ".join(row) + " |"


def cell(value: object) -> str:
    """Return a value as text for readers; empty if it is not a number."""
    if not isinstance(value, float):
        return str(value).replace("|", "\\|")
    if not np.isfinite(value):
        return ""
    value += 0.0  # no minus before a zero
    return f"{value:.0f}" if value == round(value) and abs(value) >= 10 else f"{value:.4g}"
