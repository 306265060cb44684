"""Plastic flow: the return map keeps to the flow law, to plastic volume and to the energy law."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pytest

from anodefem.cards.curves import Constant
from anodefem.laws.composition import over_composition
from anodefem.laws.elasticity import Hencky, NeoHookean, Yielding
from anodefem.laws.plasticity import (
    ROOT23,
    Overstress,
    Perzyna,
    PowerLaw,
    RateIndependent,
    ViscoplasticPowerLaw,
)
from tests.laws import states
from tests.laws.point import Array, compiled, numerical_derivative, symbol
from tests.laws.solids import (
    ARRUDA_BOYCE,
    EVERY_FLOW,
    FLOWS,
    HENCKY,
    NEO_HOOKEAN,
    YIELD,
    YIELDING,
    Point,
    name,
)

X, ALPHA, DT = 0.02, 0.05, 3.0
PLASTIC = states.metrics(40, size=0.3)
# Some 0.1 away from the deformation at which PLASTIC leaves no stress, so that all points flow.
F = states.deformations(40, size=0.1) @ states.transpose(np.linalg.cholesky(np.linalg.inv(PLASTIC)))


Law = RateIndependent | ViscoplasticPowerLaw | Perzyna
EVERY_ELASTICITY = pytest.mark.parametrize("elasticity", YIELDING, ids=name)


@cache
def solid(flow: Law | None = None, elasticity: Yielding = NEO_HOOKEAN) -> Point:
    """Solid with a flow law, compiled once."""
    return Point(elasticity, flow)


def plastic_step(flow: Law, elasticity: Yielding, quantity: str, at: Array = F) -> Array:
    """Quantity at the end of a step in which all points flow."""
    return solid(flow, elasticity)(quantity, at, X, plastic=PLASTIC, alpha=ALPHA, dt=DT)


def equivalent(s: Array) -> Array:
    """Uniaxial stress of like distortional energy."""
    return states.norm(s) / ROOT23


@EVERY_FLOW
@EVERY_ELASTICITY
def test_a_flowing_point_ends_on_the_flow_law(flow: Law, elasticity: Yielding) -> None:
    rise = ROOT23 * plastic_step(flow, elasticity, "multiplier")
    assert (rise > 1e-3).all()
    strength = YIELD(X) + flow.hardening * ALPHA
    if isinstance(flow, ViscoplasticPowerLaw):
        resistance = 1600.0 - 700.0 * X if isinstance(flow, PowerLaw) else strength
        expected = strength + resistance * (rise / DT / flow.rate) ** (1 / flow.exponent)
    else:
        viscosity = flow.viscosity if isinstance(flow, Perzyna) else 0.0
        expected = strength + flow.hardening * rise + viscosity * rise / DT
    np.testing.assert_allclose(
        equivalent(plastic_step(flow, elasticity, "s")), expected, rtol=1e-12
    )


@EVERY_FLOW
@EVERY_ELASTICITY
def test_elastic_and_plastic_strain_keep_the_volume(flow: Law, elasticity: Yielding) -> None:
    for quantity in ("b", "plastic"):
        determinant = np.linalg.det(plastic_step(flow, elasticity, quantity))
        np.testing.assert_allclose(determinant, 1.0, rtol=1e-12)


def test_the_volume_is_kept_to_eleven_digits_up_to_shears_of_30_percent_in_one_step() -> None:
    sheared = np.tile(np.eye(3), (4, 1, 1))
    sheared[:, 0, 1] = [0.05, 0.1, 0.2, 0.3]
    determinant = np.linalg.det(solid(FLOWS[0])("b", sheared))
    np.testing.assert_allclose(determinant, 1.0, rtol=1e-11)


@EVERY_FLOW
@EVERY_ELASTICITY
def test_the_stress_is_that_of_the_elastic_strain_left(flow: Law, elasticity: Yielding) -> None:
    G = float(solid().value(elasticity.shear, X))
    s, b = plastic_step(flow, elasticity, "s"), plastic_step(flow, elasticity, "b")
    if elasticity is HENCKY:
        stretches, axes = np.linalg.eigh(b)
        expected = G * (axes * np.log(stretches)[:, None, :]) @ states.transpose(axes)
    else:
        expected = G * states.deviator(b)
    np.testing.assert_allclose(s, expected, atol=1e-12 * G)


@EVERY_FLOW
@EVERY_ELASTICITY
def test_the_stored_plastic_strain_gives_the_elastic_strain_back(
    flow: Law, elasticity: Yielding
) -> None:
    stored, b = plastic_step(flow, elasticity, "plastic"), plastic_step(flow, elasticity, "b")
    np.testing.assert_allclose(stored, states.transpose(stored), atol=1e-13)
    np.testing.assert_allclose(
        states.isochoric(F) @ stored @ states.transpose(states.isochoric(F)), b, atol=1e-12
    )


@EVERY_FLOW
@EVERY_ELASTICITY
def test_below_yield_the_point_is_elastic(flow: Law, elasticity: Yielding) -> None:
    small = states.deformations(size=0.002)
    point = solid(flow, elasticity)
    assert (equivalent(point("s", small, X)) < YIELD(X)).all()
    np.testing.assert_array_equal(point("multiplier", small, X), 0.0)
    np.testing.assert_allclose(
        point("tau", small, X), solid(None, elasticity)("tau", small, X), atol=1e-9
    )
    np.testing.assert_allclose(point("plastic", small, X), [np.eye(3)] * 20, atol=1e-14)


@EVERY_FLOW
@EVERY_ELASTICITY
def test_dissipation_is_never_negative(flow: Law, elasticity: Yielding) -> None:
    point = solid(flow, elasticity)
    for size in (1e-9, 1e-3, 0.01, 0.03, 0.1):
        at = states.deformations(100, size=size)
        assert (point("multiplier", at, X) >= 0.0).all()
        assert (point("dissipation", at, X) >= 0.0).all()
    assert (plastic_step(flow, elasticity, "dissipation") > 0.0).all()


@EVERY_FLOW
@EVERY_ELASTICITY
def test_the_tangent_is_the_derivative_of_the_returned_stress(
    flow: Law, elasticity: Yielding
) -> None:
    expected = numerical_derivative(
        lambda at: plastic_step(flow, elasticity, "piola", at), F, rank=2, step=2e-4
    )
    np.testing.assert_allclose(
        plastic_step(flow, elasticity, "tangent"), expected, atol=1e-8 * np.abs(expected).max()
    )


@EVERY_FLOW
@EVERY_ELASTICITY
def test_a_body_that_is_rotated_flows_the_same(flow: Law, elasticity: Yielding) -> None:
    Q = states.rotations(len(F))
    stress = plastic_step(flow, elasticity, "piola")
    np.testing.assert_allclose(
        plastic_step(flow, elasticity, "piola", Q @ F),
        Q @ stress,
        atol=1e-11 * np.abs(stress).max(),
    )
    for quantity in ("plastic", "multiplier"):
        np.testing.assert_allclose(
            plastic_step(flow, elasticity, quantity, Q @ F),
            plastic_step(flow, elasticity, quantity),
            atol=1e-12,
        )


@pytest.mark.parametrize("flow", FLOWS[:2], ids=["perfect", "hardening"])
def test_a_second_step_without_strain_changes_nothing(flow: RateIndependent) -> None:
    point, stored = solid(flow), plastic_step(flow, NEO_HOOKEAN, "plastic")
    alpha = ALPHA + ROOT23 * plastic_step(flow, NEO_HOOKEAN, "multiplier")
    again = partial(point, F=F, x=X, plastic=stored, alpha=alpha)
    np.testing.assert_allclose(again("multiplier"), 0.0, atol=1e-13)
    np.testing.assert_allclose(again("s"), plastic_step(flow, NEO_HOOKEAN, "s"), atol=1e-8)


def test_elastic_strain_is_kept_when_lithium_softens_the_solid() -> None:
    at, point = states.deformations(size=0.002), solid(FLOWS[0])
    empty, full = (NEO_HOOKEAN.shear(x) for x in (0.0, 1.0))
    ratio = float(full) / float(empty)
    np.testing.assert_allclose(point("s", at, 1.0), ratio * point("s", at, 0.0), atol=1e-9)


EVERY_PATH = pytest.mark.parametrize(
    "rate",
    [
        [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        np.diag([-0.5, -0.5, 1.0]),
        np.diag([0.5, 0.5, -1.0]),
    ],
    ids=["shear", "biaxial compression", "biaxial tension"],
)
STRENGTH = 490.0


def surplus(elasticity: type[NeoHookean] | type[Hencky], rate: npt.ArrayLike, steps: int) -> float:
    """Energy stored and dissipated along a path, over the work done, less one."""
    L = np.asarray(rate)
    moduli = over_composition(Constant(80e3)), over_composition(Constant(0.22))
    point = Point(elasticity(*moduli), RateIndependent(over_composition(Constant(STRENGTH)), 200.0))
    F: Array = np.eye(3)
    plastic, stress, alpha = F, 0 * F, 0.0
    work = dissipated = 0.0
    for time in np.linspace(0.0, 0.5, steps + 1)[1:]:
        moved = np.diag(np.exp(time * np.diagonal(L))) + time * (L - np.diag(np.diagonal(L)))
        end = partial(point, F=moved, plastic=plastic, alpha=alpha)
        after = end("piola")
        work += float(np.sum((stress + after) / 2 * (moved - F)))
        dissipated += float(end("dissipation"))
        alpha += ROOT23 * float(end("multiplier"))
        plastic, F, stress = end("plastic"), moved, after
    stored = float(point.energy(F, b=F @ plastic @ F.T))
    assert 0.0 < stored < 0.1 * work
    return (dissipated + stored) / work - 1


@EVERY_PATH
def test_work_is_stored_or_dissipated(rate: npt.ArrayLike) -> None:
    # The return map measures plastic strain to first order in the elastic strain, here 0.6 %: too
    # much in compression, too little in tension.
    G = 80e3 / 2.44
    assert abs(surplus(NeoHookean, rate, 500)) < STRENGTH / (2 * G)


@EVERY_PATH
def test_in_logarithmic_strain_what_work_is_left_vanishes_with_the_step(
    rate: npt.ArrayLike,
) -> None:
    # first order, as the end of a step stands for all of it in the work of hardening
    coarse, fine = (surplus(Hencky, rate, steps) for steps in (250, 500))
    assert 0.0 < fine < coarse / 1.9
    assert coarse < 1e-3


@EVERY_FLOW
def test_simple_shear_meets_the_von_mises_shear_yield_stress(
    flow: Law,
) -> None:
    G = float(NEO_HOOKEAN.shear(0.0))
    onset = YIELD(0.0) / np.sqrt(3) / G
    for factor, flows in ((0.999, False), (1.001, True)):
        sheared = np.eye(3)
        sheared[0, 1] = factor * onset
        assert (float(solid(flow)("multiplier", sheared)) > 0.0) == flows


# --- rates: between the limits of no time and all time --------------------------------------------

OVERSTRESS = Overstress(over_composition(YIELD), rate=2.3e-3, exponent=2.94)
EVERY_RATE = pytest.mark.parametrize(
    "flow",
    [
        OVERSTRESS,
        PowerLaw(
            over_composition(YIELD), 2.3e-3, 2.94, flow_resistance=over_composition(Constant(800.0))
        ),
        Perzyna(over_composition(YIELD), 1.5e5),
    ],
    ids=name,
)


@EVERY_RATE
def test_a_step_of_no_time_is_elastic(flow: Law) -> None:
    fast = solid(flow)("s", F, X, plastic=PLASTIC, dt=1e-14)
    elastic = solid()("s", F, X, plastic=PLASTIC)
    np.testing.assert_allclose(fast, elastic, atol=1e-9 * np.abs(elastic).max())


@EVERY_RATE
def test_a_step_of_all_time_relaxes_to_the_threshold(flow: Law) -> None:
    slow = solid(flow)("s", F, X, plastic=PLASTIC, dt=1e20)
    at_yield = solid(FLOWS[0])("s", F, X, plastic=PLASTIC)
    np.testing.assert_allclose(slow, at_yield, rtol=1e-6)


@EVERY_RATE
def test_a_longer_step_relaxes_more(flow: Law) -> None:
    s = [equivalent(solid(flow)("s", F, X, plastic=PLASTIC, dt=10.0**p)) for p in range(-6, 8)]
    assert (np.diff(s, axis=0) < 0.0).all()


@pytest.mark.parametrize("exponent", [1.0, 1.5, 2.94, 4.0, 10.0, 50.0])
def test_the_local_solution_leaves_no_residual_over_thirty_decades_of_time(
    exponent: float,
) -> None:
    flow = Overstress(over_composition(YIELD), 2.3e-3, exponent)
    threshold, stiffness = np.array(980.0), np.array(6e4)
    norm = threshold * (1 + np.logspace(-12, 2, 57))
    for dt in np.logspace(-15, 15, 31):
        w = flow.local_solve(norm, stiffness, threshold, threshold, dt)
        relaxed = stiffness * dt * flow.rate / ROOT23 * w**exponent
        np.testing.assert_allclose(norm, relaxed + threshold * (1 + w), rtol=1e-13)


def test_the_local_solution_knows_a_resistance_apart_from_the_threshold() -> None:
    flow = PowerLaw(
        over_composition(YIELD), 2.3e-3, 3.0, flow_resistance=over_composition(Constant(300.0))
    )
    threshold, resistance, stiffness = np.array(980.0), np.array(245.0), np.array(6e4)
    norm = threshold * (1 + np.logspace(-12, 2, 57))
    for dt in np.logspace(-15, 15, 31):
        w = flow.local_solve(norm, stiffness, threshold, resistance, dt)
        relaxed = stiffness * dt * flow.rate / ROOT23 * w**3
        np.testing.assert_allclose(norm, relaxed + threshold + resistance * w, rtol=1e-13)


def test_below_the_threshold_the_local_solution_is_zero() -> None:
    norm = np.array([0.0, 1.0, 979.999, 980.0])
    w = OVERSTRESS.local_solve(norm, np.array(6e4), np.array(980.0), np.array(980.0), 10.0)
    np.testing.assert_array_equal(w, 0.0)


def test_a_linear_law_has_a_closed_form() -> None:
    flow = Overstress(over_composition(YIELD), 2.3e-3, 1.0)
    norm, stiffness, threshold, dt = 1500.0, 6e4, 980.0, 7.0
    expected = (norm - threshold) / (stiffness * dt * flow.rate / ROOT23 + threshold)
    y = np.array(threshold)
    w = flow.local_solve(np.array(norm), np.array(stiffness), y, y, dt)
    np.testing.assert_allclose(w, expected, rtol=1e-14)


def test_the_newton_step_of_the_form_leaves_the_local_solution_alone() -> None:
    point = solid(OVERSTRESS)
    w = OVERSTRESS.local_solve(*np.moveaxis(point.local_terms(F, X, PLASTIC, ALPHA, DT), -1, 0), DT)
    expected = DT * OVERSTRESS.rate / ROOT23 * w**OVERSTRESS.exponent
    found = point("multiplier", F, X, plastic=PLASTIC, alpha=ALPHA, dt=DT)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_newton_step_of_the_form_squares_the_error_of_a_guess() -> None:
    norm, stiffness, local_solution = symbol(), symbol(), symbol()
    form = OVERSTRESS.multiplier(norm, stiffness, X, 0.0, DT, local_solution)
    multiplier = compiled(form, norm, stiffness, local_solution)
    threshold = np.array(ROOT23 * YIELD(X))
    w = OVERSTRESS.local_solve(np.array(3e3), np.array(6e4), threshold, threshold, DT)
    exact = multiplier(3e3, 6e4, w)
    error = [abs(float(multiplier(3e3, 6e4, w * (1 + e)) / exact - 1)) for e in (1e-2, 1e-3)]
    assert error[0] < 1e-3
    np.testing.assert_allclose(error[0] / error[1], 100.0, rtol=0.05)


def test_a_rubber_does_not_flow() -> None:
    with pytest.raises(TypeError, match="ArrudaBoyce elasticity has no plastic flow"):
        Point(ARRUDA_BOYCE, FLOWS[0])
