"""What cannot be meshed is refused in one sentence that helps."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anodefem import geometry, registry
from anodefem.errors import InputError
from anodefem.meshing import Manifest, make_mesh

pytestmark = pytest.mark.serial

_HEAD = """
from dataclasses import dataclass
from anodefem.geometry import Geometry, Roles

@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    pass

def named(model, cells, *facets):
    model.occ.synchronize()
    if cells:
        model.addPhysicalGroup(2, [tag for _, tag in model.getEntities(2)], name=cells)
    for tags, name in facets:
        model.addPhysicalGroup(1, tags, name=name)
"""

_TAIL = """
GEOMETRY = Geometry(
    name="{name}", title="", kinematics=("plane_strain",), parameters=Nothing, build=build,
    exact=lambda p, kinematics: {exact},
    roles=lambda p, kinematics: Roles(
        flux=("surface",), sei=("surface",), hull=("surface",), symmetry={{}}),
    regions=lambda p, kinematics: ("body",),
)
"""

_SQUARE = """
def build(model, p, kinematics):
    model.occ.addRectangle(-1, -1, 0, 2, 2)
"""

Plugin = Callable[..., geometry.Geometry]


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Plugin]:
    """Write a geometry to a folder that is searched, and load it."""

    def write(name: str, build: str, exact: str = "{}") -> geometry.Geometry:
        text = _HEAD + build + _TAIL.format(name=name, exact=exact)
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        registry.use_folders([tmp_path])
        return geometry.find(name)

    yield write
    registry.use_folders([])


def _mesh(found: geometry.Geometry, folder: Path, **options: float) -> Manifest:
    kinematics = found.kinematics[0]
    return make_mesh(found, found.read({}), kinematics=kinematics, folder=folder, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("bare_particle", {"particle_radius": "-1 um"}, "particle_radius = '-1 um': must be great"),
        ("bare_particle", {"particle_radius": "1 s"}, "particle_radius = '1 s'"),
        ("bare_particle", {"particle_radius": "1"}, "has no unit"),
        ("bare_particle", {"particle_radus": "1 um"}, "Did you mean 'particle_radius'?"),
        ("bare_particle", {"shape": "cube"}, "'sphere'"),
        ("bare_particle", {"aspect": 2.0}, "set shape = 'spheroid'"),
        ("bare_particle", {"shape": "rough"}, "needs 0 < roughness"),
        (
            "bare_particle",
            {"shape": "rough", "roughness": 0.1, "roughness_wavelength": "1 nm"},
            "at least a quarter of particle_radius",
        ),
        ("graphene_cage", {"gap_ratio": 0.9}, "the cage is smaller than its particle"),
        ("graphene_cage", {"gap_ratio": 1.0005}, "must be at least 1 nm"),
        ("graphene_cage", {"eccentricity": 0.999}, "must be at least 1 nm"),
        ("graphene_cage", {"eccentricity": 1.0}, "eccentricity = 1.0"),
        ("graphene_cage", {"cage_thickness": "1 um"}, "at most a fifth"),
        ("porous_sponge", {"porosity": 0}, "porosity = 0: must be greater than 0"),
        ("porous_sponge", {"porosity": 1}, "porosity = 1: must be less than 1"),
        ("porous_sponge", {"porosity": 0.95}, "must be between 0.2 and 0.85"),
        ("porous_sponge", {"wavelength": "10 um"}, "must be between a sixteenth and a half"),
        ("binder_particle", {"coat_thickness": "2 um"}, "at most particle_radius"),
        ("film_on_wire", {"film_thickness": "0.6 um"}, "film_thickness = 0.6 um must be between"),
        (
            "film_on_wire",
            {"cell": "30 nm"},
            "cell = 0.03 um must be at most half of film_thickness",
        ),
        ("binder_particle", {"coat_thickness": "0.1 nm"}, "at least 1 nm"),
        ("binder_particle", {"particles": 3}, "particles = 3"),
        ("binder_particle", {"particles": 2, "neck_radius": "10 nm"}, "neck_radius = 0.01 um must"),
        ("binder_particle", {"particles": 2, "particle_gap": "1 um"}, "at most four times"),
        ("binder_particle", {"particles": 2, "coat_thickness": "1 nm"}, "at least a 100th of"),
        ("multilayer", {"bilayers": 0}, "bilayers = 0"),
        ("multilayer", {"carbon_thickness": "0.1 nm"}, "within a factor of 100"),
        ("multilayer", {"gap_width": "1 nm"}, "gap_width = 0.001 um must be between"),
    ],
)
def test_parameters_out_of_range(name: str, values: dict[str, object], expected: str) -> None:
    """The message names the parameter, what was given and what is allowed."""
    with pytest.raises(InputError) as refused:
        geometry.find(name).read(values)
    assert expected in str(refused.value)
    assert f"geometry '{name}'" in str(refused.value)


def test_all_problems_at_once() -> None:
    """One message for everything that is wrong."""
    with pytest.raises(InputError) as refused:
        geometry.find("graphene_cage").read({"gap_ratio": -1, "particle_radius": "1 s", "gap": 1})
    assert str(refused.value).count("\n") == 2


def test_unknown_geometry() -> None:
    """The nearest known name is offered."""
    with pytest.raises(InputError, match="Did you mean 'graphene_cage'"):
        geometry.find("graphen_cage")


def test_kinematics_not_offered(tmp_path: Path) -> None:
    """The message lists what is."""
    plugin = geometry.find("porous_sponge")
    with pytest.raises(InputError, match="it offers: 3d"):
        make_mesh(plugin, plugin.read({}), kinematics="axisymmetric", folder=tmp_path)
    with pytest.raises(InputError, match="order 3: must be 1"):
        make_mesh(plugin, plugin.read({}), kinematics="3d", order=3, folder=tmp_path)


def test_sponge_that_falls_apart() -> None:
    """Before any meshing, and it says what to change."""
    plugin = geometry.find("porous_sponge")
    with pytest.raises(InputError, match=r"falls apart.*lower porosity"):
        plugin.exact(plugin.read({"porosity": 0.85, "seed": 4}), "3d")


@pytest.mark.parametrize(
    ("axis", "length", "porosity", "seed", "refinement"),
    [("z", 0.237843, 0.719051, 5538, 0.927429), ("y", 0.02, 0.715793, 131071, 0.84375)],
)
def test_a_face_that_the_mesh_hardly_reaches_is_refused(
    axis: str, length: float, porosity: float, seed: int, refinement: float
) -> None:
    """A patch of 3 % of the face that is lost with the crumbs, and one of 5 % that loses 10 %."""
    plugin = geometry.find("porous_sponge")
    values = {
        "wavelength": f"{length} um",
        "edge": f"{2.001 * length} um",
        "porosity": porosity,
        "structure": "random",
        "seed": seed,
    }
    with pytest.raises(InputError, match=f"solid hardly reaches the outer face across {axis}"):
        plugin.exact(plugin.read({**values, "refinement": refinement}), "3d")
    assert plugin.exact(plugin.read({**values, "refinement": 2.0}), "3d")


def test_plugin_that_cannot_be_loaded(tmp_path: Path, plugin: Plugin) -> None:
    """A plugin's own error is reported with its file; one without GEOMETRY is refused."""
    (tmp_path / "broken.py").write_text("1 / 0", encoding="utf-8")
    (tmp_path / "empty.py").write_text("", encoding="utf-8")
    plugin("square", _SQUARE)
    with pytest.raises(InputError, match=r"broken\.py.*ZeroDivisionError"):
        geometry.find("broken")
    with pytest.raises(InputError, match="must define GEOMETRY"):
        geometry.find("empty")
    (tmp_path / "other.py").write_text((tmp_path / "square.py").read_text(), encoding="utf-8")
    with pytest.raises(InputError, match="calls itself 'square'"):
        geometry.find("other")


def test_folder_of_the_user_wins(plugin: Plugin) -> None:
    """A plugin of the same name replaces the one that comes with the package."""
    assert plugin("bare_particle", _SQUARE).kinematics == ("plane_strain",)


def test_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A geometry offered by an installed package is found, and the child process finds it too."""
    build = _SQUARE + "    named(model, 'body', ([1, 2, 3, 4], 'surface'))\n"
    text = _HEAD + build + _TAIL.format(name="visitor", exact="{}")
    (tmp_path / "visiting_geometry.py").write_text(text, encoding="utf-8")
    info = tmp_path / "visitor-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: visitor\nVersion: 1.0\n")
    points = "[anodefem.geometries]\nvisitor = visiting_geometry\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = _mesh(geometry.find("visitor"), tmp_path / "out")
    assert made.measures["body"] == pytest.approx(4.0)


def test_cell_without_a_group(tmp_path: Path, plugin: Plugin) -> None:
    """Every cell must be in a named group."""
    with pytest.raises(InputError, match="put every cell into exactly one named physical group"):
        _mesh(plugin("untagged", _SQUARE + "    named(model, '')\n"), tmp_path)


def test_boundary_without_a_group(tmp_path: Path, plugin: Plugin) -> None:
    """Every facet of the boundary must be in a group, and the roles' groups must exist."""
    build = _SQUARE + "    named(model, 'body', ([1, 2, 3], 'surface'))\n"
    with pytest.raises(InputError, match="facets of the boundary are in no group"):
        _mesh(plugin("open_square", build), tmp_path)
    build = _SQUARE + "    named(model, 'body', ([1, 2, 3, 4], 'outside'))\n"
    with pytest.raises(InputError, match="the roles name facet group 'surface', which does not"):
        _mesh(plugin("misnamed", build), tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_parts_that_do_not_touch(tmp_path: Path, plugin: Plugin) -> None:
    """Two bodies, or two that share a corner, are not one."""
    build = _SQUARE + "    model.occ.addRectangle({0}, {0}, 0, 2, 2)\n"
    build += "    model.occ.fragment([(2, 1)], [(2, 2)])\n    named(model, 'body')\n"
    build += "    edges = [tag for _, tag in model.getEntities(1)]\n"
    build += "    model.addPhysicalGroup(1, edges, name='surface')\n"
    with pytest.raises(InputError, match="the cells are not connected"):
        _mesh(plugin("apart", build.format(2)), tmp_path)
    with pytest.raises(InputError, match="the cells are not connected"):
        _mesh(plugin("corner", build.format(1)), tmp_path)


def test_wrong_measure(tmp_path: Path, plugin: Plugin) -> None:
    """A geometry that says what it measures is held to it."""
    build = _SQUARE + "    named(model, 'body', ([1, 2, 3, 4], 'surface'))\n"
    with pytest.raises(InputError, match="'body' measures 4, but must be 5"):
        _mesh(plugin("too_small", build, "{'body': 5.0}"), tmp_path)
    right = plugin("square", build, "{'body': 4.0, 'surface': 8.0, 'hull': 4.0}")
    assert _mesh(right, tmp_path).measures["hull"] == pytest.approx(4.0)


def test_gmsh_fails(tmp_path: Path, plugin: Plugin) -> None:
    """What gmsh says is passed on."""
    build = _SQUARE + "    model.occ.cut([(2, 1)], [(2, 99)])\n"
    with pytest.raises(InputError, match=r"'failing': gmsh failed while drawing: .*99"):
        _mesh(plugin("failing", build), tmp_path)
    build = _SQUARE + "    model.occ.remove([(2, 1)])\n    model.occ.synchronize()\n"
    with pytest.raises(InputError, match="it drew nothing of dimension 2"):
        _mesh(plugin("nothing", build), tmp_path)


def test_gmsh_crashes(tmp_path: Path, plugin: Plugin) -> None:
    """A crash of the child is not a crash of the program."""
    with pytest.raises(InputError, match="'crashing': gmsh ended with code 7"):
        _mesh(plugin("crashing", _SQUARE + "    import os\n    os._exit(7)\n"), tmp_path)


def test_gmsh_hangs(tmp_path: Path, plugin: Plugin) -> None:
    """A child that ignores SIGTERM is stopped in time, and nothing of it is left."""
    note = tmp_path / "pid"
    build = _SQUARE + (
        "    import os, pathlib, signal, time\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"    pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
    )
    start = time.monotonic()
    with pytest.raises(InputError, match=r"did not finish within 3 s and was stopped; lower"):
        _mesh(plugin("hanging", build), tmp_path, time_limit=3.0)
    assert time.monotonic() - start < 10.0
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_gmsh_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to get it."""
    (tmp_path / "gmsh.py").write_text("raise ImportError('libGLU.so.1 is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(InputError, match=r"gmsh cannot be imported \(libGLU.*container/run"):
        _mesh(geometry.find("bare_particle"), tmp_path / "out")


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Before gmsh is started."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written \(.*name another folder with -o"):
        _mesh(geometry.find("bare_particle"), tmp_path / "file" / "mesh")


def test_manifest_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing and damaged manifests have different messages."""
    with pytest.raises(InputError, match="make the mesh with 'anodefem mesh'"):
        Manifest.load(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="is not a mesh manifest"):
        Manifest.load(tmp_path)


def test_gmsh_stays_out_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gmsh keeps global state and may crash: the program itself never imports it."""
    monkeypatch.delitem(sys.modules, "gmsh", raising=False)  # another test may have
    made = _mesh(geometry.find("graphene_cage"), tmp_path)
    assert "gmsh" not in sys.modules
    assert Manifest.load(tmp_path) == made
    assert (tmp_path / "gmsh.log").read_text()
    assert {"quality_min", "relative_error"} <= set(made.quality_table()[0])
    assert all(isinstance(row["measure"], float) for row in made.quality_table())


@pytest.mark.parametrize(
    ("name", "kinematics", "values"),
    [
        ("bare_particle", "3d", {"refinement": 50}),
        ("bare_particle", "axisymmetric", {"refinement": 500}),
        ("binder_particle", "axisymmetric", {"refinement": 300}),
        ("graphene_cage", "3d", {"refinement": 30}),
        ("multilayer", "3d", {"refinement": 20}),
        ("multilayer", "plane_strain", {"refinement": 1000}),
        ("porous_sponge", "3d", {"refinement": 1000}),
    ],
)
def test_too_many_cells_are_refused_before_they_are_made(
    tmp_path: Path, name: str, kinematics: str, values: dict[str, object]
) -> None:
    """In a moment, whichever way the mesh is made; the message says what can be raised."""
    plugin = geometry.find(name)
    start = time.monotonic()
    with pytest.raises(InputError, match=r"have about .* more than max_cells = 2e\+06"):
        make_mesh(plugin, plugin.read(values), kinematics=kinematics, folder=tmp_path)
    assert time.monotonic() - start < 20.0


def test_the_limit_of_cells_is_the_user_s(tmp_path: Path) -> None:
    """The estimate is right to a factor of two."""
    plugin = geometry.find("bare_particle")
    for kinematics in ("axisymmetric", "3d"):
        made = make_mesh(plugin, plugin.read({}), kinematics=kinematics, folder=tmp_path)
        count = made.counts["cells"]
        with pytest.raises(InputError, match="more than max_cells"):
            make_mesh(
                plugin,
                plugin.read({}),
                kinematics=kinematics,
                folder=tmp_path,
                max_cells=count // 2,
            )
        make_mesh(
            plugin, plugin.read({}), kinematics=kinematics, folder=tmp_path, max_cells=2 * count
        )
