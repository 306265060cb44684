"""How far the numbers of a case are from those of infinitely small cells and steps.

A case is run five times: as it is, on two more meshes and with two more lengths of steps. What its
metrics do from size to size shows their error, or that they do not converge.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl

from anodefem import launch
from anodefem.compare.errors import FILE, changes, new_keys
from anodefem.compare.load import load_run
from anodefem.compare.theme import Theme
from anodefem.converge import figure, results
from anodefem.converge.members import Member, members, record_of
from anodefem.converge.results import Metric
from anodefem.errors import ConvergenceError, InputError
from anodefem.files import folder_error

__all__ = ["FILES", "converge"]

#: What a study writes besides the runs.
FILES = (FILE, "convergence.csv", "convergence.md", "convergence.png", "convergence.pdf")
WRITER = "anodefem converge"
#: Between these lines of a README stands the table of its case.
MARKERS = ("<!-- convergence: begin -->", "<!-- convergence: end -->")


def converge(
    path: Path,
    settings: Sequence[str],
    folder: Path,
    *,
    ratio: float,
    step_ratio: float,
    finer: int,
    ranks: int,
    jobs: int,
    publish: bool,
    say: Callable[[str], None],
) -> list[Metric]:
    """Study a case; runs that are there already are used again.

    Args:
        path: Case file.
        settings: Changes to it, "dotted.key=value".
        folder: Where everything goes; only an earlier study of the same case is overwritten.
        ratio: Of the edges of one mesh and the next.
        step_ratio: Of the steps of one level and the next.
        finer: How many of the two other levels are finer than the case: 0, 1 or 2.
        ranks: Of every run.
        jobs: Runs at a time.
        publish: Put the record beside the case file, and the table into the README.md there.
        say: Told what happens, a line at a time.

    Returns:
        Every metric with its error.

    Raises:
        InputError: The case or an option is wrong, or the folder holds something else.
        ConvergenceError: A run did not come to its end; the others are kept.
    """
    for option, value in (("--ratio", ratio), ("--step-ratio", step_ratio)):
        if not 1.0 < value <= 10.0:
            raise InputError(f"{option} {value:g}: must be above 1 and at most 10, such as 1.5.")
    launch.require_launcher(ranks)
    readme = _readme(path) if publish else None
    found = members(path, settings, ratio=ratio, step_ratio=step_ratio, finer=finer, folder=folder)
    content = {
        "written_by": WRITER,
        "status": "running",
        "case": json.loads(json.dumps(found[0].case.resolved())),
        "ratio": ratio,
        "step_ratio": step_ratio,
        "finer": finer,
    }
    _claim(folder, content["case"])
    with _locked(folder) as lock:
        _write(folder, content)
        _run(found, ranks=ranks, jobs=jobs, lock=lock, say=say)
        runs = [load_run(member.folder) for member in found]
        measured = results.metrics(found, runs)
        content |= {
            "status": "completed",
            "members": [record_of(member) for member in found],
            "metrics": results.record(measured),
        }
        _write(folder, content)
        shutil.copyfile(folder / FILE, found[0].folder / FILE)
        results.frame(measured).to_csv(folder / FILES[1], index=False)
        text = _text(found[0].case.title, content, measured)
        (folder / FILES[2]).write_text(text, encoding="utf-8")
        theme = Theme()
        with mpl.rc_context(theme.rc()):
            whole = [item for item in measured if item.soc is None]
            drawn = figure.figure(whole, found[0].case.title, theme=theme)
            drawn.savefig(folder / FILES[3])
            drawn.savefig(folder / FILES[4], metadata={"CreationDate": None})
    if sentence := results.coarse_steps(measured):
        say(sentence)
    if readme is not None:
        shutil.copyfile(folder / FILE, path.parent / FILE)
        _insert(readme, _published(content, measured))
    return measured


def _run(
    found: Sequence[Member], *, ranks: int, jobs: int, lock: int, say: Callable[[str], None]
) -> None:
    left = [member for member in found if not member.finished()]
    done = len(found) - len(left)
    if done:
        say(f"{done} of {len(found)} runs are there already")
    names = {member.folder: member.name for member in left}
    waiting = (replace(member.prepare(ranks=ranks), holds=(lock,)) for member in left)
    with closing(launch.run(waiting, at_once=jobs)) as ended:
        for job, code in ended:
            name = names[job.folder]
            if code != 0:
                raise ConvergenceError(
                    f"run '{name}' of the study ended with code {code}: "
                    f"{launch.last_words(job.folder)} (all it said: {job.folder / launch.SAID}). "
                    "Without it no error can be estimated; try another --ratio, --step-ratio or "
                    "--finer."
                )
            done += 1
            facts = json.loads((job.folder / "run.json").read_text(encoding="utf-8"))
            say(
                f"{done}/{len(found)} {name}: {facts['cells']} cells, {facts['steps']} steps, "
                f"{facts['wall_time_s']:.0f} s"
            )


def _claim(folder: Path, case: dict[str, Any]) -> None:
    """Refuse a folder in which something else would be lost.

    Args:
        folder: Folder of the study.
        case: Resolved case.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; name a folder with -o.")
    try:
        former = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        former = {}
    if former.get("written_by") != WRITER and folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: holds something else; name another folder with -o.")
    studied = former.get("case", {})
    if former and (changes(studied, case) or new_keys(studied, case)):
        raise InputError(
            f"{folder}: holds a study of another case; name another folder with -o, or remove it."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise folder_error(folder, error) from error


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Hold a lock on the folder; the runs hold it too, for as long as they live."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"{folder}: another study is under way there; wait for it, or name another folder."
            ) from error
        yield file.fileno()


def _write(folder: Path, content: dict[str, Any]) -> None:
    part = folder / f"{FILE}.part"
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / FILE)


def _text(title: str, content: dict[str, Any], measured: Sequence[Metric]) -> str:
    lines = [f"# Discretisation errors: {title}", "", *_words(content), ""]
    lines += ["| run | cells | unknowns | steps | Newton iterations | wall time [s] |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {member['name']} | {member['cells']} | {member['unknowns']} | {member['steps']} | "
        f"{member['newton_iterations']} | {member['wall_time_s']:.0f} |"
        for member in content["members"]
    ]
    return "\n".join([*lines, "", *results.table(measured), ""])


def _words(content: dict[str, Any]) -> list[str]:
    where = {0: "coarser", 1: "one coarser, one finer", 2: "finer"}[content["finer"]]
    return [
        f"Two other meshes ({where}, edges by {content['ratio']:g} from one to the next) and two "
        f"other lengths of steps ({where}, by {content['step_ratio']:g}). "
        "The error is that of the case as it is in its file, mesh and steps together: the distance "
        "to the extrapolated limit, 1.25-fold, or 3-fold where the observed order cannot be "
        "trusted."
    ]


def _published(content: dict[str, Any], measured: Sequence[Metric]) -> list[str]:
    whole = [item for item in measured if item.soc is None or item.name in results.OTHERS]
    return [*_words(content), "", *results.table(whole)]


def _readme(path: Path) -> Path:
    readme = path.parent / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if not all(text.count(marker) == 1 for marker in MARKERS) or (
        text.index(MARKERS[0]) > text.index(MARKERS[1])
    ):
        raise InputError(
            f"{readme}: must hold the lines '{MARKERS[0]}' and '{MARKERS[1]}' once each, between "
            "which the table goes; add them, or leave out --publish."
        )
    return readme


def _insert(readme: Path, lines: Sequence[str]) -> None:
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKERS[0])
    _, _, after = rest.partition(MARKERS[1])
    middle = "\n".join([MARKERS[0], "", *lines, "", MARKERS[1]])
    readme.write_text(f"{before}{middle}{after}", encoding="utf-8")
