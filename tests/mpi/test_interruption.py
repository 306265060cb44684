"""Signals: noted by the rank that hears them, obeyed by all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem import launch  # noqa: E402
from anodefem.errors import InputError  # noqa: E402
from anodefem.interruption import Interrupted, Orders  # noqa: E402
from anodefem.parallel import on_first_rank  # noqa: E402

pytestmark = [pytest.mark.mpi]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP, signal.SIGINT])
def test_all_ranks_hear_of_a_signal_that_one_received(number: int) -> None:
    comm = MPI.COMM_WORLD
    with Orders(comm) as orders:
        orders.defer()
        assert orders.pending() == 0
        if comm.rank == comm.size - 1:
            os.kill(os.getpid(), number)
        assert orders.pending() == number


@pytest.mark.serial
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_what_has_nothing_to_lose_at_once(number: int, code: int) -> None:
    with Orders(MPI.COMM_SELF), pytest.raises(Interrupted) as caught:
        os.kill(os.getpid(), number)
        pytest.fail("the signal was ignored")
    assert caught.value.exit_code == code


@pytest.mark.serial
def test_a_second_ctrl_c_does_not_wait() -> None:
    with Orders(MPI.COMM_SELF) as orders:
        orders.defer()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGINT)


_STARTING = """
import os, signal, sys
from pathlib import Path
from anodefem import launch
from anodefem.cli import app, run

def starting(*_, **__):
    os.kill(os.getpid(), int(sys.argv[1]))

run._run = starting
app(["run", "case.toml"])
"""


@pytest.mark.serial
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGUSR1, 143), (signal.SIGHUP, 143)],
)
def test_a_signal_ends_a_run_that_starts_in_one_sentence(number: int, code: int) -> None:
    words = [sys.executable, "-c", _STARTING, str(int(number))]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert ended.stderr == f"interrupted by {signal.Signals(number).name}\n"


@pytest.mark.serial
def test_under_nohup_a_terminal_that_closes_is_no_order() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Orders(MPI.COMM_SELF) as orders:
            os.kill(os.getpid(), signal.SIGHUP)
            assert orders.pending() == 0
    finally:
        signal.signal(signal.SIGHUP, former)


@pytest.mark.serial
def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Orders(MPI.COMM_SELF):
        pass
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


_RANK = """
import os, time
from pathlib import Path
from anodefem import launch
Path("number").write_text(str(os.getpid()))
while os.getppid() == launch._PARENT:
    time.sleep(0.01)
launch.end_with_launcher()
Path("alive").touch()
"""
_LAUNCHER = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]])
"""


@pytest.mark.serial
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")
def test_a_rank_ends_whose_launcher_died_before_it_listened(tmp_path: Path) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", _LAUNCHER, _RANK], cwd=tmp_path)
    number, deadline = tmp_path / "number", time.monotonic() + 60.0
    while not (number.exists() and number.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    launcher.kill()
    launcher.wait()
    rank = Path("/proc", number.read_text(), "status")
    while rank.exists() and "State:\tZ" not in rank.read_text():
        assert time.monotonic() < deadline, "the rank lives on"
        time.sleep(0.02)
    assert not (tmp_path / "alive").exists()


@pytest.mark.serial
def test_ranks_that_do_not_see_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "3")
    launch.require_ranks(3)
    with pytest.raises(InputError, match="has started 3 ranks, but this one sees no other"):
        launch.require_ranks(1)


@pytest.mark.serial
@pytest.mark.parametrize("name", ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"])
@pytest.mark.parametrize("said", ["abc", "-3", "0", "1e3", "\u0663"])
def test_a_number_of_ranks_that_is_none_is_refused(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, said)
    with pytest.raises(InputError, match=f"{name} = .*: is no number of ranks"):
        launch.ranks_started()
    assert launch.speaks()


class Peculiar(Exception):
    """Cannot be made anew from its text alone."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"{text} {number}")


def test_an_order_that_the_first_rank_obeys_reaches_all() -> None:
    """As a signal does that comes while rank 0 meshes; also errors that no copy can be made of."""

    def obey() -> None:
        raise Interrupted(signal.SIGUSR1, "at soc = 0.1")

    with pytest.raises(Interrupted, match=r"SIGUSR1 at soc = 0\.1; go on") as caught:
        on_first_rank(MPI.COMM_WORLD, obey)
    assert (caught.value.number, caught.value.exit_code) == (signal.SIGUSR1, 143)

    def fail() -> None:
        raise Peculiar(7, "number")

    with pytest.raises((Peculiar, RuntimeError), match="number 7"):
        on_first_rank(MPI.COMM_WORLD, fail)
