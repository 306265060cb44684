"""Reference pages: modules, command line, metrics, cards and the case file."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from typer.models import ArgumentInfo, ParameterInfo

import anodefem
from anodefem import cards, cli, protocols
from anodefem.cards import Cathode, Material, Sei
from anodefem.cases.keys import TABLES, keys
from anodefem.laws import catalogue
from anodefem.results.cycles import COLUMNS as COLUMNS_OF_CYCLES
from anodefem.results.metrics import known_columns
from docs.builder import pages

#: What a chapter of the module reference holds; the rest is "other".
PACKAGES = {
    "laws": "Laws in pure UFL, without a mesh",
    "model": "From cards in SI units to laws in um, MPa and s",
    "fem": "Mesh, fields, the contract of a physics, the discrete problem",
    "physics": "One file a physics",
    "solve": "Newton, steps in time, linear solvers",
    "results": "Metrics, fields, records",
    "meshing": "From a drawing to a checked mesh",
    "compare": "Tables, figures and the report",
    "verify": "Problems with known answers",
}


def write(folder: Path) -> None:
    """Write every page of the reference into ``folder``."""
    chapters = {
        "command-line": command_line(),
        "case-file": case_file(),
        "materials": materials(),
        "sei-recipes": recipes(),
        "cathodes": cathodes(),
        "laws-and-metrics": laws_and_metrics(),
        "modules": module_index(),
    }
    for name, parts in chapters.items():
        pages.write(folder / f"{name}.md", parts)
    for module in modules():
        pages.write(folder / "api" / f"{module}.md", module_page(module))
    pages.write(
        folder / "index.md",
        (
            "# Reference",
            "Generated from the package: these pages say what the program does now.",
            pages.contents(chapters),
        ),
    )


# --- modules --------------------------------------------------------------------------------------


def modules() -> list[str]:
    """Return the names of the public modules."""
    root = Path(str(anodefem.__file__)).parent
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        # problems are in the book; what made stored data needs programs that are not here
        elsewhere = parts[:2] in (("verify", "problems"), ("verify", "data"))
        if not any(part.startswith("_") for part in parts) and not elsewhere:
            found.append(".".join(("anodefem", *parts)))
    return found


def module_index() -> Iterator[str]:
    """Yield the list of modules by package."""
    yield "# Modules"
    groups: dict[str, list[str]] = {name: [] for name in ("", *PACKAGES)}
    for module in modules():
        _, _, rest = module.partition(".")
        package = rest.partition(".")[0]
        groups[package if package in PACKAGES else ""].append(f"api/{module}")
    for package, found in groups.items():
        yield f"## {PACKAGES.get(package, 'Cases, cards, quantities, command line')}"
        yield "\n".join(f"- [{page.removeprefix('api/')}]({page}.md)" for page in found)


def module_page(name: str) -> Iterator[str]:
    """Yield the page of a module, which the side bar leaves out: there are very many."""
    yield "---\norphan: true\n---"
    yield f"# {name}"
    options = "   :members:\n   :show-inheritance:\n   :ignore-module-all:"
    yield pages.code(f".. automodule:: {name}\n{options}", "{eval-rst}")


# --- command line ---------------------------------------------------------------------------------


def command_line() -> Iterator[str]:
    """Yield the page of the commands and their options."""
    start: Any = cli.app.registered_callback
    yield "# Command line"
    yield prose(inspect.getdoc(start.callback))
    yield "Options before the command:"
    yield parameters(start.callback)
    yield prose(cli.app.info.epilog)
    for registered in cli.app.registered_commands:
        command: Any = registered.callback
        name = registered.name or command.__name__
        yield f"## {name}"
        arguments = [
            shown(key, info)
            for key, info, _ in annotated(command)
            if isinstance(info, ArgumentInfo)
        ]
        yield pages.code(" ".join(["anodefem", name, *arguments, "[OPTIONS]"]))
        yield prose(inspect.getdoc(command))
        yield parameters(command)


def prose(text: str | None) -> str:
    """Return help as Markdown; what is bold there is a command."""
    paragraphs = [" ".join(part.split()) for part in (text or "").split("\n\n")]
    return "\n\n".join(re.sub(r"\[b\](.*?)\[/b\]", r"`\1`", part) for part in paragraphs)


def annotated(command: Any) -> Iterator[tuple[str, ParameterInfo, Any]]:
    """Yield name, description and default of every argument and option of a command."""
    hints = get_type_hints(command, include_extras=True)
    for key, parameter in inspect.signature(command).parameters.items():
        for note in getattr(hints[key], "__metadata__", ()):
            if isinstance(note, ParameterInfo):
                yield key, note, parameter.default


def shown(key: str, info: ParameterInfo) -> str:
    """Return an argument or option as it is written."""
    if isinstance(info, ArgumentInfo):
        return info.metavar or f"[{key.upper()}]"
    # within Annotated the first name stands where the default does elsewhere
    first = (info.default,) if isinstance(info.default, str) else ()
    names = (*first, *(info.param_decls or ())) or (f"--{key.replace('_', '-')}",)
    return f"{', '.join(names)} {info.metavar or ''}".strip()


def parameters(command: Any) -> str:
    """Return the table of the arguments and options of a command."""
    rows = []
    for key, info, value in annotated(command):
        told = pages.plain(info.help or "")
        if isinstance(value, Path):
            told += f" Default: `{value}`."
        if info.envvar:
            told += f" Or the environment variable `{info.envvar}`."
        rows.append((f"`{shown(key, info)}`", told))
    return pages.table(("argument", "meaning"), rows)


# --- case file ------------------------------------------------------------------------------------


def case_file() -> Iterator[str]:
    """Yield the page of the keys of a case file."""
    yield "# Case file"
    yield (
        "A case is a TOML file. Lengths, times and other quantities are strings with a unit, such "
        'as `"1.5 um"`; any compatible unit will do. Unknown keys are refused, and '
        "`anodefem check` lists everything that is wrong at once. `--set key=value` changes any "
        "of these keys on the command line."
    )
    yield pages.table(
        ("section", "what"),
        [
            ("`title`", "one line that names the case in tables and pictures; required"),
            (
                "`[geometry]`",
                "`plugin`: name of a geometry, required; `kinematics`: default is the geometry's "
                "first; `order`: 1 for straight, 2 for curved cells, default 1; `axial`: in plane "
                'strain `"fixed"` (default), or `"free"` for a body that stretches along its axis '
                "until no axial force is left (generalised plane strain); and the "
                "parameters of the [geometry](../geometries/index.md)",
            ),
            (
                "`[materials]`",
                'for every region of the geometry the name of a [card](materials.md), `"x.toml"` '
                "for a card beside the case, or a table (below)",
            ),
            ("`[sei]`", "optional: an SEI and where it is (below)"),
            ("`[fracture]`", "optional: regions that can break (below)"),
            ("`[interfaces.NAME]`", "optional: how two regions hold together (below)"),
            ("`[protocol]`", "what is done to the electrode (below); required"),
            ("`[solver]`, `[output]`", "optional (below)"),
        ],
    )
    for section, model in TABLES.items():
        if section == "geometry":
            continue
        yield f"## {section}"
        yield pages.table(
            ("key", "value", "default", "meaning"),
            [
                (f"`{key.name}`", key.value, f"`{key.default}`" if key.default else "", key.meaning)
                for key in keys(model)
            ],
        )
        if section == "materials.REGION":
            yield (
                "Any number of the card that does not depend on composition can be changed beside "
                'these, for example `plastic.yield_stress = "1 GPa"`; the result says so.'
            )
        if section == "sei":
            yield "Any number of the recipe can be changed here in the same way."
    yield "## Protocol steps"
    yield pages.table(
        ("write", "note"), [(f"`{text}`", note) for text, note in protocols.EXAMPLES.items()]
    )
    yield (
        'At 1C the charge between soc 0 and 1 flows in one hour. "Lithiate" stands for any '
        "species. Steps may stand in tables that repeat them: see the how-to on protocols."
    )


# --- cards, laws, metrics -------------------------------------------------------------


TAGS = {
    "source": "read in the source that is named",
    "review": "read in one of the two reviews that define the systems",
    "computed": "follows from other numbers by the formula given",
    "literature-unchecked": "a common literature value, not checked against its source",
    "assumed": "no source: there so that a run is possible",
}


def materials() -> Iterator[str]:
    """Yield the page of the material cards."""
    found = {name: cards.material(name) for name in cards.paths("materials")}
    yield "# Material cards"
    yield from trust(found)
    yield pages.table(
        ("card", "what", "kind", "stores"),
        [
            (
                f"[{name}](#{pages.anchor(name)})",
                pages.plain(card.title),
                card.kind,
                card.storage.carrier if card.storage else "",
            )
            for name, card in found.items()
        ],
    )
    for name, card in found.items():
        yield from numbers(name, card)
    yield from references()


def recipes() -> Iterator[str]:
    """Yield the page of the SEI recipes."""
    found = {name: cards.sei(name) for name in cards.paths("sei")}
    yield "# SEI recipes"
    yield from trust(found)
    yield pages.table(
        ("recipe", "what", "cells"),
        [
            (f"[{name}](#{pages.anchor(name)})", pages.plain(card.title), " ".join(card.carriers))
            for name, card in found.items()
        ],
    )
    for name, card in found.items():
        yield from numbers(name, card)


def cathodes() -> Iterator[str]:
    """Yield the page of the cathodes."""
    found = {name: cards.cathode(name) for name in cards.paths("cathodes")}
    yield "# Cathodes"
    yield "What the section `[cathode]` can name: see [full cells](../how-to/full-cell.md)."
    yield from trust(found)
    for name, card in found.items():
        yield from numbers(name, card)


def trust(cards: Mapping[str, Material | Sei | Cathode]) -> Iterator[str]:
    """Yield how far the numbers of cards are to be trusted, and how many of each kind there are."""
    tags: list[str] = [number.tag for card in cards.values() for _, number in card.numbers()]
    yield "Every number has a source and a tag that says how far to trust it:"
    yield pages.table(
        ("tag", "meaning", "numbers"),
        [(f"`{tag}`", meaning, tags.count(tag)) for tag, meaning in TAGS.items()],
        right="numbers",
    )


def numbers(name: str, card: Material | Sei | Cathode) -> Iterator[str]:
    """Yield the section of a card."""
    yield f"## {name}"
    yield f"{pages.plain(card.title)}."
    yield pages.table(
        ("number", "value", "unit", "trust", "source", "note"),
        [
            (
                f"`{key}`",
                pages.plain(each.value),
                pages.plain(each.unit),
                each.tag,
                pages.plain(each.source),
                pages.plain(each.note),
            )
            for key, each in card.numbers()
        ],
    )


def references() -> Iterator[str]:
    """Yield what the keys of the sources stand for."""
    yield "## References"
    rows = [(f"`{key}`", pages.plain(text)) for key, text in cards.references().items()]
    yield pages.table(("key", "work"), rows)


def laws_and_metrics() -> Iterator[str]:
    """Yield the page of the laws and of the columns of metrics.csv."""
    yield "# Laws and metrics"
    yield "## Laws"
    yield "The equations are on the page of the [theory](../theory.md)."
    yield pages.table(
        ("law", "what", "chosen by"),
        [(each.name, pages.plain(each.formula), pages.plain(each.chosen)) for each in catalogue()],
    )
    yield "## Metrics"
    yield (
        "Columns of `metrics.csv`, one row per accepted step. A column's head is the name and the "
        "unit in brackets, for example `soc [-]`."
    )
    yield pages.table(
        ("metric", "unit", "definition"),
        [
            (f"`{each.name}`", pages.plain(each.unit), pages.plain(each.meaning))
            for each in known_columns()
        ],
    )
    yield "## Cycles"
    yield (
        "Columns of `cycles.csv`, one row per cycle; those of `metrics.csv` that say what has "
        "become of the SEI follow with their values at the end of the cycle."
    )
    yield pages.table(
        ("column", "unit", "definition"),
        [
            (f"`{each.name}`", pages.plain(each.unit), pages.plain(each.meaning))
            for each in COLUMNS_OF_CYCLES
        ],
    )
