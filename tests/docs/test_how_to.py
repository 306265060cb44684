"""What the how-to pages tell the reader to do works and prints what they show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docs.builder.follow import follow, same

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
NAMES = sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "index")
RUNS = (
    "metric",
    "law",
    "fracture",
    "interface",
    "sei-failure",
    "sei-growth",
    "python",
)  # these solve something
LONG = ("cycling",)  # over a hundred steps in time


@pytest.mark.serial
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            n,
            marks=pytest.mark.thorough if n in LONG else pytest.mark.slow if n in RUNS else (),
        )
        for n in NAMES
    ],
)
def test_the_example_works_and_prints_what_the_page_shows(name: str, tmp_path: Path) -> None:
    done = list(follow((PAGES / f"{name}.md").read_text(encoding="utf-8"), tmp_path))
    assert done
    for block in done:
        assert block.exit_code == block.expected_exit, block.output
        if block.shown is not None:
            assert same(block.shown, block.output), f"{block.command}{block.output}"


def test_a_page_that_shows_another_number_is_noticed() -> None:
    assert same("stretch 1.50\nsteps 3\n", "stretch   1.51\nsteps 3\n")
    assert not same("stretch 1.50\n", "stretch 1.80\n")
    assert not same("steps 3\n", "steps 4\n")
    assert not same("good\n", "bad\n")


def test_a_page_is_followed_in_order(tmp_path: Path) -> None:
    page = "```toml\n# a/b.toml\nx = 1\n```\n<!-- exit 3 -->\n```sh\ncat a/b.toml; exit 3\n```\n"
    page += "\n```text\nold\n```\n"
    (done,) = follow(page, tmp_path)
    assert (done.exit_code, done.expected_exit) == (3, 3)
    assert done.output == "# a/b.toml\nx = 1\n"
    assert (done.shown, page[slice(*done.span)]) == ("old\n", "old\n")
    assert os.listdir(tmp_path) == ["a"]
