"""The page in a real browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem.compare import compare
from anodefem.compare.theme import Theme
from tests.compare import browser, shapes, synthetic

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

#: What does not fit: wider than the window, or labels of the scales that touch.
_LAYOUT = """
  const labels = [...document.querySelectorAll(".ends span, .ramp > span, .ramp b")]
    .filter((one) => one.style.visibility !== "hidden")
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  const touching = [];
  labels.forEach(([text, a], i) => labels.slice(i + 1).forEach(([other, b]) => {
    const beside = a.left >= b.right || b.left >= a.right;
    if (!beside && a.top < b.bottom - 1 && b.top < a.bottom - 1) touching.push([text, other]);
  }));
  return { touching, labels: labels.length, inner: innerWidth,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth };
"""
#: Every control once; what each changes.
_USE = """
  const $$ = (selector) => document.querySelector(selector), said = {};
  const picture = () => { const c = $$(".card canvas.shown"); return c.toDataURL().length; };
  $$("input[value=von_mises]").click(); await frame(); await frame();
  const canvas = $$(".card canvas.shown"), b = canvas.getBoundingClientRect();
  const over = { clientX: b.left + 0.6 * b.width, clientY: b.top + 0.6 * b.height, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointermove", over)); await frame(); await frame();
  said.probe = $$(".card .probe").textContent;
  const corner = picture();
  $$("#cut").value = "plane"; $$("#cut").onchange(); await frame(); await frame();
  const plane = picture();
  const move = $$("#plane input[name=move]");
  move.value = 0.4; move.oninput(); await frame(); await frame();
  const moved = picture();
  const turn = $$("#plane input[name=turn]");
  turn.value = 70; turn.oninput(); await frame(); await frame();
  said.pictures = new Set([corner, plane, moved, picture()]).size;
  canvas.dispatchEvent(new PointerEvent("pointermove", over)); await frame(); await frame();
  said.cutprobe = $$(".card .probe").textContent;
  said.scales = [];
  for (const value of ["common", "own", "now"]) {
    $$(`input[name=spread][value=${value}]`).click(); await frame(); await frame();
    said.scales.push($$(".card .own").textContent);
  }
  $$("#keep").click(); await frame(); await frame();
  said.kept = $$(".card canvas.kept").width > 0 && $$(".keptat").textContent;
  said.saved = [];
  for (const what of ["table", "curves", "svg", "png"]) {
    const before = document.documentElement.dataset.saved;
    $$(`[data-save=${what}]`).click();
    for (let i = 0; i < 200 && document.documentElement.dataset.saved === before; i++)
      await new Promise((done) => setTimeout(done, 50));
    said.saved.push(document.documentElement.dataset.saved);
  }
  said.answers = [];
  for (const button of document.querySelectorAll("[data-question]")) {
    button.click(); await frame();
    const found = $$(".answer");
    said.answers.push(found.id || found.textContent.trim().slice(0, 12));
  }
  said.now = $$("#now").textContent;
  said.profile = document.querySelectorAll("#profile path").length;
  return said;
"""


@pytest.fixture(scope="module")
def page(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("comparison")
    cycled = synthetic.free(
        output / "run",
        shapes.sphere(),
        title="Twice",
        soc=np.interp(np.arange(81) / 20, range(5), [0.0, 0.8, 0.1, 0.6, 0.2]),
        sei={"recipe": "other", "yield_stretch": 0.04, "fracture_strain": 0.3},
    )
    compare([*runs.values(), cycled], output / "made", theme=Theme(dpi=60))
    return output / "made" / "report.html"


@pytest.mark.parametrize(
    ("size", "fragment"),
    [
        ((1600, 1200), ""),
        ((900, 1200), "theme=dark&field=von_mises&soc=0.4&cut=plane&scale=now"),
        ((360, 900), "theme=dark"),
        ((1600, 1200), "theme=light&field=lithium_fraction&cut=0&same=1&keep=0.2"),
    ],
)
def test_every_scene_is_drawn_without_complaint(
    page: Path, tmp_path: Path, size: tuple[int, int], fragment: str
) -> None:
    seen = browser.look(
        str(CHROMIUM), page, tmp_path / "page.png", fragment=fragment, size=size, script=_LAYOUT
    )
    assert not browser.problems(seen)
    assert seen.ready == 5
    assert (tmp_path / "page.png").stat().st_size > 20_000
    assert seen.said["inner"] == size[0]
    assert seen.said["wide"] <= 0
    assert seen.said["labels"] >= 5
    assert seen.said["touching"] == []


def test_everything_that_can_be_pressed_does_what_it_says(page: Path, tmp_path: Path) -> None:
    seen = browser.look(str(CHROMIUM), page, tmp_path / "page.png", script=_USE)
    assert not seen.console and not browser.problems(seen)
    said = seen.said
    assert said["probe"].startswith("von Mises stress 0.")
    assert "particle" in said["probe"] and "before lithiation" in said["probe"]
    assert said["cutprobe"].startswith("von Mises stress 0.")
    assert said["pictures"] == 4
    common, own, now = said["scales"]
    assert common == "" and own.startswith("colours 0 to ") and now.startswith("colours 0 to ")
    assert said["kept"].startswith("left: ")
    names = [text.split()[0] for text in said["saved"]]
    assert names == ["comparison.csv", "curves.csv", "curves.svg", "bodies.png"]
    assert all(int(text.split()[1]) > 500 for text in said["saved"])
    assert said["answers"][:2] == ["strips", "strips"] and said["answers"][4] == "bodies"
    # no run has error bars here
    assert said["answers"][2] == "errors" and said["answers"][3].startswith("hull")
    assert said["now"] == "Cycle 1, lithiation, state of charge 0.50"
    assert said["profile"] > 2


def test_without_webgl_curves_and_table_are_there(page: Path, tmp_path: Path) -> None:
    script = """
      const all = (selector) => [...document.querySelectorAll(selector)];
      const seen = (selector) => all(selector).filter((one) => one.clientHeight > 0).length;
      return { picture: seen("#fallback img"), curves: seen("#panels svg"),
        rows: seen("td.value"), canvases: seen("canvas") };
    """
    seen = browser.look(str(CHROMIUM), page, tmp_path / "page.png", gl=False, script=script)
    assert seen.ready == 0
    assert not seen.console
    assert seen.said["picture"] == 1 and seen.said["canvases"] == 0
    assert seen.said["curves"] > 5 and seen.said["rows"] > 50
