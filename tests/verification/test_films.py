"""Films in a problem: what a run warns of, and what a law that is broken on purpose does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import ufl

from anodefem.fem.symbols import Symbols
from anodefem.laws.film import Film
from anodefem.laws.membrane import Surface
from anodefem.verify.problems.sei import film

pytestmark = [pytest.mark.serial, pytest.mark.verification]


def turned(N: ufl.core.expr.Expr, degrees: float) -> ufl.core.expr.Expr:
    """Normal turned about the hoop direction."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return ufl.as_vector([cos * N[0] - sin * N[1], sin * N[0] + cos * N[1], 0.0])


def test_a_history_with_another_normal_than_the_force_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    formed = Film.formed

    def wrong(law: Film, surface: Surface, strain: float) -> ufl.core.expr.Expr:
        return formed(law, Surface(surface.F, turned(surface.N, 2.0)), strain)

    monkeypatch.setattr(Film, "formed", wrong)
    outcome = film.film_on_ball(tmp_path)
    assert not outcome.checks[0].passed


def test_a_normal_that_is_wrong_everywhere_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(s: Symbols) -> ufl.core.expr.Expr:
        N = s.kinematics.vector(ufl.FacetNormal(s.domain.mesh))
        return turned(N, 2.0)

    monkeypatch.setattr(Symbols, "normal", property(wrong))
    outcome = film.wrong_normal(tmp_path)
    (run,) = (check for check in outcome.checks if check.quantity == "stress in the run [MPa]")
    assert not run.passed
