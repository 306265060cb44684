"""Looks at a page in headless Chromium; needs nothing but the standard library.

Run ``python3 tests/compare/browser.py REPORT.html [SCREENSHOT.png]`` where the environment of the
tests has no Chromium but the machine does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: Appended to a copy of the page: counts what the panels show and what was loaded.
_PROBE = """
<script>
(async () => {
  for (let i = 0; i < 400 && !document.documentElement.dataset.ready; i++)
    await new Promise((done) => setTimeout(done, 25));
  const colours = [...document.querySelectorAll(".card canvas")].map((canvas) => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    let drawn = 0;
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3] > 200) {
        drawn++;
        seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
      }
    return { drawn: drawn / (canvas.width * canvas.height), colours: seen.size };
  });
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const note = document.createElement("pre");
  note.id = "probe";
  note.hidden = true;
  const ready = document.documentElement.dataset.ready || "";
  note.textContent = JSON.stringify({ ready, colours, loaded });
  document.body.append(note);
})();
</script>
"""
_CONSOLE = re.compile(r'CONSOLE[^\]]*\] "(?P<text>.*)", source', re.DOTALL)
#: What software drawing says about itself.
_HARMLESS = ("GL Driver Message", "WebGL-0x", "Automatic fallback to software WebGL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen.

    Attributes:
        console: Messages of the console.
        panels: Share of each panel that is drawn on, and how many colours it has.
        loaded: Addresses that the page loaded.
        ready: Number of scenes that the page says it has drawn.
    """

    console: list[str]
    panels: list[tuple[float, int]]
    loaded: list[str]
    ready: int


def chromium() -> str | None:
    """Return the program: that of ANODEFEM_CHROMIUM, or one on the path."""
    named = os.environ.get("ANODEFEM_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)


def look(
    program: str, page: Path, screenshot: Path, *, fragment: str = "", gl: bool = True
) -> Seen:
    """Open a page from disk and take a picture of it.

    Args:
        program: Chromium.
        page: The page; a copy of it is opened.
        screenshot: PNG file to write.
        fragment: What follows "#" in the address.
        gl: Whether the browser has WebGL.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "page.html"
        text = page.read_text(encoding="utf-8")
        copy.write_text(text.replace("</body>", _PROBE + "</body>"), encoding="utf-8")
        drawing = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        done = subprocess.run(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                *(drawing if gl else ["--disable-3d-apis"]),
                f"--user-data-dir={scratch}/profile",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--no-first-run",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                "--window-size=1400,1900",
                "--virtual-time-budget=15000",
                f"--screenshot={screenshot}",
                "--dump-dom",
                f"{copy.as_uri()}{'#' if fragment else ''}{fragment}",
            ],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    console = [match["text"] for match in map(_CONSOLE.search, done.stderr.splitlines()) if match]
    found = re.search(r'<pre id="probe"[^>]*>(.*?)</pre>', done.stdout, re.DOTALL)
    if found is None:
        raise RuntimeError(f"the page did not run to its end: {done.stderr[-2000:]}")
    probe = json.loads(found[1].replace("&amp;", "&"))
    return Seen(
        console=[text for text in console if not any(part in text for part in _HARMLESS)],
        panels=[(one["drawn"], one["colours"]) for one in probe["colours"]],
        loaded=probe["loaded"],
        ready=int(probe["ready"] or 0),
    )


def problems(seen: Seen) -> list[str]:
    """Return what is wrong with a page that should show a scene in every panel."""
    found = [f"console: {text}" for text in seen.console]
    found += [f"loads {address}" for address in seen.loaded if not address.startswith("data:")]
    if seen.ready != len(seen.panels) or not seen.panels:
        found.append(f"{seen.ready} of {len(seen.panels)} scenes are ready")
    for number, (drawn, colours) in enumerate(seen.panels):
        if drawn < 0.05 or colours < 20:
            found.append(f"panel {number}: {drawn:.0%} drawn on in {colours} colours")
    return found


def main() -> None:
    """Look at the page named on the command line; the exit code says whether all is well."""
    program = chromium()
    if program is None:
        sys.exit("no Chromium: install it, or name it in ANODEFEM_CHROMIUM")
    page = Path(sys.argv[1]).resolve()
    screenshot = Path(sys.argv[2] if len(sys.argv) > 2 else "report.png").resolve()
    seen = look(program, page, screenshot)
    found = problems(seen)
    print(*found or [f"{seen.ready} scenes drawn, no complaint, nothing loaded"], sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
