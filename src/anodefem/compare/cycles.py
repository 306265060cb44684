"""Capacity, efficiency and retention over cycles, as cycles.csv of a run holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from anodefem.compare import legend
from anodefem.compare.load import Run
from anodefem.compare.summary_metrics import SUMMARY_METRICS, SummaryMetric
from anodefem.compare.theme import Theme

CYCLES = "Cycles"
#: Column of cycles.csv -> title of its panel.
PANELS = {
    "delithiated": "Capacity [mAh/g]",
    "coulombic_efficiency": "Coulombic efficiency",
    "retention": "Capacity retention",
    "sei_thickness_mean": "SEI thickness, mean [nm]",
}
#: Opacity of the voltage of the first cycle; of the last it is 1.
_FIRST = 0.35


def _at(name: str, place: Callable[[Run], int]) -> Callable[[Run, Sequence[str]], float]:
    def value(run: Run, hosts: Sequence[str]) -> float:
        cycles = run.cycles
        return float(cycles[name].iloc[place(run)]) if name in cycles else np.nan

    return value


def _last(run: Run) -> int:
    """Place of the last cycle that went both ways; that in which a run was stopped is none."""
    table = run.cycles[["lithiated", "delithiated"]].to_numpy(dtype=float)
    whole = np.flatnonzero((table > 0.0).all(axis=1))
    stopped = run.info.get("status", "completed") != "completed"
    if stopped and whole.size > 1 and whole[-1] == len(table) - 1:
        whole = whole[:-1]
    return int(whole[-1]) if whole.size else -1


METRICS = (
    SummaryMetric(
        "cycles",
        "-",
        CYCLES,
        lambda run, hosts: float(len(run.cycles)) if len(run.cycles) else np.nan,
        "cycles of the run, those of the formation included",
    ),
    SummaryMetric(
        "capacity_last",
        "mAh/g",
        CYCLES,
        _at("delithiated", _last),
        "charge that delithiated in the last whole cycle, per mass of hosts",
    ),
    SummaryMetric(
        "initial_efficiency",
        "-",
        CYCLES,
        _at("coulombic_efficiency", lambda run: 0),
        "delithiated over lithiated charge of the first cycle",
    ),
    SummaryMetric(
        "coulombic_efficiency_last",
        "-",
        CYCLES,
        _at("coulombic_efficiency", _last),
        "delithiated over lithiated charge of the last whole cycle",
    ),
    SummaryMetric(
        "retention_last",
        "-",
        CYCLES,
        _at("retention", _last),
        "charge that delithiated in the last whole cycle, over that of the first after formation",
    ),
)


def cycled(runs: Sequence[Run]) -> bool:
    """Whether any run went through more than one cycle with an electrode potential."""
    return any(len(run.cycles) > 1 and "coulombic_efficiency" in run.cycles for run in runs)


def summary(runs: Sequence[Run]) -> tuple[SummaryMetric, ...]:
    """Return the metrics of the table of these runs."""
    return (*SUMMARY_METRICS, *(METRICS if cycled(runs) else ()))


def figure(runs: Sequence[Run], *, theme: Theme) -> Figure:
    """Return what `PANELS` has over the number of the cycle, and the voltage over the capacity.

    Args:
        runs: The runs; see `cycled`.
        theme: Look of the figure.
    """
    panels = {
        name: title for name, title in PANELS.items() if any(name in run.cycles for run in runs)
    }
    columns = -(-(len(panels) + 1) // 2)
    result = Figure(figsize=(theme.width, 4.2), layout="constrained")
    places = result.subplots(2, columns).ravel()
    for empty in places[len(panels) + 1 :]:
        empty.set_axis_off()
    for number, (axes, (name, title)) in enumerate(zip(places, panels.items(), strict=False)):
        for index, run in enumerate(runs):
            if name not in run.cycles:
                continue
            colour, marker = theme.architecture(index)
            axes.plot(
                run.cycles["cycle"],
                run.cycles[name],
                color=colour,
                marker=marker,
                markersize=3,
                linewidth=1.0,
                label=run.title,
            )
            if name == "delithiated":
                axes.plot(run.cycles["cycle"], run.cycles["lithiated"], ":", color=colour, lw=0.8)
        axes.set_title(f"({chr(97 + number)}) {title}", loc="left", fontsize=theme.font_size - 1)
        axes.set_xlabel("cycle")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.ticklabel_format(axis="y", useOffset=False)
    _voltages(places[len(panels)], runs, theme=theme)
    letter = chr(97 + len(panels))
    places[len(panels)].set_title(
        f"({letter}) Potential [V], early cycles pale", loc="left", fontsize=theme.font_size - 1
    )
    lines, titles = places[0].get_legend_handles_labels()
    ncols, fitting = legend.of_runs(titles, width=72.0 * theme.width, size=theme.font_size)
    result.legend(lines, fitting, loc="outside lower center", ncols=ncols)
    return result


def _voltages(axes: Axes, runs: Sequence[Run], *, theme: Theme) -> None:
    """Draw the potential over the charge that has passed since the cycle began.

    Args:
        axes: Where.
        runs: The runs; those without an electrode potential are left out.
        theme: Look of the figure.
    """
    for index, run in enumerate(runs):
        if not {"cycle", "charge_passed", "voltage"} <= set(run.metrics):
            continue
        cycle, charge = run.column("cycle"), run.column("charge_passed")
        numbers = np.unique(cycle)
        for number in numbers:
            rows = np.flatnonzero(cycle == number)
            rows = np.concatenate([rows[:1] - 1, rows]) if rows[0] else rows
            share = (number - numbers[0]) / max(numbers[-1] - numbers[0], 1.0)
            axes.plot(
                charge[rows] - charge[rows[0]],
                run.column("voltage")[rows],
                color=theme.architecture(index)[0],
                alpha=_FIRST + (1.0 - _FIRST) * share,
                linewidth=1.0,
            )
    axes.set_xlabel("charge since the cycle began [mAh/g]")
