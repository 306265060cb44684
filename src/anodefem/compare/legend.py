"""The legend of the figure of architectures: colour scales, marks, names of colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from anodefem.compare import render
from anodefem.compare.fields import Field, Scale, of
from anodefem.compare.load import Run, words
from anodefem.compare.scene import Scene
from anodefem.compare.theme import Theme

#: States of charge that differ by more than this are given one by one, in the captions.
SHOWN_SOC = 0.005

_HEIGHT, _ROW, _BAR_HEIGHT = 1.05, 0.13, 0.1  # of legend, row of marks, colour bar [inch]
_BAR_WIDTH = 0.4  # of a colour bar, over the figure's
_HANDLE = 5.0  # width of line and gaps beside a name, over the size of the letters
_WORDS = ("yields", "breaks")


def height(runs: Sequence[Run]) -> float:
    """Return the height that the legend needs [inch]."""
    return _HEIGHT + _ROW * max(len(_recipes(runs)) - 1, 0)


def draw(
    result: Figure,
    scenes: Sequence[Scene],
    frames: Sequence[render.Frame],
    scales: render.Scales,
    *,
    theme: Theme,
    parts: tuple[str, ...],
) -> Text:
    """Draw the colour scales, name everything else that has a colour; return the last line.

    Args:
        result: Figure that gets the legend at its foot.
        scenes: What its panels show.
        frames: The cut-out of each panel.
        scales: Colour scales.
        theme: Look of the figure.
        parts: Names of all the parts that have a colour of their own.
    """
    wide, high = result.get_size_inches()
    shown, said = scenes[0].shown, words([scene.run for scene in scenes])
    units = scenes[0].run.info.get("fields")
    strains = np.concatenate([scene.values("sei", shown.surface) for scene in scenes])
    if strains.size:
        over = bool((strains > scales.surface.high).any())
        axes = _bar(result, 0.07, scales.surface, of(shown.surface, units), over=over, theme=theme)
        if shown.surface == "sei_strain":
            runs = [scene.run for scene in scenes]
            _marks(axes, runs, scales.surface, width=72 * _BAR_WIDTH * wide, theme=theme)
    over = any((scene.inside() > scales.inside[scene.run.title].high).any() for scene in scenes)
    inside = next(iter(scales.inside.values()))
    _bar(
        result,
        0.53,
        inside,
        of(shown.inside, units),
        over=over,
        theme=theme,
        common=scales.common,
        species=said.species,
    )

    entries: list[Patch | Line2D] = [
        Patch(facecolor=theme.region(name, parts), edgecolor=theme.line, lw=0.5, label=name)
        for name in parts
    ]
    entries.append(
        Line2D([], [], color=theme.initial, lw=1.0, label=f"outline before {said.inwards}")
    )
    if (strains < 0).any():
        entries.append(Patch(facecolor=theme.compressed, label="SEI compressed"))
    result.legend(
        handles=entries,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.13 / high),
        ncols=len(entries),
        handlelength=1.2,
        columnspacing=1.4,
        borderaxespad=0.1,
    )
    charges = [scene.soc for scene in scenes]
    about = "about " if float(np.ptp(charges)) > SHOWN_SOC else ""
    text = remark(f"At state of charge {about}{np.mean(charges):.2f}", scenes, frames)
    return result.text(0.5, 0.05 / high, text, ha="center", fontsize=theme.font_size - 0.5)


def _bar(
    result: Figure,
    left: float,
    scale: Scale,
    field: Field,
    *,
    over: bool,
    theme: Theme,
    common: bool = True,
    species: str = "lithium",
) -> Axes:
    """Draw a colour bar; if panels have each their own scale, over the upper end of each.

    Args:
        result: The figure.
        left: Left end over the figure's width.
        scale: The scale; of any panel if they differ.
        field: What it is of.
        over: Whether there are values beyond its end.
        theme: Look of the figure.
        common: Whether all panels have this scale.
        species: What is stored.
    """
    high = result.get_size_inches()[1]
    axes = result.add_axes((left, 0.65 / high, _BAR_WIDTH, _BAR_HEIGHT / high))
    title = field.title(species) + ("" if common else ", each to its end")
    bar = result.colorbar(
        ScalarMappable(Normalize(0.0, 1.0), theme.colormap(field.colours)),
        cax=axes,
        orientation="horizontal",
        extend="max" if over else "neither",
        label=title,
    )
    ticks = scale.ticks() if common else [scale.low, scale.high]
    labels = [f"{value:.4g}" for value in ticks]
    if not common:
        labels = ["0" if scale.low == 0 else "\N{MINUS SIGN}end", "end"]
    bar.set_ticks(list(scale.unit(ticks)), labels=labels)
    axes.xaxis.labelpad = 1
    return axes


def remark(when: str, scenes: Sequence[Scene], frames: Sequence[render.Frame]) -> str:
    """Return the last line of the figure.

    Args:
        when: State that is shown, in words.
        scenes: What the panels show.
        frames: The cut-out of each panel.
    """
    remark = f"{when}, void not drawn"
    shortened = sorted({name for scene in scenes for name in scene.shortened})
    if shortened:
        remark += f", {' and '.join(shortened)} cut short"
    if len({frame.width for frame in frames}) > 1:
        remark += "; scales differ between panels"
    return remark


def _recipes(runs: Sequence[Run]) -> list[tuple[str, float, float]]:
    """Return name, yield strain and fracture strain of each SEI recipe, in the runs' order."""
    found = [
        (
            str((run.info.get("sei") or {}).get("recipe", "")),
            run.sei("yield_stretch"),
            run.sei("fracture_strain"),
        )
        for run in runs
    ]
    known = [entry for entry in found if np.isfinite(entry[1:]).any()]
    return list(dict.fromkeys(known))


def _marks(axes: Axes, runs: Sequence[Run], scale: Scale, *, width: float, theme: Theme) -> None:
    """Mark the recipes' yield and fracture strains on a strain scale.

    Args:
        axes: Axes of its colour bar.
        runs: Runs whose recipes are marked.
        scale: The scale.
        width: Width of the colour bar [pt].
        theme: Look of the figure.
    """
    size = theme.font_size - 1.5
    recipes = _recipes(runs)
    for row, (name, *limits) in enumerate(recipes):
        foot = 1.7 + row * _ROW / _BAR_HEIGHT
        prefix = f"{name} " if len(recipes) > 1 else ""
        texts = [f"{prefix}{word} {value:g}" for word, value in zip(_WORDS, limits, strict=True)]
        end = -np.inf
        for value, text in sorted(zip(limits, texts, strict=True)):
            if not np.isfinite(value):
                continue
            place = float(scale.unit(value))
            label = text if place <= 1.0 else f"{text} →"
            if place <= 1.0:
                axes.plot([place, place], [0, foot - 0.1], "k-", lw=0.9, clip_on=False)
            length = width_of(label, size)
            # labels of near values stand beside each other instead of on one another
            middle = width * min(place, 1.0)
            left = max(end + 6, min(middle - length / 2, width - length))
            end = left + length
            axes.text(
                left / width,
                foot,
                label,
                transform=axes.transAxes,
                fontsize=size,
                va="bottom",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )


def of_runs(names: Sequence[str], *, width: float, size: float) -> tuple[int, list[str]]:
    """Return in how many columns a legend names runs, two or one, and the names as they fit in it.

    What is too long even then loses its middle: runs of one title differ at the end.

    Args:
        names: Of the runs.
        width: Of the legend at most [pt].
        size: Of the letters [pt].
    """
    aside = _HANDLE * size
    columns = 2 if max(width_of(name, size) for name in names) <= width / 2 - aside else 1
    fitting = []
    for name in names:
        kept, text = len(name), name
        while width_of(text, size) > width / columns - aside:
            kept -= 1
            text = f"{name[: kept // 3].rstrip()}…{name[len(name) - kept + kept // 3 :].lstrip()}"
        fitting.append(text)
    return columns, fitting


def width_of(text: str, size: float) -> float:
    """Return the width of a line of text [pt].

    Args:
        text: One line.
        size: Of the letters [pt].
    """
    path = TextPath((0, 0), text, size=size)
    # points of letters: exact extents of their curves take ten times as long, and are the same
    x = path.vertices[path.codes != Path.CLOSEPOLY, 0]
    return float(np.ptp(x)) if x.size else 0.0
