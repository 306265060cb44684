"""Failure of a film at a point: what its cracks set free, and what they lay bare."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
import ufl

from anodefem.laws.film import Film, PerfectPlasticity
from anodefem.laws.film_cracks import (
    ExposedSurface,
    FilmLoad,
    FilmStrength,
    channel_cracking,
    compare,
)
from anodefem.laws.membrane import Surface
from tests.laws.point import Array, compiled, symbol

YOUNG, POISSON = 1000.0, 0.3  # MPa
PLANE = YOUNG / (1 - POISSON**2)
STRENGTH = FilmStrength(
    elastic_limit=0.03 * YOUNG,
    fracture_strain=0.05,
    toughness=0.75,
    adhesion=1.5,
    delamination_half_width=0.3,
)


def load(mean: object, half_difference: object = 0.0, **changes: float) -> FilmLoad:
    """A film of 30 nm on a substrate like itself."""
    film = FilmLoad(
        mean=np.asarray(mean, dtype=float),
        half_difference=np.asarray(half_difference, dtype=float),
        unrelaxed=np.hypot(mean, np.sqrt(3.0) * np.asarray(half_difference)),
        thickness=0.03,
        young=YOUNG,
        poisson=POISSON,
        substrate=PLANE,
    )
    return replace(film, **changes)


def test_the_energy_is_the_work_of_stretching_the_film() -> None:
    """Against the work of the film's own stress along a path, by quadrature."""
    first, second, share = 0.02, -0.005, symbol()
    stretches = ufl.exp(share * first), ufl.exp(share * second)
    F = ufl.as_matrix([[stretches[0], 0, 0], [0, stretches[1], 0], [0, 0, 1]])
    surface = Surface(F, ufl.as_vector([0, 0, 1]))
    film = Film(YOUNG, POISSON, PerfectPlasticity(1e9))
    response = film.respond(surface, surface.tangent_projector, ufl.as_ufl(1.0), ufl.as_ufl(0.0))
    stress = ufl.dot(ufl.dot(F, response.stress), F.T)
    tau = compiled(
        ufl.as_vector([stress[0, 0], stress[1, 1], *response.mean_and_half_difference]), share
    )
    points, weights = np.polynomial.legendre.leggauss(8)
    along = tau((points + 1) / 2)
    work = float(weights / 2 @ (along[:, 0] * first + along[:, 1] * second))
    *principal, mean, half_difference = tau(1.0)
    assert sorted(principal) == pytest.approx([mean - half_difference, mean + half_difference])
    energy = float(load(mean, half_difference).energy_density)
    assert energy == pytest.approx(work, rel=1e-10)


def test_the_largest_elastic_energy_is_asked_for_where_flow_begins_in_any_state_of_stress() -> None:
    stress = STRENGTH.elastic_limit
    for mean, half_difference in ((stress / 2, stress / 2), (stress, 0.0), (-stress, 0.0)):
        begins = compare(load(mean, half_difference), np.zeros(()), STRENGTH)
        assert float(begins.energy) == pytest.approx(1.0)
    # in one direction it is the energy of a bar over E e_y^2/2
    bar = load(stress / 3, stress / 3)
    assert float(compare(bar, np.zeros(()), STRENGTH).energy) == pytest.approx(
        float(bar.energy_density) / (0.5 * YOUNG * 0.03**2)
    )


def test_a_film_that_flows_is_asked_for_more_and_more() -> None:
    flowing = load(STRENGTH.elastic_limit, unrelaxed=10.0 * STRENGTH.elastic_limit)
    assert float(compare(flowing, np.zeros(()), STRENGTH).energy) == pytest.approx(100.0)


def test_a_film_peels_by_its_biaxial_energy_and_only_in_tension() -> None:
    stress = 80.0
    expected = (1 - POISSON) * stress**2 * 0.03 / YOUNG
    assert float(load(stress).peel_release) == pytest.approx(expected)
    assert float(load(-stress).peel_release) == 0.0


def test_a_channel_crack_needs_tension_and_feels_the_larger_stress() -> None:
    # Beuth 1992: 1.976 without mismatch
    expected = 1.976 * 80.0**2 * 0.03 / PLANE
    assert float(load(50.0, 30.0).channel_release) == pytest.approx(expected, rel=2e-3)
    assert float(load(-50.0, 30.0).channel_release) == 0.0


def test_a_blister_buckles_at_eulers_stress_and_sets_most_free_when_long() -> None:
    film, b = load(-30.0), STRENGTH.delamination_half_width
    critical = pi**2 / 12 * PLANE * (0.03 / b) ** 2
    assert float(film.buckling_stress(b)) == pytest.approx(critical)
    barely, far = load(-critical), load(-1e4 * critical)
    assert float(barely.blister_release(b)) < 1e-12 * 0.03 * critical**2 / PLANE
    assert float(load(-0.5 * critical).blister_release(b)) == 0.0
    whole = 0.03 * (1e4 * critical) ** 2 / (2 * PLANE)
    assert float(far.blister_release(b)) == pytest.approx(whole, rel=3e-4)
    assert float(compare(film, np.zeros(()), STRENGTH).buckling) == pytest.approx(30.0 / critical)


def test_a_blister_without_stress_is_flat() -> None:
    ratios = compare(load([0.0, 10.0]), np.zeros(2), STRENGTH)
    assert ratios.blister is not None
    np.testing.assert_array_equal(ratios.buckling, 0.0)
    np.testing.assert_array_equal(ratios.blister, 0.0)
    np.testing.assert_array_equal(ratios.density, 0.0)


def test_a_recipe_without_adhesion_cannot_say_whether_it_comes_off() -> None:
    ratios = compare(load(30.0), np.zeros(()), replace(STRENGTH, adhesion=None))
    assert ratios.peel is None and ratios.blister is None


def test_a_stiffer_substrate_holds_a_crack_closer() -> None:
    table = channel_cracking()
    assert (np.diff(table.single) > 0.0).all()
    ratios = np.exp(np.linspace(np.log(1e-3), np.log(99.0), 300))
    assert (np.diff(table.alone(ratios)) > 0.0).all()
    # beyond the table its ends hold
    assert table.alone(1e-9) == pytest.approx(table.single[0])
    assert table.alone(np.inf) == pytest.approx(table.single[-1])


def test_close_cracks_share_what_lies_between_them() -> None:
    """Cracks much nearer than the film is thick unload all of it: Z = S/2."""
    table = channel_cracking()
    close = table.array[:, :2] / (table.spacing[:2] / 2)
    slope = (close[:, 1] - close[:, 0]) / (table.spacing[1] - table.spacing[0])
    np.testing.assert_allclose(close[:, 0] - slope * table.spacing[0], 1.0, rtol=1e-3)
    assert (np.diff(table.array, axis=1) > -1e-5 * table.single[:, None]).all()
    assert (table.array < 1.0001 * table.single[:, None]).all()


def test_the_gain_of_new_cracks_grows_with_the_distance_of_the_old_ones() -> None:
    table = channel_cracking()
    np.testing.assert_allclose(table.spacing[2:], 2 * table.spacing[:-2], rtol=1e-6)
    assert (np.diff(table.between, axis=1) > -1e-5).all()


@pytest.mark.parametrize("row", [1, 8, 12])
def test_new_cracks_come_where_they_set_free_what_they_cost(row: int) -> None:
    table = channel_cracking()
    ratio = float(np.exp(table.ratio[row]))
    for place in (4, 8, 12):
        cost = table.between[row, place]
        if cost < 0.999:
            found = 1 / float(table.density(ratio, cost))
            assert found == pytest.approx(table.spacing[place + 2])


def test_there_are_no_cracks_before_the_first_runs_and_more_with_stress() -> None:
    stresses = np.sqrt(np.linspace(0.5, 8.0, 60) * STRENGTH.toughness * PLANE / (1.9756 * 0.03))
    film = load(stresses)
    density = film.crack_density(STRENGTH.toughness)
    running = film.channel_release > STRENGTH.toughness
    np.testing.assert_array_equal(density > 0.0, running)
    assert (np.diff(density[running]) > 0.0).all()
    # from film to film by size: the same stress and toughness per thickness
    thick = load(stresses, thickness=0.06).crack_density(2 * STRENGTH.toughness)
    np.testing.assert_allclose(thick, density / 2, rtol=1e-12)


def path(loads: Array, stretches: Array) -> ExposedSurface:
    """Walk along loads and area ratios of one point."""
    state = ExposedSurface(broken_at=np.zeros(1), area=np.zeros(1))
    for i in range(1, len(loads)):
        state = state.after(
            load=(loads[i - 1 : i], loads[i : i + 1]),
            stretch=(stretches[i - 1 : i], stretches[i : i + 1]),
        )
    return state


@pytest.mark.parametrize("steps", [3, 10, 101])
def test_a_film_breaks_between_steps_where_its_load_passes_one(steps: int) -> None:
    share = np.linspace(0.0, 1.0, steps)
    state = path(2.0 * share, 1.0 + share)
    assert state.broken_at[0] == pytest.approx(1.5)
    assert state.area[0] == pytest.approx(0.5)


def test_what_closes_and_opens_again_is_bared_again() -> None:
    loads = np.array([0.5, 1.5, 2.5, 1.5, 0.0, 1.5, 3.5])
    stretches = np.array([1.0, 1.2, 1.4, 1.2, 0.9, 1.2, 1.6])
    state = path(loads, stretches)
    assert state.broken_at[0] == pytest.approx(1.1)
    # 0.3 out; closed on the way back; 0.5 out again
    assert state.area[0] == pytest.approx(0.3 + 0.5)


def test_a_gap_that_closes_in_part_bares_only_what_opens_again() -> None:
    state = path(np.array([0.0, 2.0, 2.0, 2.0]), np.array([1.0, 1.4, 1.3, 1.4]))
    assert state.broken_at[0] == pytest.approx(1.2)
    assert state.area[0] == pytest.approx(0.2 + 0.1)


def test_a_whole_film_bares_nothing_and_one_that_breaks_pressed_waits() -> None:
    whole = path(np.array([0.0, 0.99, 0.2]), np.array([1.0, 1.5, 1.1]))
    assert whole.broken_at[0] == whole.area[0] == 0.0
    # loaded beyond 1 from the start: broken there
    state = path(np.array([1.2, 1.1, 1.3]), np.array([1.0, 0.9, 1.2]))
    assert state.broken_at[0] == pytest.approx(1.0)
    assert state.area[0] == pytest.approx(0.2)


def test_the_thickness_in_a_film_is_that_of_its_stress_free_volume() -> None:
    """H = V/Js exp(e1 + e2): cut free, a stretched film shrinks along and grows across."""
    stretch = symbol()
    film = Film(YOUNG, POISSON, PerfectPlasticity(1e9))
    F = ufl.as_matrix([[stretch, 0, 0], [0, stretch, 0], [0, 0, 1]])
    surface = Surface(F, ufl.as_vector([0, 0, 1]))
    response = film.respond(surface, surface.tangent_projector, ufl.as_ufl(1.0), ufl.as_ufl(0.0))
    mean = compiled(response.mean_and_half_difference[0], stretch)(1.1)
    assert np.exp(2 * mean * (1 - POISSON) / YOUNG) == pytest.approx(1.1**2)
