"""One page of a catalogue: pictures, numbers, verdicts, quality of the cards, references."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

from anodefem.catalogue.results import VERDICTS, Ended, Outcome, published
from anodefem.catalogue.row import KINDS, Value
from anodefem.compare import figures, hosts_of
from anodefem.compare.errors import MEANING, text
from anodefem.compare.theme import Theme
from anodefem.errors import InputError

_DPI = 110
_HEADS = "<th>quantity<th>published<th>computed<th>verdict<th>kind"
_STYLE = Path(__file__).with_name("page.css")


def page(found: Sequence[Outcome], *, theme: Theme) -> str:
    """Return the page, in one file that loads nothing.

    Args:
        found: What came out of the rows.
        theme: Look of the pictures.
    """
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Catalogue</title>",
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>",
        "<h1>Catalogue</h1>",
        *_overview(found),
        *(part for outcome in found for part in _row(outcome, theme)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _overview(found: Sequence[Outcome]) -> Iterator[str]:
    """Yield what is true of all rows, and their table."""
    verdicts = Counter(o.verdict(value) for o in found for value in o.row.entry.values)
    counted = ", ".join(f"{verdicts[name]} {name}" for name in VERDICTS if verdicts[name])
    cases = sum(outcome.row.case is not None for outcome in found)
    yield (
        f"<p>{len(found)} systems, {cases} of them as cases. "
        f"{sum(verdicts.values())} numbers: {escape(counted or 'none')}.</p>"
    )
    yield f"<div class=wide><table><tr><th>row<th>system{_HEADS}</tr>"
    for outcome in found:
        row = outcome.row
        values = row.entry.values
        first = (
            f'<td rowspan="{max(1, len(values))}">{escape(row.numbers)}'
            f'<td rowspan="{max(1, len(values))}"><a href="#{escape(row.name)}">'
            f"{escape(row.entry.title)}</a>"
        )
        if not values:
            words = "computed, nothing to compare" if row.case else "no case"
            yield f'<tr>{first}<td colspan="5" class="dim">{words}</tr>'
        for number, value in enumerate(values):
            yield f"<tr>{'' if number else first}{_cells(outcome, value)}</tr>"
    yield "</table></div><details><summary>Words</summary><dl>"
    for word, meaning in (VERDICTS | dict(KINDS)).items():
        yield f"<dt>{word}<dd>{meaning}"
    yield f"<dt>±<dd>{escape(MEANING)}"
    yield "</dl></details>"


def _cells(outcome: Outcome, value: Value) -> str:
    number, verdict = outcome.number(value), outcome.verdict(value)
    unit = "" if value.unit == "-" else f" {escape(value.unit)}"
    shown = f"{text(f'{number:.4g}', outcome.error(value))}{unit}" if np.isfinite(number) else "-"
    known = published(value)
    return (
        f"<td>{escape(value.quantity)}<td class=number>{known + unit if known else '-'}"
        f'<td class=number>{shown}<td class="{verdict.replace(" ", "-")}">{verdict}'
        f"<td>{value.kind}"
    )


def _row(outcome: Outcome, theme: Theme) -> Iterator[str]:
    """Yield one section.

    Args:
        outcome: What came out of the row.
        theme: Look of its picture.
    """
    row, entry = outcome.row, outcome.row.entry
    yield f'<section id="{escape(row.name)}"><h2>{escape(row.numbers)} {escape(entry.title)}</h2>'
    yield f"<p>Published: {escape(entry.published)} <i>({escape(entry.reference)})</i></p>"
    try:
        if picture := _picture(outcome, theme):
            yield f'<img alt="{escape(entry.title)}" src="data:image/png;base64,{picture}">'
    except InputError as error:
        yield f"<p class=missing>No picture: {escape(str(error))}</p>"
    if entry.values:
        yield f"<div class=wide><table><tr>{_HEADS}</tr>"
        for value in entry.values:
            yield f"<tr>{_cells(outcome, value)}</tr>"
        yield "</table></div>"
        reasons: dict[str, list[str]] = {}
        for value in (value for value in entry.values if value.why):
            reasons.setdefault(value.why, []).append(value.quantity)
        for why, quantities in reasons.items():
            about = f"{quantities[0]}: " if len(quantities) == 1 else ""
            yield f"<p>{escape(about + why)}.</p>"
    if entry.missing:
        yield f"<p class=missing>Missing: {escape(entry.missing)}.</p>"
    for ended in outcome.ended.values():
        yield f"<p class=dim>{_how(ended)}</p>"
    if outcome.tags:
        counted = ", ".join(f"{count} {tag}" for tag, count in outcome.tags.most_common())
        yield f"<p class=dim>Numbers on the cards: {escape(counted)}.</p>"
    yield "</section>"


def _how(ended: Ended) -> str:
    """Return how a run ended."""
    words = [f"{escape(ended.variant)}: {escape(ended.status)}"]
    if ended.run is not None:
        words.append(f"highest state of charge {ended.run.column('soc').max():.3f}")
        words.append(f"{len(ended.run.metrics) - 1} steps")
    if np.isfinite(ended.wall_time):
        words.append(f"{ended.wall_time:.0f} s")
    if ended.reason:
        words.append(escape(ended.reason))
    warned = (ended.run.info.get("warnings") or []) if ended.run is not None else []
    return "; ".join(words) + "".join(f"<br>warning: {escape(str(each))}" for each in warned)


def _picture(outcome: Outcome, theme: Theme) -> str:
    """Return the bodies of a row side by side, as PNG in base 64; "" if there is none.

    Args:
        outcome: What came out of the row.
        theme: Look.
    """
    wanted = [outcome.ended[name] for name in outcome.row.shown if name in outcome.ended]
    runs = [ended.run for ended in wanted if ended.run is not None]
    if not runs:
        return ""
    file = io.BytesIO()
    with mpl.rc_context(theme.rc()):
        figures.figure(runs, hosts_of(runs), theme=theme).savefig(file, format="png", dpi=_DPI)
    small = io.BytesIO()
    with Image.open(file) as image:
        image.convert("RGB").quantize(128).save(small, format="PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()
