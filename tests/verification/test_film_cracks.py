"""What a cage is for: the SEI on a bare particle cracks, the one on a cage does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem.config import load
from anodefem.solve.run import run
from anodefem.verify.runs import Result

pytestmark = [pytest.mark.serial, pytest.mark.verification, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
# until just after the particle has met its cage, and back
COARSE = [
    "geometry.refinement=0.4",
    "materials.particle.transport=uniform",
    'protocol.steps=["lithiate at C/10 until soc = 0.9", "delithiate at C/10 until soc = 0.5"]',
]


def outcome(name: str, folder: Path) -> Result:
    """Run one of the cases that are shipped, on a coarse mesh."""
    run(load(ROOT / "runs" / name / "run.toml", COARSE), folder / name)
    return Result.read(folder / name)


def test_a_bare_particle_is_laid_bare_and_a_caged_one_is_not(tmp_path: Path) -> None:
    bare, caged = (outcome(name, tmp_path) for name in ("bare-particle", "graphene-cage"))
    assert caged["contact_pressure_max"].max() > 0.01  # it did meet its cage
    np.testing.assert_array_equal(caged["sei_area_cracked"], 0.0)
    np.testing.assert_array_equal(caged["sei_exposed_area"], 0.0)
    assert caged.record["first_failures"]["strain"] is None
    assert bare["sei_area_cracked"][-1] == pytest.approx(1.0)
    # half a ball of 1 um; the film formed at soc 0.02, silicon grows to 3.751 times its volume
    area = 2 * np.pi
    swollen = 1 + 2.751 * np.array([0.9, 0.02])
    expected = area * (swollen[0] ** (2 / 3) - swollen[1] ** (2 / 3) * np.exp(0.1))
    assert bare["sei_exposed_area"][-1] == pytest.approx(expected, rel=1e-2)
    assert bare["sei_exposed_ratio"][-1] == pytest.approx(expected / area, rel=1e-2)
    # delithiation bares nothing more
    half = bare["step"] == 1.0
    assert bare["sei_exposed_area"][half][-1] == pytest.approx(bare["sei_exposed_area"][-1])
    failure = bare.record["first_failures"]["strain"]
    assert failure["soc"] == bare["soc"][np.argmax(bare["sei_area_beyond_fracture"] > 0.0)]
    kinds = [event["kind"] for event in bare.record["events"]]
    assert kinds.count("sei-strain") == 1
