"""Tables of a case file as Python values and as TOML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from anodefem.errors import InputError


def plain(value: Any, where: str = "") -> Any:
    """Return a value as TOML knows it: NumPy numbers, tuples, arrays and paths are turned.

    Args:
        value: Anything; mappings and sequences may be nested.
        where: Dotted key of the value, for messages.

    Raises:
        InputError: There is something that a case file cannot hold.
    """
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InputError(f"{where or 'case'}: the key {key!r} is not a string.")
        return {key: plain(each, f"{where}.{key}".strip(".")) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist(), where)
    if isinstance(value, list | tuple):
        return [plain(each, where) for each in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, str | bool | int | float):
        return value
    raise InputError(
        f"{where} = {value!r}: a case holds text, numbers, lists and tables; a value with a "
        "dimension is text with its unit, such as '1.5 um'."
    )


def to_toml(tables: Mapping[str, Any]) -> str:
    """Return the text of a TOML file that holds these tables.

    Args:
        tables: Plain values (see `plain`); keys of their own come before tables.
    """
    return "\n".join(_lines(tables, ())).strip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    if path and (not table or any(not isinstance(each, Mapping) for each in table.values())):
        yield ""
        yield f"[{'.'.join(map(_key, path))}]"
    for key, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, (*path, key))


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else json.dumps(name, ensure_ascii=False)


def _inline(value: Any) -> str:
    """Return a value on one line; TOML's strings are escaped as JSON's are."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
