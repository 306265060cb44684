"""A few cases of the soak, and how outcomes are judged; `make soak` runs a hundred."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dolfinx")

from anodefem.cases.plausibility import BEYOND
from tests.soak.draws import WEIGHTS, Draw
from tests.soak.driver import SOUND, judged, soak

pytestmark = [pytest.mark.serial]

DONE: dict[str, Any] = {
    "status": "completed",
    "events": [{"kind": "completed"}, {"kind": "completed"}],
    "metrics": {"lithium_balance_error": {"final": 1e-12, "min": 0.0, "max": 1e-12}},
}


def test_cases_of_every_geometry_are_drawn(tmp_path: Path) -> None:
    drawn = [Draw(seed).case(tmp_path / "run.toml") for seed in range(40)]
    assert len({tables["geometry"]["plugin"] for tables in drawn}) > len(WEIGHTS) / 2
    again = [Draw(seed).case(tmp_path / "run.toml") for seed in range(40)]
    assert drawn == again


@pytest.mark.slow
def test_cases_end_as_they_should(tmp_path: Path) -> None:
    for outcome in soak(3, 1, tmp_path, first=2):
        assert outcome.verdict in SOUND, outcome


def test_a_run_may_compute_for_so_long(tmp_path: Path) -> None:
    (outcome,) = soak(1, 1, tmp_path, first=2, limit=1.0)
    assert (outcome.code, outcome.verdict) == (-1, "stopped for time")
    assert outcome.reason == "more than 1 s of computing"


@pytest.mark.parametrize(
    ("changes", "code", "verdict"),
    [
        ({}, 0, "completed"),
        ({"events": [{"kind": "saturated"}, {"kind": "completed"}]}, 0, "physical end"),
        ({"events": [{"kind": "completed"}]}, 0, "silent loss"),
        ({"metrics": {"lithium_balance_error": {"final": -1e-7}}}, 0, "silent loss"),
        ({"metrics": {"soc": {"final": float("nan")}}}, 0, "silent loss"),
        ({"status": "failed"}, 3, "numerical failure"),
        ({"status": "failed", "reason": f"stopped. {BEYOND}. ..."}, 3, "beyond the cards"),
        ({"status": "running"}, -1, "stopped for time"),
    ],
)
def test_an_outcome_is_judged(changes: dict[str, Any], code: int, verdict: str) -> None:
    assert judged(code, DONE | changes, "", 2) == verdict
