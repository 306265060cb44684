"""Metrics over state of charge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from anodefem.compare import align, legend
from anodefem.compare.align import Floats
from anodefem.compare.load import Run, words
from anodefem.compare.summary_metrics import contact_pressure, host_column
from anodefem.compare.tables import ROUND_OFF
from anodefem.compare.theme import Theme

_COLUMNS = 3
#: Opacity and width of the curves of a cycle over those of the cycle before, and the least.
_PALER, _PALEST = 0.65, 0.3
_WIDEST = 2.5  # curve [pt]


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
    Panel("Hull volume over that when empty", lambda run, hosts: run.column("hull_volume_ratio")),
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
    Panel("Electrode potential [V]", lambda run, hosts: run.column("voltage")),
)


def figure(runs: Sequence[Run], hosts: Mapping[str, Sequence[str]], *, theme: Theme) -> Figure:
    """Return the curves of all runs; panels without any number are left out.

    Args:
        runs: The runs.
        hosts: Title of a run -> the regions that swell.
        theme: Look of the figure.
    """
    panels = [
        panel
        for panel in PANELS
        if any(np.isfinite(panel.values(run, hosts[run.title])).any() for run in runs)
    ]
    rows = -(-len(panels) // _COLUMNS)
    spare = rows * _COLUMNS - len(panels)
    # the legend stands in the place of missing panels if there are two of them, and room for names
    titles, size, page = [run.title for run in runs], theme.font_size, 72.0 * theme.width
    beside = spare > 1
    if beside:
        names = legend.of_runs(titles, width=2 * page * spare / _COLUMNS, size=size)[1]
        beside = names == titles
    columns, names = legend.of_runs(titles, width=page, size=size)
    key = 0.0 if beside else 0.22 * (-(-len(runs) // columns) + 1)  # height of the legend [inch]
    height = 1.95 * rows + key
    layout = ConstrainedLayoutEngine(rect=(0, key / height, 1, 1 - key / height))
    result = Figure(figsize=(theme.width, height), layout=layout)
    grid = np.atleast_1d(result.subplots(rows, _COLUMNS, sharex=True)).ravel()
    for number, (axes, panel) in enumerate(zip(grid, panels, strict=False)):
        for index, run in enumerate(runs):
            behind = len(runs) - 1 - index
            _draw(axes, panel, run, hosts[run.title], index, theme, behind=behind)
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
    _legend(result, runs, theme, names=names, columns=0 if beside else columns)
    return result


def _nothing(values: Floats) -> bool:
    return bool((np.abs(np.nan_to_num(values)) < ROUND_OFF).all())


def _draw(
    axes: Axes,
    panel: Panel,
    run: Run,
    hosts: Sequence[str],
    index: int,
    theme: Theme,
    *,
    behind: int,
) -> None:
    """Draw the curves of one run.

    Args:
        axes: Where.
        panel: What.
        run: Of which run.
        hosts: Its regions that swell.
        index: Number of the run.
        theme: Look of the figure.
        behind: Number of runs that are drawn after this one; the curve is the wider, so that it
            is seen beneath one that coincides with it.
    """
    colour, marker = theme.architecture(index)
    soc = run.column("soc")
    values = panel.values(run, hosts)
    band = None if panel.band is None else panel.band(run, hosts)
    wide, cycle = min(_WIDEST, 1.0 + 0.3 * behind), 0
    for lithiating, rows in align.branches(run):
        cycle += int(lithiating or cycle == 0)
        if not np.isfinite(values[rows]).any():
            continue
        paleness = max(_PALEST, _PALER ** (cycle - 1))
        axes.plot(
            soc[rows],
            values[rows],
            "-" if lithiating else "--",
            color=colour,
            alpha=paleness,
            linewidth=wide,
            marker=marker if cycle == 1 else "",
            markersize=2.2 + 0.8 * wide,
            markeredgecolor="white",
            markeredgewidth=0.4,
            markevery=(0.05 + 0.06 * index, 0.4),  # apart, so that equal curves can be told apart
        )
        if band is not None:
            axes.fill_between(
                soc[rows], band[rows], values[rows], color=colour, alpha=0.18, linewidth=0
            )


def _limits(axes: Axes, runs: Sequence[Run], theme: Theme) -> None:
    """Mark the strains at which SEI breaks, and where it first yields and breaks.

    The axis is linear up to the lowest of these strains and logarithmic above.

    Args:
        axes: Axes of the SEI's strain.
        runs: The runs in them.
        theme: Look of the figure.
    """
    fracture: dict[float, list[str]] = {}
    for run in runs:
        if np.isfinite(limit := run.sei("fracture_strain")):
            fracture.setdefault(limit, []).append(run.recipe)
    top = axes.get_ylim()[1]
    if fracture and top > 2 * min(fracture):
        axes.set_yscale("symlog", linthresh=min(fracture), linscale=0.8)
        axes.set_ylim(bottom=0.0)
        decades = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
        above = [value for value in decades if min(fracture) * 1.6 < value < top]
        axes.set_yticks([0.0, min(fracture), *above])
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
    for value, recipes in fracture.items():
        if value >= axes.get_ylim()[1]:
            continue
        axes.axhline(value, color="0.55", linewidth=0.7, zorder=0)
        names = ", ".join(dict.fromkeys(recipes)) if len(fracture) > 1 else ""
        axes.annotate(
            f"breaks {value:g} {names}".strip(),
            (1.0, value),
            xycoords=("axes fraction", "data"),
            xytext=(0, 1.5),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=theme.font_size - 2,
            color="0.35",
        )
    for index, run in enumerate(runs):
        colour, _ = theme.architecture(index)
        for name, marker, size in (("yield", "o", 3.5), ("fracture", "X", 5.5)):
            _, soc, strain = align.sei_first(run, name)
            if not np.isfinite(soc):
                continue
            axes.plot(
                [soc],
                [strain],
                marker,
                color=colour if marker == "X" else "white",
                markeredgecolor="white" if marker == "X" else colour,
                markeredgewidth=0.5 if marker == "X" else 0.9,
                markersize=size,
                zorder=5,
                clip_on=False,
            )


def _legend(
    result: Figure, runs: Sequence[Run], theme: Theme, *, names: Sequence[str], columns: int
) -> None:
    """Name the runs and the kinds of lines and marks.

    Args:
        result: The figure.
        runs: The runs in it.
        theme: Look of the figure.
        names: Of the runs, as they fit.
        columns: Of their names below the panels; 0 for a legend beside the last panels.
    """
    said = words(runs)
    entries = [
        Line2D([], [], color=colour, marker=marker, markersize=3, label=name)
        for name, (colour, marker) in zip(
            names, map(theme.architecture, range(len(runs))), strict=True
        )
    ]
    entries += [
        Line2D([], [], color="0.3", linestyle="-", label=said.inwards),
        Line2D([], [], color="0.3", linestyle="--", label=said.outwards),
    ]
    if any(sum(up for up, _ in align.branches(run)) > 1 for run in runs):
        entries.append(Line2D([], [], color="0.3", alpha=0.5, lw=0.8, label="later cycles: paler"))
    if any(np.isfinite(run.sei("yield_stretch")) for run in runs):
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
    if not columns:
        result.legend(handles=entries, loc="lower right", bbox_to_anchor=(0.99, 0.03))
        return
    result.legend(
        handles=entries[: len(runs)],
        loc="lower center",
        bbox_to_anchor=(0.5, 0.22 / result.get_figheight()),
        ncols=columns,
    )
    result.legend(handles=entries[len(runs) :], loc="lower center", ncols=5)
