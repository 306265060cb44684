"""Distance from the limit against the sizes of cells and of steps, one panel per metric."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anodefem.compare.theme import Theme
from anodefem.converge.gci import Verdict
from anodefem.converge.results import Metric, Series

_COLUMNS = 4
#: Distances below this share of the value are drawn at it: a logarithm has no zero.
_FLOOR = 1e-7
_WANTED = 0.02  # a dotted line: errors that nobody minds
_LOOKS = (("mesh", "mesh", 0, "o"), ("steps", "steps", 1, "s"))


def figure(found: Sequence[Metric], title: str, *, theme: Theme) -> Figure:
    """Return the figure of a study.

    A filled marker is a distance to the extrapolated limit; where there is no limit, an open marker
    is the distance to the finest value, and nothing is promised. The dotted line is at 2 %.

    Args:
        found: Metrics of the study.
        title: Title of the case.
        theme: Look of the figure.
    """
    rows = -(-len(found) // _COLUMNS)
    drawn = Figure(figsize=(theme.width, 0.6 + 1.45 * rows), layout="constrained")
    drawn.suptitle(title, fontsize=theme.font_size + 1)
    drawn.supxlabel("size over that of the case", fontsize=theme.font_size)
    drawn.supylabel("distance from the limit over the value", fontsize=theme.font_size)
    panels = drawn.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for axes, item in zip(panels, found, strict=False):
        _panel(axes, item, theme)
    for axes in panels[len(found) :]:
        axes.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return drawn


def _panel(axes: Axes, item: Metric, theme: Theme) -> None:
    for name, label, index, marker in _LOOKS:
        series: Series = getattr(item, name)
        limit, scale = series.estimate.limit, max(abs(item.value), item.negligible) or 1.0
        away = np.abs(np.array(series.values) - (series.values[-1] if limit is None else limit))
        count = len(away) - 1 if limit is None else len(away)
        colour = theme.architecture(index)[0]
        axes.loglog(
            series.sizes[:count],
            np.maximum(away[:count] / scale, _FLOOR),
            marker=marker,
            ms=3.5,
            color=colour,
            ls="-" if name == "mesh" else "--",
            mfc="none" if limit is None else colour,
            label=f"size of {'cells' if name == 'mesh' else label}",
        )
    lost = [
        f"{label} does not converge"
        for name, label, _, _ in _LOOKS
        if getattr(item, name).estimate.verdict is Verdict.DIVERGES
    ]
    axes.set_title("\n".join([item.title, *lost]), fontsize=theme.font_size - 2)
    sizes = sorted({round(size, 2) for size in (*item.mesh.sizes, *item.steps.sizes)})
    axes.set_xticks([sizes[0], sizes[-1]])
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.tick_params(labelsize=theme.font_size - 2)
    axes.set_ylim(bottom=_FLOOR / 2, top=1.0)
    axes.set_yticks([1e-6, 1e-4, 1e-2, 1.0], ["10⁻⁶", "10⁻⁴", "10⁻²", "1"])
    axes.axhline(_WANTED, color=theme.line, lw=0.4, ls=":")
