"""A run that would take for ever says so."""

from __future__ import annotations

import pytest

from anodefem.solve.pace import WINDOW, Pace

DAY = 86400.0


def told(times: list[float], most: int = 10_000) -> list[str]:
    """What is said in the course of steps that end at some times, of a step that takes a day."""
    pace = Pace(most)
    said = (pace.hopeless(t, DAY, number) for number, t in enumerate(times, start=1))
    return [each for each in said if each]


@pytest.mark.parametrize("first", [1e-6, 1.0, 3600.0])
def test_steps_that_grow_are_left_alone(first: float) -> None:
    times = [first]
    while times[-1] < DAY:
        times.append(min(DAY, times[-1] + min(1.5 ** len(times) * first, 1800.0)))
    assert not told(times)


def test_steps_that_stay_tiny_are_not() -> None:
    said = told([40_000.0 + 8e-3 * number for number in range(60)])
    assert len(said) == 60 - WINDOW
    assert "the last 30 steps together took it 0.24 s further" in said[0]
    assert "5.8e+06 more steps" in said[0]
    assert not told([40_000.0 + 8e-3 * number for number in range(60)], most=10**7)
