"""Names that a shell completes: what ``--install-completion`` asks the program for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import typer

from anodefem.errors import AnodefemError


def geometries(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the geometries whose names begin with what was typed.

    Args:
        ctx: The command so far.
        incomplete: What was typed.
    """
    return _begin(ctx, _geometries, incomplete)


def hosts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the material cards whose names begin with what was typed.

    Args:
        ctx: The command so far.
        incomplete: What was typed.
    """
    return _begin(ctx, lambda: _cards("materials"), incomplete)


def listed(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return what ``anodefem list TOPIC`` knows and begins with what was typed.

    Args:
        ctx: The command so far, with its topic.
        incomplete: What was typed.
    """
    known = _LISTED.get(str(ctx.params.get("topic")))
    return _begin(ctx, known, incomplete) if known else []


def _begin(ctx: typer.Context, known: Callable[[], Iterable[str]], typed: str) -> list[str]:
    """Return names with a beginning, those in folders of the user's own included.

    Args:
        ctx: The command so far.
        known: Finds them.
        typed: The beginning.
    """
    from anodefem import registry

    try:
        registry.use_folders(ctx.find_root().params.get("plugins") or ())
        return sorted(name for name in known() if name.startswith(typed))
    except (AnodefemError, ModuleNotFoundError):  # the command itself will say what is wrong
        return []


def _geometries() -> Iterable[str]:
    from anodefem import geometry

    return geometry.plugins()


def _cards(kind: str) -> Iterable[str]:
    from anodefem import cards

    return cards.paths(kind)  # type: ignore[arg-type]


def _laws() -> Iterable[str]:
    from anodefem.laws import catalogue

    return [law.name for law in catalogue()]


def _sections() -> Iterable[str]:
    from anodefem.cases.keys import TABLES

    return TABLES


_LISTED: Mapping[str, Callable[[], Iterable[str]]] = {
    "geometries": _geometries,
    "materials": lambda: _cards("materials"),
    "sei": lambda: _cards("sei"),
    "cathodes": lambda: _cards("cathodes"),
    "laws": _laws,
    "keys": _sections,
}
