"""Case files: short ones fill themselves in, wrong ones are told in full."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from anodefem import cards, cases
from anodefem.errors import InputError
from anodefem.workbench.tables import to_toml
from tests.config.files import BARE, CAGED, COHESIVE, CRACKING, read_case, refusals

ROOT = Path(__file__).resolve().parents[2]


def test_ten_lines_are_a_case(tmp_path: Path) -> None:
    case = read_case(tmp_path, BARE)
    assert case.geometry.kinematics == "axisymmetric"
    assert case.materials["particle"].transport == "diffusion"
    assert case.hosts == ("particle",)
    assert case.sei is None
    assert case.protocol.initial_soc == 0.02
    assert case.protocol.surfaces == case.geometry.roles.flux
    assert case.solver.linear == "auto"


def test_a_case_through_a_pipe_has_no_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    case = cases.read(tomllib.loads(BARE), tmp_path / "pipe")
    with pytest.raises(InputError, match="save it in a file"):
        _ = case.name


def test_the_geometry_says_where_the_sei_is(tmp_path: Path) -> None:
    case = read_case(tmp_path, CAGED)
    assert case.sei is not None
    assert case.sei.surfaces == case.geometry.roles.sei
    assert case.sei.thickness == pytest.approx(30e-9)
    assert case.hosts == ("particle",)
    assert case.materials["cage"].card.storage is None


def test_a_case_overrides_its_recipe(tmp_path: Path) -> None:
    case = read_case(
        tmp_path,
        CAGED,
        "sei.thickness=20 nm",
        "sei.formation_strain=0.01",
        "sei.surfaces=cage_outer",
    )
    assert case.sei is not None
    assert case.sei.thickness == pytest.approx(20e-9)
    assert case.sei.formation_strain == 0.01
    # assumed, and in proportion to the thickness that the case gives
    assert case.sei.blister == pytest.approx(10 * case.sei.thickness)
    assert case.sei.surfaces == ("cage_outer",)


def test_a_case_changes_numbers_of_its_cards(tmp_path: Path) -> None:
    case = read_case(
        tmp_path,
        CAGED,
        "sei.poisson=0.25",
        "sei.adhesion=2000 mJ/m^2",
        "materials.particle.storage.diffusivity=1e-14 cm^2/s",
        "materials.cage.properties.strength=100 GPa",
    )
    assert case.sei is not None
    assert (case.sei.recipe.poisson, case.sei.recipe.adhesion) == pytest.approx((0.25, 2.0))
    assert case.materials["cage"].card.properties["strength"].si == pytest.approx(1e11)
    cards = case.resolved()["cards"]
    assert cards["silicon-amorphous"]["storage.diffusivity"].startswith("1e-18 m^2/s  [assumed]")
    told = cards["ec-dmc"]
    assert told["poisson"].startswith("0.25  [assumed] set by the case (card: 0.3  [assumed]")
    assert told["yield_stress"].startswith("30 MPa  [computed]")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["sei.young=2 GPa"], 60e6),
        (["sei.young=2 GPa", "sei.yield_strain=0.04"], 80e6),
        (["sei.young=2 GPa", "sei.yield_stress=35 MPa"], 35e6),
    ],
)
def test_a_computed_yield_stress_follows(
    tmp_path: Path, settings: list[str], expected: float
) -> None:
    case = read_case(tmp_path, CAGED, *settings)
    assert case.sei is not None
    assert case.sei.recipe.yield_stress == pytest.approx(expected)


def test_the_recipe_none_is_no_sei(tmp_path: Path) -> None:
    assert read_case(tmp_path, CAGED, "sei.recipe=none").sei is None


def test_materials_choose_their_transport(tmp_path: Path) -> None:
    uniform = 'materials.particle={card = "tin-lithium", transport = "uniform"}'
    assert read_case(tmp_path, BARE, uniform).materials["particle"].transport == "uniform"


CRYSTAL = 'materials.particle={card = "phosphorus-black-crystal-sodium", frame = "radial"}'


def test_a_material_with_axes_has_a_frame(tmp_path: Path) -> None:
    case = read_case(tmp_path, BARE, CRYSTAL)
    assert case.materials["particle"].frame == "radial"
    assert case.resolved()["materials"]["particle"]["frame"] == "radial"
    assert "frame" not in read_case(tmp_path, BARE).resolved()["materials"]["particle"]
    solid = read_case(
        tmp_path,
        BARE,
        CRYSTAL,
        "materials.particle.frame=cartesian",
        "geometry.kinematics=3d",
    )
    assert solid.materials["particle"].frame == "cartesian"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            ["materials.particle=phosphorus-black-crystal-sodium"],
            "materials.particle.frame: missing; 'phosphorus-black-crystal-sodium' swells "
            "differently along its axes. Write 'cartesian'",
        ),
        (
            [CRYSTAL, "materials.particle.frame=cartesian"],
            "materials.particle.frame = 'cartesian': an axisymmetric body swells alike along x and "
            "y, but 'phosphorus-black-crystal-sodium' has the exponents 0.4 and 0.1; take frame = "
            "'radial', or kinematics = '3d'",
        ),
        (
            [CRYSTAL, "materials.particle.frame=conical"],
            "materials.particle.frame = 'conical': must be 'cartesian' or 'radial'",
        ),
        (
            ['materials.particle={card = "silicon-amorphous", frame = "radial"}'],
            "materials.particle.frame: 'silicon-amorphous' swells alike in all directions",
        ),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(
    tmp_path: Path, settings: list[str], told: str
) -> None:
    (line,) = refusals(tmp_path, BARE, *settings)
    assert line.startswith(told)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ('geometry.particle_radius="2 um"', 2.0),
        ("geometry.particle_radius=500 nm", 0.5),
        ('geometry.particle_radius = "3 um"', 3.0),
    ],
)
def test_set_takes_toml_and_bare_words(tmp_path: Path, setting: str, expected: float) -> None:
    assert read_case(tmp_path, BARE, setting).geometry.parameters.particle_radius == expected


def test_set_takes_lists_and_new_tables(tmp_path: Path) -> None:
    case = read_case(
        tmp_path,
        BARE,
        'protocol.steps=["lithiate at C/10 until soc = 0.05"]',
        "solver.max_soc_step=0.01",
    )
    assert case.protocol.steps[0].until_soc == 0.05
    assert case.solver.max_soc_step == 0.01


def test_tables_of_steps_are_carried_out_and_written_as_they_were(tmp_path: Path) -> None:
    cycle = '["lithiate at 50 mA/g until soc = 0.5", "delithiate at 1C until 1000 mAh/g"]'
    steps = f'[{{formation = 1, steps = {cycle}}}, "rest 1 min", {{repeat = 3, steps = {cycle}}}]'
    case = read_case(tmp_path, BARE, f"protocol.steps={steps}")
    found = case.protocol.steps
    assert [step.cycle for step in found] == [1, 1, 1, 2, 2, 3, 3, 4, 4]
    storage = case.materials["particle"].card.storage
    assert storage is not None
    assert found[0].c_rate == pytest.approx(50 / storage.capacity, rel=5e-3)
    assert found[1].until_capacity == pytest.approx(1000 / storage.capacity, rel=5e-3)
    again = read_case(tmp_path, BARE, f"protocol.steps={steps}").resolved()["protocol"]["steps"]
    assert again == tomllib.loads(f"steps = {steps}")["steps"]


def test_currents_per_area_are_those_of_the_surface(tmp_path: Path) -> None:
    case = read_case(
        tmp_path,
        BARE,
        "geometry.particle_radius=3 um",
        'protocol.steps=["lithiate at 0.1 mA/cm2 until soc = 0.5"]',
    )
    storage = case.materials["particle"].card.storage
    assert storage is not None
    # current 4 pi R^2 i over charge 4/3 pi R^3 F c_max
    expected = 3600 * 3 * 1.0 / (3e-6 * cards.FARADAY * storage.concentration_max)
    assert case.protocol.steps[0].c_rate == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            '["lithiate at C/10 until 2 V"]',
            "step 1 'lithiate at C/10 until 2 V' can never end at 2 V",
        ),
        ('[{repeat = 2, steps = ["sodiate at 1C for 1 min"]}]', "protocol.steps.1.1 = 'sodiate"),
        ('[{repeat = 2, steps = ["rest"]}]', "protocol.steps.1.steps.1 = 'rest': cannot be read"),
        ("[{repeat = 2}]", "protocol.steps.1.steps: must be a list of steps"),
    ],
)
def test_wrong_steps_of_a_case_are_told_once(tmp_path: Path, steps: str, told: str) -> None:
    (line,) = refusals(tmp_path, BARE, f"protocol.steps={steps}")
    assert told in line


def test_an_end_by_retention_needs_a_potential(tmp_path: Path) -> None:
    (line,) = refusals(tmp_path, BARE, "protocol.stop_at_retention=0.8")
    assert line.startswith("protocol.stop_at_retention = 0.8: with a uniform flux every cycle")
    case = read_case(
        tmp_path,
        BARE,
        "protocol.stop_at_retention=0.8",
        "electrochemistry.resistance=0 ohm*m^2",
    )
    assert case.resolved()["protocol"]["stop_at_retention"] == 0.8


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("geometry.particle_radius", "write --set key.of.a.value=value"),
        ("=3", "write --set key.of.a.value=value"),
        ("title.short=x", "'title' is a value, not a table"),
    ],
)
def test_a_setting_that_cannot_be_made_is_told(tmp_path: Path, setting: str, told: str) -> None:
    assert told in refusals(tmp_path, BARE, setting)[0]


def test_a_resolved_case_gives_the_same_case(tmp_path: Path) -> None:
    case = read_case(
        tmp_path,
        CAGED,
        "geometry.gap_ratio=1.4",
        "sei.thickness=20 nm",
        "sei.young=2 GPa",
        "materials.particle.storage.diffusivity=1e-18 m^2/s",
    )
    resolved = case.resolved()
    assert resolved.pop("cards")["silicon-amorphous"]["density"].startswith("2.329 g/cm^3")
    again = read_case(tmp_path, to_toml(json.loads(json.dumps(resolved))))
    assert again.geometry.parameters == case.geometry.parameters
    assert again.resolved() == case.resolved()


def test_a_case_says_what_can_break(tmp_path: Path) -> None:
    case = read_case(
        tmp_path, CRACKING, 'fracture.regions=["coat", "particle"]', "fracture.scatter=0.1"
    )
    assert case.fracture is not None
    assert case.fracture.model == "AT1"
    assert case.fracture.length == pytest.approx(0.01)
    assert case.fracture.correlation == case.fracture.length
    card = case.materials["particle"].card
    assert case.fracture.toughness == {"coat": 5.0, "particle": card.properties["toughness"].si}
    resolved = case.resolved()
    del resolved["cards"]
    again = read_case(tmp_path, to_toml(json.loads(json.dumps(resolved))))
    assert again.fracture == case.fracture


def test_a_case_says_how_two_regions_hold_together(tmp_path: Path) -> None:
    case = read_case(tmp_path, CRACKING, *COHESIVE, "materials.coat=pvdf")
    (choice,) = case.interfaces.values()
    assert choice.between == ("coat", "particle")
    assert (choice.toughness, choice.shear_toughness) == (1.0, 1.0)
    assert (choice.strength, choice.shear_strength, choice.law) == (20.0, 20.0, "cohesive")
    given = "interfaces.a.shear_strength=0.1 GPa", "interfaces.a.shear_toughness=3 J/m^2"
    (choice,) = read_case(tmp_path, CRACKING, *COHESIVE, *given).interfaces.values()
    assert (choice.shear_strength, choice.shear_toughness) == (pytest.approx(100.0), 3.0)
    resolved = read_case(tmp_path, CRACKING, *COHESIVE, *given).resolved()
    del resolved["cards"]
    again = read_case(tmp_path, to_toml(json.loads(json.dumps(resolved))))
    assert again.interfaces["a"] == choice


def test_the_adhesion_of_a_binder_is_that_of_its_card(tmp_path: Path) -> None:
    settings = [*COHESIVE[:1], *COHESIVE[2:], "materials.coat=pvdf"]
    (choice,) = read_case(tmp_path, CRACKING, *settings).interfaces.values()
    assert choice.toughness == pytest.approx(0.2)


def test_a_case_says_where_its_flaws_are(tmp_path: Path) -> None:
    text = CRACKING.replace(
        "[protocol]",
        'random_flaws = { count = 3, size = "12 nm" }\n'
        '[[fracture.flaws]]\nat = ["1 um", "0 um"]\nsize = "20 nm"\nnormal = [0, 2]\n'
        '[[fracture.flaws]]\nat = ["1020 nm", "50 nm"]\nsize = "10 nm"\n'
        "toughness_kept = 0.5\n[protocol]",
    )
    case = read_case(tmp_path, text, "fracture.random_flaws.seed=7")
    assert case.fracture is not None
    flat, ball = case.fracture.flaws
    assert (flat.at, flat.normal, ball.normal) == ((1.0, 0.0), (0.0, 1.0), None)
    assert (flat.size, ball.size) == pytest.approx((0.02, 0.01))
    assert (flat.toughness_kept, ball.toughness_kept) == (0.0, 0.5)
    assert case.fracture.random_flaws is not None
    assert case.fracture.random_flaws.seed == 7
    resolved = case.resolved()
    del resolved["cards"]
    again = read_case(tmp_path, to_toml(json.loads(json.dumps(resolved))))
    assert again.fracture == case.fracture


@pytest.mark.parametrize(
    "path", sorted((ROOT / "runs").glob("*/run.toml")), ids=lambda p: p.parent.name
)
def test_a_shipped_case_can_be_read(path: Path) -> None:
    case = cases.load(path)
    assert case.hosts
    assert case.title


def test_an_sei_grows_from_a_thin_one_by_the_law_of_its_recipe(tmp_path: Path) -> None:
    case = read_case(tmp_path, CAGED, "sei.grow=true", 'sei.growth.diffusivity="1e-20 m^2/s"')
    assert case.sei is not None
    assert case.sei.grow
    assert case.sei.thickness == pytest.approx(5e-9)
    assert case.sei.recipe.sources["growth.diffusivity"].si == 1e-20
    thick = read_case(tmp_path, CAGED, "sei.grow=true", "sei.thickness=9 nm").sei
    assert thick is not None
    assert thick.thickness == pytest.approx(9e-9)
    with pytest.raises(InputError, match="of no use without sei"):
        read_case(tmp_path, CAGED, 'sei.growth.diffusivity="1e-20 m^2/s"')
    with pytest.raises(InputError, match="'stiff-inorganic' has no table"):
        read_case(tmp_path, CAGED, "sei.grow=true", "sei.recipe=stiff-inorganic")


def test_an_sei_slides_where_its_recipe_says_how(tmp_path: Path) -> None:
    loose = read_case(tmp_path, CAGED, "sei.slide=true", "sei.recipe=lif-rich-thf").sei
    assert loose is not None
    assert loose.slide
    assert loose.resolved()["slide"] is True
    with pytest.raises(InputError, match="'ec-dmc' has no shear_strength and fragment_length"):
        read_case(tmp_path, CAGED, "sei.slide=true")
    with pytest.raises(InputError, match="shear_strength: of no use"):
        read_case(tmp_path, CAGED, "sei.recipe=lif-rich-thf", 'sei.shear_strength="2 MPa"')
