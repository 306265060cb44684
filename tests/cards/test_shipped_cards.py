"""The cards that are shipped: complete, consistent, and honest about their sources."""

from __future__ import annotations

import re
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

# Mixtures: amount of each component card in a formula unit, molar volume of what does not store
# [cm^3/mol] and mass of what was weighed [g/mol] where it is not the sum of the components'.
SILICATES = {"Li4SiO4": 119.84 / 2.39, "MgSiO3": 100.387 / 3.2}
SALTS = {
    "Na": 2 * 61.979 / 2.27 + 105.988 / 2.54,
    "K": 2 * 94.195 / 2.35 + 138.204 / 2.43,
}
MIXTURES: dict[str, tuple[dict[str, float], float, float | None]] = {
    "silicon-monoxide-lithium": ({"silicon-amorphous": 3}, SILICATES["Li4SiO4"], 4 * 44.085),
    "silicon-magnesium-oxide-lithium": (
        {"silicon-amorphous": 2},
        SILICATES["MgSiO3"],
        3 * 44.085 + 24.305,
    ),
    "silicon-germanium-lithium": ({"silicon-amorphous": 0.5, "germanium-lithium": 0.5}, 0.0, None),
    "tin-antimony-lithium": ({"tin-lithium": 1, "antimony-lithium": 1}, 0.0, None),
    "tin-antimony-sodium": ({"tin-sodium": 1, "antimony-sodium": 1}, 0.0, None),
    "tin-antimony-potassium": ({"tin-potassium": 1, "antimony-potassium": 1}, 0.0, None),
    "phosphorus-antimony-sodium": (
        {"phosphorus-red-sodium": 0.9, "antimony-sodium": 0.1},
        0.0,
        None,
    ),
    "bismuth-carbonate-sodium": ({"bismuth-sodium": 2}, SALTS["Na"], 509.97),
    "bismuth-carbonate-potassium": ({"bismuth-potassium": 2}, SALTS["K"], 509.97),
}

# Largest elastic energy E e_y^2 / 2 of each recipe [MJ/m^3].
ELASTIC_ENERGY = {
    "ec-dmc": 0.45,
    "fec": 3.75,
    "vc": 1.6,
    "lif-rich-thf": 6.0,
    "diglyme-nabf4": 60.2,
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
    "ec-dec-naclo4": 0.245,
    "ec-dec-fec-naclo4": 0.8,
    "ec-dec-vc-naclo4": 0.72,
    "ec-dec-napf6": 0.306,
    "ec-dec-fec-napf6": 0.96,
    "ec-dec-vc-napf6": 0.81,
    "ec-dec-kpf6": 0.18,
    "ec-dec-fec-kpf6": 0.61,
    "ec-dec-vc-kpf6": 0.5,
    "ec-dmc-libob": 1.6,
    "ec-dmc-lidfob": 3.04,
    "ec-dmc-lino3": 3.06,
    "ec-dec-nadfob": 1.52,
    "pc-naf-napf6": 0.43,
    "pc-na2co3-napf6": 0.225,
    "tmp-concentrated": 5.0,
    "tep-concentrated": 4.54,
}

# What the reviews call the better electrolyte, and the worse one.
BETTER = [
    ("diglyme-nabf4", "ec-dmc-nabf4"),
    ("diglyme-napf6", "pc-fec-napf6"),
    ("egdee", "ec-dec-kpf6"),
    ("egdee", "pc-fec-napf6"),
    ("lif-rich-thf", "ec-dmc"),
    ("lhce", "ec-dmc"),
    ("tfep-femc", "ec-dmc"),
    ("fec", "ec-dmc"),
    ("ionic-liquid", "ec-dmc"),
    ("diglyme-kpf6", "ec-dec-kpf6"),
    ("ec-dec-kfsi", "ec-dec-kpf6"),
]


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


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixture_is_the_sum_of_its_components(name: str) -> None:
    parts, inert, weighed = MIXTURES[name]
    volume = swollen = inert  # [cm^3/mol]
    mass = guests = 0.0
    for part, amount in parts.items():
        card = _host(part)
        storage, density = card.storage, card.density
        assert storage is not None and density is not None
        molar_mass = card.sources["storage.molar_mass"].si
        each = amount * molar_mass / density * 1e6
        mass += amount * molar_mass * 1e3
        volume += each
        swollen += each * storage.volume_ratio(1.0)
        guests += amount * storage.guests_per_host
    mass = weighed or mass
    mixture = _host(name)
    storage = mixture.storage
    assert storage is not None
    assert mixture.density == pytest.approx(mass / volume * 1e3, rel=1e-3)
    assert storage.concentration_max == pytest.approx(guests / volume * 1e6, rel=1e-3)
    assert storage.volume_ratio(1.0) == pytest.approx(swollen / volume, rel=1e-3)
    assert storage.capacity == pytest.approx(guests * 96485.33212 / 3.6 / mass, rel=1e-3)


@pytest.mark.parametrize("name", sorted(name for name in MIXTURES if "antimony" in name))
def test_two_components_share_the_voltage(name: str) -> None:
    """At a voltage of the mixture each component holds what its own curve says."""
    parts = MIXTURES[name][0]
    curve, x = _ocv(name), np.linspace(0.0, 1.0, 20001)
    given = _host(name).sources["storage.ocv"].si
    for at, volts in zip(given.x[1:-1], given.y[1:-1], strict=True):
        stored, capacity = 0.0, 0.0
        for part, amount in parts.items():
            storage = _host(part).storage
            assert storage is not None
            room = amount * storage.guests_per_host
            own = np.asarray(_ocv(part)(x))
            stored += room * float(np.interp(volts, own[::-1], x[::-1]))
            capacity += room
        assert at == pytest.approx(stored / capacity, abs=2e-3)
    assert float(curve(0.5)) == pytest.approx(np.interp(0.5, given.x, given.y), abs=0.05)


def _ocv(name: str) -> Curve:
    storage = _host(name).storage
    assert storage is not None and isinstance(storage.ocv, Curve)
    return storage.ocv


@pytest.mark.parametrize(
    ("name", "plateaus"),
    [
        ("aluminium-lithium", {0.5: 0.385}),
        ("antimony-lithium", {0.33: 0.956, 0.83: 0.948}),
        ("bismuth-lithium", {0.17: 0.828, 0.67: 0.810}),
        ("phosphorus-red-lithium", {0.5: 0.7}),
        ("phosphorus-red-sodium", {0.5: 0.4}),
    ],
)
def test_a_curve_has_the_plateaus_of_its_source(name: str, plateaus: dict[float, float]) -> None:
    for x, volts in plateaus.items():
        assert float(_ocv(name)(x)) == pytest.approx(volts, abs=6e-3)


def test_only_graphite_is_an_ideal_solution() -> None:
    ideal = {name for name in HOSTS if not isinstance(_host(name).storage.ocv, Curve)}  # type: ignore[union-attr]
    assert ideal == {"graphite"}


@pytest.mark.parametrize("name", HOSTS)
def test_an_activation_energy_leaves_room_temperature_alone(name: str) -> None:
    storage = _host(name).storage
    assert storage is not None
    assert 15e3 <= storage.activation_energy <= 60e3


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
    assert sei.elastic_energy_max * 1e-6 == pytest.approx(ELASTIC_ENERGY[name], rel=0.05)


@pytest.mark.parametrize(("better", "worse"), BETTER)
def test_the_better_film_stores_more_elastic_energy(better: str, worse: str) -> None:
    """The cards were made to, so that this pins their order and proves nothing about films."""
    energies = [cards.sei(name).elastic_energy_max for name in (better, worse)]
    assert energies[0] > 2.0 * energies[1]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_yields_at_its_yield_strain(name: str) -> None:
    sei = cards.sei(name)
    stress = sei.young * sei.yield_strain
    if sei.sources["yield_stress"].source == "young * yield_strain / (1 - poisson)":
        stress /= 1.0 - sei.poisson
    assert sei.yield_stress == pytest.approx(stress, rel=1e-5)
    assert sei.fracture_strain >= sei.yield_strain
    assert sei.young_range is not None
    assert sei.young_range[0] < sei.young < sei.young_range[1]


def test_a_measured_elastic_region_is_elastic_on_a_surface_that_swells_evenly() -> None:
    film = cards.sei("diglyme-nabf4")
    assert np.expm1(film.yield_strain) == pytest.approx(0.79, rel=1e-3)
    stress = film.young / (1.0 - film.poisson) * film.yield_strain  # in both directions
    assert stress == pytest.approx(film.yield_stress, rel=1e-3)
    assert film.yield_stretch == pytest.approx(film.yield_strain, rel=1e-5)
    assert cards.sei("ec-dmc").yield_stretch == pytest.approx(0.7 * 0.03)
    stiffer = cards.sei("diglyme-nabf4", changes={"young": "0.71 GPa"})
    assert stiffer.yield_stress == pytest.approx(2.0 * film.yield_stress, rel=1e-3)


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


@pytest.mark.parametrize(("kind", "names"), [("materials", MATERIALS), ("sei", RECIPES)])
def test_a_key_of_a_reference_is_known(kind: str, names: list[str]) -> None:
    """Also where a source or a note only points to it, such as (wang2012)."""
    references = cards.references()
    for name in names:
        card = cards.material(name) if kind == "materials" else cards.sei(name)
        for key, number in card.numbers():
            for word in re.findall(r"\b[a-z]+(?:19|20)\d\d\b", f"{number.source} {number.note}"):
                assert word in references, f"{name}: {key}: {word}"


def test_every_shipped_file_is_a_card() -> None:
    folder = Path(cards.__file__).parents[1] / "parameters"
    assert {path.stem for path in (folder / "materials").iterdir()} == set(MATERIALS)
    assert {path.stem for path in (folder / "sei").iterdir()} == set(RECIPES)
