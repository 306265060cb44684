"""Which points a sweep has, and what is told of those that cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anodefem import sweep
from anodefem.errors import InputError
from anodefem.sweep.design import latin_hypercube

CAGED = """
title = "Caged"
[geometry]
plugin = "graphene_cage"
[materials]
particle = "silicon-amorphous"
cage = "graphene-multilayer"
[sei]
recipe = "ec-dmc"
[protocol]
steps = ["lithiate at C/10 until soc = 0.9"]
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case file."""
    path = tmp_path / "run.toml"
    path.write_text(CAGED)
    return path


def _values(case: Path, *over: str, samples: int | None = None) -> list[dict[str, str]]:
    plan = sweep.sweep(case, (), over, samples=samples)
    assert len(sweep.check(plan)) == len(plan.points)
    return [dict(point.values) for point in plan.points]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("geometry.gap_ratio=1.2,1.3", ["1.2", "1.3"]),
        ("geometry.gap_ratio = 1.2 , 1.3", ["1.2", "1.3"]),
        ("geometry.gap_ratio=1.2:1.6:3", ["1.2", "1.4", "1.6"]),
        ("geometry.particle_radius=0.5 um:2 um:4", ["0.5 um", "1 um", "1.5 um", "2 um"]),
        ('geometry.particle_radius="0.5 um:2 um:2"', ["0.5 um", "2 um"]),
        ('geometry.particle_radius="500 nm":"2 um":2', ["500 nm", "2000 nm"]),
        ('geometry.particle_radius="1 um", 2 um', ['"1 um"', "2 um"]),
        ("sei.young=log:1e8 Pa:1e10 Pa:3", ["100000000 Pa", "1000000000 Pa", "1e+10 Pa"]),
        ("sei.young=log:card:3", ["0.1 GPa", "1 GPa", "10 GPa"]),
        ("sei.thickness=card:2", ["20 nm", "50 nm"]),
        ("sei.recipe=ec-dmc,fec", ["ec-dmc", "fec"]),
        ("sei.formation_strain=-0.01:0.01:3", ["-0.01", "0", "0.01"]),
        (
            'protocol.steps=["lithiate at C/10 until soc = 0.5", "rest 1 min"],"rest 1 s"',
            ['["lithiate at C/10 until soc = 0.5", "rest 1 min"]', '"rest 1 s"'],
        ),
        ("materials.particle.storage.diffusivity=1e-17 m^2/s,1e-16 m^2/s", None),
    ],
)
def test_lists_and_ranges_become_settings(
    case: Path, over: str, expected: list[str] | None
) -> None:
    key = over.partition("=")[0].strip()
    found = [values[key] for values in _values(case, over)]
    assert found == (expected or ["1e-17 m^2/s", "1e-16 m^2/s"])


def test_several_keys_give_all_combinations(case: Path) -> None:
    found = _values(case, "geometry.gap_ratio=1.2,1.3", "sei.recipe=ec-dmc,fec")
    assert [tuple(values.values()) for values in found] == [
        ("1.2", "ec-dmc"),
        ("1.2", "fec"),
        ("1.3", "ec-dmc"),
        ("1.3", "fec"),
    ]


def test_samples_fill_the_interval_once_for_each_combination(case: Path) -> None:
    found = _values(
        case, "geometry.gap_ratio=1.2..1.6", "sei.young=log:card", "sei.poisson=0.2,0.3", samples=8
    )
    assert len(found) == 16
    ratios = np.array([float(values["geometry.gap_ratio"]) for values in found[:8]])
    assert sorted(np.floor((ratios - 1.2) / 0.05).astype(int)) == list(range(8))
    decades = [np.log10(float(values["sei.young"].split()[0])) for values in found[:8]]
    assert sorted(np.floor((np.array(decades) + 1) * 4).astype(int)) == list(range(8))
    assert [{**values, "sei.poisson": "0.3"} for values in found[:8]] == found[8:]


def test_a_hypercube_is_repeatable_and_has_one_sample_a_slice() -> None:
    samples = latin_hypercube(50, 3, seed=7)
    assert samples.shape == (50, 3)
    for column in samples.T:
        assert sorted(np.floor(column * 50).astype(int)) == list(range(50))
    assert (samples == latin_hypercube(50, 3, seed=7)).all()
    assert (samples != latin_hypercube(50, 3, seed=8)).any()
    # columns are shuffled independently
    assert abs(np.corrcoef(samples.T)[0, 1]) < 0.5


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("geometry.gap_ratio", "write key=values"),
        ("geometry.gap_ratio=", "write key=values"),
        ("geometry.gap_ratio=1.2,,1.4", "a value between commas is missing"),
        ("geometry.gap_ratio=1.2,1.3,1.2", "a value is there twice"),
        ("geometry.gap_ratio=1.2:1.6", "write a range as first:last:count"),
        ("geometry.gap_ratio=1.2:1.6:1", "a count of at least 2"),
        ("geometry.gap_ratio=1.2:1.6:2.5", "write a range as first:last:count"),
        ("geometry.gap_ratio=a:b:3", "'a' is not a number with a unit"),
        ("geometry.gap_ratio=1.6:1.2:3", "must go up"),
        ("geometry.gap_ratio=log:0:1.2:3", "'0' has no logarithm"),
        ("geometry.gap_ratio=1.2..1.6", "say how many --samples"),
        ("geometry.particle_radius=0.5 um:2 GPa:4", "unit 'GPa' cannot be read as um"),
        ("geometry.particle_radius=0.5:2 um:4", "'0.5' has no unit"),
        ("geometry.gap_ratio=card:3", "its card gives no range"),
        ("sei.yuong=card:3", "Did you mean 'sei.young'?"),
    ],
)
def test_values_that_cannot_be_read_are_told(case: Path, over: str, told: str) -> None:
    with pytest.raises(InputError, match=r"^--over ") as caught:
        sweep.sweep(case, (), [over])
    assert told in str(caught.value)


def test_everything_unreadable_is_told_at_once(case: Path) -> None:
    with pytest.raises(InputError) as caught:
        sweep.sweep(case, (), ["a=1:2", "b=1,1", "sei.young=1 GPa,2 GPa", "sei.young=3 GPa,4 GPa"])
    assert len(str(caught.value).splitlines()) == 3
    assert "--over sei.young: is there twice" in str(caught.value)


def test_samples_without_an_interval_are_told(case: Path) -> None:
    with pytest.raises(InputError, match="--samples: there is no interval"):
        sweep.sweep(case, (), ["geometry.gap_ratio=1.2,1.3"], samples=4)


def test_every_bad_point_is_told(case: Path) -> None:
    plan = sweep.sweep(case, (), ["geometry.gap_ratio=0.9,0.8,1.5"])
    with pytest.raises(InputError) as caught:
        sweep.check(plan)
    first, second = str(caught.value).splitlines()
    assert "smaller than its particle" in first
    assert first.endswith("[point 1: gap_ratio = 0.9]")
    assert second.endswith("[point 2: gap_ratio = 0.8]")


def test_what_is_wrong_with_all_points_is_told_once(case: Path) -> None:
    plan = sweep.sweep(case, (), ["geometry.gap_rato=1.2,1.3"])
    with pytest.raises(InputError) as caught:
        sweep.check(plan)
    assert str(caught.value).count("\n") == 0
    assert "Did you mean 'gap_ratio'?" in str(caught.value)
    assert str(caught.value).endswith("[all points]")


def test_the_swept_key_may_be_what_the_case_lacks(case: Path) -> None:
    case.write_text(CAGED.replace('recipe = "ec-dmc"', ""))
    assert len(_values(case, "sei.recipe=ec-dmc,fec")) == 2


def test_sensitivity_varies_each_key_alone(case: Path) -> None:
    plan = sweep.sensitivity(
        case, (), ["sei", "sei.formation_strain=-0.02..0.02", "geometry.gap_ratio"]
    )
    sweep.check(plan)
    assert plan.points[0].values == {}
    assert all(len(point.values) == 1 for point in plan.points[1:])
    ends: dict[str, list[str]] = {}
    for point in plan.points[1:]:
        for key, value in point.values.items():
            ends.setdefault(key, []).append(value)
    assert ends["sei.young"] == ["0.1 GPa", "10 GPa"]  # the card's range
    assert ends["sei.poisson"] == ["0.21", "0.39"]  # 30 % to either side
    assert ends["sei.formation_strain"] == ["-0.02", "0.02"]
    assert ends["geometry.gap_ratio"] == ["1.05", "1.95"]
    assert "sei.yield_stress" not in ends  # follows from two others


def test_sensitivity_starts_from_the_settings(case: Path) -> None:
    plan = sweep.sensitivity(case, ["sei.poisson=0.2"], ["sei.poisson"])
    assert [point.settings for point in plan.points] == [
        (),
        ("sei.poisson=0.14",),
        ("sei.poisson=0.26",),
    ]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("sei.yuong", "Did you mean 'sei.young'?"),
        ("sei.recipe", "the case has no such number"),
        ("geometry.eccentricity", "is 0 and its card gives no range"),
        ("geometry.gap_ratio=1.3,1.4", "write an interval"),
    ],
)
def test_what_cannot_be_varied_is_told(case: Path, wanted: str, told: str) -> None:
    with pytest.raises(InputError, match=r"^--sensitivity ") as caught:
        sweep.sensitivity(case, (), [wanted])
    assert told in str(caught.value)
