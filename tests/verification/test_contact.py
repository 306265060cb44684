"""A particle that fills its cage: when they touch, and the pressure after that.

The reference is exact: a core under uniform pressure in a spherical shell of the cage's material,
both at finite strain, joined at the radius where core and shell press alike.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from anodefem.verify.runs import Array, Result, run_case

pytestmark = [pytest.mark.serial, pytest.mark.verification]

GAP_RATIO, CAGE = 1.3, 0.05  # inner radius of the cage over that of the particle; thickness [um]
FULL = 3.751  # swelling ratio of the silicon card
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


@pytest.fixture(scope="module")
def caged(tmp_path_factory: pytest.TempPathFactory) -> Result:
    steps = [
        "lithiate at C/10 until soc = 0.1",
        "lithiate at C/10 until soc = 0.6",
        "delithiate at C/10 until soc = 0.1",
    ]
    text = CASE.format(kinematics="axisymmetric", steps=steps, step=0.01)
    return run_case(tmp_path_factory.mktemp("cage"), text)


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


def shell_pressure(stretch: float) -> float:
    """Pressure [GPa] inside the cage when its inner radius has grown by ``stretch``.

    The balance dP_R/dR = 2 (P_T - P_R)/R is integrated outwards from a guess of the radial stretch
    inside, until the outer surface is free.
    """
    G, K = moduli(500.0, 0.165)
    inner, steps = GAP_RATIO, 10

    def piola(radial: float, hoop: float) -> tuple[float, float]:
        J = radial * hoop**2
        spread = G * J ** (-2 / 3) * (radial**2 - hoop**2) / 3.0
        return (2 * spread + K * np.log(J)) / radial, (-spread + K * np.log(J)) / hoop

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

    thin = 2.0 * 500.0 / (1.0 - 0.165) * np.log(stretch) * CAGE / inner
    return root(outer_stress, 0.8 * thin, thin)


def membrane_pressure(stretch: float) -> float:
    """Pressure [GPa] inside the cage of 3D, a membrane with energy E h/(1 - nu) (ln stretch)^2."""
    return 2.0 * 500.0 * CAGE / (1.0 - 0.165) * np.log(stretch) / (stretch**3 * GAP_RATIO)


def reference_pressure(soc: float, cage: Callable[[float], float] = shell_pressure) -> float:
    """Contact pressure [GPa] of the concentric core and cage at a state of charge."""
    _, K = moduli(57.9 + (19.7 - 57.9) * soc, 0.22)
    swelling = 1.0 + (FULL - 1.0) * soc

    def excess(radius: float) -> float:
        """Pressure of the cage beyond that of the core at a common radius [GPa]."""
        Je = radius**3 / swelling
        return cage(radius / GAP_RATIO) + K * np.log(Je) / Je

    free = swelling ** (1 / 3)
    return cage(root(excess, 0.99 * free, 0.98 * free) / GAP_RATIO)


def lithiation(result: Result) -> Array:
    return np.flatnonzero(result["step"] < 3)


def contact_soc(soc: Array, pressure: Array) -> float:
    """Where the line through the first two pressures above 10 % of the largest meets zero."""
    first = int(np.argmax(pressure > 0.1 * pressure.max()))
    (s0, s1), (p0, p1) = soc[first : first + 2], pressure[first : first + 2]
    return float(s0 - p0 * (s1 - s0) / (p1 - p0))


def test_particle_and_cage_touch_where_geometry_says(caged: Result) -> None:
    rows = lithiation(caged)
    found = contact_soc(caged["soc"][rows], caged["contact_pressure_mean"][rows])
    assert found == pytest.approx((GAP_RATIO**3 - 1.0) / (FULL - 1.0), abs=0.01)


def test_pressure_then_rises_and_falls_back_to_nothing(caged: Result) -> None:
    pressure = caged["contact_pressure_mean"]
    up = lithiation(caged)
    touching = up[pressure[up] > 0.01 * pressure.max()]
    assert len(touching) > 10
    assert np.all(np.diff(pressure[touching]) > 0.0)
    # the void holds on to a separating surface with its own stiffness only
    assert pressure.min() > -1e-6 * pressure.max()


def test_nothing_is_left_when_they_have_parted(caged: Result) -> None:
    before = int(np.flatnonzero(caged["step"] == 1)[-1])
    assert caged["soc"][-1] == pytest.approx(caged["soc"][before], abs=1e-12)
    for name in ("hull_volume_ratio", "contact_pressure_mean", "contact_pressure_max"):
        assert caged[name][-1] == pytest.approx(caged[name][before], rel=1e-6), name
    assert caged["contact_pressure_mean"][-1] < 1e-5 * caged["contact_pressure_mean"].max()
    assert caged["hull_volume_ratio"][-1] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("branch", ["lithiation", "delithiation"])
def test_pressure_is_that_of_a_core_in_a_shell(caged: Result, branch: str) -> None:
    rows = np.flatnonzero((caged["step"] == 3) == (branch == "delithiation"))
    for soc in (0.48, 0.55, 0.6):
        row = rows[np.argmin(np.abs(caged["soc"][rows] - soc))]
        exact = reference_pressure(float(caged["soc"][row]))
        # the squeezed void keeps a few 1e-5 of its width
        assert caged["contact_pressure_mean"][row] == pytest.approx(exact, rel=2e-3)
        for bound in ("min", "max"):
            stress = caged[f"hydrostatic_{bound}_particle"][row]
            assert -stress == pytest.approx(exact, rel=3e-3)
        # stress at single points of the void: its one layer cannot follow a stretch that changes
        # with the square of the radius
        assert caged["contact_pressure_max"][row] == pytest.approx(exact, rel=2e-2)


@pytest.mark.slow
def test_a_membrane_cage_in_3d_holds_its_particle(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    steps = ["lithiate at C/10 until soc = 0.5"]
    text = CASE.format(kinematics="3d", steps=steps, step=0.05)
    result = run_case(tmp_path_factory.mktemp("cage"), text)
    exact = reference_pressure(0.5, membrane_pressure)
    assert result["contact_pressure_mean"][-1] == pytest.approx(exact, rel=2e-3)
