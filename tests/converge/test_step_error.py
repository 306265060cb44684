"""A study says in one line where the steps in time spoil a number."""

from __future__ import annotations

from math import inf

import pytest

from anodefem.converge.gci import Estimate, Verdict
from anodefem.converge.results import Metric, Series, coarse_steps


def measured(name: str, value: float, error: float, *, soc: float | None = None) -> Metric:
    """A metric with an error of the steps and none of the mesh."""
    verdict = Verdict.CONVERGES if error < inf else Verdict.DIVERGES
    steps = Estimate(verdict=verdict, error=error, order=2.0, limit=value)
    mesh = Estimate(verdict=Verdict.SAME, error=0.0)

    def series(estimate: Estimate) -> Series:
        return Series(sizes=(1.0, 0.5, 0.25), values=(value,) * 3, estimate=estimate)

    unit = "MJ/m^3" if name == "plastic_work" else "GPa"
    return Metric(
        name=name, unit=unit, soc=soc, value=value, mesh=series(mesh), steps=series(steps)
    )


def test_errors_of_the_steps_are_pointed_out() -> None:
    found = [
        measured("plastic_work", 25.0, 0.9),
        measured("von_mises_max", 1.7, 0.01),
        measured("hydrostatic_tension_max", 2.9, inf),
    ]
    assert coarse_steps(found) == (
        "steps in time make more than 2 % of plastic_work (3.6 %), hydrostatic_tension_max "
        "(no limit); lower solver.step_tolerance"
    )


@pytest.mark.parametrize(
    "item",
    [
        measured("plastic_work", 25.0, 0.4),
        measured("plastic_work", 1e-2, 1e-2),  # next to nothing flows
        measured("hull_volume_ratio_max", 3.0, 1.0),
        measured("von_mises_max", 1.7, 1.0, soc=0.5),
    ],
)
def test_small_errors_and_other_numbers_are_not(item: Metric) -> None:
    assert coarse_steps([item]) is None
