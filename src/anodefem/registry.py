"""Finding plugins: names close to a wrong one, folders that hold plugins, installed packages.

Geometry plugins and cards are found in three places, in this order: folders named on the command
line (`use_folders`), installed packages (entry points), and what the package ships. The first that
has a name wins, so that a user can replace a shipped card by one of the same name.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

from anodefem.errors import InputError

_folders: list[Path] = []

_LONGEST = 60  # letters of a wrong name that are compared


# Word of a name -> words that it may stand for, and how the one follows from the other.
_MEANINGS: dict[str, tuple[tuple[str, ...], str]] = {
    "diameter": (("radius",), "half of a diameter"),
    "dia": (("radius",), "half of a diameter"),
    "size": (("radius", "thickness", "edge"), ""),
    "modulus": (("young",), ""),
    "e": (("young",), ""),
    "nu": (("poisson",), ""),
    "width": (("thickness",), ""),
    "shell": (("cage", "coat", "shells", "layers"), ""),
    "core": (("shells",), ""),
    "yolk": (("shells",), ""),
    "coated": (("binder",), ""),
    "sphere": (("particle",), ""),
    "coating": (("coat",), ""),
    "binder": (("coat",), ""),
    "electrolyte": (("recipe",), ""),
    "temp": (("temperature",), ""),
    "soc": (("initial_soc",), ""),
    "rate": (("steps",), "the C-rate stands in each step"),
    "material": (("materials",), ""),
    "si": (("silicon",), ""),
    "sn": (("tin",), ""),
}


def suggest(name: object, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'? Known: a, b, x." for the end of an error message.

    A name is close if what it does not share with another, word by word, is close to what that one
    has instead in letters or in meaning: 'particle_gap' is not close to 'particle_diameter'.

    Args:
        name: What was given.
        known: What there is.
    """
    given, names = str(name)[:_LONGEST], sorted(known)
    nearness = {each: _nearness(given, each) for each in names}
    close = sorted((each for each in names if nearness[each] > 0.5), key=lambda n: -nearness[n])[:5]
    hint = f" Did you mean '{close[0]}'{_because(given, close[0])}?" if close else ""
    if len(names) > 20 and close:
        return f"{hint} Close to it: {', '.join(close)}; {len(names)} are known."
    if len(names) > 60:
        return f"{hint} {len(names)} are known."
    return f"{hint} Known: {', '.join(names) or 'none'}."


def _nearness(given: str, known: str) -> float:
    """Return 1 for the same name, 0 for one that has nothing in common with it."""
    a, b = _words(given), _words(known)
    if len(set(a)) < len(a) or not set(a) & set(b):
        near = difflib.SequenceMatcher(None, given.lower(), known.lower()).ratio()
        return max(near, min(0.75 + 0.05 * meant, 0.9) if (meant := _meant(a, b)) else 0.0)
    rest, others = [w for w in a if w not in b], [w for w in b if w not in a]
    if not rest:
        return 0.7 + 0.3 / (1 + len(others))
    if _meant(rest, others):
        return 0.95
    near = difflib.SequenceMatcher(None, "".join(rest), "".join(others)).ratio()
    return near if near > 0.6 else 0.0


def _meant(given: list[str], known: list[str]) -> int:
    """Return how many of the words of a name may stand for one of a known name."""
    return sum(bool(set(_MEANINGS[word][0]) & set(known)) for word in given if word in _MEANINGS)


def _because(given: str, known: str) -> str:
    """Return how one follows from the other, in brackets, where more than the name differs."""
    for word in _words(given):
        stands_for, why = _MEANINGS.get(word, ((), ""))
        if why and set(stands_for) & set(_words(known)):
            return f" ({why})"
    return ""


def _words(name: str) -> list[str]:
    return re.split(r"[-_. ]+", name.lower())


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
    for point in _entry_points(group, tuple(sys.path)):
        try:
            loaded = point.load()
        except Exception as error:  # a broken package may raise anything while it is imported
            raise InputError(f"entry point '{point.value}' of {group}: {error}") from error
        if not isinstance(loaded, ModuleType):
            raise InputError(f"entry point '{point.value}' of {group} is not a module.")
        found[point.name] = loaded
    return found


def names(group: str) -> tuple[str, ...]:
    """Return the names that installed packages offer under an entry-point group; loads nothing."""
    return tuple(sorted({point.name for point in _entry_points(group, tuple(sys.path))}))


def one_of(value: str, shipped: Iterable[str], group: str) -> str:
    """Return a name that is shipped or offered by an installed package; loads nothing.

    Args:
        value: What was given.
        shipped: Names of the package's own.
        group: Entry-point group of others.

    Raises:
        ValueError: It is none of them.
    """
    *most, last = known = [f"'{name}'" for name in (*shipped, *names(group))]
    if f"'{value}'" not in known:
        raise ValueError(f"must be {', '.join(most)} or {last}" if most else f"must be {last}")
    return value


@lru_cache
def _entry_points(group: str, path: tuple[str, ...]) -> list[metadata.EntryPoint]:
    """Return what is installed on a path; reading it anew takes longer than all else of a case.

    Args:
        group: Of entry points.
        path: Of imports, by which what was found is kept.
    """
    return sorted(metadata.entry_points(group=group), key=lambda point: point.name)


def module_folder(module: ModuleType) -> Path:
    """Return the folder that holds a package's files."""
    package = getattr(module, "__path__", None)
    return Path(next(iter(package))) if package else Path(str(module.__file__)).parent
