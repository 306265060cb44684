"""Errors of sequences whose limit is known."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isinf, log, nan

import pytest

from anodefem.converge.gci import (
    SAFETY,
    SAFETY_UNTRUSTED,
    Verdict,
    estimate,
    observed_order,
)

pytestmark = pytest.mark.serial

EVEN = (1.0, 1.0 / 1.5, 1.0 / 2.25)
UNEVEN = (1.0, 0.8, 0.5)  # what counting cells gives


def values(sizes: tuple[float, ...], law: Callable[[float], float]) -> list[float]:
    """A number at these sizes."""
    return [law(size) for size in sizes]


@pytest.mark.parametrize("sizes", [EVEN, UNEVEN])
@pytest.mark.parametrize("order", [0.7, 1.0, 2.0])
@pytest.mark.parametrize("constant", [0.3, -0.3])
def test_a_power_of_the_size_is_extrapolated_to_its_limit(
    sizes: tuple[float, ...], order: float, constant: float
) -> None:
    found = estimate(sizes, values(sizes, lambda h: 2.0 + constant * h**order), at=sizes[0])
    assert found.verdict is Verdict.CONVERGES
    assert found.order == pytest.approx(order, rel=1e-9)
    assert found.limit == pytest.approx(2.0, rel=1e-10)
    assert found.error == pytest.approx(SAFETY * abs(constant), rel=1e-9)


@pytest.mark.parametrize("at", EVEN)
def test_the_error_is_that_of_the_size_asked_for(at: float) -> None:
    found = estimate(EVEN, values(EVEN, lambda h: 2.0 + h), at=at)
    assert found.error == pytest.approx(SAFETY * at, rel=1e-9)


def test_the_error_bounds_a_sequence_of_two_orders() -> None:
    found = estimate(EVEN, values(EVEN, lambda h: 1.0 + 0.1 * h + 0.1 * h**2), at=1.0)
    assert found.verdict is Verdict.CONVERGES
    assert 1.0 < found.order < 2.0  # type: ignore[operator]
    assert 0.2 < found.error < 0.3


def test_an_order_above_the_formal_one_is_not_extrapolated_with() -> None:
    third = estimate(EVEN, values(EVEN, lambda h: 1.0 + h**2.8), at=1.0)
    assert third.verdict is Verdict.CONVERGES
    assert third.order == pytest.approx(2.8)
    assert third.error > SAFETY  # the second order promises less than was seen
    sixth = estimate(EVEN, values(EVEN, lambda h: 1.0 + h**6), at=1.0)
    assert sixth.verdict is Verdict.UNTRUSTED
    assert sixth.order == pytest.approx(6.0)
    assert SAFETY_UNTRUSTED < sixth.error < 1.1 * SAFETY_UNTRUSTED


@pytest.mark.parametrize(
    "law",
    [
        lambda h: 1.0 + 0.1 * (1.0 if h == EVEN[1] else -1.0),  # back and forth
        lambda h: h**-0.5,  # stress at a corner
        lambda h: -log(h),  # the slowest way to infinity
        lambda h: 1.0 + h**0.2,  # so slow that the limit is anybody's guess
        lambda h: nan if h == EVEN[2] else 1.0,  # there at some sizes only
        lambda h: inf if h == EVEN[2] else 1.0,
    ],
    ids=["oscillates", "singular", "logarithmic", "slow", "missing", "infinite"],
)
def test_no_number_is_given_where_nothing_converges(law: Callable[[float], float]) -> None:
    found = estimate(EVEN, values(EVEN, law), at=1.0)
    assert found.verdict is Verdict.DIVERGES
    assert isinf(found.error)
    assert found.limit is None


def test_values_scattered_within_two_hundredths_are_bounded_by_thrice_their_spread() -> None:
    found = estimate(EVEN, [1.000, 1.002, 0.999], at=1.0)
    assert found.verdict is Verdict.UNTRUSTED
    assert found.error == pytest.approx(3.0 * 0.003)
    away = estimate(EVEN, [1.000, 1.001, 1.003], at=1.0)
    assert away.verdict is Verdict.UNTRUSTED
    assert away.error == pytest.approx(3.0 * 0.003)


def test_what_nobody_asks_about_is_not_called_diverging() -> None:
    tiny = [1e-9, 3e-9, -2e-9]
    assert estimate(EVEN, tiny, at=1.0).verdict is Verdict.DIVERGES
    found = estimate(EVEN, tiny, at=1.0, negligible=1e-5)
    assert found.verdict is Verdict.UNTRUSTED
    assert found.error == pytest.approx(1.5e-8)


@pytest.mark.parametrize("same", [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0 - 2e-16, 1.0]])
def test_equal_values_have_no_error(same: list[float]) -> None:
    found = estimate(EVEN, same, at=1.0)
    assert found.verdict is Verdict.SAME
    assert found.error == 0.0


def test_equal_finer_values_have_an_order_that_cannot_be_told() -> None:
    assert observed_order(EVEN, [1.5, 1.0, 1.0]) == inf
    found = estimate(EVEN, [1.5, 1.0, 1.0], at=1.0)
    assert found.verdict is Verdict.UNTRUSTED
    assert found.error == pytest.approx(SAFETY_UNTRUSTED * 0.5)


def test_sizes_must_go_down() -> None:
    with pytest.raises(ValueError, match="must go down"):
        estimate((1.0, 1.0, 0.5), [1.0, 2.0, 3.0], at=1.0)
