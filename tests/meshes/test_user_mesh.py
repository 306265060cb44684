"""Bodies from files: what goes through, and what is refused with a message that helps."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from anodefem import cases, geometry
from anodefem.errors import InputError
from anodefem.geometry import Array, Indices
from anodefem.meshing import Manifest, make_mesh
from anodefem.meshing.regression.measure import measured, read
from anodefem.meshing.simplices import volumes
from tests.meshes import shapes

pytestmark = pytest.mark.serial

PLUGIN = geometry.find("user_mesh")
Mesh = Callable[..., Manifest]


@pytest.fixture
def mesh(tmp_path: Path) -> Mesh:
    """Mesh a file of the temporary folder."""

    def make(path: str, *, kinematics: str = "3d", order: int = 1, **values: Any) -> Manifest:
        p = PLUGIN.read({"path": path, "unit": "1 um", **values}, near=tmp_path)
        return make_mesh(PLUGIN, p, kinematics=kinematics, order=order, folder=tmp_path / "mesh")

    return make


def stl(path: Path, points: Array, triangles: Indices) -> None:
    meshio.write(path, meshio.Mesh(points, [("triangle", triangles)]), binary=True)


def test_a_noisy_concave_surface_is_filled(mesh: Mesh, tmp_path: Path) -> None:
    points, triangles = shapes.grain()
    stl(tmp_path / "grain.stl", points, triangles)
    made = mesh("grain.stl")
    volume = shapes.enclosed(points, triangles)
    assert made.exact["particle"] == pytest.approx(volume, rel=1e-6)
    assert made.measures["particle"] == pytest.approx(volume, rel=0.03)
    assert 1500 < made.counts["cells"] < 6000
    finer = mesh("grain.stl", edge="80 nm")
    errors = [abs(m.measures["particle"] / volume - 1.0) for m in (made, finer)]
    assert errors[1] < errors[0] / 2.0
    assert measured(tmp_path / "mesh").parts == 1


def test_normals_that_point_inwards_are_turned(mesh: Mesh, tmp_path: Path) -> None:
    points, triangles = shapes.grain()
    stl(tmp_path / "grain.stl", points, triangles[:, ::-1])
    assert mesh("grain.stl").exact["hull"] > 0.0


def test_a_voxel_image_has_no_steps_left(mesh: Mesh, tmp_path: Path) -> None:
    """Nodes stay within a tenth of a voxel of the sphere, and facets are turned by few degrees."""
    np.save(tmp_path / "ball.npy", shapes.ball(40, 16.0))
    made = mesh("ball.npy", unit="50 nm", edge="90 nm")
    radius, middle = 16.0 * 0.05, 20.0 * 0.05
    found = read(tmp_path / "mesh")
    facets = found.points[found.facets_of("particle_surface")] - middle
    assert np.linalg.norm(facets, axis=2).std() < 0.1 * 0.05
    assert np.linalg.norm(facets, axis=2) == pytest.approx(radius, abs=0.4 * 0.05)
    normal = np.cross(facets[:, 1] - facets[:, 0], facets[:, 2] - facets[:, 0])
    out = facets.mean(axis=1)
    cosine = np.abs((normal * out).sum(axis=1))
    cosine /= np.linalg.norm(normal, axis=1) * np.linalg.norm(out, axis=1)
    # The facets of a staircase are turned by 45 degrees in the mean.
    assert np.degrees(np.arccos(np.minimum(cosine, 1.0))).mean() < 6.0
    # The voxels' own area is half as large again as the sphere's.
    assert made.measures["particle_surface"] == pytest.approx(4.0 * np.pi * radius**2, rel=0.015)
    assert made.exact["particle"] == pytest.approx(shapes.ball(40, 16.0).sum() * 0.05**3)
    assert made.measures["particle"] == pytest.approx(made.exact["particle"], rel=5e-3)


def test_regions_of_an_image_keep_their_volumes(mesh: Mesh, tmp_path: Path) -> None:
    labels = shapes.ball(32, 13.0).astype(np.uint8)
    labels[:, :13][labels[:, :13] > 0] = 4
    labels[shapes.ball(32, 6.0, at=(21.0, 20.0, 16.0))] = 9
    np.savez(tmp_path / "labels.npz", labels=labels)
    regions = {"silicon": 1, "carbon": 4, "inclusion": 9}
    made = mesh("labels.npz", unit="50 nm", edge="80 nm", regions=regions)
    for name in regions:
        assert made.measures[name] == pytest.approx(made.exact[name], rel=0.03)
    assert made.roles.hull == ("silicon_surface", "carbon_surface")
    assert made.roles.flux == ()
    assert min(q["min"] for q in made.quality.values()) > 0.2


@pytest.mark.parametrize("end", ["min", "max"])
def test_an_image_may_end_in_planes_of_symmetry(mesh: Mesh, tmp_path: Path, end: str) -> None:
    whole = shapes.ball(40, 16.0)
    half = slice(20, None) if end == "min" else slice(None, 20)
    np.save(tmp_path / "part.npy", whole[half, half, half])
    symmetry = [f"{letter}_{end}" for letter in "xyz"]
    made = mesh("part.npy", unit="50 nm", symmetry=symmetry)
    assert made.roles.symmetry == {"symmetry_x": 0, "symmetry_y": 1, "symmetry_z": 2}
    assert made.roles.anchor == ()
    assert made.measures["hull"] == pytest.approx(made.measures["particle"], rel=1e-9)
    assert made.measures["particle"] == pytest.approx(4 / 3 * np.pi * 0.8**3 / 8, rel=0.01)


@pytest.mark.parametrize("name", ["body.vtu", "body.msh"])
@pytest.mark.parametrize("turn", [False, True])
def test_cells_of_a_mesh_stay_what_they_are(
    mesh: Mesh, tmp_path: Path, name: str, turn: bool
) -> None:
    points, cells = shapes.block(3, 2, 2)
    if turn:
        cells[::2] = cells[::2][:, [1, 0, 2, 3]]
    shapes.save(tmp_path / name, points, cells, np.where(points[cells, 0].mean(axis=1) < 1, 1, 2))
    made = mesh(name, unit="0.5 um", regions={"silicon": 1, "carbon": 2})
    assert made.orientation == ("mixed" if turn else "positive")
    assert made.measures["silicon"] == pytest.approx(4.0 * 0.125)
    assert made.exact["hull"] == pytest.approx(12.0 * 0.125)
    assert (volumes(read(tmp_path / "mesh").points, read(tmp_path / "mesh").cells) > 0).all()


def test_second_order_meshes_stay_curved(mesh: Mesh, tmp_path: Path) -> None:
    made = mesh(str(geometry.built_in_folder() / "samples" / "section.msh"),
                kinematics="axisymmetric", order=2, symmetry=["y_min"])  # fmt: skip
    assert made.measures["grain"] == pytest.approx(made.exact["grain"], rel=1e-12)
    assert made.exact["grain"] == pytest.approx(2 / 3 * np.pi * 0.7, rel=1e-3)
    assert made.roles.flux == ("wet",)


def test_a_free_body_is_held_at_three_vertices(mesh: Mesh, tmp_path: Path) -> None:
    """The six constraints leave no rigid motion, and are well apart."""
    points, cells = shapes.block(4, 3, 2)
    shapes.save(tmp_path / "body.vtu", points, cells, np.ones(len(cells), dtype=int))
    held = mesh("body.vtu").roles.anchor
    assert len(held) == 6
    rows = []
    for place, axis in held:
        unit = np.eye(3)[axis]
        rows.append([*unit, *np.cross(np.array(place) - points.mean(axis=0), unit)])
    singular = np.linalg.svd(np.array(rows), compute_uv=False)
    assert singular.min() > 0.3


def test_the_manifest_holds_the_content_and_not_the_place(mesh: Mesh, tmp_path: Path) -> None:
    points, cells = shapes.block(2, 2, 2)
    shapes.save(tmp_path / "body.vtu", points, cells, np.ones(len(cells), dtype=int))
    name = mesh("body.vtu").parameters["path"]
    assert name.startswith("body.vtu (sha256 ")
    assert str(tmp_path) not in name


def _turned(triangles: Indices) -> Indices:
    wrong = triangles.copy()
    wrong[3] = wrong[3][::-1]
    return wrong


def _folded() -> tuple[Array, Indices]:
    """A block with an inner vertex pushed out of its cells."""
    points, cells = shapes.block(4, 4, 4)
    middle = np.linalg.norm(points - 2.0, axis=1).argmin()
    points[middle] += [1.6, 0.0, 0.0]
    return points, cells


def _write_bad(folder: Path, name: str) -> tuple[str, dict[str, Any]]:
    """Write one bad input and return the file's name and what else the case says."""
    points, triangles = shapes.grain()
    block, cells = shapes.block(2, 2, 2)
    ones = np.ones(len(cells), dtype=int)
    stl_ = folder / "bad.stl"
    vtu = folder / "bad.vtu"
    match name:
        case "open":
            stl(stl_, points, triangles[1:])
        case "non-manifold":
            stl(stl_, np.vstack([points, [[3.0, 0, 0]]]),
                np.vstack([triangles, [[*triangles[0, :2], len(points)]]]))  # fmt: skip
        case "turned":
            stl(stl_, points, _turned(triangles))
        case "self-intersecting":
            spiked = points.copy()
            spiked[triangles[0, 0]] *= -1.5
            stl(stl_, spiked, triangles)
        case "two shells":
            both = np.vstack([points, points + np.array([5.0, 0, 0])])
            stl(stl_, both, np.vstack([triangles, triangles + len(points)]))
        case "metres" | "nanometres":
            scale = 1e-6 if name == "metres" else 1e4
            stl(stl_, scale * points, triangles)
        case "stl with regions":
            stl(stl_, points, triangles)
            return "bad.stl", {"regions": {"silicon": 1}}
        case "not a mesh":
            stl_.write_text("nothing", encoding="utf-8")
        case "inverted":
            moved, folded = _folded()
            shapes.save(vtu, moved, folded, np.ones(len(folded), dtype=int))
            return "bad.vtu", {}
        case "flat":
            flat = block.copy()
            flat[:, 2] *= 1e-9
            shapes.save(vtu, flat, cells, ones)
            return "bad.vtu", {}
        case "mixed":
            hexahedra = np.array([[0, 1, 2, 3, 4, 5, 6, 7]])
            cube = np.vstack([block, block[:8] + 9.0])
            meshio.write(vtu, meshio.Mesh(cube, [("tetra", cells), ("hexahedron", hexahedra)]))
            return "bad.vtu", {}
        case "untagged":
            shapes.save(vtu, block, cells, np.where(np.arange(len(cells)) < 5, 0, 1))
            return "bad.vtu", {"regions": {"silicon": 1}}
        case "wrong label":
            shapes.save(vtu, block, cells, ones)
            return "bad.vtu", {"regions": {"silicon": 7}}
        case "no such data":
            shapes.save(vtu, block, cells, ones)
            return "bad.vtu", {"labels": "phase"}
        case "two data":
            data = {"a": [ones], "b": [ones]}
            meshio.write(vtu, meshio.Mesh(block, [("tetra", cells)], cell_data=data))
            return "bad.vtu", {}
        case "two pieces":
            both = np.vstack([block, block + 5.0])
            shapes.save(vtu, both, np.vstack([cells, cells + len(block)]), np.tile(ones, 2))
            return "bad.vtu", {}
        case "double points":
            left = cells[block[cells, 0].mean(axis=1) < 1.0]
            right = cells[block[cells, 0].mean(axis=1) > 1.0]
            both = np.vstack([block, block])
            split = np.vstack([left, right + len(block)])
            shapes.save(vtu, both, split, np.ones(len(split), dtype=int))
            return "bad.vtu", {}
        case "no plane":
            np.save(folder / "bad.npy", shapes.ball(24, 9.0))
            return "bad.npy", {"unit": "50 nm", "symmetry": ["x_min"]}
        case "round end":
            points_, cells_ = shapes.block(2, 2, 2)
            points_[:, 0] += 0.1 * points_[:, 1]
            shapes.save(vtu, points_, cells_, ones)
            return "bad.vtu", {"symmetry": ["x_min"]}
        case "edge of a mesh":
            shapes.save(vtu, block, cells, ones)
            return "bad.vtu", {"edge": "0.1 um"}
        case "grey":
            np.save(folder / "bad.npy", np.arange(1000).reshape(10, 10, 10))
            return "bad.npy", {"unit": "50 nm"}
        case "flat image":
            np.save(folder / "bad.npy", np.ones((10, 10), dtype=int))
            return "bad.npy", {"unit": "50 nm"}
        case "not whole":
            np.save(folder / "bad.npy", np.full((6, 6, 6), 0.5))
            return "bad.npy", {"unit": "50 nm"}
        case "specks":
            image = shapes.ball(24, 8.0)
            image[0, 0, 0] = True
            np.save(folder / "bad.npy", image)
            return "bad.npy", {"unit": "50 nm"}
        case "labels without names":
            np.save(folder / "bad.npy", 3 * shapes.ball(24, 8.0).astype(int))
            return "bad.npy", {"unit": "50 nm"}
        case "several arrays":
            np.savez(folder / "bad.npz", a=np.ones((5, 5, 5)), b=np.ones((5, 5, 5)))
            return "bad.npz", {"unit": "50 nm"}
        case "too big an image":
            np.save(folder / "bad.npy", shapes.ball(24, 9.0))
            return "bad.npy", {"unit": "1 mm"}
        case "pickled":
            np.save(folder / "bad.npy", np.array([{}], dtype=object), allow_pickle=True)
            return "bad.npy", {"unit": "50 nm"}
    return "bad.stl", {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open", "the surface is open: 3 edges belong to one triangle"),
        ("non-manifold", "edges belong to more than two triangles"),
        ("turned", "triangles are turned to different sides"),
        ("self-intersecting", "the surface cuts through itself"),
        ("two shells", "holds 2 separate surfaces"),
        ("metres", 'unit = "1 m"'),
        ("nanometres", 'unit = "1 nm"'),
        ("stl with regions", "a closed surface holds one region"),
        ("not a mesh", "cannot be read as a mesh"),
        ("inverted", "cells are inverted and overlap their neighbours"),
        ("flat", "cells are degenerate"),
        ("mixed", "48 tetra, 1 hexahedron; all cells must be tetrahedra"),
        ("untagged", "5 cells are in no region (labels 0: 5 cells, 1: 43 cells)"),
        ("wrong label", "no cell has the label 7 of region 'silicon'"),
        ("no such data", "called labels = 'phase'; it has: 'cell_tags'"),
        ("two data", "('a', 'b'); choose one"),
        ("two pieces", "falls into 2 pieces (48, 48 cells)"),
        ("double points", "points at the same place are there twice"),
        ("no plane", "the body does not reach that end of the image"),
        ("round end", "no facet lies in a plane there"),
        ("edge of a mesh", "leave out 'edge'"),
        ("grey", "these are grey values, not labels"),
        ("flat image", "a voxel image has three axes"),
        ("not whole", "not whole numbers"),
        ("specks", "falls into 2 pieces"),
        ("labels without names", "say which is what"),
        ("several arrays", "'a', 'b'; choose one"),
        ("too big an image", "a body is between 1 nm and 1 mm"),
        ("pickled", "cannot be read as an array"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    mesh: Mesh, tmp_path: Path, name: str, expected: str
) -> None:
    """The message names the file, what is wrong, and what to do; nothing is written."""
    path, values = _write_bad(tmp_path, name)
    with pytest.raises(InputError) as refused:
        p = PLUGIN.read({"path": path, "unit": "1 um", **values}, near=tmp_path)
        PLUGIN.roles(p, "3d")
        make_mesh(PLUGIN, p, kinematics="3d", folder=tmp_path / "mesh")
    assert expected in str(refused.value)
    assert str(tmp_path / path) in str(refused.value)
    assert not (tmp_path / "mesh" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"path": "nowhere.stl", "unit": "1 um"}, "there is no file"),
        ({"unit": "1 um"}, "path: missing"),
        ({"path": 3, "unit": "1 um"}, "3 is not a path"),
        ({"path": "a.npy"}, "unit: missing"),
        ({"path": "a.npy", "unit": "1 um", "symmetry": ["x_min", "x_max"]}, "names an axis twice"),
        ({"path": "a.npy", "unit": "1 um", "symmetry": ["left"]}, "must be 'x_min'"),
        ({"path": "a.npy", "unit": "1 um", "regions": {"a b": 1}}, "must be made of letters"),
    ],
)
def test_parameters_are_checked(tmp_path: Path, values: dict[str, Any], expected: str) -> None:
    np.save(tmp_path / "a.npy", shapes.ball(12, 4.0))
    with pytest.raises(InputError, match="geometry 'user_mesh'") as refused:
        PLUGIN.read(values, near=tmp_path)
    assert expected in str(refused.value)


CASE = """
title = "Grain"
[geometry]
plugin = "user_mesh"
path = "grain.npy"
unit = "{unit}"
[materials]
particle = "silicon-amorphous"
[protocol]
steps = ["lithiate at C/10 until soc = 0.05"]
"""


def test_a_case_finds_its_file_beside_it(tmp_path: Path) -> None:
    np.save(tmp_path / "grain.npy", shapes.ball(12, 4.0))
    (tmp_path / "run.toml").write_text(CASE.format(unit="50 nm"), encoding="utf-8")
    case = cases.load(tmp_path / "run.toml")
    assert case.geometry.resolved()["path"] == str(tmp_path / "grain.npy")
    assert case.geometry.roles.flux == ("particle_surface",)


def test_the_documented_example_can_be_meshed(
    mesh: Mesh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "user-meshes.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (case,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "user-meshes.md", "exec"), {})
    (tmp_path / "run.toml").write_text(case, encoding="utf-8")
    found = cases.load(tmp_path / "run.toml")
    made = make_mesh(PLUGIN, found.geometry.parameters, kinematics="3d", folder=tmp_path / "mesh")
    assert set(made.cells) == {"silicon", "carbon"}
    assert 2000 < made.counts["cells"] < 10_000
    for name in made.cells:
        assert made.measures[name] == pytest.approx(made.exact[name], rel=0.04)


def test_a_bad_file_is_told_by_check(tmp_path: Path) -> None:
    np.save(tmp_path / "grain.npy", shapes.ball(12, 4.0))
    (tmp_path / "run.toml").write_text(CASE.format(unit="50 mm"), encoding="utf-8")
    with pytest.raises(InputError, match="between 1 nm and 1 mm"):
        cases.load(tmp_path / "run.toml")
