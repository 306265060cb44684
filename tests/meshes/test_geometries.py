"""Every geometry's mesh agrees with its pins, and has what no pin can tell."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np
import pytest

from anodefem import geometry
from anodefem.geometry import Array, Geometry, SimplexMesh
from anodefem.meshing import Manifest, make_mesh
from anodefem.meshing.regression import compare, pins
from anodefem.meshing.regression.compare import Outcome
from anodefem.meshing.regression.measure import read
from anodefem.meshing.regression.pins import Point
from anodefem.meshing.simplices import match, touching

Case = tuple[Geometry, Point]

pytestmark = pytest.mark.serial

SHIPPED = sorted(path.stem for path in geometry.built_in_folder().glob("[!_]*.py"))
CASES = [
    (found.geometry, point)
    for found in (pins.load(geometry.find(name)) for name in SHIPPED)
    for point in found.points
]

every_case = pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case[0].name},{case[1].label}", indirect=True, scope="module"
)


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    """One of the pinned points."""
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def outcome(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What became of its mesh, which is kept."""
    return compare.check(*case, keep=tmp_path_factory.mktemp("meshes"))


@pytest.fixture(scope="module")
def folder(outcome: Outcome) -> Path:
    """Folder with the mesh."""
    assert outcome.after is not None, outcome.changes
    return outcome.after


@pytest.fixture(scope="module")
def mesh(folder: Path) -> SimplexMesh:
    """What the files in the folder hold."""
    return read(folder)


def _enclosed(manifest: Manifest) -> float:
    if manifest.geometry == "porous_sponge":  # its hull is a part of the outer faces
        side = manifest.parameters["edge"] / 2.0
        return side / 3.0 * sum(manifest.measures[f"outer_{letter}"] for letter in "xyz")
    return sum(manifest.measures[name] for name in set(manifest.cells) - {"collector"})


def test_every_geometry_is_pinned_at_both_orders_in_all_its_kinematics() -> None:
    for name in SHIPPED:
        found = {(p.kinematics, p.order) for plugin, p in CASES if plugin.name == name}
        assert found == {(k, order) for k in geometry.find(name).kinematics for order in (1, 2)}
    assert all(point.pin is not None for _, point in CASES)


@every_case
def test_a_mesh_agrees_with_its_pin(outcome: Outcome) -> None:
    """What ``anodefem mesh-check`` does; another version of gmsh may give other nodes."""
    assert outcome.verdict.good, outcome.changes


@every_case
def test_what_is_known_exactly_is_reported(case: Case, folder: Path) -> None:
    """At least the volume of each region; and every region gets a material."""
    plugin, point = case
    manifest = Manifest.load(folder)
    assert {"hull", *manifest.cells} <= set(manifest.exact)
    regions = plugin.regions(plugin.read(point.parameters), point.kinematics)
    assert set(regions) == set(manifest.cells) - set(manifest.roles.medium) | set(
        manifest.roles.membrane
    )


@every_case
def test_hull_encloses_the_body(folder: Path) -> None:
    """The integral over the hull alone is the volume of what it encloses, cell by cell."""
    manifest = Manifest.load(folder)
    if manifest.parameters.get("hollow_radius"):
        assert manifest.measures["hull"] > 1.01 * _enclosed(manifest)
        return
    if manifest.geometry == "porous_particle" and "outer_surface" in manifest.facets:
        # Only what is solid of the sphere is hull.
        third = manifest.parameters["particle_radius"] / 3.0
        part = third * manifest.measures["outer_surface"]
        assert manifest.measures["hull"] == pytest.approx(part, rel=2e-2)
        return
    assert manifest.measures["hull"] == pytest.approx(_enclosed(manifest), rel=1e-9)


@every_case
def test_each_cell_touches_one_working_surface(mesh: SimplexMesh, folder: Path) -> None:
    """No cell has two facets of surfaces on which something happens."""
    roles = Manifest.load(folder).roles
    working = [name for name in mesh.facet_names if name not in roles.cuts]
    working = sorted({*working, *roles.surfaces})
    chosen = np.isin(mesh.facet_groups, [mesh.facet_names.index(name) for name in working])
    sides = match(mesh.cells, mesh.facets[chosen], len(mesh.points))
    assert np.bincount(sides[sides >= 0]).max() == 1


@every_case
def test_surfaces_touch_what_the_geometry_says(case: Case, mesh: SimplexMesh, folder: Path) -> None:
    """Part by part; what is between two regions is said too, under any name."""
    found, point = case
    assert found.sides is not None
    roles = Manifest.load(folder).roles
    said = found.sides(found.read(point.parameters), point.kinematics)
    if not said:
        pytest.skip("what regions of an image touch is known only once it is meshed")
    solid = {
        name: {frozenset(part) - {*roles.medium} for part in parts}
        for name, parts in touching(mesh).items()
    }
    for name, parts in said.items():
        if name in mesh.facet_names:
            assert {frozenset(part) for part in parts} == solid[name], name
    free = {*mesh.facet_names} - {*roles.cuts} - {*roles.membrane.values()}
    assert {name for name in free if any(solid[name])} <= {*said} | {"void_surface"}
    pairs = {frozenset(part) for parts in said.values() for part in parts if len(part) == 2}
    assert {part for part in solid["interfaces"] if len(part) == 2} == pairs


@every_case
def test_held_planes_are_planes(mesh: SimplexMesh, folder: Path) -> None:
    """What is held along an axis lies across it; the axis of revolution at zero."""
    roles = Manifest.load(folder).roles
    assert set(roles.symmetry) <= set(mesh.facet_names)
    for name, axis in roles.symmetry.items():
        places = mesh.points[mesh.facets_of(name)][..., axis]
        allowed = {round(float(value), 9) for value in np.unique(places)}
        assert len(allowed) <= 2, name
        assert np.ptp(places, axis=1).max() == 0.0, name
    if "axis" in roles.symmetry:
        assert mesh.points[:, 0].min() == 0.0
    for place, _ in roles.anchor:
        distance = np.linalg.norm(mesh.points - np.array(place), axis=1)
        assert distance.min() < 1e-12


@every_case
def test_second_order(case: Case, mesh: SimplexMesh, folder: Path, tmp_path: Path) -> None:
    """Curved cells lie on the vertices of the straight ones."""
    plugin, point = case
    if point.order == 1:
        assert meshio.read(folder / "mesh.xdmf").cells[0].type in ("triangle", "tetra")
        return
    make_mesh(plugin, plugin.read(point.parameters), kinematics=point.kinematics, folder=tmp_path)
    straight = read(tmp_path)
    np.testing.assert_array_equal(mesh.cells, straight.cells)
    np.testing.assert_array_equal(mesh.points[: len(straight.points)], straight.points)
    assert meshio.read(folder / "mesh.xdmf").cells[0].type in ("triangle6", "tetra10")


@pytest.mark.parametrize(
    ("name", "kinematics"),
    [
        ("bare_particle", "axisymmetric"),
        ("graphene_cage", "3d"),
        ("multilayer", "3d"),
        ("porous_sponge", "3d"),
    ],
)
def test_same_input_gives_the_same_mesh(name: str, kinematics: str, tmp_path: Path) -> None:
    """To the last bit; and another input another mesh."""
    plugin = geometry.find(name)
    hashes = []
    for number, refinement in enumerate((0.7, 0.7, 0.6)):
        made = make_mesh(
            plugin,
            plugin.read({"refinement": refinement}),
            kinematics=kinematics,
            folder=tmp_path / str(number),
        )
        hashes.append(made.hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_refinement_halves_edges(tmp_path: Path) -> None:
    """Twice the refinement is about four times the triangles, and a quarter of the error."""
    plugin = geometry.find("graphene_cage")
    coarse, fine = (
        make_mesh(
            plugin,
            plugin.read({"refinement": refinement}),
            kinematics="axisymmetric",
            folder=tmp_path / str(refinement),
        )
        for refinement in (0.5, 1.0)
    )
    assert fine.counts["particle"] / coarse.counts["particle"] == pytest.approx(4.0, rel=0.1)
    error = [abs(m.measures["particle"] / m.exact["particle"] - 1.0) for m in (coarse, fine)]
    assert error[0] / error[1] == pytest.approx(4.0, rel=0.1)
    # One layer across the void whatever the refinement; those across the cage double.
    for made, layers in ((coarse, 1), (fine, 2)):
        along = made.counts["particle_surface"]
        assert made.counts["void"] == 2 * along
        assert made.counts["cage"] == 2 * layers * along


def test_void_and_cage_are_structured(tmp_path: Path) -> None:
    """Every vertex around the particle is on one of the four spheres."""
    plugin = geometry.find("graphene_cage")
    p = plugin.read({"gap_ratio": 1.4, "cage_thickness": "50 nm"})
    make_mesh(plugin, p, kinematics="axisymmetric", folder=tmp_path)
    mesh = read(tmp_path)
    outside: Array = np.linalg.norm(mesh.points, axis=1)
    outside = outside[outside > 1.0 + 1e-9]
    radii = np.unique(np.round(outside, 9))
    np.testing.assert_allclose(radii, [1.4, 1.425, 1.45])


def test_layers_are_resolved(tmp_path: Path) -> None:
    """Each film and the coat have at least three cells across."""
    plugin = geometry.find("multilayer")
    p = plugin.read({"silicon_thickness": "15 nm", "carbon_thickness": "5 nm", "bilayers": 10})
    make_mesh(plugin, p, kinematics="plane_strain", folder=tmp_path)
    mesh = read(tmp_path)
    height = mesh.points[:, 1]
    for low, high in ((0.0, 0.015), (0.015, 0.020), (0.18, 0.195), (0.195, 0.2)):
        rows = np.unique(np.round(height[(height > low - 1e-9) & (height < high + 1e-9)], 9))
        assert len(rows) >= 4


def test_sponge_keeps_its_porosity_and_symmetry() -> None:
    """The solid fills what the porosity leaves; every face of the cube cuts it."""
    plugin = geometry.find("porous_sponge")
    for porosity in (0.4, 0.65):
        p = plugin.read({"porosity": porosity})
        exact = plugin.exact(p, "3d")
        assert exact["solid"] == pytest.approx((1.0 - porosity) * 8.0, rel=2e-3)
        assert min(exact[f"outer_{letter}"] for letter in "xyz") > 0.0
    assert plugin.roles(p, "3d").flux == ("pore_surface", "outer_x", "outer_y", "outer_z")
    rigid = plugin.roles(plugin.read({"confinement": "rigid", "phases": "both"}), "3d")
    assert rigid.flux == ("pore_surface",)
    assert rigid.symmetry["outer_y"] == rigid.symmetry["pore_outer_y"] == 1
