"""Lithium is kept, energy is not created, and neither depends on how a run is shared out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem

from anodefem import launch
from anodefem.compilation import compile_form
from anodefem.fem.forms import added
from anodefem.model.regions import Region
from anodefem.physics import SurfaceFlux
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.diffusion.sphere import march
from anodefem.verify.runs import Result, case_file, run_case
from anodefem.workbench.bodies import Layer, ball, read
from anodefem.workbench.numbers import ENERGY, Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

CYCLE = """
title = "Fast cycle of a particle that yields"

[geometry]
plugin = "bare_particle"
kinematics = "{kinematics}"
order = {order}
refinement = {refinement}

[materials]
particle = "silicon-amorphous"

[protocol]
steps = ["lithiate at 3C until soc = 0.15", "rest 5 min", "delithiate at 3C until soc = 0.1"]
flux_area = "{area}"

[output]
fields_every = 1.0
"""


def kept(label: str, cycle: Result, *, soc: float, current: bool) -> list[Check]:
    """Checks of a cycle.

    Args:
        label: What to call it.
        cycle: The run.
        soc: State of charge at its end.
        current: The flux is uniform per current area.
    """
    checks = [
        at_most(
            f"largest error of the lithium balance, {label} [-]",
            float(np.abs(cycle["lithium_balance_error"]).max()),
            1e-10 if current else 1e-12,
            reason="the current is shared out by the area of the last but one iterate: Newton's "
            "tolerance of 1e-8"
            if current
            else "round-off: storage is lumped, fluxes between nodes cancel",
        ),
        Check(
            quantity=f"state of charge at the end, {label} [-]",
            exact=soc,
            computed=float(cycle["soc"][-1]),
            tolerance=1e-9,
            reason="the current is the protocol's, however it is shared out over the surface",
        ),
    ]
    for name in ("plastic_work", "diffusion_dissipation"):
        work = cycle[name]
        checks.append(
            at_most(
                f"largest fall of {name.replace('_', ' ')} over its end, {label} [-]",
                float(-np.diff(work).min() / work[-1]),
                1e-12,
                reason="what is lost stays lost; round-off of a sum",
            )
        )
    return checks


@problem(
    "lithium-balance",
    title="Lithium is kept and losses are never negative",
    group="Conservation and parallel runs",
    question="Does a fast cycle with rest, steps of changing length and plastic flow keep every "
    "bit of lithium, in straight and curved cells, in 2D and 3D?",
    exact="Stored minus initial lithium is what the current has brought, after every step; plastic "
    "work and diffusion loss only grow.",
)
def lithium_balance(folder: Path) -> Outcome:
    """Cases run as a user would."""
    checks = []
    for kinematics, order, area in (
        ("axisymmetric", 1, "reference"),
        ("axisymmetric", 2, "current"),
        ("3d", 2, "reference"),
    ):
        label = f"{kinematics}, order {order}, {area} area"
        text = CYCLE.format(
            kinematics=kinematics,
            order=order,
            area=area,
            refinement=0.4,
        )
        place = folder / label.replace(", ", "-").replace(" ", "-")
        place.mkdir(parents=True)
        checks += kept(label, run_case(place, text), soc=0.1, current=area == "current")
    return Outcome(checks=checks)


@dataclass(frozen=True, slots=True)
class Account:
    """Energies of a run [MPa um^3], after every step, since its start.

    Attributes:
        shares: Parts of the time that have passed [-].
        missing: Supplied, but neither stored nor lost nor spent by lumping.
        lost: In plastic flow and diffusion.
        lumping: Spent because storage is lumped and the potential is not.
    """

    shares: Array
    missing: Array
    lost: Array
    lumping: Array


def account(folder: Path, cells: int, count: int) -> Account:
    """Fill a sphere from 0.22 to 0.24, after a finer start from 0.2.

    Args:
        folder: Place of the mesh.
        cells: Over the radius.
        count: Steps.
    """
    domain = read(ball(Layer("core", 1.0, cells), sectors=4), folder)
    numbers = Numbers(domain)
    law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.75, yield_stress=200.0)
    flux = SurfaceFlux(domain.manifest.roles.flux)
    region = Region("core", law, diffusing_species(numbers, 1.0))
    simulation = Simulation(numbers, [region], flux=flux)
    symbols, state = simulation.symbols, simulation.state
    masses = simulation.nodal_volumes("core")
    surface = compile_form(added(state["c"][1] * area * m for area, m in flux.entrances(symbols)))
    x, mu = ufl.split(state["c"])
    before = fem.Function(state["c"].function_space)
    mixing = ENERGY * (x * ufl.ln(x) + (1 - x) * ufl.ln(1 - x))
    elastic = symbols.responses["core"].energy
    # what the row of the potential takes up, with the quadrature of that row
    uptake = (mu + before[1]) / 2 * (x - before[0])
    #: Power supplied, free energy, losses and what lumping spends so far [MPa um^3], length of the
    #: step, by step.
    history: list[tuple[float, float, float, float, float]] = []

    def note(row: dict[str, float], end: bool) -> None:
        """Read the step that has been accepted."""
        inflow = float(state.charging.value) * symbols.host_volume / state.value("flux_area")
        power = ENERGY * inflow * domain.total(surface)
        stored = simulation.total("core", elastic) + simulation.total("core", mixing)
        lost = symbols.sums["plastic_work"] + symbols.sums["diffusion_dissipation"]
        now, then = state["c"].x.array, before.x.array
        at_nodes = masses @ ((now[1::2] + then[1::2]) / 2 * (now[::2] - then[::2]))
        spent = ENERGY * (float(at_nodes) - simulation.total("core", uptake))
        then[:] = now
        history.append((power, stored, lost, spent, row["dt [s]"]))

    simulation.fill(0.2)
    march(simulation, ["lithiate at 7200C until soc = 0.22"], steps=16 * 64)
    note({"dt [s]": 0.0}, end=True)
    march(
        simulation,
        ["lithiate at 7200C until soc = 0.24"],
        steps=round(count / 0.02),
        accepted=note,
    )
    power, stored, lost, spent, dt = np.array(history).T
    supplied = np.cumsum((power[1:] + power[:-1]) / 2 * dt[1:])
    lost, lumping = (lost - lost[0])[1:], np.cumsum(spent[1:])
    missing = supplied - (stored - stored[0])[1:] - lost - lumping
    return Account(np.cumsum(dt[1:]) / dt[1:].sum(), missing, lost, lumping)


@problem(
    "energy-balance",
    title="Energy supplied is stored or lost",
    group="Conservation and parallel runs",
    question="In a sphere that swells, flows and diffuses: does the free energy rise by what is "
    "supplied minus what is lost?",
    exact=r"$\Delta\psi + W_p + W_d + W_l = \int \mu\, dN$; what is missing vanishes to second "
    r"order in the step. $W_l = \int \int \mu\, dx\, (dX_\mathrm{lumped} - dX)$ is spent because "
    "storage is lumped and the potential is not; it vanishes to second order in the cell.",
    quick=True,
)
def energy_balance(folder: Path) -> Outcome:
    """Silicon-like sphere of 10 cells in 16 and in 32 steps, and of 20 cells in 16."""
    steps = (16, 32)
    runs = [account(folder / f"{count}-steps", 10, count) for count in steps]
    fine = account(folder / "20-cells", 20, 16)
    totals = [float(run.missing[-1]) for run in runs]
    loss = float(runs[1].lost[-1])
    parts = [float(run.lumping[-1] / run.lost[-1]) for run in (runs[0], fine)]
    return Outcome(
        checks=[
            Check(
                quantity="order of what is missing [-]",
                exact=2.0,
                computed=float(np.log2(totals[0] / totals[1])),
                tolerance=0.3,
                absolute=True,
                reason="two step lengths",
            ),
            at_most(
                "what is missing in 32 steps over the losses [-]",
                abs(totals[1]) / loss,
                1e-3,
                reason="of second order in the step",
            ),
            Check(
                quantity="order of what lumping spends, 10 to 20 cells [-]",
                exact=2.0,
                computed=float(np.log2(parts[0] / parts[1])),
                tolerance=0.3,
                absolute=True,
                reason="two lengths of cells",
            ),
        ],
        plots=[
            Plot(
                title="Energy that the steps miss",
                x="part of the time [-]",
                y="part of the losses [-]",
                curves=[
                    Series(
                        label=f"{count} steps",
                        x=run.shares.tolist(),
                        y=(run.missing / loss).tolist(),
                    )
                    for count, run in zip(steps, runs, strict=True)
                ],
            )
        ],
    )


@problem(
    "rank-invariance",
    title="A run on two or three ranks is the run on one",
    group="Conservation and parallel runs",
    question="Do the metrics of a case depend on the number of ranks that share it?",
    exact="Every metric of every step is the same, up to the order in which numbers are summed.",
)
def rank_invariance(folder: Path) -> Outcome:
    """A short cycle under mpirun; raises `InputError` where there is no mpirun."""
    text = CYCLE.format(
        kinematics="axisymmetric",
        order=1,
        area="reference",
        refinement=0.3,
    )
    launch.require_launcher(3)
    case = case_file(folder, text)
    # slow and in short steps, so that an odd Newton iteration cannot change a step
    settings = (
        'protocol.steps=["lithiate at C/2 until soc = 0.06", "delithiate at C/2 until soc = 0.05"]',
        "solver.initial_step=0.004",
        "solver.max_soc_step=0.004",
    )
    jobs = [
        launch.Job(case=case, folder=folder / f"ranks-{ranks}", settings=settings, ranks=ranks)
        for ranks in (1, 2, 3)
    ]
    for job, code in launch.run(jobs, at_once=1):
        if code:
            raise RuntimeError(f"{job.ranks} ranks: {launch.last_words(job.folder)}")
    one, *others = (Result.read(job.folder) for job in jobs)
    checks = []
    for ranks, other in zip((2, 3), others, strict=True):
        checks.append(
            Check(
                quantity=f"accepted steps on {ranks} ranks [-]",
                exact=float(len(one["t"])),
                computed=float(len(other["t"])),
                tolerance=1e-12,
                reason="the same steps",
            )
        )
        # counts of iterations and round-off itself are no results
        names = set(one.metrics) - {"newton_iterations", "lithium_balance_error"}
        worst = max(
            float(np.abs(other[name] - one[name]).max() / max(np.abs(one[name]).max(), 1e-300))
            for name in names
        )
        checks.append(
            at_most(
                f"largest difference of a metric over its largest value, {ranks} ranks [-]",
                worst,
                1e-8,
                reason="Newton's tolerance; otherwise the order of sums",
            )
        )
    return Outcome(checks=checks)


@problem(
    "geometry-order",
    title="Straight and curved cells converge to the same body",
    group="Discretisation",
    question="How fast do straight and curved cells approach a sphere and the fractions in it?",
    exact="The volume with order 2 in the size of straight cells and 4 of curved ones; fractions "
    "agree to second order.",
    quick=True,
)
def geometry_order(folder: Path) -> Outcome:
    """4, 8 and 16 cells over the quarter circle and the radius, filled in 10 equal steps."""
    counts = (4, 8, 16)
    errors: dict[int, list[float]] = {1: [], 2: []}
    found: dict[int, list[float]] = {1: [], 2: []}
    half = 2.0 * np.pi / 3.0
    for count in counts:
        for order in (1, 2):
            body = ball(Layer("core", 1.0, count), sectors=count)
            numbers = Numbers(read(body, folder / f"{count}-{order}", order=order))
            law = solid(numbers, "core", young=90e3, poisson=0.22)
            species = diffusing_species(numbers, 1.0)
            simulation = Simulation(numbers, [Region("core", law, species)])
            errors[order].append(abs(simulation.symbols.volume("core") / half - 1.0))
            simulation.fill(0.4)
            march(simulation, ["lithiate at 1080C until soc = 0.43"], steps=333)
            found[order].append(simulation.fraction_at(1.0))
    apart = np.abs(np.subtract(found[1], found[2]))
    checks = []
    for name, values, exact in (
        ("volume, straight cells", errors[1], 2.0),
        ("volume, curved cells", errors[2], 4.0),
        ("surface fraction, straight against curved", apart.tolist(), 2.0),
    ):
        for i in (0, 1):
            checks.append(
                Check(
                    quantity=f"order of {name}, {counts[i]} to {counts[i + 1]} sectors [-]",
                    exact=exact,
                    computed=float(np.log2(values[i] / values[i + 1])),
                    tolerance=0.15,
                    absolute=True,
                    reason="asymptotic order",
                )
            )
    return Outcome(checks=checks)
