"""Two phases: regular solutions with gradient energy, and what stress does to the potential."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import ufl

from anodefem import protocols
from anodefem.cards import FARADAY
from anodefem.cards.constants import GAS_CONSTANT
from anodefem.laws.chemistry import PhaseInterface, RegularSolution, phase_interface
from anodefem.model.regions import Region, Species
from anodefem.solve.clock import StepLimits
from anodefem.solve.control import TimeLoop
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import film, read
from anodefem.workbench.numbers import ENERGY, Numbers, diffusing_species, solid
from anodefem.workbench.simulation import Array, Simulation

#: Binodal fraction of the poor phase and interface energy over sqrt(kappa R T c_max), by chi.
PHASES = {2.5: (0.144794, 0.130258), 3.0: (0.070720, 0.288272), 4.0: (0.021248, 0.558547)}
HEIGHT = 1.0  # um


def bar(folder: Path, *, layers: int, scale: float, chi: float = 3.0) -> Simulation:
    """Rigid bar along z with a diffusivity of 1 um^2/s, sealed but for its top.

    Args:
        folder: Where its mesh goes.
        layers: Cells along it.
        scale: sqrt(kappa / (R T c_max)) [um].
        chi: Interaction parameter; ``numbers["chi"]`` changes it.
    """
    body = film(width=HEIGHT / layers, height=HEIGHT, cells=1, layers=layers)
    numbers = Numbers(read(body, folder, order=1))
    law = solid(numbers, "solid", young=90e3, poisson=0.22)
    numbers["chi"].value, numbers["kappa"].value = chi, ENERGY * scale**2
    potential = RegularSolution(0.0, numbers["chi"])
    diffusivity = numbers.same("diffusivity", 1.0)
    species = Species(3e5, ENERGY, potential, diffusivity, False, numbers["kappa"])
    return Simulation(numbers, [Region("solid", law, species)])


def set_profile(simulation: Simulation, fraction: Array) -> None:
    """Set the lithium fraction of every node, and a finite potential to start Newton from.

    Args:
        simulation: Body with its laws and its solver.
        fraction: Lithium fraction of every node.
    """
    values = simulation.state["c"].x.array.reshape(-1, 2)
    values[:, 0], values[:, 1] = fraction, 0.0
    simulation.state.start("c").x.array[:] = simulation.state["c"].x.array


def heights(simulation: Simulation) -> Array:
    """Height of every node of the chemistry [um]."""
    space = simulation.state["c"].function_space
    return np.asarray(space.tabulate_dof_coordinates()[:, 1])


def profile(simulation: Simulation) -> tuple[Array, Array]:
    """Heights of the layers of nodes [um], rising, and their mean lithium fractions."""
    z, x = np.round(heights(simulation), 9), simulation.state["c"].x.array[::2]
    levels, place = np.unique(z, return_inverse=True)
    return levels, np.bincount(place, weights=x) / np.bincount(place)


def front(z: Array, phases: PhaseInterface, *, at: float, scale: float) -> Array:
    """Fractions of a front between the poor phase below ``at`` and the rich one above.

    Args:
        z: Heights [um].
        phases: Fractions of the poor and of the rich phase.
        at: Height of the front [um].
        scale: Length over which the fraction changes [um].
    """
    middle, half = 0.5, (phases.rich - phases.poor) / 2
    return middle + half * np.tanh(2 * (z - at) / (phases.width * scale))


def known(chi: float) -> PhaseInterface:
    """Interface of a solution that separates."""
    found = phase_interface(chi)
    if found is None:
        raise ValueError(f"chi = {chi:g}: one phase")
    return found


@problem(
    "two-phase-interface",
    title="Two phases in equilibrium: their fractions, and the energy and width of the interface",
    group="Diffusion and chemistry",
    question="What are the fractions on both sides of a flat interface at rest in a regular "
    "solution with gradient energy, and how wide and costly is it?",
    exact=r"Fractions on the binodal, $\ln(x/(1-x)) + \chi(1-2x) = 0$; energy $\int \sqrt{2 \kappa "
    r"R T c_{max} \Delta f}\, dx$ = 0.130258, 0.288272, 0.558547 $\sqrt{\kappa R T c_{max}}$ for "
    r"$\chi$ = 2.5, 3, 4; width, jump over steepest slope, 1.7887 $\sqrt{\kappa/(R T c_{max})}$ "
    r"for $\chi$ = 3 (Cahn and Hilliard, J. Chem. Phys. 28 (1958) 258).",
    quick=True,
)
def two_phases(folder: Path) -> Outcome:
    """A front in the middle of a bar of 20 times its scale, 12 to 27 cells across the interface."""
    scale, layers = 0.05, 200
    simulation = bar(folder, layers=layers, scale=scale)
    checks, curves = [], []
    slope = ufl.grad(simulation.state["c"][0])[1]
    masses = simulation.nodal_volumes("solid")
    area = simulation.symbols.volume("solid") / HEIGHT
    for chi, (poor, energy) in PHASES.items():
        phases = known(chi)
        simulation.numbers["chi"].value = chi
        set_profile(simulation, front(heights(simulation), phases, at=0.5, scale=scale))
        for dt in (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0):
            simulation.step(dt)
        z, fraction = profile(simulation)
        c = simulation.state["c"].x.array[::2]
        mixing = c * np.log(c) + (1 - c) * np.log(1 - c) + chi * c * (1 - c)
        ground = float(
            poor * np.log(poor) + (1 - poor) * np.log(1 - poor) + chi * poor * (1 - poor)
        )
        stored = ENERGY * float(masses @ (mixing - ground))
        stored += ENERGY * scale**2 / 2 * simulation.total("solid", slope**2)
        unit = ENERGY * scale
        steepest = float(np.diff(fraction).max()) * layers / HEIGHT
        width = (fraction[-1] - fraction[0]) / steepest / scale
        second = "linear elements, second order in their size"
        checks += [
            Check(
                quantity=f"fraction of the poor phase, chi = {chi:g} [-]",
                exact=poor,
                computed=float(fraction[0]),
                tolerance=1e-5,
                absolute=True,
                reason="the bar ends 10 scales from the interface; what is left there decays "
                "exponentially",
            ),
            Check(
                quantity=f"fraction of the rich phase, chi = {chi:g} [-]",
                exact=1 - poor,
                computed=float(fraction[-1]),
                tolerance=1e-5,
                absolute=True,
                reason="as for the poor phase",
            ),
            Check(
                quantity=f"interface energy over sqrt(kappa R T c_max), chi = {chi:g} [-]",
                exact=energy,
                computed=stored / area / unit,
                tolerance=3e-3,
                reason=second,
            ),
            Check(
                quantity=f"width over sqrt(kappa/(R T c_max)), chi = {chi:g} [-]",
                exact=phases.width,
                computed=float(width),
                tolerance=1e-2,
                reason=second,
            ),
        ]
        curves.append(Series(label=f"chi = {chi:g}", x=z.tolist(), y=fraction.tolist()))
    return Outcome(
        checks=checks,
        plots=[
            Plot(title="Interface at rest", x="z [um]", y="lithium fraction [-]", curves=curves)
        ],
    )


@problem(
    "spinodal-growth",
    title="A wave in an unstable solution grows at the rate of linear theory",
    group="Diffusion and chemistry",
    question="How fast does a small wave of composition grow or fade where the potential falls "
    "with the fraction?",
    exact=r"$\sigma = -D x (1-x) k^2 (f'' + \kappa k^2/(R T c_{max}))$ with $f'' = 1/(x(1-x)) - 2 "
    r"\chi$ (Cahn, Acta Metall. 9 (1961) 795); a step of backward Euler multiplies the wave by "
    r"$1/(1 - \sigma\, dt)$.",
    quick=True,
)
def spinodal(folder: Path) -> Outcome:
    """Waves of 1e-5 in a bar at x = 1/2, chi = 3: a long one, the fastest, and one that fades."""
    scale, chi, mean, dt, layers = 0.05, 3.0, 0.5, 2e-3, 160
    simulation = bar(folder, layers=layers, scale=scale, chi=chi)
    masses, site, checks = simulation.nodal_volumes("solid"), mean * (1 - mean), []
    x = simulation.state["c"].x.array[::2]
    for halves in (1, 6, 12):
        k = halves * np.pi / HEIGHT
        wave = np.cos(k * heights(simulation))
        set_profile(simulation, mean + 1e-5 * wave)
        # linear elements see a wave of another k^2, 4 sin^2(k h/2)/h^2 in fluxes; in the potential,
        # whose mass matrix is not lumped, it is larger by 1/(1 - (k h)^2/6)
        seen = (2 * layers * np.sin(k * HEIGHT / layers / 2)) ** 2
        curved = seen / (1 - seen * (HEIGHT / layers) ** 2 / 6)
        rates = [
            -site * q * (1 / site - 2 * chi + scale**2 * bent)
            for q, bent in ((k**2, k**2), (seen, curved))
        ]
        for _ in range(3):
            simulation.step(dt)
        growth = float(masses @ (wave * (x - mean)) / (masses @ wave**2) / 1e-5) ** (1 / 3)
        exact, discrete = (1 / (1 - rate * dt) for rate in rates)
        checks += [
            Check(
                quantity=f"growth in a step, {halves} half waves [-]",
                exact=exact,
                computed=growth,
                tolerance=1.5 * abs(discrete / exact - 1) + 1e-6,
                reason="half more than what linear elements differ from the wave they carry",
            ),
            at_most(
                f"change of the lithium content, {halves} half waves [-]",
                abs(float(masses @ x / masses.sum()) - mean),
                1e-12,
                reason="round-off: the storage term is lumped and the fluxes sum to zero",
            ),
        ]
    return Outcome(checks=checks)


@problem(
    "moving-front",
    title="A phase front moves as fast as lithium arrives",
    group="Diffusion and chemistry",
    question="Does the front between two phases move at the speed that the balance of lithium "
    "gives, under the real step control, without sticking to the mesh?",
    exact=r"$v = j/(c_{rich} - c_{poor})$ while the current is slow against diffusion; the lithium "
    r"content follows the current.",
)
def moving_front(folder: Path) -> Outcome:
    """A front crosses 48 cells of 80; 5.7 cells across the interface."""
    scale, layers, chi, start = 0.04, 80, 3.0, 0.25
    phases = known(chi)
    simulation = bar(folder, layers=layers, scale=scale, chi=chi)
    set_profile(simulation, front(heights(simulation), phases, at=HEIGHT - start, scale=scale))
    simulation.step(1e-2)
    places: list[tuple[float, float]] = []
    balance: list[float] = []

    def note(row: dict[str, float], end: bool) -> None:
        z, fraction = profile(simulation)
        places.append((row["t [s]"], float(np.interp(0.5, fraction, z))))
        balance.append(abs(row["lithium_balance_error [-]"]))

    limits = StepLimits(soc=0.02, fraction=0.1, initial=1e-4, smallest=1e-9, count=5000)
    loop = TimeLoop(
        simulation.updates,
        simulation.newton,
        metrics := simulation.metrics(),
        limits,
        note,
    )
    simulation.start()
    loop.clock.soc = metrics.row()["soc [-]"]
    loop.run([protocols.parse("lithiate at 10C until soc = 0.85")])
    t, z = np.array(places).T
    inside = (z < 0.7) & (z > 0.25)
    speed = float(-np.polyfit(t[inside], z[inside], 1)[0])
    rate = 10 / 3600  # of the bar's capacity per second
    checks = [
        Check(
            quantity="speed of the front [um/s]",
            exact=rate * HEIGHT / (phases.rich - phases.poor),
            computed=speed,
            tolerance=1e-2,
            reason="the flux tilts the profile behind the front: the speed falls by the "
            "lithium that the growing tilt takes, j L/(D_eff (x_rich - x_poor)) = 0.5 %",
        ),
        at_most(
            "lithium balance [-]",
            max(balance),
            1e-12,
            reason="round-off",
        ),
    ]
    curves = [Series(label="front", x=t.tolist(), y=z.tolist())]
    return Outcome(
        checks=checks,
        plots=[Plot(title="Place of the front", x="t [s]", y="z [um]", curves=curves)],
    )


@problem(
    "stress-voltage-slope",
    title="Biaxial stress shifts the voltage",
    group="Diffusion and chemistry",
    question="By how much does the voltage of a film on a rigid base change with its stress?",
    exact=r"$dU/d\sigma = (2/3)\Omega/F$ in the limit of small stress: 61.1354 mV/GPa for "
    r"$\Omega$ = 8.848 cm$^3$/mol. Measured on silicon: 100 to 120 mV/GPa (Sethuraman et al., "
    r"arXiv 1108.0372); "
    "the model says less, as the theory does.",
    quick=True,
)
def stress_voltage(folder: Path) -> Outcome:
    """Film held along, with 1 and 2 in 10^4 of its lithium; extrapolated to no stress."""
    omega, temperature = 8.848, 298.15  # um^3/pmol, K
    numbers = Numbers(read(film(width=1.0, height=0.5), folder, order=1))
    full = 1.0 + omega * ENERGY / (GAS_CONSTANT * temperature)
    law = solid(numbers, "solid", young=80e3, poisson=0.22, full=full)
    simulation = Simulation(numbers, [Region("solid", law, diffusing_species(numbers, 1.0))])
    metrics, slopes = simulation.metrics(), []
    for fraction in (1e-4, 2e-4):
        simulation.fill(fraction)
        simulation.step(1.0)
        stress = 1e-3 * float(simulation.stress("solid")[:, 0].mean())  # GPa
        slopes.append(metrics.row()["stress_overpotential [mV]"] / stress)
    exact = 1e3 * 2.0 / 3.0 * omega * 1e-6 / FARADAY * 1e9  # mV/GPa
    return Outcome(
        checks=[
            Check(
                quantity="slope in the limit of no stress [mV/GPa]",
                exact=exact,
                computed=2.0 * slopes[0] - slopes[1],
                tolerance=1e-6,
                reason="what is left is of second order in strains of 1e-4",
            ),
            Check(
                quantity="the number in the literature [mV/GPa]",
                exact=61.1354,
                computed=exact,
                tolerance=1e-6,
                reason="six digits",
            ),
        ]
    )
