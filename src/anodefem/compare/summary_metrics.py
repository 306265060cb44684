"""SummaryMetric metrics of an architecture: what they are and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anodefem.compare import align
from anodefem.compare.align import Floats
from anodefem.compare.load import Run

#: Share of the largest contact pressure from which bodies count as pressed together: below it the
#: soft medium between them carries some load already.
PRESSED = 0.1
#: Contact pressure below which nothing touched at all [GPa].
TOUCHING = 1e-3
#: How far the state of charge must fall before a run counts as delithiated.
DELITHIATED = 0.02


@dataclass(frozen=True, slots=True)
class SummaryMetric:
    """One column of the table.

    Attributes:
        name: Column name.
        unit: Its unit.
        group: Table of the Markdown file it stands in.
        value: Its value for a run and the run's host regions; NaN where it does not apply.
        meaning: Definition, printed under the tables.
    """

    name: str
    unit: str
    group: str
    value: Callable[[Run, Sequence[str]], float]
    meaning: str


def host_column(run: Run, hosts: Sequence[str], quantity: str) -> Floats:
    """Return the largest ``quantity_<host>`` over the hosts at every step, shape (steps,).

    Args:
        run: The run.
        hosts: Regions that swell.
        quantity: Name of the metric without the region.
    """
    columns = [run.column(f"{quantity}_{name}") for name in hosts]
    return np.fmax.reduce(columns) if columns else np.full(len(run.metrics), np.nan)


def contact_pressure(run: Run) -> Floats:
    """Return the largest contact pressure at every step [GPa]; NaN where nothing can touch."""
    values = run.column("contact_pressure_max")
    return values if run.manifest["roles"].get("contact") else np.full_like(values, np.nan)


def _extreme(values: Floats, reduce: Callable[[Floats], float]) -> float:
    finite = values[np.isfinite(values)]
    return float(reduce(finite)) if finite.size else float("nan")


def _largest(name: str) -> Callable[[Run, Sequence[str]], float]:
    return lambda run, hosts: _extreme(run.column(name), np.max)


def _largest_host(name: str) -> Callable[[Run, Sequence[str]], float]:
    return lambda run, hosts: _extreme(host_column(run, hosts, name), np.max)


def _at_peak(name: str) -> Callable[[Run, Sequence[str]], float]:
    return lambda run, hosts: float(run.column(name)[align.peak(run)])


def _onset(run: Run, hosts: Sequence[str]) -> float:
    pressure = contact_pressure(run)
    if not np.nanmax(pressure, initial=0.0) > TOUCHING:
        return float("nan")
    return align.rise_from_zero(run, pressure, PRESSED * float(np.nanmax(pressure)))


def _delithiated(run: Run) -> bool:
    soc = run.column("soc")
    return bool(soc.max() - soc[-1] > DELITHIATED)


def _hull_end(run: Run, hosts: Sequence[str]) -> float:
    return float(run.column("hull_volume_ratio")[-1]) if _delithiated(run) else float("nan")


def _hull_kept(run: Run, hosts: Sequence[str]) -> float:
    if not _delithiated(run):
        return float("nan")
    soc, hull = run.column("soc"), run.column("hull_volume_ratio")
    return float(hull[-1]) - align.at_soc(run, hull, max(float(soc[-1]), float(soc[0])))


def _balance(run: Run, hosts: Sequence[str]) -> float:
    return _extreme(np.abs(run.column("lithium_balance_error")), np.max)


def _wall_time(run: Run, hosts: Sequence[str]) -> float:
    value = run.info.get("wall_time_s")
    return float("nan") if value is None else float(value)


SEI, SIZE, STRESS, RUN = "SEI", "Swelling and capacity", "Stress and contact", "Runs"

SUMMARY_METRICS = (
    SummaryMetric(
        "sei_strain_max",
        "-",
        SEI,
        _largest("sei_strain_max"),
        "largest principal logarithmic strain of the SEI since it formed, anywhere, over the run",
    ),
    SummaryMetric(
        "sei_strain_p99",
        "-",
        SEI,
        _largest("sei_strain_p99"),
        "the same strain without the worst 1 % of the SEI's area; largest over the run",
    ),
    SummaryMetric(
        "sei_yield_soc",
        "-",
        SEI,
        lambda run, hosts: align.sei_first(run, "yield")[1],
        "state of charge at which the SEI begins to flow: where sei_energy_ratio_max first exceeds "
        "1",
    ),
    SummaryMetric(
        "sei_fracture_soc",
        "-",
        SEI,
        lambda run, hosts: align.sei_first(run, "fracture")[1],
        "state of charge at which sei_strain_max first exceeds the recipe's fracture strain",
    ),
    SummaryMetric(
        "sei_elastic_energy_max",
        "MJ/m^3",
        SEI,
        lambda run, hosts: run.sei("elastic_energy_max"),
        "U_max = 1/2 E e_y^2 of the recipe: its largest energy of elastic deformation, by which "
        "the reviews rank SEIs",
    ),
    SummaryMetric(
        "sei_energy_demand",
        "MJ/m^3",
        SEI,
        lambda run, hosts: (
            run.sei("elastic_energy_max") * _extreme(run.column("sei_energy_ratio_max"), np.max)
        ),
        "elastic energy that the SEI would need to follow the surface without flow, to be compared "
        "with U_max: it flows where this is larger; largest over the run",
    ),
    SummaryMetric(
        "sei_area_beyond_fracture",
        "-",
        SEI,
        _at_peak("sei_area_beyond_fracture"),
        "fraction of the SEI's area beyond the fracture strain at the run's highest state of "
        "charge",
    ),
    SummaryMetric(
        "hull_volume_ratio_max",
        "-",
        SIZE,
        _largest("hull_volume_ratio"),
        "volume inside the outer hull (with void, coat, pores and SEI) over that of the empty body "
        "(state of charge 0); largest over the run",
    ),
    SummaryMetric(
        "hull_volume_ratio_end",
        "-",
        SIZE,
        _hull_end,
        "the same ratio at the end of delithiation (state of charge: soc_end)",
    ),
    SummaryMetric(
        "hull_volume_ratio_kept",
        "-",
        SIZE,
        _hull_kept,
        "irreversible part: hull_volume_ratio_end less the ratio at the same state of charge "
        "of the first lithiation",
    ),
    SummaryMetric(
        "volumetric_capacity",
        "Ah/L",
        SIZE,
        _at_peak("volumetric_capacity"),
        "charge stored at the run's highest state of charge over the volume inside the hull "
        "there, void included",
    ),
    SummaryMetric(
        "von_mises_max",
        "GPa",
        STRESS,
        _largest_host("von_mises_max"),
        "largest von Mises stress in the host, over the run",
    ),
    SummaryMetric(
        "hydrostatic_tension_max",
        "GPa",
        STRESS,
        _largest_host("hydrostatic_max"),
        "largest mean normal stress in the host (tension positive), over the run",
    ),
    SummaryMetric(
        "contact_onset_soc",
        "-",
        STRESS,
        _onset,
        "state of charge at which contact sets in: the first steep rise of pressure, drawn to zero",
    ),
    SummaryMetric(
        "contact_pressure_max",
        "GPa",
        STRESS,
        lambda run, hosts: _extreme(contact_pressure(run), np.max),
        "largest contact pressure, over the run",
    ),
    SummaryMetric(
        "stress_overpotential_min",
        "mV",
        STRESS,
        lambda run, hosts: _extreme(run.column("stress_overpotential"), np.min),
        "lowest part of the electrode potential that is due to stress, over the run",
    ),
    SummaryMetric(
        "stress_overpotential_max",
        "mV",
        STRESS,
        _largest("stress_overpotential"),
        "highest such part, over the run",
    ),
    SummaryMetric("soc_max", "-", RUN, _largest("soc"), "highest state of charge reached"),
    SummaryMetric(
        "soc_end",
        "-",
        RUN,
        lambda run, hosts: float(run.column("soc")[-1]),
        "state of charge at the end of the run",
    ),
    SummaryMetric(
        "lithium_balance_error",
        "-",
        RUN,
        _balance,
        "largest relative difference between lithium let in and lithium found, over the run",
    ),
    SummaryMetric(
        "steps",
        "-",
        RUN,
        lambda run, hosts: float(len(run.metrics) - 1),
        "accepted time steps",
    ),
    SummaryMetric("wall_time", "s", RUN, _wall_time, "time the run took on the clock"),
)

#: Metrics compared again at the common state of charge, with their units.
ALIGNED: Mapping[str, tuple[str, Callable[[Run, Sequence[str]], Floats]]] = {
    "sei_strain_max": ("-", lambda run, hosts: run.column("sei_strain_max")),
    "sei_strain_p99": ("-", lambda run, hosts: run.column("sei_strain_p99")),
    "sei_area_beyond_fracture": ("-", lambda run, hosts: run.column("sei_area_beyond_fracture")),
    "hull_volume_ratio": ("-", lambda run, hosts: run.column("hull_volume_ratio")),
    "volumetric_capacity": ("Ah/L", lambda run, hosts: run.column("volumetric_capacity")),
    "von_mises_max": ("GPa", lambda run, hosts: host_column(run, hosts, "von_mises_max")),
    "hydrostatic_tension": ("GPa", lambda run, hosts: host_column(run, hosts, "hydrostatic_max")),
    "contact_pressure_max": ("GPa", lambda run, hosts: contact_pressure(run)),
}
