"""Architectures side by side to turn around and to charge: a window, a browser, a notebook.

from anodefem.compare.view import viewer
viewer(["out/bare-particle", "out/graphene-cage"], soc=0.5).plotter.show()
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv

from anodefem.compare import align, body, figures, render
from anodefem.compare.body import Shown
from anodefem.compare.fields import of, on_surfaces, scalars
from anodefem.compare.load import Run, load, words
from anodefem.compare.report import timeline
from anodefem.compare.scene import Scene, at
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from anodefem.registry import suggest

_PANEL = 460  # pixels across
_BELOW = 0.28  # height of the row with scales and slider over a panel's
#: Places along the path by which colour scales are found.
_SAMPLES = 4
_STEP = np.pi / 60


class Viewer:
    """Bodies in one plotter, at one place of the path that all of them are led along.

    Attributes:
        plotter: What draws them; ``plotter.show()`` opens it, in a notebook as well.
        fields: Fields that every run has.
        stops: Places of the path: every charge and discharge.
        stop: Number of the place that is shown.
        field: What colours the bodies.
        scenes: What is shown, one per run.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        *,
        field: str,
        soc: float | None,
        off_screen: bool | None,
        theme: Theme,
    ) -> None:
        """Draw the bodies; arguments as those of `viewer`.

        Args:
            runs: The runs.
            field: Name of the field that colours the bodies.
            soc: State of charge of the first charge to start with; the highest if left out.
            off_screen: Whether to draw without a window; PyVista decides if left out.
            theme: Look of the figure.
        """
        self._runs, self._theme = runs, theme
        self._hosts = {run.title: _hosts(run) for run in runs}
        self.stops = timeline.stops(runs)
        self._passages = [timeline.passage(run, self.stops) for run in runs]
        self.fields = _common(runs)
        self._check_field(field)
        self._scales: dict[str, render.Scales] = {}
        self.stop, self.field = self._nearest(soc), field
        self.scenes: list[Scene] = []

        self._rows = -(-len(runs) // 4)
        self._columns = -(-len(runs) // self._rows)
        with render.quiet():
            self.plotter = pv.Plotter(
                shape=(self._rows + 1, self._columns),
                row_weights=[*[1.0] * self._rows, _BELOW],
                groups=[(self._rows, slice(None))],
                window_size=[
                    max(2, self._columns) * _PANEL,
                    round((self._rows + _BELOW) * _PANEL),
                ],
                off_screen=off_screen,
                lighting="none",
                border=False,
            )
            self.plotter.set_background("white")
        largest = [self._at(run, passage, self._top) for run, passage in self._pairs()]
        self._frames = figures.frames_of(largest)
        self.show(aim=True)

    @property
    def _top(self) -> int:
        return int(np.argmax([stop.soc for stop in self.stops]))

    def _nearest(self, soc: float | None) -> int:
        """Number of the place of the first charge that is nearest to a state of charge."""
        if soc is None:
            return self._top
        if not 0.0 <= soc <= 1.0:
            raise InputError(f"--soc {soc:g}: must be between 0 and 1.")
        charges = np.array([stop.soc for stop in self.stops if stop.lithiating and stop.cycle == 1])
        return int(np.abs(charges - soc).argmin())

    def _check_field(self, field: str) -> None:
        if field not in self.fields:
            raise InputError(
                f"--field {field}: not every run has such a field.{suggest(field, self.fields)}"
            )

    def _pairs(self) -> list[tuple[Run, timeline.Passage]]:
        return list(zip(self._runs, self._passages, strict=True))

    def _shown(self) -> Shown:
        if on_surfaces(self.field):
            return Shown(surface=self.field)
        return Shown(inside=self.field)

    def _at(self, run: Run, passage: timeline.Passage, stop: int) -> Scene:
        time = float(passage.time[stop])
        return at(run, time, self._hosts[run.title], shown=self._shown(), step=_STEP)

    def _scale(self) -> render.Scales:
        """Colour scales of a field, the same along the path."""
        if self.field not in self._scales:
            numbers = {self._top, *np.linspace(0, len(self.stops) - 1, _SAMPLES).astype(int)}
            scenes = [
                self._at(run, passage, int(number))
                for number in numbers
                for run, passage in self._pairs()
            ]
            self._scales[self.field] = figures.scales_of(scenes, spread="common", broken=False)
        return self._scales[self.field]

    def show(self, *, stop: int | None = None, field: str | None = None, aim: bool = False) -> None:
        """Draw another place of the path, or another field.

        Args:
            stop: Number of the place; the same if left out.
            field: Name of the field; the same if left out.
            aim: Look at the bodies as the figure does, instead of from where the reader is.

        Raises:
            InputError: There is no such field.
        """
        if field is not None:
            self._check_field(field)
            self.field = field
        if stop is not None:
            self.stop = min(max(stop, 0), len(self.stops) - 1)
        scales = self._scale()
        self.scenes = [self._at(run, passage, self.stop) for run, passage in self._pairs()]
        plotter, parts = self.plotter, figures.parts_of(self.scenes)
        with render.quiet():
            plotter.suppress_rendering = True
            for number, scene in enumerate(self.scenes):
                plotter.subplot(*divmod(number, self._columns))
                plotter.renderer.clear_actors()
                frame = self._frames[number]
                render.dress(plotter, scene, frame, scales=scales, theme=self._theme, parts=parts)
                self._caption(scene, held=bool(self._passages[number].held[self.stop]))
                if aim:
                    render.aim(plotter, scene, frame)
            self._legend(scales)
            plotter.suppress_rendering = False
            plotter.render()

    def _caption(self, scene: Scene, *, held: bool) -> None:
        grown = align.at_time(scene.run, scene.run.column("hull_volume_ratio"), scene.time)
        lines = [scene.run.title]
        if np.isfinite(grown):
            lines.append(f"hull x {grown:.2f}")
        if held:
            lines.append(f"stays at state of charge {scene.soc:.2f}")
        self.plotter.add_text(
            "\n".join(lines),
            position=(0.02, 0.9),
            viewport=True,
            font_size=9,
            color="black",
            name="caption",
        )

    def _legend(self, scales: render.Scales) -> None:
        plotter, theme, shown = self.plotter, self._theme, self._shown()
        plotter.subplot(self._rows, 0)
        plotter.renderer.clear_actors()
        for bar in list(plotter.scalar_bars.keys()):
            plotter.remove_scalar_bar(bar, render=False)
        inside = next(iter(scales.inside.values()))
        for place, (name, scale) in enumerate(
            ((shown.surface, scales.surface), (shown.inside, inside))
        ):
            ends = (scale.low, scale.high)
            # An invisible line carries the scale.
            line = pv.Line()
            line[name] = np.array(ends)
            plotter.add_mesh(
                line,
                scalars=name,
                clim=ends,
                cmap=theme.colormap(of(name).colours),
                opacity=0.0,
                scalar_bar_args={
                    "title": of(name).title(words(self._runs).species),
                    "position_x": 0.04 + 0.5 * place,
                    "position_y": 0.55,
                    "width": 0.42,
                    "height": 0.35,
                    "color": "black",
                    "title_font_size": 14,
                    "label_font_size": 12,
                    "n_labels": 2,
                    "fmt": "%.3g",
                },
            )
        plotter.add_text(self.where, position=(0.02, 0.02), viewport=True, font_size=9,
                         color="black", name="where")  # fmt: skip

    @property
    def where(self) -> str:
        """The place of the path in words."""
        stop = self.stops[self.stop]
        stretch = "charge" if stop.lithiating else "discharge"
        if self.stops[-1].cycle > 1:
            stretch += f" of cycle {stop.cycle}"
        return f"state of charge {stop.soc:.2f} ({stretch})"

    def add_controls(self) -> Any:
        """Add a slider along the way and one over the fields, for a window; return the first."""
        plotter = self.plotter
        plotter.subplot(self._rows, 0)
        along = plotter.add_slider_widget(
            lambda value: self.show(stop=round(value)),
            (0, len(self.stops) - 1),
            value=self.stop,
            pointa=(0.25, 0.22),
            pointb=(0.62, 0.22),
            title="along charge and discharge",
            color="black",
            style="modern",
            fmt="%.0f",
            title_height=0.08,
            interaction_event="end",
        )
        plotter.add_text_slider_widget(
            lambda name: self.show(field=name),
            list(self.fields),
            value=self.fields.index(self.field),
            pointa=(0.7, 0.22),
            pointb=(0.96, 0.22),
            color="black",
            style="modern",
            interaction_event="end",
        )
        return along


def viewer(
    folders: Sequence[str | Path],
    *,
    field: str = "von_mises",
    soc: float | None = None,
    off_screen: bool | None = None,
    theme: Theme | None = None,
) -> Viewer:
    """Return the bodies of runs in a plotter, as the figure of `compare` shows them.

    Args:
        folders: Output folders of runs.
        field: Name of a scalar field of the files; those of the SEI colour surfaces, the others
            what is inside.
        soc: State of charge of the first charge to start with; the highest if left out.
        off_screen: Whether to draw without a window; PyVista decides if left out.
        theme: Colours and lines.

    Raises:
        InputError: A folder is not a run with fields, or a run has no such field.
    """
    runs = load([Path(folder) for folder in folders])
    return Viewer(runs, field=field, soc=soc, off_screen=off_screen, theme=theme or Theme())


def _hosts(run: Run) -> list[str]:
    index, _ = align.nearest_state(run, float(run.column("soc").max()))
    return body.hosts(run, run.state(index))


def _common(runs: Sequence[Run]) -> list[str]:
    """Return the fields that every run has; those of the SEI if any has one."""
    present = [scalars(run.state(0)) for run in runs]
    names = list(dict.fromkeys(name for each in present for name in each))
    return [name for name in names if on_surfaces(name) or all(name in each for each in present)]


def window(folders: Sequence[Path], *, field: str, soc: float | None) -> None:
    """Open a window and wait until it is closed.

    Args:
        folders: Output folders of runs.
        field: Name of the field that colours the bodies.
        soc: State of charge of the first charge to start with; the highest if left out.

    Raises:
        InputError: As `viewer`, or there is no screen.
    """
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        raise InputError(
            "there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): add --web to "
            "look in a browser, or use 'anodefem compare', which needs none."
        )
    found = viewer(folders, field=field, soc=soc, off_screen=False)
    found.add_controls()
    found.plotter.show(title="anodefem")


def web(folders: Sequence[Path], *, field: str, soc: float | None, port: int) -> None:
    """Serve the bodies to a browser until interrupted.

    Args:
        folders: Output folders of runs.
        field: Name of the field that colours the bodies.
        soc: State of charge of the first charge to start with; the highest if left out.
        port: Port of the page.

    Raises:
        InputError: As `viewer`.
    """
    server = application(viewer(folders, field=field, soc=soc, off_screen=True))
    server.start(port=port, open_browser=False, show_connection_info=True)


def application(found: Viewer) -> Any:
    """Return the trame server of a page with the bodies, a slider and a choice of fields."""
    from trame.app import get_server
    from trame.ui.vuetify3 import SinglePageLayout
    from trame.widgets import vtk as vtk_widgets
    from trame.widgets import vuetify3

    server: Any = get_server(f"anodefem-{id(found)}", client_type="vue3")
    state, controller = server.state, server.controller
    state.trame__title = "anodefem"

    @state.change("stop", "field")  # type: ignore[untyped-decorator,unused-ignore]
    def changed(stop: float, field: str, **_: object) -> None:
        if (round(stop), field) != (found.stop, found.field):
            found.show(stop=round(stop), field=field)
            controller.update()
        state.where = found.where

    with SinglePageLayout(server) as page:
        page.title.set_text("anodefem")
        with page.toolbar:
            vuetify3.VSlider(
                v_model=("stop", found.stop),
                min=0,
                max=len(found.stops) - 1,
                step=1,
                label=("where", found.where),
                hide_details=True,
                classes="mx-4",
            )
            vuetify3.VSelect(
                v_model=("field", found.field),
                items=("fields", found.fields),
                hide_details=True,
                density="compact",
                style="max-width: 260px",
            )
        with page.content:
            screen = vtk_widgets.VtkRemoteView(found.plotter.render_window, interactive_ratio=1)
            controller.update = screen.update
    return server
