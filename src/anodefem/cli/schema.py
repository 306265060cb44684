"""``anodefem schema`` writes the JSON schema of a case file, for editors."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from anodefem.errors import InputError


def schema(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it there, not to the screen."),
    ] = None,
) -> None:
    """Write the JSON schema of a case file, with which editors complete and check while you type.

    In VS Code with the extension "Even Better TOML", or with taplo, put
    [b]#:schema ./anodefem.schema.json[/b] on the first line of a case.
    """
    text = json.dumps(case_schema(), indent=1) + "\n"
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        if output.exists() and "$schema" not in output.read_text("utf-8", "replace")[:500]:
            raise InputError(f"{output} is there already and is no schema; name another file.")
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output}: cannot be written ({error.strerror}).") from error


def case_schema() -> dict[str, Any]:
    """Return the schema, with the geometries and cards that are known now."""
    from anodefem import cards, geometry
    from anodefem.cases import keys

    plugins = {}
    for name in geometry.plugins():
        found = geometry.find(name)
        hints = get_type_hints(found.parameters, include_extras=True)
        meanings = {row["name"]: row["meaning"] for row in found.describe()}
        plugins[name] = {
            each.name: keys.parameter_schema(hints[each.name], meanings[each.name])
            for each in fields(found.parameters)
        }
    return keys.schema(
        plugins, {kind: list(cards.paths(kind)) for kind in ("materials", "sei", "cathodes")}
    )
