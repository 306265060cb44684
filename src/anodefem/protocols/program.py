"""Protocols as a case file has them: sentences, and tables that repeat sentences.

    steps = [
      {formation = 1, steps = ["lithiate at C/20 until 5 mV", "delithiate at C/20 until 1 V"]},
      {repeat = 50, steps = ["lithiate at C/3 until 5 mV", "hold at 5 mV until C/50", ...]},
    ]

Every step belongs to a cycle, counted from 1. A cycle is one lithiation and one delithiation, in
the order in which it begins: the next one begins with the first step that goes the first way again
after the other has been gone, and holds and rests belong to what is before them. A round of a table
in which both happen begins a cycle too. Formation cycles are counted like the others; retention of
capacity is measured from the first one after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anodefem.protocols.sentences import parse
from anodefem.protocols.step import Loading, Step
from anodefem.registry import suggest
from anodefem.validation import named, shown

MOST_STEPS = 100_000  # of a protocol, all repeats carried out
_MOST_ROUNDS = 10_000
_COUNTS = ("repeat", "formation")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Entries that are done several times.

    Attributes:
        count: How often.
        entries: What is done in each round.
        formation: It is the formation.
    """

    count: int
    entries: tuple[Entry, ...]
    formation: bool = False


Entry = Step | Repeat


def read(
    raw: Sequence[object], key: str, loading: Loading | None
) -> tuple[tuple[Entry, ...], list[str]]:
    """Return the entries of a list, and a sentence for everything that is wrong with it.

    Args:
        raw: Sentences and tables.
        key: Dotted key of the list.
        loading: Of the electrode, or None.
    """
    wrong: list[str] = []
    found = tuple(_entries(raw, key, "", loading, wrong))
    if not wrong and (count := _steps(found)) > MOST_STEPS:
        wrong.append(f"{key}: {count} steps are more than {MOST_STEPS}; repeat less often.")
    return found, wrong


def _entries(
    raw: Sequence[object], key: str, place: str, loading: Loading | None, wrong: list[str]
) -> Iterator[Entry]:
    """Yield what can be read.

    Args:
        raw: Sentences and tables.
        key: Dotted key of the list.
        place: Of the list among the steps; "" for the whole protocol.
        loading: Of the electrode, or None.
        wrong: Takes a sentence for everything that is wrong.
    """
    for number, value in enumerate(raw, start=1):
        here, name = f"{place}{number}", f"{key}.{number}"
        if isinstance(value, Mapping):
            if found := _repeat(value, name, here, loading, wrong):
                yield found
            continue
        try:
            yield replace(parse(value, loading), place=here)
        except ValueError as error:
            text = shown(value)
            wrong.append(f"{name}{text and f' = {text}'}: {error}.")


def _repeat(
    raw: Mapping[str, Any], key: str, place: str, loading: Loading | None, wrong: list[str]
) -> Repeat | None:
    """Return what a table means, or None.

    Args:
        raw: The table.
        key: Its dotted key.
        place: Its place among the steps.
        loading: Of the electrode, or None.
        wrong: Takes a sentence for everything that is wrong.
    """
    before = len(wrong)
    known = (*_COUNTS, "steps")
    # what is misspelled is not missing, too
    unknown = [name for name in raw if name not in known]
    wrong += [f"{key}.{named(name)}: unknown key.{suggest(name, known)}" for name in unknown]
    counts = [name for name in _COUNTS if name in raw]
    if counts == [] and unknown:
        return None
    if len(counts) != 1:
        wrong.append(
            f"{key}: a table of steps has 'repeat' or 'formation', the number of its rounds, such "
            'as {repeat = 10, steps = ["...", "..."]}.'
        )
        return None
    count, steps = raw[counts[0]], raw.get("steps")
    if type(count) is not int or not 0 < count <= _MOST_ROUNDS:
        text = shown(count)
        wrong.append(
            f"{key}.{counts[0]}{text and f' = {text}'}: must be a whole number from 1 to "
            f"{_MOST_ROUNDS}."
        )
    steps = [steps] if isinstance(steps, str) else steps
    if not isinstance(steps, list | tuple) or not steps:
        if "steps" in raw or not unknown:
            wrong.append(f"{key}.steps: must be a list of steps.")
        return None
    entries = tuple(_entries(steps, f"{key}.steps", f"{place}.", loading, wrong))
    if len(wrong) > before:
        return None
    return Repeat(count, entries, formation=counts[0] == "formation")


def _steps(entries: Sequence[Entry]) -> int:
    """Return how many steps there are, all repeats carried out."""
    return sum(
        each.count * _steps(each.entries) if isinstance(each, Repeat) else 1 for each in entries
    )


def written(entries: Sequence[Entry]) -> list[Any]:
    """Return the list of a case file that gives these entries."""
    return [
        {
            "formation" if each.formation else "repeat": each.count,
            "steps": written(each.entries),
        }
        if isinstance(each, Repeat)
        else each.text
        for each in entries
    ]


def expand(entries: Sequence[Entry]) -> tuple[Step, ...]:
    """Return all steps in order, repeats carried out, each with the number of its cycle."""
    steps: list[Step] = []
    cycle, first, turned = 1, 0.0, False
    for step, opens in _walk(entries, formation=False):
        turn = step.direction
        if (opens and first) or (turn and turned and turn == first):
            cycle, first, turned = cycle + 1, 0.0, False
        first = first or turn
        turned = turned or turn == -first != 0.0
        steps.append(replace(step, cycle=cycle))
    return tuple(steps)


def _walk(entries: Sequence[Entry], *, formation: bool) -> Iterator[tuple[Step, bool]]:
    """Yield every step, and whether a round of both directions begins with it.

    Args:
        entries: Of the protocol or of a table.
        formation: They are of the formation.
    """
    for entry in entries:
        if not isinstance(entry, Repeat):
            yield replace(entry, formation=formation), False
            continue
        whole = {1.0, -1.0} <= {each.direction for each in entry.entries if isinstance(each, Step)}
        for _ in range(entry.count):
            inside = _walk(entry.entries, formation=formation or entry.formation)
            for number, (step, opens) in enumerate(inside):
                yield step, opens or (whole and number == 0)
