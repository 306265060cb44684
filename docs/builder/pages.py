"""Pieces of Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def write(path: Path, parts: Iterable[str]) -> None:
    """Write a page from its parts, with an empty line between two of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def cell(text: object) -> str:
    """Return text that stays within a cell of a table."""
    return re.sub(r"\s+", " ", str(text)).strip().replace("|", "\\|")


def plain(text: str) -> str:
    """Return text in which nothing is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#$|~])", r"\\\1", text)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = "") -> str:
    """Return a table.

    Args:
        columns: Their heads.
        rows: Cells, as Markdown.
        right: Heads of the columns that are aligned to the right, separated by commas.
    """
    marks = ["---:" if column in right.split(",") else "---" for column in columns]
    lines = [list(columns), marks, *[[cell(value) for value in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def contents(pages: Iterable[str], *, caption: str = "", hidden: bool = False) -> str:
    """Return the table of contents of a page."""
    options = [":maxdepth: 1"]
    options += [f":caption: {caption}"] if caption else []
    options += [":hidden:"] if hidden else []
    return "\n".join(["```{toctree}", *options, "", *pages, "```"])


def code(text: str, language: str = "text") -> str:
    """Return a block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def anchor(text: str) -> str:
    """Return the anchor that MyST gives a heading of plain words."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
