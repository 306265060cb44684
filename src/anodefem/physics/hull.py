"""The outer hull of the body, its SEI included: how much it swells, and the capacity per volume."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import ufl

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Physics
from anodefem.fem.symbols import Symbols
from anodefem.laws.kinematics import cofactor_normal
from anodefem.physics.storage import Storage


class Hull(Physics):
    """Volume within the outer hull.

    Attributes:
        storage: Supplies the charge.
    """

    name = "hull"

    def __init__(self, storage: Storage) -> None:
        """Follow the hull of the geometry.

        Args:
            storage: Supplies the charge.
        """
        self.storage = storage

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """The outer hull, seen from inside."""
        return {"hull": s.facing_solids(s.domain.manifest.roles.hull)}

    @columns(
        Column(
            "hull_volume_ratio",
            "-",
            "volume within the outer hull, voids and the SEI's own volume included, over that of "
            "the empty body without an SEI",
            log="  hull {:.4f}",
        ),
        Column("volumetric_capacity", "Ah/L", "charge stored over that volume"),
    )
    def volume(self, s: Symbols) -> Evaluate:
        """Volume by the flow of the position through the hull, and of what lies on it unmeshed."""
        vector, exact = s.kinematics.vector, s.domain.manifest.exact
        position = vector(s.kinematics.position) + vector(s.displacement())
        flow = ufl.dot(position, cofactor_normal(s.F(), s.normal))
        form = compile_form(flow * s.kinematics.weight * s.ds("hull"))
        empty, envelope = s.domain.total(form), exact.get("envelope", exact["hull"])
        unmeshed = [compile_form(each) for each in s.offered("added_volume").values()]
        charge = self.storage.charge(s)

        def evaluate() -> dict[str, float]:
            ratio = s.domain.total(form) / empty + sum(map(s.domain.total, unmeshed)) / envelope
            return {
                "hull_volume_ratio": ratio,
                # C/m^3 are Ah/L over 3.6e6
                "volumetric_capacity": charge() / 3600 / 1000 / (ratio * envelope),
            }

        return evaluate
