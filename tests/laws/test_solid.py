"""A solid that swells: the shipped cards, and the stress part of the chemical potential."""

from __future__ import annotations

import numpy as np
import pytest

from anodefem import cards
from anodefem.cards import FARADAY, NeoHookean
from anodefem.cards.curves import Constant, Linear
from anodefem.laws.elasticity import Elasticity
from anodefem.laws.plasticity import ROOT23, Elastic, FlowRule
from anodefem.model import regions
from tests.laws import states
from tests.laws.point import Array, numerical_derivative
from tests.laws.solids import (
    AXES,
    ELASTICITIES,
    EVERY_FLOW,
    FLOWS,
    SWELLING,
    YIELD,
    Point,
    name,
    uniform,
)

MATERIALS = sorted(cards.paths("materials"))
HOSTS = [each for each in MATERIALS if cards.material(each).storage]
LAWS = pytest.mark.parametrize("law", ELASTICITIES, ids=name)


def point(card_name: str) -> Point:
    """Law of a shipped card at room temperature."""
    card = cards.material(card_name)
    anisotropy = regions.anisotropy(card, "cartesian", AXES)
    solid = regions.region(
        "particle", card, transport="diffusion", temperature=298.15, anisotropy=anisotropy
    ).solid
    swelling = card.storage.volume_ratio if card.storage else Constant(1.0)
    return Point(solid.elasticity, solid.flow, swelling, anisotropy)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_swells_freely_is_without_stress(host: str) -> None:
    card, law = cards.material(host), point(host)
    assert card.storage is not None
    x = np.linspace(0.0, 1.0, 21)
    Jc = card.storage.volume_ratio(x)
    exponents = card.storage.swelling_exponents or np.full(3, 1 / 3)
    F = states.rotations(21) * (Jc[:, None] ** np.array(exponents))[:, None, :]
    young = law.value(law.solid.elasticity.bulk, x) * 3  # at least E
    stress = law("cauchy", F, x, dt=100.0)
    assert (np.abs(stress) < 1e-12 * young[:, None, None]).all()
    np.testing.assert_array_equal(law("multiplier", F, x, dt=100.0), 0.0)
    np.testing.assert_allclose(law("dpsi_dx", F, x, dt=100.0), 0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("host", "stretch"),
    [
        ("silicon-amorphous", 1.553713),
        ("tin-sodium", 1.737152),
        ("tin-lithium", 1.529220),
        ("antimony-potassium", 1.717919),
    ],
)
def test_a_full_host_that_swells_freely_is_longer_by_a_known_stretch(
    host: str, stretch: float
) -> None:
    law = point(host)
    Jc = law.value(law.solid.expansion, 1.0)
    np.testing.assert_allclose(np.cbrt(Jc), stretch, rtol=2e-4)  # cards round Jc to four digits


@pytest.mark.parametrize("material", MATERIALS)
def test_the_law_of_a_card_has_the_moduli_of_the_card_in_megapascals(material: str) -> None:
    card, law = cards.material(material), point(material)
    elastic, sliding = card.elastic, card.properties.get("sliding_efficiency")
    share = sliding.si if sliding else 1.0
    x = np.linspace(0.0, 1.0, 21)
    G = 1e6 * law.value(law.solid.elasticity.shear, x)
    K = 1e6 * law.value(law.solid.elasticity.bulk, x)
    if isinstance(elastic, NeoHookean):
        np.testing.assert_allclose(9 * K * G / (3 * K + G), share * elastic.young(x), rtol=1e-12)
        poisson = (3 * K - 2 * G) / (2 * (3 * K + G))
        np.testing.assert_allclose(poisson, elastic.poisson(x), rtol=1e-12)
    else:
        np.testing.assert_allclose(G, elastic.shear, rtol=1e-12)
        np.testing.assert_allclose(K, elastic.bulk, rtol=1e-12)


@pytest.mark.parametrize("material", MATERIALS)
def test_the_law_of_a_card_yields_at_the_yield_stress_of_the_card(material: str) -> None:
    card, law = cards.material(material), point(material)
    if card.plastic is None:
        assert isinstance(law.solid.flow, Elastic)
        return
    strength = 1e-6 * float(card.plastic.yield_stress(0.0))
    G = law.value(law.solid.elasticity.shear, 0.0)
    sheared = np.tile(np.eye(3), (2, 1, 1))
    sheared[:, 0, 1] = np.array([0.99, 1.01]) * strength / np.sqrt(3) / G
    below, above = law("multiplier", sheared, dt=1e9)
    assert below == 0.0 < above


# --- rigid confinement ----------------------------------------------------------------------------


@pytest.mark.verification
def test_a_confined_solid_is_under_the_pressure_of_its_swelling() -> None:
    law = Point(uniform(3 * 60e3 * (1 - 2 * 0.25), 0.25), swelling=Linear(1.0, 3.75))
    pressure = -law("cauchy", np.eye(3), 0.1 / 2.75)
    np.testing.assert_allclose(pressure, 60e3 * 1.1 * np.log(1.1) * np.eye(3), atol=1e-8)
    np.testing.assert_allclose(pressure[0, 0], 6290.472, rtol=1e-7)


# --- stress in the chemical potential -------------------------------------------------------------


@LAWS
@pytest.mark.parametrize("x", [0.1, 0.5, 0.9])
def test_the_potential_is_the_slope_of_the_energy_at_fixed_deformation(
    law: Elasticity, x: float
) -> None:
    solid, F = Point(law), states.deformations()
    expected = numerical_derivative(
        lambda at: solid.energy(F, at), np.full(20, x), rank=0, step=1e-3
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(solid("dpsi_dx", F, x), expected, rtol=1e-9, atol=1e-10 * scale)


@EVERY_FLOW
def test_in_a_step_with_flow_the_elastic_strain_at_its_end_is_what_is_fixed(flow: FlowRule) -> None:
    solid, F, x = Point(flow=flow), states.deformations(size=0.1), 0.5
    assert (solid("multiplier", F, x) > 0.0).all()
    b = solid("b", F, x)
    expected = numerical_derivative(
        lambda at: solid.energy(F, at, b=b), np.full(20, x), rank=0, step=1e-3
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(solid("dpsi_dx", F, x), expected, rtol=1e-9, atol=1e-10 * scale)


@LAWS
def test_the_potential_is_energy_less_pressure_work_of_swelling(law: Elasticity) -> None:
    solid, F, x = Point(law), states.deformations(), np.full(20, 0.45)
    Jc, slope = SWELLING(x), numerical_derivative(SWELLING, x, rank=0)
    Je = np.linalg.det(F) / Jc
    fixed = np.cbrt(Je)[:, None, None] * states.isochoric(F)  # elastic part of F, held

    def per_swollen_volume(at: Array) -> Array:
        swollen = np.cbrt(SWELLING(at))[:, None, None] * fixed
        return solid.energy(swollen, at) / SWELLING(at)

    trace = np.trace(solid("tau", F, x), axis1=1, axis2=2)  # as of the Mandel stress
    moduli = numerical_derivative(per_swollen_volume, x, rank=0)
    expected = slope * (per_swollen_volume(x) - trace / 3) + Jc * moduli
    np.testing.assert_allclose(solid("dpsi_dx", F, x), expected, rtol=1e-8)


@pytest.mark.verification
@pytest.mark.parametrize(
    ("molar_volume", "expected"), [(8.848, 61.1354), (8.5, 58.7309)], ids=["8.848", "8.5"]
)
def test_a_biaxial_stress_shifts_the_voltage_by_two_thirds_of_the_molar_volume(
    molar_volume: float, expected: float
) -> None:
    c_max = 0.310970  # mol/cm^3, so that molar volumes are cm^3/mol and energies MPa cm^3 = J
    E, nu = 80e3, 0.22
    solid = Point(uniform(E, nu), swelling=Linear(1.0, 1 + molar_volume * c_max))
    x, strain = 0.4, 1e-5
    Jc = 1 + molar_volume * c_max * x

    def potential_and_stress(strain: float) -> tuple[float, float]:
        F = np.cbrt(Jc) * np.diag([1 + strain, 1 + strain, 1 - 2 * nu / (1 - nu) * strain])
        stress = solid("cauchy", F, x)
        assert abs(stress[2, 2]) < 1e-4 * abs(stress[0, 0])
        return float(solid("dpsi_dx", F, x)) / c_max, float(stress[0, 0])  # J/mol, MPa

    (low, compression), (high, tension) = map(potential_and_stress, (-strain, strain))
    shift = -(high - low) / FARADAY / (tension - compression)  # V/MPa
    np.testing.assert_allclose(1e6 * shift, expected, rtol=1e-6)  # mV/GPa


# --- plastic flow of a swelling solid -------------------------------------------------------------


def test_swelling_changes_the_pressure_and_flow_the_rest() -> None:
    F = states.deformations(size=0.1)
    elastic, plastic = Point(uniform(80e3, 0.22)), Point(uniform(80e3, 0.22), FLOWS[0])
    assert (plastic("multiplier", F, 0.3) > 0.0).all()
    pressure = np.trace(elastic("tau", F, 0.3), axis1=1, axis2=2)
    np.testing.assert_allclose(np.trace(plastic("tau", F, 0.3), axis1=1, axis2=2), pressure)
    np.testing.assert_allclose(elastic("s", F, 0.3), elastic("s", F, 0.0), atol=1e-9)


def test_dissipation_is_per_reference_volume() -> None:
    solid, F = Point(flow=FLOWS[0]), states.deformations(size=0.1)
    x = 0.5
    expected = SWELLING(x) * YIELD(x) * ROOT23 * solid("multiplier", F, x)
    np.testing.assert_allclose(solid("dissipation", F, x), expected, rtol=1e-10)
