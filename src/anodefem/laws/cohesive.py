"""Cohesive interfaces: tractions between two faces that debond.

With the jump j of displacement across an interface, its opening j_n along the current normal and
its slip j_s, the traction per reference area is

    t = (1 - D) K (<j_n> n + j_s) - K <-j_n> n:

a spring that is damaged by opening and slip, and that keeps its stiffness when pressed. D follows a
bilinear law in the separation s^2 = <j_n>^2 + j_s^2,

    D = max over time of  s_f (s - s_0) / (s (s_f - s_0)),

whose onset s_0 and end s_f go from those of opening to those of slip with the mixity
B = j_s^2 / s^2 so that the energy spent is G_n + (G_s - G_n) B^eta (Benzeggagh and Kenane 1996;
Camanho and Davila 2002; Turon, Camanho, Costa and Davila 2006).

An interface that fails at once has no equilibrium in between. A viscous time tau (Duvaut and Lions)
delays D by tau, so that a step of length dt << tau always has a solution; what it adds to the
energy spent vanishes with tau over the time in which the interface is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import ufl
from ufl.core.expr import Expr

Number: TypeAlias = Expr | float

#: Share of its stiffness that a broken bond keeps: it holds loose parts in place.
RESIDUAL_STIFFNESS = 1e-8
#: Separation at which the mixity is rounded off, over that at onset.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class CohesiveResponse:
    """State of an interface at the end of a step; per reference area.

    Attributes:
        opening: Normal component of the jump [um], negative when pressed.
        mixity: Share B of slip in the square of the separation [-].
        damage: D [-].
        spent: Share of its toughness that D has cost [-]. A bond that is stiff and tough has lost
            all but a hundredth of its stiffness long before.
        traction: On the outer face, against the jump [MPa], shape (3,).
        energy: The energy that it holds [MPa um].
        work: What the growth of damage in the step takes [MPa um].
    """

    opening: Expr
    mixity: Expr
    damage: Expr
    spent: Expr
    traction: Expr
    energy: Expr
    work: Expr


@dataclass(frozen=True, slots=True)
class Cohesive:
    """Bilinear traction-separation law.

    Attributes:
        stiffness: K [MPa/um].
        strength, shear_strength: Largest traction in pure opening and in pure slip [MPa].
        toughness, shear_toughness: Energies G_n and G_s spent by them [MPa um = J/m^2].
        exponent: eta [-].
        viscous_time: tau [s], above 0.
    """

    stiffness: Number
    strength: Number
    shear_strength: Number
    toughness: Number
    shear_toughness: Number
    exponent: Number
    viscous_time: Number

    def onset(self, mixity: Expr) -> Expr:
        """s_0 [um], at which damage begins."""
        opening, slip = self.strength / self.stiffness, self.shear_strength / self.stiffness
        return ufl.sqrt(opening**2 + (slip**2 - opening**2) * mixity**self.exponent)

    def end(self, mixity: Expr) -> Expr:
        """s_f [um], at which nothing is left."""
        energy = self.toughness + (self.shear_toughness - self.toughness) * mixity**self.exponent
        return 2 * energy / (self.stiffness * self.onset(mixity))

    def toughness_of(self, mixity: Expr) -> Expr:
        """Energy spent by a separation of one mixity [MPa um]."""
        return self.end(mixity) * self.stiffness * self.onset(mixity) / 2

    def share(self, damage: Expr, mixity: Expr) -> Expr:
        """Share of its toughness that damage has cost [-]: (s - s_0)/(s_f - s_0)."""
        ratio = self.end(mixity) / self.onset(mixity)
        return damage / (ratio - damage * (ratio - 1))

    def damage_at(self, spent: float) -> float:
        """D [-] at which both pure opening and pure slip have cost a share of their toughness."""
        pairs = (self.toughness, self.strength), (self.shear_toughness, self.shear_strength)
        ratio = max(2 * float(g) * float(self.stiffness) / float(t) ** 2 for g, t in pairs)
        return spent * ratio / (1 + spent * (ratio - 1))

    def respond(
        self,
        jump: Expr,
        normal: Expr,
        damage: Expr,
        dt: Expr,
        frozen_jump: Expr | None = None,
        tangent_fraction: Number = 1.0,
    ) -> CohesiveResponse:
        """Advance over a step of ``dt`` [s].

        Args:
            jump: Displacement outside minus inside at its end [um], shape (3,).
            normal: Current unit normal at its end, from inside to outside.
            damage: D at its start.
            dt: Its length [s].
            frozen_jump: The same jump as a constant of differentiation, or None.
            tangent_fraction: Share of the growth of damage that is differentiated; the rest is
                that of ``frozen_jump``. It changes derivatives, no values: 1 gives Newton's method
                the tangent, 0 the secant, which converges slowly but does not jump at the peak.
        """
        opened = self._opened(jump, normal, damage, dt)
        if frozen_jump is not None:
            held = self._opened(frozen_jump, normal, damage, dt)[0]
            opened = (tangent_fraction * opened[0] + (1 - tangent_fraction) * held, *opened[1:])
        now, mixity, normal_jump, open_part, slip = opened
        left = 1 - (1 - RESIDUAL_STIFFNESS) * now
        pressed = normal_jump - open_part
        traction = self.stiffness * (left * (open_part * normal + slip) + pressed * normal)
        square = open_part**2 + ufl.inner(slip, slip)
        return CohesiveResponse(
            opening=normal_jump,
            mixity=mixity,
            damage=now,
            spent=self.share(now, mixity),
            traction=traction,
            energy=self.stiffness / 2 * (left * square + pressed**2),
            work=self.toughness_of(mixity) * (self.share(now, mixity) - self.share(damage, mixity)),
        )

    def _opened(self, jump: Expr, normal: Expr, damage: Expr, dt: Expr) -> tuple[Expr, ...]:
        """Damage, mixity, normal component, its positive part, and slip."""
        normal_jump = ufl.dot(jump, normal)
        slip = jump - normal_jump * normal
        # not max_value, whose derivative is 0 at 0: an interface at rest has its stiffness
        closed = ufl.lt(normal_jump, 0.0)
        open_part = ufl.conditional(closed, 0.0, normal_jump)
        floor = (ROUNDING * self.strength / self.stiffness) ** 2
        square = open_part**2 + ufl.inner(slip, slip)
        separation = ufl.sqrt(square + floor)
        mixity = ufl.inner(slip, slip) / (square + floor)
        first, last = self.onset(mixity), self.end(mixity)
        wanted = last * (separation - first) / (separation * (last - first))
        growth = ufl.max_value(ufl.min_value(wanted, 1.0) - damage, 0.0)
        now = damage + growth * dt / (self.viscous_time + dt)
        return now, mixity, normal_jump, open_part, slip
