"""Does what a page says, in the order in which it says it, and puts what came out into the page.

    ```toml            a block whose first line is a comment with a file's name is that file
    # salt.toml
    ```
    ```sh              is run by bash in the folder; ends with 0, or with N after <!-- exit N -->
    ```
    ```text            right after it is what it printed, on stdout and stderr
    ```

Called as `python3 -m docs.builder.follow PAGE FOLDER` it rewrites the outputs of the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:<!-- exit (?P<exit>\d+) -->\n)?^```(?P<language>sh|python|toml)\n(?P<text>.*?)^```\n"
    r"(?:\n```text\n(?P<output>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
_FILE = re.compile(r"# ([\w./-]+\.(?:py|toml))\n")
_NUMBER = re.compile(r"[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?")

LONGEST = 16  # lines of output that are shown
ENDS = 6  # lines at the start and at the end of what is longer
TIMEOUT = 900.0  # of one block [s]


@dataclass(frozen=True, slots=True)
class Done:
    """A block that was run.

    Attributes:
        command: Its text.
        exit_code: How it ended.
        expected_exit: How the page says it ends.
        output: What it printed, shortened.
        shown: What the page says it prints; None if it says nothing.
        span: Where ``shown`` is in the page.
    """

    command: str
    exit_code: int
    expected_exit: int
    output: str
    shown: str | None
    span: tuple[int, int]


def follow(page: str, folder: Path) -> Iterator[Done]:
    """Write the files of a page into ``folder``, run its commands there, yield each of these."""
    # a make above this one would have its say in what a make below prints
    environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    for block in _BLOCK.finditer(page):
        text = block["text"]
        if block["language"] != "sh":
            if name := _FILE.match(text):
                path = folder / name[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            continue
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        expected = int(block["exit"] or 0)
        output = shortened(ran.stdout)
        yield Done(text, ran.returncode, expected, output, block["output"], block.span("output"))


def shortened(output: str) -> str:
    """Return output without the middle of what is too long to be shown."""
    lines = [line.rstrip() for line in output.strip("\n").splitlines()]
    if len(lines) > LONGEST:
        lines = [*lines[:ENDS], "...", *lines[-ENDS:]]
    return "".join(f"{line}\n" for line in lines)


def same(shown: str, output: str, *, tolerance: float = 0.05) -> bool:
    """Whether two outputs have the same words; numbers with a point may differ a little."""
    ours, theirs = (_NUMBER.sub("#", text).split() for text in (shown, output))
    if ours != theirs:
        return False
    pairs = zip(_NUMBER.findall(shown), _NUMBER.findall(output), strict=True)
    return all(
        a == b
        or ("." in a and abs(float(a) - float(b)) <= tolerance * max(abs(float(a)), abs(float(b))))
        for a, b in pairs
    )


def main() -> None:
    """Follow a page and rewrite its outputs; ends with 1 if a command ends unexpectedly."""
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    page = path.read_text(encoding="utf-8")
    parts, end = [], 0
    for done in follow(page, folder):
        print(f"$ {done.command.rstrip()}\n{done.output}", end="", flush=True)
        if done.exit_code != done.expected_exit:
            sys.exit(f"ended with {done.exit_code}, the page says {done.expected_exit}")
        if done.shown is not None:
            parts += [page[end : done.span[0]], done.output]
            end = done.span[1]
    path.write_text("".join(parts) + page[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
