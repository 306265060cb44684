"""The figure of architectures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Text

from anodefem.compare import align, fields, legend, render
from anodefem.compare.body import Shown
from anodefem.compare.load import Run
from anodefem.compare.scene import Scene, at, build
from anodefem.compare.theme import Theme

#: Bodies are drawn to one scale unless the largest is more than this many times the smallest.
SAME_SCALE = 2.0
#: Whether bodies share one colour scale inside or have each its own: that, or as it suits.
SPREADS = ("auto", "common", "own")
#: SEI strain below which its value is not worth reading.
_NO_STRAIN = 1e-3
_LINE, _GAP = 0.135, 0.1  # heights of a line of text and around text [inch]
_BAR = 0.4  # length of a colour bar over the figure's width


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The figure with what changes in it from state to state.

    Attributes:
        figure: All of it.
        frames: What each panel shows.
        parts: Names of all the parts that have a colour of their own.
        pixels: Width and height of a panel's picture.
        images: The panels' pictures.
        captions: The lines below the panels.
        remark: The last line.
    """

    figure: Figure
    frames: Sequence[render.Frame]
    parts: tuple[str, ...]
    pixels: tuple[int, int]
    images: Sequence[AxesImage]
    captions: Sequence[Text]
    remark: Text


def figure(
    runs: Sequence[Run],
    hosts: Mapping[str, Sequence[str]],
    *,
    theme: Theme,
    shown: Shown | None = None,
    spread: str = "auto",
    times: Sequence[float] | None = None,
) -> Figure:
    """Return one panel per run.

    Args:
        runs: What is drawn, in the order of the panels.
        hosts: Title of a run -> its host regions.
        theme: Look of the figure.
        shown: Fields that colour the bodies.
        spread: One of `SPREADS`.
        times: Time [s] of each panel, fields linear between stored states; None for the stored
            state at the highest state of charge that all of the runs reached.
    """
    if times is None:
        soc = align.common_soc(runs)
        scenes = [build(run, soc, hosts[run.title], shown=shown) for run in runs]
    else:
        scenes = [
            at(run, time, hosts[run.title], shown=shown)
            for run, time in zip(runs, times, strict=True)
        ]
    scales = scales_of(scenes, spread=spread)
    drawn = sheet(scenes, scales, theme=theme)
    with render.Canvas(theme=theme, parts=drawn.parts, pixels=drawn.pixels) as canvas:
        for scene, frame, image in zip(scenes, drawn.frames, drawn.images, strict=True):
            image.set_data(canvas.picture(scene, frame, scales=scales))
    return drawn.figure


def scales_of(
    scenes: Sequence[Scene], *, spread: str = "auto", broken: bool = True
) -> render.Scales:
    """Return colour scales that suit several scenes of the same fields, of each run its highest.

    Args:
        scenes: One or more scenes of every run.
        spread: One of `SPREADS`.
        broken: Whether the scale of SEI strain may be broken at the limit.
    """
    shown = scenes[0].shown
    surface, inside = fields.of(shown.surface), fields.of(shown.inside)

    limits = [scene.run.sei("fracture_strain") for scene in scenes]
    films = [scene.values("sei", shown.surface) for scene in scenes]
    values: dict[str, list[npt.NDArray[np.float64]]] = {}
    for scene in scenes:
        values.setdefault(scene.run.title, []).append(scene.inside())
    own = {title: fields.scale(inside, many) for title, many in values.items()}
    if spread == "common" or (spread == "auto" and not fields.apart(inside, own.values())):
        common = fields.scale(inside, [one for many in values.values() for one in many])
        own = dict.fromkeys(own, common)
    return render.Scales(
        surface=fields.scale(surface, films, limits=limits, broken=broken), inside=own
    )


def parts_of(scenes: Sequence[Scene]) -> tuple[str, ...]:
    """Return the names of all the parts that have a colour of their own."""
    return tuple(
        sorted({layer.region for scene in scenes for layer in scene.layers if _own(layer.kind)})
    )


def sheet(scenes: Sequence[Scene], scales: render.Scales, *, theme: Theme) -> Sheet:
    """Return the figure of some scenes, with everything but the pictures.

    Args:
        scenes: What the panels show, one per run.
        scales: Colour scales.
        theme: Look of the figure.
    """
    frames = frames_of(scenes)
    parts = parts_of(scenes)
    rows = -(-len(scenes) // 4)
    columns = max(2, -(-len(scenes) // rows))
    wide = theme.width / columns
    tall = wide * frames[0].height / frames[0].width
    pixels = int(np.ceil(wide * theme.dpi))
    shape = (pixels, round(pixels * frames[0].height / frames[0].width))
    together = float(np.ptp([scene.soc for scene in scenes])) <= legend.SHOWN_SOC
    texts = [
        _texts(
            number,
            scene,
            with_soc=not together,
            width=72 * 0.97 * wide,
            theme=theme,
            own=None if scales.common else scales.inside[scene.run.title],
        )
        for number, scene in enumerate(scenes)
    ]
    above, below = (_LINE * max(len(text[i]) for text in texts) + _GAP for i in (0, 1))
    height = rows * (above + tall + below) + legend.height([scene.run for scene in scenes])
    result = Figure(figsize=(theme.width, height))
    images, captions = [], []
    for number, frame in enumerate(frames):
        row, column = divmod(number, columns)
        in_row = min(columns, len(scenes) - row * columns)
        left = (column + (columns - in_row) / 2) * wide
        bottom = height - (row + 1) * (above + tall + below) + below
        axes = result.add_axes(
            (left / theme.width, bottom / height, wide / theme.width, tall / height)
        )
        blank = np.full((shape[1], shape[0], 3), 255, dtype=np.uint8)
        images.append(axes.imshow(blank, interpolation="lanczos", aspect="auto"))
        axes.set_axis_off()
        scale_bar(axes, frame, theme)
        captions.append(_write(axes, texts[number], tall, theme))
    remark = legend.draw(result, scenes, frames, scales, theme=theme, parts=parts)
    return Sheet(
        figure=result,
        frames=frames,
        parts=parts,
        pixels=shape,
        images=images,
        captions=captions,
        remark=remark,
    )


def caption(
    scene: Scene,
    *,
    with_soc: bool,
    width: float,
    theme: Theme,
    own: fields.Scale | None = None,
) -> list[str]:
    """Return the lines below a panel.

    Args:
        scene: What the panel shows.
        with_soc: Whether to say the state of charge.
        width: Of the lines at most [pt].
        theme: Look of the figure.
        own: Scale that the panel has for itself.
    """
    pieces = []
    for text, name in (
        ("SEI strain ≤ {:.3g}", "sei_strain_max"),
        ("hull \N{MULTIPLICATION SIGN} {:.2f}", "hull_volume_ratio"),
        ("{:.0f} Ah/L", "volumetric_capacity"),
    ):
        value = align.at_time(scene.run, scene.run.column(name), scene.time)
        if np.isfinite(value):
            small = name == "sei_strain_max" and value < _NO_STRAIN
            pieces.append(f"SEI strain < {_NO_STRAIN:g}" if small else text.format(value))
    if with_soc:
        pieces.append(f"SOC {scene.soc:.2f}")
    lines = wrapped(pieces, "  ·  ", width, size=theme.font_size - 1.5)
    if own is not None:
        unit = fields.of(scene.shown.inside, scene.run.info.get("fields")).unit
        lines.append(f"colours end at {own.high:.3g} {unit}".strip())
    return lines


def frames_of(scenes: Sequence[Scene]) -> list[render.Frame]:
    """Return frames of one shape, and of one scale if the bodies' sizes allow it."""
    own = [render.frame(scene) for scene in scenes]
    widths = [frame.width for frame in own]
    size = [max(frame.width, frame.height) for frame in own]
    if max(size) <= SAME_SCALE * min(size):
        widths = [max(widths)] * len(own)
    shape = min(1.0, max(frame.height / width for frame, width in zip(own, widths, strict=True)))
    wide = [max(width, frame.height / shape) for frame, width in zip(own, widths, strict=True)]
    if len(set(widths)) == 1:
        wide = [max(wide)] * len(own)
    return [
        render.Frame(focus=frame.focus, width=width, height=shape * width)
        for frame, width in zip(own, wide, strict=True)
    ]


def _own(kind: str) -> bool:
    """Whether a layer of this kind is drawn in its region's own colour."""
    return kind in ("face", "part", "shell", "rim")


def scale_bar(axes: Axes, frame: render.Frame, theme: Theme) -> None:
    """Draw a bar of a round length, at most a quarter of the panel.

    Args:
        axes: Axes of a panel.
        frame: What the panel shows.
        theme: Look of the figure.
    """
    wanted = 0.5 * frame.width
    digit = 10.0 ** np.floor(np.log10(wanted))
    length = max(s * digit for s in (1, 2, 5) if s * digit <= wanted)
    text = f"{length:g} µm" if length >= 1 else f"{1000 * length:g} nm"
    left, width = 0.04, length / (2 * frame.width)
    axes.add_line(
        Line2D(
            [left, left + width],
            [0.0, 0.0],
            color="black",
            lw=1.6,
            solid_capstyle="butt",
            transform=axes.transAxes,
            clip_on=False,
        )
    )
    axes.text(
        left + width / 2,
        0.01,
        text,
        transform=axes.transAxes,
        ha="center",
        va="bottom",
        fontsize=theme.font_size - 1,
    )


def _texts(
    number: int,
    scene: Scene,
    *,
    with_soc: bool,
    width: float,
    theme: Theme,
    own: fields.Scale | None,
) -> tuple[list[str], list[str]]:
    """Return the lines of a panel's title and caption; arguments as those of `caption`.

    Args:
        number: Number of the panel, from 0.
        scene: What it shows.
        with_soc: Whether the caption says the state of charge.
        width: Of the lines at most [pt].
        theme: Look of the figure.
        own: Colour scale that the panel has for itself.
    """
    title = f"({chr(97 + number)}) {scene.run.title}".split(" ")
    return (
        wrapped(title, " ", width, size=theme.font_size),
        caption(scene, with_soc=with_soc, width=width, theme=theme, own=own),
    )


def _write(axes: Axes, texts: tuple[list[str], list[str]], tall: float, theme: Theme) -> Text:
    """Write title and caption above and below a panel ``tall`` inches high; return the caption.

    Args:
        axes: Axes of the panel.
        texts: Lines of its title and of its caption.
        tall: Height of the panel [inch].
        theme: Look of the figure.
    """
    title, caption = ("\n".join(lines) for lines in texts)
    for text, height, side, size, colour in (
        (title, 1 + 0.03 / tall, "bottom", theme.font_size, "black"),
        (caption, -0.06 / tall, "top", theme.font_size - 1.5, "0.25"),
    ):
        written = axes.text(
            0.5,
            height,
            text,
            transform=axes.transAxes,
            ha="center",
            va=side,
            fontsize=size,
            color=colour,
        )
    return written


def wrapped(pieces: Sequence[str], joint: str, width: float, *, size: float) -> list[str]:
    """Join pieces of text to one line, or two of like length, of at most ``width`` [pt].

    What is too long even then ends in dots.

    Args:
        pieces: Pieces between which a line may end.
        joint: What stands between two pieces in a line.
        width: Of a line at most [pt].
        size: Of the letters [pt].
    """

    def long(text: str) -> float:
        return legend.width_of(text, size) if text else 0.0

    lines = [joint.join(pieces)]
    if long(lines[0]) > width:
        splits = [
            [joint.join(pieces[:cut]), joint.join(pieces[cut:])] for cut in range(1, len(pieces))
        ]
        lines = min(splits, key=lambda split: max(map(long, split)), default=lines)
    for i, line in enumerate(lines):
        while long(line) > width:
            line = line.rstrip("…")[:-1] + "…"
        lines[i] = line
    return lines
