"""Third medium: a very soft solid that fills a void and transmits contact when it is squeezed flat.

(Wriggers, Schroeder and Schwarz 2013; Bluhm, Sigmund and Poulios 2021.) No regularisation is used:
with one structured layer of quadratic elements across the gap none is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr


@dataclass(frozen=True, slots=True)
class ThirdMedium:
    """psi = mu/2 (tr C - 3 - 2 ln J) + lambda/2 (ln J)^2, mu = lambda = ``stiffness``.

    Attributes:
        stiffness: mu = lambda [MPa]; 1e-6 to 1e-7 of the stiffest neighbour.
    """

    stiffness: float

    def piola(self, F: Expr) -> Expr:
        """First Piola-Kirchhoff stress [MPa], shape (3, 3)."""
        inverse = ufl.inv(F).T
        return self.stiffness * (F - inverse + ufl.ln(ufl.det(F)) * inverse)
