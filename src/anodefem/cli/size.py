"""How large a case is: cells, unknowns, and about how much memory and time a run takes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from anodefem.cases import CheckedCase
from anodefem.geometry import SimplexMesh

#: Time of a Newton iteration per unknown on a free core, by dimension [s]; the six shipped
#: cases and their convergence studies (4 to 9 and 11 to 25 us).
_COST = {2: 6e-6, 3: 2e-5}
#: Newton iterations of a step in time, in the same runs.
_ITERATIONS = 3
#: Memory of the program without a case, and per unknown in two and three dimensions [MB].
_PROGRAM, _SHARE = 250.0, {2: 6e-3, 3: 1.5e-2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What a run of a case needs, on one rank.

    Attributes:
        cells: Number of cells.
        unknowns: Displacement and, where a host is filled by diffusion, fraction and potential.
        seconds: About how long a run takes; more where something flows, touches or breaks.
        megabytes: About how much memory it takes.
    """

    cells: int
    unknowns: int
    seconds: float
    megabytes: float

    def __str__(self) -> str:
        """One sentence."""
        time = f"{self.seconds / 60:.2g} min" if self.seconds > 90 else f"{self.seconds:.2g} s"
        return (
            f"{self.cells} cells, {self.unknowns} unknowns; a run takes about {time} on one free "
            "core (several times that where something flows, touches or breaks) and "
            f"{self.megabytes / 1000:.1g} GB"
        )


def size(case: CheckedCase, mesh: SimplexMesh) -> Size:
    """Return how large a case is.

    Args:
        case: The case.
        mesh: Its mesh.
    """
    count = len(mesh.points)
    unknowns = mesh.dim * (count + _edges(mesh))
    if any(case.materials[name].transport == "diffusion" for name in case.hosts):
        unknowns += 2 * count
    steps = case.estimate().steps
    return Size(
        cells=len(mesh.cells),
        unknowns=unknowns,
        seconds=_COST[mesh.dim] * unknowns * _ITERATIONS * steps,
        megabytes=_PROGRAM + _SHARE[mesh.dim] * unknowns,
    )


def _edges(mesh: SimplexMesh) -> int:
    """Number of edges, each of which has a node of a second-order element."""
    pairs = [mesh.cells[:, pair] for pair in combinations(range(mesh.dim + 1), 2)]
    return len(np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0))
