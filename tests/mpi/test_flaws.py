"""Flaws: where they are drawn, what they break, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import (  # noqa: E402
    Flaw,
    RandomFlaws,
    load,
)
from anodefem.errors import ConvergenceError, InputError  # noqa: E402
from anodefem.laws.fracture import CrackModel  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.physics.cracks import Cracks  # noqa: E402
from anodefem.physics.flaws import distance, drawn, seed, weakened  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file  # noqa: E402
from anodefem.workbench.bodies import Layer, ball, read  # noqa: E402
from anodefem.workbench.numbers import Numbers, solid, uniform_species  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402
from tests.mpi.test_cracks import TEXT  # noqa: E402

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD
LENGTH = 0.1


def test_a_round_flaw_is_a_ball_and_a_flat_one_a_disc() -> None:
    points = np.array([[0.0, 0.0], [0.3, 0.0], [0.0, 0.3], [0.0, 0.1], [0.5, 0.0]])
    round_flaw = Flaw(at=(0.0, 0.0), size=0.4)
    np.testing.assert_allclose(
        distance(round_flaw, points, LENGTH), [0.0, 0.1, 0.1, 0.0, 0.3], atol=1e-12
    )
    flat = Flaw(at=(0.0, 0.0), size=0.4, normal=(0.0, 1.0))
    np.testing.assert_allclose(
        distance(flat, points, LENGTH), [0.0, 0.1, 0.25, 0.05, 0.3], atol=1e-12
    )
    smallest = Flaw(at=(0.0, 0.0), size=LENGTH, normal=(0.0, 1.0))
    again = Flaw(at=(0.0, 0.0), size=LENGTH)
    np.testing.assert_allclose(
        distance(smallest, points, LENGTH), distance(again, points, LENGTH), atol=1e-12
    )


@pytest.mark.serial
def test_places_are_even_over_the_volume_and_do_not_depend_on_the_mesh(tmp_path: Path) -> None:
    choice = RandomFlaws(count=3000, size=0.1, toughness_kept=0.0, seed=3)
    places = []
    for rings, sectors in ((3, 4), (9, 12)):
        shells = ball(Layer("core", 0.5, rings), Layer("coat", 1.0, rings), sectors=sectors)
        domain = read(shells, tmp_path / str(rings))
        places.append(np.array([flaw.at for flaw in drawn(domain, ["coat"], choice)]))
    for found in places:
        radius = np.linalg.norm(found, axis=1)
        assert radius.min() > 0.5 * np.cos(np.pi / 16) and radius.max() < 1.0
        # half of the volume between 0.5 and 1 is inside this radius; 3 standard errors
        middle = ((0.5**3 + 1.0) / 2.0) ** (1 / 3)
        assert abs((radius < middle).mean() - 0.5) < 3 * 0.5 / 3000**0.5
        # below z = 0.5 lie 11/24 pi of half the ball and all of the hole, pi/12, of 7/12 pi
        assert abs((found[:, 1] < 0.5).mean() - (11 / 24 - 1 / 12) / (7 / 12)) < 0.03
    # all but those between the chords of the coarse mesh and the circle
    coarse, fine = ({tuple(place) for place in found} for found in places)
    assert len(coarse & fine) > 0.9 * choice.count


@pytest.mark.serial
@pytest.mark.parametrize("linear", [True, False], ids=["AT1", "AT2"])
def test_a_flaw_is_broken_with_the_profile_of_a_crack_around_it(
    tmp_path: Path, linear: bool
) -> None:
    numbers = Numbers(read(ball(Layer("core", 1.0, 20), sectors=30), tmp_path))
    numbers["toughness"].value = 1.0
    model = CrackModel(linear, LENGTH)
    cracks = Cracks(model, {"core": numbers["toughness"]})
    simulation = Simulation(
        numbers,
        [Region("core", solid(numbers, "core", young=1e5, poisson=0.2), uniform_species())],
        cracks=cracks,
    )
    flaw = Flaw(at=(1.0, 0.0), size=0.4, normal=(0.0, 1.0))
    seed(simulation.model, cracks, [flaw])
    crack, before = simulation.state["crack"], simulation.state.start("crack")
    points = crack.function_space.tabulate_dof_coordinates()[:, :2]
    expected = model.profile(distance(flaw, points, LENGTH))
    np.testing.assert_allclose(crack.x.array, expected, atol=1e-12)
    np.testing.assert_array_equal(crack.x.array, before.x.array)
    inside = (points[:, 0] > 0.85) & (points[:, 1] < LENGTH / 2)
    assert inside.sum() > 3
    np.testing.assert_array_equal(crack.x.array[inside], 1.0)
    # and it stays so when nothing is loaded
    simulation.step()
    assert (crack.x.array >= expected - 1e-12).all()


@pytest.mark.serial
def test_a_weak_flaw_takes_toughness_away_and_breaks_nothing(tmp_path: Path) -> None:
    numbers = Numbers(read(ball(Layer("core", 1.0, 20), sectors=30), tmp_path))
    numbers["toughness"].value = 1.0
    cracks = Cracks(CrackModel(True, LENGTH), {"core": numbers["toughness"]})
    simulation = Simulation(
        numbers,
        [Region("core", solid(numbers, "core", young=1e5, poisson=0.2), uniform_species())],
        cracks=cracks,
    )
    weak = Flaw(at=(1.0, 0.0), size=0.4, toughness_kept=0.25)
    weaker = Flaw(at=(0.9, 0.0), size=0.2, toughness_kept=0.1)
    seed(simulation.model, cracks, [weak, weaker])
    np.testing.assert_array_equal(simulation.state["crack"].x.array, 0.0)
    field = weakened(simulation.domain, [weak, weaker], LENGTH)
    middles = field.function_space.tabulate_dof_coordinates()[:, :2]
    away, nearer = (np.linalg.norm(middles - flaw.at, axis=1) for flaw in (weak, weaker))
    expected = np.where(nearer <= 0.1, 0.1, np.where(away <= 0.2, 0.25, 1.0))
    assert set(expected) == {0.1, 0.25, 1.0}
    np.testing.assert_allclose(field.x.array, expected)


def test_flaws_are_the_same_on_any_ranks(shared_tmp_path: Path) -> None:
    path = case_file(shared_tmp_path, TEXT, COMM)
    settings = [
        'fracture.random_flaws={count = 5, size = "200 nm"}',
        'fracture.flaws=[{at = ["1.2 um", "0 um"], size = "300 nm", normal = [0, 1]}]',
        "solver.max_steps=1",
    ]
    alone, together = shared_tmp_path / "alone", shared_tmp_path / "together"
    if COMM.rank == 0:
        with pytest.raises(ConvergenceError, match="after 1 steps"):
            run(load(path, settings), alone, MPI.COMM_SELF)
    COMM.Barrier()
    with pytest.raises(ConvergenceError, match="after 1 steps"):
        run(load(path, settings), together, COMM)
    COMM.Barrier()
    one, other = (Result.read(folder)["crack_area_coat"] for folder in (alone, together))
    assert one[0] > 0.5
    np.testing.assert_allclose(other, one, rtol=1e-8)


def test_a_flaw_outside_is_refused_before_the_first_step(shared_tmp_path: Path) -> None:
    path, output = case_file(shared_tmp_path, TEXT, COMM), shared_tmp_path / "out"
    flaw = 'fracture.flaws=[{at = ["0.3 um", "0 um"], size = "200 nm"}]'
    with pytest.raises(InputError, match=r"flaw at \(0.3, 0\) um .* covers no cell of coat"):
        run(load(path, [flaw]), output, COMM)
    assert not (output / "run.json").exists()
