"""A case with every key, commented."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Iterator
from typing import Any

from anodefem import cards
from anodefem.cases.keys import TABLES, keys
from anodefem.geometry import Geometry

#: Cards for regions of these names; any other gets the first host that there is.
_USUAL = {
    "cage": "graphene-multilayer",
    "coat": "pvdf",
    "carbon": "carbon-amorphous",
    "shell": "carbon-shell",
    "interlayer": "carbon-amorphous",
    "film": "al2o3",
    "collector": "copper",
}
_HOST = {"Li": "silicon-amorphous", "Na": "tin-sodium", "K": "tin-potassium"}
_RECIPE = {"Li": "ec-dmc", "Na": "diglyme-napf6", "K": "diglyme-kpf6"}
_VERB = {"Li": "lithiate", "Na": "sodiate", "K": "potassiate"}


def case(plugin: Geometry, species: str) -> str:
    """Return the text of a case file.

    Args:
        plugin: Geometry of the body.
        species: What its hosts store: "Li", "Na" or "K".
    """
    return "\n".join(_lines(plugin, species)) + "\n"


def _lines(plugin: Geometry, species: str) -> Iterator[str]:
    required = [row["name"] for row in plugin.describe() if row["default"] == "required"]
    kinematics = plugin.kinematics[0]
    yield f"title = {json.dumps(plugin.title)}"
    yield ""
    yield "[geometry]"
    yield f'plugin = "{plugin.name}"'
    yield f'kinematics = "{kinematics}"  # or: {", ".join(plugin.kinematics[1:]) or "no other"}'
    for row in plugin.describe():
        value = row["default"]
        if row["name"] in required:
            yield f"# {row['name']} = ...  # required: {row['meaning']}"
        elif value.startswith("("):  # a list, which has no short form
            yield from _wrapped(f"# {row['name']} = ...  # {row['meaning']}")
        elif value:
            quoted = value.lower() if _plain(value) else json.dumps(value)
            yield f"{'' if row['unit'] else '# '}{row['name']} = {quoted}  # {row['meaning']}"
    own = plugin.parameter_names
    yield from _comments("geometry", skip={"plugin", "kinematics", *own})
    yield ""
    yield "[materials]  # a card for every region; 'anodefem list materials'"
    regions = _regions(plugin, required, kinematics)
    for region in regions or ("REGION",):
        yield f"{'' if regions else '# '}{region} = {_card(region, regions, species)}"
    yield "# each layer, coat or film is a region, too; 'anodefem check' says which are missing"
    yield "# a region may be a table, REGION = { card = ..., transport = ... }, with these keys and"
    yield "# any number of its card that does not depend on x, as plastic.yield_stress = '1 GPa':"
    for key in keys(TABLES["materials.REGION"]):
        if key.name != "card":
            yield from _wrapped(f"#   {key.name}: {key.meaning}")
    yield ""
    yield "[sei]  # 'anodefem list sei'; leave the section out for a body without one"
    yield f'recipe = "{_RECIPE[species]}"'
    yield from _comments("sei", skip={"recipe"})
    yield ""
    yield "[protocol]"
    verb = _VERB[species]
    yield f'steps = ["{verb} at C/10 until soc = 0.9", "de{verb} at C/10 until soc = 0.05"]'
    yield "# cycles: steps = [{repeat = 10, steps = [...]}]; other steps: 'anodefem list protocols'"
    yield from _comments("protocol", skip={"steps"})
    for section in ("solver", "output"):
        yield ""
        yield f"[{section}]"
        yield from _comments(section)
    yield ""
    yield "# [fracture]  # regions that can break; 'anodefem list keys fracture'"
    yield "# [interfaces.NAME]  # how two regions hold together; 'anodefem list keys interfaces'"


def _regions(plugin: Geometry, required: list[str], kinematics: str) -> tuple[str, ...]:
    """Return the regions at default parameters; none if a file must be read first."""
    return () if required else plugin.regions(plugin.read({}), kinematics)


def _card(region: str, regions: tuple[str, ...], species: str) -> str:
    name = _USUAL.get(region, _HOST[species])
    if region == "interlayer" or (region == "carbon" and species != "Li"):
        name = _HOST[species]
    storage = cards.material(name).storage
    inside = "core" in regions or "silicon" in regions or region == "solid"
    # what is thin or has insides that nothing passes fills evenly
    if storage and inside:
        return f'{{ card = "{name}", transport = "uniform" }}'
    return json.dumps(name)


def _comments(section: str, *, skip: Collection[str] = ()) -> Iterator[str]:
    """Yield a commented line for every key of a section.

    Args:
        section: Of `anodefem.cases.keys.TABLES`.
        skip: Keys that are written already.
    """
    for key in keys(TABLES[section]):
        if key.name not in skip:
            yield from _wrapped(f"# {key.name} = {key.default or '...'}  # {key.meaning}")


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line.replace("`", ""), 100, subsequent_indent="#     ")


def _plain(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return value in ("True", "False")
    return True
