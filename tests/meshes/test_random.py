"""Random parameters: every mesh is sound, and what has none is refused before gmsh starts.

The draws are the same every time; `make thorough` takes 200 of each geometry. There gmsh gets a
process of its own for each, as in use; that takes longer than most meshes do, so the ten of CI
share one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from anodefem import geometry
from anodefem.errors import InputError
from anodefem.meshing import Manifest, make_mesh, session
from anodefem.meshing.regression.measure import measured
from tests.meshes.draws import DRAWS

pytestmark = pytest.mark.serial

SETTINGS = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    # Shrinking takes minutes where an example takes a second, and examples are small anyway.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# The largest relative error of a measure at order 1 and 2. Bumps as steep as they may be, pores as
# narrow, and coats of a thousandth of the radius set them, not spheres.
TOLERANCE = {
    "agglomerate": (5e-2, 1e-2),
    "bare_particle": (4e-2, 4e-2),
    "binder_particle": (5e-2, 5e-2),
    "electrode": (2e-2, 2e-2),
    "film_on_wire": (5e-2, 1e-3),
    "graphene_cage": (2e-2, 1e-4),
    "multilayer": (1e-9, 1e-9),
    "porous_particle": (5e-2, 5e-2),
    "porous_sponge": (5e-2, 5e-2),
    "shells": (2e-2, 1e-4),
    "solid_electrolyte": (5e-2, 1e-3),
    "stack": (1e-9, 1e-9),
}
#: The same where flat facets of coarse balls in 3D set them.
TOLERANCE_3D = {"electrode": (7e-2, 2e-2)}


def sound(name: str, data: st.DataObject) -> None:
    """Draw parameters and demand a sound mesh, or that they are refused without meshing."""
    plugin = geometry.find(name)
    kinematics = data.draw(st.sampled_from(plugin.kinematics))
    order = data.draw(st.sampled_from([1, 2]))
    values = data.draw(DRAWS[name](kinematics))
    note(f"{name} {kinematics} order {order}: {values}")
    try:
        p = plugin.read(values)
        exact = plugin.exact(p, kinematics)
    except InputError:
        return  # neither reads a mesh nor makes one
    with tempfile.TemporaryDirectory() as folder:
        made = make_mesh(plugin, p, kinematics=kinematics, order=order, folder=Path(folder))
        found = measured(Path(folder))
    assert (found.parts, found.watertight, found.orientation) == (1, True, "positive")
    names_are_right(plugin, p, made)
    errors = {
        key: abs(made.measures[key] / value - 1.0)
        for key, value in exact.items()
        if key in made.measures
    }
    allowed = TOLERANCE_3D.get(name) if kinematics == "3d" else None
    assert max(errors.values()) < (allowed or TOLERANCE[name])[order - 1], errors


def names_are_right(plugin: geometry.Geometry, p: object, made: Manifest) -> None:
    """Check that roles and regions name groups of the mesh, and all of its cells."""
    regions = set(plugin.regions(p, made.kinematics))
    assert regions == set(made.cells) - set(made.roles.medium) | set(made.roles.membrane)
    assert {*made.roles.surfaces, *made.roles.symmetry} <= set(made.facets)
    assert {"hull", *made.cells} <= set(made.exact)


def drawn_here(module: str, job: Mapping[str, Any], folder: Path, *, time_limit: float) -> None:
    """Mesh in this process instead of one of its own; see `anodefem.meshing.child.run`."""
    assert module == session.__name__
    session._work(job, folder)


@pytest.mark.slow
@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name", DRAWS)
def test_random_parameters_make_sound_meshes(
    name: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if count == 10:
        monkeypatch.setattr(session.child, "run", drawn_here)
    drawn = settings(SETTINGS, max_examples=count)
    drawn(given(st.data())(lambda data: sound(name, data)))()


@pytest.mark.parametrize("name", DRAWS)
def test_random_nonsense_is_refused_before_gmsh_starts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One parameter of a good draw becomes nonsense; reading it is enough to refuse it."""
    monkeypatch.setattr(session, "drawn", lambda *_, **__: pytest.fail("gmsh was started"))
    plugin = geometry.find(name)
    known = [entry.name for entry in fields(plugin.parameters)]
    nonsense = st.sampled_from(
        ["-1 um", "0 um", "1 s", "nan um", "inf um", "", "cube", -1, None, []]
    )

    @SETTINGS
    @given(st.data())
    def refused(data: st.DataObject) -> None:
        values = data.draw(DRAWS[name](plugin.kinematics[0]))
        key = data.draw(st.sampled_from([*known, "unknown"]))
        values[key] = data.draw(nonsense.filter(lambda value: value != [] or key != "layers"))
        note(f"{name}: {values}")
        with pytest.raises(InputError, match=f"geometry '{name}'"):
            plugin.read(values)

    refused()


def test_every_geometry_is_drawn() -> None:
    shipped = {path.stem for path in geometry.built_in_folder().glob("[!_]*.py")}
    # What a user's file can hold is drawn in test_user_mesh.py.
    assert set(DRAWS) == shipped - {"user_mesh"}
