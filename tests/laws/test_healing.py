"""Bonds of a network that break and heal, at a point: closed forms, energy, limits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import ufl

from anodefem.laws.viscoelasticity import (
    Branch,
    Healing,
    Network,
    NetworkHistory,
    isochoric_stretch,
)
from tests.laws import states
from tests.laws.networks import BREAKS, EYE, HEALS, START, STEPS, TAU, F, G, order, stretched
from tests.laws.point import Array, compiled, numerical_derivative, symbol

BONDS = 0.5
HEALING = Healing(BONDS, BREAKS, HEALS)


@cache
def damage() -> Callable[..., Array]:
    """Damage at the end of a step as a function of (energy, start, dt, energy at the start)."""
    energy, start, dt, former = symbol(), symbol(), symbol(), symbol()
    found = compiled(HEALING.damage(energy, former, start, dt), energy, start, dt, former)
    return lambda W, d, dt, before=None: found(W, d, dt, W if before is None else before)


@cache
def network(quantity: str, *, heals: bool = True) -> Callable[..., Array]:
    """Quantity of a network of two branches alone: of (F, Cv 1, Cv 2, d, dt, F before)."""
    moving, first, second = symbol(3, 3), symbol(3, 3), symbol(3, 3)
    start, dt = symbol(), symbol()
    law = Network((Branch(G, TAU), Branch(2 * G, 10 * TAU)), HEALING if heals else None)
    before = symbol(3, 3)
    past = NetworkHistory((first, second), isochoric_stretch(before), start)
    response = law.respond(moving, 0 * ufl.Identity(3), past, dt)
    extra = {
        "piola": ufl.dot(response.s, ufl.inv(moving).T),
        "first": response.branches[0].flow,
        "second": response.branches[1].flow,
    }
    expression = extra[quantity] if quantity in extra else getattr(response, quantity)
    found = compiled(ufl.as_ufl(expression), moving, first, second, start, dt, before)
    return lambda F, *rest: found(F, *rest, *(() if len(rest) == 5 else (F,)))


def test_an_unloaded_network_heals_exponentially() -> None:
    time, start = 5 * 3600.0, 0.7
    exact = start * np.exp(-time / HEALS)

    def healed(steps: int) -> float:
        d: Array = np.array(start)
        for _ in range(steps):
            d = damage()(0.0, d, time / steps)
        return float(d)

    errors = [healed(n) - exact for n in (100, 200, 400)]
    h = time / HEALS / 100
    assert healed(100) == pytest.approx(start * (1 + h + h**2 / 2) ** -100, rel=1e-12)
    assert order(errors) == pytest.approx(2.0, abs=0.02)
    assert (healed(400) * 4 - healed(200)) / 3 == pytest.approx(exact, rel=1e-7)


def test_a_held_overload_breaks_exponentially() -> None:
    time, load = 30.0, 1.5
    d: Array = np.array(0.0)
    for _ in range(10):
        d = damage()(BONDS * (1 + load), d, time / 10)
    h = load * time / BREAKS / 10
    assert 1 - d == pytest.approx((1 + h + h**2 / 2) ** -10, rel=1e-12)


def test_bonds_neither_break_nor_close_at_their_own_energy() -> None:
    assert damage()(BONDS, 0.3, 1e9) == pytest.approx(0.3, rel=1e-12)


def test_damage_stays_between_none_and_all() -> None:
    random = np.random.default_rng(7)
    d = random.uniform(0.0, 1.0, 1000)
    for _ in range(100):
        energies = random.uniform(0.0, 5.0, (2, 1000))
        d = damage()(energies[0], d, 10.0 ** random.uniform(-3, 8), energies[1])
        assert (d >= 0.0).all()
        assert (d <= 1.0 + 1e-15).all()


def test_damage_multiplies_stress_and_energy_of_the_branches() -> None:
    flows, d = (START, states.metrics(20, seed=9)), 0.4
    whole = network("s", heals=False)(F, *flows, 0.0, 0.0)
    np.testing.assert_allclose(network("s")(F, *flows, d, 0.0), (1 - d) * whole, rtol=1e-12)
    energy = network("energy", heals=False)(F, *flows, 0.0, 0.0)
    expected = (1 - d) * energy + d * BONDS
    np.testing.assert_allclose(network("energy")(F, *flows, d, 0.0), expected, rtol=1e-12)


def test_the_stress_of_a_network_is_the_slope_of_its_energy_at_frozen_history() -> None:
    flows, d = (START, states.metrics(20, seed=9)), 0.4
    expected = numerical_derivative(
        lambda at: network("energy")(at, *flows, d, 0.0), F, rank=2, step=1e-3
    )
    found = network("piola")(F, *flows, d, 0.0)
    np.testing.assert_allclose(found, expected, atol=1e-7 * np.abs(expected).max())


@STEPS
def test_a_network_that_breaks_and_heals_never_gains_energy(dt: float) -> None:
    flows, d = [np.tile(EYE, (20, 1, 1))] * 2, np.zeros(20)
    before, broke, closed = flows[0], False, False
    for seed in range(60):
        at = states.deformations(20, size=0.1 if seed % 3 else 0.5, seed=seed)
        now = (at, *flows, d, dt, before)
        assert (network("dissipation")(*now) >= 0.0).all()
        after = network("damage")(*now)
        broke, closed = broke or bool((after > d).any()), closed or bool((after < d).any())
        flows, d, before = [network("first")(*now), network("second")(*now)], after, at
    # in long steps the branches relax before they break
    assert broke == closed == (dt < 1e6)


def test_work_on_a_network_is_stored_or_lost() -> None:
    def imbalance(steps: int) -> float:
        flows, d, at, stress, work, lost = [EYE, EYE], 0.0, EYE, 0 * EYE, 0.0, 0.0
        for time in np.linspace(0.0, 2.0, steps + 1)[1:]:
            moved = stretched(1 + time if time <= 1 else 3 - time)
            now = (moved, *flows, d, 3 * TAU / steps, at)
            after = network("piola")(*now)
            work += float(np.sum((stress + after) / 2 * (moved - at)))
            lost += float(network("dissipation")(*now))
            flows, d = [network("first")(*now), network("second")(*now)], network("damage")(*now)
            at, stress = moved, after
        assert d > 0.1
        return (work - lost - float(network("energy")(at, *flows, d, 0.0))) / work

    errors = [imbalance(n) for n in (200, 400, 800)]
    assert abs(errors[-1]) < 1e-4
    assert order(errors) == pytest.approx(2.0, abs=0.1)
