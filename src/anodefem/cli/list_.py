"""``anodefem list`` lists what is known."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from anodefem.cli import names
from anodefem.cli.common import console


class Topic(enum.StrEnum):
    """What can be listed."""

    GEOMETRIES = "geometries"
    MATERIALS = "materials"
    SEI = "sei"
    CATHODES = "cathodes"
    LAWS = "laws"
    PROTOCOLS = "protocols"
    METRICS = "metrics"
    KEYS = "keys"


def list_(
    topic: Annotated[
        Topic | None, typer.Argument(help="What to list; everything if left out.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            help="One geometry, card, law or metric, or a section of the case file.",
            autocompletion=names.listed,
        ),
    ] = None,
) -> None:
    """List what is known: geometries, cards, laws, protocol steps, metrics, keys of a case.

    [b]anodefem list materials silicon-amorphous[/b] shows a card with the source of every number.
    """
    from anodefem.cli import tables

    out = console()
    if name is not None and topic is not None:
        out.print(tables.one(topic.value, name))
        return
    for each in [topic] if topic else list(Topic):
        out.print(tables.all_of(each.value))
