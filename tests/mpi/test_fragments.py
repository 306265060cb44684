"""Pieces of a broken body are the same on any number of ranks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from dolfinx import mesh  # noqa: E402

from anodefem.compilation import compile_form  # noqa: E402
from anodefem.fem.domain import SOLID_DEGREE, Domain  # noqa: E402
from anodefem.laws.cohesive import Cohesive  # noqa: E402
from anodefem.laws.fracture import CrackModel  # noqa: E402
from anodefem.meshing import make_mesh  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.physics.cracks import Cracks  # noqa: E402
from anodefem.physics.fragments import Body, Tracker  # noqa: E402
from anodefem.physics.toughness import scattered  # noqa: E402
from anodefem.verify.problems.fracture.cohesive import Laminate  # noqa: E402
from anodefem.workbench.bodies import NoParameters, block, laminate  # noqa: E402
from anodefem.workbench.numbers import Numbers, solid, uniform_species  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD
CELLS = 8
NAMES = ("fragments", "isolated_volume", "fragments_solid")


def _square(folder: Path, *, cells: int = CELLS, kind: str = "plane_strain") -> Domain:
    """A unit square whose sides at x = 0 and y = 0 are planes of symmetry."""
    if COMM.rank == 0:
        geometry = block(kind, cells=cells)
        make_mesh(geometry, NoParameters(), kinematics=kind, order=1, folder=folder)
    COMM.Barrier()
    return Domain.read(folder, COMM)


def _breakable(domain: Domain) -> tuple[Simulation, Tracker]:
    numbers = Numbers(domain)
    law = solid(numbers, "solid", young=1e5, poisson=0.2)
    numbers["toughness"].value = 5.0
    fracture = Cracks(CrackModel(True, 0.3), {"solid": numbers["toughness"]})
    simulation = Simulation(numbers, [Region("solid", law, uniform_species())], cracks=fracture)
    return simulation, Tracker(simulation.symbols)


def _break(simulation: Simulation, *lines: tuple[int, float]) -> None:
    """Let the crack field be 1 on lines x = value (axis 0) or y = value (axis 1)."""
    crack = simulation.state["crack"]
    assert crack is not None
    crack.interpolate(
        lambda x: np.any([np.isclose(x[axis], at) for axis, at in lines], axis=0).astype(float)
    )


def test_cracks_and_loose_facets_part_a_body(shared_tmp_path: Path) -> None:
    domain = _square(shared_tmp_path)
    simulation, fragments = _breakable(domain)
    whole = fragments.row()
    assert [whole[name] for name in NAMES] == [1.0, 0.0, 1.0]
    # a quarter of a body that two mirrors complete
    assert whole["fragment_volume_solid"] == pytest.approx(4.0)
    assert not fragments.cracked
    _break(simulation, (0, 0.5))
    broken = fragments.row()
    # one row of boxes on each side of the line is broken; the pieces reach two mirrors and one
    assert [broken[name] for name in NAMES] == pytest.approx([2.0, 3 / 8, 2.0])
    assert broken["fragment_volume_solid"] == pytest.approx(4 / 3)
    assert fragments.cracked
    # what was broken from the start is a flaw
    flawed = Tracker(simulation.symbols)
    assert flawed.row() == broken and not flawed.cracked
    _break(simulation, (0, 0.5), (1, 0.5))
    crossed = fragments.row()
    assert crossed["fragments"] == 4.0
    assert crossed["isolated_volume"] == pytest.approx(3 * 9 / 64)
    # quarters of a whole: one around the origin, two across a mirror each, four at the corners
    assert crossed["fragment_volume_solid"] == pytest.approx(4 / 9)


def test_an_interface_that_has_come_apart_parts_a_body(shared_tmp_path: Path) -> None:
    geometry = laminate(np.linspace(0.0, 2.0, 9), np.linspace(-1.0, 2.0, 7), held="bottom")
    if COMM.rank == 0:
        make_mesh(
            geometry, NoParameters(), kinematics="plane_strain", order=1, folder=shared_tmp_path
        )
    COMM.Barrier()
    domain = Domain.read(shared_tmp_path, COMM)
    law = Cohesive(1e5, 50.0, 50.0, 1.0, 1.0, 2.0, 1.0)
    simulation = Laminate(domain, law, young=1e4).simulation
    fragments, damage = Tracker(simulation.symbols), simulation.state["interface_damage"]
    assert damage is not None
    names = NAMES[:2]
    assert [fragments.row()[name] for name in names] == [1.0, 0.0]
    middles = mesh.compute_midpoints(
        domain.mesh, 2, np.arange(len(damage.function_space.dofmap.list), dtype=np.int32)
    )
    for reach, pieces, lost in ((1.4, 1.0, 0.0), (3.0, 2.0, 1.0)):
        damage.x.array[damage.function_space.dofmap.list[middles[:, 0] < reach]] = 1.0
        row = fragments.row()
        # the upper strip is larger, the lower one stores
        assert [row[name] for name in names] == pytest.approx([pieces, lost])
    assert not fragments.cracked


def test_an_axis_is_no_mirror(shared_tmp_path: Path) -> None:
    _, fragments = _breakable(_square(shared_tmp_path, kind="axisymmetric"))
    assert fragments.row()["fragment_volume_solid"] == pytest.approx(2.0 * np.pi)


def test_a_crack_that_ends_inside_parts_nothing(shared_tmp_path: Path) -> None:
    simulation, fragments = _breakable(_square(shared_tmp_path))
    crack = simulation.state["crack"]
    assert crack is not None
    crack.interpolate(lambda x: (np.isclose(x[0], 0.5) & (x[1] < 0.7)).astype(float))
    row = fragments.row()
    assert [row[name] for name in NAMES] == [1.0, 0.0, 1.0]


def test_nothing_is_left_when_all_is_broken(shared_tmp_path: Path) -> None:
    simulation, fragments = _breakable(_square(shared_tmp_path))
    simulation.state["crack"].x.array[:] = 1.0
    assert set(fragments.row().values()) == {0.0}


def test_crumbs_do_not_count() -> None:
    volumes = np.array([1.0, 1.0, 1e-4, 1.0])
    bonds = np.array([[0, 1], [1, 2], [2, 3]])
    mirrors = np.zeros((4, 0), dtype=bool)
    body = Body(volumes, np.ones(4, dtype=np.int64), mirrors, bonds)
    pieces = body.pieces(np.ones(4, dtype=bool), np.array([False, True, True]))
    np.testing.assert_array_equal(pieces, [0, 0, 1, 2])
    np.testing.assert_array_equal(body.counted(pieces), [True, False, True])


def test_scatter_of_toughness_does_not_depend_on_the_mesh(shared_tmp_path: Path) -> None:
    means = []
    for cells in (12, 31):
        domain = _square(shared_tmp_path / str(cells), cells=cells)
        factor = scattered(domain, spread=0.3, correlation=0.25, seed=4)
        x = domain.kinematics.position
        dx = domain.dx("solid", degree=SOLID_DEGREE)
        moments = [domain.total(compile_form(factor * x[i] ** 4 * dx)) for i in (0, 1)]
        means.append([domain.total(compile_form(factor * dx)), *moments])
    # at 1/12 of the side, a third of the correlation length, chords of the field are 1 % off
    np.testing.assert_allclose(means[0], means[1], rtol=0.01)
    other = scattered(domain, spread=0.3, correlation=0.25, seed=5)
    assert domain.total(compile_form(other * dx)) != pytest.approx(means[1][0], rel=0.01)
