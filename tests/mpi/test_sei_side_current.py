"""Growth of the SEI as a part of the current, and what the SEI adds to its resistance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem import cards  # noqa: E402
from anodefem.cases import load  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file, run_case  # noqa: E402

pytestmark = [pytest.mark.mpi, pytest.mark.slow]
COMM = MPI.COMM_WORLD

TEXT = """
title = "An SEI that takes a part of the current"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.3

[materials]
particle = "silicon-amorphous"

[electrochemistry]
kinetics = "butler-volmer"

[sei]
recipe = "reacting.toml"
grow = true

[protocol]
steps = ["lithiate at C/2 until soc = 0.05", "rest 1 h"]

[solver]
initial_step = 0.02
"""
#: The SEI lies around the particle, and not on it.
CAGED = """
title = "A particle in a cage under an SEI that resists"

[geometry]
plugin = "graphene_cage"
kinematics = "axisymmetric"
particle_radius = "100 nm"
gap_ratio = 1.5
cage_thickness = "10 nm"
refinement = 0.3

[materials]
particle = "silicon-amorphous"
cage = "graphene-multilayer"

[electrochemistry]
kinetics = "butler-volmer"

[sei]
recipe = "ec-dmc"
grow = true
growth = { resistivity = "1e7 ohm*m" }

[protocol]
initial_soc = 0.05
steps = ["lithiate at 5C until soc = 0.07"]

[solver]
initial_step = 0.01
"""
#: The reaction limits: the current follows the potential.
REACTION = """
law = "reaction"
exchange_current = { value = 1e-4, unit = "A/m^2", tag = "assumed", source = "a test" }
transfer = { value = 0.5, tag = "assumed", source = "a test" }
potential = { value = 0.4, unit = "V", tag = "assumed", source = "a test" }

"""


def test_the_sei_takes_its_charge_from_the_current_and_at_rest_from_the_host(
    shared_tmp_path: Path,
) -> None:
    if COMM.rank == 0:
        text = cards.paths("sei")["ec-dmc"].read_text(encoding="utf-8")
        start, end = text.index('law = "solvent-diffusion"'), text.index("[growth.molar_volume]")
        (shared_tmp_path / "reacting.toml").write_text(
            text[:start] + REACTION + text[end:], encoding="utf-8"
        )
    path = case_file(shared_tmp_path, TEXT, COMM)
    alone, together = shared_tmp_path / "alone", shared_tmp_path / "together"
    if COMM.rank == 0:
        run(load(path), alone, MPI.COMM_SELF)
    COMM.Barrier()
    result = Result.read(alone)
    assert np.abs(result["charge_balance_error"]).max() < 1e-12
    assert np.abs(result["lithium_balance_error"]).max() < 1e-12
    rest = result["step"] == 2.0
    lost = -np.diff(result["soc"][rest])
    taken = np.diff(result["sei_lithium"][rest])
    assert taken.min() > 0.0
    assert lost == pytest.approx(taken, rel=1e-4, abs=1e-12)
    # j0 exp(-(V - U)/2 F/RT) per present area
    last = result["voltage"][-1]
    density = 1e-4 * np.exp(-(last - 0.4) / (2 * 8.314462618 * 298.15 / 96485.33212))
    area = result["sei_current"][-1] / density
    assert 1.0 < area < 1.2
    if COMM.size > 1:
        run(load(path), together, COMM)
        other = Result.read(together)
        for name in ("voltage", "sei_charge", "sei_thickness_mean", "soc"):
            assert other[name] == pytest.approx(result[name], rel=1e-8), name


def test_the_current_of_the_host_flows_through_an_sei_around_it(shared_tmp_path: Path) -> None:
    result = run_case(shared_tmp_path, CAGED, COMM)
    per_area = result["sei_charge"][-1] / result["sei_lithium"][-1]  # of full hosts [C/m^2]
    current = result["c_rate"] / 3600 * per_area - result["sei_current"]
    drop = -1e3 * current * result["sei_resistance"]  # mV
    assert drop[-1] < -10.0
    # per reference area; the cage has not been touched
    assert result["film_overpotential"][1:] == pytest.approx(drop[1:], rel=1e-4)
    parts = ("stress_overpotential", "kinetic_overpotential", "film_overpotential")
    total = result["equilibrium_voltage"] + 1e-3 * sum(result[part] for part in parts)
    assert total == pytest.approx(result["voltage"], abs=1e-12)
