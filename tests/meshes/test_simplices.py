"""The numpy under the meshes, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from anodefem.geometry import SimplexMesh
from anodefem.meshing import curved
from anodefem.meshing.fields import gyroid_waves, random_waves, sampled
from anodefem.meshing.grid import graded, joined, on_grid
from anodefem.meshing.layers import grown
from anodefem.meshing.levelset import cut_box
from anodefem.meshing.simplices import (
    components,
    fans,
    folded,
    interfaces,
    match,
    name_exterior,
    quality,
    unpinched,
    volumes,
)
from anodefem.meshing.smooth import smoothed
from anodefem.meshing.split import split_at_surfaces


def _box(count: int, dim: int) -> SimplexMesh:
    line = graded(0.0, 1.0, first=1.0 / count, last=1.0 / count)
    mesh = on_grid([line] * dim, ("body",), lambda middles: np.zeros(len(middles), dtype=np.int64))
    return name_exterior(mesh, {}, rest="surface")


@pytest.mark.parametrize("dim", [2, 3])
def test_grid_fills_the_box(dim: int) -> None:
    """Boxes are cut alike, so the parts fit and fill."""
    mesh = _box(3, dim)
    assert volumes(mesh.points, mesh.cells).sum() == pytest.approx(1.0)
    assert len(mesh.cells) == 3**dim * (2 if dim == 2 else 6)
    assert len(mesh.facets) == (12 if dim == 2 else 108)


def test_grading() -> None:
    """Each step is the same multiple of the one before, ends are met."""
    line = joined(graded(0.0, 1.0, first=0.2, last=0.1), graded(1.0, 2.0, first=0.1, last=0.2))
    steps = np.diff(line)
    assert line[0] == 0.0
    assert line[-1] == pytest.approx(2.0)
    assert len(steps) == 14
    np.testing.assert_allclose(steps[1:7] / steps[:6], 0.5 ** (1.0 / 6.0))
    np.testing.assert_allclose(steps, steps[::-1])
    np.testing.assert_allclose(np.diff(graded(1.0, 2.0, first=0.3, last=0.3)), 1.0 / 3.0)


@pytest.mark.parametrize("dim", [2, 3])
def test_split_leaves_one_facet_per_cell(dim: int) -> None:
    """Corner cells are cut at their centroids; nothing else changes."""
    mesh = _box(2, dim)
    after = split_at_surfaces(mesh, ["surface"])
    sides = match(after.cells, after.facets, len(after.points))[:, 0]
    assert np.bincount(sides).max() == 1
    assert volumes(after.points, after.cells).sum() == pytest.approx(1.0)
    assert (volumes(after.points, after.cells) > 0).all()
    assert len(after.cells) > len(mesh.cells)
    assert split_at_surfaces(after, ["surface"]) is after


@pytest.mark.parametrize("dim", [2, 3])
def test_layers_fit_their_neighbours(dim: int) -> None:
    """Two layers on one side of a box add just their volume, and no simplex spans a layer."""
    line = graded(0.0, 1.0, first=1.0 / 3.0, last=1.0 / 3.0)
    mesh = on_grid([line] * dim, ("body",), lambda middles: np.zeros(len(middles), dtype=np.int64))
    mesh = name_exterior(mesh, {"side": (0, 1.0)})
    shift = np.eye(dim)[0]
    mesh = grown(
        mesh,
        over="side",
        through=[lambda points: points + 0.1 * shift, lambda points: points + 0.3 * shift],
        cells="coat",
        top="top",
    )
    size = volumes(mesh.points, mesh.cells)
    assert (size > 0).all()
    assert size[mesh.cell_groups == 1].sum() == pytest.approx(0.3)
    assert len(mesh.facets_of("top")) == len(mesh.facets_of("side"))
    assert len(interfaces(mesh)) == len(mesh.facets_of("side"))
    both = np.concatenate([mesh.facets_of("top"), mesh.facets_of("side")])
    sides = match(mesh.cells, both, len(mesh.points))
    assert np.bincount(sides[sides >= 0]).max() == 1


def test_measures_of_one_curved_triangle() -> None:
    """A quarter disc as one second-order triangle: area by hand, revolved volume by Pappus."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    middles = np.array([[0.5, 0.0], [np.sqrt(0.5), np.sqrt(0.5)], [0.0, 0.5]])
    points = np.concatenate([corners, middles])
    cell = np.arange(6)[None, :]
    # The side is a parabola: 1/2 for the straight triangle and 2/3 of chord times height.
    area = 0.5 + 2.0 / 3.0 * np.sqrt(2.0) * (1.0 - np.sqrt(0.5))
    assert curved.measures(points, cell, 2, "plane_strain")[0] == pytest.approx(area, rel=1e-14)
    assert curved.smallest_jacobian(points, cell, 2)[0] > 0
    facet = np.array([[1, 2, 4]])
    inside = np.array([[0.3, 0.3]])
    flux = curved.enclosed_volume(points, facet, inside, "plane_strain")
    assert flux == pytest.approx(area, rel=1e-14)
    revolved = curved.enclosed_volume(points, facet, inside, "axisymmetric")
    cells = curved.measures(points, cell, 2, "axisymmetric")[0]
    assert revolved == pytest.approx(cells, rel=1e-14)


@pytest.mark.parametrize("facet", [False, True])
def test_a_sliver_has_its_size(facet: bool) -> None:
    """A billionth as wide as it is long, askew; also as a facet in space."""
    long, wide = np.array([3.0, 4.0, 0.0]), 1e-9 * np.array([-4.0, 3.0, 0.0])
    points = np.stack([0.0 * long, long, 2.0 * long + wide])
    points = points if facet else points[:, :2]
    size = curved.measures(points, np.array([[0, 1, 2]]), 2, "3d" if facet else "plane_strain")[0]
    assert size == pytest.approx(1.25e-8, rel=1e-6)


def test_promotion_puts_middles_where_the_mesh_says() -> None:
    """Straight edges get their halfway point, curved ones the given one."""
    mesh = _box(1, 3)
    edge = np.array([[0, 1]])
    bent = SimplexMesh(
        points=mesh.points,
        cells=mesh.cells,
        cell_groups=mesh.cell_groups,
        cell_names=mesh.cell_names,
        facets=mesh.facets,
        facet_groups=mesh.facet_groups,
        facet_names=mesh.facet_names,
        curved_edges=edge,
        curved_middles=np.array([[-0.1, 0.0, 0.5]]),
    )
    points, cells, facets = curved.promoted(bent)
    assert cells.shape == (6, 10)
    assert facets.shape == (12, 6)
    plain, _, _ = curved.promoted(mesh)
    assert (np.abs(points - plain).sum(axis=1) > 0).sum() == 1
    for simplices in (cells, facets):
        for column, (i, j) in enumerate(curved.EDGES[4 if simplices is cells else 3]):
            middle = plain[simplices[:, (4 if simplices is cells else 3) + column]]
            np.testing.assert_allclose(middle, plain[simplices[:, (i, j)]].mean(axis=1))


def test_components_and_fans() -> None:
    """Two squares that share a corner: two parts, one point with two fans."""
    assert components(5, np.array([[0, 1], [3, 4]])).tolist() == [0, 0, 2, 3, 3]
    cells = np.array([[0, 1, 2], [2, 3, 4]])
    assert fans(cells, 5).max() + 1 == 6
    mesh = SimplexMesh(
        points=np.array([[0.0, 0], [1, 0], [1, 1], [2, 1], [2, 2]]),
        cells=cells,
        cell_groups=np.zeros(2, dtype=np.int64),
        cell_names=("body",),
        facets=np.empty((0, 2), dtype=np.int64),
        facet_groups=np.empty(0, dtype=np.int64),
        facet_names=(),
    )
    apart = unpinched(mesh)
    assert len(apart.points) == 6
    np.testing.assert_array_equal(apart.points[apart.cells], mesh.points[mesh.cells])
    assert fans(apart.cells, 6).max() + 1 == 6


def test_quality_of_regular_and_flat_cells() -> None:
    """1 for the regular simplex, 0 for a flat one, negative for one inside out."""
    triangle = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
    assert quality(triangle, np.array([[0, 1, 2]]))[0] == pytest.approx(1.0)
    points = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 0, 0]])
    found = quality(points, np.array([[0, 1, 2, 3], [1, 0, 2, 3], [0, 1, 2, 4]]))
    assert sorted(np.abs(found[:2])) == pytest.approx([1.0, 1.0])
    assert found[0] == -found[1]
    flat = quality(
        np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]), np.array([[0, 1, 2, 3]])
    )
    assert flat[0] == 0.0


def test_lattice_cut_by_a_sphere() -> None:
    """Volume to second order, no sliver after smoothing, all cells on one side."""

    def ball(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return 0.64 - (points**2).sum(axis=1), -2.0 * points

    errors = []
    for count in (8, 16):
        cut = cut_box(ball, (1.0,) * 3, (count,) * 3)
        size = np.abs(volumes(cut.points, cut.cells))
        assert size.sum() == pytest.approx(1.0)
        exact = np.pi / 6.0 * 0.8**3
        errors.append(abs(size[cut.inside].sum() / exact - 1.0))
        assert np.abs(ball(cut.points[cut.on_surface])[0]).max() < 1e-7
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.3)

    cells = cut.cells[cut.inside]
    wrong = volumes(cut.points, cells) < 0
    cells[wrong, 2:] = cells[wrong, 2:][:, ::-1]

    def keep(places: np.ndarray, vertices: np.ndarray) -> np.ndarray:
        fixed = cut.on_plane[vertices] | cut.on_surface[vertices][:, None]
        return np.where(fixed, cut.points[vertices], places)

    before = quality(cut.points, cells).min()
    after = quality(smoothed(cut.points, cells, keep), cells).min()
    assert after >= max(before, 0.2)


def test_no_cell_of_a_cut_lattice_turns_inside_out() -> None:
    """A gyroid of thin ligaments, whose lattice of this size puts two corners of cells far off."""
    waves = sampled(gyroid_waves(1.0), 1.14, 0.15, 67).waves
    cut = cut_box(waves, (1.14,) * 3, (16,) * 3)
    cells = cut.cells.copy()
    wrong = volumes(cut.points, cells) < 0
    cells[wrong, 2:] = cells[wrong, 2:][:, ::-1]
    assert len(folded(cells, len(cut.points))) == 0


@pytest.mark.parametrize("waves", [random_waves(1.0, 0.5, 3), gyroid_waves(0.5)])
def test_waves(waves: object) -> None:
    """The gradient is the derivative; the random field is even about all six faces."""
    assert callable(waves)
    points = np.random.default_rng(0).random((20, 3))
    _, gradient = waves(points)
    for axis, shift in enumerate(1e-6 * np.eye(3)):
        slope = (waves(points + shift)[0] - waves(points - shift)[0]) / 2e-6
        np.testing.assert_allclose(slope, gradient[:, axis], atol=1e-6)


def test_random_waves_are_mirrored() -> None:
    """At each face of the cube the normal derivative is zero."""
    waves = random_waves(1.0, 0.5, 3)
    points = np.random.default_rng(1).random((20, 3))
    for axis in range(3):
        for value in (0.0, 1.0):
            points_on_face = points.copy()
            points_on_face[:, axis] = value
            assert np.abs(waves(points_on_face)[1][:, axis]).max() < 1e-9


def test_sampled_field_fills_the_share() -> None:
    """Also when stray parts are dropped; the area is that of the gyroid."""
    found = sampled(random_waves(1.0, 0.5, 1), 1.0, 0.4, 41)
    assert found.share == pytest.approx(0.4, rel=2e-3)
    assert 0.0 < found.lost < 0.1
    # Literature value of the gyroid's area per cubic period: 3.0915.
    gyroid = sampled(gyroid_waves(1.0), 1.0, 0.5, 67)
    assert gyroid.surface() == pytest.approx(3.0915, rel=1e-2)
    assert gyroid.face(0) == pytest.approx(0.5, rel=1e-2)
