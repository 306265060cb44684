"""SummaryMetric metrics over one swept key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from anodefem.compare.sweeps.table import Bools, Floats, Key, Study
from anodefem.compare.theme import Theme

_COLUMNS = 3
_MOST_SERIES = 8
#: A key whose values span more than this factor gets a logarithmic axis.
_WIDE = 20.0
#: And beyond which only powers of ten have a number there.
_DECADES = 200.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes.

    Attributes:
        title: What is shown, with its unit.
        metrics: SummaryMetric metrics: the first as a solid line, the second as a dashed one.
        words: What tells the two apart.
    """

    title: str
    metrics: tuple[str, ...]
    words: tuple[str, ...] = ()


PANELS = (
    Panel("SEI strain", ("sei_strain_p99", "sei_strain_max"), ("99 % of area", "largest")),
    Panel("SEI area beyond fracture", ("sei_area_beyond_fracture",)),
    Panel("SOC at which SEI breaks", ("sei_fracture_soc",)),
    Panel(
        "Hull volume over empty",
        ("hull_volume_ratio_max", "hull_volume_ratio_end"),
        ("largest", "delithiated"),
    ),
    Panel("Capacity per hull [Ah/L]", ("volumetric_capacity",)),
    Panel("Von Mises stress in host [GPa]", ("von_mises_max",)),
    Panel("SOC at contact", ("contact_onset_soc",)),
    Panel("Contact pressure [GPa]", ("contact_pressure_max",)),
)
#: Shown only if the points did not all get equally far.
_REACHED = Panel("Highest SOC reached", ("soc_max",))


def figure(study: Study, *, theme: Theme) -> Figure | None:
    """Return the metrics over the one key with many values, a line per value of the others.

    Args:
        study: The sweep.
        theme: Look of the figure.

    Returns:
        ``None`` if there is no such key: several have many values, or the points are samples.
    """
    if study.kind != "sweep":
        return None
    split = _split(study)
    panels = [
        panel
        for panel in (*PANELS, *[_REACHED] * bool(study.short.any()))
        if np.isfinite(np.concatenate([study.metric(name) for name in panel.metrics])).any()
    ]
    if split is None or not panels:
        return None
    key, groups = split
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    foot = 0.3 * (len(groups) > 1)
    height = 1.95 * rows + foot
    result = Figure(
        figsize=(theme.width, height),
        layout=ConstrainedLayoutEngine(rect=(0, foot / height, 1, 1 - foot / height)),
    )
    grid = np.atleast_1d(result.subplots(rows, columns, sharex=True)).ravel()
    for number, (axes, panel) in enumerate(zip(grid, panels, strict=False)):
        for index, rows_of in enumerate(groups.values()):
            # wider where others follow, so that equal lines can be told
            width = min(2.7, 1.2 + 0.5 * (len(groups) - 1 - index))
            _draw(axes, study, key, panel, rows_of, theme.architecture(index), width)
        _decorate(axes, study, key, panel, theme)
        axes.set_title(
            f"({chr(97 + number)}) {panel.title}", loc="left", fontsize=theme.font_size - 1
        )
        if number + columns >= len(panels):
            axes.set_xlabel(key.label)
            axes.tick_params(labelbottom=True)
    for axes in grid[len(panels) :]:
        axes.remove()
    if len(groups) > 1:
        entries = [
            Line2D([], [], color=colour, marker=marker, markersize=4, label=name)
            for name, (colour, marker) in zip(
                groups, map(theme.architecture, range(len(groups))), strict=True
            )
        ]
        result.legend(handles=entries, loc="lower center", ncols=min(4, len(groups)))
    return result


def _split(study: Study) -> tuple[Key, dict[str, Bools]] | None:
    """Return the key of the x axis, and the rows of every combination of the other keys."""
    counts = {key: study.frame[key.column].nunique() for key in study.keys}
    many = sorted(study.keys, key=lambda key: (key.numeric, counts[key]), reverse=True)
    key, others = many[0], many[1:]
    if counts[key] < 2 or np.prod([counts[other] for other in others]) > _MOST_SERIES:
        return None
    rows = study.frame[[other.column for other in others]]
    names = [
        ", ".join(
            f"{other.short} {row[other.column]:g}".strip() if other.numeric else row[other.column]
            for other in others
        )
        for _, row in rows.iterrows()
    ]
    return key, {name: np.array(names) == name for name in dict.fromkeys(names)}


def _places(study: Study, key: Key) -> Floats:
    column = study.frame[key.column]
    return np.asarray(column if key.numeric else column.factorize()[0], dtype=float)


def _draw(
    axes: Axes,
    study: Study,
    key: Key,
    panel: Panel,
    rows: Bools,
    look: tuple[str, str],
    width: float,
) -> None:
    colour, marker = look
    x = _places(study, key)[rows]
    order = np.argsort(x)
    for name, style in zip(panel.metrics, ("-", "--"), strict=False):
        values = study.metric(name)[rows]
        axes.plot(
            x[order],
            values[order],
            style if key.numeric else "",
            color=colour,
            marker=marker,
            linewidth=width,
            markersize=2.5 + 1.5 * width - (style != "-"),
            markerfacecolor=colour if style == "-" else "white",
            markeredgecolor="white" if style == "-" else colour,
            markeredgewidth=0.4 if style == "-" else 0.8,
            zorder=3 if style == "-" else 2,
        )
    for lost in x[np.asarray(study.frame["status"] != "completed")[rows]]:
        axes.axvline(lost, color="0.75", linewidth=0.8, linestyle=":", zorder=0)


def _decorate(axes: Axes, study: Study, key: Key, panel: Panel, theme: Theme) -> None:
    x = _places(study, key)
    if not key.numeric:
        names = study.frame[key.column].drop_duplicates()
        axes.set_xticks(range(len(names)), names, rotation=30 if len(names) > 3 else 0)
        axes.set_xlim(-0.5, len(names) - 0.5)
    elif x.min() > 0 and x.max() / x.min() > _WIDE:
        axes.set_xscale("log")
        within = (1.0,) if x.max() / x.min() > _DECADES else (1.0, 2.0, 5.0)
        axes.xaxis.set_major_locator(LogLocator(subs=within))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.06, y=0.12)
    low, high = axes.get_ylim()
    if high - low < 1e-3 * abs(high):  # numerical noise is not a trend
        middle = (low + high) / 2
        axes.set_ylim(middle - 0.05 * abs(middle or 1), middle + 0.05 * abs(middle or 1))
    drawn = [np.isfinite(study.metric(name)).any() for name in panel.metrics]
    if panel.words and all(drawn):
        axes.legend(
            handles=[
                Line2D([], [], color="0.3", linestyle=style, label=word)
                for style, word in zip(("-", "--"), panel.words, strict=True)
            ],
            loc="best",
            fontsize=theme.font_size - 1.5,
            handlelength=1.8,
        )
