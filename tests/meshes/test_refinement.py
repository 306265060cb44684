"""One key refines every mesh: all of its sizes, thin layers among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anodefem import cases, geometry, registry
from anodefem.errors import InputError
from anodefem.meshing import Manifest, make_mesh

pytestmark = pytest.mark.serial

_PLUGIN = """
from dataclasses import dataclass
from anodefem.geometry import Geometry, Roles
{imports}

@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    pass

{make}

GEOMETRY = Geometry(
    name="{name}", title="", kinematics=("plane_strain",), parameters=Nothing, {how},
    exact=lambda p, kinematics: {{"body": 1.0, "hull": 1.0}},
    roles=lambda p, kinematics: Roles(
        flux=("surface",), sei=("surface",), hull=("surface",),
        symmetry={{"symmetry_x": 0, "symmetry_y": 1}}),
    regions=lambda p, kinematics: ("body",),
)
"""

# One has sizes at points, the other a size field; neither knows of any refinement.
_POINTS = """
def build(model, p, kinematics):
    model.occ.addRectangle(0, 0, 0, 1, 1)
    model.occ.synchronize()
    drawing.name(model, 2, "body", {"symmetry_x": 0, "symmetry_y": 1}, rest="surface")
    model.mesh.setSize(model.getEntities(0), 0.1)
"""
_FIELD = _POINTS.replace(
    "model.mesh.setSize(model.getEntities(0), 0.1)",
    "drawing.grade(model, 1.5, surface=0.1, centre=0.1, axis='y')",
)

_CASE = """
title = "Square"
[geometry]
plugin = "square"
[materials]
body = "silicon-amorphous"
[protocol]
steps = ["lithiate at C/10 until soc = 0.5"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Folder that is searched for plugins and holds a case of one called "square"."""
    registry.use_folders([tmp_path])
    (tmp_path / "run.toml").write_text(_CASE, encoding="utf-8")
    yield tmp_path
    registry.use_folders([])


def _write(folder: Path, make: str, how: str, imports: str) -> None:
    text = _PLUGIN.format(name="square", make=make, how=how, imports=imports)
    (folder / "square.py").write_text(text, encoding="utf-8")


def _cells(folder: Path, refinement: float) -> int:
    chosen = cases.load(folder / "run.toml", [f"geometry.refinement={refinement}"]).geometry
    made = make_mesh(
        chosen.plugin,
        chosen.parameters,
        kinematics=chosen.kinematics,
        refinement=chosen.refinement,
        folder=folder / f"x{refinement}",
    )
    return made.counts["cells"]


@pytest.mark.parametrize("make", [_POINTS, _FIELD], ids=["points", "field"])
def test_a_plugin_that_knows_no_refinement_is_refined_by_gmsh(folder: Path, make: str) -> None:
    _write(folder, make, "build=build", "from anodefem.meshing import drawing")
    coarse, fine = _cells(folder, 1.0), _cells(folder, 2.0)
    assert fine / coarse == pytest.approx(4.0, rel=0.15)


def test_the_case_keeps_its_refinement(folder: Path) -> None:
    _write(folder, _POINTS, "build=build", "from anodefem.meshing import drawing")
    case = cases.load(folder / "run.toml", ["geometry.refinement=1.5"])
    assert case.resolved()["geometry"]["refinement"] == 1.5


@pytest.mark.parametrize("value", ["0", "-1", "fine", "true", "inf"])
def test_a_refinement_that_is_none_is_refused(folder: Path, value: str) -> None:
    _write(folder, _POINTS, "build=build", "from anodefem.meshing import drawing")
    with pytest.raises(
        InputError, match=r"geometry\.refinement = .*: must be (a number above 0|between)"
    ):
        cases.load(folder / "run.toml", [f"geometry.refinement={value}"])


def test_what_gmsh_does_not_make_says_that_it_cannot_be_refined(folder: Path) -> None:
    _write(folder, "def discretise(p, kinematics): ...", "discretise=discretise", "")
    with pytest.raises(InputError, match="made without gmsh and has no parameter of that name"):
        cases.load(folder / "run.toml", ["geometry.refinement=2"])


def _meshed(name: str, kinematics: str, refinement: float, folder: Path) -> Manifest:
    plugin = geometry.find(name)
    p = plugin.read({"refinement": refinement})
    return make_mesh(plugin, p, kinematics=kinematics, folder=folder / f"{name}{refinement}")


@pytest.mark.parametrize(
    ("name", "layer", "layers"),
    [
        ("graphene_cage", "cage", {0.5: 1, 1.0: 2, 1.5: 3, 2.25: 4}),
        ("binder_particle", "coat", {0.5: 2, 1.0: 4, 1.5: 6, 2.25: 9}),
    ],
)
def test_thin_layers_are_refined_too(
    tmp_path: Path, name: str, layer: str, layers: dict[float, int]
) -> None:
    for refinement, count in layers.items():
        made = _meshed(name, "axisymmetric", refinement, tmp_path)
        assert made.counts[layer] == 2 * count * made.counts["particle_surface"]
