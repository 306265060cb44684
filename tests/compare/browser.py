"""Looks at a page in headless Chromium; needs nothing but the standard library.

Run ``python3 tests/compare/browser.py REPORT.html [SCREENSHOT.png]`` where the environment of the
tests has no Chromium but the machine does.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

#: What the panels show, and whether the page has drawn them all.
_PROBE = """
(async () => {
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  for (let i = 0; i < 400 && !document.documentElement.dataset.ready; i++) await wait(25);
  const colours = [...document.querySelectorAll(".card canvas.shown")].map((canvas) => {
    if (!canvas.width || !canvas.height) return { drawn: 0, colours: 0 };
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
  return { ready: document.documentElement.dataset.ready || "", colours };
})()
"""
#: What software drawing says about itself.
_HARMLESS = ("GL Driver Message", "WebGL-0x", "Automatic fallback to software WebGL")
_PATIENCE = 120.0  # for an answer of the browser [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen.

    Attributes:
        console: Messages of the console, and exceptions that nobody caught.
        panels: Share of each panel that is drawn on, and how many colours it has.
        loaded: Addresses that the page asked for.
        ready: Number of scenes that the page says it has drawn.
        said: What the script returned.
    """

    console: list[str]
    panels: list[tuple[float, int]]
    loaded: list[str]
    ready: int
    said: Any


def chromium() -> str | None:
    """Return the program: that of ANODEFEM_CHROMIUM, or one on the path."""
    named = os.environ.get("ANODEFEM_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)


class _Browser:
    """A browser that is spoken to through a pair of pipes (Chrome DevTools protocol)."""

    def __init__(self, program: str, *, gl: bool) -> None:
        """Start it.

        Args:
            program: Chromium.
            gl: Whether it has WebGL.
        """
        self._profile = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        drawing = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        reads, self._out = os.pipe()
        self._in, writes = os.pipe()
        for number in (reads, writes):
            os.set_inheritable(number, True)
        command = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            *(drawing if gl else ["--disable-3d-apis"]),
            f"--user-data-dir={self._profile.name}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-first-run",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
        ]
        # the protocol wants its pipes at 3 and 4
        shell = 'r=$1 w=$2; shift 2; exec "$@" 3<&"$r" 4>&"$w"'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", str(reads), str(writes), *command],
            pass_fds=(reads, writes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._rest, self._number = b"", 0
        #: Everything the browser said by itself.
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> _Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)
        self._profile.cleanup()

    def ask(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Return the answer to a command.

        Args:
            method: Command of the protocol.
            session: Session of a page; "" for the browser itself.
            **parameters: Of the command.

        Raises:
            RuntimeError: The browser refuses, or says nothing.
        """
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self._in, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError("the browser does not answer")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


def look(
    program: str,
    page: Path,
    screenshot: Path,
    *,
    fragment: str = "",
    gl: bool = True,
    size: tuple[int, int] = (1400, 1900),
    script: str = "",
) -> Seen:
    """Open a page from disk and take a picture of it.

    Args:
        program: Chromium.
        page: The page.
        screenshot: PNG file to write.
        fragment: What follows "#" in the address.
        gl: Whether the browser has WebGL.
        size: Width and height of the window [pixels].
        script: Body of an asynchronous function of ``frame``, which waits until the page has drawn;
            runs when all scenes are ready, and returns something for JSON.
    """
    with _Browser(program, gl=gl) as browser:
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

        def run(code: str) -> Any:
            answer = browser.ask(
                "Runtime.evaluate", session, expression=code, awaitPromise=True, returnByValue=True
            )
            if "exceptionDetails" in answer:
                raise RuntimeError(str(answer["exceptionDetails"])[:2000])
            return answer["result"].get("value")

        for domain in ("Page", "Runtime", "Log", "Network"):
            browser.ask(f"{domain}.enable", session)
        browser.ask(
            "Emulation.setDeviceMetricsOverride",
            session,
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=False,
        )
        address = f"{page.resolve().as_uri()}{'#' if fragment else ''}{fragment}"
        browser.ask("Page.navigate", session, url=address)
        while not run("document.readyState === 'complete' && location.href !== 'about:blank'"):
            time.sleep(0.02)
        noted = run(_PROBE)
        said = None
        if script:
            frame = "() => new Promise((d) => requestAnimationFrame(() => setTimeout(d, 30)))"
            said = run(f"(async (frame) => {{ {script} }})({frame})")
        picture = browser.ask("Page.captureScreenshot", session)["data"]
        screenshot.write_bytes(base64.b64decode(picture))
        console = [text for event in browser.events if (text := _complaint(event))]
        loaded = [
            str(event["params"]["request"]["url"])
            for event in browser.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
    return Seen(
        console=[text for text in console if not any(part in text for part in _HARMLESS)],
        panels=[(one["drawn"], one["colours"]) for one in noted["colours"]],
        loaded=[url for url in loaded if url != address.partition("#")[0]],
        ready=int(noted["ready"] or 0),
        said=said,
    )


def _complaint(event: Mapping[str, Any]) -> str:
    """Return what an event of the browser complains of; "" if it does not."""
    about = event.get("params", {})
    match event.get("method"):
        case "Runtime.consoleAPICalled":
            return " ".join(str(one.get("value", one.get("description"))) for one in about["args"])
        case "Runtime.exceptionThrown":
            found = about["exceptionDetails"]
            return str(found.get("exception", {}).get("description") or found["text"])
        case "Log.entryAdded":
            return str(about["entry"]["text"])
    return ""


def problems(seen: Seen) -> list[str]:
    """Return what is wrong with a page that should show a scene in every panel."""
    found = [f"console: {text}" for text in seen.console]
    found += [f"loads {address}" for address in seen.loaded if not _own(address)]
    if seen.ready != len(seen.panels) or not seen.panels:
        found.append(f"{seen.ready} of {len(seen.panels)} scenes are ready")
    for number, (drawn, colours) in enumerate(seen.panels):
        if drawn < 0.05 or colours < 20:
            found.append(f"panel {number}: {drawn:.0%} drawn on in {colours} colours")
    return found


def _own(address: str) -> bool:
    """Whether a page makes what is at an address itself."""
    return address.startswith(("data:", "blob:"))


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
