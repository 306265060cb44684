"""Laws that a card can name: shipped ones, those of installed packages, and the user's own."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from anodefem import registry
from anodefem.errors import InputError

#: Entry points of installed packages, each a module with LAW = Law(...).
GROUP = "anodefem.laws"

Kind = Literal["elastic", "plastic", "growth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A law that a card can name, with its numbers.

    Attributes:
        name: As a card names it.
        kind: Table of the card: "elastic" or "growth" (of an SEI recipe), named by its key
            ``law``, or "plastic", named by ``flow``.
        record: Its numbers in SI: a frozen dataclass with marked fields (`anodefem.cards.records`).
        formula: What it says, on one line.
        build: From the numbers and the temperature [K] to the law in um, MPa and s: a function, or
            "module:function", which is imported when a run needs it.
    """

    name: str
    kind: Kind
    record: type
    formula: str
    build: Callable[[Any, float], Any] | str

    def built(self, numbers: Any, temperature: float) -> Any:
        """Return the law of UFL.

        Args:
            numbers: Instance of the record.
            temperature: T [K].
        """
        if isinstance(self.build, str):
            module, _, name = self.build.partition(":")
            build: Callable[[Any, float], Any] = getattr(importlib.import_module(module), name)
            return build(numbers, temperature)
        return self.build(numbers, temperature)


_SHIPPED: dict[tuple[Kind, str], Law] = {}


def ship(law: Law) -> None:
    """Add a law of this package."""
    _SHIPPED[law.kind, law.name] = law


def laws(kind: Kind) -> dict[str, Law]:
    """Return the laws of one kind by name; folders named by the user win, then packages.

    Raises:
        InputError: A plug-in cannot be loaded or defines no law.
    """
    found = {law.name: law for law in _SHIPPED.values() if law.kind == kind}
    own = [*registry.installed(GROUP).values()]
    own += [
        _module(path)
        for folder in reversed(registry.user_folders())
        for path in sorted((folder / "laws").glob("[!_]*.py"))
    ]
    for module in own:
        law = getattr(module, "LAW", None)
        if not isinstance(law, Law):
            raise InputError(f"law {module.__file__} must define LAW = Law(...)")
        if law.kind == kind:
            found[law.name] = law
    return found


def records(kind: Kind) -> Mapping[str, type]:
    """Return the record of every law of one kind, by name."""
    return {name: law.record for name, law in laws(kind).items()}


def law_of(kind: Kind, numbers: Any) -> Law:
    """Return the law that numbers belong to.

    Args:
        kind: "elastic", "plastic" or "growth".
        numbers: Instance of the law's record.
    """
    return next(law for law in laws(kind).values() if law.record is type(numbers))


def _module(path: Path) -> ModuleType:
    # The path is part of the name: two folders may hold laws of the same name.
    name = f"anodefem_law_{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise InputError(f"law {path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException as error:  # foreign code may fail in any way
            del sys.modules[name]
            if not isinstance(error, Exception):
                raise
            raise InputError(
                f"law {path} cannot be loaded: {type(error).__name__}: {error}"
            ) from error
    return sys.modules[name]
