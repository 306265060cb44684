"""Films that flow at a rate: relaxation, steady flow and the local solution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from anodefem.laws.film import Garofalo, Perzyna, PlaneStress
from tests.laws.films import (
    FLAT,
    POISSON,
    RATE,
    REFERENCE,
    VISCOSITY,
    YIELD,
    YOUNG,
    F,
    N,
    Point,
    Z,
    elastic,
    films,
    stretched,
)
from tests.laws.test_membrane import stress_free


def biaxial_relaxation(film: Point, strain: float, steps: int, time: float) -> float:
    """Stress after a film was held at a biaxial strain for a time."""
    A, at = FLAT, stretched(np.array(strain), np.array(strain))
    for _ in range(steps):
        A = film("stress_free", at, Z, A, time / steps)
    return float(elastic.kirchhoff(at, Z, A)[0, 0])


def perzyna_exact(start: float, time: float) -> float:
    """Stress in biaxial relaxation: d sigma/dt = -E/(1 - nu) (sigma - sigma_y) / (2 eta)."""
    decay = YOUNG / (1 - POISSON) / (2 * VISCOSITY)
    return float(YIELD + (start - YIELD) * np.exp(-decay * time))


def garofalo_exact(start: float, time: float) -> float:
    """Stress in biaxial relaxation: d sigma/dt = -E/(1 - nu) A/2 sinh(sigma/sigma_ref)."""
    decay = YOUNG / (1 - POISSON) * RATE / 2 / REFERENCE
    return float(
        2 * REFERENCE * np.arctanh(np.tanh(start / (2 * REFERENCE)) * np.exp(-decay * time))
    )


@pytest.mark.parametrize(
    ("name", "exact", "strain", "time"),
    [("perzyna", perzyna_exact, 0.05, 500.0), ("garofalo", garofalo_exact, 0.02, 200.0)],
)
def test_a_held_film_relaxes_as_the_closed_form_says_with_order_one(
    name: str, exact: Callable[[float, float], float], strain: float, time: float
) -> None:
    start = YOUNG / (1 - POISSON) * strain
    expected = exact(start, time)
    assert 0.2 < expected / start < 0.95
    errors = [
        abs(biaxial_relaxation(films[name], strain, n, time) - expected) for n in (40, 80, 160)
    ]
    assert errors[-1] < 2e-2 * expected
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders, 1.0, atol=0.1)


def test_a_film_stretched_at_a_constant_rate_reaches_the_stress_of_its_flow_law() -> None:
    rate, dt = 1e-5, 200.0  # biaxial, so that alpha grows at twice the rate
    expected = {
        "perzyna": YIELD + 2 * rate * VISCOSITY,
        "garofalo": REFERENCE * np.arcsinh(2 * rate / RATE),
    }
    for name, stress in expected.items():
        A, strain = FLAT, 0.0
        for _ in range(200):
            strain += rate * dt
            at = stretched(np.array(strain), np.array(strain))
            found = films[name].kirchhoff(at, Z, A, dt)[0, 0]
            A = films[name]("stress_free", at, Z, A, dt)
        np.testing.assert_allclose(found, stress, rtol=1e-8)


def test_a_viscous_film_in_a_long_step_becomes_the_rate_independent_one() -> None:
    A = stress_free(N)
    slow = films["perzyna"].kirchhoff(F, N, A, dt=1e14)
    np.testing.assert_allclose(slow, films["yield"].kirchhoff(F, N, A), atol=1e-6 * YIELD)


def test_the_local_solution_is_found_at_any_stress_and_any_step() -> None:
    random = np.random.default_rng(4)
    mean = 10.0 ** random.uniform(-6, 5, 500) * random.choice([-1.0, 1.0], 500)
    shear = 10.0 ** random.uniform(-6, 5, 500)
    trial = PlaneStress(mean, shear**2, YOUNG, POISSON)
    for dt in (1e-6, 1.0, 1e6, 1e12):
        for flow in (film.law.flow for film in films.values()):
            k = flow.solve(trial, dt)
            sigma = trial.equivalent(k)
            assert (k >= 0.0).all() and np.isfinite(k).all()
            if isinstance(flow, Garofalo):
                drive = k * sigma / (YOUNG * RATE * dt)
                np.testing.assert_allclose(
                    REFERENCE * np.arcsinh(drive), sigma, rtol=1e-9, atol=1e-12
                )
            else:
                above = trial.equivalent(0.0) > YIELD
                assert ((k > 0.0) == above).all()
                viscosity = flow.viscosity if isinstance(flow, Perzyna) else 0.0
                reached = YIELD + viscosity * k * sigma / (YOUNG * dt)
                np.testing.assert_allclose(sigma[above], reached[above], rtol=1e-9)
