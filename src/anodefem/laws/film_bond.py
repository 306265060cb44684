"""The bond of a film to its surface where it yields: pieces that slide, and a film that comes off.

A film that consists of pieces of size L follows its surface only as far as the shear traction tau
of its bond pulls it along. By the virial theorem the mean force of a piece of area A is

    N = 1/A int x t dA,

whatever the piece is made of. A round piece that slides all over, with t = tau away from its
middle, carries tau L / 6 in every direction when the surface stretches evenly (a strip tau L / 4:
Kelly and Tyson 1965; Xia and Hutchinson 2000). So with the mean p and half the difference t of the
principal stresses of `anodefem.laws.film` and the thickness h

    sqrt(p^2 + t^2) <= S = tau L / (6 h),

which in one direction is 0.236 tau L / h. What a piece does not follow, it slides: a share of its
elastic logarithmic strain is left, the rest opens gaps between the pieces. The area of the surface
over that of the film is exp(m). A film whose gaps are closed (m <= 0) is pressed together, until
its elastic energy pays for its adhesion G: beyond

    W = sqrt(E G / ((1 - nu) h))

it comes off in wrinkles, m < 0. A film with wrinkles carries no tension until they are taken up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ufl
from ufl.core.expr import Expr

from anodefem.laws.membrane import SurfaceStrain

if TYPE_CHECKING:
    from anodefem.laws.film import PlaneStress

#: Stress [MPa] at which directions of sliding are rounded off.
ROUNDING = 1e-9
#: Mean strain below which nothing is told apart.
SMALL = 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmBond:
    """A bond of pieces of a film that yields in shear, and gives way where the film is pressed.

    Attributes:
        shear_strength: tau [MPa].
        fragment_length: L [um].
        adhesion: G [MPa um]; None for a film that never comes off.
    """

    shear_strength: float
    fragment_length: float
    adhesion: float | None = None

    def sliding_stress(self, thickness: Expr | float) -> Expr | float:
        """S [MPa] of pieces of that thickness [um]."""
        return self.shear_strength * self.fragment_length / 6 / thickness

    def wrinkling_stress(self, thickness: Expr, young: float, poisson: float) -> Expr:
        """W [MPa].

        Args:
            thickness: h [um].
            young: E of the film [MPa].
            poisson: nu of the film [-].
        """
        return ufl.sqrt((self.adhesion or 0.0) * young / ((1 - poisson) * thickness))


@dataclass(frozen=True, slots=True, kw_only=True)
class BondState:
    """A bond at the start of a step.

    Attributes:
        bond: Law.
        mismatch: m, logarithm of the area of the surface over that of the film: above 0 gaps are
            open, below 0 the film has wrinkles.
        thickness: h [um].
    """

    bond: FilmBond
    mismatch: Expr
    thickness: Expr

    def slide(self, strain: SurfaceStrain, trial: PlaneStress, limit: float) -> Slide:
        """Let the film slide on its surface.

        Args:
            strain: Elastic strain at the end of the step if nothing slid or flowed.
            trial: Its stress.
            limit: Von Mises' stress [MPa] above which the film flows at once; infinite if it flows
                at a rate. A film that this holds back more than its bond flows, and does not slide.
        """
        bond, m = self.bond, strain.mean
        size = ufl.sqrt(trial.mean**2 + trial.shear_square + ROUNDING**2)
        slides = ufl.min_value(bond.sliding_stress(self.thickness) / size, 1.0)
        # the part of the strain that is left when wrinkles are taken up, or gaps are closed
        stretched = ufl.max_value(m, SMALL)
        taut = ufl.max_value(1 + ufl.min_value(self.mismatch, 0.0) / (2 * stretched), 0.0)
        squeezed = ufl.max_value(-m, SMALL)
        touching = 1 - ufl.max_value(self.mismatch, 0.0) / (2 * squeezed)
        closed = ufl.max_value(touching, slides)
        held = closed
        if bond.adhesion is not None:
            comes_off = bond.wrinkling_stress(self.thickness, trial.young, trial.poisson)
            held = ufl.min_value(closed, comes_off / size)
        pulled = ufl.gt(m, 0.0)
        share = ufl.conditional(pulled, ufl.min_value(taut, slides), held)
        # over twice the energy of the trial strain: stress times what slides at that stress
        work = ufl.conditional(
            pulled, share * (taut - share), slides * (1 - closed) + share * (closed - share)
        )
        if limit < float("inf"):
            # the floor keeps the quotient finite without stress
            flows = ufl.lt(limit / (trial.equivalent(0.0) + ROUNDING), share)
            share, work = ufl.conditional(flows, 1.0, share), ufl.conditional(flows, 0.0, work)
        energy = trial.mean**2 * (1 - trial.poisson) + trial.shear_square * (1 + trial.poisson)
        left = replace(trial, mean=share * trial.mean, shear_square=share**2 * trial.shear_square)
        return Slide(share=share, work=2 * work * energy / trial.young, strain=strain, trial=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """How a film slides in a step.

    Attributes:
        share: Of the elastic logarithmic strain that is left [-].
        work: Spent by the bond, per stress-free volume of the film [MPa]; never negative.
        strain: Elastic strain before.
        trial: Stress of what is left of it.
    """

    share: Expr
    work: Expr
    strain: SurfaceStrain
    trial: PlaneStress

    @property
    def mismatch(self) -> Expr:
        """By how much the logarithm of the area of the surface over that of the film grows."""
        return 2 * (1 - self.share) * self.strain.mean

    def carried(self, metric: Expr) -> Expr:
        """Inverse metric of something that slides along, shape (3, 3).

        The stretch of what slides is coaxial with the elastic strain.

        Args:
            metric: The same at the start of the step, in the reference plane.
        """
        strain, gone = self.strain, 1 - self.share
        q = ufl.sqrt(ufl.max_value(strain.difference, 1e-30))
        apart = gone * ufl.ln((1 + q) / (1 - q)) / 4
        direction = ufl.dot(strain.deviator, strain.surface.metric) / (q * strain.square)
        plane = strain.surface.tangent_projector
        back = ufl.exp(-gone * strain.mean) * (
            ufl.cosh(apart) * plane - ufl.sinh(apart) * direction
        )
        return ufl.dot(back, ufl.dot(metric, back.T))
