r"""Kinetics of the reaction at a surface: Butler and Volmer's law behind a film that resists.

With both transfer coefficients 1/2, the current per current area (positive when the host fills) is

    i = i0 (exp(-eta F/2RT) - exp(eta F/2RT)) = 2 i0 sinh(z),    z = -eta F/2RT,
    V = U + eta - i R,

V being the potential of the electrode, U that at which nothing reacts and R the resistance of a
film. With y = (U - V) F/2RT and rho = R i0 F/RT this is

    z + rho sinh z = y,

solved here for z. The root lies below both y and asinh(y/rho), and from the smaller of these
Newton's method falls to it, as the left side is convex: 7 iterations reach 1e-13 for all rho and
y < 600. Written out in UFL they carry their derivative with them, so that a Newton method around
them has the tangent of the eliminated current.
"""

from __future__ import annotations

from dataclasses import dataclass

import ufl
from ufl.core.expr import Expr

#: Fractions between which the exchange current is evaluated: it is never quite zero.
FLOOR = 1e-4
#: Iterations after which the local current is exact, whatever drives it (`tests/laws`).
ITERATIONS = 7
#: Below this product of resistance and exchange current [-] a film is not felt.
_NO_FILM = 1e-30


@dataclass(frozen=True, slots=True)
class ExchangeCurrent:
    """i0(x) = 2 i0(1/2) sqrt(x (1 - x)), as of a reaction that needs a place and an ion.

    Attributes:
        half_full: i0 at x = 1/2 [A/m^2].
    """

    half_full: float | Expr

    def __call__(self, x: Expr) -> Expr:
        """Exchange current [A/m^2] at a fraction, which is held in [FLOOR, 1 - FLOOR]."""
        inside = ufl.max_value(ufl.min_value(x, 1 - FLOOR), FLOOR)
        return 2 * self.half_full * ufl.sqrt(inside * (1 - inside))


def activation(drive: Expr, resistance: Expr | None = None) -> Expr:
    """Return z of z + rho sinh z = y: minus the overpotential of the reaction over 2RT/F.

    Args:
        drive: y = (U - V) F/2RT [-].
        resistance: rho = R i0 F/RT [-], not negative; None without a film: z = y.
    """
    if resistance is None:
        return drive
    rho = ufl.max_value(resistance, _NO_FILM)
    back = ufl.lt(drive, 0)
    size = ufl.conditional(back, -drive, drive)
    share = size / rho
    z = ufl.min_value(size, ufl.ln(share + ufl.sqrt(1 + share**2)))
    for _ in range(ITERATIONS):
        z = z - (z + rho * ufl.sinh(z) - size) / (1 + rho * ufl.cosh(z))
    return ufl.conditional(back, -z, z)
