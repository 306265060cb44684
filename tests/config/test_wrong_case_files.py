"""Wrong case files are told in full: where, what was given, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from anodefem import cases
from anodefem.errors import InputError
from tests.config.files import BARE, BONDED, CAGED, COHESIVE, CRACKING, PROTOCOL, refusals


@pytest.mark.parametrize(
    ("text", "settings", "told"),
    [
        (BARE, ["titel=x"], "titel: unknown key. Did you mean 'title'?"),
        (BARE, ['title=""'], "title: missing"),
        (BARE, ["geometry.plugin=bare_particel"], "Did you mean 'bare_particle'?"),
        (BARE, ["geometry.plugin=3"], "geometry.plugin = 3: must be the name of a geometry"),
        (BARE, ["geometry.kinematics=3D"], "Did you mean '3d'?"),
        (BARE, ["geometry.order=3"], "geometry.order = 3: must be 1 or 2"),
        (
            BARE,
            ["geometry.particle_raduis=1 um"],
            "unknown key. Did you mean 'particle_radius'?",
        ),
        (
            BARE,
            ["geometry.particle_radius=-1 um"],
            "particle_radius = '-1 um': must be greater",
        ),
        (BARE, ["geometry.particle_radius=1 s"], "unit 's' cannot be read as um"),
        (
            BARE,
            ["geometry.particle_radius=1"],
            "1 has no unit; write a string such as '1 um'",
        ),
        (CAGED, ["geometry.gap_ratio=0.9"], "the cage is smaller than its particle"),
        (CAGED, ["geometry.gap_ratio=1.0005"], "must be at least 1 nm"),
        (BARE, ["materials.particle=silicon-amorfous"], "Did you mean 'silicon-amorphous'?"),
        (CAGED, ["sei.yuong=1 GPa"], "sei.yuong: unknown key. Did you mean 'young'?"),
        (
            CAGED,
            ["sei.young=1 um"],
            "sei.young = '1 um': unit 'um' cannot be read as GPa",
        ),
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
        (
            BARE,
            ["materials.cage=copper"],
            "materials.cage: geometry 'bare_particle' has no such",
        ),
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
        (
            BARE,
            ["protocol.steps=lithiate at C/10 until soc = 0.999"],
            "must stay between 0.005",
        ),
        (
            BARE,
            ["protocol.initial_soc=0.001"],
            "initial_soc = 0.001: must be in (0.005, 0.995)",
        ),
        (BARE, ["protocol.initial_soc=1.5"], "initial_soc = 1.5: must be less than 1"),
        (BARE, ["protocol.temperature=298"], "298 has no unit"),
        (
            BARE,
            ["protocol.temperature=25 K"],
            "temperature = '25 K': must be greater than 200",
        ),
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
        (CRACKING, ["fracture.length=1 s"], "unit 's' cannot be read as um"),
        (
            CRACKING,
            ["fracture.length=0 um"],
            "fracture.length = '0 um': must be greater than 0",
        ),
        (CRACKING, ["fracture.model=AT3"], "fracture.model = 'AT3': must be 'AT1' or 'AT2'"),
        (
            CRACKING,
            ["fracture.modle=AT2"],
            "fracture.modle: unknown key. Did you mean 'model'?",
        ),
        (CRACKING, ["fracture.scatter=-0.1"], "fracture.scatter = -0.1: must be greater"),
        (
            CRACKING,
            ["fracture.correlation=0 nm"],
            "fracture.correlation = '0 nm': must be greater",
        ),
        (CRACKING, ["fracture.correlation=50"], "50 has no unit"),
        (
            CRACKING,
            ["fracture.correlation=5 nm"],
            "fracture.correlation = 0.005 um: must be at least fracture.length = 0.01 um",
        ),
        (
            CRACKING,
            ["fracture.wetted=true"],
            "fracture.wetted = true: in none of fracture.regions",
        ),
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
        (
            CRACKING,
            ['fracture.random_flaws={count = 0, size = "9 nm"}'],
            "must be greater than 0",
        ),
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
        (
            CRACKING,
            ['fracture.flaws=[{at = ["1 um", "0 um"]}]'],
            "fracture.flaws.1.size: missing",
        ),
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
    assert told in refusals(tmp_path, text, *settings)[0]


def test_a_missing_region_is_told(tmp_path: Path) -> None:
    text = CAGED.replace('cage = "graphene-multilayer"', "")
    (told,) = refusals(tmp_path, text)
    assert told.startswith("materials.cage: missing; every region needs a card, see 'anodefem list")


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = refusals(
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
