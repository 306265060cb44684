"""The table of a sweep: a row per point."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anodefem import units
from anodefem.compare import align, body
from anodefem.compare.load import Run, load_run
from anodefem.compare.summary_metrics import SUMMARY_METRICS
from anodefem.compare.tables import SAME_SOC
from anodefem.errors import InputError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_NUMBER = re.compile(r"^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)$")
#: Largest strain of 99 % of the SEI's area over the strain at which it breaks.
LOAD = "sei_strain_p99_over_fracture"
#: Objectives of the comparison and whether more of it is better.
OBJECTIVES: Mapping[str, bool] = {
    LOAD: False,
    "hull_volume_ratio_max": False,
    "volumetric_capacity": True,
}
#: Differences below this share of a column's span are noise of time steps and meshes.
NOISE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A swept key.

    Attributes:
        name: Dotted key of the case.
        unit: Of its column; "" for a plain number.
        numeric: Whether its column holds numbers.
    """

    name: str
    unit: str
    numeric: bool

    @property
    def column(self) -> str:
        """Column of the table."""
        return f"{self.name} [{self.unit or '-'}]" if self.numeric else self.name

    @property
    def short(self) -> str:
        """Name for people: its last part, and what it belongs to where that must be said."""
        section, *parts = self.name.split(".")
        owner = {"sei": "SEI", "materials": parts[0] if len(parts) > 1 else ""}.get(section, "")
        return f"{owner} {(parts or [section])[-1]}".strip().replace("_", " ")

    @property
    def label(self) -> str:
        """Axis label."""
        return f"{self.short} [{pretty(self.unit)}]" if self.unit else self.short


def pretty(unit: str) -> str:
    """Return a unit as in print."""
    return unit.replace("um", "µm").replace("^2", "²").replace("^3", "³").replace("*", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A sweep as a table.

    Attributes:
        title: Title of the case.
        kind: "sweep" or "sensitivity".
        keys: What was varied.
        varied: Keys that each point changes, in the order of the rows.
        frame: A row per point; columns are "name [unit]".
    """

    title: str
    kind: str
    keys: tuple[Key, ...]
    varied: tuple[tuple[str, ...], ...]
    frame: pd.DataFrame

    def metric(self, name: str) -> Floats:
        """Return a metric of every point, shape (points,); NaN where there is none."""
        column = next(column for column in self.frame if column.startswith(f"{name} ["))
        return np.asarray(self.frame[column], dtype=float)

    @property
    def short(self) -> Bools:
        """Points that stopped at a lower state of charge than another, shape (points,)."""
        soc = self.metric("soc_max")
        return np.asarray(soc < np.nanmax(soc, initial=0.0) - SAME_SOC, dtype=np.bool_)


def read(folder: Path) -> Study:
    """Return the table of a sweep.

    Raises:
        InputError: The folder is not a sweep, or a completed run in it cannot be read.
    """
    path = folder / "sweep.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        points, fates = content["points"], content["fates"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path}: is not the record of a finished sweep; run `anodefem sweep` to its end."
        ) from error
    texts = [content["base"] | point["values"] for point in points]
    keys = tuple(_key(name, [str(text[name]) for text in texts]) for name in content["keys"])
    rows = []
    for point, text in zip(points, texts, strict=True):
        fate = fates[str(point["number"])]
        run = load_run(folder / point["folder"]) if fate["status"] == "completed" else None
        row: dict[str, object] = {"point": point["number"]}
        row |= {key.column: _value(str(text[key.name]), key) for key in keys}
        row |= {"status": fate["status"], "reason": fate["reason"]}
        row |= _summary(run)
        rows.append(row | {"folder": point["folder"]})
    frame = pd.DataFrame(rows)
    study = Study(
        title=content["title"],
        kind=content["kind"],
        keys=keys,
        varied=tuple(tuple(point["values"]) for point in points),
        frame=frame,
    )
    if study.kind == "sweep":
        frame.insert(frame.columns.get_loc("folder"), "not_dominated", best(study))
    return study


def best(study: Study) -> Bools:
    """Return which points no other point beats in all `OBJECTIVES`, shape (points,).

    A point without a value of an objective that others have is not among them.
    """
    columns = [
        values if more else -values
        for name, more in OBJECTIVES.items()
        if np.isfinite(values := study.metric(name)).any()
    ]
    if not columns:
        return np.zeros(len(study.frame), dtype=bool)
    scores = np.column_stack(columns)
    whole: Bools = np.all(np.isfinite(scores), axis=1)
    if not whole.any():
        return whole
    noise: Floats = NOISE * np.ptp(scores[whole], axis=0)
    # [i, j]: whether point j is no worse than point i in anything and better in something
    gain = scores[None, :, :] - scores[:, None, :]
    beaten = (gain >= -noise).all(axis=2) & (gain > noise).any(axis=2) & whole[None, :]
    return np.asarray(whole & ~beaten.any(axis=1), dtype=np.bool_)


def _summary(run: Run | None) -> dict[str, float]:
    """Return the summary metrics of a completed run; NaN for one that did not get to its end."""
    names = [f"{item.name} [{item.unit}]" for item in SUMMARY_METRICS]
    if run is None:
        return dict.fromkeys([*names, f"{LOAD} [-]"], float("nan"))
    index, _ = align.nearest_state(run, float(run.column("soc").max()))
    host = body.hosts(run, run.state(index))
    values = {
        name: item.value(run, host) for name, item in zip(names, SUMMARY_METRICS, strict=True)
    }
    load = values["sei_strain_p99 [-]"] / run.sei("fracture_strain")
    return {**values, f"{LOAD} [-]": load}


def _key(name: str, texts: Sequence[str]) -> Key:
    matches = [_NUMBER.match(_bare(text)) for text in texts]
    if all(matches):
        found = [match[2].strip() for match in matches if match]
        try:
            for unit in found:
                units.factor(unit, found[0])
        except ValueError:
            return Key(name=name, unit="", numeric=False)
        return Key(name=name, unit=found[0], numeric=True)
    return Key(name=name, unit="", numeric=False)


def _value(text: str, key: Key) -> Any:
    match = _NUMBER.match(_bare(text))
    if not key.numeric or match is None:
        return _bare(text)
    return float(f"{float(match[1]) * units.factor(match[2].strip(), key.unit):.10g}")


def _bare(text: str) -> str:
    return text.strip("\"'")
