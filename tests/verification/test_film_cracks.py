"""What is below a film, and what a cage is for: the SEI on it does not crack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anodefem.cases import load
from anodefem.laws.film import Film, PerfectPlasticity
from anodefem.laws.film_cracks import FilmStrength
from anodefem.laws.membrane import GrapheneMembrane
from anodefem.model.regions import Region
from anodefem.physics.sei_failure import SeiFailure
from anodefem.solve.run import run
from anodefem.verify.runs import Result
from anodefem.workbench.bodies import NoParameters, blocks, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Simulation

pytestmark = [pytest.mark.serial, pytest.mark.verification]

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


def test_the_substrate_is_what_lies_below_a_facet(tmp_path: Path) -> None:
    """Two blocks, one of which softens, and between them a void under a sheet."""
    body = blocks(radius=1.0, height=1.0, gap=0.2, cells=2)
    roles = replace(
        body.roles(NoParameters(), ""),
        sei=("side",),
        membrane={"sheet": "side"},
        membrane_thickness={"sheet": 1e-3},
    )
    numbers = Numbers(read(replace(body, roles=lambda p, kinematics: roles), tmp_path))
    lower = solid(numbers, "lower", young=3000.0, poisson=0.4)
    upper = solid(numbers, "upper", young=1.0, poisson=0.2)
    softening = numbers.linear("upper young", 9000.0, 1000.0)
    upper = replace(upper, elasticity=replace(upper.elasticity, young=softening))
    simulation = Simulation(
        numbers,
        [Region("lower", lower, None), Region("upper", upper, uniform_species())],
        film_law=Film(1000.0, 0.3, PerfectPlasticity(1e9)),
        sheet_law=GrapheneMembrane(1e6, 0.165, 1e-5),
        medium_stiffness=1e-6,
        film_strength=FilmStrength(
            elastic_limit=1e9,
            fracture_strain=1.0,
            toughness=1.0,
            adhesion=None,
            delamination_half_width=1.0,
        ),
    )
    simulation.state.soc.value = 0.25
    (failure,) = [each for each in simulation.model.physics if isinstance(each, SeiFailure)]
    criteria = simulation.symbols.once(failure.criteria)
    found = dict(zip(criteria.means.cells, criteria._substrate.evaluate()[:, 0], strict=True))
    expected = {
        "lower": 3000.0 / (1 - 0.4**2),
        "upper": 7000.0 / (1 - 0.2**2),
        "void": 1e6 / (1 - 0.165**2),
    }
    for name, modulus in expected.items():
        own = set(simulation.domain.cells(name)) & set(found)
        assert own
        np.testing.assert_allclose([found[cell] for cell in own], modulus, rtol=1e-12)


@pytest.mark.slow
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
    # one moment for one event: where the strain passes the limit, on a line between two rows
    after = int(np.argmax(bare["sei_area_beyond_fracture"] > 0.0))
    pair = slice(after - 1, after + 1)
    limit = bare.record["sei"]["fracture_strain"]
    expected_soc = np.interp(limit, bare["sei_strain_max"][pair], bare["soc"][pair])
    assert failure["soc"] == pytest.approx(expected_soc, rel=1e-12)
    (event,) = [each for each in bare.record["events"] if each["kind"] == "sei-strain"]
    assert (event["t"], event["soc"]) == (failure["t"], failure["soc"])
    assert f"soc = {failure['soc']:.4f}" in event["message"]
    kinds = [event["kind"] for event in bare.record["events"]]
    assert kinds.count("sei-strain") == 1
