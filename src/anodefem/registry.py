"""Finding plugins: names close to a wrong one, folders that hold plugins, installed packages.

Geometry plugins and cards are found in three places, in this order: folders named on the command
line (`use_folders`), installed packages (entry points), and what the package ships. The first that
has a name wins, so that a user can replace a shipped card by one of the same name.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import ModuleType

from anodefem.errors import InputError

_folders: list[Path] = []


def suggest(name: object, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'? Known: a, b, x." for the end of an error message."""
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=5, cutoff=0.5)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    if len(names) > 20 and close:
        return f"{hint} Close to it: {', '.join(close)}; {len(names)} are known."
    return f"{hint} Known: {', '.join(names) or 'none'}."


def use_folders(folders: Iterable[Path]) -> None:
    """Search these folders first, for the rest of the process.

    Raises:
        InputError: One of them is not a folder.
    """
    chosen = [folder.resolve() for folder in folders]
    for folder in chosen:
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder; name one that holds plugins or cards.")
    _folders[:] = chosen


def user_folders() -> tuple[Path, ...]:
    """Return the folders named by the user, in the order given."""
    return tuple(_folders)


def installed(group: str) -> dict[str, ModuleType]:
    """Return the modules that installed packages offer under an entry-point group, by name.

    Raises:
        InputError: A package offers something that cannot be imported or is not a module.
    """
    found: dict[str, ModuleType] = {}
    for point in sorted(metadata.entry_points(group=group), key=lambda point: point.name):
        try:
            loaded = point.load()
        except Exception as error:  # a broken package may raise anything while it is imported
            raise InputError(f"entry point '{point.value}' of {group}: {error}") from error
        if not isinstance(loaded, ModuleType):
            raise InputError(f"entry point '{point.value}' of {group} is not a module.")
        found[point.name] = loaded
    return found


def module_folder(module: ModuleType) -> Path:
    """Return the folder that holds a package's files."""
    package = getattr(module, "__path__", None)
    return Path(next(iter(package))) if package else Path(str(module.__file__)).parent
