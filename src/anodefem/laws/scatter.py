"""Properties that scatter from place to place: random fields with a correlation length.

A field is a sum of cosines with random wave vectors and phases (random Fourier features), so its
value at a point depends on nothing but the point: it is the same on any mesh and any ranks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Cosines of a field. The value at a point is normal but for an excess kurtosis of -1.5 / WAVES.
WAVES = 400


@dataclass(frozen=True, slots=True)
class GaussianField:
    """One draw of a random field with mean 0, variance 1 and covariance exp(-(r/a)^2).

    The mean and the variance are those over all draws; in one draw, over a body of few
    correlation lengths, they are others.

    Attributes:
        vectors: Wave vectors [1/um], shape (n, 3).
        phases: [rad], shape (n,).
    """

    vectors: Array
    phases: Array

    @classmethod
    def draw(cls, *, correlation: float, seed: int) -> GaussianField:
        """Draw a field.

        The spectrum of exp(-(r/a)^2) is Gaussian: each component of a wave vector is normal with
        variance 2/a^2 (Rahimi and Recht 2007). It is drawn in space, so that a body in two
        dimensions sees a plane section.

        Args:
            correlation: Distance a at which the correlation has fallen to 1/e [um].
            seed: Of the generator.
        """
        generator = np.random.default_rng(seed)
        vectors = generator.standard_normal((WAVES, 3)) * (np.sqrt(2.0) / correlation)
        return cls(vectors, generator.uniform(0.0, 2.0 * np.pi, WAVES))

    def __call__(self, points: Array) -> Array:
        """Values at points [um], shape (m, d) with d up to 3; shape (m,)."""
        total = np.zeros(len(points))
        for vector, phase in zip(self.vectors, self.phases, strict=True):
            total += np.cos(points @ vector[: points.shape[1]] + phase)
        return total * np.sqrt(2.0 / len(self.phases))


def lognormal(field: GaussianField, points: Array, *, spread: float) -> Array:
    """Positive factor with mean 1 at points: exp(s g - s^2/2), shape (m,).

    Args:
        field: g.
        points: [um], shape (m, d).
        spread: Standard deviation s of the logarithm [-].
    """
    return np.asarray(np.exp(spread * field(points) - spread**2 / 2))
