"""Shells that flow: what they do to the potential of what they hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.cards import FARADAY
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, problem
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Simulation

OMEGA = 8.848e-6  # m^3/mol, of lithium in silicon


@problem(
    "plastic-shell-potential",
    title="A plastic shell shifts the potential of its core",
    group="Membranes and SEI",
    question="How much of a silicon particle's voltage hysteresis can a stiff SEI make that flows?",
    exact=r"A shell that flows all over presses with $p = 2\sigma_Y \ln(b/a)$ (radii now), "
    r"which shifts the potential of the core by $\Omega p/F$: 91.7 mV per GPa of pressure for "
    "silicon, up on emptying, down on filling. Koebbing, Latz and Horstmann (2023, 2024) explain "
    "the hysteresis of silicon nanoparticles so; nothing of theirs is compared.",
)
def plastic_shell_potential(folder: Path) -> Outcome:
    """Core of silicon's partial molar volume in a shell of a fifth of its radius."""
    outer, yield_stress, core_young = 1.2, 100.0, 1e6
    body = ball(Layer("core", 1.0, 5), Layer("shell", outer, 5), sectors=10)
    numbers = Numbers(read(body, folder))
    full = 1.2
    laws = [
        Region(
            "core",
            solid(numbers, "core", young=core_young, poisson=0.3, full=full),
            uniform_species(),
        ),
        Region(
            "shell",
            solid(numbers, "shell", young=core_young, poisson=0.3, yield_stress=yield_stress),
            None,
        ),
    ]
    simulation = Simulation(numbers, laws)
    mechanical = simulation.symbols.responses["core"].dpsi_dx
    growth = full - 1.0  # Omega c_max

    def shift() -> float:
        """Shift of the potential [mV]: mu/F with d psi/dx over Omega c_max for a concentration."""
        per_volume = 1e6 * simulation.mean("core", mechanical) / growth  # J/m^3
        return -1e3 * per_volume * OMEGA / FARADAY

    def exact() -> float:
        a, b = simulation.stretch_at(1.0), outer * simulation.stretch_at(outer)
        return 1e3 * OMEGA / FARADAY * 2e6 * yield_stress * float(np.log(b / a))

    for soc in np.linspace(0.0, 1.0, 21)[1:]:
        simulation.step(soc=float(soc))
    filling, expected = shift(), exact()
    for soc in np.linspace(1.0, 0.5, 21)[1:]:
        simulation.step(soc=float(soc))
    emptying, after = shift(), exact()
    per_pressure = 1e3 * OMEGA / FARADAY * 1e9
    return Outcome(
        checks=[
            Check(
                quantity="shift while filling [mV]",
                exact=-expected,
                computed=filling,
                tolerance=5e-3,
                reason="elastic strain of shell and core, yield stress over modulus 1e-4; mesh",
            ),
            Check(
                quantity="shift while emptying [mV]",
                exact=after,
                computed=emptying,
                tolerance=5e-3,
                reason="as above",
            ),
            Check(
                quantity="shift per pressure [mV/GPa]",
                exact=91.7,
                computed=per_pressure * filling / -expected,
                tolerance=5e-3,
                reason="the computed shift over the closed form, times Omega/F",
            ),
        ]
    )
