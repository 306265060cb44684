"""Results read from run folders, on made-up runs whose fields are known, without the solver."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from anodefem import Comparison, InputError, Result
from tests.compare import shapes, synthetic


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ball that swells freely to soc 0.95 and is emptied to 0.05."""
    path = tmp_path_factory.mktemp("result") / "ball"
    return synthetic.free(
        path,
        shapes.sphere(),
        title="Ball",
        fields={"displacement": "um", "lithium_fraction": "-", "von_mises": "GPa"},
        events=[{"t": 1.0, "soc": 0.1, "kind": "sei-strain", "message": "made up"}],
    )


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return Result.read(folder)


def test_metrics_have_units(result: Result) -> None:
    assert result.metrics.attrs["units"] == result.units
    assert result.units["volumetric_capacity"] == "Ah/L"
    assert result["soc"].max() == 0.95 and result["soc"].shape == (len(result.metrics),)
    row = result.summary.loc["sei_strain_max"]
    assert row["max"] == np.log(synthetic.stretch(0.95)) and row["soc at max"] == 0.95
    with pytest.raises(InputError, match="Did you mean 'sei_strain_max'"):
        result["sei_strain_maxx"]


def test_a_metric_is_linear_in_time_between_steps(result: Result) -> None:
    t, values = result["t"], result["hull_volume_ratio"]
    middle = (t[3] + t[4]) / 2
    assert result.at("hull_volume_ratio", t=middle) == pytest.approx((values[3] + values[4]) / 2)
    assert result.at("hull_volume_ratio") == values[-1]
    # the volume ratio is linear in soc here
    exact = 1 + (synthetic.FULL - 1) * 0.5
    assert result.at("hull_volume_ratio", soc=0.5) == pytest.approx(exact)


def test_a_state_of_charge_is_met_once_a_way(result: Result) -> None:
    up, down = result.times_at(0.5)
    peak = 0.95 * 36000.0
    assert up == pytest.approx(0.5 * 36000.0) and down == pytest.approx(peak + 0.45 * 36000.0)
    assert result.times_at(0.95).tolist() == pytest.approx([peak])
    assert result.times_at(0.0).tolist() == [0.0]
    with pytest.raises(InputError, match=r"soc = 0.97 was not reached; it went from 0 to 0.95"):
        result.times_at(0.97)


def test_fields_are_linear_between_stored_states(result: Result) -> None:
    states = result.states
    before, after = states.iloc[4], states.iloc[5]
    grid = result.fields(t=0.75 * before["t"] + 0.25 * after["t"])
    radius = np.linalg.norm(grid.points, axis=1)
    ends = [synthetic.stretch(row["soc"]) - 1 for row in (before, after)]
    moved = np.linalg.norm(grid["displacement"], axis=1)
    assert np.allclose(moved, (0.75 * ends[0] + 0.25 * ends[1]) * radius)
    first = result.fields(soc=float(before["soc"]))
    assert np.allclose(first["lithium_fraction"], before["soc"])
    assert np.allclose(result.fields()["lithium_fraction"], 0.05)
    with pytest.raises(InputError, match="not both"):
        result.fields(soc=0.1, t=0.1)
    with pytest.raises(InputError, match="the run went from"):
        result.fields(t=-1.0)


def test_a_profile_follows_a_line_and_ends_at_the_body(result: Result) -> None:
    line = result.profile((0.0, 0.0), (0.0, 1.5), points=4, soc=0.5)
    assert line["distance"].tolist() == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert line["displacement_y"].isna().tolist() == [False, False, False, True]
    shares = line["displacement_y"][1:3] / line["distance"][1:3]
    assert shares.to_numpy() == pytest.approx(synthetic.stretch(0.5) - 1, rel=1e-2)


def test_events_are_a_table(result: Result) -> None:
    assert result.events["kind"].tolist() == ["sei-strain"]


def test_a_figure_of_metrics_has_their_units(result: Result) -> None:
    figure = result.plot("volumetric_capacity", "sei_strain_max", over="t")
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "volumetric_capacity [Ah/L]",
        "sei_strain_max",
    ]
    assert figure.axes[0].get_xlabel() == "t [s]"
    assert np.array_equal(figure.axes[1].lines[0].get_ydata(), result["sei_strain_max"])


def test_a_field_that_no_run_has_is_refused(result: Result) -> None:
    with pytest.raises(InputError, match="field = 'stress': no run has it"):
        result.draw(soc=0.5, field="stress")


def test_results_are_compared(result: Result, tmp_path: Path) -> None:
    other = Result.read(
        synthetic.cage(tmp_path / "cage", title="Cage", fields={"displacement": "um"})
    )
    table = Comparison([result, other]).table
    assert table["architecture"].tolist() == ["Ball", "Cage"]
    with pytest.raises(InputError, match="given twice"):
        Comparison([result, result])


def test_results_are_read_and_drawn_without_the_solver(folder: Path) -> None:
    program = f"""
import sys
sys.modules["dolfinx"] = sys.modules["mpi4py"] = sys.modules["ufl"] = None
from anodefem import Result
result = Result.read({str(folder)!r})
result.fields(soc=0.5), result.profile((0, 0), (1, 0)), result.plot("soc")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
