"""A rigid tip that is pressed into the top of a body, without friction.

The tip is a paraboloid of revolution about the last axis, which is a ball as long as the contact is
narrow (and exactly what Hertz took). A surface is pushed out of it by the energy

    int k/2 <p>^2 dA,    p = z - (H - d + r^2 / (2 R))

per reference area, for a point at the height z and the distance r from the axis now, with the depth
d of the tip below the height H of the flat top.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Physics
from anodefem.fem.domain import Domain
from anodefem.fem.symbols import Symbols

#: Degree of the quadrature: the rim of the contact lies within facets.
_DEGREE = 6


class Indenter(Physics):
    """Tip over a flat top.

    Attributes:
        depth: How far its lowest point is below the top as it was [um]; set it between steps.
    """

    name = "indenter"

    def __init__(
        self, domain: Domain, *, surface: str, height: float, radius: float, stiffness: float
    ) -> None:
        """Put the tip on the top.

        Args:
            domain: Mesh.
            surface: Facet group into which it is pressed.
            height: Of the top along the last axis [um].
            radius: Of the tip [um].
            stiffness: Pressure for each um by which the surface may go into the tip [MPa/um]; some
                thousand times a modulus over the radius.
        """
        self.depth = fem.Constant(domain.mesh, 0.0)
        self._surface, self._height = surface, height
        self._radius, self._stiffness = radius, stiffness

    def surfaces(self, s: Symbols) -> Mapping[str, npt.NDArray[np.int32]]:
        """Where it touches, seen from the body."""
        return {"indented": s.facing_solids((self._surface,))}

    def _overlap(self, s: Symbols) -> Expr:
        """How far the surface is within the tip [um]; 0 outside."""
        last = s.domain.dim - 1
        place = s.kinematics.position + s.displacement()
        aside = sum(place[axis] ** 2 for axis in range(last))
        tip = self._height - self.depth + aside / (2 * self._radius)
        return ufl.max_value(place[last] - tip, 0.0)

    def forms(self, s: Symbols) -> Mapping[str, ufl.Form]:
        """Work of the pressure of the tip."""
        energy = self._stiffness / 2 * self._overlap(s) ** 2 / s.stress_scale
        measure = s.ds("indented", degree=_DEGREE)
        return {"u": s.derivative(energy * s.kinematics.weight * measure, "u")}

    @columns(
        Column("indenter_depth", "um", "how far the tip of the indenter is below the flat top"),
        Column("indenter_force", "uN", "force on the indenter, of all that is modelled"),
        Column("indenter_area", "um^2", "reference area of the surface that the indenter touches"),
    )
    def contact(self, s: Symbols) -> Evaluate:
        """Force and area, from the pressure of the tip."""
        overlap, weight = self._overlap(s), s.kinematics.weight
        measure = s.ds("indented", degree=_DEGREE)
        touched = ufl.conditional(ufl.gt(overlap, 0.0), 1.0, 0.0)
        force = compile_form(self._stiffness * overlap * weight * measure)
        area = compile_form(touched * weight * measure)
        return lambda: {
            "indenter_depth": float(self.depth.value),
            "indenter_force": s.domain.total(force),
            "indenter_area": s.domain.total(area),
        }
