"""Tables for the command line: what is known, and what a mesh is like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from anodefem import cards, geometry, protocols
from anodefem.cards import Cathode, Material, Sei
from anodefem.cards.ranking import Ranked
from anodefem.cards.records import entries
from anodefem.cases.keys import TABLES, keys, section
from anodefem.errors import InputError
from anodefem.registry import suggest

if TYPE_CHECKING:
    from anodefem.bench.cases import Benchmark
    from anodefem.bench.measure import Row
    from anodefem.fem.columns import Column
    from anodefem.meshing import Manifest


def all_of(topic: str) -> Table:
    """Return the table of everything under one topic of ``anodefem list``."""
    return _TOPICS[topic]()


def one(topic: str, name: str) -> Table:
    """Return the table of one geometry, material, SEI recipe, law, metric or section of a case.

    Args:
        topic: As of ``anodefem list``.
        name: What of it.

    Raises:
        InputError: There is none of this name, or the topic has no details.
    """
    if topic == "geometries":
        found = geometry.find(name)
        rows = [(r["name"], r["default"], r["meaning"]) for r in found.describe()]
        title = f"{name}: {found.title} ({', '.join(found.kinematics)})"
        return _table(title, ("parameter", "default", "meaning"), rows)
    readers: Mapping[str, Callable[[str], Material | Sei | Cathode]] = {
        "materials": cards.material,
        "sei": cards.sei,
        "cathodes": cards.cathode,
    }
    if topic in readers:
        return _card(readers[topic](name))
    details = {"laws": _law, "metrics": _metric, "keys": _section}
    if topic in details:
        return details[topic](name)
    raise InputError(f"'anodefem list {topic}' has no details; leave '{name}' out.")


def mesh_quality(manifest: Manifest) -> Table:
    """Return the table of sizes against exact ones and of cell quality per group."""
    columns = ("group", "kind", "count", "measure", "exact", "error", "worst", "1 %", "median")
    shown = {"measure": ".6g", "exact": ".6g", "relative_error": "+.1e"}
    rows = [
        tuple(
            ""
            if value is None
            else format(value, shown.get(key, ".2f"))
            if isinstance(value, float)
            else str(value)
            for key, value in row.items()
        )
        for row in manifest.quality_table()
    ]
    title = f"{manifest.geometry} ({manifest.kinematics}); um, um^2, um^3; quality in [0, 1]"
    return _table(title, columns, rows, numbers=columns[2:])


def ranking(
    ranked: Iterable[Ranked], *, host: Material, fraction: float, strain: float, by: str
) -> Table:
    """Return the table of an order of SEI recipes or binders.

    Args:
        ranked: In order.
        host: Card of the host.
        fraction: Up to which it is filled.
        strain: Logarithmic strain of its surface then.
        by: "sei" or "binder".
    """
    unit, scale = {"sei": ("U [MJ/m3]", 1e-6), "binder": ("elongation", 1.0)}[by]
    rows = []
    for each in ranked:
        low, high = (scale * value for value in each.band)
        first, last = each.places
        rows.append(
            (
                f"{first}" if first == last else f"{first} to {last}",
                each.card.name,
                f"{scale * each.value:.3g}",
                f"{low:.3g} to {high:.3g}" if low < high else "",
                f"{scale * each.asked:.3g}",
                {True: "yes", False: "no", None: "open"}[each.enough],
                ", ".join(f"{name} {tag}" for name, tag in each.tags.items()),
            )
        )
    takes = {"sei": "U_max before flow", "binder": "elongation at break"}[by]
    title = (
        f"{host.name} at a fraction of {fraction:g}: its surface strains by {strain:.3g} "
        f"(logarithmic), when it swells freely.\nBy {takes}, from the cards alone; "
        "a cage, a coat or a porous body asks less: run the case."
    )
    columns = ("place", "card", unit, "band", "asked", "enough", "rests on")
    return _table(title, columns, rows, numbers=columns[2:5])


def benchmarks(rows: Iterable[Row], known: Mapping[str, Benchmark]) -> Table:
    """Return the table of what iterations cost.

    Args:
        rows: As they were measured.
        known: Benchmarks by name.
    """
    cells = []
    for row in rows:
        name, baseline, member = row["benchmark"], row["baseline"], row["member"]
        cells.append(
            (
                f"{name}: {known[name].member.label}, beside {known[name].baseline.label}",
                f"{row['unknowns']}",
                f"{member['seconds']:.3f}",
                f"{baseline['seconds']:.3f}",
                f"{row['ratio']:.2f}",
                f"{row['exponent']:.2f}" if "exponent" in row else "",
                f"{1e3 * member['memory'] / row['unknowns']:.1f}",
            )
        )
    columns = ("benchmark", "unknowns", "s", "s beside", "times as fast", "exponent", "kB each")
    title = "Seconds per Newton iteration, everything included"
    return _table(title, columns, cells, numbers=columns[1:])


def _geometries() -> Table:
    found = [geometry.find(name) for name in geometry.plugins()]
    rows = [(g.name, g.title, ", ".join(g.kinematics)) for g in found]
    return _table("geometries", ("plugin", "what", "kinematics"), rows)


def _materials() -> Table:
    columns = ("card", "what", "kind", "stores", "mAh/g", "V full/empty", "E [GPa]", "yield [GPa]")
    rows = []
    for name in cards.paths("materials"):
        card = cards.material(name)
        storage = card.storage
        rows.append(
            (
                name,
                card.title,
                card.kind,
                storage.carrier if storage else "",
                f"{storage.capacity:.4g}" if storage else "",
                f"{storage.volume_ratio(1.0):.4g}" if storage else "",
                _written(card, "elastic.young"),
                _written(card, "plastic.yield_stress"),
            )
        )
    return _table("materials", columns, rows)


def _sei() -> Table:
    columns = ("recipe", "what", "cells", "E [GPa]", "yield", "fracture", "U_max [MJ/m3]", "nm")
    rows = []
    for name in cards.paths("sei"):
        card = cards.sei(name)
        rows.append(
            (
                name,
                card.title,
                " ".join(card.carriers),
                f"{card.young * 1e-9:.3g}",
                f"{card.yield_strain:.3g}",
                f"{card.fracture_strain:.3g}",
                f"{card.elastic_energy_max * 1e-6:.3g}",
                f"{card.thickness * 1e9:.3g}",
            )
        )
    return _table("SEI recipes", columns, rows)


def _cathodes() -> Table:
    columns = ("cathode", "what", "gives", "V charged", "V as made", "fraction used")
    rows = []
    for name in cards.paths("cathodes"):
        card = cards.cathode(name)
        ends = (f"{float(card.ocv(x)):.3g}" for x in (card.charged, card.as_made))
        rows.append((name, card.title, card.carrier, *ends, f"{card.used:.3g}"))
    return _table("cathodes", columns, rows, numbers=columns[3:])


def _laws() -> Table:
    from anodefem.laws import catalogue

    rows = [(each.name, each.formula, each.chosen) for each in catalogue()]
    return _table("laws", ("law", "formula", "chosen by"), rows)


def _law(name: str) -> Table:
    from anodefem.laws import catalogue

    found = {each.name: each for each in catalogue()}
    if name not in found:
        raise InputError(f"there is no law '{name}'.{suggest(name, found)}")
    law = found[name]
    rows = [
        (each.name, each.unit, each.kind, each.bounds, "" if each.required else "optional",
         each.meaning)
        for each in (entries(law.record) if law.record else ())
    ]  # fmt: skip
    title = "\n".join(filter(None, (f"{name}: {law.formula}", law.meaning, law.chosen)))
    return _table(title, ("number", "unit", "value", "must be", "", "meaning"), rows)


def _keys() -> Table:
    rows = [
        (section, key.name, key.value, key.default, _plain(key.meaning))
        for section, model in TABLES.items()
        for key in keys(model)
    ]
    return _table("keys of a case file", ("section", "key", "value", "default", "meaning"), rows)


def _section(name: str) -> Table:
    rows = [(key.name, key.value, key.default, _plain(key.meaning)) for key in keys(section(name))]
    return _table(f"keys of [{name}]", ("key", "value", "default", "meaning"), rows)


def _plain(text: str) -> str:
    return text.replace("`", "'")


def _metric(name: str) -> Table:
    from anodefem.results.metrics import known_columns

    known = [*known_columns(), *_of_cycles()]
    matching = [column for column in known if column.covers(name)]
    if not matching:
        names = [column.name for column in known]
        raise InputError(f"there is no metric '{name}'.{suggest(name, names)}")
    (column, *_) = matching
    return _table(name, ("unit", "definition"), [(column.unit, column.meaning)])


def _protocols() -> Table:
    return _table("protocol steps", ("write", "note"), protocols.EXAMPLES.items())


def _of_cycles() -> list[Column]:
    """Columns that only cycles.csv has."""
    from anodefem.results.cycles import COLUMNS
    from anodefem.results.metrics import known_columns

    names = {column.name for column in known_columns()}
    return [column for column in COLUMNS if column.name not in names]


def _metrics() -> Table:
    from anodefem.results.metrics import known_columns

    rows = [(column.name, column.unit, column.meaning) for column in known_columns()]
    rows += [(each.name, each.unit, f"cycles.csv: {each.meaning}") for each in _of_cycles()]
    return _table("metrics", ("metric", "unit", "definition"), rows)


_TOPICS: Mapping[str, Callable[[], Table]] = {
    "geometries": _geometries,
    "materials": _materials,
    "sei": _sei,
    "cathodes": _cathodes,
    "laws": _laws,
    "protocols": _protocols,
    "metrics": _metrics,
    "keys": _keys,
}


def _card(card: Material | Sei | Cathode) -> Table:
    rows = [
        (key, number.value, number.unit, number.tag, number.source, number.note)
        for key, number in card.numbers()
    ]
    columns = ("number", "value", "unit", "trust", "source", "note")
    return _table(f"{card.name}: {card.title}", columns, rows)


def _written(card: Material, key: str) -> str:
    number = card.sources.get(key)
    return f"{number.value} {number.unit}".replace(" GPa", "") if number else ""


def _table(
    title: str,
    columns: Iterable[str],
    rows: Iterable[tuple[str, ...]],
    *,
    numbers: Iterable[str] = (),
) -> Table:
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    right = set(numbers)
    for place, column in enumerate(columns):
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(column, justify=justify, no_wrap=place == 0)
    for row in rows:
        table.add_row(*(escape(text) for text in row))
    return table
