"""What the page says in words and tables: metrics, provenance, cards, warnings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from anodefem.compare import align, cycles
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import ALIGNED, RUN
from anodefem.compare.tables import notes, shown
from anodefem.units import read

#: Relative error of the lithium balance from which a run gets a warning.
BALANCE = 1e-6
#: Order and meaning of the tags of card values.
TAGS = {
    "source": "read in the source named",
    "review": "read in a review that defines the system",
    "computed": "computed from other values",
    "literature-unchecked": "from literature, not checked",
    "assumed": "assumed: no source",
}
_ALIGNED = {
    "sei_strain_max": "largest principal logarithmic strain of the SEI since it formed, anywhere",
    "sei_strain_p99": "the same strain without the worst 1 % of the SEI's area",
    "sei_area_beyond_fracture": "fraction of the SEI's area beyond the fracture strain",
    "hull_volume_ratio": "volume inside the outer hull, SEI included, over that of the empty body",
    "volumetric_capacity": "charge stored over the volume inside the hull, void and SEI included",
    "von_mises_max": "largest von Mises stress in the host",
    "hydrostatic_tension": "largest mean normal stress in the host (tension positive)",
    "contact_pressure_max": "largest contact pressure",
}
_RATIO = re.compile(r"^sei_(?P<name>\w+)_ratio_max$")
#: Criteria of the SEI's failure beside its strain, as the names of columns have them.
_CRITERIA = {
    "energy": "yields: elastic energy beyond U_max",
    "channel": "channel cracks could run",
    "peel": "peels from the edge of a crack",
    "buckling": "buckles where it does not adhere",
    "blister": "buckles and peels around a delaminated patch",
}
_VALUE = re.compile(r"^(?P<value>.*?)\s*\[(?P<tag>[a-z-]+)\]\s*(?P<note>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metric of all architectures.

    Attributes:
        name: Name of the metric.
        unit: Its unit.
        column: Its column of ``table.csv``.
        meaning: Its definition.
        cells: Value, text and length of its bar (of 1; None without one), per architecture.
    """

    name: str
    unit: str
    column: str
    meaning: str
    cells: Sequence[tuple[float, str, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value of a card, with where it is from."""

    name: str
    value: str
    tag: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A material or SEI card as one or more runs used it."""

    name: str
    title: str
    entries: Sequence[Entry]
    used: list[str] = field(default_factory=list)

    @property
    def tags(self) -> dict[str, int]:
        """How many values have each tag."""
        counts = Counter(entry.tag for entry in self.entries)
        return {tag: counts[tag] for tag in TAGS if counts[tag]}


def metrics(runs: Sequence[Run], frame: pd.DataFrame) -> dict[str, list[Row]]:
    """Return the rows of the table by subject; the values are those of ``frame``.

    Args:
        runs: The runs.
        frame: The table of the comparison.
    """
    soc = align.common_soc(runs)
    found: dict[str, list[Row]] = {}
    for item in cycles.summary(runs):
        column = f"{item.name} [{item.unit}]"
        row = _row(item.name, item.unit, column, item.meaning, frame, bars=item.group != RUN)
        found.setdefault(item.group, []).append(row)
    found[f"All at state of charge {soc:.3f}"] = [
        _row(
            name,
            unit,
            f"{name} at soc {soc:.3f} [{unit}]",
            f"{_ALIGNED[name]}, at state of charge {soc:.3f} of the first lithiation",
            frame,
        )
        for name, (unit, _) in ALIGNED.items()
    ]
    return found


def _row(
    name: str, unit: str, column: str, meaning: str, frame: pd.DataFrame, *, bars: bool = True
) -> Row:
    values = frame[column].to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    top = float(known.max(initial=0.0))
    # bars start at an honest zero, so negative numbers get none
    bars = bars and top > 0 and bool((known >= 0).all())
    return Row(
        name=name,
        unit="" if unit == "-" else unit,
        column=column,
        meaning=meaning,
        cells=[
            (value, text, value / top if bars and np.isfinite(value) else None)
            for value, text in zip(map(float, values), shown(frame, column), strict=True)
        ],
    )


def cards(runs: Sequence[Run]) -> list[Card]:
    """Return every card in use, each version of it once."""
    found: dict[tuple[str, str], Card] = {}
    for run in runs:
        used = _roles(run)
        for name, content in (run.info.get("case", {}).get("cards") or {}).items():
            key = (name, repr(content))
            if key not in found:
                entries = [_entry(item, value) for item, value in content.items()]
                found[key] = Card(name=name, title=name, entries=entries)
            found[key].used.append(f"{run.title}: {', '.join(used.get(name, ['in use']))}")
    return list(found.values())


def _roles(run: Run) -> dict[str, list[str]]:
    """Return for each card the regions it is used in."""
    case, found = run.info.get("case", {}), dict[str, list[str]]()
    for region, entry in (case.get("materials") or {}).items():
        card = entry.get("card") if isinstance(entry, Mapping) else entry
        found.setdefault(str(card), []).append(region)
    if recipe := (run.info.get("sei") or {}).get("recipe"):
        found.setdefault(str(recipe), []).append("SEI")
    return found


def _entry(name: str, text: Any) -> Entry:
    match = _VALUE.match(str(text))
    if match is None:
        return Entry(name=name, value=str(text), tag="", note="")
    return Entry(name=name, value=match["value"], tag=match["tag"], note=match["note"])


def failures(run: Run) -> list[dict[str, Any]]:
    """Return where the SEI first fails by each criterion beside its strain.

    Only criteria that are met: label and state of charge, in the order in which they are.
    """
    found = []
    for column in run.metrics.columns:
        match = _RATIO.match(str(column))
        time, soc = align.crossing(run, run.column(str(column)), 1.0) if match else (np.nan, 0.0)
        if match and np.isfinite(time):
            name = match["name"]
            found.append((time, {"label": _CRITERIA.get(name, name), "soc": round(soc, 4)}))
    return [entry for _, entry in sorted(found, key=lambda one: one[0])]


def provenance(run: Run) -> dict[str, str]:
    """Return where a run is from, as label and text."""
    info = run.info
    sei = info.get("sei") or {}
    limits = [f"{key} {run.sei(f'{key}_strain'):.3g}" for key in ("yield", "fracture") if sei]
    case = info.get("case", {})
    labelled = {
        "folder": str(run.folder),
        "status": " - ".join(filter(None, [str(info["status"]), str(info.get("reason") or "")])),
        "geometry": str((case.get("geometry") or {}).get("plugin") or "unknown"),
        "kinematics": run.kinematics.replace("_", " "),
        "protocol": _protocol((case.get("protocol") or {}).get("steps") or ["unknown"]),
        "SEI": f"{sei.get('recipe')} ({', '.join(limits)})" if sei else "none",
        "cells, unknowns": f"{info.get('cells', 'unknown')}, {info.get('unknowns', 'unknown')}",
        "steps, ranks": f"{len(run.metrics) - 1}, {info.get('ranks', 'unknown')}",
        "lithium balance error": _balance(run),
        "wall time": f"{info['wall_time_s']:.0f} s" if info.get("wall_time_s") else "unknown",
        "mesh hash": str(info.get("mesh_hash") or "unknown"),
        "git commit": str(info.get("git_commit") or "unknown"),
        "versions": ", ".join(f"{k} {v}" for k, v in (info.get("versions") or {}).items()),
    }
    return {name: text for name, text in labelled.items() if text}


def _protocol(steps: Iterable[Any]) -> str:
    """Return the steps of a case on one line, tables with the number of their rounds."""
    return "; ".join(
        each
        if isinstance(each, str)
        else f"{each.get('repeat') or each.get('formation')} x ({_protocol(each['steps'])})"
        for each in steps
    )


def _balance(run: Run) -> str:
    """Return the largest error; exactly zero says that the composition was given, not solved."""
    values = run.column("lithium_balance_error")
    known = np.abs(values[np.isfinite(values)])
    if not known.size:
        return "not computed"
    return f"{known.max():.1e}" if known.any() else "not tested (composition given, not solved)"


def warnings(
    runs: Sequence[Run], hosts: Mapping[str, Sequence[str]], used: Sequence[Card]
) -> list[str]:
    """Return what limits trust in the numbers, one sentence each.

    Args:
        runs: The runs on the page.
        hosts: Title of a run -> the regions whose stress counts as the host's.
        used: The cards they used.
    """
    found = list(notes(runs, hosts))
    for run in runs:
        error = np.nanmax(np.abs(run.column("lithium_balance_error")), initial=0.0)
        if error > BALANCE:
            found.append(f"{run.title}: lithium is conserved only to {error:.1e}.")
        found += _overstressed(run)
    counts = Counter[str]()
    for card in used:
        counts.update(card.tags)
    if counts["assumed"]:
        found.append(
            f"Of the {counts.total()} numbers on the material and SEI cards, "
            f"{counts['assumed']} are assumed and {counts['literature-unchecked']} are from "
            "literature that was not checked. When the SEI yields and breaks depends on them."
        )
    return found


def _overstressed(run: Run) -> list[str]:
    """Say which parts carry more than their card's strength, where the model cannot break them."""
    case, found = run.info.get("case", {}), []
    content = case.get("cards") or {}
    breakable = (case.get("fracture") or {}).get("regions", ())
    for card, regions in _roles(run).items():
        text = _entry("strength", (content.get(card) or {}).get("properties.strength", "")).value
        try:
            strength = read(text, "GPa") if text else np.inf
        except ValueError:  # in words, or over a range
            continue
        for region in (region for region in regions if region not in breakable):
            most = float(np.nanmax(run.column(f"von_mises_max_{region}"), initial=0.0))
            if most > strength:
                found.append(
                    f"{run.title}: the {region} carries {most:.4g} GPa, more than its strength "
                    f"of {strength:.4g} GPa, but it cannot break in the model."
                )
    return found
