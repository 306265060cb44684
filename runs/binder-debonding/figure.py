"""Draw coats that have come off after a cycle, and the work of their bonds over it.

python3 runs/binder-debonding/figure.py FIGURE.png TITLE=RUN [TITLE=RUN ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import meshio
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.tri import Triangulation

mpl.use("Agg")
#: Colours of particle and coat.
COLOURS = ("#c9ced6", "#e08f3c")


def draw(axes: Axes, state: Path, manifest: dict[str, int]) -> None:
    """Paint both regions as they are, right half and mirror."""
    mesh = meshio.read(state)
    cells = np.concatenate([block.data[:, :3] for block in mesh.cells])
    tags = np.concatenate(mesh.cell_data["region"])
    moved = mesh.points + mesh.point_data["displacement"]
    for tag, colour in zip(manifest.values(), COLOURS, strict=True):
        own = cells[tags == tag]
        for sign in (1.0, -1.0):
            shape = Triangulation(sign * moved[:, 0], moved[:, 1], own)
            axes.tripcolor(shape, np.zeros(len(moved)), cmap=mpl.colors.ListedColormap([colour]))
    axes.set_aspect("equal")
    axes.set_xlim(-1.4, 1.4)
    axes.set_ylim(-0.1, 2.6)
    axes.set_xlabel("r [um]")
    axes.set_ylabel("z [um]")


def main(target: str, *given: str) -> None:
    """Write the figure."""
    figure, axes = plt.subplots(1, len(given) + 1, figsize=(4.0 * (len(given) + 1), 4.0))
    for place, (title, _, run) in zip(axes, (each.partition("=") for each in given), strict=False):
        folder = Path(run)
        manifest = pd.read_json(folder / "mesh" / "manifest.json", typ="series")["cells"]
        draw(place, sorted((folder / "fields").glob("*.vtu"))[-1], manifest)
        place.set_title(title)
        table = pd.read_csv(folder / "metrics.csv")
        axes[-1].semilogy(table["soc [-]"], table["bond_work [J/m^3]"], label=title)
    axes[-1].set_xlabel("state of charge")
    axes[-1].set_ylim(bottom=1.0)
    axes[-1].set_ylabel("bond work [J/m^3]")
    axes[-1].legend()
    figure.tight_layout()
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:])
