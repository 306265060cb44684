"""Films in a problem: what a run warns of, and what a law that is broken on purpose does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import ufl

from anodefem.laws.film import Film, Yield
from anodefem.laws.membrane import Surface
from anodefem.model.problem import Problem
from anodefem.model.resolution import thick_film
from anodefem.verify.bodies import ball, cylinder
from anodefem.verify.problems import membranes

pytestmark = [pytest.mark.serial, pytest.mark.verification]


@pytest.mark.parametrize("body", [ball, cylinder])
def test_a_film_that_is_thick_for_its_body_is_warned_of(
    tmp_path: Path, body: membranes.Body
) -> None:
    problem = membranes.covered(tmp_path, body, 1.5, Yield(30.0)).problem
    assert thick_film(problem, 0.049) == []
    (told,) = thick_film(problem, 0.06)
    assert "the SEI of 0.06 um is 0.06 of the radius" in told


def test_a_history_with_another_normal_than_the_force_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stress leaves the yield surface by far more than the tolerance of `film_on_ball`."""
    formed = Film.formed

    def turned(law: Film, surface: Surface, strain: float) -> ufl.core.expr.Expr:
        turn = np.radians(10.0)
        N = surface.N
        tilted = ufl.as_vector(
            [
                np.cos(turn) * N[0] - np.sin(turn) * N[1],
                np.sin(turn) * N[0] + np.cos(turn) * N[1],
                0.0,
            ]
        )
        return formed(law, Surface(surface.F, tilted), strain)

    monkeypatch.setattr(Film, "formed", turned)
    outcome = membranes.film_on_ball(tmp_path)
    assert not all(check.passed for check in outcome.checks)


def test_a_film_whose_normal_is_wrong_everywhere_presses_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turned(problem: Problem) -> ufl.core.expr.Expr:
        N = problem.domain.kinematics.vector(ufl.FacetNormal(problem.domain.mesh))
        return ufl.as_vector([-N[1], N[0], 0.0])

    monkeypatch.setattr(Problem, "normal", property(turned))
    outcome = membranes.film_on_ball(tmp_path)
    assert not outcome.checks[0].passed
