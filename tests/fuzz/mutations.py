"""Case files that somebody, or something, has damaged."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CARDS = ROOT / "src" / "anodefem" / "parameters"

#: Values that belong nowhere, as TOML.
ODD = (
    "true", "false", "0", "-1", "1", "3", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf",
    "9223372036854775807", "9223372036854775808", "9" * 5000, "0x" + "f" * 5000, "''", "'   '",
    "'none'", "'auto'", "[]", "{}", "[[]]", "{a = {b = {c = 1}}}", "[1, 2, 3]", "['a', 'b']",
    "[true]", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "'1 um'", "'1,5 um'", "'-1 um'",
    "'1e400 um'", "'1e-320 um'", "'1 m'", "'1 km'", "'um'", "'1um'", "'1 um um'", "'1 C'",
    "'1 Pa'", "'1e300 Pa'", "'25 degC'", "'0.9'", "'90 %'", "'9**9**9**9 um'", "'__import__'",
    "'1 (um'", "'1 um^99'", "'../../etc/passwd'", "'/dev/null'", "'/'", "'.'", "'a\\u0000b'",
    '"a\\u0000b"', '"a\\nb"', '"\\u001b[31m"', "'" + "a" * 300 + "'", "'" + "a" * 300 + ".toml'",
    "'" + "9" * 100_000 + "'", "'" + "1 " * 5000 + "'", "'µm'", "'ü'", "'😀'", "'[b]x[/b]'",
    "'{x}'", "'%s'", "[" * 50 + "]" * 50, "[" * 2000 + "]" * 2000,
    "['" + "', '".join("x" * 3 for _ in range(2000)) + "']",
)  # fmt: skip

STEPS = (
    "lithiate at C/10 until soc = 0.9", "delithiate at 2C until soc = 0.05", "rest 10 min",
    "lithiate at C until soc=.5", "lithiate at 1e308C until soc = 0.9", "rest 1e300 s", "rest",
    "lithiate at C/1e-320 for 1 h", "sodiate at C/5 until SOC = 90 %", "lithiate at C/0 for 1 h",
    "lithiate at -1C for 1 h", "rest 1,5 h", "charge at C/10", "lithiate at C/10 until soc = 1e9",
    "lithiate at C/20 until 5 mV", "delithiate at C/10 until 1.0 V or for 12 h", "rest for 1 s",
    "hold at 5 mV until C/50", "hold at 50 mV for 10 min or until C/100", "hold at 9 V for 1 h",
    "lithiate at 50 mA/g until 1200 mAh/g or soc = 0.9", "delithiate at 0.2 mA/cm2 until 1 V",
    "lithiate at 20 mW/g until 10 mV", "lithiate at 1e30 W/g for 1 h", "hold at C/10 until 5 mV",
    "lithiate at 0 mA/g for 1 h", "lithiate at 5 mA until 1 mV", "lithiate at C/10 until -5 mV",
    "lithiate at C/10 until C/20", "hold at 5 mV until 5 mV", "delithiate at C/5 until 1,2 V",
    "lithiate at C/10 at 45 degC until 5 mV", "lithiate at C/10, 2 bar until 5 mV", "hold at",
    "lithiate at C/10 until 5 mV or until 10 mV", "lithiate at C/10 until or", "at at at",
    "lithiate at C/10 for 1 h or for 2 h or until soc = 0.5 or until 5 mV or 100 mAh/g",
    "potassiate at C/10 until 5 mV", "delithiate at C/10 until nan V", "hold at 0 V", "rest inf h",
    "rest until 1 V",
    "lithiate at 1e-30 mA/g until 1e300 mAh/g", "lithiate at C/C until 5 mV", "lithiate at \u00bdC",
    "delithiate at 100 mA/g until 0 mAh/g", "lithiate at C/10 until 5 mV " * 40,
)  # fmt: skip

#: Entries of a protocol that are tables.
TABLES = (
    {"repeat": 3, "steps": ["lithiate at C/5 until 50 mV", "delithiate at C/5 until 1 V"]},
    {"formation": 1, "steps": ["lithiate at C/20 until 5 mV", "delithiate at C/20 until 1 V"]},
    {"repeat": 10_000, "steps": ["lithiate at C/2 until soc = 0.5", "delithiate at C/2 for 1 h"]},
    {"repeat": 2, "steps": [{"repeat": 2, "steps": ["rest 1 s"]}, "lithiate at C until 0.1 V"]},
    {"repeat": 10_000, "steps": [{"repeat": 10_000, "steps": ["rest 1 s"]}]},
    {"repeat": 0, "steps": ["rest 1 s"]},
    {"repeat": 2, "steps": []},
    {"repeat": 2, "formation": 1, "steps": ["rest 1 s"]},
    {"repeat": 2.5, "steps": "rest 1 s"},
    {"steps": ["rest 1 s"]},
    {"repeat": 2},
    {},
)

SECTIONS = {
    "sei": (
        {"recipe": "ec-dmc"},
        {"recipe": "fec", "thickness": "20 nm", "young": "2 GPa"},
        {"recipe": "fec", "grow": True},
        {"recipe": "ec-dmc", "grow": True, "formation_strain": 0.1, "blister": "100 nm"},
        {"recipe": "ec-dmc", "grow": True, "growth": {"law": "diffusion"}, "surfaces": []},
    ),
    "fracture": (
        {"length": "20 nm", "regions": ["particle"]},
        {"length": "20 nm", "regions": ["coat"], "toughness": {"coat": "5 J/m^2"}},
        {
            "length": "30 nm",
            "regions": ["particle"],
            "flaws": [{"at": ["0.5 um", "0 um"], "size": "40 nm", "normal": [0, 1]}],
            "random_flaws": {"count": 3, "size": "40 nm"},
        },
    ),
    "interfaces": (
        {"a": {"between": ["particle", "coat"], "toughness": "1 J/m^2", "strength": "5 MPa"}},
        {"a": {"between": ["silicon", "carbon"], "law": "bonded"}},
    ),
    "solver": ({"max_soc_step": 0.02}, {"linear": "direct", "max_steps": 10}, {"sweeps": 3}),
    "output": (
        {"fields_every": 0.1},
        {"fields": "all", "cycles_every": 5},
        {"cycles_every": 0, "formats": ["vtu", "xdmf"]},
    ),
    "electrochemistry": (
        {"kinetics": "butler-volmer"},
        {"kinetics": "uniform", "resistance": "1 ohm*m^2"},
        {"resistance": "10 ohm*cm^2"},
    ),
    "protocol": (
        {"steps": ["lithiate at C/10 until 5 mV", "hold at 5 mV until C/50", "rest 10 min"]},
        {"steps": list(TABLES[:2]), "stop_at_retention": 0.8, "temperature": "45 degC"},
        {"steps": "lithiate at 20 mW/g until 10 mV", "flux_area": "current"},
    ),
}


def bases() -> list[dict[str, Any]]:
    """Return the tables of every shipped case that needs no file beside it."""
    found = []
    for path in sorted((ROOT / "runs").glob("*/run.toml")):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        if ".toml" not in json.dumps(tables):
            found.append(tables)
    return found


class Mutator:
    """Draws damaged case files.

    Args:
        random: Where chance comes from.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.bases = bases()
        self.names = {
            "materials": sorted(path.stem for path in (CARDS / "materials").glob("*.toml")),
            "sei": sorted(path.stem for path in (CARDS / "sei").glob("*.toml")),
            "geometry": sorted(path.stem for path in (ROOT / "geometries").glob("[a-z]*.py")),
        }

    def case(self, folder: Path) -> tuple[bytes, list[str]]:
        """Return a case file and settings; may put a card beside it, into ``folder``."""
        random = self.random
        tables = json.loads(json.dumps(random.choice(self.bases)))
        for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
            random.choice((self._value, self._value, self._key, self._section, self._choice))(
                tables
            )
        if random.random() < 0.15:
            self._card(tables, folder)
        text = toml(tables).encode("utf-8", "surrogatepass")
        if random.random() < 0.1:
            text = self._bytes(text)
        settings = []
        if random.random() < 0.15:
            where, key = random.choice(list(_leaves(tables)))
            settings.append(f"{'.'.join(where)}.{key}={random.choice(ODD)}")
        return text, settings

    def _value(self, tables: dict[str, Any]) -> None:
        random = self.random
        where, key = random.choice(list(_leaves(tables)))
        table = _at(tables, where)
        value = table[key]
        kind = random.random()
        if isinstance(value, str) and " " in value and kind < 0.5:
            number, _, unit = value.partition(" ")
            try:
                changed = float(number) * 10 ** random.choice((-9, -3, -1, -0.3, 0.3, 1, 3, 9))
            except ValueError:
                table[key] = random.choice(STEPS)
            else:
                table[key] = f"{changed:g} {unit}"
        elif isinstance(value, int | float) and not isinstance(value, bool) and kind < 0.5:
            table[key] = value * 10 ** random.choice((-9, -2, -0.3, 0.3, 2, 9))
        elif isinstance(value, list) and kind < 0.5:
            table[key] = [
                random.choice((*value, *STEPS, random.choice(TABLES), 1))
                for _ in range(random.randrange(4))
            ]
        else:
            table[key] = Raw(random.choice(ODD))

    def _key(self, tables: dict[str, Any]) -> None:
        random = self.random
        where, key = random.choice(list(_leaves(tables)))
        table = _at(tables, where)
        change = random.randrange(4)
        if change == 0:
            del table[key]
        elif change == 1:
            table[self._typo(key)] = table.pop(key)
        elif change == 2:
            table[random.choice(("x", "ü", "", "a b", "a.b", "a" * 500, key + "_"))] = 1
        else:
            other, _ = random.choice(list(_leaves(tables)))
            _at(tables, other)[key] = table[key]

    def _typo(self, key: str) -> str:
        letters = list(key or "x")
        place = self.random.randrange(len(letters))
        letters[place] = self.random.choice("abcxyz_")
        return "".join(letters)

    def _section(self, tables: dict[str, Any]) -> None:
        name = self.random.choice(list(SECTIONS))
        if self.random.random() < 0.3:
            tables.pop(name, None)
        else:
            tables[name] = json.loads(json.dumps(self.random.choice(SECTIONS[name])))

    def _choice(self, tables: dict[str, Any]) -> None:
        """Other names that exist: a geometry, a card, a recipe, a kind of kinematics."""
        random = self.random
        materials, geometry = tables.get("materials"), tables.get("geometry")
        change = random.randrange(4)
        if change == 0 and isinstance(geometry, dict):
            geometry["plugin"] = random.choice(self.names["geometry"])
        elif change == 1 and isinstance(geometry, dict):
            geometry["kinematics"] = random.choice(("axisymmetric", "plane_strain", "3d"))
        elif change == 2 and isinstance(materials, dict) and materials:
            region = random.choice(list(materials))
            card: Any = random.choice(self.names["materials"])
            if random.random() < 0.5:
                card = {"card": card, "transport": random.choice(("diffusion", "uniform"))}
            materials[region] = card
        else:
            tables["sei"] = {"recipe": random.choice(self.names["sei"])}

    def _card(self, tables: dict[str, Any], folder: Path) -> None:
        """A damaged copy of a card beside the case."""
        random = self.random
        kind = random.choice(("materials", "sei"))
        if not isinstance(tables.get(kind), dict) or not tables[kind]:
            return
        path = CARDS / kind / f"{random.choice(self.names[kind])}.toml"
        card = tomllib.loads(path.read_text(encoding="utf-8"))
        for _ in range(random.choice((1, 1, 2))):
            random.choice((self._value, self._key))(card)
        (folder / "mine.toml").write_bytes(toml(card).encode("utf-8", "surrogatepass"))
        key = "recipe" if kind == "sei" else random.choice(list(tables[kind]))
        tables[kind][key] = "mine.toml"

    def _bytes(self, text: bytes) -> bytes:
        random = self.random
        place = random.randrange(len(text) + 1)
        change = random.randrange(4)
        if change == 0:
            return text[:place]
        if change == 1:
            return text[:place] + random.randbytes(random.randrange(1, 5)) + text[place:]
        if change == 2:
            return b"\xef\xbb\xbf" + text
        end = min(len(text), place + random.randrange(1, 40))
        return text[:place] + text[end:]


class Raw(str):
    """A value that is TOML already."""


def _leaves(
    tables: dict[str, Any], where: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in tables.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*where, key))
        else:
            yield where, key


def _at(tables: dict[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    for key in where:
        tables = tables[key]
    return tables


def toml(tables: dict[str, Any]) -> str:
    """Write tables as TOML: plain values first, then each table on one line or under its head."""
    lines = [f"{_name(k)} = {_inline(v)}" for k, v in tables.items() if not isinstance(v, dict)]
    for name, table in tables.items():
        if isinstance(table, dict):
            lines.append(f"[{_name(name)}]")
            lines += [f"{_name(key)} = {_inline(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _name(key: str) -> str:
    return json.dumps(key)


def _inline(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_name(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)
