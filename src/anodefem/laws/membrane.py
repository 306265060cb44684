"""Membranes: films of no thickness in the mesh that carry tension along a surface.

A membrane has the deformation Fm = F (I - N N) + n N / Js, with N and n the reference and current
unit normals and Js the area ratio: it stretches with the surface it lies on and keeps its volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

from anodefem.laws.kinematics import IDENTITY, cofactor_normal
from anodefem.laws.plasticity import ROOT23, return_stiffness, unimodular_trace


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
    def tangential(self) -> Expr:
        """F (I - N N)."""
        return self.F - ufl.outer(ufl.dot(self.F, self.N), self.N)

    @property
    def isochoric(self) -> Expr:
        """Fm, det = 1."""
        return self.tangential + ufl.outer(self.normal, self.N) / self.area_ratio


def largest_along(t: Expr, n: Expr) -> Expr:
    """Larger principal value of a symmetric tensor in the plane with unit normal ``n``.

    Args:
        t: Symmetric tensor with eigenvector n, shape (3, 3).
        n: Unit normal.
    """
    mean = (ufl.tr(t) - ufl.dot(n, ufl.dot(t, n))) / 2
    plane = IDENTITY - ufl.outer(n, n)
    d = ufl.dot(plane, ufl.dot(t, plane)) - mean * plane
    # not mean^2 - det: that loses half the digits at equal values
    return mean + ufl.sqrt(ufl.inner(d, d) / 2 + 1e-30)


@dataclass(frozen=True, slots=True)
class FilmResponse:
    """State of a film at the end of a step.

    Attributes:
        tension: Force per current length times thickness stretch: Kirchhoff stress along the
            surface [MPa], shape (3, 3).
        b: Elastic left Cauchy-Green tensor, det = 1.
        surface: Kinematics.
        multiplier: Plastic multiplier of the step [-].
        s: Deviatoric Kirchhoff stress [MPa].
    """

    tension: Expr
    b: Expr
    surface: Surface
    multiplier: Expr
    s: Expr

    @property
    def plastic(self) -> Expr:
        """Cp^-1 at the end of the step, det = 1."""
        inverse = ufl.inv(self.surface.isochoric)
        return ufl.dot(ufl.dot(inverse, self.b), inverse.T)

    @property
    def principal(self) -> Expr:
        """Larger principal stress along the surface [MPa]."""
        return largest_along(self.tension, self.surface.normal)


@dataclass(frozen=True, slots=True)
class ElasticPlasticFilm:
    """Incompressible elastic-plastic film in plane stress.

    Neo-Hookean, W = G/2 (tr b - 3) per volume of the film, with a J2 return of the deviator; the
    pressure follows from zero stress across the film and does not enter the return.

    Attributes:
        shear: G [MPa]. For a compressible film use E / (6 (1 - nu)): the same equibiaxial modulus.
        yield_stress: Uniaxial yield stress [MPa].
    """

    shear: float
    yield_stress: float

    def respond(self, surface: Surface, plastic: Expr) -> FilmResponse:
        """Advance from ``plastic`` = Cp_n^-1 (whose initial value is the formation metric)."""
        Fm, n = surface.isochoric, surface.normal
        trial = ufl.dot(ufl.dot(Fm, plastic), Fm.T)
        s, norm, stiffness = return_stiffness(self.shear, trial)
        multiplier = ufl.max_value(norm - ROOT23 * self.yield_stress, 0.0) / stiffness
        s = (1 - stiffness * multiplier / norm) * s
        b = s / self.shear + unimodular_trace(s / self.shear, ufl.tr(trial) / 3) * IDENTITY
        across = ufl.dot(n, ufl.dot(s, n))
        tension = s - across * IDENTITY
        return FilmResponse(tension, b, surface, multiplier, s)

    def virtual_work(self, response: FilmResponse, variation: Expr) -> Expr:
        """Internal virtual work per reference volume of the film [MPa].

        Args:
            response: State of the film.
            variation: Reference gradient of the virtual displacement, shape (3, 3).
        """
        # the part of the variation across the surface does no work: tension . n = 0
        rate = ufl.dot(variation, ufl.inv(response.surface.isochoric))
        return ufl.inner(response.tension, rate)


@dataclass(frozen=True, slots=True)
class ElasticSheet:
    """Graphene-like sheet: psi = K2/2 (Js - 1)^2 + G2/2 (I1/Js - 2) per reference area [N/m].

    I1 = tr C - N.C N. K2 = E h / (2 (1 - nu)), G2 = E h / (2 (1 + nu)); in-plane moduli of Lee et
    al. 2008 for one layer are E h = 340 N/m, nu = 0.165.

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
        tangential = surface.tangential
        trace = ufl.inner(tangential, tangential)
        k2 = self.young * self.thickness / (2 * (1 - self.poisson))
        g2 = self.young * self.thickness / (2 * (1 + self.poisson))
        ratio = surface.area_ratio
        return k2 / 2 * (ratio - 1) ** 2 + g2 / 2 * (trace / ratio - 2)
