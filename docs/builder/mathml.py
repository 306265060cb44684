"""Formulas as MathML: drawn by the browser itself, without scripts, fonts or pictures to fetch."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

_log = logging.getLogger(__name__)


def mathml(text: str, *, block: bool) -> str:
    """Return a LaTeX formula as a ``<math>`` element.

    Raises:
        ValueError: The formula has a command that is not known.
    """
    # what LaTeX allows and the converter of docutils does not
    braced = re.sub(r"\\([dt]?frac)\s*(\d)\s*(\d)", r"\\\1{\2}{\3}", text.strip())
    if braced.startswith(("^", "_")):
        braced = "{}" + braced
    try:
        return tex2mathml(braced, as_block=block).strip()
    except (MathError, IndexError) as error:
        raise ValueError(f"formula '{text}' cannot be written as MathML: {error}") from error


def _written(node: nodes.Element, *, block: bool) -> str:
    text = node.astext()
    try:
        return mathml(text, block=block)
    except ValueError as error:
        _log.warning(str(error), location=node)
        return ""


def _inline(writer: Any, node: nodes.Element) -> None:
    writer.body.append(_written(node, block=False))
    raise nodes.SkipNode


def _display(writer: Any, node: nodes.Element) -> None:
    writer.body.append(f'<div class="displaymath">{_written(node, block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer "mathml"."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
