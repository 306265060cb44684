"""Lithium is kept, energy is not created, and what is lost is never negative."""

from __future__ import annotations

import numpy as np
import pytest

from anodefem.model.problem import FLUX, compile_form
from anodefem.model.regions import Region
from anodefem.verify.bodies import Layer, ball, read
from anodefem.verify.runs import Result, run_case
from anodefem.verify.simulation import ENERGY, Numbers, Simulation, diffusing_guest, solid

pytestmark = [pytest.mark.serial, pytest.mark.verification]

CASE = """
title = "Fast cycle of a particle that yields"

[geometry]
plugin = "bare_particle"
kinematics = "{kinematics}"
order = {order}
refinement = 0.4

[materials]
particle = "silicon-amorphous"

[protocol]
steps = ["lithiate at 3C until soc = 0.15", "rest 5 min", "delithiate at 3C until soc = 0.1"]
flux_area = "{area}"

[output]
fields_every = 1.0
"""


@pytest.fixture(
    scope="module",
    params=[
        ("axisymmetric", 1, "reference"),
        ("axisymmetric", 2, "current"),
        pytest.param(("3d", 2, "reference"), marks=pytest.mark.slow),
    ],
    ids=["straight", "curved", "3d"],
)
def cycle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    kinematics, order, area = request.param
    text = CASE.format(kinematics=kinematics, order=order, area=area)
    return run_case(tmp_path_factory.mktemp("cycle"), text)


def test_lithium_is_balanced_after_every_step(cycle: Result) -> None:
    assert len(cycle["t"]) > 20
    assert np.abs(cycle["lithium_balance_error"]).max() < 1e-10
    # the current is the protocol's, however it is shared out over the surface
    assert cycle["soc"][-1] == pytest.approx(0.1, rel=1e-9)


def test_no_step_gives_back_what_flow_or_diffusion_has_taken(cycle: Result) -> None:
    for name in ("plastic_work", "diffusion_dissipation"):
        work = cycle[name]
        # of the whole, round-off of a sum
        assert np.diff(work).min() >= -1e-12 * work[-1], name
        assert work[-1] > 0.0, name


def test_energy_supplied_is_stored_or_lost(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Psi_1 - Psi_0 + plastic work + diffusion loss = int mu dN, to first order in the step."""
    body = ball(Layer("core", 1.0, 10), sectors=4)
    domain = read(body, tmp_path_factory.mktemp("ball"))

    def leftover(steps: int) -> tuple[float, float, float]:
        """Supply not accounted for, plastic work and diffusion loss [MPa um^3]."""
        numbers = Numbers(domain)
        law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.75, yield_stress=200.0)
        guest = diffusing_guest(numbers, 1.0)
        simulation = Simulation(numbers, [Region("core", law, guest)])
        problem, state = simulation.problem, simulation.state
        simulation.fill(0.2)
        simulation.step(1e-6)  # the body swells to where it starts
        elastic = problem.responses["core"].energy
        masses = simulation.nodal_volumes("core")

        def stored() -> float:
            """Free energy; the part of mixing is lumped, as its potential is."""
            c = state.c.x.array[::2]
            mixing = c * np.log(c) + (1 - c) * np.log(1 - c)
            return simulation.total("core", elastic) + ENERGY * float(masses @ mixing)

        ds = problem.surface(FLUX)
        supply = compile_form(
            ENERGY * state.c[1] * problem.insertion_amount * domain.kinematics.weight * ds
        )
        metrics, supplied = simulation.metrics(), 0.0
        before = stored()

        def take_note() -> None:
            nonlocal supplied
            supplied += domain.total(supply)
            metrics.accumulate()

        for _ in range(steps):
            simulation.step(0.02 / steps, rate=2.0, before_acceptance=take_note)
        gained = stored() - before
        lost = metrics.ledger.plastic_work + metrics.ledger.diffusion_dissipation
        return (
            supplied - gained - lost,
            metrics.ledger.plastic_work,
            metrics.ledger.diffusion_dissipation,
        )

    coarse, fine = leftover(16), leftover(32)
    # energy is not created, whatever the step
    assert 0.0 < fine[0] < coarse[0]
    assert np.log2(coarse[0] / fine[0]) == pytest.approx(1.0, abs=0.2)
    assert abs(2.0 * fine[0] - coarse[0]) < 0.01 * (fine[1] + fine[2])
    assert fine[1] > 0.1 * fine[2]  # both are at work
