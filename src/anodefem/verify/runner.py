"""Solving problems, several at a time, each in a process that has imported the solver once.

The process that calls `verify` itself never imports the solver: what would be inherited from an
MPI that has been initialised keeps child processes from starting their own.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anodefem import registry
from anodefem.errors import InputError
from anodefem.files import folder_error
from anodefem.verify.problem import Check, Outcome

Result = dict[str, Any]


def catalogue() -> list[dict[str, Any]]:
    """Return what is known of every problem before it is solved; imports the solver."""
    from anodefem.verify.problems import load

    return [problem.facts() for problem in load().values()]


def solve(id: str) -> Result:
    """Solve one problem; imports the solver.

    Returns:
        `Problem.facts` with "checks", "plots", "seconds", "versions", "git_commit" and "failure":
        the traceback of a problem that could not be solved, else "".
    """
    from anodefem.results.record import commit, versions
    from anodefem.verify.problems import load

    problem = load()[id]
    folder = Path(tempfile.mkdtemp(prefix=f"anodefem-{id}-"))
    began = time.perf_counter()
    failure, outcome = "", Outcome(checks=())
    try:
        outcome = problem.solve(folder)
        if not outcome.checks:
            raise ValueError("a problem without a check")
    except Exception:  # whatever ends a problem, it is reported and the others are solved
        failure = traceback.format_exc()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        **problem.facts(),
        "checks": [_check(check) for check in outcome.checks],
        "plots": [_plain(asdict(plot)) for plot in outcome.plots],
        "failure": failure,
        "seconds": time.perf_counter() - began,
        "versions": versions(),
        "git_commit": commit(),
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "quantity": check.quantity,
        "exact": float(check.exact),
        "computed": float(check.computed),
        "error": float(check.error),
        "tolerance": float(check.tolerance),
        "pass": bool(check.passed),
        "absolute": check.absolute,
        "reason": check.reason,
    }


def _plain(value: Any) -> Any:
    """Numbers and sequences as JSON knows them."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, str | bool) or value is None:
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return float(value)


def passed(result: Result) -> bool:
    """Whether a problem was solved and every check of it passed."""
    return not result["failure"] and all(check["pass"] for check in result["checks"])


def verify(
    ids: Sequence[str],
    *,
    quick: bool,
    jobs: int,
    output: Path | None,
    say: Callable[[Result, int, int], None],
) -> list[Result]:
    """Solve problems and return their results in the order of the catalogue.

    Args:
        ids: Which ones; all of them if empty.
        quick: Of these, only the quick ones.
        jobs: Processes at a time.
        output: Folder that gets one JSON file a problem, or None.
        say: Called with each result as it comes, its number and how many there are.

    Raises:
        InputError: There is no problem of that name, or the folder cannot be written.
    """
    if output:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise folder_error(output, error) from error
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        known = pool.submit(catalogue).result()
        chosen = list(_chosen(known, ids, quick=quick))
        # the long ones first, so that no process is left alone with one at the end
        pending = [pool.submit(solve, id) for id in sorted(chosen, key=_is_quick(known))]
        results: dict[str, Result] = {}
        for number, future in enumerate(as_completed(pending), start=1):
            result = future.result()
            results[result["id"]] = result
            if output:
                text = json.dumps(result, indent=1) + "\n"
                (output / f"{result['id']}.json").write_text(text, encoding="utf-8")
            say(result, number, len(chosen))
    return [results[id] for id in chosen]


def _is_quick(known: Sequence[dict[str, Any]]) -> Callable[[str], bool]:
    quick = {facts["id"]: bool(facts["quick"]) for facts in known}
    return lambda id: quick[id]


def _chosen(known: Sequence[dict[str, Any]], ids: Sequence[str], *, quick: bool) -> Iterator[str]:
    names = [facts["id"] for facts in known]
    for id in ids:
        if id not in names:
            raise InputError(f"there is no problem '{id}'.{registry.suggest(id, names)}")
    for facts in known:
        if (not ids or facts["id"] in ids) and (facts["quick"] or not quick):
            yield facts["id"]


def table(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return one row a check: id, quantity, exact, computed, error, tolerance, pass, reason.

    A problem that could not be solved has a row whose numbers are None.
    """
    rows: list[dict[str, Any]] = []
    for result in results:
        for check in result["checks"]:
            rows.append({"id": result["id"], **check})
        if result["failure"]:
            nothing = dict.fromkeys(("exact", "computed", "error", "tolerance"))
            last = result["failure"].strip().splitlines()[-1]
            rows.append(
                {"id": result["id"], "quantity": f"not solved: {last}", **nothing, "pass": False}
            )
    return rows
