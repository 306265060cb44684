"""Files as other programs write them: read, or refused with what to do."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from anodefem import geometry
from anodefem.errors import InputError
from anodefem.meshing import Manifest, child, foreign, make_mesh
from tests.meshes import shapes

pytestmark = pytest.mark.serial

PLUGIN = geometry.find("user_mesh")

#: Two cubes side by side; what is named and saved is filled in.
CUBES = """
import gmsh, sys
gmsh.initialize()
gmsh.option.setNumber("General.Terminal", 0)
gmsh.model.occ.addBox(0, 0, 0, 1, 1, 1)
gmsh.model.occ.addBox(1, 0, 0, 1, 1, 1)
gmsh.model.occ.fragment([(3, 1)], [(3, 2)])
gmsh.model.occ.synchronize()
gmsh.option.setNumber("Mesh.MeshSizeMax", 0.5)
{groups}
gmsh.model.mesh.generate(3)
gmsh.option.setNumber("Mesh.SaveAll", {every})
gmsh.option.setNumber("Mesh.MshFileVersion", {version})
gmsh.option.setNumber("Mesh.Binary", {binary})
gmsh.write(sys.argv[1])
"""
NAMED = """
gmsh.model.addPhysicalGroup(3, [1], 1, name="silicon")
gmsh.model.addPhysicalGroup(3, [2], 2, name="carbon")
"""
PARTLY = """
gmsh.model.addPhysicalGroup(3, [1], 1, name="silicon")
gmsh.model.addPhysicalGroup(3, [2], 2)
"""
OVERLAPPING = NAMED + 'gmsh.model.addPhysicalGroup(3, [1, 2], 3, name="everything")\n'
LEFT_OUT = 'gmsh.model.addPhysicalGroup(3, [1], 1, name="silicon")\n'


def cubes(
    path: Path, groups: str, *, version: float = 4.1, every: bool = False, binary: bool = False
) -> None:
    """Write the two cubes, by gmsh in a process of its own."""
    text = CUBES.format(groups=groups, version=version, every=int(every), binary=int(binary))
    subprocess.run([sys.executable, "-c", text, str(path)], check=True)


def made(folder: Path, name: str, **values: Any) -> Manifest:
    """Mesh a file in the folder."""
    p = PLUGIN.read({"path": name, "unit": "1 um", **values}, near=folder)
    return make_mesh(PLUGIN, p, kinematics="3d", folder=folder / "mesh")


@pytest.mark.parametrize(
    ("version", "every", "binary"), [(4.0, True, False), (4.1, True, True), (2.2, False, False)]
)
def test_named_groups_of_gmsh(tmp_path: Path, version: float, every: bool, binary: bool) -> None:
    """Whatever else a file holds: with SaveAll all points, lines and triangles are in it."""
    cubes(tmp_path / "a.msh", NAMED, version=version, every=every, binary=binary)
    found = made(tmp_path, "a.msh")
    assert {name: found.measures[name] for name in found.cells} == pytest.approx(
        {"silicon": 1.0, "carbon": 1.0}
    )


def test_partly_named_groups_of_gmsh(tmp_path: Path) -> None:
    """A group without a name goes by its number."""
    cubes(tmp_path / "a.msh", PARTLY)
    with pytest.raises(InputError, match=r"in no region \(labels 1 \('silicon'\): \d+ cells, 2: "):
        made(tmp_path, "a.msh")
    found = made(tmp_path, "a.msh", regions={"silicon": "silicon", "carbon": 2})
    assert set(found.cells) == {"silicon", "carbon"}


def test_cells_in_no_group_of_gmsh(tmp_path: Path) -> None:
    cubes(tmp_path / "a.msh", LEFT_OUT, every=True)
    with pytest.raises(InputError, match="put the cells into a physical group"):
        made(tmp_path, "a.msh")
    cubes(tmp_path / "b.msh", "", every=True)
    assert set(made(tmp_path, "b.msh").cells) == {"particle"}


def test_groups_that_a_file_of_gmsh_has_lost(tmp_path: Path) -> None:
    """Version 2 with SaveAll keeps their names, and no cell of theirs."""
    cubes(tmp_path / "a.msh", NAMED, version=2.2, every=True)
    with pytest.raises(InputError, match=r"names groups \('silicon', 'carbon'\) to which none"):
        made(tmp_path, "a.msh")
    regions = {"silicon": 1, "carbon": 2}
    found = made(tmp_path, "a.msh", labels="gmsh:geometrical", regions=regions)
    assert found.measures["carbon"] == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["a b", "silicon_surface", "hull", "symmetry_x"])
def test_a_group_that_cannot_be_a_region_by_its_name(tmp_path: Path, name: str) -> None:
    cubes(tmp_path / "a.msh", NAMED.replace("carbon", name))
    with pytest.raises(InputError, match=f"region '{name}' (must be made of|has the name of)"):
        made(tmp_path, "a.msh")
    assert set(made(tmp_path, "a.msh", regions={"silicon": "silicon", "b": name}).cells) == {
        "silicon",
        "b",
    }


@pytest.mark.parametrize("label", [True, 1.5, [1]])
def test_a_label_is_an_integer_or_a_name(tmp_path: Path, label: object) -> None:
    (tmp_path / "a.vtu").touch()
    with pytest.raises(InputError, match=r"^geometry 'user_mesh': regions\.x.*must be a label.*$"):
        made(tmp_path, "a.vtu", regions={"x": label})


def test_overlapping_groups_of_gmsh(tmp_path: Path) -> None:
    """Refused, unless the case names those that are regions."""
    cubes(tmp_path / "a.msh", OVERLAPPING)
    with pytest.raises(InputError, match=r"in both 'silicon' and 'everything'.*regions = \{ NAME"):
        made(tmp_path, "a.msh")
    regions = {"host": "silicon", "shell": "carbon"}
    assert set(made(tmp_path, "a.msh", regions=regions).cells) == {"host", "shell"}
    with pytest.raises(InputError, match="Take facets or cells out of one"):
        made(tmp_path, "a.msh", regions={"host": "silicon", "all": "everything"})


def test_overlapping_sets_of_abaqus(tmp_path: Path) -> None:
    """Such as EALL, which most programs write."""
    points, cells = shapes.block(2, 1, 1)
    left = points[cells, 0].mean(axis=1) < 1.0
    sets = {
        "silicon": [np.flatnonzero(left)],
        "carbon": [np.flatnonzero(~left)],
        "EALL": [np.arange(len(cells))],
    }
    meshio.write(tmp_path / "a.inp", meshio.Mesh(points, [("tetra", cells)], cell_sets=sets))
    with pytest.raises(InputError, match=r"in both '(silicon|carbon)' and 'EALL'"):
        made(tmp_path, "a.inp")
    found = made(tmp_path, "a.inp", regions={"silicon": "silicon", "carbon": "carbon"})
    assert found.measures["silicon"] == pytest.approx(1.0)


def written_stl(path: Path, *surfaces: tuple[Any, Any], capitals: bool = False) -> None:
    """Write triangles as text."""
    lines = ["solid body"]
    for points, triangles in surfaces:
        for triangle in points[triangles]:
            corners = "\n".join("vertex {:.9e} {:.9e} {:.9e}".format(*row) for row in triangle)
            lines.append(f"facet normal 0 0 0\nouter loop\n{corners}\nendloop\nendfacet")
    text = "\n".join([*lines, "endsolid body\n"])
    path.write_text(text.upper() if capitals else text, encoding="ascii")


def test_stl_in_capitals(tmp_path: Path) -> None:
    points, triangles = shapes.sphere(2)
    written_stl(tmp_path / "a.STL", (points, triangles), capitals=True)
    found = made(tmp_path, "a.STL", edge="0.25 um")
    assert found.exact["particle"] == pytest.approx(shapes.enclosed(points, triangles))


def test_cavity_in_a_surface(tmp_path: Path) -> None:
    """It is empty, its wall is not outside, and the hull goes around it."""
    points, triangles = shapes.sphere(2)
    for number, inner in enumerate((triangles, triangles[:, ::-1])):  # turned either way
        written_stl(tmp_path / f"{number}.stl", (points, triangles), (0.5 * points, inner))
        found = made(tmp_path, f"{number}.stl", edge="0.22 um")
        ball = shapes.enclosed(points, triangles)
        assert found.measures["hull"] == pytest.approx(ball, rel=0.05)
        assert found.measures["particle"] == pytest.approx(0.875 * ball, rel=0.05)
        assert found.roles.sei == found.roles.flux == found.roles.hull == ("particle_surface",)
        assert found.counts["particle_cavity"] > 0


@pytest.mark.parametrize(
    ("shift", "expected"),
    [(3.0, "are not one surface with cavities"), (2.0, "two closed surfaces touch")],
)
def test_two_surfaces(tmp_path: Path, shift: float, expected: str) -> None:
    points, triangles = shapes.sphere(1)
    written_stl(
        tmp_path / "a.stl", (points, triangles), (points + np.array([shift, 0, 0]), triangles)
    )
    with pytest.raises(InputError, match=expected):
        made(tmp_path, "a.stl")


def hollow(size: int) -> Any:
    """Return a ball of voxels with a closed hollow a bit above its middle."""
    middle = (size / 2.0, size / 2.0, size / 2.0 + 1.0)
    return shapes.ball(size, 0.42 * size) & ~shapes.ball(size, 0.2 * size, at=middle)


def test_cavity_in_an_image(tmp_path: Path) -> None:
    image = hollow(24)
    np.save(tmp_path / "a.npy", image)
    found = made(tmp_path, "a.npy", edge="3 um")
    full = shapes.ball(24, 0.42 * 24).sum()
    assert found.exact["hull"] == full
    assert found.measures["hull"] == pytest.approx(full, rel=0.05)
    assert found.measures["particle"] == pytest.approx(image.sum(), rel=0.05)
    assert found.roles.sei == found.roles.hull == ("particle_surface",)
    assert "particle_cavity" in found.facets


def test_cavity_cut_by_a_plane_of_symmetry(tmp_path: Path) -> None:
    """Half of it is as closed as all of it."""
    image = shapes.ball(24, 10.0) & ~shapes.ball(24, 5.0)
    np.save(tmp_path / "a.npy", image[12:])
    found = made(tmp_path, "a.npy", edge="3 um", symmetry=["x_min"])
    assert found.measures["hull"] == pytest.approx(shapes.ball(24, 10.0).sum() / 2.0, rel=0.05)
    assert found.roles.sei == ("particle_surface",)


def test_cavity_in_a_mesh(tmp_path: Path) -> None:
    """Nothing from outside reaches it, unless the file has one name for both surfaces."""
    points, cells = shapes.block(3, 3, 3)
    inner = (np.abs(points[cells].mean(axis=1) - 1.5) < 0.5).all(axis=1)
    cells = cells[~inner]
    shapes.save(tmp_path / "a.vtu", points, cells, np.ones(len(cells), dtype=int))
    found = made(tmp_path, "a.vtu")
    assert found.measures["hull"] == pytest.approx(27.0)
    assert found.exact["hull"] == pytest.approx(27.0)
    assert found.measures["particle_cavity"] == pytest.approx(6.0)
    assert found.roles.flux == found.roles.sei == ("particle_surface",)


def test_more_labels_than_a_body_has(tmp_path: Path) -> None:
    """Of a hundred grains, one is the body."""
    image = np.arange(1000).reshape(10, 10, 10) % 97 + 10
    image[1:9, 1:9, 1:9] = 5
    np.save(tmp_path / "a.npy", image)
    assert made(tmp_path, "a.npy", regions={"grain": 5}, edge="2 um").exact["grain"] == 512.0
    with pytest.raises(InputError, match=r"are grey values.*or name the labels"):
        made(tmp_path, "a.npy")
    with pytest.raises(InputError, match=r"no voxel has the label 4 .* with fewer"):
        made(tmp_path, "a.npy", regions={"grain": 4})


def test_stack_of_tiff(tmp_path: Path) -> None:
    """Slices along z, rows along y, columns along x."""
    tifffile = pytest.importorskip("tifffile")
    image = np.zeros((12, 10, 8), dtype=np.uint8)
    image[:, 2:8, 2:7] = 1
    tifffile.imwrite(tmp_path / "a.tif", image.transpose())
    found = made(tmp_path, "a.tif", edge="0.2 um", unit="100 nm")
    assert found.exact["particle"] == pytest.approx(12 * 6 * 5 * 1e-3)
    tifffile.imwrite(tmp_path / "b.tif", image[0])
    with pytest.raises(InputError, match="holds one slice"):
        made(tmp_path, "b.tif")
    (tmp_path / "c.tif").write_bytes((tmp_path / "a.tif").read_bytes()[:300])
    with pytest.raises(InputError, match=r"c\.tif"):
        made(tmp_path, "c.tif")


def test_stack_of_tiff_that_was_written_slice_by_slice(tmp_path: Path) -> None:
    """As microscopes do: every page is a picture of its own; suffixes may be in capitals."""
    tifffile = pytest.importorskip("tifffile")
    image = np.zeros((12, 10, 8), dtype=np.uint8)
    image[:, 2:8, 2:7] = 1
    for name, cut in (("a.TIF", 0), ("b.tif", 1)):
        with tifffile.TiffWriter(tmp_path / name) as file:
            for number, page in enumerate(image.transpose()):
                file.write(page[cut * (number % 2) :], contiguous=False)
    found = made(tmp_path, "a.TIF", edge="0.2 um", unit="100 nm")
    assert found.exact["particle"] == pytest.approx(12 * 6 * 5 * 1e-3)
    with pytest.raises(InputError, match=r"slices of different sizes \(9 x 12 and 10 x 12 voxels"):
        made(tmp_path, "b.tif")


@pytest.mark.parametrize("value", [np.uint64(2**63), 1 + 1j, 0.5, 1e300])
def test_labels_that_are_none(tmp_path: Path, value: Any) -> None:
    np.save(tmp_path / "a.npy", shapes.ball(12, 4.0) * value)
    with pytest.raises(InputError, match="not whole numbers, or huge ones"):
        made(tmp_path, "a.npy")


def header(shape: tuple[int, ...]) -> bytes:
    """Return the start of a file of numpy's."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<i8", "fortran_order": False, "shape": shape}
    )
    return stream.getvalue()


@pytest.mark.parametrize(
    ("shape", "expected"), [((10**5,) * 3, "at most 5e"), ((500,) * 3, "is too short for them")]
)
def test_an_image_that_claims_more_than_it_holds(
    tmp_path: Path, shape: tuple[int, ...], expected: str
) -> None:
    """Known from its first hundred bytes."""
    (tmp_path / "a.npy").write_bytes(header(shape))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("image.npy", header(shape))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(InputError, match=expected):
            made(tmp_path, name)


@pytest.mark.parametrize("suffix", ["msh", "vtu", "inp", "stl", "vtk", "npy", "npz"])
@pytest.mark.parametrize("share", [0.0, 0.6])
def test_a_file_that_is_cut_off(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a.{suffix}"
    points, cells = shapes.block(2, 2, 2)
    if suffix == "npy":
        np.save(path, shapes.ball(12, 4.0))
    elif suffix == "npz":
        np.savez(path, shapes.ball(12, 4.0))
    elif suffix == "msh":
        cubes(path, NAMED)
    elif suffix == "stl":
        written_stl(path, shapes.sphere(1))
    else:
        meshio.write(path, meshio.Mesh(points, [("tetra", cells)]))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=rf"a\.{suffix}"):
        made(tmp_path, path.name)


def test_a_reader_that_never_returns_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hang.py").write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    (tmp_path / "a.vtu").write_text("x", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = child.run
    monkeypatch.setattr(child, "run", lambda module, *rest, **limit: run("hang", *rest, **limit))
    start = time.monotonic()
    with pytest.raises(InputError, match=r"a\.vtu: was not read within 1 s; it may be cut off"):
        foreign.load(tmp_path / "a.vtu", labels=None, dim=3, time_limit=1.0)
    assert time.monotonic() - start < 10.0


@pytest.mark.parametrize(("more", "words"), [(-7, "it has 6477"), (300, "it has 6784")])
def test_a_binary_stl_file_that_has_another_length_than_it_says(
    tmp_path: Path, more: int, words: str
) -> None:
    points, triangles = shapes.sphere(2)
    meshio.write(tmp_path / "a.stl", meshio.Mesh(points, [("triangle", triangles)]), binary=True)
    content = (tmp_path / "a.stl").read_bytes()
    (tmp_path / "b.stl").write_bytes((content + b"x" * 400)[: len(content) + more])
    with pytest.raises(InputError, match=f"speaks of 128 triangles, which take 6484 .* {words};"):
        made(tmp_path, "b.stl")


@pytest.mark.parametrize(
    ("regions", "labels", "told"),
    [
        ({"a": 1, "b": 1}, [1.0, 2.0], "'a' and 'b' have the same label, 1"),
        ({"a": 1}, [1.0, 2.0], r"6 cells are in no region \(labels 1: 6 cells, 2: 6 cells\)"),
        ({"a": 1, "b": 3}, [1.0, 2.0], r"the label 3 of region 'b'; .* are 1: 6 cells, 2: 6 cells"),
        ({"a": 1, "b": 2}, [1.5, 2.5], "no cell data of integers that would tell regions apart"),
    ],
)
def test_labels_that_are_no_regions(
    tmp_path: Path, regions: dict[str, int], labels: list[float], told: str
) -> None:
    points, cells = shapes.block(2, 1, 1)
    values = np.where(points[cells, 0].mean(axis=1) < 1, *labels)
    data = {"region": [values if values[0] % 1 else values.astype(int)]}
    meshio.write(tmp_path / "a.vtu", meshio.Mesh(points, [("tetra", cells)], cell_data=data))
    with pytest.raises(InputError, match=told):
        made(tmp_path, "a.vtu", regions=regions)


@pytest.mark.parametrize("kind", ["line", "vertex"])
def test_a_file_of_lines_or_points(tmp_path: Path, kind: str) -> None:
    points, cells = shapes.block(2, 1, 1)
    cells = cells[:, : {"line": 2, "vertex": 1}[kind]]
    meshio.write(tmp_path / "a.vtu", meshio.Mesh(points, [(kind, cells)]))
    with pytest.raises(InputError, match=f"holds 12 {kind}, no tetrahedra"):
        made(tmp_path, "a.vtu")


def test_a_med_file_with_cell_data(tmp_path: Path) -> None:
    points, cells = shapes.block(2, 1, 1)
    data = {"region": [np.where(points[cells, 0].mean(axis=1) < 1, 1, 2)]}
    meshio.write(tmp_path / "a.med", meshio.Mesh(points, [("tetra", cells)], cell_data=data))
    assert set(made(tmp_path, "a.med", regions={"a": 1, "b": 2}).cells) == {"a", "b"}


def test_a_cell_with_a_point_before_the_first(tmp_path: Path) -> None:
    """Formats that count from 1 say 0."""
    text = "MeshVersionFormatted 1\nDimension 3\nVertices\n4\n0 0 0 0\n1 0 0 0\n0 1 0 0\n0 0 1 0\n"
    (tmp_path / "a.mesh").write_text(f"{text}Tetrahedra\n1\n1 2 3 0 1\nEnd\n")
    with pytest.raises(InputError, match="has cells with points that it does not hold"):
        made(tmp_path, "a.mesh")


def test_an_axisymmetric_section_of_straight_cells(tmp_path: Path) -> None:
    """Its axis has no area, which is no fault of the file."""
    points = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    meshio.write(tmp_path / "a.vtu", meshio.Mesh(points, [("triangle", triangles)]))
    p = PLUGIN.read({"path": "a.vtu", "unit": "1 um"}, near=tmp_path)
    found = PLUGIN.exact(p, "axisymmetric")
    assert (found["particle"], found["hull"]) == pytest.approx((np.pi, np.pi))
    assert "axis" not in found


@pytest.mark.parametrize("lost", [40, 500, 2000])
def test_a_tiff_stack_that_is_cut_off(tmp_path: Path, lost: int) -> None:
    """Its library gives the slices that are left, and only says so."""
    tifffile = pytest.importorskip("tifffile")
    ball = np.pad(shapes.ball(12, 5.0).astype(np.uint8), 1)
    for name, whole in (("stack", True), ("slices", False)):
        path = tmp_path / f"{name}.tif"
        with tifffile.TiffWriter(path) as file:
            for each in [ball] if whole else ball:
                file.write(each, contiguous=whole)
        path.write_bytes(path.read_bytes()[:-lost])
        with pytest.raises(InputError, match=r"cut off or damaged|cannot be read as an array"):
            made(tmp_path, path.name)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("'shape': (-3, 4, 5)", r"has the shape \(-3, 4, 5\); its header is damaged"),
        ("'shape': (0, 4, 5)", r"has the shape \(0, 4, 5\); it holds no voxels"),
        ("'shape': print('x')", "its header is damaged"),
    ],
)
def test_an_array_with_an_odd_shape(tmp_path: Path, header: str, told: str) -> None:
    text = f"{{'descr': '<u1', 'fortran_order': False, {header}, }}".encode().ljust(117) + b"\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00" + text)
    with pytest.raises(InputError, match=told):
        made(tmp_path, "a.npy")
