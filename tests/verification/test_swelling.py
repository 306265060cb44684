"""Swelling with and without constraint: closed forms that hold at any swelling ratio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from anodefem.geometry import Geometry
from anodefem.laws.plasticity import Overstress
from anodefem.laws.solid import Solid
from anodefem.model.regions import Region
from tests.verification.bodies import Layer, ball, confined, film, read
from tests.verification.support import Array, Numbers, Simulation, solid, uniform_guest

pytestmark = [pytest.mark.serial, pytest.mark.verification]

YOUNG, POISSON, YIELD = 80e3, 0.22, 1.7e3  # MPa, -, MPa
#: Full swelling ratios: Si-Li3.75, Sn-Na3.75, Sn-Li4.4, Sb-K3.
FULL = (3.7507, 5.2422, 3.5764, 5.0734)


def simulate(folder: pytest.TempPathFactory, body: Geometry, *, order: int = 1) -> Simulation:
    """One region "solid" of the numbers above, in the mode where the fraction is uniform."""
    numbers = Numbers(read(body, folder.mktemp("body"), order=order))
    law = solid(numbers, "solid", young=YOUNG, poisson=POISSON, full=FULL[0], yield_stress=YIELD)
    return Simulation(numbers, [Region("solid", law, uniform_guest())])


# Free bodies. The exact solution lies in the space of the elements, so what is left is round-off:
# stretches to 1e-10 and stresses to 1e-8 of Young's modulus, as for a single point.


@pytest.fixture(scope="module", params=[1, 2], ids=["straight", "curved"])
def hollow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    body = ball(Layer("solid", 1.0, 3), cavity=0.4, sectors=4)
    return simulate(tmp_path_factory, body, order=request.param)


@pytest.mark.parametrize("full", FULL)
def test_a_free_hollow_sphere_swells_alike_and_without_stress(
    hollow: Simulation, full: float
) -> None:
    hollow.numbers["solid swelling full"].value = full
    for soc in np.linspace(0.0, 1.0, 11):
        hollow.step(soc=soc)
    nodes, displacement = hollow.displacement()
    # the pore too: it grows by the same ratio
    np.testing.assert_allclose(displacement, (np.cbrt(full) - 1.0) * nodes, atol=1e-10)
    assert np.abs(hollow.stress("solid")).max() < 1e-8 * YOUNG
    assert np.abs(hollow.state.alpha.x.array).max() == 0.0


def test_a_rigidly_confined_body_is_pressed_by_its_bulk_modulus(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    simulation = simulate(tmp_path_factory, confined(film(width=1.0, height=0.5), top=1))
    bulk, swelling = 60e3, 1.1
    simulation.numbers["solid young"].value = 3.0 * (1.0 - 2.0 * POISSON) * bulk
    simulation.numbers["solid swelling full"].value = swelling
    simulation.step(soc=1.0)
    stress = simulation.stress("solid")
    # Cauchy stress; nothing moves, so round-off is all that is left
    np.testing.assert_allclose(stress[:, :3], -bulk * np.log(swelling) * swelling, rtol=1e-6)
    assert stress[0, 0] == pytest.approx(-6290.472, rel=1e-6)


# A film on a rigid base, axisymmetric: clamped along, free across. M is the in-plane Kirchhoff
# stress per volume of the swollen film, lam3 the stretch across.


@pytest.fixture(scope="module")
def clamped(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return simulate(tmp_path_factory, film(width=1.0, height=0.5))


def along_path(simulation: Simulation, socs: Sequence[float] | Array) -> tuple[Array, Array]:
    """Restart empty, go through states of charge; return M [MPa] and lam3 after each."""
    state = simulation.state
    for field in (state.u, state.u_n, state.alpha):
        field.x.array[:] = 0.0
    state.plastic.x.array.reshape(-1, 4)[:] = [1.0, 1.0, 1.0, 0.0]
    response = simulation.problem.responses["solid"]
    stresses, stretches = [], []
    for soc in socs:
        simulation.step(soc=soc)
        tau = simulation.at_points("solid", simulation.domain.kinematics.components(response.tau))
        np.testing.assert_allclose(tau[:, 1], 0.0, atol=1e-8 * YOUNG)  # free across
        np.testing.assert_allclose(tau[:, 0], tau[0, 0], rtol=1e-8)  # the same everywhere
        stresses.append(tau[0, 0])
        stretches.append(simulation.stretch_across())
    return np.array(stresses), np.array(stretches)


def at_swelling(ratio: Sequence[float] | float) -> Array:
    return (np.asarray(ratio) - 1.0) / (FULL[0] - 1.0)


def neo_hookean_film(swelling: float) -> tuple[float, float]:
    """M [MPa] and lam3 of an elastic film: tau across = 0, solved by Newton's method."""
    G, K = YOUNG / (2 * (1 + POISSON)), YOUNG / (3 * (1 - 2 * POISSON))

    def across(stretch: float) -> float:
        b = stretch ** (-2 / 3) * np.array([1.0, 1.0, stretch**2])
        return float(G * (b[2] - b.mean()) + K * np.log(stretch / swelling))

    stretch = swelling
    for _ in range(30):
        slope = (across(stretch + 1e-6) - across(stretch - 1e-6)) / 2e-6
        stretch -= across(stretch) / slope
    b = stretch ** (-2 / 3) * np.array([1.0, 1.0, stretch**2])
    return float(G * (b[0] - b.mean()) + K * np.log(stretch / swelling)), stretch


def test_an_elastic_film_follows_its_law(clamped: Simulation) -> None:
    ratios = [1.01, 1.02, 1.04]
    stress, stretch = along_path(clamped, at_swelling(ratios))
    exact = np.array([neo_hookean_film(ratio) for ratio in ratios]).T
    np.testing.assert_allclose([stress, stretch], exact, rtol=1e-8)
    # Hencky's law gives E/(1-nu) ln(Jc)/3; at strains of 1 % the two differ by 0.2 to 0.4 %
    np.testing.assert_allclose(stress[1:], [-677.013, -1340.879], rtol=4e-3)


def test_a_film_yields_and_thickens_through_a_full_cycle(clamped: Simulation) -> None:
    up, down = np.linspace(0.0, 1.0, 41)[1:], np.linspace(1.0, 0.0, 41)[1:]
    stress, stretch = along_path(clamped, np.concatenate([up, down]))
    swelling = 1.0 + (FULL[0] - 1.0) * np.concatenate([up, down])
    elastic = np.exp(2.0 * (1.0 - 2.0 * POISSON) * stress / YOUNG)
    # the yield surface and the pressure are met exactly, whatever the step
    np.testing.assert_allclose(stretch, swelling * elastic, rtol=1e-8)
    np.testing.assert_allclose(stress[:40], -YIELD, rtol=1e-6)  # swelling 1.07 and more
    assert stretch[39] == pytest.approx(3.662487, rel=1e-6)
    # Cauchy stress is per current area and tau per swollen volume
    assert stress[39] / elastic[39] == pytest.approx(-1740.945, rel=1e-6)
    # reversal spans twice the elastic range, 3 (1 - nu) 2 sY/E in ln Jc: 2.8 % per sY
    turned = swelling[40:] < FULL[0] * np.exp(-6.0 * (1.0 - POISSON) * YIELD / YOUNG)
    np.testing.assert_allclose(stress[40:][turned], YIELD, rtol=1e-6)
    assert turned.sum() > 30
    # tension at the end: empty, but thinner across the film than it was
    assert stretch[-1] == pytest.approx(elastic[-1]) and stretch[-1] > 1.0


@pytest.mark.parametrize(("rate", "ratio"), [(0.1 / 3600, 1.216169), (1.0 / 3600, 1.473074)])
def test_a_film_that_flows_by_overstress_bears_more_at_higher_rates(
    tmp_path_factory: pytest.TempPathFactory, rate: float, ratio: float
) -> None:
    numbers = Numbers(read(film(width=1.0, height=0.5), tmp_path_factory.mktemp("film")))
    # The closed form is for small elastic strains: at the 3 % of the modulus above, the flow rule
    # (which replaces b by a third of its trace) strains 3 % faster, and M is 0.16 % larger.
    law = solid(numbers, "solid", young=10.0 * YOUNG, poisson=POISSON, full=FULL[0])
    flow = Overstress(numbers.same("solid yield", YIELD), 2.3e-3, 2.94)
    law = Solid(law.elasticity, flow, law.expansion)
    simulation = Simulation(numbers, [Region("solid", law, uniform_guest())])
    target = float(at_swelling(2.0))
    # the last steps are short: backward Euler is off by the change of the strain rate in a step
    for start, end, count in [(0.0, 0.9 * target, 20), (0.9 * target, target, 20)]:
        for soc in np.linspace(start, end, count + 1)[1:]:
            simulation.step((end - start) / count / rate, soc=soc)
    tau = simulation.at_points(
        "solid",
        simulation.domain.kinematics.components(simulation.problem.responses["solid"].tau),
    )
    np.testing.assert_allclose(tau[:, 0], -ratio * YIELD, rtol=1e-3)
