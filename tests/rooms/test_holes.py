"""A hole in a solid that flows stays rounder as it shrinks with more points in its cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

import meshio  # noqa: E402

from anodefem import cases  # noqa: E402
from anodefem.fem.domain import HOLE_DEGREE, SOLID_DEGREE, Domain  # noqa: E402
from anodefem.meshing import mesh_choice  # noqa: E402
from anodefem.physics.hole import SHUT  # noqa: E402
from anodefem.solve.build import build  # noqa: E402
from anodefem.verify.runs import run_case  # noqa: E402

pytestmark = pytest.mark.serial

RADIUS = 0.1
#: Tin in a rigid coat: it fills its hole.
HOLLOW = """
title = "Hollow"
[geometry]
plugin = "shells"
kinematics = "axisymmetric"
particle_radius = "0.2 um"
hollow_radius = "{radius} um"
layers = [{{ name = "coat", thickness = "0.04 um" }}]
refinement = 0.4
[materials]
particle = {{ card = "{host}", transport = "uniform" }}
coat = "zro2"
[protocol]
initial_soc = 0.006
steps = ["{verb} at C/10 until soc = 0.012"]
"""


@pytest.mark.parametrize(
    ("host", "radius", "degree"),
    [
        ("tin-sodium-wang", RADIUS, HOLE_DEGREE),
        ("tin-sodium-wang", 0.0, SOLID_DEGREE),  # there is no hole
        ("graphite", RADIUS, SOLID_DEGREE),  # nothing flows
    ],
)
def test_only_what_flows_round_a_hole_has_more_points(
    tmp_path: Path, host: str, radius: float, degree: int
) -> None:
    path = tmp_path / "run.toml"
    verb = "lithiate" if host == "graphite" else "sodiate"
    path.write_text(HOLLOW.format(host=host, radius=radius, verb=verb))
    case = cases.load(path, ())
    mesh_choice(case.geometry, tmp_path / "mesh")
    model, _ = build(case, Domain.read(tmp_path / "mesh", MPI.COMM_SELF))
    assert model.domain.solid_degree == degree


@pytest.mark.slow
def test_a_hole_that_shrinks_stays_round(tmp_path: Path) -> None:
    """With `SOLID_DEGREE` its nodes on planes of symmetry stay behind by 2 % of its radius."""
    text = HOLLOW.format(host="tin-sodium-wang", radius=RADIUS, verb="sodiate")
    result = run_case(tmp_path, text)
    last = meshio.read(max((result.folder / "fields").glob("*.vtu")))
    on_hole = np.abs(np.linalg.norm(last.points, axis=1) - RADIUS) < 1e-6
    radii = np.linalg.norm((last.points + last.point_data["displacement"])[on_hole], axis=1)
    assert 0.8 * RADIUS < radii.mean() < 0.9 * RADIUS
    assert np.ptp(radii) < 1.2e-2 * radii.mean()


@pytest.mark.slow
def test_a_step_ends_when_the_hole_is_shut(tmp_path: Path) -> None:
    text = HOLLOW.format(host="tin-sodium-wang", radius=RADIUS, verb="sodiate")
    text = text.replace("soc = 0.012", "soc = 0.5") + "[solver]\nmax_soc_step = 0.005\n"
    result = run_case(tmp_path, text)
    assert [each["kind"] for each in result.record["events"]][-1] == "shut"
    left = result.record["metrics"]["hole_volume_ratio"]["final"]
    assert SHUT - 1e-6 <= left <= SHUT
    # the coat is so stiff that all that swells goes into the hole
    soc = result.record["metrics"]["soc"]["final"]
    swollen = (0.2**3 - RADIUS**3) * (0.6 * soc / 0.1333)
    assert swollen == pytest.approx((1 - SHUT) * RADIUS**3, rel=0.15)
