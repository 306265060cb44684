"""Maxwell branches at a point: limits, closed forms, energy, frames and signs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import ufl

from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import Elasticity
from anodefem.laws.plasticity import Elastic, FlowRule
from anodefem.laws.solid import History, Solid
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
from tests.laws.solids import ARRUDA_BOYCE, FLOWS, NEO_HOOKEAN, SWELLING


@cache
def branch(quantity: str) -> Callable[..., Array]:
    """Quantity of a branch as a function of (F, Cv at the start, dt, F at the start)."""
    deformation, flow, dt, before = symbol(3, 3), symbol(3, 3), symbol(), symbol(3, 3)
    moving = ufl.variable(deformation)
    response = Branch(G, TAU).respond(moving, flow, isochoric_stretch(before), dt)
    if quantity == "piola":
        expression = ufl.dot(response.s, ufl.inv(moving).T)
    elif quantity == "tangent":
        expression = ufl.diff(ufl.dot(response.s, ufl.inv(moving).T), moving)
    else:
        expression = getattr(response, quantity)
    found = compiled(expression, deformation, flow, dt, before)
    # where nothing is said the deformation has been held
    return lambda F, Cv, dt, start=None: found(F, Cv, dt, F if start is None else start)


def sheared(strain: float) -> Array:
    """Simple shear."""
    return np.array([[1.0, strain, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


# --- one step -------------------------------------------------------------------------------------


@STEPS
def test_flow_and_elastic_strain_keep_the_volume(dt: float) -> None:
    for quantity in ("flow", "b"):
        value = branch(quantity)(F, START, dt)
        np.testing.assert_allclose(np.linalg.det(value), 1.0, rtol=1e-12)
        np.testing.assert_allclose(value, states.transpose(value), atol=1e-12)


def test_the_flow_stays_positive_over_a_thousand_random_steps() -> None:
    random = np.random.default_rng(5)
    flow = np.tile(EYE, (20, 1, 1))
    for seed in range(1000):
        at = states.deformations(20, size=0.5, seed=seed)
        flow = branch("flow")(at, flow, 10.0 ** random.uniform(-3, 4))
    assert np.linalg.eigvalsh(flow).min() > 0.0
    np.testing.assert_allclose(np.linalg.det(flow), 1.0, rtol=1e-12)


def test_a_step_of_no_time_is_elastic() -> None:
    np.testing.assert_allclose(branch("flow")(F, START, 0.0), START, rtol=1e-12)
    np.testing.assert_allclose(branch("dissipation")(F, START, 0.0), 0.0, atol=1e-13 * G)
    at = states.isochoric(F)
    expected = G * states.deviator(at @ states.transpose(at))
    np.testing.assert_allclose(branch("s")(F, EYE, 0.0), expected, atol=1e-12)


def test_a_step_of_all_time_leaves_no_stress() -> None:
    # what is left is G tau/dt
    assert np.abs(branch("s")(F, START, 1e12 * TAU)).max() < 1e-10 * G
    assert np.abs(branch("energy")(F, START, 1e12 * TAU)).max() < 1e-14 * G


@STEPS
def test_the_stress_is_the_slope_of_the_energy_at_frozen_flow(dt: float) -> None:
    frozen = branch("flow")(F, START, dt)
    expected = numerical_derivative(lambda at: branch("energy")(at, frozen, 0.0), F, rank=2)
    np.testing.assert_allclose(branch("piola")(F, START, dt), expected, atol=1e-7 * G)


@STEPS
def test_the_tangent_is_the_slope_of_the_stress_with_the_flow_of_the_step(dt: float) -> None:
    expected = numerical_derivative(lambda at: branch("piola")(at, START, dt, F), F, rank=2)
    found = branch("tangent")(F, START, dt)
    np.testing.assert_allclose(found, expected, atol=1e-7 * np.abs(expected).max())


@STEPS
def test_a_rotation_of_the_frame_turns_the_stress_and_nothing_else(dt: float) -> None:
    Q = states.rotations(20)
    turned = Q @ branch("s")(F, START, dt) @ states.transpose(Q)
    np.testing.assert_allclose(branch("s")(Q @ F, START, dt), turned, atol=1e-11 * G)
    for quantity in ("flow", "energy", "dissipation"):
        same = branch(quantity)(F, START, dt)
        np.testing.assert_allclose(branch(quantity)(Q @ F, START, dt), same, rtol=1e-10, atol=1e-13)


@STEPS
def test_a_change_of_volume_does_not_load_a_branch(dt: float) -> None:
    for quantity in ("s", "flow"):
        same = branch(quantity)(F, START, dt)
        found = branch(quantity)(1.7 * F, START, dt)
        np.testing.assert_allclose(found, same, rtol=1e-12, atol=1e-13)


@STEPS
def test_a_step_loses_energy_and_never_gains_it(dt: float) -> None:
    assert (branch("dissipation")(F, START, dt) > 0.0).all()
    held = branch("energy")(F, START, 0.0) - branch("energy")(F, START, dt)
    assert (held > 0.0).all()
    at_rest = branch("dissipation")(EYE, EYE, dt)
    np.testing.assert_allclose(at_rest, 0.0, atol=1e-14 * G)


def test_random_paths_dissipate() -> None:
    random, flow = np.random.default_rng(6), np.tile(EYE, (50, 1, 1))
    before = flow
    for seed in range(200):
        at, dt = states.deformations(50, size=0.4, seed=seed), 10.0 ** random.uniform(-3, 3)
        assert (branch("dissipation")(at, flow, dt, before) >= 0.0).all()
        assert (branch("energy")(at, flow, dt, before) >= -1e-12).all()
        flow, before = branch("flow")(at, flow, dt, before), at
        held = branch("energy")(at, flow, dt)
        assert (held <= branch("energy")(at, flow, 0.0) * (1 + 1e-12) + 1e-13).all()


# --- against closed forms -------------------------------------------------------------------------


def relaxation(at: Array, quantity: Callable[[Array], float], time: float, steps: int) -> float:
    """Quantity of the final flow at held deformation."""
    flow = EYE
    for _ in range(steps):
        flow = branch("flow")(at, flow, time / steps)
    return quantity(flow)


def test_a_small_step_of_strain_relaxes_exponentially() -> None:
    strain, time = 1e-5, 1.3 * TAU

    def stress(flow: Array) -> float:
        return float(branch("s")(sheared(strain), flow, 0.0)[0, 1]) / (G * strain)

    exact = np.exp(-time / TAU)
    found = {n: relaxation(sheared(strain), stress, time, n) for n in (50, 100, 200)}
    for n, value in found.items():
        # the exponential as it is replaced, to the square of the strain
        h = time / TAU / n
        assert value == pytest.approx((1 + h + h**2 / 2) ** -n, rel=1e-8)
    assert order([value - exact for value in found.values()]) == pytest.approx(2.0, abs=0.02)
    extrapolated = (4 * found[200] - found[100]) / 3
    assert extrapolated == pytest.approx(exact, rel=1e-6)


def relaxation_time_to(w: float) -> float:
    """Indefinite integral 3 int w/(1 - w^3) dw [tau] of a held uniaxial stretch; see below."""
    logs = -np.log(1 - w) / 3 + np.log(1 + w + w**2) / 6
    return float(3 * (logs - np.arctan((2 * w + 1) / np.sqrt(3)) / np.sqrt(3)))


def test_a_large_held_stretch_relaxes_as_the_closed_form_says() -> None:
    # With Cv = diag(v, v^-1/2, v^-1/2) and v = w^2 stretch^2 the evolution law at a held uniaxial
    # stretch becomes dw/dt = (1 - w^3) / (3 tau w), from w = 1/stretch.
    stretch, final = 2.5, 0.8
    time = TAU * (relaxation_time_to(final) - relaxation_time_to(1 / stretch))
    at = stretched(stretch)

    def inverse_elastic_stretch(flow: Array) -> float:
        return float(np.sqrt(flow[0, 0])) / stretch

    errors = [relaxation(at, inverse_elastic_stretch, time, n) - final for n in (50, 100, 200, 400)]
    assert order(errors) == pytest.approx(2.0, abs=0.02)
    assert (4 * errors[-1] - errors[-2]) / 3 == pytest.approx(0.0, abs=1e-6)
    # stress and energy of that elastic stretch
    flow = final**2 * stretch**2
    flow = np.diag([flow, flow**-0.5, flow**-0.5])
    elastic = 1 / final
    s = branch("s")(at, flow, 0.0)
    assert s[0, 0] - s[1, 1] == pytest.approx(G * (elastic**2 - 1 / elastic), rel=1e-12)


def test_steady_shear_flow_has_the_viscosity_of_the_branch_in_steps_of_any_length() -> None:
    # small elastic strain: stress = G tau rate, loss = stress * rate * dt
    rate = 1e-5 / TAU
    for dt in (0.1 * TAU, TAU, 10 * TAU):
        flow, strain = EYE, 0.0
        for _ in range(400 if dt < TAU else 60):
            before, strain = sheared(strain), strain + rate * dt
            loss = branch("dissipation")(sheared(strain), flow, dt, before)
            stress = branch("s")(sheared(strain), flow, dt, before)[0, 1]
            flow = branch("flow")(sheared(strain), flow, dt, before)
        assert stress == pytest.approx(G * TAU * rate, rel=1e-4)
        assert loss == pytest.approx(G * TAU * rate**2 * dt, rel=1e-4)


def test_work_is_stored_or_lost() -> None:
    def imbalance(steps: int) -> float:
        """Work minus energy minus loss over a stretch to 2 and back to 1.2, over the work."""
        flow, at, stress, work, lost = EYE, EYE, 0 * EYE, 0.0, 0.0
        times = np.linspace(0.0, 2.0, steps + 1)[1:]
        for time in times:
            moved = stretched(1 + time if time <= 1 else 2 - 0.8 * (time - 1))
            dt = 1.5 * TAU / steps
            after = branch("piola")(moved, flow, dt, at)
            work += float(np.sum((stress + after) / 2 * (moved - at)))
            lost += float(branch("dissipation")(moved, flow, dt, at))
            flow, at, stress = branch("flow")(moved, flow, dt, at), moved, after
        return (work - lost - float(branch("energy")(at, flow, 0.0))) / work

    errors = [imbalance(n) for n in (200, 400, 800)]
    assert abs(errors[-1]) < 1e-4
    assert order(errors) == pytest.approx(2.0, abs=0.1)


# --- in a solid that swells -----------------------------------------------------------------------

STRONG = Network((Branch(2e3, TAU),), Healing(5.0, BREAKS, HEALS))


@cache
def solid(
    quantity: str,
    elasticity: Elasticity = NEO_HOOKEAN,
    flow: FlowRule | None = None,
    network: Network = STRONG,
) -> Callable[..., Array]:
    """Quantity of a solid with a network: of (F, x, Cv, d, dt)."""
    law = Solid(elasticity, flow or Elastic(), over_composition(SWELLING), network=network)
    at, x, viscous, damaged, dt = symbol(3, 3), symbol(), symbol(3, 3), symbol(), symbol()
    before = symbol(3, 3)
    flows = (viscous,) * len(network.branches)
    past = NetworkHistory(flows, isochoric_stretch(before), damaged)
    history = History(ufl.Identity(3), ufl.as_ufl(0.0), ufl.as_ufl(0.0), past)
    response = law.respond(at, x, history, dt)
    holder = response.network if quantity in ("damage", "s") else response
    value = ufl.as_ufl(getattr(holder, quantity))
    found = compiled(value, at, x, viscous, damaged, dt, before)
    return lambda F, *rest: found(F, *rest, F)


EVERY_ELASTICITY = pytest.mark.parametrize("law", [NEO_HOOKEAN, ARRUDA_BOYCE])
HELD = (0.45, START, 0.3, 0.0)  # x, Cv, d and no time: a frozen network


@EVERY_ELASTICITY
def test_the_stress_of_a_solid_is_the_slope_of_its_energy_at_frozen_network(
    law: Elasticity,
) -> None:
    at = np.cbrt(SWELLING(0.45)) * states.deformations(20, size=0.2)
    expected = numerical_derivative(lambda F: solid("energy", law)(F, *HELD), at, rank=2)
    found = solid("piola", law)(at, *HELD)
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())


@EVERY_ELASTICITY
def test_the_potential_is_the_slope_of_the_energy_at_frozen_network(law: Elasticity) -> None:
    at, (x, *frozen) = np.cbrt(SWELLING(0.45)) * states.deformations(20, size=0.2), HELD
    expected = numerical_derivative(
        lambda y: solid("energy", law)(at, y, *frozen), np.full(20, x), rank=0
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(solid("dpsi_dx", law)(at, *HELD), expected, atol=1e-8 * scale)


def test_the_potential_holds_damage_still_while_bonds_break() -> None:
    at, x = np.cbrt(SWELLING(0.45)) * states.deformations(20, size=0.2), 0.45
    broken = solid("damage")(at, x, START, 0.0, 5.0)
    assert (broken > 0.01).all()
    relaxed = branch("flow")(at, START, 5.0)
    frozen = solid("dpsi_dx")(at, x, relaxed, broken, 0.0)
    np.testing.assert_allclose(solid("dpsi_dx")(at, x, START, 0.0, 5.0), frozen, rtol=1e-9)


def test_free_swelling_loads_no_branch_and_breaks_no_bond() -> None:
    for x in (0.1, 0.5, 1.0):
        free = np.cbrt(SWELLING(x)) * EYE
        np.testing.assert_allclose(solid("tau")(free, x, EYE, 0.0, 1.0), 0.0, atol=1e-8)
        assert float(solid("damage")(free, x, EYE, 0.0, 1e6)) == 0.0


def test_branches_act_beside_plastic_flow() -> None:
    network = Network((Branch(2e3, TAU),))
    at = states.deformations(20, size=0.1)
    flowing = solid("tau", flow=FLOWS[0], network=Network())(at, 0.3, EYE, 0.0, 1.0)
    both = solid("tau", flow=FLOWS[0], network=network)(at, 0.3, START, 0.0, 1.0)
    beside = 2e3 / G * branch("s")(at, START, 1.0)
    np.testing.assert_allclose(both, flowing + beside, atol=1e-8)


def test_the_loss_is_per_reference_volume() -> None:
    at, x = np.cbrt(SWELLING(0.45)) * states.deformations(20, size=0.2), 0.45
    network = Network((Branch(2e3, TAU),))
    expected = SWELLING(x) * 2e3 / G * branch("dissipation")(at, START, 2.0)
    found = solid("viscous_dissipation", network=network)(at, x, START, 0.0, 2.0)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
