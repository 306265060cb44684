"""Surfaces that stretch with the body below, and sheets that carry tension along them.

A surface is described in its reference plane, by the part of C = F^T F in it. What happens across
the surface does not enter, nor does a rotation.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import IDENTITY, cofactor_normal

#: Share of a sheet's stiffness that is left where it would be pressed together.
WRINKLED_STIFFNESS = 1e-3


@dataclass(frozen=True, slots=True)
class Surface:
    """Kinematics of a material surface.

    Attributes:
        F: Deformation gradient of the bulk at the surface, shape (3, 3).
        N: Reference unit normal, shape (3,).
    """

    F: Expr
    N: Expr

    @property
    def area_ratio(self) -> Expr:
        """Js = |cof(F) N|: current per reference area."""
        a = cofactor_normal(self.F, self.N)
        return ufl.sqrt(ufl.dot(a, a))

    @property
    def normal(self) -> Expr:
        """Current unit normal n."""
        a = cofactor_normal(self.F, self.N)
        return a / ufl.sqrt(ufl.dot(a, a))

    @property
    def tangent_projector(self) -> Expr:
        """I - N N: identity of the reference plane."""
        return IDENTITY - ufl.outer(self.N, self.N)

    @property
    def metric(self) -> Expr:
        """(I - N N) C (I - N N)."""
        tangential = ufl.dot(self.F, self.tangent_projector)
        return ufl.dot(tangential.T, tangential)

    @property
    def inverse_metric(self) -> Expr:
        """Inverse of `metric` in the plane; by Cayley and Hamilton."""
        metric = self.metric
        return (ufl.tr(metric) * self.tangent_projector - metric) / plane_determinant(metric)


def plane_determinant(a: Expr) -> Expr:
    """Determinant within its plane of a tensor that is zero across it."""
    return (ufl.tr(a) ** 2 - ufl.inner(a, a.T)) / 2


def atanh_ratio(z: Expr) -> Expr:
    """Return atanh(q)/q with q^2 = z, smooth at z = 0 and right to round-off for z < 1."""
    series = 1 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z / 9)))
    q = ufl.sqrt(ufl.max_value(z, 1e-3))
    return ufl.conditional(ufl.lt(z, 1e-3), series, ufl.ln((1 + q) / (1 - q)) / (2 * q))


@dataclass(frozen=True, slots=True)
class SurfaceStrain:
    """Logarithmic strain of a surface against a stress-free metric.

    The left Cauchy-Green tensor b = F A F^T along the surface has the eigenvalues m (1 +- q). Its
    logarithm ln(b)/2 has the mean ln(m)/2 + ln(1 - q^2)/4, and its deviator is that of b times
    atanh(q) / (2 q m).

    Attributes:
        surface: Kinematics.
        stress_free: A, inverse of the metric in which nothing is strained; in the reference plane,
            shape (3, 3).
    """

    surface: Surface
    stress_free: Expr

    @property
    def square(self) -> Expr:
        """M: mean of the squared stretches."""
        return ufl.inner(self.surface.metric, self.stress_free) / 2

    @property
    def deviator(self) -> Expr:
        """Deviator of b, pulled back: F^-1 (dev b) F^-T in the reference plane."""
        return self.stress_free - self.square * self.surface.inverse_metric

    @property
    def difference(self) -> Expr:
        """Z = q^2 in [0, 1): how much the squared stretches differ."""
        # not 1 - det b / m^2: that loses half the digits at equal stretches
        mixed = ufl.dot(self.surface.metric, self.deviator)
        return ufl.inner(mixed, mixed.T) / (2 * self.square**2)

    @property
    def mean(self) -> Expr:
        """Mean of the principal logarithmic strains."""
        return ufl.ln(self.square) / 2 + ufl.ln(1 - self.difference) / 4

    @property
    def largest(self) -> Expr:
        """Larger principal logarithmic strain; not to be differentiated at equal stretches."""
        return ufl.ln(self.square * (1 + ufl.sqrt(self.difference + 1e-30))) / 2


@dataclass(frozen=True, slots=True)
class GrapheneMembrane:
    """Graphene-like sheet that wrinkles rather than carry compression.

    Hencky's energy of plane stress in the principal logarithmic strains e1 >= e2,

        w = E h/2 e1^2 + E h/(2 (1 - nu^2)) (e2 + nu e1)^2 per reference area,

    without the terms whose bracket is negative: a sheet that shortens along e2 wrinkles and carries
    uniaxial tension, and one that shortens both ways is slack (tension field; Pipkin 1986, IMA J.
    Appl. Math. 36, 85). A share `WRINKLED_STIFFNESS` of these terms is kept, so that its place is
    determined.
    In-plane moduli of one layer of graphene are E h = 340 N/m, nu = 0.165 (Lee et al. 2008).

    Attributes:
        young: In-plane Young's modulus E [MPa].
        poisson: In-plane Poisson's ratio [-].
        thickness: h [um].
    """

    young: float
    poisson: float
    thickness: float

    def energy(self, surface: Surface) -> Expr:
        """Energy per reference area [MPa um]."""
        strain = SurfaceStrain(surface, surface.tangent_projector)
        z, mean = strain.difference, strain.mean
        tension = self.young * self.thickness
        plane = tension / (1 - self.poisson**2)
        half = atanh_ratio(z) / 2
        taut = plane * ((1 + self.poisson) * mean**2 + (1 - self.poisson) * half**2 * z)
        # the floor stands for a strain of 1e-10; it keeps the derivative finite at equal strains
        apart = half * ufl.sqrt(z + 1e-20)
        first, second = mean + apart, mean - apart
        lost = tension / 2 * _negative(first) + plane / 2 * _negative(second + self.poisson * first)
        return taut - (1 - WRINKLED_STIFFNESS) * lost


def _negative(a: Expr) -> Expr:
    """Square of the negative part."""
    return ufl.conditional(ufl.lt(a, 0.0), a**2, 0.0)
