"""Curves of the page: the figure's panels and more, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from anodefem.compare import align, curves
from anodefem.compare.load import Run
from anodefem.compare.report.encode import numbers

#: Panels of the figure, then these.
PANELS = (
    *curves.PANELS,
    curves.Panel(
        "Area of SEI beyond fracture", lambda run, hosts: run.column("sei_area_beyond_fracture")
    ),
    curves.Panel(
        "Part of the potential due to stress [mV]",
        lambda run, hosts: run.column("stress_overpotential"),
    ),
    curves.Panel("Crack field, max.", lambda run, hosts: run.column("crack_max")),
    curves.Panel("Area of cracks, one face [um^2]", lambda run, hosts: crack_area(run)),
)


def crack_area(run: Run) -> npt.NDArray[np.float64]:
    """Area of one face of all cracks [um^2] at every step, NaN where nothing can crack."""
    found = [str(name) for name in run.metrics.columns if str(name).startswith("crack_area_")]
    return sum(map(run.column, found), np.full(len(run.metrics), 0.0 if found else np.nan))


def panels(runs: Sequence[Run], hosts: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return title and curves of every panel that has any; None for runs without.

    Args:
        runs: The runs.
        hosts: Title of a run -> the regions that swell.
    """
    found = []
    for panel in PANELS:
        lines = [_line(panel, run, hosts[run.title]) for run in runs]
        if any(lines):
            strain = panel is curves.PANELS[0]
            found.append({"title": panel.title, "lines": lines, "limits": strain})
    return found


def _line(panel: curves.Panel, run: Run, hosts: Sequence[str]) -> dict[str, Any] | None:
    values = panel.values(run, hosts)
    if not np.isfinite(values).any():
        return None
    line: dict[str, Any] = {
        "soc": numbers(run.column("soc")),
        "hours": numbers(run.column("t") / 3600),
        "values": numbers(values),
        "branches": [[int(up), rows.start, rows.stop] for up, rows in align.branches(run)],
    }
    if panel.band is not None:
        line["band"] = numbers(panel.band(run, hosts))
    return line
