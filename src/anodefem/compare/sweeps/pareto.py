"""Swelling, SEI strain and capacity of all points against each other."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from anodefem.compare.sweeps.table import LOAD, Bools, Floats, Study
from anodefem.compare.theme import Theme

_LEAST_POINTS = 3  # points of a figure
_NAMED = 14  # marked points that get their values written beside them
_REST = "0.65"  # colour of points that others beat
_LABELS = {
    LOAD: "SEI strain, 99 % of area below, over fracture strain",
    "hull_volume_ratio_max": "hull volume over that when empty, largest",
    "volumetric_capacity": "capacity per hull volume [Ah/L]",
}


def figure(study: Study, *, theme: Theme) -> Figure | None:
    """Return capacity over SEI strain and over swelling; points that none other beats are marked.

    Args:
        study: The sweep.
        theme: Look of the figure.

    Returns:
        ``None`` if fewer than three points have these metrics, or it is no sweep.
    """
    if study.kind != "sweep":
        return None
    marked = np.asarray(study.frame["not_dominated"], dtype=bool)
    costs = [
        name
        for name in (LOAD, "hull_volume_ratio_max")
        if np.isfinite(study.metric(name)).sum() >= _LEAST_POINTS
    ]
    if not costs or np.isfinite(study.metric("volumetric_capacity")).sum() < _LEAST_POINTS:
        return None
    foot = 0.26
    height = 2.9 + foot
    result = Figure(
        figsize=(theme.width if len(costs) > 1 else 0.6 * theme.width, height),
        layout=ConstrainedLayoutEngine(rect=(0, foot / height, 1, 1 - foot / height), wspace=0.06),
    )
    grid = np.atleast_1d(result.subplots(1, len(costs), sharey=True))
    for number, (axes, name) in enumerate(zip(grid, costs, strict=True)):
        _panel(result, axes, study, name, marked, theme)
        named = ", ".join(key.label for key in study.keys) if marked.sum() <= _NAMED else ""
        axes.set_title(
            f"({chr(97 + number)})" + f"  beside points: {named}" * bool(named),
            loc="left",
            fontsize=theme.font_size - 1,
        )
        axes.set_title("↖ better", loc="right", fontsize=theme.font_size - 1, color="0.45")
    grid[0].set_ylabel(_LABELS["volumetric_capacity"])
    best, limit = theme.series[0], theme.series[1]
    entries = [
        Line2D([], [], color=best, marker="o", markersize=5, ls="", label="not dominated"),
        Line2D([], [], color=_REST, marker="o", markersize=3.5, ls="", label="dominated"),
        Line2D([], [], color="0.3", marker="o", mfc="white", ms=4, ls="", label="at lower SOC"),
        Line2D([], [], color=limit, linewidth=0.8, ls="--", label="SEI breaks"),
    ]
    drawn = any(line.get_linestyle() == "--" for axes in grid for line in axes.lines)
    shown = [True, not marked.all(), study.short.any(), drawn]
    entries = [entry for entry, show in zip(entries, shown, strict=True) if show]
    result.legend(handles=entries, loc="lower center", ncols=len(entries))
    return result


def _panel(
    result: Figure, axes: Axes, study: Study, name: str, marked: Bools, theme: Theme
) -> None:
    x, y = study.metric(name), study.metric("volumetric_capacity")
    for rows, colour, size in ((~marked, _REST, 3.5), (marked, theme.series[0], 5)):
        for part, face in ((rows & ~study.short, colour), (rows & study.short, "white")):
            axes.plot(
                x[part], y[part], "o", color=colour, markersize=size, markerfacecolor=face, mew=0.8
            )
    axes.margins(0.12)
    if name == LOAD:
        limits = axes.get_xlim()
        axes.axvline(1.0, color=theme.series[1], linewidth=0.8, linestyle="--", zorder=0)
        axes.set_xlim(limits)
    axes.set_xlabel(_LABELS[name])
    if marked.sum() <= _NAMED:
        _names(result, axes, study, x, y, marked, theme)


def _names(
    result: Figure, axes: Axes, study: Study, x: Floats, y: Floats, marked: Bools, theme: Theme
) -> None:
    """Write the swept values beside marked points, away from each other.

    Args:
        result: The figure.
        axes: Axes to draw in.
        study: The sweep.
        x: Metric along the horizontal axis, shape (points,).
        y: Metric along the vertical axis, shape (points,).
        marked: Points that get a name, shape (points,).
        theme: Look of the figure.
    """
    result.draw_without_rendering()
    taken: list[tuple[float, float, float, float]] = []
    for row in np.flatnonzero(marked):
        values = study.frame.iloc[row]
        text = ", ".join(
            f"{values[key.column]:.3g}" if key.numeric else str(values[key.column])
            for key in study.keys
        )
        text_width, text_height = 0.55 * theme.font_size * len(text), theme.font_size
        at = axes.transData.transform((x[row], y[row])) * 72 / result.dpi
        for dx, dy in (
            (5, 4),
            (5, -10),
            (-5 - text_width, 4),
            (-5 - text_width, -10),
            (5, 14),
            (5, -20),
        ):
            box = (at[0] + dx, at[1] + dy, at[0] + dx + text_width, at[1] + dy + text_height)
            if not any(
                box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken
            ):
                break
        taken.append(box)
        axes.annotate(
            text,
            (x[row], y[row]),
            xytext=(dx, dy),
            textcoords="offset points",
            fontsize=theme.font_size - 1.5,
            path_effects=[withStroke(linewidth=1.8, foreground="white")],
        )
