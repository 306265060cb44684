"""The gallery: every folder of runs/ is a page, with its README, case file and results."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from anodefem import cases
from docs.builder import pages

#: Columns of metrics.csv that say most in one line.
SHOWN = ("soc [-]", "hull_volume_ratio [-]", "sei_strain_p99 [-]", "volumetric_capacity [Ah/L]")


def write(runs: Path, results: Path, folder: Path) -> None:
    """Write the gallery.

    Args:
        runs: Folder of the cases.
        results: Folder of finished runs of the same names, which may be missing.
        folder: Where the pages and their pictures go.
    """
    found = sorted(path.parent for path in runs.glob("*/README.md"))
    for run in found:
        pages.write(folder / run.name / "index.md", case(run, results / run.name))
        for picture in run.glob("*.png"):
            shutil.copyfile(picture, folder / run.name / picture.name)
    pages.write(folder / "index.md", gallery(found))


def gallery(runs: list[Path]) -> Iterator[str]:
    """Yield the parts of the first page.

    Args:
        runs: Folders of the cases.
    """
    # what the demo compares has error bars
    demo = [run for run in runs if (run / "convergence.json").is_file()]
    yield "# Gallery"
    yield "## Architectures"
    yield (
        "`make demo` runs these cases and compares them in `out/demo/comparison`. One of them: "
        "`container/run anodefem run runs/NAME/run.toml -o out/demo/NAME`."
    )
    yield "![All cases at the same state of charge](../images/side_by_side.png)"
    yield "![Curves over state of charge](../images/curves.png)"
    yield listed(demo)
    yield "## Studies"
    yield "Not part of `make demo`; each page says how long its runs take."
    yield listed([run for run in runs if run not in demo])
    yield pages.contents([f"{run.name}/index" for run in runs], hidden=True)


def listed(runs: list[Path]) -> str:
    """Return the table of some cases."""
    return pages.table(
        ("folder", "what it is"),
        [(f"[`{run.name}`]({run.name}/index.md)", pages.plain(title(run))) for run in runs],
    )


def title(run: Path) -> str:
    """Return the heading of a case's README."""
    return (run / "README.md").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def case(run: Path, result: Path) -> Iterator[str]:
    """Yield the parts of the page of a case.

    Args:
        run: Its folder.
        result: Folder of its finished run, which may be missing.
    """
    readme = (run / "README.md").read_text(encoding="utf-8")
    yield re.sub(r"<!--.*?-->\n*", "", readme, flags=re.DOTALL).rstrip()
    yield from outcome(result)
    for path in sorted(run.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^\[protocol\]", text, re.MULTILINE):
            yield f"## Case file `{path.name}`"
            if path.name == "run.toml":
                yield f"{cases.load(path).summary()}."
            yield pages.code(text, "toml")


def outcome(run: Path) -> Iterator[str]:
    """Yield the table of the row of metrics with the highest state of charge of a run."""
    table = run / "metrics.csv"
    if not table.is_file():
        return
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    best = max(rows, key=lambda row: float(row["soc [-]"]))
    shown = [column for column in SHOWN if best.get(column)]
    yield "## Result"
    yield "At the highest state of charge:"
    yield pages.table(shown, [[f"{float(best[column]):.4g}" for column in shown]])
