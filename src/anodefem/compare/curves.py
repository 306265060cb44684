"""Metrics over state of charge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from anodefem.compare import align
from anodefem.compare.align import Floats
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import contact_pressure, host_column
from anodefem.compare.tables import ROUND_OFF
from anodefem.compare.theme import Theme

_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes.

    Attributes:
        title: What is shown, with its unit.
        values: Metric of a run at every step, given the run's host regions; shape (steps,).
        band: Lower edge of a band up to ``values``; None for a line alone.
    """

    title: str
    values: Callable[[Run, Sequence[str]], Floats]
    band: Callable[[Run, Sequence[str]], Floats] | None = None


_STRAIN = Panel(
    "SEI strain: max., band to 99 % of area",
    lambda run, hosts: run.column("sei_strain_max"),
    lambda run, hosts: run.column("sei_strain_p99"),
)

PANELS = (
    _STRAIN,
    Panel("Hull volume over empty body's", lambda run, hosts: run.column("hull_volume_ratio")),
    Panel("Capacity per hull volume [Ah/L]", lambda run, hosts: run.column("volumetric_capacity")),
    Panel(
        "Von Mises stress in host, max. [GPa]",
        lambda run, hosts: host_column(run, hosts, "von_mises_max"),
    ),
    Panel(
        "Hydrostatic tension in host, max. [GPa]",
        lambda run, hosts: host_column(run, hosts, "hydrostatic_max"),
    ),
    Panel("Contact pressure, max. [GPa]", lambda run, hosts: contact_pressure(run)),
)


def figure(runs: Sequence[Run], hosts: Mapping[str, Sequence[str]], *, theme: Theme) -> Figure:
    """Return the curves of all runs; panels without any number are left out."""
    panels = [
        panel
        for panel in PANELS
        if any(np.isfinite(panel.values(run, hosts[run.title])).any() for run in runs)
    ]
    rows = -(-len(panels) // _COLUMNS)
    key = 0.22 * (-(-len(runs) // 2) + 1)  # height of the legend [inch]
    height = 1.95 * rows + key
    layout = ConstrainedLayoutEngine(rect=(0, key / height, 1, 1 - key / height))
    result = Figure(figsize=(theme.width, height), layout=layout)
    grid = np.atleast_1d(result.subplots(rows, _COLUMNS, sharex=True)).ravel()
    for number, (axes, panel) in enumerate(zip(grid, panels, strict=False)):
        for index, run in enumerate(runs):
            _draw(axes, panel, run, hosts[run.title], index, theme)
        if panel is _STRAIN:
            _limits(axes, runs, theme)
        axes.set_title(
            f"({chr(97 + number)}) {panel.title}", loc="left", fontsize=theme.font_size - 1
        )
        if number + _COLUMNS >= len(panels):
            axes.set_xlabel("state of charge")
            axes.tick_params(labelbottom=True)
        axes.margins(x=0.02)
        if all(_nothing(np.asarray(line.get_ydata(), dtype=float)) for line in axes.lines):
            axes.set_ylim(0, 1)  # zeros and round-off: no scale of its own around them
    for axes in grid[len(panels) :]:
        axes.remove()
    _legend(result, runs, theme)
    return result


def _nothing(values: Floats) -> bool:
    return bool((np.abs(np.nan_to_num(values)) < ROUND_OFF).all())


def _draw(
    axes: Axes, panel: Panel, run: Run, hosts: Sequence[str], index: int, theme: Theme
) -> None:
    colour, marker = theme.architecture(index)
    soc = run.column("soc")
    values = panel.values(run, hosts)
    band = None if panel.band is None else panel.band(run, hosts)
    for lithiating, rows in align.branches(run):
        if not np.isfinite(values[rows]).any():
            continue
        axes.plot(
            soc[rows],
            values[rows],
            "-" if lithiating else "--",
            color=colour,
            marker=marker,
            markersize=3,
            markeredgecolor="white",
            markeredgewidth=0.4,
            markevery=(0.05 + 0.06 * index, 0.4),  # apart, so that equal curves can be told apart
        )
        if band is not None:
            axes.fill_between(
                soc[rows], band[rows], values[rows], color=colour, alpha=0.18, linewidth=0
            )


def _limits(axes: Axes, runs: Sequence[Run], theme: Theme) -> None:
    """Mark where the SEI first yields and first breaks, and the strains of breaking."""
    fracture = {run.sei("fracture_strain") for run in runs}
    top = axes.get_ylim()[1]
    for value in sorted(value for value in fracture if np.isfinite(value) and value < top):
        axes.axhline(value, color="0.6", linewidth=0.6, zorder=0)
    for index, run in enumerate(runs):
        colour, _ = theme.architecture(index)
        for name, marker, size in (("yield_strain", "o", 3.5), ("fracture_strain", "X", 5.5)):
            limit = run.sei(name)
            if not np.isfinite(limit):
                continue
            soc = align.first_above(run, run.column("sei_strain_max"), limit)
            axes.plot(
                [soc],
                [limit],
                marker,
                color=colour if marker == "X" else "white",
                markeredgecolor="white" if marker == "X" else colour,
                markeredgewidth=0.5 if marker == "X" else 0.9,
                markersize=size,
                zorder=5,
                clip_on=False,
            )


def _legend(result: Figure, runs: Sequence[Run], theme: Theme) -> None:
    entries = [
        Line2D([], [], color=colour, marker=marker, markersize=3, label=run.title)
        for run, (colour, marker) in zip(
            runs, map(theme.architecture, range(len(runs))), strict=True
        )
    ]
    entries += [
        Line2D([], [], color="0.3", linestyle="-", label="lithiation"),
        Line2D([], [], color="0.3", linestyle="--", label="delithiation"),
    ]
    if any(np.isfinite(run.sei("yield_strain")) for run in runs):
        entries.append(
            Line2D(
                [],
                [],
                color="0.3",
                marker="o",
                markersize=3.5,
                markerfacecolor="white",
                linestyle="",
                label="SEI first yields",
            )
        )
    if any(np.isfinite(run.sei("fracture_strain")) for run in runs):
        entries.append(
            Line2D(
                [],
                [],
                color="0.3",
                marker="X",
                markersize=5,
                linestyle="",
                label="SEI first breaks",
            )
        )
    result.legend(
        handles=entries[: len(runs)],
        loc="lower center",
        bbox_to_anchor=(0.5, 0.22 / result.get_figheight()),
        ncols=2,
    )
    result.legend(handles=entries[len(runs) :], loc="lower center", ncols=4)
