"""Contact through a third medium: a patch test, and a particle that fills its cage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anodefem.model.regions import Region
from anodefem.verify.bodies import blocks, read
from anodefem.verify.problem import Check, Curve, Outcome, Plot, at_most, problem
from anodefem.verify.runs import Result, run_case
from anodefem.verify.simulation import Array, Numbers, Simulation, solid, uniform_guest


def moduli(young: float, poisson: float) -> tuple[float, float]:
    """G and K."""
    return young / (2.0 * (1.0 + poisson)), young / (3.0 * (1.0 - 2.0 * poisson))


def root(function: Callable[[float], float], first: float, second: float) -> float:
    """Root of a smooth function by the secant method."""
    values = function(first), function(second)
    for _ in range(50):
        if abs(second - first) < 1e-12 or values[0] == values[1]:
            return second
        step = values[1] * (second - first) / (values[1] - values[0])
        first, second = second, second - step
        values = values[1], function(second)
    raise ArithmeticError("no root found")


# --- patch test -----------------------------------------------------------------------------------

HEIGHT, GAP, MEDIUM = 1.0, 0.1, 1e-2  # um, um, MPa
ALIKE = {"lower": (60e3, 0.25), "upper": (60e3, 0.25)}  # MPa, -
UNLIKE = {"lower": (30e3, 0.3), "upper": (100e3, 0.2)}


def squeezed(force: float, young: float, poisson: float) -> tuple[float, float]:
    """Stretch along the axis and Cauchy stress [MPa] of a free block.

    Args:
        force: Compressive force per reference area [MPa].
        young: Young's modulus [MPa].
        poisson: Poisson's ratio.
    """
    G, K = moduli(young, poisson)

    def state(axial: float) -> tuple[float, float]:
        """Stress and force per reference area along the axis, without radial stress."""

        def radial_stress(radial: float) -> float:
            J = axial * radial**2
            return G * J ** (-2 / 3) * (radial**2 - axial**2) / 3 + K * float(np.log(J))

        radial = root(radial_stress, 1.0, axial**-poisson)
        J = axial * radial**2
        tau = 2 * G * J ** (-2 / 3) * (axial**2 - radial**2) / 3 + K * float(np.log(J))
        return tau / J, tau / axial

    guess = 1.0 - force / young
    axial = root(lambda value: state(value)[1] + force, guess, guess + 1e-3)
    return axial, state(axial)[0]


def resistance(logarithm: float) -> float:
    """Force per area [MPa] of a void whose height has a stretch of this logarithm."""
    stretch = float(np.exp(logarithm))
    return MEDIUM * ((1.0 - logarithm) / stretch - stretch)


def shortening(force: float, pair: dict[str, tuple[float, float]]) -> float:
    """Displacement of the top [um] under a force per reference area [MPa]."""
    parts = sum(1.0 - squeezed(force, *block)[0] for block in pair.values())
    flat = root(lambda log: float(np.log(resistance(log) / force)), -5.0, -10.0)
    return HEIGHT * parts + GAP * (1.0 - float(np.exp(flat)))


class Press:
    """Two blocks that are pressed together step by step."""

    def __init__(self, folder: Path) -> None:
        """Mesh and compile."""
        numbers = Numbers(read(blocks(radius=1.0, height=HEIGHT, gap=GAP, cells=3), folder))
        regions = [
            Region(name, solid(numbers, name, young=young, poisson=poisson), guest)
            for (name, (young, poisson)), guest in zip(
                ALIKE.items(), (uniform_guest(), None), strict=True
            )
        ]
        self.simulation = Simulation(numbers, regions, medium_stiffness=MEDIUM)
        responses = self.simulation.problem.responses
        self._gauges = [self.simulation.gauge(name, responses[name].cauchy[1, 1]) for name in ALIKE]

    def close(self, pair: dict[str, tuple[float, float]], ways: Array) -> Array:
        """Mean stress along the axis [MPa] of both blocks for every displacement of the top."""
        simulation = self.simulation
        for name, (young, poisson) in pair.items():
            simulation.numbers[f"{name} young"].value = young
            simulation.numbers[f"{name} poisson"].value = poisson
        u = simulation.state.u
        top = np.abs(u.function_space.tabulate_dof_coordinates()[:, 1] - 2 * HEIGHT - GAP) < 1e-9
        rows = u.x.array.reshape(-1, 2)
        rows[:] = 0.0
        change, means = np.zeros_like(rows), []
        for way in ways:
            before = rows.copy()
            # once the void is flat, what is pressed further moves as a whole
            rows += change if way > 1.1 * GAP else 0.0
            rows[top, 1] = -way
            simulation.step()
            change = rows - before
            means.append([gauge() for gauge in self._gauges])
        return np.array(means)


@problem(
    "contact-patch",
    title="A flat void between two blocks transmits a uniform pressure",
    group="Contact",
    question="When two blocks are pressed together across a void, do they carry the same uniform "
    "pressure, and what changes when their faces slide on each other?",
    exact="Each block is in uniaxial stress under the same force; their shortening and the gap, "
    "squeezed flat, add up to the way of the top (neo-Hookean blocks at finite strain). Unlike "
    "blocks spread unlike and slide without friction; a void goes on to join the points that faced "
    "each other at first, so that its pressure bends the faces.",
    quick=True,
)
def contact_patch(folder: Path) -> Outcome:
    """Pressed together by a twentieth of their height."""
    press = Press(folder)
    ways = np.linspace(0.0, 2 * GAP, 81)[1:]
    stress = press.close(ALIKE, ways)
    force = root(lambda value: shortening(value, ALIKE) - ways[-1], 2e3, 2.1e3)
    exact = squeezed(force, *ALIKE["lower"])[1]
    local = np.concatenate([press.simulation.stress(name) for name in ALIKE])
    open_ = int(np.searchsorted(ways, 0.9 * GAP - 1e-9))
    left = float(np.log(1.0 - ways[open_] / GAP))
    checks = [
        Check(
            quantity="mean stress along the axis, blocks alike [MPa]",
            exact=exact,
            computed=float(stress[-1].mean()),
            tolerance=1e-5,
            reason="uniform in every part, but for the rim of the void, which can bulge",
        ),
        at_most(
            "scatter of that stress over its mean, blocks alike [-]",
            float(np.ptp(local[:, 1]) / abs(exact)),
            1e-3,
            reason="uniform in every part, but for the rim of the void, which can bulge",
        ),
        at_most(
            "largest other stress over that stress, blocks alike [-]",
            float(np.abs(local[:, [0, 2, 3]]).max() / abs(exact)),
            1e-3,
            reason="no friction; the rim as above",
        ),
        Check(
            quantity="stress at nine tenths of the gap, blocks alike [MPa]",
            exact=-resistance(left),
            computed=float(stress[open_].mean()),
            tolerance=3e-2,
            reason="that of a void of fixed width; its rim is free",
        ),
    ]
    stress = press.close(UNLIKE, ways)
    force = root(lambda value: shortening(value, UNLIKE) - ways[-1], 2e3, 2.1e3)
    for place, (name, block) in enumerate(UNLIKE.items()):
        checks.append(
            Check(
                quantity=f"mean stress along the axis, {name} one of unlike blocks [MPa]",
                exact=squeezed(force, *block)[1],
                computed=float(stress[-1, place]),
                tolerance=2e-3,
                reason="the faces slide by 1 % of their radius, which the void resists",
            )
        )
    line = np.linspace(10.0, force, 50)
    curves = [
        Curve(
            label="exact",
            x=[shortening(f, UNLIKE) for f in line],
            y=[-squeezed(f, *UNLIKE["lower"])[1] for f in line],
            exact=True,
        ),
        Curve(label="computed", x=list(ways[::4]), y=list(-stress[::4, 0])),
    ]
    plot = Plot(
        title="Softer one of unlike blocks",
        x="way of the top [um]",
        y="stress [MPa]",
        curves=curves,
    )
    return Outcome(checks=checks, plots=[plot])


# --- a particle that fills its cage ---------------------------------------------------------------

GAP_RATIO, CAGE = 1.3, 0.05  # inner radius of the cage over that of the particle; thickness [um]
FULL = 3.751  # swelling ratio of the silicon card
CAGE_YOUNG, CAGE_POISSON = 500.0, 0.165  # GPa, -
CASE = f"""
title = "Particle that fills its cage"

[geometry]
plugin = "graphene_cage"
kinematics = "{{kinematics}}"
order = 2
particle_radius = "1 um"
gap_ratio = {GAP_RATIO}
cage_thickness = "{CAGE} um"
refinement = 0.5

[materials]
particle = {{{{ card = "silicon-amorphous", transport = "uniform" }}}}
cage = "graphene-multilayer"

[protocol]
steps = {{steps}}

[solver]
max_soc_step = {{step}}

[output]
fields_every = 1.0
"""


def shell_pressure(stretch: float) -> float:
    """Pressure [GPa] inside the cage when its inner radius has grown by ``stretch``.

    The balance dP_R/dR = 2 (P_T - P_R)/R is integrated outwards from a guess of the radial stretch
    inside, until the outer surface is free.
    """
    G, K = moduli(CAGE_YOUNG, CAGE_POISSON)
    inner, steps = GAP_RATIO, 10

    def piola(radial: float, hoop: float) -> tuple[float, float]:
        J = radial * hoop**2
        spread = G * J ** (-2 / 3) * (radial**2 - hoop**2) / 3.0
        mean = K * float(np.log(J))
        return (2 * spread + mean) / radial, (-spread + mean) / hoop

    def slopes(R: float, r: float, stress: float) -> tuple[float, float]:
        hoop = r / R
        radial = root(lambda value: piola(value, hoop)[0] - stress, 0.95, 1.0)
        return radial, 2.0 * (piola(radial, hoop)[1] - stress) / R

    def outer_stress(pressure: float) -> float:
        r, stress = stretch * inner, -pressure * stretch**2  # per reference area
        h = CAGE / steps
        for R in inner + h * np.arange(steps):  # midpoint rule
            dr, dstress = slopes(R, r, stress)
            dr, dstress = slopes(R + h / 2, r + dr * h / 2, stress + dstress * h / 2)
            r, stress = r + dr * h, stress + dstress * h
        return stress

    thin = 2.0 * CAGE_YOUNG / (1.0 - CAGE_POISSON) * float(np.log(stretch)) * CAGE / inner
    return root(outer_stress, 0.8 * thin, thin)


def membrane_pressure(stretch: float) -> float:
    """Pressure [GPa] inside the cage of 3D, a membrane with energy E h/(1 - nu) (ln stretch)^2."""
    tension = 2.0 * CAGE_YOUNG * CAGE / (1.0 - CAGE_POISSON) * float(np.log(stretch))
    return tension / (stretch**3 * GAP_RATIO)


def reference_pressure(soc: float, cage: Callable[[float], float] = shell_pressure) -> float:
    """Contact pressure [GPa] of the concentric core and cage at a state of charge."""
    _, K = moduli(57.9 + (19.7 - 57.9) * soc, 0.22)
    swelling = 1.0 + (FULL - 1.0) * soc

    def excess(radius: float) -> float:
        """Pressure of the cage beyond that of the core at a common radius [GPa]."""
        Je = radius**3 / swelling
        return cage(radius / GAP_RATIO) + K * float(np.log(Je)) / Je

    free = swelling ** (1 / 3)
    return cage(root(excess, 0.99 * free, 0.98 * free) / GAP_RATIO)


def onset(soc: Array, pressure: Array) -> float:
    """Where the line through the first two pressures above 10 % of the largest meets zero."""
    first = int(np.argmax(pressure > 0.1 * pressure.max()))
    (s0, s1), (p0, p1) = soc[first : first + 2], pressure[first : first + 2]
    return float(s0 - p0 * (s1 - s0) / (p1 - p0))


def after_contact(result: Result) -> list[Check]:
    """Pressures on both branches against the core in the shell."""
    checks = []
    for branch, rows in (
        ("filling", np.flatnonzero(result["step"] < 3)),
        ("emptying", np.flatnonzero(result["step"] == 3)),
    ):
        for soc in (0.48, 0.6):
            row = rows[np.argmin(np.abs(result["soc"][rows] - soc))]
            exact = reference_pressure(float(result["soc"][row]))
            readings = (
                ("contact_pressure_mean", 1.0, 2e-3, "the squeezed void keeps 1e-5 of its width"),
                ("hydrostatic_min_particle", -1.0, 3e-3, "as above; single points of the mesh"),
                ("hydrostatic_max_particle", -1.0, 3e-3, "as above; single points of the mesh"),
                (
                    "contact_pressure_max",
                    1.0,
                    2e-2,
                    "read in the void, whose one layer cannot follow a stretch that changes with "
                    "the square of the radius",
                ),
            )
            checks += [
                Check(
                    quantity=f"{name} at soc {soc:g}, {branch} [GPa]",
                    exact=exact,
                    computed=sign * float(result[name][row]),
                    tolerance=tolerance,
                    reason=reason,
                )
                for name, sign, tolerance, reason in readings
            ]
    return checks


def after_parting(result: Result) -> list[Check]:
    """The way back to the state of charge 0.1, which was met before contact."""
    before, pressure = int(np.flatnonzero(result["step"] == 1)[-1]), result["contact_pressure_mean"]
    up = np.flatnonzero(result["step"] < 3)
    touching = up[pressure[up] > 0.01 * pressure.max()]
    checks = [
        Check(
            quantity=f"{name} after parting, over that at the same soc before contact [-]",
            exact=1.0,
            computed=float(result[name][-1] / result[name][before]),
            tolerance=1e-6,
            reason="elastic: nothing remembers the contact",
        )
        for name in ("hull_volume_ratio", "contact_pressure_mean")
    ]
    return [
        *checks,
        at_most(
            "largest fall of the pressure while filling, over its largest [-]",
            float(-np.diff(pressure[touching]).min() / pressure.max()),
            1e-12,
            reason="more lithium presses harder",
        ),
        at_most(
            "largest pull of the void over the largest pressure [-]",
            float(-pressure.min() / pressure.max()),
            1e-6,
            reason="it holds on to a parting surface with its own stiffness only",
        ),
        at_most(
            "pressure after parting over the largest [-]",
            float(pressure[-1] / pressure.max()),
            1e-5,
            reason="the stiffness of the void",
        ),
    ]


@problem(
    "caged-particle",
    title="A particle fills its cage, presses on it and parts again",
    group="Contact",
    question="When does a swelling particle touch its cage, what is the pressure then, and is "
    "anything left of it when they part?",
    exact="They touch when the particle has grown by the gap, $J_c = 1.3^3$. Then a core under "
    "uniform pressure and a spherical shell, both at finite strain, share the radius at which they "
    "press alike (shooting through the shell). Nothing is left.",
)
def caged_particle(folder: Path) -> Outcome:
    """Silicon of uniform fraction in a cage with a gap ratio of 1.3, filled and emptied."""
    steps = [
        "lithiate at C/10 until soc = 0.1",
        "lithiate at C/10 until soc = 0.6",
        "delithiate at C/10 until soc = 0.1",
    ]
    result = run_case(folder, CASE.format(kinematics="axisymmetric", steps=steps, step=0.01))
    up = np.flatnonzero(result["step"] < 3)
    soc, pressure = result["soc"], result["contact_pressure_mean"]
    touch = Check(
        quantity="state of charge at first contact [-]",
        exact=(GAP_RATIO**3 - 1.0) / (FULL - 1.0),
        computed=onset(soc[up], pressure[up]),
        tolerance=5e-3,
        reason="extrapolated from the first steps after contact, which are 0.01 long",
        absolute=True,
    )
    line = np.linspace(0.45, 0.6, 11)
    curves = [
        Curve(label="exact", x=list(line), y=[reference_pressure(x) for x in line], exact=True),
        Curve(label="computed", x=list(soc[up]), y=list(pressure[up])),
    ]
    plot = Plot(title="Contact", x="state of charge [-]", y="pressure [GPa]", curves=curves)
    return Outcome(checks=[touch, *after_contact(result), *after_parting(result)], plots=[plot])


@problem(
    "caged-particle-3d",
    title="A membrane cage in 3D holds its particle",
    group="Contact",
    question="Is the pressure right in 3D, where the cage is a membrane?",
    exact=r"A core under uniform pressure in a spherical membrane of energy $E h/(1-\nu)\, "
    r"(\ln\lambda)^2$ per reference area: $p = 2 E h \ln\lambda / ((1-\nu) \lambda^3 R)$.",
)
def caged_particle_3d(folder: Path) -> Outcome:
    """The same gap, filled to 0.5."""
    steps = ["lithiate at C/10 until soc = 0.5"]
    result = run_case(folder, CASE.format(kinematics="3d", steps=steps, step=0.05))
    return Outcome(
        checks=[
            Check(
                quantity="contact pressure at soc 0.5 [GPa]",
                exact=reference_pressure(0.5, membrane_pressure),
                computed=float(result["contact_pressure_mean"][-1]),
                tolerance=2e-3,
                reason="curved cells at refinement 0.5; the squeezed void keeps 1e-5 of its width",
            )
        ]
    )
