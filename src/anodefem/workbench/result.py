"""What a run left: metrics, events, fields at any state, pictures. Nothing here needs dolfinx."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anodefem.compare.load import Run, load_run
from anodefem.errors import InputError
from anodefem.registry import suggest
from anodefem.workbench.case import Case

if TYPE_CHECKING:
    import pyvista as pv
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]

#: States of charge that differ by less are one.
_SAME_SOC = 1e-6
#: A point of a line that is outside by less, over the size of the body, is on its surface.
_ON_SURFACE = 1e-6
_AXES = "xyz"


class Result:
    """A run that has ended, or was ended, as its folder holds it.

    Attributes:
        run: The folder as `anodefem.compare` reads it.
    """

    def __init__(self, run: Run) -> None:
        """Take a run that has been read; see `read`.

        Args:
            run: Run folder.
        """
        self.run = run

    @classmethod
    def read(cls, folder: str | Path) -> Result:
        """Read a run folder of `Case.run` or of `anodefem run`.

        Args:
            folder: It holds ``run.json``, ``metrics.csv`` and fields.

        Raises:
            InputError: The folder holds no run, or a part of it is missing.
        """
        return cls(load_run(Path(folder)))

    @property
    def folder(self) -> Path:
        """Run folder."""
        return self.run.folder

    @property
    def title(self) -> str:
        """Title of the case."""
        return self.run.title

    @property
    def status(self) -> str:
        """What became of the run, such as "completed" or "failed"."""
        return str(self.run.info["status"])

    @property
    def record(self) -> Mapping[str, Any]:
        """Content of ``run.json``: resolved case, versions, counts, events."""
        return self.run.info

    @cached_property
    def case(self) -> Case:
        """The case that was run, every default filled in.

        Raises:
            InputError: It names a geometry or a card that is not known here.
        """
        tables = {key: value for key, value in self.record["case"].items() if key != "cards"}
        return Case(tables)

    # --- metrics ---

    @property
    def units(self) -> dict[str, str]:
        """Unit of every metric; "-" if it has none."""
        return dict(self.run.units)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """Metrics, one row for every accepted step; units are in `units` and ``attrs["units"]``."""
        table = self.run.metrics.copy()
        table.attrs["units"] = self.units
        return table

    @property
    def cycles(self) -> pd.DataFrame:
        """One row for every cycle: capacity, efficiency, retention, mean voltages (`cycles.csv`).

        Units are in ``attrs["units"]``; efficiencies and voltages are there where the run had an
        electrode potential. Empty for runs of versions that did not write it.
        """
        return self.run.cycles.copy()

    @property
    def summary(self) -> pd.DataFrame:
        """Unit, final, smallest and largest value of every metric, and the soc of the largest."""
        return _summary(self.run.metrics, self.units)

    def __getitem__(self, name: str) -> Array:
        """Values of a metric, one for every accepted step, shape (steps,).

        Args:
            name: Metric without its unit.

        Raises:
            InputError: The run has no such metric.
        """
        if name not in self.run.metrics:
            raise InputError(
                f"{self.folder}: has no metric '{name}'.{suggest(name, self.run.units)}"
            )
        return self.run.column(name)

    def at(self, name: str, *, soc: float | None = None, t: float | None = None) -> float:
        """Return a metric at a state, linear in time between accepted steps.

        Args:
            name: Metric without its unit.
            soc: State of charge at its first passage (see `times_at`).
            t: Time [s] instead. With neither it is the last step.

        Raises:
            InputError: The run has no such metric, or did not pass through that state.
        """
        return float(np.interp(self._time(soc, t), self["t"], self[name]))

    def times_at(self, soc: float) -> Array:
        """Return the times [s] at which the run passed through a state of charge, in order.

        The state of charge is linear in time between accepted steps.

        Args:
            soc: State of charge.

        Raises:
            InputError: The run did not pass through it.
        """
        found = self["soc"]
        low, high = float(found.min()), float(found.max())
        if not low - _SAME_SOC <= soc <= high + _SAME_SOC:
            raise InputError(
                f"{self.folder}: soc = {soc:g} was not reached; it went from {low:.4g} to "
                f"{high:.4g}."
            )
        return _passages(self["t"], found, min(max(soc, low), high))

    def _time(self, soc: float | None, t: float | None) -> float:
        """Time [s] of a state that was asked for by its soc, by its time, or not at all.

        Args:
            soc: State of charge at its first passage, or None.
            t: Time [s], or None.
        """
        if soc is not None and t is not None:
            raise InputError("give soc or t, not both.")
        if soc is not None:
            return float(self.times_at(soc)[0])
        start, end = float(self["t"][0]), float(self["t"][-1])
        if t is None:
            return end
        if not start <= t <= end * (1.0 + 1e-12):
            raise InputError(f"{self.folder}: t = {t:g} s: the run went from {start:g} to {end:g}.")
        return float(t)

    # --- events ---

    @property
    def events(self) -> pd.DataFrame:
        """What happened: one row for every event, in order."""
        return pd.DataFrame(self.record.get("events", ()))

    # --- fields ---

    @property
    def states(self) -> pd.DataFrame:
        """Time [s] and state of charge of the states whose fields are stored."""
        times = np.array([time for time, _ in self.run.states])
        return pd.DataFrame({"t": times, "soc": np.interp(times, self["t"], self["soc"])})

    @property
    def field_units(self) -> dict[str, str]:
        """Unit of every field that a run can have; "-" if it has none."""
        return dict(self.record["fields"])

    def fields(self, *, soc: float | None = None, t: float | None = None) -> pv.UnstructuredGrid:
        """Return the fields at a state on the undeformed mesh [um].

        Fields are stored every ``output.fields_every`` of soc (see `states`); between two stored
        states they are linear in time at every point and in every cell.

        Args:
            soc: State of charge at its first passage. For a later one give
                ``t=result.times_at(soc)[1]``.
            t: Time [s] instead. With neither it is the last state.

        Returns:
            A PyVista grid: "displacement" [um] and other fields at points, stresses [GPa] in cells;
            `field_units` has their units. ``grid.warp_by_vector("displacement")`` is the deformed
            body.

        Raises:
            InputError: The run did not pass through that state.
        """
        return self.run.at(self._time(soc, t))

    def profile(
        self,
        start: Sequence[float],
        end: Sequence[float],
        *,
        points: int = 101,
        soc: float | None = None,
        t: float | None = None,
    ) -> pd.DataFrame:
        """Return the fields along a straight line through the undeformed body.

        Args:
            start: Its first point [um], in the coordinates of the mesh.
            end: Its last point [um].
            points: How many, at equal distances.
            soc: State of charge at its first passage.
            t: Time [s] instead. With neither it is the last state.

        Returns:
            One row for every point: "distance" from the start [um] and every field; vectors by
            component. NaN where the line is outside the body.

        Raises:
            InputError: The run did not pass through that state.
        """
        return _along(self.fields(soc=soc, t=t), start, end, points, self.field_units)

    # --- pictures ---

    def plot(self, *names: str, over: str = "soc") -> Figure:
        """Return a figure of metrics.

        Args:
            names: Metrics, one set of axes each; without any those that `anodefem compare` draws.
            over: Metric along x.

        Raises:
            InputError: The run has no such metric.
        """
        if not names:
            from anodefem.workbench.comparison import Comparison

            return Comparison([self]).plot()
        return _figure(self, names, over)

    def draw(
        self, *, soc: float | None = None, t: float | None = None, field: str = "von_mises"
    ) -> Figure:
        """Return a figure of the deformed body, cut open.

        Args:
            soc: State of charge at its first passage.
            t: Time [s] instead. With neither it is the last state.
            field: What colours it inside, such as "lithium_fraction".

        Raises:
            InputError: The run did not pass through that state, or has no such field.
        """
        from anodefem.workbench.comparison import Comparison

        return Comparison([self]).draw(times=[self._time(soc, t)], field=field)

    def __repr__(self) -> str:
        steps, soc = len(self.run.metrics), self["soc"][-1]
        return f"<Result '{self.title}': {self.status}, {steps} rows up to soc {soc:.4g}>"


def _summary(table: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Return extremes of metrics; see `Result.summary`.

    Args:
        table: Metrics, one row for every accepted step.
        units: Unit of each.
    """
    soc = table["soc"].to_numpy(dtype=float)
    rows = {
        name: (units[name], values.iloc[-1], values.min(), values.max(), at)
        for name, values in table.items()
        for at in [np.nan if values.isna().all() else soc[int(np.nanargmax(values))]]
    }
    columns = ["unit", "final", "min", "max", "soc at max"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _passages(t: Array, values: Array, level: float) -> Array:
    """Return the times at which values that are linear between the given ones meet a level.

    Args:
        t: Times, ascending.
        values: Value at each of them.
        level: What is met.
    """
    times = [float(t[0])] if values[0] == level else []
    for i in range(len(t) - 1):
        a, b = values[i] - level, values[i + 1] - level
        if a != 0.0 and a * b <= 0.0:
            times.append(float(t[i] + (t[i + 1] - t[i]) * a / (a - b)))
    return np.array(times)


def _along(
    grid: pv.UnstructuredGrid,
    start: Sequence[float],
    end: Sequence[float],
    points: int,
    names: Iterable[str],
) -> pd.DataFrame:
    """Return fields along a straight line; see `Result.profile`.

    Args:
        grid: Undeformed mesh with fields.
        start: First point of the line [um].
        end: Last point [um].
        points: How many, at equal distances.
        names: Of the fields.
    """
    ends = [np.pad(np.asarray(p, dtype=float), (0, 3 - len(p))) for p in (start, end)]
    near = _ON_SURFACE * float(grid.length)
    line = grid.sample_over_line(*ends, resolution=points - 1, tolerance=near)
    outside = ~np.asarray(line.point_data["vtkValidPointMask"], dtype=bool)
    columns = {"distance": np.linalg.norm(np.asarray(line.points) - ends[0], axis=1)}
    for name in names:
        if name in line.point_data:
            values = np.array(line.point_data[name], dtype=float)
            values[outside] = np.nan
            columns |= (
                {name: values}
                if values.ndim == 1
                else {f"{name}_{a}": values[:, i] for i, a in enumerate(_AXES)}
            )
    return pd.DataFrame(columns)


def _figure(result: Result, names: Sequence[str], over: str) -> Figure:
    """Return a figure of metrics; see `Result.plot`.

    Args:
        result: Run.
        names: Metrics, one set of axes each.
        over: Metric along x.
    """
    from matplotlib.figure import Figure

    def label(name: str) -> str:
        unit = result.units[name]
        return name if unit == "-" else f"{name} [{unit}]"

    figure = Figure(figsize=(4.0 * len(names), 3.0), layout="constrained")
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(names))), names, strict=True):
        axes.plot(result[over], result[name])
        axes.set_xlabel(label(over))
        axes.set_ylabel(label(name))
    return figure
