"""Contact through a third medium: a patch test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anodefem.laws.medium import BARRIER, CLOSING, ONSET, PENALTY, SHUT
from anodefem.model.regions import Region
from anodefem.verify.problem import Check, Outcome, Plot, Series, at_most, problem
from anodefem.workbench.bodies import blocks, read
from anodefem.workbench.numbers import Numbers, solid, uniform_species
from anodefem.workbench.simulation import Array, Simulation


def moduli(young: float, poisson: float) -> tuple[float, float]:
    """G and K.

    Args:
        young: Young's modulus, in any unit of stress.
        poisson: Poisson's ratio.
    """
    return young / (2.0 * (1.0 + poisson)), young / (3.0 * (1.0 - 2.0 * poisson))


def root(function: Callable[[float], float], first: float, second: float) -> float:
    """Root of a smooth function by the secant method.

    Args:
        function: A smooth function of one number.
        first: First guess of the root.
        second: Second guess, different from the first.
    """
    values = function(first), function(second)
    for _ in range(50):
        if abs(second - first) < 1e-12 or values[0] == values[1]:
            return second
        step = values[1] * (second - first) / (values[1] - values[0])
        first, second = second, second - step
        values = values[1], function(second)
    raise ArithmeticError("no root found")


HEIGHT, GAP, MEDIUM = 1.0, 0.1, 1e-2  # um, um, MPa

LOOSE_GAP = 0.005  # um; narrow, since what overlaps in it has a thickness less than nothing

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
    soft = (1.0 + CLOSING) / (stretch + CLOSING) * (1.0 - logarithm)
    return MEDIUM * (soft + BARRIER * (stretch**-2 - 1.0) - stretch)


def flat(force: float) -> float:
    """Stretch of the height of a void that carries a force per area [MPa]."""
    log = root(lambda value: float(np.log(resistance(value) / force)), -5.0, -10.0)
    return float(np.exp(log))


def overlapping(force: float) -> float:
    """Stretch of the height of a void between loose bodies that carries a force per area [MPa].

    For one that is shut between blocks alike, with which it spreads.
    """
    spread = -force / squeezed(force, *ALIKE["lower"])[1]  # of its area

    def carried(stretch: float) -> float:
        over, rest = SHUT - stretch * spread, SHUT - 1.0
        onset = [(each + np.hypot(each, ONSET)) / 2 for each in (over, rest)]
        logarithm = np.log(SHUT) - over / SHUT
        pressure = 1.0 - logarithm + PENALTY * (onset[0] - onset[1])
        return float(MEDIUM * (pressure * spread - stretch))

    return root(lambda stretch: carried(stretch) - force, SHUT / 2, 0.0)


def shortening(force: float, pair: dict[str, tuple[float, float]], *, loose: bool = False) -> float:
    """Displacement of the top [um] under a force per reference area [MPa].

    Args:
        force: Compressive force per reference area [MPa].
        pair: Young's modulus [MPa] and Poisson's ratio of both blocks by name.
        loose: The void is one between loose bodies.
    """
    parts = sum(1.0 - squeezed(force, *block)[0] for block in pair.values())
    void = LOOSE_GAP * (1.0 - overlapping(force)) if loose else GAP * (1.0 - flat(force))
    return HEIGHT * parts + void


class Press:
    """Two blocks that are pressed together step by step."""

    def __init__(self, folder: Path, *, loose: bool = False) -> None:
        """Mesh and compile; ``loose`` makes the void one between loose bodies."""
        self._gap = LOOSE_GAP if loose else GAP
        body = blocks(radius=1.0, height=HEIGHT, gap=self._gap, cells=3, loose=loose)
        numbers = Numbers(read(body, folder))
        regions = [
            Region(name, solid(numbers, name, young=young, poisson=poisson), species)
            for (name, (young, poisson)), species in zip(
                ALIKE.items(), (uniform_species(), None), strict=True
            )
        ]
        self.simulation = Simulation(numbers, regions, medium_stiffness=MEDIUM)
        responses = self.simulation.symbols.responses
        self._gauges = [self.simulation.gauge(name, responses[name].cauchy[1, 1]) for name in ALIKE]

    def close(self, pair: dict[str, tuple[float, float]], ways: Array) -> Array:
        """Mean stress along the axis [MPa] of both blocks for every displacement of the top.

        Args:
            pair: Young's modulus [MPa] and Poisson's ratio of both blocks by name.
            ways: Displacements of the top [um], ascending from 0.
        """
        simulation = self.simulation
        for name, (young, poisson) in pair.items():
            simulation.numbers[f"{name} young"].value = young
            simulation.numbers[f"{name} poisson"].value = poisson
        u = simulation.state["u"]
        top = (
            np.abs(u.function_space.tabulate_dof_coordinates()[:, 1] - 2 * HEIGHT - self._gap)
            < 1e-9
        )
        rows = u.x.array.reshape(-1, 2)
        rows[:] = 0.0
        change, means = np.zeros_like(rows), []
        for way in ways:
            before = rows.copy()
            # once the void is flat, what is pressed further moves as a whole
            rows += change if way > 1.1 * self._gap else 0.0
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
        Series(
            label="exact",
            x=[shortening(f, UNLIKE) for f in line],
            y=[-squeezed(f, *UNLIKE["lower"])[1] for f in line],
            exact=True,
        ),
        Series(label="computed", x=list(ways[::4]), y=list(-stress[::4, 0])),
    ]
    plot = Plot(
        title="Softer one of unlike blocks",
        x="way of the top [um]",
        y="stress [MPa]",
        curves=curves,
    )
    return Outcome(checks=checks, plots=[plot])


@problem(
    "contact-patch-loose",
    title="A void between loose bodies transmits a uniform pressure when it is squeezed inside out",
    group="Contact",
    question="Between loose bodies the medium has no barrier: its cells may be turned inside out. "
    "Do two blocks that are pressed together across it carry the same uniform pressure, with the "
    "overlap that the law says, and let go of each other again?",
    exact="Each block is in uniaxial stress under the same force (neo-Hookean blocks at finite "
    "strain); their shortening and what the void is squeezed by, more than its height at the end, "
    "add up to the way of the top.",
    quick=True,
)
def contact_patch_loose(folder: Path) -> Outcome:
    """Pressed together by a twentieth of their height, and back."""
    press = Press(folder, loose=True)
    closing = np.linspace(0.0, 2 * LOOSE_GAP, 41)
    ways = np.concatenate([closing[1:], np.linspace(closing[-1], 0.105, 41)[1:]])
    stress = press.close(ALIKE, np.concatenate([ways, ways[-2::-1]]))
    there, back = stress[: len(ways)], stress[len(ways) - 1 :][::-1]

    def carried(way: float) -> float:
        return root(lambda value: shortening(value, ALIKE, loose=True) - way, 2e3, 2.1e3)

    force = carried(ways[-1])
    exact = squeezed(force, *ALIKE["lower"])[1]
    shut = [float(way) for way in ways[::4] if way >= 1.1 * LOOSE_GAP]
    checks = [
        Check(
            quantity="mean stress along the axis [MPa]",
            exact=exact,
            computed=float(there[-1].mean()),
            tolerance=1e-3,
            reason="uniform in every part, but for the rim of the void, which can bulge",
        ),
        Check(
            quantity="mean stress along the axis, at three quarters of the way [MPa]",
            exact=squeezed(carried(ways[59]), *ALIKE["lower"])[1],
            computed=float(there[59].mean()),
            tolerance=1e-3,
            reason="as above",
        ),
        at_most(
            "largest difference of the stresses there and back over the largest [-]",
            float(np.abs(there - back).max() / abs(exact)),
            1e-6,
            reason="a medium at rest has no memory",
        ),
    ]
    curves = [
        Series(
            label="exact",
            x=shut,
            y=[-squeezed(carried(way), *ALIKE["lower"])[1] for way in shut],
            exact=True,
        ),
        Series(label="computed", x=list(ways[::4]), y=list(-there[::4, 0])),
    ]
    plot = Plot(title="Blocks alike", x="way of the top [um]", y="stress [MPa]", curves=curves)
    return Outcome(checks=checks, plots=[plot])
