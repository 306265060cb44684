"""The cards that are shipped: complete, consistent, and honest about their sources."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem import cards
from anodefem.cards import Material, NeoHookean, Overstress, PowerLaw
from anodefem.cards.curves import Curve, samples

MATERIALS = sorted(cards.paths("materials"))
RECIPES = sorted(cards.paths("sei"))
HOSTS = [name for name in MATERIALS if cards.material(name).storage]

# N_h and c_max [kmol/m^3], Q [mAh/g], J at full charge, Omega [cm^3/mol], charge per volume of the
# lithiated host [Ah/L]: from densities, atomic weights and crystal cells.
CRYSTALS = {
    "silicon-amorphous": (82.925, 310.970, 3578.6, 3.751, 8.848, 2222),
    "silicon-li22si5": (82.925, 364.872, 4198.8, 4.115, 8.537, 2377),
    "germanium-lithium": (73.295, 274.855, 1383.8, 3.459, 8.946, 2130),
    "tin-lithium": (61.385, 270.094, 993.4, 3.576, 9.538, 2024),
    "tin-sodium": (61.385, 230.193, 846.6, 5.242, 18.427, 1177),
    "tin-potassium": (61.385, 61.385, 225.8, 2.815, 29.575, 584),
    "antimony-lithium": (55.002, 165.005, 660.4, 2.350, 8.185, 1881),
    "antimony-sodium": (55.002, 165.005, 660.4, 3.930, 17.754, 1125),
    "antimony-potassium": (55.002, 165.005, 660.4, 5.073, 24.683, 872),
    "bismuth-lithium": (46.799, 140.396, 384.7, 2.140, 8.120, 1758),
    "bismuth-sodium": (46.799, 140.396, 384.7, 3.497, 17.786, 1076),
    "bismuth-potassium": (46.799, 140.396, 384.7, 5.092, 29.149, 739),
    "aluminium-lithium": (100.032, 100.032, 993.3, 1.946, 9.460, 1377),
    "phosphorus-red-lithium": (75.548, 226.643, 2595.9, 2.732, 7.640, 2224),
    "phosphorus-red-sodium": (75.548, 226.643, 2595.9, 4.333, 14.708, 1402),
    "phosphorus-black-lithium": (86.848, 260.543, 2595.9, 3.140, 8.214, 2224),
    "phosphorus-black-sodium": (86.848, 260.543, 2595.9, 4.982, 15.282, 1402),
    "phosphorus-black-crystal-sodium": (86.848, 260.543, 2595.9, 4.982, 15.282, 1402),
    "graphite": (31.360, 31.360, 371.9, 1.13, 4.145, 744),
}

# Largest elastic energy E e_y^2 / 2 of each recipe [MJ/m^3].
ELASTIC_ENERGY = {
    "ec-dmc": 0.45,
    "fec": 3.75,
    "vc": 1.6,
    "lif-rich-thf": 6.0,
    "diglyme-nabf4": 16.0,
    "ec-dmc-nabf4": 0.25,
    "diglyme-napf6": 18.0,
    "pc-fec-napf6": 0.23,
    "egdee": 18.0,
    "diglyme-kpf6": 16.0,
    "ec-dec-kfsi": 3.6,
    "lhce": 9.0,
    "tfep-femc": 20.0,
    "ionic-liquid": 2.3,
    "sulfide": 0.9,
    "ide-tte": 6.0,
}


def _host(name: str) -> Material:
    return cards.material(name)


@pytest.mark.parametrize("name", CRYSTALS)
def test_a_host_agrees_with_its_crystals(name: str) -> None:
    host = _host(name)
    storage, density = host.storage, host.density
    assert storage is not None and density is not None
    _, c_max, capacity, ratio, omega, per_litre = CRYSTALS[name]
    assert storage.concentration_max == pytest.approx(c_max * 1e3, rel=1e-5)
    assert storage.capacity == pytest.approx(capacity, rel=5e-3)
    assert storage.volume_ratio(1.0) == pytest.approx(ratio, abs=1e-3)
    assert 1.0 + omega * 1e-6 * storage.concentration_max == pytest.approx(ratio, abs=1e-3)
    charge = storage.capacity * density * 1e-3 / storage.volume_ratio(1.0)
    assert charge == pytest.approx(per_litre, rel=2e-3)


@pytest.mark.parametrize("name", HOSTS)
def test_capacity_is_faraday_times_concentration(name: str) -> None:
    host = _host(name)
    storage, density = host.storage, host.density
    assert storage is not None and density is not None
    expected = storage.concentration_max * 96485.33212 / 3600.0 / density
    assert storage.capacity == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_swells_from_its_own_volume(name: str) -> None:
    storage = _host(name).storage
    assert storage is not None
    ratio = samples(storage.volume_ratio)
    assert ratio[0] == 1.0
    assert (np.diff(ratio) > 0.0).all()


@pytest.mark.parametrize("name", HOSTS)
def test_the_voltage_falls_with_charge(name: str) -> None:
    storage = _host(name).storage
    assert storage is not None
    if isinstance(storage.ocv, Curve):
        assert (np.diff(samples(storage.ocv, 2001)) < 0.0).all()


def test_film_moduli_of_silicon_are_the_measured_ones() -> None:
    elastic = _host("silicon-amorphous").elastic
    assert isinstance(elastic, NeoHookean)
    for lithium, biaxial in ((0.32, 70e9), (3.0, 35e9)):
        x = lithium / 3.75
        found = elastic.young(x) / (1.0 - elastic.poisson(x))
        assert found == pytest.approx(biaxial, rel=1e-2)


def test_overstress_silicon_gives_the_film_stress_at_c_20() -> None:
    """Equibiaxial film held on a wafer: it flows as fast as it would swell, d ln Jc / 3."""
    card = _host("silicon-bower-guduru")
    plastic, storage = card.plastic, card.storage
    assert isinstance(plastic, Overstress) and storage is not None
    for lithium, expected in ((0.25, 1.755160), (1.0, 1.610931), (3.75, 1.353794)):
        x = lithium / 3.75
        slope = storage.volume_ratio(1.0) - 1.0
        # Twice the in-plane rate is the equivalent plastic strain rate of equibiaxial compression.
        rate = 2.0 * slope / storage.volume_ratio(x) / 3.0 / (20.0 * 3600.0)
        stress = plastic.yield_stress(x) * (1.0 + (rate / plastic.rate) ** (1.0 / plastic.exponent))
        assert stress * 1e-9 == pytest.approx(expected, rel=2e-3)


def test_power_law_silicon_gives_the_film_stress_its_card_tells() -> None:
    card = _host("silicon-di-leo")
    plastic, storage = card.plastic, card.storage
    assert isinstance(plastic, PowerLaw) and storage is not None
    x = 1.0 / (storage.volume_ratio(1.0) - 1.0)  # Jc = 2
    rate = 2.0 / x / 2.0 / 3.0 / (10.0 * 3600.0)
    share = (rate / plastic.rate) ** plastic.rate_sensitivity
    power_law = plastic.yield_stress(x) + plastic.flow_resistance(x) * share
    assert power_law * 1e-9 == pytest.approx(0.84, abs=5e-3)
    assert plastic.yield_stress(x) * (1.0 + share) * 1e-9 == pytest.approx(0.60, abs=5e-3)


def test_only_a_crystal_has_axes() -> None:
    exponents = {
        name: storage.swelling_exponents
        for name in HOSTS
        if (storage := _host(name).storage) and storage.swelling_exponents
    }
    assert exponents == {"phosphorus-black-crystal-sodium": (0.4, 0.1, 0.5)}


@pytest.mark.parametrize("name", ELASTIC_ENERGY)
def test_a_recipe_has_the_elastic_energy_of_its_class(name: str) -> None:
    sei = cards.sei(name)
    energy = 0.5 * sei.young * sei.yield_strain**2 * 1e-6
    assert energy == pytest.approx(ELASTIC_ENERGY[name], rel=0.05)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_yields_at_its_yield_strain(name: str) -> None:
    sei = cards.sei(name)
    assert sei.yield_stress == pytest.approx(sei.young * sei.yield_strain, rel=1e-9)
    assert sei.fracture_strain >= sei.yield_strain
    assert sei.young_range is not None
    assert sei.young_range[0] < sei.young < sei.young_range[1]


@pytest.mark.parametrize(("kind", "names"), [("materials", MATERIALS), ("sei", RECIPES)])
def test_a_source_that_was_read_is_in_the_references(kind: str, names: list[str]) -> None:
    references = cards.references()
    for name in names:
        card = cards.material(name) if kind == "materials" else cards.sei(name)
        for key, number in card.numbers():
            if number.tag in ("source", "review"):
                first = number.source.replace(":", ",").split(",")[0]
                assert first in references, f"{name}: {key}: {number.source}"


@pytest.mark.parametrize(("kind", "names"), [("materials", MATERIALS), ("sei", RECIPES)])
def test_a_value_lies_in_its_range(kind: str, names: list[str]) -> None:
    for name in names:
        card = cards.material(name) if kind == "materials" else cards.sei(name)
        for key, number in card.numbers():
            if number.range and isinstance(number.si, float):
                assert number.range[0] <= number.si <= number.range[1], f"{name}: {key}"


def test_every_shipped_file_is_a_card() -> None:
    folder = Path(cards.__file__).parents[1] / "parameters"
    assert {path.stem for path in (folder / "materials").iterdir()} == set(MATERIALS)
    assert {path.stem for path in (folder / "sei").iterdir()} == set(RECIPES)
