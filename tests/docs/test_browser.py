"""The site in a real browser, opened from disk, without a network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

from docs import conf
from docs.builder.__main__ import DOCS, mathjax
from tests.compare.browser import chromium

CHROMIUM = chromium()
PAGES = ("index", "theory", "citing")

pytestmark = [
    pytest.mark.serial,
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium in this environment"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the browser made of a page: its elements, and the messages of its console."""

    dom: str
    console: list[str]

    @property
    def formulas(self) -> int:
        """Number of formulas that were drawn."""
        return self.dom.count("<mjx-container")

    @property
    def refused(self) -> list[str]:
        """Formulas that MathJax could not read."""
        return re.findall(r'data-mjx-error="([^"]*)"', self.dom)

    @property
    def without_outline(self) -> list[str]:
        """Characters for which MathJax has no glyph: left to the fonts of the machine."""
        return re.findall(r"<text [^>]*>([^<]*)</text>", self.dom)


def look(address: str) -> Seen:
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={profile}",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--no-first-run",
                "--enable-logging=stderr",
                "--virtual-time-budget=20000",
                "--dump-dom",
                address,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    return Seen(dom=done.stdout, console=re.findall(r"CONSOLE.*", done.stderr))


def formulas() -> Iterator[str]:
    """Yield the formulas of all pages, and of the questions and answers of the book."""
    from anodefem.verify.problems import load

    texts = [path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))]
    texts += [f"{problem.question}\n\n{problem.exact}" for problem in load().values()]
    for text in texts:
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        for display, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", prose, re.DOTALL):
            yield display or inline


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some pages of the site, as `make docs` builds them."""
    folder = tmp_path_factory.mktemp("site")
    sources = folder / "sources"
    shutil.copytree(DOCS, sources, ignore=shutil.ignore_patterns("*.md", "builder"))
    for name in PAGES:
        shutil.copyfile(DOCS / f"{name}.md", sources / f"{name}.md")
    (sources / "changelog.md").write_text("# Changelog\n", encoding="utf-8")
    mathjax(sources / "_static")
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-Q", "-b", "html", sources, folder / "site"],
        cwd=DOCS.parent,  # the settings import the builder
        check=True,
        timeout=120,
    )
    return folder / "site"


def drawn(formulas: list[str], folder: Path) -> Seen:
    """Draw formulas on one page, with the settings of the site."""
    mathjax(folder)
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;") for text in formulas]
    (folder / "page.html").write_text(
        '<!DOCTYPE html><meta charset="utf-8">'
        f"<script>window.MathJax = {json.dumps(conf.mathjax3_config)}</script>"
        f'<script defer src="mathjax.js"></script>'
        + "\n".join(rf"<p>\({text}\)</p>" for text in escaped),
        encoding="utf-8",
    )
    return look((folder / "page.html").as_uri())


def test_every_formula_is_drawn_with_outlines_of_its_own(tmp_path: Path) -> None:
    written = list(dict.fromkeys(formulas()))
    assert len(written) > 300
    seen = drawn(written, tmp_path)
    assert seen.formulas == len(written)
    assert not seen.refused
    assert not seen.without_outline
    assert not seen.console


def test_a_character_without_a_glyph_is_noticed(tmp_path: Path) -> None:
    seen = drawn([r"\text{水}"], tmp_path)
    assert seen.without_outline == ["水"]
    assert not seen.refused


@pytest.mark.parametrize("wrong", [r"\nonsense{x}", r"\frac{1}", r"\left( x"])
def test_a_formula_that_cannot_be_read_is_noticed(wrong: str, tmp_path: Path) -> None:
    assert drawn([wrong], tmp_path).refused


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_complaint_and_says_its_version_and_how_to_cite(
    site: Path, name: str
) -> None:
    seen = look((site / f"{name}.html").as_uri())
    assert not seen.console
    assert not seen.refused
    assert not seen.without_outline
    assert (seen.formulas > 50) == (name == "theory")
    assert f"anodefem {conf.version}." in seen.dom
    for link in ("How to cite", "What is new"):
        assert re.search(rf'href="[\w.#]+">{link}</a>', seen.dom)


def test_search_works_from_disk(site: Path) -> None:
    seen = look((site / "search.html").as_uri() + "?q=plastic")
    assert not seen.console
    assert re.search(r'<li class="kind-[a-z]+"><a href="theory.html', seen.dom)
