"""The end of a protocol step is met within its tolerance, by a step that is solved a few times."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, sqrt

import pytest

from anodefem.solve.locating import TRIES, RootSearch, Termination


class Stepping:
    """A time at which levels are read, as a step that has been solved would have it."""

    def __init__(self, *levels: tuple[Callable[[float], float], float]) -> None:
        self.t = self.start = 0.0
        self.tries = 0
        terminations = [
            Termination(level=lambda of=of: of(self.t), tolerance=tolerance)
            for of, tolerance in levels
        ]
        self.search = RootSearch(terminations)

    def step(self, dt: float) -> float:
        """Take a step of at most ``dt`` and return its length."""
        self.tries = 0
        while True:
            self.t, self.tries = self.start + dt, self.tries + 1
            shorter = self.search.shorter(dt)
            if shorter is None:
                self.search.accepted()
                self.start = self.t
                return dt
            assert 0.0 < shorter < dt or self.tries > 1
            dt = shorter


@pytest.mark.parametrize(
    "level",
    [
        lambda t: t - 0.7301,
        lambda t: sqrt(t) - 0.9,
        lambda t: t**6 - 0.3,
        lambda t: 1.0 - exp(5.0 * (0.4 - t)),
        lambda t: max(t - 0.6, 0.1 * (t - 0.6)),
        lambda t: -inf if t < 0.5 else t - 0.55,
        lambda t: 1.0 if t > 0.25 else -1.0,
    ],
)
def test_a_level_is_met_within_its_tolerance(level: Callable[[float], float]) -> None:
    tolerance = 1e-8
    stepping = Stepping((level, tolerance))
    stepping.step(1.0)
    smooth = level(0.25) != -1.0
    assert 0.0 < level(stepping.t)
    assert level(stepping.t) <= tolerance or not smooth
    assert stepping.tries <= TRIES + 2
    if not smooth:
        # a switch is met up to the last bracket
        assert stepping.t == pytest.approx(0.25, abs=1e-6)


def test_a_smooth_level_takes_few_tries() -> None:
    stepping = Stepping((lambda t: sqrt(1.0 + t) - 1.3, 1e-6))
    stepping.step(1.0)
    assert stepping.tries <= 6


def test_the_first_of_several_levels_ends_the_step() -> None:
    stepping = Stepping(
        (lambda t: t - 0.8, 1e-9), (lambda t: t**2 - 0.09, 1e-9), (lambda t: -inf, 1.0)
    )
    stepping.step(1.0)
    assert stepping.t == pytest.approx(0.3, abs=1e-8)


def test_steps_without_an_end_are_taken_as_they_are() -> None:
    stepping = Stepping((lambda t: t - 2.5, 1e-9))
    assert [stepping.step(1.0) for _ in range(2)] == [1.0, 1.0]
    assert stepping.step(1.0) == pytest.approx(0.5, abs=1e-8)
    assert Stepping().step(3.0) == 3.0


def test_what_has_been_passed_at_the_start_is_not_searched_for() -> None:
    stepping = Stepping((lambda t: 0.1 + t, 1e-9), (lambda t: t - 0.5, 1e-9))
    stepping.step(1.0)
    assert stepping.t == pytest.approx(0.5, abs=1e-8)


def test_a_search_begins_again_when_a_step_fails_for_another_reason() -> None:
    stepping = Stepping((lambda t: t - 0.4, 1e-9))
    stepping.t = 1.0
    assert stepping.search.shorter(1.0) is not None
    stepping.search.restart()
    stepping.t = 0.2
    assert stepping.search.shorter(0.2) is None
