"""How far a number is from its limit, judged from three sizes of cells or of steps.

Richardson's extrapolation with the observed order, and Roache's grid convergence index (J. Fluids
Eng. 116, 1994, 405): the distance to the extrapolated limit times a safety factor, 1.25 where the
order can be trusted and 3 where it cannot. What counts as trusted follows Oberkampf and Roy
(Verification and Validation in Scientific Computing, 2010, section 8.7).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, log

SAFETY, SAFETY_UNTRUSTED = 1.25, 3.0
#: No order above this one is extrapolated with: second-order fields on straight-edged cells, and
#: steps of second order at the most.
FORMAL_ORDER = 2.0
#: Observed orders that are trusted; between the formal one and the last, the formal one is used.
TRUSTED = (0.5, 3.0)
#: Three values within this part of their size are close enough to tell something although they do
#: not approach each other: thrice the distance between the outermost bounds the error.
SCATTER = 0.02
#: Values within this part of their size are one number.
ROUND_OFF = 1e-12

_ORDERS = (1e-3, 32.0)  # between which the observed order is looked for


class Verdict(enum.StrEnum):
    """What three values say."""

    SAME = "same"
    CONVERGES = "converges"
    UNTRUSTED = "order not trusted"
    DIVERGES = "does not converge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What three sizes say of a number.

    Attributes:
        verdict: In one word or two.
        error: Bound of the discretisation error at the size asked for; infinite where the values
            do not converge.
        order: Observed order; ``None`` where there is none.
        limit: Extrapolated to size zero; ``None`` where that makes no sense.
    """

    verdict: Verdict
    error: float
    order: float | None = None
    limit: float | None = None


def estimate(
    sizes: Sequence[float], values: Sequence[float], *, at: float, negligible: float = 0.0
) -> Estimate:
    """Judge three values of one number.

    Args:
        sizes: Three different sizes of cells or steps, the largest first; of any unit.
        values: The number at these sizes.
        at: The size, one of the three, at which the error is wanted.
        negligible: Difference that nobody asks about, in the number's unit.

    Raises:
        ValueError: There are not three sizes, or they do not go down.
    """
    coarse, middle, fine = sizes
    if not coarse > middle > fine > 0:
        raise ValueError(f"sizes {tuple(sizes)} must go down")
    if not all(map(isfinite, values)):
        return Estimate(verdict=Verdict.DIVERGES, error=inf)
    spread = max(values) - min(values)
    size = max(map(abs, values))
    if spread <= ROUND_OFF * size:
        return Estimate(verdict=Verdict.SAME, error=0.0, limit=values[2])
    order = observed_order(sizes, values)
    if order is not None and order >= TRUSTED[0]:
        used = min(order, FORMAL_ORDER)
        limit = values[2] + (values[2] - values[1]) / ((middle / fine) ** used - 1.0)
        trusted = order <= TRUSTED[1]
        away = abs(values[list(sizes).index(at)] - limit)
        return Estimate(
            verdict=Verdict.CONVERGES if trusted else Verdict.UNTRUSTED,
            error=(SAFETY if trusted else SAFETY_UNTRUSTED) * away,
            order=order,
            limit=limit,
        )
    if spread <= max(SCATTER * size, negligible):
        return Estimate(verdict=Verdict.UNTRUSTED, error=SAFETY_UNTRUSTED * spread, order=order)
    return Estimate(verdict=Verdict.DIVERGES, error=inf, order=order)


def observed_order(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the order p of ``values = limit + constant size^p``.

    It solves ``(v1 - v2)/(v2 - v3) = (s1^p - s2^p)/(s2^p - s3^p)`` whatever the ratios of the
    sizes. ``None`` if the values go back and forth, or away from any limit; infinite if the last
    two are equal.

    Args:
        sizes: Three sizes, the largest first.
        values: The number at these sizes.
    """
    (first, second), (v1, v2, v3) = _ratios(sizes), values
    if v2 == v3:
        return inf
    change = (v1 - v2) / (v2 - v3)
    # The right side grows with p, from this value at p = 0.
    if change <= log(first) / log(second):
        return None
    low, high = _ORDERS

    def excess(p: float) -> float:
        return (first**p - 1.0) * second**p / (second**p - 1.0) - change

    if excess(high) < 0.0:
        return inf
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


def _ratios(sizes: Sequence[float]) -> tuple[float, float]:
    first, second = (larger / smaller for larger, smaller in pairwise(sizes))
    return first, second
