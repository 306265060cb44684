"""A wire that is free to stretch along its axis: generalised plane strain against closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anodefem.model.regions import Region
from anodefem.physics import FreeAxis
from anodefem.verify.problem import Check, Outcome, at_most, problem
from anodefem.workbench.bodies import Layer, cylinder, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Array, Simulation

GROUP = "Swelling and elasticity"
CORE, SHELL = 1.0, 1.5  # um
MODULI = {"core": (90e3, 0.22), "shell": (30e3, 0.35)}  # MPa, -


def wire(folder: Path, *, full: float, rings: int = 4) -> Simulation:
    """Quarter of a core that swells to the volume ratio ``full`` in a shell that does not.

    Args:
        folder: Empty folder for the mesh.
        full: Volume ratio of the full core.
        rings: Cells along the radius of the core.
    """
    body = cylinder(Layer("core", CORE, rings), Layer("shell", SHELL, rings), sectors=8)
    numbers = Numbers(read(body, folder))
    laws = {
        name: solid(
            numbers,
            name,
            young=young,
            poisson=poisson,
            full=full if name == "core" else None,
        )
        for name, (young, poisson) in MODULI.items()
    }
    regions = [
        Region("core", laws["core"], uniform_species()),
        Region("shell", laws["shell"], None),
    ]
    return Simulation(numbers, regions, more=[FreeAxis()])


@problem(
    "wire-free-swelling",
    title="A free wire swells alike in all directions",
    group=GROUP,
    question="How much longer is a wire that nothing holds, and is it free of stress?",
    exact=r"All three stretches are $J^{1/3}$, and no stress is left: at $J = 3.5$ the wire is "
    "1.5183 times as long. In plane strain it would keep its length and be pressed along it.",
    quick=True,
)
def free_swelling(folder: Path) -> Outcome:
    """To the volume ratio of full silicon in ten steps."""
    full = 3.5
    numbers = Numbers(read(cylinder(Layer("core", CORE, 3), sectors=4), folder))
    law = solid(numbers, "core", young=90e3, poisson=0.22, full=full)
    region = Region("core", law, uniform_species())
    simulation = Simulation(numbers, [region], more=[FreeAxis()])
    metrics = simulation.metrics()
    for soc in np.linspace(0.1, 1.0, 10):
        simulation.step(soc=float(soc))
    stretch, reason = full ** (1 / 3), "Newton's method goes on to 1e-9 of the increments"
    row = metrics.row()
    return Outcome(
        checks=[
            Check(
                quantity="stretch along the axis [-]",
                exact=stretch,
                computed=1.0 + row["axial_strain [-]"],
                tolerance=1e-9,
                reason=reason,
            ),
            Check(
                quantity="stretch across [-]",
                exact=stretch,
                computed=simulation.stretch_at(CORE),
                tolerance=1e-9,
                reason=reason,
            ),
            Check(
                quantity="volume within the hull over that of the empty body [-]",
                exact=full,
                computed=row["hull_volume_ratio [-]"],
                tolerance=1e-9,
                reason=reason,
            ),
            at_most(
                "largest stress [MPa]",
                float(np.abs(simulation.stress("core")).max()),
                1e-4,
                reason="1e-9 of Young's modulus",
            ),
        ]
    )


def small_strains(strain: float) -> tuple[float, float, float]:
    """Axial strain [-], pressure between core and shell and axial stress of the core [MPa].

    Linear elasticity in u = A r in the core and u = B r + C/r in the shell, with the same axial
    strain; continuous at the radius of the core, and free outside and along the axis.

    Args:
        strain: Free linear strain of the core.
    """
    (lam, mu), (lam_s, mu_s) = (
        (E * nu / ((1 + nu) * (1 - 2 * nu)), E / (2 * (1 + nu))) for E, nu in MODULI.values()
    )
    a, b = CORE, SHELL
    free = (3 * lam + 2 * mu) * strain
    # unknowns A, B, C, axial strain
    core = np.array([2 * (lam + mu), 0.0, 0.0, lam])

    def shell(r: float) -> Array:
        return np.array([0.0, 2 * (lam_s + mu_s), -2 * mu_s / r**2, lam_s])

    axial = np.array([2 * lam, 0.0, 0.0, lam + 2 * mu])
    axial_shell = np.array([0.0, 2 * lam_s, 0.0, lam_s + 2 * mu_s])
    rows = [
        np.array([a, -a, -1 / a, 0.0]),
        core - shell(a),
        shell(b),
        axial * a**2 + axial_shell * (b**2 - a**2),
    ]
    found = np.linalg.solve(np.stack(rows), [0.0, free, 0.0, free * a**2])
    return float(found[3]), -float(core @ found - free), float(axial @ found - free)


@problem(
    "wire-core-shell",
    title="A core that swells stretches its shell along and around",
    group=GROUP,
    question="A long core swells a little in a shell that does not; nothing pulls at the ends. How "
    "much longer does the wire get, and what do core and shell feel?",
    exact=r"Lame's $u = A r$ and $u = B r + C/r$ with one axial strain for both, continuous at the "
    r"core, $\sigma_r = 0$ outside, and $\int \sigma_z \, \mathrm{d}A = 0$: four linear equations.",
    quick=True,
)
def core_and_shell(folder: Path) -> Outcome:
    """Swelling by 1e-6, and the axial force at 1 %."""
    strain, reason = 1e-6, "P2 on curved cells, four rings across core and shell"
    simulation = wire(folder, full=(1.0 + strain) ** 3)
    simulation.step(soc=1.0)
    elongation, pressure, along = small_strains(strain)
    stress = simulation.symbols.response("core").cauchy
    axial = simulation.metrics().row()["axial_strain [-]"]
    forces = [
        simulation.total(name, simulation.symbols.response(name).piola[2, 2]) for name in MODULI
    ]
    return Outcome(
        checks=[
            Check(
                quantity="axial strain over the free strain of the core [-]",
                exact=elongation / strain,
                computed=axial / strain,
                tolerance=1e-4,
                reason=reason,
            ),
            Check(
                quantity="pressure on the core over its free strain [MPa]",
                exact=pressure / strain,
                computed=-simulation.mean("core", (stress[0, 0] + stress[1, 1]) / 2) / strain,
                tolerance=1e-4,
                reason=reason,
            ),
            Check(
                quantity="axial stress of the core over its free strain [MPa]",
                exact=along / strain,
                computed=simulation.mean("core", stress[2, 2]) / strain,
                tolerance=1e-4,
                reason=reason,
            ),
            at_most(
                "axial force of both over that of one [-]",
                abs(sum(forces)) / max(map(abs, forces)),
                1e-8,
                reason="the equation of the axial strain is solved, not approximated",
            ),
        ]
    )
