"""Quantiles of values that stand for unequal shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def weighted_quantile(
    values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], level: float
) -> float:
    """Quantile of values with weights that sum to 1, continuous in both.

    Each value stands at the middle of its weight; between them the quantile is linear.

    Args:
        values: Shape (n,).
        weights: Of the values, shape (n,).
        level: Between 0 and 1.
    """
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(level, middle, values[order]))


def bound(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], level: float) -> float:
    """Smallest of the values that those of a share ``level`` of the weight, or more, do not exceed.

    Unlike `weighted_quantile` it does not depend on the order of equal values, such as stresses of
    facets that flow.

    Args:
        values: Shape (n,).
        weights: Of the values, shape (n,), with any sum.
        level: Share of the weight, between 0 and 1.
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    place = int(np.searchsorted(below, level * below[-1] * (1 - 1e-12)))
    return float(values[order][place])
