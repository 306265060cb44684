"""Contact through a third medium: a particle that fills its cage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.verify.problems.contact.blocks import moduli, root
from anodefem.verify.runs import Result, run_case
from anodefem.workbench.simulation import Array

GAP_RATIO, CAGE = 1.3, 0.05  # inner radius of the cage over that of the particle; thickness [um]

FULL = 3.751  # swelling ratio of the silicon card

CAGE_YOUNG, CAGE_POISSON = 500.0, 0.165  # GPa, -

CASE = """
title = "Particle that fills its cage"

[geometry]
plugin = "graphene_cage"
kinematics = "{kinematics}"
order = 2
particle_radius = "1 um"
gap_ratio = {gap}
cage_thickness = "{thickness} um"
refinement = 0.5

[materials]
particle = {{ card = "silicon-amorphous", transport = "uniform" }}
cage = "graphene-multilayer"

[protocol]
steps = {steps}

[solver]
max_soc_step = {step}

[output]
fields_every = 1.0
"""


def case(
    kinematics: str,
    steps: list[str],
    *,
    step: float,
    gap: float = GAP_RATIO,
    thickness: float = CAGE,
) -> str:
    """Return a case file.

    Args:
        kinematics: Of the geometry.
        steps: Of the protocol.
        step: Largest change of the state of charge in a step.
        gap: Inner radius of the cage over that of the particle.
        thickness: Of the cage [um].
    """
    return CASE.format(kinematics=kinematics, steps=steps, step=step, gap=gap, thickness=thickness)


def shell_pressure(stretch: float, *, inner: float = GAP_RATIO, thickness: float = CAGE) -> float:
    """Pressure [GPa] inside the cage when its inner radius has grown by ``stretch``.

    The balance dP_R/dR = 2 (P_T - P_R)/R is integrated outwards from a guess of the radial stretch
    inside, until the outer surface is free.

    Args:
        stretch: Current over first inner radius, above 1.
        inner: First inner radius [um].
        thickness: First thickness [um].
    """
    G, K = moduli(CAGE_YOUNG, CAGE_POISSON)
    steps = 10

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
        h = thickness / steps
        for R in inner + h * np.arange(steps):  # midpoint rule
            dr, dstress = slopes(R, r, stress)
            dr, dstress = slopes(R + h / 2, r + dr * h / 2, stress + dstress * h / 2)
            r, stress = r + dr * h, stress + dstress * h
        return stress

    thin = 2.0 * CAGE_YOUNG / (1.0 - CAGE_POISSON) * float(np.log(stretch)) * thickness / inner
    return root(outer_stress, 0.8 * thin, thin)


def membrane_pressure(stretch: float) -> float:
    """Pressure [GPa] inside the cage of 3D, a membrane with energy E h/(1 - nu) (ln stretch)^2."""
    tension = 2.0 * CAGE_YOUNG * CAGE / (1.0 - CAGE_POISSON) * float(np.log(stretch))
    return tension / (stretch**3 * GAP_RATIO)


def reference_pressure(
    soc: float, cage: Callable[[float], float] = shell_pressure, *, gap: float = GAP_RATIO
) -> float:
    """Contact pressure [GPa] of the concentric core and cage at a state of charge.

    Args:
        soc: State of charge.
        cage: From the stretch of the inner radius of the cage to the pressure inside it [GPa].
        gap: Inner radius of the cage over that of the particle.
    """
    _, K = moduli(57.9 + (19.7 - 57.9) * soc, 0.22)
    swelling = 1.0 + (FULL - 1.0) * soc

    def excess(radius: float) -> float:
        """Pressure of the cage beyond that of the core at a common radius [GPa]."""
        Je = radius**3 / swelling
        return cage(radius / gap) + K * float(np.log(Je)) / Je

    free = swelling ** (1 / 3)
    return cage(root(excess, 0.99 * free, 0.98 * free) / gap)


def onset(soc: Array, pressure: Array) -> float:
    """Where the line through the first two pressures above 10 % of the largest meets zero.

    Args:
        soc: States of charge, ascending.
        pressure: Contact pressure at each of them.
    """
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
                ("contact_pressure_max", 1.0, 3e-3, "nodal forces on a mesh of refinement 0.5"),
                ("hydrostatic_min_particle", -1.0, 3e-3, "as above; single points of the mesh"),
                ("hydrostatic_max_particle", -1.0, 3e-3, "as above; single points of the mesh"),
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
    result = run_case(folder, case("axisymmetric", steps, step=0.01))
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
        Series(label="exact", x=list(line), y=[reference_pressure(x) for x in line], exact=True),
        Series(label="computed", x=list(soc[up]), y=list(pressure[up])),
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
    result = run_case(folder, case("3d", steps, step=0.05))
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


SHIPPED_GAP, SHIPPED_CAGE = 1.5, 0.01  # of the case graphene-cage [-, um]


@problem(
    "contact-at-closure",
    title="Contact pressure just after the gap has closed",
    group="Contact",
    question="Is the pressure right when the particle has hardly touched its cage, or does what is "
    "left of the filler of the void bring contact forward?",
    exact="The core in the shell as for `caged-particle`, with the gap of the shipped case: they "
    "touch at a state of charge of 0.8633, and 0.005 later each nanometre that is left between "
    "them would add a third to the pressure.",
    quick=True,
)
def contact_at_closure(folder: Path) -> Outcome:
    """Silicon of uniform fraction in a cage of 10 nm with a gap ratio of 1.5."""
    steps = [
        "lithiate at C/10 until soc = 0.855",
        "lithiate at C/10 until soc = 0.868",
        "lithiate at C/10 until soc = 0.9",
        "delithiate at C/10 until soc = 0.868",
    ]
    text = case("axisymmetric", steps, step=0.05, gap=SHIPPED_GAP, thickness=SHIPPED_CAGE)
    result = run_case(folder, text)

    def shell(stretch: float) -> float:
        return shell_pressure(stretch, inner=SHIPPED_GAP, thickness=SHIPPED_CAGE)

    checks = []
    for step, way, tolerance in ((2, "filling", 5e-2), (3, "full", 2e-3), (4, "emptying", 5e-2)):
        row = int(np.flatnonzero(result["step"] == step)[-1])
        exact = reference_pressure(float(result["soc"][row]), shell, gap=SHIPPED_GAP)
        checks += [
            Check(
                quantity=f"{name} at soc {result['soc'][row]:.3f}, {way} [GPa]",
                exact=exact,
                computed=float(result[name][row]),
                tolerance=tolerance,
                reason="the squeezed void keeps 1e-4 of its width at such a low pressure"
                if way != "full"
                else "the squeezed void keeps 1e-5 of its width; refinement 0.5",
            )
            for name in ("contact_pressure_mean", "contact_pressure_max")
        ]
    return Outcome(checks=checks)
