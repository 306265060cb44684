"""Table and figures of a sweep, from folders that no solver wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from anodefem.compare import sweeps
from anodefem.compare.summary_metrics import SUMMARY_METRICS
from anodefem.compare.sweeps import pareto, table, tornado, trends
from anodefem.compare.sweeps.table import Key, Study
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from tests.compare import shapes, synthetic

THEME = Theme()


def _sweep(
    folder: Path,
    values: Sequence[dict[str, str]],
    tops: Sequence[float],
    *,
    lost: Sequence[int] = (),
    **more: Any,
) -> Path:
    """Write a sweep whose points are free spheres, lithiated to ``tops``."""
    points, fates = [], {}
    for number, (texts, top) in enumerate(zip(values, tops, strict=True), start=1):
        place = folder / "points" / f"{number:04d}"
        if number in lost:
            fates[str(number)] = {"status": "failed", "reason": "diverged"}
        else:
            soc = synthetic.protocol(top, None, 10)
            synthetic.free(place, shapes.sphere(full=False), title=str(number), soc=soc)
            fates[str(number)] = {"status": "completed", "reason": ""}
        points.append({"number": number, "folder": f"points/{number:04d}", "values": texts})
    keys = list(dict.fromkeys(key for texts in values for key in texts))
    record = {"kind": "sweep", "title": "Bare", "keys": keys, "base": {}, "points": points}
    (folder / "sweep.json").write_text(json.dumps({**record, "fates": fates, **more}))
    return folder


def _study(columns: dict[str, Sequence[float]], metrics: dict[str, Sequence[float]]) -> Study:
    """Return a sweep of plain numbers."""
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({f"{name} [-]": values for name, values in columns.items()})
    frame["status"] = "completed"
    for item in SUMMARY_METRICS:
        frame[f"{item.name} [{item.unit}]"] = np.asarray(metrics.get(item.name, [np.nan] * count))
    frame["sei_strain_p99_over_fracture [-]"] = frame["sei_strain_p99 [-]"] / 0.05
    study = Study(
        title="made up",
        kind="sweep",
        keys=tuple(Key(name=name, unit="", numeric=True) for name in columns),
        varied=((),) * count,
        frame=frame,
    )
    frame["not_dominated"] = table.best(study)
    return study


def test_a_row_has_what_was_swept_and_what_came_of_it(tmp_path: Path) -> None:
    values = [
        {"geometry.particle_radius": "500 nm", "sei.recipe": "fec"},
        {"geometry.particle_radius": '"1 um"', "sei.recipe": '"vc"'},
        {"geometry.particle_radius": "2 um", "sei.recipe": "vc"},
    ]
    frame = table.read(_sweep(tmp_path, values, [0.2, 0.4, 0.9], lost=[3])).frame
    assert list(frame["point"]) == [1, 2, 3]
    assert list(frame["geometry.particle_radius [nm]"]) == [500.0, 1000.0, 2000.0]
    assert list(frame["sei.recipe"]) == ["fec", "vc", "vc"]
    assert list(frame["status"]) == ["completed", "completed", "failed"]
    assert list(frame["reason"]) == ["", "", "diverged"]
    exact = 1 + (synthetic.FULL - 1) * np.array([0.2, 0.4])
    np.testing.assert_allclose(frame["hull_volume_ratio_max [-]"][:2], exact, rtol=1e-6)
    assert np.isnan(frame["hull_volume_ratio_max [-]"][2])
    strain = 0.9 * np.log(exact) / 3  # so the runs are made up
    np.testing.assert_allclose(
        frame["sei_strain_p99_over_fracture [-]"][:2], strain / synthetic.FRACTURE, rtol=1e-6
    )
    # less swelling and strain against more capacity: neither is better; the failed one is not
    assert list(frame["not_dominated"]) == [True, True, False]


def test_files_are_written_and_can_be_written_again(tmp_path: Path) -> None:
    values = [{"protocol.initial_soc": f"{value}"} for value in (0.1, 0.2, 0.3)]
    folder = _sweep(tmp_path, values, [0.3, 0.4, 0.5])
    for _ in range(2):
        names = [path.name for path in sweeps.write(folder)]
        assert names == ["sweep.csv", "trends.png", "trends.pdf", "pareto.png", "pareto.pdf"]
    read = pd.read_csv(folder / "sweep.csv")
    assert list(read["protocol.initial_soc [-]"]) == [0.1, 0.2, 0.3]


def test_a_sensitivity_ranks_what_changes_something(tmp_path: Path) -> None:
    values: list[dict[str, str]] = [{}]
    values += [{"a.none": "1"}, {"a.none": "2"}]
    values += [{"a.little": "1"}, {"a.little": "3"}]
    values += [{"a.much": "1"}, {"a.much": "3"}]
    tops = [0.5, 0.5, 0.5, 0.48, 0.52, 0.3, 0.8]
    base = {"a.none": "1.5", "a.little": "2", "a.much": "2"}
    folder = _sweep(tmp_path, values, tops, kind="sensitivity", base=base)
    study = table.read(folder)
    assert "not_dominated" not in study.frame
    assert list(study.frame["a.much [-]"]) == [2, 2, 2, 2, 2, 1, 3]
    bars = tornado._bars(study, "hull_volume_ratio_max")
    assert [bar.key.name for bar in bars] == ["a.little", "a.much"]  # the strongest at the top
    assert (bars[1].low, bars[1].high) == pytest.approx((1 + 2.751 * 0.3, 1 + 2.751 * 0.8))
    assert [path.name for path in sweeps.write(folder)][1:] == ["tornado.png", "tornado.pdf"]


def test_a_metric_that_ceases_to_exist_is_the_strongest_change() -> None:
    key = Key(name="a", unit="", numeric=True)
    bar = tornado.Bar(key=key, ends=(0.0, 1.0), low=0.2, high=float("nan"), short=False)
    assert bar.reach(0.3) == float("inf")


def test_points_that_none_other_beats() -> None:
    study = _study(
        {"x": [1, 2, 3, 4, 5]},
        {
            "sei_strain_p99": [0.1, 0.2, 0.2, 0.1, np.nan],
            "hull_volume_ratio_max": [2.0, 1.0, 2.5, 2.0000001, 1.0],
            "volumetric_capacity": [900.0, 1000.0, 990.0, 900.0, 2000.0],
        },
    )
    # the third is worse than the second in two ways; the first and fourth differ by noise alone
    assert list(study.frame["not_dominated"]) == [True, True, False, True, False]


def test_an_objective_that_no_point_has_does_not_count() -> None:
    study = _study(
        {"x": [1, 2]},
        {"hull_volume_ratio_max": [2.0, 1.0], "volumetric_capacity": [900.0, 1000.0]},
    )
    assert list(study.frame["not_dominated"]) == [False, True]


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        ({"x": [1, 2, 3, 4]}, 1),
        ({"x": [1, 1, 2, 2], "y": [1, 2, 1, 2]}, 2),
        ({"x": [1, 1, 1, 1]}, None),
        ({"x": np.arange(20), "y": np.arange(20)}, None),  # samples
    ],
)
def test_trends_have_a_line_for_each_value_of_the_other_keys(
    columns: dict[str, Sequence[float]], lines: int | None
) -> None:
    count = len(next(iter(columns.values())))
    figure = trends.figure(
        _study(columns, {"volumetric_capacity": [1000.0 + i for i in range(count)]}), theme=THEME
    )
    assert (None if figure is None else len(figure.axes[0].lines)) == lines


def test_two_points_are_no_front() -> None:
    metrics = {"hull_volume_ratio_max": [2.0, 1.0], "volumetric_capacity": [900.0, 1000.0]}
    assert pareto.figure(_study({"x": [1, 2]}, metrics), theme=THEME) is None


def test_only_the_record_of_a_finished_sweep_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not the record of a finished sweep"):
        table.read(tmp_path)
    (tmp_path / "sweep.json").write_text('{"points": []}')
    with pytest.raises(InputError, match="is not the record of a finished sweep"):
        sweeps.write(tmp_path)
