"""The numbers of the table, against closed forms."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from anodefem.compare import align, tables
from anodefem.compare.load import load
from anodefem.compare.summary_metrics import SUMMARY_METRICS
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial

HOSTS = {
    "Bare sphere": ["particle"],
    "Sphere in a cage": ["particle"],
    "Ball in 3D": ["solid"],
    "Blocks of films": ["silicon"],
}


@pytest.fixture(scope="module")
def table(runs: dict[str, Path]) -> pd.DataFrame:
    frame = tables.table(load(list(runs.values())), HOSTS)
    return frame.set_index("architecture")


def test_one_row_per_architecture_in_the_order_given(table: pd.DataFrame) -> None:
    assert list(table.index) == list(HOSTS)
    assert list(table["host"]) == ["particle", "particle", "solid", "silicon"]


def test_free_sphere(table: pd.DataFrame) -> None:
    row = table.loc["Bare sphere"]
    top = np.log(synthetic.stretch(0.95))
    assert row["sei_strain_max [-]"] == pytest.approx(top, rel=1e-12)
    assert row["sei_strain_p99 [-]"] == pytest.approx(0.9 * top, rel=1e-12)
    # ln(lambda) = strain at soc = (exp(3 strain) - 1) / (J - 1), up to interpolation
    for key, limit in (("yield", synthetic.YIELD), ("fracture", synthetic.FRACTURE)):
        exact = (np.exp(3 * limit) - 1) / (synthetic.FULL - 1)
        assert row[f"sei_{key}_soc [-]"] == pytest.approx(exact, abs=5e-4)
    assert row["sei_area_beyond_fracture [-]"] == 1.0
    # 0.1 is added while delithiating, from the first step after the peak on
    after = 0.95 - 0.9 / 38
    assert row["hull_volume_ratio_max [-]"] == pytest.approx(1.1 + 2.751 * after, rel=1e-12)
    assert row["hull_volume_ratio_end [-]"] == pytest.approx(1.1 + 2.751 * 0.05, rel=1e-12)
    assert row["hull_volume_ratio_kept [-]"] == pytest.approx(0.1, rel=1e-9)
    assert row["volumetric_capacity [Ah/L]"] == pytest.approx(8335 * 0.95 / (1 + 2.751 * 0.95))
    assert row["von_mises_max [GPa]"] == pytest.approx(0.975)
    assert row["hydrostatic_tension_max [GPa]"] == pytest.approx(0.3 * after * 2)
    assert row["stress_overpotential_min [mV]"] == pytest.approx(-57.0)
    assert row["stress_overpotential_max [mV]"] == pytest.approx(40.0 * after)
    assert row["lithium_balance_error [-]"] == 2e-13
    assert row["steps [-]"] == 76
    assert row["wall_time [s]"] == 12.5
    assert row["soc_end [-]"] == pytest.approx(0.05)


def test_cage_touches_where_geometry_says(table: pd.DataFrame) -> None:
    row = table.loc["Sphere in a cage"]
    # 1 MPa of the invented pressure, which is soc - contact
    assert row["contact_onset_soc [-]"] == pytest.approx(synthetic.contact_soc() + 1e-3, abs=0.013)
    assert row["contact_pressure_max [GPa]"] == pytest.approx(0.95 - synthetic.contact_soc())
    # the stress of the cage (20 GPa) is not the host's
    assert row["von_mises_max [GPa]"] == pytest.approx(0.2 + 0.4 * 0.95)
    assert row["lithium_balance_error [-]"] == 4e-13


def test_what_does_not_apply_is_blank(table: pd.DataFrame, runs: dict[str, Path]) -> None:
    for name in ("contact_onset_soc [-]", "contact_pressure_max [GPa]"):
        assert np.isnan(table.loc["Bare sphere", name])
        assert np.isnan(table.loc["Blocks of films", name])
    for name in ("hull_volume_ratio_end [-]", "hull_volume_ratio_kept [-]"):
        assert np.isnan(table.loc["Sphere in a cage", name])
    text = tables.markdown(table.reset_index(), load(list(runs.values())), HOSTS)
    assert "nan" not in text.lower()
    line = next(line for line in text.splitlines() if line.startswith("| Bare sphere | 0.975 |"))
    assert "|  |  |" in line


def test_runs_are_compared_at_the_state_of_charge_they_share(
    table: pd.DataFrame, runs: dict[str, Path]
) -> None:
    everything = load(list(runs.values()))
    assert align.common_soc(everything) == pytest.approx(0.9)
    column = "hull_volume_ratio at soc 0.900 [-]"
    # on the way up: without the 0.1 that delithiation adds
    assert table.loc["Bare sphere", column] == pytest.approx(1 + 2.751 * 0.9, rel=1e-12)
    assert table.loc["Blocks of films", column] == pytest.approx(1.63)
    (note,) = tables.notes(everything, HOSTS)
    assert "Blocks of films: 0.900" in note
    assert "Bare sphere: 0.950" in note


def test_equal_runs_need_no_note(runs: dict[str, Path]) -> None:
    assert tables.notes(load([runs["sphere"], runs["ball"]]), HOSTS) == []


def test_a_run_that_was_stopped_is_reported(tmp_path: Path) -> None:
    folder = synthetic.free(
        tmp_path / "run",
        shapes.sphere(),
        title="Stopped sphere",
        soc=synthetic.protocol(0.4, None, 8),
        status="stopped",
        reason="the surface is full",
    )
    (note,) = tables.notes(load([folder]), {"Stopped sphere": ["particle"]})
    assert "Stopped sphere: the run is 'stopped', not completed (the surface is full)." == note


def test_markdown_defines_every_column(table: pd.DataFrame, runs: dict[str, Path]) -> None:
    text = tables.markdown(table.reset_index(), load(list(runs.values())), HOSTS)
    for item in SUMMARY_METRICS:
        assert f"- **{item.name}** [{item.unit}]: " in text
    widths = {}
    for block in re.split(r"\n\n+", text):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        if rows:
            widths[rows[0]] = {row.count("|") for row in rows}
    assert len(widths) == 5
    assert all(len(counts) == 1 for counts in widths.values())


def test_no_sei_leaves_its_columns_blank(tmp_path: Path) -> None:
    shape = shapes.sphere()
    soc = synthetic.protocol(0.5, None, 5)
    folder = synthetic.write(
        tmp_path / "run",
        shape,
        title="Naked sphere",
        soc=soc,
        move=lambda x, s: (synthetic.stretch(s) - 1) * x,
        metrics={"hull_volume_ratio [-]": synthetic.stretch(soc) ** 3},
    )
    row = tables.table(load([folder]), {"Naked sphere": ["particle"]}).iloc[0]
    for name in ("sei_strain_max", "sei_yield_soc", "sei_fracture_soc"):
        assert np.isnan(row[f"{name} [-]"])
    assert row["hull_volume_ratio_max [-]"] == pytest.approx(1 + 2.751 * 0.5)


def test_round_off_is_zero_for_readers() -> None:
    frame = pd.DataFrame(
        {"a [GPa]": [7.8e-16, -2e-10, 1e-6], "lithium_balance_error [-]": [2e-15, 0.0, 1e-9]}
    )
    assert tables.shown(frame, "a [GPa]") == ["0", "0", "1e-06"]
    assert tables.shown(frame, "lithium_balance_error [-]") == ["2e-15", "0", "1e-09"]
