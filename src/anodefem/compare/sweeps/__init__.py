"""A finished sweep as one table and figures, from its folder alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from anodefem.compare.sweeps import pareto, tornado, trends
from anodefem.compare.sweeps.table import Study, read
from anodefem.compare.tables import csv
from anodefem.compare.theme import Theme

__all__ = ["FIGURES", "TABLE", "write"]

TABLE = "sweep.csv"
#: Figures by name; those that say nothing about a sweep are left out.
FIGURES = ("trends", "pareto", "tornado")


def write(folder: Path, *, theme: Theme | None = None) -> list[Path]:
    """Write the table and the figures of a sweep into its folder.

    Args:
        folder: Folder of `anodefem sweep`; the fates of its points are in its ``sweep.json``.
        theme: Look of the figures.

    Returns:
        The files written.

    Raises:
        InputError: The folder is not a sweep, or a run in it cannot be read.
    """
    theme = theme or Theme()
    study = read(folder)
    (folder / TABLE).write_text(csv(study.frame), encoding="utf-8")
    written = [folder / TABLE]
    with mpl.rc_context(theme.rc()):
        for name, figure in _figures(study, theme):
            for end in (".png", ".pdf"):
                path = folder / f"{name}{end}"
                figure.savefig(path, metadata={"CreationDate": None} if end == ".pdf" else None)
                written.append(path)
    return written


def _figures(study: Study, theme: Theme) -> Iterable[tuple[str, Figure]]:
    makers = (trends.figure, pareto.figure, tornado.figure)
    for name, maker in zip(FIGURES, makers, strict=True):
        figure = maker(study, theme=theme)
        if figure is not None:
            yield name, figure
