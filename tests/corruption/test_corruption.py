"""Damaged runs are refused or recovered; `make corruption` damages two hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from tests.corruption.driver import trials

pytestmark = [pytest.mark.serial]


def test_a_damaged_run_is_refused_or_recovered(tmp_path: Path) -> None:
    report = trials(10, 4, tmp_path)
    assert not report.faults, "\n".join(report.faults)
    assert report.counts["read: refused"] and report.counts["resumed: right"]
