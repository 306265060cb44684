"""Diffusion into a rigid sphere against Crank's series; x = r/R, tau = D t / R^2.

The potential is that of an ideal solution, whose mobility makes the flux Fick's: the equations are
not linear, the solution is. Backward Euler is of first order, so a value at a given tau is
extrapolated from two step lengths; what is left is the mesh, of second order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import ufl
from dolfinx import fem

from anodefem.model.regions import Region
from anodefem.verify.bodies import Layer, ball, read
from anodefem.verify.simulation import Array, Numbers, Simulation, diffusing_guest, solid

pytestmark = [pytest.mark.serial, pytest.mark.verification]

PLACES = (0.0, 0.5, 1.0)  # r/R
START = 0.4  # lithium fraction
Make = Callable[..., Simulation]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Ball of radius 1 um with a diffusivity of 1 um^2/s that does not swell."""

    def made(rings: int, sectors: int) -> Simulation:
        body = ball(Layer("core", 1.0, rings), sectors=sectors)
        numbers = Numbers(read(body, tmp_path_factory.mktemp("ball")))
        law = solid(numbers, "core", young=90e3, poisson=0.22)
        guest = diffusing_guest(numbers, 1.0)
        simulation = Simulation(numbers, [Region("core", law, guest)])
        simulation.fill(START)
        return simulation

    return made


def profile(simulation: Simulation) -> Array:
    return np.array([simulation.fraction_at(place) for place in PLACES])


# Constant flux: theta = (c - c0) D / (J R); a charging rate of k fills at J = k R/3.

RATE = 0.3  # [1/s]
EIGENVALUES = (4.493409458, 7.725251837, 10.904121659, 14.066193913, 17.220755272)


def constant_flux(tau: float) -> Array:
    """Theta at `PLACES`; five terms are enough from tau = 0.05 on."""
    x = np.array(PLACES)
    theta = 3.0 * tau + x**2 / 2.0 - 0.3
    for value in EIGENVALUES:
        shape = np.sinc(value * x / np.pi) * value  # sin(l x)/x
        theta -= 2.0 * shape / (value**2 * np.sin(value)) * np.exp(-(value**2) * tau)
    return theta


def charged(simulation: Simulation, *, tau: float, steps: int) -> Array:
    """Theta at `PLACES` after equal steps."""
    for _ in range(steps):
        simulation.step(tau / steps, rate=RATE)
    return (profile(simulation) - START) / (RATE / 3.0)


def test_the_series_is_that_of_the_tables() -> None:
    np.testing.assert_allclose(constant_flux(0.1), [0.059878, 0.146138, 0.486762], atol=1e-6)
    np.testing.assert_allclose(constant_flux(0.5), [1.200019, 1.325007, 1.699996], atol=1e-6)


def test_a_constant_flux_fills_a_sphere(make: Make) -> None:
    coarse = charged(make(40, 16), tau=0.1, steps=20)
    simulation = make(40, 16)
    fine = charged(simulation, tau=0.1, steps=40)
    exact = constant_flux(0.1)
    orders = np.log2(np.abs(coarse - exact) / np.abs(fine - exact))
    np.testing.assert_allclose(orders, 1.0, atol=0.2)
    # lithium is kept, whatever the step
    stored = simulation.mean("core", simulation.state.c[0]) - START
    assert stored == pytest.approx(RATE * 0.1, rel=1e-10)
    # The mesh is off by 1e-4, and by 5e-4 at the middle, where one node has a tiny lumped mass.
    tolerance = np.array([6e-4, 2e-4, 2e-4])
    assert np.all(np.abs(2.0 * fine - coarse - exact) < tolerance)
    # in the steady state of filling backward Euler is exact
    late = charged(simulation, tau=0.4, steps=10)
    assert np.all(np.abs(late - constant_flux(0.5)) < tolerance)


def test_the_parabola_of_steady_filling_is_met_to_second_order(make: Make) -> None:
    rate, errors = 1e-3 * RATE, []
    for rings in (10, 20, 40):
        simulation = make(rings, 2 * rings // 5)
        for _ in range(6):  # what is not parabolic falls by 1 + 20.2 in each step
            simulation.step(1.0, rate=rate)
        place = simulation.domain.kinematics.position
        theta = (simulation.state.c[0] - START - 6.0 * rate) / (rate / 3.0)
        error = theta - (ufl.dot(place, place) / 2.0 - 0.3)
        errors.append(np.sqrt(simulation.mean("core", error**2)))
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2.0, atol=0.15)
    assert errors[-1] < 1e-4


# Constant surface concentration.

SURFACE = 0.5


def held_at_surface(simulation: Simulation) -> None:
    """Fix the fraction and its potential on the surface."""
    state, domain = simulation.state, simulation.domain
    space = state.c.function_space
    blocks = fem.locate_dofs_topological(space, domain.dim - 1, domain.facets("outer"))
    values = state.c.x.array.reshape(-1, 2)
    values[blocks] = [SURFACE, np.log(SURFACE / (1.0 - SURFACE))]
    simulation.problem.constraints[1].append(fem.dirichletbc(state.c, blocks))


def soaked(simulation: Simulation, *, tau: float, steps: int) -> Array:
    """(c - c0)/(c1 - c0) at the middle, halfway, and on average, after equal steps."""
    held_at_surface(simulation)
    for _ in range(steps):
        simulation.step(tau / steps)
    values = [*profile(simulation)[:2], simulation.mean("core", simulation.state.c[0])]
    return (np.array(values) - START) / (SURFACE - START)


def constant_surface(tau: float) -> Array:
    n = np.arange(1, 30)
    decay = np.exp(-((n * np.pi) ** 2) * tau)
    middle = 1.0 + 2.0 * np.sum((-1.0) ** n * decay)
    halfway = 1.0 + 2.0 / (np.pi * 0.5) * np.sum((-1.0) ** n / n * np.sin(n * np.pi / 2) * decay)
    return np.array([middle, halfway, 1.0 - 6.0 / np.pi**2 * np.sum(decay / n**2)])


@pytest.mark.parametrize(
    ("tau", "exact"),
    [
        (0.05, (0.034001, 0.227688, 0.606940)),
        (0.1, (0.292900, 0.525513, 0.770479)),
        (0.2, (0.722922, 0.823133, 0.915496)),
    ],
)
def test_a_sphere_soaks_from_a_surface_of_constant_concentration(
    make: Make, tau: float, exact: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(constant_surface(tau), exact, atol=1e-6)
    coarse, fine = (soaked(make(50, 6), tau=tau, steps=steps) for steps in (40, 80))
    # each alone is off by 7e-3 and 4e-3 of the jump; extrapolated, by less than 1e-3
    assert np.all(np.abs(fine - exact) < np.abs(coarse - exact))
    np.testing.assert_allclose(2.0 * fine - coarse, exact, atol=1e-3)
