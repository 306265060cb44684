"""Work that may crash, hang or claim all memory, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anodefem.errors import InputError

_JOB, _ERROR, _OUTPUT = "job.json", "error.json", "output.txt"


class TookTooLong(Exception):
    """A child did not end in time and was killed."""


class Crashed(Exception):
    """A child ended otherwise than it should; the text says how."""


def run(module: str, job: Mapping[str, Any], folder: Path, *, time_limit: float) -> None:
    """Run ``python -m MODULE FOLDER`` and wait for it; what it makes is in the folder.

    Args:
        module: A module that calls `serve` when it is run.
        job: What the child is to do, as JSON holds it.
        folder: An empty folder for the job and what becomes of it.
        time_limit: Seconds after which the child is killed.

    Raises:
        InputError: The child raised one; with the same text.
        TookTooLong: It did not end in time.
        Crashed: It ended by a signal, or with another exit code than 0.
    """
    (folder / _JOB).write_text(json.dumps(job), encoding="utf-8")
    source = str(Path(__file__).resolve().parents[2])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    with (folder / _OUTPUT).open("w", encoding="utf-8") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", module, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        try:
            child.wait(timeout=time_limit)
        except subprocess.TimeoutExpired as error:
            raise TookTooLong from error
        finally:
            child.kill()  # gmsh ignores SIGTERM while it meshes
            child.wait()
    if (folder / _ERROR).exists():
        raise InputError(json.loads((folder / _ERROR).read_text(encoding="utf-8")))
    if child.returncode != 0:
        said = (folder / _OUTPUT).read_text(encoding="utf-8", errors="replace")
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise Crashed(f"code {child.returncode}: {last[0]}")


def serve(work: Callable[[Mapping[str, Any], Path], None]) -> None:
    """Do the job of this process: read it, work, and leave an `InputError` to the parent.

    Args:
        work: Gets the job and its folder.
    """
    folder = Path(sys.argv[1])
    try:
        work(json.loads((folder / _JOB).read_text(encoding="utf-8")), folder)
    except InputError as error:
        (folder / _ERROR).write_text(json.dumps(str(error)), encoding="utf-8")
