"""Each defect gets its verdict: plugins changed on purpose, against the pins of before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from anodefem import geometry, registry
from anodefem.cli import app
from anodefem.geometry import Geometry
from anodefem.meshing import make_mesh
from anodefem.meshing.regression import compare, pins
from anodefem.meshing.regression.compare import Verdict
from anodefem.meshing.regression.measure import measured, read
from anodefem.meshing.regression.pins import Pin, Point
from anodefem.meshing.write import write

pytestmark = pytest.mark.serial

NAME = "bare_particle"
FINISH = '    if p.shape == "spheroid":\n'  # the first line of the plugin's `finish`
SIZES = "surface=surface / p.refinement, centre=centre / p.refinement"
Changed = Callable[..., Path]


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[Changed]:
    """Copy the bare particle, replace text in it, and keep the pins of its first points."""

    def copy(*replacements: tuple[str, str], kinematics: str = "axisymmetric") -> Path:
        folder = tmp_path / "plugins"
        folder.mkdir()
        text = (geometry.built_in_folder() / f"{NAME}.py").read_text(encoding="utf-8")
        shipped = pins.load(geometry.load(geometry.plugins()[NAME]))
        for before, after in replacements:
            assert before in text
            text = text.replace(before, after)
        (folder / f"{NAME}.py").write_text(text, encoding="utf-8")
        plugin = geometry.load(str(folder / f"{NAME}.py"))
        kept = [point for point in shipped.points if point.kinematics == kinematics][:1]
        pins.save(pins.Pins(geometry=plugin, path=pins.path_of(plugin), points=tuple(kept)))
        return folder

    yield copy
    registry.use_folders([])


def run(folder: Path, *options: str) -> Result:
    """Run ``anodefem mesh-check`` on the changed plugin."""
    return CliRunner().invoke(app, ["--plugins", str(folder), "mesh-check", NAME, *options])


@pytest.mark.parametrize("kinematics", ["axisymmetric", "3d"])
def test_the_same_plugin_gives_the_same_mesh(changed: Changed, kinematics: str) -> None:
    result = run(changed(kinematics=kinematics))
    # Other programs than those of the pins may give other nodes.
    assert result.exit_code == 0, result.output
    assert re.match(rf"(identical|equivalent) +{NAME} {kinematics},order=1\n", result.output)


@pytest.mark.parametrize("kinematics", ["axisymmetric", "3d"])
@pytest.mark.parametrize(
    ("replacement", "verdict", "expected"),
    [
        # A default that moved is reported by its name, with what follows from it.
        ((" = 1.0\n    shape", " = 1.01\n    shape"), "changed", "particle_radius: 1 -> 1.01"),
        # The same body drawn 1 % too large: the parameters do not tell, measures and box do.
        (
            ("radius = p.particle_radius\n    if p.shape !=",
             "radius = 1.01 * p.particle_radius\n    if p.shape !="),
            "changed",
            "cells 'particle' measure: ",
        ),
        # Edges 10 % longer: 17 to 25 % fewer cells, and the error of results grows by a fifth.
        ((SIZES, SIZES.replace(" /", " * 1.1 /")), "changed", "count: "),
        # Other nodes inside, but nothing that anybody would see in results.
        (
            (FINISH, "    inner = np.linalg.norm(mesh.points, axis=1).argsort()[9]\n"
             "    mesh.points[inner] *= 1.001\n" + FINISH),
            "equivalent",
            "nodes: ",
        ),
        # A name that changed in one place only, and everywhere.
        (('rest="particle_surface"', 'rest="skin"'), "broken", "facet group 'particle_surface'"),
        (('"particle_surface"', '"skin"'), "broken", "perhaps it is called 'skin' now"),
        (('sei=surface,', 'sei=(),'), "broken", "role sei: ['particle_surface'] -> None"),
        # Cells turned inside out, all or some, and one pulled through its neighbours.
        (
            (FINISH, "    mesh.cells[:] = mesh.cells[:, ::-1].copy() if mesh.dim == 2 else "
             "mesh.cells[:, [1, 0, 2, 3]]\n" + FINISH),
            "broken",
            "orientation: positive -> negative",
        ),
        (
            (FINISH, "    mesh.cells[:9, :2] = mesh.cells[:9, 1::-1].copy()\n" + FINISH),
            "broken",
            "orientation: positive -> mixed",
        ),
        (
            (FINISH, "    inner = np.linalg.norm(mesh.points, axis=1).argsort()[9]\n"
             "    mesh.points[inner] = p.particle_radius * 0.7\n" + FINISH),
            "broken",
            "cells are folded over their neighbours",
        ),
        (
            (FINISH, "    from dataclasses import replace\n    mesh = replace(mesh, "
             "facets=mesh.facets[1:], facet_groups=mesh.facet_groups[1:])\n" + FINISH),
            "broken",
            "1 facets of the boundary are in no group",
        ),
    ],
)  # fmt: skip
def test_a_defect_gets_its_verdict(
    changed: Changed, kinematics: str, replacement: tuple[str, str], verdict: str, expected: str
) -> None:
    folder = changed(replacement, kinematics=kinematics)
    result = run(folder)
    assert result.output.startswith(verdict), result.output
    assert expected in result.output
    assert result.exit_code == (0 if verdict == "equivalent" else 1)


def test_a_body_somewhere_else_is_changed(changed: Changed) -> None:
    """Mirrored at two planes, every measure is the same; only the box tells."""
    mirror = "    mesh = mesh.moved(lambda points: points * np.array([-1.0, -1.0, 1.0]))\n"
    result = run(changed((FINISH, mirror + FINISH), kinematics="3d"))
    assert result.exit_code == 1
    assert (
        "low corner of the box: (0, 0, 0) -> (-1, -1, 0) um, by 100 % of the size" in result.output
    )


def test_a_parameter_that_is_gone_is_broken(changed: Changed) -> None:
    folder = changed()
    path = folder / "pins" / f"{NAME}.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("order = 1\n", 'order = 1\nparameters = { form = "cube" }\n'))
    result = run(folder)
    assert result.exit_code == 1
    assert result.output.startswith("broken")
    assert "form: unknown key." in result.output


def test_accepting_writes_the_pins_and_says_so(changed: Changed, tmp_path: Path) -> None:
    """Only what is not identical; then nothing is left to tell."""
    folder = changed((SIZES, SIZES.replace(" /", " * 1.1 /")))
    path = folder / "pins" / f"{NAME}.toml"
    before = path.read_text(encoding="utf-8")
    assert run(folder).exit_code == 1
    assert path.read_text(encoding="utf-8") == before
    result = run(folder, "--accept", "--json", str(tmp_path / "outcomes.json"))
    assert result.exit_code == 0
    assert f"{NAME} axisymmetric,order=1: accepted what was changed" in result.output
    assert f"written: {path}" in result.output
    (outcome,) = json.loads((tmp_path / "outcomes.json").read_text(encoding="utf-8"))
    assert outcome["verdict"] == "changed"
    assert outcome["changes"][0]["what"] == "cells 'particle' count"
    assert outcome["now"]["cells"]["particle"]["count"] < 2952
    accepted = path.read_text(encoding="utf-8")
    assert run(folder).output.startswith("identical")
    assert run(folder, "--accept").exit_code == 0
    assert path.read_text(encoding="utf-8") == accepted


def test_what_cannot_be_meshed_cannot_be_accepted(changed: Changed) -> None:
    folder = changed(('rest="particle_surface"', 'rest="skin"'))
    path = folder / "pins" / f"{NAME}.toml"
    before = path.read_text(encoding="utf-8")
    assert run(folder, "--accept").exit_code == 1
    assert path.read_text(encoding="utf-8") == before


def test_a_plugin_of_somebody_else_starts_without_pins(changed: Changed) -> None:
    """Its defaults are meshed; accepting makes the file beside the plugin, with tolerances."""
    folder = changed()
    path = folder / "pins" / f"{NAME}.toml"
    path.unlink()
    path.parent.rmdir()
    result = run(folder)
    assert result.exit_code == 1
    assert result.output.count("nothing is pinned yet") == 3
    assert run(folder, "--accept").exit_code == 0
    assert run(folder).output.endswith("3 identical\n")
    found = pins.load(geometry.load(str(folder / f"{NAME}.py"))).points
    assert [point.kinematics for point in found] == ["axisymmetric", "plane_strain", "3d"]
    assert [point.tolerance for point in found] == [2e-4, 9e-5, 3e-3]


def test_pictures_show_before_and_after(changed: Changed, tmp_path: Path) -> None:
    """The pinned mesh is at hand if an earlier call kept it in the same folder."""
    pytest.importorskip("pyvista")
    folder = changed(kinematics="3d")
    kept = tmp_path / "kept"
    assert run(folder, "-o", str(kept)).exit_code == 0
    assert not list(kept.glob("*.png"))
    assert run(folder, "--accept", "-o", str(kept)).exit_code == 0
    source = folder / f"{NAME}.py"
    text = source.read_text(encoding="utf-8")
    (tmp_path / "new").mkdir()
    folder.rename(tmp_path / "new" / "plugins")  # a plugin is read once per path and process
    source = tmp_path / "new" / "plugins" / f"{NAME}.py"
    source.write_text(text.replace(SIZES, SIZES.replace(" /", " * 1.3 /")), encoding="utf-8")
    result = run(source.parent, "-o", str(kept))
    assert result.exit_code == 1
    picture = kept / f"{NAME}-3d,order=1.png"
    assert f"picture: {picture}" in result.output
    assert len(list((kept / NAME / "3d,order=1").iterdir())) == 2
    from PIL import Image

    assert Image.open(picture).size == (1800, 800)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[[point]", "is not valid TOML"),
        ("[[point]]\norder = 1\n", "point.1.kinematics: missing"),
        ('[[point]]\nkinematics = "3d"\ntolerence = 1\n', "Did you mean 'tolerance'?"),
        ('[[point]]\nkinematics = "3d"\n' * 2, "stands there twice: 3d,order=1"),
    ],
)
def test_bad_pins_are_bad_input(changed: Changed, content: str, expected: str) -> None:
    folder = changed()
    (folder / "pins" / f"{NAME}.toml").write_text(content, encoding="utf-8")
    result = run(folder)
    assert result.exit_code == 2
    assert expected in result.stderr


def test_bad_input(changed: Changed, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["mesh-check", "bare_particel"])
    assert result.exit_code == 2
    assert "Did you mean 'bare_particle'?" in result.stderr
    result = run(changed(), "--json", str(tmp_path / "none" / "outcomes.json"))
    assert result.exit_code == 2
    assert "outcomes.json: cannot be written" in result.stderr


@pytest.fixture(scope="module")
def pinned() -> Point:
    """Return a point of the shipped pins in 3D."""
    found = pins.load(geometry.find(NAME)).points
    return next(point for point in found if point.kinematics == "3d")


def verdict(point: Point, now: Pin) -> Verdict:
    """Return the worst verdict of a mesh."""
    return max(
        (change.verdict for change in compare.compare(point, now)), default=Verdict.IDENTICAL
    )


def test_another_gmsh_may_give_other_nodes(pinned: Point) -> None:
    assert pinned.pin is not None
    versions = pinned.pin.versions | {"gmsh": "4.13.1"}
    now = pinned.pin.model_copy(update={"hash": "0" * 64, "versions": versions, "points": 1299})
    (change,) = compare.compare(pinned, now)
    assert change.verdict is Verdict.EQUIVALENT
    assert f"gmsh {pinned.pin.versions['gmsh']} -> 4.13.1" in change.detail


@pytest.mark.parametrize(
    ("key", "update", "expected"),
    [
        ("count", 4678 * 1.04, Verdict.IDENTICAL),
        ("count", 4678 * 1.06, Verdict.CHANGED),
        ("quality", (0.3, 0.5, 0.8), Verdict.IDENTICAL),
        ("quality", (0.1, 0.5, 0.8), Verdict.CHANGED),
        ("quality", (0.9, 0.9, 0.95), Verdict.IDENTICAL),
        ("measure", 0.519 * 1.001, Verdict.CHANGED),
        ("exact", None, Verdict.CHANGED),
    ],
)
def test_bands(pinned: Point, key: str, update: object, expected: Verdict) -> None:
    """Counts and measures both ways, quality only downwards."""
    assert pinned.pin is not None
    group = pinned.pin.cells["particle"].model_copy(update={key: update})
    now = pinned.pin.model_copy(update={"cells": {"particle": group}})
    assert verdict(pinned, now) is expected


@pytest.mark.parametrize(
    ("key", "update"), [("parts", 2), ("euler", 0), ("watertight", False), ("orientation", "mixed")]
)
def test_topology_is_exact(pinned: Point, key: str, update: object) -> None:
    assert pinned.pin is not None
    assert verdict(pinned, pinned.pin.model_copy(update={key: update})) is Verdict.BROKEN


def test_files_are_judged_not_promises(tmp_path: Path) -> None:
    """A cell that is inside out in the file, or a hole in its surface, is seen there."""
    plugin: Geometry = geometry.find("multilayer")
    p = plugin.read({"refinement": 0.5})
    make_mesh(plugin, p, kinematics="plane_strain", folder=tmp_path)
    good, mesh = measured(tmp_path), read(tmp_path)
    assert (good.orientation, good.watertight, good.parts, good.euler) == ("positive", True, 1, 1)

    cells = mesh.cells.copy()
    cells[5] = cells[5, ::-1]
    facets = (mesh.facets, mesh.facet_groups + 1, mesh.facet_names)
    write(tmp_path, mesh.points, (cells, mesh.cell_groups + 1, mesh.cell_names), facets)
    assert measured(tmp_path).orientation == "mixed"

    kept = np.arange(len(mesh.facets)) != 3
    facets = (mesh.facets[kept], mesh.facet_groups[kept] + 1, mesh.facet_names)
    write(tmp_path, mesh.points, (mesh.cells, mesh.cell_groups + 1, mesh.cell_names), facets)
    assert not measured(tmp_path).watertight
