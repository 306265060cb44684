"""A run as a parameter set for PyBaMM, with a stand-in for PyBaMM, and once with PyBaMM itself."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("dolfinx")

from anodefem import Case, InputError, Result
from anodefem.workbench.pybamm import particle_set, write

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A small particle that is slowly filled and emptied."""
    case = Case(
        title='Silicon "1 um"',
        geometry={"plugin": "bare_particle", "particle_radius": "1 um", "refinement": 0.2},
        materials={"particle": "silicon-amorphous"},
        protocol={
            "steps": ["lithiate at C/20 until soc = 0.9", "delithiate at C/20 until soc = 0.1"]
        },
    )
    return case.run(tmp_path_factory.mktemp("pybamm") / "run")


def load(path: Path) -> dict[str, Any]:
    """Return the parameters of a module, with linear interpolation by numpy in PyBaMM's place."""

    def interpolant(at: Any, values: Any, sto: Any, *, name: str, interpolator: str) -> Any:
        assert name and interpolator == "linear"
        return np.interp(sto, at, values)

    module = ModuleType("particle")
    sys.modules["pybamm"] = SimpleNamespace(Interpolant=interpolant)  # type: ignore[assignment]
    try:
        exec(compile(path.read_text(), path, "exec"), module.__dict__)
    finally:
        del sys.modules["pybamm"]
    parameters: dict[str, Any] = module.get_parameter_values()
    return parameters


def test_the_set_gives_back_the_run(result: Result, tmp_path: Path) -> None:
    write(particle_set(result), tmp_path / "particle.py", electrode="negative")
    found = load(tmp_path / "particle.py")
    assert found["Maximum concentration in negative electrode [mol.m-3]"] == 310970.0
    assert found["Negative particle radius [m]"] == 1e-6
    start = found["Initial concentration in negative electrode [mol.m-3]"]
    assert start == pytest.approx(0.02 * 310970.0)
    assert found["Negative particle diffusivity [m2.s-1]"](0.5, 298.15) == 1e-16
    change: Callable[[float], float] = found["Negative electrode volume change"]
    hull = result.at("hull_volume_ratio", soc=0.5) / result["hull_volume_ratio"][0]
    assert change(0.5) == pytest.approx(hull - 1, rel=1e-3)
    down = found["Negative electrode lithiation OCP [V]"](0.5)
    up = found["Negative electrode delithiation OCP [V]"](0.5)
    assert down == pytest.approx(result.at("voltage", soc=0.5), abs=2e-4)
    assert up == pytest.approx(result.at("voltage", t=result.times_at(0.5)[1]), abs=2e-4)
    assert up > down
    assert found["Negative electrode OCP [V]"](0.5) == pytest.approx((up + down) / 2)


def test_files_of_others_are_safe(result: Result, tmp_path: Path) -> None:
    found = particle_set(result)
    (tmp_path / "mine.py").write_text("x = 1\n")
    with pytest.raises(InputError, match="exists"):
        write(found, tmp_path / "mine.py", electrode="negative")
    assert (tmp_path / "mine.py").read_text() == "x = 1\n"
    for name in ("set.txt", "my-set.py"):
        with pytest.raises(InputError, match="Python module"):
            write(found, tmp_path / name, electrode="negative")


@pytest.mark.thorough
def test_pybamm_discharges_with_it(result: Result, tmp_path: Path) -> None:
    write(particle_set(result), tmp_path / "particle.py", electrode="positive")
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pybamm"], check=True)
    (tmp_path / "discharge.py").write_text(
        "import pybamm, particle\n"
        "values = pybamm.ParameterValues('Xu2019')\n"
        "values.update(particle.get_parameter_values(), check_already_exists=False)\n"
        "values.update({'Lower voltage cut-off [V]': 0.0, 'Upper voltage cut-off [V]': 2.0})\n"
        "values.update({'Initial concentration in positive electrode [mol.m-3]': 0.15 * 310970})\n"
        "values.update({'Positive electrode thickness [m]': 1e-6})\n"
        "model = pybamm.lithium_ion.SPM({'working electrode': 'positive'})\n"
        "steps = pybamm.Experiment(['Discharge at C/500 until 0.12 V'])\n"
        "found = pybamm.Simulation(model, parameter_values=values, experiment=steps).solve()\n"
        "print(found['Average positive particle stoichiometry'].entries[-1])\n"
    )
    done = subprocess.run(
        [python, "discharge.py"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    # slowly enough, it ends where the mean of the branches is 0.12 V
    reached = float(done.stdout.split()[-1])
    mean = load(tmp_path / "particle.py")["Positive electrode OCP [V]"]
    assert mean(reached) == pytest.approx(0.12, abs=2e-3)
