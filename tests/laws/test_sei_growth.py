"""Growth of the SEI at a point: currents, implicit steps, dissolution, temperature."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anodefem import cards
from anodefem.cards import growth as numbers
from anodefem.cards.laws import law_of
from anodefem.errors import InputError
from anodefem.laws.sei_growth import THINNEST, Growth

FARADAY, GAS, ROOM = 96485.33212, 8.314462618, 298.15
VT = GAS * ROOM / FARADAY  # V
COMMON = {
    "molar_volume": 9.585e-5,
    "electrons": 2.0,
    "initial_thickness": 5e-9,
    "resistivity": 2e5,
    "activation_energy": 38e3,
}
REACTION = numbers.Reaction(**COMMON, exchange_current=1.5e-7, transfer=0.5, potential=0.4)
SOLVENT = numbers.SolventDiffusion(**COMMON, diffusivity=2.5e-22, concentration=2636.0)
MIGRATION = numbers.ElectronMigration(**COMMON, conductivity=8.95e-14, potential=0.4)
INTERSTITIALS = numbers.Interstitials(**COMMON, diffusivity=1e-20, concentration=15.0)
MIXED = numbers.ReactionDiffusion(
    **COMMON, rate=1e-12, transfer=0.5, potential=0.4, diffusivity=2e-18, concentration=4541.0
)
TUNNELLING = numbers.Tunnelling(**COMMON, exchange_current=2.0, transfer=0.5, decay=1e9)
ALL = (REACTION, SOLVENT, MIGRATION, INTERSTITIALS, MIXED, TUNNELLING)
L, V = 8e-3, 0.1  # um, V


def growth(card: numbers.Growth, temperature: float = ROOM) -> Growth:
    """Law of a card."""
    built: Growth = law_of("growth", card).built(card, temperature)
    return built


def current(card: numbers.Growth, thickness: float = L, electrode: float = V) -> float:
    """Current [A/m^2]."""
    return float(growth(card).current(np.array(thickness), electrode))


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        # eta = 0.1 - 0.4 = -0.3 V; exp(0.15/0.025693) = 343.2
        (REACTION, 1.5e-7 * np.exp(0.3 / (2 * VT))),
        (SOLVENT, 2.5e-22 * 2636.0 * FARADAY / 8e-9),  # 7.948e-6
        (MIGRATION, 8.95e-14 * 0.3 / 8e-9),  # 3.3563e-6
        (INTERSTITIALS, 1e-20 * 15.0 * FARADAY / 8e-9 * np.exp(-0.1 / VT)),
        (
            MIXED,
            FARADAY * 4541.0 / (1 / (1e-12 * np.exp(0.3 / (2 * VT))) + 8e-9 / 2e-18),
        ),
        (TUNNELLING, 2.0 * np.exp(-0.1 / (2 * VT)) * np.exp(-8.0)),
    ],
)
def test_the_current_is_that_of_the_formula(card: numbers.Growth, expected: float) -> None:
    assert current(card) == pytest.approx(expected, rel=1e-10)


def test_numbers_by_hand() -> None:
    assert current(SOLVENT) == pytest.approx(7.948e-6, rel=1e-4)
    assert current(MIGRATION) == pytest.approx(3.3563e-6, rel=1e-4)
    assert current(REACTION) == pytest.approx(1.5e-7 * 343.2, rel=2e-3)
    # 20 nm of this SEI: 2 F L/V_SEI = 40.3 C/m^2
    assert 20e-3 / growth(SOLVENT).volume_per_charge == pytest.approx(40.27, rel=1e-3)
    assert growth(SOLVENT).resistivity * 20e-3 == pytest.approx(2e5 * 20e-9)


@pytest.mark.parametrize("card", ALL)
def test_derivatives_are_those_of_the_current(card: numbers.Growth) -> None:
    law, step = growth(card).law, 1e-6
    at = V
    slope = (law.current(L * (1 + step), at) - law.current(L * (1 - step), at)) / (2 * L * step)
    assert law.by_thickness(L, at) == pytest.approx(slope, rel=1e-6, abs=1e-20)
    high, low = (law.current(L, V + sign * step) for sign in (1, -1))
    assert law.by_electrode(L, at) == pytest.approx((high - low) / (2 * step), rel=1e-6, abs=1e-20)


def test_an_sei_above_its_potential_does_not_migrate_back() -> None:
    assert current(MIGRATION, electrode=0.5) == 0.0


@pytest.mark.parametrize("card", ALL)
@pytest.mark.parametrize("time", [0.0, 1.0, 1e4, 1e9])
@pytest.mark.parametrize("before", [0.0, 1e-5, 5e-3, 0.3])
def test_an_implicit_step_solves_its_equation(
    card: numbers.Growth, time: float, before: float
) -> None:
    law, at = growth(card), np.array([V, 0.35])
    after = law.thickness(np.full(2, before), time, at)
    gain = time * law.volume_per_charge * law.current(after, at)
    assert after == pytest.approx(before + gain, rel=1e-12, abs=1e-18)
    assert np.all(after >= before)


def test_steps_that_are_too_long_for_an_explicit_formula_go_to_the_parabola() -> None:
    law, at = growth(SOLVENT), V
    k = 2.5e-22 * 2636.0 * 9.585e-5 / 2 * 1e12  # um^2/s
    one = law.thickness(np.array(5e-3), 1e12, at)
    # implicit: L - h0 = k t/L
    assert one == pytest.approx(2.5e-3 + np.sqrt(2.5e-3**2 + k * 1e12), rel=1e-12)
    fine = np.array(5e-3)
    for _ in range(2000):
        fine = law.thickness(fine, 1e6, at)
    assert fine == pytest.approx(np.sqrt(5e-3**2 + 2 * k * 2e9), rel=1e-3)


def test_an_sei_dissolves_and_an_additive_keeps_it() -> None:
    still = replace(REACTION, exchange_current=0.0, activation_energy=0.0, dissolution=1e-13)
    at = V
    hour = 3600.0
    assert growth(still).thickness(np.array(5e-3), hour, at) == pytest.approx(5e-3 - 3.6e-4)
    assert growth(still).thickness(np.array(5e-3), 100 * hour, at) == 0.0
    half = growth(replace(still, saturation=0.5))
    assert half.thickness(np.array(5e-3), hour, at) == pytest.approx(5e-3 - 1.8e-4)
    kept = growth(replace(still, saturation=1.0))
    assert kept.thickness(np.array(5e-3), hour, at) == 5e-3


def test_growth_and_dissolution_meet_at_a_thickness() -> None:
    # D c V_SEI/(2 L) = k_dis at L = 15.8 nm
    law = growth(replace(SOLVENT, diffusivity=2.5e-21, dissolution=2e-14))
    steady = 2.5e-21 * 2636.0 * 9.585e-5 / 2 / 2e-14 * 1e6
    at = V
    for start in (THINNEST, 3 * steady):
        thickness = np.array(start)
        for _ in range(60):
            thickness = law.thickness(thickness, 1e6, at)
        assert thickness == pytest.approx(steady, rel=1e-10)


@pytest.mark.parametrize("card", ALL)
def test_the_derivative_of_a_step_is_that_of_its_solution(card: numbers.Growth) -> None:
    law, step, time = growth(card), 1e-6, 1e5

    def end(electrode: float) -> tuple[np.ndarray, np.ndarray]:
        at = electrode
        thickness = law.thickness(np.array(5e-3), time, at)
        return thickness, law.current(thickness, at)

    by = law.current_by_electrode(end(V)[0], time, V)
    difference = (end(V + step)[1] - end(V - step)[1]) / (2 * step)
    assert by == pytest.approx(difference, rel=1e-5, abs=1e-18)


def test_all_rates_rise_with_the_temperature() -> None:
    hot = 318.15
    factor = np.exp(38e3 / GAS * (1 / ROOM - 1 / hot))
    at = V
    for card in (SOLVENT, MIGRATION):
        ratio = growth(card, hot).current(np.array(L), at) / growth(card).current(np.array(L), at)
        assert ratio == pytest.approx(factor, rel=1e-12)
    solved = replace(SOLVENT, dissolution=1e-14)
    assert growth(solved, hot).dissolution == pytest.approx(1e-8 * factor)


def test_every_recipe_that_grows_builds_its_law() -> None:
    growing = [card for card in map(cards.sei, cards.paths("sei")) if card.growth]
    assert len(growing) > 30
    for card in growing:
        assert card.growth is not None
        law = growth(card.growth)
        day = law.thickness(np.array(5e-3), 86400.0, 0.1)
        assert 0.0 < day < 0.1, card.name


def test_the_default_recipe_grows_to_20_nm_in_100_hours() -> None:
    card = cards.sei("ec-dmc").growth
    assert isinstance(card, numbers.SolventDiffusion)
    k = card.diffusivity * card.concentration * card.molar_volume / card.electrons
    assert np.sqrt(2 * k * 3.6e5) == pytest.approx(20e-9, rel=0.01)


def test_a_recipe_names_its_law(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = cards.paths("sei")["ec-dmc"].read_text(encoding="utf-8")
    path.write_text(text.replace('law = "solvent-diffusion"', 'law = "moss"'), encoding="utf-8")
    with pytest.raises(InputError, match="needs law = one of reaction, solvent-diffusion"):
        cards.sei(str(path))
    card = cards.sei("ec-dmc", changes={"growth.diffusivity": "1e-20 m^2/s"}).growth
    assert isinstance(card, numbers.SolventDiffusion)
    assert card.diffusivity == 1e-20
