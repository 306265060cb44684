"""The estimate of the local error is that of the formula, for polynomials of the third degree."""

from __future__ import annotations

from math import inf, pi, sqrt

import pytest

from anodefem.solve.clock import Clock, StepLimits, bdf_weight
from anodefem.solve.error import share_of_departure


@pytest.mark.parametrize("lengths", [(1.0, 1.0, 1.0), (0.5, 1.0, 1.5), (2.0, 1.0, 0.3)])
def test_the_error_of_a_cubic_is_found(lengths: tuple[float, float, float]) -> None:
    earlier, before, dt = lengths
    times = [0.0, earlier, earlier + before, earlier + before + dt]

    def x(t: float) -> float:
        return 0.3 - t + 0.5 * t**2 + 0.2 * t**3

    slope = -1.0 + times[3] + 0.6 * times[3] ** 2
    values = [x(t) for t in times]
    weight = bdf_weight(dt / before)
    rate = (values[2] - values[1]) / before
    found = values[2] + weight * dt * slope + (1 - weight) * dt * rate
    bend = (rate - (values[1] - values[0]) / earlier) / (earlier + before)
    departure = found - (values[2] + dt * rate + dt * (dt + before) * bend)
    error = share_of_departure(dt, before, earlier) * departure
    assert error == pytest.approx(found - values[3], rel=1e-10)


def test_equal_steps_have_the_constant_of_the_book() -> None:
    assert share_of_departure(1.0, 1.0, 1.0) == pytest.approx(2 / 11)


def test_the_first_step_counts_what_backward_euler_misses_of_a_root() -> None:
    # one step of backward Euler for a half space that is fed through its end finds sqrt(dt),
    # in the units in which the exact value is 2 sqrt(dt/pi)
    assert share_of_departure(1.0, 0.0, 0.0) == pytest.approx(1 - sqrt(pi) / 2)


def test_steps_follow_their_error() -> None:
    limits = StepLimits(soc=1, fraction=1, initial=1, smallest=1e-9, count=9, error=1e-3)
    assert limits.step_for_error(0.0, 3) == inf
    assert limits.step_for_error(8e-3, 3) == pytest.approx(0.45)
    assert limits.step_for_error(1e-3 / 8, 3) == pytest.approx(1.8)
    assert limits.step_for_error(1.0, 3) == 0.2
    # round-off does not change a step
    assert limits.step_for_error(5e-4, 3) == limits.step_for_error(5e-4 * (1 + 1e-9), 3)


def test_a_clock_counts_steps_and_what_is_taken_back() -> None:
    clock = Clock()
    assert clock.order == 1
    clock.reject("error")
    clock.reject("error")
    clock.reject("solver")
    clock.advance(2.0, 0.1, 3, 1e-4)
    assert clock.order == 2
    clock.advance(1.0, 0.1, 4, 2e-4)
    assert clock.order == 3
    clock.restart()
    assert clock.order == 1
    assert clock.rejected == 3
    assert clock.statistics == {
        "accepted": 2,
        "rejected": {"error": 2, "solver": 1},
        "smallest_s": 1.0,
        "largest_s": 2.0,
        "largest_error": 2e-4,
        "beyond_tolerance": 0,
        "newton_iterations": 7,
    }
