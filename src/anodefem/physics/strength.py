"""Coats, binders, carbons and collectors against what their cards say they bear.

Nothing breaks here: the columns say how far a part is from its strength (Rankine: the largest
principal stress) and from its breaking strain (the largest elongation of any line in it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Event, Physics
from anodefem.fem.fields import at_points
from anodefem.fem.points import PointValues
from anodefem.fem.symbols import Symbols

#: Entries of a symmetric 3 x 3 matrix, and where they are among (xx, yy, zz, xy, yz, xz), by row.
_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))
_FULL = [0, 3, 5, 3, 1, 4, 5, 4, 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a region bears.

    Attributes:
        stress: Tensile strength [MPa]; None if its card has none.
        strain: Elongation at break, of the length at the start; None if its card has none.
    """

    stress: float | None
    strain: float | None


class Strength(Physics):
    """Regions that cannot break against their strength and breaking strain.

    Attributes:
        limits: By region.
    """

    name = "strength"

    def __init__(self, limits: Mapping[str, Limits]) -> None:
        """Watch some regions.

        Args:
            limits: What each bears.
        """
        self.limits = limits

    @columns(
        Column(
            "stress_ratio_<region>",
            "-",
            "largest principal (Cauchy) stress in tension over the strength of the card; above 1 "
            "it would break",
        )
    )
    def stress_ratios(self, s: Symbols) -> Evaluate:
        """Stress of regions with a strength over it."""
        bears = {name: each.stress for name, each in self.limits.items() if each.stress}
        largest = _largest(s, list(bears), lambda name: s.response(name).cauchy)
        return lambda: {f"stress_ratio_{n}": most / bears[n] for n, most in largest().items()}

    @columns(
        Column(
            "strain_ratio_<region>",
            "-",
            "largest elongation of any line over the breaking strain of the card; above 1 it would "
            "tear",
        )
    )
    def strain_ratios(self, s: Symbols) -> Evaluate:
        """Elongation of regions with a breaking strain over it."""
        bears = {name: each.strain for name, each in self.limits.items() if each.strain}
        largest = _largest(s, list(bears), lambda name: s.F(name).T * s.F(name))
        return lambda: {
            f"strain_ratio_{name}": (most**0.5 - 1.0) / bears[name]
            for name, most in largest().items()
        }

    def events(self, s: Symbols) -> Sequence[Event]:
        """The first time that a region passes what it bears, one event for each limit."""
        return [
            Event(
                kind=f"{what}-{region}",
                level=partial(_level, f"{what}_ratio_{region} [-]"),
                message=partial(_message, region, passed),
            )
            for region, each in self.limits.items()
            for what, limit, passed in (
                ("stress", each.stress, "strength"),
                ("strain", each.strain, "breaking strain"),
            )
            if limit
        ]


def _level(column: str, row: Mapping[str, float]) -> float:
    return row.get(column, -inf) - 1.0


def _message(region: str, passed: str, row: Mapping[str, float]) -> str:
    return f"region '{region}' passes the {passed} of its card at soc = {row['soc [-]']:.3f}"


def _largest(
    s: Symbols, regions: Sequence[str], tensor: Callable[[str], Expr]
) -> Callable[[], dict[str, float]]:
    """Return what finds the largest principal value of a tensor in each region; compiles.

    Args:
        s: Symbols of the problem.
        regions: Where it is wanted.
        tensor: Its value in a region, symmetric, shape (3, 3).

    Returns:
        A function, collective, of the present values by region.
    """
    domain = s.domain
    if not regions:
        return dict
    values = PointValues(fem.functionspace(domain.mesh, at_points(domain, 6)))
    for region in regions:
        found = tensor(region)
        values.add(ufl.as_vector([found[pair] for pair in _PAIRS]), domain.cells(region))
    owned = {name: domain.cells(name)[domain.cells(name) < domain.owned_cells] for name in regions}

    def evaluate() -> dict[str, float]:
        field = values.evaluate()
        rows, dofs = field.x.array.reshape(-1, 6), field.function_space.dofmap.list
        return {
            name: domain.comm.allreduce(_principal(rows[dofs[owned[name]].ravel()]), op=MPI.MAX)
            for name in regions
        }

    return evaluate


def _principal(rows: npt.NDArray[np.float64]) -> float:
    """Largest eigenvalue of symmetric tensors (xx, yy, zz, xy, yz, xz), shape (points, 6)."""
    tensors = rows[:, _FULL].reshape(-1, 3, 3)
    return float(np.linalg.eigvalsh(tensors)[:, -1].max(initial=-inf))
