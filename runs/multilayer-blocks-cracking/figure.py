"""Draw the crack field of films in their deformed shape, one below the other.

python3 runs/multilayer-blocks-cracking/figure.py FIGURE.png TITLE=RUN [TITLE=RUN ...]
"""

from __future__ import annotations

import sys

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.tri import Triangulation

from anodefem import Result

mpl.use("Agg")


def main(target: str, *given: str) -> None:
    """Write the figure."""
    figure, axes = plt.subplots(len(given), 1, figsize=(11.0, 2.2 * len(given)), squeeze=False)
    for place, (title, _, run) in zip(axes[:, 0], (g.partition("=") for g in given), strict=True):
        grid = Result.read(run).fields()
        moved = grid.points + grid["displacement"]
        cells = grid.cell_connectivity.reshape(grid.n_cells, -1)[:, :3]
        shape = Triangulation(moved[:, 0], moved[:, 1], cells)
        painted = place.tripcolor(
            shape, grid["crack"], shading="gouraud", cmap="magma_r", vmin=0.0, vmax=1.0
        )
        figure.colorbar(painted, ax=place, label="crack field")
        place.set_aspect("equal")
        place.set_title(title)
        place.set_ylabel("y [um]")
    axes[-1, 0].set_xlabel("x [um]")
    figure.tight_layout()
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:])
