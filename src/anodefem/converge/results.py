"""What a study found: every metric with its error, as record, table and text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import inf, isfinite, isnan
from typing import Any

import numpy as np
import pandas as pd

from anodefem.compare import align, body
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import ALIGNED, RUN, SUMMARY_METRICS
from anodefem.compare.tables import cell
from anodefem.converge.gci import Estimate, Verdict, estimate
from anodefem.converge.members import Member
from anodefem.errors import InputError

#: Differences that nobody asks about, by unit: numbers that stay within them are the same.
NEGLIGIBLE = {"-": 1e-5, "GPa": 1e-5, "V": 1e-5, "mV": 1e-2, "Ah/L": 1e-2, "MJ/m^3": 1e-3}
#: Part of a number that the error of the steps may be before it is pointed out, and the numbers
#: that feel the steps first.
STEP_ERROR, SENSITIVE = 0.02, ("plastic_work", "von_mises_max", "hydrostatic_tension_max")
_DIMENSION = {"axisymmetric": 2, "plane_strain": 2, "3d": 3}
_Values = Callable[[Run, Sequence[str]], np.ndarray[Any, np.dtype[np.float64]]]
#: Metrics at the highest state of charge that all runs reached: those of a comparison and others.
OTHERS: Mapping[str, tuple[str, _Values]] = {
    "sei_strain_mean": ("-", lambda run, hosts: run.column("sei_strain_mean")),
    "voltage": ("V", lambda run, hosts: run.column("voltage")),
}
#: Metrics of the whole run beside those of a comparison.
WHOLE: Mapping[str, tuple[str, Callable[[Run], float]]] = {
    "plastic_work": ("MJ/m^3", lambda run: 1e-6 * float(run.column("plastic_work")[-1])),
}
AT_SOC: Mapping[str, tuple[str, _Values]] = {**ALIGNED, **OTHERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric over the sizes of cells or of steps.

    Attributes:
        sizes: Relative to the case's, the largest first.
        values: The metric at each of them.
        estimate: What they say.
    """

    sizes: tuple[float, ...]
    values: tuple[float, ...]
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of the case with its error.

    Attributes:
        name: As in the table of a comparison.
        unit: Its unit.
        soc: State of charge at which it is taken; ``None`` for one of the whole run.
        value: Of the case as it is in its file.
        mesh: Over the sizes of cells.
        steps: Over the lengths of steps.
    """

    name: str
    unit: str
    soc: float | None
    value: float
    mesh: Series
    steps: Series

    @property
    def error(self) -> float:
        """Bound of the discretisation error: mesh and steps together; infinite without one."""
        return self.mesh.estimate.error + self.steps.estimate.error

    @property
    def title(self) -> str:
        """Name and unit, for readers."""
        unit = "" if self.unit == "-" else f" [{self.unit}]"
        at = "" if self.soc is None else f" at soc {self.soc:.3f}"
        return f"{self.name}{at}{unit}"

    @property
    def negligible(self) -> float:
        """Difference that nobody asks about."""
        return NEGLIGIBLE.get(self.unit, 0.0)


def metrics(members: Sequence[Member], runs: Sequence[Run]) -> list[Metric]:
    """Return every metric that applies to the case, with its error.

    Args:
        members: The runs of a study, the case first.
        runs: The same, read.

    Raises:
        InputError: The meshes or the steps did not get finer.
    """
    case = runs[0]
    hosts = body.hosts(
        case, case.state(align.nearest_state(case, float(case.column("soc").max()))[0])
    )
    soc = align.common_soc(runs)
    halves = {
        "mesh": levels(members, runs, "cells", lambda member: member.step == 1.0),
        "steps": levels(members, runs, "steps", lambda member: member.refinement == 1.0),
    }

    def metric(
        name: str, unit: str, at: float | None, value: Callable[[Run], float]
    ) -> Metric | None:
        values = [value(run) for run in runs]
        if isnan(values[0]):
            return None
        series = {}
        for key, (indices, sizes) in halves.items():
            own = tuple(values[index] for index in indices)
            found = estimate(sizes, own, at=1.0, negligible=NEGLIGIBLE.get(unit, 0.0))
            series[key] = Series(sizes=sizes, values=own, estimate=found)
        return Metric(name=name, unit=unit, soc=at, value=values[0], **series)

    found = [
        metric(item.name, item.unit, None, lambda run, item=item: item.value(run, hosts))  # type: ignore[misc]
        for item in SUMMARY_METRICS
        if item.group != RUN
    ]
    found += [metric(name, unit, None, value) for name, (unit, value) in WHOLE.items()]
    found += [
        metric(
            name,
            unit,
            soc,
            lambda run, of=of: align.at_soc(run, of(run, hosts), soc),  # type: ignore[misc]
        )
        for name, (unit, of) in AT_SOC.items()
    ]
    return [item for item in found if item is not None]


def coarse_steps(found: Sequence[Metric]) -> str | None:
    """Return a sentence if the steps in time spoil a number that feels them, else None.

    Args:
        found: What a study measured.
    """
    told = [
        f"{item.name} ({_share(item, item.steps.estimate.error) or 'no limit'})"
        for item in found
        if item.soc is None
        and item.name in SENSITIVE
        and abs(item.value) > 100.0 * item.negligible
        and item.steps.estimate.error > STEP_ERROR * abs(item.value)
    ]
    if not told:
        return None
    return (
        f"steps in time make more than {100 * STEP_ERROR:g} % of {', '.join(told)}; "
        "lower solver.step_tolerance"
    )


def levels(
    members: Sequence[Member],
    runs: Sequence[Run],
    counted: str,
    belongs: Callable[[Member], bool],
) -> tuple[list[int], tuple[float, ...]]:
    """Return members of one half of a study and their sizes by what was counted, the largest first.

    Args:
        members: The runs of the study, the case first.
        runs: The same, read.
        counted: Entry of run.json that is counted: "cells" or "steps".
        belongs: Whether a member is of this half.

    Raises:
        InputError: The meshes or the steps did not get finer.
    """
    dim = _DIMENSION[runs[0].kinematics] if counted == "cells" else 1
    counts = {
        index: float(runs[index].info[counted])
        for index, member in enumerate(members)
        if belongs(member)
    }
    indices = sorted(counts, key=lambda index: members[index].refinement / members[index].step)
    ordered = [counts[index] for index in indices]
    if any(second <= first for first, second in pairwise(ordered)):
        raise InputError(
            f"the runs of the study have {', '.join(f'{n:.0f}' for n in ordered)} {counted}: they "
            "must become more from level to level; raise --ratio or --step-ratio"
            + (
                ", or let the sizes of the geometry's mesh follow 'refinement'."
                if counted == "cells"
                else "."
            )
        )
    return indices, tuple((counts[0] / count) ** (1.0 / dim) for count in ordered)


def record(found: Sequence[Metric]) -> list[dict[str, Any]]:
    """Return metrics for JSON; what is infinite is ``None`` there."""
    return [
        {
            "name": item.name,
            "unit": item.unit,
            "soc": item.soc,
            "value": item.value,
            "error": _finite(item.error),
            "mesh": _series(item.mesh),
            "steps": _series(item.steps),
        }
        for item in found
    ]


def _series(series: Series) -> dict[str, Any]:
    judged = {key: _finite(value) for key, value in asdict(series.estimate).items()}
    values = [_finite(value) for value in series.values]
    return {"sizes": list(series.sizes), "values": values, **judged}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def frame(found: Sequence[Metric]) -> pd.DataFrame:
    """Return one row per metric, for programs; an infinite error says that it does not converge."""
    rows = []
    for item in found:
        row: dict[str, Any] = {
            "metric": item.name,
            "unit": item.unit,
            "soc": item.soc,
            "value": item.value,
            "error": item.error,
        }
        for key, series in (("mesh", item.mesh), ("steps", item.steps)):
            row |= {
                f"{key} error": series.estimate.error,
                f"{key} order": series.estimate.order,
                f"{key} verdict": series.estimate.verdict.value,
                f"{key} limit": series.estimate.limit,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def table(found: Sequence[Metric]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [
        "| metric | value | error | of it by the mesh (order) | by the steps (order) |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for item in found:
        cells = [item.title, cell(item.value), amount(item), _part(item, item.mesh)]
        lines.append("| " + " | ".join([*cells, _part(item, item.steps)]) + " |")
    return lines


def amount(item: Metric) -> str:
    """Return the error of a metric in its unit and in per cent of the value."""
    if item.error == inf:
        return "does not converge"
    share = _share(item, item.error) if item.error else ""
    return f"{item.error:.2g}" + (f" ({share})" if share else "")


def _part(item: Metric, series: Series) -> str:
    judged = series.estimate
    if judged.verdict in (Verdict.SAME, Verdict.DIVERGES):
        return "0" if judged.verdict is Verdict.SAME else str(judged.verdict)
    text = _share(item, judged.error) or f"{judged.error:.2g}"
    order = "" if judged.order is None or not isfinite(judged.order) else f"{judged.order:.1f}"
    if judged.verdict is Verdict.UNTRUSTED:
        order = f"{order}, not trusted" if order else "not trusted"
    return f"{text} ({order})"


def _share(item: Metric, error: float) -> str:
    """Return an error in per cent; "" where the value itself is next to nothing.

    Args:
        item: The metric.
        error: An error in its unit.
    """
    if abs(item.value) <= 100.0 * item.negligible:
        return ""
    if not isfinite(error):
        return ""
    share = 100.0 * error / abs(item.value)
    return f"{share:.2g} %" if share >= 0.01 else "< 0.01 %"
