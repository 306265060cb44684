"""Multigrid on potentials beside factorisations of the same block."""

from __future__ import annotations

from pathlib import Path

from petsc4py import PETSc

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.model.regions import Region  # noqa: E402
from anodefem.solve import potentials  # noqa: E402
from anodefem.solve.direct import lu  # noqa: E402
from anodefem.solve.potentials import Potentials  # noqa: E402
from anodefem.solve.system import System  # noqa: E402
from anodefem.verify.problems.diffusion.chemistry import bar, front, heights, known  # noqa: E402
from anodefem.workbench.bodies import Layer, cylinder, read  # noqa: E402
from anodefem.workbench.numbers import Numbers, diffusing_species, solid  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402

pytestmark = pytest.mark.serial


def hosts(folder: Path, *names: str, rings: int = 4) -> Simulation:
    """Quarter of a wire of concentric hosts that fill from outside.

    Args:
        folder: Where its mesh goes.
        names: Of the hosts, from inside out.
        rings: Cells across each.
    """
    layers = [Layer(name, i + 1.0, rings) for i, name in enumerate(names)]
    numbers = Numbers(read(cylinder(*layers, sectors=2 * rings), folder))
    regions = [
        Region(
            name,
            solid(numbers, name, young=60e3, poisson=0.25, full=1.5),
            diffusing_species(numbers, 1.0),
        )
        for name in names
    ]
    simulation = Simulation(numbers, regions)
    simulation.fill(0.4)
    c, space = simulation.state["c"], simulation.state["c"].function_space
    squares = np.square(space.tabulate_dof_coordinates()).sum(axis=1)
    values = c.x.array.reshape(-1, c.ufl_shape[0])
    values[:, :-1] += 0.1 * (squares / squares.max())[:, None]
    values[:, -1] = np.log(values[:, 0] / (1.0 - values[:, 0]))
    return simulation


def solved(block: PETSc.Mat, count: int, *, seed: int = 1) -> tuple[float, Potentials]:
    """Share that is wrong of a solution with the block, and what solved with it.

    Args:
        block: Fractions and potentials.
        count: Their number at a node.
        seed: Of the right-hand side.
    """
    b, x = block.createVecs()
    b.array_w[:] = np.random.default_rng(seed).standard_normal(b.local_size)
    solver = Potentials(block, count)
    solver.apply(PETSc.PC(), b, x)
    rest = b.duplicate()
    block.mult(x, rest)
    rest.aypx(-1.0, b)
    return float(rest.norm() / b.norm()), solver


def block_of(simulation: Simulation, dt: float) -> PETSc.Mat:
    """Block of fractions and potentials for a step in time.

    Args:
        simulation: Its fields are taken as they are.
        dt: Length of the step [s].
    """
    simulation.state.dt.value = dt
    system = System(simulation.model, joined=False)
    place = system.blocks.index("c")
    return system.matrix.getNestSubMatrix(place, place)


@pytest.mark.parametrize("names", [("core",), ("core", "coat")], ids="-".join)
def test_iterations_are_few_for_steps_of_any_length(tmp_path: Path, names: tuple[str, ...]) -> None:
    simulation = hosts(tmp_path, *names)
    count = simulation.state["c"].ufl_shape[0]
    assert count == len(names) + 1
    for dt in (1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6):
        wrong, solver = solved(block_of(simulation, dt), count)
        assert wrong <= 1.01 * potentials.REDUCTION
        assert solver.iterations <= 10, dt


def test_iterations_do_not_grow_with_the_mesh(tmp_path: Path) -> None:
    found = []
    for rings in (4, 16):
        folder = tmp_path / str(rings)
        folder.mkdir()
        _, solver = solved(block_of(hosts(folder, "core", rings=rings), 1.0), 2)
        found.append(solver.iterations)
    assert found[1] <= found[0] + 2


def test_a_factorisation_takes_over_where_two_phases_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(potentials, "LIMIT", 4)
    caplog.set_level("INFO", "anodefem")
    simulation = bar(tmp_path, layers=60, scale=0.05)
    z = heights(simulation)
    values = simulation.state["c"].x.array.reshape(-1, 2)
    values[:, 0], values[:, 1] = front(z, known(3.0), at=0.5, scale=0.05), 0.0
    block = block_of(simulation, 1.0)
    wrong, solver = solved(block, 2)
    assert wrong < 1e-8
    assert "a factorisation takes over" in caplog.text
    # in the next solve of this step at once, and said once
    b, x = block.createVecs()
    b.set(1.0)
    told = len(caplog.records)
    solver.apply(PETSc.PC(), b, x)
    exact = PETSc.KSP().create()
    exact.setOperators(block)
    exact.setType(PETSc.KSP.Type.PREONLY)
    lu(exact.getPC())
    y = x.duplicate()
    exact.solve(b, y)
    assert np.abs(x.array - y.array).max() <= 1e-9 * np.abs(y.array).max()
    solver.begin()
    solver.apply(PETSc.PC(), b, x)
    assert len(caplog.records) == told
