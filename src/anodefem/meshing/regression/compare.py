"""Meshes against their pins: what changed, by how much, and whether it matters."""

from __future__ import annotations

import enum
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from anodefem import geometry as plugins
from anodefem.errors import InputError
from anodefem.geometry import Geometry
from anodefem.meshing import make_mesh
from anodefem.meshing.manifest import Manifest
from anodefem.meshing.regression import pins
from anodefem.meshing.regression.measure import measured
from anodefem.meshing.regression.pins import Group, Pin, Pins, Point

# What versions of gmsh leave alone, and what they do not (measured from 4.11 to 4.15).
_MEASURES = 5e-4  # relative change of a measure; a radius moved by 1 % moves it by far more
_EXACT = 1e-5  # the sponge's is counted on a grid, which depends on the last bit
_BOX = 2e-3  # of the size of the body
_QUALITY = (0.5, 0.8, 0.9)  # share of the smallest, 1 % quantile and median that must be left
_FEW = 2  # a change of this many cells is in every band


class Verdict(enum.IntEnum):
    """How much a difference matters; a mesh gets the highest of its differences."""

    IDENTICAL = 0
    EQUIVALENT = 1
    NEW = 2
    CHANGED = 3
    BROKEN = 4

    @property
    def good(self) -> bool:
        """Whether nothing needs to be accepted."""
        return self <= Verdict.EQUIVALENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between a mesh and its pin.

    Attributes:
        verdict: What this difference alone would make of the mesh.
        what: The quantity.
        detail: From what to what, and how far it may go.
    """

    verdict: Verdict
    what: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one point.

    Attributes:
        geometry: Name of the geometry.
        point: The point, with the pin it was compared to.
        now: What its mesh is; ``None`` if it could not be made.
        changes: Differences, the worst first.
        before: Folder with the pinned mesh, if it was kept.
        after: Folder with the new mesh, if it was kept.
    """

    geometry: str
    point: Point
    now: Pin | None
    changes: tuple[Change, ...]
    before: Path | None = None
    after: Path | None = None

    @property
    def verdict(self) -> Verdict:
        """The highest verdict of all differences."""
        return max((change.verdict for change in self.changes), default=Verdict.IDENTICAL)

    @property
    def why(self) -> str:
        """Whether the verdict matters, in one sentence."""
        return _WHY[self.verdict]

    def content(self) -> dict[str, Any]:
        """Return all of it as JSON holds it."""
        return {
            "geometry": self.geometry,
            "point": self.point.label,
            "verdict": self.verdict.name.lower(),
            "why": self.why,
            "changes": [
                {"verdict": c.verdict.name.lower(), "what": c.what, "detail": c.detail}
                for c in self.changes
            ],
            "now": None if self.now is None else self.now.model_dump(),
        }


_WHY: Mapping[Verdict, str] = {
    Verdict.IDENTICAL: "the same to the last bit",
    Verdict.EQUIVALENT: "other nodes, same quantities: results move by less than the mesh error",
    Verdict.NEW: "nothing is pinned yet; look at it, then run with --accept",
    Verdict.CHANGED: "results will move; if that is meant, run with --accept and commit the pins",
    Verdict.BROKEN: "cases that name these groups, or the solver, will fail or be wrong",
}


def find(names: Iterable[str]) -> list[Pins]:
    """Return the pins of the named geometries; of all that are known if none is named.

    Raises:
        InputError: An unknown geometry, a bad file of pins, or gmsh is needed and missing.
    """
    found = [pins.load(plugins.find(name)) for name in (list(names) or plugins.plugins())]
    if any(each.geometry.build is not None for each in found) and find_spec("gmsh") is None:
        raise InputError("gmsh is missing; use 'container/run', or install the package gmsh.")
    return found


def check(geometry: Geometry, point: Point, *, keep: Path | None = None) -> Outcome:
    """Mesh one point and compare it with its pin.

    Args:
        geometry: What to mesh.
        point: Where, and what the mesh must be.
        keep: Folder that keeps meshes by their hash, so that the pinned one is at hand when another
            takes its place; nothing is kept without it.
    """
    with tempfile.TemporaryDirectory(prefix="anodefem-") as name:
        folder = Path(name)
        try:
            make_mesh(
                geometry,
                geometry.read(point.parameters),
                kinematics=point.kinematics,
                order=point.order,
                folder=folder,
            )
        except InputError as error:
            change = Change(verdict=Verdict.BROKEN, what="mesh", detail=str(error))
            return Outcome(geometry=geometry.name, point=point, now=None, changes=(change,))
        now = measured(folder)
        changes = sorted(compare(point, now), key=lambda change: -change.verdict)
        before, after = None, None
        if keep is not None:
            place = keep / geometry.name / point.label
            after = place / now.hash[:12]
            if not after.exists():
                shutil.copytree(folder, after)
            # A pin is short: that it is the pinned mesh must be read in the mesh itself.
            pinned = place / (point.pin.hash[:12] if point.pin else "none")
            if point.pin and pinned.exists() and Manifest.load(pinned).hash == point.pin.hash:
                before = pinned
        return Outcome(
            geometry=geometry.name,
            point=point,
            now=now,
            changes=tuple(changes),
            before=before,
            after=after,
        )


def compare(point: Point, now: Pin) -> Iterator[Change]:
    """Yield every difference between a mesh and the pin of its point.

    Args:
        point: The point, with its pin and the bands in which its mesh may differ.
        now: What the mesh is.
    """
    was = point.pin
    if was is None:
        detail = f"{now.points} points, " + ", ".join(
            f"{one.count} {name}" for name, one in (now.cells | now.facets).items()
        )
        yield Change(verdict=Verdict.NEW, what="mesh", detail=detail)
        return
    yield from _input(was, now)
    yield from _shape(was, now)
    for kind in ("cells", "facets", "whole"):
        yield from _groups(kind, getattr(was, kind), getattr(now, kind), point)
    yield from _count("points", was.points, now.points, point.counts)
    if was.hash != now.hash:
        yield _nodes(was, now)


def _input(was: Pin, now: Pin) -> Iterator[Change]:
    for key in sorted({*was.input, *now.input}):
        before, after = (_shown(pin.input.get(key, "absent")) for pin in (was, now))
        if before != after:
            both = key in was.input and key in now.input
            verdict = Verdict.CHANGED if both else Verdict.EQUIVALENT
            yield Change(verdict=verdict, what=f"parameter {key}", detail=f"{before} -> {after}")


def _shape(was: Pin, now: Pin) -> Iterator[Change]:
    for what in ("parts", "euler", "watertight", "orientation"):
        before, after = getattr(was, what), getattr(now, what)
        if before != after:
            yield Change(verdict=Verdict.BROKEN, what=what, detail=f"{before} -> {after}")
    for key in sorted({*was.roles, *now.roles}):
        before, after = was.roles.get(key), now.roles.get(key)
        # Where anchors are moves with the nodes; what they hold is what matters.
        if key == "anchor" and before and after:
            before, after = ([component for _, component in held] for held in (before, after))
        if before != after:
            yield Change(verdict=Verdict.BROKEN, what=f"role {key}", detail=f"{before} -> {after}")
    if len(was.box[0]) != len(now.box[0]):
        yield Change(verdict=Verdict.BROKEN, what="box", detail="another dimension")
        return
    size = max(high - low for low, high in zip(*was.box, strict=True))
    for end, before, after in zip(("low", "high"), was.box, now.box, strict=True):
        shift = max(abs(a - b) for a, b in zip(before, after, strict=True))
        if shift > _BOX * size:
            detail = (
                f"{_shown(before)} -> {_shown(after)} um, by {_percent(shift / size)} of the size"
            )
            yield Change(verdict=Verdict.CHANGED, what=f"{end} corner of the box", detail=detail)


def _groups(
    kind: str, was: Mapping[str, Group], now: Mapping[str, Group], point: Point
) -> Iterator[Change]:
    gone, new = sorted(set(was) - set(now)), sorted(set(now) - set(was))
    for name in gone:
        heirs = [other for other in new if was[name].count == now[other].count]
        detail = f"is gone; perhaps it is called '{heirs[0]}' now" if heirs else "is gone"
        yield Change(verdict=Verdict.BROKEN, what=f"{kind} '{name}'", detail=detail)
    for name in new:
        yield Change(verdict=Verdict.BROKEN, what=f"{kind} '{name}'", detail="is new")
    for name in sorted(set(was) & set(now)):
        yield from _group(f"{kind} '{name}'", was[name], now[name], point)


def _group(where: str, was: Group, now: Group, point: Point) -> Iterator[Change]:
    if was.count is not None and now.count is not None:
        yield from _count(where, was.count, now.count, point.counts)
    for key, band in (("measure", _MEASURES), ("exact", _EXACT)):
        before, after = getattr(was, key), getattr(now, key)
        what = f"{where} {key}"
        if before is None or after is None:
            if before != after:
                detail = f"{_shown(before)} -> {_shown(after)}"
                yield Change(verdict=Verdict.CHANGED, what=what, detail=detail)
        elif abs(after - before) > band * abs(before):
            yield _moved(what, before, after, band)
    if now.measure is not None and now.exact and point.tolerance is not None:
        error = abs(now.measure / now.exact - 1.0)
        if error > point.tolerance:
            detail = f"error against exact {error:.1e}, tolerance {point.tolerance:.1e}"
            yield Change(verdict=Verdict.CHANGED, what=where, detail=detail)
    if was.quality is not None and now.quality is not None:
        named = ("worst", "1 % quantile", "median")
        for name, left, before, after in zip(
            named, _QUALITY, was.quality, now.quality, strict=True
        ):
            if after < left * before:
                detail = f"{before:.3f} -> {after:.3f}, must stay above {left * before:.3f}"
                yield Change(verdict=Verdict.CHANGED, what=f"{where} {name} quality", detail=detail)


def _count(where: str, was: int, now: int, band: float) -> Iterator[Change]:
    if abs(now - was) > max(band * was, _FEW if band else 0):
        yield _moved(f"{where} count", was, now, band)


def _moved(what: str, was: float, now: float, band: float) -> Change:
    by = f"{_percent(now / was - 1.0, '+')}, " if was else ""
    detail = f"{_shown(was)} -> {_shown(now)} ({by}band {_percent(band)})"
    return Change(verdict=Verdict.CHANGED, what=what, detail=detail)


def _nodes(was: Pin, now: Pin) -> Change:
    programs = [
        f"{name} {was.versions.get(name, 'absent')} -> {version}"
        for name, version in now.versions.items()
        if was.versions.get(name) != version
    ]
    reason = ", ".join(programs) or "with the same programs: the plugin or the mesher changed"
    return Change(verdict=Verdict.EQUIVALENT, what="nodes", detail=reason)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_shown, value))})"
    return str(value)


def _percent(share: float, sign: str = "") -> str:
    return f"{100.0 * share:{sign}.3g} %"


def accepted(geometry: Pins, outcomes: Iterable[Outcome]) -> tuple[Pins, list[str]]:
    """Return the pins with everything that was found, and one line about each new pin.

    Points that could not be meshed keep their pins, and so do those that are identical.

    Args:
        geometry: The pins as they are.
        outcomes: What became of each point, in any order.
    """
    found = {outcome.point.label: outcome for outcome in outcomes}
    points, lines = [], []
    for point in geometry.points:
        outcome = found.get(point.label)
        if outcome is None or outcome.now is None or outcome.verdict is Verdict.IDENTICAL:
            points.append(point)
            continue
        changes: dict[str, object] = {"pin": outcome.now}
        largest = _largest_error(outcome.now)
        if point.tolerance is None or largest > point.tolerance:
            tolerance = _rounded_up(max(2.0 * largest, 1e-12))
            changes["tolerance"] = tolerance
            lines.append(f"{outcome.geometry} {point.label}: tolerance {tolerance:.0e}")
        points.append(point.model_copy(update=changes))
        verdict = outcome.verdict.name.lower()
        lines.append(f"{outcome.geometry} {point.label}: accepted what was {verdict}")
    return Pins(geometry=geometry.geometry, path=geometry.path, points=tuple(points)), lines


def _largest_error(pin: Pin) -> float:
    groups = [*pin.cells.values(), *pin.facets.values(), *pin.whole.values()]
    errors = [abs(g.measure / g.exact - 1.0) for g in groups if g.exact and g.measure is not None]
    return max(errors, default=0.0)


def _rounded_up(value: float) -> float:
    """Round up to one digit."""
    digit = 10.0 ** floor(log10(value))
    return float(f"{ceil(value / digit) * digit:.0e}")
