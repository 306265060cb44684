"""The book says what the results say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docs.builder import book


def check(**changed: Any) -> dict[str, Any]:
    facts = {
        "quantity": "stretch_1 [-]",
        "exact": 1.5,
        "computed": 1.5000003,
        "error": 2e-7,
        "tolerance": 1e-6,
        "pass": True,
        "absolute": False,
        "reason": "round-off",
    }
    return facts | changed


def result(**changed: Any) -> dict[str, Any]:
    curve = {"x": [0.0, 1.0], "y": [1.0, 2.0]}
    facts = {
        "id": "a-problem",
        "title": "A problem",
        "group": "Contact",
        "kind": "verification",
        "status": None,
        "question": "How far?",
        "exact": "$u = x$",
        "quick": True,
        "data": None,
        "checks": [check(), check(quantity="gap [um]", absolute=True)],
        "plots": [
            {
                "title": "Line",
                "x": "x [um]",
                "y": "u [um]",
                "log": False,
                "curves": [
                    {**curve, "label": "exact", "exact": True},
                    {**curve, "label": "computed", "exact": False},
                ],
            }
        ],
        "failure": "",
        "seconds": 1.25,
        "versions": {"python": "3.13"},
        "git_commit": "0123456789abcdef",
    }
    return facts | changed


def written(folder: Path, *results: dict[str, Any]) -> Path:
    for each in results:
        (folder / f"{each['id']}.json").write_text(json.dumps(each), encoding="utf-8")
    book.write(book.read(folder), folder / "book")
    return folder / "book"


def test_a_page_has_question_answer_figure_table_and_reasons(tmp_path: Path) -> None:
    page = (written(tmp_path, result()) / "a-problem.md").read_text()
    for part in (
        "# A problem",
        "How far?",
        "$u = x$",
        "![Line](a-problem-1.svg)",
        "- 1e-06: round-off",
    ):
        assert part in page
    assert "| stretch\\_1 \\[-\\] | 1.5 | 1.5000003 | 2.00e-07 | 1e-06 |" in page
    assert "2.00e-07 abs." in page
    assert "FAILED" not in page
    svg = (tmp_path / "book" / "a-problem-1.svg").read_text()
    assert "<svg" in svg


def test_the_same_results_give_the_same_figures(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = (written(tmp_path, result()) / "a-problem-1.svg").read_bytes()
    assert (written(tmp_path / "again", result()) / "a-problem-1.svg").read_bytes() == first


def test_a_failed_check_and_an_unsolved_problem_fail(tmp_path: Path) -> None:
    wrong = result(id="wrong", checks=[check(**{"pass": False, "error": 1e-3})])
    lost = result(id="lost", checks=[], plots=[], failure="Traceback\nValueError: no")
    folder = written(tmp_path, result(), wrong, lost)
    assert "FAILED" in (folder / "wrong.md").read_text()
    assert "ValueError: no" in (folder / "lost.md").read_text()
    index = (folder / "index.md").read_text()
    assert "3 problems with 3 checks; 2 of the problems failed" in index
    assert "| [Contact](chapter-contact.md) | 3 | 3 | 2 |" in index
    chapter = (folder / "chapter-contact.md").read_text()
    assert chapter.count("FAILED") == 2
    assert "1e+03" in chapter


def test_validation_says_if_it_is_blind(tmp_path: Path) -> None:
    measured = result(kind="validation", status="blind", group="Published data", data="film.toml")
    page = (written(tmp_path, measured) / "a-problem.md").read_text()
    assert "no number was fitted" in page
    assert "`film.toml`" in page
    assert "## Exact answer" not in page


def test_chapters_come_in_their_order(tmp_path: Path) -> None:
    late, early = result(id="a"), result(id="b", group="Plastic flow")
    index = (written(tmp_path, late, early) / "index.md").read_text()
    assert index.index("[Plastic flow]") < index.index("[Contact]")


def test_without_results_the_book_says_how_to_make_it(tmp_path: Path) -> None:
    book.write(book.read(tmp_path / "missing"), tmp_path / "book")
    assert [path.name for path in (tmp_path / "book").iterdir()] == ["index.md"]
    assert "make book" in (tmp_path / "book" / "index.md").read_text()
