"""Input that is easily misread, or that breaks a reader: one message with the right answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anodefem import cards, cases
from anodefem.errors import InputError

HEAD = 'title = "T"\n'
BARE = {
    "geometry": 'plugin = "bare_particle"',
    "materials": 'particle = "silicon-amorphous"',
    "protocol": 'steps = ["lithiate at C/10 until soc = 0.9"]',
}
COATED = BARE | {
    "geometry": 'plugin = "binder_particle"',
    "materials": 'particle = "silicon-amorphous"\ncoat = "pvdf"',
}
MULTILAYER = BARE | {
    "geometry": 'plugin = "multilayer"',
    "materials": 'silicon = "silicon-amorphous"\ncarbon = "carbon-amorphous"\ncollector = "copper"',
}
SPONGE = BARE | {
    "geometry": 'plugin = "porous_sponge"',
    "materials": 'solid = "tin-lithium"',
}
FILMED = BARE | {"sei": 'recipe = "ec-dmc"'}


def _text(tables: dict[str, str]) -> str:
    return HEAD + "".join(f"[{name}]\n{body}\n" for name, body in tables.items())


def told(folder: Path, text: str | bytes, *settings: str) -> str:
    """Return the message that refuses a case; it must be fit to be read."""
    path = folder / "run.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        cases.load(path, settings)
    message = str(caught.value)
    lines = message.splitlines()
    assert len(set(lines)) == len(lines), "a sentence stands twice"
    assert not re.search(r"\b_[A-Z]|Input should|instance of|<class", message)
    assert all(len(line) < 2000 for line in lines)
    return message


@pytest.mark.parametrize(
    ("tables", "setting", "answer"),
    [
        (BARE, "geometry.particle_radius=1,5 um", "write a decimal point .* '1.5 um'"),
        (BARE, "geometry.particle_radius=0,5 um", "such as '0.5 um'"),
        (BARE, "geometry.particle_radius=1,500 nm", "has a comma in its number"),
        (BARE, 'protocol.steps=["lithiate at C/10 for 1,5 h"]', "such as '1.5 h'"),
        (BARE, 'protocol.steps=["lithiate at C/1,5 until soc = 0.5"]', "with decimal points"),
        (BARE, "geometry.particle_radius='\"a\" um'", "write a number and a unit"),
        (BARE, "geometry.particle_radius=a um", "write a number and a unit"),
        (
            BARE,
            "geometry.particle_radius=9**9**9**9 um",
            "'9\\*\\*9\\*\\*9\\*\\*9 um' cannot be read",
        ),
        (BARE, "geometry.particle_radius=2*3 um", "cannot be read as a quantity"),
        (BARE, f"geometry.particle_radius={'a' * 100_000}", "has 100000 characters, too many"),
        (BARE, "geometry.particle_radius=1e-320 um", "must be between 1e-05 and 10000 um"),
        (BARE, "geometry.particle_radius=1 m", "is 1e.06 um; must be between"),
        (BARE, "geometry.particle_radius=1.5 Um", "did you mean 'um'"),
        (BARE, "geometry.particle_diameter=1 um", r"'particle_radius' \(half of a diameter\)"),
        (BARE, "geometry.refinement=1e6", "refinement.*must be between 0.001 and 1000"),
        (BARE, 'geometry.aspect="1.5"', "write the number without quotes: 1.5"),
        (BARE, "geometry.kinematics=3", "geometry.kinematics = 3: not offered here"),
        (BARE, "geometry.order=true", "geometry.order = true: must be 1 or 2"),
        (BARE, "geometry=3", "^[^:]*: geometry = 3: must be a table.$"),
        (BARE, "geometry.plugin=3", "geometry.plugin = 3: must be the name of a geometry"),
        (COATED, "geometry.particle_diameter=1 um", r"'particle_radius' \(half of a diameter\)"),
        (COATED, "geometry.particles=true", "geometry.particles|particles = true: must be 1 or 2"),
        (MULTILAYER, "geometry.bilayers=true", "bilayers = true: must be an integer"),
        (MULTILAYER, 'geometry.bilayers="3"', "bilayers = '3': must be an integer"),
        (MULTILAYER, "geometry.bilayers=2.5", "bilayers = 2.5: must be an integer"),
        (SPONGE, "geometry.seed=true", "seed = true: must be an integer"),
        (BARE, "title=3", "title = 3: must be text"),
        (BARE, "materials=3", "^[^:]*: materials = 3: must be a table.$"),
        (BARE, "materials.particle=3", "particle = 3: must be the name of a card, or a table"),
        (BARE, "materials.particle=[]", "particle: must be the name of a card, or a table"),
        (BARE, 'materials.particle="a\\u0000.toml"', "has a control character"),
        (BARE, f"materials.particle={'a' * 300}.toml", "cannot be read"),
        (BARE, "materials.particle={card = 3}", "particle.card = 3: must be text in quotes"),
        (BARE, "materials.particle.storage.ocv=1 V", "storage.ocv: depends on x"),
        (BARE, "protocol=3", "^[^:]*: protocol = 3: must be a table.$"),
        (BARE, "protocol.steps=3", "protocol.steps = 3: must be a list"),
        (BARE, "protocol.steps=[3]", "protocol.steps.1 = 3: cannot be read as a step"),
        (BARE, "protocol.temperature=25", "'298.15 K' or '25 degC'"),
        (BARE, 'protocol.steps=["lithiate at C/1e-320 until soc = 0.9"]', "rate infC must be"),
        (BARE, 'protocol.steps=["lithiate at 1e308C until soc = 0.9"]', "rate 1e.308C must be"),
        (BARE, 'protocol.steps=["lithiate at C/10 until soc = 90"]', "write soc = 90 % for per"),
        (BARE, 'protocol.steps=["sodiate at C/10 until soc = 0.9"]', "the materials store Li"),
        (BARE, "solver=3", "^[^:]*: solver = 3: must be a table.$"),
        (BARE, "solver.max_steps=true", "max_steps = true: must be an integer"),
        (BARE, "solver.max_soc_step='0.01'", "max_soc_step = '0.01': must be a number, without"),
        (BARE, "solver.minimum_step=1e-320", "minimum_step"),
        (BARE, 'protocol.steps=["lithiate at 0.1 until 5 mV"]', "such as '0.1C' or '0.1 mA/g'"),
        (BARE, 'protocol.steps=["lithiate at C until 0.9"]', "such as '0.9 V' or 'soc = 0.9'"),
        (BARE, 'protocol.steps=["hold at 5 until C/50"]', "such as '5 mV'"),
        (
            BARE,
            'protocol.surfaces=["particle_surface", "particle_surface"]',
            "'particle_surface' stands 2 times",
        ),
        (FILMED, 'sei.surfaces=["axis"]', "'axis' is a plane of symmetry, no surface"),
        (BARE, f"protocol.{'a' * 9000}.b.=1", "--set 'protocol.a{40,60}[.]{3}: write --set"),
        (BARE, "protocol.surfaces=[3]", r"surfaces\.1 = 3: must be text in quotes\.$"),
        (BARE, "solver.max_steps=1e30", "must be an integer of at most 64 bits"),
        (BARE, "solver.saturation_low=0.999", "saturation_low = 0.999 must be below"),
        (BARE, "solver.minimum_step=0.5", "must not be above initial_step = 0.001"),
        (BARE, 'output.formats=["vtu", "vtu"]', "names a format twice"),
        (BARE, "protocol.steps=[{repeat = true, steps = []}]", "repeat = true: must be a whole"),
        (
            COATED,
            'interfaces={"=a,b" = {between = ["particle", "coat"], strength = "1 MPa"}}',
            "interfaces.'=a,b': its name heads columns",
        ),
        (BARE, "output.fields_every=1e-320", "is 1e-320; must be between 1e-09 and 1"),
        (BARE, "protocol.temperature='25'", "'298.15 K' or '25 degC'"),
        (BARE, "output.fields_every=true", "fields_every = true: must be a number"),
        (FILMED, "sei.young=1e300 Pa", r"sei.young: 1e\+300 Pa: must be at most 1e\+13 Pa"),
        (FILMED, "sei.young=1e-300 Pa", "sei.young: 1e-300 Pa: must be at least 1 Pa"),
        (FILMED, "sei.thickness=1 m", "must be between 1e-11 and 0.001 m"),
        (FILMED, "sei=3", "^[^:]*: sei = 3: must be a table.$"),
        (
            FILMED,
            "materials.particle=tin-sodium",
            "made for Li cells, .* store Na. .*diglyme-napf6",
        ),
        (FILMED, "sei.recipe=diglyme-napf6", "made for Na cells, and the materials store Li"),
        (BARE, "fracture=3", "fracture = 3: must be a table"),
        (BARE, "interfaces=3", "interfaces"),
        (BARE, "fracture.length=10 nm", "fracture.regions: missing"),
        (
            BARE,
            'protocol={"" = 1, "a b" = 2}',
            r"protocol\.'': unknown key.*\n.*protocol\.'a b': unk",
        ),
        (BARE, "geometry." + "a" * 500 + "=1", r"'bare_particle': a{57}\.\.\.: unknown key"),
        (BARE, "geometry.refinement=2000", "is 2000; must be between"),
        (BARE, "title.a.b=1", "'title' is a value, not a table"),
    ],
)
def test_what_is_easily_misread_is_refused(
    tmp_path: Path, tables: dict[str, str], setting: str, answer: str
) -> None:
    message = told(tmp_path, _text(tables), setting)
    assert re.search(answer, message), message


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (HEAD + f"x = {'[' * 2000}{']' * 2000}", "nested more than 20 deep"),
        (HEAD + f"x = {'[' * 30}{']' * 30}", "nested more than 20 deep"),
        (HEAD + f"[{'.'.join('a' * 30)}]", "nested more than 20 deep"),
        (HEAD + f"x = {'9' * 5000}", "a number has too many digits"),
        (HEAD + f"x = 0x{'f' * 5000}", "an integer has more than 64 bits"),
        ('title = "a\\u0000b"', "has a control character"),
        ('title = "a\\u001bb"', "has a control character"),
        ('"a\\nb" = 1', "has a control character"),
        (b"title = \xff\n", "not a text file in UTF-8"),
        (b"title = 'a'\0", "not valid TOML"),
        ("title = ", "not valid TOML"),
        ("#" * 10_000_001, "more than 10 MB"),
        (HEAD + "title = 'again'", "not valid TOML"),
        ("", "title: missing"),
    ],
)
def test_a_file_that_is_no_case_is_refused(tmp_path: Path, text: str | bytes, answer: str) -> None:
    assert answer in told(tmp_path, text)


def test_a_rate_per_area_needs_no_second_message_where_no_host_is_known(tmp_path: Path) -> None:
    steps = 'protocol.steps=["lithiate at 1 mA/cm2 until 5 mV"]'
    message = told(tmp_path, _text(CAGED), steps, "materials.particle=nothing")
    assert "no material card 'nothing'" in message and "mA/cm2" not in message
    assert "none of these cards stores" in told(
        tmp_path, _text(BARE), steps, "materials.particle=pvdf"
    )


def test_a_form_that_is_no_name_is_refused(tmp_path: Path) -> None:
    setting = "materials.particle={card = 'mine.toml'}"
    shipped = (
        Path(cards.__file__).parents[1] / "parameters" / "materials" / "silicon-amorphous.toml"
    )
    card = shipped.read_text(encoding="utf-8")
    for written, shown in (("['a']", "form is not"), ("true", "form true is not")):
        changed = re.sub(r'form = "[a-z-]+"', f"form = {written}", card, count=1)
        assert changed != card
        (tmp_path / "mine.toml").write_text(changed, encoding="utf-8")
        assert shown in told(tmp_path, _text(BARE), setting)


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000])
def test_a_setting_with_a_huge_integer_is_refused(tmp_path: Path, number: str) -> None:
    assert "--set solver.max_steps: a" in told(tmp_path, _text(BARE), f"solver.max_steps={number}")


def test_a_mark_of_byte_order_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(b"\xef\xbb\xbf" + _text(BARE).encode())
    assert cases.load(path).title == "T"


@pytest.mark.parametrize("name", ["a\0b.toml", "a" * 300 + ".toml", "\udcff.toml"])
def test_a_name_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        cases.load(tmp_path / name)


@pytest.mark.parametrize(
    "step",
    [
        "lithiate at c/5 until SOC = 0.9",
        "Lithiate at C/5 until soc = 90 %",
        "lithiate at 0.2 C until soc 0.9",
    ],
)
def test_what_people_write_is_understood(tmp_path: Path, step: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(_text(BARE))
    (read,) = cases.load(path, [f'protocol.steps=["{step}"]']).protocol.steps
    assert (read.kind, read.until_soc) == ("lithiate", 0.9)
    assert read.c_rate == pytest.approx(0.2)


UNIFORM = ', transport = "uniform"}'
CAGED = BARE | {
    "geometry": 'plugin = "graphene_cage"',
    "materials": 'particle = "silicon-amorphous"\ncage = "graphene-multilayer"',
}
WIRE = BARE | {
    "geometry": 'plugin = "film_on_wire"',
    "materials": 'core = "silicon-amorphous"\ninterlayer = "silicon-amorphous"\nfilm = "al2o3"',
}


@pytest.mark.parametrize(
    ("tables", "settings", "answer"),
    [
        (
            WIRE,
            ["materials.interlayer=carbon-shell"],
            "'interface' touches film and interlayer, in which nothing diffuses. Surfaces that "
            "work: core_surface.",
        ),
        (MULTILAYER, ["materials.carbon=carbon-shell"], "'film_surface' lies on carbon too"),
        (
            CAGED,
            [
                f'materials.particle={{card = "silicon-amorphous"{UNIFORM}',
                "materials.cage=carbon-amorphous",
            ],
            "'particle_surface' touches particle, in which nothing diffuses. Surfaces that work: "
            "cage_inner, cage_outer.",
        ),
        (
            CAGED,
            ["materials.cage=carbon-amorphous"],
            "materials.cage: 'carbon-amorphous' stores, but nothing reaches it",
        ),
        (
            COATED,
            ["protocol.surfaces=coat_surface"],
            "'coat_surface' touches coat, in which nothing diffuses. Surfaces that work: "
            "particle_surface.",
        ),
        (
            COATED,
            ['protocol.surfaces=["particle_surface", "coat_surface"]'],
            "'coat_surface' touches coat, in which nothing diffuses",
        ),
        (COATED, ["protocol.surfaces=axis"], "'axis' is a plane of symmetry"),
        (COATED, ["protocol.surfaces=coat_surfac"], "Known: particle_surface."),
    ],
)
def test_lithium_that_cannot_reach_its_host_is_refused(
    tmp_path: Path, tables: dict[str, str], settings: list[str], answer: str
) -> None:
    assert answer in told(tmp_path, _text(tables), *settings)


@pytest.mark.parametrize(
    ("tables", "settings"),
    [
        (WIRE, []),
        (MULTILAYER, []),
        (MULTILAYER, ["geometry.form=film"]),
        (MULTILAYER, [f'materials.silicon={{card = "silicon-amorphous"{UNIFORM}',
                      "materials.carbon=carbon-shell"]),
        (COATED, ["materials.coat=carbon-amorphous", "protocol.surfaces=coat_surface"]),
        (CAGED, ["materials.cage=carbon-amorphous",
                 'protocol.surfaces=["particle_surface", "cage_outer"]']),
        (CAGED, ["geometry.kinematics=3d"]),
    ],
)  # fmt: skip
def test_lithium_that_reaches_its_host_is_not(
    tmp_path: Path, tables: dict[str, str], settings: list[str]
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(_text(tables))
    assert cases.load(path, settings).protocol.surfaces
