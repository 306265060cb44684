"""Benchmarks: the two of a pair solve the same problem, and what is slower is noticed."""

from __future__ import annotations

import json
from pathlib import Path

from mpi4py import MPI

import pytest
from typer.testing import CliRunner

from anodefem import Case, InputError
from anodefem.bench import measure, plain
from anodefem.bench.cases import BENCHMARKS
from anodefem.bench.member import case_of
from anodefem.cli import app
from anodefem.fem.domain import Domain


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_is_a_valid_case(name: str) -> None:
    benchmark = BENCHMARKS[name]
    for member in (benchmark.baseline, benchmark.member):
        assert isinstance(case_of(member, benchmark.refinements[0], 2), Case)


def test_the_plain_script_solves_the_reference_problem(tmp_path: Path) -> None:
    benchmark = BENCHMARKS["reference"]
    case = case_of(benchmark.member, 0.35, 2)
    case.mesh(tmp_path)
    domain = Domain.read(tmp_path, MPI.COMM_SELF)
    outcome = plain.solve(domain.mesh, radius=1.0, steps=2)
    mean, wanted = outcome.fraction
    assert mean == pytest.approx(wanted, abs=1e-8)
    assert outcome.unknowns > 500
    assert outcome.iterations >= 4


def row(ratio: float) -> measure.Row:
    cost: measure.Cost = {"unknowns": 10, "iterations": 2, "seconds": 1.0, "memory": 1.0}
    return {
        "benchmark": "plastic",
        "refinement": 0.7,
        "unknowns": 10,
        "baseline": cost,
        "member": cost,
        "ratio": ratio,
    }


def test_a_benchmark_that_became_slow_is_noticed(tmp_path: Path) -> None:
    stored = tmp_path / "ratios.json"
    stored.write_text(json.dumps({"rows": [row(5.0)]}))
    known = measure.stored_ratios(stored, ["plastic"])
    assert measure.slower([row(4.0)], known) == []
    (sentence,) = measure.slower([row(2.0)], known)
    assert sentence == "plastic at refinement 0.7: 2.00 times the speed of direct; it was 5.00."


@pytest.mark.parametrize("text", ["", "[]", '{"rows": [{"ratio": 1}]}', '{"rows": []}'])
def test_a_file_that_is_no_table_of_ratios_is_refused(text: str, tmp_path: Path) -> None:
    stored = tmp_path / "ratios.json"
    stored.write_text(text)
    with pytest.raises(InputError, match=r"--against .*ratios\.json"):
        measure.stored_ratios(stored, ["plastic"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--against", "absent.json"], "--against absent.json: is no file of"),
        (["--json", "absent/ratios.json"], "name a file, in a folder that exists"),
        (["--json", "."], "name a file, in a folder that exists"),
    ],
)
def test_files_are_looked_at_before_anything_is_measured(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "machine", lambda: pytest.fail("measures"))
    result = CliRunner().invoke(app, ["bench", "plastic", *words])
    assert result.exit_code == 2
    assert told in result.stderr


def test_an_unknown_benchmark_is_refused() -> None:
    with pytest.raises(InputError, match="no benchmark 'plastics'; there are reference, plastic"):
        measure.chosen(["plastics"])
