"""Third medium: a very soft solid that fills a void and transmits contact when it is squeezed flat.

(Wriggers, Schroeder and Schwarz 2013; Bluhm, Sigmund and Poulios 2021.) One structured layer of
quadratic elements across the gap needs no regularisation. Cells of any shape fold when they are
squeezed flat: there the second gradient of the displacement is resisted, as in the second of these
papers, over the size of a cell. Against compression `ThirdMedium`
gets softer just before it is flat: what is left of the gap when it begins to carry a pressure
is what contact comes too early by.

Bodies that nothing else holds want more than that. Contact between them is narrower than a cell,
and which cells carry it changes from one iteration to the next: `PenaltyMedium` has no barrier
that an iteration could not pass. What they do not resist it does, as a viscous medium, so that
they go a finite way in a step where they get past each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import cofactor

#: Volume ratio about which it gets softer.
CLOSING = 0.05
#: Barrier against being inverted, in units of the stiffness.
BARRIER = 2e-5
#: Stiffness against folds of cells of any shape, in units of the stiffness times h^2.
FOLDING = 10.0
#: See `ThirdMedium.drag`; in charge, 1 being full.
DRAG = 1e-4

# Of a medium between loose bodies; chosen by trial on packings of wires, where softer and stiffer
# ones end sooner or take more steps. docs/theory.md says what they cost.
#: Volume ratio below which it carries contact, width over which that begins,
SHUT, ONSET = 0.05, 0.01
#: stiffness against being squeezed further, in units of the stiffness,
PENALTY = 1e6
#: against folds, in units of the stiffness times h^2,
LOOSE_FOLDING = 1e3
#: and viscosity, in units of the stiffness times the time of a full charge.
VISCOSITY = 1.0
#: A step that moves no more charge than this, 1 being full, is one at rest: nothing drags in it.
SMALLEST_CHARGE = 1e-8


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

    def drag(self, change: Expr, moved: Expr) -> Expr:
        """First Piola-Kirchhoff stress against changes within a step [MPa], shape (3, 3).

        Over the stiffness of the medium it is the square of `DRAG` over the charge that the step
        moves: next to nothing in steps of normal length, so that pressures on the way back are
        those on the way there, and ever more in shorter ones; nothing at rest.

        Args:
            change: Of the deformation gradient in the step, shape (3, 3).
            moved: Charge that the step moves, 1 being full.
        """
        return self.stiffness * (DRAG * _inverse(moved)) ** 2 * change

    def fold_energy(self, H: Expr, size: Expr) -> Expr:
        """Energy of folds per reference volume [MPa].

        Args:
            H: Second gradient of the displacement [1/um], any shape.
            size: Of a cell, h [um].
        """
        return self.stiffness * FOLDING / 2 * size**2 * ufl.inner(H, H)


@dataclass(frozen=True, slots=True)
class PenaltyMedium:
    """P = mu (F - (1 + q(J)) cof F): see below.

    While it is open q = -ln J, a neo-Hookean solid with mu = lambda. Below J = d = `SHUT` the
    logarithm goes on along its tangent, and k (d - J) is added, k = `PENALTY`, with a smooth
    onset of width w = `ONSET`: (d - J + sqrt((d - J)^2 + w^2))/2 instead of d - J, less what that
    is at rest. So d of the gap is left when contact begins, and surfaces overlap by
    p/(k mu) - d of the gap at a high pressure p. It is defined for every F: a cell that is
    turned inside out by its contact is pushed back.
    There is an energy mu tr C/2 + f(J) with a convex f.

    Attributes:
        stiffness: mu [MPa]; 1e-6 to 1e-7 of the stiffest neighbour.
    """

    stiffness: float

    def piola(self, F: Expr) -> Expr:
        """First Piola-Kirchhoff stress [MPa], shape (3, 3)."""
        J = ufl.det(F)
        shut = ufl.lt(J, SHUT)
        logarithm = ufl.conditional(
            shut, math.log(SHUT) - (SHUT - J) / SHUT, ufl.ln(ufl.conditional(shut, SHUT, J))
        )
        pressure = PENALTY * (_onset(SHUT - J) - _onset(ufl.as_ufl(SHUT - 1.0))) - logarithm
        return self.stiffness * (F - (1 + pressure) * cofactor(F))

    def drag(self, change: Expr, moved: Expr) -> Expr:
        """First Piola-Kirchhoff stress against changes within a step [MPa], shape (3, 3).

        That of a viscous medium: of its own stiffness for a strain of 1 in a full charge.

        Args:
            change: Of the deformation gradient in the step, shape (3, 3).
            moved: Charge that the step moves, 1 being full.
        """
        return self.stiffness * VISCOSITY * _inverse(moved) * change

    def fold_energy(self, H: Expr, size: Expr) -> Expr:
        """Energy of folds per reference volume [MPa].

        Args:
            H: Second gradient of the displacement [1/um], any shape.
            size: Of a cell, h [um].
        """
        return self.stiffness * LOOSE_FOLDING / 2 * size**2 * ufl.inner(H, H)


def _onset(over: Expr) -> Expr:
    """What a medium is squeezed too far by, with a smooth onset; to round-off on both sides."""
    root = ufl.sqrt(over**2 + ONSET**2)
    return ufl.conditional(ufl.gt(over, 0.0), (over + root) / 2, ONSET**2 / (2 * (root - over)))


def _inverse(moved: Expr) -> Expr:
    """One over a charge, and nothing at rest."""
    return moved / (moved**2 + SMALLEST_CHARGE**2)
