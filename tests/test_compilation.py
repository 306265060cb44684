"""Compiled forms are shared by processes, and survive those that are killed."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# One form, which no other test compiles; prints its value (1 + 1/7) and how long it took.
PROGRAM = """
import time, numpy, ufl
from mpi4py import MPI
from dolfinx import fem, mesh
from anodefem.compilation import compile_form
square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
one = fem.Constant(square, 1.0)
began = time.perf_counter()
form = compile_form((one + one**3 / 7) * ufl.dx)
took = time.perf_counter() - began
value = square.comm.allreduce(fem.assemble_scalar(form))
if square.comm.rank == 0:
    print(f"{value:.6f} {took:.2f}")
"""


def start(cache: Path, *launcher: str, **variables: str) -> subprocess.Popen[str]:
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)} | variables
    return subprocess.Popen(
        [*launcher, sys.executable, "-c", PROGRAM],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[float, str]:
    """Return the seconds that compiling took, and what was said."""
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    value, seconds = out.split()
    assert value == "1.142857"
    return float(seconds), said


def wait_for(folder: Path, pattern: str) -> Path:
    """Return the first file of that name, as soon as it is there."""
    for _ in range(6000):
        for found in folder.glob(pattern):
            return found
        time.sleep(0.01)
    raise AssertionError(f"no {pattern} in {folder}")


@pytest.mark.serial
def test_a_killed_run_leaves_nothing_to_wait_for(tmp_path: Path) -> None:
    killed = start(tmp_path)
    source = wait_for(tmp_path, "fenics/anodefem/libffcx_*.c")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not source.with_suffix(".c.cached").exists(), "it was too fast to be killed"
    seconds, said = finish(start(tmp_path))
    assert said == ""
    assert seconds < 5


@pytest.mark.serial
def test_two_first_runs_at_once_both_succeed(tmp_path: Path) -> None:
    both = [start(tmp_path), start(tmp_path)]
    for process in both:
        finish(process)


@pytest.mark.serial
def test_a_library_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    finish(start(tmp_path))
    library = wait_for(tmp_path, "fenics/anodefem/libffcx_*.so")
    for damage in (b"", b"not a library"):
        library.unlink()
        library.write_bytes(damage)
        finish(start(tmp_path))
        assert library.stat().st_size > 1000
    library.unlink()
    finish(start(tmp_path))


@pytest.mark.serial
def test_a_process_that_compiles_is_waited_for_with_a_message(tmp_path: Path) -> None:
    finish(start(tmp_path))
    folder = tmp_path / "fenics" / "anodefem"
    mark = wait_for(folder, "libffcx_*.c.cached")
    mark.unlink()
    with (folder / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as one that compiles this form
        waiting = start(tmp_path)
        assert waiting.stderr is not None
        said = waiting.stderr.readline()
        assert re.match(r"anodefem: waiting for another process that compiles the same form", said)
        mark.touch()
        _, said = finish(waiting)
        assert said == ""


@pytest.mark.serial
@pytest.mark.parametrize("ranks", [1, 2])
def test_a_folder_that_cannot_be_written_is_replaced_with_one_message(
    tmp_path: Path, ranks: int
) -> None:
    (tmp_path / "cache").touch()
    launcher = ("mpirun", "-n", str(ranks)) if ranks > 1 else ()
    _, said = finish(start(tmp_path / "cache", *launcher, TMPDIR=str(tmp_path)))
    folder = tmp_path / f"anodefem-forms-{os.getuid()}"
    assert said.count("compiled forms cannot be kept in") == 1
    assert f"they go to {folder}." in said
    assert list(folder.glob("libffcx_*.so"))


@pytest.mark.serial
def test_nobody_else_can_put_a_library_where_forms_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    shared = tmp_path / f"anodefem-forms-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    _, said = finish(start(tmp_path / "cache", TMPDIR=str(tmp_path)))
    assert not list(shared.iterdir())
    assert "anodefem-forms-" in said
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith("anodefem-forms-")]
    assert left == [shared.name], "the folder of one run is removed with it"
