"""A geometry in one file outside the package: a run gets what it states, `check` says the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anodefem import cases, contract, geometry, registry
from anodefem.cli import app
from anodefem.errors import InputError
from anodefem.meshing import Manifest, make_mesh

pytestmark = pytest.mark.serial

#: A slab on a base under a lid that is a membrane: no name of it is known to the package.
PLUGIN = '''
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from anodefem.geometry import Geometry, Roles
from anodefem.meshing.grid import on_grid
from anodefem.meshing.simplices import name_exterior
from anodefem.units import Length


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """Lengths in um."""

    width: Annotated[Length, "width of the modelled half"] = 1.0
    lid: Annotated[Length, "thickness of the lid"] = 0.01


def discretise(p, kinematics):
    line = np.linspace(0.0, p.width, 4)
    mesh = on_grid([line, line - line[1]], ["base", "slab"],
                   lambda middles: (middles[:, 1] > 0.0).astype(np.int64))
    return name_exterior(mesh, {"left": (0, 0.0), "floor": (1, -line[1])}, rest="outside")


def exact(p, kinematics):
    return {"base": p.width**2 / 3.0, "slab": 2.0 * p.width**2 / 3.0, "hull": p.width**2}


def roles(p, kinematics):
    return Roles(
        flux=("outside",),
        sei=("outside",),
        hull=("outside", "floor"),
        symmetry={"left": 0, "floor": 1},
        membrane={"lid": "outside"},
        membrane_thickness={"lid": p.lid},
        collector=("base",),
    )


GEOMETRY = Geometry(
    name="slab",
    title="A slab on a base under a lid",
    kinematics=("plane_strain",),
    parameters=Slab,
    discretise=discretise,
    exact=exact,
    roles=roles,
    regions=lambda p, kinematics: ("base", "slab", "lid"),
)
'''

CASE = """
title = "A slab of the user's"
[geometry]
plugin = "slab"
lid = "20 nm"
[materials]
base = "copper"
slab = "silicon-amorphous"
lid = "graphene-multilayer"
[protocol]
surfaces = ["outside"]
steps = ["lithiate at C/10 until soc = 0.1"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The plugin and a case in a folder that is searched."""
    (tmp_path / "slab.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "run.toml").write_text(CASE, encoding="utf-8")
    yield tmp_path
    registry.use_folders([])


def changed(folder: Path, old: str, new: str) -> None:
    """Write the plugin with one change."""
    assert old in PLUGIN
    (folder / "slab.py").write_text(PLUGIN.replace(old, new), encoding="utf-8")


def test_one_file_is_a_geometry(folder: Path) -> None:
    """It is listed, checked and meshed, and the run gets the thickness and the collector."""
    result = CliRunner().invoke(app, ["--plugins", str(folder), "check", str(folder / "run.toml")])
    assert result.exit_code == 0, result.output
    case = cases.load(folder / "run.toml")
    chosen = case.geometry
    made = make_mesh(
        chosen.plugin, chosen.parameters, kinematics="plane_strain", folder=folder / "mesh"
    )
    assert Manifest.load(folder / "mesh") == made
    assert made.roles.membrane_thickness == {"lid": 0.02}
    assert made.roles.collector == ("base",)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (', "hull": p.width**2', "", "exact has no 'hull'"),
        ('"slab": 2.0 * p.width**2 / 3.0, ', "", "exact has no 'slab', the volume"),
        ('"hull": p.width**2', '"hull": -1.0', "exact['hull'] = -1.0; measures are numbers"),
        ('flux=("outside",)', 'flux=("outside")', "roles.flux = 'outside' must be a tuple"),
        ('hull=("outside", "floor")', "hull=()", "roles.hull names no facet group"),
        ('"floor": 1}', '"floor": 2}', "roles.symmetry['floor'] = 2 must be a component below 2"),
        ("        membrane_thickness={\"lid\": p.lid},\n", "", "roles.membrane_thickness['lid']"),
        ('{"lid": p.lid}', '{"lid": 0.0}', "roles.membrane_thickness['lid'] = 0.0"),
        ('("base", "slab", "lid")', '("base", "slab")', "roles.membrane names 'lid'"),
        ('collector=("base",)', 'collector=("bas",)', "roles.collector names 'bas'"),
        ('collector=("base",)', 'medium=("base",)', "roles.medium names 'base', which is a region"),
        ('collector=("base",)', 'contact=("outside",)', "roles.contact needs roles.medium"),
        ("return Roles(", "return dict(", "must be Roles(...)"),
        ('return {"base"', 'return {"base": p.lenght, "b"', "fails with these parameters: Attr"),
    ],
)  # fmt: skip
def test_what_a_run_would_miss_is_refused_in_check(
    folder: Path, old: str, new: str, expected: str
) -> None:
    changed(folder, old, new)
    result = CliRunner().invoke(app, ["--plugins", str(folder), "check", str(folder / "run.toml")])
    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.split())
    assert "geometry 'slab'" in result.stderr
    assert "slab.py" in result.stderr
    assert "Traceback" not in result.stderr


def test_all_faults_in_one_message(folder: Path) -> None:
    changed(folder, ', "hull": p.width**2', "")
    text = (folder / "slab.py").read_text(encoding="utf-8")
    (folder / "slab.py").write_text(text.replace('("base",)', '("bas",)'), encoding="utf-8")
    registry.use_folders([folder])
    plugin = geometry.find("slab")
    with pytest.raises(InputError) as refused:
        contract.checked(plugin, plugin.read({}), "plane_strain")
    assert "exact has no 'hull'" in str(refused.value)
    assert "'bas'" in str(refused.value)


@pytest.mark.parametrize("name", sorted(set(geometry.plugins()) - {"user_mesh"}))
def test_what_is_shipped_keeps_the_contract(name: str) -> None:
    plugin = geometry.find(name)
    for kinematics in plugin.kinematics:
        contract.checked(plugin, plugin.read({}), kinematics)


def test_meshes_of_before_state_by_name(folder: Path) -> None:
    """A manifest of version 0.1 has no thickness of a membrane and no collector."""
    plugin = geometry.find("graphene_cage")
    p = plugin.read({"cage_thickness": "30 nm", "refinement": 0.5})
    make_mesh(plugin, p, kinematics="3d", folder=folder)
    path = folder / "manifest.json"
    text = path.read_text(encoding="utf-8").replace('"membrane_thickness"', '"not_known"')
    path.write_text(text.replace('"collector"', '"neither"'), encoding="utf-8")
    assert Manifest.load(folder).roles.membrane_thickness == {"cage": 0.03}
