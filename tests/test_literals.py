"""Forms that differ in numbers only share one kernel, and mean what they meant."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, jit, mesh

from anodefem import Case, ConvergenceError
from anodefem.literals import form_without

GOLD = Path(__file__).parent / "gold"


@pytest.fixture(scope="module")
def square() -> mesh.Mesh:
    return mesh.create_unit_square(MPI.COMM_SELF, 2, 2)


def energy(square: mesh.Mesh, a: float, b: float, c: float) -> ufl.Form:
    """Of numbers that UFL sorts by their values, in sums, products and inner products."""
    x, y = ufl.SpatialCoordinate(square)
    t = fem.Constant(square, 0.5)
    strain = ufl.variable(a * x**2 + b * y**2)
    first, second = ufl.as_vector([a * x, b]), ufl.as_vector([c, y])
    slope = ufl.diff((strain + c * t) ** (1 / 3), strain)
    return (slope + ufl.inner(first, second) + x**2.0 + (1 - c) * t) * ufl.dx(degree=4)


@pytest.mark.parametrize("numbers", [(2.5, 0.3, 9.1), (0.3, 2.5, 9.1), (30.1, 9.2, 1e-7)])
def test_a_form_keeps_its_value_and_not_its_numbers(
    square: mesh.Mesh, numbers: tuple[float, float, float]
) -> None:
    other = form_without(energy(square, 1.3, 2.7, 0.1))
    form = energy(square, *numbers)
    changed = form_without(form)
    assert changed.signature() == other.signature() != form.signature()
    values = [fem.assemble_scalar(fem.form(each)) for each in (form, changed)]
    np.testing.assert_allclose(*values, rtol=1e-14)


def test_what_decides_structure_stays(square: mesh.Mesh) -> None:
    x = ufl.SpatialCoordinate(square)[0]

    def key(factor: float, exponent: float) -> str:
        form = form_without(factor * (1 + x) ** exponent * ufl.dx(degree=2))
        return str(form.signature())

    assert key(2.5, 1.5) == key(3.5, 1.7)
    assert key(2.5, 2.0) == key(3.5, 2.0)
    assert len({key(2.5, 2.0), key(2.5, 3.0), key(2.5, 1.5), key(1.0, 1.5)}) == 4


def test_a_constant_may_change_after_compiling(square: mesh.Mesh) -> None:
    t = fem.Constant(square, 0.5)
    form = fem.form(form_without(2.5 * t * ufl.dx(square)))
    t.value = 2.0
    assert fem.assemble_scalar(form) == pytest.approx(5.0, rel=1e-14)


@pytest.fixture
def kernels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str, dict[str, object]], set[str]]:
    """Runs one step of a gold case and returns the names of the kernels that it used."""
    compile_, used, numbers = jit.ffcx_jit, set(), count()

    def spy(*args: Any, **kwargs: Any) -> Any:
        found = compile_(*args, **kwargs)
        used.add(found[1].__name__)
        return found

    monkeypatch.setattr(jit, "ffcx_jit", spy)

    def one_step(name: str, changes: dict[str, object]) -> set[str]:
        used.clear()
        given = {"solver.max_steps": 1, "geometry.refinement": 0.2} | changes
        with pytest.raises(ConvergenceError, match="max_steps"):
            Case.from_file(GOLD / f"{name}.toml", given).run(tmp_path / str(next(numbers)))
        return set(used)

    return one_step


@pytest.mark.serial
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        (
            "bare",
            {
                "sei.young": "0.7 GPa",
                "materials.particle.elastic.poisson": 0.21,
                "materials.particle.storage.diffusivity": "3e-16 m^2/s",
                "geometry.particle_radius": "0.9 um",
                "protocol.temperature": "310 K",
            },
        ),
        ("caged", {"geometry.gap_ratio": 1.07, "solver.medium_stiffness": 2e-7}),
    ],
)
def test_a_sweep_compiles_every_form_once(
    kernels: Callable[[str, dict[str, object]], set[str]], name: str, keys: dict[str, object]
) -> None:
    base = kernels(name, {})
    assert len(base) > 20
    for key, value in keys.items():
        assert kernels(name, {key: value}) == base, key
