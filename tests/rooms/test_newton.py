"""Newton's method on named blocks and a border, against closed forms, with both linear solvers."""

from __future__ import annotations

from pathlib import Path

from petsc4py import PETSc

import numpy as np
import pytest
import ufl
from dolfinx import fem

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.fem.contract import Physics  # noqa: E402
from anodefem.fem.domain import Domain  # noqa: E402
from anodefem.fem.fields import GLOBAL, Unknown  # noqa: E402
from anodefem.fem.symbols import Symbols  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.physics import FreeAxis  # noqa: E402
from anodefem.solve import direct, two_level  # noqa: E402
from anodefem.solve.linear import find  # noqa: E402
from anodefem.solve.newton import Newton  # noqa: E402
from anodefem.solve.system import System  # noqa: E402
from anodefem.workbench.bodies import Layer, block, cylinder, read  # noqa: E402
from anodefem.workbench.numbers import Numbers, diffusing_species, solid, uniform_species  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402

pytestmark = pytest.mark.serial
FULL = 1.5


def wire(folder: Path, *, diffuses: bool = False) -> Simulation:
    """Quarter of a wire that may stretch along its axis."""
    numbers = Numbers(read(cylinder(Layer("core", 1.0, 2), sectors=3), folder))
    law = solid(numbers, "core", young=60e3, poisson=0.25, full=FULL)
    species = diffusing_species(numbers, 1.0) if diffuses else uniform_species()
    return Simulation(numbers, [Region("core", law, species)], more=[FreeAxis()])


@pytest.mark.parametrize("name", ["direct", "iterative"])
def test_a_border_is_solved_with_either_linear_solver(tmp_path: Path, name: str) -> None:
    simulation = wire(tmp_path)
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-9, solver=find(name))
    state = simulation.state
    state.dt.value, state.soc.value = 1.0, 1.0
    outcome = newton.solve()
    assert outcome.converged
    assert len(outcome.residuals) == 2
    assert state.value("axial_strain") == pytest.approx(FULL ** (1 / 3) - 1, abs=1e-9)
    assert simulation.stretch_at(1.0) == pytest.approx(FULL ** (1 / 3), abs=1e-9)


def test_a_bordered_system_converges_quadratically(tmp_path: Path) -> None:
    simulation = wire(tmp_path)
    simulation.state.dt.value, simulation.state.soc.value = 1.0, 1.0
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-12, iterations=20)
    outcome = newton.solve()
    assert outcome.converged
    assert outcome.iterations <= 8
    assert max(outcome.residuals) < 1e-10


def test_what_turned_inside_out_is_named(tmp_path: Path) -> None:
    simulation = wire(tmp_path)
    assert simulation.updates.fault() is None
    simulation.state["u"].interpolate(lambda x: np.stack([-2.0 * x[0], 0.0 * x[1]]))
    assert simulation.updates.fault() == "an element of 'core' turned inside out"


class _Free(Physics):
    """A number that no equation determines."""

    def unknowns(self, domain: Domain) -> list[Unknown]:
        return [Unknown(name="free", element=GLOBAL, scales=(1.0,))]

    def forms(self, s: Symbols) -> dict[str, ufl.Form]:
        return {"free": s.zero * s.state["free"] * s.domain.dx("core", degree=2)}


class _Bent(Physics):
    """A number whose equation, atan(s - 3) = 0, full steps of Newton's method leave for good."""

    def unknowns(self, domain: Domain) -> list[Unknown]:
        return [Unknown(name="bent", element=GLOBAL, scales=(1.0,))]

    def forms(self, s: Symbols) -> dict[str, ufl.Form]:
        return {"bent": ufl.atan(s.state["bent"] - 3.0) * s.domain.dx("core", degree=2)}


def test_a_damped_solve_finds_what_full_steps_leave(tmp_path: Path) -> None:
    numbers = Numbers(read(cylinder(Layer("core", 1.0, 2), sectors=3), tmp_path))
    law = solid(numbers, "core", young=60e3, poisson=0.25, full=FULL)
    region = Region("core", law, uniform_species())
    simulation = Simulation(numbers, [region], more=[_Bent()])
    simulation.state.dt.value, simulation.state.soc.value = 1.0, 0.1
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-9)
    before = simulation.state.snapshot()
    assert not newton.solve().converged
    simulation.state.restore(before)
    assert newton.solve(damped=True).converged
    assert simulation.state.value("bent") == pytest.approx(3.0, abs=1e-9)


def test_a_border_that_nothing_determines_ends_the_solve_and_not_the_run(tmp_path: Path) -> None:
    numbers = Numbers(read(cylinder(Layer("core", 1.0, 2), sectors=3), tmp_path))
    law = solid(numbers, "core", young=60e3, poisson=0.25, full=FULL)
    region = Region("core", law, uniform_species())
    simulation = Simulation(numbers, [region], more=[_Free()])
    simulation.state.dt.value, simulation.state.soc.value = 1.0, 0.1
    assert not Newton(simulation.model, simulation.updates).solve().converged


def test_mechanics_and_diffusion_share_a_border(tmp_path: Path) -> None:
    simulation = wire(tmp_path, diffuses=True)
    assert simulation.model.blocks == ("c", "u")
    assert simulation.model.borders == ("axial_strain",)
    simulation.fill(0.4)
    simulation.step(1e-6)
    stretch = (1 + (FULL - 1) * 0.4) ** (1 / 3)
    assert simulation.state.value("axial_strain") == pytest.approx(stretch - 1, abs=1e-7)


def test_the_derivatives_of_the_residual_are_right(tmp_path: Path) -> None:
    """Every block, the border too, against central differences."""
    from anodefem.compilation import compile_form

    simulation = wire(tmp_path, diffuses=True)
    model, state = simulation.model, simulation.state
    simulation.fill(0.3)
    state.dt.value, state.charging.value = 1.0, 0.1
    random = np.random.default_rng(2)
    state["u"].x.array[:] = 1e-2 * random.standard_normal(state["u"].x.array.size)
    state.set_value("axial_strain", 0.02)
    residual = {name: compile_form(form) for name, form in model.residual.items()}

    def evaluate(name: str) -> np.ndarray:
        form = residual[name]
        return np.atleast_1d(
            fem.assemble_vector(form).array if form.rank else fem.assemble_scalar(form)
        )

    for column in ("c", "u", "axial_strain"):
        field = state[column].x.array
        along = np.ones_like(field)
        if column != "axial_strain":
            along = random.standard_normal(field.size)
        kept, h = field.copy(), 1e-6
        for row in residual:
            ends = []
            for sign in (1, -1):
                field[:] = kept + sign * h * along
                ends.append(evaluate(row))
            field[:] = kept
            slope = (ends[0] - ends[1]) / (2 * h)
            form = compile_form(model.derivative(row, column))
            if form.rank == 2:
                found = fem.assemble_matrix(form).to_scipy() @ along
            elif form.rank == 1:
                vector = fem.assemble_vector(form).array
                found = vector if row != "axial_strain" else np.atleast_1d(vector @ along)
            else:
                found = np.atleast_1d(fem.assemble_scalar(form))
            scale = max(np.abs(slope).max(), 1e-12)
            assert np.abs(found - slope).max() < 1e-5 * scale, (row, column)


def test_a_residual_that_is_not_finite_fails_at_once(tmp_path: Path) -> None:
    numbers = Numbers(read(block("plane_strain"), tmp_path, order=1))
    law = solid(numbers, "solid", young=1e3, poisson=0.2)
    simulation = Simulation(numbers, [Region("solid", law, uniform_species())])
    simulation.state["u"].x.array[:] = np.nan
    outcome = Newton(simulation.model, simulation.updates).solve()
    assert not outcome.converged
    assert outcome.iterations == 0
    assert "nan" in outcome.reason


def test_an_increment_that_was_halved_is_not_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anodefem.solve.newton.VOLUME_KEPT", 2.0)  # never enough: all are halved
    simulation = wire(tmp_path)
    simulation.state.dt.value, simulation.state.soc.value = 1.0, 0.1
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-2)
    assert not newton.solve().converged


def test_jacobians_and_factorisations_serve_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"jacobians": 0, "factorisations": 0}
    assemble, solve = System.assemble, direct.Lagged._solve

    def counted(self: System) -> None:
        counts["jacobians"] += 1
        assemble(self)

    def watched(self: direct.Lagged, b: object, x: object) -> None:
        counts["factorisations"] += self._stale
        solve(self, b, x)

    monkeypatch.setattr(System, "assemble", counted)
    monkeypatch.setattr(direct.Lagged, "_solve", watched)
    simulation = wire(tmp_path)
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-9)
    iterations = 0
    for soc in (0.1, 0.12, 0.14):
        simulation.state.dt.value, simulation.state.soc.value = 1.0, soc
        outcome = newton.solve()
        assert outcome.converged
        iterations += outcome.iterations
    stretch = (1 + (FULL - 1) * 0.14) ** (1 / 3)
    assert simulation.state.value("axial_strain") == pytest.approx(stretch - 1, abs=1e-12)
    # one Jacobian is assembled when the system is made
    assert counts["jacobians"] - 1 < iterations
    assert 1 <= counts["factorisations"] < counts["jacobians"] - 1


def test_every_step_begins_with_a_factorisation_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a run that goes on from a checkpoint has no former one, and is to be the same
    fresh = list[bool]()
    solve = direct.Lagged._solve

    def watched(self: direct.Lagged, b: PETSc.Vec, x: PETSc.Vec) -> None:
        fresh.append(self._stale)
        solve(self, b, x)

    monkeypatch.setattr(direct.Lagged, "_solve", watched)
    simulation = wire(tmp_path)
    newton = Newton(simulation.model, simulation.updates)
    for soc, anew in ((0.1, True), (0.101, True), (0.102, False)):
        simulation.state.dt.value, simulation.state.soc.value = 1.0, soc
        fresh.clear()
        assert newton.solve(anew=anew).converged
        assert fresh[0] is anew


def test_a_factorisation_takes_over_where_iterations_stall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(two_level, "KRYLOV_LIMIT", 1)
    monkeypatch.setattr(two_level, "KRYLOV_ITERATIONS_ALLOWED", 1)
    simulation = wire(tmp_path, diffuses=True)
    newton = Newton(simulation.model, simulation.updates, tolerance=1e-9, solver=find("iterative"))
    simulation.state.dt.value, simulation.state.soc.value = 1.0, 0.3
    simulation.state["c"].x.array[::2] = 0.3
    simulation.state.start("c").x.array[::2] = 0.3
    assert newton.solve().converged
    stretch = (1 + (FULL - 1) * 0.3) ** (1 / 3)
    assert simulation.state.value("axial_strain") == pytest.approx(stretch - 1, abs=1e-8)
    said = [record.message for record in caplog.records if "stalled" in record.message]
    assert len(said) > 1
    for told, solves in zip(said, (4, 8, 16), strict=False):
        assert f"a factorisation takes over for {solves} solves" in told
    assert "solver.linear = 'direct'" in said[0]


def test_where_solves_are_iterations_an_early_end_leaves_little_of_the_tolerance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tolerance, early = 1e-6, []
    last = Newton._is_last

    def watched(self: Newton) -> bool:
        ended = last(self)
        if ended and self._iterative:
            early.append(self._increments[-1] > tolerance)
        return ended

    monkeypatch.setattr(Newton, "_is_last", watched)
    for soc in (0.2, 0.6, 1.0):
        found = []
        for name, small in (("iterative", tolerance), ("direct", 1e-12)):
            folder = tmp_path / f"{name}-{soc}"
            folder.mkdir()
            simulation = wire(folder)
            newton = Newton(
                simulation.model, simulation.updates, tolerance=small, solver=find(name)
            )
            simulation.state.dt.value, simulation.state.soc.value = 1.0, soc
            assert newton.solve().converged
            found.append(simulation.state["u"].x.array.copy())
        assert np.abs(found[0] - found[1]).max() < 0.01 * tolerance
    assert any(early)


def test_a_solve_that_diverges_is_given_up_where_solves_are_iterations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = wire(tmp_path)
    simulation.state.dt.value, simulation.state.soc.value = 1.0, 0.5
    newton = Newton(simulation.model, simulation.updates, solver=find("iterative"))
    monkeypatch.setattr(System, "largest", lambda self, y: 3.0 ** newton.snes.getIterationNumber())
    outcome = newton.solve()
    assert not outcome.converged
    assert (outcome.reason, outcome.iterations) == ("diverged dtol", 6)
