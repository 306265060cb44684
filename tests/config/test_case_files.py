"""Case files: short ones fill themselves in, wrong ones are told in full."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from anodefem import cards, cases
from anodefem.cases import CheckedCase
from anodefem.errors import InputError

ROOT = Path(__file__).resolve().parents[2]

BARE = """
title = "Bare"
[geometry]
plugin = "bare_particle"
[materials]
particle = "silicon-amorphous"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""

CAGED = """
title = "Caged"
[geometry]
plugin = "graphene_cage"
particle_radius = "1 um"
[materials]
particle = "silicon-amorphous"
cage = "graphene-multilayer"
[sei]
recipe = "ec-dmc"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9", "rest 10 min", "delithiate at C/10 until soc = 0.05"]
"""


CRACKING = """
title = "A coat that breaks"
[geometry]
plugin = "binder_particle"
[materials]
particle = "silicon-amorphous"
coat = "al2o3"
[fracture]
regions = ["coat"]
length = "10 nm"
toughness = { coat = "5 J/m^2" }
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""

BONDED = ["interfaces.a.between=['coat', 'particle']", "interfaces.a.law=bonded"]
COHESIVE = [
    "interfaces.a.between=['coat', 'particle']",
    "interfaces.a.toughness=1 J/m^2",
    "interfaces.a.strength=20 MPa",
]
PROTOCOL = """
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""


def _case(folder: Path, text: str, *settings: str) -> CheckedCase:
    path = folder / "run.toml"
    path.write_text(text)
    return cases.load(path, settings)


def _told(folder: Path, text: str, *settings: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        _case(folder, text, *settings)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{folder / 'run.toml'}: ") for line in lines)
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{folder / 'run.toml'}: ") for line in lines]


def test_ten_lines_are_a_case(tmp_path: Path) -> None:
    case = _case(tmp_path, BARE)
    assert case.geometry.kinematics == "axisymmetric"
    assert case.materials["particle"].transport == "diffusion"
    assert case.hosts == ("particle",)
    assert case.sei is None
    assert case.protocol.initial_soc == 0.02
    assert case.protocol.surfaces == case.geometry.roles.flux
    assert case.solver.linear == "auto"


def test_the_geometry_says_where_the_sei_is(tmp_path: Path) -> None:
    case = _case(tmp_path, CAGED)
    assert case.sei is not None
    assert case.sei.surfaces == case.geometry.roles.sei
    assert case.sei.thickness == pytest.approx(30e-9)
    assert case.hosts == ("particle",)
    assert case.materials["cage"].card.storage is None


def test_a_case_overrides_its_recipe(tmp_path: Path) -> None:
    case = _case(
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
    case = _case(
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
    case = _case(tmp_path, CAGED, *settings)
    assert case.sei is not None
    assert case.sei.recipe.yield_stress == pytest.approx(expected)


def test_the_recipe_none_is_no_sei(tmp_path: Path) -> None:
    assert _case(tmp_path, CAGED, "sei.recipe=none").sei is None


def test_materials_choose_their_transport(tmp_path: Path) -> None:
    uniform = 'materials.particle={card = "tin-lithium", transport = "uniform"}'
    assert _case(tmp_path, BARE, uniform).materials["particle"].transport == "uniform"


CRYSTAL = 'materials.particle={card = "phosphorus-black-crystal-sodium", frame = "radial"}'


def test_a_material_with_axes_has_a_frame(tmp_path: Path) -> None:
    case = _case(tmp_path, BARE, CRYSTAL)
    assert case.materials["particle"].frame == "radial"
    assert case.resolved()["materials"]["particle"]["frame"] == "radial"
    assert "frame" not in _case(tmp_path, BARE).resolved()["materials"]["particle"]
    solid = _case(
        tmp_path, BARE, CRYSTAL, "materials.particle.frame=cartesian", "geometry.kinematics=3d"
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
    (line,) = _told(tmp_path, BARE, *settings)
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
    assert _case(tmp_path, BARE, setting).geometry.parameters.particle_radius == expected


def test_set_takes_lists_and_new_tables(tmp_path: Path) -> None:
    case = _case(
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
    case = _case(tmp_path, BARE, f"protocol.steps={steps}")
    found = case.protocol.steps
    assert [step.cycle for step in found] == [1, 1, 1, 2, 2, 3, 3, 4, 4]
    storage = case.materials["particle"].card.storage
    assert storage is not None
    assert found[0].c_rate == pytest.approx(50 / storage.capacity, rel=5e-3)
    assert found[1].until_capacity == pytest.approx(1000 / storage.capacity, rel=5e-3)
    again = _case(tmp_path, BARE, f"protocol.steps={steps}").resolved()["protocol"]["steps"]
    assert again == tomllib.loads(f"steps = {steps}")["steps"]


def test_currents_per_area_are_those_of_the_surface(tmp_path: Path) -> None:
    case = _case(
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
    (line,) = _told(tmp_path, BARE, f"protocol.steps={steps}")
    assert told in line


def test_an_end_by_retention_needs_a_potential(tmp_path: Path) -> None:
    (line,) = _told(tmp_path, BARE, "protocol.stop_at_retention=0.8")
    assert line.startswith("protocol.stop_at_retention = 0.8: with a uniform flux every cycle")
    case = _case(
        tmp_path, BARE, "protocol.stop_at_retention=0.8", "electrochemistry.resistance=0 ohm*m^2"
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
    assert told in _told(tmp_path, BARE, setting)[0]


def test_a_resolved_case_gives_the_same_case(tmp_path: Path) -> None:
    case = _case(
        tmp_path,
        CAGED,
        "geometry.gap_ratio=1.4",
        "sei.thickness=20 nm",
        "sei.young=2 GPa",
        "materials.particle.storage.diffusivity=1e-18 m^2/s",
    )
    resolved = case.resolved()
    assert resolved.pop("cards")["silicon-amorphous"]["density"].startswith("2.329 g/cm^3")
    again = _case(tmp_path, _toml(json.loads(json.dumps(resolved))))
    assert again.geometry.parameters == case.geometry.parameters
    assert again.resolved() == case.resolved()


def test_a_case_says_what_can_break(tmp_path: Path) -> None:
    case = _case(
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
    again = _case(tmp_path, _toml(json.loads(json.dumps(resolved))))
    assert again.fracture == case.fracture


def test_a_case_says_how_two_regions_hold_together(tmp_path: Path) -> None:
    case = _case(tmp_path, CRACKING, *COHESIVE, "materials.coat=pvdf")
    (choice,) = case.interfaces.values()
    assert choice.between == ("coat", "particle")
    assert (choice.toughness, choice.shear_toughness) == (1.0, 1.0)
    assert (choice.strength, choice.shear_strength, choice.law) == (20.0, 20.0, "cohesive")
    given = "interfaces.a.shear_strength=0.1 GPa", "interfaces.a.shear_toughness=3 J/m^2"
    (choice,) = _case(tmp_path, CRACKING, *COHESIVE, *given).interfaces.values()
    assert (choice.shear_strength, choice.shear_toughness) == (pytest.approx(100.0), 3.0)
    resolved = _case(tmp_path, CRACKING, *COHESIVE, *given).resolved()
    del resolved["cards"]
    again = _case(tmp_path, _toml(json.loads(json.dumps(resolved))))
    assert again.interfaces["a"] == choice


def test_the_adhesion_of_a_binder_is_that_of_its_card(tmp_path: Path) -> None:
    settings = [*COHESIVE[:1], *COHESIVE[2:], "materials.coat=pvdf"]
    (choice,) = _case(tmp_path, CRACKING, *settings).interfaces.values()
    assert choice.toughness == pytest.approx(0.2)


def test_a_case_says_where_its_flaws_are(tmp_path: Path) -> None:
    text = CRACKING.replace(
        "[protocol]",
        'random_flaws = { count = 3, size = "12 nm" }\n'
        '[[fracture.flaws]]\nat = ["1 um", "0 um"]\nsize = "20 nm"\nnormal = [0, 2]\n'
        '[[fracture.flaws]]\nat = ["1020 nm", "50 nm"]\nsize = "10 nm"\n'
        "toughness_kept = 0.5\n[protocol]",
    )
    case = _case(tmp_path, text, "fracture.random_flaws.seed=7")
    assert case.fracture is not None
    flat, ball = case.fracture.flaws
    assert (flat.at, flat.normal, ball.normal) == ((1.0, 0.0), (0.0, 1.0), None)
    assert (flat.size, ball.size) == pytest.approx((0.02, 0.01))
    assert (flat.toughness_kept, ball.toughness_kept) == (0.0, 0.5)
    assert case.fracture.random_flaws is not None
    assert case.fracture.random_flaws.seed == 7
    resolved = case.resolved()
    del resolved["cards"]
    again = _case(tmp_path, _toml(json.loads(json.dumps(resolved))))
    assert again.fracture == case.fracture


def _toml(tables: dict[str, Any]) -> str:
    """Write the tables of a case; JSON's texts, numbers and lists are TOML's too."""
    lines = [f"title = {json.dumps(tables['title'])}"]
    for name, table in tables.items():
        if name == "title":
            continue
        lines.append(f"[{name}]")
        for key, value in table.items():
            lines.append(f"{key} = {_inline(value)}")
    return "\n".join(lines)


def _inline(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{" + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + "}"


@pytest.mark.parametrize(
    ("text", "settings", "told"),
    [
        (BARE, ["titel=x"], "titel: unknown key. Did you mean 'title'?"),
        (BARE, ['title=""'], "title: missing"),
        (BARE, ["geometry.plugin=bare_particel"], "Did you mean 'bare_particle'?"),
        (BARE, ["geometry.plugin=3"], "geometry.plugin = 3: must be the name of a geometry"),
        (BARE, ["geometry.kinematics=3D"], "Did you mean '3d'?"),
        (BARE, ["geometry.order=3"], "geometry.order = 3: must be 1 or 2"),
        (BARE, ["geometry.particle_raduis=1 um"], "unknown key. Did you mean 'particle_radius'?"),
        (BARE, ["geometry.particle_radius=-1 um"], "particle_radius = '-1 um': must be greater"),
        (BARE, ["geometry.particle_radius=1 s"], "unit 'second' cannot be read as um"),
        (BARE, ["geometry.particle_radius=1"], "1 has no unit; write a string such as '1 um'"),
        (CAGED, ["geometry.gap_ratio=0.9"], "the cage is smaller than its particle"),
        (CAGED, ["geometry.gap_ratio=1.0005"], "must be at least 1 nm"),
        (BARE, ["materials.particle=silicon-amorfous"], "Did you mean 'silicon-amorphous'?"),
        (CAGED, ["sei.yuong=1 GPa"], "sei.yuong: unknown key. Did you mean 'young'?"),
        (CAGED, ["sei.young=1 um"], "sei.young = '1 um': unit 'micrometer' cannot be read as GPa"),
        (CAGED, ["sei.young=-1 GPa"], "sei.young: -1e+09 Pa: must be above 0 Pa"),
        (CAGED, ["sei.yield_strain=0.2"], "sei.fracture_strain is below yield_strain"),
        (BARE, ["materials.particle.storage.ocv=1 V"], "depends on x (2.59 to 0.003578 V"),
        (BARE, ["materials.particle.elastic.yonug=1 GPa"], "Did you mean 'elastic.young'?"),
        (BARE, ["materials.particle.density=2 g/cm^3"], "density / molar_mass"),
        (
            CAGED,
            ["materials.cage=silicon-amorphous", "materials.cage.properties.toughness=1 J/m^2"],
            "materials.cage: 'silicon-amorphous' is the card of another region too",
        ),
        (BARE, ["materials.particle=mine.toml"], "mine.toml: cannot be read"),
        (BARE, ["materials.particle=3"], "materials.particle"),
        (BARE, ["materials.cage=copper"], "materials.cage: geometry 'bare_particle' has no such"),
        (BARE, ["materials.particle=copper"], "none of these cards stores"),
        (BARE, ["materials={}"], "materials: missing"),
        (CAGED, ["materials.cage=tin-sodium"], "one case has one species"),
        (
            CAGED,
            ['materials.cage={card = "copper", transport = "uniform"}'],
            "materials.cage.transport: 'copper' does not store anything",
        ),
        (
            BARE,
            ['materials.particle={card = "tin-lithium", transport = "fast"}'],
            "transport = 'fast': must be 'diffusion' or 'uniform'",
        ),
        (CAGED, ["sei.recipe=ec-dcm"], "Did you mean 'ec-dmc'?"),
        (CAGED, ["sei.recipy=ec-dmc"], "sei.recipy: unknown key. Did you mean 'recipe'?"),
        (CAGED, ["sei.surfaces=cage_outre"], "Did you mean 'cage_outer'?"),
        (CAGED, ["sei.surfaces=particle"], "sei.surfaces: geometry 'graphene_cage' has no"),
        (CAGED, ["sei.surfaces=[]"], "sei.surfaces"),
        (CAGED, ["sei.thickness=20"], "has no unit"),
        (CAGED, ["sei.thickness=1.5 um"], "a film is thinner than the body under it"),
        (BARE, ["protocol.steps=[]"], "protocol.steps: empty"),
        (BARE, ["protocol.steps=[3]"], "cannot be read as a step"),
        (BARE, ["protocol.steps=lithiate at C/10 until soc = 1.1"], "not between 0 and 1"),
        (
            BARE,
            ["protocol.steps=delithiate at C/10 until soc = 0.5"],
            "can never end: it starts at soc = 0.02",
        ),
        (BARE, ["protocol.steps=lithiate at C/10 until soc = 0.999"], "must stay between 0.005"),
        (
            BARE,
            ["protocol.initial_soc=0.001"],
            "initial_soc = 0.001: must be in (0.005, 0.995)",
        ),
        (BARE, ["protocol.initial_soc=1.5"], "initial_soc = 1.5: must be less than 1"),
        (BARE, ["protocol.temperature=298"], "298 has no unit"),
        (BARE, ["protocol.temperature=25 K"], "temperature = '25 K': must be greater than 200"),
        (BARE, ["protocol.flux_area=deformed"], "must be 'reference' or 'current'"),
        (BARE, ["protocol.surfaces=axes"], "has no 'axes'. Known: particle_surface."),
        (BARE, ["solver.linear=mumps"], "must be 'auto', 'direct' or 'iterative'"),
        (BARE, ["solver.max_soc_step=nan"], "must be a finite number"),
        (BARE, ["solver=3"], "solver = 3"),
        (BARE, ["output.fields_every=-1"], "must be greater than or equal to 0"),
        (CRACKING, ["fracture.regions=cote"], "'cote' is no solid region here. Did you mean"),
        (CRACKING, ["fracture.regions=[]"], "fracture.regions"),
        (
            CRACKING,
            ["fracture.toughness={}", "materials.coat=copper"],
            "fracture.toughness.coat: missing; the card 'copper' has none.",
        ),
        (CRACKING, ["fracture.toughness.particle=3 J/m^2"], "particle: not one of fracture"),
        (CRACKING, ["fracture.toughness.coat=3 J"], "cannot be read as J/m^2"),
        (CRACKING, ["fracture.toughness.coat=0 J/m^2"], "must be greater than 0"),
        (CRACKING, ["fracture.toughness.coat=5"], "5 has no unit"),
        (CRACKING, ["fracture.length=1 s"], "unit 'second' cannot be read as um"),
        (CRACKING, ["fracture.length=0 um"], "fracture.length = '0 um': must be greater than 0"),
        (CRACKING, ["fracture.model=AT3"], "fracture.model = 'AT3': must be 'AT1' or 'AT2'"),
        (CRACKING, ["fracture.modle=AT2"], "fracture.modle: unknown key. Did you mean 'model'?"),
        (CRACKING, ["fracture.scatter=-0.1"], "fracture.scatter = -0.1: must be greater"),
        (CRACKING, ["fracture.correlation=0 nm"], "fracture.correlation = '0 nm': must be greater"),
        (CRACKING, ["fracture.correlation=50"], "50 has no unit"),
        (
            CRACKING,
            ["fracture.correlation=5 nm"],
            "fracture.correlation = 0.005 um: must be at least fracture.length = 0.01 um",
        ),
        (CRACKING, ["fracture.wetted=true"], "fracture.wetted = true: in none of fracture.regions"),
        (CRACKING, ["interfaces=3"], "interfaces: write a table [interfaces.NAME]"),
        (CRACKING, ["interfaces.a.law=bonded"], "interfaces.a.between: missing"),
        (
            CRACKING,
            ["interfaces.a.between=['coat', 'particel']", "interfaces.a.law=bonded"],
            "interfaces.a.between: 'particel' is no solid region here. Did you mean 'particle'?",
        ),
        (
            CRACKING,
            ["interfaces.a.between=['coat', 'coat']", "interfaces.a.law=bonded"],
            "interfaces.a.between: name two different regions.",
        ),
        (
            CRACKING,
            [*BONDED, "interfaces.b.between=['particle', 'coat']", "interfaces.b.law=bonded"],
            "interfaces.b.between: these regions are those of 'a' too.",
        ),
        (
            CRACKING,
            [*BONDED, "interfaces.a.toughness=1 J/m^2"],
            "interfaces.a.toughness: means nothing with law = 'bonded'.",
        ),
        (
            CRACKING,
            ["interfaces.a.between=['coat', 'particle']"],
            "interfaces.a.toughness: missing; neither 'al2o3' nor 'silicon-amorphous' has an",
        ),
        (
            CRACKING,
            ["interfaces.a.between=['coat', 'particle']", "interfaces.a.toughness=1 J/m^2"],
            "interfaces.a.strength: missing; give the largest traction",
        ),
        (
            CRACKING.replace("[fracture]", "[ignored]").split("[ignored]")[0] + PROTOCOL,
            [
                "interfaces.a.between=['coat', 'particle']",
                "interfaces.a.law=smeared",
                "interfaces.a.toughness=1 J/m^2",
            ],
            "interfaces.a.law = 'smeared': cracks of the crack field run neither in 'coat' nor in",
        ),
        (
            CRACKING,
            [*COHESIVE, "solver.linear=iterative"],
            "solver.linear = 'iterative': not for cases with cohesive interfaces",
        ),
        (CRACKING, ["fracture.plastic_share=1.5"], "plastic_share = 1.5: must be less than"),
        (
            CRACKING,
            ["fracture.plastic_share=0.1"],
            "fracture.plastic_share = 0.1: none of fracture.regions has a card with plastic flow",
        ),
        (
            CRACKING,
            ['fracture.flaws=[{at = ["1 um", "0 um"], size = "5 nm"}]'],
            "fracture.flaws.1.size = 0.005 um: must be at least fracture.length = 0.01 um",
        ),
        (
            CRACKING,
            ['fracture.random_flaws={count = 2, size = "9 nm"}'],
            "fracture.random_flaws.size = 0.009 um: must be at least fracture.length",
        ),
        (CRACKING, ['fracture.random_flaws={count = 0, size = "9 nm"}'], "must be greater than 0"),
        (
            CRACKING,
            ['fracture.flaws=[{at = ["1 um", "0 um", "0 um"], size = "20 nm"}]'],
            "fracture.flaws.1.at: has 3 components; kinematics 'axisymmetric' has (r, z).",
        ),
        (
            CRACKING,
            ['fracture.flaws=[{at = ["1 um", "0 um"], size = "20 nm", normal = [0, 0]}]'],
            "fracture.flaws.1.normal: is zero",
        ),
        (CRACKING, ['fracture.flaws=[{at = ["1 um", "0 um"]}]'], "fracture.flaws.1.size: missing"),
        (
            CRACKING,
            ['fracture.flaws=[{at = [1, 0], size = "20 nm"}]'],
            "fracture.flaws.1.at.1 = 1: 1 has no unit",
        ),
        (
            CAGED,
            ["geometry.kinematics=3d", 'fracture={length = "9 nm", regions = "cage"}'],
            "fracture.regions: 'cage' is no solid region here.",
        ),
    ],
)
def test_a_wrong_value_is_told(tmp_path: Path, text: str, settings: list[str], told: str) -> None:
    assert told in _told(tmp_path, text, *settings)[0]


def test_a_missing_region_is_told(tmp_path: Path) -> None:
    text = CAGED.replace('cage = "graphene-multilayer"', "")
    assert "materials.cage: missing; every region needs a card." in _told(tmp_path, text)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = _told(
        tmp_path,
        CAGED,
        "titel=x",
        "geometry.particle_radius=-1 um",
        "geometry.kinematics=2d",
        "materials.particle=silicon",
        "sei.recipe=ec-dcm",
        'protocol.steps=["lithiate at C/0 until soc = 0.9", "rest 10"]',
        "protocol.temperature=cold",
        "solver.max_steps=0",
        "output.every=3",
    )
    assert len(told) == 10


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        cases.load(tmp_path / "none.toml")


def test_a_file_that_is_not_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(b"title = \xff\n")
    with pytest.raises(InputError, match="UTF-8"):
        cases.load(path)
    path.write_text("title = ")
    with pytest.raises(InputError, match="not valid TOML"):
        cases.load(path)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "runs").glob("*/run.toml")), ids=lambda p: p.parent.name
)
def test_a_shipped_case_can_be_read(path: Path) -> None:
    case = cases.load(path)
    assert case.hosts
    assert case.title


def test_an_sei_grows_from_a_thin_one_by_the_law_of_its_recipe(tmp_path: Path) -> None:
    case = _case(tmp_path, CAGED, "sei.grow=true", 'sei.growth.diffusivity="1e-20 m^2/s"')
    assert case.sei is not None
    assert case.sei.grow
    assert case.sei.thickness == pytest.approx(5e-9)
    assert case.sei.recipe.sources["growth.diffusivity"].si == 1e-20
    thick = _case(tmp_path, CAGED, "sei.grow=true", "sei.thickness=9 nm").sei
    assert thick is not None
    assert thick.thickness == pytest.approx(9e-9)
    with pytest.raises(InputError, match="of no use without sei"):
        _case(tmp_path, CAGED, 'sei.growth.diffusivity="1e-20 m^2/s"')
    with pytest.raises(InputError, match="'stiff-inorganic' has no table"):
        _case(tmp_path, CAGED, "sei.grow=true", "sei.recipe=stiff-inorganic")
