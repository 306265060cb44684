"""Stress-free potential and mobility: smooth everywhere, rising, and Fick's law together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import ufl
from ufl.core.expr import Expr

from anodefem import cards
from anodefem.cards import Ideal, Regular
from anodefem.cards.curves import Curve, Linear, Rational
from anodefem.laws.chemistry import (
    DILUTE,
    EDGE,
    IdealSolution,
    OpenCircuit,
    Potential,
    RegularSolution,
    clamp,
    mobility,
    phase_interface,
    potential,
)
from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import Modulus
from anodefem.model import regions
from tests.laws.point import Array, compiled, numerical_derivative, symbol
from tests.laws.solids import AXES, name

TEMPERATURE = 298.15
HOSTS = [each for each in sorted(cards.paths("materials")) if cards.material(each).storage]
LAWS: list[Potential] = [
    IdealSolution(3.0),
    OpenCircuit(over_composition(Linear(20.0, 2.0))),
    RegularSolution(3.0, 3.0),
]
EVERY_LAW = pytest.mark.parametrize("law", LAWS, ids=name)
INSIDE = np.linspace(EDGE, 1 - EDGE, 2001)
EVERYWHERE = np.concatenate([[-0.2, -1e-3, 0.0], INSIDE, [1.0, 1.001, 1.2]])


class Functions(NamedTuple):
    """A potential as numpy functions of the lithium fraction."""

    value: Callable[..., Array]
    slope: Callable[..., Array]
    mobility: Callable[..., Array]


def one(x: object) -> Expr:
    """Diffusivity of 1 um^2/s."""
    return ufl.as_ufl(1.0)


def functions(law: Potential, diffusivity: Modulus = one) -> Functions:
    """Potential, its derivative by UFL, and mobility."""
    x = ufl.variable(symbol())
    at = x.ufl_operands[0]
    mu = potential(law, x)
    slope, M = ufl.diff(mu, x), mobility(law, diffusivity, x)
    constant = [compiled(each, at) for each in (mu, slope, M)]
    return Functions(*((lambda y, f=f: f(y) + 0.0 * np.asarray(y)) for f in constant))


def shipped(host: str) -> regions.Species:
    """What a card stores, as the model sees it."""
    card = cards.material(host)
    anisotropy = regions.anisotropy(card, "cartesian", AXES)
    species = regions.region(
        "p", card, transport="diffusion", temperature=TEMPERATURE, anisotropy=anisotropy
    ).species
    assert species is not None
    return species


def test_the_clamp_holds_fractions_off_the_ends() -> None:
    x = symbol()
    found = compiled(clamp(x), x)([-1.0, 0.0, 0.3, 1.0, 2.0])
    np.testing.assert_array_equal(found, [EDGE, EDGE, 0.3, 1 - EDGE, 1 - EDGE])


def test_an_ideal_solution_is_the_logarithm_of_the_odds() -> None:
    value = functions(IdealSolution(3.0)).value
    np.testing.assert_allclose(value(INSIDE), np.log(INSIDE / (1 - INSIDE)) - 3.0, atol=1e-11)


@pytest.mark.parametrize("host", HOSTS)
def test_the_potential_of_a_card_is_minus_its_open_circuit_voltage(host: str) -> None:
    card = cards.material(host)
    assert card.storage is not None
    ocv = card.storage.ocv
    thermal = 8.314462618 * TEMPERATURE / 96485.33212  # V
    if isinstance(ocv, Ideal):
        voltage = ocv.reference - thermal * np.log(INSIDE / (1 - INSIDE))
    else:
        voltage = ocv(INSIDE)
    found = -thermal * functions(shipped(host).potential).value(INSIDE)
    measured = (INSIDE >= DILUTE) & (INSIDE <= 1 - DILUTE)
    np.testing.assert_allclose(found[measured], voltage[measured], atol=1e-12)
    np.testing.assert_allclose(found, voltage, atol=0.1)


@pytest.mark.parametrize("host", HOSTS)
def test_mobility_vanishes_with_the_species_and_with_empty_sites(host: str) -> None:
    card, species = cards.material(host), shipped(host)
    assert card.storage is not None
    f = functions(species.potential, species.diffusivity)
    for edge in (EDGE, 1 - EDGE):
        dilute = 1e12 * card.storage.diffusivity(np.array([edge])) * EDGE
        assert (f.mobility([edge]) <= 1.02 * dilute).all()


def test_the_voltage_of_a_dilute_host_has_no_step_in_value_or_slope() -> None:
    f = functions(OpenCircuit(over_composition(Linear(20.0, 2.0))))
    for end in (DILUTE, 1 - DILUTE):
        np.testing.assert_allclose(f.value(end), 18.0 * end - 20.0, rtol=1e-12)
        np.testing.assert_allclose(f.slope(end - 1e-9), 18.0, rtol=1e-5)
        np.testing.assert_allclose(f.slope(end + 1e-9), 18.0, rtol=1e-5)


def test_the_interaction_energy_of_a_card_does_not_depend_on_the_temperature() -> None:
    card = cards.material("silicon-amorphous")
    assert card.storage is not None
    storage = replace(card.storage, ocv=Regular(reference=0.1, chi=3.0), gradient_energy=2e-9)
    card = replace(card, storage=storage)
    species = regions.region("p", card, transport="diffusion", temperature=340.0).species
    assert species is not None
    assert species.gradient == pytest.approx(2e-9 * 1e-6 * 1e12)  # MPa um^2
    assert isinstance(species.potential, RegularSolution)
    assert species.potential.interaction == pytest.approx(3.0 * TEMPERATURE / 340.0)
    assert species.potential.reference == pytest.approx(0.1 * 96485.33 / (8.314463 * 340.0))


@pytest.mark.parametrize("host", HOSTS)
def test_the_potential_of_a_card_rises_with_the_lithium_fraction(host: str) -> None:
    law = functions(shipped(host).potential)
    assert (np.diff(law.value(EVERYWHERE)) > 0.0).all()
    assert (law.slope(EVERYWHERE) > 0.0).all()


@EVERY_LAW
@pytest.mark.parametrize("edge", [EDGE, 1 - EDGE])
def test_the_potential_goes_on_as_its_tangent_beyond_the_clamps(
    law: Potential, edge: float
) -> None:
    f = functions(law)
    outwards = -1.0 if edge < 0.5 else 1.0
    inner, outer = edge - outwards * 1e-10, edge + outwards * 1e-10
    np.testing.assert_allclose(f.value(outer), f.value(inner), rtol=1e-5)
    np.testing.assert_allclose(f.slope(outer), f.slope(inner), rtol=1e-5)
    far = f.value(edge + outwards * np.array([0.0, 0.1, 0.2]))
    np.testing.assert_allclose(np.diff(far), outwards * 0.1 * f.slope(inner), rtol=1e-5)


@pytest.mark.parametrize("host", HOSTS)
def test_value_and_slope_of_a_card_do_not_jump_at_the_clamps(host: str) -> None:
    f = functions(shipped(host).potential)
    for edge in (EDGE, 1 - EDGE):
        left, right = edge - 1e-10, edge + 1e-10
        np.testing.assert_allclose(f.value(left), f.value(right), atol=1e-5)
        np.testing.assert_allclose(f.slope(left), f.slope(right), rtol=1e-4)


@EVERY_LAW
def test_the_slope_is_the_derivative_of_the_value(law: Potential) -> None:
    f, x = functions(law), np.linspace(0.05, 0.95, 19)
    expected = numerical_derivative(f.value, x, rank=0)
    np.testing.assert_allclose(f.slope(x), expected, rtol=1e-6)


@pytest.mark.parametrize("host", HOSTS)
def test_without_stress_diffusion_is_that_of_fick_at_any_fraction(host: str) -> None:
    card, species = cards.material(host), shipped(host)
    assert card.storage is not None
    f = functions(species.potential, species.diffusivity)
    held = np.clip(EVERYWHERE, EDGE, 1 - EDGE)
    expected = 1e12 * card.storage.diffusivity(held)  # um^2/s
    np.testing.assert_allclose(f.mobility(EVERYWHERE) * f.slope(EVERYWHERE), expected, rtol=1e-9)


@pytest.mark.parametrize("law", [IdealSolution(3.0), RegularSolution(3.0, 3.5)], ids=name)
def test_in_a_solution_mobility_vanishes_with_guests_and_with_empty_sites(law: Potential) -> None:
    f = functions(law, lambda x: ufl.as_ufl(2.0))
    np.testing.assert_allclose(f.mobility(INSIDE), 2.0 * INSIDE * (1 - INSIDE), rtol=1e-12)
    np.testing.assert_allclose(f.mobility([-0.5, 1.5]), 2.0 * EDGE * (1 - EDGE), rtol=1e-9)


def test_in_a_regular_solution_the_guest_runs_uphill_where_it_separates() -> None:
    f, chi = functions(RegularSolution(0.0, 3.0)), 3.0
    fick = f.mobility(INSIDE) * f.slope(INSIDE)
    np.testing.assert_allclose(fick, 1 - 2 * chi * INSIDE * (1 - INSIDE), atol=1e-12)
    spinodal = (1 - np.sqrt(1 - 2 / chi)) / 2
    assert ((fick < 0.0) == (np.abs(INSIDE - 0.5) < 0.5 - spinodal)).all()


def test_without_interaction_a_regular_solution_is_ideal() -> None:
    found, expected = functions(RegularSolution(3.0, 0.0)), functions(IdealSolution(3.0))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a(EVERYWHERE), b(EVERYWHERE), rtol=1e-12)


def test_diffusivity_may_rise_with_the_fraction_as_in_a_moving_front() -> None:
    """D0 [1/(1-x) - 2 a x], held finite at x = 1 by 1/(1 + d - x)."""
    a, d = 1.9, 0.01
    curve: Curve = Rational((2 * a, -2 * a * (1 + d), 1.0), (-1.0, 1 + d))
    f = functions(IdealSolution(0.0), over_composition(curve))
    expected = 1 / (1 + d - INSIDE) - 2 * a * INSIDE
    np.testing.assert_allclose(f.mobility(INSIDE) * f.slope(INSIDE), expected, rtol=1e-9)
    assert (expected > 0.0).all()
    # beyond the ends it stays what it is there
    np.testing.assert_allclose(f.mobility([1.1, 2.0]), f.mobility(1 - EDGE), rtol=1e-9)


@pytest.mark.parametrize(
    ("chi", "poor", "energy", "width"),
    [
        (2.5, 0.144794, 0.130258, None),
        (3.0, 0.070720, 0.288272, 1.79),
        (4.0, 0.021248, 0.558547, None),
    ],
)
def test_phases_in_equilibrium_share_potential_and_tangent(
    chi: float, poor: float, energy: float, width: float | None
) -> None:
    found = phase_interface(chi)
    assert found is not None
    assert found.poor == pytest.approx(poor, abs=1e-6)
    assert found.rich == pytest.approx(1 - found.poor, rel=1e-14)
    mu = functions(RegularSolution(0.0, chi)).value
    np.testing.assert_allclose(mu([found.poor, found.rich]), 0.0, atol=1e-12)
    x = np.linspace(found.poor, found.rich, 20001)
    mixing = x * np.log(x) + (1 - x) * np.log(1 - x) + chi * x * (1 - x)
    slope = np.sqrt(2 * np.maximum(mixing - mixing[0], 0.0))  # dx/ds over sqrt(R T c_max/kappa)
    assert np.trapezoid(slope, x) == pytest.approx(energy, abs=1e-6)
    assert found.width == pytest.approx((found.rich - found.poor) / slope.max(), rel=1e-9)
    if width:
        assert found.width == pytest.approx(width, abs=5e-3)


@pytest.mark.parametrize("chi", [0.0, 1.9, 2.0])
def test_a_solution_that_mixes_has_no_interface(chi: float) -> None:
    assert phase_interface(chi) is None


def test_near_the_critical_point_phases_are_close_and_their_interface_wide() -> None:
    """Landau's limit: y = sqrt(3 (chi - 2)/2), width 2 / sqrt(chi - 2)."""
    found = phase_interface(2.001)
    assert found is not None
    assert found.rich - found.poor == pytest.approx(np.sqrt(1.5e-3), rel=2e-3)
    assert found.width == pytest.approx(2.0 / np.sqrt(1e-3), rel=2e-3)
