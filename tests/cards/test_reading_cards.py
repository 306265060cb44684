"""Reading cards: units, sources, contradictions, and where cards are found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from anodefem import cards, registry
from anodefem.cards import ArrudaBoyce, Hencky, Regular
from anodefem.errors import InputError

SHIPPED = Path(cards.__file__).parents[1] / "parameters"


@pytest.fixture
def silicon(tmp_path: Path) -> Path:
    """A copy of a shipped card to damage."""
    path = tmp_path / "mine.toml"
    path.write_text((SHIPPED / "materials" / "silicon-amorphous.toml").read_text())
    return path


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_path_is_relative_to_the_case(silicon: Path) -> None:
    assert cards.material("mine.toml", near=silicon.parent).name == "mine"


def test_numbers_arrive_in_si() -> None:
    silicon = cards.material("silicon-amorphous")
    assert silicon.density == pytest.approx(2329.0)
    assert silicon.sources["storage.partial_molar_volume"].si == pytest.approx(8.848e-6)
    assert silicon.properties["toughness"].range == pytest.approx((3.2, 12.8))
    rubber = cards.material("pr-paa").elastic
    assert isinstance(rubber, ArrudaBoyce)
    assert (rubber.shear, rubber.locking_stretch) == pytest.approx((1e6, 5.0))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('source = "common value for amorphous silicon"', "", "diffusivity.source: missing"),
        ('source = "common value for amorphous silicon"', 'source = " "', "diffusivity.source"),
        ('unit = "m^2/s"', 'unit = "m"', "diffusivity: unit 'm' cannot be read as m^2/s"),
        ('unit = "m^2/s"', 'unit = "degC"', "diffusivity: unit 'degC' cannot be read"),
        ('unit = "m^2/s"', 'unit = "parsnip"', "'parsnip' is not a unit"),
        ('unit = "m^2/s"', "", "diffusivity: unit '' cannot be read as m^2/s"),
        ("[elastic.young]", "[elastic.yuong]", "elastic.yuong: unknown key. Did you mean 'young'?"),
        ('tag = "computed"', 'tag = "guessed"', "elastic.young.tag = 'guessed': must be 'source'"),
        ('form = "linear"', 'form = "quadratic"', "form 'quadratic' is not one of constant"),
        ("start = 57.9", "start = -57.9", "elastic.young: -5.79e+10 to 1.97e+10 Pa: must be"),
        ('law = "neo-hookean"', 'law = "hooke"', "elastic: needs law = one of neo-hookean"),
        ('flow = "rate-independent"', 'flow = "fast"', "plastic: needs flow = one of"),
        ("value = 3578.6", "value = 4200.0", "storage.capacity = 4200 mAh/g is not"),
        ("end = 3.751", "end = 4.0", "volume_ratio = 4 at x = 1 is not"),
        ("value = 310.97", "value = 278.0", "concentration_max = 278000 mol/m^3 is not"),
        (
            "end = 1.0",
            'end = "1 GPa"',
            "plastic.yield_stress.end = '1 GPa': must be a number, without quotes",
        ),
        ('form = "rational"', 'form = "ideal"', "storage.ocv.numerator: unknown key"),
        ("numerator = [-0.2453", "numerator = [0.2453", "take form = 'regular-solution'"),
        ("title =", "title", "not valid TOML"),
    ],
)
def test_a_damaged_card_is_refused(silicon: Path, old: str, new: str, told: str) -> None:
    _replace(silicon, old, new)
    with pytest.raises(InputError, match=re.escape(told)):
        cards.material(str(silicon))


OCV = """form = "rational"
numerator = [-0.2453, -0.00527, 0.2477, 0.006457]
denominator = [1.0, 0.002493]
"""
GRADIENT = """
[storage.gradient_energy]
value = 2.0
unit = "nJ/m"
tag = "assumed"
source = "so that the interface is 3 nm wide"
"""


@pytest.fixture
def two_phase(silicon: Path) -> Path:
    """A card whose species separates."""
    _replace(silicon, OCV, 'form = "regular-solution"\nreference = 100.0\nchi = 3.0\n')
    _replace(silicon, 'unit = "V"', 'unit = "mV"')
    silicon.write_text(silicon.read_text() + GRADIENT)
    return silicon


def test_a_regular_solution_and_its_gradient_energy_arrive_in_si(two_phase: Path) -> None:
    card = cards.material(str(two_phase))
    assert card.storage is not None
    assert card.storage.ocv == Regular(reference=0.1, chi=3.0)
    assert card.storage.gradient_energy == pytest.approx(2e-9)
    assert str(card.sources["storage.ocv"]).startswith("regular solution around 100, chi 3, mV")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (GRADIENT, "", "gradient_energy is missing; with chi = 3 > 2 the species separates"),
        ("chi = 3.0", "chi = 12.0", "storage.ocv.chi = 12.0: must be less than or equal to 9"),
        ("chi = 3.0", "", "storage.ocv.chi: missing"),
        ('unit = "nJ/m"', 'unit = "J"', "gradient_energy: unit 'J' cannot be read as J/m"),
        ("value = 2.0\nunit", "value = -2.0\nunit", "gradient_energy: -2e-09 J/m: must be above 0"),
    ],
)
def test_a_damaged_two_phase_card_is_refused(
    two_phase: Path, old: str, new: str, told: str
) -> None:
    _replace(two_phase, old, new)
    with pytest.raises(InputError, match=re.escape(told)):
        cards.material(str(two_phase))


def test_a_diffusivity_may_be_a_curve_and_must_stay_positive(silicon: Path) -> None:
    """D0 [1/(1.01 - x) - 2 a x] with a = 1.9, then with a = 2.5."""
    constant = 'value = 1e-16\nunit = "m^2/s"\n'
    rising = 'form = "rational"\nnumerator = [{}, {}, 1.0]\ndenominator = [-1.0, 1.01]\n'
    _replace(silicon, constant, rising.format(3.8, -3.838) + 'unit = "um^2/s"\n')
    card = cards.material(str(silicon))
    assert card.storage is not None
    for x in (0.0, 0.5, 1.0):
        expected = 1e-12 * (1 / (1.01 - x) - 3.8 * x)
        assert card.storage.diffusivity(x) == pytest.approx(expected)
    _replace(silicon, "[3.8, -3.838, 1.0]", "[5.0, -5.05, 1.0]")
    with pytest.raises(InputError, match=re.escape("m^2/s: must be above 0 m^2/s")):
        cards.material(str(silicon))


@pytest.fixture
def polymer(tmp_path: Path) -> Path:
    """A copy of the shipped viscoelastic card to damage."""
    path = tmp_path / "polymer.toml"
    path.write_text((SHIPPED / "materials" / "shp.toml").read_text())
    return path


def test_branches_and_healing_arrive_in_si() -> None:
    card = cards.material("shp")
    assert len(card.branches) >= 2
    assert card.branches[0].shear == pytest.approx(2e5)
    assert all(10.0 <= branch.relaxation_time <= 1e4 for branch in card.branches)
    assert card.healing is not None
    assert card.healing.healing_time == pytest.approx(5 * 3600.0)
    assert card.sources["viscous.branches.2.relaxation_time"].tag == "assumed"
    elastic = cards.material("pr-paa")
    assert (elastic.branches, elastic.healing) == ((), None)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value = 30.0", "value = 0.0", "viscous.branches.1.relaxation_time: 0 s: must be above"),
        ("value = 0.067", "value = -1.0", "viscous.branches.2.shear: -1e+06 Pa: must be above 0"),
        ('unit = "h"', 'unit = "m"', "healing.healing_time: unit 'm' cannot be read as s"),
        ('unit = "MJ/m^3"', 'unit = "J"', "healing.energy: unit 'J' cannot be read as J/m^3"),
        ("[healing.damage_time]", "[healing.time]", "healing.damage_time: missing"),
    ],
)
def test_a_damaged_polymer_is_refused(polymer: Path, old: str, new: str, told: str) -> None:
    _replace(polymer, old, new)
    with pytest.raises(InputError, match=re.escape(told)):
        cards.material(str(polymer))


def test_a_viscous_polymer_needs_a_branch(polymer: Path) -> None:
    head, _, rest = polymer.read_text().partition("[[viscous.branches]]")
    tail = rest[rest.index("[healing.energy]") :]
    polymer.write_text(f"{head}[viscous]\nbranches = []\n\n{tail}")
    with pytest.raises(InputError, match=r"viscous\.branches: .* at least 1 item"):
        cards.material(str(polymer))
    polymer.write_text(f"{head}\n{tail}")
    with pytest.raises(InputError, match=r"\[healing\] is of the branches in \[viscous\]"):
        cards.material(str(polymer))


@pytest.mark.parametrize(
    ("card", "old", "new", "told"),
    [
        (
            "silicon-di-leo",
            "value = 0.340136",
            "value = 2.94",
            "plastic.rate_sensitivity: 2.94: must be above 0 and at most 1",
        ),
        (
            "silicon-di-leo",
            "[plastic.flow_resistance]",
            "[plastic.resistance]",
            "plastic.flow_resistance: missing",
        ),
        (
            "silicon-di-leo",
            'flow = "power-law"',
            'flow = "overstress"',
            "plastic.flow_resistance: unknown key",
        ),
        (
            "silicon-di-leo",
            'flow = "power-law"',
            'flow = "perzyna"',
            "plastic.viscosity: missing",
        ),
        (
            "silicon-amorphous",
            "[plastic.hardening]",
            "[plastic.activation_energy]",
            "plastic.activation_energy: unknown key",
        ),
        (
            "phosphorus-black-crystal-sodium",
            "value = [0.4, 0.1, 0.5]",
            "value = [0.4, 0.1, 0.6]",
            "storage.swelling_exponents: the sum of 0.4, 0.1, 0.6 is 1.1; must be 1",
        ),
        (
            "phosphorus-black-crystal-sodium",
            "value = [0.4, 0.1, 0.5]",
            "value = [0.4, 0.6]",
            "storage.swelling_exponents.value.3: missing",
        ),
    ],
)
def test_a_damaged_flow_law_or_texture_is_refused(
    tmp_path: Path, card: str, old: str, new: str, told: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text((SHIPPED / "materials" / f"{card}.toml").read_text())
    _replace(path, old, new)
    with pytest.raises(InputError, match=re.escape(told)):
        cards.material(str(path))


def test_a_law_of_logarithmic_strain_is_read_from_a_card() -> None:
    elastic = cards.material("silicon-di-leo").elastic
    assert isinstance(elastic, Hencky)
    assert (elastic.young(0.0), elastic.poisson(0.0)) == pytest.approx((57.9e9, 0.22))


def test_a_bare_number_is_refused(silicon: Path) -> None:
    _replace(silicon, "[density]\nvalue", "[properties.strength]\nvalue")
    silicon.write_text("density = 2329\n" + silicon.read_text())
    with pytest.raises(InputError, match="density = 2329: write a table") as caught:
        cards.material(str(silicon))
    assert "a number needs its source" in str(caught.value)


def test_everything_wrong_is_told_at_once(silicon: Path) -> None:
    _replace(silicon, 'unit = "m^2/s"', 'unit = "m"')
    _replace(silicon, "[elastic.young]", "[elastic.yuong]")
    with pytest.raises(InputError) as caught:
        cards.material(str(silicon))
    lines = str(caught.value).splitlines()
    assert len(lines) == 3  # unknown yuong, missing young, wrong unit
    assert all(line.startswith(str(silicon)) for line in lines)


def test_a_film_that_breaks_before_it_yields_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.toml"
    path.write_text((SHIPPED / "sei" / "ec-dmc.toml").read_text().replace("0.05", "0.01"))
    with pytest.raises(InputError, match="fracture_strain is below yield_strain"):
        cards.sei(str(path))


def test_an_unknown_card_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="no material card 'silicon-amorfous'") as e:
        cards.material("silicon-amorfous")
    assert "Did you mean 'silicon-amorphous'?" in str(e.value)
    with pytest.raises(InputError, match=r"no SEI recipe card 'ec-dcm'\. Did you mean 'ec-dmc'"):
        cards.sei("ec-dcm")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: cannot be read \(No such file"):
        cards.material("none.toml", near=tmp_path)


@pytest.fixture
def own_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of the user's that is searched first."""
    registry.use_folders([tmp_path])
    yield tmp_path
    registry.use_folders([])


def test_a_card_of_the_user_wins(own_folder: Path, silicon: Path) -> None:
    (own_folder / "materials").mkdir()
    text = silicon.read_text().replace("Amorphous silicon, to Li15Si4", "My silicon")
    (own_folder / "materials" / "silicon-amorphous.toml").write_text(text)
    assert cards.material("silicon-amorphous").title == "My silicon"
    assert cards.material("copper").title == "Copper current collector"


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        registry.use_folders([tmp_path / "nowhere"])


def test_an_installed_package_brings_cards(
    tmp_path: Path, silicon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "morecards"
    (package / "materials").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "materials" / "silicon-mine.toml").write_text(silicon.read_text())
    information = tmp_path / "site" / "morecards-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: morecards\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[anodefem.cards]\nmore = morecards\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert cards.material("silicon-mine").name == "silicon-mine"
