"""Reading TOML, and saying everything that is wrong with it in words."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isnan
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from anodefem.errors import InputError
from anodefem.registry import suggest

_UNKNOWN = "unknown_key"
_LARGEST_FILE = 10_000_000  # bytes; a case or a card is a few thousand
_DEEPEST = 20  # tables and lists within each other
_MOST = 25  # sentences of one report
_LONGEST_PATH = 500  # characters of a path that a message shows
_LONGEST = 60  # characters of a value that a message shows


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number, without quotes")
    try:
        float(value)
    except OverflowError:
        raise ValueError("is too large") from None
    return value


def _end(value: object) -> object:
    if isinstance(value, float) and isnan(value):
        raise ValueError("must be a number, or inf where there is no end")
    return _number(value)


def _integer(value: object) -> object:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise ValueError("must be an integer")
    return value


def _boolean(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


# What pydantic alone would convert: "0.01" to a number, true to 1, "yes" to true.
Real = Annotated[float, BeforeValidator(_number)]
# An end of a range, which has none there if it is infinite.
Unbounded = Annotated[float, Field(allow_inf_nan=True), BeforeValidator(_end)]
Integer = Annotated[int, BeforeValidator(_integer)]
Flag = Annotated[bool, BeforeValidator(_boolean)]


def mistyped(value: object, annotation: object) -> str:
    """Return why a value has not the plain type of a field that pydantic would convert it to.

    Args:
        value: As it stands in a file.
        annotation: Of the field; one with a validator of its own is left to that.

    Returns:
        A sentence, or "" if the type is right or not a plain number or truth value.
    """
    parts = [annotation]
    while parts:
        part = parts.pop()
        if any(hasattr(mark, "__get_pydantic_core_schema__") for mark in _marks(part)):
            return ""
        if part in _PLAIN:
            try:
                _PLAIN[part](value)
            except ValueError as error:
                return str(error)
            return ""
        if get_origin(part) is Literal:
            allowed = get_args(part)
            if isinstance(value, bool) and not any(each is value for each in allowed):
                return f"must be {' or '.join(map(repr, allowed))}"
            return ""
        if get_origin(part) in (Annotated, Union, UnionType):
            parts += [each for each in get_args(part) if each is not type(None)]
    return ""


def _marks(annotation: object) -> tuple[object, ...]:
    return tuple(getattr(annotation, "__metadata__", ()))


_PLAIN: dict[object, Callable[[object], object]] = {float: _number, int: _integer, bool: _boolean}


class Strict(BaseModel):
    """A table that refuses unknown keys, naming the nearest known one."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_unknown_keys(cls, raw: Any, handler: Callable[[Any], Any]) -> Any:
        if not isinstance(raw, Mapping):
            return handler(raw)
        known = cls.model_fields
        found = [_line((key,), unknown_key(key, known)) for key in raw if key not in known]
        try:
            model = handler({key: raw[key] for key in raw if key in cls.model_fields})
        except ValidationError as error:
            found += [_line(item["loc"], item["msg"], item["type"]) for item in error.errors()]
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return model


def unknown_key(key: object, known: Iterable[str]) -> str:
    """Return the sentence that refuses a key and offers the known ones.

    Args:
        key: As written.
        known: Keys that there are.
    """
    return f"unknown key.{suggest(key, known)}"


def _line(loc: tuple[int | str, ...], message: str, kind: str = _UNKNOWN) -> InitErrorDetails:
    custom = PydanticCustomError(kind, "{said}", {"said": message})
    return InitErrorDetails(type=custom, loc=loc, input=None)


def problems(error: ValidationError, raw: object, prefix: str = "") -> Iterator[str]:
    """Yield one sentence per problem: the dotted key, what was given, what is allowed.

    Args:
        error: What pydantic found.
        raw: What was validated, to show a value as it was written.
        prefix: Dotted key of ``raw`` in its file; "" for a whole file.
    """
    for item in error.errors():
        # Items of a list are counted from 1, as people do.
        parts = [str(part + 1) if isinstance(part, int) else named(part) for part in item["loc"]]
        key = ".".join([*filter(None, [prefix]), *parts])
        given = raw
        for part in item["loc"]:
            given = _inside(given, part)
        inside = (each["loc"][:-1] for each in error.errors())
        if item["type"] == "too_short" and item["loc"] in inside:
            continue  # items that are wrong, which is said, are not missing too
        value = "" if item["type"] == _UNKNOWN else shown(given)
        shown_ = f" = {value}" if value else ""
        message = _SENTENCES.get(item["type"]) or plain(item["msg"])
        message = message.rstrip(".")
        yield f"{key}{shown_}: {message}." if key else f"{message}."


def plain(message: str) -> str:
    """Return a message of pydantic in the words of this package."""
    for theirs, ours in _WORDS:
        message = message.replace(theirs, ours)
    return message


def named(key: str) -> str:
    """Return a key as a message shows it: in quotes if it is no plain word, cut if it is long."""
    plain = re.fullmatch(r"[\w.-]+", key) is not None
    text = key if plain else repr(key)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def shown(value: object) -> str:
    """Return a value as a message shows it, cut if it is long; "" for a table or a list."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return ""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}...{text[-1]}"


_SENTENCES = {
    "missing": "missing",
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type", "mapping_type", "dataclass_type"),
        "must be a table",
    ),
    **dict.fromkeys(("tuple_type", "list_type"), "must be a list"),
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "int_parsing_size": "must be an integer of at most 64 bits",
}
_WORDS = (
    ("Value error, ", ""),
    ("Input should be", "must be"),
    ("a valid integer, unable to parse string as an integer", "an integer"),
    ("a valid number, unable to parse string as a number", "a number"),
    ("a valid integer, got a number with a fractional part", "an integer"),
    ("Tuple should have", "must have"),
    (" after validation", ""),
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
        InputError: The file cannot be opened, is not TOML, or holds what no case or card can mean.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        name = str(path) if len(str(path)) <= _LONGEST_PATH else f"{str(path)[:_LONGEST_PATH]}..."
        raise InputError(f"{name}: cannot be read ({error.strerror}).") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{str(path)!r}: is not the name of a file.") from error
    if len(content) > _LARGEST_FILE:
        raise InputError(f"{path}: has more than {_LARGEST_FILE // 10**6} MB; this is no case.")
    try:
        return parse_toml(content.decode("utf-8-sig"))  # editors on Windows put a mark before it
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not a text file in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: is not valid TOML: {error}.") from error
    except ValueError as error:
        raise InputError(f"{path}: cannot be used: {error}.") from error


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        ValueError: It is not TOML, or holds what no case or card can mean.
    """
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"lists or tables are nested more than {_DEEPEST} deep") from None
    except ValueError as error:
        if isinstance(error, tomllib.TOMLDecodeError):
            raise
        raise ValueError("a number has too many digits") from error
    waiting: list[tuple[object, int]] = [(tables, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError(f"lists or tables are nested more than {_DEEPEST} deep")
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for each in value.values()]
            for key in value:
                _refuse_control(key, allowed="")
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError("an integer has more than 64 bits")
        elif isinstance(value, str):
            _refuse_control(value, allowed="\n\t")
    return tables


def _refuse_control(text: str, *, allowed: str) -> None:
    if any((letter < " " or letter == "\x7f") and letter not in allowed for letter in text):
        raise ValueError(f"the text {json.dumps(text)[:_LONGEST]} has a control character")


def report(where: object, sentences: Iterable[str]) -> InputError:
    """Return one error that lists all problems of a file, one per line, none of them twice.

    Args:
        where: File, or whatever the problems are in; stands before each.
        sentences: The problems.
    """
    lines = list(dict.fromkeys(f"{where}: {sentence}" for sentence in sentences))
    if len(lines) > _MOST:
        lines[_MOST:] = [f"{where}: and {len(lines) - _MOST} more of this kind."]
    return InputError("\n".join(lines))
