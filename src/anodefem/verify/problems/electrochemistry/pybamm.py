"""A silicon particle without stress against PyBaMM's single-particle model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from anodefem.cards.constants import GAS_CONSTANT, thermal_voltage
from anodefem.cards.curves import Rational
from anodefem.laws.building import MPA
from anodefem.laws.chemistry import OpenCircuit
from anodefem.laws.kinetics import ExchangeCurrent
from anodefem.model.regions import Region, Species
from anodefem.physics import Kinetics
from anodefem.protocols import Step
from anodefem.verify.problem import Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.electrochemistry.particle import GROUP, given, run
from anodefem.verify.published import FOLDER
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers, solid
from anodefem.workbench.simulation import Simulation

#: Made by the script beside it.
CURVES = FOLDER / "single-particle-pybamm.json"
#: Cells along the radius, and time steps of a step of the protocol or a full charge, at least.
RINGS, STEPS = 30, 200
M2 = 1e12  # um^2 per m^2


def stored() -> Mapping[str, Any]:
    """Return PyBaMM's curves and what they were made with."""
    known: Mapping[str, Any] = json.loads(CURVES.read_text(encoding="utf-8"))
    return known


def particle(folder: Path, known: Mapping[str, Any]) -> Simulation:
    """Rigid half ball of PyBaMM's numbers.

    Args:
        folder: Empty folder for the mesh.
        known: See `stored`.
    """
    radius = known["radius"] * 1e6
    numbers = Numbers(read(ball(Layer("core", radius, RINGS), sectors=4), folder))
    thermal = thermal_voltage(known["temperature"])
    rest = Rational(tuple(known["numerator"]), tuple(known["denominator"])).scaled(1 / thermal)
    c_max = known["concentration_max"]
    species = Species(
        c_max,
        c_max * GAS_CONSTANT * known["temperature"] * MPA,
        OpenCircuit(rest),
        numbers.same("diffusivity", known["diffusivity"] * M2),
        False,
    )
    law = solid(numbers, "core", young=90e3, poisson=0.22)
    flux = Kinetics(
        numbers.domain.manifest.roles.flux,
        {"core": ExchangeCurrent(known["exchange_current"])},
        temperature=known["temperature"],
    )
    region = Region("core", law, species)
    simulation = Simulation(numbers, [region], full=1.0, empty=0.0, flux=flux)
    simulation.fill(known["start"])
    simulation.state["c"].x.array[1::2] = -rest(known["start"])
    simulation.state.begin()
    return simulation


def protocol(known: Mapping[str, Any]) -> list[Step]:
    """Return PyBaMM's experiment.

    Args:
        known: See `stored`.
    """
    made = []
    for kind, value, duration in known["steps"]:
        key = {"lithiate": "c_rate", "hold": "voltage", "delithiate": "power"}.get(kind)
        made.append(given(kind, duration, **({key: value} if key else {})))
    return made


@problem(
    "single-particle-pybamm",
    title="A silicon particle against PyBaMM's single-particle model",
    group=GROUP,
    question="Do potential and surface fraction under given current, voltage and power, and at "
    "rest, agree with a code that was written by others?",
    exact="PyBaMM's single-particle model of a half cell, with the same open-circuit curve, "
    "diffusivity and exchange current, on 100 shells; stored with its version and the script that "
    "makes it. It is trusted as far as it agrees with itself on 50 shells.",
    quick=True,
    data=CURVES,
)
def single_particle_pybamm(folder: Path) -> Outcome:
    """Half a charge per hour, a hold, rest, and a power that empties."""
    known = stored()
    rows = run(particle(folder, known), protocol(known), share=1 / STEPS)
    coarse, fine = (known["curves"][shells] for shells in ("50", "100"))
    checks = []
    for key, head, unit in (("surface", "surface", "-"), ("voltage", "voltage [V]", "V")):
        apart = [
            float(np.abs(np.subtract(a, b)).max())
            for a, b in zip(coarse[key], fine[key], strict=True)
        ]
        found = _at(rows, head, fine["time"])
        checks += [
            at_most(
                f"largest difference of the {key} over the {kind} [{unit}]",
                float(np.abs(np.subtract(ours, theirs)).max()),
                max(apart),
                reason="the largest difference between PyBaMM's curves on 50 and 100 shells",
            )
            for (kind, _, _), ours, theirs in zip(known["steps"], found, fine[key], strict=True)
        ]
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Potential of the electrode",
                x="t [s]",
                y="V [V]",
                curves=[
                    Series(
                        label="computed",
                        x=[row["t [s]"] for row in rows],
                        y=[row["voltage [V]"] for row in rows],
                    ),
                    Series(
                        label=f"PyBaMM {known['version']}",
                        x=[t for step in fine["time"] for t in step],
                        y=[V for step in fine["voltage"] for V in step],
                        exact=True,
                    ),
                ],
            )
        ],
    )


def _at(
    rows: Sequence[Mapping[str, float]], head: str, times: Sequence[Sequence[float]]
) -> list[list[float]]:
    """Values of a metric at given moments of every step of the protocol.

    Args:
        rows: Of metrics.
        head: Of the metric.
        times: Moments by step [s].
    """
    found = []
    for number, moments in enumerate(times, start=1):
        own = [row for row in rows if row["step [-]"] == number]
        curve = PchipInterpolator([row["t [s]"] for row in own], [row[head] for row in own])
        found.append([float(value) for value in curve(moments)])
    return found
