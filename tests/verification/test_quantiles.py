"""Quantiles of facet values by area."""

from __future__ import annotations

import numpy as np
import pytest

from anodefem.fem.quantiles import bound, weighted_quantile

pytestmark = pytest.mark.verification


def test_a_bound_is_not_exceeded_on_its_share_of_the_weight() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.005, 0.495, 0.5])
    assert bound(values, weights, 0.99) == 2.0
    assert bound(values, weights, 0.999) == 3.0
    assert bound(values, weights, 0.495) == 1.0
    assert bound(values, weights, 1.0) == 3.0


def test_a_bound_does_not_depend_on_the_order_of_equal_values() -> None:
    values, weights = np.array([1.0, 1.0, 2.0]), np.array([0.7, 0.28, 0.02])
    swapped = weights[[1, 0, 2]]
    assert bound(values, weights, 0.95) == bound(values, swapped, 0.95) == 1.0
    # which is why it is not this one, whose values stand in the middle of their weights
    smooth = [weighted_quantile(values, each, 0.95) for each in (weights, swapped)]
    assert smooth[0] != pytest.approx(smooth[1], rel=1e-3)


def test_the_order_of_all_values_does_not_matter() -> None:
    random = np.random.default_rng(3)
    values, weights = random.integers(0, 9, 50).astype(float), random.uniform(size=50)
    weights /= weights.sum()
    for level in (0.1, 0.5, 0.99):
        order = random.permutation(50)
        assert bound(values, weights, level) == bound(values[order], weights[order], level)
