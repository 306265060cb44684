"""A few hundred damaged case files; ``make fuzz`` checks ten thousand and runs some."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.driver import checks


def test_damaged_case_files_are_accepted_or_refused_in_words(tmp_path: Path) -> None:
    figures = checks(300, 1, tmp_path)
    assert not figures.faults, f"{figures}\n" + "\n".join(figures.faults)
    assert figures.counts["accepted"] > 20
    assert figures.counts["refused"] > 100
