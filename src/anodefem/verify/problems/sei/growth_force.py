"""An SEI that grows: what force it has on a surface that moves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from anodefem.laws.growth_currents import Diffusion
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.sei.film import (
    GROUP,
    NEVER,
    POISSON,
    THICKNESS,
    YIELD,
    YOUNG,
)
from anodefem.verify.problems.sei.growth import OMEGA, growing, steps
from anodefem.workbench.simulation import Array

STIFFNESS = YOUNG / (1 - POISSON)  # MPa: force per volume of a film per even logarithmic strain

FLOWS = YIELD / STIFFNESS  # even elastic strain at which it flows


@problem(
    "sei-growth-force",
    title="Growth leaves the force in the film as it is",
    group=GROUP,
    question="What force has an elastic film whose layers formed at different stretches, and what "
    "does growth at a constant stretch change?",
    exact=r"Each layer is free of stress at the stretch at which it forms: "
    r"$n = E/(1-\nu) \sum_k v_k \ln(\lambda/\lambda_k)$ per reference length, which growth at a "
    r"constant $\lambda$ does not change.",
    quick=True,
)
def force(folder: Path) -> Outcome:
    """Stretch, hold, stretch further, go back; the film grows all the time."""
    law = Diffusion(strength=1e-6)
    simulation = growing(folder, law, full=1.06, yield_stress=NEVER)
    dt = THICKNESS**2 / (OMEGA * law.strength)
    path = [0.5, *[0.5] * 4, *np.linspace(0.6, 1.0, 5), *np.linspace(0.8, 0.0, 5)]
    found = steps(simulation, dt, iter(path))
    layers = [(THICKNESS, 0.0)]
    wanted = []
    for each in found:
        # read after the growth of the step, whose layer is free of stress
        layers.append((each.volume - sum(volume for volume, _ in layers), each.strain))
        wanted.append(STIFFNESS * sum(volume * (each.strain - free) for volume, free in layers))
    forces = np.array([each.force for each in found])
    held = forces[1:5]
    scale = float(np.abs(wanted).max())
    thicker = found[0].volume
    for each in found[1:5]:
        gain = OMEGA * law.strength * dt * np.exp(4 * each.strain)
        thicker = (thicker + float(np.sqrt(thicker**2 + 4 * gain))) / 2
    checks = [
        at_most(
            "change of the force by growth at a constant stretch, over the force [-]",
            float(np.ptp(held) / held.mean()),
            1e-4,
            reason="the stretch follows the pressure of the film on the core, by 1e-5",
        ),
        Check(
            quantity="volume after growth at a constant stretch over that before [-]",
            exact=thicker / found[0].volume,
            computed=found[4].volume / found[0].volume,
            tolerance=1e-5,
            reason="backward Euler's v (v - v_n) = k J^2 dt, step by step; J is read at one point "
            "of a facet, and growth takes its mean",
        ),
        at_most(
            "largest difference of one film from all its layers, over the largest force [-]",
            float(np.abs(forces - wanted).max()) / scale,
            1e-8,
            reason="stresses are linear in logarithmic strain: Newton's tolerance is left",
        ),
    ]
    number = np.arange(1, len(found) + 1)
    plot = Plot(
        title="Force in an elastic film that grows",
        x="step",
        y="force [MPa um]",
        curves=[
            Series(label="sum over layers", x=number, y=wanted, exact=True),
            Series(label="computed", x=number, y=forces),
        ],
    )
    return Outcome(checks=checks, plots=[plot])


@dataclass(frozen=True)
class Cycle:
    """A core that swells and shrinks evenly, under a film that grows by a parabola and yields.

    Attributes:
        full: Volume ratio of the full core.
        k: Of the parabola [um^2/s].
        end: Length of the cycle [s].
    """

    full: float
    k: float
    end: float

    def soc(self, t: Any) -> Any:
        """State of charge at a time [s]."""
        return 1 - np.abs(1 - 2 * t / self.end)

    def strain(self, t: Any) -> Any:
        """Logarithmic stretch of the surface at a time [s]."""
        return np.log(1 + (self.full - 1) * self.soc(t)) / 3

    def layered(self, count: int) -> Array:
        """Force [MPa um] of a film of which every step adds a layer that flows by itself.

        Args:
            count: Number of steps; one value after each.
        """
        times = np.linspace(0.0, self.end, count + 1)
        volumes, elastic, forces = [THICKNESS], [0.0], []
        for start, end in pairwise(times):
            change = self.strain(end) - self.strain(start)
            elastic = [*np.clip(np.add(elastic, change), -FLOWS, FLOWS), 0.0]
            before, gain = sum(volumes), self.k * (end - start) * np.exp(4 * self.strain(end))
            volumes.append((np.sqrt(before**2 + 4 * gain) - before) / 2)
            forces.append(STIFFNESS * float(np.dot(volumes, elastic)))
        return np.array(forces)

    def merged(self, count: int) -> tuple[Array, Array]:
        """Volume [um] and force [MPa um] of one film, integrated.

        Args:
            count: Number of even intervals; one value at the end of each.
        """

        def rates(t: float, y: Array, direction: float) -> list[float]:
            volume, elastic = y
            grown = self.k * np.exp(4 * self.strain(t)) / volume
            swelling = direction * (self.full - 1) / (3 * np.exp(3 * self.strain(t)))
            rate = swelling - grown / volume * elastic
            flows = abs(elastic) >= FLOWS and elastic * rate > 0.0
            return [grown, 0.0 if flows else rate]

        times = np.linspace(0.0, self.end, count + 1)[1:]
        half, y, parts = self.end / 2, np.array([THICKNESS, 0.0]), []
        for start, direction in ((0.0, 2 / self.end), (half, -2 / self.end)):
            wanted = times[(times > start) & (times <= (start + half) * (1 + 1e-12))]
            span = (start, start + half)
            found = solve_ivp(
                rates,
                span,
                y,
                args=(direction,),
                t_eval=np.minimum(wanted, span[1]),
                max_step=half / 2000,
            )
            y = found.y[:, -1]
            parts.append(found.y.T)
        volume, elastic = np.concatenate(parts).T
        return volume, volume * STIFFNESS * np.clip(elastic, -FLOWS, FLOWS)


@problem(
    "sei-growth-cycle",
    title="An SEI that grows and yields while its surface swells and shrinks",
    group=GROUP,
    question="What force has a growing SEI over a cycle, and how far is one film from its layers?",
    exact=r"One film: $\dot v = k J_s^2/v$, $\dot e = \dot\varepsilon - e \dot v/v$ with "
    r"$|e| \le \sigma_y (1-\nu)/E$, integrated by Runge and Kutta's method; all layers: each of "
    r"1600 flows by itself.",
    quick=True,
)
def cycle(folder: Path) -> Outcome:
    """To twice the volume and back, while the SEI grows to the fourfold."""
    law = Diffusion(strength=1e-8)
    k = OMEGA * law.strength
    ideal = Cycle(full=2.0, k=k, end=2 * THICKNESS**2 / k)
    simulation = growing(folder, law, full=ideal.full, yield_stress=YIELD)
    start, sums = simulation.state.snapshot(), dict(simulation.symbols.sums)
    runs, errors = {}, {}
    for count in (40, 80):
        simulation.state.restore(start)
        simulation.symbols.sums.update(sums)
        path = ideal.soc(np.linspace(0.0, ideal.end, count + 1)[1:])
        runs[count] = steps(simulation, ideal.end / count, iter(path), second_order=True)
        volume, exact = ideal.merged(count)
        differences = [run.force - wanted for run, wanted in zip(runs[count], exact, strict=True)]
        errors[count] = float(np.sqrt(np.mean((differences / (YIELD * volume)) ** 2)))
    volume, exact = ideal.merged(80)
    layered = ideal.layered(1600)[19::20]
    apart = (exact - layered) / (YIELD * volume)
    checks = [
        Check(
            quantity="volume of the SEI at the end over that at the start [-]",
            exact=float(volume[-1] / THICKNESS),
            computed=runs[80][79].volume / THICKNESS,
            tolerance=2e-3,
            reason="80 steps of second order",
        ),
        at_most(
            "error of the force over the yield force, root of its mean square, 80 steps [-]",
            errors[80],
            0.03,
            reason="what grows in a step is free of stress at its end: first order",
        ),
        Check(
            quantity="the same over that of 40 steps [-]",
            exact=0.5,
            computed=errors[80] / errors[40],
            tolerance=0.3,
            reason="first order; the corners of yield lie within steps",
        ),
        at_most(
            "one film against 1600 layers, over the yield force, root of the mean square [-]",
            float(np.sqrt(np.mean(apart**2))),
            0.03,
            reason="layers that formed at other stretches flow at other times: what it costs to "
            "keep one film",
        ),
        at_most(
            "one film against 1600 layers, over the yield force, largest [-]",
            float(np.abs(apart).max()),
            0.1,
            reason="likewise, where the surface turns",
        ),
    ]
    times = np.linspace(0.0, ideal.end, 81)[1:]
    plot = Plot(
        title="Force over a cycle",
        x="t [s]",
        y="force [MPa um]",
        curves=[
            Series(label="one film, integrated", x=times, y=exact, exact=True),
            Series(label="1600 layers", x=times, y=layered, exact=True),
            Series(label="computed, 80 steps", x=times, y=[each.force for each in runs[80]]),
        ],
    )
    return Outcome(checks=checks, plots=[plot])
