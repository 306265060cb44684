"""What each number alone changes, ranked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch

from anodefem.compare.sweeps.table import NOISE, Key, Study, pretty
from anodefem.compare.theme import Theme

_MOST = 8  # bars of a panel
_LEAST = 0.02  # share of a panel's longest bar that can still be seen
_BAR = 0.3  # height of a bar [inch]
_SIDES = ("at its low value", "at its high value")
METRICS = {
    "sei_fracture_soc": "state of charge where SEI breaks",
    "sei_strain_p99": "SEI strain, 99 % of area below",
    "sei_area_beyond_fracture": "SEI area beyond fracture",
    "hull_volume_ratio_max": "hull volume over empty",
    "volumetric_capacity": "capacity per hull [Ah/L]",
    "von_mises_max": "von Mises stress in host [GPa]",
    "hydrostatic_tension_max": "tension in host [GPa]",
    "contact_onset_soc": "state of charge at contact",
    "stress_overpotential_min": "stress overpotential, lowest [mV]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One key in one panel.

    Attributes:
        key: What is varied.
        ends: Its values.
        low: Metric at the lower one; NaN if it is not defined there.
        high: Metric at the upper one.
        short: Whether one of the two stopped at a lower state of charge.
    """

    key: Key
    ends: tuple[float, float]
    low: float
    high: float
    short: bool

    @property
    def label(self) -> str:
        """Key, and below it its values."""
        ends = f"{self.ends[0]:.3g} to {self.ends[1]:.3g} {pretty(self.key.unit)}".strip()
        return f"{self.key.short}{'*' * self.short}\n{ends}"

    def reach(self, base: float) -> float:
        """Return the largest change; infinite if the metric ceases to exist."""
        change = np.abs(np.array([self.low, self.high]) - base)
        return float("inf") if np.isnan(change).any() else float(change.max())


def figure(study: Study, *, theme: Theme) -> Figure | None:
    """Return a panel per metric that some number changes by more than 0.1 %.

    Args:
        study: The sweep.
        theme: Look of the figure.

    Returns:
        ``None`` if it is no sensitivity study, or nothing changes anything.
    """
    if study.kind != "sensitivity":
        return None
    panels = {name: bars for name in METRICS if (bars := _bars(study, name))}
    if not panels:
        return None
    columns = min(2, len(panels))
    names = list(panels)
    rows = [names[start : start + columns] for start in range(0, len(names), columns)]
    tall = [0.75 + _BAR * max(len(panels[name]) for name in row) for row in rows]
    foot = 0.26
    height = sum(tall) + foot
    result = Figure(
        figsize=(theme.width, height),
        layout=ConstrainedLayoutEngine(rect=(0, foot / height, 1, 1 - foot / height), hspace=0.04),
    )
    grid = result.subplots(len(rows), columns, squeeze=False, height_ratios=tall).ravel()
    for number, (axes, name) in enumerate(zip(grid, names, strict=False)):
        most = max(2, *(len(panels[other]) for other in rows[number // columns]))
        _draw(axes, panels[name], float(study.metric(name)[0]), most, theme)
        title = f"({chr(97 + number)}) {METRICS[name]}"
        axes.set_title(title, loc="left", fontsize=theme.font_size - 1)
    for axes in grid[len(names) :]:
        axes.remove()
    entries = [
        Patch(facecolor=colour, label=f"number {side}")
        for colour, side in zip(_colours(theme), _SIDES, strict=True)
    ]
    if study.short.any():
        entries.append(Patch(visible=False, label="* stopped at a lower state of charge"))
    result.legend(handles=entries, loc="lower center", ncols=len(entries), handlelength=1.2)
    return result


def _colours(theme: Theme) -> tuple[str, str]:
    return theme.series[5], theme.series[1]


def _bars(study: Study, name: str) -> list[Bar]:
    """Return the keys that change a metric, the strongest last (it is drawn at the top).

    Args:
        study: The sweep.
        name: Name of a summary metric.
    """
    values = study.metric(name)
    base = float(values[0])
    if not np.isfinite(base):
        return []
    found = []
    for key in study.keys:
        rows = [row for row, keys in enumerate(study.varied) if keys == (key.name,)]
        if any(study.frame["status"].iloc[rows] != "completed"):
            continue
        ends = np.asarray(study.frame[key.column].iloc[rows], dtype=float)
        low, high = values[rows]
        bar = Bar(
            key=key,
            ends=(float(ends[0]), float(ends[1])),
            low=float(low),
            high=float(high),
            short=bool(study.short[rows].any()),
        )
        if bar.reach(base) > NOISE * max(abs(base), 1e-12):
            found.append(bar)
    longest = max((bar.reach(base) for bar in found if np.isfinite(bar.reach(base))), default=0.0)
    seen = [bar for bar in found if bar.reach(base) > _LEAST * longest]
    return sorted(seen, key=lambda bar: bar.reach(base))[-_MOST:]


def _draw(axes: Axes, bars: list[Bar], base: float, most: int, theme: Theme) -> None:
    """Draw bars as high as those of the neighbouring panel, which has the ``most``.

    Args:
        axes: Axes to draw in.
        bars: The bars, the strongest last.
        base: Value of the metric without changes.
        most: Bars of the neighbouring panel that has the most.
        theme: Look of the figure.
    """
    size = theme.font_size - 1.5
    for place, bar in enumerate(bars):
        for value, colour, side in zip((bar.low, bar.high), _colours(theme), (-1, 1), strict=True):
            if np.isnan(value):
                axes.annotate(
                    f"never at {bar.ends[side > 0]:.3g}",
                    (base, place),
                    xytext=(3, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=size,
                )
                continue
            axes.barh(place, value - base, left=base, height=0.62, color=colour, zorder=2)
    axes.axvline(base, color="black", linewidth=0.8, zorder=3)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.tick_params(axis="y", length=0, labelsize=theme.font_size - 1.5)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(bars) - most - 0.6, len(bars) - 0.4)
    ends = np.array([base, *(value for bar in bars for value in (bar.low, bar.high))])
    low, high = np.nanmin(ends), np.nanmax(ends)
    axes.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
