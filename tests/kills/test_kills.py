"""Runs that are killed at random moments end as if nothing had been; `make kills` does many."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from tests.kills.driver import trials

pytestmark = [pytest.mark.serial]


def test_a_run_that_was_killed_ends_as_if_it_had_not(tmp_path: Path) -> None:
    report = trials(2, 7, tmp_path, most_ranks=1)
    assert not report.faults
    assert report.kills.total() >= 2


@pytest.mark.thorough
def test_runs_killed_on_any_ranks(tmp_path: Path) -> None:
    report = trials(20, 3, tmp_path)
    assert not report.faults
