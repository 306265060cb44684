"""Relaxation, creep, loss and healing against closed forms of the standard linear solid.

Its shear modulus is G_r at rest and G_r + G in fast loading; the bulk modulus K does not relax.
Steps are of second order in time, so values at two step lengths are extrapolated to none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from anodefem.geometry import Geometry
from anodefem.laws.viscoelasticity import Branch, Network
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, problem
from anodefem.workbench.bodies import bar, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Array, Simulation

REST, FAST, BULK, TAU = 1e3, 2e3, 5e3, 10.0  # MPa, MPa (of the branch), MPa, s

STRAIN = 1e-6

SECOND_ORDER = "the law of a branch is integrated to second order in time"

EXTRAPOLATED = "values at two step lengths, extrapolated; higher orders are left"


def moduli(shear: float, bulk: float) -> tuple[float, float]:
    """Young's modulus [MPa] and Poisson's ratio.

    Args:
        shear: Shear modulus [MPa].
        bulk: Bulk modulus [MPa].
    """
    young = 9 * bulk * shear / (3 * bulk + shear)
    return young, young / (2 * shear) - 1


#: A cylinder between a foot and a top that can be moved, with a free side.
BAR = bar(radius=1.0, length=1.0, across=1, along=1)


def simulate(folder: Path, body: Geometry, network: Callable[[Numbers], Network]) -> Simulation:
    """One region "solid" with the moduli of this module and a network.

    Args:
        folder: Empty folder for the mesh.
        body: Geometry with the one region "solid".
        network: From the material numbers to the viscoelastic network.
    """
    numbers = Numbers(read(body, folder))
    young, poisson = moduli(REST, BULK)
    law = solid(numbers, "solid", young=young, poisson=poisson)
    law = replace(law, network=network(numbers))
    return Simulation(numbers, [Region("solid", law, uniform_species())])


def one_branch(numbers: Numbers) -> Network:
    """The branch of this module."""
    numbers["branch shear"].value, numbers["branch time"].value = FAST, TAU
    return Network((Branch(numbers["branch shear"], numbers["branch time"]),))


def start_again(simulation: Simulation) -> None:
    """Back to the undeformed, relaxed, whole body."""
    state, size = simulation.state, simulation.domain.kinematics.symmetric_size
    state["u"].x.array[:] = state.start("u").x.array[:] = 0.0
    if "viscous" in state:
        for name in ("viscous", "isochoric_stretch"):
            rows = state[name].x.array.reshape(-1, size)
            rows[:] = 0.0
            rows[:, :3] = 1.0
    if "damage" in state:
        state["damage"].x.array[:] = 0.0


def stretch_top(simulation: Simulation, strain: float) -> None:
    """Move the top, whose displacement along the axis is held.

    Args:
        simulation: Body with its laws and its solver.
        strain: Engineering strain along the axis.
    """
    u = simulation.state["u"]
    top = np.abs(u.function_space.tabulate_dof_coordinates()[:, 1] - 1.0) < 1e-9
    u.x.array.reshape(-1, 2)[top, 1] = strain


def axial_stress(simulation: Simulation) -> Callable[[], float]:
    """Gauge of the Cauchy stress along the axis [MPa]."""
    return simulation.gauge("solid", simulation.symbols.responses["solid"].cauchy[1, 1])


def order(coarse: float, fine: float, exact: float) -> float:
    """Order of convergence from the errors at a step and at half of it.

    Args:
        coarse: Value at a step.
        fine: Value at half of that step.
        exact: Value that both should have.
    """
    return float(np.log2((coarse - exact) / (fine - exact)))


def second_order(
    quantity: str, coarse: float, fine: float, exact: float, tolerance: float
) -> list[Check]:
    """Checks of a number computed with a step and with half of it.

    Args:
        quantity: What it is, with its unit in brackets.
        coarse: Value at a step.
        fine: Value at half of that step.
        exact: Value that both should have.
        tolerance: Largest relative error of the extrapolated value.
    """
    return [
        Check(
            quantity=quantity,
            exact=exact,
            computed=(4 * fine - coarse) / 3,
            tolerance=tolerance,
            reason=EXTRAPOLATED,
        ),
        Check(
            quantity=f"order in time of: {quantity}",
            exact=2.0,
            computed=order(coarse, fine, exact),
            tolerance=0.1,
            reason=SECOND_ORDER,
        ),
    ]


@problem(
    "standard-linear-solid",
    title="A viscoelastic bar relaxes and creeps",
    group="Viscoelasticity",
    question="How does the stress in a bar fall after a small sudden stretch, and how does the bar "
    "grow longer under a small sudden load?",
    exact=r"Relaxation $E(t) = E_r + (E_0 - E_r) e^{-t/\tau_R}$ and creep $1/E_r - (1/E_r - 1/E_0) "
    r"e^{-t/\tau_C}$ with $E = 9KG/(3K+G)$ at rest ($G_r$) and at once ($G_0 = G_r + G$), "
    r"$\tau_R = \tau (3K + G_0)/(3K + G_r)$, $\tau_C = \tau G_0/G_r$: the correspondence principle "
    r"with a bulk modulus $K$ that does not relax.",
    quick=True,
)
def standard_linear_solid(folder: Path) -> Outcome:
    """Two time constants in 40 and 80 steps."""
    simulation = simulate(folder, BAR, one_branch)
    stress = axial_stress(simulation)
    rest, at_once = (moduli(shear, BULK)[0] for shear in (REST, REST + FAST))
    slower = (3 * BULK + REST + FAST) / (3 * BULK + REST)
    span = 2 * TAU

    def relax(steps: int) -> tuple[Array, Array]:
        start_again(simulation)
        stretch_top(simulation, STRAIN)
        found = []
        for dt in [0.0] + [span / steps] * steps:
            simulation.step(dt)
            found.append(stress() / STRAIN)
        return np.linspace(0.0, span, steps + 1), np.array(found)

    def creep(steps: int) -> tuple[Array, Array]:
        start_again(simulation)
        load, strains = 1.0, []

        def stress_at(strain: float, dt: float) -> float:
            stretch_top(simulation, STRAIN * strain)
            simulation.state.dt.value = dt
            simulation.newton.solve()
            return stress() / STRAIN

        for dt in [0.0] + [span / steps] * steps:
            # the stress is linear in so small a strain
            low, high = stress_at(0.0, dt), stress_at(1e-3, dt)
            strain = (load - low) / (high - low) * 1e-3
            stretch_top(simulation, STRAIN * strain)
            simulation.step(dt)
            strains.append(strain)
        return np.linspace(0.0, span, steps + 1), np.array(strains)

    def relaxed(t: Array | float) -> Array:
        return rest + (at_once - rest) * np.exp(-np.asarray(t) / (slower * TAU))

    def crept(t: Array | float) -> Array:
        time = TAU * (REST + FAST) / REST
        return 1 / rest - (1 / rest - 1 / at_once) * np.exp(-np.asarray(t) / time)

    checks, plots = [], []
    for name, unit, run, exact in (
        ("relaxation modulus", "MPa", relax, relaxed),
        ("creep compliance", "1/MPa", creep, crept),
    ):
        (_, coarse), (t, fine) = run(40), run(80)
        checks.append(
            Check(
                quantity=f"{name} at once [{unit}]",
                exact=float(exact(0.0)),
                computed=fine[0],
                tolerance=1e-5,
                reason="a step of no time is elastic; to the strain of 1e-6",
            )
        )
        checks += second_order(
            f"{name} after 2 tau [{unit}]", coarse[-1], fine[-1], float(exact(span)), 1e-4
        )
        shown = [
            Series(label="exact", x=list(t), y=list(exact(t)), exact=True),
            Series(label="computed, dt = tau/40", x=list(t[::4]), y=list(fine[::4])),
        ]
        plots.append(Plot(title=name, x="t [s]", y=f"{name} [{unit}]", curves=shown))
    return Outcome(checks=checks, plots=plots)


@problem(
    "viscoelastic-loss",
    title="A cycled viscoelastic bar loses the energy of its loss modulus",
    group="Viscoelasticity",
    question="How much work does a small sinusoidal strain lose in every cycle, seen in the loop "
    "of stress over strain and in the metric of the viscous work?",
    exact=r"$\pi E'' \epsilon^2$ per cycle and volume, $E'' = (E_0 - E_r)\, \omega\tau_R / (1 + "
    r"\omega^2\tau_R^2)$ with $E_0$, $E_r$ and $\tau_R$ of the standard linear solid.",
    quick=True,
)
def loss(folder: Path) -> Outcome:
    """The fourth cycle in 80 and in 160 steps, at omega tau_R = 1."""
    simulation = simulate(folder, BAR, one_branch)
    stress = axial_stress(simulation)
    volume = simulation.symbols.volume("solid")
    rest, at_once = (moduli(shear, BULK)[0] for shear in (REST, REST + FAST))
    slower = TAU * (3 * BULK + REST + FAST) / (3 * BULK + REST)
    period, size = 2 * np.pi * slower, 1e-4
    exact = np.pi * (at_once - rest) / 2 * size**2

    def cycle(steps: int) -> tuple[float, float, Array, Array]:
        start_again(simulation)
        strains = size * np.sin(2 * np.pi * np.arange(4 * steps + 1) / steps)
        stresses, lost = [0.0], [0.0]
        for strain in strains[1:]:
            stretch_top(simulation, strain)
            simulation.step(period / steps, before_acceptance=simulation.updates.accumulate)
            stresses.append(stress())
            lost.append(simulation.symbols.sums["viscous_work"] / volume)
        strain, s = strains[-steps - 1 :], np.array(stresses[-steps - 1 :])
        area = float(np.sum((s[1:] + s[:-1]) / 2 * np.diff(strain)))
        return area, lost[-1] - lost[-steps - 1], strain, s

    (area, work, _, _), (finer, less, strain, s) = cycle(80), cycle(160)
    phase = np.linspace(0.0, 2 * np.pi, 201)
    storage, lossy = rest + (at_once - rest) / 2, (at_once - rest) / 2
    curves = [
        Series(
            label="exact",
            x=list(1e4 * size * np.sin(phase)),
            y=list(size * (storage * np.sin(phase) + lossy * np.cos(phase))),
            exact=True,
        ),
        Series(label="computed, 160 steps a cycle", x=list(1e4 * strain[::8]), y=list(s[::8])),
    ]
    return Outcome(
        checks=[
            *second_order("area of the loop [MPa]", area, finer, exact, 1e-3),
            *second_order("viscous work of the cycle [MPa]", work, less, exact, 1e-3),
        ],
        plots=[Plot(title="Fourth cycle", x="strain [1e-4]", y="stress [MPa]", curves=curves)],
    )
