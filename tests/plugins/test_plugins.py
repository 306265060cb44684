"""Physics, metrics, steps, formats and solvers from outside the package: one file each."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from dolfinx import fem

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.cases import load  # noqa: E402
from anodefem.errors import InputError  # noqa: E402
from anodefem.fem.contract import Physics  # noqa: E402
from anodefem.fem.symbols import Symbols  # noqa: E402
from anodefem.results.metrics import known_columns  # noqa: E402
from anodefem.solve.run import run  # noqa: E402
from anodefem.verify.runs import Result, case_file, run_case  # noqa: E402

pytestmark = pytest.mark.serial

CASE = """
title = "Particle with something of one's own"

[geometry]
plugin = "bare_particle"
kinematics = "axisymmetric"
refinement = 0.2
order = 2

[materials]
particle = "silicon-amorphous"

[protocol]
steps = {steps}

[solver]
initial_step = 0.02
max_soc_step = 0.02
"""
SHORT = '["lithiate at C/5 until soc = 0.06"]'


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that installs one file as a package with one entry point."""

    def installed(group: str, name: str, source: str) -> None:
        site = tmp_path / "site"
        facts = site / f"{name}-1.dist-info"
        facts.mkdir(parents=True)
        module = f"plugin_{name}"
        (site / f"{module}.py").write_text(source, encoding="utf-8")
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (facts / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()

    return installed


def result(folder: Path, steps: str = SHORT, more: str = "") -> Result:
    """Run the case with a plug-in installed."""
    return run_case(folder, CASE.format(steps=steps) + more)


METRIC = """
import ufl
from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, columns
from anodefem.fem.contract import Physics
from anodefem.fem.domain import SOLID_DEGREE


class Elongation(Physics):
    @columns(Column("volume_ratio_mean", "-", "mean of J over the particle"))
    def mean(self, s):
        dx = s.domain.dx("particle", degree=SOLID_DEGREE)
        form = compile_form(ufl.det(s.F("particle")) * s.kinematics.weight * dx)
        volume = s.volume("particle")
        return lambda: {"volume_ratio_mean": s.domain.total(form) / volume}


PHYSICS = (Elongation,)
"""


def test_a_metric(tmp_path: Path, install) -> None:
    install("anodefem.physics", "metric", METRIC)
    found = result(tmp_path)
    # in curved cells the quadrature of J is not exact
    np.testing.assert_allclose(found["volume_ratio_mean"], found["hull_volume_ratio"], rtol=1e-7)
    assert "volume_ratio_mean" in [column.name for column in known_columns()]
    assert found.record["metrics"]["volume_ratio_mean"]["unit"] == "-"


TERM = '''
from anodefem.fem.contract import Physics

TENSION = 20.0  # MPa um


class SurfaceTension(Physics):
    """Energy gamma per current area of the surface."""

    def energies(self, s):
        yield TENSION * s.surface.area_ratio * s.kinematics.weight * s.ds("flux")

    def forms(self, s):
        (energy,) = self.energies(s)
        return {m.unknown: s.derivative(1 / s.stress_scale * energy, m.unknown) for m in s.motions}


PHYSICS = (SurfaceTension,)
'''


def test_a_term_of_the_balance(tmp_path: Path, install) -> None:
    """Surface tension presses by 2 gamma / R (Young and Laplace)."""
    install("anodefem.physics", "term", TERM)
    found = result(tmp_path, '["rest 1 min"]')
    radius = found["hull_volume_ratio"][-1] ** (1 / 3)
    pressure = 2 * 20.0 / radius
    mean = 1e3 * found["hydrostatic_min_particle"][-1]
    assert mean == pytest.approx(-pressure, rel=0.02)


UNKNOWN = '''
import ufl
from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, columns
from anodefem.fem.contract import FieldOutput, Physics
from anodefem.fem.domain import SOLID_DEGREE
from anodefem.fem.fields import Unknown

LENGTH = 0.3  # um


class Additive(Physics):
    """a - L^2 div grad a = x in the particle."""

    field_units = {"additive": "-"}

    def unknowns(self, domain):
        element = ("Lagrange", 1)
        return [Unknown(name="additive", element=element, scales=(1.0,), regions=("particle",))]

    def forms(self, s):
        a, q = s.state["additive"], s.test("additive")
        slopes = ufl.dot(s.kinematics.scalar_gradient(a), s.kinematics.scalar_gradient(q))
        dx = s.domain.dx("particle", degree=SOLID_DEGREE)
        local = (a - s.fraction("particle")) * q
        return {"additive": (local + LENGTH**2 * slopes) * s.kinematics.weight * dx}

    @columns(Column("additive_mean", "-", "mean of the additive over the particle"))
    def mean(self, s):
        dx = s.domain.dx("particle", degree=SOLID_DEGREE)
        form = compile_form(s.state["additive"] * s.kinematics.weight * dx)
        volume = s.volume("particle")
        return lambda: {"additive_mean": s.domain.total(form) / volume}

    def outputs(self, s):
        return [
            FieldOutput(
                units=self.field_units, at_points=lambda nodes: [nodes.values(s.state["additive"])]
            )
        ]


PHYSICS = (Additive,)
'''


def test_an_unknown_with_its_equation(tmp_path: Path, install) -> None:
    """Without flux through the surface its mean is that of the fraction."""
    meshio = pytest.importorskip("meshio")
    install("anodefem.physics", "unknown", UNKNOWN)
    found = result(tmp_path)
    # the fraction is lumped in its own balance, so its integral is that of the state of charge
    np.testing.assert_allclose(found["additive_mean"], found["soc"], rtol=1e-4)
    last = meshio.read(sorted((found.folder / "fields").glob("*.vtu"))[-1])
    additive, x = last.point_data["additive"], last.point_data["lithium_fraction"]
    assert np.ptp(additive) < 0.9 * np.ptp(x)
    newest = max((found.folder / "checkpoint").glob("*.npz"))
    with np.load(newest) as file:
        assert {"additive", "additive_rate"} <= set(file)


GLOBAL_SCALAR = '''
import ufl
from anodefem.compilation import compile_form
from anodefem.fem.columns import Column, columns
from anodefem.fem.contract import Physics
from anodefem.fem.fields import GLOBAL, Unknown
from anodefem.laws.kinematics import cofactor_normal

STIFFNESS = 100.0  # MPa


class Vessel(Physics):
    """A fluid around the particle, whose pressure rises with the area that the particle takes.

    p = STIFFNESS (A/A0 - 1), with A the current area of the surface.
    """

    def unknowns(self, domain):
        return [Unknown(name="pressure", element=GLOBAL, scales=(STIFFNESS,))]

    def _areas(self, s):
        return s.surface.area_ratio * s.kinematics.weight, s.one * s.kinematics.weight

    def forms(self, s):
        p = s.state["pressure"]
        force = p * cofactor_normal(s.F(), s.normal) / s.stress_scale
        found = {
            each.unknown: ufl.dot(force, s.kinematics.vector(each.displacement))
            * s.kinematics.weight
            * s.ds("flux")
            for each in s.variations()
        }
        now, before = self._areas(s)
        found["pressure"] = ((p + STIFFNESS) / STIFFNESS * before - now) * s.ds("flux")
        return found

    @columns(
        Column("vessel_pressure", "MPa", "pressure of the fluid around the particle"),
        Column("area_ratio", "-", "current area of the particle over that when empty"),
    )
    def values(self, s):
        now, before = (compile_form(area * s.ds("flux")) for area in self._areas(s))
        total = s.domain.total
        return lambda: {
            "vessel_pressure": s.state.value("pressure"),
            "area_ratio": total(now) / total(before),
        }


PHYSICS = (Vessel,)
'''


def test_a_number_for_the_whole_body(tmp_path: Path, install) -> None:
    install("anodefem.physics", "scalar", GLOBAL_SCALAR)
    found = result(tmp_path)
    pressure = found["vessel_pressure"]
    np.testing.assert_allclose(pressure, 100.0 * (found["area_ratio"] - 1), rtol=1e-7)
    assert pressure[-1] > 5.0
    # without any reaction of the body it would be pressed evenly
    mean = 1e3 * found["hydrostatic_min_particle"][0]
    assert mean == pytest.approx(-pressure[0], rel=0.02)


STEP = """
import re
from dataclasses import dataclass
from anodefem.protocols import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class UntilSwollen(Step):
    ratio: float

    def passed(self, row):
        return row["hull_volume_ratio [-]"] - self.ratio


def parse(text):
    number = r"[0-9.]+"
    form = rf"swell at C/(?P<hours>{number}) until volume ratio = (?P<ratio>{number})"
    found = re.fullmatch(form, text)
    if not found:
        return None
    hours = float(found["hours"])
    return UntilSwollen(
        kind="lithiate", c_rate=1 / hours, until_soc=None, duration=0.5 * 3600 * hours, text=text,
        ratio=float(found["ratio"]),
    )
"""


def test_a_kind_of_protocol_step(tmp_path: Path, install) -> None:
    install("anodefem.protocol_steps", "swell", STEP)
    found = result(tmp_path, '["swell at C/5 until volume ratio = 1.15", "rest 1 min"]')
    ratio, step = found["hull_volume_ratio"], found["step"]
    last = np.flatnonzero(step == 1)[-1]
    assert ratio[last - 1] <= 1.15 < ratio[last]
    kinds = [event["kind"] for event in found.record["events"]]
    assert kinds == ["completed", "completed"]


WRITER = '''
import csv


class Heights:
    """Largest displacement of every frame."""

    def __init__(self, folder):
        self._path = folder / "heights.csv"

    def write(self, frame):
        with self._path.open("a", newline="") as file:
            moved = frame.at_points["displacement"]
            csv.writer(file).writerow([frame.time, abs(moved).max()])

    def resume(self, time):
        pass


WRITER = Heights
'''


def test_an_output_format(tmp_path: Path, install) -> None:
    install("anodefem.writers", "heights", WRITER)
    found = result(tmp_path, more='\n[output]\nformats = ["vtu", "heights"]\nfields_every = 0.0\n')
    with (found.folder / "heights.csv").open(newline="") as file:
        rows = np.array(list(csv.reader(file)), dtype=float)
    np.testing.assert_allclose(rows[:, 0], found["t"], rtol=1e-15)
    np.testing.assert_allclose(1 + rows[:, 1], found["hull_volume_ratio"] ** (1 / 3), rtol=1e-4)
    assert len(list((found.folder / "fields").iterdir())) == len(rows)


def test_a_format_that_is_none_is_refused(tmp_path: Path) -> None:
    text = CASE.format(steps=SHORT) + '\n[output]\nformats = ["vtk"]\n'
    with pytest.raises(InputError, match=r"output.formats.*must be 'vtu'"):
        load(case_file(tmp_path, text))


SOLVER = '''
from petsc4py import PETSc


class Iterated:
    """GMRES with the factorisation as a preconditioner."""

    joined = True
    used = 0

    def __init__(self, model, matrix, solver):
        solver.setType(PETSc.KSP.Type.GMRES)
        solver.setTolerances(rtol=1e-10)
        solver.getPC().setType(PETSc.PC.Type.LU)
        solver.getPC().setFactorSolverType(PETSc.Mat.SolverType.MUMPS)

    def prepare(self, *, anew):
        Iterated.used += 1


SOLVER = Iterated
'''


def test_a_linear_solver(tmp_path: Path, install) -> None:
    install("anodefem.linear_solvers", "iterated", SOLVER)
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    own.mkdir(), shipped.mkdir()
    text = CASE.format(steps=SHORT)
    found = run_case(own, text.replace("[solver]", '[solver]\nlinear = "iterated"'))
    assert importlib.import_module("plugin_iterated").Iterated.used > 3
    same = run_case(shipped, text)
    np.testing.assert_allclose(found["voltage"], same["voltage"], rtol=1e-9)


class Clamped(Physics):
    """A boundary condition: the surface does not move."""

    def constraints(self, s: Symbols) -> Mapping[str, Sequence[fem.DirichletBC]]:
        """Hold every component of the displacement on the outer surface."""
        u = s.state["u"]
        (surface,) = s.domain.manifest.roles.flux
        facets = s.domain.facets(surface)
        dofs = fem.locate_dofs_topological(u.function_space, s.domain.dim - 1, facets)
        return {"u": [fem.dirichletbc(u, dofs)]}


def test_a_boundary_condition_without_a_package(tmp_path: Path) -> None:
    case = load(case_file(tmp_path, CASE.format(steps=SHORT)))
    run(case, tmp_path / "out", MPI.COMM_SELF, more=[Clamped()])
    found = Result.read(tmp_path / "out")
    np.testing.assert_allclose(found["hull_volume_ratio"], 1.0, atol=1e-9)
    # it swells by 2.7 x and cannot: a pressure of K ln J
    assert 1e3 * found["hydrostatic_max_particle"][-1] < -1e3
