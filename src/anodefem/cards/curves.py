"""Functions of the species fraction x = c / c_max in [0, 1]: moduli, yield, swelling, voltage.

A curve is data: a frozen dataclass that any arithmetic can evaluate. ``curve(x)`` takes floats and
arrays; ``curve(x, ops)`` takes whatever ``ops`` knows how to compare and exponentiate, such as
symbolic expressions, so that a card means the same to a plot, a test and a form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt


class Ops(Protocol):
    """The three operations that a curve needs beyond + - * /."""

    @property
    def exp(self) -> Callable[[Any], Any]:
        """Exponential."""

    @property
    def lt(self) -> Callable[[Any, float], Any]:
        """Condition ``a < b``."""

    @property
    def where(self) -> Callable[[Any, Any, Any], Any]:
        """``where(condition, a, b)``: ``a`` where it holds, ``b`` elsewhere."""


@dataclass(frozen=True, slots=True)
class NumpyOps:
    """Operations on floats and numpy arrays."""

    exp: Callable[[Any], Any] = np.exp
    lt: Callable[[Any, float], Any] = np.less
    where: Callable[[Any, Any, Any], Any] = np.where


NUMPY = NumpyOps()


@runtime_checkable
class Curve(Protocol):
    """A function of x in [0, 1]."""

    def __call__(self, x: Any, ops: Ops = NUMPY) -> Any:
        """Value at ``x``, with the shape of ``x``."""

    def scaled(self, factor: float) -> Curve:
        """Return the curve whose value is ``factor`` times this one's (another unit)."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value at every x."""

    value: float

    def __call__(self, x: Any, ops: Ops = NUMPY) -> Any:
        """Value at ``x``."""
        return self.value + 0.0 * x

    def scaled(self, factor: float) -> Constant:
        """Return ``factor`` times the curve."""
        return Constant(self.value * factor)


@dataclass(frozen=True, slots=True)
class Linear:
    """start + (end - start) x."""

    start: float
    end: float

    def __call__(self, x: Any, ops: Ops = NUMPY) -> Any:
        """Value at ``x``."""
        return self.start + (self.end - self.start) * x

    def scaled(self, factor: float) -> Linear:
        """Return ``factor`` times the curve."""
        return Linear(self.start * factor, self.end * factor)


@dataclass(frozen=True, slots=True)
class Saturating:
    """end + (start - end) exp(-x / decay)."""

    start: float
    end: float
    decay: float

    def __call__(self, x: Any, ops: Ops = NUMPY) -> Any:
        """Value at ``x``."""
        return self.end + (self.start - self.end) * ops.exp(-x / self.decay)

    def scaled(self, factor: float) -> Saturating:
        """Return ``factor`` times the curve."""
        return Saturating(self.start * factor, self.end * factor, self.decay)


@dataclass(frozen=True, slots=True)
class Rational:
    """Ratio of two polynomials in x, coefficients from the highest power down."""

    numerator: tuple[float, ...]
    denominator: tuple[float, ...] = (1.0,)

    def __call__(self, x: Any, ops: Ops = NUMPY) -> Any:
        """Value at ``x``."""
        return _horner(self.numerator, x) / _horner(self.denominator, x)

    def scaled(self, factor: float) -> Rational:
        """Return ``factor`` times the curve."""
        return Rational(tuple(factor * a for a in self.numerator), self.denominator)


@dataclass(frozen=True)
class Table:
    """Monotone piecewise cubic through points, as of Fritsch and Carlson.

    Between two points the curve stays between their values, so that a table that falls gives a
    curve that falls. Outside the points it goes on with the cubic of the first or last interval.

    Attributes:
        x: Strictly increasing positions.
        y: Values at ``x``.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the points.

        Raises:
            ValueError: Fewer than two points, unequal lengths, or positions out of order.
        """
        if len(self.x) != len(self.y) or len(self.x) < 2:
            raise ValueError(f"{len(self.x)} x and {len(self.y)} y; give two or more of each")
        if any(b <= a for a, b in zip(self.x, self.x[1:], strict=False)):
            raise ValueError("x must increase from point to point")

    @cached_property
    def slopes(self) -> tuple[float, ...]:
        """Slope at each point: harmonic mean of the neighbours, zero at an extremum."""
        h, secant = np.diff(self.x), np.diff(self.y) / np.diff(self.x)
        slope = np.empty(len(self.x))
        before, after = secant[:-1], secant[1:]
        same_sign = before * after > 0.0
        w1, w2 = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
        safe = np.where(same_sign, before * after, 1.0)
        mean = (w1 + w2) * safe / np.where(same_sign, w1 * after + w2 * before, 1.0)
        slope[1:-1] = np.where(same_sign, mean, 0.0)
        slope[0] = _end_slope(h, secant)
        slope[-1] = _end_slope(h[::-1], secant[::-1])
        return tuple(slope.tolist())

    def __call__(self, x: Any, ops: Ops = NUMPY) -> Any:
        """Value at ``x``."""
        value = self._cubic(len(self.x) - 2, x)
        for i in range(len(self.x) - 3, -1, -1):
            value = ops.where(ops.lt(x, self.x[i + 1]), self._cubic(i, x), value)
        return value

    def _cubic(self, i: int, x: Any) -> Any:
        h = self.x[i + 1] - self.x[i]
        secant = (self.y[i + 1] - self.y[i]) / h
        left, right = self.slopes[i], self.slopes[i + 1]
        quadratic = (3.0 * secant - 2.0 * left - right) / h
        cubic = (left + right - 2.0 * secant) / h**2
        return _horner((cubic, quadratic, left, self.y[i]), x - self.x[i])

    def scaled(self, factor: float) -> Table:
        """Return ``factor`` times the curve."""
        return Table(self.x, tuple(factor * y for y in self.y))


def _end_slope(h: npt.NDArray[np.float64], secant: npt.NDArray[np.float64]) -> float:
    """Return the one-sided three-point slope, limited so that the curve stays monotone."""
    if len(h) == 1:
        return float(secant[0])
    slope = ((2.0 * h[0] + h[1]) * secant[0] - h[0] * secant[1]) / (h[0] + h[1])
    if slope * secant[0] <= 0.0:
        return 0.0
    if secant[0] * secant[1] < 0.0 and abs(slope) > 3.0 * abs(secant[0]):
        return float(3.0 * secant[0])
    return float(slope)


def _horner(coefficients: tuple[float, ...], x: Any) -> Any:
    value: Any = coefficients[0] + 0.0 * x
    for a in coefficients[1:]:
        value = value * x + a
    return value


def samples(curve: Curve, count: int = 401) -> npt.NDArray[np.float64]:
    """Return the values at equally spaced x from 0 to 1, shape (count,).

    Args:
        curve: Function of x.
        count: How many values.
    """
    return np.asarray(curve(np.linspace(0.0, 1.0, count)), dtype=np.float64)
