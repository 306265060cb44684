"""Architectures side by side: one table and figures, from run folders alone.

Nothing here imports the solver: a comparison works wherever NumPy, pandas, Matplotlib and PyVista
do.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from anodefem.compare import align, body, curves, cycles, fields, figures, report, tables
from anodefem.compare.body import Shown
from anodefem.compare.load import Run, load
from anodefem.compare.theme import Theme
from anodefem.errors import InputError
from anodefem.files import folder_error
from anodefem.registry import suggest

__all__ = ["FILES", "MOVIES", "compare", "fields_inside", "hosts_of"]

#: Everything a comparison writes; the last one is how it is known again.
FILES = (
    "table.csv",
    "table.md",
    "side_by_side.png",
    "side_by_side.pdf",
    "curves.png",
    "curves.pdf",
    "report.html",
    "comparison.json",
)
#: What Matplotlib says of a letter, by its number.
_MISSING = re.compile(r"Glyph (\d+) .*missing from font")
#: What it writes besides if runs went through cycles.
CYCLES = ("cycles.png", "cycles.pdf")
#: What it writes besides if it is asked to.
MOVIES = ("swelling.mp4", "swelling.gif")


def compare(
    folders: Sequence[Path],
    output: Path,
    *,
    movie: bool = False,
    field: str = Shown().inside,
    spread: str = "auto",
    growing: bool = False,
    theme: Theme | None = None,
) -> list[Path]:
    """Write tables, figures and a page of runs side by side.

    Args:
        folders: Output folders of runs, one per architecture, in the order of the panels.
        output: Folder to write to; made if missing. Only an earlier comparison is overwritten.
        movie: Also write `MOVIES`, which takes some minutes.
        field: What colours the bodies inside, in the figure and the movies: one of
            `fields_inside`.
        spread: Whether bodies share one colour scale inside ("common"), have each its own ("own"),
            or get what suits their values ("auto"); the page can switch.
        growing: Whether more runs will come, so that the page loads itself again.
        theme: Look of the figures.

    Returns:
        The files written.

    Raises:
        InputError: A folder is not a run with fields, one is given twice, no run has
            the field, or the output folder cannot be written to or holds files that are not a
            comparison.
    """
    if movie:  # what it needs may be missing: that is reported before any long work
        from anodefem.compare import movie as films
    theme = theme or Theme()
    output = Path(output)
    runs = load(folders)
    _check_output(output, runs)
    shown = Shown(inside=_checked(field, runs))
    if spread not in figures.SPREADS:
        raise InputError(f"--scale {spread}: must be one of {', '.join(figures.SPREADS)}.")
    hosts = hosts_of(runs)
    frame = tables.table(runs, hosts)

    with tempfile.TemporaryDirectory(dir=output, prefix=".comparison-") as scratch:
        made = Path(scratch)
        (made / "table.csv").write_text(tables.csv(frame), encoding="utf-8")
        (made / "table.md").write_text(tables.markdown(frame, runs, hosts), encoding="utf-8")
        with mpl.rc_context(theme.rc()), _letters_are_missed_once():
            _save(
                figures.figure(runs, hosts, theme=theme, shown=shown, spread=spread),
                made / "side_by_side",
            )
            _save(curves.figure(runs, hosts, theme=theme), made / "curves")
            if cycled := cycles.cycled(runs):
                _save(cycles.figure(runs, theme=theme), made / "cycles")
        page = report.html(
            runs,
            hosts,
            frame,
            made / "side_by_side.png",
            cycles=made / "cycles.png" if cycled else None,
            theme=theme,
            growing=growing,
        )
        (made / "report.html").write_text(page, encoding="utf-8")
        (made / "comparison.json").write_text(
            json.dumps(_record(runs, hosts), indent=2) + "\n", encoding="utf-8"
        )
        if movie:
            films.write(runs, hosts, made, theme=theme, shown=shown, spread=spread)
        for name in (*MOVIES, *CYCLES):  # those of an earlier comparison show other runs
            (output / name).unlink(missing_ok=True)
        files = (*(MOVIES if movie else ()), *(CYCLES if cycled else ()), *FILES)
        for name in files:  # moved only when all of them exist
            shutil.move(made / name, output / name)
    return [output / name for name in files]


@contextmanager
def _letters_are_missed_once() -> Iterator[None]:
    """Say in one line, not for every letter of every file, what the font of figures lacks."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    missing = set()
    for warning in caught:
        if match := _MISSING.match(str(warning.message)):
            missing.add(chr(int(match[1])))
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    if missing:
        logging.getLogger("anodefem").warning(
            "warning: the font of the figures has no %s; boxes stand for them, but in the page.",
            " ".join(sorted(missing)),
        )


def _save(figure: Figure, stem: Path) -> None:
    figure.savefig(stem.with_suffix(".png"))
    figure.savefig(stem.with_suffix(".pdf"), metadata={"CreationDate": None})


def _record(runs: Sequence[Run], hosts: dict[str, list[str]]) -> dict[str, object]:
    return {
        "written_by": "anodefem compare",
        "common_soc": align.common_soc(runs),
        "runs": [
            {
                "title": run.title,
                "folder": str(run.folder),
                "host": hosts[run.title],
                "mesh_hash": run.info.get("mesh_hash"),
                "git_commit": run.info.get("git_commit"),
                "drawn_soc": align.nearest_state(run, align.common_soc(runs))[1],
            }
            for run in runs
        ],
        "notes": tables.notes(runs, hosts),
    }


def hosts_of(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return the host regions of every run by its title."""
    hosts = {}
    for run in runs:
        index, _ = align.nearest_state(run, float(run.column("soc").max()))
        hosts[run.title] = body.hosts(run, run.state(index))
    return hosts


def fields_inside(runs: Sequence[Run]) -> list[str]:
    """Return the fields that bodies can be coloured by inside and that some run has."""
    names = [name for run in runs for name in fields.scalars(run.state(0))]
    return [name for name in dict.fromkeys(names) if not fields.on_surfaces(name)]


def _checked(field: str, runs: Sequence[Run]) -> str:
    """Return a field inside that some run has.

    Args:
        field: Name of a field.
        runs: The runs.
    """
    known = fields_inside(runs)
    if field not in known:
        raise InputError(f"--field {field}: no run has it inside.{suggest(field, known)}")
    return field


def _check_output(output: Path, runs: Sequence[Run]) -> None:
    """Refuse an output folder in which something else would be lost, before any long work.

    Args:
        output: Folder that was asked for.
        runs: Runs to compare; their own folders are not written to.
    """
    place = output.resolve()
    for run in runs:
        if run.folder.resolve() in (place, *place.parents):
            raise InputError(
                f"{output}: is within the run {run.folder}, which a comparison does not write "
                "to; give another folder with -o, such as out/comparison"
            )
    if (output / "run.json").exists():
        raise InputError(f"{output}: holds a run; give another folder for the comparison with -o")
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: is a file; give a folder for the comparison")
    former = (output / FILES[-1]).is_file() and "anodefem compare" in (
        output / FILES[-1]
    ).read_text(encoding="utf-8", errors="replace")
    present = [name for name in (*FILES, *MOVIES, *CYCLES) if (output / name).exists()]
    if present and not former:
        raise InputError(
            f"{output}: holds {', '.join(present)} that no comparison wrote; give another folder"
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise folder_error(output, error) from error
