"""Swelling that differs along the axes of a material: Fc = sum_a Jc^(beta_a) P_a.

P_a projects on the axes that share the exponent beta_a, and sum_a beta_a tr P_a = 1, so that
det Fc = Jc. The axes are those of the reference configuration, whatever the composition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import IDENTITY, Kinematics

Exponents = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class AnisotropicSwelling:
    """Axes and exponents of anisotropic swelling.

    Attributes:
        parts: Exponents beta_a with their projectors P_a, shape (3, 3); the projectors sum to I.
    """

    parts: tuple[tuple[float, Expr], ...]

    def inverse(self, swelling: Expr) -> Expr:
        """Fc^-1 at a swelling ratio Jc, shape (3, 3)."""
        return self._sum(lambda beta: swelling**-beta)

    def deviatoric_work(self, s: Expr, F: Expr) -> Expr:
        """Work of a stress deviator ``s`` in swelling, per unit of ln Jc [MPa].

        It is s : (Fe Fp B (Fe Fp)^-1) with B = sum_a beta_a P_a = d ln Fc / d ln Jc, and zero if
        all exponents are equal.
        """
        # F in place of Fe Fp = F Fc^-1: B and Fc commute
        return ufl.inner(s, ufl.dot(ufl.dot(F, self._sum(ufl.as_ufl)), ufl.inv(F)))

    def _sum(self, value: Callable[[float], Expr]) -> Expr:
        return reduce(add, (value(beta) * projector for beta, projector in self.parts))


def cartesian(exponents: Exponents, kinematics: Kinematics) -> AnisotropicSwelling:
    """Swelling along the axes x, y, z.

    Args:
        exponents: Along x, y, z; in axisymmetry z is the axis.
        kinematics: Axes of the tensors.

    Raises:
        ValueError: In axisymmetry, the exponents along x and y differ.
    """
    x, y, z = exponents
    if kinematics.kind == "axisymmetric":
        if x != y:
            raise ValueError("an axisymmetric body swells alike along x and y")
        exponents = (x, z, y)
    axes = (ufl.as_vector([float(i == a) for i in range(3)]) for a in range(3))
    return AnisotropicSwelling(
        tuple((beta, ufl.outer(a, a)) for beta, a in zip(exponents, axes, strict=True))
    )


def radial(exponents: Exponents, kinematics: Kinematics) -> AnisotropicSwelling:
    """Swelling of an onion: the first axis along the position vector from the origin.

    The other two are mixed: every direction across has the mean of their exponents. The position
    is that in the mesh's coordinates, so in plane strain the distance from the z axis counts.

    Args:
        exponents: Along the three axes of the material.
        kinematics: Position and axes of the tensors.
    """
    position = kinematics.vector(kinematics.position)
    along = ufl.outer(position, position) / ufl.inner(position, position)
    return AnisotropicSwelling(
        ((exponents[0], along), ((exponents[1] + exponents[2]) / 2, IDENTITY - along))
    )
