"""Diffusion into a sphere against Crank's series, and the stress that it makes.

x = r/R and tau = D t / R^2. The potential is that of an ideal solution, whose mobility makes the
flux Fick's: the equations are not linear, the solution is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import ufl
from dolfinx import fem

from anodefem import protocols
from anodefem.model.regions import Region
from anodefem.solve.stepping import StepLimits, TimeLoop
from anodefem.verify.bodies import Layer, ball, read
from anodefem.verify.problem import Check, Curve, Outcome, Plot, at_most, problem
from anodefem.verify.simulation import Array, Numbers, Simulation, diffusing_guest, solid

PLACES = (0.0, 0.5, 1.0)  # r/R
NAMES = ("centre", "half radius", "surface")
START = 0.4  # lithium fraction
YOUNG, POISSON = 90e3, 0.22  # MPa, -
CRANK = "J. Crank, The Mathematics of Diffusion (1975), section 6.3"


def sphere(folder: Path, rings: int, sectors: int, *, swelling: float | None = None) -> Simulation:
    """Half a ball of 1 um with a diffusivity of 1 um^2/s; rigid unless it swells."""
    numbers = Numbers(read(ball(Layer("core", 1.0, rings), sectors=sectors), folder))
    full = None if swelling is None else 1.0 + swelling
    law = solid(numbers, "core", young=YOUNG, poisson=POISSON, full=full)
    simulation = Simulation(numbers, [Region("core", law, diffusing_guest(numbers, 1.0))])
    simulation.fill(START)
    return simulation


def march(
    simulation: Simulation,
    protocol: Sequence[str],
    *,
    steps: int,
    second_order: bool = False,
    first: float = 1.0,
) -> None:
    """Carry out protocol steps in equal time steps by the loop that runs cases.

    Args:
        simulation: What to solve.
        protocol: Sentences.
        steps: Time steps of a rest or of a full charge.
        second_order: As of `TimeLoop`.
        first: First step over the others; steps in between grow by half at most.
    """
    share = 1.0 / steps
    limits = StepLimits(
        soc=share,
        fraction=1.0,
        initial=first * share,
        smallest=first * share / 2,
        full=1.0,
        empty=0.0,
        count=10000,
    )
    metrics = simulation.metrics()
    metrics.start()
    loop = TimeLoop(
        simulation.problem,
        simulation.updates,
        simulation.newton,
        metrics,
        limits,
        lambda row, end: None,
        second_order=second_order,
    )
    loop.clock.soc = metrics.row()["soc [-]"]
    loop.run([protocols.parse(text) for text in protocol])


def fractions(simulation: Simulation) -> Array:
    """Lithium fraction at `PLACES`."""
    return np.array([simulation.fraction_at(place) for place in PLACES])


# Constant flux: theta = (c - c0) D / (J R); a charging rate of k fills at J = k R/3.

RATE = 0.3  # [1/s]: 1080C
EIGENVALUES = (4.493409458, 7.725251837, 10.904121659, 14.066193913, 17.220755272)


def constant_flux(tau: float, x: Array) -> Array:
    """Theta at radii x; five terms are enough from tau = 0.05 on."""
    theta = 3.0 * tau + x**2 / 2.0 - 0.3
    for value in EIGENVALUES:
        shape = np.sinc(value * x / np.pi) * value  # sin(l x)/x
        theta = theta - 2.0 * shape / (value**2 * np.sin(value)) * np.exp(-(value**2) * tau)
    return np.asarray(theta)


#: The same to six digits, at `PLACES`.
FLUX_TABLE = {0.1: (0.059878, 0.146138, 0.486762), 0.5: (1.200019, 1.325007, 1.699996)}


@problem(
    "sphere-constant-flux",
    title="A constant flux fills a sphere",
    group="Diffusion and chemistry",
    question="How do the fractions at the centre, at half the radius and at the surface of a "
    "sphere rise when lithium enters at a constant rate?",
    exact=r"$\theta = (c-c_0)D/(JR) = 3\tau + x^2/2 - 3/10 - (2/x)\sum_n \sin(\lambda_n x) "
    r"e^{-\lambda_n^2\tau}/(\lambda_n^2 \sin\lambda_n)$, $\tan\lambda_n = \lambda_n$ ("
    + CRANK
    + r"); at $\tau$ = 0.1: 0.059878, 0.146138, 0.486762, at 0.5: 1.200019, 1.325007, 1.699996.",
)
def filling(folder: Path) -> Outcome:
    """40 rings; 20 and 40 steps to tau = 0.1 by both formulas, on to 0.5 by the second."""
    checks, found = [], {}
    exact = np.array(FLUX_TABLE[0.1])
    simulation = sphere(folder, 40, 16)
    fresh = simulation.state.snapshot()
    for second_order in (False, True):
        for steps in (20, 40):
            simulation.state.restore(fresh)
            text = f"lithiate at {RATE * 3600:g}C until soc = {START + 0.1 * RATE:g}"
            # a full charge takes 1/RATE, this part of it 0.1
            march(simulation, [text], steps=round(steps / (0.1 * RATE)), second_order=second_order)
            found[second_order, steps] = (fractions(simulation) - START) / (RATE / 3.0)
    stored = simulation.mean("core", simulation.state.c[0]) - START
    mesh = np.array([6e-4, 2e-4, 2e-4])
    coarse, fine = found[False, 20], found[False, 40]
    for i, name in enumerate(NAMES):
        checks += [
            Check(
                quantity=f"theta at tau = 0.1, {name}, BDF2 [-]",
                exact=exact[i],
                computed=found[True, 40][i],
                tolerance=float(mesh[i]) + 3e-4,
                absolute=True,
                reason="the mesh: 1e-4, at the centre, where one node has a tiny lumped mass, "
                "5e-4; the step: 3e-4",
            ),
            Check(
                quantity=f"theta at tau = 0.1, {name}, backward Euler extrapolated [-]",
                exact=exact[i],
                computed=2.0 * fine[i] - coarse[i],
                tolerance=float(mesh[i]),
                absolute=True,
                reason="the mesh, as above; the first-order error of the step is taken out",
            ),
            Check(
                quantity=f"order of backward Euler, {name} [-]",
                exact=1.0,
                computed=float(np.log2(abs(coarse[i] - exact[i]) / abs(fine[i] - exact[i]))),
                tolerance=0.2,
                reason="two step lengths",
            ),
        ]
    march(
        simulation,
        [f"lithiate at {RATE * 3600:g}C until soc = {START + 0.5 * RATE:g}"],
        steps=round(30 / (0.4 * RATE)),
        second_order=True,
    )
    late = (fractions(simulation) - START) / (RATE / 3.0)
    checks += [
        Check(
            quantity=f"theta at tau = 0.5, {name} [-]",
            exact=FLUX_TABLE[0.5][i],
            computed=late[i],
            tolerance=float(mesh[i]),
            absolute=True,
            reason="both formulas are exact for the steady rise; the mesh is left",
        )
        for i, name in enumerate(NAMES)
    ]
    checks.append(
        Check(
            quantity="lithium taken up by tau = 0.1 [-]",
            exact=0.1 * RATE,
            computed=float(stored),
            tolerance=1e-11,
            reason="round-off, whatever the step",
        )
    )
    x = np.linspace(0.0, 1.0, 41)
    nodes = np.array([simulation.fraction_at(float(at)) for at in x[::4]])
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Fractions at tau = 0.5",
                x="r/R [-]",
                y="(c - c0) D/(J R) [-]",
                curves=[
                    Curve(
                        label="exact", x=x.tolist(), y=constant_flux(0.5, x).tolist(), exact=True
                    ),
                    Curve(
                        label="computed",
                        x=x[::4].tolist(),
                        y=((nodes - START) / (RATE / 3.0)).tolist(),
                    ),
                ],
            )
        ],
    )


@problem(
    "steady-filling",
    title="The parabola of steady filling is met to second order in the mesh",
    group="Discretisation",
    question="How fast does the error of linear elements fall in the steady state of filling?",
    exact=r"$\theta = 3\tau + x^2/2 - 3/10$; linear elements have order 2 in the mean square.",
    quick=True,
)
def parabola(folder: Path) -> Outcome:
    """10, 20 and 40 rings; backward Euler is exact here."""
    rate, errors, rings = 1e-3 * RATE, [], (10, 20, 40)
    for count in rings:
        simulation = sphere(folder / str(count), count, 2 * count // 5)
        for _ in range(6):  # what is not parabolic falls by 1 + 20.2 in each step
            simulation.step(1.0, rate=rate)
        place = simulation.domain.kinematics.position
        theta = (simulation.state.c[0] - START - 6.0 * rate) / (rate / 3.0)
        error = theta - (ufl.dot(place, place) / 2.0 - 0.3)
        errors.append(float(np.sqrt(simulation.mean("core", error**2))))
    return Outcome(
        checks=[
            Check(
                quantity=f"order from {a} to {b} rings [-]",
                exact=2.0,
                computed=float(np.log2(first / second)),
                tolerance=0.075,
                reason="0.15 in the order",
            )
            for a, b, first, second in zip(rings, rings[1:], errors, errors[1:], strict=False)
        ]
        + [
            at_most("mean square error of theta, 40 rings [-]", errors[-1], 1e-4, reason="measured")
        ],
        plots=[
            Plot(
                title="Error of the parabola",
                x="rings of cells [-]",
                y="mean square error of theta [-]",
                curves=[
                    Curve(label="computed", x=list(map(float, rings)), y=errors),
                    Curve(
                        label="order 2",
                        x=list(map(float, rings)),
                        y=[errors[0] * (rings[0] / count) ** 2 for count in rings],
                        exact=True,
                    ),
                ],
                log=True,
            )
        ],
    )


# Constant surface concentration.

SURFACE = 0.5
#: (c - c0)/(c1 - c0) at the centre, at half the radius, and on average, to six digits.
SOAKED = {
    0.05: (0.034001, 0.227688, 0.606940),
    0.1: (0.292900, 0.525513, 0.770479),
    0.2: (0.722922, 0.823133, 0.915496),
}


def hold_surface(simulation: Simulation) -> None:
    """Fix the fraction and its potential on the surface; before the first step."""
    state, domain = simulation.state, simulation.domain
    space = state.c.function_space
    blocks = fem.locate_dofs_topological(space, domain.dim - 1, domain.facets("outer"))
    values = state.c.x.array.reshape(-1, 2)
    values[blocks] = [SURFACE, np.log(SURFACE / (1.0 - SURFACE))]
    state.c_n.x.array[:] = state.c.x.array
    simulation.problem.constraints[1].append(fem.dirichletbc(state.c, blocks))


@problem(
    "sphere-constant-surface",
    title="A sphere soaks from a surface of constant concentration",
    group="Diffusion and chemistry",
    question="How does lithium spread into a sphere whose surface is held at a fraction?",
    exact=r"$(c-c_0)/(c_1-c_0) = 1 + (2/(\pi x))\sum (-1)^n/n\, \sin(n\pi x) e^{-n^2\pi^2\tau}$, "
    r"mean $1 - (6/\pi^2)\sum e^{-n^2\pi^2\tau}/n^2$ (" + CRANK + r"); numbers for $\tau$ = 0.05, "
    r"0.1, "
    "0.2.",
)
def soaking(folder: Path) -> Outcome:
    """50 rings, second-order steps, anew at each of the three times."""
    simulation = sphere(folder, 50, 6)
    hold_surface(simulation)
    checks, last = [], 0.0
    for tau, exact in SOAKED.items():
        march(simulation, [f"rest {tau - last:g} s"], steps=50, second_order=True)
        last = tau
        mean = simulation.mean("core", simulation.state.c[0])
        found = (np.array([*fractions(simulation)[:2], mean]) - START) / (SURFACE - START)
        checks += [
            Check(
                quantity=f"tau = {tau:g}, {name} [-]",
                exact=exact[i],
                computed=float(found[i]),
                tolerance=1e-3,
                absolute=True,
                reason="mesh 5e-4; the jump at the start costs the rest, it is passed in 50 steps",
            )
            for i, name in enumerate(("centre", "half radius", "mean"))
        ]
    return Outcome(checks=checks)


# Stress of an elastic sphere at small strain.

SWELLING = 1e-4  # Jc - 1 of the full host: strains of 1e-5, potentials without stress


def stress_at(simulation: Simulation, radius: float) -> tuple[float, float]:
    """Radial and hoop stress [MPa] at a radius, from a parabola through the nearest points."""
    position = simulation.at_points("core", simulation.domain.kinematics.position)
    r = np.linalg.norm(position, axis=1)
    rr, zz, tt, rz = simulation.stress("core").T
    n = position / r[:, None]
    radial = rr * n[:, 0] ** 2 + zz * n[:, 1] ** 2 + 2.0 * rz * n[:, 0] * n[:, 1]
    near = np.abs(r - radius) < 0.1
    # even powers at the centre, where the stress is smooth
    powers = (r[near] - radius) if radius else r[near] ** 2
    return tuple(float(np.polynomial.Polynomial.fit(powers, s[near], 2)(0.0)) for s in (radial, tt))  # type: ignore[return-value]


@problem(
    "diffusion-induced-stress",
    title="Diffusion presses and tears an elastic sphere",
    group="Diffusion and chemistry",
    question="How large is the stress at the centre and at the surface of an elastic sphere that "
    "soaks, and of one that fills steadily?",
    exact=r"$\sigma_r = \frac23 S (\bar c(1) - \bar c(x))$, $\sigma_t = \frac13 S (2\bar c(1) + "
    r"\bar c(x) - 3c)$ with $S = \Omega E \Delta c/(3(1-\nu))$: $\sigma_r(0)$ is largest at "
    r"$\tau$ = 0.057420, 0.385574 S; at $\tau$ = 0.1 $\sigma_r(0)$ = 0.318386 S and $\sigma_t(1)$ "
    r"= -0.229521 S. Steady filling: $\sigma_r = (1-x^2)S'/5$, $\sigma_t = (1-2x^2)S'/5$, $S' = "
    r"\Omega E J R/(3(1-\nu)D)$ (Cheng and Verbrugge, J. Power Sources 190 (2009) 453).",
)
def stress(folder: Path) -> Outcome:
    """40 rings; swelling of 1e-4, so that strains are small and stress does not drive diffusion."""
    unit = YOUNG * SWELLING / (3.0 * (1.0 - POISSON))  # per lithium fraction
    mesh = "linear elements for the fraction, 40 rings, and a parabola through the nearest points"
    simulation = sphere(folder / "soaks", 40, 8, swelling=SWELLING)
    hold_surface(simulation)
    soaked = {}
    for tau, duration in ((0.057420, 0.057420), (0.1, 0.1 - 0.057420)):
        march(simulation, [f"rest {duration:.8g} s"], steps=60, second_order=True)
        soaked[tau] = (stress_at(simulation, 0.0), stress_at(simulation, 1.0))
    jump = unit * (SURFACE - START)
    filled = sphere(folder / "fills", 40, 8, swelling=SWELLING)
    for _ in range(6):
        filled.step(1.0, rate=1e-3)
    steady = unit * 1e-3 / 3.0  # S' = unit * J R/D in fractions
    places = np.linspace(0.0, 1.0, 11)
    profile = [stress_at(filled, float(x)) for x in places]

    def check(quantity: str, exact: float, computed: float) -> Check:
        return Check(
            quantity=quantity,
            exact=exact,
            computed=computed,
            tolerance=1e-3,
            absolute=True,
            reason=mesh,
        )

    checks = [
        check(
            "largest radial stress at the centre over S [-]",
            0.385574,
            soaked[0.057420][0][0] / jump,
        ),
        check(
            "radial stress at the centre, tau = 0.1, over S [-]", 0.318386, soaked[0.1][0][0] / jump
        ),
        check(
            "hoop stress at the surface, tau = 0.1, over S [-]", -0.229521, soaked[0.1][1][1] / jump
        ),
        check("radial stress at the centre, steady, over S' [-]", 0.2, profile[0][0] / steady),
        check("radial stress at half radius, steady, over S' [-]", 0.15, profile[5][0] / steady),
        check("hoop stress at the surface, steady, over S' [-]", -0.2, profile[-1][1] / steady),
    ]
    radial, hoop = np.array(profile).T / steady
    x = places.tolist()
    return Outcome(
        checks=checks,
        plots=[
            Plot(
                title="Stress of steady filling",
                x="r/R [-]",
                y="stress over S' [-]",
                curves=[
                    Curve(label="radial", x=x, y=((1 - places**2) / 5).tolist(), exact=True),
                    Curve(label="hoop", x=x, y=((1 - 2 * places**2) / 5).tolist(), exact=True),
                    Curve(label="radial, computed", x=x, y=radial.tolist()),
                    Curve(label="hoop, computed", x=x, y=hoop.tolist()),
                ],
            )
        ],
    )
