"""Whatever one rank raises wherever, all ranks end, and soon."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dolfinx")

from tests.kills.injection import KINDS, PLACES, injected

pytestmark = [pytest.mark.serial]

#: Every kind, on each rank, and every place; `thorough` has all combinations.
FEW = [
    ("InputError", 0, "reading"),
    ("SystemExit", 1, "reading"),
    ("MemoryError", 0, "meshing"),
    ("KeyboardInterrupt", 0, "solving"),
    ("ConvergenceError", 1, "solving"),
    ("MemoryError", 1, "writing metrics"),
]
ALL = [(kind, rank, place) for kind in KINDS for rank in (0, 1) for place in PLACES]
THREE = [(kind, number % 3, place) for number, kind in enumerate(KINDS) for place in PLACES]


@pytest.mark.parametrize(("kind", "rank", "place"), FEW)
def test_one_rank_fails_and_all_end(tmp_path: Path, kind: str, rank: int, place: str) -> None:
    answer = injected(kind, rank, place, tmp_path)
    assert not answer.fault, f"{answer.fault}\n{answer.said}"


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "rank", "place"), ALL)
def test_any_rank_fails_anywhere(tmp_path: Path, kind: str, rank: int, place: str) -> None:
    answer = injected(kind, rank, place, tmp_path)
    assert not answer.fault, f"{answer.fault}\n{answer.said}"


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "rank", "place"), THREE)
def test_one_of_three_ranks_fails(tmp_path: Path, kind: str, rank: int, place: str) -> None:
    answer = injected(kind, rank, place, tmp_path, ranks=3)
    assert not answer.fault, f"{answer.fault}\n{answer.said}"
