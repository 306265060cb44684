"""Draw coats that have come off after a cycle, and the work of their bonds over it.

python3 runs/binder-debonding/figure.py FIGURE.png TITLE=RUN [TITLE=RUN ...]
"""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.tri import Triangulation

from anodefem import Result

mpl.use("Agg")
#: Colours of particle and coat.
COLOURS = ("#c9ced6", "#e08f3c")


def draw(axes: Axes, result: Result) -> None:
    """Paint both regions as they are at the end, right half and mirror."""
    grid = result.fields()
    cells = grid.cell_connectivity.reshape(grid.n_cells, -1)[:, :3]
    moved = np.asarray(grid.points + grid["displacement"])
    for tag, colour in zip(result.record["regions"].values(), COLOURS, strict=True):
        own = cells[grid["region"] == tag]
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
        result = Result.read(run)
        draw(place, result)
        place.set_title(title)
        axes[-1].semilogy(result["soc"], result["bond_work"], label=title)
    axes[-1].set_xlabel("state of charge")
    axes[-1].set_ylim(bottom=1.0)
    axes[-1].set_ylabel(f"bond work [{result.units['bond_work']}]")
    axes[-1].legend()
    figure.tight_layout()
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:])
