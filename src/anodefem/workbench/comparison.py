"""Several results side by side, as `anodefem compare` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd

from anodefem.compare import compare, curves, fields_inside, figures, hosts_of, tables
from anodefem.compare.body import Shown
from anodefem.compare.load import load
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from anodefem.registry import suggest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from anodefem.workbench.result import Result


class Comparison:
    """Results side by side: one table, curves, bodies at one scale, one page.

    Attributes:
        results: In the order of rows and panels.
    """

    def __init__(self, results: Sequence[Result], *, theme: Theme | None = None) -> None:
        """Put results side by side.

        Args:
            results: At least one; those of one title get names that tell them apart.
            theme: Look of the figures.

        Raises:
            InputError: There is none, or one is given twice.
        """
        self.results = tuple(results)
        self._theme = theme or Theme()
        self._runs = load([result.folder for result in results])
        self._hosts = hosts_of(self._runs)

    @property
    def table(self) -> pd.DataFrame:
        """Summary of every result, one row each; columns are "name [unit]"."""
        return tables.table(self._runs, self._hosts)

    @property
    def notes(self) -> list[str]:
        """What must be known before numbers are compared, one sentence each."""
        return tables.notes(self._runs, self._hosts)

    def plot(self) -> Figure:
        """Return the figure of metrics over state of charge."""
        with mpl.rc_context(self._theme.rc()):
            return curves.figure(self._runs, self._hosts, theme=self._theme)

    def draw(
        self,
        *,
        soc: float | None = None,
        times: Sequence[float] | None = None,
        field: str = "von_mises",
    ) -> Figure:
        """Return the figure of the deformed bodies.

        Args:
            soc: State of charge at its first passage, fields linear between stored states; without
                it the highest that all of the runs reached, at the stored state nearest to it.
            times: Time of each [s] instead.
            field: What colours them inside.

        Raises:
            InputError: A run did not pass through that state, or none has the field.
        """
        if soc is not None:
            times = [float(result.times_at(soc)[0]) for result in self.results]
        known = fields_inside(self._runs)
        if field not in known:
            raise InputError(f"field = '{field}': no run has it inside.{suggest(field, known)}")
        with mpl.rc_context(self._theme.rc()):
            return figures.figure(
                self._runs,
                self._hosts,
                theme=self._theme,
                shown=Shown(inside=field),
                times=times,
            )

    def write(self, folder: str | Path, *, movie: bool = False) -> list[Path]:
        """Write what `anodefem compare` writes (tables, figures, one page) and return the files.

        Args:
            folder: Made if missing; only an earlier comparison is overwritten.
            movie: Also films of the swelling, which take minutes.

        Raises:
            InputError: The folder cannot be written, or holds something else.
        """
        paths = [run.folder for run in self._runs]
        return compare(paths, Path(folder), movie=movie, theme=self._theme)
