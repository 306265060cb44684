"""Signals: noted by the rank that hears them, obeyed by all."""

from __future__ import annotations

import os
import signal

import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.interruption import Interrupted, Orders  # noqa: E402

pytestmark = [pytest.mark.mpi]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
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


@pytest.mark.serial
def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Orders(MPI.COMM_SELF):
        pass
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
