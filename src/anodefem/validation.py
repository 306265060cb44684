"""Reading TOML, and saying everything that is wrong with it in words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from anodefem.errors import InputError
from anodefem.registry import suggest

_UNKNOWN = "unknown_key"


class Strict(BaseModel):
    """A table that refuses unknown keys, naming the nearest known one."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_unknown_keys(cls, raw: Any, handler: Callable[[Any], Any]) -> Any:
        if not isinstance(raw, Mapping):
            return handler(raw)
        lines = [_line((key,), unknown_key(key, cls.model_fields)) for key in raw]
        found = [line for line in lines if line["loc"][0] not in cls.model_fields]
        try:
            model = handler({key: raw[key] for key in raw if key in cls.model_fields})
        except ValidationError as error:
            found += [_line(item["loc"], item["msg"], item["type"]) for item in error.errors()]
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return model


def unknown_key(key: object, known: Iterable[str]) -> str:
    """Return the sentence that refuses a key and offers the known ones."""
    return f"unknown key.{suggest(key, known)}"


def _line(loc: tuple[int | str, ...], message: str, kind: str = _UNKNOWN) -> InitErrorDetails:
    told = PydanticCustomError(kind, "{told}", {"told": message})
    return InitErrorDetails(type=told, loc=loc, input=None)


def problems(error: ValidationError, raw: object, prefix: str = "") -> Iterator[str]:
    """Yield one sentence per problem: the dotted key, what was given, what is allowed.

    Args:
        error: What pydantic found.
        raw: What was validated, to show a value as it was written.
        prefix: Dotted key of ``raw`` in its file; "" for a whole file.
    """
    for item in error.errors():
        # Items of a list are counted from 1, as people do.
        parts = [str(part + 1) if isinstance(part, int) else part for part in item["loc"]]
        key = ".".join([*filter(None, [prefix]), *parts])
        given = raw
        for part in item["loc"]:
            given = _inside(given, part)
        shown = f" = {given!r}" if isinstance(given, str | int | float) else ""
        shown = "" if item["type"] == _UNKNOWN else shown
        message = item["msg"].removeprefix("Value error, ")
        for theirs, ours in _WORDS:
            message = message.replace(theirs, ours)
        message = message.rstrip(".")
        yield f"{key}{shown}: {message}." if key else f"{message}."


_WORDS = (
    ("Input should be", "must be"),
    ("Field required", "missing"),
    ("valid tuple", "list"),
    ("valid dictionary or object to extract fields from", "table"),
)


def _inside(value: object, part: int | str) -> object:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        InputError: The file cannot be opened or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not a text file in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: is not valid TOML: {error}.") from error


def report(where: object, sentences: Iterable[str]) -> InputError:
    """Return one error that lists all problems of a file, one per line."""
    return InputError("\n".join(f"{where}: {sentence}" for sentence in sentences))
