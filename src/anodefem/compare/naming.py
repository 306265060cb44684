"""One name for each of several runs, also where they have the same title."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anodefem.compare.load import Run

#: Parts of a case that do not tell two runs apart for readers.
_SILENT = ("title", "output", "cards")
#: Keys that name a card: what else differs in their table came with it, unless nothing else does.
_CARDS = ("recipe", "card")
#: More values, or longer ones, are no name.
_MOST_VALUES, _LONGEST = 3, 60


def names(runs: Sequence[Run]) -> list[str]:
    """Return a name for every run, no two alike: its title, and what tells it from its namesakes.

    That is what their cases say differently, as in "Bare silicon: particle_radius = 2.0 um", if it
    is short; else the folder, as in "Bare silicon (out/again)".

    Args:
        runs: Runs in folders of their own.
    """
    found = [" ".join(run.title.split()) for run in runs]
    titles = tuple(found)
    for tell in (_values, _folders, _paths):
        alike = defaultdict(list)
        for place, name in enumerate(found):
            alike[name].append(place)
        for places in (each for each in alike.values() if len(each) > 1):
            told = tell([runs[place] for place in places])
            for place, text in zip(places, told, strict=False):  # nothing is told, or all are
                found[place] = f"{titles[place]}{text}"
    return found


def _values(runs: Sequence[Run]) -> list[str]:
    """What the cases of runs say differently; empty if that does not tell them apart."""
    cases = [dict(_flat(run.info.get("case") or {})) for run in runs]
    keys = list(dict.fromkeys(key for case in cases for key in case))
    differing = [key for key in keys if len({case.get(key) for case in cases}) > 1]
    tables = {key.rpartition(".")[0] for key in differing if key.split(".")[-1] in _CARDS}
    chosen = [
        key
        for key in differing
        if key.split(".")[-1] in _CARDS or key.rpartition(".")[0] not in tables
    ]
    for some in (chosen, differing):
        heads = [".".join(end) for end in _ends([key.split(".") for key in some])]
        said = [
            [f"{head} = {case[key]}" for head, key in zip(heads, some, strict=True) if key in case]
            for case in cases
        ]
        told = [": " + ", ".join(each) if each else "" for each in said]
        short = len(some) <= _MOST_VALUES and all(len(text) <= _LONGEST for text in told)
        if short and len(set(told)) == len(told):
            return told
    return []


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value that a case gives, with its dotted key."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if key in _SILENT:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        elif value is not None:
            yield key, "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _folders(runs: Sequence[Run]) -> list[str]:
    """Return the shortest ends of the folders of runs that differ, in brackets."""
    return [f" ({'/'.join(end)})" for end in _ends([run.folder.resolve().parts for run in runs])]


def _ends(paths: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the shortest ends of different paths, equally many parts of each, that differ."""
    count = 1
    while len(ends := {tuple(path[-count:]): None for path in paths}) < len(paths):
        count += 1
    return list(ends)


def _paths(runs: Sequence[Run]) -> list[str]:
    """Return the whole folders of runs, in brackets."""
    return [f" ({run.folder.resolve()})" for run in runs]
