"""Periodic sides: where a slice is cut says nothing, and what is tied stays the same."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from dolfinx import fem, mesh  # noqa: E402

from anodefem import cases  # noqa: E402
from anodefem.contract import checked  # noqa: E402
from anodefem.errors import InputError  # noqa: E402
from anodefem.fem.contract import Nodes  # noqa: E402
from anodefem.fem.domain import Domain  # noqa: E402
from anodefem.fem.periodic import Ties  # noqa: E402
from anodefem.geometry import Geometry, Roles, SimplexMesh  # noqa: E402
from anodefem.meshing import make_mesh  # noqa: E402
from anodefem.meshing.grid import on_grid  # noqa: E402
from anodefem.meshing.simplices import name_exterior  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.physics.plate import Plate  # noqa: E402
from anodefem.physics.sei import FacetNodalMeans  # noqa: E402
from anodefem.solve.linear import find  # noqa: E402
from anodefem.solve.newton import Newton  # noqa: E402
from anodefem.solve.staggered import Monolithic  # noqa: E402
from anodefem.verify.runs import run_case  # noqa: E402
from anodefem.workbench.bodies import NoParameters, read  # noqa: E402
from anodefem.workbench.numbers import Numbers, diffusing_species, solid  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402

WIDTH, HEIGHT, COLUMNS, ROWS = 3.0, 1.0, 12, 4


def slice_of(moved: int, *, bump: float = 0.0) -> Geometry:
    """A host like a crooked T in a matrix, under a plate.

    Args:
        moved: Columns of cells by which the arrangement is moved along the slice.
        bump: How far a vertex of the right side is moved up [um].
    """

    def region(middles: np.ndarray) -> np.ndarray:
        x = (middles[:, 0] - moved * WIDTH / COLUMNS) % WIDTH
        stem = (x > 0.5) & (x < 1.25)
        bar = (middles[:, 1] > 0.25) & (middles[:, 1] < 0.5) & ((x < 2.25) | (x > 2.75))
        return np.where(stem | bar, 0, 1)

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        lines = [np.linspace(0.0, WIDTH, COLUMNS + 1), np.linspace(0.0, HEIGHT, ROWS + 1)]
        mesh = on_grid(lines, ["host", "matrix"], region)
        mesh = name_exterior(mesh, {"inlet": (1, HEIGHT)}, of="host")
        ends = {"left": (0, 0.0), "right": (0, WIDTH), "bottom": (1, 0.0), "top": (1, HEIGHT)}
        mesh = name_exterior(mesh, ends)
        points = mesh.points.copy()
        points[(points == [WIDTH, HEIGHT / ROWS]).all(axis=1), 1] += bump
        return replace(mesh, points=points)

    host = 0.75 * HEIGHT + (2.5 - 0.75) * 0.25
    exact = {"host": host, "matrix": WIDTH * HEIGHT - host, "hull": WIDTH * HEIGHT}
    roles = Roles(
        flux=("inlet",),
        sei=("inlet",),
        hull=("inlet", "top", "left", "right"),
        symmetry={"bottom": 1, "inlet": 1, "top": 1},
        periodic=(("left", "right"),),
        plate=("inlet", "top"),
    )
    return Geometry(
        name="slice",
        title="A slice of a periodic layer",
        kinematics=("plane_strain",),
        parameters=NoParameters,
        exact=lambda p, kinematics: exact,
        roles=lambda p, kinematics: roles,
        regions=lambda p, kinematics: ("host", "matrix"),
        discretise=discretise,
    )


def regions(numbers: Numbers) -> list[Region]:
    """A host, and a matrix around it."""
    host = solid(numbers, "host", young=60e3, poisson=0.25, full=2.0, yield_stress=1e3)
    matrix = solid(numbers, "matrix", young=3e3, poisson=0.3)
    species = diffusing_species(numbers, 1e-3)
    return [Region("host", host, species), Region("matrix", matrix, None)]


def filled(folder: Path, moved: int) -> tuple[Simulation, dict[str, float]]:
    """Simulation after a few steps, and its row of metrics."""
    numbers = Numbers(read(slice_of(moved), folder, order=1))
    simulation = Simulation(numbers, regions(numbers), more=[Plate(5.0)])
    metrics = simulation.metrics()
    simulation.fill(0.1)
    simulation.start()
    for _ in range(4):
        simulation.step(60.0, rate=0.05 / 60.0)
    return simulation, metrics.row()


def test_where_a_slice_is_cut_says_nothing(tmp_path: Path) -> None:
    """By a third of its width, on a grid that looks the same from there: equal to round-off."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, row = filled(tmp_path / "here", 0)
    there, other = filled(tmp_path / "there", COLUMNS // 3)
    assert row["thickness_ratio [-]"] > 1.02
    for name, value in row.items():
        assert other[name] == pytest.approx(value, rel=1e-7, abs=1e-9), name
    assert row["soc [-]"] == pytest.approx(0.1 + 4 * 0.05, abs=1e-12)
    for simulation in (here, there):
        assert set(simulation.model.ties) == {"c", "u"}
        for name, tied in simulation.model.ties.items():
            assert tied.count == (1 + 2 * ROWS if name == "u" else 1 + ROWS)
            values = simulation.state[name].x.array
            same = values.copy()
            tied.complete(same)
            np.testing.assert_allclose(same, values, rtol=0.0, atol=1e-12)
    # the host crosses the sides, which move, bend and stretch
    nodes, displacement = there.displacement()
    side = displacement[nodes[:, 0] == 0.0]
    assert np.ptp(side[:, 0]) > 1e-3


def test_matching_takes_memory_for_the_sides_alone() -> None:
    """A hundred times as long a slice has the same sides."""

    def peak(columns: int) -> int:
        grid = mesh.create_rectangle(MPI.COMM_SELF, [[0.0, 0.0], [columns, 20.0]], [columns, 20])
        grid.topology.create_connectivity(1, 2)
        sides = {
            name: mesh.locate_entities_boundary(grid, 1, lambda x, at=at: np.isclose(x[0], at))
            for name, at in (("left", 0.0), ("right", columns))
        }
        roles = SimpleNamespace(periodic=(("left", "right"),))
        domain = SimpleNamespace(
            comm=grid.comm, dim=2, facets=sides.get, manifest=SimpleNamespace(roles=roles)
        )
        space = fem.functionspace(grid, ("Lagrange", 1, (2,)))
        tracemalloc.start()
        assert Ties(domain, space).count == 21
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(20)  # what Python keeps of the first time
    short, long = peak(20), peak(2000)
    # numbers of all nodes of the long one, 8 bytes each
    assert long - short < 8 * 2001 * 21 / 10


def test_means_of_facets_are_the_same_on_both_sides(tmp_path: Path) -> None:
    """As output fields of a film are, which goes on beyond the sides."""
    simulation, _ = filled(tmp_path, 0)
    s = simulation.model.symbols
    cells = s.facing_solids(s.domain.manifest.roles.hull)[::2]
    values = np.random.default_rng(1).random((len(cells), 1))
    nodes = Nodes(s.domain)
    (means,) = FacetNodalMeans(s, s.ds("hull"), 1).evaluate(nodes, cells, values)
    x, y, _ = nodes.space.tabulate_dof_coordinates().T
    left, right = (np.flatnonzero(np.isclose(x, end)) for end in (0.0, WIDTH))
    left, right = left[np.argsort(y[left])], right[np.argsort(y[right])]
    assert np.ptp(means[left]) > 0.1
    np.testing.assert_allclose(means[left], means[right], rtol=1e-12)


def block_of(moved: tuple[int, int]) -> Geometry:
    """The same in 3D, periodic along x and y, with a host that crosses both and a void.

    Args:
        moved: Columns of cells by which the arrangement is moved along x and y.
    """
    count, height = 6, 3

    def region(middles: np.ndarray) -> np.ndarray:
        # pieces of two columns each, so that no side is an interface
        i, j = (
            ((middles[:, axis] * count).astype(int) - moved[axis] + 7) // 2 % 3 for axis in (0, 1)
        )
        middle = (middles[:, 2] * height).astype(int) == 1
        host = (i < 2) & (j == 0) | middle & (i == 1)
        void = middle & (i == 2) & (j > 0)
        return np.where(host, 0, np.where(void, 2, 1))

    def discretise(p: NoParameters, kinematics: str) -> SimplexMesh:
        lines = [np.linspace(0.0, 1.0, cells + 1) for cells in (count, count, height)]
        mesh = on_grid(lines, ["host", "matrix", "void"], region)
        mesh = name_exterior(mesh, {"inlet": (2, 1.0)}, of="host")
        ends = {"left": (0, 0.0), "right": (0, 1.0), "front": (1, 0.0), "back": (1, 1.0)}
        return name_exterior(mesh, ends | {"bottom": (2, 0.0), "top": (2, 1.0)})

    box = 1.0 / count**2 / height
    exact = {"host": 32 * box, "matrix": 68 * box, "void": 8 * box, "hull": 1.0}
    roles = Roles(
        flux=("inlet",),
        sei=("inlet",),
        hull=("inlet", "top", "left", "right", "front", "back"),
        symmetry={"bottom": 2, "inlet": 2, "top": 2},
        periodic=(("left", "right"), ("front", "back")),
        medium=("void",),
        plate=("inlet", "top"),
    )
    return Geometry(
        name="block",
        title="A block of a layer that goes on along x and y",
        kinematics=("3d",),
        parameters=NoParameters,
        exact=lambda p, kinematics: exact,
        roles=lambda p, kinematics: roles,
        regions=lambda p, kinematics: ("host", "matrix"),
        discretise=discretise,
    )


def swollen(domain: Domain, linear: str) -> tuple[Simulation, dict[str, float]]:
    """A block after two steps, and its row of metrics; collective."""
    numbers = Numbers(domain)
    simulation = Simulation(numbers, regions(numbers), medium_stiffness=1.0, more=[Plate(5.0)])
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-10, solver=find(linear))
    simulation._newton = Monolithic(newton, loaded=simulation.updates.loaded)
    metrics = simulation.metrics()
    simulation.fill(0.1)
    simulation.start()
    for _ in range(2):
        simulation.step(60.0, rate=0.05 / 60.0)
    return simulation, metrics.row()


@pytest.mark.slow
def test_where_a_block_is_cut_says_nothing(tmp_path: Path) -> None:
    """Along both axes, and the iterative solver finds the same."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    _, row = swollen(read(block_of((0, 0)), tmp_path / "here", order=1), "direct")
    assert row["thickness_ratio [-]"] > 1.005
    moved = read(block_of((2, 4)), tmp_path / "there", order=1)
    for linear in ("direct", "iterative"):
        there, other = swollen(moved, linear)
        for key, value in row.items():
            if key != "newton_iterations [-]":
                assert other[key] == pytest.approx(value, rel=1e-6, abs=1e-9), (linear, key)
        # nodes of linear functions on a side, of quadratic ones; edges between sides count once
        assert {key: ties.count for key, ties in there.model.ties.items()} == {
            "c": (49 - 36) * 4,
            "u": (169 - 144) * 7,
        }
        # an edge between two sides is one of four that move alike
        nodes, displacement = there.displacement()
        nodes = nodes.round(9)
        edge = np.isin(nodes[:, :2], (0.0, 1.0)).all(axis=1)
        moves = displacement[edge][np.argsort(nodes[edge, 2])].reshape(7, 4, 3)
        np.testing.assert_allclose(moves - moves[:, :1], 0.0, rtol=0.0, atol=1e-12)
        assert np.ptp(moves[:, 0], axis=0).max() > 1e-4


def test_a_block_is_held_by_two_components(tmp_path: Path) -> None:
    anchor = read(block_of((0, 0)), tmp_path, order=1).manifest.roles.anchor
    assert [component for _, component in anchor] == [0, 1]


def test_a_slice_is_held_by_one_component(tmp_path: Path) -> None:
    anchor = read(slice_of(0), tmp_path, order=1).manifest.roles.anchor
    assert [component for _, component in anchor] == [0]


def test_sides_that_do_not_match_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the sides 'left' and 'right' do not match"):
        read(slice_of(0, bump=0.05), tmp_path, order=1)


def test_periodic_sides_are_not_for_bodies_of_revolution() -> None:
    geometry = replace(slice_of(0), kinematics=("axisymmetric",))
    with pytest.raises(InputError, match=r"roles\.periodic is for plane strain and 3D"):
        checked(geometry, NoParameters(), "axisymmetric")


SLICE = """
title = "Slice of one particle"

[geometry]
plugin = "electrode"
particles = 1
width = "2.6 um"
gap = "0.6 um"
fill = 0.4
collector_thickness = "0.3 um"
refinement = 0.6
sides = "{sides}"
stack_pressure = "0.1 MPa"

[materials]
particle = {{ card = "aluminium-lithium", transport = "uniform" }}
binder = "pr-paa"
collector = "copper"

[protocol]
steps = ["lithiate at C/10 until soc = 0.2"]

[solver]
medium_stiffness = 1e-5
"""


@pytest.mark.slow
def test_a_row_of_particles_is_the_same_with_mirrors(tmp_path: Path) -> None:
    """One particle in the middle between mirrors, and cut in halves by periodic sides."""
    found = {}
    for sides in ("mirror", "periodic"):
        (tmp_path / sides).mkdir()
        found[sides] = run_case(tmp_path / sides, SLICE.format(sides=sides))
    mirror, periodic = found["mirror"], found["periodic"]
    soc = np.linspace(0.02, 0.2, 10)
    for name, near in (("thickness_ratio", 1e-3), ("contact_pressure_mean", 2e-5)):
        one, other = (np.interp(soc, each["soc"], each[name]) for each in (mirror, periodic))
        np.testing.assert_allclose(one, other, rtol=0.0, atol=near, err_msg=name)
    assert np.ptp(mirror["thickness_ratio"]) > 0.03


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [
                'geometry.kinematics="3d"',
                "geometry.fill=0.18",
                'geometry.bridge="0.45 um"',
                'geometry.meniscus="0.4 um"',
            ],
            "coats touch or are bridged, which periodic sides in 3D do not allow",
        ),
        (['geometry.width="2.55 um"'], "closer than gap to itself"),
        (["fracture={regions=['particle'], length='0.2 um'}"], "fracture: not with periodic sides"),
        (
            ['sei.recipe="ec-dmc"', "sei.surfaces=['left']"],
            "'left' is a side beyond which the body goes on, no surface",
        ),
    ],
)
def test_what_periodic_sides_cannot_do_is_refused(
    tmp_path: Path, changes: list[str], message: str
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(SLICE.format(sides="periodic"))
    with pytest.raises(InputError, match=message):
        cases.load(path, changes)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
def test_balls_that_cross_the_sides_keep_their_size(tmp_path: Path, order: int) -> None:
    path = tmp_path / "run.toml"
    path.write_text(SLICE.format(sides="periodic"))
    changes = ['geometry.kinematics="3d"', "geometry.particles=4", 'geometry.width="4.4 um"']
    changes += ["geometry.fill=0.22", 'geometry.gap="0.45 um"', 'geometry.bridge="0.1 um"']
    changes += ['geometry.coat_thickness="0.15 um"']
    geometry = cases.load(path, changes).geometry
    made = make_mesh(
        geometry.plugin,
        geometry.parameters,
        kinematics="3d",
        order=order,
        folder=tmp_path / "mesh",
    )
    for name, value in made.exact.items():
        assert made.measures[name] == pytest.approx(value, rel=(6e-2, 5e-3)[order - 1]), name
    for one, other in made.roles.periodic:
        assert made.counts[one] == made.counts[other] > 10


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
def test_particles_that_cross_the_sides_keep_their_size(tmp_path: Path, order: int) -> None:
    path = tmp_path / "run.toml"
    path.write_text(SLICE.format(sides="periodic"))
    changes = ["geometry.particles=5", 'geometry.width="4 um"', "geometry.fill=0.3"]
    geometry = cases.load(path, changes).geometry
    made = make_mesh(
        geometry.plugin,
        geometry.parameters,
        kinematics="plane_strain",
        order=order,
        folder=tmp_path / "mesh",
    )
    for name, value in made.exact.items():
        assert made.measures[name] == pytest.approx(value, rel=(2e-2, 5e-3)[order - 1]), name
    assert made.counts["left"] == made.counts["right"]
