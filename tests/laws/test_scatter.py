"""Random fields have the mean, the spread and the correlation that they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from anodefem.laws.scatter import GaussianField, lognormal

CORRELATION = 0.05
SEEDS = range(60)


def _grid(dim: int, side: float = 1.0, count: int = 800) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.0, side, (count, dim))


@pytest.mark.parametrize("dim", [2, 3])
def test_a_field_has_mean_zero_and_variance_one(dim: int) -> None:
    points = _grid(dim)
    values = np.stack([GaussianField.draw(correlation=0.05, seed=s)(points) for s in SEEDS])
    # 60 draws over (1 / 0.05)^2 independent patches or more
    assert values.mean() == pytest.approx(0.0, abs=0.02)
    assert values.var() == pytest.approx(1.0, rel=0.03)
    # and so at every single point, over the draws
    assert np.abs(values.mean(axis=0)).max() < 5 / np.sqrt(len(SEEDS))
    # normal: 2.28 % beyond two standard deviations
    assert (values > 2.0).mean() == pytest.approx(0.0228, abs=0.004)


@pytest.mark.parametrize("dim", [2, 3])
def test_the_correlation_falls_to_one_over_e_at_its_length(dim: int) -> None:
    points = _grid(dim)
    for distance in (0.02, 0.05, 0.1):
        away = np.random.default_rng(1).standard_normal(points.shape)
        away *= distance / np.linalg.norm(away, axis=1, keepdims=True)
        products = [
            (field(points) * field(points + away)).mean()
            for field in (GaussianField.draw(correlation=CORRELATION, seed=s) for s in SEEDS)
        ]
        expected = np.exp(-((distance / CORRELATION) ** 2))
        assert np.mean(products) == pytest.approx(expected, abs=0.03)


def test_toughness_has_mean_one_and_the_spread_of_its_logarithm() -> None:
    points = _grid(2)
    for spread in (0.1, 0.4):
        factors = np.stack(
            [
                lognormal(GaussianField.draw(correlation=0.05, seed=s), points, spread=spread)
                for s in SEEDS
            ]
        )
        assert factors.min() > 0.0
        assert factors.mean() == pytest.approx(1.0, abs=0.02)
        assert np.log(factors).std() == pytest.approx(spread, rel=0.02)


def test_a_seed_is_a_draw() -> None:
    points = _grid(2, count=50)
    first, again, other = (
        GaussianField.draw(correlation=0.05, seed=seed)(points) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.5


def test_a_plane_body_sees_a_section_of_the_field_in_space() -> None:
    field, flat = GaussianField.draw(correlation=0.05, seed=3), _grid(2, count=50)
    np.testing.assert_allclose(field(flat), field(np.pad(flat, ((0, 0), (0, 1)))), rtol=1e-12)
