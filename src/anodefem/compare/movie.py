"""Swelling as a film: the figure of architectures along all cycles."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg

from anodefem.compare import align, figures, legend, render
from anodefem.compare.body import Shown
from anodefem.compare.load import Run, words
from anodefem.compare.report import timeline
from anodefem.compare.scene import Scene, at, build
from anodefem.compare.theme import Theme

#: Every so many stops of the report's path make a picture: steps of 0.04 in state of charge.
_EVERY = 2
#: Pictures by which the colour scales are found.
_SAMPLES = 7
_RATE = 12  # pictures per second
_PAUSE = 9  # pictures for which the first, the highest and the last state stand still
_DPI = 150
_GIF_WIDTH = 810
#: Angle between the meridians of a revolved body [rad]: fine enough for a panel of a film.
_STEP = np.pi / 60

Picture = npt.NDArray[np.uint8]


def write(
    runs: Sequence[Run],
    hosts: Mapping[str, Sequence[str]],
    folder: Path,
    *,
    theme: Theme,
    shown: Shown | None = None,
    spread: str = "auto",
) -> None:
    """Write "swelling.mp4" (H.264) and "swelling.gif", by the program ffmpeg.

    All runs stand at the same state of charge in a picture; a run that did not get there keeps its
    last one, and its panel says which. Fields are linear between stored states. Views and colour
    scales are the same in all pictures.

    Args:
        runs: The runs.
        hosts: Regions that swell, by the title of their run.
        folder: Where to write.
        theme: Look of the figure; its resolution is replaced.
        shown: Which fields colour the bodies.
        spread: One of `figures.SPREADS`.
    """
    theme = replace(theme, dpi=min(theme.dpi, _DPI))
    with mpl.rc_context(theme.rc()):
        pictures = [*_pictures(runs, hosts, theme, shown, spread)]
    stops = [*_stops(runs)]
    top = int(np.argmax([stop.soc for stop in stops]))
    repeats = [_PAUSE if number in (0, top, len(stops) - 1) else 1 for number in range(len(stops))]
    _mp4(folder / "swelling.mp4", pictures, repeats)
    _gif(folder / "swelling.gif", folder / "swelling.mp4")


def _stops(runs: Sequence[Run]) -> list[timeline.Stop]:
    """Every other stop, with the first, the highest and the last among them."""
    path = timeline.stops(runs)
    top = int(np.argmax([stop.soc for stop in path]))
    kept = {0, top, len(path) - 1, *range(top % _EVERY, len(path), _EVERY)}
    return [path[number] for number in sorted(kept)]


def _pictures(
    runs: Sequence[Run],
    hosts: Mapping[str, Sequence[str]],
    theme: Theme,
    shown: Shown | None,
    spread: str,
) -> Iterator[Picture]:
    stops, said = _stops(runs), words(runs)
    passages = [timeline.passage(run, stops) for run in runs]

    def scenes(number: int) -> list[Scene]:
        return [
            at(run, float(one.time[number]), hosts[run.title], shown=shown, step=_STEP)
            for run, one in zip(runs, passages, strict=True)
        ]

    soc = align.common_soc(runs)
    largest = [build(run, soc, hosts[run.title], shown=shown) for run in runs]
    samples = np.linspace(0, len(stops) - 1, _SAMPLES).round().astype(int)
    sampled = [scene for number in samples for scene in scenes(int(number))]
    scales = figures.scales_of([*largest, *sampled], spread=spread)
    sheet = figures.sheet(largest, scales, theme=theme)
    screen = FigureCanvasAgg(sheet.figure)
    width = 72.0 * 0.97 * sheet.pixels[0] / theme.dpi
    with render.Canvas(theme=theme, parts=sheet.parts, pixels=sheet.pixels) as canvas:
        for number, stop in enumerate(stops):
            for place, scene in enumerate(scenes(number)):
                frame = sheet.frames[place]
                sheet.images[place].set_data(canvas.picture(scene, frame, scales=scales))
                held = bool(passages[place].held[number])
                own = None if scales.common else scales.inside[scene.run.title]
                lines = figures.caption(scene, with_soc=held, width=width, theme=theme, own=own)
                sheet.captions[place].set_text("\n".join(lines))
            when = f"{said.inwards if stop.lithiating else said.outwards}, ".capitalize()
            when += f"state of charge {stop.soc:.2f}"
            if stops[-1].cycle > 1:
                when = f"Cycle {stop.cycle}: {when[0].lower()}{when[1:]}"
            sheet.remark.set_text(legend.remark(when, largest, sheet.frames))
            screen.draw()
            yield _even(np.asarray(screen.buffer_rgba())[..., :3].copy())


def _even(picture: Picture) -> Picture:
    """Add a white line where H.264 asks for an even number of pixels."""
    high, wide, _ = picture.shape
    return np.pad(picture, ((0, high % 2), (0, wide % 2), (0, 0)), constant_values=255)


def _mp4(path: Path, pictures: Sequence[Picture], repeats: Sequence[int]) -> None:
    high, wide, _ = pictures[0].shape
    writer = imageio_ffmpeg.write_frames(
        str(path),
        (wide, high),
        fps=_RATE,
        codec="libx264",
        macro_block_size=2,
        ffmpeg_log_level="error",
        output_params=["-crf", "20", "-movflags", "+faststart"],
    )
    writer.send(None)
    for picture, count in zip(pictures, repeats, strict=True):
        for _ in range(count):
            writer.send(np.ascontiguousarray(picture))
    writer.close()


def _gif(path: Path, film: Path) -> None:
    """Make a GIF of a film, with one palette for all of it.

    Args:
        path: GIF file to write.
        film: MP4 file to read.
    """
    filters = (
        f"scale='min({_GIF_WIDTH},iw)':-2:flags=lanczos,split[film][again];"
        "[again]palettegen=stats_mode=full[palette];"
        "[film][palette]paletteuse=dither=sierra2_4a:diff_mode=rectangle"
    )
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", str(film)]
    subprocess.run([*command, "-filter_complex", filters, str(path)], check=True)
