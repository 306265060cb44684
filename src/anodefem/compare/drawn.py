"""A picture of a body before it is run, cut open, from its mesh alone."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import meshio
import numpy as np
import pandas as pd
import pyvista as pv
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from anodefem.compare import fields, figures, render, scene
from anodefem.compare.body import Shown
from anodefem.compare.load import Run
from anodefem.compare.theme import Theme

#: Colours of regions in the order of the mesh, apart without colour vision.
_COLOURS = ("#7fa8cf", "#767b83", "#d8cca0", "#7d9c7f", "#9a86b3", "#b9906b")
#: With this field nothing is coloured by a field: no region of a mesh alone can crack.
_NOTHING = Shown(inside="crack", surface="sei_strain")
_WIDTH, _ABOVE, _BELOW = 4.0, 0.22, 0.6  # of the picture, a line of its title, its legend [inch]
_LETTERS = 52  # of a line of the title
_PIXELS = 640  # of the body, across


def picture(
    folder: Path,
    path: Path,
    *,
    title: str = "",
    sei: Sequence[str] | None = None,
) -> None:
    """Write a picture of a meshed body; regions have their colours, the SEI its own.

    Args:
        folder: Holds ``mesh/``, as `anodefem.meshing.make_mesh` writes it; gets one more file.
        path: The picture; its ending says the format (PNG, PDF, SVG).
        title: Line above the body.
        sei: Facet groups with SEI; None for those of the geometry.

    Raises:
        InputError: The mesh cannot be read.
    """
    run = _as_run(folder, sei)
    drawn = scene.at(run, 0.0, tuple(run.solids), shown=_NOTHING)
    membranes = run.manifest["roles"].get("membrane") or {}
    names = (*run.solids, *membranes)
    colours = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}
    theme = replace(
        Theme(),
        regions=MappingProxyType(colours),
        maps=MappingProxyType({**Theme().maps, "strain": ("YlOrBr", 0.5, 0.52)}),
    )
    view = render.frame(drawn)
    pixels = (_PIXELS, round(_PIXELS * view.height / view.width))
    scales = render.Scales(surface=fields.Scale(high=1.0), inside={})
    with render.Canvas(theme=theme, parts=names, pixels=pixels) as canvas:
        image = canvas.picture(drawn, view, scales=scales)
    film = any(layer.kind == "sei" for layer in drawn.layers)
    figure = _figure(image, run, theme=theme, view=view, title=title, film=film)
    figure.savefig(path, dpi=160)


def _as_run(folder: Path, sei: Sequence[str] | None) -> Run:
    """Return a mesh as a run with one state, in which nothing has moved.

    Args:
        folder: Holds ``mesh/``; the state is written beside it.
        sei: Facet groups with SEI; None for those of the geometry.
    """
    manifest = json.loads((folder / "mesh" / "manifest.json").read_text(encoding="utf-8"))
    roles, state = manifest["roles"], folder / "undeformed.vtu"
    mesh = meshio.read(folder / "mesh" / "mesh.xdmf")
    grid = pv.from_meshio(mesh)
    grid.point_data["displacement"] = np.zeros((grid.n_points, 3))
    grid.cell_data["region"] = np.asarray(grid.cell_data["cell_tags"], dtype=float)
    grid.save(state)
    run = Run(
        folder=folder,
        title=str(manifest["geometry"]),
        info={"kinematics": manifest["kinematics"], "media": roles["medium"]},
        manifest=manifest,
        metrics=pd.DataFrame({"t": [0.0], "soc": [0.0]}),
        units={"t": "s", "soc": "-"},
        states=[(0.0, state)],
    )
    covered = [run.facets[name] for name in (roles["sei"] if sei is None else sei)]
    strain = np.full(grid.n_points, np.nan)
    strain[np.concatenate([np.empty(0, dtype=np.int64), *(part.ravel() for part in covered)])] = 0.0
    grid.point_data["sei_strain"] = strain
    grid.save(state)
    return run


def _figure(
    image: NDArray[np.uint8],
    run: Run,
    *,
    theme: Theme,
    view: render.Frame,
    title: str,
    film: bool,
) -> Figure:
    """Return the figure: title, body with a scale bar, names of the colours.

    Args:
        image: The body, shape (high, wide, 3).
        run: What is drawn.
        theme: Look of the figure.
        view: What of the body the image shows.
        title: Line above the body.
        film: Whether there is an SEI to be named.
    """
    tall = _WIDTH * image.shape[0] / image.shape[1]
    lines = textwrap.wrap(title, _LETTERS)
    above = _ABOVE * max(1, len(lines))
    high = tall + above + _BELOW
    with rc_context(theme.rc()):
        result = Figure(figsize=(_WIDTH, high))
        axes = result.add_axes((0.0, _BELOW / high, 1.0, tall / high))
        axes.imshow(image, interpolation="lanczos", aspect="auto")
        axes.set_axis_off()
        figures.scale_bar(axes, view, theme)
        result.text(0.5, 1.0 - 0.5 * above / high, "\n".join(lines), ha="center", va="center")
        membranes = run.manifest["roles"].get("membrane") or {}
        marks = [Patch(color=theme.regions[name], label=name) for name in (*run.solids, *membranes)]
        if film:
            marks.append(Patch(color=theme.colormap("strain")(0.0), label="SEI"))
        if run.info["media"]:
            marks.append(Patch(facecolor="white", edgecolor="0.7", label="void"))
        result.legend(handles=marks, loc="lower center", ncols=min(4, len(marks)), frameon=False)
    return result
