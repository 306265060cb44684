"""The keys of a case file with their meaning: for lists, documentation and editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import WithJsonSchema
from pydantic.fields import FieldInfo

from anodefem import units
from anodefem.cases.cathode import CathodeTable
from anodefem.cases.electrochemistry import ElectrochemistryTable
from anodefem.cases.fracture import FlawTable, FractureTable, RandomFlawsTable
from anodefem.cases.geometry import GeometryTable
from anodefem.cases.interfaces import InterfaceTable
from anodefem.cases.materials import MaterialTable
from anodefem.cases.output import Output
from anodefem.cases.protocol import ProtocolTable
from anodefem.cases.sei import SeiTable
from anodefem.cases.solver import Solver
from anodefem.errors import InputError
from anodefem.registry import suggest
from anodefem.validation import Strict

#: Record of every section, by its name in a case file; the geometry adds its own parameters.
TABLES: Mapping[str, type[Strict]] = {
    "geometry": GeometryTable,
    "materials.REGION": MaterialTable,
    "sei": SeiTable,
    "fracture": FractureTable,
    "fracture.flaws": FlawTable,
    "fracture.random_flaws": RandomFlawsTable,
    "interfaces.NAME": InterfaceTable,
    "cathode": CathodeTable,
    "electrochemistry": ElectrochemistryTable,
    "protocol": ProtocolTable,
    "solver": Solver,
    "output": Output,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a section.

    Attributes:
        name: As written.
        value: What it may be, in words.
        default: As written, or "required", or "" if there is none.
        meaning: What it is for; names in backquotes.
    """

    name: str
    value: str
    default: str
    meaning: str


def section(name: str) -> type[Strict]:
    """Return the record of a section; "materials" stands for "materials.REGION", and so on.

    Raises:
        InputError: There is no such section.
    """
    for known, model in TABLES.items():
        if name in (known, known.partition(".")[0]) or known.startswith(f"{name}."):
            return model
    raise InputError(f"a case file has no section '{name}'.{suggest(name, TABLES)}")


def keys(model: type[Strict]) -> Iterator[Key]:
    """Yield the keys of a section."""
    for name, field in model.model_fields.items():
        yield Key(
            name=name,
            value=allowed(_annotation(field)),
            default="required" if field.is_required() else default(field),
            meaning=field.description or "",
        )


def _annotation(field: FieldInfo) -> Any:
    """Return the annotation with the marks that pydantic has taken from it."""
    inner: Any = field.annotation
    for mark in field.metadata:
        inner = Annotated[inner, mark]
    return inner


def default(field: FieldInfo) -> str:
    """Return the default of a key as it would be written; "" for none."""
    value, unit = field.default, units.unit_of(_annotation(field))
    if value is None or value == {} or value == ():
        return ""
    return json.dumps(f"{value:g} {unit}" if unit else value)


def allowed(annotation: Any) -> str:
    """Return in words what a value may be."""
    found = _schema(annotation)
    if "enum" in found:
        return " or ".join(json.dumps(each).strip('"') for each in found["enum"])
    words = {
        "number": "number",
        "integer": "integer",
        "boolean": "true or false",
        "object": "table",
        "array": "list",
    }
    unit = units.unit_of(annotation)
    if unit:
        kind = f"quantity such as '1 {unit}'"
    elif "anyOf" in found:
        kind = "list of texts, or one text"
    elif found.get("type") == "array" and found["items"].get("type") == "object":
        kind = "list of tables"
    else:
        kind = words.get(found.get("type", ""), "text")
    if kind.startswith("quantity") and found.get("type") in ("array", "object"):
        kind = f"{words[found['type']]} of quantities such as '1 {unit}'"
    signs = {
        "exclusiveMinimum": ">",
        "minimum": ">=",
        "exclusiveMaximum": "<",
        "maximum": "<=",
    }
    bounds = [f"{sign} {found[word]:g}" for word, sign in signs.items() if word in found]
    return " ".join([kind, *bounds])


def schema(plugins: Mapping[str, Any], cards: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the JSON schema of a case file, with which editors complete and check.

    Args:
        plugins: Name of a geometry -> JSON schema of its parameters, by name.
        cards: "materials", "sei" and "cathodes" -> names of the cards that can be named.
    """
    parameters: dict[str, Any] = {}
    for properties in plugins.values():
        for name, each in properties.items():
            parameters.setdefault(name, []).append(each)
    merged = {
        name: each[0] if all(other == each[0] for other in each) else {"anyOf": each}
        for name, each in parameters.items()
    }
    geometry = _table(GeometryTable)
    geometry["properties"] = merged | geometry["properties"]
    geometry["properties"]["plugin"]["examples"] = sorted(plugins)
    material = {"anyOf": [_names(cards["materials"]), _open(MaterialTable)]}
    sei = _open(SeiTable)
    sei["properties"]["recipe"]["examples"] = [*cards["sei"], "none"]
    cathode = _open(CathodeTable)
    cathode["properties"]["card"]["examples"] = cards["cathodes"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Case file of anodefem",
        "type": "object",
        "additionalProperties": False,
        "required": ["title", "geometry", "materials", "protocol"],
        "properties": {
            "title": {"type": "string", "description": "one line for tables and pictures"},
            "geometry": geometry,
            "materials": {"type": "object", "additionalProperties": material},
            "sei": sei,
            "fracture": _table(FractureTable),
            "interfaces": {"type": "object", "additionalProperties": _table(InterfaceTable)},
            "cathode": cathode,
            "electrochemistry": _table(ElectrochemistryTable),
            "protocol": _table(ProtocolTable),
            "solver": _table(Solver),
            "output": _table(Output),
        },
    }


def parameter_schema(annotation: Any, meaning: str) -> dict[str, Any]:
    """Return the JSON schema of a geometry's parameter.

    Args:
        annotation: Of the field, with its marks.
        meaning: Shown by editors.
    """
    return _schema(annotation) | {"description": meaning}


def _names(names: list[str]) -> dict[str, Any]:
    return {"type": "string", "examples": names}


def _open(model: type[Strict]) -> dict[str, Any]:
    """Return the schema of a section that takes numbers of a card beside its own keys."""
    return _table(model) | {"additionalProperties": True}


def _table(model: type[Strict]) -> dict[str, Any]:
    properties = {}
    for name, field in model.model_fields.items():
        properties[name] = _schema(_annotation(field))
        if field.description:
            properties[name]["description"] = field.description
        if not field.is_required() and default(field):
            properties[name]["default"] = json.loads(default(field))
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, field in model.model_fields.items() if field.is_required()],
        "properties": properties,
    }


def _schema(annotation: Any) -> dict[str, Any]:
    """Return the JSON schema of a value as it is written in TOML."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if own := [m for m in annotation.__metadata__ if isinstance(m, WithJsonSchema)]:
            return dict(own[0].json_schema or {})
        if any(isinstance(mark, units.quantity) for mark in annotation.__metadata__):
            unit = units.unit_of(annotation)
            if unit:
                return {"type": "string", "examples": [f"1 {unit}"]}
            return {"type": ["number", "string"]}
        return _schema(inner[0]) | _bounds(annotation.__metadata__)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple:
        items = _schema(inner[0])
        array = {"type": "array", "items": items}
        return {"anyOf": [items, array]} if items.get("type") == "string" else array
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema(inner[1])}
    if origin is not None:
        found = [_schema(each) for each in inner if each is not type(None)]
        return found[0] if len(found) == 1 else {"anyOf": found}
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return _table(annotation)
    kinds = {float: "number", int: "integer", bool: "boolean"}
    return {"type": kinds.get(annotation, "string")}


def _bounds(marks: tuple[Any, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    names = {
        "gt": "exclusiveMinimum",
        "ge": "minimum",
        "lt": "exclusiveMaximum",
        "le": "maximum",
    }
    for mark in marks:
        for each in (mark, *getattr(mark, "metadata", ())):
            for name, word in names.items():
                if (bound := getattr(each, name, None)) is not None:
                    found[word] = float(bound)
    return found
