"""cycles.csv: sums over rows of metrics, one row per cycle."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from anodefem.compare import cycles as compared
from anodefem.compare.load import Run
from anodefem.compare.theme import Theme
from anodefem.results.cycles import COLUMNS, Cycles

#: Charge per mass and volume: 100 mAh/g are 100 Ah/L of a body that has not swollen.
DENSITY = 1.0


def _rows(
    capacities: list[tuple[float, float]], *, potential: bool = True
) -> Iterator[dict[str, float]]:
    """Rows of cycles that lithiate and delithiate so much, in four steps each.

    Args:
        capacities: Charge in and out of each cycle [mAh/g].
        potential: There is an electrode potential.
    """
    t = charge = stored = 0.0
    yield _row(0, t, charge, stored, 0.5, potential=potential)
    for number, (inwards, outwards) in enumerate(capacities, start=1):
        for way, amount in ((1, inwards), (-1, outwards)):
            for _ in range(4):
                t += 900.0
                charge += way * amount / 4
                stored = max(stored + way * amount / 4, 1.0)
                yield _row(number, t, charge, stored, 0.1 if way > 0 else 0.4, potential=potential)


def _row(
    cycle: int, t: float, charge: float, stored: float, voltage: float, *, potential: bool
) -> dict[str, float]:
    row = {
        "t [s]": t,
        "cycle [-]": float(cycle),
        "voltage [V]": voltage,
        "charge_passed [mAh/g]": charge,
        "specific_capacity [mAh/g]": stored,
        "volumetric_capacity [Ah/L]": stored * DENSITY / (1 + stored / 1000),
        "film [nm]": 10.0 + t / 900,
    }
    return row | ({"charge_balance_error [-]": 0.0} if potential else {})


LOSING = [(1000.0, 800.0), (900.0, 850.0), (870.0, 840.0), (860.0, 680.0)]


def _summed(capacities: list[tuple[float, float]], **more: Any) -> Cycles:
    cycles = Cycles(formation=(1,))
    for row in _rows(capacities, **more):
        cycles.add(row)
    return cycles


def test_charges_efficiencies_and_retention() -> None:
    rows = [*_summed(LOSING).rows()]
    assert [row["cycle [-]"] for row in rows] == [1.0, 2.0, 3.0, 4.0]
    assert [row["formation [-]"] for row in rows] == [1.0, 0.0, 0.0, 0.0]
    for row, (inwards, outwards) in zip(rows, LOSING, strict=True):
        assert row["lithiated [mAh/g]"] == pytest.approx(inwards)
        assert row["delithiated [mAh/g]"] == pytest.approx(outwards)
        assert row["coulombic_efficiency [-]"] == pytest.approx(outwards / inwards)
        # over that of the first cycle after the formation
        assert row["retention [-]"] == pytest.approx(outwards / 850.0)
    # 0.4 V but for the first step after 0.1 V, of which the mean counts
    voltage = (0.25 + 3 * 0.4) / 4
    assert rows[1]["mean_voltage_delithiation [V]"] == pytest.approx(voltage)
    voltage = (0.25 + 3 * 0.1) / 4
    assert rows[1]["mean_voltage_lithiation [V]"] == pytest.approx(voltage)
    energy = 900 * (0.25 + 3 * 0.1) / (850 * (0.25 + 3 * 0.4))
    assert rows[1]["energy_efficiency [-]"] == pytest.approx(energy)
    # the body is largest when most is stored
    assert rows[0]["volumetric_capacity [Ah/L]"] == pytest.approx(800 / 2.0, rel=1e-3)


def test_without_a_potential_nothing_is_said_of_efficiency() -> None:
    (row, *_) = _summed(LOSING, potential=False).rows()
    assert set(row) == {
        "cycle [-]",
        "formation [-]",
        "t [s]",
        "lithiated [mAh/g]",
        "delithiated [mAh/g]",
        "volumetric_capacity [Ah/L]",
    }


def test_columns_are_declared_with_their_units() -> None:
    known = {column.head(column.name) for column in COLUMNS}
    assert {*next(_summed(LOSING).rows())} <= known


def test_a_cycle_under_way_has_no_efficiency() -> None:
    cycles = Cycles()
    for row, _ in zip(_rows(LOSING), range(4), strict=False):
        cycles.add(row)
    (row,) = cycles.rows()
    assert row["lithiated [mAh/g]"] == pytest.approx(750.0)
    assert isnan(row["coulombic_efficiency [-]"])
    assert isnan(row["retention [-]"])
    assert isnan(row["mean_voltage_delithiation [V]"])


def test_retention_is_that_of_the_last_cycle() -> None:
    assert _summed(LOSING).retention() == pytest.approx(680 / 850)
    assert isnan(_summed(LOSING[:1]).retention())
    assert _summed([*LOSING, (900.0, 0.0)]).retention() == 0.0


def test_other_metrics_stand_with_their_last_value(tmp_path: Path) -> None:
    cycles = _summed(LOSING)
    cycles.write(tmp_path / "cycles.csv", ["film [nm]"])
    with (tmp_path / "cycles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["film [nm]"]) for row in rows] == [18.0, 26.0, 34.0, 42.0]
    assert [path.name for path in tmp_path.iterdir()] == ["cycles.csv"]


def test_a_run_without_steps_has_no_table(tmp_path: Path) -> None:
    Cycles().write(tmp_path / "cycles.csv")
    assert not any(tmp_path.iterdir())


# --- in comparisons -------------------------------------------------------------------------------


def _run(folder: Path, capacities: list[tuple[float, float]]) -> Run:
    _summed(capacities).write(folder / "cycles.csv")
    return Run(
        folder=folder,
        title="losing",
        info={},
        manifest={},
        metrics=pd.DataFrame(),
        units={},
        states=(),
    )


def test_a_comparison_has_first_and_last_cycle(tmp_path: Path) -> None:
    # the last cycle was ended after its lithiation
    run = _run(tmp_path, [*LOSING, (850.0, 0.0)])
    assert run.cycles.attrs["units"]["delithiated"] == "mAh/g"
    assert compared.cycled([run])
    found = {each.name: each.value(run, ()) for each in compared.METRICS}
    assert found == {
        "cycles": 5.0,
        "capacity_last": pytest.approx(680.0),
        "initial_efficiency": pytest.approx(0.8),
        "coulombic_efficiency_last": pytest.approx(680 / 860),
        "retention_last": pytest.approx(680 / 850),
    }
    assert len(compared.figure([run], theme=Theme()).axes) == 4


def test_retention_counts_from_the_first_cycle_that_delithiated() -> None:
    cycles = Cycles()
    rows = [(0.0, 1), (900.0, 1), (0.0, 2), (800.0, 2), (400.0, 3)]
    for charge, number in rows:
        cycles.add(
            {
                "t [s]": 0.0,
                "cycle [-]": float(number),
                "charge_passed [mAh/g]": charge,
                "specific_capacity [mAh/g]": charge,
                "volumetric_capacity [Ah/L]": charge,
                "voltage [V]": 0.1,
                "charge_balance_error [-]": 0.0,
            }
        )
    found = [row["retention [-]"] for row in cycles.rows()]
    assert isnan(found[0]) and found[1:] == [1.0, pytest.approx(400.0 / 900.0)]


def test_runs_without_cycles_say_nothing_of_them(tmp_path: Path) -> None:
    run = _run(tmp_path, [])
    assert run.cycles.empty
    assert not compared.cycled([run])
    assert not {*compared.METRICS} & {*compared.summary([run])}
    assert all(isnan(each.value(run, ())) for each in compared.METRICS)


def test_a_run_ends_by_retention() -> None:
    from anodefem.solve.reporter import Reporter

    for limit, ends in ((0.9, True), (0.7, False), (None, False)):
        protocol = SimpleNamespace(stop_at_retention=limit)
        reporter = SimpleNamespace(cycles=_summed(LOSING), _protocol=protocol)
        why = Reporter.enough(reporter)  # type: ignore[arg-type]
        assert bool(why) == ends
        assert not ends or "capacity has fallen to 0.8 of that of cycle 2, below 0.9" in why
