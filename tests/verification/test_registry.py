"""The quick problems of the verification set as tests; `anodefem verify` solves all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from anodefem.verify.problem import Problem
from anodefem.verify.problems import load

pytestmark = [pytest.mark.serial, pytest.mark.verification]

PROBLEMS = load()


@pytest.mark.parametrize("id", [id for id, problem in PROBLEMS.items() if problem.quick])
def test_a_quick_problem_is_solved_within_its_tolerances(id: str, tmp_path: Path) -> None:
    checks = PROBLEMS[id].solve(tmp_path).checks
    assert checks
    failed = [
        f"{check.quantity}: {check.computed!r}, should be {check.exact!r}; "
        f"error {check.error:.2e} > {check.tolerance:.2e}"
        for check in checks
        if not check.passed
    ]
    assert not failed


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_a_problem_says_what_it_asks_and_what_is_exact(problem: Problem) -> None:
    assert problem.question.endswith("?") and len(problem.exact) > 20
    assert problem.id == problem.id.lower() and " " not in problem.id
