"""The gallery: every case of runs/ with its file and, where it was run, its picture and numbers."""

from __future__ import annotations

import csv
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
        folder: Where the page and its pictures go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages.write(folder / "index.md", gallery(runs, results, folder))


def gallery(runs: Path, results: Path, folder: Path) -> Iterator[str]:
    """Yield the parts of the page."""
    yield "# Gallery"
    yield (
        "The cases of `runs/`. `make demo` runs and compares all of them; one is run with "
        "`container/run anodefem run runs/NAME/run.toml -o out/demo/NAME`."
    )
    yield "![All cases at the same state of charge](../images/side_by_side.png)"
    yield "![Curves over state of charge](../images/curves.png)"
    yield (
        "These two pictures were made by `make demo` (`out/demo/comparison`). The rest of this "
        "page is generated when the site is built"
        + (
            f", from the results in `{results}`."
            if results.is_dir()
            else f"; there were no results in `{results}`."
        )
    )
    for path in sorted(runs.glob("*/run.toml")):
        case = cases.load(path)
        name = path.parent.name
        yield f"## {case.title}"
        yield f"`runs/{name}/run.toml`: {case.summary()}."
        yield pages.code(path.read_text(encoding="utf-8"), "toml")
        yield from outcome(results / name)
        for number, picture in enumerate(sorted((results / name).glob("*.png")), start=1):
            copied = folder / f"{name}-{number}.png"
            shutil.copyfile(picture, copied)
            yield f"![{pages.plain(case.title)}]({copied.name})"


def outcome(run: Path) -> Iterator[str]:
    """Yield the table of the row of metrics with the highest state of charge of a run."""
    table = run / "metrics.csv"
    if not table.is_file():
        return
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    best = max(rows, key=lambda row: float(row["soc [-]"]))
    shown = [column for column in SHOWN if best.get(column)]
    yield "At the highest state of charge:"
    yield pages.table(shown, [[f"{float(best[column]):.4g}" for column in shown]])
