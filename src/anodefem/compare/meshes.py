"""Pictures of meshes before and after a change."""

from __future__ import annotations

import json
from pathlib import Path

_COLOURS = ("#4477aa", "#ddcc77", "#cc6677", "#117733", "#88ccee", "#aa4499")
_SIZE = (900, 800)


def draw(before: Path | None, after: Path, path: Path) -> None:
    """Write a picture of one or two meshes, coloured by their cell groups.

    Args:
        before: Folder of the mesh as it was pinned; ``None`` if it was not kept.
        after: Folder of the new mesh.
        path: The picture.
    """
    import meshio
    import pyvista

    folders = [("after", after)] if before is None else [("before", before), ("after", after)]
    plotter = pyvista.Plotter(
        off_screen=True, shape=(1, len(folders)), window_size=[_SIZE[0] * len(folders), _SIZE[1]]
    )
    for column, (title, folder) in enumerate(folders):
        plotter.subplot(0, column)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        grid = pyvista.from_meshio(meshio.read(folder / "mesh.xdmf"))
        for number, (name, tag) in enumerate(manifest["cells"].items()):
            part = grid.extract_cells(grid.cell_data["cell_tags"] == tag)
            colour = _COLOURS[number % len(_COLOURS)]
            place = (10, _SIZE[1] - 60 - 30 * number)
            plotter.add_text(name, position=place, font_size=11, color=colour)
            plotter.add_mesh(
                part,
                color=colour,
                show_edges=True,
                line_width=0.5,
                ambient=0.5,
                diffuse=0.5,
            )
        counts = manifest["counts"]
        made = manifest["versions"]["gmsh"]
        text = f"{title}: {counts['cells']} cells, {counts['points']} points, gmsh {made}"
        plotter.add_text(text, font_size=11, color="black")
        if manifest["kinematics"] == "3d":
            plotter.view_vector(
                (-1.0, -1.4, 0.8), viewup=(0.0, 0.0, 1.0)
            )  # onto the symmetry planes
        else:
            plotter.view_xy()
        plotter.background_color = "white"
    plotter.screenshot(str(path))
    plotter.close()
