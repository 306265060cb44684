"""Metrics of a film that may fail, and maps of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from anodefem.model.film_cracks import FilmCriteria
from anodefem.model.problem import Problem
from anodefem.results.definitions import FAILURES
from anodefem.results.quantiles import bound

Array = npt.NDArray[np.float64]


class FilmFailure:
    """Where the film fails by each criterion, and what its cracks have laid bare."""

    def __init__(self, problem: Problem) -> None:
        """Compile; the state is read when asked for."""
        self._problem, self._criteria = problem, FilmCriteria(problem)

    @property
    def cells(self) -> npt.NDArray[np.int32]:
        """Cells whose facets `maps` tells of."""
        return self._criteria.means.cells

    def maps(self) -> Array:
        """Load as a channel crack over toughness, and 1 where strain broke the film.

        On this rank's facets, shape (facets, 2); no communication.
        """
        broken = self._problem.state.film_broken.x.array.reshape(-1, 2)[self.cells, 0] > 0.0
        return np.stack([self._criteria.evaluate().ratios.channel, broken], axis=1)

    def columns(self, bared_before: float) -> dict[str, float]:
        """Columns of metrics.csv; collective.

        Args:
            bared_before: Result of `bared` when the protocol step began [um^2].
        """
        problem, means = self._problem, self._criteria.means
        ratios = self._criteria.evaluate().ratios
        loads = {
            "energy": ratios.energy,
            "channel": ratios.channel,
            "peel": ratios.peel,
            "buckling": ratios.buckling,
            "blister": ratios.blister,
        }
        told = {name: load for name, load in loads.items() if load is not None}
        fields = (problem.state.film_broken, problem.state.film_bared)
        history = [field.x.array.reshape(-1, 2)[means.cells] for field in fields]
        local = np.column_stack([*told.values(), ratios.density, *history, means.areas])
        table = np.concatenate(problem.domain.comm.allgather(local))
        *values, density, broken, channelled, bared, bared_channel, area = table.T
        share = area / area.sum()
        row = {}
        for name, load in zip(told, values, strict=True):
            row[f"sei_{name}_ratio_max [-]"] = float(load.max())
            row[f"sei_{name}_ratio_p99 [-]"] = bound(load, share, 0.99)
            row[f"sei_area_beyond_{name} [-]"] = float(share[load > 1.0].sum())
        total = float(bared @ area)
        return row | {
            "sei_crack_density_max [1/um]": float(density.max()),
            "sei_area_cracked [-]": float(share[broken > 0.0].sum()),
            "sei_area_channelled [-]": float(share[channelled > 0.0].sum()),
            "sei_exposed_area [um^2]": total,
            "sei_exposed_area_step [um^2]": total - bared_before,
            "sei_exposed_ratio [-]": float(bared @ share),
            "sei_exposed_area_channel [um^2]": float(bared_channel @ area),
        }

    def bared(self) -> float:
        """Surface that cracks by strain have laid bare so far [um^2]; collective."""
        means, state = self._criteria.means, self._problem.state
        area = state.film_bared.x.array.reshape(-1, 2)[means.cells, 0]
        parts = self._problem.domain.comm.allgather(np.column_stack([area, means.areas]))
        bared, areas = np.concatenate(parts).T
        return float(bared @ areas)


def first_failures(
    rows: Sequence[Mapping[str, float]],
) -> dict[str, dict[str, float] | None]:
    """First row in which the film fails by each criterion that the rows tell of; None if never.

    Args:
        rows: Metrics by column, one a step.
    """
    found: dict[str, dict[str, float] | None] = {}
    for failure in FAILURES:
        if not rows or failure.column not in rows[0]:
            continue
        failing = [row for row in rows if row[failure.column] > 0.0]
        found[failure.name] = (
            {"t": failing[0]["t [s]"], "soc": failing[0]["soc [-]"]} if failing else None
        )
    return found
