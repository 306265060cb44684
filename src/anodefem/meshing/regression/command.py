"""The command ``anodefem mesh-check``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from anodefem.errors import InputError
from anodefem.meshing.regression import compare, pins
from anodefem.meshing.regression.compare import Outcome

Draw = Callable[[Path | None, Path, Path], None]


def mesh_check(
    names: Iterable[str],
    *,
    accept: bool = False,
    json_file: Path | None = None,
    keep: Path | None = None,
    draw: Draw | None = None,
    say: Callable[[str], object] = print,
) -> bool:
    """Mesh every pinned point, report what changed, and return whether nothing is left to accept.

    Args:
        names: Geometries; all that are known if empty.
        accept: Write what the meshes are as their pins.
        json_file: File for all outcomes.
        keep: Folder that keeps meshes and gets the pictures.
        draw: Writes a picture of the meshes in two folders, before and after, to a path.
        say: Gets every line of the report.

    Raises:
        InputError: A geometry or file that cannot be read or written.
    """
    found = compare.find(names)
    if json_file is not None:
        _write(json_file, "")  # a folder that does not exist is reported now, not in a minute
    outcomes: list[Outcome] = []
    good = True
    for each in found:
        mine = []
        for point in each.points:
            outcome = compare.check(each.geometry, point, keep=keep)
            mine.append(outcome)
            for line in _lines(outcome):
                say(line)
            picture = _picture(outcome, keep, draw)
            if picture is not None:
                say(f"    picture: {picture}")
        outcomes += mine
        good &= all(
            outcome.now is not None and (accept or outcome.verdict.good) for outcome in mine
        )
        if accept:
            new, lines = compare.accepted(each, mine)
            if lines:
                pins.save(new)
                for line in [*lines, f"written: {each.path}"]:
                    say(line)
    counts = Counter(outcome.verdict for outcome in outcomes)
    say(", ".join(f"{counts[verdict]} {verdict.name.lower()}" for verdict in sorted(counts)))
    if json_file is not None:
        content = [outcome.content() for outcome in outcomes]
        _write(json_file, json.dumps(content, indent=2) + "\n")
    return good


def _lines(outcome: Outcome) -> list[str]:
    where = f"{outcome.geometry} {outcome.point.label}"
    lines = [f"{outcome.verdict.name.lower():10}  {where}"]
    if not outcome.verdict.good:
        lines.append(f"    {outcome.why}")
    return lines + [f"    {change.what}: {change.detail}" for change in outcome.changes]


def _picture(outcome: Outcome, keep: Path | None, draw: Draw | None) -> Path | None:
    """Draw a mesh that changed; the name tells the two meshes apart from all others."""
    if draw is None or keep is None or outcome.after is None or outcome.verdict.good:
        return None
    path = keep / f"{outcome.geometry} {outcome.point.label}.png".replace(" ", "-")
    draw(outcome.before, outcome.after, path)
    return path


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); name another file."
        ) from error
