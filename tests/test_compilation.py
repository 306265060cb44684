"""Compiled forms are shared by processes, and survive those that are killed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from anodefem import compilation

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
    source = wait_for(tmp_path, "fenics/anodefem/*/libffcx_*.c")
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
    library = wait_for(tmp_path, "fenics/anodefem/*/libffcx_*.so")
    content = library.read_bytes()
    # loading one that is cut off would kill the process
    for damage in (b"", b"not a library", content[: len(content) // 2]):
        library.unlink()
        library.write_bytes(damage)
        finish(start(tmp_path))
        assert library.stat().st_size == len(content)
    library.unlink()
    finish(start(tmp_path))


@pytest.mark.serial
def test_a_process_that_compiles_is_waited_for_with_a_message(tmp_path: Path) -> None:
    finish(start(tmp_path))
    mark = wait_for(tmp_path, "fenics/anodefem/*/libffcx_*.c.cached")
    mark.unlink()
    with (mark.parent / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as one that compiles this form
        waiting = start(tmp_path)
        assert waiting.stderr is not None
        said = waiting.stderr.readline()
        assert re.match(r"anodefem: waiting for another process that compiles the same form", said)
        mark.touch()
        _, said = finish(waiting)
        assert said == ""


@pytest.mark.serial
def test_one_that_finishes_while_waiting_is_given_up_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilation, "_cache", lambda: tmp_path)
    outcomes = iter([TimeoutError("JIT compilation timed out"), "a form"])

    def make(options: dict[str, Any]) -> str:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert compilation._compiled(make, "key", MPI.COMM_SELF, []) == "a form"


# Counts the names of the folders of the cache that are listed while a form and an expression are
# found, both compiled before.
LISTING = """
import os, sys, numpy, ufl
from pathlib import Path
from mpi4py import MPI
from dolfinx import mesh
from anodefem.compilation import compile_expression, compile_form
listed = []
def note(event, arguments):
    if event in ("os.listdir", "os.scandir") and str(arguments[0]).startswith(sys.argv[1]):
        listed.append(str(arguments[0]))
sys.addaudithook(note)
square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
x = ufl.SpatialCoordinate(square)
compile_form(x[0] * ufl.dx)
compile_expression(x[0] * x[1], numpy.zeros((1, 2)))
print(len(listed), sum(len(os.listdir(folder)) for folder in list(listed)))
"""


@pytest.mark.serial
def test_what_a_form_costs_does_not_grow_with_the_number_of_forms(tmp_path: Path) -> None:
    def listed() -> str:
        done = subprocess.run(
            [sys.executable, "-c", LISTING, str(tmp_path)],
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout

    listed()
    few = listed()
    assert int(few.split()[0]) >= 4, "every library is looked at, and looked for"
    forms = tmp_path / "fenics" / "anodefem"
    known = [folder for folder in forms.iterdir() if list(folder.glob("libffcx_*"))]
    assert len(known) == 2
    for number in range(200):
        shutil.copytree(known[number % 2], forms / f"{number:032x}")
    assert listed() == few


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
    assert list(folder.glob("*/libffcx_*.so"))


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


# A form that is compiled for vectors: of two arguments, in three dimensions.
MATRIX = """
import ufl
from mpi4py import MPI
from dolfinx import fem, mesh
from anodefem import compilation
rank = MPI.COMM_WORLD.rank
compilation.INSTRUCTIONS |= {"none"} if LACKS else set()
cube = mesh.create_unit_cube(MPI.COMM_WORLD, 2, 1, 1)
space = fem.functionspace(cube, ("Lagrange", 1))
u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
matrix = fem.assemble_matrix(compilation.compile_form(3 * u * v * ufl.dx))
one = cube.comm.allreduce(float(matrix.data[: matrix.indptr[-1]].sum()))
if rank == 0:
    print(f"{one:.6f}")
"""


@pytest.mark.serial
def test_ranks_agree_on_instructions_that_all_of_them_have(tmp_path: Path) -> None:
    found = []
    for some in ("False", "rank == 1", "rank == 0", "True"):
        process = subprocess.run(
            ["mpirun", "-n", "2", sys.executable, "-c", MATRIX.replace("LACKS", some)],
            env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert float(process.stdout) == pytest.approx(3.0)
        found.append(len([*tmp_path.glob("fenics/anodefem/*/libffcx_*.so")]))
    # one library for all who have them, and one for ranks of which any does not
    assert found == [1, *[1 + compilation._has_instructions()] * 3]


@pytest.mark.serial
def test_what_is_not_a_number_stays_none_however_sums_are_ordered() -> None:
    cube = mesh.create_unit_cube(MPI.COMM_SELF, 1, 1, 1)
    space = fem.functionspace(cube, ("Lagrange", 1))
    x, u, v = fem.Function(space), ufl.TrialFunction(space), ufl.TestFunction(space)
    x.x.array[:] = -1.0
    chosen = ufl.conditional(ufl.lt(x, 0.0), 1.0, ufl.sqrt(x))
    for value, finite in ((ufl.sqrt(x), False), (1.0 / (x + 1.0), False), (chosen, True)):
        matrix = fem.assemble_matrix(compilation.compile_form(value * u * v * ufl.dx))
        assert np.isfinite(matrix.data).all() == finite
