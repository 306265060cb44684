"""Scenes to pictures, off screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyvista as pv
from matplotlib.colors import to_rgb
from vtkmodules.vtkCommonCore import vtkLogger

from anodefem.compare.fields import Scale, of
from anodefem.compare.scene import Layer, Scene
from anodefem.compare.theme import Theme

#: Pixels are rendered this much finer along each edge than they are returned.
OVERSAMPLING = 2
_PLACE = "place on the scale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a picture shows: a rectangle of the plane across the view.

    Attributes:
        focus: Point at the middle of the picture [um], shape (3,).
        width: Half the width of the picture [um].
        height: Half its height [um].
    """

    focus: npt.NDArray[np.float64]
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """Colour scales of a figure.

    Attributes:
        surface: Of what is on surfaces with SEI, the same for all bodies.
        inside: Title of a run -> that of what is inside.
    """

    surface: Scale
    inside: Mapping[str, Scale]

    @property
    def common(self) -> bool:
        """Whether all bodies have one scale inside."""
        return len(set(self.inside.values())) <= 1


def frame(scene: Scene, *, margin: float = 0.03) -> Frame:
    """Return the smallest frame that holds the scene, and a margin.

    Args:
        scene: What is drawn.
        margin: Empty border, over the larger edge of the scene.
    """
    right, up = _across(scene)
    points = scene.points()
    across = np.column_stack([points @ right, points @ up, points @ scene.view])
    low, high = across.min(axis=0), across.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2
    edge = 2 * margin * max(half[:2])
    return Frame(
        focus=middle[0] * right + middle[1] * up + middle[2] * scene.view,
        width=float(half[0] + edge),
        height=float(half[1] + edge),
    )


class Canvas:
    """Renders scenes one after the other, all of one size; a context manager.

    Opening a plotter takes longer than drawing a body: pictures of one size share one.
    """

    def __init__(self, *, theme: Theme, parts: tuple[str, ...], pixels: tuple[int, int]) -> None:
        """Open a plotter off screen.

        Args:
            theme: Colours and lines.
            parts: Names of all the parts of the figure, so that each has its own colour.
            pixels: Width and height of the pictures.
        """
        self._theme, self._parts, self._pixels = theme, parts, pixels
        with quiet():
            self._plotter = pv.Plotter(
                off_screen=True,
                window_size=[OVERSAMPLING * edge for edge in pixels],
                lighting="none",
            )
            self._plotter.set_background("white")

    def __enter__(self) -> Canvas:
        return self

    def __exit__(self, *_: object) -> None:
        self._plotter.close()

    def picture(self, scene: Scene, view: Frame, *, scales: Scales) -> npt.NDArray[np.uint8]:
        """Render a scene; shape (pixels high, pixels wide, 3).

        Args:
            scene: What to draw.
            view: What of it to show.
            scales: Colour scales.
        """
        with quiet():
            # every change after the first picture would be rendered by itself
            self._plotter.suppress_rendering = True
            self._plotter.clear_actors()
            dress(
                self._plotter,
                scene,
                view,
                scales=scales,
                theme=self._theme,
                parts=self._parts,
                oversampling=OVERSAMPLING,
            )
            aim(self._plotter, scene, view)
            self._plotter.suppress_rendering = False
            self._plotter.render()
            image = np.asarray(self._plotter.screenshot(return_img=True))[..., :3]
        image = _contoured(image, self._theme)
        wide, high = self._pixels
        blocks = image.reshape(high, OVERSAMPLING, wide, OVERSAMPLING, 3)
        return blocks.mean(axis=(1, 3)).round().astype(np.uint8)


def dress(
    plotter: pv.Plotter,
    scene: Scene,
    view: Frame,
    *,
    scales: Scales,
    theme: Theme,
    parts: tuple[str, ...],
    oversampling: int = 1,
) -> None:
    """Put a scene with its light into the active renderer of a plotter.

    Args:
        plotter: Any plotter, on screen or off.
        scene: What to draw.
        view: What of it to show.
        scales: Colour scales.
        theme: Colours and lines.
        parts: Names of all the parts of the figure, so that each has its own colour.
        oversampling: Pixels that are drawn along each edge of a pixel that is seen.
    """
    plotter.remove_all_lights()
    _light(plotter, scene)
    for layer in scene.layers:
        _add(plotter, layer, scene, view, scales, theme, parts, oversampling)


def aim(plotter: pv.Plotter, scene: Scene, view: Frame) -> None:
    """Let the active renderer of a plotter look at a scene as the figure does.

    Args:
        plotter: Any plotter.
        scene: What is drawn.
        view: What of the scene is shown.
    """
    # with multisampling, some drivers peel every translucent surface away
    plotter.render_window.SetMultiSamples(0)
    plotter.enable_depth_peeling(6)
    plotter.enable_parallel_projection()
    away = view.focus + 20 * view.width * scene.view
    plotter.camera_position = [tuple(away), tuple(view.focus), (0.0, 0.0, 1.0)]
    plotter.camera.parallel_scale = view.height
    plotter.renderer.ResetCameraClippingRange()


def _across(scene: Scene) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the unit vectors to the right and upwards in the picture."""
    x, y, _ = scene.view
    right = np.array([-y, x, 0.0]) / np.hypot(x, y)
    return right, np.asarray(np.cross(scene.view, right), dtype=np.float64)


def _contoured(image: npt.NDArray[np.uint8], theme: Theme) -> npt.NDArray[np.uint8]:
    """Draw a line around everything that is not background.

    Args:
        image: Picture on white, shape (pixels high, pixels wide, 3).
        theme: Look of the figure.
    """
    body = (image < 255).any(axis=-1)
    near = body.copy()
    for shift in range(1, OVERSAMPLING + 1):
        for axis in (0, 1):
            near |= np.roll(body, shift, axis) | np.roll(body, -shift, axis)
    drawn = image.copy()
    drawn[near & ~body] = np.round(255 * np.array(to_rgb(theme.line)))
    return drawn


@contextmanager
def quiet() -> Iterator[None]:
    """Keep VTK from warning that there is no screen, which is what off-screen means."""
    before = vtkLogger.GetCurrentVerbosityCutoff()
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_ERROR)
    try:
        yield
    finally:
        vtkLogger.SetStderrVerbosity(before)


def _light(plotter: pv.Plotter, scene: Scene) -> None:
    right, up = _across(scene)
    for direction, intensity in (
        (scene.view, 0.45),
        (scene.view + 0.9 * up - 0.6 * right, 0.55),
    ):
        light = pv.Light(position=tuple(direction), focal_point=(0, 0, 0), intensity=intensity)
        light.positional = False
        plotter.add_light(light)


def _on_scale(mesh: pv.PolyData, name: str, scale: Scale) -> pv.PolyData:
    """Return a mesh with the places of a field on its scale.

    Args:
        mesh: Mesh with the field at its points.
        name: Name of the field.
        scale: Its colour scale.
    """
    placed = mesh.copy(deep=False)
    placed.point_data[_PLACE] = scale.unit(mesh.point_data[name])
    return placed


def _add(
    plotter: pv.Plotter,
    layer: Layer,
    scene: Scene,
    view: Frame,
    scales: Scales,
    theme: Theme,
    parts: tuple[str, ...],
    oversampling: int,
) -> None:
    mesh, shown = layer.mesh, scene.shown
    curved = {"ambient": 0.6, "diffuse": 0.45, "interpolation": "Phong"}
    match layer.kind:
        case "sei":
            plotter.add_mesh(
                _on_scale(mesh, shown.surface, scales.surface),
                scalars=_PLACE,
                cmap=theme.colormap(of(shown.surface).colours),
                clim=(0.0, 1.0),
                below_color=theme.compressed,
                show_scalar_bar=False,
                **curved,
            )
        case "stress" | "skin":
            plotter.add_mesh(
                _on_scale(mesh, shown.inside, scales.inside[scene.run.title]),
                scalars=_PLACE,
                cmap=theme.colormap(of(shown.inside).colours),
                clim=(0.0, 1.0),
                nan_color=theme.other_regions[0],
                show_scalar_bar=False,
                **({"lighting": False} if layer.kind == "stress" else curved),
            )
        case "face":
            plotter.add_mesh(mesh, color=theme.region(layer.region, parts), lighting=False)
        case "part":
            plotter.add_mesh(mesh, color=theme.region(layer.region, parts), **curved)
        case "shell":
            # the near side must not tint the colours behind it, the far side shows the shape
            for culling, opacity in zip(("back", "front"), theme.shell_opacity, strict=True):
                plotter.add_mesh(
                    mesh,
                    color=theme.region(layer.region, parts),
                    opacity=opacity,
                    culling=culling,
                    **curved,
                )
        case "edge" | "outline" | "rim":
            colour, width, nearer = {
                "outline": (theme.initial, 1.8, 0.004),
                "edge": (theme.line, 1.2, 0.006),
                "rim": (
                    theme.region(layer.region, parts) if layer.kind == "rim" else "",
                    3.0,
                    0.008,
                ),
            }[layer.kind]
            # towards the reader: in parallel projection that moves nothing in the picture
            nearer = mesh.translate(nearer * view.width * scene.view, inplace=False)
            plotter.add_mesh(nearer, color=colour, line_width=width * oversampling, lighting=False)
