"""Checkpoint, field files and record, without a run."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import meshio
import numpy as np
import pytest

MPI = pytest.importorskip("mpi4py.MPI")

from dolfinx import fem  # noqa: E402

from anodefem.errors import InputError  # noqa: E402
from anodefem.fem.checkpoint import Checkpoint, checkpoints  # noqa: E402
from anodefem.fem.fields import State  # noqa: E402
from anodefem.model.regions import Region  # noqa: E402
from anodefem.results.fields import FieldWriter, field_units  # noqa: E402
from anodefem.results.metrics import Metrics  # noqa: E402
from anodefem.results.record import Record, read_record  # noqa: E402
from anodefem.workbench.bodies import Layer, ball, read  # noqa: E402
from anodefem.workbench.numbers import Numbers, diffusing_species, solid  # noqa: E402
from anodefem.workbench.simulation import Simulation  # noqa: E402

pytestmark = pytest.mark.serial


def particle(folder: Path) -> Simulation:
    """Ball of two rings that swells and yields."""
    numbers = Numbers(read(ball(Layer("core", 1.0, 2), sectors=3), folder / "mesh"))
    law = solid(numbers, "core", young=60e3, poisson=0.22, full=3.0, yield_stress=30.0)
    simulation = Simulation(numbers, [Region("core", law, diffusing_species(numbers, 0.1))])
    simulation.fill(0.2)
    return simulation


def test_a_checkpoint_gives_back_every_stored_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anodefem.fem.checkpoint.SLICE", 100)  # a table is read in several slices
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


def test_a_checkpoint_is_written_without_holding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What rank 0 needs is set by what is sent at a time, not by the size of the body."""
    monkeypatch.setattr("anodefem.fem.checkpoint.SLICE", 50)
    domain = read(ball(Layer("core", 1.0, 40), sectors=40), tmp_path / "mesh")
    space = fem.functionspace(domain.mesh, ("DG", 2))
    fields = {f"field_{n}": fem.Function(space) for n in range(20)}
    state = cast("State", SimpleNamespace(stored=lambda: fields, begin=lambda: None))
    checkpoint = Checkpoint(domain, state, tmp_path)
    checkpoint.save({})  # the second time nothing is imported any more
    tracemalloc.start()
    checkpoint.save({})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < checkpoints(tmp_path)[0].stat().st_size / 4


def test_a_checkpoint_of_an_older_version_is_refused(tmp_path: Path) -> None:
    simulation = particle(tmp_path / "a")
    (tmp_path / "checkpoint").mkdir()
    image = b"\x89HDF"
    name = f"000001-{hashlib.sha256(image).hexdigest()}.h5"
    (tmp_path / "checkpoint" / name).write_bytes(image)
    with pytest.raises(InputError, match="left by an older version"):
        Checkpoint(simulation.domain, simulation.state, tmp_path).load()


def test_of_several_checkpoints_the_newest_intact_one_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    simulation = particle(tmp_path / "a")
    checkpoint = Checkpoint(simulation.domain, simulation.state, tmp_path)
    for number in range(3):
        checkpoint.save({"number": number})
    kept = checkpoints(tmp_path)
    assert len(kept) == 2
    assert checkpoint.load() == {"number": 2}
    damaged = bytearray(kept[0].read_bytes())
    damaged[len(damaged) // 2] ^= 1
    kept[0].write_bytes(damaged)
    assert checkpoint.load() == {"number": 1}
    assert "is damaged; going on from the one before it" in caplog.text
    kept[1].write_bytes(kept[1].read_bytes()[:-1])
    with pytest.raises(InputError, match="every checkpoint in it is damaged"):
        checkpoint.load()


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


def test_detailed_fields_agree_with_the_others(tmp_path: Path) -> None:
    simulation = particle(tmp_path)
    simulation.step(1e-6)
    simulation.step(1.0, rate=0.02)
    FieldWriter(simulation.model, tmp_path, detailed=True).write(1.0)
    found = meshio.read(tmp_path / "fields" / "0000.vtu")
    (tensor,) = found.cell_data["cauchy_stress"]
    (hydrostatic,) = found.cell_data["hydrostatic_stress"]
    assert np.ptp(hydrostatic) > 0.01
    np.testing.assert_allclose(tensor[:, :3].mean(1), hydrostatic, atol=1e-12)
    low, mid, high = (found.cell_data[f"principal_stress_{n}"][0] for n in ("min", "mid", "max"))
    assert (low <= mid).all() and (mid <= high).all()
    np.testing.assert_allclose(low + mid + high, 3 * hydrostatic, atol=1e-12)
    squares = (tensor[:, :3] ** 2).sum(1) + 2 * (tensor[:, 3:] ** 2).sum(1)
    np.testing.assert_allclose(low**2 + mid**2 + high**2, squares, atol=1e-12)
    assert not tensor[:, 4:].any()  # no shear along the circumference
    (ratio,) = found.cell_data["elastic_volume_ratio"]
    bulk = 60.0 / (3 * (1 - 2 * 0.22))
    np.testing.assert_allclose(bulk * np.log(ratio), hydrostatic, atol=0.01 * np.ptp(hydrostatic))
    mu = 8.314462618e-3 * 298.15 * simulation.state["c"].x.array[1::2]
    potential = found.point_data["chemical_potential"]
    assert (potential.min(), potential.max()) == pytest.approx((mu.min(), mu.max()), rel=1e-12)
    assert np.ptp(potential) > 0.01


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
    record = Record(tmp_path, {"title": "a", "case": {}}, MPI.COMM_SELF)
    record.save()
    for t in (0.0, 1.0):
        record.add({"t [s]": t, "soc [-]": t / 10})
    mark = record.mark()
    record.add({"t [s]": 2.0, "soc [-]": 0.2})
    record.finish("failed", "stopped", {})
    again = Record(tmp_path, {"title": "a", "case": {}}, MPI.COMM_SELF)
    again.resume(1, mark)
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


def test_what_others_put_into_the_folder_is_not_read(tmp_path: Path) -> None:
    """Somebody may run in a folder of his own, with files of any size."""
    for name in ("mine.txt", "data/fields.pvd", "log.txt", "fields/0000.vtu", ".fields.pvd.part"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a")
    record = Record(tmp_path, {"case": {}}, MPI.COMM_SELF)
    record.add({"t [s]": 0.0, "soc [-]": 0.25})
    assert set(record.mark()["fields"]) == {"fields/0000.vtu"}
    record.finish("completed", "", {})
    content = json.loads((tmp_path / "run.json").read_text())
    assert set(content["files"]) == {"fields/0000.vtu", "metrics.csv"}


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    record = Record(tmp_path, {"case": {}}, MPI.COMM_SELF)
    record.save()
    record.add({"t [s]": 0.0, "soc [-]": 0.25})
    mark = record.mark()
    table = tmp_path / "metrics.csv"
    for damaged in (table.read_text().replace("0.25", "0.35"), table.read_text()[:-3]):
        table.write_text(damaged)
        with pytest.raises(InputError, match=r"metrics\.csv is damaged: its first 1 rows"):
            Record(tmp_path, {"case": {}}, MPI.COMM_SELF).resume(0, mark)


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    gone = '{"status": "gone", "case": {}, "wall_time_s": 1}'
    for content in ("", "{", "[]", gone, '{"case": 1}'):
        (tmp_path / "run.json").write_text(content)
        with pytest.raises(InputError, match=r"run\.json is damaged"):
            read_record(tmp_path)
