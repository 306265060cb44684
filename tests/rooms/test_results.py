"""Checkpoint, field files and record, without a run."""

from __future__ import annotations

import json
from pathlib import Path

import meshio
import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from anodefem.errors import InputError  # noqa: E402
from anodefem.fem.checkpoint import Checkpoint  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.results.fields import FieldWriter, field_units  # noqa: E402
from anodefem.results.metrics import Metrics  # noqa: E402
from anodefem.results.record import Record  # noqa: E402
from anodefem.workbench.bodies import Layer, ball, read  # noqa: E402
from anodefem.workbench.simulation import Numbers, Simulation, diffusing_guest, solid  # noqa: E402

pytestmark = pytest.mark.serial


def particle(folder: Path) -> Simulation:
    """Ball of two rings that swells and yields."""
    numbers = Numbers(read(ball(Layer("core", 1.0, 2), sectors=3), folder / "mesh"))
    law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.0, yield_stress=30.0)
    simulation = Simulation(numbers, [Region("core", law, diffusing_guest(numbers, 0.1))])
    simulation.fill(0.2)
    return simulation


def test_a_checkpoint_gives_back_every_stored_field(tmp_path: Path) -> None:
    first, second = particle(tmp_path / "a"), particle(tmp_path / "b")
    first.step(1e-6)
    first.step(1.0, rate=0.02)
    Checkpoint(first.domain, first.state, tmp_path).save({"clock": 1.0})
    facts = Checkpoint(second.domain, second.state, tmp_path).load()
    assert facts == {"clock": 1.0}
    assert first.state["alpha"].x.array.max() > 0.0
    for name, field in first.state.stored().items():
        found = second.state.stored()[name].x.array
        np.testing.assert_array_equal(found, field.x.array, err_msg=name)
    np.testing.assert_array_equal(second.state.start("c").x.array, first.state["c"].x.array)


def test_a_checkpoint_of_another_mesh_is_refused(tmp_path: Path) -> None:
    first = particle(tmp_path / "a")
    Checkpoint(first.domain, first.state, tmp_path).save({})
    other = read(ball(Layer("core", 1.0, 3), sectors=3), tmp_path / "other")
    with pytest.raises(InputError, match="belongs to another mesh"):
        Checkpoint(other, first.state, tmp_path).load()


def test_fields_are_those_of_the_state(tmp_path: Path) -> None:
    simulation = particle(tmp_path)
    simulation.step(1e-6)
    writer = FieldWriter(simulation.model, tmp_path)
    writer.write(0.0)
    simulation.step(1.0, rate=0.02)
    writer.write(1.0)
    files = sorted((tmp_path / "fields").iterdir())
    assert [path.name for path in files] == ["0000.vtu", "0001.vtu"]
    found = meshio.read(files[-1])
    assert set(found.point_data) | set(found.cell_data) <= set(field_units())
    x = found.point_data["lithium_fraction"]
    nodal = simulation.state["c"].x.array[::2]
    assert x.min() == pytest.approx(nodal.min(), abs=1e-12)
    assert x.max() == pytest.approx(nodal.max(), abs=1e-12)
    surface = np.isclose(np.linalg.norm(found.points, axis=1), 1.0)
    moved = (found.points + found.point_data["displacement"])[surface]
    stretch = np.linalg.norm(moved, axis=1).mean()
    assert stretch == pytest.approx(simulation.stretch_at(1.0), abs=1e-9)


def test_metrics_are_those_of_the_state(tmp_path: Path) -> None:
    simulation = particle(tmp_path)
    metrics = Metrics(simulation.model)
    simulation.start()
    simulation.step(1e-6)
    row = metrics.row()
    assert row["soc [-]"] == pytest.approx(0.2, abs=1e-12)
    assert row["hull_volume_ratio [-]"] == pytest.approx(1.4, rel=1e-6)
    assert row["lithium_balance_error [-]"] == pytest.approx(0.0, abs=1e-12)
    simulation.step(1.0, rate=0.02, before_acceptance=simulation.updates.accumulate)
    row = metrics.row()
    assert row["soc [-]"] == pytest.approx(0.22, abs=1e-9)
    assert row["lithium_balance_error [-]"] == pytest.approx(0.0, abs=1e-12)
    assert row["plastic_work [J/m^3]"] > 0.0


def test_a_record_drops_what_came_after_the_checkpoint(tmp_path: Path) -> None:
    record = Record(tmp_path, {"title": "a"}, MPI.COMM_SELF)
    record.save()
    for t in (0.0, 1.0, 2.0):
        record.add({"t [s]": t, "soc [-]": t / 10})
    record.finish("failed", "stopped", {})
    again = Record(tmp_path, {"title": "a"}, MPI.COMM_SELF)
    again.resume(1)
    again.add({"t [s]": 1.5, "soc [-]": 0.15})
    again.finish("completed", "", {})
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines == ["t [s],soc [-]", "0.0,0.0", "1.0,0.1", "1.5,0.15"]
    content = json.loads((tmp_path / "run.json").read_text())
    assert content["status"] == "completed"
    assert content["metrics"]["t"] == {
        "unit": "s",
        "final": 1.5,
        "min": 0.0,
        "max": 1.5,
        "soc_at_max": 0.15,
    }
