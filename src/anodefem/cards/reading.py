"""Finding and reading cards: folders named by the user, installed packages, shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import ValidationError

from anodefem import registry, units
from anodefem.cards.cathode import Cathode
from anodefem.cards.curves import Constant
from anodefem.cards.material import Material
from anodefem.cards.records import Table, filled, numbers, schema
from anodefem.cards.sei import Sei, computed
from anodefem.errors import InputError
from anodefem.validation import problems, read_toml, report, shown, unknown_key

GROUP = "anodefem.cards"
Kind = Literal["materials", "sei", "cathodes"]
_WHAT: Mapping[Kind, str] = {"materials": "material", "sei": "SEI recipe", "cathodes": "cathode"}


def material(
    name: str, *, near: Path | None = None, changes: Mapping[str, object] | None = None
) -> Material:
    """Return a material card by name, or by path if ``name`` ends in ".toml".

    Args:
        name: Name of a card, or a path relative to ``near``.
        near: Folder of the case file.
        changes: Dotted key of a number of the card -> what it is instead, with its unit.

    Raises:
        InputError: There is no such card, or it cannot be used; lists everything wrong with it.
    """
    path = _path("materials", name, near)
    table = _read(path, Material)
    if changes:
        table = _changed(table, path, changes)
    return cast("Material", _card(table, path))


def sei(name: str, *, near: Path | None = None, changes: Mapping[str, object] | None = None) -> Sei:
    """Return an SEI recipe by name, or by path if ``name`` ends in ".toml".

    A yield stress that the card computes from Young's modulus and the yield strain follows them.

    Args:
        name: Name of a recipe, or a path relative to ``near``.
        near: Folder of the case file.
        changes: Key of a number of the recipe -> what it is instead, with its unit.

    Raises:
        InputError: There is no such recipe, or it cannot be used; lists everything wrong with it.
    """
    path = _path("sei", name, near)
    table = _read(path, Sei)
    if changes:
        table = _changed(table, path, changes)
        table = table if "yield_stress" in changes else computed(table)
    return cast("Sei", _card(table, path))


def cathode(
    name: str, *, near: Path | None = None, changes: Mapping[str, object] | None = None
) -> Cathode:
    """Return a cathode by name, or by path if ``name`` ends in ".toml".

    Args:
        name: Name of a cathode, or a path relative to ``near``.
        near: Folder of the case file.
        changes: Key of a number of the card -> what it is instead, with its unit.

    Raises:
        InputError: There is no such card, or it cannot be used; lists everything wrong with it.
    """
    path = _path("cathodes", name, near)
    table = _read(path, Cathode)
    if changes:
        table = _changed(table, path, changes)
    return cast("Cathode", _card(table, path))


def paths(kind: Kind) -> dict[str, Path]:
    """Return the file of every card that can be named, sorted by name."""
    packages = [registry.module_folder(module) for module in registry.installed(GROUP).values()]
    shipped = Path(__file__).parents[1] / "parameters"
    found: dict[str, Path] = {}
    for folder in (*registry.user_folders(), *packages, shipped):
        for path in sorted((folder / kind).glob("*.toml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def references() -> dict[str, str]:
    """Return what the keys at the start of a card's sources stand for."""
    table = read_toml(Path(__file__).parents[1] / "parameters" / "references.toml")
    return {key: str(text) for key, text in table.items()}


def _path(kind: Kind, name: str, near: Path | None) -> Path:
    if name.endswith(".toml"):
        return (near or Path()) / name
    known = paths(kind)
    if name not in known:
        raise InputError(
            f"there is no {_WHAT[kind]} card {shown(name)}.{registry.suggest(name, known)}"
        )
    return known[name]


def _card(table: Table, path: Path) -> Any:
    """Return the card that a table fills."""
    return filled(table, name=path.stem, sources=dict(numbers(table)))


def _changed(table: Table, path: Path, changes: Mapping[str, object]) -> Table:
    """Return the table of a card with other numbers.

    Args:
        table: As it is in the file.
        path: Of the file.
        changes: Dotted key of a number -> what it is instead, with its unit.
    """
    raw, known, wrong = read_toml(path), dict(numbers(table)), []
    constant = {key for key, number in known.items() if isinstance(number.si, float | Constant)}
    for key, value in changes.items():
        if key not in known:
            wrong.append(f"{key}: {unknown_key(key, known)}")
            continue
        if key not in constant:
            wrong.append(f"{key}: depends on x ({known[key]}); change it in a copy of the card.")
            continue
        *parents, last = key.split(".")
        place: Any = raw
        for part in parents:
            place = place[int(part) - 1] if isinstance(place, list) else place[part]
        try:
            place[last]["value"] = units.read(value, known[key].unit)
        except ValueError as error:
            wrong.append(f"{key}{f' = {shown(value)}' if shown(value) else ''}: {error}.")
        place[last] |= {"tag": "assumed", "source": f"set by the case (card: {known[key]})"}
    if wrong:
        raise InputError("\n".join(wrong))
    try:
        changed = type(table).model_validate(raw)
    except ValidationError as error:
        raise InputError("\n".join(problems(error, raw))) from error
    if found := list(_card(changed, path).contradictions()):
        raise InputError("\n".join(f"{sentence}." for sentence in found))
    return changed


def _read(path: Path, record: type) -> Table:
    raw = read_toml(path)
    try:
        table = schema(record).model_validate(raw)
    except ValidationError as error:
        raise report(path, problems(error, raw)) from error
    if found := list(_card(table, path).contradictions()):
        raise report(path, (f"{sentence}." for sentence in found))
    return table
