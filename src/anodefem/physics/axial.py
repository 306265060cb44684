"""Generalised plane strain: a body that is long and free to stretch along its axis.

Every cross-section stays plane and all stretch alike, by a mean axial strain that is one number for
the whole body. It is the one at which no axial force is left,

    int P_zz dX = 0   over the cross-section,

with the forces of voids, membranes and SEI in the sum: each of them does its virtual work on this
motion, too.
"""

from __future__ import annotations

from collections.abc import Sequence

import ufl
from ufl.core.expr import Expr

from anodefem.fem.columns import Column, Evaluate, columns
from anodefem.fem.contract import Motion, Physics
from anodefem.fem.domain import Domain
from anodefem.fem.fields import GLOBAL, Unknown
from anodefem.fem.symbols import Symbols


class FreeAxis(Physics):
    """Mean axial strain of a plane body."""

    name = "axial"

    def unknowns(self, domain: Domain) -> Sequence[Unknown]:
        """Mean axial strain, F_zz - 1."""
        return [Unknown(name="axial_strain", element=GLOBAL, scales=(1.0,))]

    def motions(self, s: Symbols) -> Sequence[Motion]:
        """All cross-sections stretch alike."""

        def gradient(w: Expr, region: str) -> Expr:
            return ufl.as_matrix([[0, 0, 0], [0, 0, 0], [0, 0, w]])

        return [Motion(unknown="axial_strain", gradient=gradient)]

    @columns(
        Column(
            "axial_strain",
            "-",
            "mean elongation along the axis of a plane body that is free to stretch, over its "
            "length when empty",
        ),
    )
    def strain(self, s: Symbols) -> Evaluate:
        """The unknown itself."""
        return lambda: {"axial_strain": s.value("axial_strain")}
