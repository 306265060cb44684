"""A membrane without thickness, such as a cage of graphene: tension along a surface."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import ufl

from anodefem.fem.contract import Physics
from anodefem.fem.symbols import Symbols
from anodefem.laws.membrane import GrapheneMembrane


class Cage(Physics):
    """The graphene membrane of a geometry.

    Attributes:
        law: Elastic law of the membrane.
    """

    name = "cage"

    def __init__(self, law: GrapheneMembrane) -> None:
        """Put a membrane on the surfaces that the geometry has for it.

        Args:
            law: Elastic law of the membrane.
        """
        self.law = law

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Surfaces of the membrane, seen from the body."""
        return {"membrane": s.facing_solids(s.domain.manifest.roles.membrane.values())}

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """First variation of the energy by every motion."""
        (energy,) = self.energies(s)
        return {
            motion.unknown: s.derivative(1 / s.stress_scale * energy, motion.unknown)
            for motion in s.motions
        }

    def energies(self, s: Symbols) -> Iterator[ufl.Form]:
        """Elastic energy of the membrane."""
        yield self.law.energy(s.surface) * s.kinematics.weight * s.ds("membrane")

    def offers(self, s: Symbols) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        """Plane-strain modulus [MPa], below an SEI that lies on the membrane."""
        law = self.law
        return {"substrate": lambda: {"membrane": law.young / (1 - law.poisson**2)}}
