"""The page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from anodefem.compare import compare
from anodefem.compare.theme import Theme
from tests.compare import browser

CHROMIUM = browser.chromium()

pytestmark = [
    pytest.mark.serial,
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="no Chromium in this environment; tests/compare/browser.py runs outside of it",
    ),
]


@pytest.fixture(scope="module")
def page(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("comparison")
    compare(list(runs.values()), output, theme=Theme(dpi=60))
    return output / "report.html"


@pytest.mark.parametrize(
    "fragment",
    ["", "theme=dark&field=von_mises&soc=0.4", "theme=light&field=lithium_fraction&cut=0&same=1"],
)
def test_every_scene_is_drawn_without_complaint(page: Path, tmp_path: Path, fragment: str) -> None:
    seen = browser.look(str(CHROMIUM), page, tmp_path / "page.png", fragment=fragment)
    assert not browser.problems(seen)
    assert seen.ready == 4
    assert (tmp_path / "page.png").stat().st_size > 20_000


def test_without_webgl_the_picture_is_there(page: Path, tmp_path: Path) -> None:
    seen = browser.look(str(CHROMIUM), page, tmp_path / "page.png", gl=False)
    assert seen.ready == 0
    assert not seen.console
