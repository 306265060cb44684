"""Makes single-particle-pybamm.json: a silicon particle in PyBaMM's single-particle model.

PyBaMM is no dependency of this package. In an environment of its own, with any recent version:

    python -m venv there && there/bin/pip install pybamm
    there/bin/python single_particle_pybamm.py

The particle is the only thing that counts: the counter electrode is lithium whose reaction is
infinitely fast, and the model has no electrolyte. It is solved on two meshes; the distance between
them bounds the error of the finer one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pybamm

#: Shells of equal thickness.
SHELLS = (50, 100)
#: Moments of a step that are kept.
MOMENTS = 12
RADIUS, DIFFUSIVITY = 1e-6, 1e-16  # m, m^2/s
CONCENTRATION_MAX = 310970.0  # mol/m^3
EXCHANGE = 1.0  # A/m^2 at x = 1/2
TEMPERATURE = 298.15  # K
START = 0.3  # x
#: Open-circuit voltage [V]: ratio of two polynomials, from the highest power down.
NUMERATOR = (-0.2453, -0.00527, 0.2477, 0.006457)
DENOMINATOR = (1.0, 0.002493)
#: C-rate, voltage [V], power [V/h] per charge of the full particle; seconds.
STEPS = (
    ("lithiate", 0.5, 1800.0),
    ("hold", 0.135, 1200.0),
    ("rest", 0.0, 1200.0),
    ("delithiate", 0.15, 1800.0),
)
THICKNESS, SHARE = 1e-4, 0.6  # of the electrode [m], of its volume


def rest_potential(x: Any) -> Any:
    """Open-circuit voltage [V] over the fraction."""
    above: Any = 0.0
    below: Any = 0.0
    for a in NUMERATOR:
        above = above * x + a
    for b in DENOMINATOR:
        below = below * x + b
    return above / below


def exchange_current(c_e: Any, c_s_surf: Any, c_s_max: Any, T: Any) -> Any:
    """2 i0(1/2) sqrt(x (1 - x)) [A/m^2]; the arguments are PyBaMM's."""
    x = c_s_surf / c_s_max
    return 2 * EXCHANGE * (x * (1 - x)) ** 0.5


def solve(shells: int) -> dict[str, list[list[float]]]:
    """Return time [s], voltage [V] and surface fraction by step, shape (steps, MOMENTS) each."""
    charge = THICKNESS * SHARE * CONCENTRATION_MAX * pybamm.constants.F.value / 3600  # A h
    values = pybamm.ParameterValues("Xu2019")
    values.update(
        {
            "Electrode height [m]": 1.0,
            "Electrode width [m]": 1.0,
            "Positive electrode thickness [m]": THICKNESS,
            "Positive electrode active material volume fraction": SHARE,
            "Positive particle radius [m]": RADIUS,
            "Positive particle diffusivity [m2.s-1]": DIFFUSIVITY,
            "Maximum concentration in positive electrode [mol.m-3]": CONCENTRATION_MAX,
            "Initial concentration in positive electrode [mol.m-3]": START * CONCENTRATION_MAX,
            "Positive electrode OCP [V]": rest_potential,
            "Positive electrode exchange-current density [A.m-2]": exchange_current,
            "Exchange-current density for lithium metal electrode [A.m-2]": 1e12,
            "Nominal cell capacity [A.h]": charge,
            "Ambient temperature [K]": TEMPERATURE,
            "Initial temperature [K]": TEMPERATURE,
            "Reference temperature [K]": TEMPERATURE,
            "Lower voltage cut-off [V]": -1.0,
            "Upper voltage cut-off [V]": 3.0,
        }
    )
    period = {"period": "1 second"}
    (_, rate, first), (_, held, second), (_, _, third), (_, power, fourth) = STEPS
    experiment = pybamm.Experiment(
        [
            pybamm.step.current(rate * charge, duration=first, **period),
            pybamm.step.voltage(held, duration=second, **period),
            pybamm.step.rest(duration=third, **period),
            pybamm.step.power(-power * charge, duration=fourth, **period),
        ]
    )
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM({"working electrode": "positive"}),
        parameter_values=values,
        experiment=experiment,
        var_pts={"x_n": 3, "x_s": 3, "x_p": 3, "r_n": 3, "r_p": shells},
        solver=pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-11),
    )
    solution = simulation.solve()
    found: dict[str, list[list[float]]] = {"time": [], "voltage": [], "surface": []}
    for cycle in solution.cycles:
        (step,) = cycle.steps
        t = step["Time [s]"].entries
        at = np.linspace(t[0], t[-1], MOMENTS + 1)[1:]
        names = ("Voltage [V]", "X-averaged positive particle surface stoichiometry")
        for key, name in zip(("voltage", "surface"), names, strict=True):
            found[key].append([float(v) for v in step[name](at)])
        found["time"].append([float(v) for v in at])
    return found


def main() -> None:
    """Write the file beside this one."""
    known = {
        "version": pybamm.__version__,
        "radius": RADIUS,
        "diffusivity": DIFFUSIVITY,
        "concentration_max": CONCENTRATION_MAX,
        "exchange_current": EXCHANGE,
        "temperature": TEMPERATURE,
        "start": START,
        "numerator": NUMERATOR,
        "denominator": DENOMINATOR,
        "steps": STEPS,
        "curves": {str(shells): solve(shells) for shells in SHELLS},
    }
    path = Path(__file__).with_name("single-particle-pybamm.json")
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
