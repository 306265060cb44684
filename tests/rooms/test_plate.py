"""A rigid plate on a swelling block: its pressure is the stress in the block, and nothing tilts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem import cases  # noqa: E402
from anodefem.errors import InputError  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.physics.plate import Plate  # noqa: E402
from anodefem.workbench.bodies import NoParameters, block, confined, read  # noqa: E402
from anodefem.workbench.numbers import Numbers, solid, uniform_species  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402

FULL = 1.5


def pressed(folder: Path, kind: Literal["plane_strain", "3d"], pressure: float) -> Simulation:
    """A block held at its sides that swells under a plate."""
    up = "z1" if kind == "3d" else "y1"
    sides = ("x1", "y1") if kind == "3d" else ("x1",)
    body = confined(block(kind, distortion=0.2), **{name: i for i, name in enumerate((*sides, up))})
    roles = replace(body.roles(NoParameters(), ""), plate=(up,))
    numbers = Numbers(read(replace(body, roles=lambda p, kinematics: roles), folder, order=1))
    law = solid(numbers, "solid", young=60e3, poisson=0.25, full=FULL)
    return Simulation(numbers, [Region("solid", law, uniform_species())], more=[Plate(pressure)])


@pytest.mark.parametrize("kind", ["plane_strain", "3d"])
@pytest.mark.parametrize("pressure", [0.0, 500.0])
def test_the_pressure_is_the_stress_along_the_plate(
    tmp_path: Path, kind: Literal["plane_strain", "3d"], pressure: float
) -> None:
    simulation = pressed(tmp_path, kind, pressure)
    metrics = simulation.metrics()
    for soc in (0.5, 1.0):
        simulation.step(soc=soc)
    stress = simulation.stress("solid")
    along = stress[..., 2 if kind == "3d" else 1]
    np.testing.assert_allclose(along, -pressure, atol=60e3 * 1e-8)
    row = metrics.row()
    assert row["thickness_ratio [-]"] == pytest.approx(row["hull_volume_ratio [-]"], abs=1e-9)
    assert row["plate_lift [um]"] == pytest.approx(row["thickness_ratio [-]"] - 1.0, abs=1e-12)
    # in small strains the stress of the sides adds to the free strain
    free, poisson = FULL ** (1 / 3) - 1, 0.25
    if not pressure:
        up = free * (1 + poisson) / (1 - poisson)
        assert row["thickness_ratio [-]"] - 1.0 == pytest.approx(up, rel=0.05)


_CASE = """
title = "Slice"
[geometry]
plugin = "{plugin}"
stack_pressure = {pressure}
[materials]
"""


@pytest.mark.parametrize(
    ("plugin", "pressure", "message"),
    [
        ("bare_particle", '"1 MPa"', "geometry 'bare_particle' has no plate to press on"),
        ("solid_electrolyte", '"1 um"', "geometry.stack_pressure"),
        ("solid_electrolyte", '"-1 MPa"', "geometry.stack_pressure"),
        ("solid_electrolyte", "3", "geometry.stack_pressure"),
    ],
)
def test_a_pressure_that_cannot_be_meant_is_refused(
    tmp_path: Path, plugin: str, pressure: str, message: str
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(_CASE.format(plugin=plugin, pressure=pressure))
    with pytest.raises(InputError, match=message):
        cases.load(path, ())
