"""States of charge: branches, crossings and stored states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem.compare import align
from anodefem.compare.load import Run, load
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def cycled(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that lithiates, rests, delithiates and lithiates farther than before."""
    soc = np.array([0.0, 0.2, 0.4, 0.4, 0.4, 0.1, 0.3, 0.5])
    folder = tmp_path_factory.mktemp("cycled") / "run"
    return load([synthetic.free(folder, shapes.sphere(), title="Cycled", soc=soc, stored=8)])[0]


def test_branches_cover_the_run_and_keep_rests(cycled: Run) -> None:
    found = [(up, rows.start, rows.stop) for up, rows in align.branches(cycled)]
    assert found == [(True, 0, 5), (False, 4, 6), (True, 5, 8)]


def test_first_lithiation_is_what_was_never_reached_before(cycled: Run) -> None:
    assert align.rising(cycled).tolist() == [0, 1, 2, 7]
    values = np.array([0.0, 2.0, 4.0, 40.0, 40.0, 1.0, 3.0, 5.0])
    assert align.at_soc(cycled, values, 0.3) == pytest.approx(3.0)
    assert np.isnan(align.at_soc(cycled, values, 0.6))


def test_a_later_cycle_that_ends_at_the_same_charge_is_not_the_first(tmp_path: Path) -> None:
    soc = np.array([0.0, 0.4, 0.8 - 4e-7, 0.4, 0.8 - 1e-7, 0.3])
    (run,) = load([synthetic.free(tmp_path / "run", shapes.sphere(), title="Twice", soc=soc)])
    assert align.peak(run) == 2
    assert align.common_soc([run]) == soc[2]
    values = np.array([0.0, 1.0, 2.0, 5.0, 7.0, 5.0])
    assert align.at_soc(run, values, align.common_soc([run])) == pytest.approx(2.0)


def test_a_last_step_however_short_belongs_to_the_first_lithiation(tmp_path: Path) -> None:
    soc = np.array([0.0, 0.4, 0.8 - 2e-7, 0.8, 0.4, 0.8 + 1e-7])
    (run,) = load([synthetic.free(tmp_path / "run", shapes.sphere(), title="Short", soc=soc)])
    assert align.common_soc([run]) == 0.8
    values = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 7.0])
    assert align.at_soc(run, values, 0.8) == pytest.approx(3.0)
    assert align.at_soc(run, values, 0.8 + 5e-7) == pytest.approx(3.0)  # met within round-off
    assert np.isnan(align.at_soc(run, values, 0.8 + 2e-6))


def test_crossing_is_interpolated(cycled: Run) -> None:
    values = np.array([0.0, 1.0, 3.0, 3.0, 3.0, 0.0, 0.0, 9.0])
    assert align.first_above(cycled, values, 2.0) == pytest.approx(0.3)
    assert align.first_above(cycled, values, 0.0) == pytest.approx(0.0)
    assert np.isnan(align.first_above(cycled, values, 9.0))
    assert align.first_above(cycled, np.full(8, 1.0), 0.5) == 0.0


def test_crossing_after_missing_values_is_not_interpolated(cycled: Run) -> None:
    values = np.array([np.nan, np.nan, 3.0, 3.0, 3.0, 0.0, 0.0, 0.0])
    assert align.first_above(cycled, values, 2.0) == pytest.approx(0.4)
    assert np.isnan(align.first_above(cycled, np.full(8, np.nan), 0.0))


def test_stored_state_is_taken_from_lithiation(runs: dict[str, Path]) -> None:
    (run,) = load([runs["sphere"]])
    index, soc = align.nearest_state(run, 0.5)
    assert soc == pytest.approx(0.5, abs=0.05)
    assert run.states[index][0] <= run.column("t")[align.peak(run)]
    moved = run.state(index)
    ratio = moved.point_data["displacement"][-1, 1] / moved.points[-1, 1]
    assert ratio == pytest.approx(synthetic.stretch(soc) - 1, rel=1e-6)
