"""A core that swells in a shell: pressure against closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import ufl

from anodefem.model.regions import Region
from anodefem.verify.bodies import Layer, ball, read
from anodefem.verify.simulation import Array, Numbers, Simulation, solid, uniform_guest

pytestmark = [pytest.mark.serial, pytest.mark.verification]

NEVER = 1e12  # MPa, a yield stress that is not reached
Make = Callable[[float, int], Simulation]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Core of radius 1 um in a shell of a given outer radius, rings across it."""

    def made(outer: float, rings: int) -> Simulation:
        body = ball(Layer("core", 1.0, 6), Layer("shell", outer, rings), sectors=16)
        numbers = Numbers(read(body, tmp_path_factory.mktemp("shell")))
        core = solid(numbers, "core", young=1.0, poisson=0.3, full=1.0)
        shell = solid(numbers, "shell", young=1.0, poisson=0.3, yield_stress=NEVER)
        return Simulation(
            numbers, [Region("core", core, uniform_guest()), Region("shell", shell, None)]
        )

    return made


def pressure_of(simulation: Simulation) -> float:
    """Pressure on the core [MPa]: by the virial theorem minus the mean stress over its volume."""
    response = simulation.problem.responses["core"]
    J = ufl.det(response.F)
    work = simulation.mean("core", -J * ufl.tr(response.cauchy) / 3)
    return work / simulation.mean("core", J)


# In GPa and um; (outer radius, E and nu of the core, of the shell, pressure for e0 = 0.01, hoop
# stress of the shell inside and outside). e0 is the free linear strain of the core.
ELASTIC = [
    (1.02, (90.13, 0.22), (10.0, 0.25), (5.244641e-3, 0.1311506, 0.1285283)),
    (1.10, (41.0, 0.24), (10.0, 0.25), (2.409278e-2, 0.1212282, 0.1091818)),
    (2.00, (1.0, 0.3), (1.0, 0.3), (8.333333e-3, None, None)),
]


@pytest.mark.parametrize(("outer", "core", "shell", "expected"), ELASTIC)
def test_an_elastic_shell_presses_on_its_core(
    make: Make,
    outer: float,
    core: tuple[float, float],
    shell: tuple[float, float],
    expected: tuple[float, float | None, float | None],
) -> None:
    simulation = make(outer, 3 if outer < 1.5 else 16)
    for name, (young, poisson) in (("core", core), ("shell", shell)):
        simulation.numbers[f"{name} young"].value = 1e3 * young
        simulation.numbers[f"{name} poisson"].value = poisson

    def scaled(strain: float) -> tuple[float, Array]:
        """Pressure and hoop stress at the shell's points for a linear strain of 0.01 [GPa]."""
        simulation.numbers["core swelling full"].value = (1.0 + strain) ** 3
        simulation.step(soc=1.0)
        factor = 1e-3 * 0.01 / strain
        return factor * pressure_of(simulation), factor * simulation.stress("shell")[:, 2]

    # the closed form is linear; at a strain of 1e-5 nothing else is seen
    pressure, hoop = scaled(1e-5)
    assert pressure == pytest.approx(expected[0], rel=1e-3)
    a, b = 1.0, outer
    radius = simulation.radius("shell")
    exact = expected[0] * a**3 / (b**3 - a**3) * (1.0 + b**3 / (2.0 * radius**3))
    # of second order at single points, where it is up to 0.5 % off on these 16 sectors
    assert np.sqrt(np.mean((hoop / exact - 1.0) ** 2)) < 1e-3
    if expected[1] is not None and expected[2] is not None:
        assert expected[2] * 0.999 < hoop.min() < hoop.max() < expected[1] * 1.001
    # at 1 % a thin shell has thinned and widened, so that 2 h/r falls by 3 %; a thick one by 1 %
    finite, _ = scaled(1e-2)
    assert 0.96 < finite / expected[0] < 0.995


@pytest.mark.parametrize("outer", [1.5, 2.0])
def test_a_plastic_shell_yields_inside_first_and_has_a_limit_pressure(
    make: Make, outer: float
) -> None:
    simulation = make(outer, 16)
    young, yield_stress = 1e6, 100.0  # strains stay below 1e-3
    for name in ("core", "shell"):
        simulation.numbers[f"{name} young"].value = young
    simulation.numbers["shell yield"].value = yield_stress

    def pressure_at(strain: float) -> float:
        simulation.numbers["core swelling full"].value = (1.0 + strain) ** 3
        simulation.step(soc=1.0)
        return pressure_of(simulation)

    first = 2.0 / 3.0 * yield_stress * (1.0 - outer**-3)
    compliance = 1e-6 / pressure_at(1e-6)
    plastic = simulation.state.alpha.x.array
    assert pressure_at(0.99 * first * compliance) == pytest.approx(0.99 * first, rel=5e-3)
    assert plastic.max() == 0.0
    pressure_at(1.05 * first * compliance)  # the innermost points lie up to 1 % off the surface
    assert plastic.max() > 0.0

    for strain in np.linspace(0.0, 2e-3, 41)[2:]:
        pressure = pressure_at(strain)
    assert simulation.at_points("shell", simulation.state.alpha).min() > 0.0
    a, b = simulation.stretch_at(1.0), outer * simulation.stretch_at(outer)
    # growth by 0.2 % moves the limit by 0.3 %, hence the current radii
    assert pressure == pytest.approx(2.0 * yield_stress * np.log(b / a), rel=5e-3)
