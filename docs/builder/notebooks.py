"""Notebooks: Python files in cells, run from top to bottom, as pages and as files for Jupyter.

A file of `docs/notebooks` has the percent format, which editors know: a line ``# %%`` begins a cell
of code, ``# %% [markdown]`` one of text. What a cell prints, and the value of its last line, is its
output. Here it is run by this module, so that building the site needs no Jupyter.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from anodefem import registry
from docs.builder import pages

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
ORDER = ("first_run", "own_geometry_and_law", "electrolytes")
_MARK = re.compile(r"^# %%(?P<text> \[markdown\])?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell.

    Attributes:
        text: Markdown, or code.
        code: Whether it is code.
        printed: What it printed, and its value as text.
        picture: Its value as PNG, if that is a figure.
    """

    text: str
    code: bool
    printed: str = ""
    picture: bytes = b""


def read(source: str) -> list[Cell]:
    """Return the cells of a file in percent format."""
    marks = [*_MARK.finditer(source)]
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    cells = []
    for mark, end in zip(marks, ends, strict=True):
        text = source[mark.end() : end].strip("\n")
        if mark["text"]:
            text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        cells.append(Cell(text=text, code=not mark["text"]))
    return cells


def run(cells: Iterable[Cell], folder: Path) -> Iterator[Cell]:
    """Run cells in a folder, one after the other in one namespace; yield them with outputs.

    Args:
        cells: What `read` returns.
        folder: Where runs and files go.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        if not cell.code:
            yield cell
            continue
        tree = ast.parse(cell.text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        said, value = io.StringIO(), None
        where = f"<cell {number}>"
        with contextlib.chdir(folder), contextlib.redirect_stdout(said):
            exec(compile(tree, where, "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), where, "eval"), names)
        picture = b""
        if isinstance(value, Figure):
            drawn = io.BytesIO()
            value.savefig(drawn, format="png", dpi=110)
            picture, value = drawn.getvalue(), None
        printed = said.getvalue() + ("" if value is None else f"{value}\n")
        yield Cell(text=cell.text, code=True, printed=printed, picture=picture)


def executed(path: Path) -> list[Cell]:
    """Return the cells of a notebook with outputs; plug-ins that it names are forgotten after it.

    Args:
        path: Of `docs/notebooks`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return [*run(read(path.read_text(encoding="utf-8")), Path(scratch))]
        finally:
            registry.use_folders([])


def jupyter(cells: Iterable[Cell]) -> str:
    """Return cells with outputs as a notebook (nbformat 4.5)."""
    written = []
    for number, cell in enumerate(cells):
        lines = cell.text.splitlines(keepends=True)
        one: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}, "source": lines}
        if not cell.code:
            written.append(one | {"cell_type": "markdown"})
            continue
        outputs: list[dict[str, Any]] = []
        if cell.printed:
            text = cell.printed.splitlines(keepends=True)
            outputs.append({"output_type": "stream", "name": "stdout", "text": text})
        if cell.picture:
            data = {"image/png": base64.b64encode(cell.picture).decode()}
            outputs.append({"output_type": "display_data", "metadata": {}, "data": data})
        written.append(one | {"cell_type": "code", "execution_count": None, "outputs": outputs})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    return json.dumps(book | {"cells": written}, indent=1)


def page(name: str, cells: Iterable[Cell], folder: Path) -> Iterator[str]:
    """Yield the parts of the page of a notebook, and write its pictures.

    Args:
        name: Of the notebook.
        cells: With outputs.
        folder: Where the pictures go.
    """
    for number, cell in enumerate(cells):
        yield pages.code(cell.text, "python") if cell.code else cell.text
        if number == 0:
            yield f"{{download}}`Open it in Jupyter <{name}.ipynb>` (`pip install .[notebook]`)."
        if cell.printed:
            yield pages.code(cell.printed)
        if cell.picture:
            (folder / f"{name}-{number}.png").write_bytes(cell.picture)
            yield f"![Output of the cell]({name}-{number}.png)"


def write(folder: Path) -> None:
    """Run all notebooks; write their pages, pictures and Jupyter files.

    Args:
        folder: Where they go.
    """
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    for path in (FOLDER / f"{name}.py" for name in ORDER):
        cells = executed(path)
        pages.write(folder / f"{path.stem}.md", page(path.stem, cells, folder))
        (folder / f"{path.stem}.ipynb").write_text(jupyter(cells), encoding="utf-8")
    pages.write(
        folder / "index.md",
        (
            "# Notebooks",
            "Run when this site was built. Each can be opened in Jupyter from its page.",
            pages.contents(ORDER),
        ),
    )
