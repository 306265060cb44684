"""Fixtures for every test, and what makes pytest itself behave under mpirun.

Tests marked ``mpi`` run on any number of ranks; tests marked ``serial`` are skipped on more than
one; tests marked ``thorough`` run only when they are asked for, with ``-m thorough``. Nothing here
imports mpi4py in a serial session, so laws, meshes and comparisons are testable without it.
"""

from __future__ import annotations

import gc
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mpi4py import MPI

# Set for each rank by the launchers of Open MPI, MPICH and Slurm.
_LAUNCHER_VARIABLES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK")


def _communicator() -> MPI.Intracomm | None:
    """Return the world communicator if it has more than one rank."""
    if not any(name in os.environ for name in _LAUNCHER_VARIABLES):
        return None
    from mpi4py import MPI

    return MPI.COMM_WORLD if MPI.COMM_WORLD.size > 1 else None


COMM = _communicator()


@pytest.fixture
def shared_tmp_path(tmp_path: Path) -> Path:
    """Return a temporary folder that is the same on all ranks."""
    return tmp_path if COMM is None else COMM.bcast(tmp_path, root=0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what nobody asked for, and what cannot run on more than one rank."""
    if "thorough" not in config.option.markexpr:
        thorough = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=thorough)
        items[:] = [item for item in items if item not in set(thorough)]
    if COMM is not None:
        for item in items:
            if item.get_closest_marker("serial"):
                item.add_marker(pytest.mark.skip(reason="runs on one rank only"))
    elif hasattr(config, "workerinput"):
        # Of several processes none is left alone with a long test at the end.
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


if COMM is not None:

    class _Failures:
        """Report a failure of any rank at once: a rank that fails may leave the others waiting."""

        def __init__(self, config: pytest.Config) -> None:
            self._writer = config.get_terminal_writer()
            if COMM is not None and COMM.rank > 0:
                # Only rank 0 speaks; pytest has no public way to silence its reporter.
                reporter: Any = config.pluginmanager.getplugin("terminalreporter")
                reporter._tw = type(self._writer)(io.StringIO())

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            """Print where and why a test failed on this rank."""
            if report.failed and COMM is not None:
                self._writer.line(f"\n[rank {COMM.rank}] {report.nodeid} ({report.when})")
                self._writer.line(report.longreprtext)
                self._writer.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(config: pytest.Config) -> None:
        """Let rank 0 report, and every rank its failures."""
        config.pluginmanager.register(_Failures(config))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown() -> None:
        """Free distributed objects on all ranks together: their destructors are collective."""
        gc.collect()
        if COMM is not None:
            COMM.Barrier()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
        """Fail on every rank if any rank failed."""
        if COMM is not None:
            session.exitstatus = max(COMM.allgather(int(exitstatus)))

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure() -> None:
        """Wait until rank 0 has said its last line: mpirun ends all when one rank ends badly."""
        if COMM is not None:
            COMM.Barrier()
