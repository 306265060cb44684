"""The book of verification and validation: one page a problem, from the files of `anodefem verify`.

A file holds what `anodefem.verify.runner.solve` returns. Nothing here knows a problem: what a page
says is what the problem says of itself and what was computed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

from anodefem.verify.problem import GROUPS
from docs.builder import pages

mpl.use("Agg")
from matplotlib import pyplot as plt

Result = dict[str, Any]

#: Distinguishable without colour vision (Okabe and Ito), dark enough on white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d00")
MARKERS = "os^Dv<"
MARKS = 40  # marks of a curve at the most

KINDS = {
    None: "verification: against an exact answer",
    "blind": "validation, blind: against published data; no number was fitted to them",
    "fitted": "validation, fitted: against published data to which numbers were fitted",
}


def read(folder: Path) -> list[Result]:
    """Return the results in a folder, in the order of the groups; none if there is no folder."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(results, key=lambda result: (GROUPS.index(result["group"]), result["id"]))


def passed(result: Result) -> bool:
    """Whether a problem was solved and all its checks passed."""
    return not result.get("failure") and all(check["pass"] for check in result["checks"])


def share(check: Result) -> float:
    """Error of a check over its tolerance."""
    return float(check["error"]) / float(check["tolerance"])


def fate(good: bool) -> str:
    """Return "passed" or "FAILED" for a table."""
    return '<span class="passed">passed</span>' if good else '<span class="failed">FAILED</span>'


def write(results: Sequence[Result], folder: Path) -> None:
    """Write the book's pages and figures: a first page, a chapter a group, a page a problem.

    Args:
        results: What `read` returns.
        folder: Where they go; made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for result in results:
        figures = [
            draw(plot, folder / f"{result['id']}-{number}.svg")
            for number, plot in enumerate(result["plots"], start=1)
        ]
        pages.write(folder / f"{result['id']}.md", page(result, figures))
    chapters = {
        group: mine
        for group in GROUPS
        if (mine := [result for result in results if result["group"] == group])
    }
    for group, mine in chapters.items():
        pages.write(folder / f"{chapter_name(group)}.md", chapter(group, mine))
    pages.write(folder / "index.md", index(results, chapters))


def chapter_name(group: str) -> str:
    """Return the name of the file of a chapter."""
    return f"chapter-{pages.anchor(group)}"


def chapter(group: str, results: Sequence[Result]) -> Iterator[str]:
    """Yield the parts of the page of a group of problems."""
    yield f"# {group}"
    yield pages.table(
        ("problem", "kind", "checks", "largest error / tolerance", "time [s]", "result"),
        [
            (
                f"[{pages.plain(each['title'])}]({each['id']}.md)",
                each["status"] or each["kind"],
                len(each["checks"]),
                f"{max(map(share, each['checks']), default=math.nan):.2g}",
                f"{each['seconds']:.1f}",
                fate(passed(each)),
            )
            for each in results
        ],
        right="checks,largest error / tolerance,time [s]",
    )
    yield pages.contents([each["id"] for each in results], hidden=True)


def index(results: Sequence[Result], chapters: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Yield the parts of the book's first page.

    Args:
        results: All problems.
        chapters: The problems of every group that has some.
    """
    yield "# Verification and validation"
    yield (
        "One page per problem with a known answer: the question, the exact answer, what the "
        "program computed with the same code and meshes as in any run, the tolerance and the "
        "reason for it. Everything here is generated from the files that `anodefem verify -o DIR` "
        "writes. What is missing is listed under "
        "[what is not verified or validated](../verification.md)."
    )
    if not results:
        yield (
            "The problems had not been solved when this site was built. `make book` solves all of "
            "them and builds the site again."
        )
        return
    checks = [check for result in results for check in result["checks"]]
    failed = [result for result in results if not passed(result)]
    yield (
        f"{len(results)} problems with {len(checks)} checks; "
        f"{len(failed) or 'none'} of the problems failed"
        + (
            ": " + ", ".join(f"[{each['id']}]({each['id']}.md)" for each in failed)
            if failed
            else ""
        )
        + "."
    )
    yield pages.table(
        ("chapter", "problems", "checks", "failed"),
        [
            (
                f"[{group}]({chapter_name(group)}.md)",
                len(mine),
                sum(len(each["checks"]) for each in mine),
                sum(not passed(each) for each in mine),
            )
            for group, mine in chapters.items()
        ],
        right="problems,checks,failed",
    )
    yield from versions(results)
    yield pages.contents(map(chapter_name, chapters), hidden=True)


def versions(results: Iterable[Result]) -> Iterator[str]:
    """Yield a line for every environment in which problems were solved."""
    lines = [
        ", ".join(f"{name} {version}" for name, version in result["versions"].items())
        + f"; commit `{str(result.get('git_commit') or 'unknown')[:12]}`"
        for result in results
    ]
    for line in dict.fromkeys(lines):
        yield f"Solved with {line}."


def page(result: Result, figures: Sequence[str]) -> Iterator[str]:
    """Yield the parts of a problem's page.

    Args:
        result: The problem and what solving it gave.
        figures: File of every plot.
    """
    yield f"# {pages.plain(result['title'])}"
    yield f"{result['group']}; {KINDS[result['status']]}. {fate(passed(result))}"
    yield "## Question"
    yield result["question"]
    yield "## Published data" if result["kind"] == "validation" else "## Exact answer"
    yield result["exact"]
    if result.get("data"):
        yield f"Digits and their source: `{result['data']}` in `src/anodefem/verify/data`."
    yield "## Computed"
    if result.get("failure"):
        yield "The problem could not be solved:"
        yield pages.code(result["failure"])
    for plot, file in zip(result["plots"], figures, strict=True):
        yield f"![{pages.plain(plot['title'])}]({file})"
    if result["checks"]:
        yield pages.table(
            ("quantity", "exact", "computed", "error", "tolerance", ""),
            [
                (
                    pages.plain(check["quantity"]),
                    number(check["exact"]),
                    number(check["computed"]),
                    f"{check['error']:.2e}{' abs.' if check['absolute'] else ''}",
                    f"{check['tolerance']:.2g}",
                    fate(check["pass"]),
                )
                for check in result["checks"]
            ],
            right="exact,computed,error,tolerance",
        )
        yield "Errors are relative to the exact value unless marked abs."
        yield "Why the tolerances are what they are:"
        yield "\n".join(reasons(result["checks"]))
    yield "## Again"
    yield pages.code(f"container/run anodefem verify {result['id']}", "sh")
    quick = "It is quick and is solved with every change. " if result["quick"] else ""
    yield f"{quick}It took {result['seconds']:.1f} s here."


def reasons(checks: Sequence[Result]) -> Iterator[str]:
    """Yield a line of a list for every reason, with the tolerances it stands for."""
    found: dict[str, set[float]] = {}
    for check in checks:
        found.setdefault(check["reason"], set()).add(float(check["tolerance"]))
    for reason, tolerances in found.items():
        yield f"- {', '.join(f'{t:.2g}' for t in sorted(tolerances))}: {reason}"


def number(value: float) -> str:
    """Return a number with the digits that matter."""
    return f"{value:.8g}"


def draw(plot: Result, path: Path) -> str:
    """Draw a plot and return the name of its file: exact curves are lines, others marks."""
    settings = {
        "svg.hashsalt": path.stem,  # the same file whenever it is drawn
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with plt.rc_context(settings):
        figure, axes = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
        for place, curve in enumerate(plot["curves"]):
            style: dict[str, Any] = {
                "color": COLOURS[place % len(COLOURS)],
                "label": curve["label"],
            }
            if curve["exact"]:
                axes.plot(curve["x"], curve["y"], linewidth=1.3, **style)
            else:
                axes.plot(
                    curve["x"],
                    curve["y"],
                    MARKERS[place % len(MARKERS)],
                    markevery=max(1, len(curve["x"]) // MARKS),
                    markersize=4,
                    fillstyle="none",
                    **style,
                )
        if plot["log"]:
            axes.set(xscale="log", yscale="log")
        axes.set(title=plot["title"], xlabel=plot["x"], ylabel=plot["y"])
        axes.grid(alpha=0.25)
        if plot["curves"]:
            axes.legend(frameon=False)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
    return path.name
