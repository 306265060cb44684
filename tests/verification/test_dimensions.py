"""The same sphere in axisymmetry and in 3D, on straight and on curved cells."""

from __future__ import annotations

import meshio
import numpy as np
import pytest

from anodefem.verify.runs import Result, run_case

pytestmark = [pytest.mark.serial, pytest.mark.verification, pytest.mark.slow]

FULL = 3.751  # swelling ratio of the silicon card
CASE = """
title = "Sphere"

[geometry]
plugin = "bare_particle"
kinematics = "{kinematics}"
order = {order}
refinement = {refinement}

[materials]
particle = {{ card = "silicon-amorphous", transport = "{transport}" }}

[protocol]
steps = ["lithiate at C/5 until soc = {soc}"]
"""


def sphere(
    folder: pytest.TempPathFactory,
    kinematics: str,
    *,
    order: int,
    refinement: float,
    transport: str = "diffusion",
    soc: float = 0.3,
) -> Result:
    text = CASE.format(
        kinematics=kinematics, order=order, refinement=refinement, transport=transport, soc=soc
    )
    return run_case(folder.mktemp("sphere"), text)


@pytest.mark.parametrize("order", [1, 2])
def test_free_swelling_is_exact_in_3d(tmp_path_factory: pytest.TempPathFactory, order: int) -> None:
    result = sphere(
        tmp_path_factory, "3d", order=order, refinement=0.3, transport="uniform", soc=0.99
    )
    swelling = 1.0 + (FULL - 1.0) * result["soc"]
    np.testing.assert_allclose(result["hull_volume_ratio"], swelling, rtol=1e-10)
    last = meshio.read(max((result.folder / "fields").iterdir()))
    stretch = swelling[-1] ** (1 / 3)
    np.testing.assert_allclose(
        last.point_data["displacement"], (stretch - 1.0) * last.points, atol=1e-10
    )
    # of a Young's modulus of 20 GPa
    assert result["von_mises_max_particle"].max() < 1e-8 * 20.0


def test_axisymmetry_and_3d_agree(tmp_path_factory: pytest.TempPathFactory) -> None:
    flat = sphere(tmp_path_factory, "axisymmetric", order=2, refinement=0.5)
    solid = sphere(tmp_path_factory, "3d", order=2, refinement=0.5)
    straight = sphere(tmp_path_factory, "axisymmetric", order=1, refinement=0.5)

    def growth(result: Result) -> float:
        """Mean displacement of the surface over its radius."""
        return float(result["hull_volume_ratio"][-1] ** (1 / 3) - 1.0)

    for other in (solid, straight):
        assert growth(other) == pytest.approx(growth(flat), rel=1e-3)
        assert other["voltage"][-1] == pytest.approx(flat["voltage"][-1], abs=5e-4)
        # at single nodes 800 tetrahedra are coarser than 800 triangles
        for name in ("lithium_fraction_min", "lithium_fraction_max"):
            assert other[name][-1] == pytest.approx(flat[name][-1], abs=1e-2)
