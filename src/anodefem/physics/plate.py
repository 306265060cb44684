"""A rigid plate on the body, which rises as it swells, against the pressure of the cell stack.

The plate stays flat and in its direction: it lifts by one number for the whole body, at which the
forces of the body on it balance the pressure,

    int P : grad phi e dX + p A = 0,

with the direction e in which it moves, and phi = 1 on the plate, falling evenly to 0 at the plane
through the origin, below which nothing is carried along. Where the plate is held, u . e is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Motion, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Unknown
from anodefem.fem.symbols import Symbols


class Plate(Physics):
    """Plate of the geometry, free to move.

    Attributes:
        pressure: Of the stack on the plate [MPa].
    """

    name = "plate"

    def __init__(self, pressure: float) -> None:
        """Press on the plate of the geometry.

        Args:
            pressure: Of the stack on the plate [MPa].
        """
        self.pressure = pressure

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """How far it has moved outwards [um]."""
        return [Unknown(name="plate_lift", element=GLOBAL, scales=(domain.size,))]

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """The plate, seen from the body."""
        return {"plate": s.facing_solids(s.domain.manifest.roles.plate)}

    def motions(self, s: Symbols) -> Sequence[Motion]:
        """What is below the plate is carried along, evenly."""
        return [Motion(unknown="plate_lift", displacement=partial(_carried, s))]

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Work of the pressure; that of the body comes from whatever is in it."""
        work = self.pressure / s.stress_scale * s.kinematics.weight * s.ds("plate")
        return {"plate_lift": work}

    @columns(
        Column("plate_lift", "um", "how far the plate has been lifted"),
        Column("thickness_ratio", "-", "distance of the plate from the collector over that before"),
    )
    def lift(self, s: Symbols) -> Evaluate:
        """The unknown itself."""
        height = _height(s.domain)

        def evaluate() -> dict[str, float]:
            lift = s.value("plate_lift")
            return {"plate_lift": lift, "thickness_ratio": 1.0 + lift / height}

        return evaluate


def _height(domain: Domain) -> float:
    """Distance of the plate from the origin: it lies on top of everything [um]."""
    own = domain.mesh.geometry.x[:, domain.dim - 1].max(initial=-np.inf)
    return float(domain.comm.allreduce(own, op=MPI.MAX))


def _carried(s: Symbols, lift: Expr, region: str) -> Expr:
    """Displacement by the plate [um].

    Args:
        s: Symbols of the problem.
        lift: Of the plate [um].
        region: Any: all are carried alike.
    """
    along, height = s.kinematics.position[s.domain.dim - 1], _height(s.domain)
    share = ufl.conditional(ufl.gt(along, 0.0), along / height, 0.0)
    return ufl.as_vector([*[0.0] * (s.domain.dim - 1), lift * share])
