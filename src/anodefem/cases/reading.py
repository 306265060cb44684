"""Case files: one TOML file becomes one `CheckedCase`, or one message with every mistake."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from anodefem.cases import (
    cathode,
    electrochemistry,
    fracture,
    geometry,
    interfaces,
    materials,
    protocol,
    sei,
)
from anodefem.cases.case import CheckedCase
from anodefem.cases.collecting import Reading, given
from anodefem.cases.output import Output
from anodefem.cases.solver import LINEAR_SOLVERS, Solver
from anodefem.errors import InputError
from anodefem.validation import named, parse_toml, read_toml, report, unknown_key

#: Keys and tables of a case file.
SECTIONS = (
    "title",
    "geometry",
    "materials",
    "sei",
    "fracture",
    "interfaces",
    "cathode",
    "electrochemistry",
    "protocol",
    "solver",
    "output",
)

_LONGEST_TITLE = 200


def load(path: Path, settings: Sequence[str] = ()) -> CheckedCase:
    """Return the case that a file describes.

    Args:
        path: A TOML file.
        settings: Changes to it, "dotted.key=value", as on the command line.

    Raises:
        InputError: The file cannot be used; lists everything that is wrong with it.
    """
    return read(read_toml(path), path, settings)


def read(tables: Mapping[str, Any], path: Path, settings: Sequence[str] = ()) -> CheckedCase:
    """Return the case that the tables of a case file describe.

    Args:
        tables: What a case file holds; left as it is.
        path: The file; files that the case names lie beside it. It need not exist: messages begin
            with it.
        settings: Changes to the tables, "dotted.key=value", as on the command line.

    Raises:
        InputError: The tables cannot be used; lists everything that is wrong with them.
    """
    raw = copy.deepcopy(dict(tables))
    reading = Reading(path)
    for setting in settings:
        reading.attempt("", partial(override, raw, setting))
    case = _case(reading, raw)
    if case is None or reading.problems:
        raise report(path, reading.problems)
    return case


def _case(reading: Reading, raw: dict[str, Any]) -> CheckedCase | None:
    """Return the case, or ``None`` if something is wrong."""
    for key in raw:
        if key not in SECTIONS:
            reading.refuse(f"{named(key)}: {unknown_key(key, SECTIONS)}")
    title = _title(reading, raw.get("title", ""))
    body = geometry.read(reading, raw.get("geometry"))
    cards = materials.read(reading, raw.get("materials"), body)
    numerics = reading.table(Solver, raw.get("solver", {}), "solver")
    output = reading.table(Output, raw.get("output", {}), "output")
    other = cathode.read(reading, raw.get("cathode"), materials.species(cards))
    done = protocol.read(
        reading,
        raw.get("protocol"),
        body,
        numerics,
        cards,
        other,
        full_cell="cathode" in raw,
    )
    steps = done.steps if done else ()
    reaction = electrochemistry.read(reading, raw.get("electrochemistry"), steps, cards, other)
    protocol.check_retention(reading, done, potential=reaction.kinetics != "uniform")
    film = sei.read(reading, raw.get("sei"), body, materials.species(cards))
    cracks = fracture.read(reading, raw.get("fracture"), body, cards)
    bonds = interfaces.read(reading, raw.get("interfaces", {}), body, cards, cracks)
    if numerics and numerics.linear == "iterative" and interfaces.debonds(bonds):
        reading.refuse(
            "solver.linear = 'iterative': not for cases with cohesive interfaces, whose bonds "
            "are too stiff for it; leave it out."
        )
    if body and body.roles.periodic:
        _check_periodic(
            reading, numerics, fracture=cracks is not None, bonds=interfaces.debonds(bonds)
        )
    if not (body and cards and done and numerics and output) or reading.problems:
        return None
    return CheckedCase(
        title=title,
        path=reading.path,
        geometry=body,
        materials=cards,
        sei=film,
        fracture=cracks,
        interfaces=bonds,
        cathode=other,
        electrochemistry=reaction,
        protocol=done,
        solver=numerics,
        output=output,
    )


def _check_periodic(
    reading: Reading, numerics: Solver | None, *, fracture: bool, bonds: bool
) -> None:
    """Refuse what knows nothing of sides beyond which the body goes on."""
    if fracture or bonds:
        section = "fracture" if fracture else "interfaces"
        reading.refuse(f"{section}: not with periodic sides, which it would take for surfaces.")
    if numerics and numerics.linear not in LINEAR_SOLVERS:
        reading.refuse(
            f"solver.linear = '{numerics.linear}': not with periodic sides; leave it out."
        )


def _title(reading: Reading, value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TITLE or "\n" in value:
        reading.refuse(f"title{given(value)}: must be text in quotes, one short line.")
        return ""
    if not value.strip():
        reading.refuse("title: missing; one line that names the case in tables and pictures.")
    return value


def override(raw: dict[str, Any], setting: str) -> None:
    """Change one value of the tables of a case file, in place.

    Args:
        raw: The tables.
        setting: "dotted.key=value" with a TOML value; anything else is taken as a string.

    Raises:
        InputError: There is no "=", or the key goes through something that is not a table.
    """
    dotted, equals, text = setting.partition("=")
    *parents, last = (part.strip() for part in dotted.split("."))
    if not equals or not all((*parents, last)):
        raise InputError(f"--set {named(setting)}: write --set key.of.a.value=value.")
    table = raw
    if parents[:1] == ["materials"] and len(parents) > 1:
        _write_out(raw, parents[1])
    for part in parents:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise InputError(f"--set {named(setting)}: '{named(part)}' is a value, not a table.")
    try:
        table[last] = parse_toml(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = text.strip()
    except ValueError as error:
        raise InputError(f"--set {named(dotted)}: {error}.") from error


def _write_out(raw: dict[str, Any], region: str) -> None:
    """Turn the name of a region's card into a table, which has room for numbers."""
    materials = raw.get("materials")
    if isinstance(materials, dict) and isinstance(materials.get(region), str):
        materials[region] = {"card": materials[region]}
