"""Third medium: a very soft solid that fills a void and transmits contact when it is squeezed flat.

(Wriggers, Schroeder and Schwarz 2013; Bluhm, Sigmund and Poulios 2021.) One structured layer of
quadratic elements across the gap needs no regularisation. Cells of any shape fold when they are
squeezed flat: there the second gradient of the displacement is resisted, as in the second of these
papers, over the size of a cell. Against compression
it gets softer just before it is flat: what is left of the gap when it begins to carry a pressure
is what contact comes too early by.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

#: Volume ratio about which it gets softer.
CLOSING = 0.05
#: Barrier against being inverted, in units of the stiffness.
BARRIER = 2e-5
#: Stiffness against folds of cells of any shape, in units of the stiffness times h^2.
FOLDING = 10.0


@dataclass(frozen=True, slots=True)
class ThirdMedium:
    """P = mu (F - r(J) F^-T), r = (1 + c)/(J + c) J (1 - ln J) + b (1/J - J): see below.

    Without the numbers c = `CLOSING` and b = `BARRIER` it would be r = 1 - ln J, a neo-Hookean
    solid with mu = lambda. With them it is one while it is open (lambda is 0.95 mu). Below J = c
    its pressure r/J grows by the logarithm alone, and at last as b/J^2: faster than 1/J, so that
    there is little left of the gap at a low pressure and not much less at a high one.
    There is an energy mu tr C/2 + w(J) with a convex w: a squeezed layer is squeezed evenly.

    Attributes:
        stiffness: mu [MPa]; 1e-6 to 1e-7 of the stiffest neighbour.
    """

    stiffness: float

    def piola(self, F: Expr) -> Expr:
        """First Piola-Kirchhoff stress [MPa], shape (3, 3)."""
        J = ufl.det(F)
        resistance = (1 + CLOSING) / (J + CLOSING) * J * (1 - ufl.ln(J)) + BARRIER * (1 / J - J)
        return self.stiffness * (F - resistance * ufl.inv(F).T)

    def fold_energy(self, H: Expr, size: Expr) -> Expr:
        """Energy of folds per reference volume [MPa].

        Args:
            H: Second gradient of the displacement [1/um], any shape.
            size: Of a cell, h [um].
        """
        return self.stiffness * FOLDING / 2 * size**2 * ufl.inner(H, H)
