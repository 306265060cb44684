"""The bodies that are drawn: complete, cut open, and coloured by the right values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista as pv

from anodefem.compare import align, body, figures, revolve
from anodefem.compare.load import Run, load
from anodefem.compare.scene import Scene, build, undeformed
from tests.compare import shapes, synthetic

pytestmark = pytest.mark.serial


def _scene(folder: Path, soc: float = 0.5) -> Scene:
    (run,) = load([folder])
    return build(run, soc, _hosts(run))


def _hosts(run: Run) -> list[str]:
    index, _ = align.nearest_state(run, 1.0)
    return body.hosts(run, run.state(index))


def _area(scene: Scene, kind: str, region: str | None = None) -> float:
    return sum(
        float(layer.mesh.area)
        for layer in scene.layers
        if layer.kind == kind and region in (None, layer.region)
    )


@pytest.mark.parametrize(
    ("name", "host"),
    [("sphere", "particle"), ("cage", "particle"), ("ball", "solid"), ("films", "silicon")],
)
def test_host_is_what_swells(runs: dict[str, Path], name: str, host: str) -> None:
    (run,) = load([runs[name]])
    assert _hosts(run) == [host]


def test_cracks_are_drawn_in_what_can_break(cracked: Path) -> None:
    (run,) = load([cracked])
    scene = build(run, 0.5, _hosts(run), shown=body.Shown(inside="crack"))
    coloured = {layer.region for layer in scene.layers if layer.kind in ("stress", "skin")}
    assert coloured == {"cage"}
    assert {layer.region for layer in scene.layers if layer.kind == "face"} == {"particle"}
    values = scene.values("stress", "crack")
    assert np.ptp(values) > 0.2 and 0.0 <= values.min() < values.max() <= 1.0
    (scale,) = figures.scales_of([scene]).inside.values()
    assert (scale.low, scale.high) == (0.0, 1.0)


def test_what_stores_no_lithium_is_no_host(tmp_path: Path) -> None:
    shape = shapes.sphere()
    shape.regions = {"particle": 1, "coat": 2}
    inner = np.linalg.norm(shape.points[shape.cells], axis=-1).max(axis=1) < 0.8
    shape.tags = np.where(inner, 1, 2)
    soc = synthetic.protocol(0.5, None, 5)
    entries: list[dict[str, Any]] = [{}, {"hosts": ["particle"]}]
    folders = [
        synthetic.write(
            tmp_path / str(number),
            shape,
            title=str(number),
            soc=soc,
            move=lambda x, s: (synthetic.stretch(s) - 1) * x,
            metrics={},
            **info,
        )
        for number, info in enumerate(entries)
    ]
    assert [_hosts(run) for run in load(folders)] == [["particle", "coat"], ["particle"]]


@pytest.mark.parametrize("name", ["sphere", "ball"])
def test_an_octant_of_the_swollen_ball_is_missing(runs: dict[str, Path], name: str) -> None:
    scene = _scene(runs[name])
    radius = float(synthetic.stretch(scene.soc))
    assert _area(scene, "sei") == pytest.approx(7 / 8 * 4 * np.pi * radius**2, rel=0.01)
    assert _area(scene, "stress") == pytest.approx(3 / 4 * np.pi * radius**2, rel=0.01)
    strain = scene.values("sei", "sei_strain")
    assert strain == pytest.approx(np.log(radius), rel=1e-6)
    reach = np.abs(scene.points()).max(axis=0)
    assert reach == pytest.approx(radius, rel=0.01)


def test_half_a_meridian_plane_is_mirrored(tmp_path: Path) -> None:
    shape = shapes.sphere(full=False)
    scene = _scene(synthetic.free(tmp_path / "run", shape, title="Half", soc=synthetic.protocol()))
    radius = float(synthetic.stretch(scene.soc))
    assert _area(scene, "sei") == pytest.approx(7 / 8 * 4 * np.pi * radius**2, rel=0.01)
    assert _area(scene, "stress") == pytest.approx(3 / 4 * np.pi * radius**2, rel=0.01)


def test_cage_is_a_shell_and_void_is_not_drawn(runs: dict[str, Path]) -> None:
    scene = _scene(runs["cage"])
    outer, inner = shapes.GAP + shapes.CAGE, shapes.GAP
    assert _area(scene, "shell", "cage") == pytest.approx(7 / 8 * 4 * np.pi * outer**2, rel=0.01)
    ring = 3 / 4 * np.pi * (outer**2 - inner**2)
    assert _area(scene, "face", "cage") == pytest.approx(ring, rel=0.02)
    assert {layer.region for layer in scene.layers} == {"", "particle", "cage"}
    # seen on the cut faces: the particle's circle before lithiation; the cage has not moved
    (outline,) = [layer.mesh for layer in scene.layers if layer.kind == "outline"]
    far = np.linalg.norm(outline.points, axis=1)
    assert far == pytest.approx(1.0, rel=1e-3)


def test_membrane_cage_in_3d(tmp_path: Path) -> None:
    scene = _scene(synthetic.membrane(tmp_path / "run", title="Membrane"))
    radius = shapes.GAP
    assert _area(scene, "shell", "cage") == pytest.approx(7 / 8 * 4 * np.pi * radius**2, rel=0.02)
    (rim,) = [layer.mesh for layer in scene.layers if layer.kind == "rim"]
    assert rim.n_cells > 10
    assert np.linalg.norm(rim.points, axis=1) == pytest.approx(radius, rel=0.02)


def test_outline_of_a_sponge_is_its_box(tmp_path: Path) -> None:
    scene = _scene(synthetic.free(tmp_path / "run", shapes.slabs(), title="Slabs"))
    (outline,) = [layer.mesh for layer in scene.layers if layer.kind == "outline"]
    # six edges of the octant, right through the gaps between the slabs; along x they end at 5/6
    assert outline.compute_cell_sizes().cell_data["Length"].sum() == pytest.approx(4 + 2 * 5 / 6)
    assert _area(scene, "skin") > 0  # its outer faces have no SEI here


def test_sides_beyond_which_a_body_goes_on_are_cut_faces(tmp_path: Path) -> None:
    """Slabs across x, half of their box, between mirrors but for y, where they are whole."""
    shape = shapes.slabs()
    outer = shape.facets["outer"]
    back = (shape.points[outer][..., 1] == 1.0).all(axis=1)
    shape.facets |= {"outer": outer[~back], "back": outer[back]}
    shape.facets["front"] = shape.facets.pop("symmetry_y")
    del shape.roles["symmetry"]["symmetry_y"]
    shape.roles["periodic"] = [["front", "back"]]
    (run,) = load([synthetic.free(tmp_path / "run", shape, title="Slabs")])
    scene = build(run, 0.5, _hosts(run))
    square = float(synthetic.stretch(scene.soc)) ** 2
    # of front and back, where an octant is gone; where x, y and z are cut
    sides, cuts = 0.5 * (3 + 4), 0.5 + 0.5 + 0.25
    assert _area(scene, "stress") == pytest.approx((sides + cuts) * square, rel=1e-3)
    assert _area(scene, "skin") == pytest.approx(0.5 * (2 + 1.5) * square, rel=1e-3)
    # with what the cuts have taken they are whole
    closed = undeformed(run, 0.5, _hosts(run), thin=lambda cell: cell, step=0.1)
    whole = sum(layer.mesh.area for layer in closed.layers if layer.side)
    assert whole == pytest.approx(0.5 * (4 + 4), rel=1e-6)


def test_hosts_that_no_cut_meets_are_seen_through_their_shell(tmp_path: Path) -> None:
    """A cube of half the width in an eighth of a cube, mirrored: all cuts are in the coat."""
    soc = synthetic.protocol()
    folder = synthetic.write(
        tmp_path / "run",
        shapes.coated(),
        title="Coated",
        soc=soc,
        move=lambda x, s: (synthetic.stretch(s) - 1) * x,
        stress=lambda x, s: s * x[:, 0],
        metrics={"hull_volume_ratio [-]": synthetic.stretch(soc) ** 3},
        hosts=["solid"],
    )
    (run,) = load([folder])
    scene = build(run, 0.5, ["solid"])
    square = float(synthetic.stretch(scene.soc)) ** 2
    # an octant of the eight is cut away
    assert _area(scene, "skin", "solid") == pytest.approx(7 * 6 * 0.5**2 * square, rel=1e-6)
    assert _area(scene, "shell", "coat") == pytest.approx(7 * 3 * square, rel=1e-6)
    assert _area(scene, "stress") == 0.0
    (scale,) = figures.scales_of([scene]).inside.values()
    assert scale.high > 0.9 * scene.inside().max() > 0.6 * scene.soc


def test_films_are_mirrored_repeated_and_extruded(runs: dict[str, Path]) -> None:
    scene = _scene(runs["films"], 0.9)
    points = scene.points()
    width = points[:, 0].max() - points[:, 0].min()
    assert width == pytest.approx(2 * 2 * 1.4, rel=1e-6)
    silicon = sum(
        layer.mesh.area for layer in scene.layers if layer.kind == "stress" and layer.mesh.n_cells
    )
    swollen = 4 * 0.6 * (1 + 1.6 * 0.9)
    assert 1.1 * swollen < silicon < 1.135 * swollen  # bulged by 0.135 but at the foot
    assert {layer.region for layer in scene.layers if layer.kind == "face"} == {
        "carbon",
        "collector",
    }


def test_flat_bodies_lose_a_quarter(tmp_path: Path) -> None:
    shape = shapes.sphere()
    shape.points = shape.points * [1.0, 0.4]
    scene = _scene(synthetic.free(tmp_path / "run", shape, title="Flat", soc=synthetic.protocol()))
    (a, b) = [layer.mesh for layer in scene.layers if layer.kind == "stress"]
    radius = float(synthetic.stretch(scene.soc))
    assert a.area + b.area == pytest.approx(0.4 * np.pi * radius**2, rel=0.01)


def test_cutting_loses_nothing() -> None:
    ball = pv.Sphere(theta_resolution=60, phi_resolution=60)
    centre = {0: 0.1, 1: -0.05, 2: 0.02}
    kept = revolve.outside(ball, centre)
    removed = revolve.inside(ball, centre)
    assert kept.area + removed.area == pytest.approx(ball.area, rel=1e-3)
    assert removed.bounds[0] >= 0.1 - 1e-6
    assert removed.bounds[3] <= -0.05 + 1e-6
    assert revolve.inside(ball, {0: 2.0}).n_cells == 0
    assert revolve.outside(ball, {0: 2.0}).n_cells == ball.n_cells


def test_cutting_keeps_sharp_edges_sharp() -> None:
    """The light on a face of a box is that on its normal, right up to the edges."""
    box = pv.Box((0.0, 1.0, 0.0, 1.0, 0.0, 1.0), level=3).triangulate().clean()
    cut = revolve.outside(revolve.shaded(box, outward=True), {0: 0.4, 1: 0.4, 2: 0.4}).triangulate()
    corners = cut.regular_faces
    points, given = np.asarray(cut.points, dtype=float), np.asarray(cut.point_data.active_normals)
    normal = np.cross(*(points[corners[:, i]] - points[corners[:, 0]] for i in (1, 2)))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    along = np.einsum("fi,fpi->fp", normal, given[corners])
    np.testing.assert_allclose(along, 1.0, rtol=0.0, atol=1e-5)


def test_second_order_cells_are_drawn_by_their_corners(tmp_path: Path) -> None:
    folder = synthetic.free(tmp_path / "run", shapes.sphere(), title="Curved")
    (run,) = load([folder])
    straight = build(run, 0.5, ["particle"])
    for _, path in run.states:
        synthetic.make_quadratic(path)
    (again,) = load([folder])
    again.__dict__["facets"] = run.facets  # those of the straight mesh hold for the corners
    curved = build(again, 0.5, ["particle"])
    assert _area(curved, "stress") == pytest.approx(_area(straight, "stress"), rel=1e-6)
