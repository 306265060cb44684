"""Run folders: what is read, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anodefem.compare import hosts_of, legend, tables
from anodefem.compare.load import load, load_run, words
from anodefem.compare.naming import names
from anodefem.errors import InputError
from tests.compare import synthetic

pytestmark = pytest.mark.serial


@pytest.fixture
def copy(runs: dict[str, Path], tmp_path: Path) -> Path:
    """A run folder that a test may spoil."""
    return Path(shutil.copytree(runs["sphere"], tmp_path / "copy"))


def test_reads_metrics_and_geometry(runs: dict[str, Path]) -> None:
    sphere, films, ball = load([runs["sphere"], runs["films"], runs["ball"]])
    assert sphere.units["volumetric_capacity"] == "Ah/L"
    assert sphere.column("soc")[-1] == pytest.approx(0.05)
    assert np.isnan(sphere.column("no such metric")).all()
    assert sphere.sei("yield_stretch") == synthetic.YIELD
    assert sphere.planes == {}
    assert films.planes == {0: pytest.approx((0.0, 1.4))}  # the collector's bottom is no mirror
    assert ball.planes == {axis: (0.0,) for axis in range(3)}
    assert len(sphere.facets["particle_surface"]) == 48


def test_void_is_no_solid(runs: dict[str, Path]) -> None:
    (cage,) = load([runs["cage"]])
    assert cage.solids == {"particle": 1, "cage": 3}


def _rewrite(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def _truncate_pvd(folder: Path) -> None:
    (folder / "fields.pvd").write_text("<VTKFile")


def _empty_pvd(folder: Path) -> None:
    (folder / "fields.pvd").write_text(
        '<?xml version="1.0"?><VTKFile type="Collection"><Collection></Collection></VTKFile>'
    )


def _header_only(folder: Path) -> None:
    lines = (folder / "metrics.csv").read_text().splitlines()
    (folder / "metrics.csv").write_text(lines[0] + "\n")


def _no_soc(folder: Path) -> None:
    text = (folder / "metrics.csv").read_text()
    (folder / "metrics.csv").write_text(text.replace("soc [-]", "charge [-]"))


def _no_unit(folder: Path) -> None:
    text = (folder / "metrics.csv").read_text()
    (folder / "metrics.csv").write_text(text.replace("soc [-]", "soc"))


def _no_number(folder: Path) -> None:
    lines = (folder / "metrics.csv").read_text().splitlines()
    lines[3] = "," + lines[3].split(",", 1)[1]
    (folder / "metrics.csv").write_text("\n".join(lines))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: shutil.rmtree(f), "no such folder"),
        (lambda f: (f / "run.json").unlink(), "not a run"),
        (lambda f: (f / "run.json").write_text("{"), "run.json: cannot be read"),
        (lambda f: (f / "run.json").write_text("[]"), "not a JSON object"),
        (lambda f: _rewrite(f / "run.json", lambda c: c.pop("status")), "no entry 'status'"),
        (
            lambda f: _rewrite(f / "run.json", lambda c: c.update(kinematics="2d")),
            "kinematics '2d' is not one of",
        ),
        (lambda f: (f / "metrics.csv").unlink(), "metrics.csv: cannot be read"),
        (_header_only, "has no step"),
        (_no_soc, "has no column 'soc'"),
        (_no_unit, "'soc' is not written as 'name \\[unit\\]'"),
        (_no_number, "must be numbers in every row"),
        (lambda f: (f / "fields.pvd").unlink(), "run without fields"),
        (_empty_pvd, "run without fields"),
        (_truncate_pvd, "fields.pvd: cannot be read"),
        (lambda f: (f / "fields" / "state_003.vtu").unlink(), "state_003.vtu"),
        (lambda f: (f / "mesh" / "manifest.json").unlink(), "manifest.json: cannot be read"),
        (
            lambda f: _rewrite(f / "mesh" / "manifest.json", lambda c: c.pop("roles")),
            "no entry 'roles'",
        ),
    ],
)
def test_refuses_what_is_not_a_whole_run(
    copy: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(copy)
    with pytest.raises(InputError, match=message):
        load([copy])


def test_refuses_a_run_that_is_given_twice(copy: Path) -> None:
    with pytest.raises(InputError, match="is given twice"):
        load([copy, copy.parent / "." / copy.name])


_CASE = {
    "title": "Ball",
    "geometry": {"particle_radius": "1.0 um", "refinement": 1.0},
    "sei": {"recipe": "ec-dmc", "thickness": "3e-08 m"},
    "materials": {"core": {"card": "silicon"}, "coat": {"card": "carbon"}},
    "protocol": {"steps": ["lithiate at 1C until soc = 0.2"]},
    "solver": {"max_steps": 1, "max_sweeps": 2},
    "output": {"fields_every": 0.05},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["Ball (a)", "Ball (b)"]),
        ({"output": {"fields_every": 1.0}}, ["Ball (a)", "Ball (b)"]),
        (
            {"geometry": {"particle_radius": "2.0 um", "refinement": 1.0}},
            ["Ball: particle_radius = 1.0 um", "Ball: particle_radius = 2.0 um"],
        ),
        (
            {"sei": {"recipe": "fec", "thickness": "2e-08 m"}},
            ["Ball: recipe = ec-dmc", "Ball: recipe = fec"],
        ),
        (
            {"sei": {"recipe": "ec-dmc", "thickness": "2e-08 m"}},
            ["Ball: thickness = 3e-08 m", "Ball: thickness = 2e-08 m"],
        ),
        (
            {"sei": _CASE["sei"] | {"young": "1 GPa"}},
            ["Ball", "Ball: young = 1 GPa"],
        ),
        (
            {"materials": {"core": {"card": "tin"}, "coat": {"card": "tin"}}},
            [
                "Ball: core.card = silicon, coat.card = carbon",
                "Ball: core.card = tin, coat.card = tin",
            ],
        ),
        (
            {"protocol": {"steps": ["lithiate at 1C until soc = 0.2"] * 9}},
            ["Ball (a)", "Ball (b)"],
        ),
        (
            {"geometry": {"a": 1, "b": 2, "c": 3, "d": 4}},
            ["Ball (a)", "Ball (b)"],
        ),
    ],
)  # fmt: skip
def test_runs_of_one_title_are_told_apart(
    changes: dict[str, object], expected: list[str], runs: dict[str, Path]
) -> None:
    base = load_run(runs["sphere"])
    two = [
        replace(base, title=" Ball", folder=Path("/runs/a"), info={"case": _CASE}),
        replace(base, title="Ball", folder=Path("/runs/b"), info={"case": _CASE | changes}),
    ]
    assert names(two) == expected


def test_a_comparison_calls_each_run_by_its_name(runs: dict[str, Path], copy: Path) -> None:
    found = load([runs["sphere"], copy])
    called = ["Bare sphere (sphere)", "Bare sphere (copy)"]
    assert [run.title for run in found] == called
    assert list(tables.table(found, hosts_of(found))["architecture"]) == called


@pytest.mark.parametrize(
    ("names", "columns"), [(["Ball", "Cage"], 2), (["A ball of silicon " * 4] * 2, 1)]
)
def test_a_legend_has_room_for_its_names(names: list[str], columns: int) -> None:
    assert legend.of_runs(names, width=400.0, size=7.0) == (columns, names)


def test_what_a_legend_has_no_room_for_keeps_its_end() -> None:
    long = f"{'A ball of silicon ' * 9}: recipe = fec"
    columns, (text,) = legend.of_runs([long], width=400.0, size=7.0)
    assert columns == 1 and legend.width_of(text, 7.0) < 400.0
    assert (
        text.startswith("A ball")
        and "…" in text
        and text.endswith(" ball of silicon : recipe = fec")
    )


def test_no_two_names_are_alike(runs: dict[str, Path]) -> None:
    base = load_run(runs["sphere"])
    cases = [_CASE | {"solver": {"max_steps": number}} for number in (1, 2, 2)]
    titles = ("Ball", "Ball", "Ball: max_steps = 2")
    three = [
        replace(base, title=title, folder=Path(f"/{number}/run"), info={"case": case})
        for number, (title, case) in enumerate(zip(titles, cases, strict=True))
    ]
    assert names(three) == ["Ball: max_steps = 1", "Ball (1/run)", "Ball: max_steps = 2 (2/run)"]
    assert names([replace(each, title="Ball") for each in three]) == [
        "Ball (0/run)", "Ball (1/run)", "Ball (2/run)",
    ]  # fmt: skip


def test_refuses_nothing_at_all() -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        load([])


def test_refuses_a_mesh_of_another_run(runs: dict[str, Path], copy: Path) -> None:
    for name in ("facets.xdmf", "facets.h5"):
        shutil.copy(runs["cage"] / "mesh" / name, copy / "mesh" / name)
    (run,) = load([copy])
    with pytest.raises(InputError, match="its points are not those of"):
        _ = run.facets


def test_refuses_facets_that_cannot_be_read(copy: Path) -> None:
    (copy / "mesh" / "facets.xdmf").write_text("no facets")
    (run,) = load([copy])
    with pytest.raises(InputError, match="cannot be read as tagged facets"):
        _ = run.facets


def test_refuses_fields_without_displacement(copy: Path) -> None:
    (run,) = load([copy])
    grid = run.state(0)
    del grid.point_data["displacement"]
    grid.save(run.states[0][1])
    with pytest.raises(InputError, match="has no field 'displacement'"):
        run.state(0)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (("lithiate at C/10 until soc = 0.9",), ("lithium", "lithiation", "delithiation")),
        (("rest 1 h", "desodiate at C/5 until soc = 0.1"), ("sodium", "sodiation", "desodiation")),
        ((), ("lithium", "lithiation", "delithiation")),
    ],
)
def test_words_follow_what_is_stored(
    runs: dict[str, Path], steps: tuple[str, ...], said: tuple[str, str, str]
) -> None:
    run = load_run(runs["sphere"])
    other = replace(run, info={**run.info, "case": {"protocol": {"steps": list(steps)}}})
    found = words([other])
    assert (found.species, found.inwards, found.outwards) == said


def test_runs_that_store_different_things_share_neutral_words(runs: dict[str, Path]) -> None:
    run = load_run(runs["sphere"])
    steps = ({"steps": [f"{verb} at C/5 until soc = 0.5"]} for verb in ("lithiate", "sodiate"))
    both = [replace(run, info={**run.info, "case": {"protocol": one}}) for one in steps]
    assert words(both).inwards == "insertion"
