"""Diffusivity and rate of flow of a card with an activation energy follow Arrhenius' law."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from anodefem import cards
from anodefem.laws.plasticity import Overstress, Perzyna, PowerLaw
from anodefem.model import regions
from anodefem.model.regions import Region
from tests.laws.point import compiled, symbol

BARRIERS = {"plastic": 50e3, "storage": 30e3}  # J/mol
#: T [K] -> exp(-Ea/R (1/T - 1/298.15)) with Ea = 50 and 30 kJ/mol, R = 8.314462618 J/(mol K)
FACTORS = {298.15: (1.0, 1.0), 318.15: (3.553529, 2.139912), 273.15: (0.1578619, 0.3303440)}


def activated(text: str, table: str, barrier: float | None) -> str:
    """Text of a card with another activation energy [J/mol] in ``table``, or without one."""
    number = (
        ""
        if barrier is None
        else f"[{table}.activation_energy]\nvalue = {barrier * 1e-3}\n"
        'unit = "kJ/mol"\ntag = "assumed"\nsource = "a test"\n'
    )
    there = rf"\[{table}\.activation_energy\]\n(?:[^\n\[].*\n)+"
    changed, count = re.subn(there, number, text)
    assert count == 1
    return changed


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Silicon with other activation energies than those of its card."""
    text = (cards.paths("materials")["silicon-bower-guduru"]).read_text()
    for table, barrier in BARRIERS.items():
        text = activated(text, table, barrier)
    path = tmp_path / "activated.toml"
    path.write_text(text)
    return path


def at(path: Path, temperature: float) -> Region:
    """Region of a card at a temperature."""
    card = cards.material(str(path))
    return regions.region("p", card, transport="diffusion", temperature=temperature)


def diffusivity(region: Region) -> float:
    """D [um^2/s], the same at all fractions here."""
    assert region.species is not None
    x = symbol()
    return float(compiled(region.species.diffusivity(x), x)(0.5))


@pytest.mark.parametrize("temperature", FACTORS)
def test_a_warm_host_conducts_and_flows_faster(card: Path, temperature: float) -> None:
    flow, storage = FACTORS[temperature]
    region, plain = at(card, temperature), at(card, 298.15)
    assert isinstance(region.solid.flow, Overstress) and isinstance(plain.solid.flow, Overstress)
    np.testing.assert_allclose(region.solid.flow.rate / plain.solid.flow.rate, flow, rtol=1e-5)
    np.testing.assert_allclose(diffusivity(region) / diffusivity(plain), storage, rtol=1e-5)


def test_without_an_activation_energy_nothing_depends_on_the_temperature(tmp_path: Path) -> None:
    text = (cards.paths("materials")["silicon-bower-guduru"]).read_text()
    path = tmp_path / "still.toml"
    path.write_text(activated(activated(text, "plastic", None), "storage", None))
    warm, cold = (at(path, T) for T in (250.0, 350.0))
    assert isinstance(warm.solid.flow, Overstress) and isinstance(cold.solid.flow, Overstress)
    assert warm.solid.flow.rate == cold.solid.flow.rate == 6e-10
    assert diffusivity(warm) == diffusivity(cold) == pytest.approx(1e-4)


def test_every_rate_law_takes_the_temperature(tmp_path: Path) -> None:
    text = cards.paths("materials")["silicon-di-leo"].read_text()
    barrier = (
        "\n[plastic.activation_energy]\n"
        'value = 50\nunit = "kJ/mol"\ntag = "assumed"\nsource = "a test"\n'
    )
    power_law = tmp_path / "power-law.toml"
    power_law.write_text(activated(text, "plastic", 50e3))
    start, end = text.index("[plastic.flow_resistance]"), text.index("[storage]")
    viscosity = (
        '[plastic.viscosity]\nvalue = 2.0\nunit = "TPa*s"\ntag = "assumed"\nsource = "a test"'
    )
    viscous = tmp_path / "viscous.toml"
    viscous.write_text(
        text.replace("power-law", "perzyna", 1).replace(text[start:end], f"{viscosity}\n\n")
        + barrier
    )
    warm = 318.15
    flow = at(power_law, warm).solid.flow
    assert isinstance(flow, PowerLaw)
    assert flow.rate == pytest.approx(2.3e-3 * FACTORS[warm][0], rel=1e-5)
    assert flow.exponent == pytest.approx(2.94, rel=1e-5)
    x = symbol()
    resistance = compiled(flow.resistance(x, 0.0), x)(0.5)
    assert float(resistance) == pytest.approx(1600.0 * np.sqrt(2 / 3))
    soft = at(viscous, warm).solid.flow
    assert isinstance(soft, Perzyna)
    assert soft.viscosity == pytest.approx(2e6 / FACTORS[warm][0], rel=1e-5)  # MPa s
