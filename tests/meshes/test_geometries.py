"""Every geometry's mesh: names, measures, counts, quality, topology, and the same twice."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from anodefem import geometry
from anodefem.geometry import Array, Geometry, Indices, SimplexMesh
from anodefem.meshing import Manifest, make_mesh
from anodefem.meshing.simplices import (
    components,
    edges_of,
    exterior,
    facets_of_cells,
    fans,
    keys,
    match,
    neighbours,
    volumes,
)

Case = Mapping[str, Any]

pytestmark = pytest.mark.serial

_PINS = tomllib.loads((Path(__file__).parent / "pins.toml").read_text(encoding="utf-8"))["case"]
_CORNERS = {"triangle": 3, "triangle6": 3, "tetra": 4, "tetra10": 4, "line": 2, "line3": 2}


def _label(case: Case) -> str:
    values = [f"{key}={value}" for key, value in case.get("parameters", {}).items()]
    return "-".join([case["geometry"], case["kinematics"], *values])


every_case = pytest.mark.parametrize("case", _PINS, ids=_label, indirect=True, scope="module")


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    """One of the pinned cases."""
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def folder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the case's mesh of order 1."""
    made = tmp_path_factory.mktemp("mesh")
    _make(case, made, order=1)
    return made


@pytest.fixture(scope="module")
def mesh(folder: Path) -> SimplexMesh:
    """What the files in the folder hold."""
    return _read(folder)


def _make(case: Case, folder: Path, *, order: int) -> Manifest:
    plugin, p = _parameters(case)
    return make_mesh(plugin, p, kinematics=case["kinematics"], order=order, folder=folder)


def _parameters(case: Case) -> tuple[Geometry, Any]:
    plugin = geometry.find(case["geometry"])
    return plugin, plugin.read(case.get("parameters", {}))


def _read(folder: Path) -> SimplexMesh:
    manifest = Manifest.load(folder)
    cells, facets = (meshio.read(folder / f"{name}.xdmf") for name in ("mesh", "facets"))
    return SimplexMesh(
        points=np.asarray(cells.points, dtype=np.float64),
        cells=_corners(cells),
        cell_groups=cells.cell_data["cell_tags"][0].astype(np.int64) - 1,
        cell_names=tuple(manifest.cells),
        facets=_corners(facets),
        facet_groups=facets.cell_data["facet_tags"][0].astype(np.int64) - 1,
        facet_names=tuple(manifest.facets),
    )


def _corners(mesh: Any) -> Indices:
    block = mesh.cells[0]
    return np.asarray(block.data[:, : _CORNERS[block.type]], dtype=np.int64)


def _errors(manifest: Manifest) -> dict[str, float]:
    # The envelope is given, not meshed.
    exact = {name: value for name, value in manifest.exact.items() if name != "envelope"}
    return {name: abs(manifest.measures[name] / value - 1.0) for name, value in exact.items()}


def _enclosed(case: Case, manifest: Manifest) -> float:
    if case["geometry"] == "porous_sponge":  # its hull is a part of the outer faces
        side = manifest.parameters["edge"] / 2.0
        return side / 3.0 * sum(manifest.measures[f"outer_{letter}"] for letter in "xyz")
    return sum(manifest.measures[name] for name in set(manifest.cells) - {"collector"})


@every_case
def test_groups_are_pinned(case: Case, folder: Path) -> None:
    """Names agree exactly; counts agree, within 5 % where tetrahedra are not on a grid."""
    manifest = Manifest.load(folder)
    assert set(manifest.cells) == set(case["cells"])
    assert set(manifest.facets) == set(case["facets"])
    # Versions of gmsh give the same triangles, but not the same tetrahedra; the sponge's depend on
    # the last bit of its level.
    loose = case["kinematics"] == "3d" and case["geometry"] != "multilayer"
    for name, count in {**case["cells"], **case["facets"]}.items():
        assert manifest.counts[name] == pytest.approx(count, rel=0.05 if loose else 1e-12), name
    for name, floor in case["quality"].items():
        assert manifest.quality[name]["min"] >= floor * (0.6 if loose else 1.0), name


@every_case
def test_measures_meet_exact(case: Case, folder: Path) -> None:
    """Volumes and areas are those of the body that the parameters describe."""
    manifest = Manifest.load(folder)
    errors = _errors(manifest)
    assert {"hull", *case["cells"]} <= set(errors)
    assert max(errors.values()) < case["tolerance"][0], errors
    regions = _parameters(case)[0].regions(_parameters(case)[1], case["kinematics"])
    assert set(regions) == set(manifest.cells) - set(manifest.roles.medium) | set(
        manifest.roles.membrane
    )


@every_case
def test_hull_encloses_the_body(case: Case, folder: Path) -> None:
    """The integral over the hull alone is the volume of what it encloses, cell by cell."""
    manifest = Manifest.load(folder)
    assert manifest.measures["hull"] == pytest.approx(_enclosed(case, manifest), rel=1e-9)


@every_case
def test_topology(case: Case, mesh: SimplexMesh) -> None:
    """One body without holes in its boundary, touching itself nowhere, and named all over."""
    count = len(mesh.points)
    cells = mesh.cells
    assert (volumes(mesh.points, cells) > 0).all()
    assert len(np.unique(cells)) == count
    assert (components(len(cells), neighbours(cells, count)) == 0).all()
    assert fans(cells, count).max() + 1 == count

    boundary = exterior(cells, count)
    named = keys(mesh.facets, count)
    assert len(np.unique(named)) == len(named)
    assert np.isin(keys(boundary, count), named).all()
    pairs = [(0,), (1,)] if mesh.dim == 2 else [(0, 1), (1, 2), (0, 2)]
    ridges = np.concatenate([np.sort(boundary[:, pair], axis=1) for pair in pairs])
    meeting = np.unique(ridges, axis=0, return_counts=True)[1]
    assert (meeting % 2 == 0).all(), "the boundary has an edge"

    faces = len(np.unique(keys(facets_of_cells(cells).reshape(-1, mesh.dim), count)))
    edges = len(edges_of(cells))
    counted = count - edges + len(cells) if mesh.dim == 2 else count - edges + faces - len(cells)
    assert counted == case["euler"]


@every_case
def test_each_cell_touches_one_working_surface(case: Case, mesh: SimplexMesh, folder: Path) -> None:
    """No cell has two facets of surfaces on which something happens."""
    roles = Manifest.load(folder).roles
    working = [name for name in mesh.facet_names if name not in roles.symmetry]
    working = sorted({*working, *roles.surfaces})
    chosen = np.isin(mesh.facet_groups, [mesh.facet_names.index(name) for name in working])
    sides = match(mesh.cells, mesh.facets[chosen], len(mesh.points))
    assert np.bincount(sides[sides >= 0]).max() == 1


@every_case
def test_held_planes_are_planes(case: Case, mesh: SimplexMesh, folder: Path) -> None:
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
    if roles.anchor is not None:
        distance = np.linalg.norm(mesh.points - np.array(roles.anchor[0]), axis=1)
        assert distance.min() < 1e-12


@every_case
def test_second_order(case: Case, folder: Path, tmp_path: Path) -> None:
    """Curved cells lie on the same vertices, do not fold, and meet the measures far better."""
    second = _make(case, tmp_path, order=2)
    enclosed = _enclosed(case, second)
    assert second.measures["hull"] == pytest.approx(enclosed, rel=1e-9)
    errors = _errors(second)
    assert max(errors.values()) < case["tolerance"][1], errors
    first = Manifest.load(folder)
    assert {n: second.counts[n] for n in second.cells} == {n: first.counts[n] for n in first.cells}
    curved, straight = _read(tmp_path), _read(folder)
    np.testing.assert_array_equal(curved.cells, straight.cells)
    np.testing.assert_array_equal(curved.points[: len(straight.points)], straight.points)
    assert meshio.read(tmp_path / "mesh.xdmf").cells[0].type in ("triangle6", "tetra10")


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
    # The layers stay: one across the void, two across the cage.
    for made in (coarse, fine):
        along = made.counts["particle_surface"]
        assert made.counts["void"] == 2 * along
        assert made.counts["cage"] == 4 * along


def test_void_and_cage_are_structured(tmp_path: Path) -> None:
    """Every vertex around the particle is on one of the four spheres."""
    plugin = geometry.find("graphene_cage")
    p = plugin.read({"gap_ratio": 1.4, "cage_thickness": "50 nm"})
    make_mesh(plugin, p, kinematics="axisymmetric", folder=tmp_path)
    mesh = _read(tmp_path)
    outside: Array = np.linalg.norm(mesh.points, axis=1)
    outside = outside[outside > 1.0 + 1e-9]
    radii = np.unique(np.round(outside, 9))
    np.testing.assert_allclose(radii, [1.4, 1.425, 1.45])


def test_layers_are_resolved(tmp_path: Path) -> None:
    """Each film and the coat have at least three cells across."""
    plugin = geometry.find("multilayer")
    p = plugin.read({"silicon_thickness": "15 nm", "carbon_thickness": "5 nm", "bilayers": 10})
    make_mesh(plugin, p, kinematics="plane_strain", folder=tmp_path)
    mesh = _read(tmp_path)
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
