"""Titration by current pulses: a pulse and the rest after it give back the diffusivity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.verify.problems.diffusion.sphere import CRANK, constant_flux
from anodefem.verify.problems.electrochemistry.particle import GROUP, given, particle, run

PULSE, REST = 0.08, 1.0  # s, in which the species spreads by 0.28 um and by 1 um
RATE = 0.0125  # 1/s: the pulse raises x by 0.001


def ratio(tau: float) -> float:
    """Change of the surface fraction in a pulse over that which stays, at tau = D t / R^2."""
    return float(constant_flux(tau, np.array([1.0]))[0]) / (3 * tau)


@problem(
    "titration",
    title="A pulse of current and the rest after it give back the diffusivity",
    group=GROUP,
    question="What diffusivity follows from the voltage of a pulse and of the rest after it?",
    exact=r"With $\Delta E_t$ the change in the pulse, its jump left out, and $\Delta E_s$ what "
    r"stays: $\Delta E_t / \Delta E_s = \theta(1, \tau) / 3\tau$, $\tau = D t / R^2$ ("
    + CRANK
    + "; Weppner and Huggins 1977 for short pulses). D = 1 um^2/s went in.",
    quick=True,
)
def titration(folder: Path) -> Outcome:
    """30 rings, eight of them within the depth that the pulse reaches."""
    simulation = particle(folder, rings=30)
    steps = [given("lithiate at a current", PULSE, c_rate=3600 * RATE), given("rest", REST)]
    simulation.start()
    before = simulation.metrics().row()["equilibrium_voltage [V]"]
    rows = run(simulation, steps, share=0.02)
    pulse = [row for row in rows if row["step [-]"] == 1]
    end, rest = pulse[-1], rows[-1]
    transient = end["voltage [V]"] - 1e-3 * end["kinetic_overpotential [mV]"] - before
    steady = rest["voltage [V]"] - before
    tau = brentq(lambda tau: ratio(tau) - transient / steady, 0.05, 0.3)
    return Outcome(
        checks=[
            Check(
                quantity="diffusivity [um^2/s]",
                exact=1.0,
                computed=tau / PULSE,
                tolerance=0.01,
                reason="surface fraction off by 0.3 % on 30 rings; it enters squared",
            ),
            Check(
                quantity="fraction taken up in the pulse [-]",
                exact=RATE * PULSE,
                computed=rest["soc [-]"] - 0.3,
                tolerance=1e-10,
                absolute=True,
                reason="round-off",
            ),
        ],
        plots=[
            Plot(
                title="Voltage in the pulse",
                x="sqrt(t) [s^0.5]",
                y="V [V]",
                curves=[
                    Series(
                        label="computed",
                        x=[float(np.sqrt(row["t [s]"])) for row in pulse],
                        y=[row["voltage [V]"] for row in pulse],
                    )
                ],
            )
        ],
    )
