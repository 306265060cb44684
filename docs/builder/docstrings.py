"""Docstrings as reStructuredText: they are plain text with formulas such as |s| or F^-T."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_MARKS = re.compile(r"[*|]|_(?!\w)")


def _plain(line: str) -> str:
    """Escape what would be markup, outside code."""
    parts = _CODE.split(line)
    parts[::2] = [_MARKS.sub(lambda found: "\\" + found[0], part) for part in parts[::2]]
    return "".join(parts)


def marked(lines: list[str]) -> Iterator[str]:
    """Yield a docstring with its marks escaped and its indented formulas as literal blocks."""
    literal = False
    before, last = "", ""  # the line above, and the last one that is not empty
    for line in lines:
        indented = line.startswith("    ")
        if line and not indented:
            literal = False
        elif indented and not before and last and not last.startswith(" ") and not literal:
            if last.endswith("::"):
                pass
            else:
                yield from ("::", "")
            literal = True
        yield line if literal else _plain(line)
        before = line
        last = line or last


def _process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = list(marked(lines))
    if what in ("attribute", "data"):
        _values[name] = list(lines)


def _restore(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Undo what napoleon makes of a comment of a value: "a: b" is not a type and a text."""
    if name in _values:
        lines[:] = _values.pop(name)


_values: dict[str, list[str]] = {}


def setup(app: Any) -> dict[str, bool]:
    """Work on docstrings before and after `sphinx.ext.napoleon` does."""
    app.connect("autodoc-process-docstring", _process, priority=400)
    app.connect("autodoc-process-docstring", _restore, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
